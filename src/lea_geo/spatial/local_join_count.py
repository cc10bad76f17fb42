"""Local join counts: where areas that have an attribute lie together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.values import check_binary
from lea_geo.schema import Label
from lea_geo.spatial.inference import Tails
from lea_geo.spatial.laws.hypergeometric import hypergeometric_tails
from lea_geo.spatial.local_result import LocalNumbers, LocalResult, assemble, code_of, undefined
from lea_geo.spatial.neighbour_sum import Inference, SumTest, conditional_moments, sum_test
from lea_geo.spatial.sample import Sample, build_sample

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph


def local_join_count(
    values: pd.Series,
    graph: AreaGraph | Graph,
    *,
    method: str = "auto",
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "binary",
    status: pd.Series | None = None,
) -> LocalResult:
    """Find areas with an attribute whose neighbours have it too, more or less often than chance.

    ``BB_i = x_i sum_j w_ij x_j`` for ``x`` of 0 and 1 (Anselin and Li 2019). The weights are binary unless
    ``transform`` says otherwise, so that BB_i is a count. With weights equal within every row the number of
    neighbours that have the attribute is hypergeometric(n - 1, m - 1, k_i) when m areas have it, and the
    p-value has a closed form.

    An area without the attribute has BB_i = 0 whatever its neighbours are: it is not tested and not counted
    among the tests. A significant area is High-High if the count is large, High-Low if it is small.
    ``alternative="greater"`` is the usual question.

    Parameters
    ----------
    values
        1 where an area has the attribute, 0 where not, NaN where nobody knows; indexed by ``area_id``.
    graph, method, permutations, seed, fdr, alternative, correction, transform, status
        As in :func:`local_moran`.

    Raises
    ------
    UsageError, ResolutionError
        As in :func:`local_moran`.
    ValuesError
        As in :func:`local_moran`, and if a value is neither 0 nor 1.

    References
    ----------
    Anselin and Li (2019), https://doi.org/10.1007/s10109-019-00299-x
    """
    inference = Inference(method, permutations, seed, fdr, alternative, correction=correction)
    sample = build_sample(values, graph, transform=transform, status=status)
    check_binary("values", sample.x, sample.ids)
    if sample.reason:
        return undefined("local_join_count", sample, inference)
    test = _join_test(sample, inference)
    lag = sample.lagged_values
    others = sample.x.sum() - sample.x
    moments = conditional_moments(sample, others, others).scaled(sample.x)
    tails = test.tails_of(sample.x * lag, moments, falls=np.zeros(sample.n, dtype=bool))
    numbers = LocalNumbers.of_sum(
        test,
        statistic=sample.x * lag,
        lag=lag,
        moments=moments,
        tails=tails,
        labels=np.where(tails.upper <= tails.lower, code_of(Label.HIGH_HIGH), code_of(Label.HIGH_LOW)),
        tested=(sample.counts > 0) & (sample.x == 1),
    )
    return assemble("local_join_count", sample, inference, numbers)


def _join_test(sample: Sample, inference: Inference) -> SumTest:
    if inference.method not in ("auto", "exact") or not sample.equal_weights:
        return sum_test(sample, inference)
    count, marked = np.rint(sample.neighbour_sums).astype(int), sample.x == 1
    tails = Tails(np.full(sample.n, np.nan), np.full(sample.n, np.nan))
    for k in np.unique(sample.counts[marked]):
        here = marked & (sample.counts == k)
        lower, upper = hypergeometric_tails(sample.n - 1, int(marked.sum()) - 1, int(k))
        tails.lower[here], tails.upper[here] = lower[count[here]], upper[count[here]]
    return SumTest(tails, "exact")
