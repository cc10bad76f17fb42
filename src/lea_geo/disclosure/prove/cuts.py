"""Why a count cannot be moved further: the minimum cut, whose edges are what somebody adds and subtracts.

The nodes on one side of the cut hold as much as enters and as leaves them. So the count of the one edge that
was to move is the sum of what goes the other way less the sum of what goes its own way, and each of these is
published, or at the bound that holds it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.augment import ENDLESS, Search, move_edge, new_search, put_back
from lea_geo.disclosure.prove.network import Network, target

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Cuts(NamedTuple):
    """How far edges can be moved, and what stops them."""

    reached: NDArray[np.int64]
    """The count nearest to its goal that each edge can have."""
    first: NDArray[np.int64]
    """Where each edge's terms start in ``terms``, shape (edges + 1,)."""
    terms: NDArray[np.int64]
    """The edges whose counts make up the count of the one that was to move: 2 e where edge e is added,
    2 e + 1 where it is subtracted. None where the goal was reached; the edge itself where its own bounds stop
    it."""

    def of(self, at: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the edges to add and those to subtract, in order."""
        terms = np.sort(self.terms[self.first[at] : self.first[at + 1]])
        return terms[terms & 1 == 0] >> 1, terms[terms & 1 == 1] >> 1


def find_cuts(
    net: Network, whole: Network, base: NDArray[np.int64], edges: NDArray[np.int64], goal: int
) -> Cuts:
    """Move each edge towards a goal by itself, and return how far it came and why no further.

    Parameters
    ----------
    net
        With all edges that may take more than one count among its arcs.
    whole
        The same network with all edges among its arcs.
    base
        The count of each edge in a table that agrees.
    """
    return Cuts(*_find_cuts(net, whole, base, edges, goal, new_search(net)))


@compiled
def _find_cuts(
    net: Network, whole: Network, base: np.ndarray, edges: np.ndarray, goal: int, search: Search
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    flow = base.copy()
    reached, first = np.empty(len(edges), np.int64), np.zeros(len(edges) + 1, np.int64)
    terms = np.empty(4 * len(edges) + 64, np.int64)
    inside = np.zeros(len(net.first) - 1, np.int64)
    for i in range(len(edges)):
        e, end = edges[i], first[i]
        reached[i] = move_edge(net, flow, e, goal, search)
        rise = goal > base[e]
        if reached[i] != goal and reached[i] < ENDLESS:
            bound = net.upper[e] if rise else net.lower[e]
            if reached[i] == bound:
                terms = with_room(terms, end, 1)
                terms[end] = 2 * e
                end += 1
            else:
                terms, end = _write_terms(whole, e, inside, i + 1, search, terms, end)
        first[i + 1] = end
        put_back(flow, base, search)
    return reached, first, terms[: first[-1]]


@compiled
def with_room(terms: np.ndarray, end: int, more: int) -> np.ndarray:
    """Return a list with room for so many more."""
    if end + more <= len(terms):
        return terms
    longer = np.empty(2 * (end + more), np.int64)
    longer[:end] = terms[:end]
    return longer


@compiled
def _write_terms(
    whole: Network, edge: int, inside: np.ndarray, now: int, search: Search, terms: np.ndarray, end: int
) -> tuple[np.ndarray, int]:
    """Write the edges that cross the cut which the last search ended at: the side that it saw all of."""
    side = search.stuck[0]
    nodes = search.queue[side, : search.ends[side]]
    for v in nodes:
        inside[v] = now
    own = 1 if inside[whole.tail[edge]] == now else 0  # whether the edge itself leaves the side
    for v in nodes:
        terms = with_room(terms, end, whole.first[v + 1] - whole.first[v])
        for at in range(whole.first[v], whole.first[v + 1]):
            arc = whole.arcs[at]
            if arc >> 1 != edge and inside[target(whole, arc)] != now:
                leaves = 1 - (arc & 1)
                terms[end] = arc >> 1 << 1 | (leaves == own)
                end += 1
    return terms, end
