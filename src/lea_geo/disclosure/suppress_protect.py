"""The cheapest areas to hide for a task, whatever the order of its families, areas and atoms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.disclosure_suppress import refuse_unprotected
from lea_geo.disclosure.many import unsafe_groups
from lea_geo.disclosure.published import ROOT, Family
from lea_geo.disclosure.suppress_cover import Cover
from lea_geo.disclosure.suppress_network import contract
from lea_geo.disclosure.suppress_search import Overlay, Unprotected, choose
from lea_geo.disclosure.suppress_task import Task, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NAMED = 20
"""Groups that an error lists; it counts the others."""


@dataclass(frozen=True)
class Protection:
    """Which areas of each family are hidden, what the secondary ones cost and must cost at least."""

    hidden: tuple[NDArray[np.bool_], ...]
    cost: float
    bound: float


def protect(task: Task, costs: Sequence[NDArray[np.float64]]) -> Protection:
    """Return the cheapest areas to hide.

    Raises
    ------
    ValuesError
        Some groups cannot be protected.
    """
    ranks = sorted(range(len(task.families)), key=lambda at: task.families[at].name)
    ordered, orders = in_order(task, ranks)
    price = ordered.joined([costs[at][order] for at, order in zip(ranks, orders, strict=True)], np.inf)
    settled = [never | fixed for never, fixed in zip(ordered.never, ordered.fixed, strict=True)]
    start = ordered.joined(ordered.start, 0.0) > 0
    cover = Cover(np.where(start | (ordered.joined(settled, 1.0) > 0), np.inf, price))
    refused: Sequence[NDArray[np.int64]] = ()
    hidden, bound = start, 0.0
    try:
        hidden, bound = _searched(ordered, start, cover)
    except Unprotected as found:
        refused = found.recipes
    _refuse(ordered, price, refused)
    by_family = [np.zeros(0, dtype=bool)] * len(ranks)
    for at, order, some in zip(ranks, orders, ordered.split(hidden | start), strict=True):
        by_family[at] = np.empty(len(some), dtype=bool)
        by_family[at][order] = some
    return Protection(tuple(by_family), float(price[hidden & ~start].sum()), bound)


def _searched(task: Task, start: NDArray[np.bool_], cover: Cover) -> tuple[NDArray[np.bool_], float]:
    """Return what to hide beyond the start, and a bound on its cost.

    Every two families are protected first. Of three or more an audit finds what they give away together, and
    that is hit as well, until it finds nothing.
    """
    overlays = _overlays(task)
    choice = choose(overlays, cover)
    bound, exact = choice.bound, True
    while len(task.families) > 2:
        found, proved = _given_away(task, choice.hidden | start, cover.costs)
        if not found:
            break
        cover.add(found)
        choice = choose(overlays, cover)
        exact = exact and proved
        bound = choice.bound if exact else bound
    return choice.hidden, bound


def _overlays(task: Task) -> list[Overlay]:
    """Return every two families laid over each other; one family alone is laid over nothing."""
    if len(task.families) == 1:
        leaf = np.zeros(len(task.counts), dtype=np.int64)
        nothing = Family("", leaf, np.array([ROOT]), np.zeros(1, np.int64), np.zeros(1, np.int64), ("",))
        areas = np.concatenate([np.arange(len(task.names)), [0]])
        return [_overlay(task, (task.families[0], nothing), (task.start[0], np.ones(1, dtype=bool)), areas)]
    found = []
    for one, other in combinations(range(len(task.families)), 2):
        areas = np.concatenate(
            [[0], *(np.arange(task.starts[at], task.starts[at + 1]) for at in (one, other))]
        )
        two = (task.families[one], task.families[other])
        found.append(_overlay(task, two, (task.start[one], task.start[other]), areas))
    return found


def _overlay(
    task: Task,
    families: tuple[Family, Family],
    hidden: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    areas: NDArray[np.int64],
) -> Overlay:
    room = task.caps - task.counts
    network, wanting = contract(families, hidden, task.counts, room, task.wanting)
    return Overlay.of(network, areas, wanting, task.minimum)


def _given_away(
    task: Task, hidden: NDArray[np.bool_], costs: NDArray[np.float64]
) -> tuple[list[NDArray[np.int64]], bool]:
    """Return the areas of each recipe of three families or more together, and whether all are proved.

    Where a program found a group and no recipe, or nothing was proved, the areas around its atoms stand in.
    """
    published = task.published(task.split(hidden))
    called = np.array(task.names)
    recipes, proved = [], True
    for group in unsafe_groups(published, task.minimum, task.counts, zero=task.zero).groups:
        names = () if group.recipe is None else (*group.recipe.add, *group.recipe.subtract)
        areas = np.flatnonzero(np.isin(called, names) & ~hidden)
        if not len(areas):
            proved = False
            areas = _around(task, np.array(group.atoms), hidden)
        recipes.append(areas)
    hopeless = [areas for areas in recipes if not np.isfinite(costs[areas]).any()]
    if hopeless:
        raise Unprotected(hopeless)
    return recipes, proved


def _around(task: Task, atoms: NDArray[np.int64], hidden: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the published areas that hold some of the atoms."""
    found = []
    for family, start in zip(task.families, task.starts[:-1], strict=True):
        at = family.leaf[atoms]
        while len(at):
            found.append(at + start)
            at = family.parent[at]
            at = at[at != ROOT]
    areas: NDArray[np.int64] = np.unique(np.concatenate(found))
    return areas[~hidden[areas]]


def _refuse(task: Task, price: NDArray[np.float64], recipes: Sequence[NDArray[np.int64]]) -> None:
    """Name everybody who cannot be protected."""
    small = [
        family.ids[area]
        for family, some, never, gone in zip(task.families, task.primary, task.never, task.gone, strict=True)
        for area in np.flatnonzero(some & never & ~gone)
    ]
    too_few = np.zeros(0, dtype=np.int64)
    if task.zero == "hidden":
        too_few = np.flatnonzero((task.caps > 0) & (task.caps < task.minimum))
    named = [
        [task.names[area] for area in recipe[np.lexsort((recipe, price[recipe]))]]
        for recipe in recipes[:NAMED]
    ]
    refuse_unprotected(small, named, len(recipes), task.minimum, [f"atom {atom}" for atom in too_few])
