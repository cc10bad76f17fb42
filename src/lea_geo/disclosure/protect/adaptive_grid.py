"""Squares as small as the minimum allows: fine where people are many, coarse where they are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks import check_count
from lea_geo._checks.disclosure_protect import (
    check_corner_columns,
    check_price,
    check_sides,
    check_whole_counts,
)
from lea_geo.disclosure.protect.grid_repair import Totals, covering, safe_grid
from lea_geo.disclosure.protect.quadtree import build_quadtree
from lea_geo.disclosure.protect.utility import UtilityLost, utility_lost
from lea_geo.intake.grid import CELL_SIZES, parse_grid_ids
from lea_geo.schema import AREA_ID, DEFAULT_CRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lea_geo.disclosure.protect.quadtree import Quadtree
    from lea_geo.disclosure.published import Published
    from lea_geo.spatial.graph import AreaGraph

PRICE = 20_000.0
"""What hiding a person costs unless it is stated: as much as showing one in a square of 20 km."""


@dataclass(frozen=True, kw_only=True)
class AdaptiveGrid:
    """The squares that may be published, and what they cost.

    Only ``table`` (and ``to_areas``) may leave. A square that is not in it must look like one where nobody
    lives: "hidden, 1 to 9" would itself say what is hidden.
    """

    table: pd.DataFrame
    """The published squares, indexed by ``area_id``: ``people side northing easting`` (lower-left corner and
    side in metres), ordered by northing and easting. Ids are Statistics Finland's where a side has them."""
    hidden: pd.DataFrame
    """The smallest squares with people that lie in no published one, with the same columns. Not to leave."""
    member: pd.Series
    """For each row that was given, the published square that it lies in; blank where it is hidden."""
    people: pd.Series
    """What was given. Not to leave."""
    cell_side: int
    """The side of the cells that were given, metres."""
    published: Published
    """What an attacker can read: the squares, and the totals of the other kinds of areas."""
    hidden_totals: tuple[str, ...]
    """The areas of the other kinds whose totals must stay unpublished: ``postal 00100``."""
    loss: float
    """The sum of people x side over the published squares and people x ``price`` over the hidden ones."""
    mean_side: float
    """The side of the square that a published person lives in, on average; metres."""
    lost: float
    """The share of the people who are hidden, 0 to 1."""
    k: int
    sides: tuple[int, ...]
    price: float
    barred: int
    """How many squares with enough people must not be published, because of the totals beside them."""

    def account(self, graph: AreaGraph | Graph, *, fdr: float = 0.05, correction: str = "bh") -> UtilityLost:
        """Return what is lost: the people of every given cell against what its square says of it.

        A published square's people are spread evenly over the cells that it has room for, as a map does.

        Parameters
        ----------
        graph
            Of the given cells, by their ids.
        fdr, correction
            As in :func:`~lea_geo.disclosure.protect.utility.utility_lost`.
        """
        people = self.people.groupby(level=0).sum().astype(float)
        square = self.table.reindex(self.member.groupby(level=0).first().reindex(people.index))
        side = square["side"].set_axis(people.index).astype(float)
        spread = square["people"].set_axis(people.index) * (self.cell_side / side) ** 2
        own = pd.Series(float(self.cell_side), index=people.index)
        return utility_lost(
            people, spread, graph, people=people, side=own, side_after=side, fdr=fdr, correction=correction
        )

    def to_areas(self, crs: object = DEFAULT_CRS) -> gpd.GeoDataFrame:
        """Return the published squares as areas with exact squares, in the CRS of the corners."""
        west, south, side = (self.table[name].to_numpy() for name in ("easting", "northing", "side"))
        squares = shapely.box(west, south, west + side, south + side)
        return gpd.GeoDataFrame(self.table, geometry=squares, crs=crs)


def adaptive_grid(
    people: pd.Series,
    *,
    k: int,
    sides: Sequence[int] = CELL_SIZES,
    price: float = PRICE,
    corners: pd.DataFrame | None = None,
) -> AdaptiveGrid:
    r"""Return the grid of least loss of which no square has fewer than ``k`` people.

    Every place is published in a square of one of ``sides`` or not at all; squares do not overlap. Of all
    such grids the one is found that loses least (dynamic programming over the quadtree, exact)::

        loss = sum of people x side over the published squares + people x price over the hidden ones

    A higher price hides fewer people in larger squares. Where totals of other areas are published too, adding
    and subtracting can leave 1 to k - 1 people. The release is then attacked; of the recipe of every group
    found, the square that is cheapest to miss is barred, and the cheapest grid is found again, until nothing
    is left to find. Then bars that are not needed after all are lifted (of a country, the dearest). That grid
    is safe; a cheaper safe one may exist.

    Parameters
    ----------
    people
        Whole numbers by grid id (Statistics Finland's, all of one size); or, where totals of other areas
        are published too, by grid id and the ids of those areas, the finest kind first, as a MultiIndex whose
        names say their kinds: ``area_id, postal, municipality``, one row for each piece.
    k
        The fewest people of a published square. Totals of 1 to k - 1 are not published either.
    sides
        Sides in metres, the smallest first; each divides the next.
    price
        What hiding one person costs, in metres; at least the smallest side.
    corners
        For other grids: ``northing`` and ``easting`` of each cell's lower-left corner, by grid id; the cells
        are squares of the first of ``sides``.

    Returns
    -------
    AdaptiveGrid
        The published squares, what is hidden, and the account.

    Raises
    ------
    UsageError
        If an option is out of range.
    ValuesError, AreasError
        If a count is none, an id is malformed or given twice, or a corner lies off the grid.

    Notes
    -----
    Who knows the rule and this price knows a little more than the squares say: of the four squares of a
    divided one none could be merged at less loss. That is not audited.

    References
    ----------
    Others merge from below or divide from above by thresholds instead of a least loss: AQuadtree (Lagonigro,
    Oller and Martori 2021, https://doi.org/10.32614/RJ-2021-013) and Eurostat's MRG (Skoien et al. 2025,
    https://doi.org/10.48550/arXiv.2410.17601).

    Examples
    --------
    >>> ids = ["250mN667500E38500", "250mN667500E38525", "250mN667600E38500"]
    >>> grid = adaptive_grid(pd.Series([30, 4, 9], index=ids), k=10, sides=(250, 1000))
    >>> grid.table["people"].to_dict(), grid.lost
    ({'1kmN6675E0385': 34}, 0.20930232558139536)
    """
    counts = check_whole_counts("people", people)
    check_count("k", k)
    cell, sides, northing, easting = _places(counts.index.get_level_values(0), sides, corners)
    price = check_price(price, sides[0])
    tree = build_quadtree(northing, easting, counts.to_numpy(), sides, finnish=corners is None)
    safe = safe_grid(tree, counts.to_numpy(), Totals.of(counts, k), k, price)
    table, hidden = _table(tree, safe.cut.published), _table(tree, (safe.cut.hidden,))
    shown, lost = int(table["people"].sum()), int(hidden["people"].sum())
    sides_of_people = int((table["people"] * table["side"]).sum())
    ids = np.append(table.index.to_numpy(dtype=object), "")
    return AdaptiveGrid(
        table=table.sort_values(["northing", "easting"], kind="stable"),
        hidden=hidden[hidden["people"] > 0].sort_values(["northing", "easting"], kind="stable"),
        member=pd.Series(ids[covering(tree, safe.cut)], index=counts.index, name="member", dtype="str"),
        people=counts,
        cell_side=cell,
        published=safe.published,
        hidden_totals=() if safe.totals is None else safe.totals.hidden_ids,
        loss=safe.cut.loss,
        mean_side=sides_of_people / shown if shown else np.nan,
        lost=lost / (shown + lost) if shown + lost else 0.0,
        k=k,
        sides=sides,
        price=price,
        barred=safe.barred,
    )


def _places(
    cells: pd.Index, sides: Sequence[int], corners: pd.DataFrame | None
) -> tuple[int, tuple[int, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Return the side of the cells, those of the squares and the lower-left corner of each cell."""
    if corners is not None:
        found = check_sides(sides, 1)
        northing, easting = check_corner_columns(corners, cells, found[0])
        return found[0], found, northing, easting
    size, northing, easting = parse_grid_ids(cells)
    return size, check_sides(sides, size), northing, easting


def _table(tree: Quadtree, chosen: Sequence[NDArray[np.bool_]]) -> pd.DataFrame:
    """Return some squares of each level, the smallest first."""
    parts = list(zip(tree.levels, chosen, strict=False))
    ids = [one for level, some in parts for one in tree.ids(level, some)]
    columns = {
        name: np.concatenate([getattr(level, name)[some] for level, some in parts])
        for name in ("people", "northing", "easting")
    }
    side = np.concatenate([np.full(int(some.sum()), level.side) for level, some in parts])
    frame = pd.DataFrame(columns, index=pd.Index(ids, dtype="str", name=AREA_ID))
    frame.insert(1, "side", side)
    return frame
