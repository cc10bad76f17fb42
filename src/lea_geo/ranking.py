"""Ranks of areas, and which ranks they could have when small numbers are allowed for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lea_geo.rates.intervals import exact_interval


def joint_ranks(
    numerator: pd.Series, denominator: pd.Series, *, kind: str = "proportion", level: float = 0.95
) -> pd.DataFrame:
    """Return each area's rank by its rate, and the ranks it could have, for all areas jointly.

    Every rate gets an exact interval of level ``1 - (1 - level) / n`` (Bonferroni), n the number of areas
    with a rate: all n intervals hold their true rates together with at least probability ``level``, and then
    every true rank lies within::

        rank_lower_i = 1 + number of areas whose interval lies wholly above that of i
        rank_upper_i = n - number of areas whose interval lies wholly below that of i

    Areas whose possible ranks overlap cannot be told apart by rank.

    Parameters
    ----------
    numerator, denominator, kind
        As in :func:`lea_geo.empirical_bayes`.
    level
        Probability that the possible ranks of all areas hold the true ones, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``rate``, ``rank`` (1 for the highest rate; equal rates share the best rank), ``rank_lower``
        and ``rank_upper``, 1 to n; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`lea_geo.empirical_bayes`.

    References
    ----------
    Klein, Wright and Wieczorek (2020), https://doi.org/10.1111/rssa.12402
    """
    table = exact_interval(numerator, denominator, kind=kind, level=level, joint=True)
    ranked = table["rate"].notna().to_numpy()
    bounds = np.full((2, len(table)), np.nan)
    bounds[:, ranked] = rank_bounds(table["lower"].to_numpy()[ranked], table["upper"].to_numpy()[ranked])
    return pd.DataFrame(
        {"rate": table["rate"], "rank": rank(table["rate"]), "rank_lower": bounds[0], "rank_upper": bounds[1]}
    )


ROUNDING = 1e-14
"""Numbers that differ by less than this share of the largest are equal: a sum depends that much on the order
in which it is taken."""


def rank(values: pd.Series) -> pd.Series[float]:
    """Return 1 for the highest value and so on; equal values share the best rank, NaN has none.

    Values are equal where nothing but rounding keeps them apart: 0.1 + 0.2 and 0.3.
    """
    falling = -values.to_numpy(dtype=float)
    order = np.argsort(falling, kind="stable")[: int(values.count())]  # NaN comes last
    first = np.where(begins(falling[order]), np.arange(len(order)), 0)
    ranks = np.full(len(falling), np.nan)
    ranks[order] = np.maximum.accumulate(first) + 1
    return pd.Series(ranks, index=values.index, name=values.name)


def begins(rising: np.ndarray) -> np.ndarray:
    """Return where, among rising numbers (n,), another one begins than the one before, but for rounding."""
    if len(rising) == 0:
        return np.zeros(0, dtype=bool)
    near = ROUNDING * max(abs(rising[0]), abs(rising[-1]))
    return np.concatenate([[True], rising[1:] - rising[:-1] > near])


def rank_bounds(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the best and the worst rank that intervals allow, each of shape (n,).

    Parameters
    ----------
    lower, upper
        Bounds that hold jointly, none of them NaN, shape (n,).
    """
    n = len(lower)
    above = n - np.searchsorted(np.sort(lower), upper, side="right")
    below = np.searchsorted(np.sort(upper), lower, side="left")
    return (1 + above).astype(float), (n - below).astype(float)
