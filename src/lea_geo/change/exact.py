"""Exact tests of two counts: whether the rates of two years can be one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, ndtri

from lea_geo._compiled import compiled
from lea_geo.spatial.inference import Tails, normal_tails

if TYPE_CHECKING:
    from lea_geo.change.pairs import Pairs

_SMALLEST = 1e-300
_NEGLIGIBLE = 1e-17
"""A term that is less than this of the sum, beyond the mode, changes no digit of it."""


def exact_tails(pairs: Pairs) -> Tails:
    """Return both tails of the later count, given the sum of the two counts.

    Given the sum, the later of two Poisson counts is binomial with the later year's share of the people, and
    the later of two binomial counts is hypergeometric: no unknown rate is left.

    References
    ----------
    Przyborowski and Wilenski (1940), https://doi.org/10.1093/biomet/31.3-4.313
    Fisher (1935), https://doi.org/10.2307/2342435
    """
    x0, n0, x1, n1 = (np.rint(part) for part in (pairs.x0, pairs.n0, pairs.x1, pairs.n1))
    if pairs.kind == "rate":
        share = pairs.n1 / (pairs.n0 + pairs.n1)
        return Tails(_at_most(x1, x0 + x1, share), _at_most(x0, x0 + x1, 1 - share))
    lower, upper = _hypergeometric(x1, n1, x0 + x1, n0 + n1)
    return Tails(lower, upper)


def correlated(tails: Tails, pairs: Pairs) -> Tails:
    """Return the tails of counts whose chance errors go together, because the same people are in both.

    The normal deviate of the tails is divided by the square root of ``1 - 2 rho sqrt(n0 n1) / (n0 + n1)``,
    which is what a correlation of the errors takes off the variance of the difference.
    """
    if not np.any(pairs.rho):
        return tails
    lower = np.clip(tails.lower, _SMALLEST, 1.0)
    upper = np.clip(tails.upper, _SMALLEST, 1.0)
    # Of the two tails the smaller one has all its digits.
    z = np.where(lower < upper, ndtri(lower), -ndtri(upper))
    left = 1 - 2 * pairs.rho * np.sqrt(pairs.n0 * pairs.n1) / (pairs.n0 + pairs.n1)
    return normal_tails(z / np.sqrt(left))


def _at_most(x: np.ndarray, total: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return P(X <= x) for X binomial of ``total`` with ``share``."""
    inside = x < total
    rest = np.where(inside, total - x, 1.0)
    return np.asarray(np.where(inside, betainc(rest, x + 1, 1 - share), 1.0))


@compiled
def _hypergeometric(
    x: np.ndarray, drawn: np.ndarray, marked: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return P(X <= x) and P(X >= x) of the marked among those drawn, each summed from x outwards."""
    lower, upper = np.empty(len(x)), np.empty(len(x))
    for i in range(len(x)):
        n, m, total, at = drawn[i], marked[i], size[i], x[i]
        first, last = max(0.0, n + m - total), min(n, m)
        log_term = (
            math.lgamma(m + 1)
            - math.lgamma(at + 1)
            - math.lgamma(m - at + 1)
            + math.lgamma(total - m + 1)
            - math.lgamma(n - at + 1)
            - math.lgamma(total - m - n + at + 1)
            - math.lgamma(total + 1)
            + math.lgamma(n + 1)
            + math.lgamma(total - n + 1)
        )
        here = math.exp(log_term)
        below, term, k = 1.0, 1.0, at
        while k > first:
            ratio = k * (total - m - n + k) / ((m - k + 1) * (n - k + 1))
            term *= ratio
            below += term
            k -= 1
            if ratio < 1 and term < _NEGLIGIBLE * below:
                break
        above, term, k = 1.0, 1.0, at
        while k < last:
            ratio = (m - k) * (n - k) / ((k + 1) * (total - m - n + k + 1))
            term *= ratio
            above += term
            k += 1
            if ratio < 1 and term < _NEGLIGIBLE * above:
                break
        lower[i] = min(1.0, here * below)
        upper[i] = min(1.0, here * above)
    return lower, upper
