"""The same graph in libpysal's shape: a weight for each pair of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard, cast

import numpy as np
import pandas as pd

from lea_geo._checks.graph import as_ids
from lea_geo.spatial.links import FloatArray, IntArray, Links

if TYPE_CHECKING:
    from libpysal.graph import Graph


def is_libpysal(graph: object) -> TypeGuard[Graph]:
    """Say whether something is a ``libpysal.graph.Graph``, without importing libpysal to know it."""
    return any(
        kind.__module__.startswith("libpysal.graph") and kind.__name__ == "Graph"
        for kind in type(graph).__mro__
    )


def adjacency_of(
    ids: pd.Index[str], focal: IntArray, neighbor: IntArray, weights: FloatArray
) -> pd.Series[float]:
    """Return links as libpysal keeps them; an area without any is linked to itself with weight 0."""
    alone = np.flatnonzero(np.bincount(focal, minlength=len(ids)) == 0)
    places = np.concatenate([focal, alone])
    order = np.argsort(places, kind="stable")
    codes = [places[order], np.concatenate([neighbor, alone])[order]]
    # Levels and codes, rather than arrays, so that libpysal finds its canonical order.
    pairs = pd.MultiIndex(
        levels=cast("Any", [ids, ids]), codes=cast("Any", codes), names=["focal", "neighbor"]
    )
    return pd.Series(np.concatenate([weights, np.zeros(alone.size)])[order], index=pairs, name="weight")


def links_of(graph: Graph) -> tuple[pd.Index[Any], Links]:
    """Return the ids of a ``libpysal.graph.Graph``, in its order, and its links of a weight other than 0."""
    ids = as_ids(graph.unique_ids)
    adjacency = graph.adjacency
    focal, neighbor = (
        ids.get_indexer(level)[codes]
        for level, codes in zip(adjacency.index.levels, adjacency.index.codes, strict=True)
    )
    weight = adjacency.to_numpy(dtype=np.float64)
    kept = weight != 0
    dropped = int(np.count_nonzero(~kept & (focal != neighbor)))
    notes = (f"Links of weight 0 that were left out of the given graph: {dropped}.",) if dropped else ()
    return ids, Links(focal[kept], neighbor[kept], weight[kept], notes)
