"""What is said of change: sentences with their numbers, and how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._speech import Number, filled, listed, span
from lea_geo.chapter import Statement
from lea_geo.chapters.change_tables import unit_of_difference, words, worst_of
from lea_geo.schema import CONTROLLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from lea_geo.chapter_specs.change import ChangeSpec
    from lea_geo.chapters.change_compare import Compared
    from lea_geo.chapters.change_gaps import Gaps
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Text

NAMED = 12
"""A sentence names no more areas."""
_REACH = 1.96
_FIRM = 3.29
"""A gap is surely another where its change is so many standard errors away from none: one in a thousand."""
_RISES = 2
"""So many areas of an indicator have a sentence of their own, in either direction."""


def statements(
    ground: Ground, spec: ChangeSpec, every: Sequence[Compared], gaps: Sequence[Gaps]
) -> tuple[Statement, ...]:
    """Return what is said, indicator by indicator."""
    held = {one.code: one for one in gaps}
    said: list[Statement] = []
    for one in every:
        if one.changes.n_tested:
            said.append(_counts(one, spec))
            said.extend(_areas(ground, one, spec))
            said.extend(_worst(one))
        if one.code in held:
            said.extend(_gap(one, held[one.code], spec))
            said.extend(_convergence(one, held[one.code], spec))
    said.extend(_redrawn(ground, every))
    return tuple(said)


def control(spec: ChangeSpec) -> Text:
    """Return what the correction keeps, and below which level."""
    return filled(words()[f"control.{CONTROLLED[spec.correction]}"], fdr=Number(spec.fdr, 0, "share"))


def _counts(one: Compared, spec: ChangeSpec) -> Statement:
    say, counts, changes = words(), one.changes.summary, one.changes
    found = int(counts["risen"] + counts["fallen"])
    text = filled(
        say["say.changed" if found else "say.unchanged"],
        name=one.indicator.name,
        since=str(changes.since),
        until=str(changes.until),
        tested=Number(changes.n_tested),
        risen=Number(float(counts["risen"])),
        fallen=Number(float(counts["fallen"])),
    )
    typical = changes.table["detectable_rise"].replace(np.inf, np.nan).median()
    because = filled(
        say["say.counts"],
        control=control(spec),
        cannot_tell=Number(float(counts["cannot_tell"])),
        too_few=Number(float(counts["too_few"])),
        typical=Number(float(typical), 2, unit_of_difference(one.indicator.unit)),
    )
    share = found / max(1, changes.n_tested)
    sure = "firm" if found else "unsure"
    return Statement(
        text, sure, _begun(because), "change_summary", 0.35 + 0.5 * min(1.0, 2 * share) * bool(found)
    )


def _begun(text: Text) -> Text:
    """Return a text that begins with a capital letter."""
    parts = (part[:1].upper() + part[1:] for part in (text.fi, text.sv, text.en))
    return type(text)(*parts)


def _areas(ground: Ground, one: Compared, spec: ChangeSpec) -> Iterator[Statement]:
    """Say which areas rose or fell most clearly: those whose likely change is largest."""
    table = one.changes.table
    for word, key in (("risen", False), ("fallen", True)):
        rows = table[table["class"] == word].sort_values("shrunk", ascending=key, kind="stable")
        for area in rows.index[:_RISES]:
            yield _area(ground, one, spec, str(area), word)


def _area(ground: Ground, one: Compared, spec: ChangeSpec, area: str, word: str) -> Statement:
    row = _row(one.changes.table, area)
    say, decimals = words(), max(1, one.indicator.decimals)
    unit, apart = one.indicator.unit, unit_of_difference(one.indicator.unit)
    text = filled(
        say[f"say.area_{word}"],
        area=ground.names[area],
        name=one.indicator.name,
        then=Number(float(row["then"]), decimals, unit),
        now=Number(float(row["now"]), decimals, unit),
    )
    ends = (Number(float(row[name]), decimals, apart) for name in ("lower", "upper"))
    because = filled(
        say["say.area_because"],
        level=Number(spec.level, 0, "share"),
        span=span(*ends),
        shrunk=Number(float(row["shrunk"]), decimals, apart, signed=True),
    )
    worse = (word == "risen") == (one.indicator.direction == "weakens")
    return Statement(text, "firm", because, f"change_{one.code}", 0.6 if worse else 0.5)


def _gap(one: Compared, gaps: Gaps, spec: ChangeSpec) -> Iterator[Statement]:
    """Say what became of the gap between fifths: absolute and relative in one sentence."""
    say, change = words(), gaps.found.change
    weighting = "weighted" if gaps.weighted else "unweighted"
    rows = change[(change["pair"] == "fifths") & (change["weighting"] == weighting)].set_index("form")
    if rows[["then", "now", "lower", "upper"]].isna().any(axis=None):
        return
    apart = unit_of_difference(one.indicator.unit)
    absolute, relative = _row(rows, "absolute"), _row(rows, "relative")
    verdicts = [str(row["verdict"]) for row in (absolute, relative)]
    parts = {}
    spans = {}
    for form, row, unit in (("absolute", absolute, apart), ("relative", relative, "")):
        whole = 0 if unit == "euro" else 2
        ends = {name: Number(float(row[name]), whole, unit) for name in ("then", "now", "lower", "upper")}
        if unit != "euro":  # the unit once, after the later number
            ends["then"] = Number(float(row["then"]), whole)
        parts[form] = filled(say[f"say.{form}_{row['verdict']}"], then=ends["then"], now=ends["now"])
        spans[form] = span(ends["lower"], ends["upper"])
    opposite = set(verdicts) == {"narrowed", "widened"}
    text = filled(
        say["say.gap"], name=one.indicator.name, joint=say["say.but" if opposite else "say.and"], **parts
    )
    why = "say.gap_because" if gaps.weighted else "say.gap_because_plain"
    because = filled(say[why], level=Number(spec.level, 0, "share"), **spans)
    told = sum(verdict != "cannot_tell" for verdict in verdicts)
    clear = gaps.weighted and min(map(_deviations, (absolute, relative))) > _FIRM
    sure = "unsure" if not told else "firm" if clear else "likely"
    yield Statement(text, sure, because, "change_gap_change", 0.4 + 0.15 * told + 0.1 * opposite)


def _row(table: pd.DataFrame, key: str) -> dict[Any, Any]:
    """Return one row by its label."""
    return dict(table.loc[[key]].to_dict("records")[0])


def _deviations(row: Mapping[Any, Any]) -> float:
    """Return how many standard errors a change is away from none, as its interval tells."""
    half = (float(row["upper"]) - float(row["lower"])) / 2
    middle = (float(row["upper"]) + float(row["lower"])) / 2
    return abs(middle) / half * _REACH if half > 0 else 0.0


def _worst(one: Compared) -> Iterator[Statement]:
    """Say how much of what became of the weakest areas is chance coming back, where that is much."""
    found = worst_of(one)
    change, part = found["worst_difference"], found["worst_regression"]
    if not np.isfinite(part) or change * part <= 0 or abs(part) < abs(change) / 2:
        return
    say, decimals, apart = words(), max(1, one.indicator.decimals), unit_of_difference(one.indicator.unit)
    numbers = {
        name: Number(found[f"worst_{name}"], decimals, apart, signed=True)
        for name in ("difference", "regression")
    }
    text = filled(say["say.worst"], name=one.indicator.name, worst=Number(found["worst"]), **numbers)
    yield Statement(text, "likely", say["say.worst_because"], "change_summary", 0.35)


def _convergence(one: Compared, gaps: Gaps, spec: ChangeSpec) -> Iterator[Statement]:
    beta = gaps.beta
    if beta is None or beta.verdict == "cannot_tell":
        return
    # Whichever of the two shows less of what is claimed.
    row = _row(beta.table, "corrected" if beta.verdict == "converging" else "same_people")
    # Said of what grows where differences grow, and of what is gone where they go: never with a minus.
    way = -1 if beta.verdict == "converging" else 1
    ends = sorted((way * float(beta.table["upper"].iloc[1]), way * float(beta.table["lower"].iloc[2])))
    say, closed = words(), way * float(row["slope"])
    text = filled(say[f"say.{beta.verdict}"], name=one.indicator.name, closed=Number(closed, 0, "share"))
    because = filled(
        say["say.converge_because"],
        level=Number(spec.level, 0, "share"),
        span=span(*(Number(end, 0, "share") for end in ends)),
        naive=Number(way * float(beta.table["slope"].iloc[0]), 0, "share"),
    )
    yield Statement(text, "likely", because, "change_convergence", 0.5)


def _redrawn(ground: Ground, every: Sequence[Compared]) -> Iterator[Statement]:
    """Name the areas that are not compared for any indicator."""
    say = words()
    areas = sorted({area for one in every for area in one.redrawn.table.index[one.redrawn.table["redrawn"]]})
    if not areas:
        return
    names = [ground.names[area] for area in areas[:NAMED]] + (["…"] if len(areas) > NAMED else [])
    text = filled(say["say.redrawn"], areas=listed(names))
    yield Statement(text, "firm", say["say.redrawn_because"], "change_breaks", 0.3)
