"""What a map can draw around its areas, and how a file that holds something else is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd

_SEVERAL = "it has several layers"


def check_context(path: Path, kind: str, frame: gpd.GeoDataFrame) -> None:
    """Refuse a layer that is empty, has no place on earth, or holds anything but polygons."""
    faults, n = Faults(), len(frame)
    if n == 0:
        faults.add("it holds not a single shape")
    if frame.crs is None or str(frame.crs.name).lower().startswith("undefined"):
        faults.add("no coordinate reference system is stated", cure="Save it with one, such as EPSG:3067.")
    shapes = np.asarray(frame.geometry.array, dtype=object)
    blank = np.array([shape is None or shape.is_empty for shape in shapes], dtype=bool)
    other = ~blank & ~np.isin(shapely.get_type_id(shapes), (3, 6))
    if blank.any():
        faults.add("shapes that are null or empty", count=int(blank.sum()), of=n, cure="Leave them out.")
    if other.any():
        kinds = ", ".join(sorted({shape.geom_type for shape in shapes[other]}))
        cure = "A map draws water and borders from polygons."
        faults.add(f"shapes that are no polygons but {kinds}", count=int(other.sum()), of=n, cure=cure)
    if faults.found:
        raise refuse_context(path, kind, faults.found)


def refuse_context(path: Path, kind: str, faults: Iterable[Fault]) -> AreasError:
    """Return the error for a file that cannot be drawn."""
    told = [
        replace(fault, cure="Save the one to draw as a file of its own.")
        if fault.what.startswith(_SEVERAL)
        else fault
        for fault in faults
    ]
    return AreasError(f"{path.name} cannot be drawn as {kind}:", told)


def refuse_elsewhere(path: Path, kind: str) -> AreasError:
    """Return the error for shapes none of which is near the areas."""
    cure = "Is it the file of another region, or is its coordinate reference system stated wrongly?"
    return refuse_context(path, kind, [Fault("nothing in it is near the areas of the study", cure=cure)])
