"""What has been published of one count, as plain arrays: all that bounds, suppression and certificates share.

The people who are counted live in *atoms*, the pieces into which all published kinds of areas cut the region
together. A *family* is one kind of areas with those that it is nested in (250 m cells in 1 km cells; postal
areas in municipalities): a tree, whose leaves hold the atoms. Of every area something is known: its count,
where that is published, or an interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

NO_LIMIT = 2**60
"""The upper bound of a count of which nothing is known."""

ROOT = -1
"""The parent of an area that lies in no larger one."""


@dataclass(frozen=True)
class Family:
    """One tree of areas and what is published of each."""

    name: str
    leaf: NDArray[np.int64]
    """The area of the finest kind that each atom lies in: a position in ``parent``, for every atom."""
    parent: NDArray[np.int64]
    """The area that each area lies in, ``ROOT`` for none. A parent comes after its children."""
    lower: NDArray[np.int64]
    """What each area holds at least, by what is published; 0 where nothing is."""
    upper: NDArray[np.int64]
    """What each area holds at most; ``NO_LIMIT`` where nothing is known. Equal to ``lower``: published."""
    ids: tuple[str, ...]
    """What each area is called, as a person would look it up: ``postal 00100``."""

    @property
    def published(self) -> NDArray[np.bool_]:
        """Whether each area's count is known exactly."""
        return np.equal(self.lower, self.upper)

    def totals(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return each area's count, from the counts of the atoms."""
        found = np.zeros(len(self.parent), dtype=np.int64)
        at, held = self.leaf, counts
        while len(at):
            np.add.at(found, at, held)
            at = self.parent[at]
            at, held = at[at != ROOT], held[at != ROOT]
        return found


@dataclass(frozen=True)
class Published:
    """All that is published of one count."""

    families: tuple[Family, ...]
    lower: NDArray[np.int64]
    """What each atom holds at least."""
    upper: NDArray[np.int64]
    """What each atom holds at most: its known population, or ``NO_LIMIT``."""
    ids: tuple[str, ...] = ()
    """What each atom is called; empty where a number will do."""

    @property
    def n_atoms(self) -> int:
        """The number of atoms."""
        return len(self.lower)

    def agrees(self, counts: NDArray[np.int64]) -> bool:
        """Return whether a table of counts is one that could be behind what is published."""
        within = bool(np.all((counts >= self.lower) & (counts <= self.upper)))
        return within and all(
            bool(np.all((found >= family.lower) & (found <= family.upper)))
            for family in self.families
            for found in [family.totals(counts)]
        )


def build_family(
    name: str,
    levels: Mapping[str, Sequence[str]],
    *,
    lower: Mapping[str, ArrayLike] | None = None,
    upper: Mapping[str, ArrayLike] | None = None,
) -> Family:
    """Return a family from the areas that each atom lies in.

    Parameters
    ----------
    name
        What the family is called.
    levels
        Kind of areas to the id of each atom's area, the finest kind first: ``{"postal": [...],
        "municipality": [...]}``. Every area of one kind lies in one area of the next.
    lower, upper
        Kind of areas to what is known of each, in the sorted order of its ids. A kind that is left out has
        nothing published.

    Raises
    ------
    ValueError
        An area lies in two areas of the next kind.

    Examples
    --------
    >>> family = build_family("post", {"postal": ["a", "a", "b"], "town": ["t", "t", "t"]},
    ...                       lower={"town": [9]}, upper={"town": [9]})
    >>> family.ids, family.parent.tolist(), family.leaf.tolist()
    (('postal a', 'postal b', 'town t'), [2, 2, -1], [0, 0, 1])
    """
    known, place, first = {}, {}, 0
    for level, labels in levels.items():
        known[level], at = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        place[level] = at + first
        first += len(known[level])
    parent = np.full(first, ROOT, dtype=np.int64)
    names = list(levels)
    for level, above in pairwise(names):
        parent[place[level]] = place[above]
        if np.any(parent[place[level]] != place[above]):
            raise ValueError(f"An area of {level} lies in two areas of {above}.")
    bounds = []
    for given, otherwise in ((lower or {}, 0), (upper or {}, NO_LIMIT)):
        parts = [np.asarray(given.get(level, np.full(len(ids), otherwise))) for level, ids in known.items()]
        bounds.append(np.concatenate(parts).astype(np.int64))
    called = tuple(f"{level} {one}" for level, ids in known.items() for one in ids)
    return Family(name, place[names[0]].astype(np.int64), parent, bounds[0], bounds[1], called)
