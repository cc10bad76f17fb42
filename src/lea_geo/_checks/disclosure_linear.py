"""What bounds under linear conditions can be computed of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_count
from lea_geo.errors import ContradictionError, UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def check_dimensions(dimensions: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    """Refuse dimensions whose levels have different lengths, and names that stand for two levels."""
    names = [level for levels in dimensions.values() for level in levels]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"These levels belong to two dimensions: {', '.join(twice)}.")
    for dimension, levels in dimensions.items():
        if len({len(labels) for labels in levels.values()}) != 1:
            raise UsageError(f"The levels of {dimension} must each give a label to the same items.")


def check_levels(levels: tuple[str, ...], dimension_of: Mapping[str, int]) -> None:
    """Refuse levels that no dimension has, and two of one dimension."""
    unknown = [level for level in levels if level not in dimension_of]
    if unknown:
        raise UsageError(f"No dimension has the level {unknown[0]!r}.")
    if len({dimension_of[level] for level in levels}) < len(levels):
        raise UsageError(f"A table over {', '.join(levels)} is broken down by one dimension twice.")


def check_numbers(levels: tuple[str, ...], shape: tuple[int, ...], low: np.ndarray, high: np.ndarray) -> None:
    """Refuse a table of another shape than its levels have, and intervals that hold nothing."""
    called = f"The table over {', '.join(levels) or 'everything'}"
    for array in (low, high):
        if np.shape(array) != shape:
            raise UsageError(f"{called} has the shape {np.shape(array)}; its levels have {shape}.")
    if np.any(np.asarray(low) > np.asarray(high)):
        raise UsageError(f"{called} has a number whose least is above its most.")


def check_years(n_unknowns: Sequence[int], n_changes: int) -> None:
    """Refuse years over other unknowns than the rest, and changes that are not one fewer than years."""
    if len(set(n_unknowns)) != 1:
        raise UsageError(f"The years have {', '.join(map(str, n_unknowns))} unknowns, not the same.")
    if n_changes != len(n_unknowns) - 1:
        raise UsageError(f"There are {len(n_unknowns)} years and {n_changes} changes; give one between two.")


def check_means(missing: Sequence[str], unsure: Sequence[str]) -> None:
    """Refuse means of areas that there are not, or whose number of people is not known."""
    faults = Faults()
    if missing:
        faults.add("means of areas that no family has", ids=missing, cure="Name areas as their family does.")
    if unsure:
        faults.add(
            "means of areas whose count is not published",
            ids=unsure,
            cure="Leave them out: a mean tells a total only with its count.",
        )
    faults.raise_if_any(ValuesError, "Totals cannot be bounded.")
