"""Hidden values in what is drawn and summed up of all: legends, histograms, ranks, medians.

Each of these is made of the values of all areas. Where the published ones do not account for it, the rest is
the hidden ones'.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lea_geo.disclosure.attack.evidence import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.evidence import Evidence, Sheet

    Floats = NDArray[np.float64]

LEGENDS = ("legend_minimum", "legend_maximum", "class_bound")
BARS = ("histogram_bar", "class_count")
_ROUNDING = 1e-9
"""Of a number: what may be lost where it is written and read again."""


class Printed(NamedTuple):
    """One number that is tied to no area."""

    kind: str
    lower: float
    upper: float
    areas: float
    """How many areas a bar holds."""
    place: int


class _What(NamedTuple):
    """By which attack intervals are filled, and what they are called."""

    attack: str
    named: str


_BARS = _What("histograms", "the histogram's bars")
_RANKS = _What("ranks", "ranks that no published area has")


def legends(evidence: Evidence) -> int:
    """Attack what a legend says: its ends and class bounds are values of areas, if not of published ones."""
    found = 0
    for sheet, variable, rows in _by_sheet(evidence, (*LEGENDS, "summary_minimum", "summary_maximum")):
        hidden = np.flatnonzero(sheet.withheld(variable))
        if not len(hidden):
            continue
        for place in sorted({row.place for row in rows}):
            found += _legend(evidence, sheet, variable, hidden, [row for row in rows if row.place == place])
    return found


def _legend(
    evidence: Evidence, sheet: Sheet, variable: str, hidden: NDArray[np.int64], rows: list[Printed]
) -> int:
    """Use the numbers of one legend that no published area has: then it was made of the hidden value too."""
    strange = [row for row in rows if not _somebody_has(evidence, sheet, variable, row)]
    ends = [row for row in rows if row.kind.endswith(("minimum", "maximum"))]
    # Several hidden areas cannot be told apart. More strange bounds than hidden areas: the classes were not
    # made of values, but the ends are.
    told = (
        strange
        if len({(row.lower, row.upper) for row in strange}) == 1
        else [r for r in strange if r in ends]
    )
    if len(hidden) != 1 or not told:
        return 0
    value, found = sheet.get(variable, "value"), 0
    for row in told:
        said = f"the legend shows {_number(row)}, which is no published area's value"
        found += value.narrow(hidden, row.lower, row.upper, attack="legends", recipe=said, place=row.place)
    return found


def _somebody_has(evidence: Evidence, sheet: Sheet, variable: str, row: Printed) -> bool:
    """Whether a number is a published area's value, of this year or of another that shares the legend."""
    same = [one for one in evidence.sheets.values() if one.geography == sheet.geography]
    for one in same:
        if not one.has(variable, "value"):
            continue
        value = one.known[variable, "value"]
        slack = _ROUNDING * max(1.0, abs(row.lower))
        if np.any(value.printed & (value.upper >= row.lower - slack) & (value.lower <= row.upper + slack)):
            return True
    return False


def histograms(evidence: Evidence) -> int:
    """Attack bars: what published values leave of them, hidden areas fill."""
    found = 0
    for sheet, variable, rows in _by_sheet(evidence, BARS):
        for place in sorted({row.place for row in rows}):
            bars = [row for row in rows if row.place == place and np.isfinite(row.areas)]
            ends = np.array([(row.lower, row.upper) for row in bars]).reshape(-1, 2)
            counts = np.array([row.areas for row in bars])
            found += _fill_bars(sheet, variable, ends, counts, _BARS, place)
    return found


def ranks(evidence: Evidence) -> int:
    """Attack ranks: a place that is left out among the published ones is a hidden area's."""
    found = 0
    for sheet in evidence.sheets.values():
        for variable in sorted({variable for variable, part in sheet.known if part == "rank"}):
            found += _own_rank(sheet, variable) + _left_out(sheet, variable)
    return found


def _order(sheet: Sheet, variable: str) -> tuple[Floats, Floats]:
    """Return value and rank of the areas that print both, the best first."""
    if not sheet.has(variable, "value"):
        return np.empty(0), np.empty(0)
    value, rank = sheet.known[variable, "value"], sheet.known[variable, "rank"]
    both = value.printed & rank.printed
    order = np.lexsort((rank.middle[both], -value.middle[both]))
    return value.middle[both][order], rank.middle[both][order]


def _own_rank(sheet: Sheet, variable: str) -> int:
    """Use the rank of an area whose value is not shown: it lies between its neighbours in rank."""
    values, places = _order(sheet, variable)
    rank, found = sheet.known[variable, "rank"], 0
    for at in np.flatnonzero(rank.printed & sheet.withheld(variable)):
        above, below = values[places < rank.lower[at]], values[places > rank.upper[at]]
        same = values[(places >= rank.lower[at]) & (places <= rank.upper[at])]
        low = same.min() if len(same) else (below.max() if len(below) else -np.inf)
        high = same.max() if len(same) else (above.min() if len(above) else np.inf)
        said = f"its rank, {rank.middle[at]:g}, lies between those of published values"
        value, place = sheet.get(variable, "value"), int(rank.place[at])
        found += value.narrow(at, low, high, attack="ranks", recipe=said, place=place)
    return found


def _left_out(sheet: Sheet, variable: str) -> int:
    """Use ranks that no published area has: as many hidden values are greater than the one that follows."""
    values, places = _order(sheet, variable)
    if not len(values):
        return 0
    greater = np.searchsorted(-values, -values, side="left")
    missing = np.round(places - 1 - greater)
    steps = np.diff(missing, prepend=0)
    if np.any(steps < 0) or not np.any(steps > 0):
        return 0
    ends = np.c_[values, np.r_[np.inf, values[:-1]]]
    lowest = sheet.known[variable, "rank"]
    return _share_out(sheet, variable, ends, steps, _RANKS, int(lowest.place.max()))


def _fill_bars(sheet: Sheet, variable: str, ends: Floats, counts: Floats, what: _What, place: int) -> int:
    """Take the published values out of bars; a value on an edge is in the bar that the counts allow."""
    if not sheet.has(variable, "value") or not len(ends):
        return 0
    value = sheet.known[variable, "value"]
    values = value.middle[value.printed]
    low, high = ends[:, :1], ends[:, 1:]
    top = high == high.max()
    for inside in (
        (values >= low) & ((values < high) | top),
        ((values > low) | (low == low.min())) & (values <= high),
    ):
        rest = counts - inside.sum(axis=1)
        if np.all(rest >= 0):
            return _share_out(sheet, variable, ends, rest, what, place)
    return 0


def _share_out(sheet: Sheet, variable: str, ends: Floats, rest: Floats, what: _What, place: int) -> int:
    """Give what is left of intervals to the hidden areas, where it is all of them."""
    hidden = np.flatnonzero(sheet.withheld(variable))
    if not len(hidden) or rest.sum() != len(hidden):
        return 0
    used = ends[rest > 0]
    low, high = used[:, 0].min(), used[:, 1].max()
    many = "the one hidden value" if len(hidden) == 1 else f"all {len(hidden)} hidden values"
    said = f"{what.named} leave {many} between {low:g} and {high:g}"
    return sheet.get(variable, "value").narrow(
        hidden, low, high, attack=what.attack, recipe=said, place=place
    )


def medians(evidence: Evidence) -> int:
    """Attack the median of all values where one is hidden: it bounds it, or is it."""
    found = 0
    for sheet, variable, rows in _by_sheet(evidence, ("summary_median",)):
        hidden = np.flatnonzero(sheet.withheld(variable))
        if len(hidden) != 1 or not sheet.has(variable, "value"):
            continue
        value = sheet.known[variable, "value"]
        values = np.sort(value.middle[value.printed])
        for row in rows:
            ends = one_hidden_by_median(values, (row.lower + row.upper) / 2)
            if ends is not None and not _same(np.median(values), row):
                said = f"the median of all values, {_number(row)}, is not that of the published ones"
                found += value.narrow(hidden, *ends, attack="global_statistics", recipe=said, place=row.place)
    return found


def one_hidden_by_median(values: Floats, median: float) -> tuple[float, float] | None:
    """Return what one more value is at least and at most when the median of all is known.

    Parameters
    ----------
    values
        The other values, sorted.
    median
        Of all.

    Examples
    --------
    >>> one_hidden_by_median(np.array([1.0, 2.0, 8.0, 9.0]), 3.0)
    (3.0, 3.0)
    >>> one_hidden_by_median(np.array([1.0, 5.0, 9.0]), 4.0)
    (3.0, 3.0)
    """
    padded = np.r_[-np.inf, values, np.inf]
    half = (len(values) + 1) // 2
    # The median is the hidden value, or half of it, as far as its neighbours in order let it.
    if len(values) % 2 == 0:
        low, high, at = padded[half], padded[half + 1], median
    else:
        low, high, at = padded[half - 1], padded[half + 1], 2 * median - padded[half]
    if not low <= at <= high:
        return None
    return (-math.inf if at == low else float(at), math.inf if at == high else float(at))


def _same(value: float, row: Printed) -> bool:
    slack = _ROUNDING * max(1.0, abs(value))
    return bool(row.lower - slack <= value <= row.upper + slack)


def _by_sheet(evidence: Evidence, kinds: tuple[str, ...]) -> Iterator[tuple[Sheet, str, list[Printed]]]:
    """Yield numbers that are tied to no area with the sheet and the variable that they are of."""
    rows = evidence.loose(*kinds)
    rows = rows[rows["lower"].notna() & rows["upper"].notna()]
    numbers: dict[tuple[str, str, str], list[Printed]] = {}
    for geography, year, variable, *row in listed(
        rows, "geography", "year", "variable", "kind", "lower", "upper", "count", "place"
    ):
        numbers.setdefault((geography, year, variable), []).append(Printed(*row))
    for (geography, year, variable), told in sorted(numbers.items()):
        sheet = evidence.sheets.get((geography, year))
        if sheet is not None and sheet.has(variable, "value"):
            yield sheet, variable, told


def _number(row: Printed) -> str:
    return f"{(row.lower + row.upper) / 2:g}"
