"""Two sets of areas that meet, and points in areas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo._checks.areas import (
    add_crs_faults,
    add_geometry_faults,
    add_index_faults,
    add_invalid_faults,
    add_place_faults,
)
from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, UsageError
from lea_geo.schema import DEFAULT_CRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


_HEADING = "The areas cannot be laid over each other."


def check_frame(name: str, frame: object) -> NDArray[np.object_]:
    """Return the geometry of ``frame`` if it is a GeoDataFrame that has some."""
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UsageError(
            f"{name} is a {type(frame).__name__}; it must be a GeoDataFrame, such as read_areas returns."
        )
    try:
        return np.asarray(frame.geometry.array, dtype=object)
    except AttributeError as error:
        raise UsageError(f"{name} has no geometry column; name it with set_geometry(...).") from error


def check_places(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return two columns of coordinates as floats if there are as many of the one as of the other."""
    easting, northing = _coordinates("x", x), _coordinates("y", y)
    if easting.ndim > 1 or easting.shape != northing.shape:
        raise UsageError(f"x has {easting.size} coordinates and y has {northing.size}; they must be as many.")
    return easting, northing


def _coordinates(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        if isinstance(values, pd.Series):
            values = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.require(np.atleast_1d(np.asarray(values, dtype=np.float64)), requirements=["C", "W"])
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} holds something else than numbers ({error}).") from error


def check_area_ids(areas: gpd.GeoDataFrame) -> None:
    """Raise unless areas are indexed by texts, each once."""
    check_frame("areas", areas)
    faults = Faults()
    add_index_faults(faults, areas.index)
    faults.raise_if_any(AreasError, "No point can be counted by these areas.")


def check_alone(areas: gpd.GeoDataFrame, *, squares: bool) -> None:
    """Raise unless a frame holds sound polygons in a CRS in metres."""
    faults = Faults()
    _add_frame_faults(faults, "areas", areas, known=squares)
    faults.raise_if_any(AreasError, "No point can be located in these areas.")


def check_meeting(
    source: gpd.GeoDataFrame, target: gpd.GeoDataFrame, *, squares: tuple[bool, bool] = (False, False)
) -> None:
    """Raise unless both frames hold sound polygons in one CRS in metres.

    ``squares`` says of each whether it is known to hold the cells of a grid, which are sound polygons.
    """
    faults = Faults()
    _add_frame_faults(faults, "source", source, known=squares[0])
    _add_frame_faults(faults, "target", target, known=squares[1])
    both = source.crs is not None and target.crs is not None
    if both and not source.crs.equals(target.crs, ignore_axis_order=True):
        faults.add(
            f"source is in {source.crs.name} and target in {target.crs.name}",
            cure="Bring both into one: target.to_crs(source.crs).",
        )
    faults.raise_if_any(AreasError, _HEADING)


def _add_frame_faults(faults: Faults, name: str, frame: gpd.GeoDataFrame, *, known: bool) -> None:
    mine = Faults()
    if frame.empty:
        mine.add("there is not a single area")
    add_crs_faults(mine, frame.crs, f"Reproject it: {name}.to_crs({DEFAULT_CRS!r}).")
    in_metres = not mine.found
    if known:
        geometry = frame.geometry.iloc[:1]  # where it lies, all others do
    else:
        sound = add_geometry_faults(mine, frame.geometry, _labels(frame.index))
        geometry = frame.geometry if sound.all() else frame.geometry[sound]
        add_invalid_faults(mine, geometry, _labels(geometry.index))
    if in_metres and len(geometry):
        _add_swapped_fault(mine, geometry)
    faults.found.extend(replace(fault, what=f"{name}: {fault.what}") for fault in mine.found)


def _add_swapped_fault(faults: Faults, geometry: gpd.GeoSeries) -> None:
    """Note areas whose axes are swapped; those that lie elsewhere for no such reason are nobody's fault."""
    found = Faults()
    add_place_faults(found, geometry, geometry, _labels(geometry.index))
    faults.found.extend(fault for fault in found.found if "swapped" in fault.what)


def _labels(index: pd.Index) -> Sequence[str]:
    """Return what a fault may name, without making a text of each of a million labels."""
    return cast("Sequence[str]", index)
