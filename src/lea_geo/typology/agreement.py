"""How alike two divisions of the same areas are, and which type of one is which of the other.

References
----------
Hubert and Arabie (1985), https://doi.org/10.1007/BF01908075
Hennig (2007), https://doi.org/10.1016/j.csda.2006.11.025
Tibshirani and Walther (2005), https://doi.org/10.1198/106186005X59243
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from lea_geo.typology.fits import NONE


def crossed(one: np.ndarray, other: np.ndarray, k_one: int, k_other: int) -> np.ndarray:
    """Return how many areas are in each type of both, those of none left out; shape (k_one, k_other)."""
    both = (one != NONE) & (other != NONE)
    table = np.zeros((k_one, k_other), dtype=np.int64)
    np.add.at(table, (one[both], other[both]), 1)
    return table


def adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    """Return the adjusted Rand index: 1 for the same division, 0 on average by chance.

    Areas of no type count as a type.
    """
    table = crossed(one + 1, other + 1, int(one.max()) + 2, int(other.max()) + 2)
    rows, columns, together = (_pairs(counts) for counts in (table.sum(axis=1), table.sum(axis=0), table))
    every = len(one) * (len(one) - 1) / 2
    expected, most = rows * columns / every, (rows + columns) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _pairs(counts: np.ndarray) -> float:
    return float((counts * (counts - 1) / 2).sum())


def jaccard(reference: np.ndarray, k: int, other: np.ndarray) -> np.ndarray:
    """Return, for each type, the largest Jaccard similarity that a type of the other division has; (k,)."""
    k_other = int(other.max(initial=NONE)) + 1
    if not k_other:
        return np.zeros(k)
    table = crossed(reference, other, k, k_other)
    rows = np.bincount(reference[reference != NONE], minlength=k)
    columns = np.bincount(other[other != NONE], minlength=k_other)
    union = rows[:, None] + columns[None, :] - table
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(union > 0, table / union, 0.0).max(axis=1)
    return np.where(rows > 0, found, np.nan)


def matched(reference: np.ndarray, k: int, other: np.ndarray, k_other: int) -> np.ndarray:
    """Return which type of the reference each type of the other is, ``NONE`` for one too many; (k_other,).

    The assignment that leaves most areas where they were (Kuhn 1955).
    """
    overlap = crossed(reference, other, k, k_other)
    rows, columns = linear_sum_assignment(-overlap)
    found = np.full(k_other, NONE)
    found[columns] = rows
    return found


def prediction_strength(test: np.ndarray, predicted: np.ndarray) -> float:
    """Return the least share, over test types, of pairs of areas that the training types keep together."""
    least = 1.0
    for label in np.unique(test[test != NONE]):
        own = predicted[test == label]
        if len(own) > 1:
            sizes = np.bincount(own)
            least = min(least, float((sizes * (sizes - 1)).sum() / (len(own) * (len(own) - 1))))
    return least
