"""Values and people of areas whose inequality is measured, and values that a measure has no meaning for."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice, check_fraction
from lea_geo._checks.values import as_floats, check_counts, check_series, known_status, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

LEAST = TWO = 2
"""One area alone is equal to itself."""
_NOT_MEASURED = "The inequality of these areas cannot be measured."
_NEAR = 1e-6
"""Values and counts that differ by less than this share are the same."""


def check_known(options: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse options that no measure has."""
    foreign = sorted(set(options) - set(known))
    if foreign:
        raise TypeError(f"unknown option {foreign[0]!r}; there are {', '.join(sorted(known))}")


def check_sample(
    values: object, population: object, status: pd.Series | None
) -> tuple[pd.Index, np.ndarray, np.ndarray, np.ndarray]:
    """Return ids, values, population (NaN where not known, all 1 without one) and which have a value."""
    given = check_series("values", values)
    faults = Faults()
    if not given.index.is_unique:
        faults.add("duplicate area ids in values", ids=given.index[given.index.duplicated()].unique())
        faults.raise_if_any(ValuesError, _NOT_MEASURED)
    x = as_floats(faults, "values", given)
    _, valid = known_status(faults, np.isnan(x), status, given.index)
    people = np.ones(len(x)) if population is None else _people(faults, population, given.index)
    if (people < 0).any():
        faults.add("negative population", ids=given.index[people < 0], of=len(x))
    faults.raise_if_any(ValuesError, _NOT_MEASURED)
    return given.index, x, people, valid


def _people(faults: Faults, population: object, index: pd.Index) -> np.ndarray:
    if not hasattr(population, "reindex"):
        raise UsageError(
            f"population is a {type(population).__name__}; it must be a pandas Series indexed by area_id, or "
            "None to count every area once."
        )
    people = check_series("population", population)
    before = len(faults.found)
    note_ids(faults, "population", people.index, index, "values")
    if len(faults.found) > before:
        return np.ones(len(index))
    return as_floats(faults, "population", people.reindex(index))


def check_enough(x: np.ndarray, people: np.ndarray) -> None:
    """Refuse fewer than two areas, and areas where nobody lives."""
    faults = Faults()
    if len(x) < LEAST:
        faults.add(f"areas with a value and a population: {len(x)}", cure=f"At least {LEAST} are needed.")
    elif not people.sum() > 0:
        faults.add("nobody lives in any area", cure="Give population=None to count every area once.")
    faults.raise_if_any(ValuesError, _NOT_MEASURED)


def check_sources(numerator: object, denominator: object, standard_error: object) -> None:
    """Refuse half a rate, and two accounts of the same noise."""
    if (numerator is None) != (denominator is None):
        raise UsageError("Give numerator and denominator together, or neither.")
    if numerator is not None and standard_error is not None:
        raise UsageError("Give the counts or standard_error, not both: each says how noisy the values are.")


def check_scaled(
    x: pd.Series, numerator: object, denominator: object, *, proportion: bool
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the counts of the areas of ``x``, and the one scale that makes the values of them.

    Counts of other areas are left alone: they have no value.
    """
    events, people = check_series("numerator", numerator), check_series("denominator", denominator)
    faults = Faults()
    for name, one in (("numerator", events), ("denominator", people)):
        missing = x.index[~x.index.isin(one.index)]
        if len(missing):
            faults.add(f"areas of values that {name} does not have", ids=missing, of=len(x))
        if not one.index.is_unique:
            faults.add(f"duplicate area ids in {name}", ids=one.index[one.index.duplicated()].unique())
    faults.raise_if_any(ValuesError, "The values and their counts do not fit together.")
    _, above, below = check_counts(events.reindex(x.index), people.reindex(x.index), proportion=proportion)
    unknown = np.isnan(above) | ~(below > 0)
    if unknown.any():
        cure = "Leave the value out (NaN) or the counts of all areas."
        faults.add("areas with a value and no counts", ids=x.index[unknown], of=len(x), cure=cure)
    faults.raise_if_any(ValuesError, "The values and their counts do not fit together.")
    values = x.to_numpy(dtype=float)
    rate = above / below
    scale = float((values * rate).sum() / (rate * rate).sum()) if rate.any() else 1.0
    off = np.abs(values - scale * rate) > _NEAR * max(float(np.abs(values).max()), 1e-300)
    if off.any():
        cure = "Give values that are scale * numerator / denominator, with one scale for all."
        faults.add(
            "values that are not made of their counts by one scale", ids=x.index[off], of=len(x), cure=cure
        )
    faults.raise_if_any(ValuesError, "The values and their counts do not fit together.")
    return above, below, scale


def check_errors(x: pd.Series, standard_error: object) -> np.ndarray:
    """Return the standard errors of the areas of ``x``."""
    given = check_series("standard_error", standard_error)
    faults = Faults()
    note_ids(faults, "standard_error", given.index[given.index.isin(x.index)], x.index, "values")
    faults.raise_if_any(ValuesError, "The values and their standard errors do not fit together.")
    error = as_floats(faults, "standard_error", given.reindex(x.index))
    odd = ~(error >= 0)
    if odd.any():
        faults.add("standard errors that are missing or negative", ids=x.index[odd], of=len(x))
    faults.raise_if_any(ValuesError, "The values and their standard errors do not fit together.")
    return error


def check_meaning(what: str, wrong: np.ndarray, ids: pd.Index, *, cure: str) -> None:
    """Refuse values that a measure has no meaning for; ``wrong`` says which."""
    faults = Faults()
    if wrong.any():
        faults.add(what, ids=ids[wrong], of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, _NOT_MEASURED)


def refuse_value(measure: str, why: str) -> NoReturn:
    """Refuse a measure that divides by nothing."""
    faults = Faults()
    faults.add(f"{measure} has no value: {why}")
    raise ValuesError(_NOT_MEASURED, faults.found)


def check_order(rank: object, ids: pd.Index) -> np.ndarray:
    """Return what orders areas from disadvantaged to advantaged, for ``ids``."""
    given = check_series("rank", rank)
    faults = Faults()
    if not given.index.is_unique:
        faults.add("duplicate area ids in rank", ids=given.index[given.index.duplicated()].unique())
        faults.raise_if_any(ValuesError, _NOT_MEASURED)
    order = as_floats(faults, "rank", given.reindex(ids))
    unknown = np.isnan(order)
    if unknown.any():
        cure = "Leave their values out (NaN), or say where they stand."
        faults.add("areas with a value and no rank", ids=ids[unknown], of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, "The areas cannot be ordered.")
    return order


def check_groups(name: str, groups: object, ids: pd.Index) -> np.ndarray:
    """Return the group of each of ``ids`` as texts."""
    given = check_series(name, groups)
    faults = Faults()
    if not given.index.is_unique:
        faults.add(f"duplicate area ids in {name}", ids=given.index[given.index.duplicated()].unique())
        faults.raise_if_any(ValuesError, "The areas cannot be grouped.")
    inside = given.reindex(ids)
    unknown = inside.isna().to_numpy() | (inside.astype(str) == "").to_numpy()
    if unknown.any():
        faults.add(f"areas with a value and no group in {name}", ids=ids[unknown], of=len(ids))
    faults.raise_if_any(ValuesError, "The areas cannot be grouped.")
    return inside.astype(str).to_numpy(dtype=object)


def check_nested(inner: str, outer: str, broken: Collection[str]) -> None:
    """Refuse groups that lie in several groups of the level above."""
    faults = Faults()
    if broken:
        cure = "A nesting goes from the widest to the narrowest, each group inside one of the level before."
        faults.add(f"groups of {inner} that lie in several groups of {outer}", ids=broken, cure=cure)
    faults.raise_if_any(ValuesError, "The groups are not nested.")


def check_members(name: str, wanted: Collection[str], known: pd.Index, what: str) -> None:
    """Refuse names of areas or groups that have no value."""
    faults = Faults()
    foreign = [one for one in wanted if one not in known]
    if foreign:
        faults.add(f"{what} of {name} that have no value", ids=foreign, of=len(wanted))
    faults.raise_if_any(ValuesError, _NOT_MEASURED)


def check_epsilon(value: float) -> float:
    """Return ``value`` as a finite float above 0."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise UsageError(f"epsilon is {value!r}; it must be a number above 0.")
    return float(value)


def check_tails(*, top: float, bottom: float) -> None:
    """Refuse shares that overlap."""
    check_fraction("top", top)
    check_fraction("bottom", bottom)
    if top + bottom > 1 + 1e-12:
        raise UsageError(f"top {top:g} and bottom {bottom:g} overlap; together they must be at most 1.")


def check_sides(between: object, words: Collection[str], *, ranked: bool, grouped: bool) -> None:
    """Refuse anything but a word or two names, and an order or groups that the comparison does not use."""
    if isinstance(between, str):
        check_choice("between", between, words)
    elif not isinstance(between, (tuple, list)) or len(set(between)) != len(between) or len(between) != TWO:
        raise UsageError(
            f"between is {between!r}; it must be one of {', '.join(words)}, or two different names, "
            "the first less the second."
        )
    if ranked and between != "tails":
        raise UsageError("rank orders the areas for between='tails'; no other comparison uses it.")
    if grouped and isinstance(between, str):
        raise UsageError("groups needs the names of two of them: between=('one', 'other').")


def check_model(model: str, scale: float | None, *, proportion: bool) -> str:
    """Return the model of a slope; a logistic one needs to know what everybody is."""
    check_choice("model", model, ("auto", "linear", "logistic"))
    if model == "auto":
        return "logistic" if proportion else "linear"
    if model == "logistic" and not proportion:
        if scale is None:
            raise UsageError(
                "model='logistic' needs counts of a proportion (numerator=, denominator=), or scale=, the "
                "value that stands for everybody: 100 for per cent."
            )
        if isinstance(scale, bool) or not isinstance(scale, Real) or not 0 < float(scale) < np.inf:
            raise UsageError(f"scale is {scale!r}; it must be a number above 0.")
    return model


def check_form(correction: str, known: Collection[str]) -> None:
    """Refuse unknown corrections."""
    check_choice("correction", correction, known)


def check_bounds(bounds: tuple[float, float] | None) -> tuple[float, float]:
    """Return bounds with the lower one below the upper one."""
    if bounds is None:
        raise UsageError("The correction needs bounds=(lowest, highest), such as (0, 100) for per cent.")
    low, high = bounds
    if not -np.inf < low < high < np.inf:
        raise UsageError(f"bounds is {bounds!r}; it must be two finite numbers, the lower one first.")
    return float(low), float(high)


def check_within(x: np.ndarray, bounds: tuple[float, float], ids: pd.Index, what: str) -> None:
    """Refuse values outside of bounds."""
    out = (x < bounds[0]) | (x > bounds[1] * (1 + 1e-12))
    check_meaning(
        f"values outside {bounds[0]:g} to {bounds[1]:g}", out, ids, cure=f"Correct the values or the {what}."
    )


def check_one_reference(reference: str | None, rank: object) -> None:
    """Refuse two accounts of who is the reference."""
    if reference is not None and rank is not None:
        raise UsageError("Give reference or rank, not both: each says who the others are held against.")


def check_epsilons(values: Collection[float]) -> tuple[float, ...]:
    """Return different epsilons, each above 0."""
    found = tuple(check_epsilon(one) for one in values)
    if not found or len(set(found)) < len(found):
        raise UsageError(f"epsilon is {values!r}; it must be one or several different numbers.")
    return found


def check_areas_of_graph(ids: pd.Index, graph_ids: pd.Index) -> np.ndarray:
    """Return where ``ids`` are in a graph that may hold more."""
    places = graph_ids.get_indexer(ids)
    faults = Faults()
    absent = places < 0
    if absent.any():
        faults.add("areas with a value that the graph does not have", ids=ids[absent], of=len(ids))
    faults.raise_if_any(ValuesError, "The values and the graph do not fit together.")
    return np.asarray(places)


def check_near(near: int, n: int) -> None:
    """Refuse a graph that sets no pairs apart."""
    faults = Faults()
    pairs = n * (n - 1) // 2
    if near in (0, pairs):
        what = "no pair of areas is near" if near == 0 else "every pair of areas is near"
        faults.add(what, of=pairs, cure="Use a graph in which some areas are neighbours and others are not.")
    faults.raise_if_any(ValuesError, _NOT_MEASURED)
