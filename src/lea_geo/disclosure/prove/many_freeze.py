"""Three families or more seen as two: all but one frozen where they cross.

Where the others cross, each piece keeps the number that it has in one table. Their areas are unions of
pieces, so whatever moves leaves them as they are: what can be here can be at all (a restriction).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.prove.bounds import atom_bounds
from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Published


def freeze(published: Published, counts: NDArray[np.int64], moving: int) -> Published:
    """Return one family and the others frozen where they cross, as they are in a table that agrees."""
    others = [family for at, family in enumerate(published.families) if at != moving]
    return replace(published, families=(published.families[moving], _crossed(others, counts)))


def lifted(
    published: Published, counts: NDArray[np.int64], atoms: NDArray[np.int64], k: int
) -> NDArray[np.bool_]:
    """Return which of some atoms hold k or more in a table that moves one family alone."""
    reached = np.zeros(len(atoms), dtype=bool)
    for moving in range(len(published.families)):
        todo = np.flatnonzero(~reached)
        if len(todo):
            two = freeze(published, counts, moving)
            reached[todo] = atom_bounds(two, counts, atoms=atoms[todo], enough=k)[1] >= k
    return reached


def _crossed(families: list[Family], counts: NDArray[np.int64]) -> Family:
    """Return the pieces where families cross, each with its number; free where none of them says anything."""
    leaf, free = np.zeros(len(counts), dtype=np.int64), np.ones(len(counts), dtype=bool)
    for family in families:
        known = _nearest_known(family)
        leaf = np.unique(leaf * (len(family.parent) + 1) + known + 1, return_inverse=True)[1]
        free &= known == ROOT
    pieces, first = np.unique(leaf, return_index=True)
    held = np.zeros(len(pieces), dtype=np.int64)
    np.add.at(held, leaf, counts)
    free = free[first]
    ids = tuple(f"piece {piece}" for piece in range(len(pieces)))
    parent = np.full(len(pieces), ROOT)
    lower, upper = np.where(free, 0, held), np.where(free, NO_LIMIT, held)
    return Family("crossed", leaf.astype(np.int64), parent, lower, upper, ids)


def _nearest_known(family: Family) -> NDArray[np.int64]:
    """Return for each atom the finest area around it of which something is known, ``ROOT`` for none."""
    says = (family.lower > 0) | (family.upper < NO_LIMIT)
    at = family.leaf.copy()
    up = ~says[at]
    while np.any(up):
        at[up] = family.parent[at[up]]
        up = (at != ROOT) & ~says[at]
    return at
