"""One GeoPackage that holds all findings: for QGIS and ArcGIS to open, and for the map to be redrawn from.

===================  =====================================================================
``areas``            the areas with their names
one per indicator    named by the indicator's code: the areas with all that was found about it
``lea_indicators``   table: the catalogue entries, one row an indicator
``lea_summary``      table: one row an indicator
``lea_study``        table: title, settings, notes, whether the data are made up
===================  =====================================================================

The same findings give the same contents: no clock is read.
"""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from lea_geo._checks.findings import check_findings, refuse_failure, refuse_foreign, refuse_in_use
from lea_geo._files import whole_file
from lea_geo._findings import as_findings
from lea_geo.export.dictionary import meaning
from lea_geo.export.geopackage_reader import read_geopackage
from lea_geo.export.stored import (
    AREA_COLUMNS,
    COUNT_RESULTS,
    STORED_VERSION,
    SUMMARY_COUNTS,
    TEXT_RESULTS,
    indicator_as_json,
)
from lea_geo.schema import AREA_ID, RESULT_COLUMNS, SUMMARY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    import pandas as pd

    from lea_geo._findings import Given
    from lea_geo.schema import Findings, Indicator, Text

__all__ = ["read_geopackage", "write_geopackage"]

_LONG_AGO = "2021-01-01T00:00:00.000Z"
"""What stands where a GeoPackage wants the time of its last change."""
_VERSION = "1.2"
"""Of GeoPackage: older QGIS and ArcGIS warn of newer ones."""
# The file is forced to the disk once, when it is whole.
_WHILE_WRITING = {"OGR_CURRENT_DATE": _LONG_AGO, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
_SQLITE = b"SQLite format 3\0"


def write_geopackage(findings: Given, path: str | Path, *, title: Text | str | None = None) -> None:
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

    Raises
    ------
    UsageError
        What was given is no findings.
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
    with _exclusively(path), whole_file(path) as building:
        try:
            _write_layers(findings, building)
            _write_tables(findings, building)
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


def _write_layers(findings: Findings, path: Path) -> None:
    areas = findings.areas
    several = bool((areas.geometry.geom_type == "MultiPolygon").any())
    geometry = areas.geometry.to_numpy()
    if several:
        geometry = np.array([shapely.multipolygons(shapely.get_parts(shape)) for shape in geometry])
    named = {AREA_ID: _text(areas.index), **{name: _text(areas[name]) for name in AREA_COLUMNS}}
    shapes = {"geom": pa.array(shapely.to_wkb(geometry), pa.binary())}
    layers = {"areas": named | shapes}
    for indicator in findings.indicators:
        layers[indicator.code] = named | _result(findings.results[indicator.code]) | shapes
    pyogrio.set_gdal_config_options(_WHILE_WRITING)
    try:
        for name, columns in layers.items():
            _write_layer(path, name, columns, areas, "MultiPolygon" if several else "Polygon")
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_WHILE_WRITING))


def _write_layer(
    path: Path, name: str, columns: dict[str, pa.Array], areas: gpd.GeoDataFrame, geometry_type: str
) -> None:
    pyogrio.write_arrow(
        pa.table(columns),
        path,
        layer=name,
        driver="GPKG",
        geometry_name="geom",
        geometry_type=geometry_type,
        crs=areas.crs.to_wkt(),
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


def _write_tables(findings: Findings, path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for name, columns in _TABLES.items():
            database.execute(f"CREATE TABLE {name} (fid INTEGER PRIMARY KEY, {columns})")
        database.executemany(
            "INSERT INTO lea_indicators (code, entry) VALUES (?, ?)",
            [(i.code, _json(indicator_as_json(i))) for i in findings.indicators],
        )
        marks = ", ".join("?" * (len(SUMMARY_COLUMNS) + 2))
        database.executemany(
            f"INSERT INTO lea_summary VALUES ({marks})",  # noqa: S608 - question marks only
            list(_summary_rows(findings.summary)),
        )
        database.executemany("INSERT INTO lea_study (key, value) VALUES (?, ?)", _study_rows(findings))
        _register(findings, database)


_TABLES = {
    "lea_indicators": "code TEXT NOT NULL, entry TEXT NOT NULL",
    "lea_summary": "code TEXT NOT NULL, "
    + ", ".join(
        f"{name} {'INTEGER' if name in SUMMARY_COUNTS else 'TEXT' if name == 'reason' else 'REAL'}"
        for name in SUMMARY_COLUMNS
    ),
    "lea_study": "key TEXT NOT NULL, value TEXT NOT NULL",
}


def _summary_rows(summary: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for code, row in summary.iterrows():
        yield (None, str(code), *(_plain(name, row[name]) for name in SUMMARY_COLUMNS))


def _plain(name: str, value: Any) -> object:  # noqa: ANN401 - a cell of a frame
    if name == "reason":
        return value if isinstance(value, str) else ""
    if value is None or math.isnan(value):
        return None
    return int(value) if name in SUMMARY_COUNTS else float(value)


def _study_rows(findings: Findings) -> list[tuple[str, str]]:
    held = {
        "version": STORED_VERSION,
        "title": findings.title.as_dict(),
        "synthetic": findings.synthetic,
        "settings": dict(findings.settings),
        "notes": list(findings.notes),
    }
    return [(key, _json(value)) for key, value in held.items()]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _register(findings: Findings, database: sqlite3.Connection) -> None:
    """Say in GeoPackage's own tables what each layer, table and column is."""
    database.executemany(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
        "VALUES (?, 'attributes', ?, ?)",
        [(name, name, _LONG_AGO) for name in _TABLES],
    )
    database.executemany(
        "UPDATE gpkg_contents SET description = ? WHERE table_name = ?",
        [(_described(findings, i), i.code) for i in findings.indicators]
        + [(_made_up(findings) + findings.title.en, "areas")],
    )
    database.execute(_DATA_COLUMNS)
    database.execute(
        "INSERT INTO gpkg_extensions (table_name, extension_name, definition, scope) VALUES "
        "('gpkg_data_columns', 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', "
        "'read-write')"
    )
    layers = [("areas", name) for name in (AREA_ID, *AREA_COLUMNS)]
    layers += [
        (i.code, name) for i in findings.indicators for name in (AREA_ID, *AREA_COLUMNS, *RESULT_COLUMNS)
    ]
    database.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, description) VALUES (?, ?, ?, ?)",
        [(layer, name, name, meaning(name).en) for layer, name in layers],
    )


_DATA_COLUMNS = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name)
)"""


def _described(findings: Findings, indicator: Indicator) -> str:
    name = indicator.name
    return f"{_made_up(findings)}{name.en} / {name.fi} / {name.sv}"


def _made_up(findings: Findings) -> str:
    return "SYNTHETIC, nothing here is real: " if findings.synthetic else ""
