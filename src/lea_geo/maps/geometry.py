"""Boundaries for the page: simplified without tearing the coverage, as whole numbers in projected metres.

The page draws in a transverse Mercator of Finnish authorities, so shapes are true and north is up. Neighbours
share their border's vertices before and after: simplification works on the coverage, and rounding moves equal
points equally. Squares of one grid are written as such, in the projection in which they are squares.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from lea_geo.maps.arcs import Rings, clean_rings, dividing_arcs, encode_arcs, share_arcs
from lea_geo.maps.cells import are_named_by_place, encode_cells, find_cells
from lea_geo.schema import DEFAULT_CRS, MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    import numpy.typing as npt

_FEW_VERTICES = 20_000
_FINEST, _COARSEST = 1.0, 50.0


@dataclass(frozen=True)
class Projection:
    """A transverse Mercator on GRS80, without false northing: what the page draws in."""

    meridian: float
    """Its central meridian, degrees east."""
    scale: float
    """Along the meridian."""
    easting: float
    """Of the meridian, metres."""

    def as_dict(self) -> dict[str, float]:
        """Return what the page needs to know."""
        return asdict(self)


@dataclass(frozen=True)
class Shapes:
    """What the page draws of one place, in whole steps of ``quantum`` metres from ``origin``."""

    kind: str
    """``polygons`` or ``cells``."""
    origin: tuple[float, float]
    """Easting and northing of the lower-left corner in the page's CRS, metres."""
    quantum: float
    """Metres a step; the side of a cell."""
    size: tuple[int, int]
    """Width and height in steps."""
    order: npt.NDArray[np.int64]
    """Which of the given areas comes where on the page: ids, names and columns must follow it."""
    cell_ids: int | None
    """Side of the cells where every id is the grid id of its own cell, so that the page can make it."""
    encoded: dict[str, Any]
    """The shapes, as ``decode.js`` reads them."""

    @property
    def frame(self) -> dict[str, Any]:
        """Where and how large the place is, as the page needs it."""
        return {"origin": self.origin, "quantum": self.quantum, "size": self.size}


def projection_of(crs: object) -> Projection | None:
    """Return the parameters of a CRS in which the page can draw, or None if it cannot.

    Parameters
    ----------
    crs
        Whatever pyproj takes.

    Examples
    --------
    >>> projection_of("EPSG:3067")
    Projection(meridian=27.0, scale=0.9996, easting=500000.0)
    >>> projection_of("EPSG:4326") is None
    True
    """
    stated = pyproj.CRS.from_user_input(crs)
    operation, ellipsoid = stated.coordinate_operation, stated.ellipsoid
    if operation is None or operation.method_name != "Transverse Mercator" or ellipsoid is None:
        return None
    grs80 = (
        ellipsoid.semi_major_metre == 6_378_137 and abs(ellipsoid.inverse_flattening - 298.257222101) < 1e-6
    )
    metres = all(axis.unit_name == "metre" for axis in stated.axis_info)
    given = {parameter.name: parameter.value for parameter in operation.params}
    shifted = given["Latitude of natural origin"] or given["False northing"]
    if not grs80 or not metres or shifted or stated.prime_meridian.longitude:
        return None
    return Projection(
        given["Longitude of natural origin"], given["Scale factor at natural origin"], given["False easting"]
    )


def choose_crs(places: Iterable[gpd.GeoDataFrame]) -> pyproj.CRS:
    """Return the CRS in which a page draws its places: that of the first grid, or else EPSG:3067.

    Parameters
    ----------
    places
        Areas, each with a CRS.
    """
    default = pyproj.CRS.from_user_input(DEFAULT_CRS)
    for areas in places:
        if projection_of(areas.crs) and find_cells(np.asarray(areas.geometry.array)):
            return areas.crs
    return default


def build_shapes(areas: gpd.GeoDataFrame, *, crs: object = DEFAULT_CRS) -> Shapes:
    """Return the shapes of the areas.

    Parameters
    ----------
    areas
        Indexed by ``area_id``, with a CRS; borders are drawn between areas of two names in a column
        ``municipality``.
    crs
        What the page draws in, of :func:`choose_crs`. Only in their own CRS can areas be cells.
    """
    target = pyproj.CRS.from_user_input(crs)
    here = target.equals(areas.crs, ignore_axis_order=True)
    geometry = np.asarray((areas.geometry if here else areas.geometry.to_crs(target)).array)
    cells = find_cells(geometry) if here else None
    if cells is None:
        return _polygons(geometry, areas.get(MUNICIPALITY))
    named = are_named_by_place([str(i) for i in areas.index[cells.order]], cells)
    side = int(cells.side) if named else None
    return Shapes("cells", cells.origin, cells.side, cells.size, cells.order, side, encode_cells(cells))


def _polygons(geometry: npt.NDArray[Any], municipality: pd.Series | None) -> Shapes:
    xmin, ymin, xmax, ymax = (float(v) for v in shapely.total_bounds(geometry))
    tolerance = float(np.clip(max(xmax - xmin, ymax - ymin) / 20_000, _FINEST, _COARSEST))
    origin = (float(np.floor(xmin)), float(np.floor(ymin)))
    quantum = max(0.5, round(tolerance / 5 * 2) / 2)
    # From here on a step is the unit: what is inside, or has vanished, is judged where it is drawn.
    steps = shapely.transform(
        _simplified(geometry, tolerance), lambda xy: (xy - np.asarray(origin)) / quantum
    )
    arcs = share_arcs(_rings(steps))
    groups = np.zeros(len(steps), dtype=np.int64) if municipality is None else _groups(municipality)
    encoded = encode_arcs(
        arcs, n_areas=len(steps), points=_points(steps), dividing=dividing_arcs(arcs, groups)
    )
    size = (int(np.ceil((xmax - origin[0]) / quantum)), int(np.ceil((ymax - origin[1]) / quantum)))
    return Shapes("polygons", origin, quantum, size, np.arange(len(steps)), None, encoded)


def _simplified(geometry: npt.NDArray[Any], tolerance: float) -> npt.NDArray[Any]:
    """Simplify a detailed coverage; leave squares and light boundaries as they are."""
    if shapely.get_num_coordinates(geometry).sum() <= _FEW_VERTICES:
        return geometry
    if (shapely.get_num_coordinates(geometry) <= 5).all():
        return geometry
    simple = np.asarray(shapely.coverage_simplify(geometry, tolerance), dtype=object)
    return np.where(shapely.is_empty(simple), geometry, simple)


def _rings(steps: npt.NDArray[Any]) -> Rings:
    """Return every ring, rounded; an area that rounding would wipe out becomes a square of one step."""
    rings = _rounded(steps)
    lost = np.setdiff1d(np.arange(len(steps)), rings.area)
    if lost.size:
        corner = np.floor(shapely.bounds(steps[lost])[:, :2])
        steps = steps.copy()
        steps[lost] = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 1, corner[:, 1] + 1)
        rings = _rounded(steps)
    return rings


def _rounded(steps: npt.NDArray[Any]) -> Rings:
    parts, area = shapely.get_parts(steps, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    start = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))])
    return clean_rings(np.rint(shapely.get_coordinates(rings)).astype(np.int64), start, area[part])


def _points(steps: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return a point in the largest part of each area, whole steps, where its name is written."""
    parts, area = shapely.get_parts(steps, return_index=True)
    by_size = np.lexsort((-shapely.area(parts), area))
    largest = parts[by_size[np.searchsorted(area, np.arange(len(steps)))]]
    inside = shapely.get_coordinates(shapely.point_on_surface(largest))
    # A narrow part may hold a corner of the point's step, but not the nearest one.
    points: npt.NDArray[np.float64] = np.rint(inside)
    for x, y in ((np.floor, np.floor), (np.ceil, np.floor), (np.floor, np.ceil), (np.ceil, np.ceil)):
        out = ~shapely.contains_xy(largest, points)
        points[out] = np.stack([x(inside[out, 0]), y(inside[out, 1])], axis=1)
    return points.astype(np.int64)


def _groups(municipality: pd.Series) -> npt.NDArray[np.int64]:
    """Number the municipalities from 1; 0 where none is stated."""
    names = municipality.fillna("").astype(str).str.strip().to_numpy()
    return np.asarray(np.where(names == "", 0, pd.factorize(names)[0] + 1), dtype=np.int64)
