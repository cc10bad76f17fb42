"""Getis and Ord's local G: hot and cold spots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo.spatial.local_result import LocalNumbers, LocalResult, assemble, quadrants, undefined
from lea_geo.spatial.neighbour_sum import Inference, Moments, SumTest, sum_moments, sum_test
from lea_geo.spatial.sample import DIVISORS, Sample, build_sample

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


def local_g(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    star: bool = False,
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
    """Find hot and cold spots by the standardised G_i or, with ``star=True``, G_i*.

    With W_i and Q_i the sums of a row's weights and of their squares (Ord and Getis 1995)::

        G_i  = (sum_j w_ij x_j - W_i m_i) / (s_i sqrt((Q_i - W_i^2 / (n-1)) (n-1) / (n-2)))
        G_i* = (sum_j w_ij x_j - W_i m) / (s sqrt((n Q_i - W_i^2) / (n-1)))

    G_i leaves the area itself out, m_i and s_i being the mean and deviation of the other n - 1 areas. G_i*
    counts it in, with the largest weight of its row, and takes m and s over all n. Variances divide by the
    number of their values, as in spdep and esda; ``divisor="n-1"`` divides by one less, as Getis and Ord
    print.

    ``statistic`` is this standardised value, defined for values of any sign. Inference is conditional on the
    area's own value, so G_i and G_i* have the same p-values; ``expected``, ``variance`` and ``z_score`` of
    G_i* are conditional too, and with ``moments="total"`` they are 0, 1 and the statistic itself (what spdep
    and ArcGIS report).

    A significant area is High-High if its neighbourhood is high, Low-Low if it is low.

    Parameters
    ----------
    values, graph, method, permutations, seed, fdr, alternative, correction, transform, status
        As in :func:`local_moran`.
    star
        Whether the area itself counts in, for G_i*.
    moments
        ``"conditional"`` or ``"total"``, of ``expected``, ``variance`` and ``z_score``.
    divisor
        ``"n"`` or ``"n-1"``, of the variance.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As in :func:`local_moran`.

    References
    ----------
    Getis and Ord (1992), https://doi.org/10.1111/j.1538-4632.1992.tb00261.x
    Getis and Ord (1996), Local spatial statistics: an overview, in Spatial Analysis: Modelling in a GIS
    Environment, edited by Longley and Batty
    Ord and Getis (1995), https://doi.org/10.1111/j.1538-4632.1995.tb00912.x
    """
    inference = Inference(method, permutations, seed, fdr, alternative, moments, correction)
    check_choice("divisor", divisor, DIVISORS)
    sample = build_sample(values, graph, transform=transform, status=status)
    if sample.reason:
        return undefined("local_g_star" if star else "local_g", sample, inference)
    return g_result(sample, inference, sum_test(sample, inference), star=star, divisor=divisor)


def g_result(
    sample: Sample, inference: Inference, test: SumTest, *, star: bool, divisor: str = "n"
) -> LocalResult:
    """Read G_i or G_i* from a test of the neighbour sums."""
    numbers = g_numbers(sample, inference, test, star=star, divisor=divisor)
    return assemble("local_g_star" if star else "local_g", sample, inference, numbers)


def g_numbers(
    sample: Sample, inference: Inference, test: SumTest, *, star: bool, divisor: str
) -> LocalNumbers:
    """Return G_i or G_i* of each area of a sample, before the correction for many tests."""
    own = sample.largest if star else np.zeros_like(sample.x)
    # Row-standardised weights sum to 1 with the area itself among them.
    shrink = 1.0 / (1.0 + own) if sample.transform == "row" else np.ones_like(sample.x)
    conditional = sum_moments(sample).scaled(shrink, shrink * own * sample.deviations)
    total = (
        _total_moments(sample, own, shrink, divisor)
        if star
        else _others_moments(conditional, sample, divisor)
    )
    scale = 1.0 / np.sqrt(np.where(total.variance > 0, total.variance, np.nan))
    weighted = shrink * (sample.lagged_deviations + own * sample.deviations)
    statistic = (weighted - total.expected) * scale
    found = (total if inference.moments == "total" else conditional).scaled(scale, -total.expected * scale)
    tails = test.tails_of(statistic, found, falls=np.zeros(len(sample.x), dtype=bool))
    side = np.where(tails.upper <= tails.lower, 1.0, -1.0)
    return LocalNumbers.of_sum(
        test,
        statistic=statistic,
        lag=shrink * (sample.lagged_values + own * sample.x),
        moments=found,
        tails=tails,
        labels=quadrants(side, side),
        tested=(sample.counts > 0) & np.isfinite(statistic),
    )


def _others_moments(conditional: Moments, sample: Sample, divisor: str) -> Moments:
    others = sample.n - 1
    wider = 1.0 if divisor == "n" else others / (others - 1)
    return Moments(conditional.expected, conditional.variance * wider)


def _total_moments(sample: Sample, own: np.ndarray, shrink: np.ndarray, divisor: str) -> Moments:
    sums, squares = shrink * (sample.row_sums + own), shrink**2 * (sample.row_squares + own**2)
    arrangement = (sample.n * squares - sums**2) / (sample.n - 1)
    arrangement[arrangement <= 1e-12 * squares] = 0.0
    return Moments(np.zeros_like(sample.x), sample.variance(divisor) * arrangement)
