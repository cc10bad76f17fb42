"""What each of several factors adds to the difference of two rates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.decompose import check_factors

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 10
"""How many factors can be put in all orders."""


@dataclass(frozen=True)
class FactorDecomposition:
    """A difference of two rates, taken apart by factors."""

    table: pd.DataFrame
    """Indexed by ``factor``: ``value``, what the factor adds; ``lower upper``, NaN without ``errors``; and
    ``share`` of the difference, NaN where there is none."""
    strata: pd.DataFrame
    """What each factor (columns) adds in each stratum (rows); columns add up to ``table["value"]``."""
    first: float
    """The first rate."""
    second: float
    interval: tuple[float, float]
    """Of the difference; NaN without ``errors``."""
    runs: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The difference, ``second - first``: the sum of what the factors add."""
        return self.second - self.first


def decompose_factors(
    first: Mapping[str, pd.Series | float],
    second: Mapping[str, pd.Series | float],
    *,
    errors: tuple[Mapping[str, pd.Series | float], Mapping[str, pd.Series | float]] | None = None,
    runs: int = 999,
    level: float = 0.95,
    seed: int = 2009,
) -> FactorDecomposition:
    """Take the difference of two rates, each a sum over strata of a product of factors, apart by factors.

    Das Gupta's symmetric form: what a factor adds is what the rate changes by when the factor alone is
    changed from the first to the second, averaged over all orders in which the factors could be changed one
    after the other (the Shapley value). The parts add up to the difference exactly, in whatever order factors
    are named. With two factors it is Kitagawa's, as in
    :func:`~lea_geo.inequality.decompose_change.decompose_change`.

    Parameters
    ----------
    first, second
        Factors by name, 2 to 10, the same in both: each a Series by stratum (areas, ages ...), matched by
        label, or one number for all strata.
    errors
        The standard errors of both, shaped likewise, 0 where a factor is known. Without them no interval.
    runs
        How many times the factors are drawn from normal laws with these errors.
    level
        Coverage of the intervals, between 0 and 1.
    seed
        Decides the draws.

    Returns
    -------
    FactorDecomposition

    Raises
    ------
    UsageError
        If there are too few or too many factors, or an option is out of range.
    ValuesError
        If the factors do not have the same names and strata, or lack a number.

    References
    ----------
    Das Gupta (1993), Standardization and decomposition of rates, US Bureau of the Census P23-186
    Shorrocks (2013), https://doi.org/10.1007/s10888-011-9214-z

    Examples
    --------
    >>> one = {"births per woman": 2.0, "women": 0.25}
    >>> other = {"births per woman": 1.5, "women": 0.24}
    >>> decompose_factors(one, other).table["value"].round(4).to_dict()
    {'births per woman': -0.1225, 'women': -0.0175}
    """
    check_count("runs", runs, least=19)
    check_fraction("level", level)
    check_seed(seed)
    names, strata, numbers = check_factors(first, second, MOST)
    effects = _shapley(numbers)
    values = effects.sum(axis=1)
    rates = numbers.prod(axis=1).sum(axis=1)
    ends, whole = np.full((2, len(names)), np.nan), (np.nan, np.nan)
    if errors is not None:
        spread = check_factors(*errors, MOST)[2]
        draws = _redrawn(numbers, spread, runs, seed)
        tails = [(1 - level) / 2, (1 + level) / 2]
        ends = np.quantile(draws, tails, axis=0)
        low, high = np.quantile(draws.sum(axis=1), tails)
        whole = float(low), float(high)
    difference = rates[1] - rates[0]
    columns = {
        "value": values,
        "lower": ends[0],
        "upper": ends[1],
        "share": values / difference if difference else np.full(len(names), np.nan),
    }
    index = pd.Index(names, name="factor")
    return FactorDecomposition(
        table=pd.DataFrame(columns, index=index),
        strata=pd.DataFrame(effects.T, index=strata, columns=index),
        first=float(rates[0]),
        second=float(rates[1]),
        interval=whole,
        runs=runs,
        level=level,
        seed=seed,
        notes=()
        if errors is not None
        else ("No errors of the factors were given, so there is no interval.",),
    )


def _shapley(numbers: np.ndarray) -> np.ndarray:
    """Return what each factor adds in each stratum, of numbers of shape (2, factors, strata)."""
    k = numbers.shape[1]
    effects = np.zeros(numbers.shape[1:])
    for factor in range(k):
        others = [other for other in range(k) if other != factor]
        step = numbers[1, factor] - numbers[0, factor]
        for size in range(k):
            weight = factorial(size) * factorial(k - size - 1) / factorial(k)
            for changed in combinations(others, size):
                beside = [numbers[int(other in changed), other] for other in others]
                effects[factor] += weight * step * np.prod(beside, axis=0)
    return effects


def _redrawn(numbers: np.ndarray, spread: np.ndarray, runs: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    drawn = [numbers + spread * random.standard_normal(numbers.shape) for _ in range(runs)]
    return np.array([_shapley(one).sum(axis=1) for one in drawn])
