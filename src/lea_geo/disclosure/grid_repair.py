"""An adaptive grid beside totals of other areas: attacked, and made coarser until nothing small is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family, Published, build_family
from lea_geo.disclosure.quadtree import Cut, Quadtree, cheapest_cut
from lea_geo.disclosure.unsafe import UnsafeGroup, unsafe_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

SQUARE = "square"
"""The kind of areas that squares are, in the ids of a family."""


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
    barred = [np.zeros(len(level.people), dtype=bool) for level in tree.levels]
    while True:
        cut = cheapest_cut(tree, k, price, barred)
        published = _published(tree, cut, counts, totals)
        # Squares alone do not overlap, so there is nothing to subtract.
        found = () if totals is None or k == 1 else unsafe_groups(published, k, counts).groups
        if totals is None or not found:
            return SafeGrid(cut, published, totals, sum(int(one.sum()) for one in barred))
        totals = _bar(found, published.families[0], cut, barred, totals)


def _bar(
    found: Iterable[UnsafeGroup],
    grid: Family,
    cut: Cut,
    barred: Sequence[NDArray[np.bool_]],
    totals: Totals,
) -> Totals:
    """Bar of every recipe its square with fewest people; where it has none, hide its smallest total."""
    squares = [(n, i) for n, some in enumerate(cut.published) for i in np.flatnonzero(some).tolist()]
    place = {name: at for at, name in enumerate(grid.ids[:-1])}
    size = dict(zip(totals.family.ids, totals.counts.tolist(), strict=True))
    hide = set()
    for group in found:
        parts = _numbers(group, totals)
        if used := [place[part] for part in parts if part in place]:
            level, square = squares[min(used, key=lambda at: (grid.lower[at], at))]
            barred[level][square] = True
        else:
            hide.add(min(parts, key=lambda part: (size[part], part)))
    return totals.hiding(hide)


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
