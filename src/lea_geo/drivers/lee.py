"""Lee's L: do two variables rise and fall together in space, on the whole and around each area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo.drivers.lee_draws import local_draws, shuffled_products
from lea_geo.drivers.lee_moments import pair_moments
from lea_geo.schema import AREA_ID, Label
from lea_geo.spatial.global_result import PERMUTATIONS, GlobalResult, Settings
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.inference import counted_tails, normal_tails
from lea_geo.spatial.local_result import (
    LocalNumbers,
    LocalResult,
    assemble,
    code_of,
    quadrants,
    undefined,
)
from lea_geo.spatial.neighbour_sum import Inference, Moments
from lea_geo.spatial.sample import build_samples

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spatial.sample import Sample

TIE = 1e-12
"""Statistics that differ by less than this share of the scale are tied."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Two variables on the areas that have both, by their ids, and the weights that smooth them."""

    sample: Sample
    """Of the second variable."""
    zx: np.ndarray
    """Standardised with the divisor n, shape (n,)."""
    zy: np.ndarray
    weights: sparse.csr_array
    """With the area itself where it counts; rows of isolates are empty. Shape (n, n)."""
    reason: str

    @property
    def scale(self) -> float:
        """Sum of the squared row sums, by which L divides."""
        return float(np.square(self.weights.sum(axis=1)).sum())

    @property
    def lags(self) -> tuple[np.ndarray, np.ndarray]:
        """Both variables smoothed, each of shape (n,)."""
        return self.weights @ self.zx, self.weights @ self.zy


def global_lee(
    x: pd.Series,
    y: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alternative: str = "two-sided",
    transform: str = "row",
    own: bool = True,
    status: pd.Series | None = None,
) -> GlobalResult:
    """Measure how two variables go together in space by Lee's L.

    With z the standardised values and V = W'W::

        L = n sum_i (sum_j w_ij zx_j) (sum_j w_ij zy_j) / (sum_i (sum_j w_ij)^2 sqrt(sum zx^2) sqrt(sum zy^2))

    which is Pearson's correlation of the smoothed variables times how much of either the smoothing leaves.
    The test shuffles pairs (x, y) over the areas, so it keeps their correlation in place and asks whether
    they go together in space beyond it; ``expected`` and ``variance`` are those of that law, exactly (Lee
    2004).

    Parameters
    ----------
    x, y
        One number an area each, indexed by ``area_id``; NaN where there is none. Which is which changes
        nothing.
    graph
        Whose ids are those of the values.
    permutations
        How many times the pairs are shuffled; 0 leaves only the normal law.
    seed
        Of the permutations; the same seed gives the same numbers for any order of the areas.
    alternative
        ``"two-sided"``, ``"greater"`` or ``"less"``.
    transform
        Weights: ``"row"`` (sum to 1), ``"binary"`` or ``"original"``.
    own
        Whether an area counts among its own neighbours, as Lee has it, with the largest weight of its row. An
        isolate has no row either way.
    status
        One of ``schema.Status`` an area; left out, NaN is missing and everything else observed.

    Raises
    ------
    UsageError, ValuesError
        As :func:`lea_geo.global_moran`.

    References
    ----------
    Lee (2001), https://doi.org/10.1007/s101090100064
    Lee (2004), https://doi.org/10.1068/a34188 (moments)
    """
    settings = Settings(transform, permutations, seed, alternative)
    pair = pair_of(x, y, graph, transform=transform, own=own, status=status)
    isolates = int((pair.sample.counts == 0).sum())
    result = GlobalResult(name="global_lee", n=pair.sample.n, n_isolates=isolates, **vars(settings))
    if pair.reason:
        return replace(result, reason=pair.reason)
    lag_x, lag_y = pair.lags
    statistic = float(lag_x @ lag_y) / pair.scale
    expected, variance = pair_moments((pair.weights.T @ pair.weights) / pair.scale, pair.zx, pair.zy)
    z = (statistic - expected) / np.sqrt(variance) if variance > 0 else np.nan
    normal = normal_tails(np.array([z]))
    tails = normal
    if permutations:
        drawn = shuffled_products(pair.weights, pair.zx, pair.zy, permutations, seed) / pair.scale
        slack = TIE * max(1.0, abs(statistic))
        counts = [
            np.array([np.count_nonzero(found)])
            for found in (drawn <= statistic + slack, drawn >= statistic - slack)
        ]
        tails = counted_tails(counts[0], counts[1], permutations)
    return replace(
        result,
        statistic=statistic,
        expected=expected,
        variance=variance,
        z_score=float(z),
        p_value=float(tails.p_value(alternative)[0]),
        p_lower=float(tails.lower[0]),
        p_upper=float(tails.upper[0]),
        p_analytic=float(normal.p_value(alternative)[0]),
    )


def local_lee(
    x: pd.Series,
    y: pd.Series,
    graph: AreaGraph | Graph,
    *,
    permutations: int | None = None,
    seed: int = 0,
    fdr: float = 0.05,
    alternative: str = "two-sided",
    correction: str = "bh",
    transform: str = "row",
    own: bool = True,
    status: pd.Series | None = None,
) -> LocalResult:
    """Find places where two variables are high together, low together, or opposed, by local Lee's L.

    ``L_i = (sum_j w_ij zx_j) (sum_j w_ij zy_j)`` of standardised values (divisor n; spdep's and esda's).
    Labels tell the smoothed ``x`` first: High-Low is a place of high x and low y. An area is labelled only
    where L_i is further from 0 than chance has it, not where it is merely nearer. The test keeps the area's
    own pair and shuffles the pairs of the others. ``lag`` is the smoothed ``y`` in its own unit.

    Parameters
    ----------
    x, y, graph, transform, own, status
        As in :func:`global_lee`.
    permutations
        None: 9 999 for every area, ten times as many and again for those whose p-value is still small.
    seed, fdr, alternative, correction
        As in :func:`lea_geo.local_moran`.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As :func:`lea_geo.local_moran`.

    References
    ----------
    Lee (2001), https://doi.org/10.1007/s101090100064
    Besag and Clifford (1991), https://doi.org/10.1093/biomet/78.2.301 (stages of draws)
    """
    inference = Inference("permutation", permutations, seed, fdr, alternative, correction=correction)
    pair = pair_of(x, y, graph, transform=transform, own=own, status=status)
    sample = pair.sample
    if pair.reason:
        return _as_given(replace(undefined("local_lee", sample, inference), reason=pair.reason), x)
    lag_x, lag_y = pair.lags
    statistic = lag_x * lag_y
    tested = sample.counts > 0
    most, notes = inference.resolution(int(tested.sum()))
    counts = local_draws(pair.weights, pair.zx, pair.zy, statistic, most, seed, staged=permutations is None)
    sums = pair.weights.sum(axis=1)
    tails = counted_tails(counts.at_most, counts.at_least, counts.draws)
    # Less alike than chance has it is no label where both are still on one side, and the same the other way.
    meant = np.where(statistic >= 0, tails.upper <= tails.lower, tails.lower <= tails.upper)
    numbers = LocalNumbers(
        statistic=statistic,
        lag=np.where(tested, pair.weights @ sample.x, np.nan),
        moments=Moments(counts.mean, counts.variance),
        tails=tails,
        labels=np.where(meant, quadrants(lag_x, lag_y), np.int8(code_of(Label.NOT_SIGNIFICANT))),
        tested=tested & (sums > 0),
        method="permutation",
        permutations=int(counts.draws.max(initial=0)),
        notes=notes,
    )
    return _as_given(assemble("local_lee", sample, inference, numbers), x)


def _as_given(result: LocalResult, x: pd.Series) -> LocalResult:
    return replace(result, table=result.table.reindex(x.index).rename_axis(AREA_ID))


def pair_of(
    x: pd.Series,
    y: pd.Series,
    graph: AreaGraph | Graph,
    *,
    transform: str,
    own: bool,
    status: pd.Series | None,
) -> Pair:
    """Align two variables with a graph, in the order of the ids, so that no sum depends on another order."""
    links = as_graph(graph)
    links = links.take(np.argsort(np.asarray(links.ids.astype(str)), kind="stable"))
    one, two = build_samples([("x", x), ("y", y)], links, transform=transform, status=status)
    reason = one.reason or two.reason or ("" if links.n_links else "No area has a neighbour with a value.")
    if reason:
        nothing = np.zeros(0)
        return Pair(two, nothing, nothing, sparse.csr_array((0, 0)), reason)
    # The order of the graph, not of the values: that of the ids.
    zx, zy = (part.deviations / np.sqrt(part.variance("n")) for part in (one, two))
    return Pair(two, zx, zy, _weights(two, own=own), "")


def _weights(sample: Sample, *, own: bool) -> sparse.csr_array:
    """Return the weights as transformed, each linked area with a link to itself where it counts."""
    if not own:
        return sample.weights
    plain = "binary" if sample.transform == "binary" else "original"
    weights = sample.graph.transform(plain).sparse()
    weights = sparse.csr_array(weights + sparse.diags_array(weights.max(axis=1).toarray().ravel()))
    weights.eliminate_zeros()
    if sample.transform == "row":
        sums = weights.sum(axis=1)
        weights = sparse.csr_array(
            sparse.diags_array(np.divide(1.0, sums, out=np.zeros(len(sums)), where=sums > 0)) @ weights
        )
    weights.sort_indices()
    return weights
