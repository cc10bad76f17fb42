"""What is told to whoever takes a difference apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Iterable


_COUNTS = ("numerator", "denominator")
_BOUNDS = ("lower", "upper")


def check_two_tables(
    before: object, after: object, *, names: tuple[str, str], proportion: bool
) -> tuple[pd.Index, list[np.ndarray]]:
    """Return sorted ids and, for each table, rows of numerator, denominator, lower and upper, shape (4, n).

    Bounds that are not given are the numerators themselves, so NaN where a numerator is hidden.
    """
    tables = [_count_table(name, table) for name, table in zip(names, (before, after), strict=True)]
    faults = Faults()
    note_ids(faults, names[0], tables[0].index, tables[1].index, names[1])
    faults.raise_if_any(ValuesError, f"The tables {names[0]} and {names[1]} do not hold the same areas.")
    ids = tables[0].index.sort_values().rename(AREA_ID)
    rows = [
        _count_rows(faults, name, table.reindex(ids), proportion=proportion)
        for name, table in zip(names, tables, strict=True)
    ]
    faults.raise_if_any(ValuesError, "No difference of rates can be made of these counts.")
    return ids, rows


def _count_table(name: str, table: object) -> pd.DataFrame:
    lacking = [column for column in _COUNTS if column not in getattr(table, "columns", ())]
    if not isinstance(table, pd.DataFrame) or lacking:
        raise UsageError(
            f"{name} must be a DataFrame indexed by area_id with the columns numerator and denominator, and "
            "lower and upper where numerators are hidden."
        )
    return table


def _count_rows(faults: Faults, name: str, table: pd.DataFrame, *, proportion: bool) -> np.ndarray:
    above, below = (as_floats(faults, f"{column} of {name}", table[column]) for column in _COUNTS)
    bounds = [
        np.where(np.isnan(above), as_floats(faults, f"{side} of {name}", table[side]), above)
        if side in table
        else above.copy()
        for side in _BOUNDS
    ]
    of = len(table)
    for column, numbers in zip((*_COUNTS, *_BOUNDS), (above, below, *bounds), strict=True):
        if (numbers < 0).any():
            faults.add(f"negative {column} in {name}", ids=table.index[numbers < 0], of=of)
    if (bounds[0] > bounds[1]).any():
        faults.add(f"lower above upper in {name}", ids=table.index[bounds[0] > bounds[1]], of=of)
    if proportion and (above > below).any():
        cure = "A part cannot exceed its whole; for events that may recur use kind='rate'."
        faults.add(f"numerator above denominator in {name}", ids=table.index[above > below], of=of, cure=cure)
    if ((below == 0) & (above > 0)).any():
        orphans = table.index[(below == 0) & (above > 0)]
        faults.add(f"events where nobody lives in {name}", ids=orphans, of=of)
    return np.array([above, below, *bounds])


def refuse_nobody(names: Iterable[str]) -> None:
    """Refuse a difference of rates of nobody."""
    faults = Faults()
    for name in names:
        faults.add(f"nobody lives in the areas of {name} whose counts are known")
    faults.raise_if_any(ValuesError, "There is no rate to take apart.")


def check_factors(first: object, second: object, most: int) -> tuple[tuple[str, ...], pd.Index, np.ndarray]:
    """Return the factors' names, the strata, and numbers of shape (2, factors, strata).

    A factor that is one number is the same in all strata.
    """
    sides = {"first": first, "second": second}
    if not all(isinstance(side, Mapping) and 2 <= len(side) <= most for side in sides.values()):
        raise UsageError(
            f"first and second must hold 2 to {most} factors by name, each a Series by stratum or a number."
        )
    faults = Faults()
    tables = {side: dict(factors) for side, factors in sides.items() if isinstance(factors, Mapping)}
    names = tuple(map(str, tables["first"]))
    if set(tables["first"]) != set(tables["second"]):
        faults.add("factors that only one of first and second has", cure="Both need the same factors.")
    faults.raise_if_any(ValuesError, "The factors do not fit together.")
    series = [one for side in tables.values() for one in side.values() if isinstance(one, pd.Series)]
    strata = series[0].index if series else pd.Index(["all"])
    rows = [
        [_factor(faults, f"{name} of {side}", table[name], strata) for name in tables["first"]]
        for side, table in tables.items()
    ]
    faults.raise_if_any(ValuesError, "The factors do not fit together.")
    return names, strata, np.array(rows)


def _factor(faults: Faults, name: str, given: object, strata: pd.Index) -> np.ndarray:
    if not isinstance(given, pd.Series):
        given = pd.Series(given, index=strata, dtype=float)
    note_ids(faults, name, given.index, strata, "the first factor")
    if not given.index.is_unique or set(given.index) != set(strata):
        return np.full(len(strata), np.nan)
    numbers = as_floats(faults, name, given.reindex(strata))
    if np.isnan(numbers).any():
        faults.add(
            f"strata without a number in {name}", ids=map(str, strata[np.isnan(numbers)]), of=len(strata)
        )
    return numbers


def check_drivers(
    values: object, drivers: object, population: object = None, **more: object
) -> tuple[pd.Index, np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray], tuple[str, ...]]:
    """Return ids, values, drivers (n, k), weights, what else there is by area, and the areas left out.

    Areas are in the order of their ids; one that lacks any of these is left out. Drivers must not be
    constant, nor sums of each other, and there must be three areas more than there are drivers.
    """
    series = check_series("values", values)
    if not isinstance(drivers, pd.DataFrame) or not drivers.shape[1]:
        raise UsageError("drivers must be a DataFrame indexed by area_id with a column for each driver.")
    faults = Faults()
    ids = series.index.sort_values().rename(AREA_ID)
    columns = {f"driver {name}": drivers[name] for name in drivers}
    weights = {} if population is None else {"population": check_series("population", population)}
    extra = {name: check_series(name, one) for name, one in more.items()}
    note_ids(faults, "drivers", drivers.index, series.index, "values")
    for name, one in {**weights, **extra}.items():
        note_ids(faults, name, one.index, series.index, "values")
    faults.raise_if_any(ValuesError, "The values and what goes with them do not hold the same areas.")
    table = pd.DataFrame(
        {
            name: as_floats(faults, name, one.reindex(ids))
            for name, one in {"values": series, **columns, **weights, **extra}.items()
        },
        index=ids,
    )
    _note_population(faults, table, ids)
    faults.raise_if_any(ValuesError, "The values cannot be taken apart.")
    here = (
        table.notna().all(axis=1).to_numpy() & (table.get("population", pd.Series(1.0, ids)) > 0).to_numpy()
    )
    held = table[here]
    matrix = held[list(columns)].to_numpy(dtype=float)
    _note_rank(faults, matrix, [str(name) for name in drivers])
    faults.raise_if_any(ValuesError, "The values cannot be taken apart by these drivers.")
    weighted = held["population"].to_numpy(dtype=float) if weights else np.ones(len(held))
    others = {name: held[name].to_numpy(dtype=float) for name in extra}
    left = tuple(map(str, ids[np.flatnonzero(~here)]))
    return held.index, held["values"].to_numpy(dtype=float), matrix, weighted, others, left


def _note_population(faults: Faults, table: pd.DataFrame, ids: pd.Index) -> None:
    if "population" in table and (table["population"] < 0).any():
        below = ids[np.flatnonzero(table["population"] < 0)]
        faults.add("negative population", ids=below, of=len(ids))


def _note_rank(faults: Faults, matrix: np.ndarray, names: list[str]) -> None:
    n, k = matrix.shape
    if n < k + 3:
        cure = "Take fewer drivers."
        faults.add(f"areas where everything is known: {n}, with {k} drivers at least {k + 3}", cure=cure)
        return
    flat = [name for name, column in zip(names, matrix.T, strict=True) if np.ptp(column) == 0]
    if flat:
        faults.add("drivers that are the same everywhere", ids=flat, of=k)
        return
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    if np.linalg.matrix_rank(scaled, tol=1e-8 * np.sqrt(n * k)) < k:
        cure = "Leave one of them out: shares that add up to a whole cannot all be drivers."
        faults.add("drivers that are sums of others", cure=cure)


def check_side(first: object) -> pd.Series:
    """Return who is in the first group as 1 and 0; NaN is not known."""
    series = check_series("first", first)
    known = series.dropna()
    if not known.isin([True, False]).all():
        odd = known[~known.isin([True, False])].iloc[0]
        raise UsageError(
            f"first holds {odd!r}; it must be True in the areas of the first group and False elsewhere."
        )
    return series.astype("object").where(series.notna(), np.nan).astype(float)


def check_two_sides(first: np.ndarray, of: int) -> None:
    """Refuse a gap between groups of which one has fewer than two areas."""
    faults = Faults()
    inside = int(first.sum())
    if min(inside, len(first) - inside) < 2:
        faults.add(
            f"areas with everything known inside and outside the group: {inside} and {len(first) - inside}",
            of=of,
            cure="Each side needs at least 2.",
        )
    faults.raise_if_any(ValuesError, "There is no gap to take apart.")


def check_few(name: str, found: int, most: int) -> None:
    """Refuse more than can be gone through in all orders."""
    if found > most:
        raise UsageError(f"{name} holds {found}; at most {most} can be taken in all orders.")


def refuse_mean(mean: float) -> None:
    """Refuse a concentration index whose mean it cannot be divided by."""
    if not np.isfinite(mean) or mean <= 0:
        faults = Faults()
        faults.add(f"the mean of values is {mean:g}", cure="The concentration index needs a mean above 0.")
        raise ValuesError("There is no concentration index.", faults.found)


def check_range(name: str, given: tuple[float, float], values: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest that values could be."""
    low, high = (float(end) for end in given)
    if not low < high or values.min() < low or values.max() > high:
        raise UsageError(
            f"{name} is {given!r}; it must be the least and the largest that values could be, and they run "
            f"from {values.min():g} to {values.max():g}."
        )
    return low, high
