"""Ground that two areas of one set both hold: whoever lives there would be counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo.intake.support.lattice_of import lattice_of
from lea_geo.intake.support.overlap import overlap

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


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
    some = areas.iloc[suspects]
    size, ids = shapely.area(shapes[suspects]), some.index
    shared = overlap(some, some).tocoo()
    share = shared.data / np.minimum(size[shared.row], size[shared.col])
    kept = (shared.row < shared.col) & (share > tolerance)
    rows = zip(shared.row[kept], shared.col[kept], shared.data[kept], share[kept], strict=True)
    found = [(str(ids[i]), str(ids[j]), float(m2), float(part)) for i, j, m2, part in rows]
    return sorted(found, key=lambda pair: -pair[2])


def _suspects(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the areas that may lie over others: where the edges of neighbours do not match."""
    if lattice_of(shapes) is not None:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
