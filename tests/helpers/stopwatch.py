"""Measures speed and memory against named peers: alternately, in one run, by medians."""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 7
NOISE = 0.9
"""A median on a machine that does other things too may be a tenth off; a promise fails below this share."""


LAUNCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call(sys.argv[1:])
print("\\n%f %d" % (time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""Linux counts what the starting process holds as the peak of the started one, so a small one has to."""


@dataclass(frozen=True)
class Runner:
    """Something to measure, and how often."""

    run: Callable[[], object]
    rounds: int = ROUNDS


def race(runners: Mapping[str, Runner]) -> dict[str, float]:
    """Return the median seconds of each runner; they take turns until each has run as often as it should.

    A runner that needs a warm start (a compiler's, say) is warmed before.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for turn in range(max(runner.rounds for runner in runners.values())):
        for name, runner in runners.items():
            if turn < runner.rounds:
                gc.collect()
                start = time.perf_counter()
                runner.run()
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def in_process(
    command: list[str], folder: Path, *, environment: Mapping[str, str] | None = None
) -> tuple[float, float, str]:
    """Return wall seconds, peak resident memory in MB and output of one command in a process of its own."""
    log = folder / "log"
    with log.open("wb") as sink:
        found = subprocess.run(
            [sys.executable, "-c", LAUNCH, *command],
            stdout=subprocess.PIPE,
            stderr=sink,
            cwd=folder,
            env=os.environ | dict(environment or {}),
            text=True,
            check=False,
        )
    assert found.returncode == 0, found.stdout + log.read_text()
    *said, measured = found.stdout.splitlines()
    seconds, kilobytes = measured.split()
    return float(seconds), int(kilobytes) / 1024, "\n".join(said)


@dataclass(frozen=True)
class Line:
    """One line of a table of ``BENCHMARKS.md``."""

    what: str
    ours: str
    peer: str
    ratio: str
    promised: str

    def __str__(self) -> str:
        return f"| {self.what} | {self.ours} | {self.peer} | {self.ratio} | {self.promised} |"


class Board:
    """The tables that a run of the benchmarks prints at its end, each under its heading."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Line]] = {}

    def add(self, heading: str, line: Line) -> None:
        self.tables.setdefault(heading, []).append(line)

    def compare(
        self, heading: str, what: str, ours: float, peer: str, theirs: float, *, promised: float | None = None
    ) -> float:
        """Add a line on how many times faster than a peer we were, and return that ratio."""
        ratio = theirs / ours
        said = "" if promised is None else f"at least {promised:g}"
        line = Line(what, f"{ours:.3g} s", f"{peer}: {theirs:.3g} s", f"{ratio:.4g}", said)
        self.add(heading, line)
        return ratio

    def __str__(self) -> str:
        head = "| what | lea_geo | peer | times | promised |\n|---|---|---|---|---|"
        return "\n\n".join(
            "\n".join([f"## {heading}", "", head, *map(str, lines)]) for heading, lines in self.tables.items()
        )
