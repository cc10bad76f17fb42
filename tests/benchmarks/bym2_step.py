"""Fits BYM2 to lattice cells or to all Finnish postal areas, in a process of its own; prints JSON.

Each fit of cells meets counts of its own draw. The seconds are the least of the rounds, because the machine
does other things too; the peak is that of the whole process, imports and inputs included.

Run as ``python bym2_step.py cells N`` or ``python bym2_step.py postal DATA`` with ``tests/helpers`` on the
path; called by ``test_bym2.py``.
"""

import json
import resource
import sys
import time
from pathlib import Path

import bench_fields
import numpy as np
import pandas as pd

import lea_geo as lea

ROUNDS = 3
SWEPT = 20_000
"""Cells from which on one round has to do."""


def cells(n: int, seed: int) -> tuple[pd.Series, pd.Series, lea.AreaGraph]:
    """Return counts of about 5 a cell, what was expected, and the queen lattice with holes."""
    row, column = bench_fields.cells(n)
    graph, rng = lea.build_graph((row, column), "lattice"), np.random.default_rng(seed)
    smooth = np.sin(row / 25) * np.cos(column / 25)
    expected = rng.lognormal(1.0, 1.0, size=graph.n)
    events = rng.poisson(expected * np.exp(0.4 * smooth + rng.normal(scale=0.2, size=graph.n)))
    return pd.Series(events, graph.ids), pd.Series(expected, graph.ids), graph


def postal(folder: Path) -> tuple[pd.Series, pd.Series, lea.AreaGraph]:
    """Return the unemployed, the labour force, and the queen graph of the areas of 2018."""
    areas = lea.read_areas(folder / "postal_areas_2018.gpkg", area_id="postinumeroalue")
    table = pd.read_csv(folder / "paavo_2018_whole_country.csv", dtype={"postinumero": str})
    table = table.set_index("postinumero").loc[areas.index]
    return table["pt_tyott"], table["pt_tyott"] + table["pt_tyoll"], lea.build_graph(areas, "queen")


def main(kind: str, of: str) -> dict[str, float]:
    lea.bym2(*cells(100, 0)[:3])  # compiled before the clock runs
    family = "poisson" if kind == "cells" else "binomial"
    given = postal(Path(of)) if kind == "postal" else None
    seconds: list[float] = []
    for seed in range(1 if kind == "cells" and int(of) >= SWEPT else ROUNDS):
        data = given or cells(int(of), seed)
        start = time.perf_counter()
        result = lea.bym2(*data, family=family)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"areas": len(result.table), "seconds": min(seconds), "MB": peak, "nodes": result.n_nodes}


sys.stdout.write(json.dumps(main(*sys.argv[1:])) + "\n")
