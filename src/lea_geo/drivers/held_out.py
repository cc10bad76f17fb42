"""What drivers are worth in places that a model has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.drivers import (
    check_buffer,
    check_folds,
    check_groups,
    check_left_to_learn,
    check_places,
)
from lea_geo.drivers.aligned import aligned
from lea_geo.drivers.association import ECOLOGICAL
from lea_geo.drivers.folds import fewest_learnt, group_folds, place_folds, random_folds
from lea_geo.drivers.learners import Tested, grid_of, try_boosted, try_linear

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.drivers.aligned import Aligned
    from lea_geo.spatial.graph import AreaGraph

LEAST_AREAS = 20
DRAWS = 2000
"""Resamples of folds behind each interval."""
NO_SKILL = "The model foretells unseen places no better than their mean: it has no importances to show."


@dataclass(frozen=True)
class HeldOut:
    """How well drivers foretell an outcome in places that the model has not seen, and which of them do."""

    skill: pd.DataFrame
    """A row for a model and a kind of folds: ``model`` (``boosted``, ``linear``), ``held_out`` (``places``,
    ``random``), ``r_squared lower upper``. 1 is perfect, 0 no better than the mean of all areas, below 0
    worse. The gap between random folds and places is optimism: random folds test next door."""
    importance: pd.DataFrame
    """Indexed by group of drivers that go together (their names with `` + `` between them), most important
    first: ``importance lower upper``, how much R² in held-out places falls when the group's values are those
    of other areas. Empty where there is no skill."""
    partial: pd.DataFrame
    """``driver value effect lower upper``: how far the mean prediction in held-out places lies from its
    average when the driver is set to a value, in the unit of the outcome. Empty where there is no skill."""
    groups: tuple[tuple[str, ...], ...]
    """Drivers that go together (absolute rank correlation of at least ``alike``) and are shuffled
    together."""
    outcome: str
    n: int
    folds: int
    repeats: int
    buffer: int
    shuffles: int
    alike: float
    level: float
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def has_skill(self) -> bool:
        """Whether the interval of the boosted model's R² in held-out places lies above 0."""
        return bool(self.skill["lower"].iloc[0] > 0)


def held_out_model(
    outcome: pd.Series,
    drivers: pd.DataFrame,
    coords: pd.DataFrame,
    *,
    graph: AreaGraph | Graph | None = None,
    groups: pd.Series | None = None,
    folds: int = 8,
    repeats: int = 3,
    buffer: int = 0,
    shuffles: int = 20,
    alike: float = 0.7,
    level: float = 0.95,
    seed: int = 0,
) -> HeldOut:
    """Train a gradient-boosted model on some places and test it on others.

    Areas are held out in compact blocks (k-means of coordinates) or in whole ``groups``; each model predicts
    areas that it has not seen, and R² is one less their squared error over that of the mean of all areas. The
    same on random folds shows how much neighbours would flatter it, and a linear model what the curves add.
    Importance is by permutation, in the held-out places too (Breiman 2001; Fisher, Rudin and Dominici 2019).

    Intervals resample whole folds of one repeat at a time; folds that share areas to learn from are not quite
    independent, which makes them somewhat narrow (Bates, Hastie and Tibshirani 2024).

    Parameters
    ----------
    outcome, drivers
        As in :func:`lea_geo.associations`; at least 20 areas must have all values.
    coords
        Columns ``x y`` in metres, indexed by ``area_id``.
    graph
        Needed for ``buffer``.
    groups
        Of the areas, as their municipality: these are then held out whole, in place of blocks.
    folds
        How many parts the areas are held out in.
    repeats
        How many times, with other blocks.
    buffer
        So many steps of neighbours around a held-out area are not learnt from either.
    shuffles
        Permutations behind each importance.
    alike
        Drivers with an absolute rank correlation of at least this go together, all pairs of a group.
    level
        Of the intervals, between 0 and 1.
    seed
        Of blocks, models and permutations; the same seed gives the same numbers for any order of the areas.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, options do not fit, or too few areas have all values.

    References
    ----------
    Roberts and others (2017), https://doi.org/10.1111/ecog.02881
    Breiman (2001), https://doi.org/10.1023/A:1010933404324
    Friedman (2001), https://doi.org/10.1214/aos/1013203451
    Bates, Hastie and Tibshirani (2024), https://doi.org/10.1080/01621459.2023.2197686
    """
    for name, number in (("folds", folds), ("repeats", repeats), ("shuffles", shuffles)):
        check_count(name, number, least=2 if name == "folds" else 1)
    check_fraction("level", level)
    check_fraction("alike", alike)
    check_seed(seed)
    check_buffer(buffer, graph)
    found = aligned(outcome, drivers, least=LEAST_AREAS)
    links = None if graph is None else found.graph(graph)
    places = check_places(coords, found.ids)
    if groups is None:
        blocks = place_folds(places, check_folds(folds, found.n), repeats=repeats, seed=seed)
    else:
        blocks = group_folds(check_groups(groups, found.ids), folds, repeats=repeats, seed=seed)
    check_left_to_learn(fewest_learnt(blocks, links, buffer), len(found.names))
    together = alike_groups(found.x, alike)
    own = try_boosted(found.x, found.y, blocks, links, buffer, seed, groups=together, shuffles=shuffles)
    skill = _skill(found, blocks, own, links, buffer, seed, level)
    has_skill = bool(skill["lower"].iloc[0] > 0)
    named = tuple(tuple(found.names[k] for k in group) for group in together)
    notes = [*found.notes, *([] if has_skill else [NO_SKILL]), *_said(named), ECOLOGICAL]
    importance, partial = _importance(own, named, level, seed), _partial(own, found, level, seed)
    return HeldOut(
        skill=skill,
        importance=importance if has_skill else importance.iloc[:0],
        partial=partial if has_skill else partial.iloc[:0],
        groups=named,
        outcome=found.outcome,
        n=found.n,
        folds=int(blocks.max()) + 1,
        repeats=repeats,
        buffer=buffer,
        shuffles=shuffles,
        alike=alike,
        level=level,
        seed=seed,
        notes=tuple(notes),
    )


def alike_groups(x: np.ndarray, alike: float) -> tuple[tuple[int, ...], ...]:
    """Return groups of drivers, all pairs of a group with a rank correlation of at least ``alike``."""
    k = x.shape[1]
    if k == 1:
        return ((0,),)
    ranks = np.column_stack([rankdata(column) for column in x.T])
    apart = 1 - np.abs(np.corrcoef(ranks, rowvar=False))
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(np.clip((apart + apart.T) / 2, 0, None), checks=False), method="complete")
    number = fcluster(tree, 1 - alike, criterion="distance")
    found = [tuple(int(i) for i in np.flatnonzero(number == one)) for one in np.unique(number)]
    return tuple(sorted(found))


def _said(groups: tuple[tuple[str, ...], ...]) -> list[str]:
    return [
        f"{', '.join(group)} go together so closely that their importance is given for all of them."
        for group in groups
        if len(group) > 1
    ]


def _skill(
    found: Aligned,
    blocks: np.ndarray,
    own: Tested,
    links: AreaGraph | None,
    buffer: int,
    seed: int,
    level: float,
) -> pd.DataFrame:
    anywhere = random_folds(found.n, int(blocks.max()) + 1, repeats=len(blocks), seed=seed)
    tested = {
        ("boosted", "places"): own,
        ("boosted", "random"): try_boosted(found.x, found.y, anywhere, None, 0, seed),
        ("linear", "places"): try_linear(found.x, found.y, blocks, links, buffer),
        ("linear", "random"): try_linear(found.x, found.y, anywhere, None, 0),
    }
    rows = []
    for (model, held_out), one in tested.items():
        error, baseline = np.array(one.error), np.array(one.baseline)
        middle, lower, upper = _interval(one, error[:, None], baseline, level, seed)
        values = {"r_squared": 1 - middle[0], "lower": 1 - upper[0], "upper": 1 - lower[0]}
        rows.append({"model": model, "held_out": held_out, **values})
    return pd.DataFrame(rows)


def _importance(own: Tested, groups: tuple[tuple[str, ...], ...], level: float, seed: int) -> pd.DataFrame:
    middle, lower, upper = _interval(own, np.array(own.more), np.array(own.baseline), level, seed)
    names = pd.Index([" + ".join(group) for group in groups], name="drivers", dtype="str")
    table = pd.DataFrame({"importance": middle, "lower": lower, "upper": upper}, index=names)
    return table.sort_values("importance", ascending=False, kind="stable")


def _partial(own: Tested, found: Aligned, level: float, seed: int) -> pd.DataFrame:
    size = np.array(own.size, dtype=float)
    curves = np.array(own.curves)
    # Each fold's curve from its own average: what is asked is its shape, not the level of its places.
    curves = curves - curves.mean(axis=2, keepdims=True)
    flat = curves.reshape(len(curves), -1)
    middle, lower, upper = _interval(own, flat, size, level, seed)
    grids = grid_of(found.x)
    return pd.DataFrame(
        {
            "driver": pd.array(np.repeat(found.names, grids.shape[1]).astype(object), dtype="str"),
            "value": grids.ravel(),
            "effect": middle,
            "lower": lower,
            "upper": upper,
        }
    )


def _interval(
    tested: Tested, above: np.ndarray, below: np.ndarray, level: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sums of ``above`` over those of ``below``, and quantiles over resampled folds."""
    repeat = np.array(tested.repeat)
    rows = [np.flatnonzero(repeat == one) for one in np.unique(repeat)]
    random = np.random.Generator(np.random.Philox(key=np.array([seed, 2**34], dtype=np.uint64)))
    drawn = np.empty((DRAWS, above.shape[1]))
    for draw in range(DRAWS):
        own = rows[int(random.integers(len(rows)))]
        some = own[random.integers(len(own), size=len(own))]
        drawn[draw] = above[some].sum(axis=0) / below[some].sum()
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return above.sum(axis=0) / below.sum(), ends[0], ends[1]
