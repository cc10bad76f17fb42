"""What a unit of one member buys of another: marginal effects of members on their group and on the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.composite.aggregate import aggregate
from lea_geo.composite.score_type import type_of

if TYPE_CHECKING:
    from lea_geo.composite.engine import Engine, Scores
    from lea_geo.composite.tree import Member
    from lea_geo.composite_spec import Aggregate

BY_COMPARISON = ("copeland", "benefit_of_the_doubt")
"""Methods whose score of an area depends on other areas, so that no unit of a member has a price."""
_STEP = 1e-4
"""Of a member's standard deviation: half of what a slope is measured over."""


def marginal_effects(
    x: np.ndarray, weights: np.ndarray, how: Aggregate, *, available: float, high: str
) -> np.ndarray:
    """Return by how much a group's score rises with a unit of each member, in every area.

    Central differences of :func:`lea_geo.composite.aggregate.aggregate`.

    Parameters
    ----------
    x
        Members (n, k) as they enter; NaN where an area has none.
    weights
        (k,).
    how, available, high
        As for ``aggregate``.

    Returns
    -------
    numpy.ndarray
        (n, k); NaN where the area has no score or not the member, and for ``BY_COMPARISON`` everywhere.
    """
    effects = np.full(x.shape, np.nan)
    if how.method in BY_COMPARISON or not len(x):
        return effects
    steps = _step(x)
    for member in np.flatnonzero(weights > 0):
        column, step = x[:, member], steps[member]
        ends = []
        for move in (-step, step):
            moved = x.copy()
            # A score at its least cannot go lower: there the slope is that of the way up.
            moved[:, member] = np.maximum(column + move, np.minimum(column, 0.0))
            ends.append((moved[:, member], aggregate(moved, weights, how, available=available, high=high)))
        (low, before), (top, after) = ends
        effects[:, member] = (after - before) / (top - low)
    effects[:, weights <= 0] = np.where(np.isnan(x[:, weights <= 0]), np.nan, 0.0)
    return effects


def effects_on_index(engine: Engine, scores: Scores) -> np.ndarray:
    """Return by how much the index rises with a unit of each node's score, (n, nodes).

    A node's own effect on its parent, times what the parent's scale makes of a unit, times the parent's
    effect. NaN where a scale of ranks lies between, which has no slope.
    """
    tree = engine.tree
    effects = np.full(scores.put.shape, np.nan)
    for root in tree.roots:
        effects[:, root] = 1.0
    for node in reversed(tree.groups):
        said, members = tree.nodes[node], tree.members(node)
        if said.aggregate is None:
            continue
        own = marginal_effects(
            scores.put[:, members],
            scores.weights[members],
            said.aggregate,
            available=engine.spec.available,
            high=said.high,
        )
        effects[:, members] = own * (_slope(engine, scores, node) * effects[:, node])[:, None]
    return effects


def _slope(engine: Engine, scores: Scores, node: int) -> np.ndarray:
    """Return what the scale of a group's score makes of a unit of it, in every area."""
    said = engine.tree.nodes[node]
    raw = scores.raw[:, [node]]
    if said.normalise is None or said.normalise.method == "none" or engine.held is None:
        return np.ones(len(raw))
    if type_of(said.normalise).kind == "ordinal":
        return np.full(len(raw), np.nan)
    step = _step(raw)
    scale = engine.held.scales[said.code]
    return np.asarray((scale.apply(raw + step) - scale.apply(raw - step))[:, 0] / (2 * step[0]))


def units_to_scores(engine: Engine, x: np.ndarray) -> np.ndarray:
    """Return by how much each indicator's score rises with one of its own units, (n, indicators).

    Transformation, treatment and scale, as the engine has learnt them, at each area's value. NaN where the
    scale is one of ranks or categories.
    """
    columns = engine.tree.indicators
    ends = [_around(*one) for one in zip(x.T, _step(x), columns, strict=True)]
    low, top = (np.column_stack(end) for end in zip(*ends, strict=True))
    slope = (engine.scores(top).put - engine.scores(low).put)[:, : len(columns)] / (top - low)
    for column, node in enumerate(columns):
        if node.normalise is not None and type_of(node.normalise).kind == "ordinal":
            slope[:, column] = np.nan
    return np.asarray(slope)


def _around(x: np.ndarray, step: float, node: Member) -> tuple[np.ndarray, np.ndarray]:
    """Return values a step below and above, but never outside what a transformation is defined for."""
    if node.transform == "sqrt":
        return np.maximum(x - step, 0.0), x + step
    room = {"log": x, "log1p": x + 1, "logit": np.minimum(x, node.whole - x)}.get(node.transform)
    reach = np.full(len(x), step) if room is None else np.minimum(step, room / 2)
    return x - reach, x + reach


def _step(x: np.ndarray) -> np.ndarray:
    """Return a small share of each column's deviation."""
    there = ~np.isnan(x)
    count = np.maximum(there.sum(axis=0), 1)
    away = np.where(there, x - np.where(there, x, 0.0).sum(axis=0) / count, 0.0)
    spread = np.sqrt((away**2).sum(axis=0) / count)
    return np.where(spread > 0, _STEP * spread, _STEP)
