"""Hidden values in what was made of them: normalised members of an index, and rates that were smoothed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.evidence import Evidence, Known, Sheet
    from lea_geo.schema import Indicator

    Floats = NDArray[np.float64]

_LINE = 1e-9
"""Of the values' range: how near all points of a straight line must be."""
_LEAST = 4
"""Areas that a relation must hold in before it is believed."""


def composites(evidence: Evidence) -> int:
    """Attack columns that are made of an indicator's value alone: what is printed of hidden areas there.

    A column that is a straight line of the published values gives hidden ones back; one that only rises or
    falls with them bounds them by the two nearest.
    """
    found = 0
    for sheet in evidence.sheets.values():
        for name, code in _made_of_values(evidence, sheet):
            made, hidden = sheet.known[name, "unknown"], sheet.withheld(code)
            where = np.flatnonzero(hidden & made.printed)
            if len(where):
                found += _turn_back(sheet, code, made, where, f"the column {name}")
    return found


def _made_of_values(evidence: Evidence, sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Yield columns and the indicator that they name: ``indicators.students``, ``students.enters``."""
    for name in sorted({variable for variable, part in sheet.known if part == "unknown"}):
        for code in dict.fromkeys(reversed(name.split("."))):
            indicator = evidence.indicators.get(code)
            if indicator is not None and not indicator.is_composite and sheet.has(code, "value"):
                yield name, code
                break


def _turn_back(sheet: Sheet, code: str, made: Known, where: NDArray[np.int64], what: str) -> int:
    value = sheet.known[code, "value"]
    both = value.printed & made.printed
    order = np.lexsort((value.middle[both], made.middle[both]))
    x, y = made.middle[both][order], value.middle[both][order]
    if len(x) < _LEAST or x[0] == x[-1]:
        return 0
    slope, start = np.polyfit(x, y, 1)
    near = _LINE * max(np.ptp(y), 1e-300) + float(np.max((value.upper - value.lower)[both]))
    place = int(made.place[where[0]])
    if np.max(np.abs(start + slope * x - y)) <= near:
        at = start + slope * made.middle[where]
        said = f"{what}, which is a straight line of the values"
        return value.narrow(where, at - near, at + near, attack="composite", recipe=said, place=place)
    falls = y[-1] < y[0]
    y = -y if falls else y
    if np.any(np.diff(y) < 0):
        return 0
    low = np.r_[-np.inf, y][np.searchsorted(x, made.middle[where], side="left")]
    high = np.r_[y, np.inf][np.searchsorted(x, made.middle[where], side="right")]
    ends = (-high, -low) if falls else (low, high)
    said = f"{what}, which rises and falls with the values"
    return value.narrow(where, *ends, attack="composite", recipe=said, place=place)


def smoothed(evidence: Evidence) -> int:
    """Attack rates that were drawn towards a common one (beta-binomial): published areas give the prior away.

    v (n + a + b) = s (y + a) is linear in a and b; two areas determine them, and any other's y follows.
    """
    found = 0
    for sheet in evidence.sheets.values():
        for code, indicator in sorted(evidence.indicators.items()):
            if indicator.is_rate and sheet.has(code, "value") and sheet.has(code, "numerator"):
                found += _unsmooth(sheet, indicator)
    return found


def _unsmooth(sheet: Sheet, indicator: Indicator) -> int:
    value, events, people = (
        sheet.get(indicator.code, part) for part in ("value", "numerator", "denominator")
    )
    full = value.exact & events.exact & people.exact & value.printed & (people.lower > 0)
    where = np.flatnonzero(value.printed & value.exact & people.exact & ~events.exact & (people.lower > 0))
    if full.sum() < _LEAST or not len(where):
        return 0
    share, y, n = value.lower[full] / indicator.scale, events.lower[full], people.lower[full]
    if np.max(np.abs(share - y / n)) <= _LINE:
        return 0
    # share (n + a + b) = y + a: columns of a and b.
    design = np.c_[share - 1, share]
    (a, b), *_ = np.linalg.lstsq(design, y - share * n, rcond=None)
    if np.max(np.abs(design @ (a, b) - (y - share * n))) > 1e-6 * max(1.0, float(n.max())):
        return 0
    share, n = value.lower[where] / indicator.scale, people.lower[where]
    found = share * (n + a + b) - a
    near = 1e-6 * np.maximum(1, n)
    low, high = np.ceil(found - near), np.floor(found + near)
    said = "the smoothed rate, whose prior the published areas give away"
    return events.narrow(where, low, high, attack="smoothed", recipe=said, place=int(value.place[where[0]]))
