"""What becomes of zeros, since a zero has no logarithm.

A zero among counts is few people, not an impossibility: a Bayesian estimate stands in for it, and the other
parts give way in proportion, so that their ratios stay as they were. A zero among shares gives way to a
stated small share. A part that cannot occur (a structural zero) is no matter of arithmetic and is refused;
it can be put together with another part.

References
----------
Martín-Fernández et al. (2015), https://doi.org/10.1177/1471082X14535524
Martín-Fernández, Barceló-Vidal and Pawlowsky-Glahn (2003), https://doi.org/10.1023/A:1023866030544
"""

from __future__ import annotations

import numpy as np

COUNT_RULES = ("gbm", "sq", "bl")
"""Priors of counts: geometric Bayesian-multiplicative, square root, Bayes-Laplace."""
TAKEN_DOWN = 0.65
"""A replacement above the smallest share of a part anywhere is taken down to this share of it."""


def prior(counts: np.ndarray, rule: str) -> np.ndarray:
    """Return the pseudo-counts of the Dirichlet prior of each area; shape (n, parts).

    ``s_i t_ij``, where t are the parts' shares in all the other areas, and s how much they count: ``gbm`` 1
    / their geometric mean, ``sq`` the root of the area's count, ``bl`` the number of parts.
    """
    rest = counts.sum(axis=0) - counts
    expected = rest / rest.sum(axis=1, keepdims=True)
    if rule == "gbm":
        strength = 1 / np.exp(np.log(expected).mean(axis=1))
    elif rule == "sq":
        strength = np.sqrt(counts.sum(axis=1))
    else:
        strength = np.full(len(counts), float(counts.shape[1]))
    return np.asarray(strength[:, None] * expected)


def least_shares(counts: np.ndarray, pseudo: np.ndarray) -> np.ndarray:
    """Return what would stand in for a zero in each cell; shape (n, parts)."""
    total = counts.sum(axis=1, keepdims=True)
    estimate = pseudo / (total + pseudo.sum(axis=1, keepdims=True))
    shares = counts / total
    smallest = np.where(shares > 0, shares, np.inf).min(axis=0)
    return np.asarray(np.where(estimate > smallest, TAKEN_DOWN * smallest, estimate))


def replaced(shares: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Return shares without zeros: ``least`` instead of each, the others scaled by what is left."""
    zero = shares <= 0
    taken = np.where(zero, least, 0.0).sum(axis=-1, keepdims=True)
    return np.asarray(np.where(zero, least, shares * (1 - taken)))


def raised(shares: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Return shares of which none is below ``least``, the others scaled by what is left; shape (n, parts)."""
    low = shares < least
    taken = np.where(low, least, 0.0).sum(axis=-1, keepdims=True)
    kept = np.where(low, 0.0, shares)
    return np.asarray(np.where(low, least, kept * (1 - taken) / kept.sum(axis=-1, keepdims=True)))
