"""Regions cut from trees: every piece of a tree hangs together, so a cut cannot tear a region apart.

spopt's Skater is not used: it drops links between areas with the same values (a distance of 0 is no link in
its sparse matrix), and its floor counts areas, not people (spopt 0.7.0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from scipy import sparse

    Cut = tuple[float, np.ndarray]
    Finder = Callable[[np.ndarray], "Cut | None"]

_NOTHING = 1e-12
"""A gain below this share of all the spread is rounding."""


def squares(x: np.ndarray) -> float:
    """Return the sum of squares around the mean."""
    return float(((x - x.mean(axis=0)) ** 2).sum())


def spanning_tree(links: sparse.csr_array[Any, Any], order: np.ndarray) -> sparse.csr_array[Any, Any]:
    """Return a spanning tree of each component that takes links as early in ``order`` as it can, both ways.

    Parameters
    ----------
    order
        A number for each stored link of ``links``, smaller first; equal ones in the order of the areas.
    """
    coo = links.tocoo()
    start, end = coo.coords
    up = start < end
    rank = np.empty(int(up.sum()))
    rank[np.lexsort((end[up], start[up], order[up]))] = np.arange(1, up.sum() + 1)  # 0 would be no link
    tree = minimum_spanning_tree(coo_array((rank, (start[up], end[up])), shape=links.shape).tocsr()).tocoo()
    one, other = tree.coords
    both = (np.concatenate([one, other]), np.concatenate([other, one]))
    made: sparse.csr_array[Any, Any] = coo_array((np.ones(len(both[0])), both), shape=links.shape).tocsr()
    return made


def skater_order(links: sparse.csr_array[Any, Any], x: np.ndarray) -> np.ndarray:
    """Return how unlike the two ends of each link are."""
    start, end = links.tocoo().coords
    return np.asarray(np.linalg.norm(x[start] - x[end], axis=1))


def cut_finder(
    tree: sparse.csr_array[Any, Any],
    x: np.ndarray,
    people: np.ndarray,
    floor: float,
    judged: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    rng: np.random.Generator | None = None,
) -> Finder:
    """Return what finds the best cut of a piece of a tree: its gain, and the areas of one side.

    Parameters
    ----------
    floor
        People that each side must have.
    judged, rng
        What makes gains into others, for starts at random.
    """

    def find(members: np.ndarray) -> Cut | None:
        if len(members) < 2:
            return None
        order, parent = breadth_first_order(tree[members][:, members], 0, directed=False)
        held = np.column_stack(
            [np.ones(len(members)), people[members], (x[members] ** 2).sum(axis=1), x[members]]
        )
        for i in order[:0:-1]:  # from the leaves up, the root not
            held[parent[i]] += held[i]
        whole, below = held[order[0]], held[order[1:]]
        gain = _squares(whole[None])[0] - _squares(below) - _squares(whole - below)
        fits = (below[:, 1] >= floor) & (whole[1] - below[:, 1] >= floor)
        if not fits.any():
            return None
        gain = gain if judged is None or rng is None else judged(gain, rng)
        best = int(np.where(fits, gain, -np.inf).argmax())
        under = np.zeros(len(members), dtype=bool)
        under[order[1 + best]] = True
        for i in order[2 + best :]:
            under[i] |= under[parent[i]]
        return float(gain[best]), members[under]

    return find


def _squares(held: np.ndarray) -> np.ndarray:
    return np.asarray(held[:, 2] - (held[:, 3:] ** 2).sum(axis=1) / held[:, 0])


def ward_finder(
    links: sparse.csr_array[Any, Any],
    pieces: list[np.ndarray],
    x: np.ndarray,
    people: np.ndarray,
    floor: float,
) -> Finder:
    """Return what undoes the last merger of a region of spatially constrained Ward clustering."""
    from sklearn.cluster import ward_tree  # noqa: PLC0415 - it takes a second

    halves: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    for piece in (one for one in pieces if len(one) > 1):
        children = ward_tree(x[piece], connectivity=links[piece][:, piece])[0]
        parts = [np.array([i]) for i in piece]
        for one, other in children:
            both = np.sort(np.concatenate([parts[one], parts[other]]))
            halves[int(both[0]), len(both)] = (parts[one], parts[other])
            parts.append(both)

    def find(members: np.ndarray) -> Cut | None:
        if len(members) < 2:
            return None
        one, other = halves[int(members.min()), len(members)]
        if min(people[one].sum(), people[other].sum()) < floor:
            return None
        return squares(x[members]) - squares(x[one]) - squares(x[other]), one

    return find


def cut_up(pieces: list[np.ndarray], find: Finder, k: int) -> list[np.ndarray]:
    """Cut pieces, the most gainful cut first, until there are k or none can be cut."""
    regions = list(pieces)
    cuts = [find(one) for one in regions]
    while len(regions) < k and any(cut is not None for cut in cuts):
        at = max(range(len(cuts)), key=lambda i: -np.inf if cuts[i] is None else cuts[i][0])  # type: ignore[index]
        taken = cuts[at][1]  # type: ignore[index] # one that can be cut
        rest = np.setdiff1d(regions[at], taken)
        regions[at : at + 1] = [np.sort(taken), rest]
        cuts[at : at + 1] = [find(regions[at]), find(rest)]
    return regions
