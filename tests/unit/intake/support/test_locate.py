"""In which area a point lies."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea
from lea_geo.errors import AreasError, UsageError

WEST, SOUTH = 385_000.0, 6_675_000.0


def frame(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:3067")


def cell(column, row, side=250.0):
    west, south = WEST + side * column, SOUTH + side * row
    return shapely.box(west, south, west + side, south + side)


CELLS = frame(cell(0, 0), cell(1, 0), cell(0, 1), cell(1, 1))
TRIANGLES = frame(
    *(
        shapely.Polygon([(WEST + x, SOUTH + y) for x, y in corners])
        for corners in ([(0, 0), (100, 0), (100, 100)], [(0, 0), (100, 100), (0, 100)])
    )
)


def test_ten_persons_on_a_corner_of_four_cells_stay_ten():
    # tobler and geopandas.sjoin make 40 of them.
    x, y = np.full(10, WEST + 250), np.full(10, SOUTH + 250)
    assert np.bincount(lea.locate(x, y, CELLS), minlength=4).tolist() == [0, 0, 0, 10]


def test_a_cell_holds_its_lower_and_left_edges_only():
    x = WEST + np.array([0, 250, 0, 500, 250, 499.9999])
    y = SOUTH + np.array([0, 0, 250, 250, 500, 499.9999])
    assert lea.locate(x, y, CELLS).tolist() == [0, 1, 2, -1, -1, 3]


def test_a_point_just_short_of_a_line_is_not_rounded_onto_it():
    # The distance of -1e-300 from -1000 is 1000 in floating point, which is four whole cells.
    row = frame(*(shapely.box(west, 0, west + 250, 250) for west in range(-1000, 1000, 250)))
    assert lea.locate([-1e-300, 0.0, 1e-300], [1.0] * 3, row).tolist() == [3, 4, 4]
    column = frame(*(shapely.box(0, south, 250, south + 250) for south in range(-1000, 1000, 250)))
    assert lea.locate([1.0] * 3, [-1e-300, 0.0, 1e-300], column).tolist() == [3, 4, 4]


def test_polygons_keep_the_rule_of_cells():
    # The same squares, but one more area that is none, so that nothing is a grid.
    areas = frame(*CELLS.geometry, shapely.Point(WEST + 9000, SOUTH).buffer(400))
    rng = np.random.default_rng(1)
    steps = rng.integers(-1, 7, (2, 500)) * 125.0
    x, y = WEST + steps[0], SOUTH + steps[1]
    np.testing.assert_array_equal(lea.locate(x, y, areas), lea.locate(x, y, CELLS))
    assert (lea.locate(x, y, CELLS) >= 0).any()


def test_a_point_on_the_border_of_two_areas_lies_in_one_of_them():
    along = np.array([0.0, 0.125, 33.25, 50.0, 99.875])  # on the diagonal to the last digit
    assert lea.locate(WEST + along, SOUTH + along, TRIANGLES).tolist() == [0] * 5
    # A step of the smallest size to either side is the other area.
    up, down = np.nextafter(SOUTH + 50, np.inf), np.nextafter(SOUTH + 50, -np.inf)
    assert lea.locate([WEST + 50] * 2, [up, down], TRIANGLES).tolist() == [1, 0]


def test_a_point_in_a_hole_or_outside_all_is_nowhere():
    ring = shapely.Point(WEST, SOUTH).buffer(1000) - shapely.Point(WEST, SOUTH).buffer(500)
    x, y = WEST + np.array([0.0, 700.0, 1200.0, 1e9]), np.full(4, SOUTH)
    assert lea.locate(x, y, frame(ring)).tolist() == [-1, 0, -1, -1]


def test_of_areas_that_overlap_the_first_in_the_frame_holds_what_they_share():
    large, small = shapely.Point(WEST, SOUTH).buffer(1000), shapely.Point(WEST, SOUTH).buffer(100)
    for shapes, found in (((large, small), [0, 0]), ((small, large), [0, 1])):
        assert lea.locate(WEST + np.array([10.0, 500.0]), [SOUTH + 3] * 2, frame(*shapes)).tolist() == found


@pytest.mark.parametrize("areas", [CELLS, TRIANGLES], ids=["cells", "polygons"])
def test_what_is_no_place_lies_nowhere(areas):
    x, y = [np.nan, np.inf, WEST + 60, -np.inf], [SOUTH + 10, SOUTH + 10, np.nan, np.inf]
    assert lea.locate(x, y, areas).tolist() == [-1] * 4
    assert lea.locate([], [], areas).tolist() == []
    missing = pd.Series([WEST + 60, None], dtype="Float64")
    assert lea.locate(missing, [SOUTH + 10] * 2, areas).tolist() == [0, -1]


def test_coordinates_that_do_not_fit_are_a_wrong_call():
    with pytest.raises(UsageError, match="x has 2 coordinates and y has 1"):
        lea.locate([1.0, 2.0], [1.0], CELLS)
    with pytest.raises(UsageError, match="y holds something else than numbers"):
        lea.locate([1.0], ["north"], CELLS)


def test_areas_that_cannot_hold_points_are_refused():
    turned = CELLS.set_geometry(CELLS.geometry.transform(lambda xy: xy[:, ::-1]))
    for bad, said in (
        (CELLS.to_crs("EPSG:4326"), "not projected"),
        (CELLS.iloc[:0], "not a single area"),
        (frame(None, cell(0, 0)), "null or unreadable"),
        (turned, "swapped axes"),
    ):
        with pytest.raises(AreasError, match=said):
            lea.locate([WEST], [SOUTH], bad)


def test_cells_that_are_absent_hold_nobody():
    sparse = CELLS.iloc[[3, 0]]
    x, y = WEST + np.array([10, 260, 10, 260.0]), SOUTH + np.array([10, 10, 260, 260.0])
    assert lea.locate(x, y, sparse).tolist() == [1, -1, -1, 0]


@pytest.fixture(scope="module")
def postal(finland):
    path = finland / "postal_areas_2019.gpkg"
    return lea.read_areas(path, area_id="postinumeroalue", id_scheme="postal")


@pytest.mark.real
def test_points_of_the_whole_country_lie_where_geos_finds_them(postal):
    rng = np.random.default_rng(2)
    west, south, east, north = postal.total_bounds
    x, y = rng.uniform(west, east, 50_000), rng.uniform(south, north, 50_000)
    point, area = postal.sindex.query(shapely.points(x, y), predicate="within")
    expected = np.full(len(x), -1)
    expected[point] = area
    np.testing.assert_array_equal(lea.locate(x, y, postal), expected)


@pytest.mark.real
def test_every_corner_that_postal_areas_share_lies_in_one_of_those_that_share_it(postal):
    corners = np.unique(shapely.get_coordinates(postal.geometry), axis=0)
    found = lea.locate(*corners.T, postal)
    point, area = postal.sindex.query(shapely.points(corners), predicate="intersects")
    held = found[point] == area
    inside = np.flatnonzero(found >= 0)
    assert (np.bincount(point[held], minlength=len(corners))[inside] == 1).all()
    # In none lies only what is on the eastern or northern border of the country.
    shared = np.flatnonzero((np.bincount(point, minlength=len(corners)) > 1) & (found < 0))
    for corner in shared:
        around = shapely.union_all(postal.geometry.array[area[point == corner]])
        assert not shapely.contains_properly(around, shapely.Point(corners[corner]))
    assert len(shared) < len(corners) / 100
