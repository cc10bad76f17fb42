"""Ten thousand joint runs of the full Paavo catalogue on all Finnish postal areas; whether they are right."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from calibration_studies import DESIGNS, judged, together
from stopwatch import NOISE, Board, Line, in_process

import lea_geo as lea

HERE = Path(__file__).parent
HEADING = "Robustness of an index: joint runs of 22 indicators, each line a process of its own"
SECONDS, MEGABYTES, RUNS, AREAS = 120, 4_000, 10_000, 3_030
EXPONENT = 1.1
COINR_RUNS = 20
STUDIES = 200


def step(folder: Path, scratch: Path, runs: int, areas: int) -> dict[str, float]:
    """Return what one process took."""
    command = [sys.executable, str(HERE / "robustness_step.py"), str(folder), str(runs), str(areas)]
    return json.loads(in_process(command, scratch)[2].splitlines()[-1])


def line(found: dict[str, float], promised: str = "") -> Line:
    ours = f"{found['seconds']:.3g} s ({found['processor']:.3g} s of processors), {found['MB']:,.0f} MB peak"
    return Line(f"{found['runs']:,.0f} runs, {found['areas']:,.0f} areas", ours, "", "", promised)


def test_ten_thousand_runs_of_all_areas_take_less_than_two_minutes(
    board: Board, finland: Path, tmp_path: Path
):
    found = step(finland, tmp_path, RUNS, AREAS)
    board.add(HEADING, line(found, f"{SECONDS} s, {MEGABYTES:,} MB"))
    assert found["indicators"] == len(lea.read_catalogue().codes)
    assert found["seconds"] <= SECONDS / NOISE
    assert found["MB"] <= MEGABYTES


@pytest.mark.parametrize(
    ("what", "cases"),
    [
        ("runs", [(1_000, AREAS), (2_000, AREAS), (5_000, AREAS)]),
        ("areas", [(2_000, 300), (2_000, 1_000), (2_000, AREAS)]),
    ],
)
def test_cost_grows_no_faster_than_runs_and_areas(
    board: Board, finland: Path, tmp_path: Path, what: str, cases: list[tuple[int, int]]
):
    found = [step(finland, tmp_path, *case) for case in cases]
    for one in found:
        board.add(HEADING, line(one))
    first, last = found[0], found[-1]
    times = math.log(last[what] / first[what])
    exponent = math.log(last["processor"] / first["processor"]) / times
    board.add(
        HEADING, Line(f"exponent of processor seconds, {what}", f"{exponent:.2f}", "", "", f"{EXPONENT}")
    )
    assert exponent <= EXPONENT / NOISE


def test_coinr_does_less_in_more_time(board: Board, finland: Path, tmp_path: Path):
    library = os.environ.get("LEA_GEO_COINR", "")
    if not library or shutil.which("Rscript") is None:
        pytest.skip("LEA_GEO_COINR names no R library with COINr")
    values, meta = tmp_path / "values.csv", tmp_path / "meta.csv"
    write = [sys.executable, str(HERE / "robustness_step.py"), str(finland), "--csv", str(values)]
    subprocess.run(write, check=True)
    rows = [f"{i.code},{i.direction},{i.domain}" for i in lea.read_catalogue().indicators]
    meta.write_text("\n".join(["code,direction,domain", *rows]) + "\n")
    command = ["Rscript", str(HERE / "coinr_sensitivity.R"), str(values), str(meta), str(COINR_RUNS)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"R_LIBS": library}
    )
    theirs = json.loads(done.stdout.splitlines()[-1])
    ours = step(finland, tmp_path, 1_000, AREAS)
    board.compare(
        "Robustness of an index beside COINr, 1 000 runs",
        f"{AREAS:,} areas, 22 indicators; COINr varies scale, aggregation and weights only",
        ours["seconds"],
        f"COINr {theirs['version']}, {COINR_RUNS} runs measured and scaled",
        theirs["seconds"] / COINR_RUNS * 1_000,
    )


def test_what_is_stated_comes_true_as_often_as_it_is_stated(board: Board):
    """Two hundred made-up studies of all designs: reliability_diagram.py draws some like them."""
    designs = list(DESIGNS.values())
    said = {
        noise: together([judged(designs[seed % len(designs)], seed, noise=noise) for seed in range(STUDIES)])
        for noise in ("raw", "sampling", "joint")
    }
    for noise, one in said.items():
        (high, many), (middle, some) = one.share(0.9, 1.0), one.share(0.4, 0.6)
        told = f"0.9 to 1: {high:.1%} of {many}; 0.4 to 0.6: {middle:.1%} of {some}"
        told = f"Brier {one.brier:.4f}" + ("" if noise == "raw" else f"; {told}")
        promised = "at least 88 %; 35 to 65 %" if noise == "joint" else ""
        board.add(f"What is stated comes true: {STUDIES} studies", Line(noise, told, "", "", promised))
    assert said["joint"].share(0.9, 1.0)[0] >= 0.88
    assert 0.35 <= said["joint"].share(0.4, 0.6)[0] <= 0.65
    assert said["joint"].brier < said["sampling"].brier < said["raw"].brier
