"""What an audit of a release can be asked, and what it cannot."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd


def check_areas_by_geography(areas: Mapping[str, gpd.GeoDataFrame], least_surface: float) -> None:
    """Refuse no kinds of areas at all, and a least surface that is none."""
    if not areas:
        raise UsageError("areas_by_geography names no kind of areas; give at least one.")
    number = not isinstance(least_surface, bool) and isinstance(least_surface, Real)
    if not (number and np.isfinite(float(least_surface)) and least_surface >= 0):
        raise UsageError(f"least_surface is {least_surface!r}; it must be a number of at least 0, in m2.")
