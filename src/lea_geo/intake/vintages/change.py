"""What became of each area between two years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.vintages import check_metres, check_names, check_share, check_two_years
from lea_geo.intake.support.meeting import added
from lea_geo.intake.vintages.ground import ground_outside, shared_ground
from lea_geo.intake.vintages.kinds import KINDS, Shares, kinds_of, material
from lea_geo.intake.vintages.people import people_of
from lea_geo.intake.vintages.told import name_notes, notes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from lea_geo.intake.vintages.people import Population

    Floats = NDArray[np.float64]

SLIVER = 50.0
"""In metres. Statistics Finland's areas are simplified for each year by itself. Simplifying the full borders
of 2026 to a fifth of their vertices leaves pieces of which 99 in 100 take no circle of this radius, and
between 2015 and 2018 pieces of about this width are the rarest: narrower ones are drawn otherwise, wider ones
moved."""
SHARE = 0.05
"""A link that is less than this of both its areas is no change of either."""


@dataclass(frozen=True, kw_only=True)
class ChangeTable:
    """What became of each area between two years, a row a link between an old and a new area."""

    table: pd.DataFrame
    """Columns ``before after`` (codes; blank where there is no such area), ``kind`` (one of ``KINDS``),
    ``area`` (m2 shared), ``share_area_before share_area_after`` (what that is of either, 0 to 1); with
    population ``population share_population_before share_population_after`` (NaN where an area has
    nobody); with names ``name_before name_after``. Sorted by the codes."""
    gone: tuple[str, ...]
    """Codes of the earlier year that the later one lacks."""
    new: tuple[str, ...]
    """Codes of the later year that the earlier one lacks."""
    tolerance: float
    share: float
    people: bool
    """Whether the kinds go by people, where an area has any, and not by ground."""
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        counts = self.summary
        told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
        return f"<ChangeTable: {len(self.gone)} codes gone, {len(self.new)} new; links: {told}>"

    @property
    def summary(self) -> pd.Series[int]:
        """How many links there are of each kind."""
        counts = self.table["kind"].value_counts().reindex(KINDS, fill_value=0)
        return counts.rename("links").rename_axis("kind").astype("int64")

    def links_of(self, code: str) -> pd.DataFrame:
        """Return the rows in which this code stands, before or after."""
        return self.table[(self.table["before"] == code) | (self.table["after"] == code)]


def change_table(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    population: Population | None = None,
    population_column: str | None = None,
    names: Sequence[str] | None = None,
    tolerance: float = SLIVER,
    share: float = SHARE,
) -> ChangeTable:
    """Say what became of each area between two years: from codes, ground and, where given, people.

    A border that is only drawn otherwise is no change: pieces in which no circle of radius ``tolerance`` fits
    are left out, and so are links that are less than ``share`` of both their areas. An area is whole within
    another where all but ``share`` of it is.

    Parameters
    ----------
    before, after
        Areas of two years, indexed by their codes, in one CRS in metres.
    population
        How many people the earlier areas have (a Series by code: everybody is taken to live evenly in the
        area), or where people live: finer areas, points, or the path of a raster. Kinds then go by shares of
        people, for every area that has any.
    population_column
        The column of ``population`` that counts people; left out, each point counts as one.
    names
        The columns of names in ``before`` and in ``after``.
    tolerance
        In metres, 0 or more; 0 takes every piece for a change.
    share
        Above 0 and below 0.5.

    Returns
    -------
    ChangeTable
        Kinds ``unchanged renamed merged split redrawn appeared disappeared``; with the years the other way
        round every split is a merger and every appearance a disappearance.

    Raises
    ------
    AreasError
        If either is no sound set of areas, or they are in different CRSs.
    ValuesError
        If an area has no total in a ``population`` by code.
    UsageError
        If an option is wrong.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000)], index=["00100"], crs=3067)
    >>> halves = [box(0, 0, 500, 1000), box(500, 0, 1000, 1000)]
    >>> new = gpd.GeoDataFrame(geometry=halves, index=["00100", "00110"], crs=3067)
    >>> change_table(old, new).table[["before", "after", "kind", "share_area_before"]].values.tolist()
    [['00100', '00100', 'split', 0.5], ['00100', '00110', 'split', 0.5]]
    """
    check_two_years(before, after)
    tolerance, share = check_metres("tolerance", tolerance), check_share("share", share)
    columns = check_names(names, before, after) if names is not None else None
    met = _meet(before, after, population, population_column, tolerance, share)
    table = _named(_table(met, share), columns, before, after)
    gone, new = (
        tuple(sorted(set(one.index) - set(other.index))) for one, other in ((before, after), (after, before))
    )
    return ChangeTable(
        table=table,
        gone=gone,
        new=new,
        tolerance=tolerance,
        share=share,
        people=population is not None,
        notes=(
            *notes_of(table, met.links, gone, new, tolerance=tolerance, share=share),
            *(name_notes(table) if columns else ()),
        ),
    )


@dataclass(frozen=True)
class _Met:
    """Two years laid over each other."""

    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame
    links: pd.DataFrame
    """As ``shared_ground`` returns it, with ``same`` and perhaps ``people``."""
    lost: Floats
    """m2 of each earlier area that lie in no later one."""
    gained: Floats


def _meet(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    population: Population | None,
    column: str | None,
    tolerance: float,
    share: float,
) -> _Met:
    links = shared_ground(before, after, tolerance=tolerance)
    links["same"] = before.index.to_numpy()[links["before"]] == after.index.to_numpy()[links["after"]]
    sums = [
        added(links[side].to_numpy(), links["area"].to_numpy(), len(areas))
        for side, areas in (("before", before), ("after", after))
    ]
    lost = ground_outside(before, after, sums[0], least=share, tolerance=tolerance)
    gained = ground_outside(after, before, sums[1], least=share, tolerance=tolerance)
    if population is not None:
        links["people"] = people_of(links, before, after, population, column)
    return _Met(before, after, links, lost, gained)


def _table(met: _Met, share: float) -> pd.DataFrame:
    """Return the rows of links that count for something, and of what lies in no area of the other year."""
    links = met.links
    shares = _shares(met)
    kind = kinds_of(links, shares, share)
    kept = material(shares, share) & (links["ground"] > 0).to_numpy()
    for side in ("before", "after"):
        kept |= _alone(links, side, kept)
    before, after = met.before.index.to_numpy(), met.after.index.to_numpy()
    sizes = [np.asarray(areas.area, dtype=float) for areas in (met.before, met.after)]
    rows = pd.DataFrame(
        {
            "before": before[links["before"]],
            "after": after[links["after"]],
            "kind": kind,
            "area": links["area"],
            "share_area_before": links["area"] / sizes[0][links["before"]],
            "share_area_after": links["area"] / sizes[1][links["after"]],
        }
    ).assign(**_people_columns(links))[kept]
    outside = [
        _outside("disappeared", "before", before, met.lost, sizes[0]),
        _outside("appeared", "after", after, met.gained, sizes[1]),
    ]
    table = pd.concat([rows, *(one for one in outside if len(one))], ignore_index=True)
    table = table.fillna({"before": "", "after": ""})
    table = table.astype({"before": "str", "after": "str", "kind": "str"})
    return table.sort_values(["before", "after"], ignore_index=True)


def _shares(met: _Met) -> Shares:
    """Return what each link is of its areas: of their people where there are any, else of their ground."""
    links = met.links
    found: list[Floats] = []
    for side, outside in (("before", met.lost), ("after", met.gained)):
        position, ground = links[side].to_numpy(), links["ground"].to_numpy()
        total = added(position, ground, len(outside)) + outside
        share: Floats = ground / np.where(total > 0, total, 1.0)[position]
        if "people" in links:
            people = np.where(ground > 0, links["people"], 0.0)
            held = added(position, people, len(outside))[position]
            share = np.where(held > 0, people / np.where(held > 0, held, 1.0), share)
        found.append(share)
    return Shares(*found)


def _alone(links: pd.DataFrame, side: str, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest link of each area that has none among those kept."""
    has = links.loc[kept, side].unique()
    largest = links[(links["ground"] > 0) & ~links[side].isin(has)].groupby(side)["ground"].idxmax()
    return links.index.isin(largest)


def _people_columns(links: pd.DataFrame) -> dict[str, Floats]:
    if "people" not in links:
        return {}
    people = links["people"].to_numpy()
    columns = {"population": people}
    for side in ("before", "after"):
        total = links["people"].groupby(links[side]).transform("sum").to_numpy()
        part = np.divide(people, total, out=np.full(len(links), np.nan), where=total > 0)
        columns[f"share_population_{side}"] = part
    return columns


def _outside(kind: str, side: str, codes: NDArray[np.object_], ground: Floats, size: Floats) -> pd.DataFrame:
    rows = np.flatnonzero(ground)
    columns = {
        side: codes[rows],
        "kind": kind,
        "area": ground[rows],
        f"share_area_{side}": ground[rows] / size[rows],
    }
    return pd.DataFrame(columns)


def _named(
    table: pd.DataFrame, columns: tuple[str, str] | None, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame
) -> pd.DataFrame:
    if columns is None:
        return table
    for side, areas, column in zip(("before", "after"), (before, after), columns, strict=True):
        table[f"name_{side}"] = table[side].map(areas[column].astype("str")).fillna("").astype("str")
    return table
