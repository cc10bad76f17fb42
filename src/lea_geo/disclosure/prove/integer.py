"""What is published by any number of families as rows of an integer program, in parts that share nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import optimize, sparse

from lea_geo.disclosure.published import NO_LIMIT, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family, Published


class Rows(NamedTuple):
    """lower <= matrix @ counts <= upper, for all families; and the bounds of each count."""

    matrix: sparse.csr_array
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]

    def part(self, atoms: NDArray[np.int64]) -> Rows:
        """Return the rows that touch some atoms, over these alone."""
        columns = self.matrix[:, atoms].tocsr()
        rows = np.flatnonzero(np.diff(columns.indptr))
        return Rows(columns[rows], self.lower[rows], self.upper[rows], self.least[atoms], self.most[atoms])

    def known(self, atoms: NDArray[np.int64], counts: NDArray[np.int64]) -> Rows:
        """Return the rows over the same atoms, of which some hold what they hold in a table."""
        held = np.zeros(self.matrix.shape[1], dtype=np.int64)
        held[atoms] = counts[atoms]
        sums = self.matrix @ held
        kept = np.ones(len(held), dtype=np.int64)
        kept[atoms] = 0
        matrix = sparse.csr_array(self.matrix @ sparse.diags_array(kept, dtype=np.int64).tocsr())
        matrix.eliminate_zeros()
        upper = np.where(self.upper >= NO_LIMIT, NO_LIMIT, self.upper - sums)
        least, most = self.least.copy(), self.most.copy()
        least[atoms] = most[atoms] = counts[atoms]
        return Rows(matrix, self.lower - sums, upper, least, most)

    def unlimited(self) -> NDArray[np.bool_]:
        """Return whether each count has no upper bound: rows only add up, so none where no row has one."""
        capped = self.matrix[np.flatnonzero(self.upper < NO_LIMIT)].sum(axis=0) > 0
        return ~capped & (self.most >= NO_LIMIT)

    def extreme(self, costs: NDArray[np.float64], until: float) -> tuple[NDArray[np.int64] | None, bool]:
        """Return a table of least cost, and whether none costs less; None where there was no time for one."""
        found = self.solve(costs, seconds=max(until - time.monotonic(), 0.01))
        table = None if found.x is None else np.rint(found.x).astype(np.int64)
        return table, found.status == 0

    def solve(self, costs: NDArray[np.float64], *, seconds: float | None = None) -> optimize.OptimizeResult:
        """Return what HiGHS finds: the counts of least cost."""
        return optimize.milp(
            costs,
            integrality=np.ones(len(costs), dtype=np.int64),
            bounds=optimize.Bounds(_floats(self.least), _floats(self.most)),
            constraints=optimize.LinearConstraint(self.matrix, _floats(self.lower), _floats(self.upper))
            if len(self.lower)
            else None,
            options={"mip_rel_gap": 0.0, "time_limit": np.inf if seconds is None else seconds},
        )


def _floats(bounds: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(bounds >= NO_LIMIT, np.inf, bounds.astype(np.float64))


def build_rows(published: Published) -> Rows:
    """Return one row for each area of which something is known that its parts do not say already."""
    parts = [_family_rows(family) for family in published.families]
    n = published.n_atoms
    matrix = sparse.vstack([sparse.csr_array((0, n), dtype=np.int64), *(part[0] for part in parts)])
    lower, upper = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(part[side] for part in parts)]) for side in (1, 2)
    )
    return Rows(sparse.csr_array(matrix), lower, upper, published.lower, published.upper)


def _family_rows(family: Family) -> tuple[sparse.csr_array, NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of a family; within an area, the number of a published part stands for its atoms."""
    n, fixed = len(family.leaf), family.published
    known = np.where(fixed, family.lower, 0)
    inside = np.zeros(len(family.parent), dtype=np.int64)
    for area in np.flatnonzero(family.parent != ROOT):  # children come before their parents
        inside[family.parent[area]] += known[area] if fixed[area] else inside[area]
    rows, columns = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    at, atom = family.leaf, np.arange(n)
    while len(at):
        rows.append(at)
        columns.append(atom)
        up = ~fixed[at] & (family.parent[at] != ROOT)
        at, atom = family.parent[at[up]], atom[up]
    row, column = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csr_array((np.ones(len(row), dtype=np.int64), (row, column)), shape=(len(inside), n))
    says = fixed | (family.lower > 0) | (family.upper < NO_LIMIT)
    upper = np.where(family.upper >= NO_LIMIT, NO_LIMIT, family.upper - inside)
    return matrix[np.flatnonzero(says)], (family.lower - inside)[says], upper[says]


def split(rows: Rows, asked: NDArray[np.int64] | None = None) -> Iterator[NDArray[np.int64]]:
    """Yield the atoms of each part that shares no row with another; only of parts with atoms asked for."""
    n_rows, n = rows.matrix.shape
    pairs = rows.matrix.tocoo()
    links = sparse.coo_array((pairs.data, (pairs.col, n + pairs.row)), shape=(n + n_rows, n + n_rows))
    count, label = sparse.csgraph.connected_components(links, directed=False)
    order = np.argsort(label[:n], kind="stable")
    ends = np.searchsorted(label[:n][order], np.arange(count + 1))
    for number in np.unique(label[:n] if asked is None else label[asked]):
        yield order[ends[number] : ends[number + 1]]


def feasible_table(published: Published) -> NDArray[np.int64] | None:
    """Return a table of counts that agrees with any number of families, None where there is none."""
    rows = build_rows(published)
    empty = np.diff(rows.matrix.indptr) == 0
    if np.any(rows.lower[empty] > 0) or np.any(rows.upper[empty] < 0):
        return None
    counts = published.lower.copy()
    for atoms in split(rows):
        part = rows.part(atoms)
        if len(part.lower) == 0:
            continue
        found = part.solve(np.zeros(len(atoms)))
        if found.x is None:
            return None
        counts[atoms] = np.rint(found.x).astype(np.int64)
    return counts if published.agrees(counts) else None


def bound_groups(
    rows: Rows, groups: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most that each group of atoms holds, by integer programming."""
    lower, upper = (np.zeros(len(groups), dtype=np.int64) for _ in range(2))
    endless = rows.unlimited()
    asked = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *groups]))
    for atoms in split(rows, asked):
        for at, group in enumerate(groups):
            if not np.any(np.isin(atoms, group)):
                continue
            costs = np.isin(atoms, group).astype(np.float64)
            low, high = (_sum(rows.part(atoms), sign * costs) for sign in (1.0, -1.0 * ~endless[atoms]))
            lower[at] += low
            upper[at] += high
    upper[[bool(np.any(endless[group])) for group in groups]] = NO_LIMIT
    return lower, upper


def _sum(part: Rows, costs: NDArray[np.float64]) -> int:
    table, _ = part.extreme(costs, np.inf)
    return 0 if table is None else round(abs(float(costs @ table)))
