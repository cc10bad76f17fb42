"""Orders of values within each area's series: what Kendall's S is counted from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from lea_geo.change.trend_law import EXACT_UP_TO, discordant_tails, tied_variance
from lea_geo.spatial.inference import Tails, normal_tails

TIED = 1e-14
"""Values of a series that differ by less than this share of its largest differ by rounding only."""


@dataclass(frozen=True, eq=False)
class Orders:
    """The ranks of every area's values, equal ones sharing one."""

    ranks: np.ndarray
    """0 for the smallest, shape (n areas, n years); -1 where there is no value."""

    @classmethod
    def of(cls, x: np.ndarray) -> Orders:
        order = np.argsort(x, axis=1, kind="stable")
        rising = np.take_along_axis(x, order, axis=1)
        valued = ~np.isnan(rising)
        largest = np.where(valued, np.abs(rising), 0.0).max(axis=1, initial=0.0, keepdims=True)
        steps = np.zeros(x.shape, dtype=np.int32)
        filled = np.where(valued, rising, 0.0)
        steps[:, 1:] = np.diff(filled, axis=1) > TIED * largest
        ranks = np.empty(x.shape, dtype=np.int32)
        np.put_along_axis(ranks, order, np.where(valued, np.cumsum(steps, axis=1), -1), axis=1)
        return cls(ranks)

    @cached_property
    def n(self) -> np.ndarray:
        """How many years each area has a value in."""
        return np.asarray((self.ranks >= 0).sum(axis=1))

    @cached_property
    def s(self) -> np.ndarray:
        """Kendall's S: rising pairs of years less falling ones."""
        total = np.zeros(len(self.ranks), dtype=np.int64)
        for i, j in combinations(range(self.ranks.shape[1]), 2):
            both = (self.ranks[:, i] >= 0) & (self.ranks[:, j] >= 0)
            total += np.where(both, np.sign(self.ranks[:, j] - self.ranks[:, i]), 0)
        return total

    @cached_property
    def ties(self) -> list[tuple[int, ...]]:
        """Sizes of each area's groups of equal values, groups of one left out, in rising order."""
        patterns = []
        for row in self.ranks:
            sizes = np.bincount(row[row >= 0]) if (row >= 0).any() else np.empty(0, dtype=int)
            patterns.append(tuple(sorted(int(size) for size in sizes if size > 1)))
        return patterns

    @cached_property
    def variance(self) -> np.ndarray:
        """Variance of S when every order is as likely."""
        tied = [sum(t * (t - 1) * (2 * t + 5) for t in sizes) for sizes in self.ties]
        return tied_variance(self.n, np.array(tied, dtype=float))

    @cached_property
    def pairs(self) -> np.ndarray:
        """Pairs of years with different values: the largest that S can be."""
        tied = [sum(t * (t - 1) // 2 for t in sizes) for sizes in self.ties]
        return np.asarray(self.n * (self.n - 1) // 2 - np.array(tied, dtype=np.int64))

    @cached_property
    def tau(self) -> np.ndarray:
        """Kendall's tau-b: S by the geometric mean of all pairs and those with different values."""
        scale = np.sqrt(self.pairs * (self.n * (self.n - 1) / 2.0))
        return np.asarray(np.divide(self.s, scale, out=np.zeros(len(scale)), where=scale > 0))

    def exact_tails(self) -> tuple[Tails, np.ndarray]:
        """Return the tails of S and the smallest p-value possible; normal beyond ``EXACT_UP_TO`` years."""
        tails = self.normal_tails(1.0)
        least = np.zeros(len(self.n))
        for i, (n, ties) in enumerate(zip(self.n.tolist(), self.ties, strict=True)):
            if n <= EXACT_UP_TO:
                at_most, at_least = discordant_tails(n, ties)
                falling = int(self.pairs[i] - self.s[i]) // 2
                tails.upper[i], tails.lower[i] = at_most[falling], at_least[falling]
                least[i] = min(1.0, 2.0 * at_most[0])
        return tails, least

    def z_score(self, ratio: np.ndarray | float) -> np.ndarray:
        """Return S less its sign, by its standard deviation; 0 where S cannot vary."""
        spread = np.sqrt(self.variance * ratio)
        near = self.s - np.sign(self.s)
        return np.asarray(np.divide(near, spread, out=np.zeros(len(spread)), where=spread > 0))

    def normal_tails(self, ratio: np.ndarray | float) -> Tails:
        """Return the tails of S by the normal law, each with half a step of S counted in."""
        spread = np.sqrt(self.variance * ratio)
        certain = spread <= 0
        spread = np.where(certain, 1.0, spread)
        below, above = (self.s + 1.0) / spread, (self.s - 1.0) / spread
        tails = Tails(normal_tails(below).lower, normal_tails(above).upper)
        return tails.certain_where(certain)
