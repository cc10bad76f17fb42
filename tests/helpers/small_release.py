"""A small finished output directory, written by the real writers: two years of postal areas, and a grid."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box
from small_findings import IDS, small_findings

from lea_geo.export.geopackage import write_geopackage
from lea_geo.export.parquet import write_parquet
from lea_geo.export.raster import write_rasters
from lea_geo.export.table import write_tables
from lea_geo.export.workbook import write_workbook
from lea_geo.maps.page import planner_map
from lea_geo.report import write_report
from lea_geo.schema import RESULT_COLUMNS, RESULT_WORDS, Findings

CELLS = [f"1kmN{7000 + row}E{220 + 2 * column:04d}" for row in range(3) for column in range(4)]
"""Every second square kilometre from west to east, three rows of them, from south to north."""
HIDDEN = IDS[5]
"""The area whose ``low_income`` is withheld."""
_RANKS = ("rank", "rank_lower", "rank_upper")


def released_findings() -> Findings:
    """Return the small findings for 2020, with the same areas in 2019 and a grid, every column of each."""
    whole = _with_every_column(small_findings(level="postal", year="2020"))
    results = {code: _moved(frame) for code, frame in whole.results.items()}
    before = replace(whole, year="2019", results=results, comparisons=None)
    frames = {code: frame.set_axis(pd.Index(CELLS, name="area_id")) for code, frame in whole.results.items()}
    grid = replace(before, level="grid", year="2020", areas=_cells(), results=frames)
    return replace(whole, others=(before, grid))


def write_small_release(folder: Path, findings: Findings | None = None) -> Findings:
    """Write all that a study writes of findings, and return them."""
    findings = findings or released_findings()
    write_geopackage(findings, folder / "study.gpkg")
    write_tables(findings, folder / "tables")
    write_workbook(findings, folder / "tables" / "study.xlsx")
    write_parquet(findings, folder / "parquet")
    write_rasters(findings, folder / "grids")
    planner_map(findings).save(folder / "map.html")
    write_report(findings, folder / "report.html")
    others = {f"{one.level}_{one.year}": {"level": one.level, "year": one.year} for one in findings.others}
    manifest = {"lea_geo": "0", "notes": list(findings.notes), "others": others}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return findings


def numbers_of(findings: Findings) -> pd.Series:
    """Return every number of findings by kind of areas, year, area, indicator and part."""
    found = {}
    for sheet in (findings, *findings.others):
        for code, frame in sheet.results.items():
            for part in (one for one in frame if not one.endswith(RESULT_WORDS)):
                for area, value in frame[part].dropna().items():
                    found[sheet.level, sheet.year, str(area), code, part] = float(value)
    return pd.Series(found)


def _with_every_column(findings: Findings) -> Findings:
    columns = list(RESULT_COLUMNS)
    frames = {code: frame.reindex(columns=columns) for code, frame in findings.results.items()}
    return replace(findings, results=frames)


def _moved(frame: pd.DataFrame) -> pd.DataFrame:
    """Return another year: a little less of everything that is no count."""
    numbers = frame.select_dtypes("number").columns
    told = [name for name in numbers if name not in _RANKS and not name.endswith(("neighbors", "hidden"))]
    return frame.assign(**{name: np.round(frame[name] * 0.875, 12) for name in told})


def _cells() -> gpd.GeoDataFrame:
    corners = [(1000 * int(cell[-4:]), 1000 * int(cell[4:8])) for cell in CELLS]
    return gpd.GeoDataFrame(
        {"name_fi": "", "name_sv": "", "name_en": "", "municipality": ["Rantala"] * 6 + ["Salmela"] * 6},
        geometry=[box(x, y, x + 1000, y + 1000) for x, y in corners],
        crs="EPSG:3067",
        index=pd.Index(CELLS, name="area_id", dtype=str),
    )
