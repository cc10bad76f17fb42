"""Contiguity of grid cells by integers."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

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
