"""How chapters are written down beside their tables: what the GeoPackage's writer and its reader agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lea_geo.chapter import (
    CHAPTERS,
    COLUMN_KINDS,
    PLACES_OF_TABLES,
    Chapter,
    ChapterTable,
    Chart,
    Column,
    Statement,
)
from lea_geo.export.stored import text_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd


def chapter_as_json(chapter: Chapter) -> dict[str, Any]:
    """Return a chapter without the rows of its tables; :func:`chapter_from_json` turns back."""
    return {
        "code": chapter.code,
        **{name: getattr(chapter, name).as_dict() for name in _TEXTS},
        "tables": [_table_as_json(table) for table in chapter.tables],
        "charts": [_chart_as_json(chart) for chart in chapter.charts],
        "statements": [_statement_as_json(said) for said in chapter.statements],
        "limits": [limit.as_dict() for limit in chapter.limits],
        "settings": dict(chapter.settings),
        "notes": list(chapter.notes),
    }


def chapter_from_json(
    entry: Mapping[str, Any], frame_of: Callable[[str, str, tuple[Column, ...]], pd.DataFrame]
) -> Chapter:
    """Return the chapter that an entry describes.

    Parameters
    ----------
    entry
        What :func:`chapter_as_json` gives.
    frame_of
        Gives the rows of a table: of its name, its place and its columns.

    Raises
    ------
    ValueError, TypeError, KeyError
        The entry is not what :func:`chapter_as_json` gives.
    """
    if entry["code"] not in CHAPTERS:
        raise ValueError(f"there is no chapter {entry['code']!a}")
    return Chapter(
        code=entry["code"],
        **{name: text_from_json(entry[name]) for name in _TEXTS},
        tables=tuple(_table_from_json(one, frame_of) for one in entry["tables"]),
        charts=tuple(_chart_from_json(one) for one in entry["charts"]),
        statements=tuple(_statement_from_json(one) for one in entry["statements"]),
        limits=tuple(text_from_json(one) for one in entry["limits"]),
        settings=dict(entry["settings"]),
        notes=tuple(map(_word, entry["notes"])),
    )


_TEXTS = ("title", "question", "method")
_CHART_WORDS = ("kind", "table", "x", "y", "lower", "upper", "by")


def _table_as_json(table: ChapterTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title.as_dict(),
        "explanation": table.explanation.as_dict(),
        "place": table.place,
        "shows": list(table.shows),
        "columns": [
            {
                **{name: getattr(column, name) for name in _COLUMN_WORDS},
                **{name: getattr(column, name).as_dict() for name in ("title", "explanation")},
                "words": {word: said.as_dict() for word, said in column.words.items()},
                "colours": dict(column.colours),
            }
            for column in table.columns
        ],
    }


_COLUMN_WORDS = ("name", "kind", "unit", "decimals", "scale", "middle")


def _table_from_json(
    entry: Mapping[str, Any], frame_of: Callable[[str, str, tuple[Column, ...]], pd.DataFrame]
) -> ChapterTable:
    columns = tuple(_column_from_json(one) for one in entry["columns"])
    name, place = _word(entry["name"]), _word(entry["place"])
    if place not in PLACES_OF_TABLES:
        raise ValueError(f"{place!a} is no place of a table")
    return ChapterTable(
        name=name,
        title=text_from_json(entry["title"]),
        explanation=text_from_json(entry["explanation"]),
        columns=columns,
        frame=frame_of(name, place, columns),
        place=place,
        shows=tuple(map(_word, entry["shows"])),
    )


def _column_from_json(entry: Mapping[str, Any]) -> Column:
    if entry["kind"] not in COLUMN_KINDS:
        raise ValueError(f"{entry['kind']!a} is no kind of column")
    return Column(
        name=_word(entry["name"]),
        title=text_from_json(entry["title"]),
        kind=entry["kind"],
        explanation=text_from_json(entry["explanation"]),
        unit=_word(entry["unit"]),
        decimals=int(entry["decimals"]),
        words={_word(word): text_from_json(said) for word, said in entry["words"].items()},
        colours={_word(word): _word(colour) for word, colour in entry["colours"].items()},
        scale=_word(entry["scale"]),
        middle=float(entry["middle"]),
    )


def _chart_as_json(chart: Chart) -> dict[str, Any]:
    words = {name: getattr(chart, name) for name in _CHART_WORDS}
    return {**words, "title": chart.title.as_dict(), "only": {k: list(v) for k, v in chart.only.items()}}


def _chart_from_json(entry: Mapping[str, Any]) -> Chart:
    only = {_word(name): tuple(map(_word, words)) for name, words in entry["only"].items()}
    words = {name: _word(entry[name]) for name in _CHART_WORDS}
    return Chart(title=text_from_json(entry["title"]), only=only, **words)


def _statement_as_json(said: Statement) -> dict[str, Any]:
    plain = {name: getattr(said, name) for name in ("certainty", "table", "weight")}
    return {**plain, "text": said.text.as_dict(), "because": said.because.as_dict()}


def _statement_from_json(entry: Mapping[str, Any]) -> Statement:
    return Statement(
        text=text_from_json(entry["text"]),
        certainty=_word(entry["certainty"]),
        because=text_from_json(entry["because"]),
        table=_word(entry["table"]),
        weight=float(entry["weight"]),
    )


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("names and words must be text")
    return value
