"""A small release in which one count is hidden and nothing gives it away, and ways to give it away.

Sixteen areas in rows of four. In each a number of children of whom some are poor; in one of them three, which
is withheld. What is told of the others (lags, ranks, legends) was computed without it.
"""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box
from small_findings import indicator, whole_frame

from lea_geo.export.geopackage import write_geopackage
from lea_geo.export.table import write_tables
from lea_geo.export.workbook import write_workbook
from lea_geo.maps.page import planner_map
from lea_geo.schema import LOCAL_COUNTS, SUMMARY_COLUMNS, Findings, Text, result_column
from lea_geo.spatial.autocorrelation import local_moran
from lea_geo.spatial.builders import build_graph
from lea_geo.spatial.local_g import local_g

IDS = [f"{65000 + 10 * i:05d}" for i in range(16)]
HIDDEN = IDS[6]
POOR = [31, 22, 17, 40, 12, 25, 3, 19, 28, 14, 36, 21, 33, 16, 27, 24]
CHILDREN = [101, 97, 89, 113, 83, 103, 79, 91, 107, 109, 127, 131, 137, 139, 149, 151]
"""Primes: no two areas can have the same share by chance."""
K = 5
CODE = "poor_children"


def areas() -> gpd.GeoDataFrame:
    squares = [
        box(1000 * (i % 4), 1000 * (i // 4), 1000 * (i % 4) + 1000, 1000 * (i // 4) + 1000) for i in range(16)
    ]
    return gpd.GeoDataFrame(
        {
            "name_fi": [f"Alue {letter}" for letter in "ABCDEFGHIJKLMNOP"],
            "name_sv": "",
            "name_en": "",
            "municipality": "905",
        },
        geometry=gpd.GeoSeries(squares).translate(220_000, 7_000_000).to_numpy(),
        crs="EPSG:3067",
        index=pd.Index(IDS, name="area_id", dtype=str),
    )


def cells(*, hidden: bool) -> pd.DataFrame:
    """Return the counts, as they are or as they may be told."""
    frame = pd.DataFrame(
        {"numerator": POOR, "denominator": CHILDREN}, index=pd.Index(IDS, name="area_id"), dtype=float
    )
    frame.insert(0, "value", 100 * frame["numerator"] / frame["denominator"])
    frame["status"], frame["lower"], frame["upper"] = "observed", np.nan, np.nan
    if hidden:
        frame.loc[HIDDEN, ["value", "numerator"]] = np.nan
        frame.loc[HIDDEN, "status"] = "suppressed"
    return frame


def statistics(frame: pd.DataFrame) -> pd.DataFrame:
    """Return local statistics of some cells, as a study names them."""
    graph = build_graph(areas(), "queen")
    told = {"local_moran": local_moran, "local_g_star": lambda *a, **k: local_g(*a, star=True, **k)}
    found = pd.DataFrame(index=frame.index)
    for method, test in told.items():
        table = test(frame["value"], graph, method="analytic", status=frame["status"]).table
        for column in ("statistic", "lag", *LOCAL_COUNTS):
            found[result_column(method, column)] = table[column].astype(float)
    return found


def findings(*, lags_of: pd.DataFrame | None = None) -> Findings:
    """Return what may leave; ``lags_of``: other cells that local statistics are computed of."""
    held = cells(hidden=True)
    told = statistics(held if lags_of is None else lags_of)
    told.loc[HIDDEN] = np.nan
    frame = whole_frame(held.join(told))
    shown = held["value"].dropna()
    summary = {"n_areas": 16, "n_observed": 15, "n_suppressed": 1, "median": shown.median()}
    summary |= {"minimum": shown.min(), "maximum": shown.max(), "reason": ""}
    one = indicator(CODE, "Köyhät lapset", numerator=("poor",), denominator=("children",))
    return Findings(
        title=Text("Koe", "Prov", "Trial"),
        areas=areas(),
        indicators=(one,),
        results={CODE: frame},
        summary=pd.DataFrame([summary], index=[CODE]).reindex(columns=list(SUMMARY_COLUMNS)),
        settings={"graph": "queen", "transform": "row", "islands": "isolate"},
        synthetic=True,
        level="postal",
        year="2020",
    )


def write_release(folder: Path, *, lags_of: pd.DataFrame | None = None) -> Path:
    """Write the release and its manifest."""
    found = findings(lags_of=lags_of)
    write_geopackage(found, folder / "study.gpkg")
    write_tables(found, folder / "tables")
    write_workbook(found, folder / "tables" / "study.xlsx")
    planner_map(found).save(folder / "map.html")
    spatial = {"graph": "queen", "islands": "isolate", "transform": "row"}
    manifest = {"lea_geo": "0", "study": {"spatial": spatial}, "others": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def shown_to_all(frame: pd.DataFrame) -> Findings:
    """Return the findings with every cell told, as an earlier release had them."""
    whole = findings()
    full = whole_frame(frame.join(statistics(frame)))
    return replace(whole, results={CODE: full})
