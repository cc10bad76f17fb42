"""How much of the gap between two groups of areas goes with their drivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.decompose import check_drivers, check_side, check_two_sides
from lea_geo.inequality.decompose_fit import bootstrapped, fitted, what_to_know, with_constant

if TYPE_CHECKING:
    from collections.abc import Sequence

REFERENCES = ("pooled", "without_group", "first", "second", "average")
CONSTANT = "constant"
_COLUMNS = ("explained", "unexplained")


@dataclass(frozen=True)
class GapDecomposition:
    """A gap between two groups of areas, taken apart by drivers."""

    table: pd.DataFrame
    """Indexed by ``driver``, the constant last: ``mean_first mean_second``; ``coefficient`` of the reference;
    ``explained unexplained``, each with ``_lower _upper``. Only the sum of ``unexplained`` has a meaning of
    its own: how it falls on drivers depends on where their scales have their zero."""
    parts: pd.DataFrame
    """Rows ``explained unexplained total``; columns ``value lower upper``."""
    reference: str
    n_first: int
    n_second: int
    left_out: tuple[str, ...]
    """Areas that lack a value, a driver or people."""
    runs: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The gap: the mean of the first group's areas less that of the second's."""
        return float(self.parts["value"]["total"])

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the gap."""
        return float(self.parts["lower"]["total"]), float(self.parts["upper"]["total"])


def decompose_gap(
    values: pd.Series,
    drivers: pd.DataFrame,
    first: pd.Series,
    *,
    population: pd.Series | None = None,
    reference: str = "pooled",
    runs: int = 999,
    level: float = 0.95,
    seed: int = 2009,
) -> GapDecomposition:
    """Take the gap between two groups of areas apart into what goes with their drivers, and the rest.

    Oaxaca and Blinder's twofold decomposition: with b the coefficients of a reference regression of the
    values on the drivers, and a bar the mean of a group's areas::

        gap = sum (mean x_first - mean x_second) b  +  unexplained

    exactly. By default the reference is the regression of all areas that lets the groups have constants of
    their own (Jann 2008): without these the drivers would be given what belongs to the groups.

    Parameters
    ----------
    values
        What there is a gap in, indexed by ``area_id``.
    drivers
        What may go with it: a column each, indexed by ``area_id``.
    first
        True in the areas of the first group, False in those of the second.
    population
        How much each area counts; left out: all the same.
    reference
        ``"pooled"``; ``"without_group"``, all areas and one constant (Neumark); ``"first"`` or ``"second"``,
        the regression of one group; ``"average"``, the mean of both (Reimers).
    runs
        How many times areas are drawn again, within their group, for the percentile intervals; they hold the
        noise of small numbers, since that is part of the values.
    level
        Coverage of the intervals, between 0 and 1.
    seed
        Decides the draws.

    Returns
    -------
    GapDecomposition

    Raises
    ------
    UsageError
        If an option is unknown or out of range.
    ValuesError
        If ids do not match, drivers are constant or sums of each other, or too few areas are known.

    References
    ----------
    Oaxaca (1973), https://doi.org/10.2307/2525981
    Blinder (1973), https://doi.org/10.2307/144855
    Jann (2008), https://doi.org/10.1177/1536867X0800800401
    """
    check_choice("reference", reference, REFERENCES)
    check_count("runs", runs, least=19)
    check_fraction("level", level)
    check_seed(seed)
    ids, y, x, w, extra, left = check_drivers(values, drivers, population, first=check_side(first))
    group = extra["first"] == 1
    check_two_sides(group, len(ids))

    def parts(rows: np.ndarray) -> np.ndarray:
        return _parts(y[rows], x[rows], w[rows], group[rows], reference)

    found = parts(np.arange(len(y)))
    low, high, failed = bootstrapped(parts, group.astype(int), runs, level, seed)
    names = [*map(str, drivers.columns), CONSTANT]
    notes = [*what_to_know(left, len(ids), failed, runs)]
    if np.isnan(found[: 2 * len(names)]).any():
        notes.append("A group has too few areas for a regression of its own: only sums are unexplained.")
    return GapDecomposition(
        table=_table(names, x, w, group, found, low, high, reference, y),
        parts=_sums(found, low, high),
        reference=reference,
        n_first=int(group.sum()),
        n_second=int((~group).sum()),
        left_out=left,
        runs=runs,
        level=level,
        seed=seed,
        notes=tuple(notes),
    )


def _coefficients(
    y: np.ndarray, x: np.ndarray, w: np.ndarray, group: np.ndarray, reference: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the coefficients of the reference and of both groups, the constant first."""
    design = with_constant(x)
    of = [fitted(design[side], y[side], w[side]) for side in (group, ~group)]
    if reference == "first":
        return of[0], of[0], of[1]
    if reference == "second":
        return of[1], of[0], of[1]
    if reference == "average":
        return (of[0] + of[1]) / 2, of[0], of[1]
    if reference == "without_group":
        return fitted(design, y, w), of[0], of[1]
    both = fitted(np.column_stack([design, group]), y, w)
    return both[:-1], of[0], of[1]


def _parts(y: np.ndarray, x: np.ndarray, w: np.ndarray, group: np.ndarray, reference: str) -> np.ndarray:
    """Return explained and unexplained of each driver and the constant, and the three sums."""
    b, b_first, b_second = _coefficients(y, x, w, group, reference)
    design = with_constant(x)
    means = [np.average(design[side], axis=0, weights=w[side]) for side in (group, ~group)]
    gap = np.average(y[group], weights=w[group]) - np.average(y[~group], weights=w[~group])
    explained = (means[0] - means[1]) * b
    unexplained = means[0] * (b_first - b) + means[1] * (b - b_second)
    turned = [np.roll(one, -1) for one in (explained, unexplained)]  # the constant last
    return np.concatenate([*turned, [explained.sum(), gap - explained.sum(), gap]])


def _table(
    names: Sequence[str],
    x: np.ndarray,
    w: np.ndarray,
    group: np.ndarray,
    found: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    reference: str,
    y: np.ndarray,
) -> pd.DataFrame:
    columns: dict[str, np.ndarray] = {}
    for name, side in (("mean_first", group), ("mean_second", ~group)):
        columns[name] = np.append(np.average(x[side], axis=0, weights=w[side]), 1.0)
    columns["coefficient"] = np.roll(_coefficients(y, x, w, group, reference)[0], -1)
    k = len(names)
    for at, part in enumerate(_COLUMNS):
        rows = slice(at * k, (at + 1) * k)
        for ending, numbers in (("", found), ("_lower", low), ("_upper", high)):
            columns[part + ending] = numbers[rows]
    return pd.DataFrame(columns, index=pd.Index(names, name="driver"))


def _sums(found: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    columns = {"value": found[-3:], "lower": low[-3:], "upper": high[-3:]}
    return pd.DataFrame(columns, index=pd.Index([*_COLUMNS, "total"], name="part"))
