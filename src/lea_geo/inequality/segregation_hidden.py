"""What segregation could be over all that hidden counts could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr

from lea_geo.inequality.segregation_indices import index_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.inequality.segregation_indices import Array

KINDS = ("", "bounds", "searched", "unknown")
"""What a range is: nothing is hidden; no table can lie outside; tables have both its ends but others could
lie outside; a hidden count has no bounds."""
_MOST = 20_000
"""How many people hidden counts may leave open before their sum is no longer gone through one by one."""
_SEARCHED = 100
"""How many hidden counts are tried one by one."""


def hidden_ranges(
    names: tuple[str, ...], low: Array, high: Array, people: Array, shape: float
) -> tuple[Array, tuple[str, ...]]:
    """Return the range of each index, shape (names, 2), and its kind, one of ``KINDS``.

    Parameters
    ----------
    names
        Of indices.
    low, high
        What each count is at least and at most, shape (areas, groups); equal where it is known.
    people
        How many live in each area; NaN where that is not known.
    """
    if np.isnan(low).any() or np.isnan(high).any():
        return np.full((len(names), 2), np.nan), ("unknown",) * len(names)
    if np.array_equal(low, high):
        value = index_values(names, low[low.sum(axis=1) > 0], shape)
        return np.stack([value, value], axis=1), ("",) * len(names)
    pair = low.shape[1] == 2 and not np.isnan(people).any()
    if pair:
        return _of_pairs(names, low, high, people, shape)
    flat = np.flatnonzero((low != high).ravel())

    def table(chosen: Array) -> Array:
        counts = np.repeat(low.ravel()[None], len(chosen), axis=0)
        counts[:, flat] = chosen
        return counts.reshape(len(chosen), *low.shape)

    found = _searched(names, table, low.ravel()[flat], high.ravel()[flat], shape)
    return found, ("searched",) * len(names)


def _of_pairs(
    names: tuple[str, ...], low: Array, high: Array, people: Array, shape: float
) -> tuple[Array, tuple[str, ...]]:
    """Return ranges where the people of each area are known and only the first group's count is not."""
    some = people > 0
    t = people[some]
    least = np.maximum(low[some, 0], t - high[some, 1])
    most = np.minimum(high[some, 0], t - low[some, 1])
    free = np.flatnonzero(least < most)

    def table(chosen: Array) -> Array:
        first = np.repeat(least[None], len(chosen), axis=0)
        first[:, free] = chosen
        return np.stack([first, t - first], axis=-1)

    width = most - least
    narrow = width.sum() <= _MOST and np.array_equal(width, np.round(width))
    bounded = _Boxes(least, most, t, shape).ranges() if narrow else {}
    rest = tuple(name for name in names if name not in bounded)
    found = dict(zip(rest, _searched(rest, table, least[free], most[free], shape), strict=True))
    kinds = tuple("bounds" if name in bounded else "searched" for name in names)
    return np.array([bounded.get(name, found.get(name)) for name in names]), kinds


@dataclass(frozen=True)
class _Boxes:
    """Counts of a group between bounds, among known numbers of people.

    Given how many the group has in all, the indices are sums of convex functions of single counts, put
    through a rising function. A sum's least value is had by giving each person to where it adds least; no sum
    is larger than that of the chords, filled by the steepest first.
    """

    least: Array
    most: Array
    people: Array
    shape: float

    def ranges(self) -> dict[str, tuple[float, float]]:
        """Return bounds of the indices that are such sums."""
        start, end = self.least.sum(), self.most.sum()
        sizes = start + np.arange(int(end - start) + 1.0)
        sizes = sizes[(sizes > 0) & (sizes < self.people.sum())]
        taken = sizes - start
        return {
            "dissimilarity": self._dissimilarity(sizes),
            **self._squares(sizes, taken),
            **self._entropies(sizes, taken),
            "atkinson": self._atkinson(sizes, taken),
        }

    def _dissimilarity(self, sizes: Array) -> tuple[float, float]:
        total = self.people.sum()
        ends = [np.inf, -np.inf]
        for size in sizes:
            even = self.people * size / total
            inside = np.clip(even, self.least, self.most)
            scale = total / (2 * size * (total - size))
            shortest = np.abs(inside - even).sum() + abs(size - inside.sum())
            at_least, at_most = np.abs(self.least - even), np.abs(self.most - even)
            longest = self._chords(at_least, at_most, np.array([size - self.least.sum()]))[0]
            ends = [min(ends[0], scale * shortest), max(ends[1], scale * longest)]
        return ends[0], ends[1]

    def _squares(self, sizes: Array, taken: Array) -> dict[str, tuple[float, float]]:
        lowest, highest = self._sums(lambda x, t: x**2 / t, taken)
        share = sizes / self.people.sum()
        isolation = lowest / sizes, highest / sizes
        ratio = [(one - share) / (1 - share) for one in isolation]
        return {
            "isolation": (float(isolation[0].min()), float(isolation[1].max())),
            "interaction": (float(1 - isolation[1].max()), float(1 - isolation[0].min())),
            "correlation_ratio": (float(ratio[0].min()), float(ratio[1].max())),
        }

    def _entropies(self, sizes: Array, taken: Array) -> dict[str, tuple[float, float]]:
        total = self.people.sum()
        ends = self._sums(lambda x, t: -t * (entr(x / t) + entr(1 - x / t)), taken)
        whole = entr(sizes / total) + entr(1 - sizes / total)
        told = [whole + one / total for one in ends]
        return {
            "mutual_information": (float(told[0].min()), float(told[1].max())),
            "information_theory": (float((told[0] / whole).min()), float((told[1] / whole).max())),
        }

    def _atkinson(self, sizes: Array, taken: Array) -> tuple[float, float]:
        b, total = self.shape, self.people.sum()
        ends = self._sums(lambda x, t: -((t - x) ** (1 - b)) * x**b, taken)
        share = sizes / total
        lowest, highest = (
            1 - share / (1 - share) * (np.maximum(-one, 0) / sizes) ** (1 / (1 - b)) for one in ends
        )
        return float(lowest.min()), float(highest.max())

    def _sums(self, of: Callable[[Array, Array], Array], taken: Array) -> tuple[Array, Array]:
        """Return the least sum, and one that none exceeds, for each number of people above the least."""
        base = of(self.least, self.people)
        widths = (self.most - self.least).astype(int)
        owner = np.repeat(np.arange(len(widths)), widths)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(widths) - widths, widths)
        held = self.least[owner] + nth
        added = np.sort(of(held + 1, self.people[owner]) - of(held, self.people[owner]))
        lowest = base.sum() + np.concatenate([[0.0], np.cumsum(added)])[taken.astype(int)]
        return lowest, self._chords(base, of(self.most, self.people), taken)

    def _chords(self, base: Array, top: Array, taken: Array) -> Array:
        width = self.most - self.least
        free = width > 0
        slope = (top - base)[free] / width[free]
        order = np.argsort(-slope, kind="stable")
        filled = np.concatenate([[0.0], np.cumsum(width[free][order])])
        gained = np.concatenate([[0.0], np.cumsum((slope * width[free])[order])])
        return np.asarray(base.sum() + np.interp(taken, filled, gained))


def _searched(
    names: tuple[str, ...], table: Callable[[Array], Array], low: Array, high: Array, shape: float
) -> Array:
    """Return the least and the largest index of the tables that were tried, each of them possible."""

    def values(chosen: Array, at: int) -> Array:
        return np.array([index_values((names[at],), _lived(one), shape)[0] for one in table(chosen)])

    starts = np.array([low, high, np.round((low + high) / 2)])
    ends = np.empty((len(names), 2))
    for at in range(len(names)):
        for side, sign in enumerate((1.0, -1.0)):
            tried = sign * values(starts, at)
            best, chosen = float(np.nanmin(tried)), starts[int(np.nanargmin(tried))].copy()
            for cell in range(min(len(low), _SEARCHED)):
                other = np.repeat(chosen[None], 2, axis=0)
                other[:, cell] = low[cell], high[cell]
                tried = sign * values(other, at)
                if np.nanmin(tried) < best:
                    best, chosen = float(np.nanmin(tried)), other[int(np.nanargmin(tried))]
            ends[at, side] = sign * best
    return ends


def _lived(counts: Array) -> Array:
    lived: Array = counts[counts.sum(axis=1) > 0]
    return lived
