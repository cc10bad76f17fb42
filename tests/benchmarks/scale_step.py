"""Builds a queen lattice and tests local Moran once, in a process of its own; prints seconds and MB as JSON.

Run as ``python scale_step.py CELLS FIELD`` with ``tests/helpers`` on the path; called by ``test_scaling.py``.
The peak is that of the whole process: imports, cells and values included.
"""

import json
import resource
import sys
import time

import bench_fields
import pandas as pd

import lea_geo as lea


def once(n: int, kind: str) -> dict[str, float]:
    row, column = bench_fields.cells(n)
    values = getattr(bench_fields, kind)(row, column)
    start = time.perf_counter()
    graph = lea.build_graph((row, column), "lattice")
    built = time.perf_counter()
    result = lea.local_moran(pd.Series(values, graph.ids), graph)
    tested = time.perf_counter()
    assert result.method == "exact"
    return {
        "cells": graph.n,
        "graph": built - start,
        "local Moran": tested - built,
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


once(3_000, sys.argv[2])  # compiled before the clock runs
sys.stdout.write(json.dumps(once(int(sys.argv[1]), sys.argv[2])) + "\n")
