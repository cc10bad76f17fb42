"""The law of Kendall's S when every order of the years is as likely: exact, with ties; and what shifts it."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np

EXACT_UP_TO = 50
"""Years. Up to here S has its exact law; beyond, the normal law is closer than anybody can see."""


@lru_cache(maxsize=1024)
def discordant_tails(n: int, ties: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return P(D <= d) and P(D >= d) of the number of falling pairs, for d = 0, 1, ...

    ``n`` values of which some are tied, in every order equally likely, have d falling pairs in as many ways
    as the q-multinomial coefficient ``[n]! / ([t_1]! [t_2]! ...)`` says at ``q**d``, where ``[n]! = prod over
    k of (1 + q + ... + q**(k-1))``. It is multiplied out in whole numbers.

    Parameters
    ----------
    n
        How many values.
    ties
        How many values each group of equal ones has, groups of one left out; in rising order.

    References
    ----------
    Kendall (1970), Rank Correlation Methods, chapters 4 and 5
    MacMahon (1916), Combinatory Analysis, volume 2 (inversions of a multiset)
    """
    ways = np.ones(1, dtype=object)
    placed = 0
    for size in (*ties, *[1] * (n - sum(ties))):
        for j in range(1, size + 1):
            ways = _divided(_multiplied(ways, placed + j), j)
        placed += size
    total = int(ways.sum())
    at_most = np.array([int(k) / total for k in np.cumsum(ways)])
    at_least = np.array([int(k) / total for k in np.cumsum(ways[::-1])[::-1]])
    return at_most, at_least


def _multiplied(ways: np.ndarray, k: int) -> np.ndarray:
    """Return the coefficients times ``1 - q**k``."""
    product = np.concatenate([ways, np.zeros(k, dtype=object)])
    product[k:] -= ways
    return product


def _divided(ways: np.ndarray, k: int) -> np.ndarray:
    """Return the coefficients divided by ``1 - q**k``, which leaves no rest."""
    quotient = ways.copy()
    for i in range(k, len(ways)):
        quotient[i] += quotient[i - k]
    return quotient[: len(ways) - k]


def tied_variance(n: np.ndarray, tied: np.ndarray) -> np.ndarray:
    """Return the variance of S: ``(n (n-1) (2n+5) - sum t (t-1) (2t+5)) / 18``.

    Parameters
    ----------
    n
        How many values, any shape.
    tied
        The sum over groups of equal values of ``t (t-1) (2t+5)``, same shape.

    References
    ----------
    Kendall (1970), Rank Correlation Methods, chapter 4
    """
    return np.asarray((n * (n - 1.0) * (2.0 * n + 5.0) - tied) / 18.0)


@lru_cache(maxsize=512)
def serial_ratio(n: int, rho: float) -> float:
    """Return how many times the variance of S is larger in a Gaussian series whose shocks last.

    Of a first-order autoregression with coefficient ``rho``, whatever its variance::

        Var(S) = sum over pairs i < j and k < l of (2 / pi) arcsin(r_ijkl)
        r_ijkl = (c_jl - c_jk - c_il + c_ik) / (2 sqrt((1 - c_ij) (1 - c_kl))),  c_ij = rho**|i - j|

    References
    ----------
    Hamed (2008), https://doi.org/10.1016/j.jhydrol.2007.11.009
    """
    return _gaussian_variance(n, rho) / _gaussian_variance(n, 0.0)


def _gaussian_variance(n: int, rho: float) -> float:
    pairs = np.array(list(combinations(range(n), 2)))
    correlation = np.power(rho, np.abs(np.subtract.outer(np.arange(n), np.arange(n)))) + 0.0
    i, j = pairs[:, 0], pairs[:, 1]
    total = 0.0
    scale = np.sqrt(2.0 * (1.0 - correlation[i, j]))
    for (k, m), spread in zip(pairs, scale, strict=True):  # one row at a time: n**4 numbers are too many
        r = correlation[j, m] - correlation[j, k] - correlation[i, m] + correlation[i, k]
        total += float(np.arcsin(np.clip(r / (scale * spread), -1.0, 1.0)).sum())
    return total * 2.0 / np.pi
