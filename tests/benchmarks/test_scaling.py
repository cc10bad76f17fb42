"""Time and memory of a graph and local Moran up to four million cells, as many as Europe has at 1 km."""

import json
import math
import statistics
import sys
from pathlib import Path

import pytest
from bench_fields import SIZES, cells
from stopwatch import NOISE, Board, Line, in_process

HERE = Path(__file__).parent
HELPERS = {"PYTHONPATH": str(HERE.parent / "helpers")}
ROUNDS = 3
HEADING = "Scale: queen lattice and local Moran with its table, each in a process of its own"
LARGEST = SIZES[-1]
SECONDS, MEGABYTES = 1.5, 3_000
EXPONENT = 1.1


@pytest.fixture(scope="module", params=["continuous", "counts"])
def steps(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Median seconds and peak MB at every size; sizes take turns."""
    folder = tmp_path_factory.mktemp("scale")
    runs: dict[int, list[dict[str, float]]] = {n: [] for n in SIZES}
    for _ in range(ROUNDS):
        for n, found in runs.items():
            command = [sys.executable, str(HERE / "scale_step.py"), str(n), request.param]
            found.append(json.loads(in_process(command, folder, environment=HELPERS)[2]))
    medians = {
        n: {part: statistics.median(run[part] for run in found) for part in found[0]}
        for n, found in runs.items()
    }
    return request.param, medians


def test_four_million_cells_take_a_second_and_a_half_and_three_gigabytes(board: Board, steps):
    kind, medians = steps
    for n, found in medians.items():
        both = found["graph"] + found["local Moran"]
        ours = (
            f"{found['graph']:.3g} + {found['local Moran']:.3g} = {both:.3g} s, {found['MB']:,.0f} MB peak; "
            f"the first time {found['first']:.3g} s"
        )
        promised = f"{SECONDS} s, {MEGABYTES:,} MB" if n == LARGEST else ""
        board.add(HEADING, Line(f"{found['cells']:,.0f} cells, {kind}", ours, "", "", promised))
    largest = medians[LARGEST]
    assert largest["graph"] + largest["local Moran"] <= SECONDS / NOISE
    assert largest["MB"] <= MEGABYTES


def test_time_and_memory_grow_no_faster_than_the_cells(board: Board, steps):
    kind, medians = steps
    small, large = medians[300_000], medians[LARGEST]
    times = math.log(large["cells"] / small["cells"])
    seconds = [found["graph"] + found["local Moran"] for found in (small, large)]
    exponents = {
        "seconds": math.log(seconds[1] / seconds[0]) / times,
        "MB": math.log(large["MB"] / small["MB"]) / times,
    }
    said = ", ".join(f"{name} {exponent:.2f}" for name, exponent in exponents.items())
    what = f"exponents from 300,000 to {LARGEST:,} cells, {kind}"
    board.add(HEADING, Line(what, said, "", "", f"at most {EXPONENT}"))
    assert max(exponents.values()) <= EXPONENT


def test_the_sizes_are_what_they_say():
    assert all(abs(len(cells(n)[0]) / n - 1) < 0.02 for n in SIZES[:3])
