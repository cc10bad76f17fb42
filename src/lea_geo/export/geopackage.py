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

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyogrio

from lea_geo._checks.export import language_of
from lea_geo._checks.findings import check_findings, refuse_failure, refuse_foreign, refuse_in_use
from lea_geo._files import whole_file
from lea_geo._findings import as_findings
from lea_geo._sheets import sheets_of
from lea_geo.export.documented import LONG_AGO, document
from lea_geo.export.geopackage_reader import read_geopackage
from lea_geo.export.layers import layers_of, table_kinds, table_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lea_geo._findings import Given
    from lea_geo._sheets import Sheet
    from lea_geo.export.layers import Layer
    from lea_geo.schema import Text

__all__ = ["read_geopackage", "write_geopackage"]

_VERSION = "1.2"
"""Of GeoPackage: older QGIS and ArcGIS warn of newer ones."""
# The file is forced to the disk once, when it is whole.
_WHILE_WRITING = {"OGR_CURRENT_DATE": LONG_AGO, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
_SQLITE = b"SQLite format 3\0"
_HEADER, _KEEPS_LOG = 20, b"\2\2"
"""Bytes of a database's header, and how they end where changes go to a log beside the file first."""
_HAS_LOG = (
    "it has been opened by another program, which keeps a log beside it (where none has it open any more, "
    "opening and closing it once clears the log)"
)


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
        raise refuse_in_use(path, _HAS_LOG)
    with path.open("rb") as file:
        begins = file.read(_HEADER)
        if not begins.startswith(_SQLITE):
            raise refuse_foreign(path)
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=0)) as held:
        try:
            if begins[-2:] == _KEEPS_LOG:
                # A log of ours would be taken for one of the new file.
                held.execute("PRAGMA journal_mode = delete")
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise refuse_in_use(path, "another program is reading or writing it") from error
        except sqlite3.DatabaseError as error:
            raise refuse_foreign(path) from error
        yield
        if held.in_transaction:
            held.rollback()


def check_unused(path: Path) -> None:
    """Refuse to begin what would replace a GeoPackage that another program holds, or has changes to write to.

    Raises
    ------
    OutputError
        The file is locked, or the log beside it holds changes that are not in it yet.
    """
    log = path.with_name(f"{path.name}-wal")
    if _is_file(log) and log.stat().st_size:
        raise refuse_in_use(path, _HAS_LOG)
    if _is_file(path) and not _is_file(log):
        with _exclusively(path):
            pass


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # A name that no file can have: whole_file says so.
        return False


def _write_layers(sheets: tuple[Sheet, ...], path: Path) -> None:
    pyogrio.set_gdal_config_options(_WHILE_WRITING)
    try:
        for layer in layers_of(sheets):
            _write_layer(layer, path)
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_WHILE_WRITING))


def _write_layer(layer: Layer, path: Path) -> None:
    pyogrio.write_arrow(
        pa.table(layer.columns | {"geom": layer.shapes.wkb}),
        path,
        layer=layer.name,
        driver="GPKG",
        geometry_name="geom",
        geometry_type=layer.shapes.kind,
        crs=layer.shapes.crs.to_wkt(),
        append=path.exists(),
        dataset_options=None if path.exists() else {"VERSION": _VERSION},
    )


def _write_tables(
    sheets: tuple[Sheet, ...], path: Path, *, language: str, inputs: Sequence[Mapping[str, object]]
) -> None:
    rows, tables = table_rows(sheets), table_kinds(sheets[0].findings)
    with closing(sqlite3.connect(path)) as database, database:
        for name, columns in tables.items():
            listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            database.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, {listed})')
            marks = ", ".join("?" * len(columns))
            database.executemany(
                f'INSERT INTO "{name}" VALUES (NULL, {marks})',  # noqa: S608 - names were checked, and marks
                rows[name],
            )
        document(database, sheets, tables, language=language, inputs=inputs)
