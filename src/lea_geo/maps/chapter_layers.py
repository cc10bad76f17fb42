"""Chapters on the map: each column that a chapter shows is chosen, drawn and told of as an indicator is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lea_geo._classes import column_classes, in_shown_unit
from lea_geo.chapter import YES
from lea_geo.maps.encode import encode_numbers, encode_words
from lea_geo.schema import NAME_COLUMNS, Status, Text

if TYPE_CHECKING:
    import pyproj

    from lea_geo.chapter import Chapter, ChapterTable, Column
    from lea_geo.schema import Findings

MOST_BESIDE = 12
"""Columns of the same table that the page tells of an area beside the one that is shown."""
_NO_TEXT = Text("", "", "").as_dict()


def chapter_layers(findings: Findings, order: np.ndarray) -> list[dict[str, Any]]:
    """Return what a reader can choose of chapters, in the shape of an indicator.

    Parameters
    ----------
    findings
        The study itself.
    order
        Positions of the areas in the order of the page.
    """
    return [
        _layer(chapter, table, table.column(name), order)
        for chapter in findings.chapters
        for table in chapter.tables
        if table.place == "areas"
        for name in table.shows
    ]


def chapter_points(findings: Findings, crs: pyproj.CRS) -> dict[str, list[dict[str, Any]]]:
    """Return the places that chapters name, by chapter: metres in the page's CRS, and what they are called.

    Parameters
    ----------
    findings
        The study itself.
    crs
        In which the page draws.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for chapter in findings.chapters:
        for table in chapter.tables:
            if table.place == "points" and len(table.frame):
                found.setdefault(chapter.code, []).extend(_points(table, findings, crs))
    return found


def _points(table: ChapterTable, findings: Findings, crs: pyproj.CRS) -> list[dict[str, Any]]:
    """Return where each place is, what it is called, and what it is: the first words that have colours."""
    named = next(
        (one for one in table.columns if one.name == "name"),
        next(one for one in table.columns if one.kind in ("text", "area", "word")),
    )
    kind = next((one for one in table.columns if one.colours), None)
    spots = gpd.points_from_xy(table.frame["x"], table.frame["y"], crs=findings.areas.crs).to_crs(crs)
    found = []
    for spot, row in zip(spots, table.frame.to_dict("records"), strict=True):
        place: dict[str, Any] = {"x": round(spot.x), "y": round(spot.y)}
        place["name"] = _called(named, str(row[named.name]), findings).as_dict()
        if kind is not None and row[kind.name]:
            word = str(row[kind.name])
            place |= {"kind": kind.words[word].as_dict(), "fill": kind.colours[word]}
        found.append(place)
    return found


def _called(column: Column, held: str, findings: Findings) -> Text:
    if held in column.words:
        return column.words[held]
    if held not in findings.areas.index:
        return Text(held, held, held)
    own = [findings.areas.loc[held, name] for name in NAME_COLUMNS]
    known = next((one for one in own if isinstance(one, str) and one), held)
    return Text(*(one if isinstance(one, str) and one else known for one in own))


def chapter_texts(findings: Findings) -> dict[str, Text]:
    """Return what the chapters are called, as the page's own texts are."""
    return {f"chapter.{chapter.code}": chapter.title for chapter in findings.chapters}


def _layer(chapter: Chapter, table: ChapterTable, column: Column, order: np.ndarray) -> dict[str, Any]:
    alone = len(table.shows) == 1
    name = table.title if alone else _joined(table.title, column.title)
    values, classes = _values(column, table.frame[column.name].iloc[order])
    status = pd.Series(np.where(np.isnan(values), str(Status.MISSING), str(Status.OBSERVED)), dtype="str")
    beside = [one for one in table.columns if one.name != column.name][:MOST_BESIDE]
    return {
        "code": f"{table.name}.{column.name}",
        "chapter": chapter.code,
        "level": "indicator",
        **dict.fromkeys(("direction", "domain", "perspective", "phenomenon", "source", "licence"), ""),
        "reference_year": "",
        "unit": _unit(column),
        "decimals": 0 if column.words else column.decimals,
        "members": [],
        "weights": [],
        "name": name.as_dict(),
        "explanation": (column.explanation if column.explanation.fi else table.explanation).as_dict(),
        "about": chapter.question.as_dict(),
        "limits": [limit.as_dict() for limit in chapter.limits],
        "need": _NO_TEXT,
        "harm": _NO_TEXT,
        "reviewed_by": "",
        "reviewed_on": "",
        "classes": classes,
        "categories": [said.as_dict() for said in column.words.values()],
        "diverging": column.scale == "diverging",
        "methods": [],
        "summary": {"n_areas": len(values), "n_observed": int(np.isfinite(values).sum())},
        "columns": {
            "value": encode_numbers(values, 0 if column.words else column.decimals),
            "status": encode_words(status),
            **{
                f"beside_{k}": _beside(one, table.frame[one.name].iloc[order]) for k, one in enumerate(beside)
            },
        },
        "beside": [
            {"name": one.title.as_dict(), "unit": _unit(one), "decimals": one.decimals}
            | ({"categories": [said.as_dict() for said in one.words.values()]} if one.words else {})
            | ({"flag": True} if one.kind == "flag" else {})
            | ({"probability": True} if one.unit == "probability" else {})
            for one in beside
        ],
    }


def _values(column: Column, held: pd.Series) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return numbers as they are shown, words by their places in the legend; and the classes of either."""
    if not column.words:
        return in_shown_unit(column, held), [asdict(one) for one in column_classes(column, held)]
    values = _places(column, held)
    classes = [{"lower": k, "upper": k, "fill": column.colours[word]} for k, word in enumerate(column.words)]
    return values, classes


def _places(column: Column, held: pd.Series) -> np.ndarray:
    places = {word: float(k) for k, word in enumerate(column.words)}
    return np.array([places.get(word, np.nan) for word in held], dtype=np.float64)


def _beside(column: Column, held: pd.Series) -> dict[str, Any]:
    if column.kind == "number":
        return encode_numbers(in_shown_unit(column, held), column.decimals)
    if column.words:
        return encode_numbers(_places(column, held), 0)
    if column.kind == "flag":
        return encode_numbers(np.where(held == YES, 1.0, np.nan), 0)
    return encode_words(held)


def _unit(column: Column) -> str:
    """Return the unit as the page's texts know it."""
    return {"share": "percent", "probability": "", "year": ""}.get(column.unit, column.unit)


def _joined(title: Text, more: Text) -> Text:
    return Text(*(f"{one}: {other}" for one, other in zip(_each(title), _each(more), strict=True)))


def _each(text: Text) -> tuple[str, str, str]:
    return text.fi, text.sv, text.en
