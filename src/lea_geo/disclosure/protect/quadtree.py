"""Squares nested in larger squares, and the cheapest way to publish each place at one size or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.intake.grid import CELL_SIZES, grid_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ROW = 100_000_000
"""More than any easting, so that a northing and an easting make one number."""


@dataclass(frozen=True)
class Level:
    """The squares of one size, those of one larger square beside each other."""

    side: int
    northing: NDArray[np.int64]
    """The lower-left corner of each square, metres."""
    easting: NDArray[np.int64]
    people: NDArray[np.int64]
    above: NDArray[np.int64]
    """The square of the next size that each lies in: a position; of the largest size, its own."""


@dataclass(frozen=True)
class Quadtree:
    """Squares of several sizes, the smallest first."""

    levels: tuple[Level, ...]
    cell: NDArray[np.int64]
    """The smallest square that each given point lies in: a position."""
    finnish: bool = True
    """Whether the corners are in EPSG:3067, so that Statistics Finland's ids name the squares."""

    def ids(self, level: Level, chosen: NDArray[np.bool_]) -> list[str]:
        """Return the ids of some squares: Statistics Finland's, or, where it has none, with metres."""
        northing, easting = level.northing[chosen], level.easting[chosen]
        if self.finnish and level.side in CELL_SIZES and len(northing):
            return list(grid_id(easting, northing, level.side))
        pairs = zip(northing.tolist(), easting.tolist(), strict=True)
        return [f"{level.side}mN{north}E{east}" for north, east in pairs]


@dataclass(frozen=True)
class Cut:
    """Which squares are published: no two that overlap."""

    published: tuple[NDArray[np.bool_], ...]
    """By level: whether each square is."""
    hidden: NDArray[np.bool_]
    """Whether each of the smallest squares lies in none that is."""
    loss: float


def build_quadtree(
    northing: NDArray[np.int64],
    easting: NDArray[np.int64],
    people: NDArray[np.int64],
    sides: Sequence[int],
    *,
    finnish: bool = True,
) -> Quadtree:
    """Return the squares that hold the given points; each side divides the next."""
    keys = [northing // side * _ROW + easting // side for side in sides]
    order = np.lexsort(keys)
    found, at, held = [], order, people[order]
    for number, side in enumerate(sides):
        key = keys[number][at]
        first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        belongs = np.cumsum(np.concatenate([[0], key[1:] != key[:-1]]))
        found.append((side, at[first], np.add.reduceat(held, first), belongs))
        at, held = at[first], found[-1][2]
    cell = np.empty(len(order), dtype=np.int64)
    cell[order] = found[0][3]
    above = [one[3] for one in found[1:]] + [np.arange(len(found[-1][1]))]
    levels = tuple(
        Level(side, northing[first] // side * side, easting[first] // side * side, count, parent)
        for (side, first, count, _), parent in zip(found, above, strict=True)
    )
    return Quadtree(levels, cell, finnish)


def cheapest_cut(tree: Quadtree, k: int, price: float, barred: Sequence[NDArray[np.bool_]]) -> Cut:
    r"""Return the cut of least loss of which every square has ``k`` people or more.

    With n people in a square of side s, the least loss within it is, from the smallest squares upwards::

        f(square) = min(n s [n >= k], sum of f over the squares within, or n price for the smallest)

    and of two cuts that lose as much the finer one is taken. ``barred`` squares are not published.
    """
    least, whole = np.zeros(0), []
    for number, level in enumerate(tree.levels):
        finer = level.people * float(price) if number == 0 else _within(tree.levels[number - 1], least)
        allowed = (level.people >= k) & ~barred[number]
        coarse = np.where(allowed, level.people * float(level.side), np.inf)
        # A smallest square is rather shown than hidden; a larger one is rather divided than merged.
        whole.append(coarse <= finer if number == 0 else coarse < finer)
        least = np.where(whole[-1], coarse, finer)
    published, covered = [], np.zeros(len(least), dtype=bool)
    for level, merged in zip(reversed(tree.levels), reversed(whole), strict=True):
        covered = covered[level.above]
        published.append(merged & ~covered)
        covered = covered | merged
    return Cut(tuple(reversed(published)), ~covered, float(least.sum()))


def _within(level: Level, loss: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loss of the squares of a level, added up by the square that they lie in."""
    total: NDArray[np.float64] = np.bincount(level.above, weights=loss).astype(np.float64)
    return total


def within_block(tree: Quadtree, block: int) -> tuple[Quadtree, tuple[slice, ...]]:
    """Return the part of a tree within one of its largest squares, and where that is in each level."""
    places = [slice(block, block + 1)]
    for level in reversed(tree.levels[:-1]):
        ends = np.searchsorted(level.above, [places[0].start, places[0].stop])
        places.insert(0, slice(int(ends[0]), int(ends[1])))
    levels = []
    for level, here, over in zip(tree.levels, places, [*places[1:], places[-1]], strict=True):
        parts = (
            level.northing[here],
            level.easting[here],
            level.people[here],
            level.above[here] - over.start,
        )
        levels.append(Level(level.side, *parts))
    return Quadtree(tuple(levels), np.zeros(0, dtype=np.int64), tree.finnish), tuple(places)
