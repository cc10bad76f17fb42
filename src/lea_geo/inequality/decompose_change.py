"""How much of a difference between two rates is where people live, and how much the rates themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.decompose import check_two_tables, refuse_nobody
from lea_geo.rates.counts import RATE_KINDS
from lea_geo.rates.intervals import byar_bounds

ASSOCIATION = (
    "The parts say how the numbers add up, not why: neither people's moves nor what changed in the areas is "
    "shown to be a cause."
)
PARTS = ("composition", "rate", "total")


@dataclass(frozen=True)
class ChangeDecomposition(ByArea):
    """A difference of two rates and its parts."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``share_before share_after`` (of all people), ``rate_before rate_after``, and
    for each part what the area adds to the region's difference: ``composition composition_lower
    composition_upper rate rate_lower rate_upper total``. NaN where the area is left out."""
    parts: pd.DataFrame
    """Rows ``composition rate total``; columns ``value lower upper`` and ``hidden_lower hidden_upper``: what
    the value could be over all that hidden numerators could be; NaN where a hidden one has no bounds."""
    before: float
    """The region's rate before."""
    after: float
    level: float
    kind: str
    scale: float
    left_out: tuple[str, ...]
    """Areas whose counts are not known in both."""
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The difference, ``after - before``: the sum of composition and rate."""
        return self.after - self.before

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the difference."""
        return float(self.parts["lower"]["total"]), float(self.parts["upper"]["total"])


def decompose_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    kind: str = "proportion",
    scale: float = 1.0,
    level: float = 0.95,
) -> ChangeDecomposition:
    """Take the change of a region's rate apart into where people live and what the areas' rates are.

    With w an area's share of the region's people and r its rate (Kitagawa's symmetric form, which is that of
    Das Gupta for two factors), R the region's rate and a bar the mean of before and after::

        composition = sum (w_after - w_before) (mean r - mean R)
        rate        = sum mean w (r_after - r_before)

    and both add up to the region's change exactly. ``mean R`` changes no sum, since the shares add up to 1 in
    both years; with it an area that gains people adds to the change only if its rate is above the region's.
    The two tables may as well be of two regions or groups, by any strata that both have.

    Parameters
    ----------
    before, after
        Indexed by ``area_id``; columns ``numerator denominator``, and ``lower upper`` where numerators are
        hidden (NaN). Areas are matched by id; an area whose counts are not known in both is left out of both.
        Where nobody lives in one of them, the area's rate is taken to be that of the other.
    kind
        ``"proportion"`` (people with an attribute among people) or ``"rate"`` (events that may recur).
    scale
        What rates are multiplied by, such as 100 for per cent.
    level
        Coverage of the intervals, between 0 and 1. They hold what chance leaves open in the numerators, by
        the recovery of variances from the Wilson or Byar intervals of the areas' rates.

    Returns
    -------
    ChangeDecomposition

    Raises
    ------
    UsageError
        If a table has no counts or an option is unknown.
    ValuesError
        If the tables hold different areas, impossible counts, or nobody.

    References
    ----------
    Kitagawa (1955), https://doi.org/10.1080/01621459.1955.10501299
    Das Gupta (1993), Standardization and decomposition of rates, US Bureau of the Census P23-186
    Zou, Huang and Zhang (2009), https://doi.org/10.1016/j.csda.2008.09.033
    """
    check_choice("kind", kind, RATE_KINDS)
    check_fraction("level", level)
    ids, rows = check_two_tables(before, after, names=("before", "after"), proportion=kind == "proportion")
    known = ~np.isnan(np.array([row[:2] for row in rows])).any(axis=(0, 1))
    refuse_nobody(
        [name for name, row in zip(("before", "after"), rows, strict=True) if not row[1, known].sum()]
    )
    pair = _Pair.of([row[:, known] for row in rows], kind, level, scale)
    table = pd.DataFrame(pair.columns(), index=ids[known]).reindex(ids)
    parts = pair.parts().join(_hidden_range(rows, kind, level, scale))
    left = tuple(map(str, ids[~known]))
    overall = pair.overall
    return ChangeDecomposition(
        table, parts, overall[0], overall[1], level, kind, scale, left, _notes(left, len(ids), pair.one_sided)
    )


@dataclass(frozen=True)
class _Pair:
    """Shares of people and rates, before and after, of areas whose counts are known; each of shape (2, n)."""

    shares: np.ndarray
    rates: np.ndarray
    below: np.ndarray
    """How far the lower bound of each rate lies below it."""
    above: np.ndarray
    some: np.ndarray
    """Where anybody lives."""

    @classmethod
    def of(cls, rows: list[np.ndarray], kind: str, level: float, scale: float) -> _Pair:
        events, people = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
        some = people > 0
        divisor = np.where(some, people, 1.0)
        rates = np.where(some, events / divisor, 0.0)
        lower, upper = _bounds(events, divisor, kind, level)
        below, above = np.where(some, rates - lower, 0.0), np.where(some, upper - rates, 0.0)
        rates = np.where(
            some, rates, rates[::-1]
        )  # where nobody lived, the rate is taken to be the other one
        shares = people / people.sum(axis=1, keepdims=True)
        return cls(shares, rates * scale, below * scale, above * scale, some)

    @property
    def one_sided(self) -> int:
        return int((self.some[0] ^ self.some[1]).sum())

    @property
    def overall(self) -> tuple[float, float]:
        before, after = (self.shares * self.rates).sum(axis=1)
        return float(before), float(after)

    @property
    def moved(self) -> np.ndarray:
        moved: np.ndarray = self.shares[1] - self.shares[0]
        return moved

    def contributions(self) -> tuple[np.ndarray, np.ndarray]:
        mean = self.rates.mean(axis=0) - np.mean(self.overall)
        return self.moved * mean, self.shares.mean(axis=0) * (self.rates[1] - self.rates[0])

    def coefficients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return what composition, rate and total multiply each rate by."""
        weights = self.shares.mean(axis=0)
        by_part = (
            np.array([self.moved, self.moved]) / 2,
            np.array([-weights, weights]),
            self.shares * np.array([[-1.0], [1.0]]),
        )
        composition, rate, total = (self._folded(part) for part in by_part)
        return composition, rate, total

    def _folded(self, coefficients: np.ndarray) -> np.ndarray:
        """Return coefficients of the rates that are there; a rate taken from the other year is that rate."""
        return np.where(self.some, coefficients, 0) + np.where(self.some[::-1], 0, coefficients[::-1])

    def columns(self) -> dict[str, np.ndarray]:
        composition, rate = self.contributions()
        by_rate = self._reach(self.coefficients()[1], summed=False)
        by_move = self._reach_of_moves()
        shown = np.where(self.some.any(axis=0), self.rates, np.nan)
        return {
            "share_before": self.shares[0],
            "share_after": self.shares[1],
            "rate_before": shown[0],
            "rate_after": shown[1],
            "composition": composition,
            "composition_lower": composition - by_move[0],
            "composition_upper": composition + by_move[1],
            "rate": rate,
            "rate_lower": rate - by_rate[0],
            "rate_upper": rate + by_rate[1],
            "total": composition + rate,
        }

    def parts(self) -> pd.DataFrame:
        composition, rate = (float(part.sum()) for part in self.contributions())
        before, after = self.overall
        values = np.array([composition, rate, after - before])
        reach = np.array([self._reach(c, summed=True) for c in self.coefficients()])
        columns = {"value": values, "lower": values - reach[:, 0], "upper": values + reach[:, 1]}
        return pd.DataFrame(columns, index=pd.Index(PARTS, name="part"))

    def _reach(self, coefficients: np.ndarray, *, summed: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return how far a sum of coefficients times rates reaches down and up, in all or for each area."""
        down, up = self._squares(coefficients)
        axes = (0, 1) if summed else 0
        return np.sqrt(down.sum(axis=axes)), np.sqrt(up.sum(axis=axes))

    def _squares(self, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        down = np.where(coefficients >= 0, self.below, self.above) * coefficients
        up = np.where(coefficients >= 0, self.above, self.below) * coefficients
        return down**2, up**2

    def _reach_of_moves(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the same of ``moved_i (mean r_i - mean R)``, whose R holds the rates of all areas."""
        own = self._squares(self._folded((1 - self.shares) / 2))
        theirs = self._squares(-self.shares / 2)
        rising = [
            np.sqrt((mine + other.sum(axis=1, keepdims=True) - other).sum(axis=0))
            for mine, other in zip(own, theirs, strict=True)
        ]
        down = np.where(self.moved >= 0, rising[0], rising[1])
        up = np.where(self.moved >= 0, rising[1], rising[0])
        return down * np.abs(self.moved), up * np.abs(self.moved)


def _bounds(events: np.ndarray, people: np.ndarray, kind: str, level: float) -> tuple[np.ndarray, np.ndarray]:
    if kind == "rate":
        lower, upper = byar_bounds(events, level)
        return lower / people, upper / people
    z = ndtri((1 + level) / 2)
    rate = events / people
    whole = 1 + z**2 / people
    centre = rate + z**2 / (2 * people)
    reach = z * np.sqrt(rate * (1 - rate) / people + z**2 / (4 * people**2))
    return np.minimum(rate, (centre - reach) / whole), np.maximum(rate, (centre + reach) / whole)


def _hidden_range(rows: list[np.ndarray], kind: str, level: float, scale: float) -> pd.DataFrame:
    """Return what each part could be over the bounds of hidden numerators; exact, since parts are linear."""
    known = ~np.isnan([row[1] for row in rows]).any(axis=0)
    held = [row[:, known] for row in rows]
    if not all(row[1].sum() for row in held):
        return pd.DataFrame(
            np.nan, index=pd.Index(PARTS, name="part"), columns=["hidden_lower", "hidden_upper"]
        )
    low = _Pair.of([row[[2, 1]] for row in held], kind, level, scale)
    high = _Pair.of([row[[3, 1]] for row in held], kind, level, scale)
    ends = []
    for coefficients in low.coefficients():
        ends_of = np.array([coefficients * low.rates, coefficients * high.rates])
        ends.append((ends_of.min(axis=0).sum(), ends_of.max(axis=0).sum()))
    return pd.DataFrame(ends, index=pd.Index(PARTS, name="part"), columns=["hidden_lower", "hidden_upper"])


def _notes(left: tuple[str, ...], of: int, one_sided: int) -> tuple[str, ...]:
    notes = [ASSOCIATION]
    if left:
        notes.append(f"Areas left out because a count is not known in one of the two: {len(left)} of {of}.")
    if one_sided:
        notes.append(f"Areas with people in one of the two only, all of it composition: {one_sided}.")
    return tuple(notes)
