"""Rounding without bias: values that are no multiples, moved along cycles at odds that leave the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.published import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family


def shift_at_random(
    counts: NDArray[np.int64], families: Sequence[Family], base: int, seed: int
) -> NDArray[np.int64]:
    """Return rounded counts of the atoms, each of them and of all totals unbiased.

    Atoms and areas are the edges of a network in which what enters a place leaves it: an atom leads from its
    area in the second family to its area in the first, an area of the first to the one it lies in, one of the
    second from the one it lies in, and the largest ones meet outside. No place has a single edge that is no
    multiple, so those edges hold a cycle as long as there are any.
    """
    tail, head, value = _edges(counts, families)
    ends = np.concatenate([tail, head])
    order = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[order], np.arange(ends.max() + 2))
    draws = np.random.default_rng(seed).random(len(value))
    _shift(value, tail, head, first, order % len(value), draws, base)
    return value[: len(counts)]


def _edges(
    counts: NDArray[np.int64], families: Sequence[Family]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return where each edge leads from and to, and its value: atoms first, then the areas of each family."""
    one = families[0]
    outside = sum(len(family.parent) for family in families)
    above = np.where(one.parent == ROOT, outside, one.parent)
    areas = np.arange(len(one.parent))
    if len(families) == 1:
        from_atoms = np.full(len(counts), outside)
        return (
            np.concatenate([from_atoms, areas]),
            np.concatenate([one.leaf, above]),
            np.concatenate([counts, one.totals(counts)]),
        )
    other, shift = families[1], len(one.parent)
    over = np.where(other.parent == ROOT, outside, other.parent + shift)
    others = np.arange(len(other.parent)) + shift
    return (
        np.concatenate([other.leaf + shift, areas, over]),
        np.concatenate([one.leaf, above, others]),
        np.concatenate([counts, one.totals(counts), other.totals(counts)]),
    )


@compiled
def _shift(
    value: np.ndarray,
    tail: np.ndarray,
    head: np.ndarray,
    first: np.ndarray,
    edges: np.ndarray,
    draws: np.ndarray,
    base: int,
) -> None:
    """Walk along edges that are no multiples; whenever the walk closes a cycle, move it."""
    places = len(first) - 1
    look = first[:-1].copy()
    seen = np.full(places, -1, dtype=np.int64)
    walked = np.empty(places + 1, dtype=np.int64)
    visited = np.empty(places + 1, dtype=np.int64)
    moved = 0
    for start in range(places):
        length, at = 0, start
        seen[at], visited[0] = 0, at
        while True:
            came = walked[length - 1] if length else -1
            edge = _next_edge(value, edges, first, look, at, came, base)
            if edge < 0 and length == 0:
                break
            other = head[edge] if tail[edge] == at else tail[edge]
            walked[length] = edge
            length += 1
            if seen[other] < 0:
                seen[other], visited[length], at = length, other, other
                continue
            begin = seen[other]
            _move(value, tail, visited, walked[begin:length], begin, draws[moved], base)
            moved += 1
            for step in range(begin + 1, length):
                seen[visited[step]] = -1
            length, at = begin, other
            # The walk up to here was along edges outside the cycle; they are as they were.
        seen[start] = -1


@compiled
def _next_edge(
    value: np.ndarray,
    edges: np.ndarray,
    first: np.ndarray,
    look: np.ndarray,
    at: int,
    came: int,
    base: int,
) -> int:
    """Return an edge at a place that is no multiple and is not the one that was come by; -1 for none."""
    while look[at] < first[at + 1] and value[edges[look[at]]] % base == 0:
        look[at] += 1
    for place in range(look[at], first[at + 1]):
        if value[edges[place]] % base != 0 and edges[place] != came:
            return int(edges[place])
    return -1


@compiled
def _move(
    value: np.ndarray,
    tail: np.ndarray,
    visited: np.ndarray,
    cycle: np.ndarray,
    begin: int,
    draw: float,
    base: int,
) -> None:
    """Move the values of a cycle up or down until one of them is a multiple."""
    up = down = base
    for step in range(len(cycle)):
        above = value[cycle[step]] % base
        if tail[cycle[step]] != visited[begin + step]:
            above = base - above
        up, down = min(up, base - above), min(down, above)
    by = up if draw * (up + down) < down else -down
    for step in range(len(cycle)):
        value[cycle[step]] += by if tail[cycle[step]] == visited[begin + step] else -by
