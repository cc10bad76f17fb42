"""What becomes of islands: links across water, each with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo.spatial.links import FloatArray, Geometries, IntArray, Links

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Weigh = Callable[[FloatArray], FloatArray]

DECIMALS = 3
"""Distances are compared to the millimetre; equal ones are told apart by area id."""


def link_isolates(links: Links, ids: pd.Index[str], shapes: Geometries, weigh: Weigh) -> Links:
    """Link each area without neighbours to its nearest area, in both directions.

    Parameters
    ----------
    links
        The links so far.
    ids, shapes
        Area ids and their shapes, in metres, shape (n,); the distance is from shape to shape.
    weigh
        The weight of a link by its distance.
    """
    alone = np.flatnonzero(np.bincount(links.focal, minlength=len(ids)) == 0)
    if alone.size == 0:
        return links
    # exclusive: not itself; an equal shape elsewhere would have been a neighbour already.
    row, other = shapely.STRtree(shapes).query_nearest(shapes[alone], exclusive=True, all_matches=True)
    isolate = alone[row]
    order = np.lexsort((_rank(ids)[other], isolate))
    nearest = order[np.unique(isolate[order], return_index=True)[1]]
    isolate, other = isolate[nearest], other[nearest]
    distance = shapely.distance(shapes[isolate], shapes[other])
    notes = [
        f"{ids[one]} had no neighbour and was linked to the nearest area {ids[two]}, {metres:.1f} m away."
        for one, two, metres in zip(isolate, other, distance, strict=True)
    ]
    # Two isolates that are nearest to each other are one pair.
    pairs = np.sort(np.column_stack([isolate, other]), axis=1)
    once = np.unique(pairs, axis=0, return_index=True)[1]
    bridges = Links.both_ways(pairs[once, 0], pairs[once, 1], weigh(distance[once]), tuple(notes))
    return links.joined_to(bridges)


def link_components(
    links: Links, ids: pd.Index[str], shapes: Geometries, weigh: Weigh, water_distance: float
) -> Links:
    """Join components across at most ``water_distance`` metres by as few and as short links as can be.

    Pairs of areas in different components are taken from the shortest distance to the longest, equal ones by
    area id, and linked unless earlier links have joined their components already: Kruskal's minimum spanning
    forest (doi:10.1090/S0002-9939-1956-0078686-7). The order of the areas plays no part.
    """
    label = links.components(len(ids))
    first, second, distance = _pairs_across(label, ids, shapes, water_distance)
    parent = list(range(int(label.max()) + 1))
    taken = []
    for pair, (one, two) in enumerate(zip(label[first], label[second], strict=True)):
        root, other = _root(parent, one), _root(parent, two)
        if root != other:
            parent[other] = root
            taken.append(pair)
    notes = [
        f"{ids[first[pair]]} and {ids[second[pair]]} were linked across {distance[pair]:.1f} m."
        for pair in taken
    ]
    apart = len({_root(parent, component) for component in range(len(parent))})
    if apart > 1:
        notes.append(f"{apart} components remain; no water narrower than {water_distance:g} m joins them.")
    bridges = Links.both_ways(first[taken], second[taken], weigh(distance[taken]), tuple(notes))
    return links.joined_to(bridges)


def _pairs_across(
    label: IntArray, ids: pd.Index[str], shapes: Geometries, water_distance: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the closest pair of each two components within a distance, shortest first, then by area id."""
    # One end of every such pair lies outside the largest component.
    outside = np.flatnonzero(label != np.bincount(label).argmax())
    row, other = shapely.STRtree(shapes).query(shapes[outside], predicate="dwithin", distance=water_distance)
    across = label[outside[row]] != label[other]
    rank = _rank(ids)
    by_id = np.argsort(rank)
    ranks = np.sort(rank[np.column_stack([outside[row][across], other[across]])], axis=1)
    ranks = np.unique(ranks, axis=0)
    first, second = by_id[ranks[:, 0]], by_id[ranks[:, 1]]
    distance = shapely.distance(shapes[first], shapes[second])
    order = np.lexsort((ranks[:, 1], ranks[:, 0], np.round(distance, DECIMALS)))
    components = np.sort(np.column_stack([label[first], label[second]])[order], axis=1)
    closest = np.sort(np.unique(components, axis=0, return_index=True)[1])
    order = order[closest]
    return first[order], second[order], distance[order]


def _rank(ids: pd.Index[str]) -> IntArray:
    """Return the place of each id among the sorted ids."""
    return np.argsort(np.argsort(ids.to_numpy()))


def _root(parent: list[int], component: int) -> int:
    while parent[component] != component:
        component = parent[component]
    return component
