"""Tables in text files: commas, semicolons or tabs between the cells."""

from __future__ import annotations

import io
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from lea_geo.disclosure.attack.reading.known import guess_geography
from lea_geo.disclosure.attack.reading.tables import WORDS, Where, read_table
from lea_geo.schema import AREA_ID, NAME_COLUMNS, RESULT_COLUMNS, RESULT_WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered
    from lea_geo.disclosure.attack.reading.known import Known

_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
"""A heading that is none: the table begins with its first row."""
ACCOUNTS = "index"
"""The folder in which columns named by indicators hold what became of their values."""
_ACCOUNTED = ({"score", "enters", "result"}, {"score", "score_mean"}, {"step", "before", "after"})
"""What tables of that folder have, wherever they stand."""


def read_csv(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a CSV file.

    Raises
    ------
    ValueError, pyarrow.ArrowException
        It is no table.
    """
    columns = csv_columns(path.read_bytes())
    read_table(columns, where_of(file, columns, known), known, gathered)


def learn_csv(path: Path, file: str, known: Known, gathered: Gathered) -> None:  # noqa: ARG001 - as all readers
    """Learn which areas a table of results has, where no other file says so."""
    columns = csv_columns(path.read_bytes())
    where = where_of(file, columns, known)
    if AREA_ID in columns and where.variable:
        ids = [str(one) for one in columns[AREA_ID] if one is not None]
        names = [[str(one or "") for one in columns[name]] for name in NAME_COLUMNS if name in columns]
        sheet = where.sheet or (guess_geography(set(ids)), "")
        known.learn_areas(sheet, ids, names if len(ids) == len(columns[AREA_ID]) else ())
        known.learn_indicator({"code": where.variable})


def csv_columns(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the columns of a CSV file, numbers as floats and all else as text."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        content = content.decode("latin-1").encode("utf-8")
    head = content[:65536].decode("utf-8", "ignore").lstrip("\ufeff").split("\n", 1)[0].rstrip("\r")
    delimiter = max(",;\t", key=head.count)
    names = [name.strip().strip('"') for name in head.split(delimiter)]
    headed = not any(_NUMBER.fullmatch(name) for name in names)
    names = names if headed else ["column"] * len(names)
    unlike = names if len(set(names)) == len(names) else [f"{name} {k}" for k, name in enumerate(names, 1)]
    text = {name: pa.string() for name in unlike if name in WORDS or name.endswith(RESULT_WORDS)}
    table = csv.read_csv(
        io.BytesIO(content),
        read_options=csv.ReadOptions(column_names=unlike, skip_rows=int(headed), use_threads=False),
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=text,
            strings_can_be_null=True,
            null_values=["", "NA", "NaN", "nan"],
            decimal_point="," if delimiter == ";" else ".",
        ),
    )
    return {name: as_column(table.column(place)) for place, name in enumerate(unlike)}


def as_column(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column of an Arrow table as floats or objects."""
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=float)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)
    if pa.types.is_decimal(kind):
        return np.array([None if one is None else float(one) for one in column.to_pylist()], dtype=float)
    return np.array([None if one is None else str(one) for one in column.to_pylist()], dtype=object)


def where_of(file: str, columns: dict[str, NDArray[Any]], known: Known) -> Where:
    """Return what the path of a table says of it: the year, the kind of areas and the indicator."""
    path = PurePosixPath(file)
    in_name, code = known.split_stem(path.stem)
    folders = (known.sheet_of(part) for part in reversed(path.parts[:-1]))
    sheet = next(filter(None, folders), None) or in_name
    if sheet is None and (len(path.parts) > 1 or code):
        sheet = known.sheets.get("")
    if ACCOUNTS in path.parts[:-1] or any(set(columns) >= one for one in _ACCOUNTED):
        return Where(file, sheet=sheet, stem=path.stem)
    of_results = {"value", "status"} <= set(columns) and len(set(columns) & set(RESULT_COLUMNS)) > 2
    return Where(file, sheet=sheet, variable=code or (path.stem if of_results else ""))
