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
TIME, TOUCHED, NEAR, FAR, SCALE, LEAK = range(6)
"""What the numbers of a search are."""
PARTS = 1_000
"""Into how many parts a person is cut where published areas leak."""


class Network(NamedTuple):
    """What compiled loops see of two families. Nodes are the root, the first family's areas, the second's."""

    start: np.ndarray
    """Where each node's arcs begin, and one number more. The root has none."""
    end: np.ndarray
    """The node that each arc leads to."""
    edge: np.ndarray
    """The edge that each arc is: a pair, or the number of pairs and an area, for its place in its tree."""
    first_of: np.ndarray
    """The first family's node of each pair."""
    second_of: np.ndarray
    giver: np.ndarray
    """The node of each edge from which flow takes people out; from the other it adds some."""
    held: np.ndarray
    """How many people each edge holds: as many can be taken out."""
    room: np.ndarray
    """How many can be added to each edge."""


class Search(NamedTuple):
    """What a search writes on."""

    moved: np.ndarray
    """How many people have been taken out of each edge."""
    touched: np.ndarray
    """The edges that were moved, each once."""
    noted: np.ndarray
    """Whether each edge is among them."""
    seen: np.ndarray
    """When each node was last seen, by direction."""
    done: np.ndarray
    """When each node was last settled by a shortest path, by direction."""
    back: np.ndarray
    """The edge over which, by direction."""
    came: np.ndarray
    """The node from which, by direction."""
    queue: np.ndarray
    """The nodes that were seen, by direction."""
    number: np.ndarray
    """The number of the search; how many edges are touched; how many nodes are in either queue; into how many
    parts people are cut, and how many parts a published area lets through."""


def new_search(network: Network) -> Search:
    """Return fresh paper for searches in a network."""
    n, edges = len(network.start) - 1, len(network.held)
    return Search(
        moved=np.zeros(edges, dtype=np.int64),
        touched=np.zeros(edges, dtype=np.int64),
        noted=np.zeros(edges, dtype=np.bool_),
        seen=np.zeros((2, n), dtype=np.int64),
        done=np.zeros((2, n), dtype=np.int64),
        back=np.zeros((2, n), dtype=np.int64),
        came=np.zeros((2, n), dtype=np.int64),
        queue=np.zeros((2, n), dtype=np.int64),
        number=np.array([0, 0, 0, 0, 1, 0], dtype=np.int64),
    )


@compiled
def capacity(network: Network, search: Search, hidden: np.ndarray, node: int, edge: int, side: int) -> int:
    """Return how much an edge still lets through, away from a node forwards or towards it backwards."""
    taking = (node == network.giver[edge]) == (side == 0)
    area = edge - len(network.first_of)
    most = search.number[LEAK]
    if area < 0 or hidden[area]:
        most = (network.held[edge] if taking else network.room[edge]) * search.number[SCALE]
    return int(most - search.moved[edge] if taking else most + search.moved[edge])


@compiled
def _spread(network: Network, search: Search, hidden: np.ndarray, skip: int, side: int) -> int:
    """Look around from the first in the queue until the root or the other search. Return where, or -1."""
    seen, queue, now = search.seen[side], search.queue[side], search.number[TIME]
    other = search.seen[1 - side]
    if queue[0] == 0 or other[queue[0]] == now:
        return int(queue[0])
    count, at = 1, 0
    while at < count:
        node = queue[at]
        at += 1
        for i in range(network.start[node], network.start[node + 1]):
            edge, end = network.edge[i], network.end[i]
            if seen[end] == now or edge == skip or capacity(network, search, hidden, node, edge, side) <= 0:
                continue
            seen[end], search.back[side, end], search.came[side, end] = now, edge, node
            queue[count] = end
            count += 1
            if end == 0 or other[end] == now:
                return int(end)
    search.number[NEAR + side] = count
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
            before, edge = search.came[side, node], search.back[side, node]
            if not search.noted[edge]:
                search.noted[edge] = True
                search.touched[search.number[TOUCHED]] = edge
                search.number[TOUCHED] += 1
            search.moved[edge] += amount if (before == network.giver[edge]) == (side == 0) else -amount
            node = before
    return amount


@compiled
def forget(search: Search) -> None:
    """Put back whom the last flow moved."""
    for i in range(search.number[TOUCHED]):
        search.moved[search.touched[i]] = 0
        search.noted[search.touched[i]] = False
    search.number[TOUCHED] = 0


@compiled
def raised(network: Network, search: Search, hidden: np.ndarray, pair: int, enough: int) -> int:
    """Return how high a pair can be raised, or ``enough``. The flow stays: `forget` it.

    Where it falls short, the queue of one direction holds a cut without the root; the other's size is 0.
    """
    scale = int(search.number[SCALE])
    height, goal = int(network.held[pair]) * scale, enough * scale
    search.queue[0, 0], search.queue[1, 0] = network.second_of[pair], network.first_of[pair]
    while height < goal:
        search.number[TIME] += 1
        for side in range(2):
            search.seen[side, search.queue[side, 0]] = search.number[TIME]
            search.number[NEAR + side] = 0
        met = _spread(network, search, hidden, pair, 0)
        if met == 0:
            met = _spread(network, search, hidden, pair, 1)
        if met < 0:
            break
        height += send(network, search, hidden, met, goal - height)
    return height


@compiled
def around(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    when: np.ndarray,
    side: int,
    count: int,
    recipe: np.ndarray,
) -> int:
    """Write the published areas around the first so many nodes of a queue that could let more through.

    The nodes are those whose ``when`` is now. An area that holds nobody can let people in and none out.
    Return how many areas there are.
    """
    size, pairs = 0, len(network.first_of)
    for j in range(count):
        node = search.queue[side, j]
        for i in range(network.start[node], network.start[node + 1]):
            edge, end = network.edge[i], network.end[i]
            if edge < pairs or hidden[edge - pairs] or when[end] == search.number[TIME]:
                continue
            taking = (node == network.giver[edge]) == (side == 0)
            if (network.held[edge] if taking else network.room[edge]) > 0:
                recipe[size] = edge - pairs
                size += 1
    return size


@compiled
def small_recipe(
    network: Network, search: Search, hidden: np.ndarray, pair: int, enough: int, recipe: np.ndarray
) -> int:
    """Write a recipe of few areas by which a pair fails. Return how many, 0 where it does not fail.

    Every published area leaks: the minimum cut then has few of them around it. The more they leak, the fewer.
    """
    search.number[SCALE], leak, size = PARTS, 2 * PARTS, 0
    while leak > 0 and size == 0:
        leak //= 2
        search.number[LEAK] = leak
        height = raised(network, search, hidden, pair, enough)
        if height < enough * PARTS:
            side = 0 if search.number[NEAR] > 0 else 1
            count = search.number[NEAR + side]
            size = around(network, search, hidden, search.seen[side], side, count, recipe)
            leak = 0
        forget(search)
    search.number[SCALE], search.number[LEAK] = 1, 0
    return size


@compiled
def failing(
    network: Network, search: Search, hidden: np.ndarray, pairs: np.ndarray, enough: np.ndarray
) -> np.ndarray:
    """Return whether each of some pairs cannot be raised to what is enough for it."""
    fails = np.zeros(len(pairs), dtype=np.bool_)
    for i in range(len(pairs)):
        fails[i] = raised(network, search, hidden, pairs[i], enough[i]) < enough[i]
        forget(search)
    return fails


@compiled
def witness(
    network: Network, search: Search, hidden: np.ndarray, pairs: np.ndarray, enough: np.ndarray
) -> tuple[bool, np.ndarray]:
    """Return whether some pairs can all be raised at once, and the hidden areas that one way of it needs."""
    safe = True
    for i in range(len(pairs)):
        safe = safe and raised(network, search, hidden, pairs[i], enough[i]) >= enough[i]
    edges = search.touched[: search.number[TOUCHED]].copy()
    forget(search)
    return safe, edges[edges >= len(network.first_of)] - len(network.first_of)
