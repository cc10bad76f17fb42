"""What the chapter of segregation says in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lea_geo._speech import Number, filled, listed, span
from lea_geo.chapter import Statement
from lea_geo.chapters.segregation_tables import CHANGE, PROFILE, SUMMARY, texts

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo._text import Text
    from lea_geo.chapter import ChapterTable
    from lea_geo.chapters.ground import Ground

_TOLD = 0.05
_FIRM = 0.01
_MOST_TIED = 4
"""How many names a sentence of ties can hold."""
_MOST_FAR = 3
"""Of how many indicators it is said how far their unevenness reaches."""
_MOST_PARTS = 5
"""Of how many indicators it is said what their change is made of."""
_WIDE = 0.4
"""An interval of a share that is wider says nothing."""


def build_statements(ground: Ground, tables: tuple[ChapterTable, ...]) -> tuple[Statement, ...]:
    """Return the findings, each with how sure it is."""
    by_name = {table.name: table.frame for table in tables}
    latest = _rows(by_name[SUMMARY].drop_duplicates("indicator", keep="last"))
    said = [*_most(ground, latest), *_by_chance(ground, latest)]
    if CHANGE in by_name:
        changed = _rows(by_name[CHANGE])
        said += [*_apart(ground, changed), *(_parts(ground, row) for row in _clearest(changed))]
    if PROFILE in by_name:
        top = [row["indicator"] for row in _by_size(latest)[:_MOST_FAR]]
        rows = _rows(by_name[PROFILE].dropna(subset=["remains"]))
        said += [_far(ground, row) for row in rows if row["indicator"] in top and _is_near(row)]
    return tuple(said)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _share(value: float) -> Number:
    return Number(value, 1, "share")


def _is_told(row: dict[str, Any]) -> bool:
    return bool(row["p_value"] <= _TOLD and row["lower"] > 0)


def _name(ground: Ground, row: dict[str, Any]) -> Text:
    return ground.indicator(row["indicator"]).name


def _by_size(latest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the indicators whose unevenness is told from chance, the most uneven first."""
    return sorted((row for row in latest if _is_told(row)), key=lambda row: -row["underlying"])


def _is_near(row: dict[str, Any]) -> bool:
    """Return whether the interval of the part that remains tells something, and that it is a part."""
    return bool(row["remains_upper"] - row["remains_lower"] <= _WIDE and row["remains_upper"] < 1)


def _most(ground: Ground, latest: list[dict[str, Any]]) -> list[Statement]:
    """Return which group lives most unevenly, and who cannot be told from it."""
    told = _by_size(latest)
    if not told:
        return []
    top, words = told[0], texts()
    tied = [row for row in told if row["upper"] >= top["lower"]][:_MOST_TIED]
    because = filled(
        words["because.interval"],
        span=span(_share(top["lower"]), _share(top["upper"])),
        expected=_share(top["expected"]),
    )
    if len(tied) == 1:
        text = filled(words["said.most"], name=_name(ground, top), value=_share(top["underlying"]))
        certainty = "firm" if top["p_value"] <= _FIRM else "likely"
    else:
        ends = sorted(row["underlying"] for row in tied)
        text = filled(
            words["said.most_tied"],
            names=listed([_name(ground, row) for row in tied]),
            span=span(_share(ends[0]), _share(ends[-1])),
        )
        certainty = "likely"
    return [Statement(text, certainty, because, SUMMARY, weight=0.6)]


def _by_chance(ground: Ground, latest: list[dict[str, Any]]) -> list[Statement]:
    """Return whose unevenness could be chance alone, in one sentence."""
    alike = [row for row in latest if row["p_value"] > _TOLD]
    if not alike:
        return []
    words = texts()
    text = filled(words["said.chance"], names=listed([_name(ground, row) for row in alike]))
    least = min(row["p_value"] for row in alike)
    because = filled(words["because.chance"], p=Number(least, 3, "probability"))
    return [Statement(text, "unsure", because, SUMMARY, weight=0.1)]


def _apart(ground: Ground, changed: list[dict[str, Any]]) -> list[Statement]:
    """Return where areas have grown apart or more alike, and in one sentence where that cannot be told."""
    words, said, alike = texts(), list[Statement](), list[dict[str, Any]]()
    for row in changed:
        low, high = row["apart_lower"], row["apart_upper"]
        if row["q_value"] > _TOLD or low <= 0 <= high:
            alike.append(row)
            continue
        text = filled(
            words["said.apart" if row["apart"] > 0 else "said.together"],
            name=_name(ground, row),
            first=f"{row['first_year']:.0f}",
            before=_share(row["apart_before"]),
            after=_share(row["apart_after"]),
        )
        because = filled(words["because.change"], span=_points(low, high, 1))
        certainty = "firm" if row["q_value"] <= _FIRM else "likely"
        said.append(Statement(text, certainty, because, CHANGE, weight=0.65))
    if alike:
        names = listed([_name(ground, row) for row in alike])
        text = filled(words["said.same"], names=names, first=f"{alike[0]['first_year']:.0f}")
        said.append(Statement(text, "unsure", words["because.same"], CHANGE, weight=0.15))
    return said


def _clearest(changed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of the whole region that are more than chance, the clearest first."""
    told = [row for row in changed if not row["change_lower"] <= 0 <= row["change_upper"]]
    clear = {
        row["indicator"]: abs(row["change"]) / (row["change_upper"] - row["change_lower"]) for row in told
    }
    return sorted(told, key=lambda row: -clear[row["indicator"]])[:_MOST_PARTS]


def _parts(ground: Ground, row: dict[str, Any]) -> Statement:
    """Return what a change of the whole region is made of."""
    unit = "percentage_points" if ground.indicator(row["indicator"]).unit == "percent" else ""
    text = filled(
        texts()["said.parts"],
        name=_name(ground, row),
        first=f"{row['first_year']:.0f}",
        change=Number(row["change"], 2, unit, signed=True),
        rate=Number(row["rate"], 2, signed=True),
        composition=Number(row["composition"], 2, signed=True),
    )
    known = not row["rate_lower"] <= 0 <= row["rate_upper"]
    because = filled(
        texts()["because.change"], span=_points(row["change_lower"], row["change_upper"], 2, unit)
    )
    return Statement(text, "firm" if known else "likely", because, CHANGE, weight=0.5)


def _points(low: float, high: float, decimals: int, unit: str = "percentage_points") -> Text:
    return span(Number(low, decimals, unit), Number(high, decimals, unit))


def _far(ground: Ground, row: dict[str, Any]) -> Statement:
    words = texts()
    ends = (row["remains_lower"], row["remains_upper"])
    text = filled(
        words["said.far"],
        name=_name(ground, row),
        remains=Number(row["remains"], 0, "share"),
        scale=Number(row["scale"], 0, "metres"),
    )
    because = filled(
        words["because.remains"],
        span=span(*(Number(end, 0, "share") for end in ends)),
    )
    return Statement(text, "likely", because, PROFILE, weight=0.25)
