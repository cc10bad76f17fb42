"""Two sets of areas that meet, and points in areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from lea_geo._checks.areas import (
    add_crs_faults,
    add_geometry_faults,
    add_invalid_faults,
    add_place_faults,
)
from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError
from lea_geo.schema import DEFAULT_CRS

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_meeting(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame) -> None:
    """Raise unless both frames hold sound polygons in one CRS in metres."""
    faults = Faults()
    frames = {"source": source, "target": target}
    for name, frame in frames.items():
        _add_frame_faults(faults, name, frame)
    faults.raise_if_any(AreasError, "The areas cannot be laid over each other.")
    if not source.crs.equals(target.crs, ignore_axis_order=True):
        faults.add(
            f"source is in {source.crs.name} and target in {target.crs.name}",
            cure="Bring both into one: target.to_crs(source.crs).",
        )
    faults.raise_if_any(AreasError, "The areas cannot be laid over each other.")


def _add_frame_faults(faults: Faults, name: str, frame: gpd.GeoDataFrame) -> None:
    if not isinstance(frame, gpd.GeoDataFrame):
        faults.add(
            f"{name} is a {type(frame).__name__}", cure="Give a GeoDataFrame, such as read_areas returns."
        )
        return
    add_crs_faults(faults, frame.crs, f"Reproject it: {name}.to_crs({DEFAULT_CRS!r}).")
    labels = [str(label) for label in frame.index]
    mine = Faults()
    sound = add_geometry_faults(mine, frame.geometry, labels)
    named = [labels[i] for i in np.flatnonzero(sound).tolist()]
    add_invalid_faults(mine, frame.geometry[sound], named)
    if not faults.found:
        _add_swapped_fault(mine, frame.geometry[sound], named)
    faults.found.extend(mine.found)


def _add_swapped_fault(faults: Faults, geometry: gpd.GeoSeries, labels: Sequence[str]) -> None:
    """Note areas whose axes are swapped; those that lie elsewhere for no such reason are nobody's fault."""
    found = Faults()
    add_place_faults(found, geometry, geometry, labels)
    faults.found.extend(fault for fault in found.found if "swapped" in fault.what)
