"""Theil's and Sen's slope: the median of all slopes between two years, and its interval."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import ndtri

from lea_geo.change.trend_law import EXACT_UP_TO, discordant_tails, tied_variance


def slopes(x: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Return the slopes between all pairs of years in rising order, NaN last; shape (n areas, n pairs)."""
    pairs = np.array(list(combinations(range(len(years)), 2)))
    first, second = pairs[:, 0], pairs[:, 1]
    return np.sort((x[:, second] - x[:, first]) / (years[second] - years[first]), axis=1)


def median_slope(rising: np.ndarray) -> np.ndarray:
    """Return the median of each row, NaN where it holds nothing."""
    count = (~np.isnan(rising)).sum(axis=1)
    rows = np.arange(len(rising))
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, rising.shape[1] - 1)
    return np.asarray(np.where(count > 0, (rising[rows, low] + rising[rows, high]) / 2.0, np.nan))


def slope_interval(
    rising: np.ndarray, n: np.ndarray, ratio: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes that the test of S does not refuse: the interval between two of those in ``rising``.

    A slope b is refused where S of the values less b times the year has a two-sided p-value of 1 - level or
    less. Where even the steepest slope is not refused the bound is infinite: so few years bound nothing.

    Parameters
    ----------
    rising
        As :func:`slopes` returns them.
    n
        How many years each area has.
    ratio
        How many times larger the variance of S is than without autocorrelation; 1 takes the exact law.
    level
        Of the interval.

    References
    ----------
    Sen (1968), https://doi.org/10.1080/01621459.1968.10480934
    Hollander, Wolfe and Chicken (2014), Nonparametric Statistical Methods, section 9.3
    """
    outside = np.array([_outside(int(k), float(r), level) for k, r in zip(n, ratio, strict=True)])
    count = (~np.isnan(rising)).sum(axis=1)
    rows = np.arange(len(rising))
    bounded = (outside >= 0) & (outside < count)
    low = np.where(bounded, outside, 0)
    high = np.where(bounded, count - 1 - outside, 0)
    lower = np.where(bounded, rising[rows, low], -np.inf)
    upper = np.where(bounded, rising[rows, high], np.inf)
    return np.where(count > 0, lower, np.nan), np.where(count > 0, upper, np.nan)


def _outside(n: int, ratio: float, level: float) -> int:
    """Return the most falling pairs that refuse a slope, -1 where none do."""
    if n < 2:
        return -1
    tail = (1.0 - level) / 2.0
    if n <= EXACT_UP_TO and ratio == 1.0:
        return int(np.searchsorted(discordant_tails(n, ())[0], tail * (1 + 1e-12), side="right")) - 1
    spread = float(np.sqrt(tied_variance(np.array(float(n)), np.array(0.0)) * ratio))
    # S = N - 2 d is refused where (S - 1) / spread reaches the quantile.
    return int(np.floor((n * (n - 1) / 2 - 1.0 - float(ndtri(1.0 - tail)) * spread) / 2.0))
