"""Compressed sparse rows: what is asked of a graph's links, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.sums import anchors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.spatial.links import FloatArray, IntArray, LongArray

EQUAL = 1e-12
"""Weights of a row that differ by less than this share are equal."""


def self_links(indptr: LongArray, indices: IntArray) -> NDArray[np.bool_]:
    """Return which rows hold their own position."""
    found = np.zeros(len(indptr) - 1, dtype=np.bool_)
    in_chunks(lambda start, stop: _find_self_links(start, stop, indptr, indices, found), len(found))
    return found


def equal_within_rows(indptr: LongArray, weights: FloatArray) -> bool:
    """Say whether the weights of every row are equal but for rounding."""
    unequal = np.zeros(len(indptr) - 1, dtype=np.bool_)
    in_chunks(lambda start, stop: _find_unequal(start, stop, indptr, weights, unequal), len(unequal))
    return not bool(unequal.any())


def taken_rows(
    indptr: LongArray, indices: IntArray, weights: FloatArray, positions: IntArray
) -> tuple[LongArray, IntArray, FloatArray]:
    """Return the rows at ``positions`` and of their links those that lead to one of them, renumbered."""
    place = np.full(len(indptr) - 1, -1, dtype=np.int32)
    place[positions] = np.arange(len(positions), dtype=np.int32)
    counts = np.zeros(len(positions) + 1, dtype=np.int64)
    in_chunks(
        lambda start, stop: _count_taken(start, stop, indptr, indices, positions, place, counts),
        len(positions),
    )
    kept = np.cumsum(counts)
    found = np.empty(kept[-1], dtype=np.int32)
    same = weights.strides == (0,)
    weighed = np.empty(0 if same else kept[-1])
    in_chunks(
        lambda start, stop: _take(
            start, stop, (indptr, indices, weights, positions, place), kept, found, weighed
        ),
        len(positions),
    )
    return kept, found, np.broadcast_to(weights[:1], kept[-1:]) if same and kept[-1] else weighed


def added_rows(
    indptr: LongArray, indices: IntArray, x: FloatArray, weights: FloatArray | None = None
) -> FloatArray:
    """Return the sum of ``x``, or of ``weights * x``, over the links of each row, in any order the same."""
    most = int(np.diff(indptr).max(initial=1))
    largest = float(np.abs(x).max(initial=0.0))
    if weights is None:
        weights = np.empty(0)
    elif len(weights):
        largest *= float(weights.max())
    return _added(indptr, indices, x, weights, largest, most)


def added_piece(
    indptr: LongArray, indices: IntArray, x: FloatArray, *, largest: float, most: int
) -> FloatArray:
    """Return :func:`added_rows` for some rows of a larger whole, with the same bits as there.

    Parameters
    ----------
    largest, most
        The largest magnitude of ``x`` and the largest number of links in a row, of the whole.
    """
    return _added(indptr, indices, x, np.empty(0), largest, max(most, 1))


def _added(
    indptr: LongArray, indices: IntArray, x: FloatArray, weights: FloatArray, largest: float, most: int
) -> FloatArray:
    out = np.zeros(len(indptr) - 1)
    if largest > 0:
        steps = anchors(largest, most, 2)
        in_chunks(
            lambda start, stop: _add_rows(start, stop, indptr, indices, x, weights, steps, out), len(out)
        )
    return out


def added_weights(indptr: LongArray, weights: FloatArray) -> FloatArray:
    """Return the sum of the weights of each row, in any order the same."""
    if weights.strides == (0,) and len(weights):
        return np.asarray(np.diff(indptr) * weights[0])
    steps = anchors(float(weights.max(initial=0.0)) or 1.0, int(np.diff(indptr).max(initial=1)), 2)
    out = np.zeros(len(indptr) - 1)
    in_chunks(lambda start, stop: _add_weights(start, stop, indptr, weights, steps, out), len(out))
    return out


def counted_rows(indptr: LongArray, indices: IntArray, whole: NDArray[np.integer[Any]]) -> LongArray:
    """Return the sum of whole numbers over the links of each row."""
    out = np.zeros(len(indptr) - 1, dtype=np.int64)
    in_chunks(lambda start, stop: _count_rows(start, stop, indptr, indices, whole, out), len(out))
    return out


def largest_in_rows(indptr: LongArray, weights: FloatArray) -> FloatArray:
    """Return the largest weight of every row, 0 for empty rows."""
    out = np.zeros(len(indptr) - 1)
    filled = np.diff(indptr) > 0
    if filled.any():
        out[filled] = np.maximum.reduceat(weights, indptr[:-1][filled])
    return out


@compiled
def _add_rows(
    start: int,
    stop: int,
    indptr: LongArray,
    indices: IntArray,
    x: FloatArray,
    weights: FloatArray,
    steps: FloatArray,
    out: FloatArray,
) -> None:
    weighed = len(weights) > 0
    for i in range(start, stop):
        coarse = fine = 0.0
        for link in range(indptr[i], indptr[i + 1]):
            value = x[indices[link]]
            if weighed:
                value *= weights[link]
            rounded = (value + steps[0]) - steps[0]
            coarse += rounded
            fine += ((value - rounded) + steps[1]) - steps[1]
        out[i] = coarse + fine


@compiled
def _add_weights(
    start: int, stop: int, indptr: LongArray, weights: FloatArray, steps: FloatArray, out: FloatArray
) -> None:
    for i in range(start, stop):
        coarse = fine = 0.0
        for link in range(indptr[i], indptr[i + 1]):
            rounded = (weights[link] + steps[0]) - steps[0]
            coarse += rounded
            fine += ((weights[link] - rounded) + steps[1]) - steps[1]
        out[i] = coarse + fine


@compiled
def _count_rows(
    start: int,
    stop: int,
    indptr: LongArray,
    indices: IntArray,
    whole: NDArray[np.integer[Any]],
    out: LongArray,
) -> None:
    for i in range(start, stop):
        total = 0
        for link in range(indptr[i], indptr[i + 1]):
            total += whole[indices[link]]
        out[i] = total


@compiled
def _find_self_links(
    start: int, stop: int, indptr: LongArray, indices: IntArray, found: NDArray[np.bool_]
) -> None:
    for i in range(start, stop):
        for link in range(indptr[i], indptr[i + 1]):
            if indices[link] == i:
                found[i] = True


@compiled
def _find_unequal(
    start: int, stop: int, indptr: LongArray, weights: FloatArray, unequal: NDArray[np.bool_]
) -> None:
    for i in range(start, stop):
        for link in range(indptr[i] + 1, indptr[i + 1]):
            first, other = weights[indptr[i]], weights[link]
            if abs(other - first) > EQUAL * max(first, other):
                unequal[i] = True


@compiled
def _count_taken(
    start: int,
    stop: int,
    indptr: LongArray,
    indices: IntArray,
    positions: IntArray,
    place: IntArray,
    counts: LongArray,
) -> None:
    for row in range(start, stop):
        i = positions[row]
        kept = 0
        for link in range(indptr[i], indptr[i + 1]):
            kept += place[indices[link]] >= 0
        counts[row + 1] = kept


@compiled
def _take(
    start: int,
    stop: int,
    rows: tuple[LongArray, IntArray, FloatArray, IntArray, IntArray],
    kept: LongArray,
    found: IntArray,
    weighed: FloatArray,
) -> None:
    """Copy the links of some rows, in the rising order of their new positions."""
    indptr, indices, weights, positions, place = rows
    for row in range(start, stop):
        i, end = positions[row], kept[row]
        for link in range(indptr[i], indptr[i + 1]):
            position = place[indices[link]]
            if position < 0:
                continue
            at = end
            while at > kept[row] and found[at - 1] > position:
                found[at] = found[at - 1]
                if len(weighed):
                    weighed[at] = weighed[at - 1]
                at -= 1
            found[at] = position
            if len(weighed):
                weighed[at] = weights[link]
            end += 1
