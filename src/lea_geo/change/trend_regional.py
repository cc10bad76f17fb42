"""Whether all areas together rise or fall: the regional test of Mann and Kendall."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations as orders_of
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice, check_count, check_seed
from lea_geo._checks.trends import check_years
from lea_geo.change.trend_ranks import Orders
from lea_geo.change.trend_slope import median_slope, slopes
from lea_geo.spatial.inference import ALTERNATIVES, Tails, counted_tails, normal_tails

if TYPE_CHECKING:
    import pandas as pd

ENUMERATED = 8
"""Years. Up to here every order is tried; 8! = 40 320."""


@dataclass(frozen=True, kw_only=True)
class RegionalTrend:
    """One test of trend for all areas together."""

    s: int
    """Kendall's S added up over areas."""
    tau: float
    """S as a share of its largest value."""
    slope: float
    """Median of all areas' slopes between two years, in the unit of the values a year."""
    p_lower: float
    p_upper: float
    p_value: float
    """By orders of the years, the same for all areas: areas may depend on each other in any way."""
    p_independent: float
    """By the normal law, as if areas were independent (Helsel and Frans 2006): too small where neighbours
    are alike."""
    variance_independent: float
    n_areas: int
    n_years: int
    permutations: int
    """How many orders of the years were tried; all of them up to ``ENUMERATED`` years."""
    seed: int
    alternative: str
    notes: tuple[str, ...] = ()


def regional_mann_kendall(
    values: pd.DataFrame,
    *,
    permutations: int = 9999,
    seed: int = 0,
    alternative: str = "two-sided",
) -> RegionalTrend:
    """Say whether values rise or fall over the years in all areas together.

    The areas' S are added up (Helsel and Frans 2006). Neighbours are alike, so that the sum varies more than
    if they were independent; the test therefore puts whole years in another order, the same in all areas.

    Parameters
    ----------
    values
        As in :func:`mann_kendall`.
    permutations
        How many random orders of the years, where there are more than eight; with fewer all are tried.
    seed
        Of the random orders.
    alternative
        ``"two-sided"``, ``"greater"`` or ``"less"``.

    Raises
    ------
    UsageError, ValuesError
        As :func:`mann_kendall`.

    References
    ----------
    Helsel and Frans (2006), https://doi.org/10.1021/es051650b
    Dietz and Killeen (1981), Journal of the American Statistical Association 76, 169-174 (dependence)
    """
    check_count("permutations", permutations)
    check_seed(seed)
    check_choice("alternative", alternative, ALTERNATIVES)
    _, years, x = check_years(values)
    orders = Orders.of(x)
    signs = pair_signs(orders)
    tails, tried = _tails(signs, permutations, seed)
    s, variance = int(orders.s.sum()), float(orders.variance.sum())
    spread = np.sqrt(variance) if variance > 0 else np.inf
    alone = normal_tails(np.array([(s - np.sign(s)) / spread]))
    steepest = np.sort(slopes(x, years).ravel())[None, :]
    return RegionalTrend(
        s=s,
        tau=s / max(1, int(orders.pairs.sum())),
        slope=float(median_slope(steepest)[0]),
        p_lower=float(tails.lower[0]),
        p_upper=float(tails.upper[0]),
        p_value=float(tails.p_value(alternative)[0]),
        p_independent=float(alone.p_value(alternative)[0]),
        variance_independent=variance,
        n_areas=int((orders.n >= 2).sum()),
        n_years=len(years),
        permutations=tried,
        seed=seed,
        alternative=alternative,
        notes=_notes(len(years)),
    )


def pair_signs(orders: Orders) -> np.ndarray:
    """Return for each pair of years how many areas rise from one to the other less how many fall."""
    n = orders.ranks.shape[1]
    signs = np.zeros((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(i + 1, n):
            both = (orders.ranks[:, i] >= 0) & (orders.ranks[:, j] >= 0)
            signs[i, j] = int(np.sign(orders.ranks[both, j] - orders.ranks[both, i]).sum())
    return signs - signs.T


def _tails(signs: np.ndarray, permutations: int, seed: int) -> tuple[Tails, int]:
    n = len(signs)
    upper = np.triu_indices(n, 1)
    observed = int(signs[upper].sum())
    if n <= ENUMERATED:
        drawn = np.array(list(orders_of(range(n))))
    else:
        keys = np.random.Generator(np.random.Philox(seed)).random((permutations, n))
        drawn = np.argsort(keys, axis=1)
    sums = np.array([int(signs[np.ix_(order, order)][upper].sum()) for order in drawn])
    low, high = (np.array([np.count_nonzero(hit)]) for hit in (sums <= observed, sums >= observed))
    if n <= ENUMERATED:
        return Tails(low / len(drawn), high / len(drawn)), len(drawn)
    return counted_tails(low, high, permutations), permutations


def _notes(n_years: int) -> tuple[str, ...]:
    least = 2.0 / factorial(n_years)
    if least <= 0.05:
        return ()
    return (f"{n_years} years are too few: the smallest p-value possible is {least:.3g}.",)
