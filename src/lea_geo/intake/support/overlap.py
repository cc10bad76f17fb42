"""How much surface each two areas of different sets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.support import check_meeting
from lea_geo.intake.support.clipping import clipped_areas

if TYPE_CHECKING:
    import geopandas as gpd
    from scipy import sparse


def overlap(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame) -> sparse.csr_array:
    """Return the surface that each area of one set shares with each area of another, in m2.

    Parameters
    ----------
    source, target
        Valid polygons in one projected CRS in metres, in any order; they may overlap among themselves.

    Returns
    -------
    csr_array
        Shape ``(len(source), len(target))``, rows and columns in the order of the frames, float64, sorted,
        no zeros. Areas that only touch have no entry; as touching counts what the rounding of coordinates
        makes of a common border: a unit in the last place times the shorter of the two perimeters.

    Raises
    ------
    AreasError
        If the two are in different CRSs, or in degrees, or geometry is null, empty, invalid or no polygon,
        or axes are swapped.
    """
    check_meeting(source, target)
    return clipped_areas(
        np.asarray(source.geometry.array, dtype=object), np.asarray(target.geometry.array, dtype=object)
    )
