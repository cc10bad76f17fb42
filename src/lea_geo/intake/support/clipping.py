"""The surface that polygons of any shape share, by clipping them (GEOS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

from lea_geo.intake.support.edges import in_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDING = 1e-12
"""Of the smaller of two areas: a shared surface of no more is rounding."""
_BLOCK = 256
"""Areas that a thread takes at a time."""


def clipped_areas(source: NDArray[np.object_], target: NDArray[np.object_], width: float) -> sparse.csr_array:
    """Return the surface that each two polygons share, in the square of their unit.

    Parameters
    ----------
    source, target
        Valid polygons in one plane.
    width
        How far a coordinate may be from where it was meant.

    Returns
    -------
    csr_array
        Shape ``(len(source), len(target))``. No entry where nothing is shared, or no more than
        ``width`` makes along a common border.
    """
    tree = shapely.STRtree(target)

    def work(start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        near, column = tree.query(source[start:stop], predicate="intersects")
        row = near + start
        return row, column, shapely.area(shapely.intersection(source[row], target[column]))

    found = in_blocks(work, len(source), _BLOCK)
    row, column, shared = (np.concatenate(parts) for parts in zip(*found, strict=True))
    shortest = np.minimum(shapely.length(source)[row], shapely.length(target)[column])
    smallest = np.minimum(shapely.area(source)[row], shapely.area(target)[column])
    kept = shared > np.maximum(shortest * width, smallest * ROUNDING)
    shape = (len(source), len(target))
    table = sparse.coo_array((shared[kept], (row[kept], column[kept])), shape=shape).tocsr()
    table.sort_indices()
    return table
