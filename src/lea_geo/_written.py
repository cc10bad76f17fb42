"""The files that findings become: each a pure function of what is in the GeoPackage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lea_geo._progress import Steps
from lea_geo.export.geopackage import write_geopackage
from lea_geo.export.parquet import write_parquet
from lea_geo.export.raster import write_rasters
from lea_geo.export.table import write_tables
from lea_geo.export.workbook import MOST_READ, write_workbook
from lea_geo.maps.page import planner_map
from lea_geo.report import write_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from lea_geo.schema import Findings


def as_stored(findings: Findings) -> Findings:
    """Return findings as their GeoPackage gives them back, in which no zero has a sign."""
    comparisons = findings.comparisons
    return replace(
        findings,
        results={code: _unsigned(frame) for code, frame in findings.results.items()},
        summary=_unsigned(findings.summary),
        comparisons=None if comparisons is None else _unsigned(comparisons),
        others=tuple(map(as_stored, findings.others)),
    )


def _unsigned(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = frame.select_dtypes("float64") + 0.0
    return frame.assign(**{str(name): numbers[name] for name in numbers})


def write_files(
    findings: Findings,
    folder: Path,
    *,
    language: str,
    inputs: Sequence[Mapping[str, object]] = (),
    joined: bool = False,
    at: Steps | None = None,
) -> None:
    """Write the map, the GeoPackage, tables, Parquet, rasters and the report into a folder.

    Chapters are in files about the study itself. Rasters have none, nor have tables of other years and other
    kinds of areas.

    Parameters
    ----------
    findings
        What leaves the study. The same findings give the same bytes.
    folder
        There already; files of the same names are replaced.
    language
        The language that the map opens in.
    inputs
        What the findings were computed from, for the GeoPackage's metadata.
    joined
        Whether only chapters join what is there already: files that have none are left as they are.
    at
        Where to say what is being written.
    """
    at = at or Steps()
    at.begin("drawing the map")
    planner_map(findings, language=language).save(folder / "map.html")
    at.begin("writing the GeoPackage")
    write_geopackage(findings, folder / "study.gpkg", inputs=inputs)
    at.begin("writing tables and the report")
    own = replace(findings, others=()) if joined else findings
    write_tables(own, folder / "tables")
    if len(findings.areas) <= MOST_READ:
        write_workbook(findings, folder / "tables" / "study.xlsx")
    write_parquet(own, folder / "parquet")
    if not joined:
        write_rasters(findings, folder / "grids")
    write_report(findings, folder / "report.html")
