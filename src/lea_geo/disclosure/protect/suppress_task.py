"""What is to be hidden, may be hidden and may not, over all families; and whom that leaves to protect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family, Published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """The true counts, and what may be done to protect them. Marks are by family and area."""

    families: tuple[Family, ...]
    counts: NDArray[np.int64]
    caps: NDArray[np.int64]
    minimum: int
    zero: str
    fixed: Sequence[NDArray[np.bool_]]
    never: Sequence[NDArray[np.bool_]]
    already: Sequence[NDArray[np.bool_]]
    area_caps: Sequence[NDArray[np.int64]]

    def __post_init__(self) -> None:
        """Let no atom hold more than an area that it lies in."""
        caps = self.caps
        for family, limits in zip(self.families, self.area_caps, strict=True):
            at, atoms = family.leaf, np.arange(len(caps))
            while len(at):
                caps = caps.copy()
                caps[atoms] = np.minimum(caps[atoms], limits[at])
                at = family.parent[at]
                at, atoms = at[at != ROOT], atoms[at != ROOT]
        object.__setattr__(self, "caps", caps)

    @cached_property
    def totals(self) -> tuple[NDArray[np.int64], ...]:
        """The true count of each area."""
        return tuple(family.totals(self.counts) for family in self.families)

    @cached_property
    def small(self) -> tuple[NDArray[np.bool_], ...]:
        """Whether each area holds too few to be published."""
        if self.zero == "safe":
            return tuple((some > 0) & (some < self.minimum) for some in self.totals)
        somebody = np.minimum(self.caps, 1)
        return tuple(
            (some < self.minimum) & (family.totals(somebody) > 0) & (caps > 0)
            for some, family, caps in zip(self.totals, self.families, self.area_caps, strict=True)
        )

    @cached_property
    def gone(self) -> tuple[NDArray[np.bool_], ...]:
        """Whether each area is hidden before anything is decided."""
        return tuple(
            already | (fixed & (family.lower <= 0) & (family.upper >= NO_LIMIT))
            for already, fixed, family in zip(self.already, self.fixed, self.families, strict=True)
        )

    @cached_property
    def primary(self) -> tuple[NDArray[np.bool_], ...]:
        """Whether each area is hidden because it holds too few."""
        return tuple(small & ~fixed for small, fixed in zip(self.small, self.fixed, strict=True))

    @cached_property
    def start(self) -> tuple[NDArray[np.bool_], ...]:
        """Whether each area is hidden from the start: gone, or too small and not one that never may be."""
        parts = zip(self.gone, self.primary, self.never, strict=True)
        return tuple(gone | (primary & ~never) for gone, primary, never in parts)

    @cached_property
    def wanting(self) -> NDArray[np.bool_]:
        """Whether each atom must be able to hold the minimum."""
        few = (self.counts < self.minimum) & (self.caps >= self.minimum)
        return few if self.zero == "hidden" else few & (self.counts > 0)

    @property
    def emptied(self) -> NDArray[np.bool_]:
        """Whether each atom holds somebody and never the minimum: together they must be able to hold none."""
        return (self.counts > 0) & (self.caps < self.minimum)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the root and all areas of all families are called."""
        return ("", *(name for family in self.families for name in family.ids))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The number of each family's first area among those of all families, and one more; 0 is the root."""
        return np.cumsum([1, *(len(family.ids) for family in self.families)])

    def joined(self, parts: Sequence[NDArray[np.generic]], root: float) -> NDArray[np.float64]:
        """Return one row of numbers for the root and all areas."""
        return np.concatenate([[root], *(np.asarray(part, dtype=np.float64) for part in parts)])

    def published(self, hidden: Sequence[NDArray[np.bool_]], ids: tuple[str, ...] = ()) -> Published:
        """Return what is published once some areas are hidden."""
        families = []
        parts = zip(self.families, hidden, self.fixed, self.totals, self.area_caps, strict=True)
        for family, gone, fixed, totals, caps in parts:
            lower, upper = np.where(gone, 0, totals), np.where(gone, caps, totals)
            lower, upper = np.where(fixed, family.lower, lower), np.where(fixed, family.upper, upper)
            families.append(replace(family, lower=lower, upper=upper))
        return Published(tuple(families), np.zeros(len(self.counts), dtype=np.int64), self.caps, ids)

    def split(self, marks: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
        """Return marks of all areas by family."""
        return tuple(np.split(marks[1:], self.starts[1:-1] - 1))


def in_order(task: Task, ranks: Sequence[int]) -> tuple[Task, list[NDArray[np.int64]]]:
    """Return a task with its families in some order and their areas by id, and where each area stood.

    What is chosen among equals must not depend on the order in which areas are given.
    """
    families = [task.families[at] for at in ranks]
    orders = [_order(family) for family in families]
    fixed, never, already = (
        tuple(part[at][order] for at, order in zip(ranks, orders, strict=True))
        for part in (task.fixed, task.never, task.already)
    )
    placed = tuple(_reordered(family, order) for family, order in zip(families, orders, strict=True))
    caps = tuple(task.area_caps[at][order] for at, order in zip(ranks, orders, strict=True))
    ordered = replace(task, families=placed, fixed=fixed, never=never, already=already, area_caps=caps)
    return ordered, orders


def depths(family: Family) -> NDArray[np.int64]:
    """Return how many larger areas each area lies in."""
    depth = np.zeros(len(family.parent), dtype=np.int64)
    above = family.parent
    while np.any(above != ROOT):
        depth += above != ROOT
        above = np.where(above == ROOT, ROOT, family.parent[above])
    return depth


def _order(family: Family) -> NDArray[np.int64]:
    """Return the areas by depth, the deepest first, and by id."""
    depth = depths(family)
    if np.all(np.diff(depth) <= 0):
        edges = np.flatnonzero(np.diff(depth) == 0)
        if all(family.ids[i] < family.ids[i + 1] for i in edges.tolist()):
            return np.arange(len(depth))
    return np.array(
        sorted(range(len(depth)), key=lambda area: (-depth[area], family.ids[area])), dtype=np.int64
    )


def _reordered(family: Family, order: NDArray[np.int64]) -> Family:
    """Return a family whose areas stand in another order."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    parent = family.parent[order]
    return Family(
        family.name,
        place[family.leaf],
        np.where(parent == ROOT, ROOT, place[parent]),
        family.lower[order],
        family.upper[order],
        tuple(family.ids[area] for area in order.tolist()),
    )
