"""Statistics Finland's grid cells of 250 m, 1 km and 5 km: squares from ids, ids from places.

A cell's id (``grd_id``) is its size and its lower-left corner in EPSG:3067, northing first, each counted in a
unit of its own:

======  =========================  ====================================
size    id                         unit of N and E
======  =========================  ====================================
250 m   ``250mN667500E38500``      10 m (six and five digits)
1 km    ``1kmN6675E0385``          1 km (four digits each)
5 km    ``5kmN1335E0077``          5 km (four digits each)
======  =========================  ====================================

Statistics Finland's page on the grid net describes the 5 km ids so, and its population grid holds
``5kmN1338E0017`` in Eckerö. Others write a 5 km cell in kilometres (``5kmN6690E0085``, as European grids do).
No cell of Finland can be mistaken for another that way: both are read, the first is written.

Cells are half-open: a cell holds its lower and left edges but not its upper and right ones, so that every
point, a corner too, lies in exactly one cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any, NamedTuple, TypeAlias, overload

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from lea_geo._checks.areas import check_extent_crs
from lea_geo._checks.grid import (
    check_cell_size,
    check_corners,
    check_extent,
    check_points,
    check_unique_cells,
    refuse_ids,
)
from lea_geo.errors import UsageError
from lea_geo.intake._grid_ids import PATTERNS, SPELLINGS, letters_of, named_size, number_at
from lea_geo.schema import AREA_ID, DEFAULT_CRS

CELL_SIZES = (250, 1000, 5000)
"""The sizes of Statistics Finland's cells, in metres."""


# 5 km steps from the equator are 1316 to 1560 in Finland, kilometres 6580 to 7800.
_FIRST_KILOMETRE = 6000


class GridCorners(NamedTuple):
    """The lower-left corners of grid cells, in metres of EPSG:3067."""

    cell_size: int
    """The side of every cell, in metres."""
    northing: NDArray[np.int64]
    """One a cell, in the order of the ids."""
    easting: NDArray[np.int64]
    """One a cell, in the order of the ids."""


Extent: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry | Iterable[float] | Iterable[str]
Coordinates = Sequence[float] | NDArray[Any] | pd.Series


@overload
def grid_id(x: float, y: float, cell_size: int) -> str: ...
@overload
def grid_id(x: Coordinates, y: Coordinates, cell_size: int) -> NDArray[np.object_]: ...
def grid_id(x: float | Coordinates, y: float | Coordinates, cell_size: int) -> str | NDArray[np.object_]:
    """Return the id of the cell whose lower-left corner is given; :func:`parse_grid_ids` turns back.

    Parameters
    ----------
    x, y
        Easting and northing of the corner, metres in EPSG:3067; numbers, or sequences of the same length.
    cell_size
        250, 1000 or 5000 metres.

    Returns
    -------
    str or array of str
        One id a corner, as Statistics Finland writes it.

    Raises
    ------
    UsageError
        If the cell size is none of the three.
    AreasError
        If a corner is no multiple of the cell size or lies outside Finland.

    Examples
    --------
    >>> grid_id(385_000, 6_675_000, 1000)
    '1kmN6675E0385'
    >>> grid_id(385_250, 6_675_000, 250)
    '250mN667500E38525'
    """
    easting, northing, size = _points(x, y, cell_size)
    check_points(easting, northing)
    # A label is made of a corner only where a fault names it.
    labels = (f"{e:.10g} {n:.10g}" for e, n in zip(easting, northing, strict=True))
    check_corners(labels, easting, northing, size)
    return _in_the_shape_of(x, _ids(northing.astype(np.int64), easting.astype(np.int64), size))


@overload
def cell_of(x: float, y: float, cell_size: int) -> str: ...
@overload
def cell_of(x: Coordinates, y: Coordinates, cell_size: int) -> NDArray[np.object_]: ...
def cell_of(x: float | Coordinates, y: float | Coordinates, cell_size: int) -> str | NDArray[np.object_]:
    """Return the id of the one cell in which each point lies.

    Parameters
    ----------
    x, y
        Easting and northing, metres in EPSG:3067; numbers, or sequences of the same length.
    cell_size
        250, 1000 or 5000 metres.

    Returns
    -------
    str or array of str
        One id a point. A point on an edge belongs to the cell above or to the right of it.

    Raises
    ------
    UsageError
        If the cell size is none of the three.
    AreasError
        If a point lies outside Finland or is no number.

    Examples
    --------
    >>> cell_of(385_999.9, 6_675_000, 1000)
    '1kmN6675E0385'
    >>> cell_of(386_000, 6_675_000, 1000)
    '1kmN6675E0386'
    """
    easting, northing, size = _points(x, y, cell_size)
    check_points(easting, northing)
    row, column = (np.floor(c / size).astype(np.int64) for c in (northing, easting))
    return _in_the_shape_of(x, _ids(row * size, column * size, size))


def parse_grid_ids(ids: Iterable[str]) -> GridCorners:
    """Return the size and the lower-left corners that grid ids name; :func:`grid_id` turns back.

    Parameters
    ----------
    ids
        Ids of cells of one size; they may repeat.

    Returns
    -------
    GridCorners
        ``(cell_size, northing, easting)``, the last two as arrays in the order of ``ids``.

    Raises
    ------
    AreasError
        If an id is malformed, off the grid or outside Finland, or if the sizes differ; all are named.

    Examples
    --------
    >>> cell_size, northing, easting = parse_grid_ids(["250mN667500E38525"])
    >>> cell_size, int(northing[0]), int(easting[0])
    (250, 6675000, 385250)
    """
    names = ids if isinstance(ids, pd.Index) else list(ids)
    letters = letters_of(names)
    size = named_size(letters)
    if size is None:
        refuse_ids(list(names), PATTERNS)
    prefix, unit, wide, narrow = SPELLINGS[size]
    norths = number_at(letters, len(prefix) + 1, wide)
    easts = number_at(letters, len(prefix) + wide + 2, narrow)
    unit_of_each = np.where(_in_kilometres(norths, size), 1000, unit)
    northing, easting = norths * unit_of_each, easts * unit_of_each
    check_corners(names, easting, northing, size)
    return GridCorners(size, northing, easting)


def is_grid_ids(ids: pd.Index[str]) -> bool:
    """Say whether all ids look like those of Statistics Finland's cells of one size."""
    return named_size(letters_of(ids)) is not None


def build_grid(
    extent: Extent,
    *,
    cell_size: int | None = None,
    crs: object = None,
) -> gpd.GeoDataFrame:
    """Return Statistics Finland's cells as areas: those that cover an extent, or those that ids name.

    Parameters
    ----------
    extent
        ``(xmin, ymin, xmax, ymax)``; a geometry, GeoSeries or GeoDataFrame; or any iterable of grid ids.
    cell_size
        250, 1000 or 5000 metres. May be left out for ids, which say it themselves.
    crs
        The CRS in which a box or a bare geometry is stated; left out: EPSG:3067. The cells are always in
        EPSG:3067, where they are squares; an extent in another CRS is reprojected, with a note.

    Returns
    -------
    GeoDataFrame
        Areas: indexed by ``area_id`` (the grid id), with exact squares and the integer columns ``northing``,
        ``easting`` (lower-left corner, m) and ``cell_size`` (m). Ids keep their order and spelling; the cells
        of an extent go by northing, then easting. A box ``[xmin, xmax) x [ymin, ymax)`` is covered by the
        half-open cells that it meets; a geometry by the cells that share some surface with it. What was
        assumed is in ``.attrs["notes"]``.

    Raises
    ------
    UsageError
        If the cell size is missing or none of the three, or the extent is none of the above.
    AreasError
        If ids are malformed, repeated, of several sizes, off the grid or outside Finland; if an extent is
        empty, outside Finland, without CRS or needs more than ten million cells.

    Examples
    --------
    >>> build_grid((385_000, 6_675_000, 386_000, 6_675_500), cell_size=1000).index.tolist()
    ['1kmN6675E0385']
    >>> int(build_grid(["250mN667500E38525"]).area.iloc[0])
    62500
    """
    if isinstance(extent, gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry):
        size = check_cell_size(cell_size, CELL_SIZES)
        shape, notes = _polygons(extent, crs)
        return _frame(*_cells_of_shape(shape, size), size, notes=notes)
    values = _listed(extent)
    if any(isinstance(value, str) for value in values) or not values:
        return _grid_of_ids(values, cell_size, crs)
    if len(values) != 4 or not all(isinstance(value, Real) for value in values):
        raise UsageError(_NO_EXTENT)
    size = check_cell_size(cell_size, CELL_SIZES)
    if crs is None:
        return _frame(*_cells_of_box([float(v) for v in values], size), size, notes=[])
    shape, notes = _polygons(shapely.box(*values), crs)
    return _frame(*_cells_of_shape(shape, size), size, notes=notes)


_NO_EXTENT = (
    "extent must be (xmin, ymin, xmax, ymax), a geometry, a GeoDataFrame, or an iterable of grid ids."
)


def _listed(extent: object) -> list[Any]:
    if isinstance(extent, str | bytes) or not isinstance(extent, Iterable):
        raise UsageError(f"{_NO_EXTENT} A single id goes into a list.")
    return list(extent)


def _points(
    x: ArrayLike, y: ArrayLike, cell_size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    size = check_cell_size(cell_size, CELL_SIZES)
    easting, northing = (np.atleast_1d(np.asarray(c, dtype=float)) for c in (x, y))
    if easting.shape != northing.shape:
        raise UsageError(f"x has {easting.size} coordinates and y has {northing.size}; they must be as many.")
    return easting, northing, size


def _in_the_shape_of(x: ArrayLike, ids: list[str]) -> str | NDArray[np.object_]:
    return ids[0] if np.ndim(x) == 0 else np.array(ids, dtype=object)


def _ids(northing: NDArray[np.int64], easting: NDArray[np.int64], size: int) -> list[str]:
    prefix, unit, wide, narrow = SPELLINGS[size]
    norths, easts = (northing // unit).tolist(), (easting // unit).tolist()
    return [f"{prefix}N{n:0{wide}d}E{e:0{narrow}d}" for n, e in zip(norths, easts, strict=True)]


def _in_kilometres(norths: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    return (norths >= _FIRST_KILOMETRE) & (size == 5000)


def _grid_of_ids(ids: list[Any], cell_size: int | None, crs: object) -> gpd.GeoDataFrame:
    if crs is not None:
        raise UsageError("crs says where an extent is; grid ids are always in EPSG:3067.")
    size, northing, easting = parse_grid_ids(ids)
    if cell_size is not None and check_cell_size(cell_size, CELL_SIZES) != size:
        raise UsageError(f"cell_size is {cell_size}, but the ids name cells of {size} metres.")
    check_unique_cells(ids, _keys(northing, easting))
    notes = []
    if size == 5000 and (foreign := len(set(ids) - set(_ids(northing, easting, size)))):
        notes.append(
            f"{foreign} of {len(ids)} ids name 5 km cells in kilometres; they were kept as they are. "
            "Statistics Finland counts such cells in steps of 5 km."
        )
    return _frame(northing, easting, size, ids=ids, notes=notes)


def _frame(
    northing: NDArray[np.int64],
    easting: NDArray[np.int64],
    size: int,
    *,
    notes: list[str],
    ids: list[str] | None = None,
) -> gpd.GeoDataFrame:
    names = _ids(northing, easting, size) if ids is None else ids
    grid = gpd.GeoDataFrame(
        {"northing": northing, "easting": easting, "cell_size": np.full(northing.size, size, dtype=np.int64)},
        index=pd.Index(names, dtype="str", name=AREA_ID),
        geometry=shapely.box(easting, northing, easting + size, northing + size),
        crs=DEFAULT_CRS,
    )
    grid.attrs["notes"] = notes
    return grid


def _keys(northing: NDArray[np.int64], easting: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number a cell, in the order of its northing and then its easting."""
    return northing * 10_000_000 + easting


def _cells_of_box(bounds: Sequence[float], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    check_extent(bounds, size)
    first = np.floor(np.array(bounds[:2]) / size).astype(np.int64)
    end = np.ceil(np.array(bounds[2:]) / size).astype(np.int64)
    easts, norths = (np.arange(a, b, dtype=np.int64) * size for a, b in zip(first, end, strict=True))
    return np.repeat(norths, easts.size), np.tile(easts, norths.size)


def _cells_of_shape(parts: NDArray[np.object_], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the corners of the cells that share some surface with ``parts``, each cell once."""
    check_extent(shapely.total_bounds(parts).tolist(), size)
    keys = [np.empty(0, dtype=np.int64)]
    for part in parts:
        northing, easting = _cells_of_box(shapely.bounds(part).tolist(), size)
        shapely.prepare(part)
        squares = shapely.box(easting, northing, easting + size, northing + size)
        met = shapely.intersects(part, squares) & ~shapely.touches(part, squares)
        keys.append(_keys(northing[met], easting[met]))
    cells = np.unique(np.concatenate(keys))
    return cells // 10_000_000, cells % 10_000_000


def _polygons(
    extent: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry, crs: object
) -> tuple[NDArray[np.object_], list[str]]:
    """Return the polygons of an extent in EPSG:3067, and a note if they had to be reprojected."""
    series = extent.geometry if isinstance(extent, gpd.GeoDataFrame) else gpd.GeoSeries(extent)
    stated = check_extent_crs(series, crs, bare=isinstance(extent, shapely.Geometry))
    notes = []
    if not stated.equals(DEFAULT_CRS, ignore_axis_order=True):
        # A straight edge in one CRS is a curve in another: enough vertices keep it within the cell.
        step = float(np.ptp(series.total_bounds[[0, 2]]) + np.ptp(series.total_bounds[[1, 3]])) / 1000
        series = series.set_crs(stated).segmentize(step).to_crs(DEFAULT_CRS)
        notes.append(f"The extent was reprojected from {stated.name} to {DEFAULT_CRS}.")
    parts = shapely.get_parts(shapely.get_parts(series.to_numpy()))
    return parts, notes
