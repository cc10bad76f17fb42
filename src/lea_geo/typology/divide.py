"""One division of a map into regions, by one of four methods, from one start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.distance import pdist, squareform

from lea_geo._checks.typology import check_most_linked
from lea_geo.rates.merge_areas import MOST_LINKED, grown_regions
from lea_geo.typology.moves import improved
from lea_geo.typology.streams import stream, whole_seed
from lea_geo.typology.trees import cut_finder, cut_up, skater_order, spanning_tree, squares, ward_finder

if TYPE_CHECKING:
    from scipy import sparse

REGION_METHODS = ("skater", "ward", "azp", "max_p")
_ROUNDS, _BRIEF = 19, 5
"""How many partitions spopt grows in a start of max-p, and in a run with other noise."""


@dataclass(frozen=True)
class Ground:
    """A map to divide."""

    x: np.ndarray
    """Coordinates, shape (n, dimensions)."""
    links: sparse.csr_array[Any, Any]
    """Symmetric, without self-links."""
    people: np.ndarray
    """Shape (n,)."""
    floor: float
    pieces: list[np.ndarray]
    """Areas of each component."""

    def at(self, x: np.ndarray) -> Ground:
        """Return the same map with other coordinates."""
        return replace(self, x=x)


def divide(method: str, ground: Ground, k: int, *, start: int, seed: int, brief: bool = False) -> np.ndarray:
    """Return the region of each area, 0 and so on; fewer than k where no more can be cut.

    Parameters
    ----------
    start
        Which start: 0 and so on.
    brief
        Whether less work will do.
    """
    if method == "max_p":
        return _max_p(ground, start, seed, _BRIEF if brief else _ROUNDS)
    if method == "skater":
        return _labels(_skater(ground, k), len(ground.x))
    if method == "ward":
        return _labels(_ward(ground, k), len(ground.x))
    return _azp(ground, k, start, seed)


def _labels(found: list[np.ndarray], n: int) -> np.ndarray:
    labels = np.empty(n, dtype=np.int64)
    for one, members in enumerate(sorted(found, key=lambda members: int(members.min()))):
        labels[members] = one
    return labels


def _skater(ground: Ground, k: int) -> list[np.ndarray]:
    tree = spanning_tree(ground.links, skater_order(ground.links, ground.x))
    return cut_up(ground.pieces, cut_finder(tree, ground.x, ground.people, ground.floor), k)


def _ward(ground: Ground, k: int) -> list[np.ndarray]:
    find = ward_finder(ground.links, ground.pieces, ground.x, ground.people, ground.floor)
    return cut_up(ground.pieces, find, k)


def _azp(ground: Ground, k: int, start: int, seed: int) -> np.ndarray:
    """Return the best that moves of single areas lead to; from SKATER, from Ward, then from random trees."""
    rng = stream(seed, "regions", start)
    if start < 2:
        found = (_skater, _ward)[start](ground, k)
    else:
        tree = spanning_tree(ground.links, rng.random(ground.links.nnz))
        find = cut_finder(tree, ground.x, ground.people, ground.floor, _at_random, rng)
        found = cut_up(ground.pieces, find, k)
    labels = _labels(found, len(ground.x))
    least = 1e-12 * squares(ground.x)
    links, order = ground.links, rng.permutation(len(labels))
    return np.asarray(
        improved(
            labels,
            links.indptr,
            links.indices,
            ground.x,
            ground.people,
            order,
            len(found),
            ground.floor,
            least,
        )
    )


def _at_random(gain: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return gains that prefer no cut."""
    return rng.random(gain.shape)


def _max_p(ground: Ground, start: int, seed: int, rounds: int) -> np.ndarray:
    found: list[np.ndarray] = []
    for members in ground.pieces:
        reached = ground.people[members]
        if len(members) == 1 or reached.sum() < ground.floor:
            found.append(members)
            continue
        check_most_linked(len(members), MOST_LINKED)
        part = ground.links[members][:, members]
        apart = squareform(pdist(ground.x[members], metric="sqeuclidean"))
        labels = grown_regions(
            part,
            ground.x[members],
            reached,
            apart,
            ground.floor,
            seed=whole_seed(seed, "regions", start),
            rounds=rounds,
        )
        found += [members[labels == one] for one in np.unique(labels)]
    return _labels(found, len(ground.x))
