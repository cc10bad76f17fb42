"""What is told about too few people: rates, means and medians of a group that is known to be small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.attack.examine import Row
from lea_geo.disclosure.rules import detail_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lea_geo.disclosure.attack.counted import Fields, SheetKey
    from lea_geo.disclosure.attack.evidence import Evidence, Known, Sheet
    from lea_geo.disclosure.rules import Profile
    from lea_geo.schema import Indicator

    Counted = Mapping[SheetKey, Mapping[Fields, Known]]


def detail_rows(evidence: Evidence, counted: Counted, profile: Profile) -> Iterator[Row]:
    """Yield the details that are known of areas with too few people.

    Parameters
    ----------
    evidence
        What is known of every value.
    counted
        What is known of every count; attacks have narrowed it.
    profile
        Says how many people a detail needs.
    """
    for key, sheet in evidence.sheets.items():
        codes = {variable for variable, _ in sheet.known}
        for code in sorted(codes & evidence.indicators.keys()):
            indicator = evidence.indicators[code]
            for rule, base, minimum in asked_groups(indicator, profile):
                people = counted[key].get(base)
                if people is not None:
                    yield from _rows(evidence, sheet, indicator, people, (rule, base, minimum), profile.width)


def asked_groups(indicator: Indicator, profile: Profile) -> Iterator[tuple[str, Fields, int]]:
    """Yield the groups that have to be large for an indicator to be told: fields and least number."""
    for one in profile.thresholds_of(detail_fields(indicator)):
        yield "threshold", (one.base,), one.minimum
    minimum = profile.denominator_minimum(indicator)
    if indicator.is_rate and minimum > 1 and not profile.is_visible(detail_fields(indicator)):
        yield "denominator", tuple(sorted(indicator.denominator)), minimum


def _rows(
    evidence: Evidence,
    sheet: Sheet,
    indicator: Indicator,
    people: Known,
    asked: tuple[str, Fields, int],
    width: float,
) -> Iterator[Row]:
    rule, base, minimum = asked
    value, events = sheet.get(indicator.code, "value"), sheet.get(indicator.code, "numerator")
    few = (people.lower >= 1) & (people.upper < minimum)
    with np.errstate(invalid="ignore"):
        narrow = value.upper - value.lower <= width * np.abs(value.lower)
    told = (value.printed & np.isfinite(value.lower)) | (narrow & np.isfinite(value.upper))
    told |= events.exact & np.isfinite(events.lower)
    for at in np.flatnonzero(few & told).tolist():
        known = value if np.isfinite(value.lower[at]) and np.isfinite(value.upper[at]) else events
        reason = known.reason(at)
        said = f"{' + '.join(base)} is known to be {_interval(people, at)}, fewer than {minimum}"
        said += f", and {reason.recipe} tells the rest." if reason.recipe else ", and the value is printed."
        how = reason.attacks | people.reason(at).attacks or frozenset({"published"})
        yield Row(
            f"{indicator.code} {sheet.year}".strip(),
            sheet.geography,
            str(sheet.areas.index[at]),
            float(known.lower[at]),
            float(known.upper[at]),
            False,
            rule,
            said,
            evidence.place(int(known.place[at])),
            how,
        )


def _interval(known: Known, at: int) -> str:
    low, high = known.lower[at], known.upper[at]
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
