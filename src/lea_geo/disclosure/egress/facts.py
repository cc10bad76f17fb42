"""What a release shows, counted from its findings as they leave: never from what is behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._sheets import sheets_of
from lea_geo.schema import WITH_VALUE, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo._sheets import Sheet
    from lea_geo.schema import Findings, Indicator

COUNTED = ("persons", "households", "count")
"""Units of indicators whose values are themselves numbers of people or households."""


@dataclass(frozen=True)
class Shown:
    """What is shown of one indicator on one kind of areas in one year."""

    sheet: str
    """As ``_sheets`` names it; empty for the study itself."""
    level: str
    year: str
    indicator: Indicator
    areas: int
    shown: int
    """Areas with a value."""
    hidden: int
    """Areas whose value is withheld."""
    smallest_count: float | None
    """The smallest count above zero that is shown, of people or of those that a rate is over; None where
    there is none."""
    smallest_denominator: float | None
    """The smallest number of people that a value is shown of; None where there is none."""

    @property
    def other(self) -> int:
        """Areas without a value for another reason."""
        return self.areas - self.shown - self.hidden


def what_is_shown(findings: Findings) -> tuple[Shown, ...]:
    """Return what is shown of every indicator, the study itself first."""
    return tuple(
        _of_indicator(sheet, indicator)
        for sheet in sheets_of(findings)
        for indicator in sheet.findings.indicators
    )


def smallest(shown: Iterable[Shown]) -> tuple[float | None, float | None]:
    """Return the smallest count and the smallest denominator of all of it."""
    held = tuple(shown)
    counts = [one.smallest_count for one in held if one.smallest_count is not None]
    denominators = [one.smallest_denominator for one in held if one.smallest_denominator is not None]
    return min(counts, default=None), min(denominators, default=None)


def _of_indicator(sheet: Sheet, indicator: Indicator) -> Shown:
    cells = sheet.findings.results[indicator.code]
    seen = cells["status"].isin([str(one) for one in WITH_VALUE])
    counts = [cells["numerator"], cells["denominator"]]
    if not indicator.is_rate and indicator.unit in COUNTED:
        counts = [cells["value"].where(seen)]
    return Shown(
        sheet=sheet.name,
        level=sheet.findings.level,
        year=sheet.findings.year or indicator.reference_year,
        indicator=indicator,
        areas=len(cells),
        shown=int(seen.sum()),
        hidden=int((cells["status"] == str(Status.SUPPRESSED)).sum()),
        smallest_count=_least(*counts),
        smallest_denominator=_least(cells["denominator"].where(seen)),
    )


def _least(*columns: pd.Series[float]) -> float | None:
    """Return the smallest number above zero."""
    numbers = pd.to_numeric(pd.concat(columns))
    above = numbers[numbers > 0]
    return float(above.min()) if len(above) else None
