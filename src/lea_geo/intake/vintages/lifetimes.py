"""From when to when each code stands for an area, where it came from and where it went."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.vintages import check_population_years, check_vintages
from lea_geo.intake.vintages.change import SHARE, SLIVER, change_table
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from lea_geo.intake.vintages.change import ChangeTable
    from lea_geo.intake.vintages.people import Population


@dataclass(frozen=True, kw_only=True)
class Lifetimes(ByArea):
    """The lifetimes of codes over several years of areas."""

    table: pd.DataFrame
    """Indexed by ``area_id``, every code of any year: ``first_seen last_seen`` (years of those given);
    ``absent`` (how many of the years between lack it); ``origin`` and ``origin_share`` (for a code that is
    not in the first year: where most of its ground, or people, came from, and how much of it; blank where
    from nowhere); ``successor`` and ``successor_share`` (for a code that is not in the last year: where most
    of it went); ``redrawn`` (in how many steps it stood for other ground before and after)."""
    changes: tuple[ChangeTable, ...]
    """One for each step from a year to the next."""
    years: tuple[int, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        first, last = self.years[0], self.years[-1]
        whole = (self.table["first_seen"] == first) & (self.table["last_seen"] == last)
        return (
            f"<Lifetimes: {len(self.table)} codes from {first} to {last}, {int(whole.sum())} of them in "
            f"both, {int((self.table['redrawn'] > 0).sum())} redrawn>"
        )


def lifetimes(
    areas: Mapping[int, gpd.GeoDataFrame],
    *,
    population: Mapping[int, Population] | None = None,
    population_column: str | None = None,
    tolerance: float = SLIVER,
    share: float = SHARE,
) -> Lifetimes:
    """Say from when to when each code is used, where it came from and where it went.

    Parameters
    ----------
    areas
        The areas of each year, indexed by their codes; at least two years.
    population
        As in :func:`change_table`, by the earlier year of each step; not necessarily for all.
    population_column, tolerance, share
        As in :func:`change_table`.

    Returns
    -------
    Lifetimes
        First and last year seen, origin and successor of every code, and the change tables of all steps. What
        was before the first year given, after the last and in between is not known.

    Raises
    ------
    AreasError, ValuesError, UsageError
        As :func:`change_table`, or if there are fewer than two years.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> halves = [box(0, 0, 500, 1000), box(500, 0, 1000, 1000)]
    >>> old = gpd.GeoDataFrame(geometry=halves, index=["00100", "00110"], crs=3067)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000)], index=["00100"], crs=3067)
    >>> lifetimes({2018: old, 2019: new}).table["successor"].to_dict()
    {'00100': '', '00110': '00100'}
    """
    years = check_vintages(areas, least=2)
    given = check_population_years(population, years)
    changes = tuple(
        change_table(
            areas[one],
            areas[other],
            population=given.get(one),
            population_column=population_column if one in given else None,
            tolerance=tolerance,
            share=share,
        )
        for one, other in pairwise(years)
    )
    return Lifetimes(
        table=_table(areas, years, changes),
        changes=changes,
        years=years,
        notes=tuple(
            f"{one} to {other}: {note}"
            for (one, other), change in zip(pairwise(years), changes, strict=True)
            for note in change.notes
        ),
    )


def _table(
    areas: Mapping[int, gpd.GeoDataFrame], years: tuple[int, ...], changes: tuple[ChangeTable, ...]
) -> pd.DataFrame:
    codes = sorted(set().union(*(areas[year].index for year in years)))
    seen = pd.DataFrame({year: pd.Index(codes).isin(areas[year].index) for year in years}, index=codes)
    first, last = seen.idxmax(axis=1), seen.loc[:, ::-1].idxmax(axis=1)
    inside = [seen[year] | (first > year) | (last < year) for year in years]
    table = pd.DataFrame(
        {
            "first_seen": first,
            "last_seen": last,
            "absent": len(years) - pd.concat(inside, axis=1).sum(axis=1),
            "origin": "",
            "origin_share": float("nan"),
            "successor": "",
            "successor_share": float("nan"),
            "redrawn": 0,
        }
    ).rename_axis(AREA_ID)
    table.index = table.index.astype("str")
    for (one, other), change in zip(pairwise(years), changes, strict=True):
        _fill(table, change, table.index[first == other], "after", "origin")
        _fill(table, change, table.index[last == one], "before", "successor")
        both = areas[one].index.intersection(areas[other].index)
        same = change.table[change.table["before"] == change.table["after"]]
        kept = same.loc[same["kind"] == "unchanged", "before"]
        table.loc[both.difference(kept), "redrawn"] += 1
    return table.astype({"origin": "str", "successor": "str"})


def _fill(table: pd.DataFrame, change: ChangeTable, codes: pd.Index, side: str, column: str) -> None:
    """Write where most of some codes came from or went to."""
    other = "before" if side == "after" else "after"
    links = change.table[(change.table[other] != "") & change.table[side].isin(codes)]
    by = links[f"share_area_{side}"]
    if change.people:
        by = links[f"share_population_{side}"].fillna(by)
    most = links.assign(by=by).sort_values("by", ascending=False, kind="stable").drop_duplicates(side)
    table.loc[most[side], column] = most[other].to_numpy()
    table.loc[most[side], f"{column}_share"] = most["by"].to_numpy()
