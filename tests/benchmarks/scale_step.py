"""Builds a queen lattice and tests local Moran, in a process of its own; prints seconds and MB as JSON.

The whole is done four times, each time with another graph and other values. The first time pays for every
page of memory that the system hands to the process; it is told apart, and the seconds are medians of the
others.

Run as ``python scale_step.py CELLS FIELD`` with ``tests/helpers`` on the path; called by ``test_scaling.py``.
The peak is that of the whole process: imports, cells and values included.
"""

import json
import resource
import statistics
import sys
import time

import bench_fields
import numpy as np
import pandas as pd

import lea_geo as lea

ROUNDS = 4


def once(row: np.ndarray, column: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the seconds of the graph and of local Moran."""
    start = time.perf_counter()
    graph = lea.build_graph((row, column), "lattice")
    built = time.perf_counter()
    result = lea.local_moran(pd.Series(values, graph.ids), graph)
    tested = time.perf_counter()
    assert result.method == "exact"
    return built - start, tested - built


def measured(n: int, kind: str) -> dict[str, float]:
    row, column = bench_fields.cells(n)
    values = getattr(bench_fields, kind)(row, column)
    runs = [once(row, column, np.roll(values, shift)) for shift in range(ROUNDS)]
    graph, moran = (statistics.median(times) for times in zip(*runs[1:], strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cells": len(row), "graph": graph, "local Moran": moran, "first": sum(runs[0]), "MB": peak}


measured(3_000, sys.argv[2])  # compiled before the clock runs
sys.stdout.write(json.dumps(measured(int(sys.argv[1]), sys.argv[2])) + "\n")
