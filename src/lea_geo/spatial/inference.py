"""From a law to a decision: tails, two-sided p-values, many tests, and how many permutations they need."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.special import ndtr

ALTERNATIVES = ("two-sided", "greater", "less")
P_FLOOR = 1e-13
"""Smaller p-values of the exact law are round-off; they are reported as this bound."""


@dataclass(frozen=True)
class Tails:
    """Both tails of a test, each with the observed value counted in."""

    lower: np.ndarray
    """P(as small or smaller), shape (n,); NaN where nothing was tested."""
    upper: np.ndarray
    """P(as large or larger), shape (n,)."""

    def p_value(self, alternative: str) -> np.ndarray:
        """Return the p-value: one tail, or for ``two-sided`` min(1, 2 min(lower, upper))."""
        if alternative == "greater":
            return self.upper
        if alternative == "less":
            return self.lower
        return np.asarray(np.minimum(1.0, 2.0 * np.minimum(self.lower, self.upper)))

    def flipped_where(self, negative: np.ndarray) -> Tails:
        """Return the tails of a statistic that falls where ``negative`` says, when the sum rises."""
        return Tails(np.where(negative, self.upper, self.lower), np.where(negative, self.lower, self.upper))

    def certain_where(self, degenerate: np.ndarray) -> Tails:
        """Return the tails with 1 where the statistic has only one possible value."""
        return Tails(np.where(degenerate, 1.0, self.lower), np.where(degenerate, 1.0, self.upper))

    def only(self, tested: np.ndarray) -> Tails:
        """Return the tails with NaN where nothing was tested."""
        return Tails(np.where(tested, self.lower, np.nan), np.where(tested, self.upper, np.nan))


def normal_tails(z_score: np.ndarray) -> Tails:
    """Return the tails of the standard normal law at ``z_score``."""
    return Tails(ndtr(z_score), ndtr(-z_score))


def counted_tails(at_most: np.ndarray, at_least: np.ndarray, permutations: int) -> Tails:
    """Return Monte-Carlo tails (count + 1) / (permutations + 1).

    The observed arrangement is one of those possible, so it counts in both tails and no p-value is zero.

    References
    ----------
    Phipson and Smyth (2010), https://doi.org/10.2202/1544-6115.1585
    """
    return Tails((at_most + 1.0) / (permutations + 1.0), (at_least + 1.0) / (permutations + 1.0))


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Return q-values: the smallest false discovery rate at which each test is a discovery.

    ``q_(i) = min over j >= i of min(1, m p_(j) / j)`` over the ``m`` p-values that are not NaN.

    Parameters
    ----------
    p_values
        Between 0 and 1, NaN where nothing was tested; shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (n,), NaN where ``p_values`` is.

    References
    ----------
    Benjamini and Hochberg (1995), https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, np.nan, 0.04, 0.03])).round(3).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    p = np.asarray(p_values, dtype=float)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if len(tested) == 0:
        return q
    order = tested[np.argsort(-p[tested], kind="stable")]
    rank = np.arange(len(order), 0, -1)
    q[order] = np.minimum(1.0, np.minimum.accumulate(p[order] * len(order) / rank))
    return q


def required_permutations(n_tested: int, fdr: float, alternative: str = "two-sided") -> int:
    """Return how many permutations let one lone area among ``n_tested`` survive Benjamini-Hochberg.

    The smallest p-value is ``t / (R + 1)`` with ``t = 2`` for two-sided tests and 1 otherwise; it must not
    exceed ``fdr / n_tested``.

    Examples
    --------
    >>> required_permutations(3000, 0.05)
    119999
    >>> required_permutations(100, 0.05, "greater")
    1999
    """
    tails = 2 if alternative == "two-sided" else 1
    # 1e-9 keeps 2 * 3000 / 0.05 at 120 000 although 0.05 is no binary fraction.
    return max(1, ceil(tails * n_tested / fdr - 1e-9) - 1)
