"""Spatial models of outcome and drivers in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.drivers.maximum_likelihood import Weights, fit_error, fit_lag

if TYPE_CHECKING:
    from lea_geo.spatial.graph import AreaGraph


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients in the units of the data: constant, drivers, their lags, the spatial one."""

    estimates: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray
    log_likelihood: float
    r_squared: float
    """The squared correlation of outcome and prediction."""
    roots: np.ndarray
    """Eigenvalues of the weights."""

    @property
    def aic(self) -> float:
        """Akaike's criterion; every coefficient counts, the spatial one too."""
        return 2.0 * len(self.estimates) - 2.0 * self.log_likelihood


def spatial_fit(y: np.ndarray, x: np.ndarray, graph: AreaGraph, kind: str) -> Fit:
    """Fit a ``lag``, ``error`` or ``durbin`` model on areas that all have neighbours.

    Variables are standardised before and coefficients turned back after, so that units cost no digits.
    """
    my, sy, mx, sx = y.mean(), y.std(), x.mean(axis=0), x.std(axis=0)
    w = Weights.of(graph.transform("row").sparse())
    drivers = (x - mx) / sx
    if kind == "durbin":
        drivers = np.column_stack([drivers, w.matrix @ drivers])
        mx, sx = np.tile(mx, 2), np.tile(sx, 2)
    design = np.column_stack([np.ones(len(y)), drivers])
    fitted = (fit_error if kind == "error" else fit_lag)((y - my) / sy, design, w)
    turn, shift = _back(float(my), float(sy), mx, sx, lagged=kind != "error")
    return Fit(
        shift + turn @ fitted.estimates,
        turn @ fitted.covariance @ turn.T,
        fitted.residuals * sy,
        fitted.log_likelihood - len(y) * float(np.log(sy)),
        float(np.corrcoef(y, fitted.predicted)[0, 1] ** 2),
        w.roots,
    )


def _back(
    my: float, sy: float, mx: np.ndarray, sx: np.ndarray, *, lagged: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return what turns coefficients of standardised variables into those of the data: a matrix and a shift.

    Rows of the weights sum to 1, so the lag of a mean is the mean: the constant takes (1 - rho) my.
    """
    k = len(mx)
    turn = np.zeros((k + 2, k + 2))
    turn[0, 0], turn[-1, -1] = sy, 1.0
    turn[1 : k + 1, 1 : k + 1] = np.diag(sy / sx)
    turn[0, 1 : k + 1] = -sy * mx / sx
    turn[0, -1] = -my if lagged else 0.0
    shift = np.zeros(k + 2)
    shift[0] = my
    return turn, shift
