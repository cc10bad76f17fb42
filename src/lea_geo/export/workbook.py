"""One workbook for planners: values, how sure they are, which areas stand out, and a dictionary.

Numbers are numbers and ids are text; a cell without a value says why. No text is ever a formula, there are
no macros, and the same findings give the same bytes.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from lea_geo._checks.export import check_rows, language_of
from lea_geo._checks.findings import check_findings, refuse_failure
from lea_geo._files import write_whole
from lea_geo._findings import as_findings
from lea_geo._report_words import Words
from lea_geo.export.planned import Head, Number
from lea_geo.export.workbook_sheets import MOST_CHARACTERS, planned_sheets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo._findings import Given
    from lea_geo.export.planned import PlannedSheet
    from lea_geo.schema import Findings, Text

MOST_READ = 20_000
"""Areas of a study that gets a workbook: nobody reads more rows, and programs open them slowly."""
_PAPER = 260
"""Characters of a sheet that can be read when it is as wide as a paper."""
_LINE = 15.0
"""Points of a line of text."""
_OF_ZIP = (2021, 1, 1, 0, 0, 0)
_PROPERTIES = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>lea_geo</dc:creator><dc:title>{title}</dc:title>\
<dcterms:created xsi:type="dcterms:W3CDTF">2021-01-01T00:00:00Z</dcterms:created>\
<dcterms:modified xsi:type="dcterms:W3CDTF">2021-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>"""
_BOLD = Font(name="Calibri", size=11, bold=True)
_HEAD = PatternFill("solid", fgColor="E3E8ED")
_TOP = Alignment(vertical="top", wrap_text=True)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_workbook(
    findings: Given, path: str | Path, *, title: Text | str | None = None, language: str | None = None
) -> None:
    """Write the study itself as an Excel workbook, whole or not at all.

    Parameters
    ----------
    findings
        What a study found; or what ``lea_geo.run`` or ``lea_geo.hotspots`` returns, or areas with a column
        ``value``, as for ``lea_geo.planner_map``. Other years and kinds of areas are left to the CSV files.
    path
        The ``.xlsx`` to write; an earlier one is replaced.
    title
        For areas: what the values are. Findings bring their own.
    language
        ``fi``, ``sv`` or ``en``: that of the sheets; the dictionary has all three. None means the
        study's own.

    Raises
    ------
    UsageError
        What was given is no findings, or there is no such language.
    OutputError
        The findings are not consistent, have more areas and indicators than a sheet has rows, or the file
        cannot be written; what was there stays as it was.
    """
    path = Path(path)
    findings = as_findings(findings, verb="write_workbook", title=title)
    check_findings(findings, f"{path.name} was not written:")
    check_rows(findings, path)
    words = Words(language_of(findings, language), findings)
    try:
        content = _built(findings, words)
    except OSError as error:  # Rows wait in temporary files.
        raise refuse_failure(path, error) from error
    write_whole(path, content)


def _built(findings: Findings, words: Words) -> bytes:
    book = Workbook(write_only=True)
    for sheet in planned_sheets(findings, words):
        _write_sheet(book, sheet)
    content = io.BytesIO()
    book.save(content)
    title = _safe(findings.title.in_language(words.language))
    return _steady(content.getvalue(), _PROPERTIES.format(title=escape(title)))


def _write_sheet(book: Workbook, planned: PlannedSheet) -> None:
    sheet = book.create_sheet(planned.name)
    sheet.page_setup.orientation = "landscape"
    if sum(planned.widths) <= _PAPER:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 0
    for number, width in enumerate(planned.widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    if planned.header:
        sheet.print_title_rows = "1:1"
        sheet.freeze_panes = f"{get_column_letter(planned.frozen + 1)}2"
        last = f"{get_column_letter(len(planned.header))}{len(planned.rows) + 1}"
        sheet.auto_filter.ref = f"A1:{last}"
        sheet.row_dimensions[1].height = _height(planned.header, planned.widths)
        sheet.append([_cell(sheet, text, head=True) for text in planned.header])
    for number, row in enumerate(planned.rows):
        wrapped = planned.wrapped and len(row) > 1
        if wrapped:
            sheet.row_dimensions[number + 1 + bool(planned.header)].height = _height(row, planned.widths)
        heading = not planned.header and (number == 0 or not planned.rows[number - 1])
        sheet.append([_cell(sheet, value, bold=heading, wrap=wrapped) for value in row])


def _height(row: Sequence[object], widths: Sequence[int]) -> float:
    """Return the height of a row whose texts are broken into lines, in points."""
    lines = (math.ceil(len(str(text)) * 1.15 / width) for text, width in zip(row, widths, strict=False))
    return _LINE * max(1, *lines)


def _cell(
    sheet: Any,  # noqa: ANN401 - openpyxl has no types
    value: object,
    *,
    head: bool = False,
    bold: bool = False,
    wrap: bool = False,
) -> WriteOnlyCell:
    """Return a cell: numbers as they are, and text that no program takes for a formula."""
    if isinstance(value, Number) and math.isfinite(value.value):
        cell = WriteOnlyCell(sheet, value.value)
        cell.number_format = "#,##0" + ("." + "0" * value.decimals if value.decimals else "")
        return cell
    if value is None:
        return WriteOnlyCell(sheet, None)
    head = head or isinstance(value, Head)
    cell = WriteOnlyCell(sheet, _safe(str(value.value if isinstance(value, Number) else value)))
    cell.data_type = "s"  # Otherwise what begins with an equals sign is a formula.
    cell.quotePrefix = True  # And stays text when somebody edits it.
    cell.number_format = "@"
    if head or wrap:
        cell.alignment = _TOP
    if head:
        cell.fill = _HEAD
    if head or bold:
        cell.font = _BOLD
    return cell


def _safe(text: str) -> str:
    """Return a text that a workbook can hold."""
    plain = _NOT_XML.sub("\ufffd", text)
    return plain if len(plain) <= MOST_CHARACTERS else plain[: MOST_CHARACTERS - 1] + "…"


def _steady(content: bytes, properties: str) -> bytes:
    """Return the workbook without the times of its making.

    The properties are our own: what openpyxl calls their namespaces depends on what else is imported.
    """
    steady = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(steady, "w") as kept:
        for name in made.namelist():
            data = properties.encode() if name == "docProps/core.xml" else made.read(name)
            entry = zipfile.ZipInfo(name, _OF_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, data)
    return steady.getvalue()
