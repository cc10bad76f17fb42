"""A GeoPackage, table by table, as SQLite holds it: registered or not."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from lea_geo.disclosure.attack.reading.remains import find_remains
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.disclosure.attack.reading.styles import read_style, xml_texts
from lea_geo.disclosure.attack.reading.tables import Where, read_table
from lea_geo.schema import AREA_ID, MUNICIPALITY, NAME_COLUMNS, RESULT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known

MOST_ROWS = 5_000_000
MOST_BYTES = 2**28
"""Of one cell."""
_STEPS, _MOST_LOOKS = 100_000, 500
"""Steps of SQLite's machine between two looks at how many a view has taken, and how many looks it gets."""
_ENVELOPES = (0, 32, 48, 48, 64, 0, 0, 0)
"""Bytes of the box before a shape, by three bits of its header."""
_VIEW = re.compile(r"(unregistered )?view ")
_STRUCTURE = {
    "sqlite_sequence",
    "gpkg_spatial_ref_sys",
    "gpkg_ogr_contents",
    "gpkg_geometry_columns",
    "gpkg_extensions",
    "gpkg_tile_matrix",
    "gpkg_tile_matrix_set",
    "gpkg_metadata_reference",
}
"""Tables that say how the file is built."""
_WORDED = ("gpkg_contents", "gpkg_data_columns", "gpkg_data_column_constraints", "gpkg_metadata")


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database such that it changes nothing, and that nothing beside it is looked at."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        database.execute("PRAGMA query_only = on")
        database.execute("PRAGMA trusted_schema = off")
        yield database


def _impatient() -> Callable[[], int]:
    """Return what stops a query that runs for too long."""
    looks = count()
    return lambda: int(next(looks) > _MOST_LOOKS)


def learn_geopackage(path: Path, file: str, known: Known, gathered: Gathered) -> None:  # noqa: ARG001 - as all readers
    """Learn what a GeoPackage says of years, kinds of areas, indicators and shapes.

    Raises
    ------
    sqlite3.Error, ValueError, KeyError, TypeError
        It is no GeoPackage, or its tables do not hold what they should.
    """
    with opened(path) as database:
        tables = _tables(database)
        layers = {"": "areas"}
        if "lea_study" in tables:
            study = {
                key: json.loads(value) for key, value in database.execute("SELECT key, value FROM lea_study")
            }
            known.learn_sheet("", str(study.get("level", "")), str(study.get("year", "")))
        if "lea_sheets" in tables:
            for sheet, areas, level, year in database.execute(
                "SELECT sheet, areas, level, year FROM lea_sheets"
            ):
                known.learn_sheet(str(sheet), str(level), str(year))
                layers[str(sheet)] = str(areas)
        if "lea_indicators" in tables:
            for (entry,) in database.execute("SELECT entry FROM lea_indicators ORDER BY fid"):
                known.learn_indicator(json.loads(entry))
        _learn_areas(database, tables, layers, known, gathered)


def _learn_areas(
    database: sqlite3.Connection,
    tables: dict[str, str],
    layers: dict[str, str],
    known: Known,
    gathered: Gathered,
) -> None:
    """Learn the areas of each year, and of layers that no year names."""
    shapes: dict[str, gpd.GeoDataFrame] = {}
    crs = _reference_systems(database) if "gpkg_geometry_columns" in tables else {}
    for name in (name for name, kind in tables.items() if kind == "layer"):
        sheets: list[Sheet] = [
            known.sheets[one] for one, layer in layers.items() if layer == name and one in known.sheets
        ]
        if not sheets and (known.split_layer(name)[0] in gathered.shapes or known.sheets):
            continue
        columns = _column_kinds(database, name)
        if AREA_ID not in columns or name not in crs:
            continue
        shapes[name] = _read_shapes(database, name, columns, crs[name])
        for sheet in sheets or [known.split_layer(name)[0]]:
            gathered.shapes.setdefault(sheet, shapes[name])
            frame = shapes[name]
            names = [frame[one] for one in NAME_COLUMNS if one in frame]
            known.learn_areas(sheet, frame.index, names)


def _reference_systems(database: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Return the column of shapes and the reference system of each layer."""
    query = (
        "SELECT table_name, column_name, organization, organization_coordsys_id, definition "
        "FROM gpkg_geometry_columns JOIN gpkg_spatial_ref_sys USING (srs_id)"
    )
    return {
        str(layer): (str(column), f"{body}:{number}" if str(body).upper() == "EPSG" else str(definition))
        for layer, column, body, number, definition in database.execute(query)
    }


def _read_shapes(
    database: sqlite3.Connection, layer: str, columns: dict[str, str], told: tuple[str, str]
) -> gpd.GeoDataFrame:
    kept = [one for one in (*NAME_COLUMNS, MUNICIPALITY) if one in columns]
    listed = ", ".join(quoted(one) for one in (AREA_ID, told[0], *kept))
    rows = database.execute(f"SELECT {listed} FROM {quoted(layer)}").fetchall()  # noqa: S608 - quoted
    blobs = [one if isinstance(one, bytes) and one[:2] == b"GP" else None for _, one, *_ in rows]
    wkb = [None if one is None else one[8 + _ENVELOPES[one[3] >> 1 & 7] :] for one in blobs]
    texts = {name: [str(row[place] or "") for row in rows] for place, name in enumerate(kept, start=2)}
    index = pd.Index([str(row[0]) for row in rows], name=AREA_ID, dtype="str")
    return gpd.GeoDataFrame(
        texts,
        index=index,
        geometry=shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore"),
        crs=pyproj.CRS.from_user_input(told[1]),
    )


def read_geopackage(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a GeoPackage, and what is left of deleted rows.

    Raises
    ------
    sqlite3.Error, ValueError
        It cannot be read.
    """
    with opened(path) as database:
        tables = _tables(database)
        query = "SELECT table_name, column_name FROM gpkg_geometry_columns"
        shapes = dict(database.execute(query)) if "gpkg_geometry_columns" in tables else {}
        boxes = (f"rtree_{layer}_{column}" for layer, column in shapes.items())
        structure = _STRUCTURE | {
            f"{box}{end}" for box in boxes for end in ("", "_node", "_rowid", "_parent")
        }
        for name, kind in tables.items():
            if name == "layer_styles":
                _read_styles(database, file, known, gathered)
            elif name in _WORDED:
                _read_words(database, name, file, known, gathered)
            elif name not in structure:
                where = Where(file, f"{kind} {name}")
                _read_rows(database, name, where, shapes.get(name, ""), known, gathered)
        roots = [one for one in _roots(database) if one[0] not in {*structure, *_WORDED, "layer_styles"}]
    for why in find_remains(path, roots, known):
        gathered.leave(file, why)


def _roots(database: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return the page that each table begins in; a view has none."""
    listed = database.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'")
    return [(str(name), int(root)) for name, root in listed if root]


def _tables(database: sqlite3.Connection) -> dict[str, str]:
    """Return every table and view, and what it is: a layer, a table, a view, or unregistered."""
    listed = database.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY rowid"
    )
    found = {str(name): str(kind) for name, kind in listed}
    if "gpkg_contents" not in found:
        return found
    kinds = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
    said = {"features": "layer", "attributes": "table"}
    return {
        name: said.get(str(kinds[name]), kind) if name in kinds else f"unregistered {kind}"
        for name, kind in found.items()
    }


def _column_kinds(database: sqlite3.Connection, table: str) -> dict[str, str]:
    listed = database.execute(f"PRAGMA table_info({quoted(table)})")
    return {str(row[1]): str(row[2]).upper() for row in listed}


def quoted(name: str) -> str:
    """Return a name as SQL reads it."""
    return '"' + name.replace('"', '""') + '"'


def _read_rows(
    database: sqlite3.Connection, table: str, where: Where, shape: str, known: Known, gathered: Gathered
) -> None:
    """Note the rows of a table without its column of shapes."""
    kinds = _column_kinds(database, table)
    names = [name for name in kinds if name != shape]
    listed = ", ".join(map(quoted, names))
    database.set_progress_handler(_impatient() if _VIEW.match(where.inside) else None, _STEPS)
    try:
        rows = _fetched(database, f"SELECT {listed} FROM {quoted(table)} LIMIT {MOST_ROWS + 1}")  # noqa: S608
    except sqlite3.OperationalError as error:
        gathered.leave(where.file, f"{where.inside} cannot be read ({error})")
        return
    if len(rows) > MOST_ROWS:
        gathered.leave(where.file, f"{where.inside} has more than {MOST_ROWS:,} rows")
    cells = zip(*rows, strict=True) if rows else [()] * len(names)
    columns = {name: _as_column(values, kinds[name]) for name, values in zip(names, cells, strict=True)}
    if any(bytes in set(map(type, column)) for column in columns.values() if column.dtype == object):
        gathered.leave(where.file, f"{where.inside} holds bytes that no table has")
    sheet, variable = _named(table, columns, known)
    read_table(columns, replace(where, sheet=sheet, variable=variable), known, gathered)


def _fetched(database: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query, with what is no text in the place of text that is none."""
    try:
        return database.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    database.text_factory = lambda content: content.decode("utf-8", "replace")
    return database.execute(query).fetchall()


def _named(table: str, columns: dict[str, NDArray[Any]], known: Known) -> tuple[Sheet, str]:
    """Return the year and kind of areas, and the indicator, that a table's name says it is of."""
    sheet, rest = known.split_layer(table)
    of_results = {"value", "status"} <= set(columns) and len(set(columns) & set(RESULT_COLUMNS)) > 2
    return sheet, rest if of_results or rest in known.indicators else ""


def _as_column(values: tuple[Any, ...], kind: str) -> NDArray[Any]:
    """Return a column as floats where it is declared as numbers and holds nothing else, or as objects."""
    if kind.startswith(
        ("REAL", "DOUBLE", "FLOAT", "INT", "MEDIUMINT", "SMALLINT", "TINYINT", "NUMERIC", "BOOL")
    ):
        try:
            return np.array(values, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            pass
    return _objects(values)


def _objects(values: tuple[Any, ...]) -> NDArray[np.object_]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _read_styles(database: sqlite3.Connection, file: str, known: Known, gathered: Gathered) -> None:
    for layer, name, *texts in database.execute(
        "SELECT f_table_name, styleName, styleQML, styleSLD, description FROM layer_styles ORDER BY id"
    ):
        sheet, code = known.split_layer(str(layer))
        place = f"{file}: table layer_styles, style {name!r} of {layer}"
        for text in filter(None, texts[:2]):
            read_style(str(text), place, gathered, known, sheet=sheet, variable=code)


def _read_words(
    database: sqlite3.Connection, table: str, file: str, known: Known, gathered: Gathered
) -> None:
    """Note the numbers in what tables say of the file in sentences."""
    wanted = {
        "gpkg_contents": "identifier, description",
        "gpkg_data_columns": "title, description",
        "gpkg_data_column_constraints": "value, min, max, description",
        "gpkg_metadata": "metadata",
    }[table]
    rows = database.execute(f"SELECT DISTINCT {wanted} FROM {table}")  # noqa: S608 - our own names
    texts = dict.fromkeys(str(text) for row in rows for text in row if text is not None)
    for text in texts:
        plain = "\n".join(xml_texts(text)) if table == "gpkg_metadata" else text
        read_sentences(plain, f"{file}: table {table}", known, gathered)
