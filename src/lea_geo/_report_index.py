"""What the report says of an index: its parts and how sure places in it are, never as a league table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lea_geo._hierarchy import ledger_places, tops, weighed
from lea_geo._report_html import bullets, isolated, safe, small, table
from lea_geo.schema import LOCAL_METHODS, PLACES, VERDICTS, Label, result_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from lea_geo._report_words import Words
    from lea_geo.schema import Findings, Indicator

MOST_WORST = 20
"""How many of the worst-off areas are named; the tables have them all."""
LIKELY = 0.5
"""An area is named among the worst-off if it is in the worst tenth in at least this share of the runs."""
HOLDS = 0.9
"""The share of runs in which tiers hold, where the settings do not say."""
FIFTHS = range(1, 6)
_POINTING = (Label.HIGH_HIGH, Label.LOW_LOW, Label.HIGH_LOW, Label.LOW_HIGH)
_STEPS = ("impute", "treat", "normalise", "weighting", "aggregate")


def index_section(findings: Findings, words: Words) -> str:
    """Return the report's section on the study's index, blank where it has none."""
    found = tops(findings.indicators)
    if not found:
        return ""
    places = ledger_places(findings)
    title = words.own("heading.index" if places is None else "heading.ledgers")
    what = words.own("index.what" if places is None else "index.ledgers")
    parts = [f"<h2>{safe(title)}</h2>\n<p>{safe(what)}</p>\n"]
    parts += [_hierarchy(findings, words), bullets(_how(findings, words))]
    if places is not None:
        parts.append(_ledgers(places, words))
    parts += [_place_of_areas(findings, one, words) for one in found]
    if verdicts_said(findings):
        parts.append(_verdicts(findings, words))
    return "".join(parts)


def _hierarchy(findings: Findings, words: Words) -> str:
    """Return the hierarchy, each member below what it is part of, with its share of the weights."""
    known = {one.code: one for one in findings.indicators}

    def rows(composite: Indicator, depth: int) -> Iterator[list[str]]:
        for code, share in weighed(composite):
            member = known[code]
            lead = "\N{NO-BREAK SPACE}" * 4 * depth
            link = f'<a href="#{words.language}-{code}">{safe(words.of(member.name))}</a>'
            weight = "–" if share is None else words.share(share)
            yield [lead + link, safe(words.of(composite.name)), safe(weight)]
            yield from rows(member, depth + 1)

    heads = [words.own(f"column.{name}") for name in ("part", "part_of", "weight")]
    drawn = [row for one in tops(findings.indicators) for row in rows(one, 0)]
    return table(heads, drawn, label=words.own("heading.index")) + "\n"


def _how(findings: Findings, words: Words) -> Iterator[str]:
    """Yield how the index was made and made again, as far as the settings tell."""
    composite, robustness = (_settings(findings, name) for name in ("composite", "robustness"))
    for step in _STEPS:
        said = composite.get(step)
        method = said.get("method") if isinstance(said, dict) else said
        if isinstance(method, str) and words.knows(f"index_method.{method}"):
            yield words.shared(f"index_step.{step}", method=words.shared(f"index_method.{method}"))
    available = composite.get("available")
    if isinstance(available, int | float):
        yield words.shared("index_step.available", percent=words.percent(available))
    if not any(_is_sure(findings, one) for one in tops(findings.indicators)):
        yield words.own("index.not_again")
        return
    if isinstance(robustness.get("runs"), int):
        yield words.shared("runs_words.runs", n=words.number(robustness["runs"], 0))
    yield words.shared("runs_words.varied")
    yield words.shared("runs_words.holds", percent=words.percent(holds(findings)))


def _settings(findings: Findings, name: str) -> Mapping[str, Any]:
    said = findings.settings.get(name)
    return said if isinstance(said, dict) else {}


def holds(findings: Findings) -> float:
    """Return the share of runs in which what is said of the index holds."""
    said = _settings(findings, "robustness").get("holds")
    return said if isinstance(said, int | float) else HOLDS


def _is_sure(findings: Findings, composite: Indicator) -> bool:
    return bool(findings.results[composite.code]["tier_lower"].notna().any())


def _ledgers(places: pd.Series, words: Words) -> str:
    rows = [[safe(words.shared(f"place.{place}")), str(int((places == place).sum()))] for place in PLACES[1:]]
    heads = [words.own(f"column.{name}") for name in ("place", "areas")]
    said = f"<p>{safe(words.own('index.sides'))}</p>"
    return f"{said}{table(heads, rows, label=words.own('column.place'))}\n"


def _place_of_areas(findings: Findings, composite: Indicator, words: Words) -> str:
    """Return how many areas are surely in which fifth, and the worst-off areas with how sure that is."""
    if not _is_sure(findings, composite):
        return ""
    found = findings.results[composite.code]
    known = found[found["tier_lower"].notna()]
    sure = known["tier_lower"] == known["tier_upper"]
    counts = [str(int((sure & (known["tier_lower"] == fifth)).sum())) for fifth in FIFTHS]
    title = words.own("index.places", name=words.of(composite.name))
    heads = [words.own("column.surely"), *(words.own(f"fifth.{fifth}") for fifth in FIFTHS)]
    heads.append(words.own("column.several"))
    row = [safe(words.own("column.areas")), *counts, str(int((~sure).sum()))]
    said = words.own("index.tiers", percent=words.percent(holds(findings)))
    return (
        f"<h3>{safe(title)}</h3>\n<p>{safe(said)}</p>{table(heads, [row], label=title)}\n"
        f"{_worst(findings, composite, known, words)}"
    )


def _worst(findings: Findings, composite: Indicator, known: pd.DataFrame, words: Words) -> str:
    """Return the areas that surely are in the worst fifth or likely in the worst tenth, in no order."""
    worst = 5 if composite.direction == "protects" else 1
    surely = (known["tier_lower"] == worst) & (known["tier_upper"] == worst)
    told = known[surely | (known["p_worst_decile"] >= LIKELY)]
    if told.empty:
        return f"<p>{safe(words.own('index.no_worst'))}</p>\n"
    named = told.sort_values("p_worst_decile", ascending=False, kind="stable").iloc[:MOST_WORST].index
    rows = [
        _worst_row(findings, str(area), known.loc[area], words) for area in told.index if area in set(named)
    ]
    heads = [words.own(f"column.{name}") for name in ("area", "tiers", "worst_decile", "moved_by")]
    said = words.own("index.worst", n=len(told))
    left = len(told) - len(rows)
    more = words.own("said.more", n=left, file=f"tables/{composite.code}.csv") if left else ""
    label = f"{words.of(composite.name)}: {words.own('column.worst_decile')}"
    return f"<p>{safe(said)}</p>{table(heads, rows, label=label)}<p>{safe(more)}</p>\n"


def _worst_row(findings: Findings, area: str, row: pd.Series, words: Words) -> list[str]:
    place = findings.areas.loc[area]
    name = place[f"name_{words.language}"] or place["name_fi"]
    named = f"{isolated(name)} ({isolated(area)})" if isinstance(name, str) and name else isolated(area)
    first, last = int(row["tier_lower"]), int(row["tier_upper"])
    fifths = [words.own(f"fifth.{fifth}") for fifth in dict.fromkeys((first, last))]
    mover = row["moved_by"]
    moved = (
        words.shared(f"mover.{mover}") if isinstance(mover, str) and words.knows(f"mover.{mover}") else "–"
    )
    cells = (" – ".join(fifths), words.share_of_runs(row["p_worst_decile"]), moved)
    return [named, *(safe(cell) for cell in cells)]


def verdicts_said(findings: Findings) -> bool:
    """Return whether any label of the study has a verdict."""
    names = [result_column(method, "verdict") for method in LOCAL_METHODS]
    return any(frame[name].isin(VERDICTS[1:]).any() for frame in findings.results.values() for name in names)


def _verdicts(findings: Findings, words: Words) -> str:
    """Return how many labels that point at an area are firm, depend on something, and cannot be said."""
    rows = []
    for indicator in findings.indicators:
        for method in LOCAL_METHODS:
            found = findings.results[indicator.code]
            pointing = found[result_column(method, "label")].isin([str(label) for label in _POINTING])
            verdict = found.loc[pointing, result_column(method, "verdict")]
            if verdict.isin(VERDICTS[1:]).any():
                counts = [str(int((verdict == one).sum())) for one in VERDICTS[1:]]
                rows.append([safe(words.of(indicator.name)), safe(words.own(f"method.{method}")), *counts])
    heads = [words.own("column.indicator"), words.own("column.test")]
    heads += [words.shared(f"verdict.{one}") for one in VERDICTS[1:]]
    title = words.own("index.verdicts")
    said = f"<h3>{safe(title)}</h3>\n<p>{safe(words.own('index.verdicts_said'))}</p>"
    return f"{said}{table(heads, rows, label=title)}\n" if rows else ""


def verdict_cell(row: pd.Series, method: str, words: Words) -> str:
    """Return how far an area's label can be trusted, below the label; blank where nobody says."""
    verdict = row[result_column(method, "verdict")]
    if not isinstance(verdict, str) or verdict not in VERDICTS[1:]:
        return ""
    said = words.shared(f"verdict.{verdict}")
    share = row[result_column(method, "share")]
    often = f" ({words.share_of_runs(share)})" if math.isfinite(share) else ""
    named = [
        words.shared(f"depends_on.{one}") for one in str(row[result_column(method, "depends_on")]).split()
    ]
    why = small(words.own("said.depends_on", named=words.listed(named))) if named else ""
    return small(said + often) + why
