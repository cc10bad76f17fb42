"""Findings back from the GeoPackage that holds them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from lea_geo._checks.chapters import is_column_name
from lea_geo._checks.findings import is_layer_name, refuse_reading
from lea_geo._sheets import layer_name
from lea_geo.errors import OutputError
from lea_geo.export.chapter_entries import chapter_from_json
from lea_geo.export.stored import (
    AREA_COLUMNS,
    CONTEXT_COLUMNS,
    SHEET_COLUMNS,
    STORED_VERSION,
    SUMMARY_COUNTS,
    TEXT_COMPARISONS,
    TEXT_RESULTS,
    indicator_from_json,
    text_from_json,
)
from lea_geo.schema import (
    AREA_ID,
    COMPARISON_COLUMNS,
    RESULT_COLUMNS,
    SUMMARY_COLUMNS,
    Findings,
    Indicator,
)

if TYPE_CHECKING:
    from lea_geo.chapter import Chapter, Column


def read_geopackage(path: str | Path) -> Findings:
    """Read findings back from the GeoPackage that :func:`write_geopackage` has written.

    Parameters
    ----------
    path
        A ``study.gpkg``. It is opened for reading only, and nothing in it is run.

    Returns
    -------
        What was written: areas and results in their order, every number to the last bit.

    Raises
    ------
    OutputError
        There is no such file, or it does not hold findings.
    """
    path = Path(path)
    if "\0" in str(path) or not path.is_file():
        raise refuse_reading(path, "there is no such file")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return _read(path, database)
    except OutputError:
        raise
    except (sqlite3.Error, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise refuse_reading(path, f"it cannot be read ({error})") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise refuse_reading(path, f"its tables do not hold what they should ({error})") from error


def _read(path: Path, database: sqlite3.Connection) -> Findings:
    tables = {name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")}
    missing = sorted({"areas", "lea_indicators", "lea_summary", "lea_study"} - tables)
    if missing:
        raise refuse_reading(path, "tables are missing", ids=missing)
    study = {key: json.loads(value) for key, value in database.execute("SELECT key, value FROM lea_study")}
    if study["version"] != STORED_VERSION:
        raise refuse_reading(path, f"it was written by another version (format {study['version']})")
    told = {"sheet": "", "areas": "areas", **study}
    places: dict[str, gpd.GeoDataFrame] = {}
    own = _sheet(path, database, told, places)
    return replace(
        own,
        chapters=_chapters(path, database, own.areas.index) if "lea_chapters" in tables else (),
        context=_context(path) if "context" in tables else None,
        others=tuple(_sheet(path, database, told, places) for told in _others(path, database)),
    )


def _others(path: Path, database: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return what is told of each other year and kind of areas."""
    held = _select(database, "lea_sheets", SHEET_COLUMNS)
    rows = [dict(zip(SHEET_COLUMNS, row, strict=True)) for row in held.itertuples(index=False)]
    names = [row["sheet"] for row in rows]
    known = {"areas", *(layer_name(name, "areas") for name in names)}
    bad = [
        ascii(row["sheet"]) for row in rows if not is_layer_name(row["sheet"]) or row["areas"] not in known
    ]
    if bad or len(set(names)) < len(names):
        raise refuse_reading(path, "parts of the study whose layers cannot be told apart", ids=bad)
    return [row | {key: json.loads(row[key]) for key in SHEET_COLUMNS[4:]} for row in rows]


def _sheet(
    path: Path, database: sqlite3.Connection, told: dict[str, Any], places: dict[str, gpd.GeoDataFrame]
) -> Findings:
    """Return one kind of areas in one year; ``places`` keeps the areas for the years that share them."""
    name, layer = told["sheet"], told["areas"]
    if layer not in places:
        places[layer] = _areas(path, layer)
    areas, indicators = places[layer], _indicators(path, database, name)
    return Findings(
        title=text_from_json(told["title"]),
        areas=areas,
        indicators=indicators,
        results={i.code: _result(path, database, layer_name(name, i.code), areas.index) for i in indicators},
        summary=_summary(database, name, indicators),
        settings=dict(told["settings"]),
        notes=tuple(str(note) for note in told["notes"]),
        synthetic=bool(told["synthetic"]),
        level=str(told["level"]),
        year=str(told["year"]),
        comparisons=_comparisons(database, name),
    )


def _indicators(path: Path, database: sqlite3.Connection, sheet: str) -> tuple[Indicator, ...]:
    entries = database.execute("SELECT entry FROM lea_indicators WHERE sheet = ? ORDER BY fid", (sheet,))
    indicators = tuple(indicator_from_json(json.loads(entry)) for (entry,) in entries)
    bad = [ascii(i.code) for i in indicators if not is_layer_name(i.code)]
    if bad:
        raise refuse_reading(path, "indicator codes that cannot name a layer", ids=bad)
    return indicators


def _areas(path: Path, layer: str) -> gpd.GeoDataFrame:
    frame = _layer(path, layer)
    areas = gpd.GeoDataFrame(frame[list(AREA_COLUMNS)].astype("str"), geometry=frame.geometry, crs=frame.crs)
    return areas.set_index(pd.Index(frame[AREA_ID].astype("str"), name=AREA_ID))


def _context(path: Path) -> gpd.GeoDataFrame:
    frame = _layer(path, "context")
    return gpd.GeoDataFrame(
        frame[list(CONTEXT_COLUMNS)].astype("str"), geometry=frame.geometry, crs=frame.crs
    )


def _layer(path: Path, layer: str) -> gpd.GeoDataFrame:
    """Return a layer, each of its shapes as simple as it can be."""
    frame = pyogrio.read_dataframe(path, layer=layer, use_arrow=True)
    shapes = frame.geometry.to_numpy()
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))


def _result(path: Path, database: sqlite3.Connection, code: str, index: pd.Index[str]) -> pd.DataFrame:
    frame = _select(database, code, (AREA_ID, *RESULT_COLUMNS)).set_index(AREA_ID)
    if list(frame.index) != list(index):
        raise refuse_reading(path, f"the areas of the layer {code} are others than those of areas")
    types = {name: "str" if name in TEXT_RESULTS else "float64" for name in RESULT_COLUMNS}
    return frame.astype(types).set_axis(index)


def _chapters(path: Path, database: sqlite3.Connection, areas: pd.Index[str]) -> tuple[Chapter, ...]:
    def frame_of(name: str, place: str, columns: tuple[Column, ...]) -> pd.DataFrame:
        if not is_layer_name(name) or not all(is_column_name(column.name) for column in columns):
            raise refuse_reading(path, "tables of chapters that cannot be layers", ids=[ascii(name)])
        keys = (AREA_ID,) if place == "areas" else ()
        frame = _select(database, name, (*keys, *(column.name for column in columns)))
        types = {one.name: "float64" if one.kind == "number" else "str" for one in columns}
        if place == "areas":
            frame = frame.set_index(AREA_ID)
            if list(frame.index) != list(areas):
                raise refuse_reading(path, f"the areas of the layer {name} are others than those of areas")
            frame = frame.set_axis(areas)
        return frame.astype(types)

    entries = database.execute("SELECT entry FROM lea_chapters ORDER BY fid")
    return tuple(chapter_from_json(json.loads(entry), frame_of) for (entry,) in entries)


def _summary(database: sqlite3.Connection, sheet: str, indicators: tuple[Indicator, ...]) -> pd.DataFrame:
    frame = _select(database, "lea_summary", ("code", *SUMMARY_COLUMNS), sheet).set_index("code")
    types: dict[str, Any] = dict.fromkeys(SUMMARY_COLUMNS, "float64")
    types |= {name: "int64" for name in SUMMARY_COUNTS if frame[name].notna().all()} | {"reason": "str"}
    index = pd.Index([i.code for i in indicators], dtype="str", name="code")
    return frame.loc[list(index)].astype(types).set_axis(index)


def _comparisons(database: sqlite3.Connection, sheet: str) -> pd.DataFrame | None:
    frame = _select(database, "lea_comparisons", COMPARISON_COLUMNS, sheet)
    if frame.empty:
        return None
    types = {name: "int64" if name.startswith("n_") else "float64" for name in COMPARISON_COLUMNS}
    return frame.astype(types | dict.fromkeys(TEXT_COMPARISONS, "str"))


def _select(
    database: sqlite3.Connection, table: str, columns: tuple[str, ...], sheet: str | None = None
) -> pd.DataFrame:
    named = ", ".join(f'"{name}"' for name in columns)
    where, bound = ("", ()) if sheet is None else (" WHERE sheet = ?", (sheet,))
    # Table names were checked against a strict pattern, and columns are the schema's own.
    query = f'SELECT {named} FROM "{table}"{where} ORDER BY fid'  # noqa: S608 - see above
    rows = database.execute(query, bound).fetchall()
    return pd.DataFrame(rows, columns=list(columns), dtype=object)
