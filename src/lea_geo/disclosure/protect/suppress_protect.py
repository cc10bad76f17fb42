"""The cheapest areas to hide for a task, whatever the order of its families, areas and atoms."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.disclosure_suppress import refuse_unprotected
from lea_geo.disclosure.protect.suppress_cover import Cover
from lea_geo.disclosure.protect.suppress_network import MANY, Atoms, contract, tops
from lea_geo.disclosure.protect.suppress_search import Overlay, Unprotected, choose
from lea_geo.disclosure.protect.suppress_task import Task, in_order
from lea_geo.disclosure.prove.many import unsafe_groups
from lea_geo.disclosure.published import ROOT, Family

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
    every = [Side.of(task, at) for at in range(len(task.families))]
    if len(every) == 1:
        every.append(Side.nothing(len(task.counts)))
    return [overlay for two in combinations(every, 2) for overlay in _laid(task, *two)]


@dataclass(frozen=True)
class Side:
    """A family as one side of an overlay."""

    family: Family
    hidden: NDArray[np.bool_]
    totals: NDArray[np.int64]
    room: NDArray[np.int64]
    numbers: NDArray[np.int64]
    """The number of each area among those of all families."""

    @classmethod
    def of(cls, task: Task, at: int) -> Side:
        """Return a family of the task."""
        numbers = np.arange(task.starts[at], task.starts[at + 1])
        totals = task.totals[at]
        return cls(task.families[at], task.start[at], totals, task.area_caps[at] - totals, numbers)

    @classmethod
    def nothing(cls, n_atoms: int) -> Side:
        """Return a family of one area of which nothing is known."""
        none = np.zeros(1, dtype=np.int64)
        family = Family("", np.zeros(n_atoms, dtype=np.int64), np.array([ROOT]), none, none, ("",))
        return cls(family, np.ones(1, dtype=bool), none, none + MANY, none)

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which areas are hidden and can hold any number."""
        return self.hidden & (self.room >= MANY)


def _laid(task: Task, one: Side, other: Side) -> list[Overlay]:
    """Return two families laid over each other: to raise atoms one by one; to empty others all at once."""
    areas = np.concatenate([[0], one.numbers, other.numbers])
    is_open = np.concatenate([[False], one.hidden & ~one.free, other.hidden & ~other.free])
    sides = (
        (one.family, other.family),
        (one.free, other.free),
        (one.totals, other.totals),
        (one.room, other.room),
    )
    x, room = task.counts, task.caps - task.counts
    network, pairs, _ = contract(*sides, Atoms(x, room, task.wanting.astype(np.int64)))
    goals = np.full(len(pairs), task.minimum)
    found = [Overlay.of(network, areas, (pairs, goals), is_open)]
    if np.any(task.emptied):
        able = task.caps >= task.minimum
        lifted = able & _beside(one, other, able & (x > 0))
        atoms = Atoms(np.where(lifted, x, 0), np.where(lifted, room, 0), np.where(task.emptied, x, 0))
        network, pairs, amounts = contract(*sides, atoms, emptied=True)
        found.append(Overlay.of(network, areas, (pairs, amounts), is_open, together=True))
    return found


def _beside(one: Side, other: Side, atoms: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which atoms lie between the same two nodes as one of some atoms: they can be raised as high."""
    first, second = (tops(side.family.parent, side.free, 1)[side.family.leaf] for side in (one, other))
    keys, pair = np.unique(first * (len(other.numbers) + 2) + second, return_inverse=True)
    return (np.bincount(pair, atoms, len(keys)) > 0)[pair]


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
