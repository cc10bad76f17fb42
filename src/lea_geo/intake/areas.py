"""Boundaries from files, made to keep the areas contract or refused with every reason at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.area_files import add_missing_column
from lea_geo._checks.areas import (
    add_collapsed_fault,
    add_crs_faults,
    add_geometry_faults,
    add_id_faults,
    add_place_faults,
    check_column_name,
    check_crs,
)
from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import AreasError
from lea_geo.intake._area_ids import ID_SCHEMES, area_ids_of
from lea_geo.intake._boundary_file import BoundaryFile, read_boundary_file
from lea_geo.intake._letters import notes_on_letters
from lea_geo.schema import AREA_ID, DEFAULT_CRS

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray
    from pyproj import CRS


def read_areas(
    path: str | PathLike[str],
    *,
    area_id: str,
    layer: str | None = None,
    crs: CRS | str | int | None = None,
    id_scheme: str | None = None,
) -> gpd.GeoDataFrame:
    """Read boundaries as areas: one valid (multi)polygon for each id, in metres.

    Parameters
    ----------
    path
        A GeoPackage (``.gpkg``), GeoJSON (``.geojson``, ``.json``), Shapefile (``.shp``, or in a ``.zip``) or
        Parquet file (``.parquet``).
    area_id
        The column that holds the ids. It must hold text or whole numbers: floating-point numbers merge ids.
    layer
        The layer to read; may be left out where only one has geometry.
    crs
        The projected CRS in metres that the result is in; left out: EPSG:3067. A file that states no CRS is
        taken to be in it, with a note, and is refused where ``crs`` is left out.
    id_scheme
        What is known of the ids: ``postal`` (five digits) and ``municipality`` (three digits) restore leading
        zeros, with a note; ``grid`` demands Statistics Finland's grid ids. Left out: nothing is inferred.

    Returns
    -------
    GeoDataFrame
        Indexed by ``area_id`` (unique strings), with the rows and columns of the file in the file's order.
        Invalid polygons are repaired. ``.attrs["notes"]`` says, one sentence each, what was reprojected,
        repaired (with the change of area in m2), restored or noticed.

    Raises
    ------
    UsageError
        If an option is wrong: a CRS in degrees or feet, an unknown scheme, a NUL character in a name.
    AreasError
        If the file cannot be read, is cut off or reaches outside itself; or, all told at once, if its CRS or
        its id column is missing, ids are blank, repeated, malformed or floating-point numbers, axes are
        swapped, coordinates lie outside the place of the CRS, or geometry is null, empty or not polygonal.
    """
    target = check_crs(DEFAULT_CRS if crs is None else crs)
    scheme = None if id_scheme is None else check_choice("id_scheme", id_scheme, ID_SCHEMES)
    column = check_column_name("area_id", area_id)
    file = read_boundary_file(path, layer)
    faults, notes = Faults(), list(file.notes)
    if file.frame.empty:
        faults.add("it holds not a single area")
    ids, labels = _ids(file, column, scheme, faults, notes)
    stated = _stated_crs(file.frame, target if crs is not None else None, notes)
    add_crs_faults(faults, target if stated is not None else None, "")
    geometry = _geometry(
        file.frame.geometry, labels, stated=stated, target=target, faults=faults, notes=notes
    )
    faults.raise_if_any(AreasError, f"{file.path.name} does not hold areas that can be used.")
    areas = file.frame.set_geometry(gpd.GeoSeries(geometry, index=file.frame.index, crs=target))
    areas = _indexed(areas, ids, column, notes)
    areas.attrs["notes"] = [*notes, *notes_on_letters(pd.DataFrame(areas.drop(columns="geometry")))]
    return areas


def _ids(
    file: BoundaryFile, column: str, scheme: str | None, faults: Faults, notes: list[str]
) -> tuple[list[str], list[str]]:
    """Return the ids, and a label for each row that a message can name."""
    frame = file.frame
    ids: list[str] | None = None
    if column not in frame.columns or column == frame.geometry.name:
        add_missing_column(faults, column, [str(c) for c in frame.columns if c != frame.geometry.name])
    else:
        ids = area_ids_of(frame[column], file.kinds.get(column, "other"), scheme, faults, notes)
    if ids is None:
        rows = [f"row {i + 1}" for i in range(len(frame))]
        return rows, rows
    return ids, add_id_faults(faults, ids)


def _stated_crs(frame: gpd.GeoDataFrame, assumed: CRS | None, notes: list[str]) -> CRS | None:
    """Return the CRS that the file states, or the one that the caller says it is in."""
    # GeoPackage writes "no CRS" as a CRS of its own.
    if frame.crs is not None and not str(frame.crs.name).lower().startswith("undefined"):
        return frame.crs
    if assumed is not None:
        notes.append(f"The file states no coordinate reference system; it was taken to be in {assumed.name}.")
    return assumed


def _geometry(
    geometry: gpd.GeoSeries,
    labels: list[str],
    *,
    stated: CRS | None,
    target: CRS,
    faults: Faults,
    notes: list[str],
) -> NDArray[np.object_]:
    """Return the polygons in the CRS of the result, repaired; what is unsound stays as it was."""
    sound = add_geometry_faults(faults, geometry, labels)
    polygons = np.asarray(geometry.array, dtype=object).copy()
    if stated is None or not sound.any():
        return polygons
    if shapely.has_z(polygons[sound]).any():
        polygons[sound] = shapely.force_2d(polygons[sound])
        notes.append("Heights were left out.")
    names = [labels[i] for i in np.flatnonzero(sound).tolist()]
    before = gpd.GeoSeries(polygons[sound], crs=stated)
    if stated.equals(target, ignore_axis_order=True):
        placed = before.set_crs(target, allow_override=True)
    else:
        placed = before.to_crs(target)
        notes.append(f"The areas were reprojected from {stated.name} to {target.name}.")
    add_place_faults(faults, placed, before, names)
    whole = np.asarray(placed.array, dtype=object).copy()
    # A polygon that is broken in the file is named even where rounding in the reprojection mends it.
    for i in np.flatnonzero(~(before.is_valid & placed.is_valid).to_numpy()).tolist():
        reason = shapely.is_valid_reason(placed[i] if before[i].is_valid else before[i])
        whole[i] = _repaired(whole[i], names[i], reason.partition("[")[0], notes)
    empty = np.flatnonzero(shapely.is_empty(whole)).tolist()
    add_collapsed_fault(faults, [names[i] for i in empty], len(names))
    polygons[sound] = whole
    return polygons


def _repaired(polygon: shapely.Geometry, name: str, reason: str, notes: list[str]) -> shapely.Geometry:
    """Return a valid polygon, perhaps empty, and note how its area changed."""
    before = polygon.area
    if not np.isfinite(before):
        return polygon
    # Shells are merged and holes cut out: the reading of a boundary that its author had in mind.
    valid = _polygonal(shapely.make_valid(polygon, method="structure", keep_collapsed=False))
    notes.append(
        f"Area {name} was repaired ({reason}): its surface changed by {valid.area - before:+.1f} m2, "
        f"from {before:.1f} to {valid.area:.1f} m2."
    )
    return valid


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])


def _indexed(areas: gpd.GeoDataFrame, ids: list[str], column: str, notes: list[str]) -> gpd.GeoDataFrame:
    """Return the areas indexed by their ids; the column stays unless the index has its name."""
    if column == AREA_ID:
        areas = areas.drop(columns=AREA_ID)
    elif AREA_ID in areas.columns:
        areas = areas.rename(columns={AREA_ID: f"{AREA_ID}_in_file"})
        notes.append(
            f"The file's column {AREA_ID!r} is called '{AREA_ID}_in_file', as the index has its name."
        )
    return areas.set_index(pd.Index(ids, dtype="str", name=AREA_ID))
