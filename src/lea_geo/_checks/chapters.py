"""Whether chapters are what they say they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pandas.api.types import is_float_dtype

from lea_geo._checks.faults import Faults
from lea_geo.chapter import (
    CERTAINTIES,
    CHAPTER_UNITS,
    CHAPTERS,
    CHART_KINDS,
    COLUMN_KINDS,
    PLACES_OF_TABLES,
    YES,
)
from lea_geo.errors import OutputError, SpecError
from lea_geo.schema import AREA_ID, LANGUAGES, MUNICIPALITY, NAME_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from lea_geo.chapter import Chapter, ChapterTable, Column
    from lea_geo.errors import Fault
    from lea_geo.schema import Indicator, Text

_HEADING = "The study's chapters cannot be written:"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_OWN = ("fid", "geom", "geometry", AREA_ID, *NAME_COLUMNS)
"""Columns that layers have of themselves."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def is_column_name(name: str) -> bool:
    """Whether a column of a chapter's table may be called so in every file."""
    return bool(_NAME.fullmatch(name)) and name not in _OWN


def refuse_unknown_codes(
    wanted: Iterable[str], known: Mapping[str, Indicator], *, key: str, counted: bool
) -> None:
    """Refuse codes that the study does not have, or that have no counts where these are needed."""
    faults = Faults()
    wanted = tuple(wanted)
    absent = [code for code in wanted if code not in known]
    if absent:
        cure = f"The study has {', '.join(sorted(known))}."
        faults.add(f"{key} names indicators that the study does not have", ids=absent, cure=cure)
    bare = [code for code in wanted if counted and code in known and not known[code].is_rate]
    if bare:
        cure = "Name indicators that are shares of a count, with a numerator and a denominator."
        faults.add(f"{key} names indicators without counts", ids=bare, cure=cure)
    faults.raise_if_any(SpecError, _HEADING)


def refuse_no_need(key: str, code: str = "") -> SpecError:
    """Return the error for need that counts nobody: that of ``code``, or of the whole study."""
    faults = Faults()
    named = f"{key} is {code!r}, and nobody is counted by it"
    what = named if code else f"{key} is not given, and no indicator of the study weakens and counts people"
    cure = "Name an indicator that is a share of people or households, with its counts in the study."
    faults.add(what, cure=cure)
    return SpecError(_HEADING, faults.found)


def check_chapters(chapters: Iterable[Chapter], areas: pd.Index[str], heading: str) -> None:
    """Refuse chapters that no file can hold or no reader understand: every fault is named."""
    found = chapter_faults(chapters, areas)
    if found:
        raise OutputError(heading, found)


def chapter_faults(chapters: Iterable[Chapter], areas: pd.Index[str]) -> list[Fault]:
    """Return what no file can hold and no reader understand of chapters.

    Parameters
    ----------
    chapters
        Of one study.
    areas
        The ids of the study's areas, in their order.

    Returns
    -------
        A word, unit or kind that nobody knows, a frame that is not what its columns say, a text that lacks a
        language, a name given twice.
    """
    faults, names = Faults(), list[str]()
    for chapter in chapters:
        where = f"chapter {chapter.code}"
        if chapter.code not in CHAPTERS:
            faults.add(f"{where} is none that is known", cure=f"Known are {', '.join(CHAPTERS)}.")
        for what, text in _texts_of(chapter):
            _check_text(text, f"{where}: {what}", faults)
        for table in chapter.tables:
            names.append(table.name)
            _check_table(table, chapter.code, areas, faults)
        _check_parts(chapter, where, faults)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.add("tables of chapters of the same name", ids=twice)
    return faults.found


def _texts_of(chapter: Chapter) -> list[tuple[str, Text]]:
    texts = [("title", chapter.title), ("question", chapter.question), ("method", chapter.method)]
    texts += [("a limit", one) for one in chapter.limits]
    texts += [("a chart's title", one.title) for one in chapter.charts]
    for one in chapter.statements:
        texts += [("a statement", one.text), ("what a statement rests on", one.because)]
    for table in chapter.tables:
        texts += [
            (f"title of {table.name}", table.title),
            (f"explanation of {table.name}", table.explanation),
        ]
        for column in table.columns:
            texts.append((f"title of {table.name}.{column.name}", column.title))
            texts += [(f"words of {table.name}.{column.name}", one) for one in column.words.values()]
    return texts


def _check_text(text: Text, where: str, faults: Faults) -> None:
    blank = [language for language in LANGUAGES if not text.in_language(language).strip()]
    if blank:
        faults.add(f"{where} is blank in", ids=blank)


def _check_table(table: ChapterTable, code: str, areas: pd.Index[str], faults: Faults) -> None:
    where, frame = f"table {table.name!a}", table.frame
    if not _NAME.fullmatch(table.name) or not (table.name + "_").startswith(f"{code}_"):
        faults.add(f"{where} must be named in lower case, and begin with {code}_")
    if table.place not in PLACES_OF_TABLES:
        faults.add(f"{where} lies at {table.place!a}, which is no place")
    names = [column.name for column in table.columns]
    if list(frame.columns) != names or len(set(names)) < len(names):
        faults.add(f"{where} has other columns than it describes", ids=sorted({*frame.columns} ^ {*names}))
        return
    if table.place == "areas" and MUNICIPALITY in names:
        faults.add(f"{where} has a column {MUNICIPALITY}, which its layer has already")
    wanted = list(areas) if table.place == "areas" else list(range(len(frame)))
    if list(frame.index) != wanted:
        faults.add(f"{where} is not indexed " + ("as the areas" if table.place == "areas" else "from 0"))
    if table.place == "points" and not {"x", "y"} <= set(names):
        faults.add(f"{where} has points without x and y")
    unknown = [name for name in table.shows if name not in names]
    if unknown:
        faults.add(f"{where} shows columns that it does not have", ids=unknown)
    for column in table.columns:
        _check_column(column, frame[column.name], f"{where}, column {column.name}", faults)
        if column.name in table.shows and not (column.scale or column.colours):
            faults.add(f"{where} shows {column.name}, which has neither a scale nor colours")


def _check_column(column: Column, values: pd.Series, where: str, faults: Faults) -> None:
    if not is_column_name(column.name):
        faults.add(f"{where}: the name must be in lower case, and none of {', '.join(_OWN)}")
    if column.kind not in COLUMN_KINDS or column.unit not in CHAPTER_UNITS:
        faults.add(f"{where}: unknown kind {column.kind!a} or unit {column.unit!a}")
    if column.scale not in ("", "sequential", "diverging"):
        faults.add(f"{where}: unknown scale {column.scale!a}")
    if column.kind == "number":
        if not is_float_dtype(values.dtype):
            faults.add(f"{where} holds {values.dtype}, not numbers")
        elif (values.abs() == float("inf")).any():
            faults.add(f"{where} holds endless numbers")
        return
    if not all(isinstance(one, str) for one in values):
        faults.add(f"{where} holds what is no text", cure="A blank text is where there is none.")
        return
    held = {*values} - {""}
    known = {"word": {*column.words}, "flag": {YES}}.get(column.kind, held)
    if held - known:
        faults.add(f"{where} holds words that it does not explain", ids=sorted(held - known))
    odd = [word for word, colour in column.colours.items() if not _COLOUR.fullmatch(colour)]
    if odd or (column.colours and set(column.colours) != set(column.words)):
        faults.add(f"{where} must have a colour like #1a2b3c for each of its words", ids=odd)


def _check_parts(chapter: Chapter, where: str, faults: Faults) -> None:
    tables = {table.name: {column.name for column in table.columns} for table in chapter.tables}
    for chart in chapter.charts:
        if chart.kind not in CHART_KINDS or chart.table not in tables:
            faults.add(f"{where} has a chart of kind {chart.kind!a} of the table {chart.table!a}")
            continue
        used = {chart.x, chart.y, chart.lower, chart.upper, chart.by, *chart.only} - {""}
        if used - tables[chart.table]:
            faults.add(
                f"{where} draws columns that {chart.table} lacks", ids=sorted(used - tables[chart.table])
            )
    for said in chapter.statements:
        if said.certainty not in CERTAINTIES or not 0 <= said.weight <= 1:
            faults.add(f"{where} has a statement of certainty {said.certainty!a} and weight {said.weight}")
        if said.table not in tables:
            faults.add(f"{where} has a statement about {said.table!a}, which is no table of it")
