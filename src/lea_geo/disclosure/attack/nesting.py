"""Which kinds of areas are nested in which: by the ids of cells, by the municipality of areas, by surface.

Generalised borders never agree to the metre: a postal area at the edge of its municipality seems to reach
into the next. What the areas say of themselves is therefore believed before their geometry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.disclosure.published import ROOT
from lea_geo.intake.grid import is_grid_ids, parse_grid_ids
from lea_geo.intake.support.overlap import overlap
from lea_geo.schema import MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Areas = Mapping[str, gpd.GeoDataFrame]


_WIDTH = 2**20
"""More than there are columns of cells."""


@dataclass(frozen=True)
class Chain:
    """Kinds of areas of which each is nested in the next."""

    names: tuple[str, ...]
    """The finest first."""
    above: tuple[NDArray[np.int64], ...]
    """For all but the last: the position of the area of the next kind that each area lies in, ``ROOT`` for
    none."""


def chains(areas: Areas, least_surface: float) -> tuple[Chain, ...]:
    """Return all kinds of areas as few chains, those with the most areas first.

    Parameters
    ----------
    areas
        What each kind is called, to its areas.
    least_surface
        Pieces smaller than this are the inaccuracy of borders, m2.
    """
    left = sorted(areas, key=lambda name: (-len(areas[name]), name))
    found = []
    while left:
        names, above = [left.pop(0)], []
        for name in list(left):
            inside = nested(areas[names[-1]], areas[name], least_surface)
            if inside is not None:
                names.append(name)
                above.append(inside)
                left.remove(name)
        found.append(Chain(tuple(names), tuple(above)))
    return tuple(found)


def nested(
    fine: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame, least_surface: float
) -> NDArray[np.int64] | None:
    """Return the position of the larger area that each area lies in, or None where one lies in several."""
    by_id = _cells_in_cells(fine, coarse)
    if by_id is not None:
        return by_id
    by_column = _by_municipality(fine, coarse)
    return _by_surface(fine, coarse, least_surface) if by_column is None else by_column


def _cells_in_cells(fine: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame) -> NDArray[np.int64] | None:
    if not (is_grid_ids(fine.index) and is_grid_ids(coarse.index)):
        return None
    cells, size = parse_grid_ids(fine.index), parse_grid_ids(coarse.index[:1]).cell_size
    if size < cells.cell_size:
        return None
    # By corners, as two spellings of 5 km cells are read.
    corners = parse_grid_ids(coarse.index)
    known = pd.Index(corners.northing // size * _WIDTH + corners.easting // size)
    inside: NDArray[np.int64] = known.get_indexer(cells.northing // size * _WIDTH + cells.easting // size)
    return inside


def _by_municipality(fine: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame) -> NDArray[np.int64] | None:
    """Believe the areas' own municipality, except of cells, which borders cross."""
    if MUNICIPALITY not in fine or is_grid_ids(fine.index):
        return None
    codes = fine[MUNICIPALITY].astype(str)
    # A municipality's own row says what its code is, where its id is something else.
    own = coarse.index.get_indexer(codes)
    return None if np.any(own == ROOT) else own.astype(np.int64)


def _by_surface(fine: gpd.GeoDataFrame, coarse: gpd.GeoDataFrame, least: float) -> NDArray[np.int64] | None:
    """Return the larger area that each area is in, but for slivers, if the larger hold nothing else."""
    shared = overlap(fine, coarse)
    rows = np.repeat(np.arange(len(fine)), np.diff(shared.indptr))
    large = shared.data >= least
    parts = np.bincount(rows[large], minlength=len(fine))
    rest = fine.geometry.area.to_numpy() - np.bincount(rows, weights=shared.data, minlength=len(fine))
    more = coarse.geometry.area.to_numpy() - np.bincount(
        shared.indices, weights=shared.data, minlength=len(coarse)
    )
    if np.any(parts > 1) or np.any((parts == 1) & (rest >= least)) or np.any(more >= least):
        return None
    inside = np.full(len(fine), ROOT, dtype=np.int64)
    inside[rows[large]] = shared.indices[large]
    return inside
