"""Speed and memory as ratios against a named peer in the same run; ``make bench`` prints them.

These machines are noisy: every pair is run alternately and the medians are compared. Nothing is asserted in
seconds; the ratios are what the issue of the main job promises.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STUDIES = HERE.parent / "studies"


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Return wall seconds and peak resident memory in MB of one command in a process of its own."""
    log = folder / "log"
    start = time.perf_counter()
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, log.read_text()
    return seconds, usage.ru_maxrss / 1024


def paired(ours: list[str], peer: list[str], folder: Path, *, rounds: int) -> dict[str, float]:
    """Run two commands alternately and compare their medians."""
    runs = [(measure(ours, folder), measure(peer, folder)) for _ in range(rounds)]
    mine, theirs = (statistics.median(run[i][0] for run in runs) for i in (0, 1))
    memory, their_memory = (statistics.median(run[i][1] for run in runs) for i in (0, 1))
    return {
        "seconds": mine,
        "peer seconds": theirs,
        "ratio": mine / theirs,
        "peak MB": memory,
        "peer peak MB": their_memory,
    }


def show(name: str, figures: dict[str, float]) -> None:
    sys.stdout.write(f"\n{name}: " + ", ".join(f"{key} {value:.3g}" for key, value in figures.items()) + "\n")


def test_all_of_finland_costs_no_more_than_the_same_steps_by_hand(finland, tmp_path):
    study = STUDIES / "finland.toml"
    ours = [sys.executable, "-m", "lea_geo", "run", str(study), "--data", str(finland), "--out", "ours"]
    peer = [sys.executable, str(HERE / "by_hand_finland.py"), str(finland), "by_hand"]
    figures = paired(ours, peer, tmp_path, rounds=3)
    show("lea-geo run finland / geopandas + esda + folium by hand", figures)
    assert figures["ratio"] <= 1.2


def test_help_costs_less_than_a_third_of_importing_geopandas(tmp_path):
    ours = [sys.executable, "-m", "lea_geo", "--help"]
    peer = [sys.executable, "-c", "import geopandas"]
    measure(ours, tmp_path), measure(peer, tmp_path)  # warm the file cache for both
    figures = paired(ours, peer, tmp_path, rounds=7)
    show("lea-geo --help / import geopandas", figures)
    assert figures["ratio"] < 1 / 3


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q", "-s"]))
