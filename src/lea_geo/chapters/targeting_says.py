"""The sentences of the chapter of targeting, each with how sure it is and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from lea_geo._speech import Number, filled, listed, span
from lea_geo.chapter import Statement
from lea_geo.chapters.targeting_found import CHOSEN, EQUAL, NOW
from lea_geo.chapters.targeting_tables import TEXTS, scenario_words

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.targeting_found import Found
    from lea_geo.schema import Text

MOST_NAMES = 10
"""How many areas a sentence names."""
WIDE = 0.1
"""An interval of a share that is wider than this says only about how much."""
FEW_WRONG, MANY_WRONG = 0.1, 0.3
"""Shares of a list that are expected to be wrong: up to the first it is firm, above the second unsure."""


def statements(ground: Ground, found: Found, level: float) -> tuple[Statement, ...]:
    """Return what the chapter finds."""
    said = [_missed(ground, found), _list(found), *_names(ground, found, level), *_needed(found)]
    if found.listed.by == "rate":
        said.append(_optimal(found))
    if found.allocation is not None:
        said += [*_money(found), *_scenarios(found)]
    return tuple(said)


def _share(value: float) -> Number:
    return Number(value, 1, "share")


def _row(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    return cast("pd.Series[Any]", table.loc[name])


def _between(row: pd.Series, name: str, *, unit: str = "share", decimals: int = 1) -> Text:
    """Return the interval of a column, rounded as its table shows it."""
    return span(*(Number(float(row[f"{name}_{end}"]), decimals, unit) for end in ("lower", "upper")))


def _missed(ground: Ground, found: Found) -> Statement:
    row = _row(found.reached.table, "chosen")
    most = row["share_missed_lower"] > 0.5
    wide = row["share_reached_upper"] - row["share_reached_lower"] > WIDE
    text = filled(
        TEXTS["say.missed_most" if most else "say.missed_some"],
        n=Number(float(row["areas"])),
        reached=_share(row["share_reached"]),
        interval=_between(row, "share_reached"),
        missed=_share(row["share_missed"]),
    )
    name = ground.indicator(found.counted.code).name
    because = filled(TEXTS["say.missed_because"], need=name, families=_share(row["share_of_families"]))
    return Statement(text, "likely" if wide else "firm", because, "targeting_missed", 0.9)


def _list(found: Found) -> Statement:
    made, standing = found.listed, found.listed.table["standing"]
    tied = int((standing == "tie").sum())
    wrong = made.expected_wrong / max(1, made.choose)
    certainty = "firm" if wrong <= FEW_WRONG else "likely" if wrong <= MANY_WRONG else "unsure"
    text = filled(
        TEXTS["say.list_ties" if tied else "say.list_sure"],
        n=Number(made.choose),
        sure=Number(int(((standing == "on") & made.table["chosen"].astype(bool)).sum())),
        tied=Number(tied),
        wrong=Number(made.expected_wrong, 1),
    )
    because = TEXTS["say.list_index"]
    if made.by != "index":
        interval = span(*(Number(end, 1) for end in made.wrong_interval))
        because = filled(TEXTS["say.list_because"], draws=Number(found.draws), interval=interval)
    return Statement(text, certainty, because, "targeting_certainty", 0.85)


def _names(ground: Ground, found: Found, level: float) -> list[Statement]:
    """Return who is almost surely on the list, and who is tied at the cut, by name."""
    table, said = found.listed.table.sort_values("rank", kind="stable"), []
    because = filled(TEXTS["say.names_on_because"], level=Number(100 * level))
    for word, certainty, why, weight in (
        ("on", "firm", because, 0.8),
        ("tie", "unsure", TEXTS["say.names_tie_because"], 0.65),
    ):
        areas = table.index[(table["standing"] == word) & (table["chosen"] | (word == "tie"))]
        if not len(areas):
            continue
        key = f"say.names_{word}" + ("_some" if len(areas) > MOST_NAMES else "")
        text = filled(TEXTS[key], names=listed([ground.names[area] for area in areas[:MOST_NAMES]]))
        said.append(Statement(text, certainty, why, "targeting_list", weight))
    return said


def _needed(found: Found) -> list[Statement]:
    rows = found.reached.needed.query("order == 'rate'")
    row = rows.iloc[-1]
    if not row["areas"] > 0:
        return []
    text = filled(
        TEXTS["say.needed"],
        share=Number(row["share"], 0, "share"),
        areas=Number(row["areas"]),
        families=_share(row["share_of_families"]),
    )
    because = filled(TEXTS["say.needed_because"], interval=_between(row, "areas", unit="", decimals=0))
    return [Statement(text, "firm", because, "targeting_needed", 0.7)]


def _optimal(found: Found) -> Statement:
    made = found.listed
    text = filled(TEXTS["say.optimal"], list=_share(made.expected_reached), best=_share(made.optimal_reached))
    return Statement(text, "likely", TEXTS["say.optimal_because"], "targeting_certainty", 0.6)


def _money(found: Found) -> list[Statement]:
    paid = found.allocation
    if paid is None:
        return []
    text = filled(
        TEXTS["say.noise"],
        budget=Number(paid.budget, 0, "euro"),
        noise=_share(paid.noise_share),
        interval=span(*(_share(end) for end in paid.noise_interval)),
    )
    because = filled(TEXTS["say.noise_because"], draws=Number(found.draws))
    said = [Statement(text, "likely", because, "targeting_certainty", 0.75)]
    ways = Number(paid.alternatives.shape[1])
    text = filled(TEXTS["say.method"], method=_share(paid.method_share))
    because = filled(TEXTS["say.method_because"], n=ways)
    return [*said, Statement(text, "firm", because, "targeting_certainty", 0.55)]


def _scenarios(found: Found) -> list[Statement]:
    if found.scenarios is None:
        return []
    table, named, said = found.scenarios.table, scenario_words(found), []
    base = found.scenarios.base
    for name, row in table.drop(index=base).iterrows():
        names = {"name": named[str(name)], "base": named[base]}
        because = filled(
            TEXTS["say.fair_because"],
            change=Number(row["progressivity_change"], 3, signed=True),
            interval=_between(row, "progressivity_change", unit="", decimals=3),
        )
        text = filled(TEXTS["say.fair_tie"], **names)
        if not row["tie"]:
            shares = (_share(row["to_neediest"]), _share(_row(table, base)["to_neediest"]))
            text = filled(TEXTS["say.fair"], share=shares[0], other=shares[1], **names)
        certainty = "unsure" if row["tie"] else "likely"
        reference = name in (EQUAL, CHOSEN)
        said.append(Statement(text, certainty, because, "targeting_scenarios", 0.2 if reference else 0.5))
        if base == NOW and not reference:
            said.append(_winners(row, _row(table, base), named[str(name)]))
    return said


def _winners(row: pd.Series, before: pd.Series, name: Text) -> Statement:
    areas = {key: Number(float(row[key])) for key in ("gain", "lose", "unsure")}
    text = filled(TEXTS["say.winners"], name=name, moved=Number(float(row["moved"]), 0, "euro"), **areas)
    sums = {"before": before["euros"], "after": row["euros"]}
    sure = filled(TEXTS["say.winners_total"], **{key: Number(float(x), 0, "euro") for key, x in sums.items()})
    unsure = row["unsure"] > 0
    because = TEXTS["say.winners_because"] if unsure else sure
    return Statement(text, "likely" if unsure else "firm", because, "targeting_scenarios", 0.45)
