"""One or two families as a network: a count is a flow around through the areas and the atom it lies in.

From the root a count goes down one tree to the finest area it lies in, through its atom to the finest area of
the other tree, and up that tree to the root again. Each area and each atom is one edge, and what is known of
it are the edge's bounds. A table that agrees with what is published is a circulation, and the matrix of a
network is totally unimodular: bounds over whole numbers are bounds over all numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.published import ROOT

if TYPE_CHECKING:
    from lea_geo.disclosure.published import Published

MOST_FAMILIES = 2
"""How many families a network can hold."""


class Network(NamedTuple):
    """Edges with bounds: first the atoms, then the areas of one family, then those of the other."""

    tail: np.ndarray
    """The node that each edge leaves; node 0 is the root, then come the areas in the order of their edges."""
    head: np.ndarray
    """The node that each edge enters."""
    lower: np.ndarray
    upper: np.ndarray
    first: np.ndarray
    """Where the arcs of each node start in ``arcs``, shape (nodes + 1,)."""
    arcs: np.ndarray
    """The edges at each node that may take more than one count: 2 e where edge e leaves it, 2 e + 1 where
    it enters."""

    def restricted(self, free: np.ndarray) -> Network:
        """Return the same network, in which counts move over some edges alone."""
        return self._replace(**dict(zip(("first", "arcs"), self._laid(free), strict=True)))

    def whole(self) -> Network:
        """Return the same network with all edges among the arcs."""
        return self.restricted(np.ones(len(self.tail), dtype=np.bool_))

    def _laid(self, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first, arcs = lay_arcs(self.tail, self.head, free, len(self.first) - 1)
        return first, arcs


def build_network(published: Published) -> Network:
    """Return the network of one or two families (or none, where each atom is known by itself alone)."""
    nodes = 1
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    ends: list[np.ndarray] = []
    for family in published.families:
        node = np.arange(nodes, nodes + len(family.parent))
        above = np.where(family.parent == ROOT, 0, family.parent + nodes)
        parts.append((above, node) if not ends else (node, above))
        ends.append(family.leaf + nodes)
        nodes += len(family.parent)
    ends += [np.zeros(published.n_atoms, dtype=np.int64)] * (MOST_FAMILIES - len(ends))
    tail, head = (
        np.concatenate([end, *(part[side] for part in parts)]).astype(np.int64)
        for side, end in enumerate(ends)
    )
    lower, upper = (
        np.concatenate([getattr(one, side) for one in (published, *published.families)]).astype(np.int64)
        for side in ("lower", "upper")
    )
    first, arcs = lay_arcs(tail, head, (lower < upper) & (tail != head), nodes)
    return Network(tail, head, lower, upper, first, arcs)


def edge_flows(published: Published, counts: np.ndarray) -> np.ndarray:
    """Return the count of each edge, from the counts of the atoms."""
    return np.concatenate([counts, *(family.totals(counts) for family in published.families)]).astype(
        np.int64
    )


def edge_name(published: Published, edge: int) -> str:
    """Return what the atom or area of an edge is called."""
    if edge < published.n_atoms:
        return published.ids[edge] if published.ids else f"atom {edge}"
    edge -= published.n_atoms
    for family in published.families:
        if edge < len(family.ids):
            return family.ids[edge]
        edge -= len(family.ids)
    raise IndexError(edge)


@compiled
def lay_arcs(
    tail: np.ndarray, head: np.ndarray, free: np.ndarray, n_nodes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return where each node's arcs start, and the arcs of all nodes, over the edges that are free."""
    first = np.zeros(n_nodes + 1, np.int64)
    for e in range(len(tail)):
        if free[e]:
            first[tail[e] + 1] += 1
            first[head[e] + 1] += 1
    for v in range(n_nodes):
        first[v + 1] += first[v]
    place = first[:-1].copy()
    arcs = np.empty(first[-1], np.int64)
    for e in range(len(tail)):
        if free[e]:
            arcs[place[tail[e]]] = 2 * e
            place[tail[e]] += 1
            arcs[place[head[e]]] = 2 * e + 1
            place[head[e]] += 1
    return first, arcs


@compiled
def target(net: Network, arc: int) -> int:
    """Return the node that an arc leads to."""
    return int(net.tail[arc >> 1] if arc & 1 else net.head[arc >> 1])


@compiled
def room(net: Network, flow: np.ndarray, arc: int) -> int:
    """Return how much more may go along an arc: against an edge, how much may be taken from it."""
    edge = arc >> 1
    return int(flow[edge] - net.lower[edge] if arc & 1 else net.upper[edge] - flow[edge])


@compiled
def settle(net: Network, flow: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """Give each edge that alone connects some areas with the rest the only count it can have.

    Parameters
    ----------
    flow, excess
        The count of each edge, and what enters each node more than leaves it; both are changed. Where the
        only count is beyond the edge's bounds, it gets the bound, and some excess is left.

    Returns
    -------
    numpy.ndarray
        Whether each edge may still take more than one count.
    """
    degree = net.first[1:] - net.first[:-1]
    free = np.zeros(len(net.tail), np.bool_)
    free[net.arcs >> 1] = True
    stack = np.empty(len(degree), np.int64)
    top = 0
    for v in range(len(degree)):
        if degree[v] == 1:
            stack[top] = v
            top += 1
    while top:
        top -= 1
        v = stack[top]
        if degree[v] != 1:
            continue
        at = net.first[v]
        while not free[net.arcs[at] >> 1]:
            at += 1
        other = _settle_edge(net, flow, excess, free, net.arcs[at])
        degree[v] -= 1
        degree[other] -= 1
        if degree[other] == 1:
            stack[top] = other
            top += 1
    return free


@compiled
def _settle_edge(net: Network, flow: np.ndarray, excess: np.ndarray, free: np.ndarray, arc: int) -> int:
    """Send what an arc's node has too much along the arc, and return the node that it leads to."""
    edge = arc >> 1
    least, most = -room(net, flow, arc ^ 1), room(net, flow, arc)
    other, source = target(net, arc), target(net, arc ^ 1)
    sent = min(max(excess[source], least), most)
    flow[edge] += -sent if arc & 1 else sent
    excess[source] -= sent
    excess[other] += sent
    free[edge] = False
    return other
