"""Areas of several years, and numbers carried from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from lea_geo._checks.areas import check_areas
from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, DataError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd

T = TypeVar("T")


def check_two_years(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> None:
    """Raise unless both are areas; what is wrong with either is named at once."""
    faults = Faults()
    for name, areas in (("before", before), ("after", after)):
        _add_areas_faults(faults, name, areas)
    faults.raise_if_any(AreasError, "The areas of two years cannot be compared:")


def check_vintages(areas: Mapping[int, gpd.GeoDataFrame], *, least: int) -> tuple[int, ...]:
    """Return the years in order, or raise unless there are enough and all have sound areas."""
    if not isinstance(areas, Mapping):
        raise UsageError(f"areas is a {type(areas).__name__}; give the areas of each year, by year.")
    if len(areas) < least:
        raise UsageError(f"areas holds {len(areas)} years; at least {least} are needed.")
    check_years("areas", areas)
    faults = Faults()
    for year, frame in areas.items():
        _add_areas_faults(faults, f"areas of {year}", frame)
    faults.raise_if_any(AreasError, "The areas of several years cannot be compared:")
    return tuple(sorted(areas))


def check_years(name: str, given: Collection[object]) -> None:
    """Refuse years that are no whole numbers: their order is what is asked about."""
    odd = [year for year in given if isinstance(year, bool) or not isinstance(year, int | np.integer)]
    if odd:
        shown = ", ".join(map(repr, odd[:5]))
        raise UsageError(f"{name} has keys that are no years: {shown}; years are whole numbers such as 2019.")


def _add_areas_faults(faults: Faults, name: str, areas: gpd.GeoDataFrame) -> None:
    try:
        check_areas(areas)
    except DataError as error:
        for fault in error.faults:
            faults.add(
                f"{name}: {fault.what}", ids=fault.ids, count=fault.count, of=fault.of, cure=fault.cure
            )


def check_metres(name: str, value: float) -> float:
    """Return ``value`` if it can be a distance: finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
        raise UsageError(f"{name} is {value!r}; it must be a distance in metres, 0 or more.")
    return float(value)


def check_share(name: str, value: float) -> float:
    """Return ``value`` if it can be the share below which a change is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 < value < 0.5:
        raise UsageError(f"{name} is {value!r}; it must be a share above 0 and below 0.5.")
    return float(value)


def check_totals(totals: pd.Series[float], ids: pd.Index[str]) -> pd.Series[float]:
    """Return how many people each area has, in the order of ``ids``; every area must have a number."""
    faults = Faults()
    if totals.index.has_duplicates:
        repeated = totals.index[totals.index.duplicated()].unique()
        faults.add("areas with several totals", ids=repeated, cure="Give each area one.")
        faults.raise_if_any(ValuesError, "The population of the areas cannot be used:")
    found = pd.to_numeric(totals.reindex(ids), errors="coerce").astype(float)
    wrong = found.index[~np.isfinite(found) | (found < 0)]
    if len(wrong):
        cure = "Give every area of the earlier year a total, 0 where nobody lives."
        faults.add("areas without a total of 0 or more", ids=wrong, of=len(ids), cure=cure)
    faults.raise_if_any(ValuesError, "The population of the areas cannot be used:")
    return found


def check_names(names: Sequence[str], before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[str, str]:
    """Return the columns of names, one for each year, or raise if a year lacks its own."""
    if isinstance(names, str) or len(names) != 2:
        raise UsageError(f"names is {names!r}; give two columns, of the earlier and of the later year.")
    faults = Faults()
    for year, column, areas in zip(("before", "after"), names, (before, after), strict=True):
        if column not in areas.columns:
            held = ", ".join(str(name) for name in areas.columns if name != areas.geometry.name)
            faults.add(f"{year} has no column {column!r}", cure=f"It has {held or 'none'}.")
    faults.raise_if_any(AreasError, "The areas of two years cannot be named:")
    return names[0], names[1]


def check_onto(onto: object, years: Collection[int], tables: Mapping[int, object]) -> None:
    """Refuse a target year or a table's year without areas."""
    if not isinstance(tables, Mapping) or not tables:
        raise UsageError("tables holds no year; give the numbers of each year, by year.")
    check_years("tables", tables)
    known = ", ".join(map(str, sorted(years)))
    if onto not in years:
        raise UsageError(f"onto is {onto!r}, and areas has no such year; it has {known}.")
    absent = [str(year) for year in tables if year not in years]
    if absent:
        raise UsageError(f"tables has years without areas: {', '.join(absent)}; areas has {known}.")


def check_carried_tables(
    tables: Mapping[int, object],
    areas: Mapping[int, gpd.GeoDataFrame],
    kinds: Mapping[str, str] | None,
    known: type,
) -> None:
    """Refuse numbers that are neither an indicator table nor a frame, or do not fit their year's areas."""
    faults = Faults()
    for year, table in tables.items():
        if isinstance(table, known):
            _add_misfit(faults, year, table.values.index, areas[year].index)  # type: ignore[attr-defined]
        elif isinstance(table, pd.DataFrame):
            absent = [str(name) for name in table.columns if kinds is not None and name not in kinds]
            if absent:
                raise UsageError(f"kinds says nothing of columns of {year}: {', '.join(absent)}.")
            _add_misfit(faults, year, table.index, areas[year].index)
            odd = [str(name) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
            if odd:
                faults.add(f"columns of {year} that hold no numbers", ids=odd, of=table.shape[1])
        else:
            raise UsageError(f"the table of {year} is a {type(table).__name__}; {TABLES}")
    faults.raise_if_any(ValuesError, "The years cannot be carried:")


TABLES = "give what read_indicators returns, or a DataFrame of numbers."


def _add_misfit(faults: Faults, year: object, rows: pd.Index, ids: pd.Index) -> None:
    if rows.has_duplicates:
        faults.add(f"rows of {year} with the same id", ids=rows[rows.duplicated()].unique(), of=len(rows))
    foreign = rows[~rows.isin(ids)]
    if len(foreign):
        cure = f"Are these the areas of {year}? Give its own, or leave the rows out."
        faults.add(f"rows of {year} that have no area", ids=foreign, of=len(rows), cure=cure)


def check_people(people: Mapping[int, pd.Series[float]] | None, tables: Mapping[int, object]) -> None:
    """Refuse weights of means that do not name every year."""
    if people is None:
        return
    if not isinstance(people, Mapping):
        raise UsageError(f"people is a {type(people).__name__}; give a Series for each year, by year.")
    absent = [str(year) for year in tables if year not in people]
    if absent:
        raise UsageError(f"people has no {', '.join(absent)}; give a Series for each year of tables.")


def check_population_years(given: Mapping[int, T] | None, years: Collection[int]) -> Mapping[int, T]:
    """Return populations by year, or raise if they are of other years."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise UsageError(f"population is a {type(given).__name__}; give one for each earlier year, by year.")
    odd = [repr(year) for year in given if year not in years]
    if odd:
        raise UsageError(f"population has years without areas: {', '.join(odd)}.")
    return given
