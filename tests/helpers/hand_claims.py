"""What a release claims, written by hand: areas on squared paper, numbers in small dictionaries."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from small_findings import indicator

from lea_geo.disclosure.attack.claims import Claims

CELL = ["geography", "year", "area_id", "variable", "part"]
COLUMNS = [*CELL, "lower", "upper", "status", "place", "n_places"]
LOOSE = ["kind", *CELL, "lower", "upper", "count", "place", "said"]
SIDE = 12_000


def strips(ids, *, across=False, **columns):
    """Return areas side by side, or one above the other, that share one square of ground."""
    ends = np.linspace(0, SIDE, len(ids) + 1)
    low, high, none = ends[:-1], ends[1:], np.zeros(len(ids))
    boxes = shapely.box(none, low, none + SIDE, high) if across else shapely.box(low, none, high, none + SIDE)
    index = pd.Index(list(ids), name="area_id", dtype=str)
    return gpd.GeoDataFrame(columns, geometry=boxes, index=index, crs="EPSG:3067")


def claims(areas, numbers, *, loose=(), indicators=None, year="2020", states=None, manifest=None):
    """Return claims.

    ``numbers``: kind of areas to (variable, part) to a list in the order of the areas; NaN is not told, a
    pair is an interval. ``states``: kind of areas to variable to a list of statuses.
    """
    rows = []
    for kind, told in numbers.items():
        for (variable, part), values in told.items():
            said = (states or {}).get(kind, {}).get(variable, [""] * len(values))
            for area, value, state in zip(areas[kind].index, values, said, strict=True):
                low, high = value if isinstance(value, tuple) else (value, value)
                if not np.isnan(low) or state:
                    low, high = (-np.inf, np.inf) if np.isnan(low) else (low, high)
                    rows.append([kind, year, area, variable, part, low, high, state, 0, 1])
    told = [dict.fromkeys(LOOSE, "") | {"year": year, "count": np.nan, "place": 1} | one for one in loose]
    return Claims(
        table=pd.DataFrame(rows, columns=COLUMNS),
        contradictions=pd.DataFrame(columns=COLUMNS),
        loose=pd.DataFrame(told, columns=LOOSE),
        places=("table.csv: column x", "summary.csv: column y"),
        areas={(kind, year): one for kind, one in areas.items()},
        unread=(),
        manifest=manifest or {},
        indicators=indicators or (indicator("poor", "Poor", numerator=("poor",), denominator=("born",)),),
    )
