"""Hidden counts behind rates: a rate times its denominator, the interval around a rate, smoothed rates."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.schema import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.evidence import Evidence, Known, Sheet
    from lea_geo.schema import Indicator

    Floats = NDArray[np.float64]

COUNTED = ("percent", "per_1000_residents")
"""Units of rates whose numerator counts."""
_LEVEL = 0.95
_CANCELS = 5e-5
"""Of a number of people: what may be lost where shares near 0 or 1 are turned back into it."""
_ROUNDING = 1e-7
"""Of a count: what may be lost where it is divided, printed and multiplied again."""


def rates(evidence: Evidence) -> int:
    """Attack rates: what value, numerator and denominator say of each other.

    A rate that was smoothed is none of its own counts: see ``attacks_composite.smoothed``.
    """
    return sum(_rate(sheet, one) for sheet, one in _rated(evidence) if not _is_smoothed(sheet, one))


def stated(evidence: Evidence) -> int:
    """Use what the release states of hidden cells itself: their bounds, and that there is nobody."""
    found = 0
    for sheet in evidence.sheets.values():
        for variable in sorted({variable for variable, _ in sheet.known}):
            found += _stated_bounds(sheet, variable)
    for sheet, indicator in _rated(evidence):
        states = sheet.states(indicator.code).astype(str)
        nobody = np.flatnonzero(states == str(Status.NOT_APPLICABLE))
        none = np.flatnonzero(np.isin(states, (str(Status.NOT_APPLICABLE), str(Status.STRUCTURAL_ZERO))))
        for part, where in (("numerator", none), ("denominator", nobody)):
            said = "the cell says that there is nobody to count"
            found += sheet.get(indicator.code, part).narrow(where, 0, 0, attack="rates", recipe=said)
    return found


def _stated_bounds(sheet: Sheet, variable: str) -> int:
    """Use the bounds that a hidden cell states of its value."""
    found, value = 0, sheet.get(variable, "value")
    for part, low, high in (("lower", True, False), ("upper", False, True)):
        if not sheet.has(variable, part):
            continue
        bound = sheet.known[variable, part]
        where = np.flatnonzero(bound.printed & sheet.withheld(variable))
        ends = (bound.lower[where] if low else -np.inf), (bound.upper[where] if high else np.inf)
        found += value.narrow(where, *ends, attack="rates", recipe="the bounds that the release states")
    return found


def intervals(evidence: Evidence) -> int:
    """Attack the interval around a rate (Wilson 1927, of percentages): it gives the rate and its people away.

    With c = z^2 / n the ends add up to (2p + c) / (1 + c), and their product is p^2 / (1 + c).
    """
    found = 0
    for sheet, indicator in _rated(evidence):
        ends = [(indicator.code, f"interval_{end}") for end in ("lower", "upper")]
        if indicator.unit != "percent" or not all(sheet.has(*end) for end in ends):
            continue
        low, high = (sheet.known[end] for end in ends)
        people = sheet.get(indicator.code, "denominator")
        where = np.flatnonzero(low.printed & high.printed & ~(people.printed & people.exact))
        share, n = people_behind(low.middle[where] / indicator.scale, high.middle[where] / indicator.scale)
        near = _slack(low, high, where, indicator.scale) * n
        known, place = np.isfinite(n), int(low.place.max())
        at, n, near, events = where[known], n[known], near[known], sheet.get(indicator.code, "numerator")
        for number, middle in ((people, n), (events, share[known] * n)):
            least, most, said = middle - near, middle + near, "the interval around the rate"
            found += number.narrow(at, least, most, attack="rates", recipe=said, place=place)
    return found


def people_behind(lower: Floats, upper: Floats, level: float = _LEVEL) -> tuple[Floats, Floats]:
    """Return the share and the number of people that a Wilson interval was made of.

    Parameters
    ----------
    lower, upper
        The ends of the interval, as shares.
    level
        Of the interval.

    Returns
    -------
    share, people
        NaN where the ends are of no such interval.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    total, product = lower + upper, lower * upper
    # ((total - 1) t + 1)^2 = 4 product t for t = 1 + z^2 / n; one root belongs to a share within 0..1.
    a, b = (total - 1) ** 2, 2 * (total - 1) - 4 * product
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.maximum(b**2 - 4 * a, 0))
        roots = [np.where(a > 1e-12, (-b + sign * spread) / (2 * a), -1 / b) for sign in (-1, 1)]
        best_t, best = np.full(len(lower), np.nan), np.full(len(lower), np.inf)
        for t in roots:
            share = (total * t - t + 1) / 2
            wrong = np.abs(share - np.clip(share, 0, 1)) + np.abs(share**2 - product * t)
            better = (t > 1) & (wrong < best)
            best_t, best = np.where(better, t, best_t), np.where(better, wrong, best)
        share = np.clip((total * best_t - best_t + 1) / 2, 0, 1)
        return share, z**2 / (best_t - 1)


def _slack(low: Known, high: Known, where: NDArray[np.int64], scale: float) -> Floats:
    """Return by how much of itself the number of people is uncertain, as the ends are rounded."""
    width = (low.upper - low.lower + high.upper - high.lower)[where] / scale
    span = (high.middle - low.middle)[where] / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        return _CANCELS + 4 * width / span


def _rated(evidence: Evidence) -> Iterator[tuple[Sheet, Indicator]]:
    for sheet in evidence.sheets.values():
        codes = {variable for variable, _ in sheet.known}
        for code, indicator in sorted(evidence.indicators.items()):
            if indicator.is_rate and code in codes:
                yield sheet, indicator


def _is_smoothed(sheet: Sheet, indicator: Indicator) -> bool:
    """Whether printed values are not their numerators over their denominators."""
    value, events, people = (
        sheet.get(indicator.code, part) for part in ("value", "numerator", "denominator")
    )
    told = value.printed & events.printed & people.printed & (people.lower > 0)
    raw = indicator.scale * events.lower[told] / people.lower[told]
    near = 1e-6 * np.maximum(1, np.abs(raw))
    return bool(np.any((raw < value.lower[told] - near) | (raw > value.upper[told] + near)))


def _rate(sheet: Sheet, indicator: Indicator) -> int:
    """Multiply and divide, and let a part be no more than its whole."""
    value, events, people = (
        sheet.get(indicator.code, part) for part in ("value", "numerator", "denominator")
    )
    everybody, scale = np.arange(sheet.n), indicator.scale
    people.lower[~people.printed] = np.maximum(people.lower[~people.printed], 0)
    events.lower[~events.printed] = np.maximum(events.lower[~events.printed], 0)
    share = np.maximum(value.lower, 0) / scale, value.upper / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = share[0] * people.lower, share[1] * people.upper
        ends = np.nan_to_num(ends[0], nan=0.0), np.where(np.isnan(ends[1]), np.inf, ends[1])
    whole = indicator.unit in COUNTED
    said = "the rate times its denominator"
    found = _narrow(events, ends, said, (value, people), whole=whole)
    if indicator.unit == "percent":
        said = "it cannot exceed its denominator"
        events.narrow(everybody, 0, people.upper, attack="denominators", recipe=said, through=(people,))
        people.narrow(everybody, events.lower, np.inf, attack="denominators", recipe=said, through=(events,))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = events.lower / share[1], events.upper / share[0]
        ends = np.nan_to_num(ends[0], nan=0.0), np.where(np.isnan(ends[1]), np.inf, ends[1])
    return found + _narrow(people, ends, "the numerator over the rate", (value, events), whole=True)


def _narrow(
    known: Known, ends: tuple[Floats, Floats], recipe: str, through: tuple[Known, ...], *, whole: bool
) -> int:
    """Note what lies between two ends: whole numbers, or sums of money or surface."""
    slack = [_ROUNDING * np.maximum(1, np.nan_to_num(np.abs(end), posinf=1)) for end in ends]
    low, high = ends[0] - slack[0], ends[1] + slack[1]
    low, high = (np.ceil(low), np.floor(high)) if whole else (low, high)
    at = np.arange(len(known.lower))
    place = int(through[0].place.max(initial=-1))
    return known.narrow(at, low, high, attack="rates", recipe=recipe, place=place, through=through)
