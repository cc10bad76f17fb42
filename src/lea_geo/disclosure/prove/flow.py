"""A table of counts that agrees with everything published: one of those that an attacker must reckon with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.disclosure_bounds import check_counts, check_families
from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.integer import feasible_table
from lea_geo.disclosure.prove.network import (
    MOST_FAMILIES,
    Network,
    build_network,
    edge_flows,
    room,
    settle,
    target,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published


def feasible_counts(published: Published) -> NDArray[np.int64] | None:
    """Return whole numbers of people in the atoms that agree with everything published.

    For one or two families a circulation with lower bounds, by blocking flows (Dinic, 1970); for more,
    integer programming by connected part (HiGHS).

    Returns
    -------
    numpy.ndarray or None
        One number an atom, the same for the same input; None where the published numbers contradict each
        other. :func:`lea_geo.disclosure.prove.bounds.contradiction` says where.
    """
    if np.any(published.lower > published.upper) or any(
        np.any(family.lower > family.upper) for family in published.families
    ):
        return None
    if len(published.families) > MOST_FAMILIES:
        return feasible_table(published)
    net = build_network(published)
    flow, excess = start(net)
    free = settle(net, flow, excess)
    left = balance(net.restricted(free), flow, excess)
    return None if left else flow[: published.n_atoms].copy()


def base_flow(published: Published, counts: NDArray[np.int64] | None) -> tuple[Network, NDArray[np.int64]]:
    """Return the network over what can still change, and each edge's count in a table that agrees.

    Raises
    ------
    ValuesError
        There are more than two families, the published numbers contradict each other, or ``counts`` does not
        agree with them.
    """
    check_families(len(published.families))
    found = feasible_counts(published) if counts is None else np.asarray(counts, dtype=np.int64)
    agrees = found is None or (len(found) == published.n_atoms and published.agrees(found))
    net, flow = build_network(published), edge_flows(published, check_counts(found, agrees=agrees))
    free = settle(net, flow.copy(), np.zeros(len(net.first) - 1, dtype=np.int64))
    return net.restricted(free), flow


def start(net: Network) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least that each edge can have, and what then enters each node more than leaves it."""
    excess = np.zeros(len(net.first) - 1, dtype=np.int64)
    np.add.at(excess, net.head, net.lower)
    np.subtract.at(excess, net.tail, net.lower)
    return net.lower.copy(), excess


def reach(net: Network, flow: NDArray[np.int64], source: int) -> NDArray[np.bool_]:
    """Return whether more could be sent to each node from a source."""
    level, queue = np.empty((2, len(net.first) - 1), dtype=np.int64)
    excess = np.zeros(len(level), dtype=np.int64)
    excess[source] = 1
    _find_levels(net, flow, excess, level, queue)
    return level >= 0


@compiled
def balance(net: Network, flow: np.ndarray, excess: np.ndarray) -> int:
    """Send what some nodes have too much to those that have too little; return what cannot be sent.

    Blocking flows over shortest paths: Dinic (1970), Soviet Mathematics Doklady 11, 1277-1280. Both arrays
    are changed; afterwards no node with excess reaches one that lacks.
    """
    n = len(excess)
    level, queue, at, path = np.empty((4, n), np.int64)
    while _find_levels(net, flow, excess, level, queue):
        at[:] = net.first[:-1]
        for v in range(n):
            if excess[v] > 0:
                _send(net, flow, excess, level, at, path, v)
    left = 0
    for v in range(n):
        left += max(excess[v], -excess[v])
    return left


@compiled
def _find_levels(
    net: Network, flow: np.ndarray, excess: np.ndarray, level: np.ndarray, queue: np.ndarray
) -> bool:
    """Write how many steps each node is from one with excess; return whether one that lacks is reached."""
    level[:] = -1
    end = 0
    for v in range(len(excess)):
        if excess[v] > 0:
            level[v] = 0
            queue[end] = v
            end += 1
    done, last = 0, len(excess)
    while done < end and level[queue[done]] < last:
        v = queue[done]
        done += 1
        for at in range(net.first[v], net.first[v + 1]):
            arc = net.arcs[at]
            w = target(net, arc)
            if level[w] < 0 and room(net, flow, arc) > 0:
                level[w] = level[v] + 1
                queue[end] = w
                end += 1
                if excess[w] < 0:
                    last = level[w]
    return last < len(excess)


@compiled
def _send(
    net: Network,
    flow: np.ndarray,
    excess: np.ndarray,
    level: np.ndarray,
    at: np.ndarray,
    path: np.ndarray,
    source: int,
) -> None:
    """Send a node's excess down the levels as far as it goes."""
    v, depth = source, 0
    while excess[source] > 0:
        if excess[v] < 0:
            _send_along(net, flow, excess, path[:depth], source, v)
            v, depth = source, 0
        elif at[v] < net.first[v + 1]:
            arc = net.arcs[at[v]]
            w = target(net, arc)
            if level[w] == level[v] + 1 and room(net, flow, arc) > 0:
                path[depth] = arc
                depth += 1
                v = w
            else:
                at[v] += 1
        elif depth == 0:
            return
        else:
            depth -= 1
            v = target(net, path[depth] ^ 1)
            at[v] += 1


@compiled
def _send_along(
    net: Network, flow: np.ndarray, excess: np.ndarray, path: np.ndarray, source: int, sink: int
) -> None:
    sent = min(excess[source], -excess[sink])
    for arc in path:
        sent = min(sent, room(net, flow, arc))
    for arc in path:
        flow[arc >> 1] += -sent if arc & 1 else sent
    excess[source] -= sent
    excess[sink] += sent
