"""What a chapter is: one of the council's questions, answered in tables, charts and sentences.

A chapter is computed from what leaves a study, describes itself in three languages, and is plain data, so
that files, reports and maps of it are made without knowing what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lea_geo._text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

CHAPTERS = ("inequality", "segregation", "change", "trends", "types", "drivers", "targeting", "access")
"""The chapters that a study can have, in the order in which they are told."""

COLUMN_KINDS = ("number", "word", "text", "area", "indicator", "municipality", "flag")
"""What a column holds: numbers; words of a list, each with its text; sentences or names; ids of areas; codes
of indicators; codes of municipalities; ``yes`` or nothing."""

YES = "yes"
"""What a ``flag`` holds where it is true."""

UNITS = (
    "percent",
    "euro",
    "persons",
    "households",
    "square_metres",
    "per_1000_residents",
    "count",
    "index",
)
"""Units of an indicator."""

CHAPTER_UNITS = (
    "",
    "share",
    "probability",
    *UNITS,
    "percentage_points",
    "minutes",
    "metres",
    "kilometres",
    "years",
    "year",
)
"""Units of a column of numbers. A ``year`` is one of the calendar, ``years`` are how many. A ``share`` and a
``probability`` are stored as 0 to 1; a share is shown in per cent. Blank: a pure number, or each row has the
unit of its indicator."""

UNITS_UNSAID = ("", "probability", "year")
"""Units that do not stand behind a number or a heading."""

CHART_KINDS = ("intervals", "lines", "bars", "curve", "matrix")
"""``intervals``: a row of ``y`` words, each with the number ``x`` and its ``lower`` and ``upper``; ``lines``:
``y`` over ``x`` (years or other numbers), a line for each word of ``by``; ``bars``: ``x`` words, ``y``
heights; ``curve``: ``y`` over ``x`` with no mark on every point; ``matrix``: words ``x`` by words ``y`` with
the number ``by`` in the cells."""

CERTAINTIES = ("firm", "likely", "unsure")
"""How sure a statement is: it holds beyond reasonable doubt by what was computed; more likely than not by
far; or it cannot be told."""

PLACES_OF_TABLES = ("", "areas", "points")

NO_TEXT = Text("", "", "")


@dataclass(frozen=True)
class Column:
    """What a column of a chapter's table means."""

    name: str
    title: Text
    kind: str = "number"
    """One of ``COLUMN_KINDS``. Numbers are ``float64``, NaN where there is none; all else is text, blank
    where there is none."""
    explanation: Text = NO_TEXT
    unit: str = ""
    """Of numbers: one of ``CHAPTER_UNITS``."""
    decimals: int = 2
    """How many decimals a reader should see; of a share, those of the per cent."""
    words: Mapping[str, Text] = field(default_factory=dict)
    """Of kind ``word``: every word that the column can hold but the blank one, in the order of a legend."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Of kind ``word``: ``#rrggbb`` of each word, where a map may draw the column."""
    scale: str = ""
    """Of numbers that a map may draw: ``sequential``, or ``diverging`` from ``middle``."""
    middle: float = 0.0


@dataclass(frozen=True)
class ChapterTable:
    """One table of a chapter: a file, a sheet of the workbook, a layer or table of the GeoPackage."""

    name: str
    """What files and layers are called: lower-case letters, digits and underscores; begins with the chapter's
    code."""
    title: Text
    explanation: Text
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    """Exactly ``columns``, in their order. Indexed as the areas where ``place`` is ``areas``, otherwise from
    0."""
    place: str = ""
    """``areas``: a row an area of the study; ``points``: with columns ``x`` and ``y`` in the areas' CRS;
    blank: neither."""
    shows: tuple[str, ...] = ()
    """Columns that a map may draw, the one to show first first."""

    def __repr__(self) -> str:
        return f"<ChapterTable {self.name}: {len(self.frame)} rows, {len(self.columns)} columns>"

    def column(self, name: str) -> Column:
        """Return what the column ``name`` means."""
        return next(one for one in self.columns if one.name == name)


@dataclass(frozen=True)
class Chart:
    """A picture of a table, for people who would rather look than read."""

    kind: str
    """One of ``CHART_KINDS``."""
    table: str
    """The name of a table of the same chapter."""
    title: Text
    x: str
    y: str
    lower: str = ""
    upper: str = ""
    """Columns of the interval around the number that is drawn."""
    by: str = ""
    """The column whose words are drawn as lines of their own, or in the cells of a matrix."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which rows: columns of words, and the words to draw. Left out, all rows."""


@dataclass(frozen=True)
class Statement:
    """One finding in one plain sentence, with how sure it is."""

    text: Text
    certainty: str
    """One of ``CERTAINTIES``."""
    because: Text
    """Why it is as sure as that: "95 % interval 2 to 5 percentage points"."""
    table: str
    """The table of the same chapter that holds every number of it."""
    weight: float = 0.5
    """0 to 1: how much a council should care. It orders the findings of a report."""


@dataclass(frozen=True)
class Chapter:
    """One question, and all that was found to answer it."""

    code: str
    """One of ``CHAPTERS``."""
    title: Text
    question: Text
    """What it answers, as a councillor would ask."""
    method: Text
    """How it was found out, in one plain paragraph."""
    tables: tuple[ChapterTable, ...]
    charts: tuple[Chart, ...] = ()
    statements: tuple[Statement, ...] = ()
    limits: tuple[Text, ...] = ()
    """What cannot be concluded, a sentence each."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Every option that it was computed with, seeds and thresholds included, as plain JSON values."""
    notes: tuple[str, ...] = ()
    """What was left out or assumed, in English, a sentence each."""

    def __repr__(self) -> str:
        return f"<Chapter {self.code}: {len(self.tables)} tables, {len(self.statements)} statements>"

    def table(self, name: str) -> ChapterTable:
        """Return the table called ``name``."""
        return next(one for one in self.tables if one.name == name)
