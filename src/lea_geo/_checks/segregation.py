"""What is told to whoever measures segregation."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_group_counts(
    counts: object, *, totals: object = None, lower: object = None, upper: object = None
) -> tuple[pd.Index, tuple[str, ...], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return sorted ids, groups, counts, lower, upper, each of shape (n, groups), and people, shape (n,).

    A count that is the rest of its area's people is worked out; where one is hidden, its bounds are NaN
    unless given. People are NaN where neither the total nor all counts are known.
    """
    if not isinstance(counts, pd.DataFrame) or counts.shape[1] < 2:
        raise UsageError(
            "counts must be a DataFrame indexed by area_id with a column for each group, two or more, "
            "everybody in exactly one of them: the group and the rest."
        )
    faults = Faults()
    ids = counts.index.sort_values().rename(AREA_ID)
    groups = tuple(map(str, counts.columns))
    tables = {"counts": _fitted(faults, "counts", counts, counts)}
    for name, table in (("lower", lower), ("upper", upper)):
        tables[name] = _fitted(faults, name, table, counts)
    people = _people(faults, totals, counts)
    faults.raise_if_any(ValuesError, "Segregation cannot be measured from these counts.")
    numbers, low, high = tables.values()
    one = np.isnan(numbers).sum(axis=1) == 1
    rest = people - np.nansum(numbers, axis=1)
    numbers = np.where(np.isnan(numbers) & (one & ~np.isnan(rest))[:, None], rest[:, None], numbers)
    people = np.where(np.isnan(people), numbers.sum(axis=1), people)
    known = ~np.isnan(numbers)
    low, high = np.where(known, numbers, low), np.where(known, numbers, high)
    _note_counts(faults, ids, numbers, low, high, people)
    faults.raise_if_any(ValuesError, "Segregation cannot be measured from these counts.")
    return ids, groups, numbers, low, high, people


def _fitted(faults: Faults, name: str, table: object, counts: pd.DataFrame) -> np.ndarray:
    """Return a table as floats, its rows sorted by area and its columns those of the counts."""
    ids = counts.index.sort_values()
    if table is None:
        return np.full(counts.shape, np.nan)
    if not isinstance(table, pd.DataFrame) or list(table.columns) != list(counts.columns):
        raise UsageError(f"{name} must be a DataFrame with the columns of counts, indexed by area_id.")
    note_ids(faults, name, table.index, counts.index, "counts")
    if faults.found:
        return np.full(counts.shape, np.nan)
    columns = [as_floats(faults, f"{column} of {name}", table[column].reindex(ids)) for column in table]
    return np.array(columns).T.reshape(counts.shape)


def _people(faults: Faults, totals: object, counts: pd.DataFrame) -> np.ndarray:
    ids = counts.index.sort_values()
    if totals is None or faults.found:
        return np.full(len(ids), np.nan)
    series = check_series("totals", totals)
    note_ids(faults, "totals", series.index, counts.index, "counts")
    return as_floats(faults, "totals", series.reindex(ids)) if not faults.found else np.full(len(ids), np.nan)


def _note_counts(
    faults: Faults,
    ids: pd.Index,
    numbers: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    people: np.ndarray,
) -> None:
    of = len(ids)
    for what, odd in (
        ("negative counts", (numbers < 0) | (low < 0)),
        ("lower bounds above upper bounds", low > high),
    ):
        if odd.any():
            faults.add(what, ids=ids[np.flatnonzero(odd.any(axis=1))], of=of)
    astray = np.nansum(np.where(np.isnan(numbers), low, numbers), axis=1) > people + 1e-9
    whole = ~np.isnan(numbers).any(axis=1)
    astray |= whole & (np.abs(numbers.sum(axis=1) - people) > 1e-9)
    if astray.any():
        cure = "Everybody must be in exactly one group."
        faults.add("areas whose groups do not add up to their total", ids=ids[astray], of=of, cure=cure)


def check_allocable(ids: pd.Index, groups: Iterable[str], numbers: np.ndarray) -> None:
    """Refuse fewer than two areas with people, and a group that nobody belongs to."""
    faults = Faults()
    if len(ids) < 2:
        faults.add(f"areas with people whose counts are known: {len(ids)}", cure="There must be at least 2.")
    else:
        empty = [group for group, size in zip(groups, numbers.sum(axis=0), strict=True) if not size > 0]
        if empty:
            cure = "Leave the group out: nobody can live unevenly in it."
            faults.add("groups that nobody belongs to", ids=empty, cure=cure)
    faults.raise_if_any(ValuesError, "Segregation cannot be measured from these counts.")


def check_scales(scales: Iterable[float]) -> tuple[float, ...]:
    """Return distances of 0 or more, in rising order."""
    found = tuple(scales)
    good = [not isinstance(one, bool) and isinstance(one, Real) and 0 <= one < np.inf for one in found]
    if not found or not all(good) or len(set(found)) < len(found):
        raise UsageError(f"scales is {found!r}; it must hold different numbers of metres, 0 or more.")
    return tuple(sorted(float(one) for one in found))


def check_areas_of(areas: object, ids: pd.Index, wanted: pd.Index) -> np.ndarray:
    """Return the shapes of the areas of ``wanted``; the areas must be those of ``ids``."""
    if not isinstance(areas, gpd.GeoDataFrame):
        raise UsageError(
            f"areas is a {type(areas).__name__}; it must be a GeoDataFrame indexed by area_id, such as "
            "lea_geo.read_areas returns."
        )
    faults = Faults()
    note_ids(faults, "counts", ids, areas.index, "areas")
    if not faults.found and (areas.crs is None or not areas.crs.is_projected):
        faults.add(
            "areas are not in metres", cure="Bring them to a projected CRS: areas.to_crs('EPSG:3067')."
        )
    faults.raise_if_any(ValuesError, "What surrounds people cannot be told from these areas.")
    return np.asarray(areas.geometry.reindex(wanted).to_numpy())


def check_two_groups(counts: object) -> None:
    """Refuse other than two groups."""
    if getattr(counts, "shape", (0, 0))[1:] != (2,):
        raise UsageError("counts must have two columns: the group and the rest.")


def check_not_too_many(found: int, most: int) -> None:
    """Refuse more areas than all pairs of can be held."""
    if found > most:
        faults = Faults()
        faults.add(
            f"{found} areas, and at most {most} can be compared in all pairs", cure="Take a part of them."
        )
        faults.raise_if_any(ValuesError, "Distances between all areas cannot be held.")


def check_comparable(first: object, second: object) -> None:
    """Refuse results that do not hold the same indices at the same level."""
    traits = [
        (tuple(result.table.index), result.level, result.atkinson_shape)
        for result in (first, second)
        if hasattr(result, "atkinson_shape") and hasattr(result, "level") and hasattr(result, "table")
    ]
    if len(traits) < 2 or traits[0] != traits[1]:
        raise UsageError(
            "first and second must be results of lea_geo.segregation with the same number of groups, level "
            "and atkinson_shape."
        )
