"""Circular windows of the scan statistic: around every area, grown from neighbour to neighbour.

A window is the areas whose points lie within a radius of an area's point. Only the nearest neighbours that a
window may hold are kept, as one list for each centre; a window is a beginning of such a list. Distances are
compared to the micrometre, and areas at equal distances enter together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree

from lea_geo._checks.scan import check_window_memory
from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.scan.likelihood import log_ratio, squared_scale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.spatial.scan.likelihood import Law
    from lea_geo.spatial.scan.sample import ScanSample

MICROMETRES = 1e6
CENTRES = 256
"""How many centres' neighbours are sorted at once."""
LEAST_CENTRES = 64
"""A thread takes at least so many centres."""


@dataclass(frozen=True)
class Window:
    """A group of areas that may be a cluster."""

    members: np.ndarray
    """Positions of its areas in the sample, in the order in which they entered."""
    log_ratio: float
    centre: int
    """Position of the area around which it lies."""
    radius: float = np.nan
    """Distance from the centre to its farthest area in metres, NaN for an irregular window."""


@dataclass(frozen=True)
class Circles:
    """All circular windows of a sample."""

    sample: ScanSample
    places: np.ndarray
    """Where each area is, in metres, shape (n, 2)."""
    starts: np.ndarray
    """Where each centre's list begins and ends in ``near``, shape (n + 1,)."""
    near: np.ndarray
    """Positions of the nearest areas, the centre first; ``~position`` where the next area is as far away, so
    that no window ends there."""

    def maxima(self, cases: np.ndarray) -> np.ndarray:
        """Return the largest log ratio of each column of ``cases``, shape (columns,)."""
        best = np.zeros(cases.shape[1])
        _scan(self.starts, self.near, self.sample.people, cases, self.sample.law, best)
        return best

    def clusters(self) -> Iterator[Window]:
        """Yield windows that share no area, the largest log ratio first; of equals the smaller id's."""
        free, taken = np.diff(self.starts), np.zeros(self.sample.n, dtype=bool)
        ratio, length = np.zeros(self.sample.n), np.zeros(self.sample.n, dtype=np.int64)
        stale = np.ones(self.sample.n, dtype=bool)
        lists = (self.starts, self.near)
        data = (self.sample.people, self.sample.cases)
        while True:
            in_chunks(
                lambda start, stop: _find_best(
                    start, stop, *lists, free, stale, *data, self.sample.law, ratio, length
                ),
                self.sample.n,
                least=LEAST_CENTRES,
            )
            centre = int(np.argmax(ratio))
            if ratio[centre] == 0.0:
                return
            window = self._window(centre, int(length[centre]), float(ratio[centre]))
            yield window
            taken[window.members] = True
            _shorten(*lists, taken, free, length, stale)

    def _window(self, centre: int, length: int, ratio: float) -> Window:
        listed = self.near[self.starts[centre] : self.starts[centre] + length]
        members = np.where(listed < 0, ~listed, listed)
        radius = float(np.hypot(*(self.places[members[-1]] - self.places[centre])))
        return Window(members, ratio, centre, radius)


def build_circles(
    sample: ScanSample, places: np.ndarray, *, max_population: float, max_radius: float | None
) -> Circles:
    """Return the circles around every area of a sample.

    Parameters
    ----------
    places
        Where each area of the sample is, in metres, shape (n, 2).
    max_population
        The largest share of all people in a window.
    max_radius
        The largest radius in metres; None for any.

    Raises
    ------
    UsageError
        If the lists of neighbours would not fit into memory.
    """
    tree = _tree_within_memory(places, max_radius)
    most = largest_share(sample, max_population)
    farthest = np.iinfo(np.int64).max if max_radius is None else round(max_radius * MICROMETRES)
    pieces: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def grow(first: int, last: int) -> None:
        for piece in range(first, last):
            centres = np.arange(piece * CENTRES, min((piece + 1) * CENTRES, sample.n))
            offsets, candidates = _candidates(tree, places, centres, max_radius)
            lengths = np.zeros(len(centres), dtype=np.int64)
            near = np.empty(int(np.diff(offsets).sum()), dtype=np.int32)
            held = _grow(centres, offsets, candidates, places, sample.people, most, farthest, near, lengths)
            pieces[piece] = lengths, near[:held].copy()

    in_chunks(grow, -(-sample.n // CENTRES), least=1)
    lengths = np.concatenate([pieces[piece][0] for piece in sorted(pieces)])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return Circles(sample, places, starts, np.concatenate([pieces[piece][1] for piece in sorted(pieces)]))


def largest_share(sample: ScanSample, max_population: float) -> float:
    """Return how many people a window may hold, generous to rounding."""
    return float(max_population * sample.people.sum() * (1 + 1e-12))


def _tree_within_memory(places: np.ndarray, max_radius: float | None) -> KDTree | None:
    """Return what finds the areas within a radius, None where every area is a candidate."""
    n = len(places)
    if max_radius is None:
        check_window_memory(n**2, n, None)
        return None
    tree = KDTree(places)
    counts = tree.query_ball_point(places, max_radius + 1 / MICROMETRES, return_length=True)
    check_window_memory(int(np.sum(counts)), n, max_radius)
    return tree


def _candidates(
    tree: KDTree | None, places: np.ndarray, centres: np.ndarray, max_radius: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return who may be near each centre: offsets of shape (centres, 2), and ascending positions."""
    if tree is None or max_radius is None:
        return np.tile([0, len(places)], (len(centres), 1)), np.arange(len(places))
    found = tree.query_ball_point(places[centres], max_radius + 1 / MICROMETRES, return_sorted=True)
    ends = np.cumsum([len(row) for row in found])
    starts = np.concatenate([[0], ends[:-1]])
    return np.column_stack([starts, ends]), np.concatenate(found).astype(np.int64)


@compiled
def _grow(
    centres: np.ndarray,
    offsets: np.ndarray,
    candidates: np.ndarray,
    places: np.ndarray,
    people: np.ndarray,
    most: float,
    farthest: int,
    near: np.ndarray,
    lengths: np.ndarray,
) -> int:
    """Write each centre's list of neighbours, and return how many were written in all."""
    held = 0
    for row in range(len(centres)):
        those = candidates[offsets[row, 0] : offsets[row, 1]]
        distance = np.empty(len(those), dtype=np.int64)
        for k in range(len(those)):
            apart = places[those[k]] - places[centres[row]]
            distance[k] = np.int64(np.rint(np.sqrt(apart[0] ** 2 + apart[1] ** 2) * MICROMETRES))
        order = np.argsort(distance, kind="mergesort")  # stable: equal distances stay in the order of the ids
        inside = 0.0
        for k in range(len(those)):
            inside += people[those[order[k]]]
            if inside > most or distance[order[k]] > farthest:
                break
            tied = k + 1 < len(those) and distance[order[k + 1]] == distance[order[k]]
            near[held + k] = ~those[order[k]] if tied else those[order[k]]
            if not tied:
                lengths[row] = k + 1
        held += lengths[row]
    return held


@compiled
def _scan(
    starts: np.ndarray,
    near: np.ndarray,
    people: np.ndarray,
    cases: np.ndarray,
    law: Law,
    best: np.ndarray,
) -> None:
    """Raise ``best`` to the largest log ratio of each column; the columns share each step along the lists."""
    all_cases, all_people, _, sign = law
    columns = cases.shape[1]
    counted = np.zeros(columns)
    root = np.sqrt(best)
    for centre in range(len(starts) - 1):
        counted[:] = 0.0
        inside = 0.0
        for place in range(starts[centre], starts[centre + 1]):
            area = near[place] if near[place] >= 0 else ~near[place]
            inside += people[area]
            for b in range(columns):
                counted[b] += cases[area, b]
            if near[place] < 0:
                continue
            expected = all_cases * (inside / all_people)
            step = np.sqrt(squared_scale(inside, law))
            promising = 0
            for b in range(columns):
                promising += _excess(counted[b] - expected, sign) > step * root[b]
            if promising == 0:
                continue
            for b in range(columns):
                if _excess(counted[b] - expected, sign) > step * root[b]:
                    ratio = log_ratio(counted[b], inside, law)
                    if ratio > best[b]:
                        best[b], root[b] = ratio, np.sqrt(ratio)


@compiled
def _excess(difference: float, sign: int) -> float:
    return abs(difference) if sign == 0 else difference * sign


@compiled
def _find_best(
    first: int,
    last: int,
    starts: np.ndarray,
    near: np.ndarray,
    free: np.ndarray,
    stale: np.ndarray,
    people: np.ndarray,
    cases: np.ndarray,
    law: Law,
    ratio: np.ndarray,
    length: np.ndarray,
) -> None:
    """Find the best window of each stale centre among those that hold only the free beginning of its list."""
    for centre in range(first, last):
        if not stale[centre]:
            continue
        stale[centre] = False
        ratio[centre], length[centre] = 0.0, 0
        counted = inside = 0.0
        for k in range(free[centre]):
            place = starts[centre] + k
            area = near[place] if near[place] >= 0 else ~near[place]
            inside += people[area]
            counted += cases[area]
            if near[place] >= 0:
                found = log_ratio(counted, inside, law)
                if found > ratio[centre]:
                    ratio[centre], length[centre] = found, k + 1


@compiled
def _shorten(
    starts: np.ndarray,
    near: np.ndarray,
    taken: np.ndarray,
    free: np.ndarray,
    length: np.ndarray,
    stale: np.ndarray,
) -> None:
    """End each centre's free beginning before the first area that is taken."""
    for centre in range(len(starts) - 1):
        for k in range(free[centre]):
            area = near[starts[centre] + k]
            if taken[area if area >= 0 else ~area]:
                free[centre] = k
                stale[centre] = k < length[centre]
                break
