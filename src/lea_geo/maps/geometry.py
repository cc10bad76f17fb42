"""Boundaries for the page: simplified without tearing the coverage, as whole numbers in projected metres.

The page draws in EPSG:3067, so shapes are true and north is up. Neighbours share their border's vertices
before and after: simplification works on the coverage, and rounding moves equal points equally.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from lea_geo.schema import DEFAULT_CRS, MUNICIPALITY

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

_FEW_VERTICES = 20_000
_FINEST, _COARSEST = 1.0, 50.0


@dataclass(frozen=True)
class Shapes:
    """What the page draws, in whole steps of ``quantum`` metres from ``origin``."""

    origin: tuple[float, float]
    """Easting and northing of the lower-left corner, EPSG:3067."""
    quantum: float
    """Metres a step."""
    size: tuple[int, int]
    """Width and height in steps."""
    areas: list[list[list[int]]]
    """For each area its rings; a ring is x, y of the first vertex, then differences."""
    points: list[list[int]]
    """For each area a point inside it, where its name is written."""
    borders: list[dict[str, Any]]
    """For each municipality its name, a point inside it and its rings."""


def build_shapes(areas: gpd.GeoDataFrame) -> Shapes:
    """Return the shapes of the areas and of their municipalities.

    Parameters
    ----------
    areas
        Indexed by ``area_id``, with a CRS; a column ``municipality`` draws borders when it holds more than
        one name.
    """
    geometry = np.asarray(areas.geometry.to_crs(DEFAULT_CRS).array)
    xmin, ymin, xmax, ymax = (float(v) for v in shapely.total_bounds(geometry))
    tolerance = float(np.clip(max(xmax - xmin, ymax - ymin) / 20_000, _FINEST, _COARSEST))
    geometry = _simplified(geometry, tolerance)
    origin = (float(np.floor(xmin)), float(np.floor(ymin)))
    quantum = max(0.5, round(tolerance / 5 * 2) / 2)
    return Shapes(
        origin,
        quantum,
        (int(np.ceil((xmax - origin[0]) / quantum)), int(np.ceil((ymax - origin[1]) / quantum))),
        [_rings(shape, origin, quantum) for shape in geometry],
        [_point(shape, origin, quantum) for shape in geometry],
        _borders(geometry, areas.get(MUNICIPALITY), origin, quantum),
    )


def _simplified(geometry: npt.NDArray[Any], tolerance: float) -> npt.NDArray[Any]:
    """Simplify a detailed coverage; leave squares and light boundaries as they are."""
    if shapely.get_num_coordinates(geometry).sum() <= _FEW_VERTICES:
        return geometry
    if (shapely.get_num_coordinates(geometry) <= 5).all():
        return geometry
    simple = np.asarray(shapely.coverage_simplify(geometry, tolerance), dtype=object)
    return np.where(shapely.is_empty(simple), geometry, simple)


def _rings(shape: shapely.Geometry, origin: tuple[float, float], quantum: float) -> list[list[int]]:
    """Return every ring of a (multi)polygon; the page fills them by the even-odd rule."""
    rings: list[list[int]] = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        steps = np.rint((shapely.get_coordinates(ring) - origin) / quantum).astype(np.int64)
        moved = np.vstack([steps[:1], np.diff(steps, axis=0)])[:-1]
        keep = np.r_[True, (moved[1:] != 0).any(axis=1)]
        if keep.sum() >= 3 or not rings:
            rings.append(moved[keep].ravel().tolist())
    return rings


def _point(shape: shapely.Geometry, origin: tuple[float, float], quantum: float) -> list[int]:
    parts = shapely.get_parts(shape)
    inside = shapely.point_on_surface(parts[int(np.argmax(shapely.area(parts)))])
    steps = np.rint((shapely.get_coordinates(inside)[0] - origin) / quantum)
    return [int(step) for step in steps]


def _borders(
    geometry: npt.NDArray[Any], municipality: pd.Series | None, origin: tuple[float, float], quantum: float
) -> list[dict[str, Any]]:
    if municipality is None:
        return []
    names = municipality.fillna("").astype(str).to_numpy()
    found = sorted({name for name in names if name.strip()})
    if len(found) < 2:
        return []
    borders = []
    for name in found:
        whole = shapely.coverage_union_all(geometry[names == name])
        borders.append(
            {"name": name, "point": _point(whole, origin, quantum), "rings": _rings(whole, origin, quantum)}
        )
    return borders
