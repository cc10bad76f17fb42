"""Rates of small populations: raw, shrunk by empirical Bayes, standardised, and with intervals.

None of these replaces a raw rate by itself: whoever wants one asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv, ndtri

from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.values import check_counts, check_graph_given, check_graph_ids
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from libpysal.graph import Graph

METHODS = ("global", "local")
RATE_KINDS = ("proportion", "rate")


class Links(Protocol):
    """What is needed of an ``AreaGraph``, whose room builds on this one."""

    @property
    def ids(self) -> pd.Index[str]:
        """Area ids."""

    def sparse(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """Return the weights as a matrix."""


@dataclass(frozen=True)
class RateResult:
    """Rates of every area, and what was assumed."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the numerator; the columns are named by the function that made
    it."""
    method: str
    kind: str
    n_without_population: int
    """Areas where nobody lives; they have no rate."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Counts:
    index: pd.Index
    events: np.ndarray
    people: np.ndarray

    @classmethod
    def of(cls, numerator: pd.Series, denominator: pd.Series, kind: str) -> _Counts:
        check_choice("kind", kind, RATE_KINDS)
        index, events, people = check_counts(numerator, denominator, proportion=kind == "proportion")
        return cls(index.rename(AREA_ID), events, people)

    @property
    def valid(self) -> np.ndarray:
        return np.asarray(~np.isnan(self.events) & (self.people > 0))

    @property
    def empty(self) -> int:
        return int(np.count_nonzero(self.people == 0))

    def result(self, columns: dict[str, np.ndarray], method: str, kind: str) -> RateResult:
        table = pd.DataFrame(columns, index=self.index)
        notes = (
            (f"{self.empty} of {len(table)} areas have no population and so no rate.",) if self.empty else ()
        )
        return RateResult(table, method, kind, self.empty, notes)

    def interval(self, rate: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> pd.DataFrame:
        """Return rates with bounds that round-off has not carried past them."""
        columns = {"rate": rate, "lower": np.minimum(lower, rate), "upper": np.maximum(upper, rate)}
        return pd.DataFrame({name: self.spread(column) for name, column in columns.items()}, self.index)

    def spread(self, column: np.ndarray) -> np.ndarray:
        full = np.full(len(self.index), np.nan)
        full[self.valid] = column
        return full


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
    counts = _Counts.of(numerator, denominator, kind)
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    rate = events / people
    if graph is None or method == "global":
        mean, prior = _global_prior(events, people)
    else:
        mean, prior = _local_prior(events, people, _links_among(graph, counts))
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
    counts = _Counts.of(numerator, denominator, kind)
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


def _links_among(graph: Links | Graph, counts: _Counts) -> sparse.csr_array[Any, tuple[int, int]]:
    """Return 1 for each link between two areas that have a rate, rows and columns in their order."""
    if hasattr(graph, "unique_ids"):  # libpysal's, told by its attributes because importing it takes long
        ids, matrix = pd.Index(graph.unique_ids), sparse.csr_array(cast("Any", graph.sparse))
    else:
        ids, matrix = graph.ids, graph.sparse()
    check_graph_ids(counts.index, ids)
    positions = ids.get_indexer(counts.index[counts.valid])
    links = sparse.csr_array(matrix[positions][:, positions])
    links.data = (links.data != 0).astype(float)
    return sparse.csr_array(links - sparse.diags_array(links.diagonal()))


def wilson_interval(numerator: pd.Series, denominator: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Return Wilson's score interval of each area's proportion.

    With r = numerator / denominator, N the denominator and z the normal quantile of ``(1 + level) / 2``::

        (r + z^2 / 2N -+ z sqrt(r (1 - r) / N + z^2 / 4N^2)) / (1 + z^2 / N)

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator is part of the denominator.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``rate lower upper``, between 0 and 1; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`empirical_bayes` with ``kind="proportion"``.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953
    """
    z = _quantile(level)
    counts = _Counts.of(numerator, denominator, "proportion")
    people = counts.people[counts.valid]
    rate = counts.events[counts.valid] / people
    centre = rate + z**2 / (2 * people)
    reach = z * np.sqrt(rate * (1 - rate) / people + z**2 / (4 * people**2))
    whole = 1 + z**2 / people
    upper = np.minimum(1, (centre + reach) / whole)
    return counts.interval(rate, np.maximum(0, centre - reach) / whole, upper)


def byar_interval(numerator: pd.Series, denominator: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """Return Byar's approximation to the exact Poisson interval of each area's rate.

    With O = numerator, N the denominator and z the normal quantile of ``(1 + level) / 2``::

        lower = O (1 - 1 / 9O - z / (3 sqrt O))^3 / N
        upper = (O + 1) (1 - 1 / 9(O + 1) + z / (3 sqrt(O + 1)))^3 / N

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator need not be part of the denominator.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``rate lower upper``, 0 or more; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`empirical_bayes` with ``kind="rate"``.

    References
    ----------
    Breslow and Day (1987), Statistical Methods in Cancer Research, volume II, IARC, equation 2.13
    """
    z = _quantile(level)
    counts = _Counts.of(numerator, denominator, "rate")
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    some = np.maximum(events, 1e-300)  # no event: the lower bound is 0, whatever the formula would divide by
    lower = events * np.maximum(0, 1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    more = events + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return counts.interval(events / people, lower / people, upper / people)


def exact_interval(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    kind: str = "proportion",
    level: float = 0.95,
    joint: bool = False,
) -> pd.DataFrame:
    """Return the interval of each area's rate that covers the truth with at least the stated probability.

    Clopper and Pearson's, from quantiles of the beta law, for proportions; Garwood's, from those of the gamma
    law, for rates. Wider than Wilson's or Byar's, and dependable far out in the tails, where those are not:
    the one to take where many intervals must hold together.

    Parameters
    ----------
    numerator, denominator, kind
        As in :func:`empirical_bayes`.
    level
        Coverage, between 0 and 1.
    joint
        Whether ``level`` is the probability that the intervals of all areas hold together: each of the n
        areas with a rate then has level ``1 - (1 - level) / n`` (Bonferroni).

    Returns
    -------
    pandas.DataFrame
        Columns ``rate lower upper``; NaN where a count is unknown or nobody lives.

    Raises
    ------
    UsageError, ValuesError
        As :func:`empirical_bayes`.

    References
    ----------
    Clopper and Pearson (1934), https://doi.org/10.1093/biomet/26.4.404
    Garwood (1936), https://doi.org/10.1093/biomet/28.3-4.437
    """
    tail = (1 - check_fraction("level", level)) / 2
    counts = _Counts.of(numerator, denominator, kind)
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    if joint:
        tail /= max(1, len(events))
    # Small areas share their counts with many others, and quantiles take long.
    pairs, place = np.unique(events + 1j * people, return_inverse=True)
    lower, upper = _EXACT[kind](pairs.real, pairs.imag, tail)
    return counts.interval(events / people, lower[place], upper[place])


def _exact_proportion(events: np.ndarray, people: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    rest = people - events
    lower = np.where(events > 0, betaincinv(events, rest + 1, tail), 0.0)
    return lower, np.where(rest > 0, betainccinv(events + 1, rest, tail), 1.0)


def _exact_rate(events: np.ndarray, people: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    lower = np.where(events > 0, gammaincinv(events, tail), 0.0)
    return lower / people, gammainccinv(events + 1, tail) / people


_EXACT = {"proportion": _exact_proportion, "rate": _exact_rate}


def _quantile(level: float) -> float:
    return float(ndtri((1 + check_fraction("level", level)) / 2))
