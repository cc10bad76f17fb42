"""Weights by which members come to matter as much as was stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import least_squares, minimize
from scipy.stats import rankdata

from lea_geo._checks.composite_steps import check_correlated
from lea_geo.composite.factor import complete_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Optimised:
    """Weights, and how near they bring the members' importance to what was stated."""

    weights: np.ndarray
    """(k,) adding up to 1."""
    importance: np.ndarray
    """(k,) effective weights: shares of the squared correlations with the weighted mean."""
    gap: float
    """The largest difference between a member's importance and what was stated of it."""


def optimised_weights(
    x: np.ndarray, stated: np.ndarray, *, correlation: str, codes: Sequence[str]
) -> Optimised:
    """Find the weights of an arithmetic mean by which each member's importance is what was stated.

    A member's importance is its share in the squared correlations of all members with the mean,
    ``S_i / sum(S)``, ``S_i = cor(x_i, x w)^2``; one that runs against the mean counts negatively. The
    weights minimise the sum of squared differences from the stated shares. They are positive: where only a
    negative weight would do, or members are correlated so that no weights do, a gap stays, and is said.
    A member of which 0 is stated gets 0.

    Parameters
    ----------
    x
        Members (n, k) as they enter the score; areas without all of them are left out.
    stated
        (k,) importance in any unit, none negative.
    correlation
        ``pearson``, or ``spearman``: between ranks.
    codes
        The members' codes, for messages.

    References
    ----------
    Becker, Saisana, Paruolo and Vandecasteele (2017), https://doi.org/10.1016/j.ecolind.2017.03.056
    """
    asked = stated > 0
    held = complete_rows(x[:, asked])
    check_correlated(held, n_areas=len(x), codes=[c for c, a in zip(codes, asked, strict=True) if a])
    target = stated[asked] / stated[asked].sum()
    found = _matched(_linear(held), target)
    share = _linear(held)
    if correlation == "spearman":
        share = _ranked(held)
        found = _refined(share, target, found)
    weights, importance = np.zeros(len(stated)), np.zeros(len(stated))
    weights[asked], importance[asked] = found, share(found)
    return Optimised(weights, importance, float(np.abs(importance[asked] - target).max(initial=0.0)))


def _shares(correlations: np.ndarray) -> np.ndarray:
    squares = correlations * np.abs(correlations)
    return np.asarray(squares / max(np.abs(squares).sum(), np.finfo(float).tiny))


def _linear(x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    covariance = np.atleast_2d(np.cov(x, rowvar=False))
    deviation = np.sqrt(np.diag(covariance))
    return lambda w: _shares(covariance @ w / deviation)  # the mean's own deviation cancels out


def _ranked(x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    ranks = rankdata(x, axis=0) - (len(x) + 1) / 2
    ranks /= np.linalg.norm(ranks, axis=0)
    return lambda w: _shares(ranks.T @ (rankdata(x @ w) - (len(x) + 1) / 2))


def _weights_of(logs: np.ndarray) -> np.ndarray:
    w = np.exp(logs - logs.max())
    return np.asarray(w / w.sum())


def _matched(share: Callable[[np.ndarray], np.ndarray], target: np.ndarray) -> np.ndarray:
    """Return the weights whose smooth shares are nearest to the target; logarithms keep them positive."""

    def away(logs: np.ndarray) -> np.ndarray:
        return np.asarray(share(_weights_of(logs)) - target)

    found = least_squares(
        away,
        np.log(target),
        bounds=(np.log(target) - 12, np.log(target) + 12),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
    )
    return _weights_of(found.x)


def _refined(share: Callable[[np.ndarray], np.ndarray], target: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return weights for shares of ranks, which move in steps: a simplex needs no slope."""

    def away(logs: np.ndarray) -> float:
        return float(np.sum((share(_weights_of(logs)) - target) ** 2))

    found = minimize(
        away,
        np.log(start),
        method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-12, "maxfev": 400 * len(start)},
    )
    return _weights_of(found.x)
