"""Irregular windows of the scan statistic: the connected parts of everywhere above a level of rate.

Areas enter in the order of their rates; areas of equal rate enter together. Each joins the neighbours that
are there already, so that after every level the parts that changed are new windows: at most one for each area
(Patil and Taillie 2004). The cases of a replicate have other rates and so other windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.spatial.compiled import compiled
from lea_geo.spatial.scan.likelihood import log_ratio
from lea_geo.spatial.scan.windows import Window, largest_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spatial.scan.likelihood import Law
    from lea_geo.spatial.scan.sample import ScanSample

NOWHERE = -1


@dataclass(frozen=True)
class Levels:
    """All upper level sets of a sample, or lower ones for clusters of few cases."""

    sample: ScanSample
    indptr: np.ndarray
    indices: np.ndarray
    """Neighbours of each area of the sample; every link goes both ways."""
    most: float
    """How many people a window may hold."""

    @property
    def signs(self) -> tuple[int, ...]:
        """From the highest rate down (1), from the lowest up (-1), or both."""
        return (self.sample.sign,) if self.sample.sign else (1, -1)

    def maxima(self, cases: np.ndarray) -> np.ndarray:
        """Return the largest log ratio of each column of ``cases``, shape (columns,)."""
        none = np.empty((0, 3))
        ways = [[self._climb(column, sign, none)[0] for sign in self.signs] for column in cases.T]
        return np.asarray(np.max(ways, axis=1))

    def clusters(self) -> Iterator[Window]:
        """Yield windows that share no area, the largest log ratio first."""
        found = [self._windows(sign) for sign in self.signs]
        windows = np.concatenate([rows for rows, _ in found])
        way = np.repeat(np.arange(len(found)), [len(rows) for rows, _ in found])
        orders = [order for _, order in found]
        taken = np.zeros(self.sample.n, dtype=bool)
        before = [np.zeros(self.sample.n + 1, dtype=np.int64) for _ in orders]
        for best in np.argsort(-windows[:, 2], kind="stable"):
            start, stop = int(windows[best, 0]), int(windows[best, 0] + windows[best, 1])
            turn = int(way[best])
            if before[turn][stop] > before[turn][start]:
                continue
            members = orders[turn][start:stop]
            yield Window(members, float(windows[best, 2]), self._peak(members, self.signs[turn]))
            taken[members] = True
            before = [np.concatenate([[0], np.cumsum(taken[order])]) for order in orders]

    def _windows(self, sign: int) -> tuple[np.ndarray, np.ndarray]:
        """Return windows as (start, size, log ratio) and the order of areas in which each is one stretch."""
        room = np.empty((self.sample.n, 3))
        _, count, order = self._climb(self.sample.cases, sign, room)
        place = np.empty(self.sample.n)
        place[order] = np.arange(self.sample.n)
        windows = room[:count]
        windows[:, 0] = place[windows[:, 0].astype(np.int64)]
        return windows, order

    def _climb(self, cases: np.ndarray, sign: int, room: np.ndarray) -> tuple[float, int, np.ndarray]:
        law = (*self.sample.law[:3], sign)
        rates = -sign * (cases / self.sample.people)
        order = np.argsort(rates, kind="stable")
        data = (self.sample.people, np.ascontiguousarray(cases, dtype=float))
        best, count, order = _climb(order, rates, self.indptr, self.indices, *data, law, self.most, room)
        return float(best), int(count), order

    def _peak(self, members: np.ndarray, sign: int) -> int:
        """Return the member with the highest rate, or the lowest; of equals that with the smaller id."""
        ascending = np.sort(members)
        rates = self.sample.cases[ascending] / self.sample.people[ascending]
        return int(ascending[np.argmax(sign * rates)])


def build_levels(sample: ScanSample, graph: AreaGraph, *, max_population: float) -> Levels:
    """Return the level sets of a sample on a graph; a link in one direction joins both ends.

    Parameters
    ----------
    graph
        Has all areas of the sample, perhaps others; those are left out with their links.
    max_population
        The largest share of all people in a window.
    """
    place = np.full(graph.n, NOWHERE, dtype=np.int64)
    place[graph.ids.get_indexer(sample.ids)] = np.arange(sample.n)
    focal, neighbor = place[graph.focal], place[graph.indices]
    kept = (focal >= 0) & (neighbor >= 0)
    links = sparse.csr_array(
        (np.ones(int(kept.sum()), dtype=np.int8), (focal[kept], neighbor[kept])), shape=(sample.n, sample.n)
    )
    both = sparse.csr_array(links + links.T)
    both.sort_indices()
    return Levels(sample, both.indptr, both.indices, largest_share(sample, max_population))


@compiled
def _climb(
    order: np.ndarray,
    rates: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    people: np.ndarray,
    cases: np.ndarray,
    law: Law,
    most: float,
    room: np.ndarray,
) -> tuple[float, int, np.ndarray]:
    """Return the largest log ratio, how many windows were written to ``room``, and the final order of areas.

    A window is written as its first area, its size and its log ratio, unless ``room`` is empty. The members
    of every part are a chain; joining two parts hangs one chain behind the other, so that every window stays
    a stretch of the final chain.
    """
    n = len(order)
    parent = np.full(n, NOWHERE, dtype=np.int64)
    first, last, follower = np.arange(n), np.arange(n), np.full(n, NOWHERE, dtype=np.int64)
    size, inside, counted = np.ones(n, dtype=np.int64), people.copy(), cases.copy()
    seen = np.zeros(n, dtype=np.int64)
    best, written, begin = 0.0, 0, 0
    while begin < n:
        end = begin
        while end < n and rates[order[end]] == rates[order[begin]]:
            area = order[end]
            parent[area] = area
            for link in range(indptr[area], indptr[area + 1]):
                if parent[indices[link]] != NOWHERE:
                    _join(area, indices[link], parent, first, last, follower, size, inside, counted)
            end += 1
        for place in range(begin, end):
            part = _root(order[place], parent)
            if seen[part] == end or inside[part] > most:
                continue
            seen[part] = end
            ratio = log_ratio(counted[part], inside[part], law)
            best = max(best, ratio)
            if ratio > 0.0 and len(room) > 0:
                room[written, 0], room[written, 1], room[written, 2] = first[part], size[part], ratio
                written += 1
        begin = end
    return best, written, _chained(parent, first, follower) if len(room) > 0 else order


@compiled
def _root(area: int, parent: np.ndarray) -> int:
    while parent[area] != area:
        parent[area] = parent[parent[area]]
        area = parent[area]
    return area


@compiled
def _join(
    one: int,
    other: int,
    parent: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    follower: np.ndarray,
    size: np.ndarray,
    inside: np.ndarray,
    counted: np.ndarray,
) -> None:
    """Join the parts of two areas, the smaller into the larger."""
    large, small = _root(one, parent), _root(other, parent)
    if large == small:
        return
    if size[large] < size[small]:
        large, small = small, large
    parent[small] = large
    follower[last[large]] = first[small]
    last[large] = last[small]
    size[large] += size[small]
    inside[large] += inside[small]
    counted[large] += counted[small]


@compiled
def _chained(parent: np.ndarray, first: np.ndarray, follower: np.ndarray) -> np.ndarray:
    """Return all areas, chain after chain."""
    order = np.empty(len(parent), dtype=np.int64)
    place = 0
    for part in range(len(parent)):
        if parent[part] == part:
            area = first[part]
            while area != NOWHERE:
                order[place] = area
                place += 1
                area = follower[area]
    return order
