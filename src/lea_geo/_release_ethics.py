"""Ethical notes gate a release: they are asked for before hours of work, not after them."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lea_geo._checks.disclosure_release import check_reviewed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.disclosure_spec import DisclosureSpec
    from lea_geo.schema import EthicalNote, Findings, Indicator


def check_ethics(indicators: Iterable[Indicator], disclosure: DisclosureSpec | None) -> None:
    """Refuse to begin a study for release with indicators whose ethical notes nobody has reviewed.

    An index is as reviewed as the indicators that it is made of.

    Raises
    ------
    SpecError
        Naming every indicator without a reviewed note, and every review of no indicator.
    """
    if disclosure is None:
        return
    held = {one.code: one for one in indicators if not one.is_composite}
    unreviewed = [code for code, one in held.items() if not _reviewed(one, disclosure).ethics.reviewed_by]
    named = [name for one in disclosure.reviewed for name in one.indicators]
    unknown = [name for name in named if not any(fnmatchcase(code, name) for code in held)]
    check_reviewed(unreviewed, of=len(held), unknown=unknown)


def with_reviews(findings: Findings, disclosure: DisclosureSpec | None) -> Findings:
    """Return findings whose ethical notes say who has reviewed them, where the study file does."""
    if disclosure is None or not disclosure.reviewed:
        return findings
    indicators = tuple(_reviewed(one, disclosure) for one in findings.indicators)
    others = tuple(with_reviews(other, disclosure) for other in findings.others)
    return replace(findings, indicators=indicators, others=others)


def _reviewed(indicator: Indicator, disclosure: DisclosureSpec) -> Indicator:
    said = (
        one
        for one in disclosure.reviewed
        if any(fnmatchcase(indicator.code, pattern) for pattern in one.indicators)
    )
    review = next(said, None)
    if review is None or indicator.ethics.reviewed_by or indicator.is_composite:
        return indicator
    ethics: EthicalNote = replace(indicator.ethics, reviewed_by=review.by, reviewed_on=review.on)
    return replace(indicator, ethics=ethics)
