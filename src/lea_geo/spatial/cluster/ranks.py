"""Ranks among numbers that lie on many machines.

Every band of a map counts its different numbers. They are exchanged by size: each bucket gets all numbers of
one range, from all bands, so that it knows their ranks once it knows how many are in the buckets below. What
follows from the ranks goes back to the bands that asked. Equal numbers meet in one bucket, and travel once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.inference import STOREY_LAMBDA, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

SPACED = 512
"""How many numbers of each band decide where the buckets are cut."""


@dataclass(frozen=True)
class Tally:
    """Different numbers in rising order, and how often each occurs."""

    numbers: np.ndarray
    counts: np.ndarray

    def __sizeof__(self) -> int:
        return int(self.numbers.nbytes + self.counts.nbytes)


def tally_of(x: np.ndarray, counted: int) -> Tally:
    """Return the different numbers of ``x``, and how often each occurs among the first ``counted``."""
    numbers, places = np.unique(x, return_inverse=True)
    return Tally(numbers, np.bincount(places[:counted], minlength=len(numbers)))


def spaced(rising: np.ndarray) -> np.ndarray:
    """Return some numbers at equal distances in rank and how many each stands for, shape (2, some)."""
    chosen = rising[np.linspace(0, len(rising) - 1, min(len(rising), SPACED)).astype(np.int64)]
    share = len(rising) / max(1, len(chosen))
    return np.array([chosen, np.full(len(chosen), share)])


def cut_points(samples: Sequence[np.ndarray], pieces: int) -> np.ndarray:
    """Return at most ``pieces - 1`` rising numbers that cut all numbers into pieces of about one size."""
    points, weights = np.concatenate(samples, axis=1)
    if len(points) == 0:
        return np.zeros(0)
    order = np.argsort(points)
    share = np.cumsum(weights[order])
    wanted = np.searchsorted(share, share[-1] * np.arange(1, pieces) / pieces)
    return np.asarray(np.unique(points[order][np.minimum(wanted, len(points) - 1)]))


def parted(tally: Tally, limits: np.ndarray) -> list[Tally]:
    """Return the part of a tally for each bucket; a limit belongs to the bucket above it."""
    places = np.searchsorted(tally.numbers, limits)
    parts = zip(np.split(tally.numbers, places), np.split(tally.counts, places), strict=True)
    return [Tally(numbers, counts) for numbers, counts in parts]


def merged(tallies: Sequence[Tally]) -> Tally:
    """Return the tally of everything that several tallies counted."""
    numbers, places = np.unique(np.concatenate([tally.numbers for tally in tallies]), return_inverse=True)
    counts, start = np.zeros(len(numbers), dtype=np.int64), 0
    for tally in tallies:
        counts[places[start : start + len(tally.numbers)]] += tally.counts
        start += len(tally.numbers)
    return Tally(numbers, counts)


def reply(asked: Tally, bucket: Tally, answers: np.ndarray) -> np.ndarray:
    """Return what a bucket answers to one band, a column for each number asked."""
    return np.asarray(answers[:, np.searchsorted(bucket.numbers, asked.numbers)])


def joined(replies: Sequence[np.ndarray]) -> np.ndarray:
    """Return the answers of all buckets to one band, in the order of its tally."""
    return np.concatenate(replies, axis=1)


@dataclass(frozen=True)
class Edges:
    """What a bucket tells of its first and its last chain: values of which each is tied with the next."""

    n: int
    first: float
    last: float
    head: int
    """How many values the first chain has."""
    tail: int
    """How many the last one has."""
    tail_first: float
    """The smallest value of the last chain."""
    whole: bool
    """Whether the first chain is the last."""


@dataclass(frozen=True)
class Ends:
    """What a bucket must know of the others."""

    start: int = 0
    """How many values lie in the buckets below."""
    first: float = np.nan
    """The value that its first chain is settled to."""
    below: int = 0
    """How many values are smaller than those of its first chain."""
    upto: int = 0
    """How many are as large as those of its last chain, or smaller."""


def _chains(bucket: Tally, bound: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where each chain begins, and the chain of each number."""
    begins = np.concatenate([[True], np.diff(bucket.numbers) > bound])
    return np.flatnonzero(begins), np.cumsum(begins) - 1


def edges_of(bucket: Tally, bound: float) -> Edges | None:
    """Return the edges of a bucket, None where it is empty; gaps of up to ``bound`` tie values."""
    if len(bucket.numbers) == 0:
        return None
    starts, _ = _chains(bucket, bound)
    sizes = np.add.reduceat(bucket.counts, starts)
    first, last = float(bucket.numbers[0]), float(bucket.numbers[-1])
    tail_first = float(bucket.numbers[starts[-1]])
    return Edges(int(sizes.sum()), first, last, int(sizes[0]), int(sizes[-1]), tail_first, len(starts) == 1)


def chained(edges: Sequence[Edges | None], bound: float) -> list[Ends]:
    """Return what each bucket must know, from the edges of all buckets in rising order."""
    filled = [(place, edge) for place, edge in enumerate(edges) if edge is not None]
    ends = [Ends()] * len(edges)
    start, last, group = 0, -np.inf, (np.nan, 0)
    for place, edge in filled:
        head = group if edge.first - last <= bound else (edge.first, start)
        ends[place] = Ends(start, *head, start + edge.n)
        group = head if edge.whole else (edge.tail_first, start + edge.n - edge.tail)
        start, last = start + edge.n, edge.last
    following, upto = np.inf, 0
    for place, edge in reversed(filled):
        end = ends[place]
        tail = upto if following - edge.last <= bound else end.upto
        ends[place] = Ends(end.start, end.first, end.below, tail)
        following, upto = edge.first, tail if edge.whole else end.start + edge.head
    return ends


def ranked(bucket: Tally, bound: float, ends: Ends) -> np.ndarray:
    """Return of each number what it is settled to, and how many are smaller and not larger; shape (3, n)."""
    if len(bucket.numbers) == 0:
        return np.empty((3, 0))
    starts, chain = _chains(bucket, bound)
    settled = bucket.numbers[starts]
    upto = ends.start + np.cumsum(np.add.reduceat(bucket.counts, starts))
    below = np.concatenate([[ends.below], upto[:-1]])
    settled[0], upto[-1] = ends.first, ends.upto
    return np.array([settled[chain], below[chain], upto[chain]])


def at_ranks(answers: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
    """Return the settled values with the wanted ranks, counted from 0; NaN for those of other buckets."""
    settled, below, upto = answers
    found = np.full(len(wanted), np.nan)
    for place, rank in enumerate(wanted):
        here = np.flatnonzero((below <= rank) & (rank < upto))
        if len(here):
            found[place] = settled[here[0]]
    return found


def are_tied(answers: np.ndarray) -> bool:
    """Say whether any value occurs more than once."""
    return bool((answers[2] - answers[1] > 1).any())


def above_lambda(bucket: Tally) -> int:
    """Return how many p-values of a bucket exceed Storey's lambda."""
    return int(bucket.counts[bucket.numbers > STOREY_LAMBDA].sum())


def q_steps(bucket: Tally, start: int, m: int, above: int, correction: str) -> np.ndarray:
    """Return the q-values of a bucket as far as it knows them by itself, not yet cut at 1.

    Of equal p-values the last decides, for ``holm`` the first.
    """
    if correction in {"none", "bonferroni"}:
        return np.asarray(bucket.numbers * (m if correction == "bonferroni" else 1))
    upto = start + np.cumsum(bucket.counts)
    rank = upto - bucket.counts + 1 if correction == "holm" else upto
    each = steps(bucket.numbers, rank.astype(float), m, above, correction)
    if correction == "holm":
        return np.asarray(np.maximum.accumulate(each))
    return np.asarray(np.minimum.accumulate(each[::-1])[::-1])


def q_values(found: np.ndarray, carried: float, correction: str) -> np.ndarray:
    """Return the q-values of a bucket, given the one next to it; shape (1, n)."""
    best = np.maximum(found, carried) if correction == "holm" else np.minimum(found, carried)
    return np.array([np.minimum(best, 1.0)])


def carried_over(found: Sequence[float | None], correction: str) -> list[float]:
    """Return what each bucket gets from those before it: the largest of ``holm``, else the smallest after it.

    ``found`` holds the outermost q-value of each bucket, None where it is empty.
    """
    rising = correction == "holm"
    carried, best = [], -np.inf if rising else np.inf
    for value in found if rising else reversed(found):
        carried.append(best)
        if value is not None:
            best = max(best, value) if rising else min(best, value)
    return carried if rising else carried[::-1]
