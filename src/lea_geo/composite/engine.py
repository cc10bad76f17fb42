"""The steps of an index in their order, on plain arrays: compiled once, run thousands of times.

An engine holds nothing that a run changes, so that any number of threads can use one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.composite import check_same_nodes
from lea_geo.composite import treat
from lea_geo.composite.aggregate import aggregate
from lea_geo.composite.fitting import AS_IS, check_pairs
from lea_geo.composite.normalise import learn
from lea_geo.composite.weighting import weigh
from lea_geo.composite.weighting import weights as weights_of
from lea_geo.composite_spec import Aggregate, Normalise, Weighting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from lea_geo.composite.scales import Scale
    from lea_geo.composite.treat import Treatment
    from lea_geo.composite.tree import Tree
    from lea_geo.composite_spec import CompositeSpec

STEADY = ("equal", "stated", "consultation")
"""Weights that do not come of the values: found once, not in every run."""
ALONE = ("arithmetic", "median", "minimum", "maximum")
"""Ways of aggregation that leave a lone member's score as it is."""
PLAIN = ("equal", "stated")
"""Weights of which there is nothing to say."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What a run gives; columns are the tree's nodes."""

    raw: np.ndarray
    """Of indicators the transformed and treated values, of groups the scores; shape (n, nodes)."""
    put: np.ndarray
    """What counts in the parent: scaled where the node's level says so. Of the index and of ledgers, the
    score that is published."""
    weights: np.ndarray
    """What each node counts among its parent's members, as a rule adding up to 1; shape (nodes,)."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """What an index has taken from its values: with it, another year is put on the same scales."""

    codes: tuple[str, ...]
    """The nodes that it belongs to."""
    treatment: Treatment | None
    """Of outliers; None where nothing was to be done."""
    scales: Mapping[str, Scale]
    """Of indicators by the first that a scale is for, of groups by their code."""
    results: Mapping[str, Scale]
    """The scales that groups' scores are published on."""
    weights: np.ndarray
    """What each node counts among its parent's members; shape (nodes,)."""


@dataclass(frozen=True, eq=False)
class _Batch:
    """Indicators that are scaled in one way, all at once."""

    code: str
    how: Normalise
    columns: np.ndarray
    flip: np.ndarray


@dataclass(frozen=True, eq=False)
class _Group:
    """A node that is made of others."""

    node: int
    code: str
    members: np.ndarray
    codes: tuple[str, ...]
    weighting: Weighting
    aggregate: Aggregate
    normalise: Normalise | None
    result: Normalise | None
    high: str
    stated: np.ndarray
    steady: np.ndarray | None
    unit: float
    """What the weights add up to where a sum is taken: each member counts 1, or as stated."""


@dataclass(frozen=True, eq=False)
class Engine:
    """An index, ready to run."""

    spec: CompositeSpec
    tree: Tree
    population: np.ndarray | None
    tables: Mapping[str, pd.DataFrame]
    held: Learnt | None
    """Scales and weights to use as they are; None: each run learns its own."""
    _batches: tuple[_Batch, ...] = field(repr=False)
    _groups: tuple[_Group, ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        spec: CompositeSpec,
        tree: Tree,
        *,
        population: np.ndarray | None = None,
        tables: Mapping[str, pd.DataFrame] | None = None,
        held: Learnt | None = None,
    ) -> Engine:
        """Compile an index.

        Parameters
        ----------
        spec, tree
            The index and its hierarchy.
        population
            The areas' population, shape (n,), where a method asks for it.
        tables
            The answers to public consultations, by the names that ``Weighting.table`` has for them.
        held
            What an earlier year has taught; left out, each run learns its own scales and weights.

        Raises
        ------
        SpecError
            A way of aggregation cannot take the scale of its members, or ``held`` is of another index.
        """
        if held is not None:
            check_same_nodes("scales", held.codes, tree.codes)
        check_pairs(tree)
        known = tables or {}
        groups = tuple(_group(tree, node, known) for node in tree.groups)
        return cls(spec, tree, population, known, held, _batched(tree), groups)

    def learnt(self, x: np.ndarray) -> Engine:
        """Return the same engine with the scales and weights that ``x`` teaches, whatever it runs on then.

        Parameters
        ----------
        x
            As for :meth:`scores`.
        """
        return replace(self, held=self.learn(x))

    def learn(self, x: np.ndarray) -> Learnt:
        """Return the scales and weights that ``x`` teaches.

        Raises
        ------
        ValuesError
            Members run against the component or factor that was to weight them. :meth:`scores` lets them
            count 0 instead, so that noise in one of many runs does not end them all.
        """
        return self._run(x, None, strict=True)[1]

    @property
    def undefined(self) -> tuple[str, ...]:
        """Indicators and groups of whose values no scale could be made, such as where all are equal."""
        scales = self.held.scales if self.held else {}
        of_indicators = (
            self.tree.codes[column]
            for batch in self._batches
            if batch.code in scales
            for column in batch.columns[scales[batch.code].undefined]
        )
        of_groups = (group.code for group in self._groups if _is_undefined(scales.get(group.code)))
        return (*of_indicators, *of_groups)

    def scores(self, x: np.ndarray, *, factors: np.ndarray | None = None) -> Scores:
        """Transform, treat, scale, weigh and aggregate, from below.

        Parameters
        ----------
        x
            Values in the indicators' own units after imputation, shape (n, indicators); NaN for none.
        factors
            What each node's weight is multiplied by, shape (nodes,); 0 leaves the node out. A group all of
            whose members are left out is so too.
        """
        return self._run(x, factors)[0]

    def results(self, scores: Scores) -> tuple[np.ndarray, dict[str, Scale]]:
        """Return all nodes' scores as they are published, shape (n, nodes), and the scales that do it."""
        found, scales = scores.raw.copy(), {}
        for group in self._groups:
            if group.result is not None:
                kept = self.held.results.get(group.code) if self.held else None
                column = scores.raw[:, [group.node]]
                scales[group.code] = kept or self._learn(column, group.result)
                found[:, group.node] = scales[group.code].apply(column)[:, 0]
            elif group.node in self.tree.roots:
                found[:, group.node] = scores.put[:, group.node]
        return found, scales

    def explained(self, scores: Scores) -> dict[str, str]:
        """Return what there is to say of weights that values or answers gave, by the code of the group."""
        return {
            group.code: weigh(
                scores.put[:, group.members],
                group.weighting,
                stated=group.stated,
                codes=group.codes,
                table=self.tables.get(group.weighting.table),
            ).note
            for group in self._groups
            if group.weighting.method not in PLAIN and len(group.members) > 1
        }

    def _run(
        self, x: np.ndarray, factors: np.ndarray | None, *, strict: bool = False
    ) -> tuple[Scores, Learnt]:
        values, treatment = self._treated(x)
        shape = (len(x), len(self.tree.nodes))
        raw, put = np.empty(shape, order="F"), np.empty(shape, order="F")
        raw[:, : self.tree.n_indicators] = values
        scales: dict[str, Scale] = {}
        for batch in self._batches:
            scale = self._scale(batch.code, values[:, batch.columns], batch.how, batch.flip)
            put[:, batch.columns] = scale.apply(values[:, batch.columns])
            scales[batch.code] = scale
        base, used = np.ones(shape[1]), np.ones(shape[1])
        alive = _alive(self.tree, factors)
        for group in self._groups:
            base[group.members] = self._weights(group, put, alive, strict=strict)
            used[group.members] = _multiplied(base[group.members], group.members, factors, alive)
            raw[:, group.node] = self._aggregated(group, put, used, alive)
            put[:, group.node] = raw[:, group.node]
            if group.normalise is not None:
                column = raw[:, [group.node]]
                scale = self._scale(group.code, column, group.normalise, _STRAIGHT)
                put[:, group.node] = scale.apply(column)[:, 0]
                scales[group.code] = scale
        results = self.held.results if self.held else {}
        return Scores(raw, put, used), Learnt(self.tree.codes, treatment, scales, results, base)

    def _treated(self, x: np.ndarray) -> tuple[np.ndarray, Treatment | None]:
        values = transformed(x, self.tree)
        if self.held is not None:
            return (self.held.treatment.apply(values) if self.held.treatment else values), self.held.treatment
        if self.spec.treat.method == "none":
            return values, None
        treatment = treat.learn(values, self.spec.treat)
        return treatment.apply(values), treatment

    def _scale(self, code: str, x: np.ndarray, how: Normalise, flip: np.ndarray) -> Scale:
        return self.held.scales[code] if self.held else self._learn(x, how, flip)

    def _learn(self, x: np.ndarray, how: Normalise, flip: np.ndarray | None = None) -> Scale:
        flip = _STRAIGHT if flip is None else flip
        return learn(x, how, flip=flip, population=self.population)

    def _weights(
        self, group: _Group, put: np.ndarray, alive: np.ndarray | None, *, strict: bool
    ) -> np.ndarray:
        if self.held is not None:
            return np.asarray(self.held.weights[group.members])
        if group.steady is not None:
            return group.steady
        there = np.ones(len(group.members), dtype=bool)
        if alive is not None:  # a group that is left out has no scores to learn from, an indicator has
            there = alive[group.members] | (group.members < self.tree.n_indicators)
        weights = np.zeros(len(there))
        if there.any():
            codes = tuple(np.array(group.codes)[there])
            x, stated = put[:, group.members[there]], group.stated[there]
            weights[there] = weights_of(x, group.weighting, stated=stated, codes=codes, strict=strict)
        return weights

    def _aggregated(
        self, group: _Group, put: np.ndarray, used: np.ndarray, alive: np.ndarray | None
    ) -> np.ndarray:
        members = group.members if alive is None else group.members[alive[group.members]]
        if not len(members):
            return np.full(len(put), np.nan)
        if len(members) == 1 and group.aggregate.method in ALONE:
            return np.asarray(put[:, members[0]])
        return aggregate(
            put[:, members],
            used[members] * group.unit if group.aggregate.method == "sum" else used[members],
            group.aggregate,
            available=self.spec.available,
            high=group.high,
        )


_STRAIGHT = np.array([False])


def _is_undefined(scale: Scale | None) -> bool:
    return scale is not None and bool(scale.undefined.any())


def transformed(x: np.ndarray, tree: Tree) -> np.ndarray:
    """Return values (n, indicators) of which the indicators' transformations were taken."""
    values = x
    for column, node in enumerate(tree.indicators):
        if node.transform:
            values = values.copy() if values is x else values
            values[:, column] = treat.transform(x[:, column], node.transform, top=node.whole)
    return values


def _batched(tree: Tree) -> tuple[_Batch, ...]:
    together: dict[Normalise, list[int]] = {}
    for column, node in enumerate(tree.indicators):
        if node.normalise is not None:
            together.setdefault(node.normalise, []).append(column)
    return tuple(
        _Batch(
            tree.codes[columns[0]],
            how,
            np.array(columns),
            np.array([tree.nodes[column].flip for column in columns]),
        )
        for how, columns in together.items()
    )


def _group(tree: Tree, node: int, tables: Mapping[str, pd.DataFrame]) -> _Group:
    said, members = tree.nodes[node], tree.members(node)
    weighting, combined = said.weighting or Weighting(), said.aggregate or Aggregate()
    codes = tuple(tree.codes[i] for i in members)
    stated = np.array([1.0 if (w := tree.nodes[i].weight) is None else w for i in members])
    steady = None
    if weighting.method in STEADY:
        table = tables.get(weighting.table)
        steady = weights_of(np.empty((0, len(members))), weighting, stated=stated, codes=codes, table=table)
    plain = said.normalise is None or said.normalise == AS_IS
    return _Group(
        node=node,
        code=said.code,
        members=members,
        codes=codes,
        weighting=weighting,
        aggregate=combined,
        unit=float(stated.sum()) if weighting.method == "stated" else float(len(members)),
        normalise=None if plain else said.normalise,
        result=said.result,
        high=said.high,
        stated=stated,
        steady=steady,
    )


def _alive(tree: Tree, factors: np.ndarray | None) -> np.ndarray | None:
    """Return which nodes are not left out: a group is while any of its members is not."""
    if factors is None or (factors > 0).all():
        return None
    alive = factors > 0
    for node in tree.groups:
        alive[node] &= alive[tree.members(node)].any()
    return alive


def _multiplied(
    base: np.ndarray,
    members: Sequence[int] | np.ndarray,
    factors: np.ndarray | None,
    alive: np.ndarray | None,
) -> np.ndarray:
    """Return weights multiplied by their factors, adding up to what they did."""
    if factors is None:
        return base
    weights = base * factors[members]
    if alive is not None:
        weights = np.where(alive[members], weights, 0.0)
    total = weights.sum()
    return weights if total == 0 else np.asarray(weights * (base.sum() / total))
