"""How far a finding would stand if what is hidden or left to chance had turned out otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks import check_choice
from lea_geo._checks.robustness import check_bounds, check_labelled
from lea_geo._checks.values import as_texts
from lea_geo.schema import DOUBTS, LOCAL_METHODS, Label, Status
from lea_geo.spatial.graph import as_graph
from lea_geo.spatial.sample import TRANSFORMS
from lea_geo.spatial.sums import exact_sum

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

TOLD = (Label.HIGH_HIGH, Label.LOW_LOW, Label.HIGH_LOW, Label.LOW_HIGH)
"""The labels that claim something, and can so be doubted."""
_OWN_HIGH = (Label.HIGH_HIGH, Label.HIGH_LOW)
_OTHERS_HIGH = (Label.HIGH_HIGH, Label.LOW_HIGH)


def label_doubts(
    values: pd.Series,
    labels: pd.Series,
    graph: AreaGraph | Graph,
    *,
    statistic: str = "local_moran",
    transform: str = "row",
    status: pd.Series | None = None,
    bounds: pd.DataFrame | None = None,
    intervals: pd.DataFrame | None = None,
) -> pd.Series[str]:
    """Say which cluster labels hidden values or the noise of small numbers could turn.

    A label says on which side of the mean of all values an area (local Moran only) and a weighted mean around
    it lie: the mean over its neighbours for local Moran, over the area and its neighbours for Gi*. A label is
    doubtful where that side is not certain:

    ``hidden``
        Neighbours are suppressed or missing, and with their values anywhere in their bounds the mean around
        the area can reach the mean of all values. A neighbour without a bound on that side always can.
    ``noise``
        The interval of the area's own value (local Moran) or that of the mean around it reaches the mean of
        all values. The latter interval is recovered from those of the areas (Zou and Donner 2008)::

            sum_j w_j x_j - sqrt(sum_j w_j^2 (x_j - lower_j)^2), and + sqrt(sum_j w_j^2 (upper_j - x_j)^2)

    The mean of all values is held as it is. An empty doubt does not prove a label; docs/uncertainty.md says
    what it leaves open.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    labels
        What the statistic says of each area, with the same ids; one of ``schema.Label``.
    graph
        Whose neighbour is who; the same ids.
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
    intervals
        Columns ``lower upper`` around the values, in their unit; NaN where there is none. Left out, there is
        no doubt for noise.

    Returns
    -------
    pandas.Series
        One of ``schema.DOUBTS`` an area, in the order of ``values``; blank where nothing is claimed.

    Raises
    ------
    UsageError
        If an option is unknown, or something carries no ids.
    ValuesError
        If ids are missing, foreign or repeated, labels are unknown, or a lower end is above the upper.
    GraphError
        If the graph is none.

    References
    ----------
    Zou and Donner (2008), https://doi.org/10.1002/sim.3095
    """
    check_choice("statistic", statistic, LOCAL_METHODS)
    check_choice("transform", transform, TRANSFORMS)
    links = as_graph(graph)
    numbers, words, kinds = check_labelled(values, labels, status, links.ids)
    told = np.flatnonzero(np.isin(words, TOLD))
    around = _Around.of(links, told, kinds, binary=transform == "binary", star=statistic == "local_g_star")
    valued = kinds == Status.OBSERVED
    judged = _Judged(
        x=np.where(valued, numbers, 0.0),
        valued=valued,
        mean=exact_sum(numbers[valued]) / max(1, int(valued.sum())),
        own_high=np.isin(words[told], _OWN_HIGH),
        others_high=np.isin(words[told], _OTHERS_HIGH),
    )
    code = np.zeros(links.n, dtype=np.int8)
    code[told] = _hidden(around, judged, *check_bounds("bounds", bounds, links.ids))
    code[told] += 2 * _noisy(around, judged, *check_bounds("intervals", intervals, links.ids))
    doubts = pd.Series(as_texts(code, DOUBTS), index=links.ids, name="doubt")
    return doubts if doubts.index.equals(values.index) else doubts.reindex(values.index)


@dataclass(frozen=True)
class _Judged:
    """What the labels were judged by."""

    x: np.ndarray
    """Values, 0 where there is none; shape (n,)."""
    valued: np.ndarray
    mean: float
    own_high: np.ndarray
    """Whether a label claims that the area itself is high, shape (told,)."""
    others_high: np.ndarray
    """Whether it claims that the mean around it is, shape (told,)."""

    def reaches(self, least: np.ndarray, most: np.ndarray, *, high: np.ndarray) -> np.ndarray:
        """Whether a range comes to the mean from the side that a label claims."""
        return np.asarray(np.where(high, least <= self.mean, most >= self.mean))


@dataclass(frozen=True)
class _Around:
    """The labelled areas, and the weights of what is around each."""

    told: np.ndarray
    """Their positions, shape (told,)."""
    weights: sparse.csr_array
    """Of the areas around them, with a value or hidden; shape (told, n)."""
    hidden: np.ndarray
    """Which areas hide a value, shape (n,)."""
    star: bool
    """Whether an area is itself around it, and its own value judged no further."""

    @classmethod
    def of(
        cls, graph: AreaGraph, told: np.ndarray, status: np.ndarray, *, binary: bool, star: bool
    ) -> _Around:
        matrix = graph.transform("original").sparse()
        if binary:
            matrix.data[:] = 1.0
        weights = sparse.csr_array(matrix[told])
        if star:  # an area counts as much as its heaviest neighbour
            largest = np.asarray(weights.max(axis=1).toarray()).ravel()
            place = (np.arange(len(told)), told)
            weights = weights + sparse.csr_array((largest, place), shape=weights.shape)
        hidden = np.isin(status, [Status.SUPPRESSED, Status.MISSING])
        return cls(told, weights, hidden, star)

    def mean(self, column: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Return the weighted mean of a column over those around that are ``among`` it, shape (told,)."""
        return np.asarray(self.weights @ np.where(among, column, 0.0) / self._whole(among))

    def reach(self, distance: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Return the root of the sum of squared weighted distances, weights that add up to 1."""
        squares = self.weights.power(2) @ np.where(among, distance, 0.0) ** 2
        return np.asarray(np.sqrt(squares) / self._whole(among))

    def _whole(self, among: np.ndarray) -> np.ndarray:
        return np.asarray(self.weights @ among.astype(float))


def _hidden(around: _Around, judged: _Judged, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return whether hidden values around each labelled area could carry the mean there to the other side."""
    among = judged.valued | around.hidden
    least = np.where(around.hidden, np.where(np.isnan(lower), -np.inf, lower), judged.x)
    most = np.where(around.hidden, np.where(np.isnan(upper), np.inf, upper), judged.x)
    some = around.weights @ around.hidden.astype(float) > 0
    reaches = judged.reaches(around.mean(least, among), around.mean(most, among), high=judged.others_high)
    return np.asarray(some & reaches)


def _noisy(around: _Around, judged: _Judged, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Return whether an interval of the area's own value, or of the mean around it, reaches the mean."""
    sure = ~judged.valued | np.isnan(lower) | np.isnan(upper)
    below, above = (np.where(sure, 0.0, width) for width in (judged.x - lower, upper - judged.x))
    centre = around.mean(judged.x, judged.valued)
    least = centre - around.reach(below, judged.valued)
    most = centre + around.reach(above, judged.valued)
    shaky = around.weights @ (~sure).astype(float) > 0
    noisy = shaky & judged.reaches(least, most, high=judged.others_high)
    if around.star:
        return np.asarray(noisy)
    own = judged.reaches(lower[around.told], upper[around.told], high=judged.own_high)
    return np.asarray(noisy | (own & ~sure[around.told]))
