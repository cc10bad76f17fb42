"""What the report says of values that were withheld before it was written: by which rules, and how many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lea_geo._report_html import bullets, safe, table
from lea_geo._sheets import sheets_of
from lea_geo.schema import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lea_geo._report_words import Words
    from lea_geo.schema import Findings

SETTING = "disclosure"
"""The key of ``Findings.settings`` that says what was withheld; absent where nothing was."""

_COLUMNS = ("indicator", "kind", "withheld", "withheld_totals", "moran_before", "moran_after")
_MEASURED = (0.01, 0.48)
"""Moran's I over the 250 m cells of Vantaa, of rates of a rare event that was drawn for the real residents,
and of what is left of them once counts of 1 to 4 are gone: the means of four draws (BENCHMARKS.md)."""


def disclosure_section(findings: Findings, words: Words) -> str:
    """Return the report's section on what was withheld, blank where nothing was."""
    said = findings.settings.get(SETTING)
    if not isinstance(said, dict) or not said.get("hidden"):
        return ""
    title = words.own("heading.disclosure")
    rows = list(_rows(findings, said, words))
    heads = [words.own(f"column.{name}") for name in _COLUMNS]
    return (
        f"<h2>{safe(title)}</h2>\n<p>{safe(words.own('disclosure.what'))}</p>\n"
        f"{bullets(_rules(said.get('profile', {}), words))}\n{table(heads, rows, label=title)}\n"
        f"{bullets(_warnings(words))}\n"
    )


def _rules(profile: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Yield by which rules, as a person would state them."""
    title = profile.get("title", {})
    named = words.of(Text(**title)) if set(title) == set(LANGUAGES) else str(profile.get("name", ""))
    yield words.own("disclosure.profile", title=named, version=profile.get("version", ""))
    count = profile.get("minimum_count", 1)
    if count > 1:
        yield words.own("disclosure.count", most=words.number(count - 1, 0))
    if profile.get("zero") == "hidden":
        yield words.own("disclosure.zero")
    behind = profile.get("minimum_denominator", 1)
    if behind > 1:
        yield words.own("disclosure.denominator", n=words.number(behind, 0))
    limits = sorted({one["minimum"] for one in profile.get("thresholds", ())})
    if limits:
        yield words.own("disclosure.thresholds", limits=words.listed([words.number(n, 0) for n in limits]))
    confidence = str(profile.get("confidence", ""))
    if confidence == "stated":
        yield words.own("disclosure.stated", who=profile.get("stated_by", "") or "–")
    elif confidence:
        yield words.own(f"disclosure.{confidence}")


def _warnings(words: Words) -> Iterator[str]:
    true, shown = (words.number(value, 2) for value in _MEASURED)
    yield words.own("disclosure.secondary")
    yield words.own("disclosure.labels")
    yield words.own("disclosure.recomputed", true=true, shown=shown)
    yield words.own("disclosure.among")


def _rows(findings: Findings, said: Mapping[str, Any], words: Words) -> Iterator[list[str]]:
    sheets = {sheet.name: sheet.findings for sheet in sheets_of(findings)}
    for one in said["hidden"]:
        sheet = sheets.get(one.get("sheet", ""))
        if sheet is None:
            continue
        names = {indicator.code: words.of(indicator.name) for indicator in sheet.indicators}
        kind = " ".join(filter(None, [words.shared(f"areas.{sheet.level or 'other'}"), sheet.year]))
        cells = f"{one.get('hidden', 0)} / {len(sheet.areas)}"
        tests = [words.number(one.get(name, math.nan), 2) for name in ("moran_before", "moran_after")]
        told = (names[one["code"]], kind, cells, str(one.get("totals", 0)), *tests)
        yield [safe(cell) for cell in told]
