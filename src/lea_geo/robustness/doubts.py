"""How far a finding would stand if what is hidden or left to chance had turned out otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import ndtri

from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.robustness import check_bounds, check_counts_of, check_labelled
from lea_geo._checks.values import as_texts
from lea_geo.rates.counts import RATE_KINDS
from lea_geo.rates.intervals import byar_interval, wilson_interval
from lea_geo.schema import AREA_ID, DOUBTS, LOCAL_METHODS, Label, Status
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.sample import TRANSFORMS
from lea_geo.spatial.sums import exact_sum

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

TOLD = (Label.HIGH_HIGH, Label.LOW_LOW, Label.HIGH_LOW, Label.LOW_HIGH)
"""The labels that claim something, and can so be doubted."""
_OWN_HIGH = (Label.HIGH_HIGH, Label.HIGH_LOW)
_AROUND_HIGH = (Label.HIGH_HIGH, Label.LOW_HIGH)


def label_doubts(
    values: pd.Series,
    labels: pd.Series,
    graph: AreaGraph | Graph,
    *,
    statistic: str = "local_moran",
    transform: str = "row",
    status: pd.Series | None = None,
    bounds: pd.DataFrame | None = None,
    counts: pd.DataFrame | None = None,
    kind: str = "proportion",
    scale: float = 1.0,
    level: float = 0.95,
) -> pd.Series[str]:
    """Say which cluster labels hidden values or the noise of small numbers could turn.

    A label says on which side of the mean of all values an area (local Moran only) and a weighted mean around
    it lie: the mean over its neighbours for local Moran, over the area and its neighbours for Gi*. A label is
    doubtful where a side is not certain:

    ``hidden``
        Neighbours are suppressed or missing, and with their values anywhere in their bounds the mean around
        the area can reach the mean of all values. A neighbour without a bound on that side always can.
    ``noise``
        The interval of the area's own rate (local Moran; Wilson's or Byar's), or that of the mean around it,
        reaches the mean of all values. For weights w that add up to 1 over m areas with x events among n
        people the latter is the normal interval of Price and Bonett, the delta method after adding two events
        and, for proportions, two failures in all::

            sum_j w_j p_j -+ z sqrt(sum_j w_j^2 p_j (1 - p_j) / n_j'),   x' = x + 2/m, n' = n + 4/m, p = x'/n'

        For rates n' = n, and p_j / n_j takes the place of p_j (1 - p_j) / n_j'.

    The mean of all values is held as it is. An empty doubt does not prove a label; docs/uncertainty.md says
    what it leaves open.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    labels
        What the statistic says of each area, with the same ids; one of ``schema.Label``.
    graph
        Who is whose neighbour; the same ids.
    statistic
        ``"local_moran"`` or ``"local_g_star"``: which of them the labels are from.
    transform
        Weights that the statistic used: ``"row"``, ``"binary"`` or ``"original"``.
    status
        One of ``schema.Status`` an area; left out, NaN is missing and everything else observed. Areas that
        are not applicable hide nothing.
    bounds
        Columns ``lower upper``: what is known of suppressed values, NaN where nothing is. Left out, nothing
        is known.
    counts
        Columns ``numerator denominator`` of the values. Left out, there is no doubt for noise.
    kind
        ``"proportion"``: the numerator is part of the denominator; ``"rate"``: it is not.
    scale
        Values are ``scale * numerator / denominator``: 100 for percentages.
    level
        Coverage of the intervals, between 0 and 1.

    Returns
    -------
    pandas.Series
        One of ``schema.DOUBTS`` an area, in the order of ``values``; blank where nothing is claimed.

    Raises
    ------
    UsageError
        If an option is unknown, or something carries no ids.
    ValuesError
        If ids are missing, foreign or repeated, a label or status is unknown, a lower bound is above the
        upper, or the counts do not give the values.
    GraphError
        If the graph is none.

    References
    ----------
    Price and Bonett (2004), https://doi.org/10.1016/S0167-9473(03)00007-0
    """
    check_choice("statistic", statistic, LOCAL_METHODS)
    check_choice("transform", transform, TRANSFORMS)
    check_choice("kind", kind, RATE_KINDS)
    check_fraction("level", level)
    links = as_graph(graph)
    numbers, label, state = check_labelled(values, labels, status, links.ids)
    told = np.flatnonzero(np.isin(label, _codes(Label, TOLD)))
    star = statistic == "local_g_star"
    around = _Around.of(links, told, binary=transform == "binary", star=star)
    judged = _Judged(
        x=numbers,
        hidden=np.isin(state, _codes(Status, (Status.SUPPRESSED, Status.MISSING))),
        own_high=np.isin(label[told], _codes(Label, _OWN_HIGH)),
        around_high=np.isin(label[told], _codes(Label, _AROUND_HIGH)),
    )
    code = np.zeros(links.n, dtype=np.int8)
    code[told] = _hidden(around, judged, *check_bounds(bounds, links.ids))
    if counts is not None:
        proportion = kind == "proportion"
        found = check_counts_of(counts, numbers, links.ids, scale=scale, proportion=proportion)
        rates = _Rates(*found, scale, proportion, level)
        code[told] += 2 * (_noisy_around(around, judged, rates) | (not star and _noisy(told, judged, rates)))
    doubts = pd.Series(as_texts(code, DOUBTS), index=links.ids, name="doubt")
    return doubts.reindex(values.index).rename_axis(AREA_ID)


def _codes(words: type[StrEnum], some: Iterable[str]) -> list[int]:
    return [[str(word) for word in words].index(str(one)) for one in some]


@dataclass(frozen=True)
class _Judged:
    """What the labels were judged by."""

    x: np.ndarray
    """Values, NaN where there is none; shape (n,)."""
    hidden: np.ndarray
    """Which areas have a value that is not known, shape (n,)."""
    own_high: np.ndarray
    """Whether a label claims that the area itself is high, shape (told,)."""
    around_high: np.ndarray
    """Whether it claims that the mean around it is, shape (told,)."""

    @property
    def valued(self) -> np.ndarray:
        return np.asarray(~np.isnan(self.x))

    @cached_property
    def mean(self) -> float:
        return exact_sum(self.x[self.valued]) / max(1, int(self.valued.sum()))

    def reached(self, least: np.ndarray, most: np.ndarray, *, high: np.ndarray) -> np.ndarray:
        """Return whether a range comes to the mean from the side that a label claims."""
        return np.asarray(np.where(high, least <= self.mean, most >= self.mean))


@dataclass(frozen=True)
class _Rates:
    """The counts that the values are made of."""

    events: np.ndarray
    people: np.ndarray
    scale: float
    proportion: bool
    level: float

    def added(self, areas: np.ndarray, few: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return rates of areas and their variances once ``2 / few`` events have been added to each."""
        people = self.people[areas] + (4 / few if self.proportion else 0.0)
        rate = (self.events[areas] + 2 / few) / people
        return self.scale * rate, self.scale**2 * rate * (1 - rate if self.proportion else 1.0) / people

    def intervals(self, areas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval of each area's own rate."""
        found = (wilson_interval if self.proportion else byar_interval)(
            pd.Series(self.events[areas]), pd.Series(self.people[areas]), level=self.level
        )
        return self.scale * found["lower"].to_numpy(), self.scale * found["upper"].to_numpy()


@dataclass(frozen=True)
class _Around:
    """What is around each labelled area, itself included for Gi*: one entry a link."""

    row: np.ndarray
    """Which of the labelled areas, rising, shape (links,)."""
    area: np.ndarray
    """Position of what is around it, shape (links,)."""
    weight: np.ndarray
    """Above 0, shape (links,)."""
    n_told: int

    @classmethod
    def of(cls, graph: AreaGraph, told: np.ndarray, *, binary: bool, star: bool) -> _Around:
        original = graph.transform("original")
        matrix = sparse.csr_array((original.weights, graph.indices, graph.indptr), shape=(graph.n, graph.n))
        part = sparse.csr_array(matrix[told])
        row = np.repeat(np.arange(len(told)), np.diff(part.indptr))
        area, weight = part.indices, np.ones(part.nnz) if binary else part.data
        if star:  # an area counts as much as the heaviest of its neighbours
            largest = np.zeros(len(told))
            np.maximum.at(largest, row, weight)
            row = np.concatenate([row, np.arange(len(told))])
            area, weight = np.concatenate([area, told]), np.concatenate([weight, largest])
        return cls(row, area, weight, len(told))

    def only(self, among: np.ndarray) -> _Around:
        """Return what is around and ``among`` some areas, its weights adding up to 1; shape of among (n,)."""
        kept = among[self.area] & (self.weight > 0)
        part = _Around(self.row[kept], self.area[kept], self.weight[kept], self.n_told)
        return replace(part, weight=part.weight / part.added(part.weight)[part.row])

    def added(self, column: np.ndarray) -> np.ndarray:
        """Return the sum of a column of links for each labelled area, shape (told,)."""
        return np.bincount(self.row, weights=column, minlength=self.n_told)


def _hidden(around: _Around, judged: _Judged, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return whether hidden values around an area could carry the mean there to the other side."""
    part = around.only(judged.valued | judged.hidden)
    least = np.where(judged.hidden, np.where(np.isnan(lower), -np.inf, lower), judged.x)
    most = np.where(judged.hidden, np.where(np.isnan(upper), np.inf, upper), judged.x)
    ends = (part.added(part.weight * end[part.area]) for end in (least, most))
    some = part.added(judged.hidden[part.area].astype(float)) > 0
    return np.asarray(some & judged.reached(*ends, high=judged.around_high))


def _noisy_around(around: _Around, judged: _Judged, rates: _Rates) -> np.ndarray:
    """Return whether the interval of the mean around an area reaches the mean of all."""
    part = around.only(judged.valued)
    few = part.added(np.ones(len(part.row)))
    rate, variance = rates.added(part.area, few[part.row])
    centre = part.added(part.weight * rate)
    reach = float(ndtri((1 + rates.level) / 2)) * np.sqrt(part.added(part.weight**2 * variance))
    return np.asarray((few > 0) & judged.reached(centre - reach, centre + reach, high=judged.around_high))


def _noisy(told: np.ndarray, judged: _Judged, rates: _Rates) -> np.ndarray:
    """Return whether the interval of an area's own rate reaches the mean of all."""
    return judged.reached(*rates.intervals(told), high=judged.own_high)
