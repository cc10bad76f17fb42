"""Intervals of rates: what small numbers leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv, ndtri

from lea_geo._checks import check_fraction
from lea_geo.rates.counts import Counts

if TYPE_CHECKING:
    import pandas as pd


def wilson_interval(numerator: pd.Series, denominator: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Return Wilson's score interval of each area's proportion.

    With r = numerator / denominator, N the denominator and z the normal quantile of ``(1 + level) / 2``::

        (r + z^2 / 2N -+ z sqrt(r (1 - r) / N + z^2 / 4N^2)) / (1 + z^2 / N)

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator is part of the denominator.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``rate lower upper``, between 0 and 1; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes` with ``kind="proportion"``.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953
    """
    z = _quantile(level)
    counts = Counts.of(numerator, denominator, "proportion")
    people = counts.people[counts.valid]
    rate = counts.events[counts.valid] / people
    centre = rate + z**2 / (2 * people)
    reach = z * np.sqrt(rate * (1 - rate) / people + z**2 / (4 * people**2))
    whole = 1 + z**2 / people
    upper = np.minimum(1, (centre + reach) / whole)
    return counts.interval(rate, np.maximum(0, centre - reach) / whole, upper)


def byar_interval(numerator: pd.Series, denominator: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Return Byar's approximation to the exact Poisson interval of each area's rate.

    With O = numerator, N the denominator and z the normal quantile of ``(1 + level) / 2``::

        lower = O (1 - 1 / 9O - z / (3 sqrt O))^3 / N
        upper = (O + 1) (1 - 1 / 9(O + 1) + z / (3 sqrt(O + 1)))^3 / N

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator need not be part of the denominator.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``rate lower upper``, 0 or more; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes` with ``kind="rate"``.

    References
    ----------
    Breslow and Day (1987), Statistical Methods in Cancer Research, volume II, IARC, equation 2.13
    """
    counts = Counts.of(numerator, denominator, "rate")
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    lower, upper = byar_bounds(events, level)
    return counts.interval(events / people, lower / people, upper / people)


def exact_interval(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    kind: str = "proportion",
    level: float = 0.95,
    joint: bool = False,
) -> pd.DataFrame:
    """Return the interval of each area's rate that covers the truth with at least the stated probability.

    Clopper and Pearson's, from quantiles of the beta law, for proportions; Garwood's, from those of the gamma
    law, for rates. Wider than Wilson's or Byar's, and dependable far out in the tails, where those are not:
    the one to take where many intervals must hold together.

    Parameters
    ----------
    numerator, denominator, kind
        As in :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`.
    level
        Coverage, between 0 and 1.
    joint
        Whether ``level`` is the probability that the intervals of all areas hold together: each of the n
        areas with a rate then has level ``1 - (1 - level) / n`` (Bonferroni).

    Returns
    -------
    pandas.DataFrame
        Columns ``rate lower upper``; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`.

    References
    ----------
    Clopper and Pearson (1934), https://doi.org/10.1093/biomet/26.4.404
    Garwood (1936), https://doi.org/10.1093/biomet/28.3-4.437
    """
    tail = (1 - check_fraction("level", level)) / 2
    counts = Counts.of(numerator, denominator, kind)
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    if joint:
        tail /= max(1, len(events))
    # Small areas share their counts with many others, and quantiles take long.
    pairs, place = np.unique(events + 1j * people, return_inverse=True)
    lower, upper = _EXACT[kind](pairs.real, pairs.imag, tail)
    return counts.interval(events / people, lower[place], upper[place])


def _exact_proportion(events: np.ndarray, people: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    rest = people - events
    lower = np.where(events > 0, betaincinv(events, rest + 1, tail), 0.0)
    return lower, np.where(rest > 0, betainccinv(events + 1, rest, tail), 1.0)


def _exact_rate(events: np.ndarray, people: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    lower, upper = _garwood(events, tail)
    return lower / people, upper / people


def byar_bounds(events: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Byar's bounds of the expected number of events; those of :func:`byar_interval`."""
    z = _quantile(level)
    some = np.maximum(events, 1e-300)  # no event: the lower bound is 0, whatever the formula would divide by
    lower = events * np.maximum(0, 1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    more = events + 1
    return lower, more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3


def garwood_bounds(events: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact Poisson bounds of the expected number of events, of :func:`exact_interval`."""
    tail = (1 - check_fraction("level", level)) / 2
    different, place = np.unique(events, return_inverse=True)
    lower, upper = _garwood(different, tail)
    return lower[place], upper[place]


def _garwood(events: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    return np.where(events > 0, gammaincinv(events, tail), 0.0), gammainccinv(events + 1, tail)


_EXACT = {"proportion": _exact_proportion, "rate": _exact_rate}


def _quantile(level: float) -> float:
    return float(ndtri((1 + check_fraction("level", level)) / 2))
