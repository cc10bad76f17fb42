"""How much surface each two areas of different sets share."""

from __future__ import annotations

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
    rows, columns = check_frame("source", source), check_frame("target", target)
    grids = lattice_of(rows), lattice_of(columns)
    check_meeting(source, target, squares=(grids[0] is not None, grids[1] is not None))
    boxes = [
        shapely.total_bounds(shapes) if grid is None else grid.bounds
        for shapes, grid in zip((rows, columns), grids, strict=True)
    ]
    width = float(np.spacing(np.abs(boxes).max()))
    if grids[0] is not None and (grids[1] is None or grids[0].side < grids[1].side):
        shared = _on_lattice(columns, grids[1], grids[0], width).T.tocsr()
        shared.sort_indices()
        return shared
    if grids[1] is not None:
        return _on_lattice(rows, grids[0], grids[1], width)
    return clipped_areas(rows, columns, width)


def _on_lattice(
    polygons: NDArray[np.object_], grid: Lattice | None, lattice: Lattice, width: float
) -> sparse.csr_array:
    """Return the surface that polygons, perhaps cells of a ``grid``, share with the cells of a lattice."""
    if grid is not None:
        polygons = squares_of(grid)
    shortest = np.minimum(shapely.length(polygons), 4 * lattice.side)
    shares = converted_shares(polygons, lattice, np.maximum(shortest * width / lattice.side**2, ROUNDING))
    shares.data *= lattice.surface[shares.indices]
    return shares
