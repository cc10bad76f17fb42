"""What one unit more of a driver goes with: in the area itself, through its neighbours, and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from lea_geo.drivers.spatial_models import Fit

DRAWS = 2000
NAMES = ("direct", "indirect", "total")


def impact_table(names: tuple[str, ...], fit: Fit, kind: str, *, level: float, seed: int) -> pd.DataFrame:
    """Return direct, indirect and total impacts of a lag, Durbin or error model with intervals.

    With S = (I - r W)^-1, the impacts of driver k are those of S (I b_k + W t_k): ``direct`` its mean
    diagonal, ``total`` its mean row sum. Intervals are quantiles over draws of the coefficients from their
    normal law.

    The weights are row-standardised and no row is empty, so the row sums of S are 1 / (1 - r).

    References
    ----------
    LeSage and Pace (2009), Introduction to Spatial Econometrics, CRC, chapter 2
    """
    k = len(names)
    random = np.random.Generator(np.random.Philox(seed))
    draws = random.multivariate_normal(fit.estimates, fit.covariance, size=DRAWS, method="eigh")
    draws = np.vstack([fit.estimates, draws])
    if kind == "error":
        direct, total = draws[:, 1 : k + 1], draws[:, 1 : k + 1]
    else:
        within = np.abs(draws[:, -1]) < 1
        draws = draws[within | (np.arange(len(draws)) == 0)]
        rho, own = draws[:, -1], draws[:, 1 : k + 1]
        lags = draws[:, k + 1 : 2 * k + 1] if kind == "durbin" else np.zeros_like(own)
        plain, lagged = _mean_diagonals(fit.roots, rho)
        direct = plain[:, None] * own + lagged[:, None] * lags
        total = (own + lags) / (1 - rho)[:, None]
    return _table(names, {"direct": direct, "indirect": total - direct, "total": total}, level)


def _table(names: tuple[str, ...], parts: dict[str, np.ndarray], level: float) -> pd.DataFrame:
    columns = {}
    for part, drawn in parts.items():
        columns[part] = drawn[0]
        columns[f"{part}_lower"] = np.quantile(drawn[1:], (1 - level) / 2, axis=0)
        columns[f"{part}_upper"] = np.quantile(drawn[1:], (1 + level) / 2, axis=0)
    return pd.DataFrame(columns, index=pd.Index(names, name="driver", dtype="str"))


def _mean_diagonals(roots: np.ndarray, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean diagonals of S and of S W for each rho, shape (draws,), from the eigenvalues of W."""
    plain = np.array([np.mean(1 / (1 - r * roots)).real for r in rho])
    return plain, np.array([np.mean(roots / (1 - r * roots)).real for r in rho])


def slx_impacts(
    names: tuple[str, ...], estimates: np.ndarray, covariance: np.ndarray, df: float, level: float
) -> pd.DataFrame:
    """Return the impacts of a model with lagged drivers: b, t and b + t, with Student's intervals."""
    k = len(names)
    own, lags = np.eye(len(estimates))[1 : k + 1], np.eye(len(estimates))[k + 1 : 2 * k + 1]
    if not len(lags):
        lags = np.zeros_like(own)
    columns: dict[str, np.ndarray] = {}
    quantile = stats.t.ppf((1 + level) / 2, df)
    for part, turn in zip(NAMES, (own, lags, own + lags), strict=True):
        middle = turn @ estimates
        spread = quantile * np.sqrt(np.einsum("ij,jk,ik->i", turn, covariance, turn))
        columns |= {part: middle, f"{part}_lower": middle - spread, f"{part}_upper": middle + spread}
    return pd.DataFrame(columns, index=pd.Index(names, name="driver", dtype="str"))
