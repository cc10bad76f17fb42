"""How far one count can be raised or lowered while all that is published stays true: a search from both ends.

The count of an edge from u to v grows by d where d more can go around from v back to u: a path in the
residual graph of any table that agrees. Searched from both ends at once, the side with less work first, for
searches from one end do not finish a country: whoever walks through a hub (the root, under which all hidden
cells lie) reads all its arcs, and the other side mostly comes to the hub by itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.network import Network, room, target
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ENDLESS = NO_LIMIT // 2
"""What can be raised by as much has no upper bound."""


class Search(NamedTuple):
    """What searches share; row 0 belongs to the end that sends, row 1 to the one that receives."""

    seen: np.ndarray
    """The last search that came to each node, shape (2, nodes)."""
    via: np.ndarray
    """The arc over which it came, shape (2, nodes)."""
    queue: np.ndarray
    """Nodes in the order in which they were reached, shape (2, nodes)."""
    ends: np.ndarray
    """How many were reached from either end, and how many searches there were: shape (3,)."""
    changed: np.ndarray
    """Edges whose flow differs from the base table."""
    changed_in: np.ndarray
    """The last lift that changed each edge."""
    tally: np.ndarray
    """How many edges are changed, and how many lifts there were: shape (2,)."""
    stuck: np.ndarray
    """The side that the last fruitless search saw all of: shape (1,)."""


def new_search(net: Network) -> Search:
    """Return a search that has seen nothing."""
    nodes, edges = len(net.first) - 1, len(net.tail)
    return Search(
        np.zeros((2, nodes), np.int64),
        np.zeros((2, nodes), np.int64),
        np.zeros((2, nodes), np.int64),
        np.zeros(3, np.int64),
        np.zeros(edges, np.int64),
        np.zeros(edges, np.int64),
        np.zeros(2, np.int64),
        np.zeros(1, np.int64),
    )


@compiled
def find_path(net: Network, flow: np.ndarray, source: int, sink: int, banned: int, search: Search) -> int:
    """Return a node at which paths from both ends meet, or -1 where none does."""
    search.ends[2] += 1
    search.ends[:2] = 1
    for side in range(2):
        v = source if side == 0 else sink
        search.seen[side, v] = search.ends[2]
        search.queue[side, 0] = v
    done, work = np.zeros(2, np.int64), np.zeros(2, np.int64)
    while True:
        for side in range(2):
            if done[side] == search.ends[side]:
                search.stuck[0] = side
                return -1
        next_work = work.copy()
        for side in range(2):
            v = search.queue[side, done[side]]
            next_work[side] += net.first[v + 1] - net.first[v]
        side = 0 if next_work[0] <= next_work[1] else 1
        work[side] = next_work[side]
        met = _expand(net, flow, search.queue[side, done[side]], side, banned, search)
        done[side] += 1
        if met >= 0:
            return met


@compiled
def _expand(net: Network, flow: np.ndarray, v: int, side: int, banned: int, search: Search) -> int:
    """Go one step further from a node; return a node that the other side has reached, or -1."""
    now = search.ends[2]
    for at in range(net.first[v], net.first[v + 1]):
        arc = net.arcs[at]
        w = target(net, arc)
        if search.seen[side, w] == now or arc >> 1 == banned or room(net, flow, arc ^ side) <= 0:
            continue
        search.seen[side, w] = now
        search.via[side, w] = arc ^ side
        search.queue[side, search.ends[side]] = w
        search.ends[side] += 1
        if search.seen[1 - side, w] == now:
            return w
    return -1


@compiled
def push(net: Network, flow: np.ndarray, source: int, sink: int, met: int, most: int, search: Search) -> int:
    """Send as much as goes, ``most`` at most, over the path that was found; return how much."""
    for carry in range(2):
        v = met
        while v != source:
            arc = search.via[0, v]
            most = _carry(flow, arc, most, search) if carry else min(most, room(net, flow, arc))
            v = target(net, arc ^ 1)
        v = met
        while v != sink:
            arc = search.via[1, v]
            most = _carry(flow, arc, most, search) if carry else min(most, room(net, flow, arc))
            v = target(net, arc)
    return most


@compiled
def _carry(flow: np.ndarray, arc: int, amount: int, search: Search) -> int:
    edge = arc >> 1
    flow[edge] += -amount if arc & 1 else amount
    _note(edge, search)
    return amount


@compiled
def _note(edge: int, search: Search) -> None:
    if search.changed_in[edge] != search.tally[1]:
        search.changed_in[edge] = search.tally[1]
        search.changed[search.tally[0]] = edge
        search.tally[0] += 1


@compiled
def move_edge(net: Network, flow: np.ndarray, edge: int, goal: int, search: Search) -> int:
    """Bring an edge's count as near to a goal as it can be, changing the flow; return its count then.

    Where the goal was not reached and the edge's own bounds were not the reason, ``search`` holds the last,
    fruitless search: the nodes on one side of the minimum cut.
    """
    search.tally[0] = 0
    search.tally[1] += 1
    goal = min(max(goal, net.lower[edge]), net.upper[edge])
    rise = goal > flow[edge]
    source, sink = (net.head[edge], net.tail[edge]) if rise else (net.tail[edge], net.head[edge])
    if flow[edge] != goal:
        _note(edge, search)
    if source == sink:
        flow[edge] = goal
    while flow[edge] != goal and flow[edge] < ENDLESS:
        met = find_path(net, flow, source, sink, edge, search)
        if met < 0:
            break
        sent = push(net, flow, source, sink, met, abs(goal - flow[edge]), search)
        flow[edge] += sent if rise else -sent
    return int(flow[edge])


@compiled
def put_back(flow: np.ndarray, base: np.ndarray, search: Search) -> None:
    """Make the flow the base table again."""
    for i in range(search.tally[0]):
        flow[search.changed[i]] = base[search.changed[i]]


@compiled
def move_edges(
    net: Network, base: np.ndarray, edges: np.ndarray, goals: np.ndarray, search: Search
) -> np.ndarray:
    """Return how near to its goal each edge's count can be brought, each by itself."""
    flow = base.copy()
    reached = np.empty(len(edges), np.int64)
    for i in range(len(edges)):
        reached[i] = move_edge(net, flow, edges[i], goals[i], search)
        put_back(flow, base, search)
    return reached


def in_time(edges: NDArray[np.int64], until: float) -> Iterator[NDArray[np.int64]]:
    """Yield edges by and by, some quarter of a second's work at a time, until it is late.

    Parameters
    ----------
    until
        When it is late, by the clock of :func:`time.monotonic`.
    """
    at, size = 0, 128
    while at < len(edges) and (start := time.monotonic()) < until:
        yield edges[at : at + size]
        at += size
        size = 2 * size if time.monotonic() - start < 0.25 else max(size // 2, 32)


def below(
    net: Network, flow: NDArray[np.int64], edges: NDArray[np.int64], k: int, until: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the edges that no table that agrees raises to k, and those for which there was no time."""
    done, found, search = 0, [edges[:0]], new_search(net)
    for some in in_time(edges, until):
        goal = np.full(len(some), k, dtype=np.int64)
        found.append(some[move_edges(net, flow, some, goal, search) < k])
        done += len(some)
    return np.concatenate(found), edges[done:]
