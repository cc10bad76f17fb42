"""Before any program is solved: intervals that follow row by row, and parts that share no row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.linear import LinearSystem

    Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
    """The least and the most of each of some things."""

ROUNDS = 60
"""How often every row is looked at, at most. Fewer rounds leave wider intervals, never wrong ones."""
PROGRESS = 1e-3
"""The share of a real unknown's interval that a round must take off to count as progress."""
ROUNDING = 1e-9
"""How far off a printed sum of floats may be, as a share of it."""
SUMMING = 1e-12
"""How far off our own sums of floats may be, as a share of the magnitudes that were added."""
WHOLE = 1e-6
"""How far beyond a whole number a bound on a whole unknown may lie and still be taken for that number."""


@dataclass(frozen=True)
class Part:
    """Unknowns that rows tie together, and those rows, with what is already known put in."""

    matrix: sparse.csr_array
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    integer: NDArray[np.bool_]
    unknowns: NDArray[np.int64]
    """Where the part's unknowns stand in the whole system."""
    rows: NDArray[np.int64]
    """Where the part's rows stand in the whole system."""


def widened(system: LinearSystem) -> LinearSystem:
    """Return the system with rows of floats divided by their largest coefficient and widened by ``ROUNDING``.

    A printed float agrees with the table behind it only up to the rounding of its sum, so an attacker has to
    allow for it too. Rows of whole numbers over whole unknowns are exact and stay as they are.
    """
    matrix = sparse.csr_array(system.matrix).astype(float)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    floats = np.zeros(matrix.shape[0], dtype=bool)
    floats[row[(matrix.data != np.round(matrix.data)) | ~system.integer[matrix.indices]]] = True
    scale = np.zeros(matrix.shape[0])
    np.maximum.at(scale, row, np.abs(matrix.data))
    scale = np.where(floats, scale, 1.0)
    matrix.data = matrix.data / scale[row]
    lower, upper = system.lower / scale, _endless(system.upper) / scale
    size = np.maximum(*(np.where(np.isfinite(side), np.abs(side), 1.0) for side in (lower, upper)))
    slack = np.where(floats, ROUNDING, 0.0) * np.maximum(1.0, size)
    most = _endless(system.most)
    return replace(system, matrix=matrix, lower=lower - slack, upper=upper + slack, most=most)


def _endless(upper: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(upper >= NO_LIMIT, np.inf, upper)


def propagate(system: LinearSystem, rounds: int = ROUNDS) -> tuple[Pair, NDArray[np.bool_]]:
    """Return the interval of each unknown that follows row by row, and which rows contradict it."""
    known = (
        np.where(system.integer, np.ceil(system.least - WHOLE), system.least),
        np.where(system.integer, np.floor(system.most + WHOLE), system.most),
    )
    wrong = _contradicted(system, known)
    for _ in range(rounds):
        if wrong.any():
            break
        before, known = known, _tightened(system, known)
        wrong = _contradicted(system, known)
        if not _progress(before, known, system.integer):
            break
    return known, wrong


def _progress(before: Pair, now: Pair, integer: NDArray[np.bool_]) -> bool:
    with np.errstate(invalid="ignore"):  # infinite less infinite: no progress
        taken = np.nan_to_num(now[0] - before[0], nan=0.0) + np.nan_to_num(before[1] - now[1], nan=0.0)
        width = before[1] - before[0]
        return bool(
            np.any((width > 0) & (taken > np.where(integer | np.isinf(width), 0.0, PROGRESS * width)))
        )


def _terms(system: LinearSystem, known: Pair) -> tuple[NDArray[np.int64], Pair]:
    """Return the row of each coefficient, and the least and the most that its term can be."""
    value, at = system.matrix.data, system.matrix.indices
    low, high = value * known[0][at], value * known[1][at]
    row = np.repeat(np.arange(system.matrix.shape[0]), np.diff(system.matrix.indptr))
    return row, (np.where(value > 0, low, high), np.where(value > 0, high, low))


def _sums(row: NDArray[np.int64], term: NDArray[np.float64], n_rows: int) -> tuple[NDArray[Any], ...]:
    """Return each row's sum of the finite terms, how many are infinite, and what the sum may be off."""
    endless = np.isinf(term)
    finite = np.where(endless, 0.0, term)
    count = np.bincount(row, endless, n_rows)
    return np.bincount(row, finite, n_rows), count, SUMMING * np.bincount(row, np.abs(finite), n_rows)


def _contradicted(system: LinearSystem, known: Pair) -> NDArray[np.bool_]:
    """Return which rows no value of their unknowns fulfils, by what is known of each alone."""
    row, terms = _terms(system, known)
    n_rows = system.matrix.shape[0]
    wrong = np.zeros(n_rows, dtype=bool)
    for sign, term, limit in ((1, terms[0], system.upper), (-1, terms[1], system.lower)):
        total, endless, off = _sums(row, term, n_rows)
        wrong |= (endless == 0) & (sign * (total - limit) > off + 1e-7 * np.maximum(1.0, np.abs(total)))
    empty = known[0] > known[1] + 1e-7 * np.maximum(1.0, np.abs(known[1]))
    wrong[row[empty[system.matrix.indices]]] = True
    return wrong


def _tightened(system: LinearSystem, known: Pair) -> Pair:
    """Look at every row once: what is left to each unknown by the others in the row."""
    row, terms = _terms(system, known)
    value, at = system.matrix.data, system.matrix.indices
    room = []
    for limit, term, none in ((system.upper, terms[0], -np.inf), (system.lower, terms[1], np.inf)):
        total, endless, off = _sums(row, term, system.matrix.shape[0])
        own = np.isinf(term)
        others = np.where(endless[row] > own, none, total[row] - np.where(own, 0.0, term))
        room.append((limit[row] - others - np.copysign(off[row], none)) / value)
    most = np.where(value > 0, room[0], room[1])
    least = np.where(value > 0, room[1], room[0])
    whole = system.integer[at]
    lower, upper = known[0].copy(), known[1].copy()
    np.maximum.at(lower, at, np.where(whole, np.ceil(least - WHOLE), least))
    np.minimum.at(upper, at, np.where(whole, np.floor(most + WHOLE), most))
    meet = ~system.integer & (lower > upper)  # by rounding alone: else the rows are found to contradict
    lower[meet], upper[meet] = np.minimum(lower, upper)[meet], np.maximum(lower, upper)[meet]
    return lower, upper


def split(system: LinearSystem, known: Pair, wanted: NDArray[np.bool_]) -> list[Part]:
    """Return the parts that hold a wanted unknown, without what is fixed and rows that say nothing more."""
    rows, unknowns = np.flatnonzero(~_idle(system, known)), np.flatnonzero(known[1] > known[0])
    fixed = system.matrix @ np.where(known[1] > known[0], 0.0, known[0])
    matrix = sparse.csr_array(system.matrix[rows][:, unknowns])
    n_parts, of_row, of_unknown = _components(matrix)
    # Rows and unknowns in the order of the parts, so that each part is one block.
    by_row, by_unknown = np.argsort(of_row, kind="stable"), np.argsort(of_unknown, kind="stable")
    matrix = sparse.csr_array(matrix[by_row])
    row_start = np.searchsorted(of_row[by_row], np.arange(n_parts + 1))
    start = np.searchsorted(of_unknown[by_unknown], np.arange(n_parts + 1))
    place = np.empty(len(unknowns), dtype=np.int64)
    place[by_unknown] = np.arange(len(unknowns)) - start[of_unknown[by_unknown]]
    matrix = sparse.csr_array((matrix.data, place[matrix.indices], matrix.indptr), shape=matrix.shape)
    parts = []
    for part in np.unique(of_unknown[wanted[unknowns]]):
        at_rows = rows[by_row[row_start[part] : row_start[part + 1]]]
        at = unknowns[by_unknown[start[part] : start[part + 1]]]
        block = _block(matrix, row_start[part], row_start[part + 1], len(at))
        between = system.lower[at_rows] - fixed[at_rows], system.upper[at_rows] - fixed[at_rows]
        parts.append(Part(block, *between, known[0][at], known[1][at], system.integer[at], at, at_rows))
    return parts


def _block(matrix: sparse.csr_array, first: int, last: int, n_columns: int) -> sparse.csr_array:
    """Return the rows from the first to before the last, whose columns are numbered from 0 already."""
    held = slice(matrix.indptr[first], matrix.indptr[last])
    starts = matrix.indptr[first : last + 1] - matrix.indptr[first]
    return sparse.csr_array(
        (matrix.data[held], matrix.indices[held], starts), shape=(last - first, n_columns)
    )


def _idle(system: LinearSystem, known: Pair) -> NDArray[np.bool_]:
    """Return which rows hold whatever their unknowns are."""
    row, terms = _terms(system, known)
    n_rows = system.matrix.shape[0]
    (small, endless, _), (large, endless_above, _) = (_sums(row, term, n_rows) for term in terms)
    holds_below = np.where(endless > 0, -np.inf, small) >= system.lower
    return holds_below & (np.where(endless_above > 0, np.inf, large) <= system.upper)


def _components(matrix: sparse.csr_array) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
    """Return how many parts have nothing to do with each other, and the part of each row and unknown."""
    n_rows, n_unknowns = matrix.shape
    links = sparse.coo_array(matrix)
    graph = sparse.coo_array(
        (np.ones(links.nnz, dtype=np.int8), (links.row, links.col + n_rows)),
        shape=(n_rows + n_unknowns, n_rows + n_unknowns),
    )
    n_parts, label = connected_components(graph.tocsr(), directed=False)
    return n_parts, label[:n_rows].astype(np.int64), label[n_rows:].astype(np.int64)
