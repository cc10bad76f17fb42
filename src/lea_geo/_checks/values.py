"""Values, status and graph ids: what a statistic can take, and what a rate can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import GraphError, JoinError, ResolutionError, UsageError, ValuesError
from lea_geo.schema import WITH_VALUE, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

LEAST_AREAS = 4
"""With fewer, the variance of Moran's I under randomisation divides by zero."""


def check_series(name: str, values: object) -> pd.Series:
    """Return ``values`` if it is a pandas Series; anything without ids is refused."""
    if isinstance(values, pd.Series):
        return values
    raise UsageError(
        f"{name} is a {type(values).__name__}; it must be a pandas Series indexed by area_id, because values "
        f"are matched to areas by id and never by position: pd.Series({name}, index=areas.index)."
    )


def note_ids(faults: Faults, name: str, index: pd.Index, expected: pd.Index, whose: str) -> None:
    """Note duplicate, foreign and missing ids of ``index`` against the ids of ``whose``."""
    if not index.is_unique:
        faults.add(f"duplicate area ids in {name}", ids=index[index.duplicated()].unique(), of=len(index))
    if index.equals(expected):  # the common case, and cheap beside two look-ups of every id
        return
    foreign = index[~index.isin(expected)]
    if len(foreign):
        faults.add(
            f"areas of {name} that {whose} does not have",
            ids=foreign,
            of=len(index),
            cure=f"Use the same ids in both; {name}.reindex(ids) leaves the others out.",
        )
    missing = expected[~expected.isin(index)]
    if len(missing):
        faults.add(
            f"areas of {whose} that {name} does not have",
            ids=missing,
            of=len(expected),
            cure=_cure_missing(name, whose),
        )


def _cure_missing(name: str, whose: str) -> str:
    if name == "areas":
        return "Give the areas that the values were given for."
    if whose == "the graph":
        return (
            f"Use graph.subset({name}.index) to leave them out, or {name}.reindex(graph.ids): an area "
            "without a value is NaN."
        )
    return f"An area without a value is NaN: {name}.reindex(ids)."


def as_floats(faults: Faults, name: str, values: pd.Series) -> np.ndarray:
    """Return the values as floats with NaN for missing; text and infinite values are noted."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_complex_dtype(values.dtype)
    if not numeric:
        faults.add(f"{name} holds {values.dtype}, not numbers", cure="Turn it into numbers first.")
        return np.full(len(values), np.nan)
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    endless = np.isinf(numbers)
    if endless.any():
        faults.add(
            f"infinite {name}", ids=values.index[endless], of=len(values), cure="Use NaN for no value."
        )
    return numbers


def note_few(faults: Faults, name: str, valid: np.ndarray) -> None:
    """Note fewer than four areas with a value; an indicator that nobody has is left to the caller."""
    found = int(valid.sum())
    if len(valid) < LEAST_AREAS or 0 < found < LEAST_AREAS:
        faults.add(
            f"areas with a value in {name}: {found} of {len(valid)}",
            cure=f"A statistic needs at least {LEAST_AREAS}.",
        )


def known_status(
    faults: Faults, empty: np.ndarray, status: pd.Series | None, index: pd.Index
) -> tuple[pd.api.extensions.ExtensionArray, np.ndarray]:
    """Return a status for every value, by itself observed or missing, and which of them have a value."""
    if status is None:
        return as_texts(empty.astype(np.int8), [Status.OBSERVED.value, Status.MISSING.value]), ~empty
    given = check_series("status", status)
    aligned = given.index.equals(index)  # the common case, and cheap beside looking up every id
    if not aligned and not (given.index.is_unique and index.isin(given.index).all()):
        note_ids(faults, "status", given.index, index, "values")
        return as_texts(np.ones(len(index), dtype=np.int8), ["", Status.MISSING.value]), ~empty
    words = given.reindex(index).astype(object).to_numpy().astype(str)
    known = [s.value for s in Status]
    unknown = ~np.isin(words, known)
    if unknown.any():
        cure = f"It is one of {', '.join(known)}."
        faults.add("unknown status", ids=index[unknown], of=len(index), cure=cure)
    valued = np.isin(words, [s.value for s in WITH_VALUE])
    if (empty & valued).any():
        what = "no value though the status says that there is one"
        faults.add(what, ids=index[empty & valued], of=len(index))
    return pd.array(words.astype(object), dtype="str"), ~empty & valued


def as_texts(codes: np.ndarray, words: Sequence[str]) -> pd.api.extensions.ExtensionArray:
    """Return ``words[code]`` for each code as a column of texts, without a Python string for each."""
    coded = pa.DictionaryArray.from_arrays(codes, pa.array(words, type=pa.large_string()))
    texts: pd.api.extensions.ExtensionArray = pd.array(coded.cast(pa.large_string()), dtype="str")
    return texts


def check_no_self_links(linked: np.ndarray, ids: pd.Index) -> None:
    """Refuse areas that are their own neighbours."""
    faults = Faults()
    if linked.any():
        cure = "Build the graph without self-links; local_g(star=True) counts the area itself in."
        faults.add("areas that are their own neighbours", ids=ids[linked], of=len(ids), cure=cure)
    faults.raise_if_any(GraphError, "The statistics compare an area with others.")


def check_binary(name: str, numbers: np.ndarray, ids: pd.Index) -> None:
    """Refuse anything but 0 and 1."""
    faults = Faults()
    other = ~np.isin(numbers, (0.0, 1.0))
    if other.any():
        faults.add(f"{name} that are neither 0 nor 1", ids=ids[other], of=len(ids))
    faults.raise_if_any(ValuesError, "Join counts need 1 where an area has the attribute and 0 where not.")


def check_not_negative(name: str, numbers: np.ndarray, ids: pd.Index, *, why: str) -> None:
    """Refuse values below zero."""
    faults = Faults()
    below = numbers < 0
    if below.any():
        faults.add(f"negative {name}", ids=ids[below], of=len(ids))
    faults.raise_if_any(ValuesError, why)


def check_counts(
    numerator: object, denominator: object, *, proportion: bool
) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    """Return ids, numerator and denominator of a rate, aligned by id; refuse what cannot be one."""
    events, people = check_series("numerator", numerator), check_series("denominator", denominator)
    faults = Faults()
    note_ids(faults, "numerator", events.index, people.index, "denominator")
    faults.raise_if_any(ValuesError, "The numerator and the denominator do not fit together.")
    people = people.reindex(events.index)
    above, below = as_floats(faults, "numerator", events), as_floats(faults, "denominator", people)
    for name, numbers in (("numerator", above), ("denominator", below)):
        if (numbers < 0).any():
            faults.add(f"negative {name}", ids=events.index[numbers < 0], of=len(events))
    if proportion and (above > below).any():
        faults.add(
            "numerator larger than its denominator",
            ids=events.index[above > below],
            of=len(events),
            cure="A part cannot exceed its whole; for events that may recur use kind='rate'.",
        )
    orphans = (below == 0) & (above > 0)
    if orphans.any() and not proportion:
        faults.add("events where nobody lives", ids=events.index[orphans], of=len(events))
    faults.raise_if_any(ValuesError, "No rate can be made of these counts.")
    return events.index, above, below


def check_resolution(
    permutations: int, *, least: int, needed: int, n_tested: int, fdr: float
) -> tuple[str, ...]:
    """Refuse permutations whose smallest one-sided p-value cannot survive the correction for many tests.

    Return a note where one tail would survive it and the two-sided p-value of a lone area cannot.
    """
    told = f"{permutations} permutations cannot label a lone area among {n_tested} at fdr {fdr:g}"
    if permutations >= needed:
        return ()
    if permutations >= least:
        return (f"{told} by a two-sided test, only several together; {needed} could.",)
    faults = Faults()
    faults.add(
        told,
        cure=f"Use at least {needed} permutations, permutations=None, or method='exact' where it applies.",
    )
    raise ResolutionError("Too few permutations.", faults.found)


def refuse_method(method: str, case: str, cure: str) -> NoReturn:
    """Refuse a method of inference that does not exist for what was asked."""
    raise UsageError(f"method={method!r} is not available for {case}; {cure}.")


def joined(areas: object, columns: pd.DataFrame, *, cure: str) -> gpd.GeoDataFrame:
    """Return the areas with more columns; refuse columns of other areas, and names that are taken."""
    if not isinstance(areas, gpd.GeoDataFrame):
        raise UsageError(
            f"areas is a {type(areas).__name__}; it must be a GeoDataFrame indexed by area_id, such as "
            "lea_geo.read_areas returns."
        )
    faults = Faults()
    note_ids(faults, "areas", areas.index, columns.index, "the table")
    faults.raise_if_any(JoinError, "The areas and the table do not hold the same ids.")
    taken = [str(column) for column in columns.columns if column in areas.columns]
    if taken:
        raise UsageError(f"The areas already have columns {', '.join(taken)}; {cure}.")
    return areas.join(columns)


def check_graph_given(graph: object, method: str) -> None:
    """Refuse local empirical Bayes without neighbours."""
    if method == "local" and graph is None:
        raise UsageError("method='local' needs the neighbours: give graph=.")


def check_graph_ids(index: pd.Index, ids: pd.Index) -> None:
    """Refuse a graph that does not hold the same areas."""
    faults = Faults()
    note_ids(faults, "counts", index, ids, "the graph")
    faults.raise_if_any(ValuesError, "The counts and the graph do not hold the same areas.")


def check_statistics(names: Collection[str], known: Collection[str]) -> None:
    """Refuse unknown, repeated or no statistics."""
    if isinstance(names, str) or not names or len(set(names)) < len(names):
        raise UsageError(f"methods is {names!r}; it must be a tuple of different statistics.")
    for name in names:
        check_choice("a name in methods", name, known)
