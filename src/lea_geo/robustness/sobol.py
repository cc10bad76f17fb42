"""Sobol indices: which part of an output's variance each factor makes, alone and with others.

The design is Saltelli's: two independent samples A and B of N rows, and for each factor i the sample AB_i,
which is A with factor i from B; N (k + 2) evaluations. The estimators are Jansen's::

    first_i = 1 - sum (f(B) - f(AB_i))^2 / (2 N V),   total_i = sum (f(A) - f(AB_i))^2 / (2 N V)

with V the variance of f over A and B. A factor may be anything that is drawn independently of the other
factors: a number, a choice or a whole vector of random numbers.

References
----------
Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola (2010), table 2 (c) and (f),
https://doi.org/10.1016/j.cpc.2009.09.018
Jansen (1999), https://doi.org/10.1016/S0010-4655(98)00154-4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Indices:
    """Sobol indices of one or many outputs, factors along the first axis."""

    first: np.ndarray
    """Shares of the variance that each factor makes alone, shape (k, ...); NaN where nothing varies."""
    total: np.ndarray
    """Shares that would be left if all others were fixed, with all interactions of the factor."""
    first_error: np.ndarray
    """Standard errors."""
    total_error: np.ndarray
    variance: np.ndarray
    """Of the output, shape (...)."""


def jansen(a: np.ndarray, b: np.ndarray, ab: np.ndarray, *, parts: int = 20) -> Indices:
    """Estimate Sobol indices, with standard errors by the jackknife over parts of the rows.

    Parameters
    ----------
    a, b
        Outputs of the samples A and B, shape (N, ...).
    ab
        Outputs of the samples AB_i, shape (k, N, ...).
    parts
        Into how many parts of consecutive rows the jackknife divides the sample; each is left out once.
    """
    n = len(a)
    parts = min(parts, n)
    part = np.arange(n) * parts // n
    sums = [np.add.reduceat(one, np.searchsorted(part, range(parts)), axis=0) for one in _moments(a, b)]
    near = [_by_part((one[None] - ab) ** 2, part, parts) for one in (b, a)]
    size = np.bincount(part, minlength=parts).astype(float)
    all_first, all_total, variance = _indices(sums, near, size, slice(None))
    left = [_indices(sums, near, size, np.arange(parts) != one) for one in range(parts)]
    errors = [_jackknife(np.stack([found[which] for found in left])) for which in (0, 1)]
    return Indices(all_first, all_total, errors[0], errors[1], variance)


def _moments(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both = np.stack([a, b]).astype(float)
    centre = both.mean(axis=(0, 1))  # a variance from sums is only exact near 0
    return (both - centre).sum(axis=0), ((both - centre) ** 2).sum(axis=0)


def _by_part(squares: np.ndarray, part: np.ndarray, parts: int) -> np.ndarray:
    """Return sums over rows, shape (parts, k, ...)."""
    starts = np.searchsorted(part, range(parts))
    return np.moveaxis(np.add.reduceat(squares, starts, axis=1), 1, 0)


def _indices(
    sums: list[np.ndarray], near: list[np.ndarray], size: np.ndarray, kept: slice | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = size[kept].sum()
    mean = sums[0][kept].sum(axis=0) / (2 * n)
    variance = sums[1][kept].sum(axis=0) / (2 * n) - mean**2
    scale = np.where(variance > 0, 2 * n * variance, np.nan)
    return 1 - near[0][kept].sum(axis=0) / scale, near[1][kept].sum(axis=0) / scale, variance


def _jackknife(left_out: np.ndarray) -> np.ndarray:
    """Return standard errors from estimates that each lack one part, shape (parts, ...)."""
    parts = len(left_out)
    return np.asarray(np.sqrt((parts - 1) * left_out.var(axis=0)))
