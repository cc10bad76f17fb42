"""The areas that a map's page draws: shapes from shared borders, squares from a grid."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo.disclosure.attack.reading.packed import unfold, unpack_json, unpack_varints, unpack_words
from lea_geo.schema import AREA_ID, DEFAULT_CRS, LANGUAGES, MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

_FINNISH = {"meridian": 27.0, "scale": 0.9996, "easting": 500000.0}
_SPELLINGS = {250: ("250m", 10, 6, 5), 1000: ("1km", 1000, 4, 4), 5000: ("5km", 5000, 4, 4)}
"""Statistics Finland's: for each side what an id begins with, its unit in metres, and its digits."""
MOST_AREAS = 20_000_000


def page_ids(place: Mapping[str, Any]) -> list[str]:
    """Return the ids of a place's areas, in the order of its columns."""
    n = int(place["n"])
    if not 0 <= n <= MOST_AREAS:
        raise ValueError(f"a place has {n} areas")
    if "list" in place["ids"]:
        ids = [str(one) for one in unpack_json(place["ids"]["list"])]
    else:
        begin, unit, wide, narrow = _SPELLINGS[int(place["ids"]["cells"])]
        east, north = (corner.astype(np.int64) // unit for corner in _corners(place))
        pairs = zip(north.tolist(), east.tolist(), strict=True)
        ids = [f"{begin}N{y:0{wide}d}E{x:0{narrow}d}" for y, x in pairs]
    if len(ids) != n:
        raise ValueError(f"a place has {len(ids)} ids for {n} areas")
    return ids


def page_names(place: Mapping[str, Any]) -> list[list[str]]:
    """Return what a place's areas are called in each language, where they have names."""
    told = place.get("names") or {}
    return [
        [str(one or "") for one in unpack_json(told[language])] for language in LANGUAGES if language in told
    ]


def page_areas(place: Mapping[str, Any], projection: Mapping[str, float]) -> gpd.GeoDataFrame:
    """Return the areas of a place, to the step of its drawing."""
    n = int(place["n"])
    if place["kind"] == "cells":
        x, y = _corners(place)
        side = float(place["frame"]["quantum"])
        shapes = shapely.box(x, y, x + side, y + side)
    else:
        shapes = _polygons(place["shapes"], n)
        origin, step = np.asarray(place["frame"]["origin"], dtype=float), float(place["frame"]["quantum"])
        shapes = shapely.transform(shapes, lambda xy: xy * step + origin)
    index = pd.Index(page_ids(place), name=AREA_ID, dtype="str")
    towns = unpack_words(place["municipality"], n) if place.get("municipality") else [""] * n
    return gpd.GeoDataFrame({MUNICIPALITY: towns}, geometry=shapes, index=index, crs=_crs(projection))


def _crs(projection: Mapping[str, float]) -> str:
    if not projection or dict(projection) == _FINNISH:
        return DEFAULT_CRS
    told = (projection["meridian"], projection["scale"], projection["easting"])
    return "+proj=tmerc +lat_0=0 +lon_0={} +k={} +x_0={} +y_0=0 +ellps=GRS80 +units=m".format(
        *map(float, told)
    )


def _corners(place: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the south-western corner of each cell."""
    gaps = unpack_varints(place["shapes"]["data"])
    at = np.cumsum(gaps + 1) - 1
    columns = int(place["shapes"]["cols"])
    (west, south), side = place["frame"]["origin"], float(place["frame"]["quantum"])
    x, y = at % columns * side + float(west), at // columns * side + float(south)
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def _polygons(packed: Mapping[str, Any], n: int) -> NDArray[np.object_]:
    """Return shapes from arcs, in whole steps."""
    sizes = [int(packed[name]) for name in ("arcs", "vertices", "refs", "rings", "dividing")]
    arcs, vertices, refs, rings, dividing = sizes
    row = unpack_varints(packed["data"])
    lengths = (arcs, vertices, vertices, refs, rings, n, n, n, dividing)
    if sum(lengths) != row.size or min(lengths) < 0:
        raise ValueError("the shapes of a place are broken")
    parts = np.split(row, np.cumsum(lengths)[:-1])
    start = np.r_[0, np.cumsum(parts[0] + 2)]
    xy = np.stack([np.cumsum(unfold(parts[1])), np.cumsum(unfold(parts[2]))], axis=1).astype(float)
    arc, backwards = _references(parts[3])
    ring_start = np.r_[0, np.cumsum(parts[4] + 1)]
    drawn = [_ring(xy, start, arc[a:b], backwards[a:b]) for a, b in pairwise(ring_start.tolist())]
    of_area = np.r_[0, np.cumsum(parts[5])].tolist()
    # A ring inside another is a hole: what an odd number of rings surrounds belongs to the area.
    shapes = [shapely.symmetric_difference_all(drawn[a:b]) for a, b in pairwise(of_area)]
    return np.array(shapes, dtype=object)


def _references(codes: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """Return the arcs along rings, and which of them run backwards."""
    fresh = np.cumsum(codes == 0) - (codes == 0)
    return fresh - (codes + 1) // 2, codes % 2 == 1


def _ring(
    xy: NDArray[np.float64], start: Whole, arcs: Whole, backwards: NDArray[np.bool_]
) -> shapely.Polygon:
    """Return the polygon inside one ring."""
    lines = [xy[start[arc] : start[arc + 1]] for arc in arcs]
    turned = [line[::-1] if back else line for line, back in zip(lines, backwards.tolist(), strict=True)]
    return shapely.Polygon(np.concatenate([line[:-1] for line in turned]))
