"""Ground that two areas of one set both hold: whoever lives there would be counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

_DECIMALS = 4
"""Of metres: corners that are less apart are the same, as those are that two neighbours computed each."""


def doubled(areas: gpd.GeoDataFrame, tolerance: float) -> list[tuple[str, str, float, float]]:
    """Return the pairs that share more than ``tolerance`` of the smaller area, the largest first.

    Parameters
    ----------
    areas
        Valid polygons with an index of ids.
    tolerance
        Share of the smaller area, from 0 to 1.

    Returns
    -------
    list of (str, str, float, float)
        Two ids, the m2 that they share, and the share of the smaller one that this is.
    """
    shapes = np.asarray(areas.geometry.array, dtype=object)
    suspects = _suspects(shapes)
    if not suspects.size:
        return []
    some, ids = shapes[suspects], areas.index[suspects]
    one, other = shapely.STRtree(some).query(some, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared, size = shapely.area(shapely.intersection(some[one], some[other])), shapely.area(some)
    share = shared / np.minimum(size[one], size[other])
    rows = zip(ids[one], ids[other], shared.tolist(), share.tolist(), share > tolerance, strict=True)
    found = [(str(i), str(j), m2, part) for i, j, m2, part, kept in rows if kept]
    return sorted(found, key=lambda pair: -pair[2])


def _suspects(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the areas that may lie over others: where the edges of neighbours do not match."""
    if len(shapes) < 2:
        return np.empty(0, dtype=np.int64)
    even = shapely.transform(shapes, lambda corners: np.round(corners, _DECIMALS))
    return np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(even)))
