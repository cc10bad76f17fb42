"""Local Geary's c: how different an area is from its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.values import refuse_method
from lea_geo.schema import Label
from lea_geo.spatial.inference import Tails, normal_tails
from lea_geo.spatial.local_result import LocalNumbers, LocalResult, assemble, quadrants, undefined
from lea_geo.spatial.neighbour_sum import Inference, Moments, conditional_moments
from lea_geo.spatial.permutation import difference_tails
from lea_geo.spatial.sample import DIVISORS, Sample, build_sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


def local_geary(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    transform: str = "row",
    status: pd.Series | None = None,
    divisor: str = "n-1",
) -> LocalResult:
    """Find areas that differ little, or much, from their neighbours by local Geary's c.

    ``c_i = sum_j w_ij (x_i - x_j)^2 / s2`` with ``s2 = sum z^2 / (n - 1)``, as spdep and pygeoda have it
    (Anselin 2019); then the c_i add up to twice the sum of all weights times global Geary's C.
    ``divisor="n"`` divides by n, as Anselin (1995) and esda do. p-values do not depend on it.

    Two sums over the neighbours decide c_i, so the exact law of one sum does not serve: ``"auto"`` runs
    permutations.

    A significantly small c_i is labelled High-High, Low-Low or, where the area and its neighbours lie on
    different sides of the mean, Other positive; a significantly large one Negative.

    Parameters
    ----------
    values, graph, permutations, seed, fdr, alternative, transform, status
        As in :func:`local_moran`.
    method
        ``"auto"`` or ``"permutation"``, which are the same, or ``"analytic"``.
    divisor
        ``"n-1"`` or ``"n"``, of s2.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As in :func:`local_moran`.

    References
    ----------
    Anselin (1995), https://doi.org/10.1111/j.1538-4632.1995.tb00338.x
    Anselin (2019), https://doi.org/10.1111/gean.12164
    """
    inference = Inference(method, permutations, seed, fdr, alternative)
    check_choice("divisor", divisor, DIVISORS)
    if method == "exact":
        refuse_method(
            "exact", "local_geary, whose law takes two sums over the neighbours", "use method='auto'"
        )
    sample = build_sample(values, graph, transform=transform, status=status)
    if sample.reason:
        return undefined("local_geary", sample, inference)
    return _geary_result(sample, inference, divisor)


def _geary_result(sample: Sample, inference: Inference, divisor: str) -> LocalResult:
    z = sample.deviations / np.sqrt(sample.variance(divisor))
    statistic = _differences(sample, z)
    moments = _geary_moments(sample, z)
    permutations: int | None = None
    notes: tuple[str, ...] = ()
    if inference.method == "analytic":
        tails = normal_tails(moments.z_score(statistic))
    else:
        required, notes = inference.resolution(int(np.count_nonzero(sample.counts)))
        found = difference_tails(
            sample,
            z[np.newaxis],
            statistic,
            tolerance=_tolerance(sample, z),
            permutations=inference.permutations,
            required=required,
            seed=inference.seed,
        )
        tails, permutations = found.tails, found.permutations
    numbers = LocalNumbers(
        statistic=statistic,
        lag=sample.lag(sample.x),
        moments=moments,
        tails=tails,
        labels=_labels(sample, tails),
        tested=sample.counts > 0,
        method="analytic" if permutations is None else "permutation",
        permutations=permutations,
        notes=notes,
    )
    return assemble("local_geary", sample, inference, numbers)


def _differences(sample: Sample, z: np.ndarray) -> np.ndarray:
    """Return sum_j w_ij (z_i - z_j)^2, exactly 0 where all neighbours are equal to the area."""
    row = np.repeat(np.arange(sample.n), sample.counts)
    squares = sample.weights.data * np.square(z[row] - z[sample.weights.indices])
    return np.bincount(row, squares, minlength=sample.n)


def _geary_moments(sample: Sample, z: np.ndarray) -> Moments:
    """Return the conditional moments: those of a weighted sum of d_j = (z_i - z_j)^2 over the others."""
    second, third, fourth = (float(np.sum(z**power)) for power in (2, 3, 4))
    total = sample.n * z**2 + second
    squares = sample.n * z**4 + 6 * z**2 * second - 4 * z * third + fourth
    return conditional_moments(sample, total, squares)


def _tolerance(sample: Sample, z: np.ndarray) -> np.ndarray:
    rounding = 1e-15 * float(np.abs(sample.x).max()) / float(np.abs(sample.deviations).max())
    return sample.row_sums * float(np.max(z**2)) * (1e-12 + rounding)


def _labels(sample: Sample, tails: Tails) -> np.ndarray:
    z = sample.deviations
    alike = quadrants(z, sample.lag(z))
    crossing = np.isin(alike, (Label.HIGH_LOW.value, Label.LOW_HIGH.value))
    positive = np.where(crossing, Label.OTHER_POSITIVE.value, alike)
    return np.where(tails.lower <= tails.upper, positive, Label.NEGATIVE.value)
