"""The surface that polygons of any shape share, by clipping them (GEOS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray


def clipped_areas(source: NDArray[np.object_], target: NDArray[np.object_]) -> sparse.csr_array:
    """Return the surface that each two polygons share, in the square of their unit.

    Parameters
    ----------
    source, target
        Valid polygons in one plane.

    Returns
    -------
    csr_array
        Shape ``(len(source), len(target))``. No entry where nothing is shared, or no more than the rounding
        of the coordinates makes along a common border.
    """
    row, column = shapely.STRtree(target).query(source, predicate="intersects")
    shared = shapely.area(shapely.intersection(source[row], target[column]))
    shortest = np.minimum(shapely.length(source)[row], shapely.length(target)[column])
    kept = shared > shortest * rounding(source, target)
    shape = (len(source), len(target))
    found = sparse.coo_array((shared[kept], (row[kept], column[kept])), shape=shape).tocsr()
    found.sort_indices()
    return found


def rounding(*polygons: NDArray[np.object_]) -> float:
    """Return how far coordinates of this size may be from where they were meant, in their unit."""
    bounds = [np.abs(shapely.total_bounds(shapes)).max(initial=0.0) for shapes in polygons if len(shapes)]
    return float(np.spacing(max(bounds, default=0.0)))
