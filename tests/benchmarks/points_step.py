"""Counts simulated people by area, and by cell, in one of two ways; prints seconds and MB as JSON.

Run as ``python points_step.py register FOLDER ROWS``, which leaves ``ROWS.parquet`` in the folder it is run
in (FOLDER holds the real Finnish data), then there as ``python points_step.py WAY FOLDER ROWS WHAT``, where
WHAT is ``areas`` or ``both``. The counts are left in ``WAY_areas.parquet`` and ``WAY_cells.parquet``. Called
by ``test_support.py``.
"""

import json
import resource
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import lea_geo as lea

CHUNK = 1_000_000
HOMES = 1_500_000


def postal(folder: str) -> gpd.GeoDataFrame:
    path = Path(folder) / "postal_areas_2019.gpkg"
    return lea.read_areas(path, area_id="postinumeroalue", id_scheme="postal")


def write_register(folder: str, rows: str) -> None:
    """Write people who live in homes around the middles of postal areas, most of them in few."""
    areas, random = postal(folder), np.random.default_rng(6)
    people = random.lognormal(0, 1.5, len(areas))
    home = random.choice(len(areas), HOMES, p=people / people.sum())
    wide, high = (np.diff(areas.bounds.to_numpy()[:, [i, i + 2]])[:, 0] / 8 for i in (0, 1))
    middle = areas.centroid
    x = np.round(middle.x.to_numpy()[home] + random.normal(0, 1, HOMES) * wide[home], 1)
    y = np.round(middle.y.to_numpy()[home] + random.normal(0, 1, HOMES) * high[home], 1)
    writer = None
    for _ in range(int(rows) // CHUNK):
        lives = random.integers(0, HOMES, CHUNK)
        ages = pa.array(random.integers(0, 90, CHUNK) // 18, pa.int8())
        pay = np.round(random.lognormal(10, 0.7, CHUNK))
        chunk = pa.table({"e": x[lives], "n": y[lives], "age": ages, "pay": pay})
        writer = writer or pq.ParquetWriter(f"{rows}.parquet", chunk.schema)
        writer.write_table(chunk)
    writer.close()


def by_lea_geo(layers: dict[str, gpd.GeoDataFrame | None], file: str) -> dict[str, pd.Series]:
    size = 250 if "cells" in layers else None
    found = lea.aggregate_points(file, layers["areas"], x="e", y="n", cell_size=size)
    cells = {} if found.cells is None else {"cells": found.cells["count"]}
    return {"areas": found.table["count"], **cells}


def by_sjoin(layers: dict[str, gpd.GeoDataFrame | None], file: str) -> dict[str, pd.Series]:
    table = pd.read_parquet(file, columns=["e", "n"])
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(table["e"], table["n"]), crs=layers["areas"].crs)
    return {
        name: gpd.sjoin(points, layer[["geometry"]], predicate="within").groupby("area_id").size()
        for name, layer in layers.items()
    }


WAYS = {"lea_geo": by_lea_geo, "sjoin": by_sjoin}


def layers_of(folder: str, rows: str, chosen: str, what: str) -> dict[str, gpd.GeoDataFrame | None]:
    """Return the areas and, for ``sjoin``, the cells in which somebody lives, which it has to be given."""
    layers = {"areas": postal(folder)}
    if what == "both" and chosen == "sjoin":
        table = pd.read_parquet(f"{rows}.parquet", columns=["e", "n"])
        layers["cells"] = lea.build_grid(sorted(set(lea.cell_of(table["e"], table["n"], 250))))
    elif what == "both":
        layers["cells"] = None
    return layers


def measure(chosen: str, folder: str, rows: str, what: str) -> dict[str, float]:
    layers, way = layers_of(folder, rows, chosen, what), WAYS[chosen]
    few = pq.ParquetFile(f"{rows}.parquet").read_row_group(0).slice(0, 1000)
    pq.write_table(few, "few.parquet")
    way(layers, "few.parquet")  # compiled before the clock runs
    start, worked = time.perf_counter(), time.process_time()
    found = way(layers, f"{rows}.parquet")
    seconds, processors = time.perf_counter() - start, time.process_time() - worked
    for name, counts in found.items():
        counts.rename("count").to_frame().to_parquet(f"{chosen}_{name}.parquet")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "processors": processors, "MB": peak, "cells": len(found.get("cells", ()))}


if sys.argv[1] == "register":
    write_register(*sys.argv[2:])
else:
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])) + "\n")
