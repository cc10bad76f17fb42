"""Two families as a network in which what is hidden has been contracted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.protect.suppress_cuts import TOP, Network
from lea_geo.disclosure.published import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family

MANY = 2**32
"""More people than any atom has room for; sums of so many stay exact."""


@compiled
def tops(parent: np.ndarray, hidden: np.ndarray, first: int) -> np.ndarray:
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


@dataclass(frozen=True)
class Atoms:
    """What a network knows of the atoms."""

    held: NDArray[np.int64]
    """How many people may be taken out of each."""
    room: NDArray[np.int64]
    """How many may be added to each."""
    wanting: NDArray[np.int64]
    """By how much each is to change; 0 for not at all."""


def contract(
    families: tuple[Family, Family],
    hidden: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    totals: tuple[NDArray[np.int64], NDArray[np.int64]],
    room: tuple[NDArray[np.int64], NDArray[np.int64]],
    atoms: Atoms,
    *,
    emptied: bool = False,
) -> tuple[Network, NDArray[np.int64], NDArray[np.int64]]:
    """Return the network of two families, its pairs that hold an atom which must change, and how much.

    Parameters
    ----------
    families
        Both trees. The areas of the first are the nodes from 1 on, in order; those of the second follow.
    hidden
        Which areas of each are hidden and can hold any number.
    totals, room
        How many people each area holds, and how many more it could.
    atoms
        What may be done with atoms, and which must change.
    emptied
        The atoms that change are emptied, not filled: for each pair of theirs there is one from its first
        node to its second, over which nothing else goes.
    """
    first = (1, 1 + len(families[0].parent))
    n_nodes = first[1] + len(families[1].parent)
    nodes = [tops(one.parent, gone, at) for one, gone, at in zip(families, hidden, first, strict=True)]
    of_first, of_second = (node[one.leaf] for node, one in zip(nodes, families, strict=True))
    between = of_first != of_second  # both are the root: nothing holds such an atom
    keys, pair = np.unique(of_first[between] * n_nodes + of_second[between], return_inverse=True)
    held, spare, asked = (
        np.bincount(pair, some[between], len(keys)).astype(np.int64)
        for some in (atoms.held, np.minimum(atoms.room, MANY), atoms.wanting)
    )
    wanted = np.flatnonzero(asked)
    ends = np.divmod(keys, n_nodes)
    more = wanted if emptied else wanted[:0]
    above = [_above(*some) for some in zip(families, hidden, nodes, first, strict=True)]
    area, parent = (np.concatenate(some) for some in zip(*above, strict=True))
    giver = np.zeros(n_nodes, dtype=np.int64)
    giver[area] = np.where(area < first[1], area, parent)
    nothing = np.zeros(len(more), dtype=np.int64)
    network = Network(
        *_arcs(ends, area, parent, n_nodes, len(keys) + len(more)),
        first_of=np.concatenate([ends[0], ends[1][more]]),
        second_of=np.concatenate([ends[1], ends[0][more]]),
        giver=np.concatenate([ends[1], nothing, giver]),
        held=np.concatenate([held, nothing, [0], *totals]),
        room=np.concatenate([spare, nothing, [0], *(np.minimum(some, MANY) for some in room)]),
    )
    return network, len(keys) + np.arange(len(more)) if emptied else wanted, asked[wanted]


def _above(
    family: Family, hidden: NDArray[np.bool_], node: NDArray[np.int64], first: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the published areas, and the node that each lies in."""
    areas = np.flatnonzero(~hidden)
    parent = family.parent[areas]
    return areas + first, np.where(parent == ROOT, TOP, node[parent])


def _arcs(
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    area: NDArray[np.int64],
    parent: NDArray[np.int64],
    n_nodes: int,
    n_pairs: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return where each node's arcs begin, where they lead and over which edge."""
    one, other = np.concatenate([ends[0], area]), np.concatenate([ends[1], parent])
    what = np.concatenate([np.arange(len(ends[0])), n_pairs + area])
    begin, end, edge = (
        np.concatenate([one, other]),
        np.concatenate([other, one]),
        np.concatenate([what, what]),
    )
    kept = begin != TOP
    begin, end, edge = begin[kept], end[kept], edge[kept]
    order = np.lexsort((edge, begin))
    start = np.searchsorted(begin[order], np.arange(n_nodes + 1))
    return start, end[order], edge[order]
