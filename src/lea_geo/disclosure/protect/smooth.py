"""Smoothed rates as a protection, and the equations by which whoever has them gets the counts back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_count
from lea_geo._checks.disclosure_protect import check_own_weight, check_scale
from lea_geo._checks.values import check_graph_ids
from lea_geo.disclosure.protect.utility import UtilityLost, utility_lost
from lea_geo.disclosure.prove.linear import LinearSystem
from lea_geo.rates.counts import Counts
from lea_geo.rates.empirical_bayes import empirical_bayes
from lea_geo.spatial.graph import AreaGraph, as_graph

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import NDArray

METHODS = ("kernel", "empirical_bayes")


@dataclass(frozen=True, kw_only=True)
class SmoothedRates(ByArea):
    """Smoothed rates, what they cost, and what they tell."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``rate`` (true; not for the release) and ``published`` (smoothed and rounded),
    per ``scale`` people; NaN where nobody lives or a count is unknown."""
    system: LinearSystem
    """What the published rates say of the counts, for whoever knows the people, the graph and the method, all
    of which a release states: one row for each rate, one unknown for each area's count."""
    account: UtilityLost
    """What is lost: of the true rates against the published ones."""
    method: str
    decimals: int
    scale: float
    own: float


def smooth_rates(
    numerator: pd.Series,
    denominator: pd.Series,
    graph: AreaGraph | Graph,
    *,
    method: str = "kernel",
    decimals: int = 1,
    scale: float = 100.0,
    own: float = 1.0,
    fdr: float = 0.05,
) -> SmoothedRates:
    r"""Smooth rates over neighbours or towards their mean, and say what that protects.

    With events x_i, people n_i, weights w_ij of the graph and w_ii = ``own``::

        kernel            scale sum_j w_ij x_j / sum_j w_ij n_j
        empirical_bayes   scale (b + r_i (x_i / n_i - b)), r_i the reliability of the rate (Marshall 1991)

    **Smoothing does not hide.** Every published rate is a linear condition on the counts, as many of them as
    areas: the matrix of a kernel can mostly be inverted, and an empirical Bayes estimate gives its own area's
    count by itself. What protects is the rounding, if anything. ``system`` holds the equations;
    :func:`lea_geo.disclosure.prove.linear.bounds` solves them. Attack before you rely on it.

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``; NaN where unknown.
    graph
        Who is whose neighbour; for a kernel its weights are used as they are.
    method
        ``"kernel"`` or ``"empirical_bayes"`` (the global one of
        :func:`~lea_geo.rates.empirical_bayes.empirical_bayes`).
    decimals
        How many decimals of the rates are published.
    scale
        Per how many people: 100 for percent.
    own
        The weight of an area itself, in the unit of the graph's weights.
    fdr
        Of the account's hot spots.

    Raises
    ------
    UsageError, ValuesError
        If an option is out of range, ids differ, or counts contradict each other.

    References
    ----------
    Marshall (1991), https://doi.org/10.2307/2347593
    """
    check_choice("method", method, METHODS)
    check_count("decimals", decimals, least=0)
    check_scale(scale)
    check_own_weight(own)
    counts = Counts.of(numerator, denominator, "proportion")
    made = _kernel(counts, graph, own) if method == "kernel" else _shrunk(numerator, denominator, counts)
    rows, constant = made
    valid = np.flatnonzero(counts.valid)
    exact = scale * (rows @ np.where(counts.valid, counts.events, 0.0)[valid] + constant)
    published = counts.spread(np.round(exact, decimals))
    rate = counts.spread(scale * counts.events[valid] / counts.people[valid])
    table = pd.DataFrame({"rate": rate, "published": published}, index=counts.index)
    people = pd.Series(counts.people, index=counts.index)
    return SmoothedRates(
        table=table,
        system=_system(rows, constant, published[valid], counts, decimals, scale),
        account=utility_lost(table["rate"], table["published"], graph, people=people, fdr=fdr),
        method=method,
        decimals=decimals,
        scale=float(scale),
        own=float(own),
    )


def _kernel(
    counts: Counts, graph: AreaGraph | Graph, own: float
) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Return what each count adds to each rate: the weights over the weighted people."""
    whole = as_graph(graph)
    check_graph_ids(counts.index, whole.ids)
    at = whole.ids.get_indexer(counts.index[counts.valid])
    links = sparse.csr_array(cast("Any", whole.sparse())[at][:, at])
    weights = sparse.csr_array(links - sparse.diags_array(links.diagonal()) + own * sparse.eye_array(len(at)))
    people = weights @ counts.people[counts.valid]
    rows = sparse.csr_array(sparse.diags_array(1.0 / people) @ weights)
    return rows, np.zeros(len(at))


def _shrunk(
    numerator: pd.Series, denominator: pd.Series, counts: Counts
) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Return what each count adds to its own estimate, and the share of the mean in it."""
    found = empirical_bayes(numerator, denominator).table[counts.valid]
    reliability = found["reliability"].to_numpy()
    mean = found["estimate"].to_numpy() - reliability * found["rate"].to_numpy()
    return sparse.csr_array(sparse.diags_array(reliability / counts.people[counts.valid])), mean


def _system(
    rows: sparse.csr_array,
    constant: NDArray[np.float64],
    published: NDArray[np.float64],
    counts: Counts,
    decimals: int,
    scale: float,
) -> LinearSystem:
    """Return the equations: each published rate, half a unit of its last decimal either way."""
    half = 0.5 * 10.0**-decimals * (1 + 1e-9)
    ids = tuple(counts.index[counts.valid].astype(str))
    people = counts.people[counts.valid]
    return LinearSystem(
        rows,
        (published - half) / scale - constant,
        (published + half) / scale - constant,
        np.zeros(len(people)),
        people,
        np.ones(len(people), dtype=bool),
        tuple(f"smoothed rate of {one}" for one in ids),
        ids,
    )
