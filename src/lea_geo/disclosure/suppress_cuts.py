"""How far a count can be raised in tables that agree with what is published, and what stands in its way.

What is hidden is contracted: a hidden area becomes one *node* with the area that it lies in, or with the
root. Atoms between the same two nodes are a *pair*; how high one of them can be raised is the pair's own
count and the maximum flow beside it, whichever atom it is. A unit of flow takes a person out of an atom where
it goes from the second family's node to the first's, adds one where it goes the other way, and runs along the
tree where an area is hidden. Where too little gets through, the minimum cut is a group of atoms whose total
can be worked out from published areas, a *recipe*: one of these areas must be hidden.

The root touches half of a country, so nothing is ever looked for from there: one search runs forwards from
where people are taken, one backwards from where they are wanted, and they meet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lea_geo._compiled import compiled

TOP = 0
"""The node of the root."""
FORWARDS, BACKWARDS = 0, 1


class Network(NamedTuple):
    """What compiled loops see of two families once what is hidden has been contracted."""

    second: int
    """The first node of the second family; nodes are areas, numbered from 1."""
    start: np.ndarray
    """Where each node's arcs begin, and one number more. The root has none."""
    end: np.ndarray
    """The node that each arc leads to."""
    arc: np.ndarray
    """What each arc is: a pair, or minus 1 minus the area whose place in its tree it is."""
    first_of: np.ndarray
    """The first family's node of each pair."""
    second_of: np.ndarray
    held: np.ndarray
    """How many people each pair holds: as many can be taken out."""
    room: np.ndarray
    """How many can be added to each pair."""
    total: np.ndarray
    """How many people each area holds."""


class Search(NamedTuple):
    """What a search writes on."""

    moved: np.ndarray
    """How many people have been taken out of each pair."""
    touched: np.ndarray
    """The pairs that were moved, each once."""
    noted: np.ndarray
    """Whether each pair is among them."""
    seen: np.ndarray
    """When each node was last seen, by direction."""
    done: np.ndarray
    """When each node was last settled by a shortest path, by direction."""
    back: np.ndarray
    """The arc over which, by direction."""
    came: np.ndarray
    """The node from which, by direction."""
    queue: np.ndarray
    passed: np.ndarray
    """The hidden areas that the flow passed, each once."""
    passed_when: np.ndarray
    """The flow that last passed each area."""
    clock: np.ndarray
    """The number of the search; how many pairs are touched, how many areas passed; the number of the flow."""


def new_search(network: Network) -> Search:
    """Return fresh paper for searches in a network."""
    n, pairs = len(network.total), len(network.held)
    return Search(
        moved=np.zeros(pairs, dtype=np.int64),
        touched=np.zeros(pairs, dtype=np.int64),
        noted=np.zeros(pairs, dtype=np.bool_),
        seen=np.zeros((2, n), dtype=np.int64),
        done=np.zeros((2, n), dtype=np.int64),
        back=np.zeros((2, n), dtype=np.int64),
        came=np.zeros((2, n), dtype=np.int64),
        queue=np.zeros((2, n), dtype=np.int64),
        passed=np.zeros(n, dtype=np.int64),
        passed_when=np.zeros(n, dtype=np.int64),
        clock=np.array([0, 0, 0, 1], dtype=np.int64),
    )


@compiled
def capacity(network: Network, search: Search, hidden: np.ndarray, node: int, arc: int, side: int) -> int:
    """Return how much an arc at a node still lets through, away from it forwards or towards it backwards."""
    if arc < 0:
        return 2**60 if hidden[-1 - arc] else 0
    if (node >= network.second) == (side == 0):
        return int(network.held[arc] - search.moved[arc])
    return int(network.room[arc] + search.moved[arc])


@compiled
def _spread(network: Network, search: Search, hidden: np.ndarray, skip: int, side: int) -> int:
    """Look around from the first in the queue until the root or the other search. Return where, or -1."""
    seen, queue, now = search.seen[side], search.queue[side], search.clock[0]
    other = search.seen[1 - side]
    if queue[0] == 0 or other[queue[0]] == now:
        return int(queue[0])
    count, at = 1, 0
    while at < count:
        node = queue[at]
        at += 1
        for i in range(network.start[node], network.start[node + 1]):
            arc, end = network.arc[i], network.end[i]
            if seen[end] == now or arc == skip or capacity(network, search, hidden, node, arc, side) <= 0:
                continue
            seen[end], search.back[side, end], search.came[side, end] = now, arc, node
            queue[count] = end
            count += 1
            if end == 0 or other[end] == now:
                return int(end)
    return -1


@compiled
def send(network: Network, search: Search, hidden: np.ndarray, meeting: int, most: int) -> int:
    """Send as much as goes along the path through a node where two searches met, at most ``most``."""
    amount = most
    for side in range(2):
        node = meeting
        while node != search.queue[side, 0]:
            before = search.came[side, node]
            amount = min(amount, capacity(network, search, hidden, before, search.back[side, node], side))
            node = before
    for side in range(2):
        node = meeting
        while node != search.queue[side, 0]:
            before, arc = search.came[side, node], search.back[side, node]
            if arc >= 0:
                if not search.noted[arc]:
                    search.noted[arc] = True
                    search.touched[search.clock[1]] = arc
                    search.clock[1] += 1
                search.moved[arc] += amount if (before >= network.second) == (side == 0) else -amount
            elif search.passed_when[-1 - arc] != search.clock[3]:
                search.passed_when[-1 - arc] = search.clock[3]
                search.passed[search.clock[2]] = -1 - arc
                search.clock[2] += 1
            node = before
    return amount


@compiled
def forget(search: Search) -> None:
    """Put back whom the last flow moved."""
    for i in range(search.clock[1]):
        search.moved[search.touched[i]] = 0
        search.noted[search.touched[i]] = False
    search.clock[1] = 0
    search.clock[2] = 0
    search.clock[3] += 1


@compiled
def raised(network: Network, search: Search, hidden: np.ndarray, pair: int, enough: int) -> int:
    """Return how high a pair can be raised, or ``enough``. The flow stays: `forget` it."""
    height = int(network.held[pair])
    search.queue[0, 0], search.queue[1, 0] = network.second_of[pair], network.first_of[pair]
    while height < enough:
        search.clock[0] += 1
        for side in range(2):
            search.seen[side, search.queue[side, 0]] = search.clock[0]
        met = _spread(network, search, hidden, pair, 0)
        if met == 0:
            met = _spread(network, search, hidden, pair, 1)
        if met < 0:
            break
        height += send(network, search, hidden, met, enough - height)
    return height


@compiled
def failing(
    network: Network, search: Search, hidden: np.ndarray, pairs: np.ndarray, enough: int
) -> np.ndarray:
    """Return whether each of some pairs cannot be raised to ``enough``."""
    fails = np.zeros(len(pairs), dtype=np.bool_)
    for i in range(len(pairs)):
        fails[i] = raised(network, search, hidden, pairs[i], enough) < enough
        forget(search)
    return fails


@compiled
def witness(
    network: Network, search: Search, hidden: np.ndarray, pair: int, enough: int
) -> tuple[bool, np.ndarray]:
    """Return whether a pair can be raised to ``enough``, and the hidden areas that one way of it needs."""
    height = raised(network, search, hidden, pair, enough)
    passed = search.passed[: search.clock[2]].copy()
    forget(search)
    return height >= enough, passed
