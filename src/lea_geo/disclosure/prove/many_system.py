"""What is published as rows over atoms, and the neighbourhood of a few atoms in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.disclosure.prove.linear import LinearSystem
from lea_geo.disclosure.published import NO_LIMIT, ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family, Published


def build_system(published: Published) -> LinearSystem:
    """Return a row for every area of which something is known, over the atoms.

    Where parts of an area are published, their numbers take the place of their atoms: "the rest of Espoo".
    """
    parts = [_family_rows(family) for family in published.families]
    matrix = sparse.csr_array(
        sparse.vstack([sparse.csr_array((0, published.n_atoms)), *(part[0] for part in parts)])
    )
    lower, upper = (np.concatenate([np.zeros(0), *(part[side] for part in parts)]) for side in (1, 2))
    names = [
        family.ids[area] for family in published.families for area in np.flatnonzero(_says(family)).tolist()
    ]
    whole = np.ones(published.n_atoms, dtype=bool)
    least, most = published.lower.astype(float), _endless(published.upper)
    return LinearSystem(matrix, lower, upper, least, most, whole, tuple(names))


def row_areas(published: Published) -> list[tuple[int, int]]:
    """Return the family and the area of each row of :func:`build_system`."""
    return [
        (at, area)
        for at, family in enumerate(published.families)
        for area in np.flatnonzero(_says(family)).tolist()
    ]


def _says(family: Family) -> NDArray[np.bool_]:
    return np.asarray((family.lower > 0) | (family.upper < NO_LIMIT))


def _family_rows(family: Family) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    n_areas, fixed = len(family.parent), family.published
    inside = _published_inside(family)
    rows, atoms = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    at, atom = family.leaf, np.arange(len(family.leaf))
    while len(at):
        rows.append(at)
        atoms.append(atom)
        up = ~fixed[at] & (family.parent[at] != ROOT)
        at, atom = family.parent[at[up]], atom[up]
    row, column = np.concatenate(rows), np.concatenate(atoms)
    matrix = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(n_areas, len(family.leaf)))
    says = np.flatnonzero(_says(family))
    lower, upper = family.lower - inside, _endless(family.upper) - inside
    return matrix[says], lower[says].astype(float), upper[says]


def _published_inside(family: Family) -> NDArray[np.int64]:
    """Return how many people of each area are in parts of it whose number is published."""
    inside = np.zeros(len(family.parent), dtype=np.int64)
    depth = _depth(family.parent)
    for level in range(int(depth.max(initial=0)), 0, -1):
        area = np.flatnonzero(depth == level)
        known = np.where(family.published[area], family.lower[area], inside[area])
        np.add.at(inside, family.parent[area], known)
    return inside


def _depth(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    depth = np.zeros(len(parent), dtype=np.int64)
    above = parent
    while np.any(above != ROOT):
        depth += above != ROOT
        above = np.where(above == ROOT, ROOT, parent[above])
    return depth


def _endless(upper: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(upper >= NO_LIMIT, np.inf, upper.astype(float))


@dataclass(frozen=True)
class Block:
    """Some atoms, and what the rows say of them when the rest stays put, and when it does as it likes."""

    atoms: NDArray[np.int64]
    rows: NDArray[np.int64]
    """Where the rows that hold them stand in the whole."""
    closed: NDArray[np.bool_]
    """Which rows hold no atom outside."""
    frozen: LinearSystem
    """The rest stays as in one table: what is found here is found in the whole (a restriction)."""
    loose: LinearSystem
    """The rest takes any numbers: what is impossible here is impossible in the whole (a relaxation)."""


class Neighbourhoods:
    """The rows of all that is published, ready to be cut into blocks."""

    def __init__(self, system: LinearSystem) -> None:
        self.system = system
        self.by_atom = sparse.csc_array(system.matrix)
        self.size = np.diff(system.matrix.indptr)
        self.least_sum = system.matrix @ system.least
        self.no_limit = system.matrix @ np.isinf(system.most).astype(float)
        self.most_sum = system.matrix @ np.where(np.isinf(system.most), 0.0, system.most)
        self.fixed = system.least == system.most
        """Atoms that cannot change: no block needs them."""

    def around(self, start: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Return some ``size`` atoms: those that share a row with the first, and so on, nearest first."""
        matrix, taken = self.system.matrix, np.zeros(len(self.fixed), dtype=bool)
        seen = np.zeros(len(self.size), dtype=bool)
        taken[start] = True
        edge, count = start, len(start)
        while len(edge) and count < size:
            rows = np.unique(np.concatenate([self._rows(atom) for atom in edge]))
            rows = rows[~seen[rows]]
            seen[rows] = True
            before = taken.copy()
            for row in rows[np.argsort(self.size[rows], kind="stable")]:
                members = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
                members = members[~taken[members] & ~self.fixed[members]][: size - count]
                taken[members] = True
                count += len(members)
                if count >= size:
                    break
            edge = np.flatnonzero(taken & ~before)
        return np.flatnonzero(taken)

    def _rows(self, atom: int) -> NDArray[np.int32]:
        return self.by_atom.indices[self.by_atom.indptr[atom] : self.by_atom.indptr[atom + 1]]

    def block(self, atoms: NDArray[np.int64], counts: NDArray[np.int64]) -> Block:
        """Return a block of atoms, with the rest as in a table that agrees."""
        system = self.system
        columns = sparse.csr_array(self.by_atom[:, atoms])
        rows = np.flatnonzero(np.diff(columns.indptr))
        matrix = sparse.csr_array(columns[rows])
        touched = sparse.csr_array(system.matrix[rows])
        rest = touched @ counts - matrix @ counts[atoms]
        least, most = system.least[atoms], system.most[atoms]
        endless = self.no_limit[rows] - matrix @ np.isinf(most).astype(float) > 0
        rest_least = self.least_sum[rows] - matrix @ least
        rest_most = self.most_sum[rows] - matrix @ np.where(np.isinf(most), 0.0, most)
        rest_most = np.where(endless, np.inf, rest_most)
        lower, upper = system.lower[rows], system.upper[rows]
        names = tuple(system.row_ids[row] for row in rows)
        whole = system.integer[atoms]
        return Block(
            atoms,
            rows,
            np.diff(matrix.indptr) == self.size[rows],
            LinearSystem(matrix, lower - rest, upper - rest, least, most, whole, names),
            LinearSystem(matrix, lower - rest_most, upper - rest_least, least, most, whole, names),
        )
