"""Which CRS coordinates are in, and which way round: nobody but Finland tells for certain.

Short-form ``EPSG:4326`` is longitude first, ``urn:ogc:def:crs:EPSG::4326`` latitude first, GeoJSON longitude
first whatever was asked; and servers break all three rules. Finland is far from its own mirror image in every
CRS that is in use, so where coordinates lie says what they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely

from lea_geo.errors import UsageError
from lea_geo.sources.answers import BadAnswer

FINLAND = (17.0, 58.5, 33.5, 71.0)
"""Finland with its waters, and then some: west, south, east and north in degrees."""
LONGITUDE_FIRST = "OGC:CRS84"
_EPSG = re.compile(r"EPSG\W.*?(\d{4,6})$", re.IGNORECASE)


@dataclass(frozen=True)
class Placed:
    """Geometries that lie in Finland."""

    geometry: np.ndarray
    """Easting or longitude first."""
    crs: str
    """As ``EPSG:3067``."""
    turned: bool
    """Whether the server had northing or latitude first."""
    doubted: str
    """The CRS that the server says, or GeoJSON means, where it cannot be: as ``EPSG:3067``; else empty."""


def crs_code(text: str) -> str:
    """Return the code of a CRS that a server or a user names in one of the usual ways.

    Examples
    --------
    >>> crs_code("urn:ogc:def:crs:EPSG::3067"), crs_code("http://www.opengis.net/gml/srs/epsg.xml#3067")
    ('EPSG:3067', 'EPSG:3067')
    >>> crs_code("urn:ogc:def:crs:OGC:1.3:CRS84")
    'OGC:CRS84'
    """
    if text.upper().endswith("CRS84"):
        return LONGITUDE_FIRST
    found = _EPSG.search(text)
    if not found:
        raise BadAnswer(f"its CRS is {text[:100]!r}, which is none that is known here")
    return f"EPSG:{found[1]}"


def check_crs(text: str | None) -> None:
    """Refuse to ask for a CRS that is none."""
    try:
        if text is not None:
            _finland(crs_code(text))
    except BadAnswer:
        raise UsageError(f"crs is {text!r}; give one such as EPSG:3067.") from None


def place(geometry: np.ndarray, declared: str, asked: str) -> Placed | np.ndarray:
    """Return geometries with easting first, or which of them lie outside Finland however they are read.

    Parameters
    ----------
    geometry
        Geometries and None, shape (n,).
    declared
        What the answer says of its CRS; empty where it says nothing, which in GeoJSON means longitude and
        latitude (RFC 7946, section 4).
    asked
        The CRS that was asked for; it is tried where what the answer says cannot be.
    """
    bounds, said = shapely.bounds(geometry), declared or LONGITUDE_FIRST
    for code in dict.fromkeys((said, asked or said, LONGITUDE_FIRST)):
        for turned in (False, True):
            if _is_inside(bounds[:, [1, 0, 3, 2]] if turned else bounds, code).all():
                straight = shapely.transform(geometry, _other_way) if turned else geometry
                doubted = "" if plain_code(code) == plain_code(said) else plain_code(said)
                return Placed(straight, plain_code(code), turned, doubted)
    return ~_is_inside(bounds, said)


def plain_code(code: str) -> str:
    """Return ``EPSG:4326`` for longitude and latitude, whichever comes first, and other codes as they are."""
    return "EPSG:4326" if code == LONGITUDE_FIRST else code


def _other_way(coordinates: np.ndarray) -> np.ndarray:
    return coordinates[:, ::-1]


def _is_inside(bounds: np.ndarray, code: str) -> np.ndarray:
    """Tell which bounds lie in Finland; those of nothing do."""
    west, south, east, north = _finland(code)
    least, most = np.array([west, south]), np.array([east, north])
    with np.errstate(invalid="ignore"):
        inside = ((bounds[:, :2] >= least) & (bounds[:, 2:] <= most)).all(axis=1)
    held: np.ndarray = inside | np.isnan(bounds).all(axis=1)
    return held


@lru_cache(maxsize=32)
def _finland(code: str) -> tuple[float, float, float, float]:
    try:
        to = pyproj.Transformer.from_crs(LONGITUDE_FIRST, code, always_xy=True)
    except pyproj.exceptions.CRSError:
        raise BadAnswer(f"its CRS is {code}, which is none that is known here") from None
    west, south, east, north = to.transform_bounds(*FINLAND, densify_pts=21)
    return float(west), float(south), float(east), float(north)
