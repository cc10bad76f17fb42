"""The made-up coast: land, river, islands and the areas on them.

The frame is EPSG:3067, and the spot is open water: in reality there is only the Bothnian Sea, some 100 km
west of Pori, where this coast lies. Nobody can mistake it for home, and every tool that knows Finland accepts
it.

Areas come from a Voronoi diagram within each zone (a cape, a river bank of the town, an island). All lines
are noded together once, cut into short pieces and bent by one smooth map of the plane, so that neighbours
share their borders vertex by vertex.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo.schema import AREA_ID, DEFAULT_CRS, MUNICIPALITY, NAME_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = (100_000.0, 6_840_000.0)
"""South-west corner of the world: easting and northing in metres."""
EXTENT = (26_000.0, 21_000.0)
"""Width and height of the world in metres."""
GEOGRAPHY_SEED = 1862
"""Fixes the coast for good: another seed of :func:`lea_geo.synthetic.families` moves people, not borders."""
_VERTEX_SPACING = 130.0

_Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Zone:
    """A piece of land that is divided into ``n`` areas."""

    name: str
    shape: shapely.Geometry
    n: int
    centres: _Array | None = None
    """Where its areas lie, if that is not left to chance."""


def _ellipse(x: float, y: float, radius_x: float, radius_y: float) -> shapely.Geometry:
    unit = shapely.Point(0, 0).buffer(1.0, quad_segs=16)
    return shapely.transform(unit, lambda points: points * (radius_x, radius_y) + (x, y))


_RIVER = shapely.LineString(
    [
        (8_000, 10_200),
        (11_000, 10_200),
        (13_500, 10_900),
        (17_000, 10_600),
        (21_000, 11_800),
        (27_000, 12_100),
    ]
)
_MAINLAND = shapely.Polygon(
    [
        (26_000, 17_800), (26_000, 5_200), (12_000, 5_200), (10_600, 8_000), (9_500, 9_300), (10_600, 10_200),
        (9_600, 11_200), (10_500, 13_000), (11_000, 17_000), (15_500, 17_600),
    ]
)  # fmt: skip
_CAPES = {
    "larch_cape": (_ellipse(6_900, 15_700, 3_300, 2_500), shapely.box(9_300, 15_000, 11_500, 16_500), 0),
    "villa_cape": (_ellipse(7_000, 5_200, 3_200, 2_500), shapely.box(9_400, 5_300, 12_500, 6_800), 20),
    "mill_cape": (_ellipse(14_600, 1_900, 2_700, 2_300), shapely.box(14_000, 3_700, 15_600, 5_500), 90),
    "meadow_cape": (_ellipse(22_000, 1_900, 2_700, 2_300), shapely.box(21_300, 3_700, 22_900, 5_500), 90),
}
"""Each cape's head, its neck and the bearing of the neck in degrees from east."""
_ISLANDS = {
    "big_island": (_ellipse(7_000, 10_300, 1_900, 1_200), 3),
    "near_island": (_ellipse(4_100, 9_100, 700, 900), 1),
    "small_island": (_ellipse(4_000, 11_600, 700, 600), 1),
    "far_island": (_ellipse(1_000, 1_500, 800, 900), 1),
    "north_island": (_ellipse(15_000, 19_100, 1_500, 800), 1),
}

_LAKE = _ellipse(20_000, 16_300, 900, 420)
_HINTERLAND = shapely.Polygon([(25_500, 17_700), (60_000, 18_500), (60_000, 4_500), (25_500, 5_300)])


def _cape(name: str) -> Zone:
    """Return a cape whose areas lie as one in the middle and six around it.

    Every area of it then has at least three neighbours on the cape, and only the one at the neck has any
    elsewhere: so few strangers have neighbours on the cape that a divergence does not spill over its border.
    """
    head, neck, bearing = _CAPES[name]
    x_min, y_min, x_max, y_max = head.bounds
    angles = np.radians(bearing + 60.0 * np.arange(6))
    ring = 0.62 * np.column_stack(
        [np.cos(angles) * (x_max - x_min) / 2, np.sin(angles) * (y_max - y_min) / 2]
    )
    middle = np.array([(x_min + x_max) / 2, (y_min + y_max) / 2])
    return Zone(name, (head | neck) - _MAINLAND, 7, np.vstack([middle, middle + ring]))


@cache
def _zones() -> tuple[Zone, ...]:
    water = shapely.LineString(list(_RIVER.coords)[:4]).buffer(90.0)
    divide = shapely.Polygon([*_RIVER.coords, (27_000, 30_000), (8_000, 30_000)])
    town = _ellipse(11_900, 10_400, 2_900, 2_700)
    land = _MAINLAND.difference(water)
    return (
        *(_cape(name) for name in _CAPES),
        Zone("town_north", (land & town) & divide, 8),
        Zone("town_south", (land & town) - divide, 7),
        Zone("rural_north", (land - town) & divide, 5),
        Zone("rural_south", (land - town) - divide, 5),
        *(Zone(name, shape, n) for name, (shape, n) in _ISLANDS.items()),
    )


def _spread(zone: Zone, rng: np.random.Generator) -> _Array:
    """Return ``zone.n`` centres, evenly spread by Lloyd's relaxation (doi:10.1109/TIT.1982.1056489)."""
    if zone.centres is not None:
        return zone.centres
    x_min, y_min, x_max, y_max = zone.shape.bounds
    x, y = np.meshgrid(np.arange(x_min, x_max, 100.0), np.arange(y_min, y_max, 100.0))
    ground = np.column_stack([x.ravel(), y.ravel()])
    ground = ground[shapely.contains_xy(zone.shape, ground[:, 0], ground[:, 1])]
    centres: _Array = ground[rng.choice(len(ground), zone.n, replace=False)]
    for _ in range(40):
        nearest = ((ground[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.stack([ground[nearest == i].mean(axis=0) for i in range(zone.n)])
    return centres


def _inner_borders(zone: Zone, centres: _Array) -> shapely.Geometry:
    """Return the Voronoi borders within a zone, sticking out two metres so that noding meets its outline."""
    if zone.n == 1:
        return shapely.LineString()
    cells = shapely.voronoi_polygons(shapely.MultiPoint(centres), extend_to=zone.shape, only_edges=True)
    return cells & zone.shape.buffer(2.0)


def _faces(lines: list[shapely.Geometry]) -> shapely.Geometry:
    noded = shapely.node(shapely.union_all(lines, grid_size=1.0))
    pieces = shapely.segmentize(shapely.get_parts(shapely.line_merge(noded)), _VERTEX_SPACING)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.union_all(pieces)))))


def _bend(points: _Array) -> _Array:
    """Return points moved by a sum of waves, gentle enough (slope under 1) never to fold the plane."""
    rng = np.random.Generator(np.random.Philox(GEOGRAPHY_SEED + 1))
    moved = points.copy()
    for length, height in (
        (9_000.0, 280.0),
        (4_500.0, 105.0),
        (2_300.0, 54.0),
        (1_100.0, 25.0),
        (560.0, 11.0),
    ):
        for axis in (0, 1):
            for angle in rng.uniform(0, np.pi, 2):
                across = points @ np.array([np.cos(angle), np.sin(angle)])
                moved[:, axis] += height * np.sin(2 * np.pi * across / length + rng.uniform(0, 2 * np.pi))
    return np.round(moved + ORIGIN)


def _shapes() -> Iterator[tuple[str, shapely.Geometry]]:
    """Yield the zone and the shape of every area: zone by zone, each from north to south."""
    rng = np.random.Generator(np.random.Philox(GEOGRAPHY_SEED))
    zones = _zones()
    centres = [_spread(zone, rng) for zone in zones]
    borders = [_inner_borders(*pair) for pair in zip(zones, centres, strict=True)]
    faces = _faces([zone.shape.boundary for zone in zones] + borders)
    spots = shapely.get_coordinates(shapely.point_on_surface(faces))
    for zone, seeds in zip(zones, centres, strict=True):
        inside = shapely.contains_xy(zone.shape, spots[:, 0], spots[:, 1])
        owner = ((spots[:, None] - seeds) ** 2).sum(axis=2).argmin(axis=1)
        for seed in np.lexsort((seeds[:, 0], -seeds[:, 1])):
            yield zone.name, shapely.union_all(faces[inside & (owner == seed)])


@cache
def places() -> dict[str, Any]:
    """Return the made-up names, municipalities and special places of ``places.toml``."""
    return tomllib.loads(files("lea_geo.synthetic").joinpath("places.toml").read_text("utf-8"))


@cache
def _areas() -> gpd.GeoDataFrame:
    zones, shapes = zip(*_shapes(), strict=True)
    named = places()
    listed = [row for zone in dict.fromkeys(zones) for row in named["areas"][zone]]
    bent = shapely.transform(np.array(shapes), _bend)
    east = shapely.get_x(shapely.point_on_surface(bent)) > named["border_easting"]
    frame = gpd.GeoDataFrame(
        {
            **{column: [row[i] for row in listed] for i, column in enumerate(NAME_COLUMNS)},
            MUNICIPALITY: [named["municipalities"][int(is_east)]["code"] for is_east in east],
            "zone": zones,
        },
        geometry=bent,
        crs=DEFAULT_CRS,
    )
    frame.index = [f"{named['first_code'] + i:05d}" for i in range(len(frame))]
    frame.index.name = AREA_ID
    return frame


def areas() -> gpd.GeoDataFrame:
    """Return the postal areas of the made-up municipalities.

    Returns
    -------
        Indexed by ``area_id`` (made-up postal codes); columns ``name_fi name_sv name_en``, ``municipality``
        (a code that no municipality has), ``zone`` (the cape, river bank or island it lies on) and
        ``geometry``: valid polygons in metres, EPSG:3067, that cover the land without gaps or overlaps.

    Examples
    --------
    >>> len(areas())
    60
    """
    return _areas().copy()


def municipalities() -> gpd.GeoDataFrame:
    """Return the two made-up municipalities: their postal areas, merged.

    Returns
    -------
        Indexed by ``area_id`` (codes that no municipality has); columns ``name_fi name_sv name_en``,
        ``municipality`` (the code once more) and ``geometry``.
    """
    land, named = _areas(), places()["municipalities"]
    codes = [one["code"] for one in named]
    names = {column: [one["names"][i] for one in named] for i, column in enumerate(NAME_COLUMNS)}
    shapes = [shapely.union_all(land.geometry[land[MUNICIPALITY] == code]) for code in codes]
    index = pd.Index(codes, name=AREA_ID, dtype=str)
    return gpd.GeoDataFrame({**names, MUNICIPALITY: codes}, geometry=shapes, crs=DEFAULT_CRS, index=index)


def water() -> gpd.GeoDataFrame:
    """Return the made-up sea, the river with it, and a lake on whose shore nobody lives.

    Returns
    -------
        ``name_fi name_sv name_en`` and ``geometry``; the sea reaches 15 km beyond the areas, save to the
        east, where the land goes on.
    """
    land, named = _areas(), places()["water"]
    lake = shapely.transform(shapely.segmentize(_LAKE, _VERTEX_SPACING), _bend)
    inland = shapely.transform(shapely.segmentize(_HINTERLAND, _VERTEX_SPACING), _bend)
    reach = shapely.box(*land.total_bounds).buffer(15_000, join_style="mitre")
    sea = reach - shapely.union_all(land.geometry) - inland
    kept = [part for part in shapely.get_parts(sea) if part.area > 1e6]  # no slivers where the land goes on
    names = {column: [named[which][i] for which in ("sea", "lake")] for i, column in enumerate(NAME_COLUMNS)}
    return gpd.GeoDataFrame(names, geometry=[shapely.union_all(kept), lake], crs=DEFAULT_CRS)
