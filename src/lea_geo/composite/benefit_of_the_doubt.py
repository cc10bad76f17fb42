"""Benefit of the doubt: each area is judged by the weights that show it at its best."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog


def benefit_of_the_doubt(
    x: np.ndarray, *, least: float | None = None, most: float | None = None
) -> np.ndarray:
    """Return each area's score, 0 to 1, by the weights that make it highest; 1 is the best of all.

    For area i, over weights ``w >= 0``::

        maximise sum_k w_k x_ik   so that   sum_k w_k x_jk <= 1 for every area j
        and   least <= w_k x_ik / sum_l w_l x_il <= most

    The second line bounds the share that a member has in the score, whatever its unit; without it an area
    can score 1 by its one best member alone. An area that has 0 in a member whose share must be above 0
    scores 0.

    An area with a gap is judged by the members that it has, against the areas that have those members too;
    bounds that so few members could not keep to are widened to ``1 / members``. Stated weights play no part.
    Where a high score is bad, these are the weights that show each area at its worst.

    A linear programme (HiGHS) is solved for each area, with a row for each area that no other one exceeds in
    all members: 2 to 10 milliseconds each, so 7 to 30 seconds for 3 000 areas. It is no method for
    thousands of Monte-Carlo runs.

    Parameters
    ----------
    x
        Scores of shape (n, k), 0 or more, NaN where there is none.
    least, most
        Bounds of a member's share, 0 to 1.

    References
    ----------
    Cherchye, Moesen, Rogge and Van Puyenbroeck (2007), https://doi.org/10.1007/s11205-006-9029-7
    """
    scores = np.full(len(x), np.nan)
    patterns, group = np.unique(~np.isnan(x), axis=0, return_inverse=True)
    for place, has in enumerate(patterns):
        if not has.any():
            continue
        members = x[:, has]
        peers = members[~np.isnan(members).any(axis=1)]
        size = np.where(peers.max(axis=0) > 0, peers.max(axis=0), 1.0)  # units do not matter; solvers like 1
        frontier = _undominated(peers / size)
        few = int(has.sum())
        low, high = min(least or 0.0, 1 / few), max(1.0 if most is None else most, 1 / few)
        for area in np.flatnonzero(group == place):
            scores[area] = _best(members[area] / size, frontier, low, high)
    return scores


def _best(own: np.ndarray, frontier: np.ndarray, least: float, most: float) -> float:
    """Return the highest score of one area."""
    k = len(own)
    bounds = [
        *([least * own - np.diag(own)] if least > 0 else []),
        *([np.diag(own) - most * own] if most < 1 else []),
    ]
    limits = np.concatenate([frontier, *bounds])
    most_of_all = np.concatenate([np.ones(len(frontier)), np.zeros(k * len(bounds))])
    best = linprog(-own, A_ub=limits, b_ub=most_of_all, bounds=(0, None), method="highs-ds")
    if best.x is None:
        raise ArithmeticError(f"HiGHS found no weights: {best.message}")
    return float(np.clip(own @ best.x, 0.0, 1.0))


def _undominated(x: np.ndarray) -> np.ndarray:
    """Return the distinct rows that no other row reaches in every column: the others bind no weights."""
    rows = np.unique(x, axis=0)
    rows = rows[np.argsort(-rows.sum(axis=1), kind="stable")]  # a row can only be dominated by a larger sum
    kept = np.empty_like(rows)
    n = 0
    for row in rows:
        if not (kept[:n] >= row).all(axis=1).any():
            kept[n] = row
            n += 1
    return kept[:n]
