"""Two families as a network in which what is hidden has been contracted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.suppress_cuts import TOP, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family

MANY = 2**32
"""More people than any atom has room for; sums of so many stay exact."""


@compiled
def _nodes(parent: np.ndarray, hidden: np.ndarray, first: int) -> np.ndarray:
    """Return each area's node: itself where it is published, otherwise the node of what it lies in."""
    node = np.empty(len(parent), dtype=np.int64)
    for area in range(len(parent) - 1, -1, -1):
        if not hidden[area]:
            node[area] = area + first
        elif parent[area] < 0:
            node[area] = 0
        else:
            node[area] = node[parent[area]]
    return node


def contract(
    families: tuple[Family, Family],
    hidden: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    counts: NDArray[np.int64],
    room: NDArray[np.int64],
    wanting: NDArray[np.bool_],
) -> tuple[Network, NDArray[np.int64]]:
    """Return the network of two families, and its pairs that hold an atom which must be raised.

    Parameters
    ----------
    families
        Both trees. The areas of the first are the nodes from 1 on, in order; those of the second follow.
    hidden
        Which areas of each are hidden.
    counts, room
        How many people each atom holds, and how many more it could.
    wanting
        Which atoms must be raised.
    """
    first = (1, 1 + len(families[0].parent))
    nodes = [_nodes(one.parent, gone, at) for one, gone, at in zip(families, hidden, first, strict=True)]
    of_first, of_second = (node[one.leaf] for node, one in zip(nodes, families, strict=True))
    n_nodes = first[1] + len(families[1].parent)
    between = of_first != of_second  # both are the root: nothing holds such an atom
    keys, pair = np.unique(of_first[between] * n_nodes + of_second[between], return_inverse=True)
    held, spare, asked = (
        np.bincount(pair, some[between], len(keys)) for some in (counts, np.minimum(room, MANY), wanting)
    )
    ends = np.divmod(keys, n_nodes)
    total = np.concatenate([[0], *(one.totals(counts) for one in families)])
    start, end, arc = _arcs(families, hidden, nodes, ends, first)
    network = Network(first[1], start, end, arc, *ends, held.astype(np.int64), spare.astype(np.int64), total)
    return network, np.flatnonzero(asked)


def _arcs(
    families: tuple[Family, Family],
    hidden: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    nodes: list[NDArray[np.int64]],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    first: tuple[int, int],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return where each node's arcs begin, where they lead and what they are."""
    tree = []
    for family, gone, node, at in zip(families, hidden, nodes, first, strict=True):
        areas = np.flatnonzero(~gone)
        above = np.where(family.parent[areas] < 0, TOP, node[family.parent[areas]])
        tree.append((areas + at, above))
    area, above = (np.concatenate(some) for some in zip(*tree, strict=True))
    one, other = np.concatenate([ends[0], area]), np.concatenate([ends[1], above])
    what = np.concatenate([np.arange(len(ends[0])), -1 - area])
    begin, end, arc = np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([what, what])
    kept = begin != TOP
    begin, end, arc = begin[kept], end[kept], arc[kept]
    order = np.lexsort((arc, begin))
    n_nodes = first[1] + len(families[1].parent)
    start = np.searchsorted(begin[order], np.arange(n_nodes + 1))
    return start, end[order], arc[order]
