"""Boundaries on the page: nothing torn, nothing moved beyond what is stated."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from page_decoder import PageDecoder
from shapely.geometry import MultiPolygon, Polygon, box
from small_findings import small_findings

import lea_geo as lea
from lea_geo.maps.geometry import Projection, build_shapes, choose_crs, projection_of


@pytest.fixture(scope="module")
def page(node):
    with PageDecoder(node) as decoder:
        yield decoder


def _polygons(page, shapes):
    """Rebuild polygons as the page reads them; rings follow the even-odd rule."""
    built = []
    for rings in page.polygons(shapes.encoded, len(shapes.order))["rings"]:
        whole = Polygon()
        for ring in rings:
            whole = whole.symmetric_difference(Polygon(np.array(ring) * shapes.quantum + shapes.origin))
        built.append(whole)
    return built


def _point(page, shapes, i):
    points = page.polygons(shapes.encoded, len(shapes.order))["points"]
    return shapely.Point(np.array(points[2 * i : 2 * i + 2]) * shapes.quantum + shapes.origin)


def _areas(shapes, crs="EPSG:3067", **columns):
    index = pd.Index([str(i) for i in range(len(shapes))], name="area_id")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs, index=index)


def test_oblongs_come_back_exactly(page):
    oblongs = [box(500 * i, 0, 500 * i + 500, 700) for i in range(3)]
    shapes = build_shapes(_areas(oblongs))
    assert (shapes.kind, shapes.order.tolist()) == ("polygons", [0, 1, 2])
    for rebuilt, given in zip(_polygons(page, shapes), oblongs, strict=True):
        assert rebuilt.symmetric_difference(given).area == 0


def test_holes_and_islands_survive(page):
    ring = Polygon(box(0, 0, 900, 900).exterior, [box(300, 300, 600, 600).exterior])
    both = MultiPolygon([ring, box(2000, 0, 2500, 500)])
    shapes = build_shapes(_areas([both, box(300, 300, 600, 600)]))
    assert [rebuilt.area for rebuilt in _polygons(page, shapes)] == [both.area, 90_000]


def test_a_detailed_coverage_is_simplified_without_gaps_or_overlaps(page):
    wave = np.c_[np.linspace(0, 60_000, 15_000), 400 * np.sin(np.linspace(0, 300, 15_000))]
    lower = Polygon([*wave, (60_000, -20_000), (0, -20_000)])
    upper = Polygon([*wave, (60_000, 20_000), (0, 20_000)])
    shapes = build_shapes(_areas([lower, upper]))
    south, north = _polygons(page, shapes)
    assert shapes.encoded["vertices"] < 0.5 * 15_000
    assert south.intersection(north).area == 0
    assert south.union(north).area == box(0, -20_000, 60_000, 20_000).area


def test_an_area_smaller_than_a_step_is_drawn_as_one_step(page):
    # The whole is 2 000 km wide, so that a step is 10 m.
    wide = [box(0, 0, 1_000_000, 900_000), box(1_000_000, 0, 2_000_000, 900_000)]
    small = [box(52, 950_001, 53, 950_003), box(1_500_000, 900_000, 1_500_020, 900_030)]
    shapes = build_shapes(_areas([*wide, *small]))
    assert shapes.quantum == 10
    rebuilt = _polygons(page, shapes)
    assert [area.area for area in rebuilt] == [9e11, 9e11, 100, 600]
    assert rebuilt[2].contains(small[0])


def test_an_area_that_simplification_would_wipe_out_keeps_its_shape(page, monkeypatch):
    def wipe(geometry, _tolerance):
        return np.where(np.arange(len(geometry)) == 1, shapely.Polygon(), geometry)

    monkeypatch.setattr(shapely, "coverage_simplify", wipe)
    detailed = [box(1000 * i, 0, 1000 * i + 1000, 700).segmentize(0.25) for i in range(2)]
    assert [area.area for area in _polygons(page, build_shapes(_areas(detailed)))] == [7e5, 7e5]


def test_borders_are_drawn_only_between_two_municipalities(page):
    oblongs = [box(500 * i, 0, 500 * i + 500, 700) for i in range(3)]
    for one in ("One", "", None, ["One", "", None]):
        assert build_shapes(_areas(oblongs, municipality=one)).encoded["dividing"] == 0
    shapes = build_shapes(_areas(oblongs, municipality=["One", "One", "Two"]))
    read = page.polygons(shapes.encoded, 3)
    (arc,) = read["municipalArcs"]
    start, end = read["arcStart"][arc : arc + 2]
    border = np.array(read["coords"]).reshape(-1, 2)[start:end] * shapes.quantum
    assert sorted(border.tolist()) == [[1000, 0], [1000, 700]]


def test_another_crs_is_brought_to_finnish_metres():
    areas = small_findings().areas
    there = build_shapes(areas.to_crs("EPSG:4326"))
    assert np.abs(np.subtract(there.origin, build_shapes(areas).origin)).max() <= 1


def test_the_point_of_an_area_lies_in_its_largest_part(page):
    horseshoe = box(0, 0, 900, 900).difference(box(300, 300, 600, 900))
    shapes = build_shapes(_areas([MultiPolygon([box(2000, 0, 2100, 100), horseshoe])]))
    assert horseshoe.contains(_point(page, shapes, 0))


def test_the_point_of_a_sliver_lies_in_it_though_the_nearest_step_may_not(page):
    # Bands along y = x + 1.19 m, within which only whole steps on y = x + 1 m lie. A step is half a metre.
    bands = [
        Polygon([(x, y - 0.21), (x + 30, y + 29.79), (x + 30, y + 30.21), (x, y + 0.21)])
        for x, y in ((50 * i + 0.03 * i, 0.03 * i + 1.19) for i in range(40))
    ]
    shapes = build_shapes(_areas(bands))
    assert shapes.quantum == 0.5
    points = np.reshape(page.polygons(shapes.encoded, len(bands))["points"], (-1, 2)) * shapes.quantum
    assert shapely.contains_xy(bands, points + shapes.origin).all()


def test_grid_cells_are_drawn_as_cells_in_the_order_of_the_page():
    grid = lea.build_grid((385_000, 6_675_000, 387_000, 6_676_000), cell_size=250).iloc[::-1]
    shapes = build_shapes(grid)
    assert (shapes.kind, shapes.cell_ids) == ("cells", 250)
    assert shapes.order.tolist() == list(range(len(grid)))[::-1]
    assert shapes.frame == {"origin": (385_000.0, 6_675_000.0), "quantum": 250.0, "size": (8, 4)}
    named = grid.set_axis([f"cell {i}" for i in range(len(grid))])
    assert build_shapes(named).cell_ids is None


def test_a_page_is_drawn_in_the_crs_of_its_grid():
    grid = _areas(
        [box(25_472_500 + 250 * i, 6_660_000, 25_472_750 + 250 * i, 6_660_250) for i in range(3)], "EPSG:3879"
    )
    oblongs = _areas([box(0, 0, 500, 700)], "EPSG:3879")
    assert choose_crs([oblongs, grid]).to_epsg() == 3879
    assert choose_crs([oblongs]).to_epsg() == 3067
    assert build_shapes(grid, crs="EPSG:3879").kind == "cells"
    assert build_shapes(grid).kind == "polygons"
    # Cells of degrees, or of a projection that the page does not know, are no squares on it.
    assert choose_crs([grid.set_crs("EPSG:4326", allow_override=True)]).to_epsg() == 3067


def _length(read, arcs):
    """Metres along arcs of a page whose steps are 10 m."""
    xy, start = np.array(read["coords"]).reshape(-1, 2) * 10, read["arcStart"]
    along = [np.hypot(*np.diff(xy[start[k] : start[k + 1]], axis=0).T).sum() for k in arcs]
    return float(np.sum(along))


@pytest.mark.real
def test_finlands_postal_areas_share_every_border_and_take_little_room(page, finland):
    areas = gpd.read_file(finland / "postal_areas_2018.gpkg").set_index("postinumeroalue")
    paavo = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype=str).set_index("postinumero")
    areas["municipality"] = paavo["kuntano"].reindex(areas.index)
    shapes = build_shapes(areas)
    assert (shapes.kind, shapes.quantum) == ("polygons", 10.0)
    assert len(shapes.encoded["data"]) < 400_000
    read = page.polygons(shapes.encoded, len(areas))
    used = np.bincount([max(ref, ~ref) for ref in read["refs"]])
    # GEOS tells the same lengths from unions: what is written once is the edge of the country, and what
    # divides municipalities is what their outlines have twice, once that edge is taken off.
    towns = areas.dissolve("municipality", method="coverage").geometry
    country = areas.union_all(method="coverage").length
    assert _length(read, np.flatnonzero(used == 1)) == pytest.approx(country, rel=1e-3)
    assert _length(read, read["municipalArcs"]) == pytest.approx((towns.length.sum() - country) / 2, rel=1e-3)
    # Rounding to steps of 10 m moves a vertex by 7 m at most, and simplification by little on such shapes.
    points = np.reshape(read["points"], (-1, 2)) * shapes.quantum + shapes.origin
    assert areas.geometry.distance(gpd.GeoSeries.from_xy(*points.T, index=areas.index, crs=3067)).max() < 10


@pytest.mark.parametrize("zone", range(19, 32))
def test_etrs_gk_zones_are_drawn_in(zone):
    # JHS 197: zone n has its meridian at n degrees, scale 1 and false easting n 500 000.
    assert projection_of(f"EPSG:{3873 + zone - 19}") == Projection(zone, 1.0, zone * 1e6 + 500_000)


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:4326",
        "EPSG:2393",
        "EPSG:32635",
        "EPSG:3035",
        "EPSG:4936",
        "+proj=tmerc +lon_0=25 +x_0=500000 +ellps=GRS80 +units=us-ft",
        "+proj=tmerc +lat_0=60 +lon_0=25 +x_0=500000 +ellps=GRS80",
        "+proj=tmerc +lon_0=25 +x_0=500000 +y_0=1 +ellps=GRS80",
        "+proj=tmerc +lon_0=25 +x_0=500000 +ellps=GRS80 +pm=paris",
    ],
)
def test_other_projections_are_not_drawn_in(crs):
    assert projection_of(crs) is None
