"""Findings of rates on squares in a row, made up whole, for tests of what is hidden of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box
from small_findings import indicator, whole_frame

from lea_geo import schema
from lea_geo._estimates import compared, estimates
from lea_geo.schema import Findings, Text

POOR = indicator("poor", "Poor", numerator=("poor",), denominator=("people",))


def squares(n, *, side=1000, east=0, towns=None):
    """Return n squares in a row."""
    ids = pd.Index([f"a{i:02d}" for i in range(n)], name="area_id", dtype=str)
    shapes = [box(east + side * i, 0, east + side * (i + 1), 1000) for i in range(n)]
    names = dict.fromkeys(schema.NAME_COLUMNS, "")
    return gpd.GeoDataFrame(
        {**names, "municipality": towns or ["t"] * n}, geometry=shapes, crs="EPSG:3067", index=ids
    )


def frame_of(one, areas, counts, people):
    """Return the results of a rate, with made-up numbers of the local statistics."""
    cells = pd.DataFrame(
        {
            "value": one.scale * np.asarray(counts, dtype=float) / np.asarray(people, dtype=float),
            "status": "observed",
            "lower": np.nan,
            "upper": np.nan,
            "numerator": np.asarray(counts, dtype=float),
            "denominator": np.asarray(people, dtype=float),
        },
        index=areas.index,
    )
    frame = cells.join(estimates(one, cells))
    for method in schema.LOCAL_METHODS:
        for name in schema.LOCAL_COLUMNS[:-1]:
            frame[schema.result_column(method, name)] = "High-High" if name == "label" else 0.123456
        frame[[schema.result_column(method, name) for name in schema.LOCAL_COUNTS]] = 2.0, 0.0
    return whole_frame(frame)


def findings_of(areas, frames, indicators, **changes):
    """Return findings of some areas, with their totals."""
    codes = [one.code for one in indicators]
    summary = pd.DataFrame(
        {
            "n_areas": len(areas),
            "moran_statistic": 0.123456,
            "moran_p_value": 0.00004,
            "moran_z_score": 3.456,
        },
        index=pd.Index(codes, dtype=str),
    ).reindex(columns=list(schema.SUMMARY_COLUMNS))
    return Findings(
        title=Text("N", "N", "N"),
        areas=areas,
        indicators=tuple(indicators),
        results=frames,
        summary=summary,
        comparisons=compared(tuple(indicators), frames, areas),
        **{"level": "postal", **changes},
    )
