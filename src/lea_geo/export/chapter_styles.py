"""How the layers of chapters are drawn, and what their columns are called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lea_geo._classes import as_shown, column_classes, in_shown_unit
from lea_geo._colours import STYLES, Style
from lea_geo._speech import NO_NUMBER, Number, span, with_unit
from lea_geo.chapter import UNITS_UNSAID
from lea_geo.export.dictionary import alias
from lea_geo.export.qml import Drawn, Field, Look, column, quoted
from lea_geo.export.stored import AREA_COLUMNS
from lea_geo.export.tip import name_of_area, plain, shown_value
from lea_geo.schema import AREA_ID, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo._report_words import Words
    from lea_geo.chapter import ChapterTable, Column
    from lea_geo.schema import Text

OWN = (AREA_ID, *AREA_COLUMNS)


def chapter_looks(table: ChapterTable, words: Words) -> tuple[Look, ...]:
    """Return the ways to draw a table's layer, first the one that it opens with.

    Parameters
    ----------
    table
        With a place.
    words
        The words and numbers of a language.
    """
    looks = [_look(table, table.column(name), words) for name in table.shows]
    if not looks:
        title = words.of(table.title)
        looks = [
            Look(title, words.of(table.explanation), (Drawn("", title, Style("#ffffff"), filled=False),))
        ]
    return tuple(replace(look, points=table.place == "points") for look in looks)


def chapter_fields(table: ChapterTable, language: str) -> list[Field]:
    """Return what a form calls each column, no two the same."""
    before = OWN if table.place == "areas" else ()
    fields = [Field(name, alias(name).in_language(language), {}) for name in before]
    for name, title in titles_of(table, language):
        held = table.column(name).words
        fields.append(Field(name, title, {word: said.in_language(language) for word, said in held.items()}))
    return fields


def titles_of(table: ChapterTable, language: str) -> Iterator[tuple[str, str]]:
    """Yield each column and what it is called, no name twice in a layer."""
    taken = (
        {alias(name).in_language(language).casefold() for name in OWN} if table.place == "areas" else set()
    )
    for one in table.columns:
        said = one.title.in_language(language)
        title = said if said.casefold() not in taken else f"{said} ({one.name})"
        taken.add(title.casefold())
        yield one.name, title


def _value(shown: Column, words: Words) -> str:
    """Return the expression for a cell in words; for none, a dash."""
    name = column(shown.name)
    if shown.kind != "number":
        return (
            f"CASE WHEN coalesce({name}, '') = '' THEN {quoted(NO_NUMBER)} ELSE represent_value({name}) END"
        )
    unit = "percent" if shown.unit == "share" else shown.unit
    if shown.unit == "year":
        return f"coalesce(to_string(to_int({name})), {quoted(NO_NUMBER)})"
    scaled = f"100 * {name}" if shown.unit == "share" else name
    number = f"format_number({scaled}, {int(shown.decimals)}, {quoted(words.language)})"
    said = with_unit("|", "" if unit in UNITS_UNSAID else unit, words.language).split("|")
    told = " || ".join((quoted(said[0]), number, quoted(said[1] if len(said) > 1 else "")))
    return f"CASE WHEN {name} IS NULL THEN {quoted(NO_NUMBER)} ELSE {told} END"


def chapter_name(table: ChapterTable, language: str) -> str:
    """Return the expression that names a row of a layer."""
    return name_of_area(language) if table.place == "areas" else column(table.columns[0].name)


def _look(table: ChapterTable, shown: Column, words: Words) -> Look:
    title = words.of(shown.title)
    told = words.of(shown.explanation) or words.of(table.explanation)
    if shown.kind != "number":
        entries = [
            Drawn(word, words.of(said), Style(shown.colours[word])) for word, said in shown.words.items()
        ]
        entries.append(Drawn("", words.shared(f"label.{Label.UNDEFINED}"), STYLES[Label.UNDEFINED]))
        return Look(title, told, tuple(entries), by=f"coalesce({column(shown.name)}, '')")
    return Look(title, told, tuple(_classes(table, shown, words)))


def _classes(table: ChapterTable, shown: Column, words: Words) -> Iterator[Drawn]:
    """Yield the classes, each as the stored values that are in it: no rounding is left to the program."""
    held = table.frame[shown.name].dropna().to_numpy(float)
    rounded = as_shown(in_shown_unit(shown, held), shown.decimals)
    for one in column_classes(shown, held):
        own = held[(rounded >= one.lower) & (rounded <= one.upper)]
        within = f"{column(shown.name)} >= {own.min()!s} AND {column(shown.name)} <= {own.max()!s}"
        yield Drawn(within, words.of(class_name(shown, one.lower, one.upper)), Style(one.fill))
    if len(held) < len(table.frame) or not len(held):
        yield Drawn("", words.shared(f"label.{Label.UNDEFINED}"), STYLES[Label.UNDEFINED])


def class_name(shown: Column, lower: float, upper: float) -> Text:
    """Return what a legend calls a class whose limits are in the unit that is shown."""
    unit = {"share": "percent", "probability": "", "year": ""}.get(shown.unit, shown.unit)
    ends = [Number(end, shown.decimals, unit) for end in (lower, upper)]
    return span(*ends)


def chapter_tip(table: ChapterTable, words: Words) -> str:
    """Return the page that tells of an area or a point of a chapter's layer."""
    name = chapter_name(table, words.language)
    lines = [f"<b>{shown_value(name)}</b>", f"<i>{plain(words.of(table.title))}</i>"]
    for one in table.columns:
        value = _value(one, words)
        lines.append(f"{plain(words.of(one.title))}: {shown_value(value)}")
    return "<br>".join(lines)
