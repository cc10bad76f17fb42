"""Moves between classes given the class of the neighbours: the spatial Markov chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import check_count, check_seed
from lea_geo._checks.trends import check_same_areas, check_years
from lea_geo.change.markov import check_classes, check_intervals, moves_of, uneven
from lea_geo.change.markov_chain import (
    FEW,
    Homogeneity,
    count_by_group,
    homogeneity,
    homogeneity_statistics,
    long_table,
    shares,
    steady_state,
)
from lea_geo.spatial.graph import AreaGraph, as_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from libpysal.graph import Graph

    from lea_geo.change.markov_classes import Classed


@dataclass(frozen=True, kw_only=True)
class SpatialMarkovResult:
    """Moves between classes by the class of the neighbours, and whether that makes a difference."""

    table: pd.DataFrame
    """``neighbors`` (the class of the neighbours' mean, ``"1"`` the lowest), and the columns of
    ``MarkovResult.table``."""
    steady_state: pd.DataFrame
    """Shares that the moves lead to, a row a class of the neighbours; NaN where that depends on the start."""
    test: Homogeneity
    """Of the same probabilities whatever the neighbours."""
    borders: pd.DataFrame
    """Upper borders of the classes, by year."""
    lag_borders: pd.DataFrame
    """Upper borders of the classes of the neighbours' mean, by year."""
    cuts: str
    level: float
    interval: str
    transform: str
    permutations: int
    seed: int
    notes: tuple[str, ...] = ()


def spatial_markov(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    classes: int = 5,
    lag_classes: int | None = None,
    cuts: str = "pooled",
    goalposts: Sequence[float] | None = None,
    lag_goalposts: Sequence[float] | None = None,
    interval: str = "dirichlet",
    level: float = 0.95,
    permutations: int = 999,
    seed: int = 0,
    transform: str = "row",
) -> SpatialMarkovResult:
    """Count moves between classes by the class of the neighbours' mean in the year before, and test it.

    Areas with many chances to move beside poor and beside rich neighbours show whether neighbours matter. The
    test's chi-squared law is rough where few moves are expected (``test.few_expected`` counts these cells)
    and takes an area's moves for independent; ``test.p_permutation`` shuffles whole areas, each with all its
    years, over the map and needs neither.

    Parameters
    ----------
    values, classes, cuts, goalposts, interval, level
        As in :func:`markov`.
    graph
        Whose ids are those of ``values``.
    lag_classes, lag_goalposts
        Classes of the neighbours' mean: as many as ``classes`` where left out, cut in the same way.
    permutations, seed
        Of the test; 0 for none.
    transform
        Weights, as in :func:`lea_geo.local_moran`.

    Raises
    ------
    UsageError, ValuesError
        As :func:`markov`.

    References
    ----------
    Rey (2001), https://doi.org/10.1111/j.1538-4632.2001.tb00444.x
    Bickenbach and Bode (2003), https://doi.org/10.1177/0160017603253789
    """
    check_count("permutations", permutations, least=0)
    check_seed(seed)
    check_intervals(interval, level)
    index, years, x = check_years(values, least=2)
    lag = lagger(graph, index, transform)
    own = check_classes(x, classes, cuts, goalposts)
    moves_of(own)
    m = classes if lag_classes is None else lag_classes

    def around(x: np.ndarray) -> Classed:
        return check_classes(lag(x), m, cuts, lag_goalposts)

    beside = around(x)
    tables = count_by_group(own.states, beside.states, own.k, beside.k)
    test = _neighbours_matter(x, own, around, tables, index, permutations, seed)
    parts = [long_table(table, own.names, interval, level) for table in tables]
    for name, part in zip(beside.names, parts, strict=True):
        part.insert(0, "neighbors", name)
    steady = [steady_state(shares(table)) for table in tables]
    return SpatialMarkovResult(
        table=pd.concat(parts, ignore_index=True),
        steady_state=pd.DataFrame(steady, pd.Index(beside.names, name="neighbors"), own.names),
        test=test,
        borders=pd.DataFrame(own.borders, index=years, columns=own.names[:-1]),
        lag_borders=pd.DataFrame(beside.borders, index=years, columns=beside.names[:-1]),
        cuts="goalposts" if goalposts is not None else cuts,
        level=level,
        interval=interval,
        transform=transform,
        permutations=permutations,
        seed=seed,
        notes=(*own.notes, *uneven(years), *few_note(test.few_expected, test.cells)),
    )


def _neighbours_matter(
    x: np.ndarray,
    own: Classed,
    around: Callable[[np.ndarray], Classed],
    tables: np.ndarray,
    index: pd.Index,
    permutations: int,
    seed: int,
) -> Homogeneity:
    test = homogeneity(tables)
    if not permutations:
        return test

    def again(order: np.ndarray) -> float:
        beside = around(x[order])
        counts = count_by_group(own.states[order], beside.states, own.k, beside.k)
        return homogeneity_statistics(counts)[0]

    p = shuffled(again, test.chi2, index, permutations, seed)
    return replace(test, p_permutation=p, permutations=permutations)


def lagger(graph: AreaGraph | Graph, index: pd.Index, transform: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return what turns values, shape (n areas, n years), into weighted means or sums over neighbours.

    Neighbours without a value are left out, and the weights of the others fill their place; an area without
    any has NaN.
    """
    given = as_graph(graph)
    check_same_areas(index, given.ids, name="values", whose="the graph")
    weights = given.subset(index).transform(transform).sparse()
    total = np.asarray(weights.sum(axis=1)).ravel()

    def lag(x: np.ndarray) -> np.ndarray:
        known = ~np.isnan(x)
        sums, held = weights @ np.where(known, x, 0.0), weights @ known.astype(float)
        share = np.divide(total[:, None], held, out=np.full(held.shape, np.nan), where=held > 0)
        return np.asarray(sums * share)

    return lag


def shuffled(
    again: Callable[[np.ndarray], float], observed: float, index: pd.Index, permutations: int, seed: int
) -> float:
    """Return the share of maps, areas shuffled with all their years, whose statistic is as large."""
    order = np.argsort(index.to_numpy())  # which area goes where must not depend on how they came
    back = np.argsort(order)
    rng = np.random.Generator(np.random.Philox(seed))
    hits = 0
    for _ in range(permutations):
        drawn = again(order[rng.permutation(len(order))][back])
        hits += drawn >= observed * (1 - 1e-12)
    return (hits + 1) / (permutations + 1)


def few_note(few: int, cells: int) -> tuple[str, ...]:
    """Return a note where the chi-squared law is rough."""
    if not few:
        return ()
    said = (
        f"In {few} of {cells} cells fewer than {FEW:g} moves are expected: the chi-squared law is rough; "
        "read p_permutation."
    )
    return (said,)
