"""Years to compare: which, of what, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo._checks.values import as_floats, check_counts, check_series, note_ids
from lea_geo.errors import SpecError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

CHANGE_KINDS = ("proportion", "rate", "value")
_NEEDED = {
    "proportion": ("numerator", "denominator"),
    "rate": ("numerator", "denominator"),
    "value": ("value",),
}
_CURE_IDS = "Every year needs the same areas; carry_series puts years on the areas of one of them."


def check_change_years(years: object, kind: str) -> dict[int, pd.DataFrame]:
    """Return a table for each of at least two years, in their order, each with the columns of its kind."""
    check_choice("kind", kind, CHANGE_KINDS)
    if not isinstance(years, Mapping) or len(years) < 2:
        raise UsageError(
            "years must hold a table for each of at least two years: {2021: table, 2025: table}."
        )
    odd = [year for year in years if isinstance(year, bool) or not isinstance(year, Integral)]
    if odd:
        raise UsageError(f"years has the year {odd[0]!r}; a year is a whole number.")
    tables = {int(year): years[year] for year in sorted(years)}
    first = next(iter(tables))
    faults = Faults()
    for year, table in tables.items():
        lacking = [name for name in _NEEDED[kind] if name not in getattr(table, "columns", ())]
        if lacking:
            faults.add(f"the table of {year} has no column {' and no '.join(lacking)}")
        elif not getattr(tables[first], "index", pd.Index([])).equals(table.index):
            note_ids(faults, f"the table of {year}", table.index, tables[first].index, f"that of {first}")
    faults.raise_if_any(ValuesError, f"The years cannot be compared. {_CURE_IDS}")
    return tables


def check_two_of(years: Collection[int], since: int | None, until: int | None) -> tuple[int, int]:
    """Return the two years to compare: the first and the last unless stated."""
    ordered = sorted(years)
    for name, year in (("since", since), ("until", until)):
        if year is not None and (isinstance(year, bool) or year not in ordered):
            raise UsageError(f"{name} is {year!r}; it must be one of {', '.join(map(str, ordered))}.")
    then, now = ordered[0] if since is None else int(since), ordered[-1] if until is None else int(until)
    if then >= now:
        raise UsageError(f"since is {then} and until is {now}; since must come first.")
    return then, now


def check_counts_of(
    table: pd.DataFrame, index: pd.Index, year: int, kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the events and people of a year in the order of ``index``."""
    try:
        ids, events, people = check_counts(
            table["numerator"], table["denominator"], proportion=kind == "proportion"
        )
    except ValuesError as error:
        raise ValuesError(f"{year}: {error.heading}", error.faults) from None
    place = ids.get_indexer(index)
    return events[place], people[place]


def check_values_of(table: pd.DataFrame, index: pd.Index, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of a year and their standard errors, NaN where there are none."""
    faults = Faults()
    rows = table.reindex(index)
    value = as_floats(faults, f"value of {year}", rows["value"])
    error = np.full(len(index), np.nan)
    if "error" in rows:
        error = as_floats(faults, f"error of {year}", rows["error"])
        if (error < 0).any():
            faults.add(f"negative error of {year}", ids=index[error < 0], of=len(index))
    faults.raise_if_any(ValuesError, f"The values of {year} cannot be compared.")
    return value, error


def check_correlation(given: object, index: pd.Index) -> np.ndarray:
    """Return the correlation of the errors of two years, for each area."""
    if isinstance(given, pd.Series):
        faults = Faults()
        note_ids(faults, "correlation", given.index, index, "the years")
        faults.raise_if_any(ValuesError, "The correlation does not fit the years.")
        rho = as_floats(faults, "correlation", given.reindex(index))
    elif isinstance(given, Real) and not isinstance(given, bool):
        rho = np.full(len(index), float(given))
    else:
        raise UsageError(f"correlation is {given!r}; it must be a number or a Series by area_id.")
    if not (np.abs(rho) < 1).all():
        raise UsageError("correlation must lie strictly between -1 and 1 in every area.")
    return rho


def check_relevant(value: float | None, name: str = "relevant") -> float | None:
    """Return a change that matters: above 0, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise UsageError(f"{name} is {value!r}; it must be a number above 0, in the unit of the values.")
    return float(value)


def check_positive(name: str, value: float) -> float:
    """Return a number above 0."""
    checked = check_relevant(value, name)
    if checked is None:
        raise UsageError(f"{name} must be a number above 0.")
    return checked


def check_redrawn(redrawn: object, index: pd.Index) -> np.ndarray:
    """Return which areas are not the same place in both years."""
    if isinstance(redrawn, pd.DataFrame):
        redrawn = redrawn.get("redrawn")
    if isinstance(redrawn, pd.Series) and redrawn.dtype == bool:
        redrawn = redrawn.index[redrawn]
    if isinstance(redrawn, str) or not isinstance(redrawn, Collection):
        raise UsageError(
            "redrawn must hold area ids, or be a table with a column redrawn such as redrawn_areas returns."
        )
    return np.asarray(index.isin([str(one) for one in redrawn]))


def check_people_by_year(people: object) -> pd.DataFrame:
    """Return people by area and year, the years in order."""
    if not isinstance(people, pd.DataFrame) or people.shape[1] < 2:
        raise UsageError("people must be a table of areas by at least two years.")
    faults = Faults()
    if not people.index.is_unique:
        faults.add("duplicate area ids", ids=people.index[people.index.duplicated()].unique(), of=len(people))
    for column in people:
        numbers = as_floats(faults, f"people of {column}", people[column])
        if (numbers < 0).any():
            faults.add(f"negative people of {column}", ids=people.index[numbers < 0], of=len(people))
    faults.raise_if_any(ValuesError, "No breaks can be looked for.")
    return people[sorted(people.columns)].astype(float)


def check_enough_areas(n: int, least: int, what: str) -> None:
    """Refuse what so few areas cannot say."""
    if n < least:
        faults = Faults()
        faults.add(f"areas with values in all years: {n}", cure=f"{what} needs at least {least}.")
        faults.raise_if_any(ValuesError, "Too few areas.")


def check_order(order: object, index: pd.Index) -> pd.Series | None:
    """Return what areas are ordered by, or None."""
    if order is None:
        return None
    series = check_series("order", order)
    faults = Faults()
    note_ids(faults, "order", series.index, index, "the years")
    as_floats(faults, "order", series)
    faults.raise_if_any(ValuesError, "The areas cannot be ordered.")
    return series.reindex(index).astype(float)


def check_year_among(name: str, year: int | None, years: Sequence[int]) -> int:
    """Return a stated year, the first where none is."""
    if year is None:
        return years[0]
    if isinstance(year, bool) or year not in years:
        raise UsageError(f"{name} is {year!r}; it must be one of {', '.join(map(str, years))}.")
    return int(year)


def check_tables_of_numbers(years: object) -> dict[int, pd.DataFrame]:
    """Return a table of numbers for each year, all with the same columns."""
    if not isinstance(years, Mapping) or not years:
        raise UsageError("years must hold a table of numbers for each year: {2021: table, 2025: table}.")
    faults = Faults()
    first = min(years)
    for year, table in years.items():
        if not isinstance(table, pd.DataFrame):
            faults.add(f"{year} holds a {type(table).__name__}, not a table")
        elif isinstance(years[first], pd.DataFrame) and set(table.columns) != set(years[first].columns):
            odd = set(table.columns) ^ set(years[first].columns)
            faults.add(f"columns that {year} or {first} has alone", ids=sorted(map(str, odd)))
    faults.raise_if_any(ValuesError, "The years cannot be put on one scale.")
    return {int(year): years[year][list(years[first].columns)] for year in sorted(years)}


def check_orders(order: object, years: Mapping[int, pd.DataFrame], index: pd.Index) -> dict[int, pd.Series]:
    """Return what areas are ordered by in each year; empty where they are not."""
    if order is None:
        return {}
    if not isinstance(order, Mapping):
        one = check_order(order, index)
        return dict.fromkeys(years, one) if one is not None else {}
    lacking = [year for year in years if year not in order]
    if lacking:
        raise UsageError(f"order says nothing of {', '.join(map(str, lacking))}; give one for each year.")
    found = {year: check_order(order[year], index) for year in years}
    return {year: one for year, one in found.items() if one is not None}


def check_pairs(pairs: Collection[str], known: Sequence[str], *, ordered: bool) -> tuple[str, ...]:
    """Return which pairs of measures are wanted; those along an order only where there is one."""
    if isinstance(pairs, str):
        raise UsageError(f"pairs is {pairs!r}; it must be a tuple such as ({pairs!r},).")
    for pair in pairs:
        check_choice("a name in pairs", pair, known)
    along = [pair for pair in pairs if pair in ("slope", "concentration")]
    if along and not ordered:
        raise UsageError(f"The pair {along[0]!r} is taken along an order: give order=.")
    return tuple(pairs) or tuple(known)


def refuse_year(key: str, year: str, known: Sequence[str]) -> SpecError:
    """Return the error for a year that a study file names and its findings do not have."""
    faults = Faults()
    cure = f"It is one of {', '.join(known)}, in quotes." if known else "The study has no earlier year."
    faults.add(f"[change] {key} is {year!r}, which is no year to compare with", cure=cure)
    return SpecError("The study's chapters cannot be written:", faults.found)


def refuse_unknown_areas(named: Collection[str], areas: pd.Index) -> None:
    """Refuse ids that a study file says are redrawn and that the study does not have."""
    faults = Faults()
    absent = [one for one in named if one not in areas]
    if absent:
        cure = "Write the ids as the study's areas have them, in quotes."
        faults.add("[change] redrawn names areas that the study does not have", ids=absent, cure=cure)
    faults.raise_if_any(SpecError, "The study's chapters cannot be written:")
