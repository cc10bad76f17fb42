"""Carries counts and rates from cells of 1 km to all Finnish postal areas; prints seconds and added MB.

Run as ``python interpolate_step.py FOLDER BORDERS WAY CELLS ROUNDS`` with ``tests/helpers`` on the path,
where FOLDER holds the real data and BORDERS is ``published`` or ``dense``; called by ``test_interpolate.py``.
The whole call is timed: checks, overlay, shares, account. Seconds are those of the processor, all threads
together, the least of the rounds. What arrived is left in ``WAY.npy``.
"""

import json
import sys
import time
from pathlib import Path

import bench_maps
import geopandas as gpd
import numpy as np
import pandas as pd
from tobler.area_weighted import area_interpolate

import lea_geo as lea

KINDS = {"people": "extensive", "rate": "intensive"}


def frames(folder: Path, borders: str, n: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return cells of the box around Finland with made-up people and rates, and the postal areas of 2019."""
    path = folder / "postal_areas_2019.gpkg"
    areas = lea.read_areas(path, area_id="postinumeroalue")[["geometry"]]
    if borders == "dense":
        # As many vertices as a survey's borders have, and not moved: roughened borders lie over each other.
        areas = bench_maps.postal(path, roughness=0.0)[["geometry"]]
    west, south, east, north = areas.total_bounds // 1000 * 1000
    cells = lea.build_grid((west, south, east + 1000, north + 1000), cell_size=1000)[["geometry"]]
    rng = np.random.default_rng(1)
    cells = cells.iloc[np.sort(rng.permutation(len(cells))[:n])]
    return cells.assign(people=rng.poisson(20, len(cells)).astype(float), rate=rng.random(len(cells))), areas


def by_lea_geo(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    result = lea.interpolate(cells[list(KINDS)], cells, areas, kind=KINDS, outside="drop")
    return result.table[list(KINDS)]


def by_tobler(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    return area_interpolate(
        cells, areas, extensive_variables=["people"], intensive_variables=["rate"], allocate_total=False
    )[list(KINDS)]


def by_overlay(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the same as an analyst would get it with geopandas alone."""
    whole = cells.area.to_numpy()
    left = cells.reset_index(drop=True).rename_axis("cell").reset_index()
    right = areas.reset_index(drop=True).rename_axis("area").reset_index()
    shared = gpd.overlay(left, right, how="intersection")
    size = shared.area.to_numpy()
    parts = pd.DataFrame(
        {
            "people": shared["people"] * size / whole[shared["cell"]],
            "rate": shared["rate"] * size,
            "size": size,
        }
    )
    sums = parts.groupby(shared["area"]).sum().reindex(range(len(areas)))
    return sums.assign(rate=sums["rate"] / sums["size"])[list(KINDS)]


WAYS = {"lea_geo": by_lea_geo, "tobler": by_tobler, "overlay": by_overlay}


def memory(field: str) -> float:
    """Return ``VmRSS``, what the process holds, or ``VmHWM``, the most that it held, in MB."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


folder, borders, chosen, n, rounds = sys.argv[1:]
cells, areas = frames(Path(folder), borders, int(n))
seconds, way = [], WAYS[chosen]
way(cells.iloc[::100], areas)  # compiled before the clock runs
Path("/proc/self/clear_refs").write_text("5", "ascii")  # forgets the most that was held so far
before = memory("VmRSS")
for _ in range(int(rounds)):
    start = time.process_time()
    table = way(cells, areas)
    seconds.append(time.process_time() - start)
np.save(f"{chosen}.npy", table.to_numpy(float))
said = {"seconds": min(seconds), "MB": memory("VmHWM") - before, "areas": len(areas), "cells": len(cells)}
sys.stdout.write(json.dumps(said) + "\n")
