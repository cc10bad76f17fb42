"""Rates of small populations shrunk towards a mean, or standardised by their variance.

Neither replaces a raw rate by itself: whoever wants one asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks import check_choice
from lea_geo._checks.values import check_graph_given, check_graph_ids
from lea_geo.rates.counts import Counts, RateResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

METHODS = ("global", "local")


class Links(Protocol):
    """What is needed of an ``AreaGraph``, whose room builds on this one."""

    @property
    def ids(self) -> pd.Index[str]:
        """Area ids."""

    def sparse(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """Return the weights as a matrix."""


def empirical_bayes(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    graph: Links | Graph | None = None,
    method: str = "global",
    kind: str = "proportion",
) -> RateResult:
    """Shrink each area's rate towards the mean rate, the more the fewer people it has.

    With rate r_i = events_i / people_i, mean rate b, population-weighted variance s2 and mean population m
    (Marshall 1991, method of moments)::

        a = max(0, s2 - b / m),   estimate_i = b + a (r_i - b) / (a + b / people_i)

    ``method="local"`` takes b, s2 and m over the area and its neighbours in ``graph`` instead of over all
    areas.

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id, not negative; NaN where unknown.
    graph
        An ``AreaGraph`` or ``libpysal.graph.Graph`` for ``method="local"``; its ids are those of the counts.
    method
        ``"global"`` or ``"local"``.
    kind
        ``"proportion"``: the numerator is part of the denominator, and a larger one is an error; ``"rate"``:
        it is not.

    Returns
    -------
    RateResult
        Columns ``rate`` (raw), ``estimate`` and ``reliability`` (0 to 1: the share of the raw rate in the
        estimate); NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError
        If an option is unknown, counts have no ids, or ``method="local"`` has no graph.
    ValuesError
        If ids differ, or counts are negative, infinite or contradict each other.

    References
    ----------
    Marshall (1991), https://doi.org/10.2307/2347593
    """
    check_choice("method", method, METHODS)
    check_graph_given(graph, method)
    counts = Counts.of(numerator, denominator, kind)
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    rate = events / people
    if graph is None or method == "global":
        mean, prior = _global_prior(events, people)
    else:
        mean, prior = _local_prior(events, people, links_among(graph, counts.index, counts.valid))
    noise = mean / people
    reliability = np.divide(prior, prior + noise, out=np.zeros(len(rate)), where=prior + noise > 0)
    columns = {
        "rate": counts.spread(rate),
        "estimate": counts.spread(mean + reliability * (rate - mean)),
        "reliability": counts.spread(reliability),
    }
    return counts.result(columns, method, kind)


def standardised_rates(
    numerator: pd.Series, denominator: pd.Series, *, kind: str = "proportion"
) -> RateResult:
    """Standardise each area's rate by the variance that its population gives it.

    ``z_i = (r_i - b) / sqrt(a + b / people_i)`` with a and b of :func:`empirical_bayes`.

    Parameters
    ----------
    numerator, denominator, kind
        As in :func:`empirical_bayes`.

    Returns
    -------
    RateResult
        Columns ``rate`` and ``z_score``; NaN where a count is unknown or nobody lives. Without a single event
        every ``z_score`` is 0.

    Raises
    ------
    UsageError, ValuesError
        As :func:`empirical_bayes`.

    References
    ----------
    Assunção and Reis (1999),
    https://doi.org/10.1002/(SICI)1097-0258(19990830)18:16<2147::AID-SIM179>3.0.CO;2-I
    """
    counts = Counts.of(numerator, denominator, kind)
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    mean, prior = _global_prior(events, people)
    deviation = np.sqrt(prior + mean / people)
    rate = events / people
    z_score = np.divide(rate - mean, deviation, out=np.zeros(len(rate)), where=deviation > 0)
    columns = {"rate": counts.spread(rate), "z_score": counts.spread(z_score)}
    return counts.result(columns, "standardised", kind)


def _global_prior(events: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean rate and the variance between areas beyond chance, each of shape (n,)."""
    n = len(people)
    if n == 0:
        return np.zeros(0), np.zeros(0)
    mean = events.sum() / people.sum()
    spread = float(np.sum(people * np.square(events / people - mean)) / people.sum())
    return np.full(n, mean), np.full(n, max(0.0, spread - mean / people.mean()))


def _local_prior(
    events: np.ndarray, people: np.ndarray, links: sparse.csr_array[Any, tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same over each area and its neighbours."""

    def around(x: np.ndarray) -> np.ndarray:
        return np.asarray(links @ x + x)

    population = around(people)
    mean = around(events) / population
    rate = events / people
    # sum_j people_j (r_j - b_i)^2, with b_i the mean around i.
    squares = around(people * rate**2) - 2 * mean * around(events) + mean**2 * population
    spread = np.maximum(squares, 0.0) / population
    return mean, np.maximum(0.0, spread - mean * around(np.ones(len(people))) / population)


def links_among(
    graph: Links | Graph, index: pd.Index, valid: np.ndarray
) -> sparse.csr_array[Any, tuple[int, int]]:
    """Return 1 for each link between two valid areas, rows and columns in their order; none to itself."""
    if hasattr(graph, "unique_ids"):  # libpysal's, told by its attributes because importing it takes long
        ids, matrix = pd.Index(graph.unique_ids), sparse.csr_array(cast("Any", graph.sparse))
    else:
        ids, matrix = graph.ids, graph.sparse()
    check_graph_ids(index, ids)
    positions = ids.get_indexer(index[valid])
    links = sparse.csr_array(matrix[positions][:, positions])
    links.data = (links.data != 0).astype(float)
    return sparse.csr_array(links - sparse.diags_array(links.diagonal()))
