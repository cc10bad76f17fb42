"""The report's chapters: what was asked, what was found, how sure it is, in sentences, charts and tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lea_geo._report_charts import draw
from lea_geo._report_html import bullets, folded, isolated, safe, small, table
from lea_geo._speech import NO_NUMBER, Number
from lea_geo.chapter import UNITS_UNSAID

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo._report_words import Words
    from lea_geo.chapter import Chapter, ChapterTable, Column, Statement
    from lea_geo.schema import Findings

MOST_ROWS = 15
"""Rows of a table that the report shows; the files have them all."""
MOST_COLUMNS = 9
MOST_STATEMENTS = 8
"""Findings of a chapter that are open to the reader at once."""
_OF_ONE = 3
"""Of them from one table, before all other tables have had theirs."""


def chapter_sections(findings: Findings, words: Words) -> str:
    """Return the chapters of a study, blank where it has none."""
    return "".join(_Section(findings, chapter, words).drawn() for chapter in findings.chapters)


def statement(said: Statement, words: Words) -> str:
    """Return a finding with how sure it is and why."""
    return (
        f"{certainty_mark(said.certainty, words)} {safe(words.of(said.text))}{small(words.of(said.because))}"
    )


def certainty_mark(certainty: str, words: Words) -> str:
    """Return how sure a finding is, as a word in a box that needs no colour."""
    return f'<span class="certainty {safe(certainty)}">{safe(words.own(f"certainty.{certainty}"))}</span>'


def chapter_anchor(chapter: Chapter, words: Words) -> str:
    """Return the place of a chapter in the page."""
    return f"{words.language}-chapter-{chapter.code}"


class _Section:
    """One chapter on its way to HTML."""

    def __init__(self, findings: Findings, chapter: Chapter, words: Words) -> None:
        self.findings, self.chapter, self.words = findings, chapter, words
        self.indicators = {one.code: words.of(one.name) for one in findings.indicators}

    def drawn(self) -> str:
        chapter, words = self.chapter, self.words
        limits = (
            f"<h3>{safe(words.own('heading.chapter_limits'))}</h3>{bullets(map(words.of, chapter.limits))}"
        )
        notes = f'<div class="small" lang="en">{bullets(chapter.notes)}</div>' if chapter.notes else ""
        return (
            f'<section id="{chapter_anchor(chapter, words)}"><h2>{safe(words.of(chapter.title))}</h2>\n'
            f'<p class="question">{safe(words.of(chapter.question))}</p>\n{self._statements()}\n'
            f"{self._charts()}{limits if chapter.limits else ''}{self._tables()}"
            f"{folded(words.own('said.notes', n=len(chapter.notes)), notes)}</section>\n"
        )

    def _statements(self) -> str:
        """Return the findings that count most, and the rest where a reader can open them."""
        words = self.words
        first, rest = _chosen(self.chapter.statements)
        if not first:
            return f"<p>{safe(words.own('said.no_finding'))}</p>"
        found, others = (
            "".join(f"<li>{statement(said, words)}</li>\n" for said in some) for some in (first, rest)
        )
        drawn = f'<ul class="findings">{found}</ul>'
        more = words.own("said.more_findings", n=len(rest))
        return drawn + folded(more, f'<ul class="findings">{others}</ul>' if rest else "")

    def _tables(self) -> str:
        drawn = "".join(self._table(one) for one in self.chapter.tables)
        return folded(self.words.own("said.tables", n=len(self.chapter.tables)), drawn)

    def _charts(self) -> str:
        drawn = []
        for chart in self.chapter.charts:
            title = self.words.of(chart.title)
            svg = draw(chart, self.chapter.table(chart.table), self._cell_text, self.words.language, title)
            if svg:
                drawn.append(f'<figure tabindex="0">{svg}<figcaption>{safe(title)}</figcaption></figure>\n')
        return "".join(drawn)

    def _cell_text(self, column: Column, value: object) -> str:
        """Return what a chart calls a cell; of no cell, its column with the unit."""
        if value is None:
            unit = self._unit(column)
            return f"{self.words.of(column.title)} ({unit})" if unit else self.words.of(column.title)
        return self._text(column, value)

    def _unit(self, column: Column) -> str:
        unit = "percent" if column.unit == "share" else column.unit
        return self.words.shared(f"unit_name.{unit}") if unit not in UNITS_UNSAID else ""

    def _table(self, given: ChapterTable) -> str:
        words = self.words
        title = f"<h3>{safe(words.of(given.title))}</h3><p>{safe(words.of(given.explanation))}</p>"
        file = words.own("said.whole_table", file=f"tables/{given.name}.csv")
        if given.place == "areas":
            drawn = "".join(self._counts(given, column) for column in given.columns if column.kind == "word")
            return f'{title}{drawn}<p class="small">{safe(file)}</p>\n'
        columns, rows = given.columns[:MOST_COLUMNS], given.frame.head(MOST_ROWS)
        heads = [self._cell_text(column, None) for column in columns]
        cells = [[self._cell(column, row[column.name]) for column in columns] for _, row in rows.iterrows()]
        whole = len(rows) == len(given.frame) and len(columns) == len(given.columns)
        more = "" if whole else f'<p class="small">{safe(file)}</p>'
        return f"{title}{table(heads, cells, label=words.of(given.title)) if cells else ''}{more}\n"

    def _counts(self, given: ChapterTable, column: Column) -> str:
        """Return how many areas have each word."""
        held = given.frame[column.name].value_counts()
        rows = [
            [safe(self.words.of(said)), str(int(held.get(word, 0)))] for word, said in column.words.items()
        ]
        heads = [self.words.of(column.title), self.words.own("column.areas")]
        return table(heads, rows, label=f"{self.words.of(given.title)}: {self.words.of(column.title)}")

    def _cell(self, column: Column, value: object) -> str:
        text = self._text(column, value)
        return isolated(text) if column.kind in ("text", "area") else safe(text)

    def _text(self, column: Column, value: object) -> str:
        words, held = self.words, str(value)
        if column.kind == "number":
            return _number(float(held), column, words)
        if column.kind == "municipality":
            return words.place(held) if held else words.own("said.whole_region")
        said: dict[str, Callable[[], str]] = {
            "word": lambda: words.of(column.words[held]),
            "flag": lambda: words.shared("common.yes"),
            "indicator": lambda: self.indicators.get(held, held),
            "area": lambda: self._area(held),
        }
        return said.get(column.kind, lambda: held)() if held else NO_NUMBER

    def _area(self, area: str) -> str:
        if area not in self.findings.areas.index:
            return area
        row = self.findings.areas.loc[area]
        name = row[f"name_{self.words.language}"] or row["name_fi"]
        return f"{name} ({area})" if isinstance(name, str) and name else area


def _number(value: float, column: Column, words: Words) -> str:
    if not math.isfinite(value):
        return NO_NUMBER
    unit = column.unit if column.unit in ("share", "probability", "year") else ""
    return Number(value, column.decimals, unit).in_language(words.language)


def _chosen(statements: tuple[Statement, ...]) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that are told at once, a few of each table first, and the others; by weight."""
    ordered = sorted(statements, key=lambda said: -said.weight)
    told: dict[str, int] = {}
    turn = {}
    for said in ordered:
        told[said.table] = told.get(said.table, 0) + 1
        turn[id(said)] = told[said.table] > _OF_ONE
    first = {id(said) for said in sorted(ordered, key=lambda said: turn[id(said)])[:MOST_STATEMENTS]}
    return [one for one in ordered if id(one) in first], [one for one in ordered if id(one) not in first]
