"""Links between areas by position, before they become a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

IntArray = NDArray[np.integer[Any]]
"""Positions of areas, 32 bits wide where there are many."""
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Geometries = NDArray[Any]
"""Array of shapely geometries."""


@dataclass(frozen=True)
class Links:
    """Directed links: ``focal[l]`` has the neighbour ``neighbor[l]`` with ``weight[l]``."""

    focal: IntArray
    """Position of the area that has the neighbour, shape (links,)."""
    neighbor: IntArray
    """Position of the neighbour, shape (links,)."""
    weight: FloatArray
    """Above zero, shape (links,)."""
    notes: tuple[str, ...] = ()
    """What was decided on the way, one sentence each."""

    @classmethod
    def both_ways(
        cls, first: IntArray, second: IntArray, weight: FloatArray | float = 1.0, notes: tuple[str, ...] = ()
    ) -> Links:
        """Return links in both directions from pairs that are named once."""
        one_way = np.broadcast_to(np.asarray(weight, dtype=np.float64), first.shape)
        return cls(
            np.concatenate([first, second]).astype(np.intp),
            np.concatenate([second, first]).astype(np.intp),
            np.concatenate([one_way, one_way]),
            notes,
        )

    def joined_to(self, more: Links) -> Links:
        """Return these links and some more."""
        return Links(
            np.concatenate([self.focal, more.focal]),
            np.concatenate([self.neighbor, more.neighbor]),
            np.concatenate([self.weight, more.weight]),
            self.notes + more.notes,
        )

    @classmethod
    def of_rows(cls, indptr: LongArray, indices: IntArray) -> Links:
        """Return the links of compressed rows, each of weight 1."""
        focal = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        return cls(focal, indices, np.ones(len(indices)))

    def rows(self, n: int) -> tuple[LongArray, IntArray, FloatArray]:
        """Return ``indptr``, ``indices`` and ``weights`` of ``n`` compressed rows, neighbours in order."""
        matrix = sparse.csr_array((self.weight, (self.focal, self.neighbor)), shape=(n, n))
        matrix.sort_indices()
        return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data

    def components(self, n: int) -> IntArray:
        """Return the component of each of ``n`` areas; a link in one direction joins both ends."""
        matrix = sparse.csr_array((np.ones(self.focal.size), (self.focal, self.neighbor)), shape=(n, n))
        return np.asarray(sparse.csgraph.connected_components(matrix, directed=False)[1], dtype=np.intp)
