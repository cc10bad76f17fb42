"""One GeoPackage that holds all findings: for QGIS and ArcGIS to open, and for the map to be redrawn from.

===================  =====================================================================
``areas``            the areas with their names
one per indicator    named by the indicator's code: the areas with all that was found about it
``context``          water and borders around the areas, where the study has them
``lea_indicators``   table: the catalogue entries, one row an indicator
``lea_summary``      table: one row an indicator
``lea_comparisons``  table: the municipalities and the whole region, one row an indicator and a place
``lea_study``        table: title, level, year, settings, notes, whether the data are made up
``lea_sheets``       table: the same of other years and other kinds of areas, one row each
``layer_styles``     table: how QGIS draws each layer, and what it may be drawn as instead
===================  =====================================================================

Layers of another year or kind of areas are named the same behind its name: ``postal_2016_low_income``. The
column ``sheet`` of the tables holds that name, and is blank for the study itself. A year that has the areas
of another has no layer ``..._areas`` of its own.

The same findings give the same contents: no clock is read.
"""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from lea_geo._checks.export import language_of
from lea_geo._checks.findings import check_findings, refuse_failure, refuse_foreign, refuse_in_use
from lea_geo._files import whole_file
from lea_geo._findings import as_findings
from lea_geo._hierarchy import ledger_places
from lea_geo._sheets import sheets_of
from lea_geo.export.documented import LONG_AGO, document
from lea_geo.export.domains import LEDGER_PLACE
from lea_geo.export.geopackage_reader import read_geopackage
from lea_geo.export.stored import (
    AREA_COLUMNS,
    CONTEXT_COLUMNS,
    COUNT_RESULTS,
    SHEET_COLUMNS,
    STORED_VERSION,
    SUMMARY_COUNTS,
    TEXT_COMPARISONS,
    TEXT_RESULTS,
    indicator_as_json,
)
from lea_geo.schema import AREA_ID, COMPARISON_COLUMNS, LEDGERS, RESULT_COLUMNS, SUMMARY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    import geopandas as gpd

    from lea_geo._findings import Given
    from lea_geo._sheets import Sheet
    from lea_geo.schema import Findings, Text

__all__ = ["read_geopackage", "write_geopackage"]

_VERSION = "1.2"
"""Of GeoPackage: older QGIS and ArcGIS warn of newer ones."""
# The file is forced to the disk once, when it is whole.
_WHILE_WRITING = {"OGR_CURRENT_DATE": LONG_AGO, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
_SQLITE = b"SQLite format 3\0"


def write_geopackage(
    findings: Given,
    path: str | Path,
    *,
    title: Text | str | None = None,
    language: str | None = None,
    inputs: Sequence[Mapping[str, object]] = (),
) -> None:
    """Write findings as one GeoPackage, whole or not at all.

    Parameters
    ----------
    findings
        What a study found; indicator codes name the layers. Or what ``lea_geo.run`` or ``lea_geo.hotspots``
        returns, or areas with a column ``value``, as for ``lea_geo.planner_map``.
    path
        The file to write. An earlier GeoPackage there is replaced, unless somebody has it open.
    title
        For areas: what the values are. Findings bring their own.
    language
        ``fi``, ``sv`` or ``en``: that of legends, aliases and map tips. None means the study's own.
    inputs
        What the findings were computed from, for the file's metadata: mappings with ``role``, ``path`` and
        ``sha256``, as ``Study.provenance["inputs"]`` holds them.

    Raises
    ------
    UsageError
        What was given is no findings, or there is no such language.
    OutputError
        The findings are not consistent, an indicator code cannot name a layer, or the file is open elsewhere,
        is no GeoPackage, or cannot be written; what was there stays as it was.

    Notes
    -----
    All shapes of a layer have one type: where any area has several parts, all are stored as multipolygons,
    and :func:`read_geopackage` gives each back as simple as it can be.
    """
    path = Path(path)
    findings = as_findings(findings, verb="write_geopackage", title=title)
    check_findings(findings, f"{path.name} was not written:")
    language = language_of(findings, language)
    with _exclusively(path), whole_file(path) as building:
        try:
            sheets = sheets_of(findings)
            _write_layers(sheets, building)
            _write_tables(sheets, building, language=language, inputs=inputs)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, sqlite3.Error) as error:
            raise refuse_failure(path, error) from error


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    """Hold an earlier GeoPackage locked while its successor is written, or refuse if it is in use."""
    if not _is_file(path):
        yield
        return
    # Looking closer would fold a write-ahead log into the file, so its being there is enough.
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-journal")]
    if any(file.exists() for file in beside):
        raise refuse_in_use(path, "it has been opened by another program, which keeps a log beside it")
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise refuse_foreign(path)
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=0)) as held:
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise refuse_in_use(path, "another program is reading or writing it") from error
        except sqlite3.DatabaseError as error:
            raise refuse_foreign(path) from error
        yield
        if held.in_transaction:
            held.rollback()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # A name that no file can have: whole_file says so.
        return False


def _write_layers(sheets: tuple[Sheet, ...], path: Path) -> None:
    pyogrio.set_gdal_config_options(_WHILE_WRITING)
    try:
        for sheet in sheets:
            _write_sheet(sheet, path)
        context = sheets[0].findings.context
        if context is not None:
            named = {name: _text(context[name]) for name in CONTEXT_COLUMNS}
            _write_layer(path, "context", named, _Shapes.of(context))
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_WHILE_WRITING))


def _write_sheet(sheet: Sheet, path: Path) -> None:
    areas, places = sheet.findings.areas, ledger_places(sheet.findings)
    shapes = _Shapes.of(areas)
    named = {AREA_ID: _text(areas.index), **{name: _text(areas[name]) for name in AREA_COLUMNS}}
    if sheet.own_areas:
        _write_layer(path, sheet.areas, named, shapes)
    for indicator in sheet.findings.indicators:
        found = named | _result(sheet.findings.results[indicator.code])
        if indicator.level in LEDGERS:
            found[LEDGER_PLACE] = _text(places if places is not None else pd.Series([""] * len(areas)))
        _write_layer(path, sheet.layer(indicator.code), found, shapes)


@dataclass(frozen=True)
class _Shapes:
    """The shapes of a layer, all of one type."""

    wkb: pa.Array
    kind: str
    crs: str

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> _Shapes:
        geometry = frame.geometry.to_numpy()
        several = bool((frame.geometry.geom_type == "MultiPolygon").any())
        if several:
            geometry = np.array([shapely.multipolygons(shapely.get_parts(shape)) for shape in geometry])
        wkb = pa.array(shapely.to_wkb(geometry), pa.binary())
        return cls(wkb, "MultiPolygon" if several else "Polygon", frame.crs.to_wkt())


def _write_layer(path: Path, name: str, columns: dict[str, pa.Array], shapes: _Shapes) -> None:
    pyogrio.write_arrow(
        pa.table(columns | {"geom": shapes.wkb}),
        path,
        layer=name,
        driver="GPKG",
        geometry_name="geom",
        geometry_type=shapes.kind,
        crs=shapes.crs,
        append=path.exists(),
        dataset_options=None if path.exists() else {"VERSION": _VERSION},
    )


def _result(result: pd.DataFrame) -> dict[str, pa.Array]:
    return {
        name: _text(result[name])
        if name in TEXT_RESULTS
        else _numbers(result[name], whole=name in COUNT_RESULTS)
        for name in RESULT_COLUMNS
    }


def _numbers(values: pd.Series, *, whole: bool) -> pa.Array:
    numbers = pa.array(values.to_numpy(float), from_pandas=True)
    return numbers.cast(pa.int32()) if whole else numbers


def _text(values: pd.Series | pd.Index) -> pa.Array:
    return pa.array([text if isinstance(text, str) else None for text in values], pa.string())


def _write_tables(
    sheets: tuple[Sheet, ...], path: Path, *, language: str, inputs: Sequence[Mapping[str, object]]
) -> None:
    rows: dict[str, list[tuple[Any, ...]]] = {
        "lea_indicators": [row for sheet in sheets for row in _indicator_rows(sheet)],
        "lea_summary": [row for sheet in sheets for row in _summary_rows(sheet)],
        "lea_comparisons": [row for sheet in sheets for row in _comparison_rows(sheet)],
        "lea_study": list(_study_rows(sheets[0].findings)),
        "lea_sheets": [_sheet_row(sheet) for sheet in sheets[1:]],
    }
    with closing(sqlite3.connect(path)) as database, database:
        for name, columns in _TABLES.items():
            database.execute(f"CREATE TABLE {name} (fid INTEGER PRIMARY KEY, {columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            database.executemany(
                f"INSERT INTO {name} VALUES (NULL, {marks})",  # noqa: S608 - our own names and marks only
                rows[name],
            )
        document(database, sheets, _TABLE_COLUMNS, language=language, inputs=inputs)


def _columns(names: Iterable[str], *, words: Container[str], whole: Container[str] = ()) -> str:
    kinds = {name: "TEXT" if name in words else "INTEGER" if name in whole else "REAL" for name in names}
    return ", ".join(f"{name} {kind}" for name, kind in kinds.items())


_TABLES = {
    "lea_indicators": "sheet TEXT NOT NULL, code TEXT NOT NULL, entry TEXT NOT NULL",
    "lea_summary": "sheet TEXT NOT NULL, code TEXT NOT NULL, "
    + _columns(SUMMARY_COLUMNS, words=("reason",), whole=SUMMARY_COUNTS),
    "lea_comparisons": "sheet TEXT NOT NULL, "
    + _columns(COMPARISON_COLUMNS, words=TEXT_COMPARISONS, whole=SUMMARY_COUNTS | {"n_valued"}),
    "lea_study": "key TEXT NOT NULL, value TEXT NOT NULL",
    "lea_sheets": _columns(SHEET_COLUMNS, words=SHEET_COLUMNS),
}


_TABLE_COLUMNS = {
    name: [part.split()[0] for part in columns.split(", ")] for name, columns in _TABLES.items()
}


def _indicator_rows(sheet: Sheet) -> Iterator[tuple[object, ...]]:
    for indicator in sheet.findings.indicators:
        yield (sheet.name, indicator.code, _json(indicator_as_json(indicator)))


def _summary_rows(sheet: Sheet) -> Iterator[tuple[object, ...]]:
    for code, row in sheet.findings.summary.iterrows():
        yield (sheet.name, str(code), *(_plain(name, row[name]) for name in SUMMARY_COLUMNS))


def _comparison_rows(sheet: Sheet) -> Iterator[tuple[object, ...]]:
    comparisons = sheet.findings.comparisons
    if comparisons is not None:
        for row in comparisons[list(COMPARISON_COLUMNS)].itertuples(index=False):
            cells = zip(COMPARISON_COLUMNS, row, strict=True)
            yield (sheet.name, *(_plain(name, value) for name, value in cells))


def _plain(name: str, value: Any) -> object:  # noqa: ANN401 - a cell of a frame
    if name == "reason" or name in TEXT_COMPARISONS:
        return value if isinstance(value, str) else ""
    if value is None or math.isnan(value):
        return None
    return int(value) if name.startswith("n_") else float(value)


def _study_rows(findings: Findings) -> Iterator[tuple[str, str]]:
    yield ("version", _json(STORED_VERSION))
    yield from ((key, _json(value)) for key, value in _told(findings).items())


def _sheet_row(sheet: Sheet) -> tuple[str, ...]:
    """Return the row of ``SHEET_COLUMNS``."""
    told = _told(sheet.findings)
    plain = (sheet.name, sheet.areas, str(told.pop("level")), str(told.pop("year")))
    return (*plain, *map(_json, told.values()))


def _told(findings: Findings) -> dict[str, object]:
    """Return what is no table, in the order of ``SHEET_COLUMNS``."""
    return {
        "level": findings.level,
        "year": findings.year,
        "title": findings.title.as_dict(),
        "synthetic": findings.synthetic,
        "settings": dict(findings.settings),
        "notes": list(findings.notes),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
