"""What is said of trends: sentences with their numbers, and how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._speech import Number, filled, listed
from lea_geo.chapter import Statement
from lea_geo.chapters.trends_tables import key_of, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lea_geo.change.markov import MarkovResult
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.trends_found import Found
    from lea_geo.schema import Text

NAMED = 5
"""A sentence names no more areas."""
MOSTLY = 1.5
"""Moves that are less than so many times those that noise would bring are mostly noise."""
_WEIGHTS = {"new": 0.8, "strengthening": 0.8, "lasting": 0.65, "weakening": 0.6, "former": 0.55}
"""How much a council should care; what only fluctuates has no sentence."""


def statements(ground: Ground, every: Sequence[Found]) -> tuple[Statement, ...]:
    """Return what is said, indicator by indicator."""
    said: list[Statement] = []
    for one in every:
        said += _spots(ground, one)
        said.append(_levels(one))
        said.append(_region(one))
        if one.moves is not None:
            said.append(_moves(one, one.moves))
    return tuple(said)


def _spots(ground: Ground, one: Found) -> list[Statement]:
    table = one.emerging.table
    keys = table["class"].map(lambda word: key_of(word) if word else "")
    if not (~keys.isin(["", "none"])).any():
        return [_no_spots(one, int((keys == "none").sum()))]
    said = []
    for key in keys[~keys.isin(["", "none"])].unique():
        kind = key.split("_")[0]
        if one.emerging.settings["rule"] == "tested" and kind not in _WEIGHTS:
            continue
        said.append(_class(ground, one, key, list(table.index[keys == key])))
    return said


def _class(ground: Ground, one: Found, key: str, areas: list[str]) -> Statement:
    say, table = words(), one.emerging.table
    arcgis = one.emerging.settings["rule"] == "arcgis"
    sure = table.loc[areas, "certainty"].value_counts()
    firm, likely = int(sure.get("firm", 0)), int(sure.get("likely", 0))
    order = table.loc[areas, "z_now"].abs().sort_values(ascending=False, kind="stable").index
    names: list[Text | str] = [ground.names[area] for area in order[:NAMED]]
    more = len(areas) - len(names)
    text = filled(
        say["say.spot_more" if more else "say.spot"],
        name=one.indicator.name,
        kind=say[f"kind.{key}"],
        n=Number(len(areas)),
        names=listed(names),
        first=f"{one.years[0]:g}",
        last=f"{one.years[-1]:g}",
    )
    because = (
        say["say.by_arcgis"]
        if arcgis
        else filled(
            say["say.sure"],
            firm=Number(firm),
            likely=Number(likely),
            unsure=Number(len(areas) - firm - likely),
        )
    )
    if arcgis:
        certainty = "unsure"
    else:
        certainty = (
            "firm" if 2 * firm > len(areas) else "likely" if 2 * (firm + likely) > len(areas) else "unsure"
        )
    weight = (
        _WEIGHTS.get(key.split("_", maxsplit=1)[0], 0.4)
        * {"firm": 1.0, "likely": 0.85, "unsure": 0.5}[certainty]
    )
    return Statement(text, certainty, because, "trends_classes", weight)


def _no_spots(one: Found, n: int) -> Statement:
    say = words()
    text = filled(
        say["say.no_spot"],
        name=one.indicator.name,
        first=f"{one.years[0]:g}",
        last=f"{one.years[-1]:g}",
        n=Number(n),
    )
    because = filled(say["say.tested"], fdr=Number(float(str(one.emerging.settings["fdr"])), 0, "share"))
    return Statement(text, "unsure", because, "trends_classes", 0.2)


def _levels(one: Found) -> Statement:
    say, counts = words(), one.levels.table["trend"].value_counts()
    rising, falling = int(counts.get("rising", 0)), int(counts.get("falling", 0))
    values: dict[str, Number | Text | str] = {
        "name": one.indicator.name,
        "rising": Number(rising),
        "falling": Number(falling),
        "n": Number(one.levels.n_tested),
        "years": Number(len(one.years)),
        "least": Number(one.levels.least_years),
        "p": Number(one.p_least, 3, "probability"),
        "fdr": Number(one.levels.fdr, 0, "share"),
    }
    if rising or falling:
        text, because = filled(say["say.trends"], **values), filled(say["say.tested"], **values)
        weight = 0.3 + 0.4 * min(1.0, 2 * (rising + falling) / max(1, one.levels.n_tested))
        return Statement(text, "firm", because, "trends_summary", weight)
    short = len(one.years) < one.levels.least_years
    text = filled(say["say.too_short" if short else "say.no_trends"], **values)
    because = filled(say["say.least" if short else "say.tested"], **values)
    return Statement(text, "unsure", because, "trends_summary", 0.15)


def _region(one: Found) -> Statement:
    say, region = words(), one.region
    apart = "percentage_points" if one.indicator.unit == "percent" else one.indicator.unit
    told = region.p_value <= 0.05
    values: dict[str, Number | Text | str] = {
        "name": one.indicator.name,
        "slope": Number(abs(region.slope), 2, apart),
        "p": Number(region.p_value, 3, "probability"),
        "first": f"{one.years[0]:g}",
        "last": f"{one.years[-1]:g}",
    }
    way = "rises" if region.slope > 0 else "falls"
    text = filled(say[f"say.region_{way}" if told else "say.region_not_told"], **values)
    sure = "firm" if region.p_value <= 0.01 else "likely" if told else "unsure"
    return Statement(
        text, sure, filled(say["say.region_p"], **values), "trends_summary", 0.5 if told else 0.1
    )


def _moves(one: Found, moves: MarkovResult) -> Statement:
    say = words()
    noisy = not np.isnan(moves.moved_by_noise)
    mostly = noisy and moves.moved <= MOSTLY * moves.moved_by_noise
    text = filled(
        say["say.moves_mostly_noise" if mostly else "say.moves_noise" if noisy else "say.moves"],
        name=one.indicator.name,
        moved=Number(moves.moved, 0, "share"),
        noise=Number(moves.moved_by_noise, 0, "share"),
    )
    because = filled(say["say.moves_because"], n=Number(moves.n_moves))
    return Statement(text, "unsure" if mostly else "likely", because, "trends_mobility", 0.3)
