"""One table in which all atoms that cannot reach the minimum are empty at once, as nearly as can be.

Whoever is unsafe lies in a group that holds somebody in every table. So where one table leaves nobody in the
atoms that cannot be raised, no group of them is unsafe; and where it leaves somebody, that is where to look.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.disclosure.prove.augment import Search as FlowSearch
from lea_geo.disclosure.prove.augment import move_edge, new_search
from lea_geo.disclosure.prove.flow import base_flow
from lea_geo.disclosure.prove.many_freeze import freeze

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.many_search import Search
    from lea_geo.disclosure.prove.network import Network
    from lea_geo.disclosure.published import Published

ROUNDS = 3
"""How often each family is moved."""


def emptied(search: Search, low: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return a table that agrees and leaves as few of the low atoms as were found to be left with somebody.

    Parameters
    ----------
    low
        The atoms to empty; none of them is given more on the way.
    """
    counts = search.counts.copy()
    for _ in range(ROUNDS):
        before = int(counts[low].sum())
        for moving in range(len(search.published.families)):
            two = freeze(search.published, counts, moving)
            counts = _moved(replace(two, upper=np.where(low, counts, two.upper)), counts, low)
        if counts[low].sum() in {0, before}:
            break
    return counts


def _moved(two: Published, counts: NDArray[np.int64], low: NDArray[np.bool_]) -> NDArray[np.int64]:
    net, flow = base_flow(two, counts)
    atoms = np.flatnonzero(low & (counts > two.lower))
    _lower(net._replace(upper=net.upper.copy()), flow, atoms, new_search(net))
    return flow[: len(counts)].copy()


@compiled
def _lower(net: Network, flow: np.ndarray, edges: np.ndarray, search: FlowSearch) -> None:
    """Lower each edge as far as it goes, and keep it there."""
    for edge in edges:
        net.upper[edge] = move_edge(net, flow, edge, 0, search)
