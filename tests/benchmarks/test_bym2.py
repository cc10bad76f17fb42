"""The spatial model BYM2: seconds and memory by number of areas, each in a process of its own."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stopwatch import Board, Line

FOLDER = Path(__file__).parent
SIZES = (300, 3_000, 30_000)
MOST_SECONDS = 10
"""For all Finnish postal areas."""
MOST_EXPONENT = 1.5
"""The factors of a planar graph take about n^1.5 operations, all else n."""


def step(kind: str, of: object) -> dict[str, float]:
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parent / "helpers")}
    command = [sys.executable, str(FOLDER / "bym2_step.py"), kind, str(of)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


def tell(board: Board, what: str, found: dict[str, float], promised: str = "") -> None:
    ours = f"{found['seconds']:.3g} s, {found['MB']:.0f} MB, {found['nodes']} nodes"
    board.add("The spatial model BYM2", Line(f"{found['areas']:,.0f} {what}", ours, "", "", promised))


def test_time_grows_about_as_the_factors_of_a_planar_graph_do(board: Board):
    found = [step("cells", n) for n in SIZES]
    for one in found:
        tell(board, "lattice cells", one)
    # From 3 000 on: below, what does not depend on the size is most of it.
    last, middle = found[-1], found[-2]
    exponent = math.log(last["seconds"] / middle["seconds"]) / math.log(last["areas"] / middle["areas"])
    line = Line("exponent from 3 000 to 30 000 cells", f"{exponent:.2f}", "", "", f"at most {MOST_EXPONENT}")
    board.add("The spatial model BYM2", line)
    assert exponent < MOST_EXPONENT


@pytest.mark.real
def test_all_finnish_postal_areas_take_seconds(board: Board, finland: Path):
    found = step("postal", finland)
    tell(board, "postal areas, unemployed in the labour force", found, f"under {MOST_SECONDS} s")
    assert found["seconds"] < MOST_SECONDS
