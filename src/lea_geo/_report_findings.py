"""The report's first page: ten findings that a council should know, each with how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._report_chapters import certainty_mark, chapter_anchor, statement
from lea_geo._report_html import safe, small
from lea_geo.schema import Label, result_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo._report_words import Words
    from lea_geo.schema import Findings, Indicator

MOST_FINDINGS = 10
_OF_ONE = 2
"""Findings of one chapter before all others have had theirs."""
_LABEL, _VERDICT, _DOUBT = (result_column("local_moran", name) for name in ("label", "verdict", "doubt"))
_PLACE_WEIGHT = {True: 0.85, False: 0.55}
"""How much it counts where an index, or a single indicator, diverges."""


def findings_section(findings: Findings, words: Words) -> str:
    """Return the ten findings that count most."""
    chosen = _chosen([*_of_places(findings, words), *_of_chapters(findings, words)])
    listed = "".join(f"<li>{text}</li>\n" for _, _, text in chosen)
    drawn = f'<ol class="findings">{listed}</ol>' if listed else f"<p>{safe(words.own('said.none'))}</p>"
    key = " ".join(
        f"{certainty_mark(one, words)} {safe(words.own(f'certainty_is.{one}'))}"
        for one in ("firm", "likely", "unsure")
    )
    return f'<h2>{safe(words.own("heading.findings"))}</h2>\n{drawn}\n<p class="small">{key}</p>\n'


def _chosen(found: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Return the findings that count most, a few of each kind before more of any."""
    ordered = sorted(found, key=lambda one: -one[0])
    count: dict[str, int] = {}
    first: list[tuple[float, str, str]] = []
    rest: list[tuple[float, str, str]] = []
    for one in ordered:
        count[one[1]] = count.get(one[1], 0) + 1
        (first if count[one[1]] <= _OF_ONE else rest).append(one)
    return sorted((first + rest)[:MOST_FINDINGS], key=lambda one: -one[0])


def _of_chapters(findings: Findings, words: Words) -> Iterator[tuple[float, str, str]]:
    for chapter in findings.chapters:
        link = f'<a href="#{chapter_anchor(chapter, words)}">{safe(words.of(chapter.title))}</a>'
        for said in chapter.statements:
            yield said.weight, chapter.code, f"{statement(said, words)} {link}"


def _of_places(findings: Findings, words: Words) -> Iterator[tuple[float, str, str]]:
    """Yield in which places each indicator diverges, those with most areas first."""
    tested = [one for one in findings.indicators if _high(findings, one) or _low(findings, one)]
    most = max((_high(findings, one) + _low(findings, one) for one in tested), default=1)
    for one in tested:
        high, low = _high(findings, one), _low(findings, one)
        weight = _PLACE_WEIGHT[one.is_composite] + 0.1 * (high + low) / most
        text = words.own("said.places", name=words.of(one.name), high=high, low=low)
        firm, certainty, why = _sure(findings, one)
        because = words.own(f"said.places_{why}", firm=firm, all=high + low)
        link = f'<a href="#{words.language}-{one.code}">{safe(words.of(one.name))}</a>'
        yield weight, "places", f"{certainty_mark(certainty, words)} {safe(text)}{small(because)} {link}"


def _high(findings: Findings, indicator: Indicator) -> int:
    return int((findings.results[indicator.code][_LABEL] == Label.HIGH_HIGH).sum())


def _low(findings: Findings, indicator: Indicator) -> int:
    return int((findings.results[indicator.code][_LABEL] == Label.LOW_LOW).sum())


def _sure(findings: Findings, indicator: Indicator) -> tuple[int, str, str]:
    """Return how many labels are beyond doubt, how sure that makes the finding, and by what it was judged."""
    result = findings.results[indicator.code]
    told = result[result[_LABEL].isin([Label.HIGH_HIGH, Label.LOW_LOW])]
    judged = bool(told[_VERDICT].astype(bool).any())
    firm = int((told[_VERDICT] == "firm").sum()) if judged else int((told[_DOUBT] == "").sum())
    certainty = "firm" if judged and 2 * firm > len(told) else "likely" if firm else "unsure"
    return firm, certainty, "verdict" if judged else "doubt"
