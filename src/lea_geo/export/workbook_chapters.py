"""What stands in the workbook's sheets of chapters."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lea_geo._speech import filled
from lea_geo.chapter import UNITS_UNSAID, YES
from lea_geo.export.dictionary import alias
from lea_geo.export.planned import Head, Number, PlannedSheet
from lea_geo.export.stored import as_words
from lea_geo.schema import AREA_ID, LANGUAGES, MUNICIPALITY
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lea_geo._report_words import Words
    from lea_geo.chapter import Chapter, ChapterTable, Column
    from lea_geo.schema import Findings, Text

_MOST_NAME = 31
"""Characters of a sheet's name."""
_NOT_NAME = re.compile(r"[\\/?*\[\]:]")
_NARROW, _NAME, _WIDE = 14, 26, 48


def chapter_sheets(findings: Findings, words: Words) -> Iterator[PlannedSheet]:
    """Yield a sheet for each chapter, and one for each kind of its tables by area.

    A chapter's sheet holds its sentences and then its tables, one under the other. Tables by area with the
    same columns share a sheet.
    """
    taken = {""}
    for chapter in findings.chapters:
        name = _free_name(words.of(chapter.title), taken)
        taken.add(name.casefold())
        yield _stacked(name, chapter, findings, words)
        for tables in _alike(chapter):
            title = tables[0].title if len(tables) == 1 else _of_several(chapter)
            name = _free_name(words.of(title), taken)
            taken.add(name.casefold())
            yield _sheet(name, tables, findings, words)


def _alike(chapter: Chapter) -> Iterator[Sequence[ChapterTable]]:
    """Yield the tables by area, those with the same columns together, in their order."""
    held: dict[tuple[object, ...], list[ChapterTable]] = {}
    for table in chapter.tables:
        if table.place == "areas":
            kind = tuple((one.name, one.kind, one.unit) for one in table.columns)
            held.setdefault(kind, []).append(table)
    yield from held.values()


def _of_several(chapter: Chapter) -> Text:
    by_area = read_texts("lea_geo.export")["workbook.by_area"]
    return filled(by_area, chapter=chapter.title)


def _stacked(name: str, chapter: Chapter, findings: Findings, words: Words) -> PlannedSheet:
    """Return what a chapter says and its tables without areas, one under the other."""
    rows: list[tuple[object, ...]] = [(words.of(chapter.title),), (words.of(chapter.question),), ()]
    for said in sorted(chapter.statements, key=lambda one: -one.weight):
        certainty = words.own(f"certainty.{said.certainty}")
        rows.append((words.of(said.text), certainty, words.of(said.because)))
    names = {one.code: words.of(one.name) for one in findings.indicators}
    for table in chapter.tables:
        if table.place == "areas":
            continue
        rows += [(), (words.of(table.title),), (words.of(table.explanation),)]
        rows.append(tuple(Head(_head(one, words)) for one in table.columns))
        rows += zip(*(_cells(one, table, names, words) for one in table.columns), strict=True)
    widest = max((len(table.columns) for table in chapter.tables if table.place != "areas"), default=1)
    return PlannedSheet(name, (), rows, (_WIDE, _NAME, _WIDE, *(_NARROW for _ in range(widest - 3))))


def _free_name(title: str, taken: set[str]) -> str:
    plain = _NOT_NAME.sub(" ", title).strip("' ")
    names = (plain[:_MOST_NAME], *(f"{plain[: _MOST_NAME - 4]} ({n})" for n in range(2, 100)))
    return next(name for name in names if name.casefold() not in taken)


def _sheet(name: str, tables: Sequence[ChapterTable], findings: Findings, words: Words) -> PlannedSheet:
    placed = tables[0].place == "areas"
    heads = [read_texts("lea_geo.export")["workbook.about"]] if len(tables) > 1 else []
    heads += (
        [alias(AREA_ID), read_texts("lea_geo.export")["workbook.area"], alias(MUNICIPALITY)] if placed else []
    )
    header = (*(words.of(one) for one in heads), *(_head(one, words) for one in tables[0].columns))
    names = {one.code: words.of(one.name) for one in findings.indicators}
    rows: list[tuple[object, ...]] = []
    for table in tables:
        about = [words.of(table.title)] if len(tables) > 1 else []
        columns = [_cells(one, table, names, words) for one in table.columns]
        before = area_cells(findings, words) if placed else [()] * len(table.frame)
        cells = zip(*columns, strict=True) if columns else iter(())
        rows += [(*about, *area, *row) for area, row in zip(before, cells, strict=True)]
    widths = tuple(
        _NARROW if one.kind == "number" else _WIDE if one.kind == "text" else _NAME
        for one in tables[0].columns
    )
    return PlannedSheet(name, header, rows, (*(_NAME for _ in heads), *widths), frozen=len(heads))


def _head(column: Column, words: Words) -> str:
    unit = "percent" if column.unit == "share" else column.unit
    named = words.shared(f"unit_name.{unit}") if unit not in UNITS_UNSAID else ""
    return f"{words.of(column.title)} ({named})" if named else words.of(column.title)


def area_cells(findings: Findings, words: Words) -> list[tuple[str, str, str]]:
    """Return id, name and municipality of each area."""
    areas = findings.areas
    languages = sorted(LANGUAGES, key=lambda one: one != words.language)
    names = zip(*(as_words(areas[f"name_{one}"]) for one in languages), strict=True)
    named = [next(filter(None, row), area) for area, row in zip(areas.index, names, strict=True)]
    towns = [words.place(town) if town else "" for town in as_words(areas[MUNICIPALITY])]
    return list(zip(areas.index, named, towns, strict=True))


def _cells(column: Column, table: ChapterTable, names: dict[str, str], words: Words) -> list[object]:
    """Return a column in words; a number that is not known is a dash."""
    values = table.frame[column.name].tolist()
    if column.kind == "number":
        scale = 100 if column.unit == "share" else 1
        if column.unit == "year":
            return [f"{one:.0f}" if math.isfinite(one) else "–" for one in values]
        return [Number(scale * one, column.decimals) if math.isfinite(one) else "–" for one in values]
    said = {word: words.of(text) for word, text in column.words.items()}
    if column.kind == "flag":
        said = {YES: words.of(shared_texts()["common.yes"])}
    if column.kind == "indicator":
        said = names
    if column.kind == "municipality":
        said = {one: words.place(one) for one in values if one}
    return [said.get(one, one) for one in values]
