"""Series whose shocks last: how a test of trend is kept from taking one for the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from lea_geo.change.trend_law import serial_ratio
from lea_geo.change.trend_slope import median_slope, slopes

LEAST_YEARS = 10
"""With fewer, an area's own autocorrelation is noise: its standard error is above 0.3."""
LEAST_POOLED_YEARS = 5
LEAST_POOLED_FREEDOM = 100
"""Years less two, added up over areas: the pooled coefficient then has a standard error of about 0.1."""
LARGEST_RHO = 0.95


@dataclass(frozen=True)
class Serial:
    """What was done about autocorrelation."""

    x: np.ndarray
    """The values to test, shape (n areas, n years)."""
    ratio: np.ndarray
    """How many times larger the variance of S is, for each area."""
    corrected: np.ndarray
    """Of which areas."""
    rho: float = float("nan")
    """The coefficient that all areas share, where it was pooled."""
    notes: tuple[str, ...] = ()

    @classmethod
    def none(cls, x: np.ndarray, *notes: str) -> Serial:
        return cls(x, np.ones(len(x)), np.zeros(len(x), dtype=bool), notes=notes)


def long_enough(x: np.ndarray, years: np.ndarray, least: int) -> np.ndarray:
    """Return which areas have a value in every year, of enough years, all as far apart."""
    steps = np.diff(years)
    regular = len(years) >= least and bool(np.allclose(steps, steps[0]))
    return np.asarray(~np.isnan(x).any(axis=1) & regular)


def _left_out(fit: np.ndarray, least: int) -> tuple[str, ...]:
    if fit.all():
        return ()
    said = (
        f"{int((~fit).sum())} of {len(fit)} areas have no unbroken series of {least} evenly spaced years: "
        "autocorrelation cannot be estimated there and is not corrected for."
    )
    return (said,)


def hamed_rao(x: np.ndarray, years: np.ndarray) -> Serial:
    """Widen the variance of S by the autocorrelation of each area's own ranks, its trend taken off.

    ``Var*(S) = Var(S) (1 + 2 / (n (n-1) (n-2)) sum_k (n-k) (n-k-1) (n-k-2) r_k)`` over the lags k whose
    autocorrelation r_k of the ranks is significant at 0.05 (Hamed and Rao 1998, equation 10).

    References
    ----------
    Hamed and Rao (1998), https://doi.org/10.1016/S0022-1694(97)00125-X
    """
    fit = long_enough(x, years, LEAST_YEARS)
    ratio = np.ones(len(x))
    if not fit.any():
        return Serial.none(x, *_left_out(fit, LEAST_YEARS))
    part = x[fit]
    n = part.shape[1]
    r = autocorrelations(rankdata(_detrended(part, years), axis=1))
    r[np.abs(r) <= ndtri(0.975) / np.sqrt(n)] = 0.0
    k = np.arange(1, n)
    ratio[fit] = 1.0 + r @ ((n - k) * (n - k - 1.0) * (n - k - 2.0)) * 2.0 / (n * (n - 1.0) * (n - 2.0))
    notes = _left_out(fit, LEAST_YEARS)
    odd = ratio <= 0
    if odd.any():  # the series of correlations is no longer one that a process can have
        ratio[odd] = 1.0
        notes += (f"In {int(odd.sum())} areas the corrected variance is not above 0; it is left as it was.",)
    return Serial(x, ratio, fit & ~odd, notes=notes)


def trend_free(x: np.ndarray, years: np.ndarray) -> Serial:
    """Take each area's own first-order autocorrelation out of its series, its trend kept apart meanwhile.

    The slope b of Theil and Sen is taken off, r is the first autocorrelation of what is left, and the series
    tested is ``y'_t = (e_t - r e_(t-1)) + b t``, a year shorter (Yue and others 2002).

    References
    ----------
    Yue, Pilon, Phinney and Cavadias (2002), https://doi.org/10.1002/hyp.1095
    """
    fit = long_enough(x, years, LEAST_YEARS)
    if not fit.any():
        return Serial.none(x, *_left_out(fit, LEAST_YEARS))
    whitened = x.copy()
    part = x[fit]
    slope = median_slope(slopes(part, years))[:, None]
    rest = part - slope * (years - years[0])
    r = autocorrelations(rest)[:, :1]
    whitened[fit, 0] = np.nan
    whitened[np.ix_(fit, np.arange(1, len(years)))] = (
        rest[:, 1:] - r * rest[:, :-1] + slope * (years[1:] - years[0])
    )
    return Serial(whitened, np.ones(len(x)), fit, notes=_left_out(fit, LEAST_YEARS))


def pooled(x: np.ndarray, years: np.ndarray) -> Serial:
    """Widen the variance of S by one first-order autocorrelation that all areas share.

    A dozen years say nothing of one area's autocorrelation and much of a hundred areas' common one. The
    coefficient is that at which the residuals of straight lines have the autocorrelation that they were found
    to have: straight lines take up some of it, the more the fewer years, and that is reckoned with. The
    variance of S is then that of a Gaussian series with this coefficient (Hamed 2008); a coefficient below
    zero counts as zero, so that no p-value becomes smaller.
    """
    fit = long_enough(x, years, LEAST_POOLED_YEARS)
    n = x.shape[1]
    if fit.sum() * (n - 2) < LEAST_POOLED_FREEDOM:
        note = (
            f"Autocorrelation cannot be estimated from {int(fit.sum())} unbroken series of {n} evenly spaced "
            f"years and is not corrected for: it takes {LEAST_POOLED_YEARS} years, and "
            f"{LEAST_POOLED_FREEDOM} years in all beside two for each area."
        )
        return Serial.none(x, note)
    rho = pooled_coefficient(x[fit])
    ratio = serial_ratio(n, max(0.0, round(rho, 4)))
    said = f"All areas are taken to share one autocorrelation of {rho:.2f} from year to year."
    return Serial(x, np.full(len(x), ratio), np.ones(len(x), dtype=bool), rho, (said,))


def pooled_coefficient(x: np.ndarray) -> float:
    """Return the first-order coefficient that complete series share, between -0.95 and 0.95."""
    rest = x @ _residual_maker(x.shape[1])
    squares = float(np.square(rest).sum())
    if squares <= 0.0:
        return 0.0
    found = float((rest[:, 1:] * rest[:, :-1]).sum()) / squares
    grid, expected = _expected_ratios(x.shape[1])
    return float(np.interp(found, expected, grid))


@lru_cache(maxsize=64)
def _expected_ratios(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients, and what sum e_t e_(t+1) / sum e_t^2 of straight lines' residuals tends to."""
    grid = np.linspace(-LARGEST_RHO, LARGEST_RHO, 381)
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    maker = _residual_maker(n)
    expected = np.empty(len(grid))
    for i, rho in enumerate(grid):
        law = maker @ np.power(rho, apart) @ maker
        expected[i] = np.trace(law, offset=1) / np.trace(law)
    return grid, np.maximum.accumulate(expected)


@lru_cache(maxsize=64)
def _residual_maker(n: int) -> np.ndarray:
    design = np.column_stack([np.ones(n), np.arange(n) - (n - 1) / 2.0])
    return np.asarray(np.eye(n) - design @ np.linalg.pinv(design))


def autocorrelations(x: np.ndarray) -> np.ndarray:
    """Return the autocorrelations of each row at lags 1 to n - 1, all divided by the sum of squares."""
    z = x - x.mean(axis=1, keepdims=True)
    squares = np.square(z).sum(axis=1)
    n = x.shape[1]
    products = np.column_stack([(z[:, k:] * z[:, : n - k]).sum(axis=1) for k in range(1, n)])
    scale = squares[:, None]
    return np.asarray(np.divide(products, scale, out=np.zeros_like(products), where=scale > 0))


def _detrended(x: np.ndarray, years: np.ndarray) -> np.ndarray:
    return np.asarray(x - median_slope(slopes(x, years))[:, None] * (years - years[0]))
