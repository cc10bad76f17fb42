"""Whether a label holds for every value that hidden areas can have: proofs by bounds, not by sampling.

The upper tail of area i is ``P(D >= 0)``, D the sum of k values drawn from the others less the sum of its k
neighbours, and the weights of a row are equal. Raise the value of one neighbour by d: in draws without it D
falls by d, in draws with it D stays. Raise that of another area: D rises or stays. So draw by draw D falls
with every neighbour's value and rises with every other's, whatever the rest are, and

* the upper tail is largest with all neighbours at their lowest and all others at their highest, and smallest
  the other way round; the lower tail the reverse;
* a draw from values that are all at their highest is never less likely to reach a sum than one from any
  admissible values, which bounds these tails for all areas by two laws, one of all highest and one of all
  lowest values (:func:`holds_everywhere`);
* where only neighbours of an area are hidden, both ends are reached with all of them lowest and all of them
  highest: the label holds for every value if, and only if, it holds for these two (:func:`holds_nearby`).

The deviations from the mean of an area and of its neighbours are linear in every value, so their extremes
are at the ends. q-values of every correction rise with every p-value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.robustness.label_law import Pool, coarse_lattice, population_of_values
from lea_geo.schema import Label
from lea_geo.spatial.inference import adjusted
from lea_geo.spatial.laws.exact_law import DENSE, law_fits
from lea_geo.spatial.laws.value_lattice import Lattice
from lea_geo.spatial.local_result import ROUNDING, code_of
from lea_geo.spatial.rows import added_rows

if TYPE_CHECKING:
    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spatial.laws.value_lattice import Population
    from lea_geo.spatial.neighbour_sum import Inference

HIGH_HIGH, LOW_LOW, HIGH_LOW, LOW_HIGH, NOT_SIGNIFICANT = (
    code_of(label)
    for label in (Label.HIGH_HIGH, Label.LOW_LOW, Label.HIGH_LOW, Label.LOW_HIGH, Label.NOT_SIGNIFICANT)
)
SURE = 1e-9
"""A deviation from the mean below this share of the largest value is no proof of a side."""


@dataclass(frozen=True, eq=False)
class Box:
    """Areas with a value or with bounds of one, and the links among them."""

    graph: AreaGraph
    least: np.ndarray
    """The smallest value that each area can have, shape (n,)."""
    most: np.ndarray
    """The largest; the same where the value is known."""
    unbounded: np.ndarray
    """Which have an end that nothing is known of; the farthest value seen stands in for it; shape (n,)."""

    @cached_property
    def near_unbounded(self) -> np.ndarray:
        """Which areas have such a neighbour: whatever is said of them would rest on an assumption."""
        return added_rows(self.graph.indptr, self.graph.indices, self.unbounded.astype(float)) > 0

    @property
    def counts(self) -> np.ndarray:
        """Number of neighbours, shape (n,)."""
        return np.diff(self.graph.indptr)

    @cached_property
    def near_least(self) -> np.ndarray:
        """Smallest sum of the neighbours, shape (n,)."""
        return added_rows(self.graph.indptr, self.graph.indices, self.least)

    @cached_property
    def near_most(self) -> np.ndarray:
        """Largest sum of the neighbours, shape (n,)."""
        return added_rows(self.graph.indptr, self.graph.indices, self.most)

    @property
    def tiny(self) -> float:
        """What is lost in rounding."""
        return SURE * float(np.abs([self.least, self.most]).max())


def holds_everywhere(
    box: Box, codes: np.ndarray, statistics: tuple[str, ...], inference: Inference
) -> np.ndarray:
    """Return which labels are the same for all values that all hidden areas can have at once.

    Parameters
    ----------
    box
        All areas with a value or a hidden one; the weights of a row are equal.
    codes
        The labels stated, as places in ``schema.Label``; shape (statistics, n).

    Returns
    -------
    numpy.ndarray
        Shape (statistics, n). True is proved; False is not, which does not say that it could change.
    """
    tails = _tails_everywhere(box)
    if tails is None:
        return np.zeros_like(codes, dtype=bool)
    q_least, q_most = (adjusted(p, inference.correction) for p in tails.p_values(box.counts > 0))
    always = q_most <= inference.fdr
    never = q_least > inference.fdr * (1 + ROUNDING)
    sides = {"local_moran": _moran_sides(box), "local_g_star": tails.sides()}
    same = [
        _same(code, sides[statistic], always, never)
        for code, statistic in zip(codes, statistics, strict=True)
    ]
    return np.asarray(np.array(same) & ~box.near_unbounded & ~box.unbounded)


@dataclass(frozen=True)
class _Sides:
    """What is sure of the sides of the mean that labels claim, each of shape (n,)."""

    own_high: np.ndarray
    own_low: np.ndarray
    around_high: np.ndarray
    around_low: np.ndarray


def _same(code: np.ndarray, sides: _Sides, always: np.ndarray, never: np.ndarray) -> np.ndarray:
    """Return where a label is given whatever is admissible."""
    own_high = np.isin(code, (HIGH_HIGH, HIGH_LOW))
    around_high = np.isin(code, (HIGH_HIGH, LOW_HIGH))
    own = np.where(own_high, sides.own_high, sides.own_low)
    around = np.where(around_high, sides.around_high, sides.around_low)
    told = np.isin(code, (HIGH_HIGH, LOW_LOW, HIGH_LOW, LOW_HIGH))
    return np.asarray((told & always & own & around) | ((code == NOT_SIGNIFICANT) & never))


def _moran_sides(box: Box) -> _Sides:
    """Return what is sure of the area's own deviation from the mean, and of its neighbours' mean's."""
    n, counts, tiny = len(box.least), np.maximum(box.counts, 1), box.tiny
    low, high = box.least.sum(), box.most.sum()
    # All others, or all that are no neighbours, at the opposite end.
    own = (
        box.least - (high - box.most + box.least) / n,
        box.most - (low - box.least + box.most) / n,
    )
    around = (
        box.near_least / counts - (high - box.near_most + box.near_least) / n,
        box.near_most / counts - (low - box.near_least + box.near_most) / n,
    )
    return _Sides(own[0] > tiny, own[1] < -tiny, around[0] > tiny, around[1] < -tiny)


@dataclass(frozen=True)
class _Tails:
    """The smallest and the largest that each tail can be, each of shape (n,)."""

    lower_least: np.ndarray
    lower_most: np.ndarray
    upper_least: np.ndarray
    upper_most: np.ndarray

    def p_values(self, tested: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest and the largest two-sided p-value, NaN where nothing is tested."""
        ends = ((self.lower_least, self.upper_least), (self.lower_most, self.upper_most))
        both = [np.clip(2.0 * np.minimum(*end), 0.0, 1.0) for end in ends]
        return np.where(tested, both[0], np.nan), np.where(tested, both[1], np.nan)

    def sides(self) -> _Sides:
        """Return what is sure of the side that Gi* tells."""
        high, low = self.upper_most <= self.lower_least, self.upper_least > self.lower_most
        return _Sides(high, low, high, low)


def _tails_everywhere(box: Box) -> _Tails | None:
    """Return bounds of all tails, or nothing where the exact law does not apply."""
    counts = np.asarray(box.counts)
    largest = int(np.minimum(counts, len(counts) - 1 - counts).max(initial=0))
    population = population_of_values(np.concatenate([box.least, box.most]))
    if largest == 0 or largest**2 > DENSE * len(counts) or law_fits(largest, population):
        return None
    lattice = Lattice.of(population, largest)
    at_most = Pool.of(box.most, lattice).tails(box.most, counts, box.near_least)
    at_least = Pool.of(box.least, lattice).tails(box.least, counts, box.near_most)
    return _Tails(
        lower_least=at_most[0] - at_most[2],
        lower_most=at_least[0] + at_least[2],
        upper_least=at_least[1] - at_least[2],
        upper_most=at_most[1] + at_most[2],
    )


@dataclass(frozen=True, eq=False)
class Nearby:
    """What the stated labels came from: the areas with a value, and those that hide one around them."""

    box: Box
    """All areas with a value or a hidden one."""
    known: np.ndarray
    """Which have a value, shape (n,)."""
    p_value: np.ndarray
    """The stated two-sided p-values, NaN where nothing was tested; shape (n,)."""
    inference: Inference
    pools: dict[int, Pool] = field(default_factory=dict)
    """What was made already, by the number of values drawn."""

    @cached_property
    def population(self) -> Population:
        """What a lattice for all values that there can be needs to know."""
        hidden = ~self.known
        return population_of_values(np.concatenate([self.box.least, self.box.most[hidden]]))

    @cached_property
    def values(self) -> np.ndarray:
        """The known values."""
        return np.asarray(self.box.least[self.known])

    @cached_property
    def touched(self) -> np.ndarray:
        """The areas with a value that have a neighbour without one."""
        hidden = added_rows(self.box.graph.indptr, self.box.graph.indices, (~self.known).astype(float))
        return np.flatnonzero(self.known & (hidden > 0))

    def labels(self, area: int) -> list[tuple[int, int]]:
        """Return what the label of an area can be with its hidden neighbours all lowest, and all highest.

        Nothing where the law does not apply; otherwise a pair of local Moran's and Gi*'s codes for each, with
        -1 where rounding leaves it open. All other values and p-values are held.
        """
        row = slice(self.box.graph.indptr[area], self.box.graph.indptr[area + 1])
        near = self.box.graph.indices[row]
        hidden = near[~self.known[near]]
        n, k = len(self.values) + len(hidden), len(near)
        drawn = min(k, n - 1 - k)
        if drawn == 0 or drawn**2 > DENSE * n or law_fits(drawn, self.population):
            return []
        ends = self.box.least, self.box.most
        pools = [self._pool(drawn).joined_by(end[hidden]) for end in ends]
        sums = [float(end[near].sum()) for end in ends]
        return [self._label(area, pool, k, near) for pool, near in zip(pools, sums, strict=True)]

    def _pool(self, drawn: int) -> Pool:
        """Return the known values on a lattice for sums of so many."""
        if drawn not in self.pools:
            self.pools[drawn] = Pool.of(self.values, coarse_lattice(self.population, drawn))
        return self.pools[drawn]

    def _label(self, area: int, pool: Pool, k: int, near: float) -> tuple[int, int]:
        own = self.box.least[area]
        asked = pool.tails(np.array([own]), np.array([k]), np.array([near]))
        lower, upper, error = (float(found[0]) for found in asked)
        p_value = 2.0 * min(lower, upper)
        surely = [self._is_significant(area, p) for p in (p_value - 2 * error, p_value + 2 * error)]
        if surely[0] != surely[1]:
            return -1, -1
        if not surely[0]:
            return NOT_SIGNIFICANT, NOT_SIGNIFICANT
        mean, tiny = pool.whole / pool.n, self.box.tiny
        deviations = (own - mean, near / k - mean)
        moran = -1 if min(map(abs, deviations)) <= tiny else _quadrant(deviations[0] > 0, deviations[1] > 0)
        star = -1 if abs(upper - lower) <= 2 * error else _quadrant(upper < lower, upper < lower)
        return moran, star

    def _is_significant(self, area: int, p_value: float) -> bool:
        """Say whether an area would be labelled at a p-value, all others' being as they are."""
        held = self.p_value.copy()
        held[area] = min(max(p_value, 0.0), 1.0)
        q_value = adjusted(held, self.inference.correction)[area]
        return bool(q_value <= self.inference.fdr * (1 + ROUNDING))


def _quadrant(own_high: bool, around_high: bool) -> int:
    if own_high:
        return HIGH_HIGH if around_high else HIGH_LOW
    return LOW_HIGH if around_high else LOW_LOW


def holds_nearby(
    nearby: Nearby, codes: np.ndarray, statistics: tuple[str, ...], *, equal: bool
) -> np.ndarray:
    """Return which labels are the same for all values that an area's hidden neighbours can have.

    Values elsewhere stay hidden, and other areas' p-values stay as they are.

    Parameters
    ----------
    codes
        The labels stated, as places in ``schema.Label``; shape (statistics, n).
    equal
        Whether the weights of every row are equal; otherwise nothing is proved of areas that have a hidden
        neighbour.

    Returns
    -------
    numpy.ndarray
        Shape (statistics, n); True where an area has a value and no hidden neighbours.
    """
    found = np.tile(nearby.known, (len(statistics), 1))
    column = {"local_moran": 0, "local_g_star": 1}
    for area in nearby.touched.tolist():
        ends = nearby.labels(area) if equal and not nearby.box.near_unbounded[area] else []
        for place, statistic in enumerate(statistics):
            said = {pair[column[statistic]] for pair in ends}
            found[place, area] = said == {int(codes[place, area])}
    return found
