"""Which published numbers cannot hold at once: the rows that are cheapest to loosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lea_geo.disclosure.prove.linear_presolve import split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.prove.linear import LinearSystem
    from lea_geo.disclosure.prove.linear_presolve import Part

CLASH = 1e-6
"""How far a row has to be loosened to count, as a share of its value (of 1, where that is larger)."""


def clashing_among(
    system: LinearSystem, wide: LinearSystem, wrong: NDArray[np.bool_], seconds: float
) -> list[str]:
    """Return the names of rows that clash, given rows that were found to when looked at one by one."""
    empty = wide.least > wide.most
    reached = np.zeros(len(wide.least), dtype=bool)
    for row in np.flatnonzero(wrong):
        reached[wide.matrix.indices[wide.matrix.indptr[row] : wide.matrix.indptr[row + 1]]] = True
    found = []
    if not empty.any():
        for part in split(wide, (wide.least, wide.most), reached):
            found += clashing_rows(system, part, seconds)
    # What is fixed from the start, and what no program was needed for.
    return found or [system.row_name(int(row)) for row in np.flatnonzero(wrong)]


def clashing_rows(system: LinearSystem, part: Part, seconds: float) -> list[str]:
    """Return the names of the part's rows to loosen, so that in sum they are loosened least.

    Where the limit of time is met, all rows of the part are named.
    """
    for whole in (False, True):
        loosened = _loosened(part, seconds, whole=whole)
        if loosened is None:
            break
        if loosened.any():
            return [system.row_name(int(row)) for row in part.rows[loosened]]
    return [system.row_name(int(row)) for row in part.rows]


def _loosened(part: Part, seconds: float, *, whole: bool) -> NDArray[np.bool_] | None:
    """Return which rows are loosened; None where the program was not solved."""
    n_rows, n_unknowns = part.matrix.shape
    one = sparse.eye_array(n_rows)
    size = np.maximum.reduce([np.where(np.isfinite(x), np.abs(x), 1.0) for x in (part.lower, part.upper)])
    size = np.maximum(size, 1.0)
    result = milp(
        np.concatenate([np.zeros(n_unknowns), 1 / size, 1 / size]),
        constraints=LinearConstraint(
            sparse.csr_array(sparse.hstack([part.matrix, one, -one])), part.lower, part.upper
        ),
        bounds=Bounds(
            np.concatenate([part.least, np.zeros(2 * n_rows)]),
            np.concatenate([part.most, np.full(2 * n_rows, np.inf)]),
        ),
        integrality=np.concatenate([part.integer & whole, np.zeros(2 * n_rows)]).astype(int),
        options={"time_limit": seconds},
    )
    if result.x is None:
        return None
    slack = result.x[n_unknowns : n_unknowns + n_rows] + result.x[n_unknowns + n_rows :]
    return np.asarray(slack > CLASH * size, dtype=bool)
