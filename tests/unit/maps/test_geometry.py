"""Boundaries on the page: nothing torn, nothing moved beyond what is stated."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon, box
from small_findings import small_findings

from lea_geo.maps.geometry import build_shapes


def _polygons(shapes):
    """Rebuild polygons from steps; rings follow the even-odd rule."""
    built = []
    for rings in shapes.areas:
        whole = Polygon()
        for ring in rings:
            steps = np.cumsum(np.asarray(ring).reshape(-1, 2), axis=0)
            whole = whole.symmetric_difference(Polygon(steps * shapes.quantum + shapes.origin))
        built.append(whole)
    return built


def _areas(shapes, **columns):
    index = pd.Index([str(i) for i in range(len(shapes))], name="area_id")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:3067", index=index)


def test_squares_come_back_exactly():
    findings = small_findings()
    shapes = build_shapes(findings.areas)
    for rebuilt, given in zip(_polygons(shapes), findings.areas.geometry, strict=True):
        assert rebuilt.symmetric_difference(given).area == 0


def test_holes_and_islands_survive():
    ring = Polygon(box(0, 0, 900, 900).exterior, [box(300, 300, 600, 600).exterior])
    both = MultiPolygon([ring, box(2000, 0, 2500, 500)])
    shapes = build_shapes(_areas([both, box(300, 300, 600, 600)]))
    assert [rebuilt.area for rebuilt in _polygons(shapes)] == [both.area, 90_000]


def test_a_detailed_coverage_is_simplified_without_gaps_or_overlaps():
    wave = np.c_[np.linspace(0, 60_000, 15_000), 400 * np.sin(np.linspace(0, 300, 15_000))]
    lower = Polygon([*wave, (60_000, -20_000), (0, -20_000)])
    upper = Polygon([*wave, (60_000, 20_000), (0, 20_000)])
    shapes = build_shapes(_areas([lower, upper]))
    south, north = _polygons(shapes)
    assert sum(len(ring) for rings in shapes.areas for ring in rings) < 0.5 * 2 * 2 * 15_000
    assert south.intersection(north).area == 0
    assert south.union(north).area == box(0, -20_000, 60_000, 20_000).area


def test_borders_are_drawn_only_between_two_municipalities_or_more():
    squares = [box(0, 0, 500, 500), box(500, 0, 1000, 500), box(1000, 0, 1500, 500)]
    assert build_shapes(_areas(squares, municipality="One")).borders == []
    assert build_shapes(_areas(squares, municipality="")).borders == []
    two = build_shapes(_areas(squares, municipality=["One", "One", "Two"])).borders
    assert [border["name"] for border in two] == ["One", "Two"]
    assert [len(border["rings"]) for border in two] == [1, 1]


def test_another_crs_is_brought_to_finnish_metres():
    areas = small_findings().areas
    there = build_shapes(areas.to_crs("EPSG:4326"))
    assert np.abs(np.subtract(there.origin, build_shapes(areas).origin)).max() <= 1


def test_the_point_of_an_area_lies_inside_it():
    horseshoe = box(0, 0, 900, 900).difference(box(300, 300, 600, 900))
    shapes = build_shapes(_areas([horseshoe]))
    where = shapely.Point(np.asarray(shapes.points[0]) * shapes.quantum + shapes.origin)
    assert horseshoe.contains(where)
