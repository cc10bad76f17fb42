"""Change drawn towards that of all areas, and what regression to the mean makes of extreme areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from lea_geo.change.pairs import Measured

LEAST = 3
"""Fewer areas say nothing of how true changes vary."""


@dataclass(frozen=True)
class Shrunk:
    """Change as it is likely to be in truth, shape (n,) each."""

    change: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    regression: np.ndarray
    """How much of the change is to be expected because the earlier value was extreme by chance."""
    mean: np.ndarray
    """Of the true values then and now, shape (2,)."""
    covariance: np.ndarray
    """Of the true values then and now, shape (2, 2)."""


def shrunk_change(held: Measured, *, level: float) -> Shrunk:
    """Return the change that remains when the noise of both years is allowed for.

    True values then and now have mean ``m`` (2,) and covariance ``S`` (2, 2) over areas; those observed add
    noise with covariance ``V_i``. With ``c = (-1, 1)``::

        change_i      = c (m + S (S + V_i)^-1 (y_i - m)),   variance c (S - S (S + V_i)^-1 S) c
        regression_i  = (cov_i - v0_i) / (s00 + v0_i) (y0_i - m0)

    ``m`` and ``S`` come from moments: the weighted covariance of the observed values less their mean noise,
    each area weighing ``1 / (v_i + median v)``. What of ``S`` would be negative is 0. The interval takes
    ``m`` and ``S`` as if they were known, and so is a little too short.

    References
    ----------
    Efron and Morris (1973), https://doi.org/10.1080/01621459.1973.10481350
    Davis (1976), https://doi.org/10.1093/oxfordjournals.aje.a112322
    """
    n = len(held.then)
    y = np.column_stack([held.then, held.now])
    noise = _noise(held)
    empty = np.full(n, np.nan)
    if n < LEAST:
        return Shrunk(empty, empty, empty, empty, np.full(2, np.nan), np.full((2, 2), np.nan))
    mean, true = _moments(y, noise, held.trust)
    gain = true @ np.linalg.pinv(true + noise, hermitian=True)
    posterior = true - gain @ true
    likely = mean + np.einsum("ijk,ik->ij", gain, y - mean)
    step = np.array([-1.0, 1.0])
    change = likely @ step
    reach = float(ndtri((1 + level) / 2)) * np.sqrt(np.maximum(step @ posterior @ step, 0.0))
    spread = true[0, 0] + noise[:, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(spread > 0, (noise[:, 0, 1] - noise[:, 0, 0]) / spread, 0.0)
    return Shrunk(change, change - reach, change + reach, share * (y[:, 0] - mean[0]), mean, true)


def _noise(held: Measured) -> np.ndarray:
    noise = np.empty((len(held.then), 2, 2))
    noise[:, 0, 0], noise[:, 1, 1] = held.error_then**2, held.error_now**2
    noise[:, 0, 1] = noise[:, 1, 0] = held.rho * held.error_then * held.error_now
    return noise


def _moments(y: np.ndarray, noise: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the true values of both years."""
    mean = weight @ y
    away = y - mean
    observed = np.einsum("i,ij,ik->jk", weight, away, away)
    chance = np.einsum("i,ijk->jk", weight * (1 - weight), noise)
    values, vectors = np.linalg.eigh((observed - chance) / (1 - weight @ weight))
    return mean, (vectors * np.maximum(values, 0.0)) @ vectors.T
