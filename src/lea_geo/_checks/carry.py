"""Tables of a study that lie on other areas than the study's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, DataError, JoinError, SpecError, UsageError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

RASTERS = (".tif", ".tiff", ".vrt", ".asc", ".img")
"""How the names of rasters end."""


def check_carry_said(file: str, method: str, weights: str, column: str, layer: str) -> None:
    """Refuse weights without a method that looks at them, and a method without the weights that it needs."""
    faults = Faults()
    if method == "dasymetric" and not weights:
        cure = "Name a file of finer areas, of points, or a raster as carry.weights."
        faults.add(f"{file} is to be carried by where people live, and nothing says where", cure=cure)
    told = [
        name for name, said in (("weights", weights), ("weights_column", column), ("layer", layer)) if said
    ]
    if method != "dasymetric" and told:
        cure = 'Leave them out, or write carry.method = "dasymetric".'
        faults.add(
            f"{file} is to be carried by method {method!r}, which looks at no weights", ids=told, cure=cure
        )
    if weights.lower().endswith(RASTERS) and (column or layer):
        faults.add(f"{weights} is a raster and has neither weights_column nor layer", cure="Leave them out.")
    faults.raise_if_any(SpecError, "The study cannot be used:")


def check_weights_file(file: str, frame: gpd.GeoDataFrame) -> None:
    """Refuse weights that are neither polygons nor points, are broken, or state no CRS."""
    faults = Faults()
    shapes = np.asarray(frame.geometry.array, dtype=object)
    null = np.array([shape is None or shape.is_empty for shape in shapes], dtype=bool)
    if null.any():
        rows = [f"row {i + 1}" for i in np.flatnonzero(null).tolist()]
        faults.add("rows without a place", ids=rows, of=len(shapes), cure="Place them, or leave them out.")
    broken = ~null & ~shapely.is_valid(shapes)
    if broken.any():
        rows = [f"row {i + 1}" for i in np.flatnonzero(broken).tolist()]
        faults.add("polygons that cross themselves", ids=rows, of=len(shapes), cure="Mend them.")
    if frame.crs is None:
        faults.add("no coordinate reference system is stated", cure="Write the file again with its CRS.")
    faults.raise_if_any(AreasError, f"The weights of {file} cannot be used:")


def check_rows_meet(file: str, areas_file: str, ids: pd.Index, rows: pd.Index) -> None:
    """Refuse a table none of whose rows is an area of the file that it says it lies on."""
    if not rows.isin(ids).any():
        faults = Faults()
        faults.add(
            f"no row of {file} is an area of {areas_file}: ids such as {rows[0]!r} and {ids[0]!r}",
            cure="Name the areas that the numbers lie on, and the column of their ids.",
        )
        raise JoinError(f"{file} cannot be carried:", faults.found)


def check_counted(file: str, count: pd.Series[float] | None) -> pd.Series[float]:
    """Return what a smooth surface is made of, or refuse to make one where nobody is counted."""
    faults = Faults()
    if count is None:
        cure = 'Use carry.method = "areal" or "dasymetric".'
        faults.add(f"{file} has no count of people, and a smooth surface is made of one", cure=cure)
        raise SpecError("The study cannot be used:", faults.found)
    return count


def about(file: str, error: DataError | UsageError) -> DataError:
    """Return what was refused while a table was carried, with the table's name."""
    if isinstance(error, UsageError):
        faults = Faults()
        faults.add(str(error).rstrip("."))
        return SpecError(f"{file} cannot be carried:", faults.found)
    return type(error)(f"{file} cannot be carried: {error.heading.rstrip('.:')}:", error.faults)
