"""Sparse Cholesky factors L D L' of a graph's matrix whose diagonal changes, and parts of its inverse.

The order of elimination and the places of L are found once; after that only numbers change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from lea_geo._compiled import compiled


@dataclass(frozen=True, eq=False)
class Cholesky:
    """A symmetric positive definite matrix as L D L', rows in the order of elimination.

    References
    ----------
    Davis (2005), https://doi.org/10.1145/1114268.1114277
    """

    pattern: Pattern
    lower: np.ndarray
    pivots: np.ndarray

    @property
    def log_determinant(self) -> float:
        return float(np.log(self.pivots).sum())

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Return the solutions for right-hand sides of shape (n, k)."""
        x = np.ascontiguousarray(right[self.pattern.order])
        _solve(self.pattern.starts, self.pattern.rows, self.lower, self.pivots, x)
        return np.asarray(x[self.pattern.place])

    def inverse_diagonal(self) -> np.ndarray:
        """Return the diagonal of the inverse, by Takahashi's recursion over the places of L."""
        found = _inverse_diagonal(self.pattern.starts, self.pattern.rows, self.lower, self.pivots)
        return np.asarray(found[self.pattern.place])


@dataclass(frozen=True, eq=False)
class Pattern:
    """A symmetric sparse matrix without its diagonal, and where its factors are not zero."""

    order: np.ndarray
    """Position of the area that is eliminated at each step, shape (n,)."""
    row_starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    """The part below the diagonal by rows, in the order of elimination."""
    parents: np.ndarray
    starts: np.ndarray
    rows: np.ndarray
    """Where L is not zero, by columns."""

    @classmethod
    def of(cls, matrix: sparse.csr_array) -> Pattern:
        """Return the pattern of a matrix whose diagonal is ignored."""
        order = _minimum_degree(matrix)
        below = sparse.csr_array(sparse.tril(sparse.csr_array(matrix)[order][:, order], -1))
        below.sort_indices()
        row_starts, columns = below.indptr.astype(np.int64), below.indices.astype(np.int64)
        parents, counts = _elimination_tree(row_starts, columns)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows = _places(row_starts, columns, parents, starts)
        return cls(order, row_starts, columns, below.data.astype(float), parents, starts, rows)

    @cached_property
    def place(self) -> np.ndarray:
        """The step at which each area is eliminated."""
        place = np.empty_like(self.order)
        place[self.order] = np.arange(len(self.order))
        return place

    def factor(self, diagonal: np.ndarray) -> Cholesky:
        """Return the factors of the matrix with this diagonal."""
        below = (self.row_starts, self.columns, self.values)
        lower, pivots = _factor(*below, diagonal[self.order], self.parents, self.starts, self.rows)
        return Cholesky(self, lower, pivots)


def _minimum_degree(matrix: sparse.csr_array) -> np.ndarray:
    """Return an order of elimination that fills little; SuperLU's, by factoring a dominant diagonal."""
    links = sparse.csc_array(abs(matrix))
    dominant = sparse.csc_array(links + sparse.diags_array(links.sum(axis=0) + 1.0))
    options = {"SymmetricMode": True, "Equil": False}
    found = splu(dominant, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
    return np.argsort(found.perm_c).astype(np.int64)


@compiled
def _elimination_tree(row_starts: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the parent of each column and how many places of L it has."""
    n = len(row_starts) - 1
    parents, counts = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    seen = np.full(n, -1, np.int64)
    for row in range(n):
        seen[row] = row
        for at in range(row_starts[row], row_starts[row + 1]):
            column = columns[at]
            while seen[column] != row:
                if parents[column] < 0:
                    parents[column] = row
                counts[column] += 1
                seen[column] = row
                column = parents[column]
    return parents, counts


@compiled
def _places(
    row_starts: np.ndarray, columns: np.ndarray, parents: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Return the rows of each column of L, ascending."""
    n = len(row_starts) - 1
    rows, filled = np.empty(starts[n], np.int64), starts[:-1].copy()
    seen = np.full(n, -1, np.int64)
    for row in range(n):
        seen[row] = row
        for at in range(row_starts[row], row_starts[row + 1]):
            column = columns[at]
            while seen[column] != row:
                rows[filled[column]] = row
                filled[column] += 1
                seen[column] = row
                column = parents[column]
    return rows


@compiled
def _factor(
    row_starts: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    diagonal: np.ndarray,
    parents: np.ndarray,
    starts: np.ndarray,
    rows: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Factor row by row: each solves a triangular system over the columns that reach it in the tree."""
    n = len(diagonal)
    lower, pivots, filled = np.empty(starts[n]), diagonal.copy(), starts[:-1].copy()
    y, reach, branch = np.zeros(n), np.empty(n, np.int64), np.empty(n, np.int64)
    seen = np.full(n, -1, np.int64)
    for row in range(n):
        seen[row] = row
        top = n
        for at in range(row_starts[row], row_starts[row + 1]):
            column = columns[at]
            y[column] = values[at]
            length = 0
            while seen[column] != row:
                branch[length] = column
                length += 1
                seen[column] = row
                column = parents[column]
            while length > 0:
                top -= 1
                length -= 1
                reach[top] = branch[length]
        for step in range(top, n):
            column = reach[step]
            x = y[column]
            y[column] = 0.0
            for at in range(starts[column], filled[column]):
                y[rows[at]] -= lower[at] * x
            share = x / pivots[column]
            pivots[row] -= share * x
            lower[filled[column]] = share
            filled[column] += 1
    return lower, pivots


@compiled
def _solve(
    starts: np.ndarray, rows: np.ndarray, lower: np.ndarray, pivots: np.ndarray, x: np.ndarray
) -> None:
    """Turn the right-hand sides ``x`` (n, k) into solutions."""
    n, k = x.shape
    for column in range(n):
        for at in range(starts[column], starts[column + 1]):
            for side in range(k):
                x[rows[at], side] -= lower[at] * x[column, side]
    for column in range(n - 1, -1, -1):
        for side in range(k):
            x[column, side] /= pivots[column]
        for at in range(starts[column], starts[column + 1]):
            for side in range(k):
                x[column, side] -= lower[at] * x[rows[at], side]


@compiled
def _inverse_diagonal(
    starts: np.ndarray, rows: np.ndarray, lower: np.ndarray, pivots: np.ndarray
) -> np.ndarray:
    """Return the diagonal of Z = (L D L')^-1 from Z = D^-1 L^-1 + (I - L') Z, last column first.

    Takahashi, Fagan and Chen (1973); only Z at the places of L is needed for it.
    """
    n = len(pivots)
    inverse, diagonal = np.zeros(len(rows)), np.zeros(n)
    place = np.full(n, -1, np.int64)
    for column in range(n - 1, -1, -1):
        start, stop = starts[column], starts[column + 1]
        for at in range(start, stop):
            place[rows[at]] = at
        for at in range(start, stop):
            row = rows[at]
            inverse[at] -= lower[at] * diagonal[row]
            for other in range(starts[row], starts[row + 1]):
                there = place[rows[other]]
                if there >= start:
                    inverse[there] -= lower[at] * inverse[other]
                    inverse[at] -= lower[there] * inverse[other]
        total = 1.0 / pivots[column]
        for at in range(start, stop):
            total -= lower[at] * inverse[at]
            place[rows[at]] = -1
        diagonal[column] = total
    return diagonal
