"""What the report says of rates over few people: what a study made of them, and which its rules mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lea_geo._report_html import small
from lea_geo.schema import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from lea_geo._report_words import Words
    from lea_geo.schema import Findings

_MARKED = GRADES[2:]
_LIMITS = ("minimum_denominator", "minimum_numerator", "largest_cv", "cautious_cv")


def about_rates(findings: Findings, words: Words) -> Iterator[str]:
    """Yield by which method rates were drawn together and by which rules they are marked."""
    said = findings.settings.get("rates")
    how: dict[str, Any] = said if isinstance(said, dict) else {}
    if words.knows(f"rates_method.{how.get('method')}"):
        yield words.shared(f"rates_method.{how['method']}")
    years = how.get("years")
    if isinstance(years, int) and years > 1:
        yield words.shared("rates_rule.years", n=years)
    if how.get("merge") is True:
        yield words.shared("rates_rule.merge")
    for name in _LIMITS:
        limit = how.get(name)
        if isinstance(limit, int | float) and limit > 0:
            decimals = next((n for n in range(3) if round(limit, n) == limit), 3)
            yield words.shared(f"rates_rule.{name}", n=words.number(limit, decimals))


def grade_mark(row: pd.Series, words: Words) -> str:
    """Return the mark of a rate that cannot be relied on, blank for all others."""
    grade = row["grade"]
    return small(words.shared(f"grade.{grade}")) if grade in _MARKED else ""


def graded(grades: pd.Series, words: Words) -> list[str]:
    """Return how many rates of an indicator are marked, where any is graded."""
    if not grades.isin(GRADES[1:]).any():
        return []
    return [words.own("said.grades", **{grade: int((grades == grade).sum()) for grade in _MARKED})]
