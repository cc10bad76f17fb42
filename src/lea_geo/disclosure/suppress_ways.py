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
from lea_geo.disclosure.suppress_cuts import capacity, forget, raised, send

if TYPE_CHECKING:
    from lea_geo.disclosure.suppress_cuts import Network, Search


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
    seen, done, now = search.seen[side], search.done[side], search.clock[0]
    for i in range(network.start[node], network.start[node + 1]):
        arc, end = network.arc[i], network.end[i]
        if arc == skip or done[end] == now:
            continue
        distance = distances[node]
        if arc < 0 and not hidden[-1 - arc]:
            distance += costs[-1 - arc]
        elif capacity(network, search, hidden, node, arc, side) <= 0:
            continue
        if distance < np.inf and (seen[end] != now or distance < distances[end]):
            seen[end], distances[end] = now, distance
            search.back[side, end], search.came[side, end] = arc, node
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
    seen, queue, now = search.seen[side], search.queue[side], search.clock[0]
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
def _recipe(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    distances: np.ndarray,
    side: int,
    count: int,
    recipe: np.ndarray,
) -> int:
    """Write the published areas around the first so many settled nodes that could let more through.

    An area that holds nobody can let people in and none out.
    """
    size, now = 0, search.clock[0]
    last = distances[side, search.queue[side, count - 1]]
    for j in range(count):
        node = search.queue[side, j]
        for i in range(network.start[node], network.start[node + 1]):
            area, end = -1 - network.arc[i], network.end[i]
            if area < 0 or hidden[area]:
                continue
            if end > 0 and search.done[side, end] == now and distances[side, end] <= last:
                continue
            inside = (area == node) == (side == 0)
            if network.total[area] > 0 or inside == (area >= network.second):
                recipe[size] = area
                size += 1
    return size


@compiled
def _hide_way(search: Search, hidden: np.ndarray, meeting: int) -> None:
    """Hide the published areas along the way that was found."""
    for side in range(2):
        node = meeting
        while node != search.queue[side, 0]:
            if search.back[side, node] < 0:
                hidden[-1 - search.back[side, node]] = True
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
    search.clock[0] += 1
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
def _appended(kept: np.ndarray, size: int, more: np.ndarray, count: int) -> np.ndarray:
    """Return an array with more behind it, in one with room to grow."""
    if size + count > len(kept):
        longer = np.empty(2 * (size + count), dtype=kept.dtype)
        longer[:size] = kept[:size]
        kept = longer
    kept[size : size + count] = more[:count]
    return kept


@compiled
def recipes_of(
    network: Network,
    search: Search,
    hidden: np.ndarray,
    pairs: np.ndarray,
    enough: int,
    costs: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hide areas along cheapest ways, in ``hidden``, until every pair can be raised to ``enough``.

    Returns
    -------
    The areas of the recipes met, one after another, the size of each recipe, and the pair that each is of. A
    pair that no area of finite cost can help is left; its last recipe holds none.
    """
    areas, sizes, owners = np.empty(1024, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    recipe, one = np.empty(len(network.arc) + 1, np.int64), np.empty(1, np.int64)
    distances = np.zeros((2, len(network.total)))
    filled, found = 0, 0
    for pair in pairs:
        height = raised(network, search, hidden, pair, enough)
        while height < enough:
            meeting, near, far, near_limit, far_limit = _way(network, search, hidden, costs, distances, pair)
            for side in range(2):
                settled, limit = (near, near_limit) if side == 0 else (far, far_limit)
                for count in range(1, settled + 1):
                    here = distances[side, search.queue[side, count - 1]]
                    if here >= limit or (
                        count < settled and distances[side, search.queue[side, count]] == here
                    ):
                        continue
                    one[0] = _recipe(network, search, hidden, distances, side, count, recipe)
                    areas = _appended(areas, filled, recipe, one[0])
                    sizes = _appended(sizes, found, one, 1)
                    filled, one[0] = filled + one[0], pair
                    owners = _appended(owners, found, one, 1)
                    found += 1
            if meeting < 0:
                break
            _hide_way(search, hidden, meeting)
            height += send(network, search, hidden, meeting, enough - height)
        forget(search)
    return areas[:filled], sizes[:found], owners[:found]
