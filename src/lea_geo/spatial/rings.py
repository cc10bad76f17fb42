"""Who is how many steps away: contiguity of higher order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from lea_geo.spatial.compiled import compiled, in_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spatial.links import IntArray, LongArray


class Pattern(NamedTuple):
    """Links without weights, as compressed sparse rows."""

    indptr: LongArray
    """Where each row begins and ends, shape (n + 1,)."""
    indices: IntArray
    """Positions of the neighbours, rising within each row, shape (n_links,)."""


def rings(graph: AreaGraph, lags: int) -> Iterator[Pattern]:
    """Yield for each lag from 1 who is exactly so many steps away, on the shortest way along the links.

    Parameters
    ----------
    graph
        Without self-links.
    lags
        How many rings.
    """
    links = ring = Pattern(graph.indptr, graph.indices)
    # A step along symmetric links leads to the ring before, the same or the next: no other need be known.
    inner = _read_only(np.zeros(graph.n + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    for lag in range(1, lags + 1):
        yield ring
        if lag < lags:
            further = _next_ring(links, ring, inner)
            inner = ring if graph.is_symmetric else _joined(inner, ring)
            ring = further


def _next_ring(links: Pattern, ring: Pattern, inner: Pattern) -> Pattern:
    n = len(links.indptr) - 1
    indptr = np.zeros(n + 1, dtype=np.int64)
    nothing = np.empty(0, dtype=np.int32)
    in_chunks(lambda start, stop: _step((links, ring, inner), indptr, nothing, start, stop), n)
    np.cumsum(indptr, out=indptr)
    indices = np.empty(indptr[-1], dtype=np.int32)
    in_chunks(lambda start, stop: _step((links, ring, inner), indptr, indices, start, stop), n)
    return _read_only(indptr, indices)


def _joined(one: Pattern, other: Pattern) -> Pattern:
    """Return the links of two patterns that share none."""
    n = len(one.indptr) - 1
    both = [
        sparse.csr_array((np.ones(len(p.indices), np.int8), p.indices, p.indptr), shape=(n, n))
        for p in (one, other)
    ]
    union = both[0] + both[1]
    return _read_only(union.indptr.astype(np.int64), union.indices.astype(np.int32))


def _read_only(indptr: LongArray, indices: IntArray) -> Pattern:
    """Return arrays of the same kind as those of a graph, for which the loop is compiled once."""
    indptr.setflags(write=False)
    indices.setflags(write=False)
    return Pattern(indptr, indices)


@compiled
def _step(
    patterns: tuple[Pattern, Pattern, Pattern], indptr: LongArray, indices: IntArray, start: int, stop: int
) -> None:
    """Count who is one step beyond the ring of each row, or write them down where there is room."""
    links, ring, inner = patterns
    seen = np.full(len(links.indptr) - 1, -1, np.int32)
    for i in range(start, stop):
        seen[i] = i
        for known in (ring, inner):
            for place in range(known.indptr[i], known.indptr[i + 1]):
                seen[known.indices[place]] = i
        found = 0
        for place in range(ring.indptr[i], ring.indptr[i + 1]):
            j = ring.indices[place]
            for link in range(links.indptr[j], links.indptr[j + 1]):
                k = links.indices[link]
                if seen[k] != i:
                    seen[k] = i
                    if len(indices):
                        indices[indptr[i] + found] = k
                    found += 1
        if len(indices):
            indices[indptr[i] : indptr[i + 1]].sort()
        else:
            indptr[i + 1] = found
