"""What says where people live within an area: finer areas, points or a raster."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.errors import RasterioIOError

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats
from lea_geo.errors import AreasError, UsageError, ValuesError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HEADING = "The weights cannot say where mass lies."


def check_method(method: str, weights: object, column: str | None, densities: object) -> str | None:
    """Return what the weights are, None where the method looks at none."""
    given = [
        name
        for name, said in (("weights", weights), ("weights_column", column), ("densities", densities))
        if said is not None
    ]
    if method != "dasymetric":
        if given:
            raise UsageError(
                f"method={method!r} takes no {' and no '.join(given)}; leave that out, or use "
                "method='dasymetric'."
            )
        return None
    kind = check_kind(weights)
    if kind == "raster":
        if column is not None:
            raise UsageError("weights_column is of areas and points; of a raster say band=.")
        check_densities(densities)
    elif densities is not None:
        raise UsageError("densities are of the classes of a raster; areas and points have weights_column=.")
    return kind


def check_kind(weights: object) -> str:
    """Return what the weights are: ``areas``, ``points`` or ``raster``."""
    if isinstance(weights, str | Path):
        return "raster"
    if not isinstance(weights, gpd.GeoDataFrame):
        raise UsageError(
            f"weights is a {type(weights).__name__}; method='dasymetric' needs a GeoDataFrame of finer areas "
            "or of points, or the path of a raster."
        )
    faults = Faults()
    kinds = shapely.get_type_id(np.asarray(weights.geometry.array, dtype=object))
    areal, points = np.isin(kinds, (3, 6)), kinds == 0
    if not len(weights):
        faults.add("weights holds no row")
    elif not (areal.all() or points.all()):
        other = weights.index[~(areal if areal.sum() >= points.sum() else points)]
        faults.add(
            "weights are neither all polygons nor all points",
            ids=other,
            of=len(weights),
            cure="Give one kind; weights.explode() takes multipoints apart.",
        )
    faults.raise_if_any(AreasError, HEADING)
    return "areas" if areal.all() else "points"


def check_weights_crs(weights: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
    """Refuse weights in another CRS than the areas."""
    faults = Faults()
    if weights.crs is None or areas.crs is None or not weights.crs.equals(areas.crs, ignore_axis_order=True):
        faults.add(
            f"weights are in {_named(weights.crs)} and the areas in {_named(areas.crs)}",
            cure="Bring them into one: weights.to_crs(areas.crs).",
        )
    faults.raise_if_any(AreasError, HEADING)


def check_weights(weights: gpd.GeoDataFrame, column: str) -> Floats:
    """Return what each row weighs: a number of at least 0."""
    faults = Faults()
    if column not in weights.columns:
        raise UsageError(
            f"weights_column is {column!r}, which weights does not have; its columns are "
            f"{', '.join(map(str, weights.columns[:12]))}."
        )
    numbers = as_floats(faults, column, weights[column])
    for what, wrong, cure in (
        ("weights without a number", np.isnan(numbers), "Say what they hold, or leave them out."),
        ("negative weights", numbers < 0, "A code such as -1 is no number of people."),
    ):
        if wrong.any() and not faults.found:
            faults.add(f"{what} in {column}", ids=weights.index[wrong], of=len(weights), cure=cure)
    if not faults.found and not numbers.any():
        faults.add(f"all weights in {column} are 0", count=len(weights))
    faults.raise_if_any(ValuesError, HEADING)
    return numbers


def opened(path: str | Path) -> rasterio.DatasetReader:
    """Return an open raster."""
    faults = Faults()
    if not Path(path).is_file():
        faults.add(f"there is no file {path}")
        faults.raise_if_any(AreasError, HEADING)
    try:
        return rasterio.open(path)
    except RasterioIOError as error:
        first = str(error).splitlines()[0].rstrip(".")
        faults.add(f"{Path(path).name} is no raster that can be read ({first})")
        raise AreasError(HEADING, faults.found) from None


def check_raster(raster: rasterio.DatasetReader, crs: CRS, band: int) -> None:
    """Refuse a raster that is not on the plane of the areas, is turned, or lacks the band."""
    faults, name = Faults(), Path(raster.name).name
    stated = CRS.from_user_input(raster.crs.to_string()) if raster.crs else None
    if stated is None or not stated.equals(crs, ignore_axis_order=True):
        faults.add(
            f"{name} is in {_named(stated)} and the areas in {_named(crs)}",
            cure="Bring both into one: areas.to_crs(...), or gdalwarp for the raster.",
        )
    if raster.transform.b or raster.transform.d:
        faults.add(f"{name} is turned against its axes", cure="Warp it to a raster that points north.")
    if isinstance(band, bool) or band not in raster.indexes:
        faults.add(f"{name} has no band {band}", cure=f"It has {', '.join(map(str, raster.indexes))}.")
    faults.raise_if_any(AreasError, HEADING)


def check_densities(densities: object) -> None:
    """Refuse densities that are no numbers of at least 0."""
    if densities is not None and not (isinstance(densities, Mapping) and densities):
        raise UsageError("densities must name the classes of the raster and how dense each is: {1: 0, 2: 5}.")
    wrong = [
        f"{key}: {value!r}"
        for key, value in (densities or {}).items()
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < np.inf
    ]
    if wrong:
        raise UsageError(f"densities must be numbers of at least 0, not {', '.join(wrong)}.")


def check_least(least: Floats) -> None:
    """Refuse a raster of densities with negative ones."""
    faults = Faults()
    if (least < 0).any():
        faults.add(
            f"negative densities, down to {np.nanmin(least):g}",
            cure="State the raster's nodata value, or give densities= for a raster of classes.",
        )
    faults.raise_if_any(ValuesError, HEADING)


def check_classes(classes: Floats, densities: Mapping[int, float]) -> None:
    """Refuse classes of the raster for which nobody said how dense they are."""
    faults = Faults()
    unknown = [f"{one:g}" for one in np.unique(classes).tolist() if one not in densities]
    if unknown:
        faults.add(
            "classes of the raster without a density",
            ids=unknown,
            cure="Name each in densities=; 0 says that nobody lives there.",
        )
    faults.raise_if_any(ValuesError, HEADING)


def _named(crs: CRS | None) -> str:
    if crs is None:
        return "no CRS"
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)
