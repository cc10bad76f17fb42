"""Shortest ways along links: points are put on the nearest link, which is cut there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    import geopandas as gpd

MEETING = 2
"""Decimals of a metre to which the ends of links are compared: those within a centimetre meet."""


@dataclass(frozen=True, eq=False)
class Network:
    """Links between numbered meeting points."""

    lines: np.ndarray
    """Line strings, shape (k,)."""
    start: np.ndarray
    end: np.ndarray
    """The meeting points at both ends, shape (k,)."""
    cost: np.ndarray
    """Of the whole link, shape (k,)."""
    n_nodes: int
    one_way: bool
    speed: float
    """Metres for each unit of cost on the way to a link."""

    @classmethod
    def of(cls, links: gpd.GeoDataFrame, *, one_way: bool, off_network: float) -> Network:
        """Return the network of links with a geometry and a column ``cost``."""
        lines = links.geometry.to_numpy()
        ends = np.vstack(
            [
                shapely.get_coordinates(shapely.get_point(lines, 0)),
                shapely.get_coordinates(shapely.get_point(lines, -1)),
            ]
        )
        nodes, place = np.unique(np.round(ends, MEETING), axis=0, return_inverse=True)
        place = place.ravel()
        cost = links["cost"].to_numpy(dtype=float)
        return cls(lines, place[: len(lines)], place[len(lines) :], cost, len(nodes), one_way, off_network)


@dataclass(frozen=True, eq=False)
class Snapped:
    """Costs along the links."""

    costs: np.ndarray
    """Shape (n, m); NaN where there is no route."""
    far_from: np.ndarray
    far_to: np.ndarray
    """Which points lie farther from every link than the tolerance, shapes (n,) and (m,)."""


def network_costs(
    network: Network, here: np.ndarray, there: np.ndarray, *, tolerance: float, same: bool
) -> Snapped:
    """Return the cost of the cheapest way from each point to each other, by Dijkstra's algorithm.

    Each point is joined to the place on the nearest link that is nearest to it, and the way to that place
    counts.
    """
    points = here if same else np.concatenate([here, there])
    link, away = _nearest_link(network, points)
    along = shapely.line_locate_point(network.lines[link], points, normalized=True)
    graph = _cut(network, link, along)
    first = np.arange(len(here)) + network.n_nodes
    last = first if same else np.arange(len(there)) + network.n_nodes + len(here)
    by_few = len(last) < len(first)  # from the smaller side: as many searches as there are services
    found = dijkstra(graph.T.tocsr() if by_few else graph, indices=last if by_few else first)
    costs = found[:, first].T if by_few else found[:, last]
    off = away / network.speed
    off_first, off_last = off[: len(here)], off[-len(there) :]
    costs = costs + off_first[:, None] + off_last[None, :]
    costs[_same_place(here, there)] = 0.0
    far = away > tolerance
    far_from, far_to = far[: len(here)], far[-len(there) :]
    costs[far_from, :] = np.nan
    costs[:, far_to] = np.nan
    costs[np.isinf(costs)] = np.nan
    return Snapped(costs, far_from, far_to)


def _same_place(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    one, other = shapely.get_coordinates(here), shapely.get_coordinates(there)
    return np.asarray((one[:, None] == other[None]).all(axis=2))


def _nearest_link(network: Network, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest link of each point, the first among equals, and how far it is."""
    (row, link), away = shapely.STRtree(network.lines).query_nearest(points, return_distance=True)
    order = np.lexsort((link, row))
    first = np.unique(row[order], return_index=True)[1]
    return link[order][first], away[order][first]


def _cut(network: Network, link: np.ndarray, along: np.ndarray) -> csr_array:
    """Return the links, cut where points are, as a sparse graph; the points come after the nodes."""
    k = len(network.lines)
    # Every link has its start, the points on it in their order, and its end.
    owner = np.concatenate([np.arange(k), link, np.arange(k)])
    share = np.concatenate([np.zeros(k), along, np.ones(k)])
    node = np.concatenate([network.start, network.n_nodes + np.arange(len(link)), network.end])
    rank = np.concatenate([np.zeros(k), np.ones(len(link)), np.full(k, 2)])
    order = np.lexsort((rank, share, owner))
    owner, share, node = owner[order], share[order], node[order]
    within = owner[1:] == owner[:-1]
    tail, head = node[:-1][within], node[1:][within]
    cost = ((share[1:] - share[:-1]) * network.cost[owner[1:]])[within]
    if not network.one_way:
        tail, head, cost = np.concatenate([tail, head]), np.concatenate([head, tail]), np.tile(cost, 2)
    return _lightest(tail, head, cost, network.n_nodes + len(link))


def _lightest(tail: np.ndarray, head: np.ndarray, cost: np.ndarray, size: int) -> csr_array:
    """Return the graph with the cheapest of several links between the same two places.

    A sparse matrix adds up what stands twice in it, and reads 0 as no link: a link of no length costs the
    least number there is.
    """
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], np.maximum(cost[order], np.finfo(float).tiny)
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return csr_array(coo_array((cost[first], (tail[first], head[first])), shape=(size, size)))
