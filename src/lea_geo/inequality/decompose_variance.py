"""How the differences between areas fall on drivers that go together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.decompose import check_drivers, check_few
from lea_geo.inequality.decompose_fit import bootstrapped, what_to_know

MOST = 10
"""How many drivers can be put in all orders."""


@dataclass(frozen=True)
class VarianceDecomposition:
    """The share of the variance between areas that goes with drivers, taken apart."""

    table: pd.DataFrame
    """Indexed by ``driver``: ``share`` of the values' variance, averaged over all orders of the drivers, with
    ``lower upper``; ``alone``, what the driver has by itself, and ``last``, what it adds to all others."""
    value: float
    """R squared: the sum of the shares."""
    interval: tuple[float, float]
    n_areas: int
    left_out: tuple[str, ...]
    runs: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()


def decompose_variance(
    values: pd.Series,
    drivers: pd.DataFrame,
    *,
    population: pd.Series | None = None,
    runs: int = 199,
    level: float = 0.95,
    seed: int = 2009,
) -> VarianceDecomposition:
    """Take R squared apart by drivers that go together, so that the order in which they are named is nothing.

    A driver's share is what it adds to R squared, averaged over all orders in which the drivers could be
    brought in (the Shapley value; Lindeman, Merenda and Gold's measure of relative importance). The shares
    add up to R squared exactly.

    Parameters
    ----------
    values
        Indexed by ``area_id``.
    drivers
        A column each, at most 10, indexed by ``area_id``.
    population
        How much each area counts; left out: all the same.
    runs, level, seed
        As in :func:`~lea_geo.inequality.decompose_gap.decompose_gap`; areas are drawn again from all.

    Returns
    -------
    VarianceDecomposition

    Raises
    ------
    UsageError
        If there are too many drivers, or an option is out of range.
    ValuesError
        If ids do not match, drivers are constant or sums of each other, or too few areas are known.

    References
    ----------
    Groemping (2007), https://doi.org/10.1198/000313007X188252
    Shorrocks (2013), https://doi.org/10.1007/s10888-011-9214-z
    """
    check_count("runs", runs, least=19)
    check_fraction("level", level)
    check_seed(seed)
    ids, y, x, w, _, left = check_drivers(values, drivers, population)
    check_few("drivers", x.shape[1], MOST)

    def shares(rows: np.ndarray) -> np.ndarray:
        return _shares(y[rows], x[rows], w[rows])

    found = shares(np.arange(len(y)))
    low, high, failed = bootstrapped(shares, np.zeros(len(y), dtype=int), runs, level, seed)
    notes = what_to_know(left, len(ids), failed, runs)
    k = x.shape[1]
    columns = {
        "share": found[:k],
        "lower": low[:k],
        "upper": high[:k],
        "alone": found[k : 2 * k],
        "last": found[2 * k : 3 * k],
    }
    return VarianceDecomposition(
        table=pd.DataFrame(columns, index=pd.Index([*map(str, drivers.columns)], name="driver")),
        value=float(found[-1]),
        interval=(float(low[-1]), float(high[-1])),
        n_areas=len(ids),
        left_out=left,
        runs=runs,
        level=level,
        seed=seed,
        notes=notes,
    )


def _shares(y: np.ndarray, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the shares of drivers, what they have alone and add last, and R squared."""
    k = x.shape[1]
    covariance = np.cov(np.column_stack([x, y]).T, aweights=w, ddof=0)
    deviation = np.sqrt(np.diag(covariance))
    if (deviation <= 1e-12 * np.abs(np.column_stack([x, y])).max(axis=0)).any():
        return np.full(3 * k + 1, np.nan)
    correlation = covariance / np.outer(deviation, deviation)
    if np.linalg.matrix_rank(correlation[:k, :k], hermitian=True) < k:
        return np.full(3 * k + 1, np.nan)
    explained = {
        chosen: _explained(correlation, chosen)
        for size in range(k + 1)
        for chosen in combinations(range(k), size)
    }
    shares = np.zeros(k)
    for chosen, before in explained.items():
        weight = (
            factorial(len(chosen)) * factorial(k - len(chosen) - 1) / factorial(k) if len(chosen) < k else 0
        )
        for driver in set(range(k)) - set(chosen):
            shares[driver] += weight * (explained[tuple(sorted((*chosen, driver)))] - before)
    whole = tuple(range(k))
    alone = [explained[(driver,)] for driver in whole]
    last = [explained[whole] - explained[tuple(d for d in whole if d != driver)] for driver in whole]
    return np.array([*shares, *alone, *last, explained[whole]])


def _explained(correlation: np.ndarray, chosen: tuple[int, ...]) -> float:
    rows = list(chosen)
    with_values = correlation[rows, -1]
    return float(with_values @ np.linalg.solve(correlation[np.ix_(rows, rows)], with_values)) if rows else 0.0
