"""What an indicator table must be, and what a user is told about its file, its ids and its cells."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lea_geo._checks import area_files
from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

READABLE = ".csv .txt .tsv (also .gz or in a .zip), .xlsx, .parquet, .gpkg, .geojson, .shp"
BROKEN = "\N{REPLACEMENT CHARACTER}"
# What UTF-8's å ä ö Å Ä Ö é look like when read as cp1252 or Latin-1.
_MOJIBAKE = re.compile("Ã[¥¤¶…„–©\x85\x84\x96]|Â[\xa0 ]")


def heading(path: Path) -> str:
    """Return the first line of every message about a table."""
    return f"The table {path.name} cannot be used:"


def refuse(path: Path, what: str, cure: str = "", *, ids: Iterable[object] = ()) -> NoReturn:
    """Raise a TableError with one fault."""
    faults = Faults()
    faults.add(what, ids=ids, cure=cure)
    raise TableError(heading(path), faults.found)


def check_path(path: Path) -> None:
    """Refuse a path that is no file."""
    if not path.is_file():
        refuse(path, f"there is no file {path}")


def check_parts(path: Path, *, layer: str | None, sheet: str | None) -> None:
    """Refuse to name a part of a file that has no such parts."""
    suffix = path.suffix.lower()
    if layer is not None and suffix in {".csv", ".txt", ".tsv", ".gz", ".xlsx", ".parquet"}:
        refuse(
            path, f"a {suffix} file has no layers", "Leave layer out." if suffix != ".xlsx" else "Say sheet=."
        )
    if sheet is not None and suffix != ".xlsx":
        refuse(path, f"a {suffix} file has no sheets", "Leave sheet out.")


def check_layer_file(path: Path, layer: str | None) -> None:
    """Refuse what a boundary file is refused for, such as another content than its ending says."""
    try:
        area_files.check_layer_name(layer)
        area_files.check_path(path)
    except AreasError as error:
        raise TableError(heading(path), error.faults) from None


def refuse_suffix(path: Path) -> NoReturn:
    """Refuse a kind of file that is not read."""
    refuse(path, f"files ending in {path.suffix or 'nothing'} are not read", f"Readable are {READABLE}.")


def refuse_unreadable(path: Path, error: object) -> NoReturn:
    """Refuse a file that its own reader cannot read."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    refuse(path, f"the file is damaged or is not what its name says ({first})")


def refuse_no_columns(path: Path) -> NoReturn:
    """Refuse a file that does not fall into columns."""
    refuse(
        path,
        "the file is empty or has a single column",
        "Expected is a header and columns separated by comma, semicolon or tab.",
    )


def check_size(path: Path, size: int, most: int) -> None:
    """Refuse an archive that unpacks to more than ``most`` bytes."""
    if size > most:
        refuse(
            path, f"the archive unpacks to more than {most >> 20} MiB", "Unpack it yourself if it is right."
        )


def check_archive_size(path: Path, most: int) -> None:
    """Refuse a workbook that is no archive or unpacks to more than ``most`` bytes."""
    if not zipfile.is_zipfile(path):
        refuse_unreadable(path, "it is no workbook")
    with zipfile.ZipFile(path) as archive:
        check_size(path, sum(member.file_size for member in archive.infolist()), most)


def check_one_of(path: Path, kind: str, names: Sequence[str], chosen: str | None, *, option: str) -> str:
    """Return the sheet, layer or member that is meant; refuse to guess between several."""
    listed = ", ".join(repr(name) for name in names)
    if chosen is not None:
        if chosen not in names:
            refuse(path, f"the file has no {kind} {chosen!r}", f"It has {listed or 'none'}.")
        return chosen
    if len(names) != 1:
        cure = f"Name one with {option}=: {listed}." if names else ""
        refuse(path, f"the file has {len(names) or 'no'} {kind}{'s' * (len(names) > 1)} to read", cure)
    return names[0]


def check_no_nul(path: Path, data: bytes) -> None:
    """Refuse text with NUL bytes."""
    if b"\x00" in data:
        refuse(path, "the text holds NUL bytes", "Save it as UTF-8 text (not UTF-16).")


def check_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Refuse doubled column names, rows of another width than the header, and a table without rows."""
    faults = Faults()
    doubles = [name for name, count in Counter(header).items() if count > 1]
    if doubles:
        faults.add("column names that occur more than once", ids=doubles)
    crooked = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
    if crooked:
        faults.add(
            f"rows that do not have the header's {len(header)} cells",
            ids=(f"row {number}" for number in crooked),
            of=len(rows),
            cure="The file may be cut off, or a text holds the separator without quotes.",
        )
    if not rows:
        faults.add("the table has a header and no rows")
    faults.raise_if_any(TableError, heading(path))


def check_formulas(path: Path, values: Sequence[Sequence[Any]], formulas: Sequence[Sequence[Any]]) -> None:
    """Refuse formulas that were saved without their values: they would read as empty."""
    empty = [
        f"row {number}"
        for number, (row, source) in enumerate(zip(values, formulas, strict=True), 1)
        for value, cell in zip(row, source, strict=True)
        if value is None and isinstance(cell, str) and cell.startswith("=")
    ]
    if empty:
        refuse(
            path,
            "formulas without a stored value",
            "Open the workbook in a spreadsheet program and save it again.",
            ids=empty,
        )


def mend_mojibake(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Mend UTF-8 that was once read as cp1252; refuse letters that are lost for good in a column's name."""
    lost = [name for name in frame.columns if BROKEN in name]
    if lost:
        refuse(
            path,
            "column names with letters that were lost in an earlier conversion",
            "Export the file again from its source.",
            ids=lost,
        )
    notes = []
    bad = [name for name in frame.columns if _MOJIBAKE.search(name)]
    if bad:
        frame = frame.rename(columns={name: _mend(name) for name in bad})
        notes.append(f"Column names had been UTF-8 read as cp1252 and were mended: {', '.join(bad[:5])}.")
    for name in frame.columns:
        hit = frame[name].str.contains(_MOJIBAKE)
        if hit.any():
            frame[name] = frame[name].where(~hit, frame[name].map(_mend))
            notes.append(f"{hit.sum()} cells of {name} had been UTF-8 read as cp1252 and were mended.")
    return frame, notes


def _mend(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def refuse_column(path: Path, name: str, columns: Sequence[str]) -> NoReturn:
    """Refuse a column that is not there, and name those that are."""
    near = get_close_matches(name, columns, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(map(repr, columns[:12])) + (", …" if len(columns) > 12 else "")
    refuse(path, f"the table has no column {name!r}", f"Its columns are {listed}.{hint}")


def refuse_no_fields(path: Path, columns: Sequence[str], catalogue: str) -> NoReturn:
    """Refuse a table none of whose columns the catalogue knows."""
    listed = ", ".join(map(repr, columns[:12])) + (", …" if len(columns) > 12 else "")
    refuse(
        path,
        f"no column and no row is a field of the catalogue {catalogue!r}",
        f"The columns are {listed}. Name other spellings as aliases under [fields] of the catalogue.",
    )


def check_double_fields(path: Path, doubles: Mapping[str, Sequence[str]]) -> None:
    """Refuse several columns for one field."""
    faults = Faults()
    for code, names in doubles.items():
        faults.add(f"the field {code} stands in several columns", ids=names, cure="Leave one of them.")
    faults.raise_if_any(TableError, heading(path))


def check_year(path: Path, years: Sequence[str], asked: str | None) -> str:
    """Return the year to read; refuse to mix vintages and to take another than was asked for."""
    listed = ", ".join(years)
    if asked is not None:
        if asked not in years:
            refuse(path, f"the table has no year {asked}", f"It has {listed}.")
        return asked
    if len(years) > 1:
        refuse(path, f"the table holds several years ({listed})", "Choose one with year=.")
    return years[0]


def check_long_cells(path: Path, frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """Refuse a long table that has several values for one area and field."""
    double = frame.duplicated(list(keys), keep=False)
    if double.any():
        twins = frame[double]
        within = twins.groupby(list(keys)).nunique()
        others = [str(c) for c in within if (within[c] > 1).any()]
        refuse(
            path,
            "several values for the same area and field",
            f"They differ in {', '.join(others)}: keep one kind of row." if others else "",
            ids=twins[keys[0]].unique(),
        )


def refuse_float_ids(path: Path, column: str) -> NoReturn:
    """Refuse ids that are stored as floating-point numbers."""
    refuse(
        path,
        f"the area ids in {column!r} are floating-point numbers",
        "Leading zeros are lost and large ids may have merged; write them as text.",
    )


def check_ids(
    path: Path, ids: pd.Series[str], rows: pd.Series[Any], odd: pd.Series[bool], scheme: str
) -> None:
    """Refuse blank, doubled, damaged and foreign ids, all at once."""
    faults = Faults()
    blank = ids == ""
    if blank.any():
        faults.add("blank area ids", ids=(f"row {row}" for row in rows[blank]), of=len(ids))
    broken = ids.str.contains(BROKEN, regex=False)
    if broken.any():
        faults.add("area ids with letters lost in an earlier conversion", ids=ids[broken], of=len(ids))
    odd = odd & ~blank
    if odd.any():
        faults.add(
            f"area ids that are no {scheme} codes",
            ids=ids[odd],
            of=len(ids),
            cure="Codes that a spreadsheet rounded cannot be restored; take them from the source.",
        )
    double = ids.duplicated(keep=False) & ~blank
    if double.any():
        faults.add(
            "duplicate area ids", ids=ids[double].unique(), of=ids.nunique(), cure="Keep one row per area."
        )
    faults.raise_if_any(TableError, heading(path))


def note_text(faults: Faults, field: str, cells: pd.Series[str], source: str) -> None:
    """Note cells that are neither a number nor a declared sentinel."""
    shown = ", ".join(repr(text) for text in cells.unique()[:3])
    if not source:  # a plain table, which no catalogue describes
        cure = "Leave cells without a value empty, or name what stands for none: missing = [...]."
        faults.add(f"{field} holds {shown}, which is no number", ids=cells.index, of=None, cure=cure)
        return
    faults.add(
        f"{field} holds {shown}, which is no number and no sentinel of the source {source!r}",
        ids=cells.index,
        cure="Declare the sentinel under [sources] of the catalogue, or name the right source.",
    )


def note_negative(faults: Faults, field: str, cells: pd.Series[float], source: str) -> None:
    """Note negative values in a field that cannot be negative."""
    shown = ", ".join(f"{value:g}" for value in cells.unique()[:3])
    faults.add(
        f"{field} holds negative values ({shown}) that the source {source!r} does not declare",
        ids=cells.index,
        cure="Declare the sentinel under [sources], or the field as signed.",
    )


def note_infinite(faults: Faults, field: str, ids: Iterable[object]) -> None:
    """Note values that are not finite or too large to be anything real."""
    faults.add(f"{field} holds values that are infinite or beyond 1e15", ids=ids)


def note_decimals(faults: Faults, fields: Sequence[str]) -> None:
    """Note commas that can be decimal commas or thousands."""
    faults.add(
        "numbers like 1,234 can be 1.234 or 1 234",
        ids=fields,
        cure='Say which with decimal="," or decimal=".".',
    )


def note_share(faults: Faults, code: str, ids: Iterable[object]) -> None:
    """Note shares whose part is larger than its whole."""
    faults.add(
        f"the numerator of {code} exceeds its denominator",
        ids=ids,
        cure="Are the fields of one source and year?",
    )


def refuse_no_indicators(path: Path, reasons: Mapping[str, str]) -> NoReturn:
    """Refuse a table from which nothing can be built."""
    faults = Faults()
    for code, reason in reasons.items():
        faults.add(f"{code}: {reason}")
    raise TableError(f"No indicator can be built from {path.name}:", faults.found)


def is_beyond(values: pd.Series[float]) -> pd.Series[bool]:
    """Return where a number is infinite or too large to be a count, an area or a sum of money."""
    return values.notna() & ~(np.abs(values) < 1e15)
