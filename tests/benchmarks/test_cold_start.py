"""What the first call of a process costs, with what numba kept from an earlier one and without."""

import json
import statistics
import sys
from pathlib import Path

from stopwatch import Board, Line, in_process

HERE = Path(__file__).parent
ROUNDS = 3
HEADING = "Cold start: queen lattice and local Moran of 2 500 cells"


def test_the_first_call_of_a_process_with_and_without_what_numba_kept(board: Board, tmp_path: Path):
    runs: dict[str, list[dict[str, float]]] = {"kept": [], "none kept": []}
    kept = {"NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    command = [sys.executable, str(HERE / "first_call.py")]
    in_process(command, tmp_path, environment=kept)
    for turn in range(ROUNDS):
        empty = {"NUMBA_CACHE_DIR": str(tmp_path / f"empty {turn}")}
        for name, environment in (("kept", kept), ("none kept", empty)):
            _, _, said = in_process(command, tmp_path, environment=environment)
            runs[name].append(json.loads(said))
    seconds = {
        (name, part): statistics.median(run[part] for run in found)
        for name, found in runs.items()
        for part in found[0]
    }
    for (name, part), taken in seconds.items():
        what = {"kept": "machine code kept by an earlier process", "none kept": "nothing kept"}[name]
        board.add(HEADING, Line(f"{part}, {what}", f"{taken:.3g} s", "", "", ""))
    # Keeping machine code must be worth it, or the caching is broken.
    assert seconds["kept", "first call"] < seconds["none kept", "first call"] / 2
