"""Sums that do not depend on the order of what is added.

Adding floats rounds, and rounding depends on the order; so the same areas in another order, or spread over
other threads or machines, would give other last digits. Here every number is first cut into parts that are
whole multiples of a step coarse enough that adding ``count`` of them is exact (Demmel and Nguyen 2013). The
parts are added in any order, and only the sum of the parts' sums is rounded.

References
----------
Demmel and Nguyen (2013), https://doi.org/10.1109/ARITH.2013.9
"""

from __future__ import annotations

from math import frexp

import numpy as np

from lea_geo.spatial.compiled import compiled, in_chunks

PARTS = 3
"""Of a sum over everything: what is cut off below is less than the last bit of the largest value, squared."""


def cut(x: np.ndarray, count: int, *, largest: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return ``x`` as two arrays, each of which adds up exactly when up to ``count`` of its values are added.

    Parameters
    ----------
    x
        Finite numbers, any shape.
    count
        How many of them may be added.
    largest
        The largest magnitude that decides the steps; left out, that of ``x``.

    Returns
    -------
    tuple of numpy.ndarray
        The coarse and the fine part. Together they miss less than ``largest * count**2 / 2**100``.
    """
    bound = float(np.abs(x).max(initial=0.0)) if largest is None else largest
    if bound == 0.0:
        return x, x
    first, second = anchors(bound, count, 2)
    coarse = np.asarray((x + first) - first)
    return coarse, np.asarray(((x - coarse) + second) - second)


def exact_sum(x: np.ndarray) -> float:
    """Return the sum of finite numbers, the same to the last bit in whatever order they come."""
    largest = float(np.abs(x).max(initial=0.0))
    parts = exact_parts(x, largest, len(x))
    return rounded_sum(parts)


def rounded_sum(parts: np.ndarray) -> float:
    """Return the number that exact partial sums add up to."""
    return float(parts[0] + (parts[1] + parts[2]))


def exact_parts(x: np.ndarray, largest: float, count: int) -> np.ndarray:
    """Return three exact partial sums of ``x``; those of several pieces add up to those of the whole.

    Parameters
    ----------
    largest, count
        The largest magnitude and the number of values of the whole, of which ``x`` may be a piece.
    """
    if largest == 0.0:
        return np.zeros(PARTS)
    steps = anchors(largest, count, PARTS)
    pieces: list[np.ndarray] = []
    in_chunks(lambda start, stop: pieces.append(_add_parts(x, start, stop, steps)), len(x))
    return np.asarray(np.sum(pieces, axis=0))


@compiled
def _add_parts(x: np.ndarray, start: int, stop: int, steps: np.ndarray) -> np.ndarray:
    sums = np.zeros(len(steps))
    for i in range(start, stop):
        rest = x[i]
        for part in range(len(steps)):
            rounded = (rest + steps[part]) - steps[part]
            sums[part] += rounded
            rest -= rounded
    return sums


def anchors(largest: float, count: int, parts: int) -> np.ndarray:
    """Return what rounds a number to the step of each part when it is added and taken away again.

    One and a half times a power of two keeps the sum between two powers of two, where floats are evenly
    spaced, and that spacing is the step. What one part leaves over is at most half its step.

    Parameters
    ----------
    largest
        The largest magnitude that is added, above 0.
    count
        How many numbers are added at most.
    parts
        How many parts each number is cut into.
    """
    bits = max(1, int(count)).bit_length()
    steps = [3.0 * 2.0 ** (frexp(largest)[1] + bits)]
    while len(steps) < parts:
        steps.append(3.0 * 2.0 ** (frexp(float(np.spacing(steps[-1])))[1] + bits))
    return np.array(steps)
