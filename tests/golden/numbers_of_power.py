"""Counts what esda and pygeoda find in fields with a planted cluster, with 999 permutations.

PYTHONPATH=tests/helpers python tests/golden/numbers_of_power.py tests/golden/power

Both give the smaller tail as their p-value. Twice that is the two-sided p-value that lea_geo gives, and what
Benjamini and Hochberg's procedure is asked at the same level; ``printed`` is what a reader finds who takes
the printed one for it, which is a two-sided test at twice the level. Stored, because compiling esda's
permutation loop takes longer than all tests of this folder.
"""

import sys
from pathlib import Path

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
import pygeoda
import shapely
from libpysal.graph import Graph
from null_fields import DESIGNS, FIELDS, LEVEL, cells, planted
from scipy.stats import false_discovery_control

PERMUTATIONS = 999


def smaller_tails(
    squares: gpd.GeoDataFrame, graph: Graph, links: object, values: np.ndarray, seed: int
) -> dict:
    """Return each program's p-values of local Moran."""
    theirs = esda.Moran_Local(values, graph, permutations=PERMUTATIONS, seed=seed, keep_simulations=False)
    squares["values"] = values
    geoda = pygeoda.local_moran(links, squares["values"], permutations=PERMUTATIONS, seed=seed, cpu_threads=1)
    return {"esda": np.asarray(theirs.p_sim), "pygeoda": np.asarray(geoda.lisa_pvalues())}


def main(folder: str) -> None:
    row, column = cells()
    boxes = shapely.box(column, row, column + 1, row + 1)
    squares = gpd.GeoDataFrame({"values": np.zeros(len(row))}, geometry=boxes, crs="EPSG:3067")
    graph = Graph.build_contiguity(squares, rook=False).transform("r")
    links = pygeoda.queen_weights(pygeoda.open(squares))
    rows = []
    for design in DESIGNS:
        for seed in range(FIELDS):
            values, inside = planted(design, seed)
            for program, tail in smaller_tails(squares, graph, links, values, seed + 1).items():
                for reading, p in (("two-sided", np.minimum(1.0, 2 * tail)), ("printed", tail)):
                    found = false_discovery_control(p) <= LEVEL * (1 + 1e-12)
                    rows.append((program, design, seed, reading, found[inside].sum(), found[~inside].sum()))
    columns = ["program", "design", "seed", "reading", "inside", "outside"]
    pd.DataFrame(rows, columns=columns).to_csv(Path(folder) / "found.csv", index=False)
    versions = {"esda": esda.__version__, "pygeoda": pygeoda.__version__}
    pd.Series(versions, name="version").to_csv(Path(folder) / "versions.csv", index_label="name")


if __name__ == "__main__":
    main(sys.argv[1])
