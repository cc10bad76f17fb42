"""Lists of areas, with the probability that each belongs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice
from lea_geo._checks.targeting import check_choose, check_one_cut, refuse_families
from lea_geo.errors import SHOWN_IDS
from lea_geo.ranking import ROUNDING, rank, rank_bounds
from lea_geo.rates.intervals import byar_interval, exact_interval, wilson_interval
from lea_geo.schema import AREA_ID
from lea_geo.targeting.curve import ordered
from lea_geo.targeting.need import Need
from lea_geo.targeting.redraws import ends, redraws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BASES = ("rate", "count")
STANDINGS = ("on", "tie", "off")
"""The area belongs on the list almost surely; it cannot be told from others at the cut; it does not."""
_INTERVALS: dict[str, Callable[..., pd.DataFrame]] = {"proportion": wilson_interval, "rate": byar_interval}


@dataclass(frozen=True)
class PriorityList(ByArea):
    """A list of areas, and how sure each place on it is."""

    table: pd.DataFrame
    """Indexed by ``area_id``; see :func:`priority_list`."""
    by: str
    choose: int
    """How many areas are on the list."""
    threshold: float | None
    """What their value is above, where that is how they were chosen."""
    expected_wrong: float
    """How many areas on the list are expected not to belong there."""
    expected_left_out: float
    """How many areas off the list are expected to belong on it."""
    wrong_interval: tuple[float, float]
    """Of the number on the list that do not belong there."""
    tied_at_cut: tuple[str, ...]
    """Areas with one and the same value, some on the list and some off it: chosen by the stated rule."""
    expected_reached: float = float("nan")
    """The share of the expected need that the list holds."""
    optimal_reached: float = float("nan")
    """The same of the best list of as many areas."""
    level: float = 0.95
    settings: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def priority_list(
    need: pd.Series,
    families: pd.Series,
    *,
    choose: float | None = None,
    threshold: float | None = None,
    by: str = "rate",
    kind: str = "proportion",
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    hidden: str = "expected",
    noise: str = "joint",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> PriorityList:
    """Choose the areas of greatest need, and say how likely each of them is to belong among them.

    The true need behind the counts is drawn many times, and ``p_belongs`` is the share of draws in which the
    area is among the ``choose`` highest, or above ``threshold``. The number of areas on the list that do not
    belong there is expected to be ``sum (1 - p_belongs)`` over the list.

    Areas are a ``tie`` where ``p_belongs`` lies between ``1 - level`` and ``level``: the data cannot tell
    which of them belong. Possible ranks, which hold for all areas jointly, stand beside
    (:func:`~lea_geo.ranking.joint_ranks`; they are exact, and wide).

    Of lists of as many areas, the one with the highest expected counts is expected to hold most of the need
    (an expected sum is the sum of the expected): it is ``optimal``.

    Parameters
    ----------
    need, families, kind, lower, upper, hidden, noise, draws, seed
        As in :func:`~lea_geo.targeting.missed.missed`.
    choose
        How many areas, or what share of those with families, between 0 and 1. Equal values at the cut: the
        area with more families in need (by rate; by count, the higher rate) comes first, then the smaller id.
    threshold
        Instead of ``choose``: every area whose value is above it.
    by
        ``"rate"``, the share of families in need, or ``"count"``, their number.
    level
        Probability that intervals, and all possible ranks together, hold the truth.

    Returns
    -------
    PriorityList
        ``.table``: ``rank`` (1 for the highest; hidden counts as the rule says), ``rank_lower``,
        ``rank_upper``, ``value`` (NaN where hidden), ``lower``, ``upper`` (Wilson's or Byar's interval, of a
        hidden count around its bounds), ``estimate`` (expected true value), ``chosen`` (bool),
        ``p_belongs``, ``standing`` (``on``, ``tie`` or ``off``; blank: no families) and ``optimal``
        (bool). An area without families has no rank and is on no list.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.targeting.missed.missed`; or if both or none of ``choose`` and ``threshold`` are
        given.

    References
    ----------
    Goldstein and Spiegelhalter (1996), https://doi.org/10.2307/2983325
    Laird and Louis (1989), https://doi.org/10.3102/10769986014001029
    """
    check_choice("by", by, BASES)
    check_one_cut(choose, threshold)
    counted = Need.of(need, families, kind=kind, lower=lower, upper=upper)
    if counted.families is None:
        refuse_families("priority_list")
    laws = counted.laws()
    drawn = redraws(counted, laws, noise=noise, draws=draws, seed=seed)
    case = _Case(counted, counted.filled(hidden, laws), drawn, by, level)
    on, tied = case.listed(choose, threshold)
    belongs = case.belongs(int(on.sum()), threshold)
    best = case.best(int(on.sum()))
    wrong = (1 - belongs[:, on]).sum(axis=1)
    low, high = ends(wrong, level)
    return PriorityList(
        table=case.table(on, belongs.mean(axis=0), best, tied).reindex(need.index.rename(AREA_ID)),
        by=by,
        choose=int(on.sum()),
        threshold=threshold,
        expected_wrong=float(wrong.mean()),
        expected_left_out=float(belongs[:, ~on].sum(axis=1).mean()),
        wrong_interval=(float(low), float(high)),
        tied_at_cut=tied,
        expected_reached=case.reached(on),
        optimal_reached=case.reached(best),
        level=level,
        settings={"noise": noise, "hidden": hidden, "draws": draws, "seed": seed, "kind": kind},
        notes=(*counted.notes(hidden), *tie_notes(tied)),
    )


def tie_notes(tied: tuple[str, ...]) -> tuple[str, ...]:
    """Say that a rule, and no difference in need, decided who is on the list."""
    if not tied:
        return ()
    named = ", ".join(tied[:SHOWN_IDS]) + (", …" if len(tied) > SHOWN_IDS else "")
    told = (
        f"{len(tied)} areas have the very value at which the list is cut ({named}): which of them are on it "
        "is decided by a rule, not by need."
    )
    return (told,)


@dataclass(frozen=True)
class _Case:
    """Counts, what stands for hidden ones (n,), draws of the true ones (draws, n), and what is asked."""

    counted: Need
    known: np.ndarray
    drawn: np.ndarray
    by: str
    level: float

    @property
    def scale(self) -> np.ndarray:
        """What counts are divided by; NaN where there are no families."""
        families = np.where(self.counted.inhabited, self.counted.lived, np.nan)
        return np.asarray(families if self.by == "rate" else families / families)

    @property
    def values(self) -> np.ndarray:
        return np.asarray(self.known / self.scale)

    def listed(self, choose: float | None, threshold: float | None) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return who is on the list (n,), and the areas at the cut that have one value."""
        if threshold is not None:
            return self.values > threshold, ()
        order = ordered(self.counted, self.known, self.by)
        size = check_choose(0.0 if choose is None else choose, len(order))
        on = np.isin(np.arange(len(self.known)), order[:size])
        same = np.abs(self.values - self.values[order[size - 1]]) <= ROUNDING
        tied = same & ~on
        return on, tuple(str(one) for one in self.counted.index[same]) if tied.any() else ()

    def belongs(self, size: int, threshold: float | None) -> np.ndarray:
        """Return 1 for who belongs on the list in each draw, shape (draws, n)."""
        true = np.where(self.counted.inhabited, self.drawn / self.scale, -np.inf)
        return (true > threshold).astype(float) if threshold is not None else among_highest(true, size)

    def best(self, size: int) -> np.ndarray:
        order = np.lexsort((np.arange(len(self.known)), -self.drawn.mean(axis=0)))
        return np.isin(np.arange(len(self.known)), order[:size])

    def reached(self, on: np.ndarray) -> float:
        """Return the share of the expected need that areas hold."""
        need = self.drawn.mean(axis=0)
        return float(need[on].sum() / need.sum()) if need.sum() > 0 else np.nan

    def table(
        self, on: np.ndarray, chance: np.ndarray, best: np.ndarray, tied: tuple[str, ...]
    ) -> pd.DataFrame:
        ids, valued = self.counted.index, self.counted.inhabited
        plain, sure = self._around(joint=False), self._around(joint=True)
        bounds = np.full((2, len(ids)), np.nan)
        bounds[:, valued] = rank_bounds(sure[0][valued], sure[1][valued])
        columns = {
            "rank": rank(pd.Series(self.values)).to_numpy(),
            "rank_lower": bounds[0],
            "rank_upper": bounds[1],
            "value": np.where(self.counted.hidden, np.nan, self.values),
            "lower": plain[0],
            "upper": plain[1],
            "estimate": self.drawn.mean(axis=0) / self.scale,
            "chosen": on,
            "p_belongs": np.where(valued, chance, 0.0),
            "standing": np.where(valued, standing(chance, self.level, ids.isin(tied)), "").astype(object),
            "optimal": best,
        }
        return pd.DataFrame(columns, index=ids)

    def _around(self, *, joint: bool) -> np.ndarray:
        """Return the bounds of each value, shape (2, n); those of hidden counts from their own bounds."""
        kind, ids = self.counted.kind, self.counted.index
        families = pd.Series(self.counted.lived, ids)
        counts = (pd.Series(end, ids) for end in (self.counted.lower, self.counted.upper))
        if joint:
            made = [exact_interval(x, families, kind=kind, level=self.level, joint=True) for x in counts]
        else:
            made = [_INTERVALS[kind](x, families, level=self.level) for x in counts]
        rates = np.array([made[0]["lower"], made[1]["upper"]])
        return np.asarray(rates * (1.0 if self.by == "rate" else self.counted.lived))


def among_highest(values: np.ndarray, size: int) -> np.ndarray:
    """Return who is among the ``size`` highest of each row of values (rows, n); equals share places."""
    if not size:
        return np.zeros(values.shape)
    at = values.shape[1] - size
    last = np.partition(values, at, axis=1)[:, at : at + 1]
    above, equal = values > last, values == last
    places = (size - above.sum(axis=1, keepdims=True)) / equal.sum(axis=1, keepdims=True)
    return np.asarray(above + equal * places)


def standing(chance: np.ndarray, level: float, tied: np.ndarray) -> np.ndarray:
    """Return one of ``STANDINGS`` for each probability to belong; those who are ``tied`` are ties."""
    words = np.select([chance >= level, chance <= 1 - level], ["on", "off"], "tie")
    return np.where(tied, "tie", words)
