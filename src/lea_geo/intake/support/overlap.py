"""How much surface each two areas of different sets share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo._checks.support import check_frame, check_meeting
from lea_geo.intake.support.clipping import ROUNDING, clipped_areas
from lea_geo.intake.support.lattice_of import lattice_of, squares_of
from lea_geo.intake.support.scan_conversion import converted_shares

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy import sparse

    from lea_geo.intake.support.lattice_of import Lattice


def overlap(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame) -> sparse.csr_array:
    """Return the surface that each area of one set shares with each area of another, in m2.

    Parameters
    ----------
    source, target
        Valid polygons in one projected CRS in metres, in any order; they may overlap among themselves.

    Returns
    -------
    csr_array
        Shape ``(len(source), len(target))``, rows and columns in the order of the frames, float64, sorted,
        no zeros. Areas that only touch have no entry; as touching counts what the rounding of coordinates
        makes of a common border (a unit in the last place times the shorter of the two perimeters), and
        anything below 1e-12 of the smaller area, or of a cell.

    Raises
    ------
    UsageError
        If one is no GeoDataFrame.
    AreasError
        If the two are in different CRSs, or in degrees, or geometry is null, empty, invalid or no polygon,
        or axes are swapped, or a frame is empty.

    Notes
    -----
    Where one side is a grid of equal squares, of which any may be missing, the other is converted cell by
    cell (``scan_conversion``); otherwise polygons are clipped by GEOS. Both agree to 1e-9 of the smaller of
    two areas.

    Published cells are some millimetres off their grid. Cells that are off by up to 1e-4 of their side are
    taken to be where they were meant, and their shares to be shares of their surface as drawn (where both
    sides are grids, that of the smaller cells): what a cell shares adds up to its surface, and a part of a
    cell is right to about the same 1e-4.
    Squares of one CRS are no squares in another: bring the other side into the CRS of the grid.
    """
    return shared_surface(*grounds(source, target))


@dataclass(frozen=True)
class Ground:
    """One of two sets of areas that are laid over each other."""

    polygons: NDArray[np.object_]
    lattice: Lattice | None
    """The grid that they are cells of, if they are."""

    @cached_property
    def surface(self) -> NDArray[np.float64]:
        """Of each area, m2."""
        return shapely.area(self.polygons) if self.lattice is None else self.lattice.surface

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The box around all of them: west, south, east, north."""
        return tuple(shapely.total_bounds(self.polygons)) if self.lattice is None else self.lattice.bounds


def grounds(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame) -> tuple[Ground, Ground]:
    """Return the ground of both, checked as :func:`overlap` says."""
    polygons = check_frame("source", source), check_frame("target", target)
    first, second = (Ground(shapes, lattice_of(shapes)) for shapes in polygons)
    check_meeting(source, target, squares=(first.lattice is not None, second.lattice is not None))
    return first, second


def shared_surface(source: Ground, target: Ground) -> sparse.csr_array:
    """Return what :func:`overlap` does."""
    width = float(np.spacing(np.abs([source.bounds, target.bounds]).max()))
    rows, columns = source.lattice, target.lattice
    if rows is not None and (columns is None or rows.side < columns.side):
        shared = _on_lattice(target, rows, width).T.tocsr()
        shared.sort_indices()
        return shared
    if columns is not None:
        return _on_lattice(source, columns, width)
    return clipped_areas(source.polygons, target.polygons, width)


def _on_lattice(ground: Ground, lattice: Lattice, width: float) -> sparse.csr_array:
    """Return the surface that areas, perhaps cells of another grid, share with the cells of a lattice."""
    polygons = ground.polygons if ground.lattice is None else squares_of(ground.lattice)
    shortest = np.minimum(shapely.length(polygons), 4 * lattice.side)
    shares = converted_shares(polygons, lattice, np.maximum(shortest * width / lattice.side**2, ROUNDING))
    shares.data *= lattice.surface[shares.indices]
    return shares
