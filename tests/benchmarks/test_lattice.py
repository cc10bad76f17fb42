"""Queen contiguity of grid cells, against libpysal and pygeoda from polygons."""

import libpysal
import pygeoda
import pytest
from bench_fields import cell_names, cells, named, squares
from libpysal.graph import Graph
from stopwatch import NOISE, Board, Runner, race

import lea_geo as lea

HEADING = "Queen lattices with 30 % holes"
PROMISED = {300_000: {"rows and columns": 500.0, "id strings": 100.0}}


@pytest.mark.parametrize("n", [3_000, 100_000, 300_000], ids=named)
def test_a_queen_lattice_from_integers_and_from_ids_against_contiguity_of_polygons(board: Board, n: int):
    row, column = cells(n)
    ids, polygons = cell_names(row, column), squares(row, column)
    geoda = pygeoda.open(polygons)
    lea.build_graph((row[:100], column[:100]), "lattice")
    rounds = 7 if n < 10_000 else 1
    seconds = race(
        {
            "rows and columns": Runner(lambda: lea.build_graph((row, column), "lattice")),
            "id strings": Runner(lambda: lea.build_graph(ids, "lattice")),
            "libpysal": Runner(lambda: Graph.build_contiguity(polygons, rook=False), rounds),
            "pygeoda": Runner(lambda: pygeoda.queen_weights(geoda), rounds),
        }
    )
    ours = lea.build_graph((row, column), "lattice")
    theirs = Graph.build_contiguity(polygons, rook=False)
    assert ours.n_links == theirs.n_edges
    for source in ("rows and columns", "id strings"):
        promised = PROMISED.get(n, {}).get(source)
        what = f"{len(row):,} cells, from {source}"
        ratio = board.compare(
            HEADING, what, seconds[source], "libpysal", seconds["libpysal"], promised=promised
        )
        board.compare(HEADING, what, seconds[source], "pygeoda", seconds["pygeoda"])
        assert promised is None or ratio >= NOISE * promised


def test_a_full_lattice_against_libpysals_own_lattice_without_geometry(board: Board):
    # lat2W knows no holes and takes no cells: it numbers a full rectangle.
    side = 316
    row, column = cells(side**2)
    seconds = race(
        {
            "ours": Runner(lambda: lea.build_graph((row, column), "lattice")),
            "lat2W": Runner(lambda: libpysal.weights.lat2W(side, side, rook=False), 3),
        }
    )
    board.compare(
        HEADING,
        f"{len(row):,} cells, from rows and columns",
        seconds["ours"],
        f"libpysal's lat2W, {side**2:,} cells, no holes",
        seconds["lat2W"],
    )
