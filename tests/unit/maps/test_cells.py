"""Grids: squares are known as such, and their places and names come back."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from page_decoder import PageDecoder
from shapely.geometry import MultiPolygon, Polygon, box

import lea_geo as lea
from lea_geo.maps.cells import are_named_by_place, encode_cells, find_cells


@pytest.fixture(scope="module")
def page(node):
    with PageDecoder(node) as decoder:
        yield decoder


def _squares(places, side=250.0, origin=(385_000.0, 6_672_000.0)):
    x, y = (
        np.array(place, dtype=float) * side + start
        for place, start in zip(zip(*places, strict=True), origin, strict=True)
    )
    return shapely.box(x, y, x + side, y + side)


@given(
    places=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=40, unique=True)
)
def test_the_page_reads_every_cell_where_it_was(page, places):
    cells = find_cells(_squares(places))
    read = page.cells(encode_cells(cells), len(places))
    west, south = np.min(places, axis=0)
    expected = [(column - west, row - south) for column, row in np.array(places)[cells.order]]
    assert list(zip(read["col"], read["row"], strict=True)) == expected
    assert expected == sorted(expected, key=lambda place: place[::-1])
    assert cells.origin == (385_000 + 250 * west, 6_672_000 + 250 * south)
    for row in range(read["rows"]):
        within = read["row"][read["rowStart"][row] : read["rowStart"][row + 1]]
        assert within == [row] * read["row"].count(row)


@pytest.mark.parametrize("size", [250, 1000, 5000])
def test_built_grids_need_neither_shapes_nor_ids(page, size):
    grid = lea.build_grid((385_000, 6_675_000, 385_000 + 7 * size, 6_675_000 + 4 * size), cell_size=size)
    grid = grid.sample(frac=0.7, random_state=4)
    cells = find_cells(np.asarray(grid.geometry))
    ids = grid.index[cells.order].tolist()
    assert are_named_by_place(ids, cells)
    corners = [
        [int(cells.origin[0]) + size * int(c), int(cells.origin[1]) + size * int(r)]
        for c, r in zip(cells.column, cells.row, strict=True)
    ]
    assert page.ids(size, corners) == ids
    assert not are_named_by_place([*ids[1:], ids[0]], cells)
    assert not are_named_by_place([ids[0] + ids[1][0], ids[1][1:], *ids[2:]], cells)


def test_ids_in_another_spelling_are_kept():
    # European grids write 5 km cells in kilometres.
    grid = lea.build_grid(["5kmN6690E0085", "5kmN6695E0085"])
    cells = find_cells(np.asarray(grid.geometry))
    assert cells is not None
    assert not are_named_by_place(grid.index[cells.order].tolist(), cells)


def test_ids_do_not_name_cells_outside_finland():
    # The digits of an easting of 1 385 000 m do not fit, and their last five would name a cell at 385 000 m.
    cells = find_cells(_squares([(0, 0)], origin=(1_385_000.0, 6_675_000.0)))
    assert not are_named_by_place(["250mN667500E38500"], cells)
    cells = find_cells(_squares([(0, 0)], origin=(-250.0, 6_675_000.0)))
    assert not are_named_by_place(["250mN667500E99975"], cells)


SQUARES = _squares([(0, 0), (1, 0), (4, 2)])


@pytest.mark.parametrize(
    "geometry",
    [
        np.append(SQUARES, SQUARES[0]),
        np.append(SQUARES, _squares([(2, 2)], side=500.0)),
        np.append(SQUARES, shapely.transform(SQUARES[1], lambda xy: np.add(xy, (0, 5)))),
        np.append(
            SQUARES,
            Polygon([(385_000, 6_672_250), (385_250, 6_672_250), (385_125, 6_672_500), (385_000, 6_672_500)]),
        ),
        np.append(SQUARES, box(385_000, 6_672_250, 385_250, 6_672_500).segmentize(125)),
        np.append(SQUARES, MultiPolygon(list(SQUARES[:2]))),
        np.array([Polygon([(1, 0), (2, 1), (1, 2), (0, 1)])]),
        np.array([box(0, 0, 250, 500)]),
        np.array([Polygon([(0, 0), (250, 0), (250, 0), (0, 250)])]),
        shapely.box([0, 2**20], 0, [1, 2**20 + 1], 1),
        np.array([], dtype=object),
    ],
    ids=[
        "twice",
        "sizes",
        "off the grid",
        "corner cut",
        "vertices",
        "two parts",
        "turned",
        "oblong",
        "triangle",
        "far",
        "none",
    ],
)
def test_areas_that_are_no_grid_stay_polygons(geometry):
    assert find_cells(geometry) is None


def test_squares_written_either_way_around_and_as_multipolygons_are_cells():
    turned = [shapely.reverse(SQUARES[0]), MultiPolygon([SQUARES[1]]), SQUARES[2]]
    cells = find_cells(np.array(turned, dtype=object))
    assert cells.size == (5, 3)


@pytest.mark.real
def test_hsys_cells_are_a_grid_though_some_are_millimetres_off(finland):
    grid = gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg")
    geometry = np.asarray(grid.geometry)
    # In EPSG:3879 the file's corners are 6 659 999 + 250 k north: a metre beside whole multiples.
    cells = find_cells(geometry)
    assert (cells.side, cells.origin) == (250.0, (25_472_500.0, 6_659_999.0))
    corners = shapely.bounds(geometry)[cells.order, :2]
    drawn = np.stack([cells.column, cells.row], axis=1) * cells.side + cells.origin
    assert 0.001 < np.abs(corners - drawn).max() < 0.01
