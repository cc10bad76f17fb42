"""The links of a sample as global statistics need them: sums over all of them, the same for any order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.global_moments import Constants
from lea_geo.spatial.sums import cut, exact_sum

if TYPE_CHECKING:
    from lea_geo.spatial.links import IntArray
    from lea_geo.spatial.rings import Pattern
    from lea_geo.spatial.sample import Sample


@dataclass(frozen=True)
class Network:
    """Weighted links among ``n`` areas, an empty diagonal."""

    weights: sparse.csr_array
    """Shape (n, n), indices sorted, weights above 0; never changed."""

    @classmethod
    def of(cls, sample: Sample) -> Network:
        """Return the links among the areas of a sample, weighted as it says."""
        weights = np.ascontiguousarray(sample.link_weights)
        return cls(sparse.csr_array((weights, sample.indices, sample.indptr), shape=(sample.n, sample.n)))

    @classmethod
    def of_pattern(cls, pattern: Pattern, transform: str) -> Network:
        """Return links that weigh 1, or as much that each row sums to 1 (``"row"``)."""
        indptr, indices = pattern
        weights = np.ones(len(indices))
        if transform == "row":
            counts = np.diff(indptr)
            weights /= np.repeat(counts, counts)
        n = len(indptr) - 1
        return cls(sparse.csr_array((weights, indices, indptr), shape=(n, n)))

    @property
    def n(self) -> int:
        """Number of areas, those without links included."""
        return int(self.weights.shape[0])

    @property
    def n_links(self) -> int:
        """Number of directed links."""
        return int(self.weights.nnz)

    @property
    def n_isolates(self) -> int:
        """Number of areas without a neighbour."""
        return int(np.count_nonzero(np.diff(self.weights.indptr) == 0))

    @property
    def n_pairs(self) -> int:
        """Number of pairs of areas that are linked, in one direction or both."""
        return self.n_links - int(np.count_nonzero(self.reverse)) // 2

    @cached_property
    def reverse(self) -> np.ndarray:
        """Weight of the link in the other direction, 0 where there is none; shape (n_links,)."""
        return _reverse(self.weights.indptr, self.weights.indices, self.weights.data)

    @cached_property
    def margins(self) -> np.ndarray:
        """Sum of each area's row and column of weights, shape (n,)."""
        parts = cut(self.weights.data, 2 * self.n)
        coarse, fine = (_margins(self.weights.indptr, self.weights.indices, part) for part in parts)
        return np.asarray(coarse + fine)

    @cached_property
    def constants(self) -> Constants:
        """What the moments need to know of the weights."""
        w = self.weights.data
        s1 = exact_sum(w * (w + self.reverse))
        return Constants(self.n, exact_sum(w), s1, exact_sum(np.square(self.margins)))

    def product(self, a: np.ndarray) -> float:
        """Return sum_ij w_ij a_i a_j."""
        products = np.empty(self.n_links)
        rows = (self.weights.indptr, self.weights.indices, self.weights.data)
        in_chunks(lambda start, stop: _multiply(rows, a, products, start, stop), self.n)
        return exact_sum(products)

    def pairs(self, order: IntArray) -> sparse.csr_array:
        """Return each linked pair once, with the weights of both directions added.

        Parameters
        ----------
        order
            Rows and columns of the result: the area at position *i* is ``order[i]`` here, shape (n,).
        """
        weights = self.weights
        if not np.array_equal(order, np.arange(self.n)):
            place = np.empty(self.n, dtype=weights.indices.dtype)
            place[order] = np.arange(self.n)
            rows = np.repeat(place, np.diff(weights.indptr))
            weights = sparse.csr_array((weights.data, (rows, place[weights.indices])), shape=weights.shape)
        pairs = sparse.csr_array(sparse.triu(weights + weights.T, k=1))
        pairs.sort_indices()
        return pairs


@compiled
def _reverse(indptr: np.ndarray, indices: np.ndarray, weights: np.ndarray) -> np.ndarray:
    reverse = np.zeros(len(weights))
    # Rows are visited in rising order, so each row's links back are met in rising order too.
    met = indptr[:-1].copy()
    for i in range(len(indptr) - 1):
        for link in range(indptr[i], indptr[i + 1]):
            j = indices[link]
            while met[j] < indptr[j + 1] and indices[met[j]] < i:
                met[j] += 1
            if met[j] < indptr[j + 1] and indices[met[j]] == i:
                reverse[link] = weights[met[j]]
    return reverse


@compiled
def _margins(indptr: np.ndarray, indices: np.ndarray, weights: np.ndarray) -> np.ndarray:
    margins = np.zeros(len(indptr) - 1)
    for i in range(len(indptr) - 1):
        for link in range(indptr[i], indptr[i + 1]):
            margins[i] += weights[link]
            margins[indices[link]] += weights[link]
    return margins


@compiled
def _multiply(
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
    a: np.ndarray,
    products: np.ndarray,
    start: int,
    stop: int,
) -> None:
    indptr, indices, weights = rows
    for i in range(start, stop):
        for link in range(indptr[i], indptr[i + 1]):
            products[link] = weights[link] * (a[i] * a[indices[link]])
