"""Lays all Finnish postal areas over cells of 1 km in one of several ways; prints seconds and MB as JSON.

Run as ``python overlap_step.py frames FOLDER BORDERS CELLS`` with ``tests/helpers`` on the path, which leaves
the frames in the folder it is run in (FOLDER holds the real Finnish data, BORDERS is ``published`` or
``dense``); then there as ``python overlap_step.py WAY ROUNDS``, which tells the least of the rounds and
leaves the surfaces in ``WAY.npz``. Called by ``test_support.py``.
"""

import json
import resource
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse


def write_frames(folder: str, borders: str, n: str) -> None:
    """Write the postal areas of 2019, and so many cells of 1 km of the box around them."""
    import bench_maps  # noqa: PLC0415 - heavy, and no part of what is measured

    import lea_geo as lea  # noqa: PLC0415 - the same

    path = Path(folder) / "postal_areas_2019.gpkg"
    areas = bench_maps.postal(path) if borders == "dense" else gpd.read_file(path)
    sound = areas.geometry.make_valid(method="structure", keep_collapsed=False)
    west, south, east, north = sound.total_bounds // 1000 * 1000
    cells = lea.build_grid((west, south, east + 1000, north + 1000), cell_size=1000)
    present = np.sort(np.random.default_rng(1).permutation(len(cells))[: int(n)])
    gpd.GeoDataFrame(geometry=sound, crs=areas.crs).to_parquet("areas.parquet")
    cells[["geometry"]].iloc[present].to_parquet("cells.parquet")


def by_lea_geo(areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> sparse.csr_array:
    import lea_geo as lea  # noqa: PLC0415 - one way of several

    return lea.overlap(areas, cells)


def by_tobler(areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> sparse.csr_array:
    from tobler.area_weighted.area_interpolate import _area_tables_binning  # noqa: PLC0415 - one way of several

    return sparse.csr_array(_area_tables_binning(areas, cells, spatial_index="auto"))


def by_overlay(areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> sparse.csr_array:
    left, right = (
        frame.reset_index(drop=True).rename_axis(name).reset_index()
        for frame, name in ((areas, "a"), (cells, "c"))
    )
    shared = gpd.overlay(left, right, how="intersection")
    return sparse.coo_array((shared.area, (shared["a"], shared["c"])), shape=(len(areas), len(cells))).tocsr()


WAYS = {"lea_geo": by_lea_geo, "tobler": by_tobler, "overlay": by_overlay}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(chosen: str, rounds: str) -> dict[str, float]:
    areas, cells = (gpd.read_parquet(f"{name}.parquet") for name in ("areas", "cells"))
    way, seconds, processors = WAYS[chosen], [], []
    way(areas.iloc[:2], cells.iloc[:100])  # compiled before the clock runs
    before = peak()
    for _ in range(int(rounds)):
        start, worked = time.perf_counter(), time.process_time()
        table = way(areas, cells)
        seconds.append(time.perf_counter() - start)
        processors.append(time.process_time() - worked)
    sparse.save_npz(f"{chosen}.npz", table)
    return {
        "seconds": min(seconds),
        "processors": min(processors),
        "MB": peak(),
        "more MB": peak() - before,
        "polygons": len(areas),
        "cells": len(cells),
        "vertices": int(shapely.get_num_coordinates(areas.geometry).sum()),
    }


if sys.argv[1] == "frames":
    write_frames(*sys.argv[2:])
else:
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])) + "\n")
