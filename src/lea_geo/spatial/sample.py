"""Values and a graph, brought together by id: what every statistic computes on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks import Faults, check_choice
from lea_geo._checks.values import (
    as_floats,
    check_no_self_links,
    check_series,
    known_status,
    note_few,
    note_ids,
)
from lea_geo.errors import ValuesError
from lea_geo.schema import WITH_VALUE
from lea_geo.spatial.graph import AreaGraph, as_graph

if TYPE_CHECKING:
    from libpysal.graph import Graph

TRANSFORMS = ("row", "binary", "original")
DIVISORS = ("n", "n-1")
FLAT = 1e-12
"""A spread below this share of the largest value is rounding, not variation."""
TIED = 1e-14
"""Values that differ by less than this share of the largest are tied."""
HUGE = 1e150
"""Squares of larger values, or of ones smaller than its inverse, do not fit into a float."""
EQUAL = 1e-12
"""Weights of a row that differ by less than this share are equal."""


@dataclass(frozen=True)
class Sample:
    """The areas that have a value, in the order of their ids, and the graph among them.

    The order of the ids, not of the rows, decides every sum and every random draw; so the same areas give the
    same numbers in whatever order they come.
    """

    index: pd.Index
    """Every area, in the order of the values."""
    status: np.ndarray
    """The status of every area, in that order."""
    positions: np.ndarray
    """Where each area of the sample is in ``index``; shape (n,)."""
    x: np.ndarray
    """The values, shape (n,)."""
    weights: sparse.csr_array
    """The transformed weights, shape (n, n), an empty diagonal, indices sorted."""
    transform: str
    reason: str = ""
    """Why no statistic is defined; empty when one is."""

    @property
    def n(self) -> int:
        """Number of areas with a value."""
        return len(self.x)

    @cached_property
    def counts(self) -> np.ndarray:
        """Number of neighbours that have a value, shape (n,)."""
        return np.diff(self.weights.indptr)

    @cached_property
    def row_sums(self) -> np.ndarray:
        """Sum of each row's weights, shape (n,)."""
        return np.asarray(self.weights.sum(axis=1)).ravel()

    @cached_property
    def row_squares(self) -> np.ndarray:
        """Sum of each row's squared weights, shape (n,)."""
        return np.asarray(self.weights.power(2).sum(axis=1)).ravel()

    @cached_property
    def largest(self) -> np.ndarray:
        """The largest weight of each row, 0 for isolates; shape (n,)."""
        return row_reduce(np.maximum, self.weights)

    @cached_property
    def equal_weights(self) -> bool:
        """Whether the weights are equal within every row."""
        smallest = row_reduce(np.minimum, self.weights)
        return bool((self.largest - smallest <= EQUAL * self.largest).all())

    @cached_property
    def neighbour_sums(self) -> np.ndarray:
        """Unweighted sum of each area's neighbours' values, shape (n,)."""
        pattern = self.weights.copy()
        pattern.data = np.ones_like(pattern.data)
        return np.asarray(pattern @ self.x)

    @cached_property
    def deviations(self) -> np.ndarray:
        """``x`` less its mean, exactly 0 where only rounding is left; shape (n,)."""
        z = np.asarray(self.x - self.x.mean())
        z[np.abs(z) <= 1e-14 * np.abs(self.x).max()] = 0.0
        return z

    def variance(self, divisor: str) -> float:
        """Return the variance of the values, divided by ``n`` or ``n-1``."""
        return float(np.square(self.deviations).sum()) / (self.n if divisor == "n" else self.n - 1)

    def lag(self, x: np.ndarray) -> np.ndarray:
        """Return the weighted sum over neighbours, shape (n,)."""
        return np.asarray(self.weights @ x)

    def spread(self, column: np.ndarray) -> np.ndarray:
        """Return ``column`` on every area in the order of the values, NaN for those without a value."""
        full = np.full(len(self.index), np.nan)
        full[self.positions] = column
        return full


def row_reduce(ufunc: np.ufunc, weights: sparse.csr_array) -> np.ndarray:
    """Return ``ufunc`` reduced over the weights of every row, 0 for empty rows."""
    out = np.zeros(weights.shape[0])
    filled = np.diff(weights.indptr) > 0
    if filled.any():
        out[filled] = ufunc.reduceat(weights.data, weights.indptr[:-1][filled])
    return out


def undefined_reason(x: np.ndarray) -> str:
    """Return why ``x`` has no spatial statistic, or nothing when it has one."""
    if len(x) == 0:
        return "No area has a value."
    largest = float(np.abs(x).max())
    if largest > HUGE:
        return f"A value as large as {largest:.3g} cannot be squared."
    if float(np.ptp(x)) <= FLAT * largest:
        return "All areas have the same value, so there is nothing to compare."
    if float(np.ptp(x)) < 1 / HUGE:
        return f"Values that differ by no more than {float(np.ptp(x)):.3g} cannot be squared."
    return ""


def build_sample(
    values: object, graph: AreaGraph | Graph, *, transform: str, status: object = None
) -> Sample:
    """Align values, status and graph by id, leave out areas without a value, and transform what remains.

    Raises
    ------
    UsageError
        If the values carry no ids or the transform is unknown.
    ValuesError
        If ids are missing, foreign or repeated, values are text or infinite, or too few areas have one.
    """
    return build_samples([("values", values)], graph, transform=transform, status=status)[0]


def build_samples(
    series: list[tuple[str, object]], graph: AreaGraph | Graph, *, transform: str, status: object = None
) -> list[Sample]:
    """Align several named values with one graph, on the areas where all of them have a value."""
    check_choice("transform", transform, TRANSFORMS)
    named = [(name, check_series(name, values)) for name, values in series]
    area_graph = as_graph(graph)
    faults = Faults()
    for name, values in named:
        note_ids(faults, name, values.index, pd.Index(area_graph.ids), "the graph")
    faults.raise_if_any(ValuesError, "The values and the graph do not hold the same areas.")
    index = named[0][1].index
    numbers = [as_floats(faults, name, values.reindex(index)) for name, values in named]
    empty = np.isnan(np.sum(numbers, axis=0))
    given = None if status is None else check_series("status", status)
    words = known_status(faults, np.where(empty, np.nan, 0.0), given, index)
    valid = ~empty & np.isin(words.astype(str), [s.value for s in WITH_VALUE])
    note_few(faults, " and ".join(name for name, _ in named), valid)
    faults.raise_if_any(ValuesError, "No statistic can be made of these values.")
    positions = np.flatnonzero(valid)[np.argsort(index[valid].to_numpy(dtype=object), kind="stable")]
    weights = graph_among(area_graph, index[positions], transform)
    return [
        Sample(index, words, positions, x, weights, transform, undefined_reason(x))
        for x in (settle_ties(column[positions]) for column in numbers)
    ]


def settle_ties(x: np.ndarray) -> np.ndarray:
    """Return values with those equal that differ only by rounding, as 0.3 and 0.1 + 0.2 do."""
    if len(x) == 0:
        return x
    distinct, place = np.unique(x, return_inverse=True)
    apart = np.diff(distinct) > TIED * np.abs(x).max()
    group = np.concatenate([[0], np.cumsum(apart)])
    first = np.concatenate([[True], apart])
    return np.asarray(distinct[first][group][place])


def graph_among(graph: AreaGraph, ids: pd.Index, transform: str) -> sparse.csr_array:
    """Return the transformed weights among ``ids``, rows and columns in their order."""
    if len(ids) == 0:
        return sparse.csr_array((0, 0))
    matrix = sparse.csr_array(graph.subset(ids).transform(transform).sparse())
    check_no_self_links(matrix.diagonal() != 0, ids)
    matrix.sort_indices()
    return matrix
