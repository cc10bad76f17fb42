"""Where a file that holds tables differs from the one that was made again: the first cell that does."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Rows = list[tuple[Any, ...]]
"""Of a table, its headings first."""

_SHOWN = 40
"""Characters of a cell that are worth showing."""


def differing_cell(path: Path, made: Path) -> str:
    """Return where a file differs from the one that was made again; blank where no table tells.

    Parameters
    ----------
    path
        The file that is there.
    made
        What should be in it.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        return ""
    try:
        there, should = read(path), read(made)
    except Exception:  # noqa: BLE001 - what libraries raise at a planted file cannot be foreseen
        return ""  # The attack reads it too, and says why it cannot.
    return next(_differences(there, should), "")


def _differences(there: dict[str, Rows], should: dict[str, Rows]) -> Iterator[str]:
    for name, rows in should.items():
        found = there.get(name)
        inside = f": {name}" if name else ":"
        if found is None:
            yield f"{inside} is not there"
        elif [*map(len, found)] != [*map(len, rows)]:
            yield f"{inside} has other rows or columns"
        else:
            for row, (cells, others) in enumerate(zip(found, rows, strict=True)):
                for head, cell, other in zip(rows[0], cells, others, strict=True):
                    if cell != other:
                        yield _told(f"{inside} row {row} ({cells[0]}), column {head}", cell, other)
    yield from (f": {name} is in no such file" for name in there if name not in should)


def _told(where: str, cell: object, other: object) -> str:
    said = [f"{one:.15g}" if isinstance(one, float) else str(one) for one in (cell, other)]
    return f"{where} is {said[0]}, not {said[1]}" if max(map(len, said)) <= _SHOWN else where


def _of_csv(path: Path) -> dict[str, Rows]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {"": list(map(tuple, csv.reader(file)))}


def _of_parquet(path: Path) -> dict[str, Rows]:
    table = pq.read_table(path)
    columns = [column.to_pylist() for column in table.columns]
    return {"": [tuple(table.column_names), *zip(*columns, strict=True)]}


def _of_workbook(path: Path) -> dict[str, Rows]:
    book = openpyxl.load_workbook(path, read_only=True)
    return {sheet.title: _squared(list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets}


def _squared(rows: Rows) -> Rows:
    """Return rows as long as the longest, the first numbering what has no heading."""
    width = max(map(len, rows), default=0)
    return [(*range(1, width + 1),), *((*row, *[None] * (width - len(row))) for row in rows)]


def _of_geopackage(path: Path) -> dict[str, Rows]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        listed = database.execute("SELECT table_name FROM gpkg_contents ORDER BY rowid").fetchall()
        found = {}
        for (name,) in listed:
            quoted = '"' + str(name).replace('"', '""') + '"'
            cursor = database.execute(f"SELECT * FROM {quoted}")  # noqa: S608 - quoted
            heads = tuple(column for column, *_ in cursor.description)
            found[str(name)] = [heads, *cursor.fetchall()]
    return found


_READERS: dict[str, Callable[[Path], dict[str, Rows]]] = {
    ".csv": _of_csv,
    ".parquet": _of_parquet,
    ".xlsx": _of_workbook,
    ".gpkg": _of_geopackage,
}
