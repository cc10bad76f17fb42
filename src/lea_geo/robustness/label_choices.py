"""Other ways to look at one region: other links, larger areas, other borders, other methods."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo._checks.label_robustness import (
    LEAST_DRAWS,
    check_draws,
    check_membership,
    check_valued,
)
from lea_geo._checks.robustness import check_counts_of
from lea_geo.robustness.label_runs import Draw, Fixed, Labeller, Setting
from lea_geo.robustness.noise import Noise, noise_model
from lea_geo.robustness.observed import EXACT, Observed
from lea_geo.spatial.graph import as_graph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

SPATIAL = "spatial"
STATED = "as stated"
"""What the stated choices are called in tables."""
LEAST_VALUED = 4
"""A statistic needs as many areas with a value."""


@dataclass(frozen=True)
class Division:
    """Another division of the same region: larger areas, or other borders.

    An area takes the labels of the zones that it lies in, by the shares of it that do. Without ``values``, a
    zone's value is the mean of its areas', weighted by share and size.
    """

    graph: AreaGraph | Graph
    """Who of the zones is whose neighbour; its ids are those of the zones."""
    membership: pd.DataFrame
    """A row for an area and a zone: ``area_id``, ``zone`` and, if an area lies in several, the ``share`` of
    it in each (1 where left out). ``size`` is what an area counts by in a zone's mean; left out, its
    denominator where there are counts, and 1 where not."""
    values: pd.Series | None = None
    """The zones' own values, indexed by zone; NaN for none."""
    counts: pd.DataFrame | None = None
    """What those are made of: ``numerator denominator``; left out, they are taken to be without noise."""
    draws: pd.DataFrame | None = field(default=None, repr=False)
    """For a composite, draws of the zones' values, a row for each run; in place of ``counts``."""


@dataclass(frozen=True, eq=False)
class Region:
    """The areas asked about, in the order of their graph."""

    graph: AreaGraph
    x: np.ndarray
    """Values, NaN where there is none, shape (n,)."""
    state: np.ndarray
    """Places in ``schema.Status``, shape (n,)."""
    people: np.ndarray | None
    """Denominators, where there are counts."""
    source: Draw
    """Draws of the values of the areas that have one."""
    runs: Sequence[int]
    """Which runs of it there are with all choices as stated; one alone where all would be the same."""

    @property
    def known(self) -> np.ndarray:
        """Which areas have a value, shape (n,)."""
        return np.asarray(~np.isnan(self.x))

    def labeller(self, like: Labeller, graph: AreaGraph) -> Labeller:
        """Return who labels the areas with a value by their links in some graph of all areas."""
        return like if graph is like.graph else replace(like, graph=graph.take(np.flatnonzero(self.known)))

    @property
    def carry(self) -> sparse.csr_array:
        """The areas with a value among all areas."""
        places = np.flatnonzero(self.known)
        shape = (len(self.x), len(places))
        return sparse.csr_array((np.ones(len(places)), (places, np.arange(len(places)))), shape=shape)


@dataclass(frozen=True, eq=False)
class Noisy:
    """Rates that may be true, given their counts."""

    model: Noise
    observed: np.ndarray
    """The rates, and what they are judged by, in columns."""
    seed: int
    stream: int

    def draw(self, run: int) -> np.ndarray:
        """Return the rates of a run."""
        x = self.observed.copy()
        self.model.draw(generator(self.seed, self.stream, run), x)
        return x[:, 0]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Values drawn elsewhere."""

    draws: np.ndarray
    """Shape (runs, n)."""

    def draw(self, run: int) -> np.ndarray:
        """Return a row."""
        return np.asarray(self.draws[run])


@dataclass(frozen=True, eq=False)
class Ordered:
    """The draws of some areas, in another order."""

    draws: Draw
    places: np.ndarray

    def draw(self, run: int) -> np.ndarray:
        """Return the values of a run."""
        return np.asarray(self.draws.draw(run)[self.places])


@dataclass(frozen=True, eq=False)
class Aggregated:
    """Means of the areas that make up a zone."""

    areas: Draw
    weights: sparse.csr_array
    """Shape (zones, areas); each row adds up to 1."""

    def draw(self, run: int) -> np.ndarray:
        """Return the zones' values in a run."""
        return np.asarray(self.weights @ self.areas.draw(run))


def generator(seed: int, stream: int, run: int) -> np.random.Generator:
    """Return the random numbers of one run, whoever asks and in whatever order."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, (stream << 48) + run], dtype=np.uint64)))


def noisy(x: np.ndarray, events: np.ndarray, people: np.ndarray, graph: AreaGraph, rates: Rates) -> Draw:
    """Return draws of the true rates of areas with a value, whose links are ``graph``."""
    columns, model = [x], rates.model
    if model == SPATIAL:
        columns, model = [x, *around(events, people, graph)], "joint"
    value = np.column_stack(columns)
    nothing = np.full_like(value, np.nan)
    counts = nothing.copy(), nothing.copy()
    counts[0][:, 0], counts[1][:, 0] = events, people
    kinds, scale = (rates.kind,) + (EXACT,) * (len(columns) - 1), np.full(len(columns), rates.scale)
    observed = Observed(value, *counts, nothing, nothing, nothing, kinds, scale)
    found = noise_model(observed, model)
    return Fixed(x) if found is None else Noisy(found, value, rates.seed, rates.stream)


def around(events: np.ndarray, people: np.ndarray, graph: AreaGraph) -> list[np.ndarray]:
    """Return the pooled rates of the neighbours and of their neighbours, each of shape (n,).

    NaN where there are none. The area itself is no neighbour of its neighbours here.
    """
    links = sparse.csr_array((np.ones(graph.n_links), graph.indices, graph.indptr), shape=(graph.n, graph.n))
    both = links @ links
    further = sparse.csr_array(both - sparse.diags_array(both.diagonal()))
    further.data[:] = further.data > 0
    found = []
    for near in (links, further):
        whole = near @ people
        found.append(np.divide(near @ events, whole, out=np.full(graph.n, np.nan), where=whole > 0))
    return found


def graph_settings(region: Region, stated: Setting, graphs: Mapping[str, AreaGraph | Graph]) -> list[Setting]:
    """Return the same values on other graphs of the same areas."""
    found = []
    for name, graph in graphs.items():
        labeller = region.labeller(stated.labeller, as_graph(graph, ids=region.graph.ids))
        found.append(replace(stated, word="graph", name=name, labeller=labeller))
    return found


def method_settings(stated: Setting, choices: pd.DataFrame) -> tuple[list[Setting], list[str]]:
    """Return the runs of each other choice of method, whatever else they chose, and notes on rare ones."""
    found, notes = [], []
    for step in choices.columns:
        for choice in sorted(set(choices[step]) - {""}):
            runs = np.flatnonzero(choices[step] == choice).tolist()
            if len(runs) < LEAST_DRAWS:
                notes.append(f"{step} {choice}: only {len(runs)} runs, too few to judge by.")
            else:
                found.append(replace(stated, word="method", name=f"{step} {choice}", runs=runs))
    return found, notes


def division_setting(
    region: Region, like: Labeller, word: str, name: str, division: Division, rates: Rates
) -> Setting | None:
    """Return the labels of another division of the region; nothing where too few zones have a value."""
    what = f"{word} {name!r}"
    graph = as_graph(division.graph)
    area, zone, share, size = check_membership(what, division.membership, region.graph.ids, graph.ids)
    shape = (region.graph.n, graph.n)
    if division.values is None:
        if size is None:
            size = np.ones(len(area)) if region.people is None else np.nan_to_num(region.people[area])
        weights = sparse.csr_array((share * size, (area, zone)), shape=shape)
        known, values = _aggregated(region, weights)
    else:
        known, values = _own_values(graph, division, rates)
    runs = region.runs if division.values is None else rates.runs_of(values)
    held = np.flatnonzero(known)
    if len(held) < LEAST_VALUED:
        return None
    carry = sparse.csr_array((share, (area, zone)), shape=shape)[:, held]
    # What is labelled once costs little by the law of the labels stated.
    labeller = replace(like, graph=graph.take(held), fast=like.fast and not isinstance(values, Fixed))
    return Setting(word, name, labeller, values, runs, sparse.csr_array(carry))


def _aggregated(region: Region, weights: sparse.csr_array) -> tuple[np.ndarray, Draw]:
    inside = sparse.csr_array(weights[np.flatnonzero(region.known)].T)
    total = np.asarray(inside.sum(axis=1)).ravel()
    known = total > 0
    rows = sparse.diags_array(1.0 / total[known]) @ inside[np.flatnonzero(known)]
    return known, Aggregated(region.source, sparse.csr_array(rows))


@dataclass(frozen=True)
class Rates:
    """What values are made of, and how what may be true is drawn."""

    kind: str
    scale: float
    model: str
    seed: int
    stream: int
    runs: Sequence[int]

    def runs_of(self, values: Draw) -> Sequence[int]:
        """Return which runs of some values to make."""
        if isinstance(values, Fixed):
            return [0]
        return range(len(values.draws)) if isinstance(values, Drawn) else self.runs


def _own_values(graph: AreaGraph, division: Division, rates: Rates) -> tuple[np.ndarray, Draw]:
    """Return which zones have a value of their own, and draws of those values."""
    x, _ = check_valued(division.values, None, graph.ids)
    known = ~np.isnan(x)
    if division.draws is not None:
        return known, Drawn(check_draws(division.draws, graph.ids, known=known))
    if division.counts is None:
        return known, Fixed(x[known])
    proportion = rates.kind == "proportion"
    counts = check_counts_of(division.counts, x, graph.ids, scale=rates.scale, proportion=proportion)
    events, people = (part[known] for part in counts)
    return known, noisy(x[known], events, people, graph.take(np.flatnonzero(known)), rates)
