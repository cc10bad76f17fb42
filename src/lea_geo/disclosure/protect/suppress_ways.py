"""The cheapest areas to hide so that a count can be raised far enough, and every recipe met on the way.

Published areas can be passed at their cost, hidden ones for nothing: the cheapest way for one more person is
a shortest path (Dijkstra), looked for from both ends as in `suppress_cuts`. All that is nearer than some
distance is a cut that lets nothing more through, so each distance on the way gives one more recipe.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.protect.suppress_cuts import (
    TIME,
    around,
    capacity,
    forget,
    raised,
    send,
    small_recipe,
)

if TYPE_CHECKING:
    from lea_geo.disclosure.protect.suppress_cuts import Network, Search


@compiled
def _look(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    costs: np.ndarray,
    distances: np.ndarray,
    skip: int,
    side: int,
    node: int,
    heap: list[tuple[float, int]],
) -> None:
    """Put on the heap what is nearer over a settled node than was known."""
    seen, done, now = search.seen[side], search.done[side], search.number[TIME]
    for i in range(network.start[node], network.start[node + 1]):
        edge, end = network.edge[i], network.end[i]
        if edge == skip or done[end] == now:
            continue
        distance, area = distances[node], edge - len(network.first_of)
        if area >= 0 and not hidden[area]:
            taking = (node == network.giver[edge]) == (side == 0)
            distance += costs[area] if (network.held[edge] if taking else network.room[edge]) > 0 else np.inf
        elif capacity(network, search, hidden, node, edge, side) <= 0:
            continue
        if distance < np.inf and (seen[end] != now or distance < distances[end]):
            seen[end], distances[end] = now, distance
            search.back[side, end], search.came[side, end] = edge, node
            heapq.heappush(heap, (distance, end))


@compiled
def _reach(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    costs: np.ndarray,
    far: np.ndarray,
    skip: int,
    side: int,
    most: float,
) -> tuple[int, float, float]:
    """Settle nodes from the nearest on, the root without looking around there, until the other end.

    Returns
    -------
    How many nodes were settled, in the queue; how far the root is and how far the other end, infinite where
    neither was reached within ``most``. The root ends the search forwards.
    """
    seen, queue, now = search.seen[side], search.queue[side], search.number[TIME]
    begin, goal = queue[0], search.queue[1 - side, 0]
    done, far_side = search.done[side], far[side]
    seen[begin], far_side[begin], root = now, 0.0, np.inf
    heap = [(0.0, begin)]
    count = 0
    while heap:
        distance, node = heapq.heappop(heap)
        if done[node] == now:
            continue
        if distance >= most + root:
            break
        done[node] = now
        if node == goal:
            return count, root if node > 0 else distance, distance
        if node == 0:
            root = distance
            if side == 0:
                break
            continue
        queue[count] = node
        count += 1
        _look(network, search, hidden, costs, far_side, skip, side, node, heap)
    return count, root, np.inf


@compiled
def _hide_way(network: Network, search: Search, hidden: np.ndarray, meeting: int) -> None:
    """Hide the published areas along the way that was found."""
    for side in range(2):
        node = meeting
        while node != search.queue[side, 0]:
            area = search.back[side, node] - len(network.first_of)
            if area >= 0:
                hidden[area] = True
            node = search.came[side, node]


@compiled
def _way(
    network: Network, search: Search, hidden: np.ndarray, costs: np.ndarray, distances: np.ndarray, pair: int
) -> tuple[int, int, int, float, float]:
    """Look for the cheapest way for one more person.

    Returns
    -------
    Where its halves meet, -1 for nowhere; how many nodes were settled from either end, and the distance from
    it up to which they are cuts.
    """
    search.number[TIME] += 1
    near, root, direct = _reach(network, search, hidden, costs, distances, pair, 0, np.inf)
    if direct < np.inf:
        return search.queue[1, 0], near, 0, direct, 0.0
    if root == np.inf:
        return -1, near, 0, np.inf, 0.0
    far, other, direct = _reach(network, search, hidden, costs, distances, pair, 1, root)
    if direct <= root + other and direct < np.inf:
        return search.queue[0, 0], near, far, root, min(other, direct)
    if other == np.inf:
        return -1, near, far, root, np.inf
    return 0, near, far, root, other


@compiled
def _write(recipe: np.ndarray, size: int, areas: list[int], sizes: list[int]) -> None:
    """Write one more recipe behind the others."""
    for i in range(size):
        areas.append(recipe[i])  # noqa: PERF401 - a compiled list takes them one by one
    sizes.append(size)


@compiled
def _write_levels(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    distances: np.ndarray,
    side: int,
    settled: int,
    limit: float,
    recipe: np.ndarray,
    areas: list[int],
    sizes: list[int],
) -> None:
    """Write the recipe of every distance from an end, up to a limit: what is nearer is a cut."""
    inside, queue, far = search.done[side], search.queue[side], distances[side]
    inside[0], inside[search.queue[1 - side, 0]] = 0, 0
    inside[queue[:settled]] = 0
    for count in range(1, settled + 1):
        here = far[queue[count - 1]]
        if here >= limit:
            break
        inside[queue[count - 1]] = search.number[TIME]
        if count == settled or far[queue[count]] > here:
            _write(recipe, around(network, search, hidden, inside, side, count, recipe), areas, sizes)


@compiled
def recipes_of(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    pairs: np.ndarray,
    enough: np.ndarray,
    costs: np.ndarray,
    small: bool,
    together: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Hide areas along cheapest ways, in ``hidden``, until every pair can be raised to what is enough for it.

    Returns
    -------
    The areas of the recipes that were met, one recipe after another, and the size of each. Where nothing
    helps a pair, its last recipe holds no area of finite cost. ``small`` asks for a small recipe of each pair
    too; ``together``, that all are raised at once.
    """
    recipe, areas, sizes = np.empty(len(network.edge) + 1, np.int64), [0], [1]
    distances = np.zeros((2, len(network.start) - 1))
    for i in range(len(pairs)):
        pair, goal = pairs[i], enough[i]
        height = raised(network, search, hidden, pair, goal)
        if small and not together and height < goal:
            forget(search)
            _write(recipe, small_recipe(network, search, hidden, pair, goal, recipe), areas, sizes)
            height = raised(network, search, hidden, pair, goal)
        while height < goal:
            meeting, near, far, first, second = _way(network, search, hidden, costs, distances, pair)
            _write_levels(network, search, hidden, distances, 0, near, first, recipe, areas, sizes)
            _write_levels(network, search, hidden, distances, 1, far, second, recipe, areas, sizes)
            if meeting < 0:
                break
            _hide_way(network, search, hidden, meeting)
            height += send(network, search, hidden, meeting, goal - height)
        if not together:
            forget(search)
    forget(search)
    return np.array(areas)[1:], np.array(sizes)[1:]
