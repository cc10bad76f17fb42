"""The cheapest areas such that every recipe holds one: a minimum hitting set, solved piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BRANCHES = 2_000
"""Nodes of branch and bound that one piece may take: a number and no time, on which results would depend."""


@dataclass
class Cover:
    """Recipes found so far, and the cheapest areas that hit each of them."""

    costs: NDArray[np.float64]
    """What it costs to hide each area; infinite where it may not be."""
    recipes: list[NDArray[np.int64]] = field(default_factory=list)
    """The areas of each, only those that may be hidden, sorted."""
    _known: set[bytes] = field(default_factory=set)
    _solved: dict[bytes, tuple[NDArray[np.int64], float]] = field(default_factory=dict)

    def add(self, recipes: Sequence[NDArray[np.int64]]) -> int:
        """Take in recipes. Return how many were new."""
        before = len(self.recipes)
        for recipe in recipes:
            kept = np.sort(recipe[np.isfinite(self.costs[recipe])])
            if kept.tobytes() not in self._known:
                self._known.add(kept.tobytes())
                self.recipes.append(kept)
        return len(self.recipes) - before

    def needed(self, hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the hidden areas that alone hit some recipe."""
        needed = np.zeros(len(hidden), dtype=bool)
        for recipe in self.recipes:
            hits = recipe[hidden[recipe]]
            if len(hits) == 1:
                needed[hits] = True
        return needed

    def cheapest(self) -> tuple[NDArray[np.int64], float]:
        """Return the areas to hide, sorted, and a cost that no choice can be below."""
        chosen, bound = [], 0.0
        for rows, area, recipe in self._pieces():
            key = rows.tobytes()
            if key not in self._solved:
                self._solved[key] = _hit(area, recipe, self.costs)
            found, least = self._solved[key]
            chosen.append(found)
            bound += least
        return np.sort(np.concatenate([*chosen, np.zeros(0, dtype=np.int64)])), bound

    def _pieces(self) -> Sequence[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """Return each piece that shares no area with another: its recipes, and which area is in which."""
        if not self.recipes:
            return []
        sizes = np.array([len(one) for one in self.recipes])
        recipe, area = np.repeat(np.arange(len(sizes)), sizes), np.concatenate(self.recipes)
        kept = _undominated(area, recipe, self.costs)
        recipe, area = recipe[kept], area[kept]
        found, column = np.unique(area, return_inverse=True)
        n = len(sizes)
        links = csr_array((np.ones(len(recipe)), (recipe, n + column)), shape=(n + len(found),) * 2)
        piece = connected_components(links, directed=False)[1][recipe]
        order = np.lexsort((area, recipe, piece))
        cuts = np.flatnonzero(np.diff(piece[order])) + 1
        return [(np.unique(recipe[some]), area[some], recipe[some]) for some in np.split(order, cuts)]


def _undominated(
    area: NDArray[np.int64], recipe: NDArray[np.int64], costs: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which entries to keep: of areas in the same recipes only the cheapest, the first of equals."""
    found, column = np.unique(area, return_inverse=True)
    marks = np.random.default_rng(7).integers(0, 2**62, (2, recipe.max() + 1), dtype=np.uint64)
    signs = np.zeros((2, len(found)), dtype=np.uint64)
    for sign, mark in zip(signs, marks, strict=True):
        np.add.at(sign, column, mark[recipe])
    order = np.lexsort((found, costs[found], *signs))
    same = np.zeros(len(found), dtype=bool)
    same[1:] = np.all(signs[:, order[1:]] == signs[:, order[:-1]], axis=0)
    best = np.zeros(len(found), dtype=bool)
    best[order] = ~same
    return best[column]


def _hit(
    area: NDArray[np.int64], recipe: NDArray[np.int64], costs: NDArray[np.float64]
) -> tuple[NDArray[np.int64], float]:
    """Return the cheapest areas that hit every recipe of a piece, and a bound on their cost."""
    found, column = np.unique(area, return_inverse=True)
    rows, row = np.unique(recipe, return_inverse=True)
    if len(found) == 1 or len(rows) == 1:
        best = found[np.lexsort((found, costs[found]))[:1]]
        return best, float(costs[best[0]])
    matrix = csr_array((np.ones(len(row)), (row, column)), shape=(len(rows), len(found)))
    solved = milp(
        costs[found],
        integrality=np.ones(len(found), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, lb=1),
        options={"mip_rel_gap": 0.0, "node_limit": BRANCHES},
    )
    if solved.x is None:  # the limit came before any choice: one that hits each recipe by itself will do
        order = np.lexsort((column, costs[found][column], row))
        return np.unique(found[column[order[np.unique(row[order], return_index=True)[1]]]]), 0.0
    return found[solved.x > 0.5], float(solved.mip_dual_bound or 0.0)
