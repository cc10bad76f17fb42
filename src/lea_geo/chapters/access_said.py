"""What the chapter of access says in plain sentences, and how sure each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._speech import Number, filled, listed, span
from lea_geo.chapter import Statement
from lea_geo.chapters.access_found import PROPOSED, TODAY
from lea_geo.chapters.access_tables import set_names, words
from lea_geo.schema import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.chapters.access_found import Found
    from lea_geo.chapters.ground import Ground

FIRM, LIKELY = 0.95, 0.6
"""A place that belongs to the best set in as many redraws is firm, or likely."""
_TENTH = 0.0005
"""Less than this would be written as 0.0 per cent."""
NAMED = 3
"""How many sets or areas a sentence names."""


def statements(ground: Ground, found: Found) -> tuple[Statement, ...]:
    """Return what was found, the choice first."""
    said: list[Statement | None] = []
    if found.choice is not None and found.choice.sites:
        said += [_choice(found), _ties(found), _often(found)]
    if TODAY in found.scenarios.table.index:
        if found.choice is not None:
            said.append(_shorter(found))
        said.append(_nearer(found))
    said.append(_less(ground, found))
    return tuple(one for one in said if one is not None)


def _row(found: Found, scenario: str) -> dict[str, float]:
    """Return what the scenarios' table says of one."""
    row = found.scenarios.table.loc[[scenario]].iloc[0]
    return {str(name): float(value) for name, value in row.items()}


def _cost(found: Found, value: float) -> Number:
    return Number(value * found.factor, 1, found.unit)


def _cost_span(found: Found, low: float, high: float) -> Text:
    return span(_cost(found, low), _cost(found, high))


def _share_span(row: Mapping[str, float]) -> Text:
    return span(Number(row["reached_lower"], 0, "share"), Number(row["reached_upper"], 0, "share"))


def _certainty(p: float) -> str:
    return "firm" if not p < FIRM else "likely" if p >= LIKELY else "unsure"


def _choice(found: Found) -> Statement:
    """Say where the sites go and what they reach."""
    assert found.choice is not None  # noqa: S101 - the caller has looked
    say, row = words(), _row(found, PROPOSED)
    values: dict[str, Number | Text | str] = {
        "sites": listed([found.places.name(one) for one in found.choice.sites]),
        "share": Number(row["reached"], 0, "share"),
        "interval": _share_span(row),
        "radius": _cost(found, found.radius),
    }
    key = "say.choice" if len(found.choice.sites) > 1 else "say.choice_one"
    if TODAY in found.scenarios.table.index:
        now = _row(found, TODAY)
        values |= {"today": Number(now["reached"], 0, "share"), "interval_today": _share_span(now)}
        key += "_today"
    p = float(found.choice.table.loc[list(found.choice.sites), "p_belongs"].min())
    because = say["say.because_plain"]
    if not np.isnan(p):
        because = filled(say["say.because_choice"], p=Number(p, 2, "probability"))
    return Statement(filled(say[key], **values), _certainty(p), because, "access_scenarios", 0.9)


def _ties(found: Found) -> Statement | None:
    """Say which sets do as well; that no other does is said where all that could were tried."""
    assert found.choice is not None  # noqa: S101 - the caller has looked
    say, options = words(), found.choice.options
    others = options[options["tied"]].iloc[1 : 1 + NAMED]
    text = say["say.no_ties"]
    settings = found.choice.settings
    looked_at_all = settings["listed_within"] == settings["tie"] and settings["alternatives"] > 0
    if not len(others) and not looked_at_all:
        return None
    if len(others):
        named = _set_list(found, list(others["sites"]))
        loss = float(others["loss"].max())
        shown = Number(loss, 1 if loss >= _TENTH else 2, "share")
        text = filled(say["say.ties"], options=named, loss=shown)
    return Statement(text, "firm", say["say.because_ties"], "access_options", 0.7)


def _often(found: Found) -> Statement | None:
    """Say which other sets would often be best, as need may be."""
    assert found.choice is not None  # noqa: S101 - the caller has looked
    say, options = words(), found.choice.options.iloc[1:]
    often = options[~options["tied"]].sort_values("p_best", ascending=False, kind="stable").iloc[:NAMED]
    if not len(often):
        return None
    shares = listed([_plain(Number(one, 2, "probability")) for one in often["p_best"]])
    text = filled(say["say.often"], options=_set_list(found, list(often["sites"])))
    because = filled(say["say.because_often"], shares=shares)
    return Statement(text, "likely", because, "access_options", 0.5)


def _plain(value: Number) -> Text:
    return filled(Text("{n}", "{n}", "{n}"), n=value)


def _set_list(found: Found, sets: list[str]) -> Text:
    """Return sets of sites as a list; between sets of several a semicolon stands."""
    named = [set_names(found)[one] for one in sets]
    if all(" " not in one for one in sets):
        return listed(named)
    return Text(*("; ".join(one.in_language(language) for one in named) for language in LANGUAGES))


def _shorter(found: Found) -> Statement:
    """Say by how much the way of those in need becomes shorter."""
    say, now, then = words(), _row(found, TODAY), _row(found, PROPOSED)
    text = filled(
        say["say.shorter"],
        shorter=_cost(found, then["shorter"]),
        interval=_cost_span(found, then["shorter_lower"], then["shorter_upper"]),
        today=_cost(found, now["mean_cost"]),
        after=_cost(found, then["mean_cost"]),
    )
    sure = "firm" if then["shorter_lower"] > 0 else "likely"
    return Statement(text, sure, _interval(found), "access_scenarios", 0.6)


def _interval(found: Found) -> Text:
    return filled(words()["say.because_interval"], level=Number(found.scenarios.level, 0, "share"))


def _nearer(found: Found) -> Statement | None:
    """Say whether those in need have it nearer or farther than all."""
    row = _row(found, TODAY)
    if np.isnan(row["mean_cost_all"]) or np.isnan(row["mean_lower"]):
        return None
    below, above = row["mean_upper"] < row["mean_cost_all"], row["mean_lower"] > row["mean_cost_all"]
    key, sure = ("nearer", "firm") if below else ("farther", "firm") if above else ("alike", "unsure")
    if sure == "firm" and not row["mean_lower"] <= row["mean_cost"] <= row["mean_upper"]:
        sure = "likely"  # so much need is hidden that what is expected of it and what is drawn part
    text = filled(
        words()[f"say.{key}"],
        need=_cost(found, row["mean_cost"]),
        interval=_cost_span(found, row["mean_lower"], row["mean_upper"]),
        all=_cost(found, row["mean_cost_all"]),
    )
    return Statement(text, sure, _interval(found), "access_scenarios", 0.7 if above else 0.4)


def _less(ground: Ground, found: Found) -> Statement | None:
    """Say where there is least of the service for each in need, where that is no chance."""
    if found.scores is None:
        return None
    table = found.scores.table
    less = table[(table["verdict"] == "less") & (table["demand"] > 0)].sort_values(
        ["score", "demand"], ascending=[True, False], kind="stable"
    )
    if not len(less):
        return None
    named = listed([ground.names[str(one)] for one in less.index[:NAMED]])
    key = "say.less_more" if len(less) > NAMED else "say.less"
    text = filled(words()[key], areas=named)
    return Statement(text, "likely", words()["say.because_less"], "access_areas", 0.6)
