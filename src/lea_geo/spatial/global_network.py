"""The links of a sample as global statistics need them: sums over all of them, the same for any order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.global_moments import Constants
from lea_geo.spatial.rows import added_rows
from lea_geo.spatial.sums import cut, exact_sum

if TYPE_CHECKING:
    from lea_geo.spatial.links import FloatArray, IntArray, LongArray
    from lea_geo.spatial.rings import Pattern
    from lea_geo.spatial.sample import Sample


class Network(ABC):
    """Weighted links among ``n`` areas, as compressed sparse rows; none leads to itself."""

    def __init__(self, indptr: LongArray, indices: IntArray) -> None:
        self.indptr = indptr
        self.indices = indices

    @property
    def n(self) -> int:
        """Number of areas, those without links included."""
        return len(self.indptr) - 1

    @property
    def n_links(self) -> int:
        """Number of directed links."""
        return len(self.indices)

    @cached_property
    def counts(self) -> LongArray:
        """Number of neighbours, shape (n,)."""
        return np.diff(self.indptr)

    @property
    def n_isolates(self) -> int:
        """Number of areas without a neighbour."""
        return int(np.count_nonzero(self.counts == 0))

    @property
    @abstractmethod
    def n_pairs(self) -> int:
        """Number of pairs of areas that are linked, in one direction or both."""

    @property
    @abstractmethod
    def weights(self) -> FloatArray:
        """Weight of each link, above 0; shape (n_links,)."""

    @property
    @abstractmethod
    def margins(self) -> FloatArray:
        """Sum of each area's row and column of weights, shape (n,)."""

    @property
    @abstractmethod
    def constants(self) -> Constants:
        """What the moments need to know of the weights."""

    @abstractmethod
    def product(self, a: FloatArray) -> float:
        """Return sum_ij w_ij a_i a_j."""

    def pairs(self, order: IntArray) -> sparse.csr_array:
        """Return each linked pair once, above the diagonal, with the weights of both directions added.

        Parameters
        ----------
        order
            Rows and columns of the result: its area *i* is ``order[i]`` here, shape (n,).
        """
        place = np.empty(self.n, dtype=np.int32)
        place[order] = np.arange(self.n, dtype=np.int32)
        ends = np.repeat(place, self.counts), place[self.indices]
        weights = sparse.csr_array((self.weights, ends), shape=(self.n, self.n))
        pairs = sparse.csr_array(sparse.triu(weights + weights.T, k=1))
        pairs.sort_indices()
        return pairs


class EvenNetwork(Network):
    """Links that all go both ways and weigh the same within each row: what is asked, few numbers answer."""

    def __init__(self, indptr: LongArray, indices: IntArray, row_weight: FloatArray) -> None:
        super().__init__(indptr, indices)
        self.row_weight = row_weight

    @property
    def n_pairs(self) -> int:
        return self.n_links // 2

    @property
    def weights(self) -> FloatArray:
        return np.repeat(self.row_weight, self.counts)

    @cached_property
    def margins(self) -> FloatArray:
        return self.counts * self.row_weight + added_rows(self.indptr, self.indices, self.row_weight)

    @cached_property
    def constants(self) -> Constants:
        s0 = exact_sum(self.counts * self.row_weight)
        s1 = exact_sum(self.row_weight * self.margins)
        return Constants(self.n, s0, s1, exact_sum(np.square(self.margins)))

    def product(self, a: FloatArray) -> float:
        return exact_sum(a * self.row_weight * added_rows(self.indptr, self.indices, a))


class UnevenNetwork(Network):
    """Links of any weights, in one direction or both."""

    def __init__(self, indptr: LongArray, indices: IntArray, weights: FloatArray) -> None:
        super().__init__(indptr, indices)
        self._weights = np.ascontiguousarray(weights)

    @property
    def n_pairs(self) -> int:
        return self.n_links - int(np.count_nonzero(self.reverse)) // 2

    @property
    def weights(self) -> FloatArray:
        return self._weights

    @cached_property
    def reverse(self) -> FloatArray:
        """Weight of the link in the other direction, 0 where there is none; shape (n_links,)."""
        return _reverse(self.indptr, self.indices, self._weights)

    @cached_property
    def margins(self) -> FloatArray:
        parts = cut(self._weights, 2 * self.n)
        coarse, fine = (_margins(self.indptr, self.indices, part) for part in parts)
        return np.asarray(coarse + fine)

    @cached_property
    def constants(self) -> Constants:
        w = self._weights
        s1 = exact_sum(w * (w + self.reverse))
        return Constants(self.n, exact_sum(w), s1, exact_sum(np.square(self.margins)))

    def product(self, a: FloatArray) -> float:
        products = np.empty(self.n_links)
        rows = (self.indptr, self.indices, self._weights)
        in_chunks(lambda start, stop: _multiply(rows, a, products, start, stop), self.n)
        return exact_sum(products)


def network_of(sample: Sample) -> Network:
    """Return the links among the areas of a sample, weighted as it says."""
    if sample.equal_weights and _go_both_ways(sample.indptr, sample.indices):
        return EvenNetwork(sample.indptr, sample.indices, sample.row_weight)
    return UnevenNetwork(sample.indptr, sample.indices, sample.link_weights)


def network_of_pattern(pattern: Pattern, transform: str) -> Network:
    """Return links that weigh 1, or as much that each row sums to 1 (``"row"``)."""
    indptr, indices = pattern
    counts = np.diff(indptr)
    row_weight = np.ones(len(counts))
    if transform == "row":
        row_weight /= np.maximum(counts, 1)
    if _go_both_ways(indptr, indices):
        return EvenNetwork(indptr, indices, row_weight)
    return UnevenNetwork(indptr, indices, np.repeat(row_weight, counts))


@compiled
def _go_both_ways(indptr: LongArray, indices: IntArray) -> bool:
    # Rows are visited in rising order, so the links back of each row are met in rising order too.
    met = indptr[:-1].copy()
    for i in range(len(indptr) - 1):
        for link in range(indptr[i], indptr[i + 1]):
            j = indices[link]
            if met[j] == indptr[j + 1] or indices[met[j]] != i:
                return False
            met[j] += 1
    return True


@compiled
def _reverse(indptr: LongArray, indices: IntArray, weights: FloatArray) -> FloatArray:
    reverse = np.zeros(len(weights))
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
def _margins(indptr: LongArray, indices: IntArray, weights: FloatArray) -> FloatArray:
    margins = np.zeros(len(indptr) - 1)
    for i in range(len(indptr) - 1):
        for link in range(indptr[i], indptr[i + 1]):
            margins[i] += weights[link]
            margins[indices[link]] += weights[link]
    return margins


@compiled
def _multiply(
    rows: tuple[LongArray, IntArray, FloatArray], a: FloatArray, products: FloatArray, start: int, stop: int
) -> None:
    indptr, indices, weights = rows
    for i in range(start, stop):
        for link in range(indptr[i], indptr[i + 1]):
            products[link] = weights[link] * (a[i] * a[indices[link]])
