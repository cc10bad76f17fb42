"""Small graphs made from matrices, and the law of a neighbour sum by going through every subset."""

import numpy as np
import pandas as pd

from lea_geo.spatial.graph import AreaGraph


def names(n: int) -> pd.Index:
    return pd.Index([f"a{i:05d}" for i in range(n)])


def graph_from(links: np.ndarray, weights: np.ndarray | None = None) -> AreaGraph:
    """Return the graph of a square matrix of zeros and ones, its diagonal left out."""
    links = np.array(links, dtype=bool)
    np.fill_diagonal(links, val=False)
    indptr = np.concatenate([[0], np.cumsum(links.sum(axis=1))])
    values = np.ones(links.sum()) if weights is None else np.asarray(weights, dtype=float)[links]
    return AreaGraph(names(len(links)), indptr, np.nonzero(links)[1], values)


def square(side: int, holes: int = 0) -> AreaGraph:
    """Return queen contiguity on ``side`` by ``side`` cells, every ``holes``-th of them missing."""
    place = np.arange(side**2)
    place = place if holes == 0 else place[place * 7 % holes != 0]
    row, column = np.divmod(place, side)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    return graph_from(near)


def enumerated(whole: np.ndarray, links: np.ndarray, area: int) -> tuple[float, float]:
    """Return P(S <= s) and P(S >= s) of one area's neighbour sum, over every k of the other areas.

    Parameters
    ----------
    whole
        Whole numbers, so that ties are ties; shape (n,).
    links
        Which areas are neighbours of which, shape (n, n).
    """
    others = np.delete(whole, area)
    subsets = np.arange(2 ** len(others))[:, None] >> np.arange(len(others)) & 1
    near = np.delete(links[area], area)
    sums = subsets[subsets.sum(axis=1) == near.sum()] @ others
    return float(np.mean(sums <= others @ near)), float(np.mean(sums >= others @ near))
