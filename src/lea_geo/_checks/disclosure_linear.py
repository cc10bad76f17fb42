"""What bounds under linear conditions can be computed of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo.errors import ContradictionError, UsageError

if TYPE_CHECKING:
    from scipy import sparse


def check_system(
    matrix: sparse.csr_array, rows: dict[str, Any], unknowns: dict[str, Any], ids: dict[str, tuple[str, ...]]
) -> None:
    """Refuse conditions whose parts do not fit each other."""
    for what, given, wanted in (("rows", rows, matrix.shape[0]), ("unknowns", unknowns, matrix.shape[1])):
        for name, array in given.items():
            if np.shape(array) != (wanted,):
                raise UsageError(f"{name} has the shape {np.shape(array)}; there are {wanted} {what}.")
            if np.any(np.isnan(np.asarray(array, dtype=float))):
                raise UsageError(f"{name} holds NaN; where nothing is known it is infinite.")
        name = f"{what[:-1]}_ids"
        if ids[name] and len(ids[name]) != wanted:
            raise UsageError(f"{name} holds {len(ids[name])} names; there are {wanted} {what}.")
    if not np.all(np.isfinite(matrix.data)):
        raise UsageError("The matrix holds a coefficient that is no number.")


def check_targets(n_unknowns: int, targets: sparse.csr_array) -> None:
    """Refuse targets over other unknowns."""
    if targets.shape[1] != n_unknowns:
        raise UsageError(
            f"The targets have {targets.shape[1]} columns; the system has {n_unknowns} unknowns."
        )


def check_effort(seconds: float, nodes: int) -> None:
    """Refuse limits that allow no work."""
    check_count("nodes", nodes)
    if not seconds > 0:
        raise UsageError(f"seconds is {seconds!r}; it must be above 0.")


def contradiction(rows: list[str], of: int) -> ContradictionError:
    """Return the error that names conditions which cannot hold at once."""
    faults = Faults()
    faults.add(
        "conditions that cannot hold together",
        ids=rows,
        of=of,
        cure="Compare them: one is misread, stands for other people, or was changed by noise.",
    )
    return ContradictionError("No table can be behind what is published.", faults.found)
