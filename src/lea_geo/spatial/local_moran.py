"""Local Moran's I, of one variable and of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo.spatial.local_result import LocalNumbers, LocalResult, assemble, quadrants, undefined
from lea_geo.spatial.neighbour_sum import Inference, Moments, SumTest, sum_moments, sum_test
from lea_geo.spatial.sample import DIVISORS, Sample, build_sample, build_samples

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


def local_moran(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "row",
    status: pd.Series | None = None,
    moments: str = "conditional",
    divisor: str = "n",
) -> LocalResult:
    """Find areas that are alike with, or unlike, their neighbours by local Moran's I.

    ``I_i = (z_i / s2) sum_j w_ij z_j`` with ``s2 = sum z^2 / n`` (Anselin 1995; spdep's default).
    ``divisor="n-1"`` puts n - 1 there, as esda and pygeoda do; their I_i is (n-1)/n of spdep's. p-values do
    not depend on it. With the divisor n the I_i add up to the sum of all weights times global Moran's I.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    graph
        Whose ids are those of ``values``, in any order.
    method
        ``"exact"``: the exact law under conditional permutation, for weights that are equal within every row;
        ``"characteristic"``: the same law by inverting its characteristic function, for any weights, held
        against random draws; ``"permutation"``: conditional Monte Carlo; ``"analytic"``: z-score and normal
        law; ``"auto"``: the first that applies. The result says what ran, and a note why.
    permutations
        Used only where permutations run. None takes 9 999 for every area and ten times as many, and again,
        for those whose p-value is still small, up to what labels a lone area; the result says the most.
    seed
        Of the permutations; the same seed gives the same numbers for any order of the areas.
    fdr
        Level of the labels, between 0 and 1: the false discovery rate, or what ``correction`` controls.
    alternative
        ``"two-sided"``: p_value = min(1, 2 min(p_lower, p_upper)), each tail with the observed value counted
        in; ``"greater"``: p_upper; ``"less"``: p_lower.
    correction
        For many tests: ``"bh"`` (Benjamini and Hochberg), ``"by"`` (Benjamini and Yekutieli), ``"storey"``,
        ``"holm"``, ``"bonferroni"`` or ``"none"``; see :func:`lea_geo.spatial.inference.adjusted`.
    transform
        Weights: ``"row"`` (sum to 1), ``"binary"`` or ``"original"``.
    status
        One of ``schema.Status`` an area; left out, NaN is missing and everything else observed.
    moments
        ``"conditional"`` on the area's own value (Sokal and others 1998), or ``"total"`` randomisation. The
        normal law of ``method="analytic"`` uses them too.
    divisor
        ``"n"`` or ``"n-1"``, of s2.

    Raises
    ------
    UsageError
        If an option is unknown, values have no ids, or ``method="exact"`` meets unequal weights.
    ValuesError
        If ids are missing, foreign or repeated, a value is infinite or no number, or fewer than four areas
        have one.
    ResolutionError
        If so few permutations cannot label anything at this rate.

    References
    ----------
    Anselin (1995), https://doi.org/10.1111/j.1538-4632.1995.tb00338.x
    Sokal, Oden and Thomson (1998), https://doi.org/10.1111/j.1538-4632.1998.tb00406.x
    Caldas de Castro and Singer (2006), https://doi.org/10.1111/j.0016-7363.2006.00682.x (false discoveries)
    """
    inference = Inference(method, permutations, seed, fdr, alternative, moments, correction)
    check_choice("divisor", divisor, DIVISORS)
    sample = build_sample(values, graph, transform=transform, status=status)
    if sample.reason:
        return undefined("local_moran", sample, inference)
    return moran_result(sample, inference, sum_test(sample, inference), divisor=divisor)


def moran_result(sample: Sample, inference: Inference, test: SumTest, *, divisor: str = "n") -> LocalResult:
    """Read local Moran's I from a test of the neighbour sums."""
    return assemble("local_moran", sample, inference, moran_numbers(sample, inference, test, divisor))


def moran_numbers(sample: Sample, inference: Inference, test: SumTest, divisor: str) -> LocalNumbers:
    """Return local Moran's I of each area of a sample, before the correction for many tests."""
    z = sample.deviations
    factor = z / sample.variance(divisor)
    found = sum_moments(sample).scaled(factor)
    if inference.moments == "total":
        found = total_moments(sample, divisor)
    statistic = factor * sample.lagged_deviations
    return LocalNumbers.of_sum(
        test,
        statistic=statistic,
        lag=sample.lagged_values,
        moments=found,
        tails=test.tails_of(statistic, found, falls=z < 0),
        labels=quadrants(z, sample.lagged_deviations),
        tested=sample.counts > 0,
    )


def total_moments(sample: Sample, divisor: str) -> Moments:
    """Return the moments of I_i when all n values are shuffled, the area's own too.

    With W_i and Q_i the sums of the weights and of their squares, and b2 = n sum z^4 / (sum z^2)^2::

        E = -W_i / (n - 1)
        Var = Q_i (n - b2) / (n - 1) + (W_i^2 - Q_i) (2 b2 - n) / ((n - 1) (n - 2)) - E^2
    """
    n, w, q = sample.n, sample.row_sums, sample.row_squares
    kurtosis = sample.kurtosis
    expected = -w / (n - 1)
    variance = (
        q * (n - kurtosis) / (n - 1) + (w**2 - q) * (2 * kurtosis - n) / ((n - 1) * (n - 2)) - expected**2
    )
    return Moments(expected, variance).scaled(sample.variance("n") / sample.variance(divisor))


def local_moran_bivariate(
    x: pd.Series,
    y: pd.Series,
    graph: AreaGraph | Graph,
    *,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "row",
    status: pd.Series | None = None,
) -> LocalResult:
    """Find areas whose own ``x`` goes with their neighbours' ``y``.

    ``I_i = (zx_i / sx) sum_j w_ij zy_j / sy`` with standard deviations that divide by n. The areas are those
    where both have a value; the values of ``y`` are shuffled among the other areas. ``lag`` is the weighted
    sum of the neighbours' ``y``, and labels tell ``x`` first: High-Low is high ``x`` among low ``y``. It does
    not correct for the correlation of ``x`` and ``y`` in the same place.

    Parameters
    ----------
    x
        The area's own variable, indexed by ``area_id``.
    y
        The neighbours' variable, with the same ids.
    graph, method, permutations, seed, fdr, alternative, correction, transform, status
        As in :func:`local_moran`.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As in :func:`local_moran`.

    References
    ----------
    Lee (2001), https://doi.org/10.1007/s101090100064
    Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation with dynamically linked
    windows, in New Tools for Spatial Data Analysis, edited by Anselin and Rey
    """
    inference = Inference(method, permutations, seed, fdr, alternative, correction=correction)
    focal, sample = build_samples([("x", x), ("y", y)], graph, transform=transform, status=status)
    if focal.reason or sample.reason:
        return undefined("local_moran_bivariate", focal if focal.reason else sample, inference)
    test = sum_test(sample, inference)
    z = focal.deviations
    factor = z / np.sqrt(focal.variance("n")) / np.sqrt(sample.variance("n"))
    lag = sample.lagged_deviations
    moments = sum_moments(sample).scaled(factor)
    numbers = LocalNumbers.of_sum(
        test,
        statistic=factor * lag,
        lag=sample.lagged_values,
        moments=moments,
        tails=test.tails_of(factor * lag, moments, falls=z < 0),
        labels=quadrants(z, lag),
        tested=sample.counts > 0,
    )
    return assemble("local_moran_bivariate", sample, inference, numbers)
