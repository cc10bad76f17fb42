"""An adaptive grid beside totals of other areas: attacked, and made coarser until nothing small is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lea_geo.disclosure.protect.quadtree import Cut, Quadtree, cheapest_cut, within_block
from lea_geo.disclosure.prove.unsafe import UnsafeGroup, unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family, Published, build_family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

SQUARE = "square"
"""The kind of areas that squares are, in the ids of a family."""
MOST_WEIGHED = 40
"""How many squares of a recipe, those with fewest people, are weighed against each other."""
MOST_FREED, MOST_ATOMS = 32, 1_000_000
"""How many bars are looked at again, and atoms in all: each takes an audit, and of a country some seconds."""
Barred: TypeAlias = "tuple[NDArray[np.bool_], ...]"
"""By level: whether each square may not be published."""


@dataclass(frozen=True)
class Totals:
    """The other areas whose totals are published."""

    family: Family
    counts: NDArray[np.int64]
    hidden: NDArray[np.bool_]
    """Whether each area's total stays unpublished."""

    @classmethod
    def of(cls, counts: pd.Series, k: int) -> Totals | None:
        """Return the areas that the index names beside the squares; None if it names none."""
        if counts.index.nlevels == 1:
            return None
        kinds = {
            str(name or f"kind_{number}"): counts.index.get_level_values(number).astype(str).tolist()
            for number, name in list(enumerate(counts.index.names))[1:]
        }
        family = build_family("totals", kinds)
        totals = family.totals(counts.to_numpy())
        return cls(family, totals, (totals > 0) & (totals < k))

    def published(self) -> Family:
        """Return the family with the totals that are published."""
        lower = np.where(self.hidden, 0, self.counts)
        upper = np.where(self.hidden, NO_LIMIT, self.counts)
        return replace(self.family, lower=lower, upper=upper)

    def hiding(self, ids: Iterable[str]) -> Totals:
        """Return the same with some more hidden."""
        return replace(self, hidden=self.hidden | np.isin(self.family.ids, list(ids)))

    @property
    def hidden_ids(self) -> tuple[str, ...]:
        """What is hidden."""
        return tuple(self.family.ids[i] for i in np.flatnonzero(self.hidden))


@dataclass(frozen=True)
class SafeGrid:
    """A cut of which nothing small can be found, not even beside the totals."""

    cut: Cut
    published: Published
    totals: Totals | None
    barred: int
    """How many squares may not be published, though they hold enough."""


def safe_grid(
    tree: Quadtree, counts: NDArray[np.int64], totals: Totals | None, k: int, price: float
) -> SafeGrid:
    """Return the cheapest cut, made again without the squares by which something small could be found."""
    barred = tuple(np.zeros(len(level.people), dtype=bool) for level in tree.levels)
    cut = cheapest_cut(tree, k, price, barred)
    published = _published(tree, cut, counts, totals)
    # Squares alone do not overlap, so there is nothing to subtract.
    if totals is None or k == 1:
        return SafeGrid(cut, published, totals, 0)
    while found := unsafe_groups(published, k, counts).groups:
        grid = published.families[0]
        totals = _bar(found, grid, cut, totals, lambda at: _dearer(tree, k, price, barred, *at), barred)
        cut = cheapest_cut(tree, k, price, barred)
        published = _published(tree, cut, counts, totals)
    return _freed(SafeGrid(cut, published, totals, 0), tree, counts, barred, k, price)


def _bar(
    found: Iterable[UnsafeGroup],
    grid: Family,
    cut: Cut,
    totals: Totals,
    dearer: Callable[[tuple[int, int]], float],
    barred: Barred,
) -> Totals:
    """Bar of every recipe the square that is cheapest to miss; where it has none, hide its smallest total."""
    squares = [(n, i) for n, some in enumerate(cut.published) for i in np.flatnonzero(some).tolist()]
    place = {name: at for at, name in enumerate(grid.ids[:-1])}
    size = dict(zip(totals.family.ids, totals.counts.tolist(), strict=True))
    hide = set()
    for group in found:
        parts = _numbers(group, totals)
        used = sorted((grid.lower[place[part]], place[part]) for part in parts if part in place)
        if used:
            level, square = min((squares[at] for _, at in used[:MOST_WEIGHED]), key=dearer)
            barred[level][square] = True
        else:
            hide.add(min(parts, key=lambda part: (size[part], part)))
    return totals.hiding(hide)


def _dearer(tree: Quadtree, k: int, price: float, barred: Barred, level: int, square: int) -> float:
    """Return how much more is lost without a square; within the largest square that it lies in."""
    block = square
    for one in tree.levels[level:-1]:
        block = int(one.above[block])
    part, places = within_block(tree, block)
    kept = [some[here].copy() for some, here in zip(barred, places, strict=True)]
    before = cheapest_cut(part, k, price, kept).loss
    kept[level][square - places[level].start] = True
    return cheapest_cut(part, k, price, kept).loss - before


def _freed(
    safe: SafeGrid, tree: Quadtree, counts: NDArray[np.int64], barred: Barred, k: int, price: float
) -> SafeGrid:
    """Return the cut without the bars that turn out not to be needed, the dearest looked at first."""
    bars = [(n, i) for n, some in enumerate(barred) for i in np.flatnonzero(some).tolist()]
    most = min(MOST_FREED, MOST_ATOMS // len(counts))
    gains = {}
    for level, square in bars:
        barred[level][square] = False
        gains[level, square] = _dearer(tree, k, price, barred, level, square)
        barred[level][square] = True
    for level, square in sorted(bars, key=lambda at: (-gains[at], at))[:most]:
        barred[level][square] = False
        cut = cheapest_cut(tree, k, price, barred)
        published = _published(tree, cut, counts, safe.totals)
        if unsafe_groups(published, k, counts).groups:
            barred[level][square] = True
        else:
            safe = replace(safe, cut=cut, published=published)
    return replace(safe, barred=sum(int(one.sum()) for one in barred))


def _numbers(group: UnsafeGroup, totals: Totals) -> tuple[str, ...]:
    """Return the published numbers that disclose a group; where no sum does, the totals of its areas."""
    recipes = [one for one in (group.recipe, group.floor) if one is not None]
    if recipes:
        return tuple(part for one in recipes for part in (*one.add, *one.subtract))
    some = np.zeros(len(totals.family.leaf), dtype=np.int64)
    some[list(group.atoms)] = 1
    around = np.flatnonzero((totals.family.totals(some) > 0) & ~totals.hidden)
    return tuple(totals.family.ids[i] for i in around)


def _published(tree: Quadtree, cut: Cut, counts: NDArray[np.int64], totals: Totals | None) -> Published:
    """Return what is published: squares in the order of levels, one area for all that is hidden, totals."""
    chosen = list(zip(tree.levels, cut.published, strict=True))
    lower = np.concatenate([*(level.people[some] for level, some in chosen), [0]])
    upper = lower.copy()
    upper[-1] = NO_LIMIT
    leaf = covering(tree, cut)
    leaf = np.where(leaf < 0, len(lower) - 1, leaf)
    ids = (*(f"{SQUARE} {one}" for level, some in chosen for one in tree.ids(level, some)), "hidden")
    grid = Family("grid", leaf, np.full(len(lower), ROOT, dtype=np.int64), lower, upper, ids)
    families = (grid,) if totals is None else (grid, totals.published())
    empty = np.zeros(len(counts), dtype=np.int64)
    return Published(families, empty, np.full(len(counts), NO_LIMIT, dtype=np.int64))


def covering(tree: Quadtree, cut: Cut) -> NDArray[np.int64]:
    """Return which published square covers each given point, in the order of levels; -1 for none."""
    at, found, first = tree.cell, np.full(len(tree.cell), -1, dtype=np.int64), 0
    for level, chosen in zip(tree.levels, cut.published, strict=True):
        place = np.cumsum(chosen) - 1 + first
        found = np.where(chosen[at], place[at], found)
        first += int(chosen.sum())
        at = level.above[at]
    return found
