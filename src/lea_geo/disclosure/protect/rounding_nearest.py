"""The nearest rounded table: linear programming on a network, integer programming beyond it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lea_geo.disclosure.published import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lea_geo.disclosure.published import Family

_NETWORK = 2
_WHOLE = 1e-6


def nearest_steps(
    counts: NDArray[np.int64], families: Sequence[Family], base: int
) -> tuple[NDArray[np.int64], bool]:
    """Return the rounded counts that change least, and whether every total moves by less than a base.

    The unknowns are 0 or 1 for each atom that is no multiple: whether it goes to the multiple above. For a
    total of so many steps and a remainder, as many or one more of its atoms may.
    """
    loose = np.flatnonzero(counts % base)
    rounded = counts - counts % base
    rows = sparse.vstack([_membership(family, len(counts)) for family in families]).tocsc()[:, loose]
    totals = np.concatenate([family.totals(counts) for family in families])
    above = np.concatenate([family.totals(counts % base) for family in families])
    least, most = above // base, -(-above // base)
    # One more step takes a total with remainder r from r below its count to base - r above it.
    price = (base - 2 * (counts[loose] % base)) + rows.T @ np.where(
        totals % base, base - 2 * (totals % base), 0
    )
    steps = None
    if len(families) <= _NETWORK:
        steps = _solve(price, rows, least, most, whole=False)
    if steps is None:
        steps = _solve(price, rows, least, most, whole=True)
    restricted = steps is not None
    if steps is None:
        steps = _fewest_beyond(price, rows, least, most)
    rounded[loose] += base * steps
    return rounded, restricted


def _solve(
    price: NDArray[np.float64],
    rows: sparse.csc_array,
    least: NDArray[np.int64],
    most: NDArray[np.int64],
    *,
    whole: bool,
) -> NDArray[np.int64] | None:
    """Return the cheapest steps; None where there are none, or they came out as no whole numbers."""
    if not len(price):
        return np.zeros(0, dtype=np.int64)
    found = milp(
        price,
        constraints=LinearConstraint(rows, least, most),
        bounds=Bounds(0, 1),
        integrality=np.full(len(price), int(whole)),
        options={"mip_rel_gap": 0},
    )
    if found.x is None:
        return None
    steps = np.rint(found.x).astype(np.int64)
    held = rows @ steps
    exact = bool(np.abs(found.x - steps).max() < _WHOLE and np.all((held >= least) & (held <= most)))
    return steps if exact else None


def _fewest_beyond(
    price: NDArray[np.float64], rows: sparse.csc_array, least: NDArray[np.int64], most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return steps that take totals as few bases too far as can be, and of those the cheapest."""
    areas, atoms = rows.shape
    free = sparse.eye_array(areas, format="csc")
    dear = 1.0 + float(np.abs(price).sum())
    found = milp(
        np.concatenate([price, np.full(2 * areas, dear)]),
        constraints=LinearConstraint(sparse.hstack([rows, free, -free]).tocsc(), least, most),
        bounds=Bounds(0, np.concatenate([np.ones(atoms), np.full(2 * areas, np.inf)])),
        integrality=np.ones(atoms + 2 * areas, dtype=np.int64),
        options={"mip_rel_gap": 0},
    )
    steps: NDArray[np.int64] = np.rint(np.asarray(found.x)[:atoms]).astype(np.int64)
    return steps


def _membership(family: Family, atoms: int) -> sparse.csr_array:
    """Return 1 for every atom (column) that lies in an area (row), at whatever level."""
    row, column = [], []
    at, atom = family.leaf, np.arange(atoms)
    while len(at):
        row.append(at)
        column.append(atom)
        inner = family.parent[at] != ROOT
        at, atom = family.parent[at][inner], atom[inner]
    where = (np.concatenate(row), np.concatenate(column))
    return sparse.csr_array((np.ones(len(where[0])), where), shape=(len(family.parent), atoms))
