"""Sorting millions of numbers in time that grows with their count, whatever they are."""

from __future__ import annotations

import numpy as np

from lea_geo.spatial.compiled import compiled, in_chunks

DIGIT = np.uint64(11)
"""Bits that one pass sorts by: 2 048 piles fit the fastest cache, and six passes cover a float."""
LARGEST_DIGIT = np.uint64(2**11 - 1)


def ascending(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values that are not NaN in rising order, and where each of them stands.

    A radix sort: floats of one sign rise as the whole numbers do that share their bits, so they are dealt
    into piles by their lowest digit, then by the next, equal ones keeping their order. ``numpy.argsort`` is
    twice as fast on processors for which it is vectorised, and takes four times as long on others.

    Parameters
    ----------
    values
        Not negative; shape (n,).

    Returns
    -------
    tuple of numpy.ndarray
        ``values[places]`` and ``places``, each of shape (m,) with m the count of those that are not NaN.

    Examples
    --------
    >>> ascending(np.array([0.5, np.nan, 0.25, 0.5]))
    (array([0.25, 0.5 , 0.5 ]), array([2, 0, 3], dtype=int32))
    """
    # Adding zero makes -0.0 a plain 0, whose bits are the smallest.
    bits = (np.asarray(values, dtype=float) + 0.0).view(np.uint64)
    keys, places = _sort_bits(bits, np.flatnonzero(~np.isnan(values)).astype(np.int32))
    return keys.view(np.float64), places


@compiled
def _sort_bits(bits: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    keys = bits[places]
    if len(keys) == 0:
        return keys, places
    lowest = keys.min()
    keys -= lowest
    starts = _pile_starts(keys, keys.max())
    other_keys, other_places = np.empty_like(keys), np.empty_like(places)
    for digit in range(len(starts)):
        shift, start = np.uint64(digit) * DIGIT, starts[digit]
        for i in range(len(keys)):
            key = keys[i]
            pile = (key >> shift) & LARGEST_DIGIT
            at = start[pile]
            start[pile] = at + 1
            other_keys[at] = key
            other_places[at] = places[i]
        keys, other_keys = other_keys, keys
        places, other_places = other_places, places
    keys += lowest
    return keys, places


@compiled
def _pile_starts(keys: np.ndarray, largest: np.uint64) -> np.ndarray:
    """Return where each pile begins, one row for each digit that the largest key has."""
    digits = 0
    while digits * DIGIT < 64 and largest >> (np.uint64(digits) * DIGIT) > 0:
        digits += 1
    starts = np.zeros((digits, LARGEST_DIGIT + 2), np.int64)
    for i in range(len(keys)):
        rest = keys[i]
        for digit in range(digits):
            starts[digit, (rest & LARGEST_DIGIT) + np.uint64(1)] += 1
            rest >>= DIGIT
    for digit in range(digits):
        starts[digit] = np.cumsum(starts[digit])
    return starts


def copies_of(x: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """Return how often each of some values stands among all values, in rising order; shape (n,)."""
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    times = np.diff(np.append(starts, len(ranked)))
    # Mostly few values repeat, and looking among those alone is quick.
    repeated = times > 1
    values, counts = ranked[starts[repeated]], times[repeated]
    out = np.ones(len(x), dtype=np.int64)
    in_chunks(lambda start, stop: _look_among(start, stop, x, values, counts, out), len(x))
    return out


@compiled
def _look_among(
    start: int, stop: int, x: np.ndarray, values: np.ndarray, counts: np.ndarray, out: np.ndarray
) -> None:
    for i in range(start, stop):
        low, high = 0, len(values)
        while low < high:
            middle = (low + high) // 2
            if values[middle] < x[i]:
                low = middle + 1
            else:
                high = middle
        if low < len(values) and values[low] == x[i]:
            out[i] = counts[low]
