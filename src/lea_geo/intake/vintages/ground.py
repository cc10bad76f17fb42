"""The ground that areas of two years share, and which of it moved only because it is drawn otherwise."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from lea_geo.intake.support.meeting import added
from lea_geo.intake.support.overlap import overlap

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]


def shared_ground(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    tolerance: float,
    shared: sparse.csr_array | None = None,
) -> pd.DataFrame:
    """Return every two areas of different years that share ground.

    Parameters
    ----------
    before, after
        Areas of two years in one CRS in metres.
    tolerance
        In metres. A piece in which no circle of this radius fits is a sliver: the border is where it was and
        is drawn otherwise. A link that is half or more of either area is never one, however narrow.
    shared
        The surface that each two have in common, where it is known already.

    Returns
    -------
    DataFrame
        Columns ``before after`` (positions), ``area`` (m2 shared) and ``ground`` (m2 of it in pieces that are
        no slivers); in the order of the positions.
    """
    found = (overlap(before, after) if shared is None else shared).tocoo()
    rows, columns = found.coords
    links = pd.DataFrame({"before": rows, "after": columns, "area": found.data})
    links = links.sort_values(["before", "after"], ignore_index=True)
    left, right = (np.asarray(one.geometry.array, dtype=object) for one in (before, after))
    least = np.minimum(shapely.area(left)[links["before"]], shapely.area(right)[links["after"]])
    minor = (links["area"] < 0.5 * least).to_numpy()
    pieces = shapely.intersection(left[links["before"][minor]], right[links["after"][minor]])
    ground = links["area"].to_numpy().copy()
    ground[minor] = np.minimum(ground[minor], wide_area(pieces, tolerance))
    return links.assign(ground=ground)


def ground_outside(
    areas: gpd.GeoDataFrame, others: gpd.GeoDataFrame, shared: Floats, *, least: float, tolerance: float
) -> Floats:
    """Return how much of each area lies in none of the others, m2, slivers left out.

    Parameters
    ----------
    areas, others
        Areas of two years.
    shared
        How much of each area lies in others, m2.
    least
        The share of an area below which what lies outside is taken for a matter of drawing, and is 0.
    tolerance
        As in :func:`shared_ground`.
    """
    shapes = np.asarray(areas.geometry.array, dtype=object)
    own = shapely.area(shapes)
    outside = np.where(own - shared >= max(least, 1e-9) * own, own - shared, 0.0)
    around = np.asarray(others.geometry.array, dtype=object)
    tree = shapely.STRtree(around)
    for i in np.flatnonzero(outside).tolist():
        rest = reduce(shapely.difference, around[tree.query(shapes[i], predicate="intersects")], shapes[i])
        outside[i] = rest.area if rest.area >= 0.5 * own[i] else wide_area(np.array([rest]), tolerance)[0]
    return np.where(outside >= least * own, outside, 0.0)


def wide_area(shapes: NDArray[np.object_], tolerance: float) -> Floats:
    """Return the surface of the parts of each shape in which a circle of this radius fits."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    bounds = shapely.bounds(parts)
    across = np.minimum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    wide = (area > 0) & (across > 2 * tolerance)
    # Every shape holds a circle whose radius is its surface over its perimeter, and one around any of its
    # points: drawing it in by the tolerance is for the few that neither settles.
    unsure = wide & (area <= tolerance * shapely.length(parts))
    inside = shapely.point_on_surface(parts[unsure])
    unsure[unsure] = shapely.distance(inside, shapely.boundary(parts[unsure])) <= tolerance
    wide[unsure] = ~shapely.is_empty(shapely.buffer(parts[unsure], -tolerance))
    return added(owner[wide], area[wide], len(shapes))
