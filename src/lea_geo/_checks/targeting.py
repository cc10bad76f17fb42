"""Need, lists and budgets: what money can be shared by, and which terms cannot all be kept."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection

_NO_NEED = "No list and no allocation can be made of this need."
_ENDS = ("lower", "upper")


def check_need(
    need: object, families: object, lower: object, upper: object, *, proportion: bool
) -> tuple[pd.Index, np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    """Return ids in their own order, need, families, and the bounds of need, aligned by id.

    Need that is NaN must have bounds, or families that bound it; the bounds of known need are that need.
    """
    series = check_series("need", need)
    others = {"families": families, "lower": lower, "upper": upper}
    given = {name: check_series(name, one) for name, one in others.items() if one is not None}
    faults = Faults()
    for name, one in given.items():
        note_ids(faults, name, one.index, series.index, "need")
    if not series.index.is_unique:
        faults.add("duplicate area ids in need", ids=series.index[series.index.duplicated()].unique())
    faults.raise_if_any(ValuesError, "The need and what is given beside it do not fit together.")
    ids = series.index.sort_values()
    numbers = {"need": as_floats(faults, "need", series.reindex(ids))}
    numbers |= {name: as_floats(faults, name, one.reindex(ids)) for name, one in given.items()}
    for name, column in numbers.items():
        if (column < 0).any():
            faults.add(f"negative {name}", ids=ids[column < 0], of=len(ids))
    _note_families(faults, numbers, ids, proportion=proportion)
    low, high = _bounds(faults, numbers, ids, proportion=proportion)
    faults.raise_if_any(ValuesError, _NO_NEED)
    return ids, numbers["need"], numbers.get("families"), low, high


def _note_families(
    faults: Faults, numbers: dict[str, np.ndarray], ids: pd.Index, *, proportion: bool
) -> None:
    if "families" not in numbers:
        return
    need, families = numbers["need"], numbers["families"]
    unknown = np.isnan(families)
    if unknown.any():
        cure = "Leave these areas out of both, and say so."
        faults.add("areas whose number of families is unknown", ids=ids[unknown], of=len(ids), cure=cure)
    if proportion and (need > families).any():
        cure = "A part cannot exceed its whole; for events that may recur use kind='rate'."
        faults.add("more families in need than families", ids=ids[need > families], of=len(ids), cure=cure)
    orphans = (families == 0) & (need > 0)
    if orphans.any() and not proportion:
        faults.add("need where there are no families", ids=ids[orphans], of=len(ids))


def _bounds(
    faults: Faults, numbers: dict[str, np.ndarray], ids: pd.Index, *, proportion: bool
) -> tuple[np.ndarray, np.ndarray]:
    need = numbers["need"]
    hidden = np.isnan(need)
    nothing = np.full(len(need), np.nan)
    low, high = (np.where(hidden, numbers.get(end, nothing), need) for end in _ENDS)
    low = np.where(np.isnan(low), 0.0, low)
    if proportion and "families" in numbers:
        high = np.fmin(high, numbers["families"])
    if np.isnan(high).any():
        cure = "Give lower= and upper=, or leave these areas out and say so; they are never taken as 0."
        faults.add("areas whose need is unknown", ids=ids[np.isnan(high)], of=len(ids), cure=cure)
    if (low > high).any():
        faults.add("lower above upper", ids=ids[low > high], of=len(ids))
    return low, high


def check_chosen(name: str, chosen: object, ids: pd.Index) -> np.ndarray:
    """Return the share of each area's families that is reached, 0 to 1, in the order of ``ids``.

    ``chosen`` is a collection of area ids, or a Series of bools or shares by area id.
    """
    faults = Faults()
    if not isinstance(chosen, pd.Series):
        if isinstance(chosen, str) or not hasattr(chosen, "__iter__"):
            raise UsageError(f"{name} is {chosen!r}; give area ids, or a Series of shares by area id.")
        named = pd.Index(list(chosen))
        foreign = named[~named.isin(ids)]
        if len(foreign):
            faults.add(f"areas of {name} that need does not have", ids=foreign, of=len(named))
        faults.raise_if_any(ValuesError, f"{name} names areas that are not known.")
        return ids.isin(named).astype(float)
    note_ids(faults, name, chosen.index, ids, "need")
    faults.raise_if_any(ValuesError, f"{name} and the need do not hold the same areas.")
    aligned = chosen.reindex(ids)
    if pd.api.types.is_bool_dtype(aligned.dtype):
        return aligned.to_numpy(dtype=float)
    shares = as_floats(faults, name, aligned)
    outside = ~((shares >= 0) & (shares <= 1))
    if outside.any():
        cure = "Give the share of each area's families that is reached."
        faults.add(f"{name} outside 0 to 1", ids=ids[outside], of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, "What is reached must be shares of families.")
    return shares


def check_strategies(others: object, taken: Collection[str]) -> Mapping[str, object]:
    """Return other strategies by name; refuse names that are taken."""
    if others is None:
        return {}
    if not isinstance(others, Mapping):
        raise UsageError("others must hold what is reached by the name of the strategy: {name: areas}.")
    clash = [str(name) for name in others if name in taken]
    if clash:
        raise UsageError(f"others has {', '.join(clash)}, which is a name of its own; give another.")
    return others


def check_choose(choose: float, n: int) -> int:
    """Return how many of ``n`` areas are chosen: a whole number, or a share of them between 0 and 1."""
    is_number = isinstance(choose, Real) and not isinstance(choose, bool)
    if is_number and 0 < float(choose) < 1:
        return max(1, int(np.floor(float(choose) * n + 0.5)))
    if is_number and float(choose).is_integer() and 1 <= choose <= n:
        return int(choose)
    raise UsageError(
        f"choose is {choose!r}; it must be a whole number from 1 to {n}, the number of areas that can be "
        "chosen, or a share of them between 0 and 1."
    )


def check_one_cut(choose: float | None, threshold: float | None) -> None:
    """Refuse a list that is cut in two ways, or in none."""
    if (choose is None) == (threshold is None):
        raise UsageError("Give either choose=, how many areas, or threshold=, above what they are chosen.")


def check_shares(name: str, shares: object) -> tuple[float, ...]:
    """Return shares strictly between 0 and 1, rising."""
    try:
        found = tuple(sorted({float(one) for one in shares}))  # type: ignore[attr-defined]
    except TypeError:
        raise UsageError(f"{name} is {shares!r}; it must be a tuple of shares.") from None
    if not found or not all(0 < one < 1 for one in found):
        raise UsageError(f"{name} is {shares!r}; they must lie strictly between 0 and 1.")
    return found


def check_runs(values: object, runs: object) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    """Return ids in their own order, values (n,) and runs (runs, n), aligned by id."""
    series = check_series("values", values)
    if not isinstance(runs, pd.DataFrame):
        raise UsageError(f"runs is a {type(runs).__name__}; it must be a DataFrame with a column an area.")
    faults = Faults()
    note_ids(faults, "runs", runs.columns, series.index, "values")
    faults.raise_if_any(ValuesError, "The values and the runs do not hold the same areas.")
    ids = series.index.sort_values()
    numbers = as_floats(faults, "values", series.reindex(ids))
    table = runs.reindex(columns=ids).to_numpy(dtype=float)
    half = np.isnan(table).any(axis=0) & ~np.isnan(numbers)
    if half.any():
        faults.add("areas with a value and without one in some run", ids=ids[half], of=len(ids))
    if len(table) == 0:
        faults.add("no runs")
    faults.raise_if_any(ValuesError, "No probability can be made of these runs.")
    return ids, numbers, table


def refuse_families(what: str) -> NoReturn:
    """Refuse to compute what needs the number of families."""
    raise UsageError(f"{what} needs the number of families of each area: give families=.")
