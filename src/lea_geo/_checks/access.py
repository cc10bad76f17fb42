"""Access to services and the choice of sites: what they can be made of."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING, NoReturn, TypeVar

import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import JoinError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np

T = TypeVar("T")


def check_positive(name: str, value: float) -> float:
    """Return ``value`` as a finite float above 0."""
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value) or not value > 0:
        raise UsageError(f"{name} is {value!r}; it must be a number above 0.")
    return float(value)


def check_not_below(name: str, value: float, least: float = 0.0) -> float:
    """Return ``value`` as a finite float of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value) or value < least:
        raise UsageError(f"{name} is {value!r}; it must be a number of at least {least:g}.")
    return float(value)


def check_known(name: str, ids: Iterable[str], known: pd.Index) -> list[str]:
    """Return ids, in the order of ``known``; refuse those that are not there or stand twice."""
    if isinstance(ids, str):
        raise UsageError(f"{name} is one text, {ids!r}; give a list of ids.")
    asked = pd.Index(list(ids), dtype=object)
    faults = Faults()
    foreign = asked[~asked.isin(known)]
    if len(foreign):
        faults.add(f"{name} that the travel costs do not have", ids=foreign, of=len(asked))
    if not asked.is_unique:
        faults.add(f"{name} named twice", ids=asked[asked.duplicated()].unique(), of=len(asked))
    faults.raise_if_any(JoinError, f"The {name} and the travel costs do not fit together.")
    return [one for one in known if one in set(asked)] if len(asked) < len(known) else list(known)


def check_apart(candidates: Iterable[str], existing: Iterable[str]) -> None:
    """Refuse places that have a site and are to get one."""
    both = sorted(set(candidates) & set(existing))
    faults = Faults()
    if both:
        faults.add("places that are candidates and exist already", ids=both, cure="Name each once.")
    faults.raise_if_any(ValuesError, "These sites cannot be chosen among.")


def check_origins(index: pd.Index, origins: pd.Index) -> None:
    """Refuse areas that the travel costs know nothing of."""
    faults = Faults()
    unknown = index[~index.isin(origins)]
    if len(unknown):
        cure = "Compute travel costs for all areas that have need."
        faults.add("areas with need that the travel costs do not have", ids=unknown, of=len(index), cure=cure)
    faults.raise_if_any(JoinError, "The need and the travel costs do not fit together.")


def check_radius(radius: float | None, objective: str) -> float:
    """Return the radius, NaN where none is needed; refuse its absence where it decides."""
    if radius is None:
        if objective in {"coverage", "coverage_all"}:
            raise UsageError(f"objective={objective!r} needs radius=, in the unit of the travel costs.")
        return float("nan")
    return check_positive("radius", radius)


def check_number(p: int | None, objective: str, candidates: int) -> int:
    """Return how many sites to add; 0 where the objective finds that out."""
    if objective == "coverage_all":
        if p is not None:
            raise UsageError("objective='coverage_all' finds out how many sites are needed; leave p out.")
        return 0
    if p is None:
        raise UsageError(f"objective={objective!r} needs p=, the number of sites to add.")
    number = check_count("p", p)
    if number > candidates:
        raise UsageError(f"p is {number}, and there are {candidates} candidates.")
    return number


def check_no_route(value: float, longest: float) -> None:
    """Refuse that a journey which cannot be made counts less than one that can."""
    if value < longest:
        raise UsageError(f"no_route is {value:g}, less than the longest journey, {longest:g}.")


def check_some_need(total: float) -> None:
    """Refuse to choose sites for nobody."""
    faults = Faults()
    if not total > 0:
        faults.add("nobody is in need where a place can be reached")
    faults.raise_if_any(ValuesError, "No sites can be chosen for this need.")


def notes_on_lost(ids: pd.Index, lost: np.ndarray, objective: str) -> tuple[str, ...]:
    """Return what is to be said of areas with need that no place can serve."""
    if not lost.any():
        return ()
    named = ", ".join(map(str, ids[lost][:5])) + (", …" if lost.sum() > 5 else "")
    why = (
        "lie beyond the radius of every place"
        if objective == "coverage_all"
        else "have no route to any place"
    )
    then = "count as not reached" if objective == "coverage" else "have no say in the choice"
    return (f"{lost.sum()} areas with need {why} and {then}: {named}.",)


def check_capacity(capacity: object, used: pd.Index, sites: pd.Index, objective: str) -> np.ndarray | None:
    """Return what each place can serve, in the order of ``sites``; those that are not used serve nobody."""
    if capacity is None:
        return None
    if objective not in {"p_median", "coverage"}:
        raise UsageError(f"objective={objective!r} takes no capacity; p_median and coverage do.")
    series = check_series("capacity", capacity)
    faults = Faults()
    note_ids(faults, "capacity", series.index, used, "the choice")
    faults.raise_if_any(JoinError, "The capacities and the sites do not fit together.")
    numbers = as_floats(faults, "capacity", series.reindex(used))
    wrong = ~(numbers >= 0)
    if wrong.any():
        faults.add("capacities that are no numbers of at least 0", ids=used[wrong], of=len(used))
    faults.raise_if_any(ValuesError, "These are no capacities.")
    return pd.Series(numbers, index=used).reindex(sites, fill_value=0.0).to_numpy()


def refuse_capacity(need: float, capacity: float) -> NoReturn:
    """Refuse a problem that no set of sites can solve."""
    faults = Faults()
    cure = "Add sites, raise their capacity, or use objective='coverage', which leaves over who is too many."
    what = f"{need:g} in need, and no set of sites can serve them (all places together: {capacity:g})"
    faults.add(what, cure=cure)
    raise ValuesError("The sites cannot serve everybody.", faults.found)


def check_scenarios(scenarios: object) -> Mapping[str, Iterable[str]]:
    """Return lists of sites by the name of their scenario."""
    if not isinstance(scenarios, MappingABC) or not scenarios:
        raise UsageError(
            "scenarios must hold lists of sites by name: {'today': ['S1'], 'proposed': ['S1', 'S2']}."
        )
    for name, sites in scenarios.items():
        if isinstance(sites, str) or not list(sites):
            raise UsageError(f"The scenario {name!r} holds no list of sites.")
    return scenarios


def check_supply(supply: object, destinations: pd.Index, name: str = "supply") -> np.ndarray:
    """Return what each service offers, in the order of the destinations."""
    series = check_series(name, supply)
    faults = Faults()
    note_ids(faults, name, series.index, destinations, "the travel costs")
    faults.raise_if_any(JoinError, f"The {name} and the travel costs do not fit together.")
    numbers = as_floats(faults, name, series.reindex(destinations))
    wrong = ~(numbers >= 0)
    if wrong.any():
        cure = "A service whose offer is unknown is left out of both, or given bounds."
        faults.add(
            f"{name} that is no number of at least 0",
            ids=destinations[wrong],
            of=len(destinations),
            cure=cure,
        )
    faults.raise_if_any(ValuesError, f"This {name} cannot be shared out.")
    return numbers


def check_supply_ends(low: np.ndarray, supply: np.ndarray, high: np.ndarray, ids: pd.Index) -> None:
    """Refuse bounds that do not hold the supply."""
    faults = Faults()
    wrong = (low > supply) | (supply > high)
    if wrong.any():
        faults.add("supply outside its bounds", ids=ids[wrong], of=len(ids))
    faults.raise_if_any(ValuesError, "The bounds of the supply do not fit it.")


def check_steps(steps: object) -> dict[float, float]:
    """Return weights by the largest cost that has them, rising in cost."""
    if not isinstance(steps, MappingABC) or not steps:
        raise UsageError("steps must hold weights by cost: {10: 1, 20: 0.68, 30: 0.22}.")
    named = {
        check_positive("a cost of steps", cost): check_not_below("a weight", w) for cost, w in steps.items()
    }
    return dict(sorted(named.items()))


def check_given(name: str, value: float | None, decay: str) -> float:
    """Return a value that a decay cannot do without."""
    if value is None:
        raise UsageError(f"decay={decay!r} needs {name}=, in the unit of the travel costs.")
    return value


def check_border(border: object, index: pd.Index) -> np.ndarray:
    """Return how far each area is from the border of the data; NaN is far."""
    series = check_series("border", border)
    faults = Faults()
    note_ids(faults, "border", series.index, index, "the demand")
    faults.raise_if_any(JoinError, "The distances to the border and the demand do not fit together.")
    return as_floats(faults, "border", series.reindex(index))


def notes_on_unasked(ids: pd.Index) -> tuple[str, ...]:
    """Return what is to be said of services that nobody reaches."""
    if not len(ids):
        return ()
    return (f"{len(ids)} services have nobody within their catchment: {', '.join(map(str, ids[:5]))}.",)
