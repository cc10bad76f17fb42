"""Permutations of the whole map, shared by every indicator that has values in the same areas.

Which area gets which value depends on the seed, on the number of the permutation and on the order of the ids,
on nothing else: not on threads, nor on how many indicators are shuffled together, nor on the order in which
the areas came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.laws.random_draws import draw_key, draw_ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy import sparse

TOGETHER = 64
"""Columns of shuffled values that are summed at once: eight cache lines a row."""
BLOCK_CELLS = 2**22
"""How many shuffled values a thread holds at once."""
LEAST_LINKS = 2**16
"""A thread goes through at least so many links."""


def shuffled_products(
    pairs: sparse.csr_array, margins: np.ndarray, columns: np.ndarray, *, permutations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return sum_ij w_ij a_i a_j and sum_i r_i a_i^2 of every permutation of the rows of ``columns``.

    Parameters
    ----------
    pairs
        Each linked pair once, ``w_ij + w_ji`` above the diagonal, areas in the order of their ids; shape
        (n, n).
    margins
        ``r``, in that order, shape (n,); empty where the second sum is not wanted.
    columns
        Values in that order, a column an indicator; shape (n, indicators).

    Returns
    -------
    tuple of numpy.ndarray
        Both of shape (permutations, indicators); the second is 0 where ``margins`` is empty.
    """
    halves = [columns[:, start : start + TOGETHER] for start in range(0, columns.shape[1], TOGETHER)]
    found = [_shuffled(pairs, margins, np.ascontiguousarray(part), permutations, seed) for part in halves]
    products, squares = zip(*found, strict=True)
    return np.hstack(products), np.hstack(squares)


def _shuffled(
    pairs: sparse.csr_array, margins: np.ndarray, columns: np.ndarray, permutations: int, seed: int
) -> Sequence[np.ndarray]:
    n, m = columns.shape
    sums = (np.zeros((permutations, m)), np.zeros((permutations, m)))
    rows = (pairs.indptr, pairs.indices, pairs.data, margins)
    key = draw_key(seed)
    block = max(1, min(TOGETHER, BLOCK_CELLS // n) // m)

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, block):
            part = slice(first, min(first + block, stop))
            _sum_shuffled(rows, columns, key, first, tuple(one[part] for one in sums))

    in_chunks(work, permutations, least=max(1, LEAST_LINKS // (m * (n + pairs.nnz))))
    return sums


@compiled
def _sum_shuffled(
    rows: tuple[np.ndarray, ...],
    columns: np.ndarray,
    key: np.uint64,
    first: int,
    sums: tuple[np.ndarray, ...],
) -> None:
    indptr, indices, weights, margins = rows
    n, m = columns.shape
    held = len(sums[0])
    block = np.empty((n, held * m))
    order = np.empty((n, 1), np.int32)
    deck = np.arange(n).astype(np.int32)
    for b in range(held):
        draw_ranks(order, first + b, key, deck)
        for i in range(n):
            for c in range(m):
                block[i, b * m + c] = columns[order[i, 0], c]
    _add_products(indptr, indices, weights, block, sums[0].ravel())
    if len(margins):
        _add_squares(margins, block, sums[1].ravel())


@compiled
def _add_products(
    indptr: np.ndarray, indices: np.ndarray, weights: np.ndarray, block: np.ndarray, total: np.ndarray
) -> None:
    width = len(total)
    sums = np.empty(width)
    for i in range(len(indptr) - 1):
        sums[:] = 0.0
        for link in range(indptr[i], indptr[i + 1]):
            row = block[indices[link]]
            weight = weights[link]
            for c in range(width):
                sums[c] += weight * row[c]
        row = block[i]
        for c in range(width):
            total[c] += row[c] * sums[c]


@compiled
def _add_squares(margins: np.ndarray, block: np.ndarray, total: np.ndarray) -> None:
    for i in range(len(margins)):
        row = block[i]
        for c in range(len(total)):
            total[c] += margins[i] * (row[c] * row[c])
