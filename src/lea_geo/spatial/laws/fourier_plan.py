"""How finely and how far the law of each row is laid out, before it is inverted."""

from __future__ import annotations

from math import exp, lgamma, log, pi
from typing import TYPE_CHECKING

from lea_geo.spatial.compiled import compiled

if TYPE_CHECKING:
    import numpy as np

OUTSIDE = 1e-11
"""Probability, times k, that may lie outside the interval on which a law is laid out, at either end."""
PAD = 1.1
"""The interval is so much longer than what it has to hold, so that smoothed ends do not meet."""
DECAYED = 1e-9
"""What is left of a characteristic function where it is cut off."""
MOST_NODES = 512
"""A law that needs more frequencies has its steps smoothed instead."""
BEGIN, LENGTH, NODES, SMOOTHED, OBSERVED = range(5)
"""Columns of a plan: where the interval begins, its length, the number of frequencies, 1 where they do not
suffice, and the observed sum."""


@compiled
def order_rows(
    start: int,
    stop: int,
    indptr: np.ndarray,
    indices: np.ndarray,
    weights: np.ndarray,
    z: np.ndarray,
    w_row: np.ndarray,
    z_row: np.ndarray,
) -> None:
    """Write every row's weights, whose squares are made to add up to 1, and values, by weight and value."""
    for i in range(start, stop):
        begin, end = indptr[i], indptr[i + 1]
        for link in range(begin, end):
            w, v = weights[link], z[indices[link]]
            at = link
            while at > begin and (w_row[at - 1] > w or (w_row[at - 1] == w and z_row[at - 1] > v)):
                w_row[at], z_row[at] = w_row[at - 1], z_row[at - 1]
                at -= 1
            w_row[at], z_row[at] = w, v
        largest, squares = w_row[end - 1] if end > begin else 1.0, 0.0
        for link in range(begin, end):
            w_row[link] /= largest
            squares += w_row[link] ** 2
        for link in range(begin, end):
            w_row[link] /= squares**0.5


@compiled
def plan_rows(
    start: int,
    stop: int,
    indptr: np.ndarray,
    w_row: np.ndarray,
    z_row: np.ndarray,
    ranked: np.ndarray,
    decay: tuple[np.ndarray, float, float],
    plans: np.ndarray,
) -> None:
    """Write the plan of every row.

    Parameters
    ----------
    decay
        The envelope of the characteristic function of all values without the commonest, its step, and the
        share of the commonest.
    """
    for i in range(start, stop):
        w, v = w_row[indptr[i] : indptr[i + 1]], z_row[indptr[i] : indptr[i + 1]]
        observed = 0.0
        for j in range(len(w)):
            observed += w[j] * v[j]
        lowest, highest = _interval(w, ranked)
        lowest, highest = min(lowest, observed), max(highest, observed)
        length = PAD * (highest - lowest)
        nodes = _nodes(w, 2.0 * pi / length, decay) if length > 0.0 else 0
        plans[i, BEGIN] = 0.5 * (lowest + highest - length)
        plans[i, LENGTH] = length
        plans[i, NODES] = min(nodes, MOST_NODES)
        plans[i, SMOOTHED] = nodes > MOST_NODES
        plans[i, OBSERVED] = observed


@compiled
def _interval(w: np.ndarray, ranked: np.ndarray) -> tuple[float, float]:
    """Return an interval that holds the sum but for ``k * OUTSIDE`` at either end.

    At least r of k drawn values are among the m largest with probability at most C(k,r) (m/n)^r; so the r-th
    largest of them, which weighs at most as much as the r-th largest weight, stays below the next one.
    """
    k, n = len(w), len(ranked)
    lowest = highest = 0.0
    for r in range(1, k + 1):
        ways = lgamma(k + 1.0) - lgamma(r + 1.0) - lgamma(k - r + 1.0)
        beyond = min(int(n * exp((log(OUTSIDE) - ways) / r)), n - 1)
        lowest += w[k - r] * ranked[beyond]
        highest += w[k - r] * ranked[n - 1 - beyond]
    return lowest, highest


@compiled
def _nodes(w: np.ndarray, step: float, decay: tuple[np.ndarray, float, float]) -> int:
    """Return how many frequencies it takes until the product has decayed, or ``MOST_NODES + 1``."""
    if _bound(w, MOST_NODES * step, decay) > DECAYED:
        return MOST_NODES + 1
    low, high = 0, MOST_NODES
    while high - low > 1 + low // 16:
        middle = (low + high) // 2
        if _bound(w, middle * step, decay) > DECAYED:
            low = middle
        else:
            high = middle
    return high


@compiled
def _bound(w: np.ndarray, t: float, decay: tuple[np.ndarray, float, float]) -> float:
    """Return what the product, less all neighbours having the commonest value, stays below from t on."""
    envelope, step, share = decay
    product = atom = 1.0
    for j in range(len(w)):
        product *= share + envelope[min(int(w[j] * t / step), len(envelope) - 1)]
        atom *= share
    return product - atom
