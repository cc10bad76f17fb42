"""Spatial lag, Durbin and error models by maximum likelihood.

Not by spreg 1.9: with ``method="ord"`` it takes the trace of (W A)'(W A) from the symmetrised weights, which
makes standard errors of the lag model wrong (that of Columbus's rho is 0.1232 for 0.1207, R's spatialreg),
and its AIC of the error model does not count the spatial coefficient.

References
----------
Ord (1975), https://doi.org/10.1080/01621459.1975.10480272
Anselin (1988), Spatial Econometrics, Kluwer, chapter 6
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

if TYPE_CHECKING:
    from collections.abc import Callable

    from scipy import sparse


@dataclass(frozen=True, eq=False)
class Weights:
    """Row-standardised weights, and the determinant of I - r W through their eigenvalues."""

    matrix: np.ndarray
    """Shape (n, n)."""
    roots: np.ndarray

    @classmethod
    def of(cls, w: sparse.csr_array) -> Weights:
        """Return the weights; symmetric ones, before standardising, have real eigenvalues."""
        dense = w.toarray()
        weights = np.divide(1.0, dense.max(axis=1), out=np.ones(len(dense)), where=dense.max(axis=1) > 0)
        before = dense * weights[:, None]
        if np.allclose(before, before.T, rtol=0, atol=1e-9):
            root = np.sqrt(before.sum(axis=1))
            root[root == 0] = 1.0  # an isolate has no row to divide
            return cls(dense, np.linalg.eigvalsh(before / np.outer(root, root)))
        return cls(dense, np.linalg.eigvals(dense))

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which the spatial coefficient lies."""
        real = self.roots.real[np.abs(self.roots.imag) < 1e-9] if np.iscomplexobj(self.roots) else self.roots
        return 1 / min(float(real.min()), -1e-6), 1.0

    def log_determinant(self, r: float) -> float:
        """Return log |I - r W|."""
        return float(np.log(np.abs(1 - r * self.roots)).sum())

    def maximum(self, likelihood: Callable[[float], float]) -> float:
        """Return where a likelihood of the spatial coefficient is largest."""
        low, high = self.bounds
        low = max(low, -20.0)  # of few areas nothing more extreme is meant
        margin = 1e-7 * (high - low)
        best = optimize.minimize_scalar(
            lambda r: -likelihood(r),
            bounds=(low + margin, high - margin),
            method="bounded",
            options={"xatol": 1e-11},
        )
        return float(best.x)

    def inner(self, r: float) -> np.ndarray:
        """Return W (I - r W)^-1."""
        return np.asarray(np.linalg.solve((np.eye(len(self.matrix)) - r * self.matrix).T, self.matrix.T).T)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Coefficients, the spatial one last, and what goes with them."""

    estimates: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray
    """Of the error model those after its spatial part is taken out."""
    predicted: np.ndarray
    log_likelihood: float


def fit_lag(y: np.ndarray, design: np.ndarray, w: Weights) -> Fitted:
    """Fit y = r W y + X b + e; with lagged drivers among the columns of ``design`` it is the Durbin model."""
    n, k = design.shape
    wy = w.matrix @ y
    both = np.linalg.lstsq(design, np.column_stack([y, wy]), rcond=None)[0]
    e0, e1 = y - design @ both[:, 0], wy - design @ both[:, 1]

    def likelihood(r: float) -> float:
        return float(w.log_determinant(r) - n / 2 * np.log(np.mean((e0 - r * e1) ** 2)))

    r = w.maximum(likelihood)
    b = both[:, 0] - r * both[:, 1]
    e = e0 - r * e1
    s2 = float(np.mean(e**2))
    wa = w.inner(r)
    moved = wa @ (design @ b)
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = design.T @ design / s2
    information[:k, k] = information[k, :k] = design.T @ moved / s2
    _spatial_information(information, wa, s2, float(moved @ moved) / s2)
    covariance = np.linalg.inv(information)[: k + 1, : k + 1]
    return Fitted(np.append(b, r), covariance, e, y - e, likelihood(r) - n / 2 * (np.log(2 * np.pi) + 1))


def fit_error(y: np.ndarray, design: np.ndarray, w: Weights) -> Fitted:
    """Fit y = X b + u with u = l W u + e."""
    n, k = design.shape
    wy, wx = w.matrix @ y, w.matrix @ design

    def filtered(r: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        own, columns = y - r * wy, design - r * wx
        b = np.linalg.lstsq(columns, own, rcond=None)[0]
        return b, columns, own - columns @ b

    def likelihood(r: float) -> float:
        return float(w.log_determinant(r) - n / 2 * np.log(np.mean(filtered(r)[2] ** 2)))

    r = w.maximum(likelihood)
    b, columns, e = filtered(r)
    s2 = float(np.mean(e**2))
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = columns.T @ columns / s2
    _spatial_information(information, w.inner(r), s2, 0.0)
    covariance = np.linalg.inv(information)[: k + 1, : k + 1]
    total = likelihood(r) - n / 2 * (np.log(2 * np.pi) + 1)
    return Fitted(np.append(b, r), covariance, e, design @ b, total)


def _spatial_information(information: np.ndarray, wa: np.ndarray, s2: float, mean: float) -> None:
    """Put in what the spatial coefficient and the variance know of each other."""
    n = len(wa)
    information[-2, -2] = float(np.sum(wa * wa.T) + np.sum(wa**2)) + mean
    information[-2, -1] = information[-1, -2] = float(np.trace(wa)) / s2
    information[-1, -1] = n / (2 * s2**2)
