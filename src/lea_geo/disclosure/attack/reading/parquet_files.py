"""Parquet: its rows, the extremes that it keeps of every column, and its metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from lea_geo.disclosure.attack.reading.csv_files import as_column, where_of
from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.json_files import read_tree
from lea_geo.disclosure.attack.reading.known import part_aliases
from lea_geo.disclosure.attack.reading.tables import read_table
from lea_geo.schema import AREA_ID, MUNICIPALITY, NAME_COLUMNS, RESULT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered
    from lea_geo.disclosure.attack.reading.known import Known
    from lea_geo.disclosure.attack.reading.tables import Where

MOST_BYTES = 4 * 2**30
"""Of a file when it is unpacked."""
_SCHEMAS = (b"ARROW:schema", b"geo", b"pandas")
"""Metadata that say how columns are to be read."""
_BOX = ("bbox", "geometry", "geom")


def read_parquet(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a Parquet file.

    Raises
    ------
    ValueError, pyarrow.ArrowException
        It is none, or too large when it is unpacked.
    """
    with pq.ParquetFile(path) as held:
        told = held.metadata
        if sum(told.row_group(k).total_byte_size for k in range(told.num_row_groups)) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES >> 30} GiB when it is unpacked")
        schema = held.schema_arrow
        plain = [field.name for field in schema if not _is_shape(field)]
        for field in schema:
            if field.name not in (*plain, *_BOX):
                gathered.leave(file, f"column {field.name} holds {field.type}, which nothing here reads")
        table = held.read(columns=plain, use_threads=False)
        columns = {name: as_column(table.column(name)) for name in table.column_names}
        where = where_of(file, columns, known)
        read_table(columns, where, known, gathered)
        _read_extremes(told, where, columns, gathered)
        for key, value in (schema.metadata or {}).items():
            if key not in _SCHEMAS:
                place = f"{file}: metadata {key.decode('utf-8', 'replace')}"
                _read_metadata(value.decode("utf-8", "replace"), place, known, gathered)


def _is_shape(field: pa.Field) -> bool:
    return field.name in _BOX or pa.types.is_nested(field.type) or pa.types.is_binary(field.type)


def _read_metadata(text: str, place: str, known: Known, gathered: Gathered) -> None:
    try:
        tree = json.loads(text)
    except ValueError:
        tree = text
    read_tree(tree, place, known, gathered, About(), [])


def _read_extremes(
    told: pq.FileMetaData, where: Where, columns: Mapping[str, NDArray[Any]], gathered: Gathered
) -> None:
    """Note the extremes of columns that are kept apart from the rows, where no row has them."""
    for group in range(told.num_row_groups):
        held = told.row_group(group)
        for number in range(held.num_columns):
            column = held.column(number)
            name = str(column.path_in_schema)
            if column.physical_type not in ("DOUBLE", "FLOAT", "INT32", "INT64") or name.startswith(_BOX):
                continue
            statistics = column.statistics
            if statistics is None or not statistics.has_min_max:
                continue
            part = part_aliases().get(name, name)
            about = About(where.sheet or ("", ""), where.variable if part in RESULT_COLUMNS else name, part)
            for kind, value in (("minimum", statistics.min), ("maximum", statistics.max)):
                if isinstance(value, int | float) and not (name in columns and value in columns[name]):
                    place = f"{where.file}: statistics of column {name}"
                    gathered.add_loose(f"legend_{kind}", (float(value), float(value)), place, about)


def learn_parquet(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Learn the areas of a folder that no GeoPackage and no map has."""
    if path.stem != "areas":
        return
    with pq.ParquetFile(path) as held:
        schema = held.schema_arrow
        names = schema.names
        shape = next((name for name in ("geometry", "geom") if name in names), None)
        sheet = where_of(file, {}, known).sheet
        if shape is None or AREA_ID not in names or sheet is None or sheet in gathered.shapes:
            return
        kept = [name for name in (*NAME_COLUMNS, MUNICIPALITY) if name in names]
        table = held.read(columns=[AREA_ID, shape, *kept], use_threads=False)
        metadata = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    ids = [str(one) for one in table.column(AREA_ID).to_pylist()]
    texts = {name: [str(one or "") for one in table.column(name).to_pylist()] for name in kept}
    crs = metadata.get("columns", {}).get(shape, {}).get("crs", "OGC:CRS84")
    shapes = shapely.from_wkb(table.column(shape).to_numpy(), on_invalid="ignore")
    index = pd.Index(ids, name=AREA_ID, dtype="str")
    gathered.shapes[sheet] = gpd.GeoDataFrame(texts, geometry=shapes, index=index, crs=crs)
    known.learn_areas(sheet, ids, [texts[name] for name in kept if name in NAME_COLUMNS])
