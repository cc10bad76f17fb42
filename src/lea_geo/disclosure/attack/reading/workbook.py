"""Workbooks: every sheet, hidden or not, with comments, names and whatever else the file carries."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.numbers import as_column
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.disclosure.attack.reading.styles import xml_texts
from lea_geo.disclosure.attack.reading.tables import Where, read_table
from lea_geo.disclosure.attack.reading.unplaced import read_cell

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from lea_geo.disclosure.attack.reading.gathered import Gathered
    from lea_geo.disclosure.attack.reading.known import Known

MOST_BYTES = 2**30
"""Of a workbook when it is unpacked."""
_READ = re.compile(
    r"\[Content_Types\]\.xml|_rels/.*|docProps/.*|xl/_rels/.*|xl/workbook\.xml|xl/styles\.xml|xl/sharedStrings\.xml"
    r"|xl/theme/.*|xl/worksheets/sheet\d+\.xml|xl/worksheets/_rels/.*|xl/comments.*\.xml|xl/comments/.*"
    r"|xl/drawings/(commentsDrawing|vmlDrawing).*|xl/calcChain\.xml|xl/tables/table\d+\.xml"
)
"""What of a workbook is read, or holds no number of an area."""
_PROPERTIES = ("docProps/app.xml", "docProps/custom.xml", "docProps/core.xml")
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_OUTSIDE_CELLS = re.compile(
    r"<(?:\w+:)?(?:f|formula\d?|(?:odd|even|first)(?:Header|Footer))(?:\s[^>]*)?>([^<]+)<"
    r"|<(?:\w+:)?(?:filter|customFilter)\s[^>]*val=\"([^\"]*)\""
)
"""Formulas, rules, filters, and what is printed above and below."""
_ALIGNED = re.compile(r"&[A-Z]")
"""Where on the paper something is printed."""


def read_workbook(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a workbook.

    Raises
    ------
    ValueError, zipfile.BadZipFile, KeyError
        It is no workbook, or too large when it is unpacked.
    """
    packed = _unpacked(path, file, gathered)
    for name in _PROPERTIES:
        _read_properties(packed.get(name, ""), f"{file}: {name}", known, gathered)
    book = load_workbook(path, data_only=True)
    sheets = {name: content for name, content in packed.items() if _SHEET.fullmatch(name)}
    if len(sheets) > len(book.worksheets):
        gathered.leave(file, f"{len(sheets) - len(book.worksheets)} of its sheets are in no list of sheets")
    shown = {text.strip() for sheet in book.worksheets for text in _read_sheet(sheet, file, known, gathered)}
    for text in xml_texts(packed.get("xl/sharedStrings.xml", "")):
        if text not in shown:
            read_sentences(text, f"{file}: text that no cell shows", known, gathered)
    for name, content in sheets.items():
        for told in _OUTSIDE_CELLS.findall(content):
            text = _ALIGNED.sub(" ", unescape(" ".join(told)))
            read_sentences(text, f"{file}: {name}, outside the cells", known, gathered)
    for name, one in book.defined_names.items():
        read_sentences(f"{name} {one.attr_text or ''}", f"{file}: defined name {name!r}", known, gathered)


def _unpacked(path: Path, file: str, gathered: Gathered) -> dict[str, str]:
    """Return the parts of a workbook as text, and leave those that nothing here reads."""
    with zipfile.ZipFile(path) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES >> 30} GiB when it is unpacked")
        names = packed.namelist()
        for name in names:
            if not _READ.fullmatch(name):
                gathered.leave(file, f"it holds {name}, which nothing here reads")
        return {name: packed.read(name).decode("utf-8", "replace") for name in names if _READ.fullmatch(name)}


def _read_properties(text: str, place: str, known: Known, gathered: Gathered) -> None:
    for one in xml_texts(text):
        if not re.fullmatch(r"[\d.]+|\d{4}-\d\d-\d\dT.*", one):  # Versions and times.
            read_sentences(one, place, known, gathered)


def _read_sheet(sheet: Worksheet, file: str, known: Known, gathered: Gathered) -> list[str]:
    """Note the numbers of a sheet, and return its texts."""
    kind = {"hidden": "hidden ", "veryHidden": "very hidden "}.get(sheet.sheet_state, "")
    inside = f"{kind}sheet {sheet.title!r}"
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    width = max(map(len, rows), default=0)
    header = next((k for k, row in enumerate(rows) if sum(one is not None for one in row) > 1), None)
    _read_comments(sheet, f"{file}: {inside}", known, gathered)
    texts = [one for row in rows for one in row if isinstance(one, str)]
    if header is None or header > 0:
        for row in rows:
            for cell in filter(None, row):
                read_cell(cell, f"{file}: {inside}", known, gathered, About(known.sheets.get("", ("", ""))))
        return texts
    named = _headings(rows[0], width, sheet)
    columns = {
        name: as_column([row[place] if place < len(row) else None for row in rows[1:]])
        for place, name in enumerate(named)
    }
    read_table(columns, Where(file, inside, sheet=known.sheets.get("")), known, gathered)
    return texts


def _headings(row: tuple[Any, ...], width: int, sheet: Worksheet) -> list[str]:
    """Return a heading for every column, each once; one that is blank or hidden is its letter."""
    found: list[str] = []
    for place in range(width):
        letter = get_column_letter(place + 1)
        said = row[place] if place < len(row) else None
        name = str(said) if said is not None else letter
        if sheet.column_dimensions[letter].hidden:
            name = f"{name} (hidden {letter})" if said is not None and name in found else name
        found.append(name if name not in found else f"{name} {letter}")
    return found


def _read_comments(sheet: Worksheet, place: str, known: Known, gathered: Gathered) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment is not None:
                near = f"{place}, comment on {cell.coordinate}"
                read_sentences(str(cell.comment.text), near, known, gathered)
