"""Random divisions of a region into zones of neighbouring areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled

if TYPE_CHECKING:
    from lea_geo.spatial.graph import AreaGraph


def random_zones(graph: AreaGraph, zones: int, *, runs: int, seed: int) -> np.ndarray:
    """Return the zone of every area in random divisions, shape (runs, n), numbered from 0.

    As many areas as there are zones are drawn as their seeds, at least one in every linked part; then, again
    and again, a link from a zone to an area without one is drawn, each as likely, and the area joins. All
    zones hang together. Where there are more linked parts than zones, every part is a zone.

    Parameters
    ----------
    graph
        Areas in the order of their ids, so that no other order changes anything.
    """
    ends = graph.transform("binary").sparse()
    both = (ends + ends.T).tocsr()
    both.sort_indices()
    component = graph.components.to_numpy().astype(np.int64)
    number = max(zones, int(component.max()) + 1)
    found = np.empty((runs, graph.n), dtype=np.int64)
    for run in range(runs):
        random = np.random.Generator(np.random.Philox(key=np.array([seed, run], dtype=np.uint64)))
        order = random.permutation(graph.n)
        # The first area of every part in the random order is a seed, and then the first of the rest.
        first = np.zeros(graph.n, dtype=bool)
        first[np.unique(component[order], return_index=True)[1]] = True
        seeds = order[np.argsort(~first, kind="stable")][:number]
        shares = random.random(len(both.indices) + 1)
        found[run] = _grow(both.indptr.astype(np.int64), both.indices.astype(np.int64), seeds, shares)
    return found


@compiled
def _grow(indptr: np.ndarray, indices: np.ndarray, seeds: np.ndarray, shares: np.ndarray) -> np.ndarray:
    n = len(indptr) - 1
    zone = np.full(n, -1, np.int64)
    starts = np.empty(len(indices) + 1, np.int64)
    ends = np.empty(len(indices) + 1, np.int64)
    held = 0
    for k in range(len(seeds)):
        zone[seeds[k]] = k
    for k in range(len(seeds)):
        for link in range(indptr[seeds[k]], indptr[seeds[k] + 1]):
            if zone[indices[link]] < 0:
                starts[held] = k
                ends[held] = indices[link]
                held += 1
    step = 0
    while held > 0:
        pick = int(shares[step] * held)
        # What is drawn is gone whether it is used or not; the last takes its place.
        own, area = starts[pick], ends[pick]
        held -= 1
        starts[pick], ends[pick] = starts[held], ends[held]
        step += 1
        if zone[area] >= 0:
            continue
        zone[area] = own
        for link in range(indptr[area], indptr[area + 1]):
            if zone[indices[link]] < 0:
                starts[held] = own
                ends[held] = indices[link]
                held += 1
    return zone
