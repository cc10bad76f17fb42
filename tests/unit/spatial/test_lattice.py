"""Contiguity of grid cells by integers."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.errors import GraphError, UsageError
from lea_geo.spatial.builders import build_graph


def cells(*places):
    """Return 1 km ids by (column, row), in kilometres from a corner in Uusimaa."""
    return [f"1kmN{6675 + row:04d}E{385 + column:04d}" for column, row in places]


def counts(ids, **options):
    return build_graph(ids, "lattice", **options).cardinalities.tolist()


def test_the_middle_of_nine_cells_has_eight_queen_and_four_rook_neighbours():
    block = cells(*((c, r) for r in range(3) for c in range(3)))
    assert counts(block) == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert counts(block, contiguity="rook") == [2, 3, 2, 3, 4, 3, 2, 3, 2]


def test_the_end_of_a_row_does_not_meet_the_start_of_the_next():
    # Five columns wide: (4, 0) and (0, 1) would be neighbours if keys ran on from row to row.
    assert counts(cells((0, 0), (4, 0), (0, 1), (4, 1), (0, 3), (4, 2)), rings=2) == [1, 2, 2, 2, 1, 2]


def test_rings_reach_over_cells_that_do_not_exist():
    line = cells((0, 0), (2, 0), (4, 0))
    assert counts(line) == [0, 0, 0]
    assert counts(line, rings=2) == [1, 2, 1]
    assert counts(cells((0, 0), (1, 1), (2, 1)), rings=2, contiguity="rook") == [1, 2, 1]


def test_two_rings_of_five_by_five_cells_reach_everybody_from_the_middle():
    block = cells(*((c, r) for r in range(5) for c in range(5)))
    assert build_graph(block, "lattice", rings=2).cardinalities[block[12]] == 24
    # Within two steps along rows and columns: 4 + 8.
    assert build_graph(block, "lattice", rings=2, contiguity="rook").cardinalities[block[12]] == 12


def test_a_radius_reaches_the_cells_whose_centres_it_holds():
    block = cells(*((c, r) for r in range(7) for c in range(7)))
    middle = [
        build_graph(block, "lattice", radius=radius).cardinalities[block[24]] for radius in (1, 2**0.5, 2, 3)
    ]
    # Lattice points within 1, sqrt 2, 2 and 3 of the origin, without it: Gauss's circle problem.
    assert middle == [4, 8, 12, 28]
    with pytest.raises(UsageError, match="radius says who is a neighbour; leave contiguity and rings out"):
        build_graph(block, "lattice", radius=2, rings=2)


PLACES = st.lists(st.tuples(st.integers(-6, 6), st.integers(-9, 9)), min_size=2, max_size=40, unique=True)
REACHES = {
    "queen": lambda up, right, rings: max(up, right) <= rings,
    "rook": lambda up, right, rings: up + right <= rings,
    "radius": lambda up, right, rings: up**2 + right**2 <= rings**2,
}


@given(PLACES, st.sampled_from(sorted(REACHES)), st.integers(1, 3))
def test_rows_and_columns_in_any_order_have_the_neighbours_that_every_pair_says(places, kind, rings):
    options = {"radius": rings} if kind == "radius" else {"contiguity": kind, "rings": rings}
    row, column = np.array(places).T
    graph = build_graph((row, column), "lattice", **options)
    for i, (r, c) in enumerate(places):
        assert graph.ids[i] == f"r{r}c{c}"
        expected = [
            j for j, (s, d) in enumerate(places) if j != i and REACHES[kind](abs(r - s), abs(c - d), rings)
        ]
        assert graph.indices[graph.indptr[i] : graph.indptr[i + 1]].tolist() == expected


def test_rows_and_columns_may_have_ids_of_their_own_and_come_as_a_table():
    table = pd.DataFrame({"row": [7, 7, 9], "column": [1, 2, 2]}, index=["a", "b", "c"])
    graph = build_graph(table, "lattice")
    assert graph.ids.tolist() == ["a", "b", "c"]
    assert graph.neighbors("a").index.tolist() == ["b"]
    assert build_graph(table.to_numpy(), "lattice").isolates.tolist() == ["r9c2"]


def test_far_apart_cells_need_no_table_of_all_places():
    # 10^18 places between them; and the same cells in another order.
    row, column = np.array([0, 10**9, 1, 0, 10**9]), np.array([0, 10**9, 0, 1, 10**9 - 1])
    graph = build_graph((row, column), "lattice")
    assert graph.cardinalities.tolist() == [2, 1, 2, 2, 1]


def test_cells_in_one_place_and_unequal_columns_are_refused():
    with pytest.raises(GraphError, match=r"duplicate area ids: 1 of 3 \(r1c1\)"):
        build_graph((np.array([1, 1, 2]), np.array([1, 1, 5])), "lattice")
    table = pd.DataFrame({"row": [7, 7], "column": [1, 1]}, index=["a", "b"])
    with pytest.raises(GraphError, match=r"cells in the same place: 2 of 2 \(a, b\)"):
        build_graph(table, "lattice")
    with pytest.raises(UsageError, match="There are 2 rows and 1 columns"):
        build_graph((np.array([1, 2]), np.array([1])), "lattice")
    with pytest.raises(UsageError, match="rows and columns have none: give grid ids or shapes"):
        build_graph(table, "lattice", islands="nearest")


def test_quarter_kilometre_cells_are_read_from_their_ids():
    ids = pd.Index(["250mN667500E38500", "250mN667500E38525", "250mN667525E38550"])
    graph = build_graph(ids, "lattice")
    assert graph.cardinalities.tolist() == [1, 2, 1]
    assert graph.ids.equals(ids)


def test_squares_whose_ids_name_no_place_are_read_from_their_geometry():
    squares = [shapely.box(x, y, x + 250, y + 250) for x, y in ((0, 0), (250, 0), (500, 250), (5000, 0))]
    areas = gpd.GeoDataFrame(index=["688", "689", "690", "691"], geometry=squares, crs="EPSG:3879")
    assert build_graph(areas, "lattice").cardinalities.tolist() == [1, 2, 1, 0]


def test_grid_ids_decide_where_the_cells_were_reprojected():
    ids = cells((0, 0), (1, 0), (1, 1))
    squares = [
        shapely.box(e, n, e + 1000, n + 1000) for e, n in ((385e3, 6675e3), (386e3, 6675e3), (386e3, 6676e3))
    ]
    turned = gpd.GeoDataFrame(index=ids, geometry=squares, crs="EPSG:3067").to_crs("EPSG:3879")
    assert build_graph(turned, "lattice") == build_graph(ids, "lattice")


@pytest.mark.real
def test_hsys_cells_have_the_neighbours_that_their_polygons_touch(finland: Path):
    # Published some millimetres off their lattice, in EPSG:3879, with running numbers for ids.
    grid = gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg")
    grid.index = grid["INDEX"].astype(str)
    lattice = build_graph(grid, "lattice")
    touching = build_graph(grid, "queen", tolerance=0.1)
    assert lattice == touching


def test_a_neighbour_is_found_in_any_order_of_the_cells():
    rng = np.random.default_rng(5)
    block = np.array(cells(*((c, r) for r in range(6) for c in range(7) if (c * r) % 4 != 1)))
    graph = build_graph(block.tolist(), "lattice")
    shuffled = build_graph(rng.permutation(block).tolist(), "lattice")
    assert shuffled.subset(block) == graph
