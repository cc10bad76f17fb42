"""Sorting millions of numbers in time that grows with their count, whatever they are."""

from __future__ import annotations

import numpy as np

from lea_geo.spatial.compiled import compiled

DIGIT = np.uint64(11)
"""Bits that one pass sorts by: 2 048 piles fit the fastest cache, and six passes cover a float."""


def ascending(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values that are not NaN in rising order, and where each of them stands.

    A radix sort: floats of one sign rise as the whole numbers do that share their bits, so they are dealt
    into piles by their lowest digit, then by the next, equal ones keeping their order. It takes a quarter of
    the time of ``numpy.argsort`` on processors for which numpy has no vectorised one, and as long on others.

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
    lowest, widest = keys.min(), keys.max() - keys.min()
    keys -= lowest
    other_keys, other_places = np.empty_like(keys), np.empty_like(places)
    shift = np.uint64(0)
    while shift < 64 and widest >> shift > 0:
        _deal(keys, places, other_keys, other_places, shift)
        keys, other_keys = other_keys, keys
        places, other_places = other_places, places
        shift += DIGIT
    keys += lowest
    return keys, places


@compiled
def _deal(
    keys: np.ndarray, places: np.ndarray, to_keys: np.ndarray, to_places: np.ndarray, shift: np.uint64
) -> None:
    """Deal keys and places into piles by one digit of the keys, each pile in the order they came."""
    top = (np.uint64(1) << DIGIT) - np.uint64(1)
    starts = np.zeros((1 << DIGIT) + 1, np.int64)
    for i in range(len(keys)):
        starts[((keys[i] >> shift) & top) + np.uint64(1)] += 1
    starts = np.cumsum(starts)
    for i in range(len(keys)):
        pile = (keys[i] >> shift) & top
        to_keys[starts[pile]], to_places[starts[pile]] = keys[i], places[i]
        starts[pile] += 1
