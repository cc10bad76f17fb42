"""The areas contract: what a GeoDataFrame must be before anything is computed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, UsageError
from lea_geo.schema import AREA_ID, DEFAULT_CRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FINLAND = (50_000, 6_580_000, 765_000, 7_800_000)
"""The bounds of EPSG:3067, land and sea, rounded outwards to 5 km: xmin, ymin, xmax, ymax in metres."""


# Degrees. Municipal zones (EPSG:3873-3885) are used well beyond the strip that their definition names.
_AROUND = 2.0


def check_areas(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ``areas`` if they keep the areas contract.

    Parameters
    ----------
    areas
        What should be a GeoDataFrame indexed by unique, non-blank strings, with valid non-empty
        (multi)polygons in a projected CRS in metres.

    Raises
    ------
    AreasError
        With everything that is wrong.
    """
    faults = Faults()
    heading = "The areas cannot be used."
    if not isinstance(areas, gpd.GeoDataFrame):
        faults.add(
            f"areas is a {type(areas).__name__}", cure="Give a GeoDataFrame, such as read_areas returns."
        )
        faults.raise_if_any(AreasError, heading)
    try:
        geometry = areas.geometry
    except AttributeError:
        faults.add("the frame has no geometry column", cure="Name it with areas.set_geometry(...).")
        faults.raise_if_any(AreasError, heading)
    if areas.empty:
        faults.add("there is not a single area")
    labels = add_index_faults(faults, areas.index)
    sound = add_geometry_faults(faults, geometry, labels)
    add_invalid_faults(faults, geometry[sound], [labels[i] for i in np.flatnonzero(sound).tolist()])
    add_crs_faults(faults, areas.crs, f"Reproject them: areas.to_crs({DEFAULT_CRS!r}).")
    faults.raise_if_any(AreasError, heading)
    return areas


def check_crs(crs: object) -> CRS:
    """Return ``crs`` as a pyproj CRS if a result can be in it: projected, in metres."""
    try:
        found = CRS.from_user_input(crs)
    except CRSError as error:
        raise UsageError(
            f"crs is {crs!r}, which is no coordinate reference system; try {DEFAULT_CRS!r}."
        ) from error
    problem = crs_problem(found)
    if problem:
        raise UsageError(
            f"crs is {_named(found)}, which {problem}; areas need metres, such as {DEFAULT_CRS}."
        )
    return found


def crs_problem(crs: CRS) -> str:
    """Say why areas cannot be in ``crs``; empty if they can."""
    if not crs.is_projected:
        return "is not projected (its unit is no length)"
    units = {axis.unit_name for axis in crs.axis_info[:2] if axis.unit_conversion_factor != 1}
    return f"is in {', '.join(sorted(units))}, not metres" if units else ""


def add_crs_faults(faults: Faults, crs: CRS | None, cure: str) -> None:
    """Note a CRS that is missing or not in metres."""
    if crs is None:
        faults.add("no coordinate reference system is stated", cure="Say which one with set_crs or crs=.")
    elif problem := crs_problem(crs):
        faults.add(f"{_named(crs)} {problem}", cure=cure)


def add_index_faults(faults: Faults, index: pd.Index) -> list[str]:
    """Note ids that are not text, blank or repeated; return a label for each row."""
    if index.nlevels > 1:
        faults.add("the index has several levels", cure=f"Index the areas by one column of ids, {AREA_ID}.")
        return [f"row {i + 1}" for i in range(len(index))]
    ids = index.to_numpy(dtype=object)
    known = index.notna().tolist()
    other = [repr(i) for i, is_known in zip(ids, known, strict=True) if is_known and not isinstance(i, str)]
    if other:
        faults.add(
            "area ids that are not text",
            ids=other,
            of=len(ids),
            cure="Index the areas by strings; numbers lose leading zeros.",
        )
    texts = [str(i) if is_known else "" for i, is_known in zip(ids, known, strict=True)]
    return add_id_faults(faults, texts)


def add_id_faults(faults: Faults, ids: Sequence[str]) -> list[str]:
    """Note ids that are blank or repeated; return a label for each row: its id, or its number."""
    rows = [text if text.strip() else f"row {i + 1}" for i, text in enumerate(ids)]
    blank = [row for text, row in zip(ids, rows, strict=True) if not text.strip()]
    if blank:
        faults.add("blank area ids", ids=blank, of=len(ids), cure="Give every area its id, or leave it out.")
    filled = pd.Series([text for text in ids if text.strip()], dtype=object)
    repeated = list(dict.fromkeys(filled[filled.duplicated(keep=False)]))
    if repeated:
        faults.add(
            "duplicate area ids",
            ids=repeated,
            of=len(ids),
            cure="Dissolve the parts of an area into one, or choose a column that names each once.",
        )
    return rows


def add_geometry_faults(faults: Faults, geometry: gpd.GeoSeries, labels: Sequence[str]) -> NDArray[np.bool_]:
    """Note geometry that is null, empty, no polygon or no numbers; return which rows are sound."""
    shapes = np.asarray(geometry.array, dtype=object)
    null = np.array([shape is None for shape in shapes], dtype=bool)
    empty = ~null & shapely.is_empty(shapes)
    other = ~null & ~empty & ~np.isin(shapely.get_type_id(shapes), (3, 6))
    coordinates, rows = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[rows[~np.isfinite(coordinates).all(axis=1)]] = True
    kinds = sorted({shape.geom_type for shape in shapes[other]})
    for what, affected, cure in (
        ("areas with null or unreadable geometry", null, "Draw them, or leave them out."),
        ("areas with empty geometry", empty, "Draw them, or leave them out."),
        (f"areas that are no polygons but {', '.join(kinds)}", other, "Areas need polygons."),
        ("areas with coordinates that are no numbers", broken, "Draw them again."),
    ):
        if affected.any():
            faults.add(
                what, ids=[labels[i] for i in np.flatnonzero(affected).tolist()], of=len(shapes), cure=cure
            )
    sound: NDArray[np.bool_] = ~(null | empty | other | broken)
    return sound


def add_invalid_faults(faults: Faults, geometry: gpd.GeoSeries, labels: Sequence[str]) -> None:
    """Note polygons that cross themselves or are broken in another way."""
    shapes = np.asarray(geometry.array, dtype=object)
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if invalid.size:
        faults.add(
            f"invalid polygons, the first because of: {shapely.is_valid_reason(shapes[invalid[0]])}",
            ids=[labels[i] for i in invalid.tolist()],
            of=len(shapes),
            cure="read_areas repairs them and says what it changed.",
        )


def add_place_faults(
    faults: Faults, placed: gpd.GeoSeries, stated: gpd.GeoSeries, labels: Sequence[str]
) -> None:
    """Note areas that lie outside the place where their CRS is used, and say if swapped axes explain it.

    ``placed`` is in the CRS of the result, ``stated`` in that of the file; both in the order of ``labels``.
    """
    away = ~_in_place(placed)
    if not away.any():
        return
    turned = stated[away].transform(lambda xy: xy[:, ::-1]).to_crs(placed.crs)
    swapped = np.zeros(len(placed), dtype=bool)
    swapped[away] = _in_place(turned)
    for what, affected, cure in (
        (
            f"areas with swapped axes (northing or latitude first) in {_named(stated.crs)}",
            swapped,
            "Write easting (longitude) first, northing (latitude) second.",
        ),
        (
            f"areas outside the place of {_named(placed.crs)}{_finnish(placed.crs)}",
            away & ~swapped,
            f"Their coordinates are not {_named(stated.crs)}; state the right CRS.",
        ),
    ):
        if affected.any():
            faults.add(
                what, ids=[labels[i] for i in np.flatnonzero(affected).tolist()], of=len(placed), cure=cure
            )


def check_extent_crs(extent: gpd.GeoSeries, crs: object, *, bare: bool) -> CRS:
    """Return the CRS of polygons that outline an extent, or raise if they do not."""
    faults = Faults()
    labels = [str(label) for label in extent.index]
    sound = add_geometry_faults(faults, extent, labels)
    add_invalid_faults(faults, extent[sound], [labels[i] for i in np.flatnonzero(sound).tolist()])
    if extent.empty:
        faults.add("the extent holds no geometry")
    given = None if crs is None else CRS.from_user_input(crs)
    stated = extent.crs or given or (CRS.from_user_input(DEFAULT_CRS) if bare else None)
    if stated is None:
        faults.add("the extent states no coordinate reference system", cure="Say which one with crs=.")
    elif given is not None and not stated.equals(given, ignore_axis_order=True):
        faults.add(f"the extent is in {_named(stated)}, but crs says {_named(given)}", cure="Leave crs out.")
    faults.raise_if_any(AreasError, "The grid cannot be built.")
    return stated


def _in_place(geometry: gpd.GeoSeries) -> NDArray[np.bool_]:
    if geometry.crs.to_epsg() == 3067:
        left, bottom, right, top = FINLAND
        bounds = geometry.bounds.to_numpy()
    elif geometry.crs.area_of_use is None:
        return np.ones(len(geometry), dtype=bool)
    else:
        left, bottom, right, top = np.array(geometry.crs.area_of_use.bounds) + _AROUND * np.array(
            [-1, -1, 1, 1]
        )
        bounds = geometry.to_crs("EPSG:4326").bounds.to_numpy()
    inside: NDArray[np.bool_] = ((bounds >= (left, bottom) * 2) & (bounds <= (right, top) * 2)).all(axis=1)
    return inside


def _finnish(crs: CRS) -> str:
    left, bottom, right, top = FINLAND
    return f" (easting {left} to {right} m, northing {bottom} to {top} m)" if crs.to_epsg() == 3067 else ""


def _named(crs: CRS | None) -> str:
    if crs is None:
        return "no CRS"
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def check_column_name(name: str, value: str) -> str:
    """Return ``value`` if it can be the name of a column."""
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name} is {value!r}; it must be the name of a column.")
    return value


def add_id_kind_fault(faults: Faults, column: str, kind: str) -> None:
    """Note an id column that holds neither text nor whole numbers."""
    held = (
        "floating-point numbers, which merge ids and lose zeros"
        if kind == "float"
        else "neither text nor numbers"
    )
    faults.add(f"column {column!r} holds {held}", cure="Write the ids as text, such as '00100'.")


def add_malformed_ids(faults: Faults, what: str, ids: Sequence[str]) -> None:
    """Note ids that cannot be what they should be."""
    if ids:
        faults.add(what, ids=ids, cure="Take them from the source again, as text.")


def add_collapsed_fault(faults: Faults, ids: Sequence[str], of: int) -> None:
    """Note polygons that enclose nothing once they are repaired."""
    if ids:
        faults.add("invalid polygons that enclose nothing", ids=ids, of=of, cure="Draw them again.")
