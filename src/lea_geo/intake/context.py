"""Water and borders: what a map draws around its areas, and tests nothing on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks import context as check
from lea_geo.errors import AreasError
from lea_geo.intake._boundary_file import read_boundary_file

if TYPE_CHECKING:
    from pathlib import Path

_Shapes = np.ndarray[Any, np.dtype[np.object_]]
MARGIN = 0.5
"""How far beyond the areas something is drawn, as a share of the longer side of their extent."""
_NAMES = ("name", "nimi", "name_fi", "namefin", "kunta_nimi", "kuntanimi", "namn", "name_sv", "nameswe")
"""Columns that hold names, the likeliest first, in any case."""
_LOST = r"[\x00-\x1f\x7f\ufffd]"
"""What stands where a letter was lost on the way."""


def read_context(path: Path, *, kind: str) -> gpd.GeoDataFrame:
    """Read the polygons of a file that a map draws around its areas.

    Parameters
    ----------
    path
        A GeoPackage, GeoJSON, Shapefile or Parquet file with one layer of polygons.
    kind
        One of ``schema.CONTEXT_KINDS``.

    Returns
    -------
    GeoDataFrame
        ``kind``, ``name`` (empty where no column is called so) and ``geometry``: valid polygons in the
        file's CRS; ``attrs["notes"]`` says which names were left out.

    Raises
    ------
    AreasError
        The file cannot be read, states no CRS, or holds anything but polygons.
    """
    try:
        frame = read_boundary_file(path, None).frame
    except AreasError as error:
        raise check.refuse_context(path, kind, error.faults) from error
    check.check_context(path, kind, frame)
    columns = {str(name).lower(): name for name in frame.columns if name != frame.geometry.name}
    named = next((columns[name] for name in _NAMES if name in columns), None)
    blank = pd.Series("", index=frame.index, dtype="str")
    names = blank if named is None else frame[named].astype("str").fillna("").str.strip()
    lost = names.str.contains(_LOST)
    shapes = frame.geometry.to_numpy().copy()
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    named_by = {"kind": kind, "name": names.where(~lost, "")}
    context = gpd.GeoDataFrame(named_by, geometry=_flat(shapes), crs=frame.crs)
    context.attrs["notes"] = [f"{lost.sum()} names of {path.name} have lost letters and are left out."] * any(
        lost
    )
    return context


def clip_context(context: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """Bring what was read to the areas: to their CRS, and to their extent and a margin around it.

    Water is cut there. Borders that reach into it stay whole: a cut would be drawn as one more border.

    Parameters
    ----------
    context
        As :func:`read_context` returns it.
    areas
        What the map is of.
    path
        Where the context came from, for messages.

    Returns
    -------
    GeoDataFrame
        In the areas' CRS, with ``attrs["notes"]``.

    Raises
    ------
    AreasError
        All of it lies elsewhere.
    """
    kind = str(context["kind"].iloc[0])
    window = _window(areas)
    placed = context[_near(context, window, areas)].to_crs(areas.crs)
    shapes = placed.geometry.to_numpy()
    inside = _flat(shapely.intersection(shapes, window))
    kept = ~shapely.is_empty(inside)
    shapes = shapes if kind == "border" else inside
    if not kept.any():
        raise check.refuse_elsewhere(path, kind)
    found = placed[kept].set_geometry(gpd.GeoSeries(shapes[kept], index=placed.index[kept], crs=areas.crs))
    found = found.reset_index(drop=True)
    drawn = f"{path.name} is drawn as {kind} and changes no number: {len(found)} shapes."
    found.attrs["notes"] = [drawn, *context.attrs["notes"]]
    return found


def _window(areas: gpd.GeoDataFrame) -> shapely.Geometry:
    left, bottom, right, top = areas.total_bounds
    around = MARGIN * max(right - left, top - bottom)
    return shapely.box(left - around, bottom - around, right + around, top + around)


def _near(
    context: gpd.GeoDataFrame, window: shapely.Geometry, areas: gpd.GeoDataFrame
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which shapes can be in the window: a shape of the whole world need not survive a projection."""
    there = gpd.GeoSeries([shapely.segmentize(window, window.length / 400)], crs=areas.crs).to_crs(
        context.crs
    )
    return np.asarray(shapely.intersects(context.geometry.to_numpy(), shapely.box(*there.total_bounds)))


def _flat(shapes: _Shapes) -> _Shapes:
    """Return the polygons of each shape without heights, as simple as they can be; perhaps none."""
    parts, rows = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # collections within collections
    rows = rows[inner]
    solid = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    solid &= ~shapely.is_empty(parts)
    found = np.full(len(shapes), shapely.Polygon(), dtype=object)
    of, first, counts = np.unique(rows[solid], return_index=True, return_counts=True)
    if len(of):
        found[of] = shapely.multipolygons(parts[solid], indices=np.repeat(np.arange(len(of)), counts))
        found[of[counts == 1]] = parts[solid][first[counts == 1]]
    return found
