"""Moves between classes: counted, turned into probabilities with intervals, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 5.0
"""Fewer moves expected than this in a cell make the chi-squared law of a test rough (Cochran 1954)."""
INTERVALS = ("dirichlet", "exact")
MOBILITY = ("shorrocks", "determinant", "second_eigenvalue", "bartholomew", "bartholomew_steps")


def count_moves(states: np.ndarray, k: int) -> np.ndarray:
    """Count the moves from each class to each, from a year to the next one.

    Parameters
    ----------
    states
        Classes 0 to k - 1, -1 where there is none; shape (n areas, n years).

    Returns
    -------
        Shape (k, k): from row to column.
    """
    before, after = states[:, :-1].ravel(), states[:, 1:].ravel()
    both = (before >= 0) & (after >= 0)
    return np.bincount(before[both] * k + after[both], minlength=k * k).reshape(k, k)


def count_by_group(states: np.ndarray, groups: np.ndarray, k: int, m: int) -> np.ndarray:
    """Count moves by a group of the area in the year before; shape (m, k, k)."""
    before, after, group = states[:, :-1].ravel(), states[:, 1:].ravel(), groups[:, :-1].ravel()
    known = (before >= 0) & (after >= 0) & (group >= 0)
    cells = (group[known] * k + before[known]) * k + after[known]
    return np.bincount(cells, minlength=m * k * k).reshape(m, k, k)


def shares(counts: np.ndarray) -> np.ndarray:
    """Return counts by the sum of their row, NaN where nothing left a class."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0))


def intervals(counts: np.ndarray, how: str, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds of the probabilities, as if every move were independent of the others.

    ``exact``: Clopper's and Pearson's, which never hold the truth too seldom. ``dirichlet``: quantiles of the
    posterior with Jeffreys's prior of half a move in each class, which are narrower.

    References
    ----------
    Clopper and Pearson (1934), https://doi.org/10.1093/biomet/26.4.404
    """
    total = np.broadcast_to(counts.sum(axis=-1, keepdims=True), counts.shape).astype(float)
    tail = (1.0 - level) / 2.0
    if how == "exact":
        lower = np.where(counts > 0, stats.beta.ppf(tail, np.maximum(counts, 1), total - counts + 1), 0.0)
        rest = np.maximum(total - counts, 1)
        upper = np.where(counts < total, stats.beta.ppf(1 - tail, counts + 1, rest), 1.0)
    else:
        k = counts.shape[-1]
        a, b = counts + 0.5, total - counts + (k - 1.0) / 2.0
        lower = np.where(counts == 0, 0.0, stats.beta.ppf(tail, a, b))
        upper = np.where(counts == total, 1.0, stats.beta.ppf(1 - tail, a, b))
    empty = total == 0
    return np.where(empty, np.nan, lower), np.where(empty, np.nan, upper)


def is_irreducible(p: np.ndarray) -> bool:
    """Say whether every class can be reached from every other, in however many years."""
    if np.isnan(p).any():
        return False
    links = (p > 0).astype(float)
    return int(connected_components(links, connection="strong")[0]) == 1


def steady_state(p: np.ndarray) -> np.ndarray:
    """Return the shares of areas in each class that moves would lead to, NaN where they depend on the start.

    It is giddy's, of chains where every class can be reached from every other.
    """
    if not is_irreducible(p):
        return np.full(len(p), np.nan)
    from giddy.ergodic import steady_state as giddy_steady_state  # noqa: PLC0415 - takes seconds to load

    return np.asarray(giddy_steady_state(p), dtype=float)


def first_passage(p: np.ndarray) -> np.ndarray:
    """Return the mean number of years from a class until another is first entered; itself: until the return.

    It is giddy's, of chains where every class can be reached from every other; NaN otherwise.

    References
    ----------
    Kemeny and Snell (1976), Finite Markov Chains
    """
    if not is_irreducible(p):
        return np.full(p.shape, np.nan)
    from giddy.ergodic import mfpt  # noqa: PLC0415 - takes seconds to load

    return np.asarray(mfpt(p), dtype=float)


def sojourn(p: np.ndarray) -> np.ndarray:
    """Return the mean number of years until a class is left, ``1 / (1 - p_ii)``; infinite where never."""
    stay = np.diagonal(p)
    return np.asarray(np.divide(1.0, 1.0 - stay, out=np.full(len(stay), np.inf), where=stay != 1.0))


def mobility(p: np.ndarray, begin: np.ndarray) -> dict[str, float]:
    """Return five indices of how much areas move between classes, 0 where none does.

    With k classes, ``b_i`` the shares of areas in them at the beginning and ``l_2`` the second largest
    eigenvalue by magnitude::

        shorrocks           (k - sum_i p_ii) / (k - 1)       Prais's and Shorrocks's
        determinant         1 - |det P|                      Shorrocks's second
        second_eigenvalue   1 - |l_2|                        Sommers's and Conlisk's
        bartholomew         k / (k - 1) (1 - sum_i b_i p_ii)
        bartholomew_steps   1 / (k - 1) sum_ij b_i p_ij |i - j|

    References
    ----------
    Shorrocks (1978), https://doi.org/10.2307/1911434
    Formby, Smith and Zheng (2004), https://doi.org/10.1016/S0304-4076(03)00211-2
    """
    k = len(p)
    if np.isnan(p).any():
        return dict.fromkeys(MOBILITY, np.nan)
    steps = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    sizes = np.sort(np.abs(np.linalg.eigvals(p)))
    return {
        "shorrocks": float((k - np.trace(p)) / (k - 1)),
        "determinant": float(1.0 - abs(np.linalg.det(p))),
        "second_eigenvalue": float(1.0 - sizes[-2]),
        "bartholomew": float(k * (1.0 - (begin * np.diagonal(p)).sum()) / (k - 1)),
        "bartholomew_steps": float((begin[:, None] * p * steps).sum() / (k - 1)),
    }


def long_table(counts: np.ndarray, names: Sequence[str], how: str, level: float) -> pd.DataFrame:
    """Return one row a pair of classes: ``from to moves of probability lower upper``."""
    p = shares(counts)
    lower, upper = intervals(counts, how, level)
    k = len(names)
    total = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    return pd.DataFrame(
        {
            "from": pd.array(np.repeat(list(names), k), dtype="str"),
            "to": pd.array(list(names) * k, dtype="str"),
            "moves": counts.ravel(),
            "of": total.ravel(),
            "probability": p.ravel(),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
        }
    )


@dataclass(frozen=True)
class Homogeneity:
    """Whether moves have the same probabilities in several groups."""

    chi2: float
    likelihood_ratio: float
    degrees: int
    p_chi2: float
    """By the chi-squared law, which is rough where ``few_expected`` is above 0."""
    p_likelihood_ratio: float
    few_expected: int
    """Cells in which fewer than 5 moves are expected."""
    cells: int
    """Cells in which any are."""
    p_permutation: float = float("nan")
    """Of ``chi2``, by shuffling areas; NaN where none were."""
    permutations: int = 0


def homogeneity(tables: np.ndarray) -> Homogeneity:
    """Test whether several tables of moves have the same probabilities (Anderson and Goodman 1957).

    ``chi2 = sum_g,i,j n_gi (p_gij - p_ij)^2 / p_ij``, ``LR = 2 sum n_gij log(p_gij / p_ij)``, with
    ``sum_i (b_i - 1) (a_i - 1)`` degrees of freedom: b_i groups that have moves from class i, a_i classes
    that are entered from it.

    References
    ----------
    Anderson and Goodman (1957), https://doi.org/10.1214/aoms/1177707039
    Bickenbach and Bode (2003), https://doi.org/10.1177/0160017603253789
    """
    q, likelihood = homogeneity_statistics(tables)
    all_ = tables.sum(axis=0)
    expected = tables.sum(axis=2)[:, :, None] * np.nan_to_num(shares(all_))[None]
    groups = (tables.sum(axis=2) > 0).sum(axis=0)
    entered = (all_ > 0).sum(axis=1)
    degrees = int(((groups - 1).clip(0) * (entered - 1).clip(0)).sum())
    cells = expected > 0
    return Homogeneity(
        chi2=q,
        likelihood_ratio=likelihood,
        degrees=degrees,
        p_chi2=float(stats.chi2.sf(q, degrees)) if degrees else float("nan"),
        p_likelihood_ratio=float(stats.chi2.sf(likelihood, degrees)) if degrees else float("nan"),
        few_expected=int((cells & (expected < FEW)).sum()),
        cells=int(cells.sum()),
    )


def homogeneity_statistics(tables: np.ndarray) -> tuple[float, float]:
    """Return chi-squared and the likelihood ratio of several tables of moves."""
    pooled = np.nan_to_num(shares(tables.sum(axis=0)))[None]
    expected = tables.sum(axis=2)[:, :, None] * pooled
    some = expected > 0
    away = np.square(tables - expected)
    q = float(np.divide(away, expected, out=np.zeros(away.shape), where=some).sum())
    moved = tables > 0
    ratio = np.divide(tables, expected, out=np.ones(away.shape), where=moved & some)
    return q, float(2.0 * (tables * np.log(ratio)).sum())
