"""Thousands of runs, spread over threads: scores and ranks of every area in each."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.ranking import begins
from lea_geo.spatial.compiled import one_thread, thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lea_geo.robustness.plan import Plan, Setting

_BLOCK = 8
"""Runs that a thread takes at a time."""
MOST_IN_MEMORY = 2_500_000_000
"""Bytes of scores and ranks; more of them are kept in a temporary file."""
TIERS = 5


@dataclass(frozen=True)
class Tally:
    """How often each area was where, over all runs; whole numbers."""

    ranked: np.ndarray
    """Runs that gave it a score, shape (nodes, n)."""
    worst: np.ndarray
    """Runs that had it among the worst k."""
    worst_decile: np.ndarray
    tiers: np.ndarray
    """Runs that had it in each fifth, the one with the highest scores first; shape (nodes, n, 5)."""

    @classmethod
    def empty(cls, nodes: int, n: int) -> Tally:
        ranked, worst, decile = (np.zeros((nodes, n), dtype=np.int64) for _ in range(3))
        return cls(ranked, worst, decile, np.zeros((nodes, n, TIERS), dtype=np.int64))

    def add(self, other: Tally) -> None:
        """Count another block of runs in."""
        for name in ("ranked", "worst", "worst_decile", "tiers"):
            getattr(self, name).__iadd__(getattr(other, name))

    def count(self, node: int, scores: np.ndarray, rank: np.ndarray, worst: int | None, sign: float) -> None:
        """Count one run in.

        Parameters
        ----------
        node
            Whose scores.
        scores, rank
            Of every area; NaN and 0 for none.
        worst
            How many are the worst; None for a tenth of those with a score.
        sign
            1 where the highest scores are the worst, -1 where the lowest are.
        """
        there = rank > 0
        n = int(there.sum())
        decile = -(-n // 10)
        from_worst = rank if sign > 0 else ranks(-scores)
        self.ranked[node] += there
        self.worst[node] += there & (from_worst <= (worst or decile))
        self.worst_decile[node] += there & (from_worst <= decile)
        # By the middle of a rank, as a map divides the areas into fifths.
        tier = (TIERS * (2 * rank[there] - 1)) // max(1, 2 * n)
        self.tiers[node][np.flatnonzero(there), tier] += 1


@dataclass(frozen=True)
class Runs:
    """What all runs gave."""

    scores: np.ndarray
    """Single precision, shape (nodes, runs, n); NaN for none."""
    ranks: np.ndarray
    """1 for the highest score, equal scores share the best rank, 0 for none; shape (nodes, runs, n)."""
    tally: Tally


def ranks(scores: np.ndarray) -> np.ndarray:
    """Return 1 for the highest score and so on; equal scores, but for rounding, share the best; NaN has 0."""
    order = np.argsort(-scores)[: np.count_nonzero(~np.isnan(scores))]  # NaN comes last
    first = np.where(begins(-scores[order]), np.arange(len(order)), 0)
    found = np.zeros(len(scores), dtype=np.int64)
    found[order] = np.maximum.accumulate(first) + 1
    return found


def spread(
    work: Callable[[int, int], object], total: int, *, workers: int | None, tick: Callable[[], None]
) -> None:
    """Call ``work(start, stop)`` for blocks of ``range(total)`` in some threads.

    Parameters
    ----------
    work
        What treats each of the total by itself, so that neither the blocks nor their order matter.
    workers
        How many threads; None for one a core.
    tick
        Called after each block.
    """
    starts = range(0, total, _BLOCK)

    def alone(start: int) -> None:
        with one_thread(), np.errstate(all="ignore"):
            work(start, min(total, start + _BLOCK))

    count = min(thread_count() if workers is None else workers, len(starts))
    if count <= 1:
        for start in starts:
            alone(start)
            tick()
        return
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(alone, start) for start in starts]:
            done.result()
            tick()


def blocks(total: int) -> int:
    """Return how often ``spread`` ticks."""
    return math.ceil(total / _BLOCK)


def run_all(
    plan: Plan,
    settings: Sequence[Setting],
    *,
    worst: int | None,
    signs: Sequence[float],
    workers: int | None,
    tick: Callable[[], None],
) -> Runs:
    """Run an index once for each setting.

    Parameters
    ----------
    plan, settings
        What runs have in common, and what not.
    worst
        How many areas are the worst; None for a tenth.
    signs
        For each node 1 where the highest scores are the worst, -1 where the lowest are.
    workers, tick
        As for :func:`spread`.
    """
    n, nodes = len(plan.observed.value), len(plan.nodes)
    shape = (nodes, len(settings), n)
    small = n < np.iinfo(np.uint16).max
    place = np.uint16 if small else np.uint32
    on_disk = math.prod(shape) * (4 + np.dtype(place).itemsize) > MOST_IN_MEMORY
    kept, ranked = _room(shape, np.float32, on_disk=on_disk), _room(shape, place, on_disk=on_disk)
    total, adding = Tally.empty(nodes, n), Lock()

    def work(start: int, stop: int) -> None:
        tally = Tally.empty(nodes, n)
        for run in range(start, stop):
            for node, scores in enumerate(plan.scores(settings[run])):
                rank = ranks(scores)
                kept[node, run], ranked[node, run] = scores, rank
                tally.count(node, scores, rank, worst, signs[node])
        with adding:  # whole numbers: their order is of no account
            total.add(tally)

    spread(work, len(settings), workers=workers, tick=tick)
    return Runs(kept, ranked, total)


def _room(shape: tuple[int, ...], dtype: type[np.generic], *, on_disk: bool) -> np.ndarray:
    if not on_disk:
        return np.empty(shape, dtype=dtype)
    with TemporaryFile() as file:  # gone as soon as nothing maps it
        return np.memmap(file, dtype=dtype, mode="w+", shape=shape)
