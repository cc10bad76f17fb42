"""Grid cells: ids, corners, squares."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lea_geo._checks.areas import check_areas
from lea_geo.errors import AreasError, UsageError
from lea_geo.intake.grid import build_grid, cell_of, grid_id, parse_grid_ids

# What Statistics Finland publishes: a 1 km cell of the population grid (1kmN7112E0418), a 5 km cell of it
# (5kmN1338E0017, municipality 043) and a 250 m cell (250mN667175E38600).
PUBLISHED = {
    "1kmN7112E0418": (1000, 7_112_000, 418_000),
    "5kmN1338E0017": (5000, 6_690_000, 85_000),
    "250mN667175E38600": (250, 6_671_750, 386_000),
}


@pytest.mark.parametrize(("name", "corner"), PUBLISHED.items())
def test_a_published_id_is_read_and_written_as_it_is(name, corner):
    size, northing, easting = parse_grid_ids([name])
    assert (size, northing.tolist(), easting.tolist()) == (corner[0], [corner[1]], [corner[2]])
    assert grid_id(corner[2], corner[1], corner[0]) == name


def test_the_published_5_km_cell_lies_in_the_municipality_that_was_published_with_it(finland):
    municipalities = gpd.read_file(finland / "kunta_2019_1000k.gpkg")
    cell = build_grid(["5kmN1338E0017"]).geometry.iloc[0]
    assert municipalities.kunta[municipalities.intersects(cell)].tolist() == ["043"]


def test_an_easting_below_100_km_keeps_its_leading_zero():
    assert grid_id(62_250, 6_690_000, 250) == "250mN669000E06225"


def test_a_5_km_cell_written_in_kilometres_is_read_and_noted():
    grid = build_grid(["5kmN6690E0085", "5kmN1339E0017"])
    assert grid.index.tolist() == ["5kmN6690E0085", "5kmN1339E0017"]
    assert grid.northing.tolist() == [6_690_000, 6_695_000]
    assert "1 of 2 ids name 5 km cells in kilometres" in grid.attrs["notes"][0]


def test_a_cell_spelled_in_two_ways_is_one_cell_twice():
    with pytest.raises(AreasError, match=r"cells that occur more than once: 1 of 2 \(5kmN6690E0085\)"):
        build_grid(["5kmN6690E0085", "5kmN1338E0017"])


def test_a_grid_keeps_the_areas_contract_and_its_squares_are_exact():
    grid = build_grid((385_000, 6_675_000, 387_000, 6_676_000), cell_size=250)
    check_areas(grid)
    assert grid.index.name == "area_id"
    assert len(grid) == 8 * 4
    assert grid.crs.to_epsg() == 3067
    assert (grid.area == 62_500).all()
    assert grid.bounds.to_numpy()[0].tolist() == [385_000, 6_675_000, 385_250, 6_675_250]
    assert grid[["northing", "easting", "cell_size"]].dtypes.tolist() == [np.dtype("int64")] * 3
    assert grid.attrs["notes"] == []


def test_a_grid_of_ids_is_the_grid_of_the_extent_whatever_holds_the_ids():
    grid = build_grid((385_000, 6_675_000, 387_000, 6_677_000), cell_size=1000)
    for ids in (grid.index, list(grid.index), pd.Series(grid.index), grid.index.to_numpy(), iter(grid.index)):
        assert build_grid(ids).equals(grid)


def test_ids_keep_their_order():
    ids = ["1kmN6676E0385", "1kmN6675E0390", "1kmN6675E0385"]
    assert build_grid(ids, cell_size=1000).index.tolist() == ids


def test_a_box_that_ends_on_an_edge_needs_no_cell_beyond_it():
    assert build_grid((385_000, 6_675_000, 386_000, 6_676_000), cell_size=1000).index.tolist() == [
        "1kmN6675E0385"
    ]
    beyond = build_grid((384_999.5, 6_675_000, 386_000.5, 6_676_000), cell_size=1000)
    assert beyond.index.tolist() == ["1kmN6675E0384", "1kmN6675E0385", "1kmN6675E0386"]


def test_a_geometry_is_covered_by_the_cells_that_share_surface_with_it():
    triangle = shapely.Polygon([(385_000, 6_675_000), (387_000, 6_675_000), (385_000, 6_677_000)])
    # The long side runs through the corner (386, 6676): the fourth cell only touches it.
    expected = ["1kmN6675E0385", "1kmN6675E0386", "1kmN6676E0385"]
    for extent in (
        triangle,
        gpd.GeoSeries([triangle], crs=3067),
        gpd.GeoDataFrame(geometry=[triangle], crs=3067),
    ):
        assert build_grid(extent, cell_size=1000).index.tolist() == expected


def test_two_areas_that_share_a_cell_get_it_once():
    halves = [
        shapely.box(385_000, 6_675_000, 385_400, 6_676_000),
        shapely.box(385_400, 6_675_000, 386_000, 6_676_000),
    ]
    assert len(build_grid(gpd.GeoSeries(halves, crs=3067), cell_size=1000)) == 1


def test_an_extent_in_degrees_is_reprojected_with_a_note():
    square = gpd.GeoSeries([shapely.box(385_100, 6_675_100, 385_900, 6_675_900)], crs=3067).to_crs(4326)
    grid = build_grid(square, cell_size=1000)
    assert grid.index.tolist() == ["1kmN6675E0385"]
    assert grid.attrs["notes"] == ["The extent was reprojected from WGS 84 to EPSG:3067."]
    box = build_grid(tuple(square.total_bounds), cell_size=1000, crs="EPSG:4326")
    assert "1kmN6675E0385" in box.index


def test_the_grid_of_real_areas_covers_them(finland):
    areas = gpd.read_file(finland / "postal_areas_2018.gpkg", bbox=(380_000, 6_670_000, 390_000, 6_680_000))
    grid = build_grid(areas, cell_size=1000)
    lost = areas.union_all().difference(grid.union_all())
    assert lost.area == 0
    assert (grid.intersection(areas.union_all()).area > 0).all()


def test_a_point_on_a_corner_lies_in_the_cell_above_and_to_the_right():
    assert cell_of(386_000, 6_676_000, 1000) == "1kmN6676E0386"
    assert cell_of([385_999.9, 386_000], [6_676_000, 6_675_999.9], 1000).tolist() == [
        "1kmN6676E0385",
        "1kmN6675E0386",
    ]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([], "no grid ids were given"),
        (["1kmN6675E385"], r"malformed grid ids: 1 of 1 \('1kmN6675E385'\)"),
        (["1kmN6675E0385", "Helsinki", None], r"malformed grid ids: 2 of 3 \('Helsinki', None\)"),
        (["1kmN6675E0385", "1KMN6675E0385"], "malformed grid ids: 1 of 2"),
        (["1kmN6675E0385 "], "malformed grid ids"),
        (["1kmN６６７５E0385"], "malformed grid ids"),
        (["2kmN6675E0385", "100mN667500E38500"], r"does not publish: 2 \(100m, 2km\)"),
        (["1kmN6675E0385", "5kmN1335E0077"], r"cells of several sizes in one list: 2 \(1km, 5km\)"),
        (["250mN667510E38500"], r"no multiple of 250 m: 1 of 1 \(250mN667510E38500\)"),
        (["5kmN6676E0385"], "no multiple of 5000 m"),
        (["1kmN0385E6675"], r"outside Finland: 1 of 1 \(1kmN0385E6675\).*northing first"),
        (["1kmN6675E0385", "1kmN6675E0385"], r"more than once: 1 of 2 \(1kmN6675E0385\)"),
    ],
)
def test_bad_ids_are_named(ids, message):
    with pytest.raises((AreasError, UsageError), match=message):
        build_grid(ids)


def test_all_faults_of_ids_are_told_at_once():
    with pytest.raises(AreasError) as caught:
        build_grid(["x", "2kmN6675E0385", "1kmN6675E0385"])
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("extent", "options", "message"),
    [
        (
            (385_000, 6_675_000, 386_000, 6_676_000),
            {},
            "cell_size is None; it must be one of 250, 1000, 5000",
        ),
        ((385_000, 6_675_000, 386_000, 6_676_000), {"cell_size": 500}, "cell_size is 500"),
        ((385_000, 6_675_000, 386_000, 6_676_000), {"cell_size": True}, "cell_size is True"),
        ((385_000, 6_675_000, 385_000, 6_676_000), {"cell_size": 250}, "is empty"),
        ((386_000, 6_675_000, 385_000, 6_676_000), {"cell_size": 250}, "is empty"),
        ((6_675_000, 385_000, 6_676_000, 386_000), {"cell_size": 250}, "lies outside Finland"),
        ((24.9, 60.1, 25.1, 60.3), {"cell_size": 250}, "lies outside Finland.*say crs="),
        ((385_000, float("nan"), 386_000, 6_676_000), {"cell_size": 250}, "coordinates that are no numbers"),
        ((60_000, 6_600_000, 760_000, 7_700_000), {"cell_size": 250}, "12320000 cells, more than 10000000"),
        ("1kmN6675E0385", {}, "A single id goes into a list"),
        (17, {}, "extent must be"),
        ((1, 2, 3), {"cell_size": 250}, "extent must be"),
        (["1kmN6675E0385"], {"cell_size": 250}, "cell_size is 250, but the ids name cells of 1000 metres"),
        (["1kmN6675E0385"], {"crs": 4326}, "grid ids are always in EPSG:3067"),
        (shapely.Point(385_000, 6_675_000), {"cell_size": 250}, "no polygons but Point"),
        (gpd.GeoSeries([None], crs=3067), {"cell_size": 250}, "null or unreadable geometry"),
        (gpd.GeoSeries([], crs=3067), {"cell_size": 250}, "holds no geometry"),
        (
            gpd.GeoSeries([shapely.box(0, 0, 1, 1)]),
            {"cell_size": 250},
            "states no coordinate reference system",
        ),
        (
            gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=3067),
            {"cell_size": 250, "crs": 4326},
            "but crs says EPSG:4326",
        ),
    ],
)
def test_bad_extents_are_refused(extent, options, message):
    with pytest.raises((AreasError, UsageError), match=message):
        build_grid(extent, **options)


def test_a_corner_off_the_grid_has_no_id():
    with pytest.raises(AreasError, match=r"no multiple of 1000 m: 1 of 1 \(385250 6675000\)"):
        grid_id(385_250, 6_675_000, 1000)


@pytest.mark.parametrize(
    "point", [(6_675_000, 385_000), (float("nan"), 6_675_000), (float("inf"), 6_675_000)]
)
def test_a_point_outside_finland_has_no_cell(point):
    for function in (cell_of, grid_id):
        with pytest.raises(AreasError, match="points outside Finland in EPSG:3067: 1 of 1"):
            function(*point, 1000)


def test_as_many_eastings_as_northings_are_needed():
    with pytest.raises(UsageError, match="x has 2 coordinates and y has 1"):
        cell_of([385_000, 386_000], [6_675_000], 1000)
