"""Files as they come: encodings, separators, title lines, archives, sheets, layers, all turned into text.

Nothing is interpreted here: an id stays ``00100`` and a withheld value stays what the file wrote for it.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pyogrio

from lea_geo._checks import tables as check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEPARATORS = (";", "\t", ",")
SAMPLED_ROWS = 200
MOST_BYTES = 1 << 30
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
LAYER_SUFFIXES = (".gpkg", ".geojson", ".json", ".shp")


@dataclass(frozen=True)
class RawTable:
    """A table of text, and how it was found."""

    frame: pd.DataFrame
    """Every cell a ``str``; an empty cell is ``""``."""
    encoding: str = ""
    separator: str = ""
    float_columns: frozenset[str] = frozenset()
    """Columns that a typed file holds as floating-point numbers: no place for ids."""
    notes: tuple[str, ...] = ()


def read_raw(path: Path, *, layer: str | None, sheet: str | None) -> RawTable:
    """Read a file of any supported kind; ``layer`` also names the member of a zip archive."""
    check.check_path(path)
    check.check_parts(path, layer=layer, sheet=sheet)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _read_xlsx(path, sheet)
    if suffix == ".parquet":
        return _typed(_try(path, lambda: pd.read_parquet(path)))
    if suffix in LAYER_SUFFIXES:
        return _read_layer(path, layer)
    if suffix in {".gz", ".zip"}:
        return _read_text(_unpack(path, layer), path)
    if suffix in TEXT_SUFFIXES:
        return _read_text(path.read_bytes(), path)
    check.refuse_suffix(path)
    return None


def _try(path: Path, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    try:
        frame = read()
    except Exception as error:  # noqa: BLE001 - readers raise whatever their drivers raise
        check.refuse_unreadable(path, error)
    return frame


def _unpack(path: Path, member: str | None) -> bytes:
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as packed:
            data = _try_bytes(path, lambda: packed.read(MOST_BYTES + 1))
        check.check_size(path, len(data), MOST_BYTES)
        return data
    if not zipfile.is_zipfile(path):
        check.refuse_unreadable(path, "it is no zip archive")
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(TEXT_SUFFIXES)]
        chosen = check.check_one_of(path, "member", names, member, option="layer")
        check.check_size(path, archive.getinfo(chosen).file_size, MOST_BYTES)
        return _try_bytes(path, lambda: archive.read(chosen))


def _try_bytes(path: Path, read: Callable[[], bytes]) -> bytes:
    try:
        data = read()
    except (OSError, EOFError, zipfile.BadZipFile, RuntimeError, ValueError) as error:
        check.refuse_unreadable(path, error)
    return data


def _decode(data: bytes, path: Path) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8 if it can be, else the Windows one, else Latin-1."""
    check.check_no_nul(path, data)
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", errors="replace"), "utf-8-sig"
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def sniff(text: str) -> tuple[str, int] | None:
    """Return the separator under which most rows have equally many cells, and that number.

    Lines that do not fit (a title above the header) count against a separator; a comma loses every tie,
    because decimal commas split cells as evenly as separators do.
    """
    lines = text[: 1 << 18].splitlines(keepends=True)[:SAMPLED_ROWS]
    best: tuple[float, str, int] | None = None
    for separator in SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            continue
        width, count = wide.most_common(1)[0]
        if best is None or count / len(widths) > best[0]:
            best = (count / len(widths), separator, width)
    return (best[1], best[2]) if best else None


def _read_text(data: bytes, path: Path) -> RawTable:
    text, encoding = _decode(data, path)
    found = sniff(text)
    if found is None:
        check.refuse_no_columns(path)
    separator, width = found
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
    except csv.Error as error:
        check.refuse_unreadable(path, error)
    start = next(number for number, row in enumerate(rows) if len(row) == width)
    titles = [" ".join(row).strip() for row in rows[:start]]
    notes = [f'Lines above the header were passed over: "{title}".' for title in titles if title]
    if encoding not in {"utf-8", "utf-8-sig"}:
        notes.append(f"The file is not UTF-8; it was read as {encoding}.")
    header = [cell.strip() for cell in rows[start]]
    check.check_rows(path, header, rows[start + 1 :])
    frame, repaired = check.mend_mojibake(path, pd.DataFrame(rows[start + 1 :], columns=header, dtype=str))
    return RawTable(frame, encoding, separator, notes=tuple(notes + repaired))


def _read_layer(path: Path, layer: str | None) -> RawTable:
    check.check_layer_file(path, layer)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except Exception as error:  # noqa: BLE001 - GDAL raises many kinds
        check.refuse_unreadable(path, error)
    chosen = check.check_one_of(path, "layer", names, layer, option="layer")
    return _typed(_try(path, lambda: pyogrio.read_dataframe(path, layer=chosen, read_geometry=False)))


def _typed(frame: pd.DataFrame) -> RawTable:
    if frame.index.name is not None:
        frame = frame.reset_index()
    floats = frozenset(str(name) for name in frame.columns if pd.api.types.is_float_dtype(frame[name]))
    kept = [name for name in frame.columns if str(name) != "geometry"]
    text = {str(name): _as_text(frame[name]) for name in kept}
    return RawTable(pd.DataFrame(text, dtype=str), float_columns=floats)


def _as_text(column: pd.Series[Any]) -> pd.Series[str]:
    return column.astype(object).where(column.notna(), "").map(str).astype(str)


def _read_xlsx(path: Path, sheet: str | None) -> RawTable:
    check.check_archive_size(path, MOST_BYTES)
    values = _try_workbook(path, stored=True)
    visible = [ws.title for ws in values.worksheets if ws.sheet_state == "visible"]
    hidden = [ws.title for ws in values.worksheets if ws.sheet_state != "visible"]
    chosen = check.check_one_of(
        path, "sheet", visible if sheet is None else visible + hidden, sheet, option="sheet"
    )
    rows = [list(row) for row in values[chosen].iter_rows(values_only=True)]
    formulas = [list(row) for row in _try_workbook(path, stored=False)[chosen].iter_rows(values_only=True)]
    check.check_formulas(path, rows, formulas)
    header, body = _below_header(path, rows)
    floats = frozenset(
        name for k, name in enumerate(header) if any(isinstance(row[k], float) for row in body)
    )
    text = [["" if cell is None else str(cell).strip() for cell in row] for row in body]
    notes = [f"Hidden sheets were not read: {', '.join(hidden)}."] if hidden and sheet is None else []
    return RawTable(pd.DataFrame(text, columns=header, dtype=str), float_columns=floats, notes=tuple(notes))


def _below_header(path: Path, rows: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """Split the rows of a sheet at its header: the first row with more than one filled cell."""
    filled = [row for row in rows if any(cell is not None for cell in row)]
    start = next((n for n, row in enumerate(filled) if sum(cell is not None for cell in row) > 1), None)
    if start is None:
        check.refuse_no_columns(path)
    width = max(k + 1 for row in filled[start:] for k, cell in enumerate(row) if cell is not None)
    header = ["" if cell is None else str(cell).strip() for cell in filled[start][:width]]
    body = [row[:width] for row in filled[start + 1 :]]
    check.check_rows(path, header, body)
    return header, body


def _try_workbook(path: Path, *, stored: bool) -> openpyxl.Workbook:
    try:
        with path.open("rb") as file:
            return openpyxl.load_workbook(file, data_only=stored)
    except Exception as error:  # noqa: BLE001 - openpyxl raises many kinds
        check.refuse_unreadable(path, error)
