"""What kinds of areas are called and how they are described: from their numbers, and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._speech import Number, filled, listed
from lea_geo.chapter import Statement
from lea_geo.chapters.types_data import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo._text import Text
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.types_data import Named
    from lea_geo.typology.types import Types

TOLD = 3
"""As many parts are named in a sentence, in each direction; one in a name."""
TELLING = 2.0
"""A part is named where its difference is at least so many times its noise, its interval excludes elsewhere,
and it is no trifle:"""
NO_TRIFLE = {"part": 0.1, "indicator": 0.25}
"""a tenth more or less of a share (as a logarithm), a quarter of a robust deviation of an indicator."""
_FIRM, _LIKELY = 0.85, 0.75
"""Hennig (2007): types of a Jaccard similarity above 0.85 are highly stable, of 0.75 valid."""


@dataclass(frozen=True)
class Row:
    """One part or indicator of one type."""

    name: Text
    value: Number
    elsewhere: Number
    telling: float
    apart: float
    """How far the value is from elsewhere: as a ratio of shares, as robust deviations of indicators."""


def rows_of(found: Types, what: Named, ground: Ground, kind: str) -> dict[str, list[Row]]:
    """Return what is telling of each type, from the most different."""
    rows: dict[str, list[Row]] = {letter: [] for letter in found.types.index}
    spread = dict(zip(found.seen.scale.indicators, found.seen.scale.spread, strict=True))
    for row in found.profiles[found.profiles["kind"] == kind].to_dict("records"):
        value, elsewhere, telling = (float(row[name]) for name in ("value", "elsewhere", "telling"))
        outside = not row["lower"] <= elsewhere <= row["upper"]
        if not (outside and abs(telling) >= TELLING):
            continue
        code = str(row["name"])
        if kind == "part":
            name, unit, decimals = what.parts[code], "share", _decimals(value, elsewhere)
            apart = abs(float(np.log(max(value, 1e-9) / max(elsewhere, 1e-9))))
        else:
            one = ground.indicator(code)
            name, unit, decimals = one.name, one.unit, one.decimals
            apart = abs(value - elsewhere) / spread[code]
        if apart < NO_TRIFLE[kind]:
            continue
        here, there = (Number(number, decimals, unit) for number in (value, elsewhere))
        rows[str(row["type"])].append(Row(name, here, there, telling, apart))
    return {letter: sorted(held, key=lambda row: -row.apart) for letter, held in rows.items()}


def _decimals(value: float, elsewhere: float) -> int:
    """Return how many decimals of a per cent show that two shares differ."""
    return 0 if min(value, elsewhere) >= 0.1 and round(100 * value) != round(100 * elsewhere) else 1


def type_names(found: Types, rows: dict[str, list[Row]], given: dict[str, Text]) -> dict[str, Text]:
    """Return what each type is called: its letter, and what is most telling of it or its given name."""
    said = texts()
    if found.k == 1 and not given:
        return {letter: filled(said["type.single"], letter=letter) for letter in rows}
    names = {}
    for letter, held in rows.items():
        if letter in given:
            names[letter] = filled(said["type.given"], letter=letter, name=given[letter])
            continue
        more, less = _sides(
            held, lambda row: filled(said["type.share"], name=row.name, value=row.value), most=1
        )
        key = _which(more, less, "plain")
        names[letter] = filled(said[f"type.{key}"], letter=letter, **_lists(more, less))
    return names


def _sides(held: list[Row], word: Callable[[Row], Text], *, most: int) -> tuple[list[Text], list[Text]]:
    more = [word(row) for row in held if row.telling > 0][:most]
    return more, [word(row) for row in held if row.telling < 0][:most]


def _which(more: list[Text], less: list[Text], neither: str) -> str:
    return {(True, True): "both", (True, False): "more", (False, True): "less"}.get(
        (bool(more), bool(less)), neither
    )


def _lists(more: list[Text], less: list[Text]) -> dict[str, Text]:
    return {key: listed(texts_of) for key, texts_of in (("more", more), ("less", less)) if texts_of}


def described(found: Types, rows: dict[str, list[Row]], table: str) -> list[Statement]:
    """Return one sentence for each type, made of its numbers."""
    if found.k == 1:
        return []
    said, statements = texts(), []
    for letter, held in rows.items():
        more, less = _sides(held, _against, most=TOLD)
        key = _which(more, less, "none")
        stability = float(found.types["stability"].to_dict()[letter])
        statements.append(
            Statement(
                text=filled(said[f"said.type_{key}"], letter=letter, **_lists(more, less)),
                certainty=certainty(stability) if key != "none" else "unsure",
                because=filled(said["because.type"], stability=Number(stability, 2)),
                table=table,
                weight=0.6,
            )
        )
    return statements


def _against(row: Row) -> Text:
    return filled(texts()["said.against"], name=row.name, value=row.value, elsewhere=row.elsewhere)


def certainty(stability: float) -> str:
    """Return how sure a type is."""
    return "firm" if stability >= _FIRM else "likely" if stability >= _LIKELY else "unsure"


def counted_areas(count: int, names: list[Text], key: str, **values: Text | Number | str) -> Text:
    """Return a sentence about some areas: the one for one area, for a few by name, or for many."""
    said = texts()
    form = f"said.{key}" if count != 1 else f"said.{key}_one"
    if count > TOLD and f"said.{key}_many" in said:
        form = f"said.{key}_many"
    return filled(
        said[form], n=Number(count), names=listed(names[:TOLD] if form.endswith("_many") else names), **values
    )
