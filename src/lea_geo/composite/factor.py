"""One dimension behind several members: their first principal component, or their one factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.stats import rankdata

from lea_geo._checks.composite_steps import check_correlated, check_factored

if TYPE_CHECKING:
    from collections.abc import Sequence

CORRELATIONS = ("pearson", "spearman")
_LEAST_UNIQUENESS = 0.005
"""A uniqueness below would say that a member is the factor itself (a Heywood case); R's factanal stops
there too."""


@dataclass(frozen=True)
class Dimension:
    """How k members lie along one dimension."""

    loadings: np.ndarray
    """(k,) correlations with the dimension, turned so that their sum is not negative."""
    scoring: np.ndarray
    """(k,) what the standardised members are multiplied by for an area's place on it."""
    uniqueness: np.ndarray
    """(k,) the share of each member's variance that is its own."""
    explained: float
    """The share of all variance that the dimension accounts for."""
    at_bound: np.ndarray
    """(k,) whether a member is as good as the factor itself, so that its weight is that of the bound."""

    @property
    def against(self) -> np.ndarray:
        """Which members run against the others, or along no dimension at all."""
        return self.loadings <= 0


def complete_rows(x: np.ndarray) -> np.ndarray:
    """Return the rows of areas that have every member."""
    complete: np.ndarray = x[~np.isnan(x).any(axis=1)]
    return complete


def correlation_matrix(x: np.ndarray, kind: str, codes: Sequence[str]) -> np.ndarray:
    """Return correlations (k, k) over the areas that have every member.

    Raises
    ------
    ValuesError
        If fewer than three areas have all, or a member is the same in all of them.
    """
    held = complete_rows(x)
    check_correlated(held, n_areas=len(x), codes=codes)
    if kind == "spearman":
        held = rankdata(held, axis=0)
    return np.atleast_2d(np.corrcoef(held, rowvar=False))


def first_component(correlations: np.ndarray) -> Dimension:
    """Return the first principal component of a correlation matrix.

    ``loadings = e sqrt(l)`` with the largest eigenvalue l and its eigenvector e, which is ``scoring``: what
    COINr and R's ``prcomp`` call the loadings.
    """
    values, vectors = np.linalg.eigh(correlations)
    vector = _turned(vectors[:, -1])
    loadings = vector * np.sqrt(max(values[-1], 0.0))
    return Dimension(
        loadings=loadings,
        scoring=vector,
        uniqueness=1 - loadings**2,
        explained=float(values[-1] / len(correlations)),
        at_bound=np.zeros(len(correlations), dtype=bool),
    )


def one_factor(correlations: np.ndarray, codes: Sequence[str]) -> Dimension:
    """Return the factor of a one-factor analysis by maximum likelihood.

    The members' correlations R are taken as ``l l' + diag(u)``; the uniquenesses u, between 0.005 and 1,
    minimise ``sum(e_j - log e_j - 1)`` over all but the largest of the eigenvalues e of
    ``diag(u)^-1/2 R diag(u)^-1/2`` (Jöreskog 1967). An area's place is estimated by regression (Thomson):
    its weights are ``(l l' + diag(u))^-1 l``, in proportion to ``l_i / u_i``. The English and the Scottish
    Indices of Multiple Deprivation weight indicators so. Of two members there is one correlation for two
    loadings: they are taken to be the same, and the members weigh alike.

    Raises
    ------
    ValuesError
        If one of three or more members is made of the others.

    References
    ----------
    Jöreskog (1967), https://doi.org/10.1007/BF02289658
    """
    uniqueness, loadings = _of_two(correlations[0, 1]) if len(codes) == 2 else _likeliest(correlations, codes)
    ratio = loadings / uniqueness
    return Dimension(
        loadings=loadings,
        scoring=ratio / (1 + loadings @ ratio),  # Sherman and Morrison's inverse of l l' + diag(u)
        uniqueness=uniqueness,
        explained=float(loadings @ loadings / len(loadings)),
        at_bound=uniqueness <= _LEAST_UNIQUENESS * (1 + 1e-6),
    )


def _of_two(correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Return uniquenesses and loadings of two members that have the same share in what they share."""
    uniqueness = np.full(2, max(1 - abs(correlation), _LEAST_UNIQUENESS))
    return uniqueness, np.sqrt(1 - uniqueness) * [1.0, np.sign(correlation)]


def _likeliest(correlations: np.ndarray, codes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    check_factored(correlations, codes)
    uniqueness = _uniqueness(correlations)
    return uniqueness, _turned(_loadings(correlations, uniqueness)[0])


def _uniqueness(correlations: np.ndarray) -> np.ndarray:
    def misfit(u: np.ndarray) -> tuple[float, np.ndarray]:
        loadings, e = _loadings(correlations, u)
        return float(np.sum(e - np.log(e) - 1)), (loadings**2 + u - 1) / u**2

    start = np.clip(0.5 / np.diag(np.linalg.inv(correlations)), _LEAST_UNIQUENESS, 1.0)
    bounds = [(_LEAST_UNIQUENESS, 1.0)] * len(correlations)
    found = minimize(
        misfit, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-10}
    )
    return np.asarray(found.x, dtype=float)


def _loadings(correlations: np.ndarray, uniqueness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest loadings for these uniquenesses, and the eigenvalues left over."""
    scale = np.sqrt(uniqueness)
    values, vectors = np.linalg.eigh(correlations / np.outer(scale, scale))
    return scale * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0)), values[:-1]


def _turned(vector: np.ndarray) -> np.ndarray:
    """Return the vector or its opposite: the one whose sum is positive, or whose first entry is."""
    total = vector.sum()
    turn = total if abs(total) > 1e-12 else vector[np.flatnonzero(vector)[:1]].sum()
    return -vector if turn < 0 else vector
