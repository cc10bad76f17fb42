"""A whole study and the command line against named peers, each in a process of its own."""

import statistics
import sys
from pathlib import Path

from stopwatch import Board, Line, in_process

HERE = Path(__file__).parent
STUDIES = HERE.parent / "studies"
HEADING = "Whole commands"
FINLAND, HELP = "`lea-geo run tests/studies/finland.toml`", "`lea-geo --help`"
PROMISED = {FINLAND: 1.2, HELP: 1 / 3}
"""At most such a share of the peer's time."""


def paired(
    ours: list[str], peer: list[str], folder: Path, *, rounds: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Run two commands alternately; return the median seconds and peak MB of each."""
    runs = [(in_process(ours, folder), in_process(peer, folder)) for _ in range(rounds)]
    mine, theirs = (
        (statistics.median(run[i][0] for run in runs), statistics.median(run[i][1] for run in runs))
        for i in (0, 1)
    )
    return mine, theirs


def share_of(
    board: Board, what: str, mine: tuple[float, float], peer: str, theirs: tuple[float, float]
) -> float:
    """Add a line on what share of the peer's time we took, and return that share."""
    share = mine[0] / theirs[0]
    ours, others = (f"{seconds:.3g} s, {peak:,.0f} MB peak" for seconds, peak in (mine, theirs))
    line = Line(what, ours, f"{peer}: {others}", f"{share:.2g} of the time", f"at most {PROMISED[what]:.2g}")
    board.add(HEADING, line)
    return share


def test_all_of_finland_costs_no_more_than_the_same_steps_by_hand(
    board: Board, finland: Path, tmp_path: Path
):
    study = STUDIES / "finland.toml"
    ours = [sys.executable, "-m", "lea_geo", "run", str(study), "--data", str(finland), "--out", "ours"]
    peer = [sys.executable, str(HERE / "by_hand_finland.py"), str(finland), "by_hand"]
    mine, theirs = paired(ours, peer, tmp_path, rounds=3)
    by_hand = "the same steps by hand with geopandas + esda + folium"
    assert share_of(board, FINLAND, mine, by_hand, theirs) <= PROMISED[FINLAND]


def test_help_costs_less_than_a_third_of_importing_geopandas(board: Board, tmp_path: Path):
    ours = [sys.executable, "-m", "lea_geo", "--help"]
    peer = [sys.executable, "-c", "import geopandas"]
    in_process(ours, tmp_path), in_process(peer, tmp_path)  # warm the file cache for both
    mine, theirs = paired(ours, peer, tmp_path, rounds=7)
    assert share_of(board, HELP, mine, "`import geopandas`", theirs) < PROMISED[HELP]
