"""Tables for spreadsheets and for programs: one CSV an indicator, a summary, and what every column means.

Comma, decimal point, UTF-8 with a byte order mark (without it Excel takes UTF-8 for something else; pandas
and R read it either way), line feeds. Numbers are written so that they read back exactly. Text that a
spreadsheet would take for a formula is written behind an apostrophe.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

from lea_geo._cells import as_cell
from lea_geo._checks.findings import check_findings
from lea_geo._files import write_whole
from lea_geo._findings import as_findings
from lea_geo._sheets import sheets_of
from lea_geo.export.dictionary import (
    chapter_range,
    chapter_unit,
    column_meaning,
    meaning,
    range_of,
    summary_meaning,
    unit_of,
)
from lea_geo.export.layers import chapter_tables
from lea_geo.export.stored import AREA_COLUMNS, COUNT_RESULTS, SUMMARY_COUNTS
from lea_geo.schema import AREA_ID, LANGUAGES, RESULT_COLUMNS, SUMMARY_COLUMNS
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from lea_geo._findings import Given
    from lea_geo.chapter import ChapterTable
    from lea_geo.schema import Findings, Text

SUMMARY_FILE = "summary.csv"
DICTIONARY_FILE = "data_dictionary.csv"


def write_tables(findings: Given, folder: str | Path, *, title: Text | str | None = None) -> tuple[Path, ...]:
    """Write the findings as CSV files.

    Parameters
    ----------
    findings
        What a study found; or what ``lea_geo.run`` or ``lea_geo.hotspots`` returns, or areas with a column
        ``value``, as for ``lea_geo.planner_map``.
    folder
        Where to write; made if it is not there. Files of the same names are replaced, each at once.
    title
        For areas: what the values are. Findings bring their own.

    Returns
    -------
        The files: ``<indicator>.csv`` each with one row an area, one for each table of a chapter, called as
        it is (``change_unemployment.csv``), ``summary.csv`` with one row an indicator,
        ``data_dictionary.csv`` with one row a column. The same findings give the same bytes. Other years and
        kinds of areas have folders of their own with the same files: ``postal_2016/<indicator>.csv``.

    Raises
    ------
    UsageError
        What was given is no findings.
    OutputError
        The findings are not consistent, or a file cannot be written.
    """
    folder = Path(folder)
    findings = as_findings(findings, verb="write_tables", title=title)
    check_findings(findings, "No table was written:")
    return tuple(
        file for sheet in sheets_of(findings) for file in _write_tables(sheet.findings, folder / sheet.name)
    )


def _write_tables(findings: Findings, folder: Path) -> tuple[Path, ...]:
    own = chapter_tables(findings)
    names = [
        f"{name}.csv" for name in (*(one.code for one in findings.indicators), *(one.name for one in own))
    ]
    tables = [_results(findings, indicator.code) for indicator in findings.indicators]
    tables += [_chapter_rows(findings, table) for table in own]
    tables += [_summary(findings.summary), _dictionary(findings)]
    files = tuple(folder / name for name in (*names, SUMMARY_FILE, DICTIONARY_FILE))
    for file, rows in zip(files, tables, strict=True):
        write_whole(file, _as_bytes(rows))
    return files


def _as_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _results(findings: Findings, code: str) -> Iterator[Sequence[str]]:
    areas, result = findings.areas, findings.results[code]
    yield (AREA_ID, *AREA_COLUMNS, *RESULT_COLUMNS)
    columns = [
        areas.index,
        *(areas[name] for name in AREA_COLUMNS),
        *(result[name] for name in RESULT_COLUMNS),
    ]
    yield from zip(*(_cells(column) for column in columns), strict=True)


def _chapter_rows(findings: Findings, table: ChapterTable) -> Iterator[Sequence[str]]:
    areas = findings.areas
    placed = (
        [areas.index.to_series(), *(areas[name] for name in AREA_COLUMNS)] if table.place == "areas" else []
    )
    columns = [*placed, *(table.frame[one.name] for one in table.columns)]
    yield tuple(str(column.name) for column in columns)
    yield from zip(*(_cells(column) for column in columns), strict=True)


def _cells(column: pd.Series | pd.Index) -> list[str]:
    values = column.tolist()
    return [as_cell(value) for value in (map(_count, values) if column.name in COUNT_RESULTS else values)]


def _summary(summary: pd.DataFrame) -> Iterator[Sequence[str]]:
    yield ("code", *SUMMARY_COLUMNS)
    for code, row in summary.iterrows():
        cells = (_count(row[name]) if name in SUMMARY_COUNTS else row[name] for name in SUMMARY_COLUMNS)
        yield tuple(as_cell(cell) for cell in (str(code), *cells))


def _count(value: float) -> object:
    return None if math.isnan(value) else int(value)


def _dictionary(findings: Findings) -> Iterator[Sequence[str]]:
    yield tuple(key.removeprefix("dictionary.") for key in _dictionary_keys())
    for indicator in findings.indicators:
        file = f"{indicator.code}.csv"
        for column in (AREA_ID, *AREA_COLUMNS, *RESULT_COLUMNS):
            words = [
                as_cell(f"{indicator.name.in_language(language)}: {text}") if column == "value" else text
                for language, text in meaning(column).as_dict().items()
            ]
            yield (file, column, *words, unit_of(column, indicator), range_of(column))
    for table in chapter_tables(findings):
        yield from _chapter_dictionary(table)
    for column in ("code", *SUMMARY_COLUMNS):
        words = [summary_meaning(column).in_language(language) for language in LANGUAGES]
        yield (SUMMARY_FILE, column, *words, _summary_unit(column), range_of(column))
    for key in _dictionary_keys():
        words = [read_texts("lea_geo.export")[key].in_language(language) for language in LANGUAGES]
        yield (DICTIONARY_FILE, key.removeprefix("dictionary."), *words, "", "text")


def _chapter_dictionary(table: ChapterTable) -> Iterator[Sequence[str]]:
    file, placed = f"{table.name}.csv", (AREA_ID, *AREA_COLUMNS) if table.place == "areas" else ()
    for name in (*placed, *(one.name for one in table.columns)):
        own = next((one for one in table.columns if one.name == name), None)
        told = column_meaning(name, table)
        words = [as_cell(told.in_language(language)) for language in LANGUAGES]
        unit = chapter_unit(own) if own else ""
        holds = chapter_range(own) if own else range_of(name)
        yield (file, name, *words, unit, holds)


def _dictionary_keys() -> list[str]:
    return [key for key in read_texts("lea_geo.export") if key.startswith("dictionary.")]


def _summary_unit(column: str) -> str:
    return "that of the indicator" if column in {"median", "minimum", "maximum"} else ""
