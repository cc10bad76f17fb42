"""Local Geary's c, of one variable and of several: how different an area is from its neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.global_statistics import check_variables
from lea_geo._checks.values import refuse_method
from lea_geo.schema import Label
from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.inference import Tails, normal_tails
from lea_geo.spatial.laws.permutation import difference_tails
from lea_geo.spatial.local_result import LocalNumbers, LocalResult, assemble, code_of, quadrants, undefined
from lea_geo.spatial.neighbour_sum import Inference, Moments, conditional_moments
from lea_geo.spatial.rows import added_weights
from lea_geo.spatial.sample import DIVISORS, Sample, build_sample, build_samples
from lea_geo.spatial.sums import exact_sum

if TYPE_CHECKING:
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
    correction: str = "bh",
    transform: str = "row",
    status: pd.Series | None = None,
    divisor: str = "n-1",
) -> LocalResult:
    """Find areas that differ little, or much, from their neighbours by local Geary's c.

    ``c_i = sum_j w_ij (x_i - x_j)^2 / s2`` with ``s2 = sum z^2 / (n - 1)``, as spdep and pygeoda have it
    (Anselin 2019); then the c_i add up to twice the sum of all weights times global Geary's C.
    ``divisor="n"`` divides by n, as Anselin (1995) and esda do. p-values do not depend on it.

    Two sums over the neighbours decide c_i, so the exact law of one sum does not serve: ``"auto"`` runs
    permutations. With ``permutations=None`` every area gets 9 999, and areas whose smaller tail holds fewer
    than 100 of them go on to ten times as many, up to what can label a lone area; the p-values are valid for
    all of them (why, says :func:`lea_geo.spatial.laws.permutation.sum_tails`), and the result tells the
    largest number that ran.

    A significantly small c_i is labelled High-High, Low-Low or, where the area and its neighbours lie on
    different sides of the mean, Other positive; a significantly large one Negative.

    Parameters
    ----------
    values, graph, permutations, seed, fdr, alternative, correction, transform, status
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
    inference = _checked(
        Inference(method, permutations, seed, fdr, alternative, correction=correction), divisor
    )
    sample = build_sample(values, graph, transform=transform, status=status)
    if sample.reason:
        return undefined("local_geary", sample, inference)
    test = _geary_test([sample], inference, divisor)
    labels = _labels_by_side(sample, test.alike)
    return assemble("local_geary", sample, inference, test.numbers(sample, sample.lagged_values, labels))


def local_geary_multivariate(
    table: pd.DataFrame,
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
    divisor: str = "n-1",
) -> LocalResult:
    """Find areas that differ little, or much, from their neighbours in several variables together.

    ``c_i = (1/m) sum_v sum_j w_ij (x_vi - x_vj)^2 / s2_v`` over m variables, which is the mean of their local
    Geary's c (Anselin 2019). What is shuffled among the other areas are whole rows of the table, so the
    variables stay as correlated within areas as they are. GeoDa and pygeoda divide ``s2_v`` by n - 1, esda by
    n.

    A significantly small c_i is labelled Other positive, as several variables have no common High or Low; a
    significantly large one Negative. ``lag`` is NaN, as there is no single one.

    Parameters
    ----------
    table
        One row an area, indexed by ``area_id``, and one column a variable. An area that lacks any of them
        takes no part.
    graph, method, permutations, seed, fdr, alternative, correction, transform, divisor
        As in :func:`local_geary`.
    status
        One of ``schema.Status`` an area; left out, areas that lack a variable are missing and all others
        observed.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As in :func:`local_moran`; also if ``table`` is no table or holds a variable twice.

    References
    ----------
    Anselin (2019), https://doi.org/10.1111/gean.12164
    """
    inference = _checked(
        Inference(method, permutations, seed, fdr, alternative, correction=correction), divisor
    )
    variables = check_variables(table)
    samples = build_samples(variables, graph, transform=transform, status=status)
    for (name, _), sample in zip(variables, samples, strict=True):
        if sample.reason:
            told = replace(sample, reason=f"{name}: {sample.reason}")
            return undefined("local_geary_multivariate", told, inference)
    test = _geary_test(samples, inference, divisor)
    no_lag = np.full(samples[0].n, np.nan)
    labels = np.where(test.alike, code_of(Label.OTHER_POSITIVE), code_of(Label.NEGATIVE))
    numbers = test.numbers(samples[0], no_lag, labels)
    return assemble("local_geary_multivariate", samples[0], inference, numbers)


def _checked(inference: Inference, divisor: str) -> Inference:
    """Return the options if local Geary has them."""
    check_choice("divisor", divisor, DIVISORS)
    if inference.method == "exact":
        refuse_method(
            "exact", "local_geary, whose law takes two sums over the neighbours", "use method='auto'"
        )
    return inference


@dataclass(frozen=True)
class _GearyTest:
    """Local Geary's c of every area, and what is known of it under conditional permutation."""

    statistic: np.ndarray
    moments: Moments
    tails: Tails
    permutations: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def alike(self) -> np.ndarray:
        """Which areas lie rather on the side of few differences, shape (n,)."""
        return self.tails.lower <= self.tails.upper

    def numbers(self, sample: Sample, lag: np.ndarray, labels: np.ndarray) -> LocalNumbers:
        """Return what goes into the table."""
        return LocalNumbers(
            statistic=self.statistic,
            lag=lag,
            moments=self.moments,
            tails=self.tails,
            labels=labels,
            tested=sample.counts > 0,
            method="analytic" if self.permutations is None else "permutation",
            permutations=self.permutations,
            notes=self.notes,
        )


def _geary_test(samples: list[Sample], inference: Inference, divisor: str) -> _GearyTest:
    sample, many = samples[0], len(samples)
    z = np.array([each.deviations / np.sqrt(each.variance(divisor)) for each in samples])
    summed = _differences(sample, z)
    statistic, moments = summed / many, _geary_moments(sample, z)
    if inference.method == "analytic":
        return _GearyTest(statistic, moments, normal_tails(moments.z_score(statistic)))
    required, notes = inference.resolution(int(np.count_nonzero(sample.counts)))
    found = difference_tails(
        sample,
        z,
        summed,
        tolerance=sample.row_sums * sum(_rounding(*each) for each in zip(samples, z, strict=True)),
        permutations=inference.permutations,
        required=required,
        seed=inference.seed,
    )
    return _GearyTest(statistic, moments, found.tails, found.permutations, notes)


def _rounding(sample: Sample, z: np.ndarray) -> float:
    """Return by how much the rounding of values can change one squared difference."""
    share = 1e-15 * float(np.abs(sample.x).max()) / float(np.abs(sample.deviations).max())
    return float(np.max(z**2)) * (1e-12 + share)


def _differences(sample: Sample, z: np.ndarray) -> np.ndarray:
    """Return sum_j w_ij |z_i - z_j|^2, exactly 0 where all neighbours are equal to the area."""
    squares = np.empty(len(sample.indices))
    in_chunks(
        lambda start, stop: _square_gaps(start, stop, (sample.indptr, sample.indices), z, squares), sample.n
    )
    if sample.equal_weights:
        return sample.row_weight * added_weights(sample.indptr, squares)
    return added_weights(sample.indptr, squares * sample.link_weights)


@compiled
def _square_gaps(
    start: int, stop: int, links: tuple[np.ndarray, np.ndarray], z: np.ndarray, squares: np.ndarray
) -> None:
    indptr, indices = links
    for i in range(start, stop):
        for link in range(indptr[i], indptr[i + 1]):
            total = 0.0
            for row in range(len(z)):
                total += (z[row, i] - z[row, indices[link]]) ** 2
            squares[link] = total


def _geary_moments(sample: Sample, z: np.ndarray) -> Moments:
    """Return the conditional moments: those of a weighted sum of d_ij = |z_i - z_j|^2 / m over the others.

    With q_j = |z_j|^2 and sums over all j, where z has the sum 0 and d_ii = 0::

        m sum d_ij = n q_i + sum q_j
        m^2 sum d_ij^2 = n q_i^2 + sum q_j^2 + 2 q_i sum q_j + 4 sum (z_i z_j)^2 - 4 z_i sum q_j z_j
    """
    q = np.square(z).sum(axis=0)
    everybody = exact_sum(q)
    total = sample.n * q + everybody
    squares = sample.n * q**2 + exact_sum(q**2) + 2 * q * everybody
    for row in z:
        products = sum(other * exact_sum(row * other) for other in z)
        squares += 4 * row * (products - exact_sum(q * row))
    return conditional_moments(sample, total / len(z), squares / len(z) ** 2)


def _labels_by_side(sample: Sample, alike: np.ndarray) -> np.ndarray:
    sides = quadrants(sample.deviations, sample.lagged_deviations)
    crossing = np.isin(sides, (code_of(Label.HIGH_LOW), code_of(Label.LOW_HIGH)))
    positive = np.where(crossing, code_of(Label.OTHER_POSITIVE), sides)
    return np.where(alike, positive, code_of(Label.NEGATIVE))
