"""The published numbers that prove a group's bound: the prices of a linear program."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from lea_geo.disclosure.prove.network import edge_name
from lea_geo.disclosure.prove.recipe import Recipe
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.many_search import Search
    from lea_geo.disclosure.prove.many_system import Block
    from lea_geo.disclosure.published import Published

NEAR = 1e-6
"""How far from a whole number a price may lie."""


def find_recipe(search: Search, block: Block, group: NDArray[np.int64], sign: int) -> Recipe | None:
    """Return the numbers that bound a group from above (sign 1) or from below (sign -1).

    None where the proof takes shares of numbers, or programs that branch.
    """
    weights, rest = _prices(block, sign * np.isin(block.atoms, group).astype(float))
    if not np.all((np.abs(weights - np.round(weights)) <= NEAR) & (np.abs(weights) < 1.5)):
        return None
    whole = (sign * np.round(weights)).astype(int).tolist()
    published = search.published
    sizes = [published.n_atoms, *(len(family.parent) for family in published.families)]
    first = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    terms: Counter[int] = Counter()
    for row, weight in zip(block.rows.tolist(), whole[: len(block.rows)], strict=True):
        family, area = search.areas[row]
        if weight:
            terms[first[family + 1] + area] += weight
            for inside in _published_inside(search, family, area):
                terms[first[family + 1] + inside] -= weight
    for atom, weight in zip(block.atoms.tolist(), whole[len(block.rows) :], strict=True):
        terms[atom] += weight
    found = _recipe(published, terms)
    if found is None or not rest:
        return found
    # Others lie in what is left as well: it bounds the group from one side only.
    return replace(found, lower=0) if sign == 1 else replace(found, upper=NO_LIMIT)


def _prices(block: Block, cost: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """Return what one more in each row's number, and in each atom's bound, would add to the largest sum.

    And whether the numbers that have a price hold others than the atoms that are asked for.
    """
    system = block.loose
    matrix = sparse.vstack([system.matrix, -system.matrix])
    most = np.concatenate([system.upper, np.where(block.closed, -system.lower, np.inf)])
    held = np.flatnonzero(np.isfinite(most))
    bounds = np.column_stack([system.least, system.most])
    result = linprog(-cost, A_ub=sparse.csr_array(matrix)[held], b_ub=most[held], bounds=bounds)  # type: ignore[call-overload]
    if result.x is None:
        return np.full(sum(block.loose.matrix.shape), np.nan), True
    price = np.zeros(len(most))
    price[held] = -result.ineqlin.marginals
    rows = price[: len(system.lower)] - price[len(system.lower) :]
    # An atom that is nobody at least takes nothing away, and stays in what is left.
    others = np.where(system.least > 0, 0.0, result.lower.marginals)
    rest = bool(np.any(np.abs(others) > NEAR) or np.any((np.abs(rows) > NEAR) & ~block.closed))
    return np.concatenate([rows, -result.upper.marginals - (result.lower.marginals - others)]), rest


def _published_inside(search: Search, family: int, area: int) -> list[int]:
    """Return the published areas inside an area, those inside another of them left out."""
    parts, published = search.parts[family], search.published.families[family].published
    found, left = [], [area]
    while left:
        at = left.pop()
        children = parts.indices[parts.indptr[at] : parts.indptr[at + 1]]
        found += children[published[children]].tolist()
        left += children[~published[children]].tolist()
    return found


def _recipe(published: Published, terms: Counter[int]) -> Recipe | None:
    """Return the recipe of areas and atoms that are added and subtracted once each."""
    if any(abs(weight) > 1 for weight in terms.values()):
        return None
    lower, upper = (
        np.concatenate([getattr(published, side), *(getattr(one, side) for one in published.families)])
        for side in ("lower", "upper")
    )
    signed = {sign: sorted(at for at, weight in terms.items() if weight == sign) for sign in (1, -1)}
    add, subtract = (tuple(edge_name(published, at) for at in signed[sign]) for sign in (1, -1))
    least = int(lower[signed[1]].sum()) - int(upper[signed[-1]].sum())
    endless = bool(np.any(upper[signed[1]] >= NO_LIMIT))
    most = NO_LIMIT if endless else int(upper[signed[1]].sum()) - int(lower[signed[-1]].sum())
    return Recipe(add, subtract, lower=max(least, 0), upper=most)
