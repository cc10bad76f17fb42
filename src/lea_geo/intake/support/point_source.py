"""Registers of points as they come, read batch by batch: frames, Arrow, Parquet, CSV, folders of files."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.dataset as ds

from lea_geo._checks import points as check
from lea_geo.intake.dialects import sniff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BATCH = 1 << 17
"""Rows that are held at a time, by each thread."""
_SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".txt": "csv", ".tsv": "csv"}
_SAMPLE = 1 << 18
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")


@dataclass(frozen=True)
class Columns:
    """Which columns of a register matter."""

    x: str
    y: str
    by: str | None
    sums: tuple[str, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that hold numbers, each once."""
        return tuple(dict.fromkeys((self.x, self.y, *self.sums)))

    @property
    def all(self) -> tuple[str, ...]:
        """All columns, each once."""
        return tuple(dict.fromkeys((*self.numbers, *([] if self.by is None else [self.by]))))


@dataclass(frozen=True)
class PointSource:
    """A register that can be read once, batch by batch."""

    name: str
    """What a message calls it."""
    scanner: ds.Scanner
    rows: int | None
    """How many rows there are, where that is known before they are read."""
    notes: tuple[str, ...] = ()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows, at most ``BATCH`` at a time."""
        try:
            yield from self.scanner.to_batches()
        except (pa.ArrowException, OSError) as error:
            check.refuse_unread(self.name, error)


def open_points(source: object, columns: Columns, where: Mapping[str, object]) -> PointSource:
    """Return a register ready to be read.

    Parameters
    ----------
    source
        A DataFrame, an Arrow table, reader, batch or dataset, anything with an Arrow stream, or the path of a
        Parquet or CSV file or of a folder of such.
    columns
        The columns to read.
    where
        For columns the value or values of the rows that are wanted.
    """
    notes: list[str] = []
    if isinstance(source, str | Path):
        name, table = Path(source).name, _dataset(Path(source), columns, where, notes)
    else:
        name, table = "the register", _in_memory(source, columns, where)
    schema = table.schema
    # Of a frame only the columns that matter were taken.
    held = [str(column) for column in source.columns] if isinstance(source, pd.DataFrame) else schema.names
    numeric = [field.name for field in schema if _is_number(field.type)]
    check.check_columns(name, held, numeric, [*columns.all, *where], columns.numbers)
    coarse = [column for column in (columns.x, columns.y) if schema.field(column).type == pa.float32()]
    if coarse:
        notes.append(
            f"{' and '.join(map(repr, coarse))} held in 32 bits, which tell northings of Finland no nearer "
            "than half a metre."
        )
    options = {"columns": list(columns.all), "filter": _filter(where), "batch_size": BATCH}
    try:
        if isinstance(table, pa.RecordBatchReader):
            return PointSource(name, ds.Scanner.from_batches(table, **options), None, tuple(notes))
        known = not where and not isinstance(getattr(table, "format", None), ds.CsvFileFormat)
        rows = table.count_rows() if known else None
        scanner = table.scanner(batch_readahead=4, fragment_readahead=1, **options)
    except (pa.ArrowException, OSError) as error:
        check.refuse_unread(name, error)
    return PointSource(name, scanner, rows, tuple(notes))


def _in_memory(
    source: object, columns: Columns, where: Mapping[str, object]
) -> ds.Dataset | pa.RecordBatchReader:
    if isinstance(source, ds.Dataset | pa.RecordBatchReader):
        return source
    if isinstance(source, pd.DataFrame):
        held = [column for column in dict.fromkeys((*columns.all, *where)) if column in source.columns]
        frame = pd.DataFrame(source[held])
        try:
            return ds.dataset(pa.Table.from_pandas(frame, preserve_index=False))
        except (pa.ArrowException, ValueError, TypeError) as error:
            check.refuse_unread("the register", error)
    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if isinstance(source, pa.Table):
        return ds.dataset(source)
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source)
    check.refuse_source(source)
    return None


def _dataset(path: Path, columns: Columns, where: Mapping[str, object], notes: list[str]) -> ds.Dataset:
    """Return a file, or all files of a folder, as one table on disk."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES)
    else:
        files = [path] if path.is_file() else []
    kinds = sorted({_SUFFIXES.get(file.suffix.lower(), "") for file in files})
    if len(kinds) != 1 or not kinds[0]:
        what = (
            f"there is no Parquet or CSV file {path}" if len(kinds) < 2 else "it holds several kinds of files"
        )
        check.refuse(path.name, what, "Readable are .parquet, and .csv, .txt and .tsv.")
    try:
        kind = kinds[0] if kinds[0] == "parquet" else _csv_format(files[0], columns, where, notes)
        table = ds.dataset([str(file) for file in files], format=kind)
        # Arrow takes the columns of the first file and fills what another lacks with nothing.
        schemas = {Path(part.path).name: part.physical_schema.names for part in table.get_fragments()}
    except (pa.ArrowException, OSError) as error:
        check.refuse_unread(path.name, error)
    check.check_alike(path.name, schemas, [*columns.all, *where])
    return table


def _csv_format(
    path: Path, columns: Columns, where: Mapping[str, object], notes: list[str]
) -> ds.CsvFileFormat:
    """Return how to read a CSV file, as its first lines show it: encoding, separator and decimal mark."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    found = sniff(text)
    if found is None:
        check.refuse(path.name, "it is empty or has a single column", "Expected are a header and columns.")
    separator = found[0]
    cells = [line.split(separator) for line in text.splitlines()[1:200]]
    comma = separator != "," and any(
        _DECIMAL_COMMA.fullmatch(cell.strip(' "')) for row in cells for cell in row
    )
    if encoding not in {"utf-8", "utf-8-sig"}:
        notes.append(f"{path.name} is not UTF-8; it was read as {encoding}.")
    if comma:
        notes.append(f"{path.name} has decimal commas.")
    types: dict[str, Any] = dict.fromkeys(columns.numbers, pa.float64())
    if columns.by is not None and columns.by not in types:
        types[columns.by] = pa.string()
    return ds.CsvFileFormat(
        parse_options=pa_csv.ParseOptions(delimiter=separator),
        read_options=pa_csv.ReadOptions(encoding="utf-8" if encoding == "utf-8-sig" else encoding),
        convert_options=pa_csv.ConvertOptions(
            column_types={**types, **_types_of(where, types)},
            decimal_point="," if comma else ".",
            strings_can_be_null=True,
        ),
    )


def _encoding(head: bytes) -> str:
    """Return UTF-8 if the first bytes of a file can be that, else the Windows one."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter may be cut in two at the end
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _types_of(where: Mapping[str, object], types: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that are text because the values that are wanted are: ``00100`` is no number."""
    return {
        column: pa.string()
        for column, wanted in where.items()
        if column not in types and all(isinstance(value, str) for value in _listed(wanted))
    }


def _filter(where: Mapping[str, object]) -> pc.Expression | None:
    """Return which rows are wanted, as Arrow says it."""
    wanted = None
    for column, values in where.items():
        one = ds.field(column).isin(_listed(values))
        wanted = one if wanted is None else wanted & one
    return wanted


def _listed(values: object) -> list[Any]:
    return list(values) if isinstance(values, list | tuple | set) else [values]


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
