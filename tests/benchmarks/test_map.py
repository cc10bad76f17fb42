"""The planner's map against folium.GeoJson and GeoDataFrame.explore: the same areas, in the same run."""

import sys
from pathlib import Path

import pytest
from page_speed import Shown, show
from stopwatch import Board, Line, in_process

HELPERS = Path(__file__).parents[1] / "helpers"
PEERS = ("folium.GeoJson", "gdf.explore")
HEADING = "The map: ten columns of values"
PROMISED_SIZE = 1 / 20
"""Of a peer's file, at 3 000 polygons of full resolution."""
PROMISED_PAINT = 10
"""Times faster than a peer, at 30 000 cells."""
PROMISED_WRITING = 1 / 10
"""Of folium's time and memory, at 300 000 cells."""
PATIENCE = 180
"""Seconds that a peer's page of 300 000 cells is given."""
LARGEST, SLOWEST, LONGEST_FRAME = 10.0, 2.0, 33.0
"""MB, seconds and milliseconds at 300 000 cells."""
NOISE = 1.1


def written(kind: str, size: str, drawer: str, folder: Path) -> tuple[float, float, Path]:
    """Return seconds and MB of a process that writes one map, beyond one that only has the areas."""
    path = folder / f"{drawer}.html"
    program = [sys.executable, str(HELPERS / "bench_maps.py"), kind, size]
    idle = in_process([*program, "nothing", "-"], folder)
    busy = in_process([*program, drawer, str(path)], folder)
    return busy[0] - idle[0], busy[1] - idle[1], path


def said(seconds: float, peak: float, path: Path, shown: Shown | None) -> str:
    size = f"{path.stat().st_size / 1e6:.3g} MB, written in {seconds:.2g} s and {peak:,.0f} MB more memory"
    if shown is None:
        return f"{size}; not painted within {PATIENCE} s"
    drawn = (
        f"painted in {shown.painted:.2g} s, pan p95 {shown.pan:.0f} ms, {shown.memory:,.0f} MB in the browser"
    )
    return f"{size}; {drawn}"


@pytest.mark.parametrize("peer", PEERS)
def test_3000_polygons_take_a_twentieth_of_a_peers_size(
    board: Board, finland: Path, chromium: str, tmp_path: Path, peer: str
):
    areas = str(finland / "postal_areas_2018.gpkg")
    ours, theirs = (written("postal", areas, drawer, tmp_path) for drawer in ("lea_geo", peer))
    mine, other = (show(chromium, one[2]) for one in (ours, theirs))
    share = ours[2].stat().st_size / theirs[2].stat().st_size
    what = "3 030 postal areas, 1.0 M vertices"
    line = Line(
        what, said(*ours, mine), f"{peer}: {said(*theirs, other)}", f"{share:.2g} of the size", "at most 1/20"
    )
    board.add(HEADING, line)
    assert share <= PROMISED_SIZE


@pytest.mark.parametrize("peer", PEERS)
def test_30_000_cells_are_painted_ten_times_faster(board: Board, chromium: str, tmp_path: Path, peer: str):
    ours, theirs = (written("cells", "30000", drawer, tmp_path) for drawer in ("lea_geo", peer))
    mine, other = (show(chromium, one[2]) for one in (ours, theirs))
    ratio = other.painted / mine.painted
    line = Line(
        "30 000 cells",
        said(*ours, mine),
        f"{peer}: {said(*theirs, other)}",
        f"{ratio:.3g} painting",
        "at least 10",
    )
    board.add(HEADING, line)
    assert ratio >= PROMISED_PAINT / NOISE


def test_300_000_cells_fit_an_e_mail_and_are_written_in_a_tenth_of_folium_s_time(
    board: Board, chromium: str, tmp_path: Path
):
    ours, theirs = (written("cells", "300000", drawer, tmp_path) for drawer in ("lea_geo", "folium.GeoJson"))
    mine, other = show(chromium, ours[2]), show(chromium, theirs[2], seconds=PATIENCE)
    shares = [ours[0] / theirs[0], ours[1] / theirs[1]]
    line = Line(
        "300 000 cells",
        said(*ours, mine),
        f"folium.GeoJson: {said(*theirs, other)}",
        f"{shares[0]:.2g} of the time, {shares[1]:.2g} of the memory",
        "at most 1/10 of both; 10 MB, 2 s, 33 ms",
    )
    board.add(HEADING, line)
    assert max(shares) <= PROMISED_WRITING * NOISE
    assert ours[2].stat().st_size < LARGEST * 1e6
    assert mine.painted < SLOWEST * NOISE
    assert mine.pan < LONGEST_FRAME * NOISE
