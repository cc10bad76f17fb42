"""Findings back from the GeoPackage that holds them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from lea_geo._checks.findings import is_layer_name, refuse_reading
from lea_geo.errors import OutputError
from lea_geo.export.stored import (
    AREA_COLUMNS,
    STORED_VERSION,
    SUMMARY_COUNTS,
    TEXT_RESULTS,
    indicator_from_json,
    text_from_json,
)
from lea_geo.schema import AREA_ID, RESULT_COLUMNS, SUMMARY_COLUMNS, Findings, Indicator


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
    indicators = _indicators(path, database)
    areas = _areas(path)
    return Findings(
        title=text_from_json(study["title"]),
        areas=areas,
        indicators=indicators,
        results={i.code: _result(path, database, i.code, areas.index) for i in indicators},
        summary=_summary(database, indicators),
        settings=dict(study["settings"]),
        notes=tuple(str(note) for note in study["notes"]),
        synthetic=bool(study["synthetic"]),
    )


def _indicators(path: Path, database: sqlite3.Connection) -> tuple[Indicator, ...]:
    entries = database.execute("SELECT entry FROM lea_indicators ORDER BY fid")
    indicators = tuple(indicator_from_json(json.loads(entry)) for (entry,) in entries)
    bad = [ascii(i.code) for i in indicators if not is_layer_name(i.code)]
    if bad:
        raise refuse_reading(path, "indicator codes that cannot name a layer", ids=bad)
    return indicators


def _areas(path: Path) -> gpd.GeoDataFrame:
    frame = pyogrio.read_dataframe(path, layer="areas", use_arrow=True)
    parts = shapely.get_num_geometries(frame.geometry.to_numpy())
    single = shapely.get_geometry(frame.geometry.to_numpy(), 0)
    return gpd.GeoDataFrame(
        frame[list(AREA_COLUMNS)].astype("str"),
        geometry=[
            one if n == 1 else shape for one, n, shape in zip(single, parts, frame.geometry, strict=True)
        ],
        crs=frame.crs,
    ).set_index(pd.Index(frame[AREA_ID].astype("str"), name=AREA_ID))


def _result(path: Path, database: sqlite3.Connection, code: str, index: pd.Index[str]) -> pd.DataFrame:
    frame = _select(database, code, (AREA_ID, *RESULT_COLUMNS)).set_index(AREA_ID)
    if list(frame.index) != list(index):
        raise refuse_reading(path, f"the areas of the layer {code} are others than those of areas")
    types = {name: "str" if name in TEXT_RESULTS else "float64" for name in RESULT_COLUMNS}
    return frame.astype(types).set_axis(index)


def _summary(database: sqlite3.Connection, indicators: tuple[Indicator, ...]) -> pd.DataFrame:
    frame = _select(database, "lea_summary", ("code", *SUMMARY_COLUMNS)).set_index("code")
    types: dict[str, Any] = dict.fromkeys(SUMMARY_COLUMNS, "float64")
    types |= {name: "int64" for name in SUMMARY_COUNTS if frame[name].notna().all()} | {"reason": "str"}
    index = pd.Index([i.code for i in indicators], dtype="str", name="code")
    return frame.loc[list(index)].astype(types).set_axis(index)


def _select(database: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> pd.DataFrame:
    named = ", ".join(f'"{name}"' for name in columns)
    # Table names were checked against a strict pattern, and columns are the schema's own.
    query = f'SELECT {named} FROM "{table}" ORDER BY fid'  # noqa: S608 - see above
    rows = database.execute(query).fetchall()
    return pd.DataFrame(rows, columns=list(columns), dtype=object)
