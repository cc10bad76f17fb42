"""Values and a graph, brought together by id: what every statistic computes on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
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
from lea_geo.spatial.graph import AreaGraph, as_graph
from lea_geo.spatial.ordering import copies_of
from lea_geo.spatial.rows import added_rows, added_weights, counted_rows, largest_in_rows
from lea_geo.spatial.sums import exact_sum

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.links import FloatArray, IntArray, LongArray

TRANSFORMS = ("row", "binary", "original")
DIVISORS = ("n", "n-1")
FLAT = 1e-12
"""A spread below this share of the largest value is rounding, not variation."""
TIED = 1e-14
"""Values that differ by less than this share of the largest are tied."""
MOST_KEPT = 10**6
"""A graph remembers the last values that it met, up to so many numbers of up to ``SERIES_KEPT`` indicators:
several statistics of one indicator then share what they have in common, above all its law."""
SERIES_KEPT = 64
_MEMORY = "_remembered_samples"
HUGE = 1e150
"""Squares of larger values, or of ones smaller than its inverse, do not fit into a float."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The areas that have a value, in the order of the graph, and the links among them.

    Nothing that is computed from a sample depends on that order: whatever is added up is added up exactly
    (:mod:`lea_geo.spatial.sums`), and whatever is drawn at random is drawn by rank.
    """

    index: pd.Index
    """Every area, in the order of the values."""
    status: pd.api.extensions.ExtensionArray
    """The status of every area, in that order."""
    positions: np.ndarray | None
    """Where each area of the sample is in ``index``, shape (n,); None where both are the same."""
    x: np.ndarray
    """The values, shape (n,)."""
    ranked: np.ndarray
    """The values in rising order, shape (n,)."""
    graph: AreaGraph
    """The links among the areas of the sample, with their original weights."""
    neighbors: np.ndarray
    """How many neighbours with a value every area has, in the order of the values."""
    hidden: np.ndarray
    """How many neighbours without one every area has, in that order."""
    transform: str
    reason: str = ""
    """Why no statistic is defined; empty when one is."""

    @property
    def n(self) -> int:
        """Number of areas with a value."""
        return len(self.x)

    @property
    def ids(self) -> pd.Index[str]:
        """The areas of the sample."""
        return self.graph.ids

    @property
    def indptr(self) -> LongArray:
        """Where each row of links begins and ends, shape (n + 1,)."""
        return self.graph.indptr

    @property
    def indices(self) -> IntArray:
        """Positions of the neighbours, rising within each row, shape (n_links,)."""
        return self.graph.indices

    @cached_property
    def counts(self) -> np.ndarray:
        """Number of neighbours that have a value, shape (n,)."""
        return np.diff(self.indptr)

    @property
    def equal_weights(self) -> bool:
        """Whether the weights are equal within every row."""
        return self.transform == "binary" or self.graph.equal_weights

    @cached_property
    def row_weight(self) -> FloatArray:
        """The weight of each link of a row, where they are equal; shape (n,), 0 for isolates."""
        linked = self.counts > 0
        if self.transform == "row":
            return np.where(linked, 1.0 / np.maximum(self.counts, 1), 0.0)
        if self.transform == "binary" or self.graph.n_links == 0:
            return linked.astype(float)
        first = np.minimum(self.indptr[:-1], self.graph.n_links - 1)
        return np.where(linked, self.graph.weights[first], 0.0)

    @cached_property
    def link_weights(self) -> FloatArray:
        """The weight of each link as transformed, shape (n_links,)."""
        return self.graph.transform(self.transform).weights

    @cached_property
    def weights(self) -> sparse.csr_array:
        """The transformed weights as a matrix of shape (n, n), its diagonal empty."""
        return sparse.csr_array((self.link_weights, self.indices, self.indptr), shape=(self.n, self.n))

    @cached_property
    def row_sums(self) -> FloatArray:
        """Sum of each row's weights, shape (n,)."""
        if self.transform == "row":
            return (self.counts > 0).astype(float)
        if self.equal_weights:
            return self.counts * self.row_weight
        return added_weights(self.indptr, self.link_weights)

    @cached_property
    def row_squares(self) -> FloatArray:
        """Sum of each row's squared weights, shape (n,)."""
        if self.equal_weights:
            return self.counts * np.square(self.row_weight)
        return added_weights(self.indptr, np.square(self.link_weights))

    @cached_property
    def largest(self) -> FloatArray:
        """The largest weight of each row, 0 for isolates; shape (n,)."""
        return self.row_weight if self.equal_weights else largest_in_rows(self.indptr, self.link_weights)

    @cached_property
    def mean(self) -> float:
        """Mean of the values."""
        return exact_sum(self.x) / self.n

    @cached_property
    def deviations(self) -> FloatArray:
        """``x`` less its mean, exactly 0 where only rounding is left; shape (n,)."""
        z = np.asarray(self.x - self.mean)
        z[np.abs(z) <= 1e-14 * max(abs(self.ranked[0]), abs(self.ranked[-1]))] = 0.0
        return z

    @cached_property
    def squares(self) -> float:
        """Sum of the squared deviations."""
        return exact_sum(np.square(self.deviations))

    @cached_property
    def kurtosis(self) -> float:
        """``n sum z^4 / (sum z^2)^2`` of the deviations."""
        return exact_sum(self.fourth_powers) / self.n

    @property
    def fourth_powers(self) -> FloatArray:
        """Fourth powers of the standardised deviations, shape (n,)."""
        return np.asarray((self.deviations / np.sqrt(self.variance("n"))) ** 4)

    @cached_property
    def tied(self) -> bool:
        """Whether some areas have the same value."""
        return bool((np.diff(self.ranked) == 0).any())

    @property
    def copies(self) -> LongArray:
        """How many areas have each area's value, itself counted; shape (n,)."""
        return copies_of(self.x, self.ranked)

    def smaller(self, positions: np.ndarray | slice) -> IntArray:
        """Return how many values are smaller than those at some positions of the sample."""
        return np.searchsorted(self.ranked, self.x[positions], side="left")

    def not_larger(self, positions: np.ndarray | slice) -> IntArray:
        """Return how many values are as large as those at some positions of the sample, or smaller."""
        return np.searchsorted(self.ranked, self.x[positions], side="right")

    def variance(self, divisor: str) -> float:
        """Return the variance of the values, divided by ``n`` or ``n-1``."""
        return self.squares / (self.n if divisor == "n" else self.n - 1)

    @cached_property
    def neighbour_sums(self) -> FloatArray:
        """Unweighted sum of each area's neighbours' values, shape (n,)."""
        return added_rows(self.indptr, self.indices, self.x)

    def lag(self, x: FloatArray) -> FloatArray:
        """Return the weighted sum over neighbours, shape (n,)."""
        if self.equal_weights:
            return self.row_weight * added_rows(self.indptr, self.indices, x)
        return added_rows(self.indptr, self.indices, x, self.link_weights)

    @cached_property
    def lagged_values(self) -> FloatArray:
        """Weighted sum of the neighbours' values, shape (n,)."""
        return self.lag(self.x)

    @cached_property
    def lagged_deviations(self) -> FloatArray:
        """Weighted sum of the neighbours' deviations from the mean, shape (n,)."""
        return self.lag(self.deviations)

    def spread(self, column: np.ndarray, missing: float = np.nan) -> np.ndarray:
        """Return ``column`` on every area in the order of the values, ``missing`` for those without one."""
        if self.positions is None:
            return column
        full = np.full(len(self.index), missing, dtype=column.dtype)
        full[self.positions] = column
        return full


def undefined_reason(ranked: np.ndarray) -> str:
    """Return why values, in rising order, have no spatial statistic, or nothing when they have one."""
    if len(ranked) == 0:
        return "No area has a value."
    width = float(ranked[-1] - ranked[0])
    largest = max(abs(float(ranked[0])), abs(float(ranked[-1])))
    if largest > HUGE:
        return f"A value as large as {largest:.3g} cannot be squared."
    if width <= FLAT * largest:
        return "All areas have the same value, so there is nothing to compare."
    if width < 1 / HUGE:
        return f"Values that differ by no more than {width:.3g} cannot be squared."
    return ""


def build_sample(
    values: object, graph: AreaGraph | Graph, *, transform: str, status: object = None
) -> Sample:
    """Align values, status and graph by id, and leave out areas without a value.

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
        if not values.index.equals(area_graph.ids):  # those are unique, and looking up all of them takes long
            note_ids(faults, name, values.index, area_graph.ids, "the graph")
    faults.raise_if_any(ValuesError, "The values and the graph do not hold the same areas.")
    index = named[0][1].index
    # Copies: what is remembered must not change with the values of the caller.
    numbers = [np.array(as_floats(faults, name, _ordered(values, index))) for name, values in named]
    if status is None and (kept := _kept(area_graph, index, numbers, transform)):
        return kept
    empty = np.asarray(np.isnan(numbers).any(axis=0))
    given = None if status is None else check_series("status", status)
    words, valid = known_status(faults, empty, given, index)
    note_few(faults, " and ".join(name for name, _ in named), valid)
    faults.raise_if_any(ValuesError, "No statistic can be made of these values.")
    positions, part, counts = restricted(area_graph, index, valid)
    samples = []
    for column in numbers:
        x, ranked = settle_ties(column if positions is None else column[positions])
        reason = undefined_reason(ranked)
        samples.append(Sample(index, words, positions, x, ranked, part, *counts, transform, reason))
    if status is None:
        _keep(area_graph, _Kept(index, numbers, samples))
    return samples


@dataclass(frozen=True, eq=False)
class _Kept:
    """Values that a graph met, and the samples that they made."""

    index: pd.Index
    numbers: list[np.ndarray]
    samples: list[Sample]

    def holds(self, index: pd.Index, numbers: list[np.ndarray], transform: str) -> bool:
        return (
            self.samples[0].transform == transform
            and len(self.numbers) == len(numbers)
            and self.index.equals(index)
            and all(np.array_equal(a, b, equal_nan=True) for a, b in zip(self.numbers, numbers, strict=True))
        )


def _kept(
    graph: AreaGraph, index: pd.Index, numbers: list[np.ndarray], transform: str
) -> list[Sample] | None:
    """Return the samples of the same values that this graph remembers."""
    remembered: list[_Kept] = graph.__dict__.get(_MEMORY, [])
    return next((kept.samples for kept in remembered if kept.holds(index, numbers, transform)), None)


def _keep(graph: AreaGraph, new: _Kept) -> None:
    """Let the graph remember some samples, and forget the oldest."""
    room = min(SERIES_KEPT, MOST_KEPT // max(1, len(new.index)))
    graph.__dict__[_MEMORY] = ([new, *graph.__dict__.get(_MEMORY, [])])[:room]


def _ordered(values: pd.Series, index: pd.Index) -> pd.Series:
    return values if values.index.equals(index) else values.reindex(index)


def restricted(
    graph: AreaGraph, index: pd.Index, valid: np.ndarray
) -> tuple[np.ndarray | None, AreaGraph, tuple[np.ndarray, np.ndarray]]:
    """Return where the areas with a value are in ``index``, the graph among them, and what it hides.

    The last are the numbers of neighbours with and without a value of every area, in the order of ``index``.
    """
    check_no_self_links(graph.self_linked, graph.ids)
    aligned = index.equals(graph.ids)
    links = np.diff(graph.indptr)
    if aligned and valid.all():
        return None, graph, (links, np.zeros_like(links))
    places = np.arange(graph.n) if aligned else index.get_indexer(graph.ids)
    known = counted_rows(graph.indptr, graph.indices, valid[places].astype(np.int8))
    counts = np.empty((2, graph.n), dtype=np.int64)
    counts[:, places] = known, links - known
    kept = np.flatnonzero(valid[places])
    part = graph if len(kept) == graph.n else graph.take(kept)
    return places[kept], part, (counts[0], counts[1])


def settle_ties(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values with those equal that differ only by rounding, as 0.3 and 0.1 + 0.2 do, and their order.

    Returns
    -------
    tuple of numpy.ndarray
        The values and the same in rising order, each of shape (n,).
    """
    ranked = np.sort(x)
    if len(x) == 0:
        return x, ranked
    gaps = np.diff(ranked)
    bound = TIED * max(abs(ranked[0]), abs(ranked[-1]))
    if not ((gaps > 0) & (gaps <= bound)).any():
        return x, ranked
    first = np.concatenate([[True], gaps > bound])
    settled = ranked[first][np.cumsum(first) - 1]
    return settled[np.searchsorted(ranked, x)], settled
