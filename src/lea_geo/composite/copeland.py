"""Copeland's rule: areas compared two by two, member by member."""

from __future__ import annotations

import numpy as np

ROWS = 64
"""So many areas are compared with all others at a time: what is in between then stays small."""
TIED = 1e-9
"""Halves of the weights that differ by less are equal but for rounding."""


def copeland(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return each area's victories less its defeats, shape (n,), from -(n - 1) to n - 1.

    An area defeats another if the members in which it scores higher weigh more than those in which it scores
    lower, among the members that both have; equal weights, or no member in common, are a draw. Only the
    order of scores counts: no normalisation that keeps it matters, nor by how much one area leads another.

    The rank of two areas can change when a third is added or left out, although nothing about the two has
    changed: no rule that compares areas two by two and lets the majority decide is free of that (Arrow 1951).
    ``tests/unit/composite/test_aggregate.py`` shows it on four areas. Scores depend on the number of areas,
    and those of different years or regions do not compare. The cost grows with n^2 k: 3 030 areas and 8
    members take about a tenth of a second.

    Parameters
    ----------
    x
        Scores of shape (n, k), NaN where there is none.
    weights
        Above 0, shape (k,).

    References
    ----------
    Copeland (1951), A reasonable social welfare function, University of Michigan
    Saari and Merlin (1996), https://doi.org/10.1007/BF01212012
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, https://doi.org/10.1787/9789264043466-en
    """
    n = len(x)
    share = weights / weights.sum()
    columns = np.ascontiguousarray(x.T)
    scores = np.zeros(n)
    for start in range(0, n, ROWS):
        rows = columns[:, start : start + ROWS]
        support = np.zeros((rows.shape[1], n))
        for mine, others, weight in zip(rows, columns, share, strict=True):
            lead = np.greater(mine[:, None], others).view(np.int8) - np.less(mine[:, None], others).view(
                np.int8
            )
            support += weight * lead
        scores[start : start + ROWS] = (support > TIED).sum(axis=1) - (support < -TIED).sum(axis=1)
    return scores
