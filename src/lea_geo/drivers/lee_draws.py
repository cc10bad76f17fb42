"""Permutations behind Lee's L: pairs of values stay together, and a draw's number alone decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.laws.permutation import ENOUGH, FIRST_STAGE
from lea_geo.spatial.laws.random_draws import draw_key, draw_ranks, mixed

if TYPE_CHECKING:
    from scipy import sparse

TIE = 1e-12


@dataclass(frozen=True, eq=False)
class Counted:
    """What the draws of every area came to, each of shape (n,)."""

    at_most: np.ndarray
    at_least: np.ndarray
    draws: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def shuffled_products(
    weights: sparse.csr_array, zx: np.ndarray, zy: np.ndarray, permutations: int, seed: int
) -> np.ndarray:
    """Return sum_i (W zx)_i (W zy)_i of every permutation of the pairs, shape (permutations,)."""
    found = np.empty(permutations)
    rows = (weights.indptr.astype(np.int64), weights.indices.astype(np.int64), weights.data)
    key = draw_key(seed)
    in_chunks(lambda a, b: _shuffle(rows, zx, zy, key, a, found[a:b]), permutations, least=64)
    return found


def local_draws(
    weights: sparse.csr_array,
    zx: np.ndarray,
    zy: np.ndarray,
    statistic: np.ndarray,
    most: int,
    seed: int,
    *,
    staged: bool,
) -> Counted:
    """Count, for each area, the draws whose statistic is at most and at least its own.

    Staged, only areas with fewer than ``ENOUGH`` draws in a tail go on to ten times as many; why each area's
    p-value stays valid is said in :func:`lea_geo.spatial.laws.permutation.sum_tails`.
    """
    n = len(zx)
    rows = (weights.indptr.astype(np.int64), weights.indices.astype(np.int64), weights.data)
    sums = np.zeros((5, n))  # at most, at least, draws, sum, sum of squares
    key, done = draw_key(seed), 0
    ends = [most]
    while staged and ends[0] > FIRST_STAGE * 10:
        ends.insert(0, max(FIRST_STAGE, (ends[0] + 1) // 10 - 1))
    going = np.arange(n)
    for end in ends:
        _stage(rows, zx, zy, statistic, key, (done, end), going, sums)
        going = going[np.minimum(sums[0, going], sums[1, going]) < ENOUGH]
        done = end
    drawn = np.maximum(sums[2], 1)
    mean = sums[3] / drawn
    return Counted(sums[0], sums[1], sums[2], mean, np.maximum(sums[4] / drawn - mean**2, 0.0))


def _stage(
    rows: tuple[np.ndarray, ...],
    zx: np.ndarray,
    zy: np.ndarray,
    statistic: np.ndarray,
    key: np.uint64,
    stage: tuple[int, int],
    going: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add the draws of one stage, the areas spread over threads."""

    def work(start: int, stop: int) -> None:
        _draw(rows, zx, zy, statistic, key, stage, going[start:stop], sums)

    in_chunks(work, len(going), least=8)


@compiled
def _shuffle(
    rows: tuple[np.ndarray, ...],
    zx: np.ndarray,
    zy: np.ndarray,
    key: np.uint64,
    first: int,
    found: np.ndarray,
) -> None:
    indptr, indices, data = rows
    n = len(zx)
    order = np.empty((n, 1), np.int32)
    deck = np.arange(n).astype(np.int32)
    for p in range(len(found)):
        draw_ranks(order, first + p, key, deck)
        total = 0.0
        for i in range(n):
            a = 0.0
            b = 0.0
            for link in range(indptr[i], indptr[i + 1]):
                j = order[indices[link], 0]
                a += data[link] * zx[j]
                b += data[link] * zy[j]
            total += a * b
        found[p] = total


@compiled
def _draw(
    rows: tuple[np.ndarray, ...],
    zx: np.ndarray,
    zy: np.ndarray,
    statistic: np.ndarray,
    key: np.uint64,
    stage: tuple[int, int],
    areas: np.ndarray,
    sums: np.ndarray,
) -> None:
    indptr, indices, data = rows
    deck = np.arange(len(zx) - 1).astype(np.int32)
    for i in areas:
        own = 0.0
        others = np.empty(indptr[i + 1] - indptr[i])
        k = 0
        for link in range(indptr[i], indptr[i + 1]):
            if indices[link] == i:
                own = data[link]
            else:
                others[k] = data[link]
                k += 1
        if k == 0:
            continue
        order = np.empty((k, 1), np.int32)
        area_key = mixed(key + np.uint64(i + 1))
        slack = TIE * max(1.0, abs(statistic[i]))
        for p in range(stage[0], stage[1]):
            draw_ranks(order, p, area_key, deck)
            a = own * zx[i]
            b = own * zy[i]
            for place in range(k):
                j = order[place, 0]
                if j >= i:
                    j += 1
                a += others[place] * zx[j]
                b += others[place] * zy[j]
            drawn = a * b
            if drawn <= statistic[i] + slack:
                sums[0, i] += 1.0
            if drawn >= statistic[i] - slack:
                sums[1, i] += 1.0
            sums[2, i] += 1.0
            sums[3, i] += drawn
            sums[4, i] += drawn * drawn
