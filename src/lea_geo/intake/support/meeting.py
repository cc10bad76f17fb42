"""Two sets of areas laid over each other, and the pieces that they cut each other into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from lea_geo._checks import interpolate as check
from lea_geo.intake.support.doubles import doubled
from lea_geo.intake.support.overlap import grounds, shared_surface

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]

_FEW = 1000
ROUNDING = 1e-9
"""What coordinates cannot say: a share of an area that is neither there nor missing."""


@dataclass(frozen=True)
class Meeting:
    """Two sets of areas laid over each other."""

    source: gpd.GeoDataFrame
    target: gpd.GeoDataFrame
    overlap: sparse.csr_array
    """Shape (n_source, n_target): the surface that two areas share, m2."""
    source_area: Floats
    target_area: Floats

    def pieces(self) -> gpd.GeoDataFrame:
        """Return the ground of each entry of ``overlap``, in its order: columns ``row column geometry``."""
        table = self.overlap.tocoo()
        shapes = [np.asarray(areas.geometry.array, dtype=object) for areas in (self.source, self.target)]
        first, second = shapes[0][table.row], shapes[1][table.col]
        ground = np.where(_whole(table.data, self.target_area[table.col]), second, first)
        cut = ~_whole(table.data, self.target_area[table.col]) & ~_whole(
            table.data, self.source_area[table.row]
        )
        ground[cut] = _polygons(shapely.intersection(first[cut], second[cut]))
        return gpd.GeoDataFrame({"row": table.row, "column": table.col}, geometry=ground, crs=self.source.crs)


def meet(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame, tolerance: float) -> Meeting:
    """Lay two sets of areas over each other; refuse a set that lies over itself."""
    sides = grounds(source, target)
    shared = shared_surface(*sides)
    check.check_some_ground(shared.nnz)
    sizes = [side.surface for side in sides]
    odd = [np.abs(shared.sum(axis=1 - side) / sizes[side] - 1) > ROUNDING for side in (0, 1)]
    table = shared.tocoo()
    suspects = (
        ("source areas", source, sides[0], table.row, odd[1][table.col]),
        ("target areas", target, sides[1], table.col, odd[0][table.row]),
    )
    check.check_no_doubles(
        {
            name: doubled(areas[_suspect(place, beside, len(areas))], tolerance)
            for name, areas, side, place, beside in suspects
            if side.lattice is None  # no cell of a grid lies over another
        }
    )
    return Meeting(source, target, shared, *sizes)


def _suspect(place: NDArray[np.integer], odd: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Return which areas may lie over others: of many, those that meet one that is not covered exactly once.

    Only a gap as large as the overlap, to a billionth, in every area that has a part of it could hide one; in
    few areas, which may be drawn by hand, all are looked at.
    """
    return added(place, odd.astype(float), size) > 0 if size > _FEW else np.ones(size, dtype=bool)


def _whole(part: Floats, whole: Floats) -> NDArray[np.bool_]:
    return np.asarray(part >= whole * (1 - ROUNDING))


def _polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons among what two polygons share: along a common border that holds lines as well."""
    mixed = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (3, 6)))
    for i in mixed.tolist():
        parts = shapely.get_parts(shapes[i])
        shapes[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes


def added(place: NDArray[np.integer], weight: Floats, size: int) -> Floats:
    """Return the sum of the weights of each place, from 0 to ``size - 1``."""
    return np.asarray(np.bincount(place, weight, minlength=size), dtype=float)
