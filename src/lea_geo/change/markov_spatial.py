"""Moves between classes given the neighbours: spatial and LISA Markov chains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.trends import check_same_areas, check_years, refuse_too_few
from lea_geo.change.markov import uneven
from lea_geo.change.markov_chain import (
    FEW,
    INTERVALS,
    Homogeneity,
    count_by_group,
    count_moves,
    homogeneity,
    homogeneity_statistics,
    long_table,
    shares,
    steady_state,
)
from lea_geo.change.markov_classes import CUTS, classed
from lea_geo.schema import Label
from lea_geo.spatial.graph import AreaGraph, as_graph
from lea_geo.spatial.inference import CORRECTIONS
from lea_geo.spatial.local_moran import local_moran

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from libpysal.graph import Graph

QUADRANTS = (Label.HIGH_HIGH, Label.LOW_HIGH, Label.LOW_LOW, Label.HIGH_LOW)


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


@dataclass(frozen=True, kw_only=True)
class LisaMarkovResult:
    """Moves between the quadrants of local Moran's I."""

    table: pd.DataFrame
    """The columns of ``MarkovResult.table``, from and to GeoDa's labels; and ``expected``, the moves if areas
    moved independently of their neighbours."""
    states: pd.DataFrame
    """The label of each area in each year, blank where it has none."""
    steady_state: pd.Series
    """Shares that the moves lead to; NaN where that depends on the start."""
    chi2: float
    """Of moves against ``expected``; NaN where areas without significance are a class of their own."""
    degrees: int
    p_chi2: float
    p_permutation: float
    """By shuffling areas over the map, each with its neighbours' new means."""
    few_expected: int
    """Cells in which fewer than 5 moves are expected."""
    significant: bool
    fdr: float
    correction: str
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
    check_count("classes", classes, least=2)
    check_count("permutations", permutations, least=0)
    check_seed(seed)
    check_choice("cuts", cuts, CUTS)
    check_choice("interval", interval, INTERVALS)
    check_fraction("level", level)
    m = classes if lag_classes is None else check_count("lag_classes", lag_classes, least=2)
    index, years, x = check_years(values, least=2)
    lag = lagger(graph, index, transform)
    own = classed(x, classes, "pooled" if goalposts is not None else cuts, goalposts)
    around = classed(lag(x), m, "pooled" if lag_goalposts is not None else cuts, lag_goalposts)
    tables = count_by_group(own.states, around.states, own.k, around.k)
    if not tables.sum():
        raise refuse_too_few(
            "moves from a year to the next", 0, 1, "No area has two years one after another."
        )
    test = homogeneity(tables)
    if permutations:

        def again(order: np.ndarray) -> float:
            groups = classed(lag(x[order]), m, around_cuts, lag_goalposts).states
            counts = count_by_group(own.states[order], groups, own.k, around.k)
            return homogeneity_statistics(counts)[0]

        around_cuts = "pooled" if lag_goalposts is not None else cuts
        p = shuffled(again, test.chi2, index, permutations, seed)
        test = replace(test, p_permutation=p, permutations=permutations)
    parts = [long_table(table, own.names, interval, level) for table in tables]
    for name, part in zip(around.names, parts, strict=True):
        part.insert(0, "neighbors", name)
    steady = [steady_state(shares(table)) for table in tables]
    names = pd.Index(around.names, name="neighbors")
    return SpatialMarkovResult(
        table=pd.concat(parts, ignore_index=True),
        steady_state=pd.DataFrame(steady, index=names, columns=own.names),
        test=test,
        borders=pd.DataFrame(own.borders, index=years, columns=own.names[:-1]),
        lag_borders=pd.DataFrame(around.borders, index=years, columns=around.names[:-1]),
        cuts="goalposts" if goalposts is not None else cuts,
        level=level,
        interval=interval,
        transform=transform,
        permutations=permutations,
        seed=seed,
        notes=(*own.notes, *uneven(years), *few_note(test.few_expected, test.cells)),
    )


def lisa_markov(
    values: pd.DataFrame,
    graph: AreaGraph | Graph,
    *,
    significant: bool = False,
    fdr: float = 0.05,
    correction: str = "bh",
    interval: str = "dirichlet",
    level: float = 0.95,
    permutations: int = 999,
    seed: int = 0,
    transform: str = "row",
) -> LisaMarkovResult:
    """Count moves between the quadrants of local Moran's I: high or low, among high or low neighbours.

    If areas moved independently of their neighbours, the probability of a move between quadrants would be
    that of the area's own move between high and low times that of its neighbours' mean; the test holds the
    moves against that. High is above the mean of all areas in the year, of the value and of the neighbours'
    mean alike.

    Parameters
    ----------
    values, interval, level
        As in :func:`markov`.
    graph, permutations, seed, transform
        As in :func:`spatial_markov`.
    significant
        Whether areas whose label is not significant are a class of their own, instead of being in the
        quadrant where they happen to lie; then nothing is expected and tested.
    fdr, correction
        Of the labels, each year by itself, as in :func:`lea_geo.local_moran`.

    Raises
    ------
    UsageError, ValuesError, ResolutionError
        As :func:`markov` and :func:`lea_geo.local_moran`.

    References
    ----------
    Rey (2001), https://doi.org/10.1111/j.1538-4632.2001.tb00444.x
    """
    check_count("permutations", permutations, least=0)
    check_choice("interval", interval, INTERVALS)
    check_choice("correction", correction, CORRECTIONS)
    check_fraction("level", level)
    check_fraction("fdr", fdr)
    check_seed(seed)
    index, years, x = check_years(values, least=2)
    lag = lagger(graph, index, transform)
    names = [str(label) for label in QUADRANTS]
    own, around = high_low(x, lag)
    states = np.where((own < 0) | (around < 0), -1, QUADRANT_OF[own, around])
    if significant:
        labels = [_labels(x[:, t], index, graph, fdr, correction, transform, seed) for t in range(len(years))]
        names.append(str(Label.NOT_SIGNIFICANT))
        states = np.column_stack([[names.index(w) if w in names else -1 for w in one] for one in labels])
    counts = count_moves(states, len(names))
    if not counts.sum():
        raise refuse_too_few(
            "moves from a year to the next", 0, 1, "No area has two years one after another."
        )
    table = long_table(counts, names, interval, level)
    chi2, degrees, p_chi2, p_permutation, few = np.nan, 0, np.nan, np.nan, 0
    if not significant:
        expected = independent(own, around, counts)
        table["expected"] = expected.ravel()
        chi2, degrees = independence(counts, expected)
        few = int(((expected > 0) & (expected < FEW)).sum())
        p_chi2 = float(stats.chi2.sf(chi2, degrees))
        if permutations:

            def again(order: np.ndarray) -> float:
                pair = high_low(x[order], lag)
                moves = count_moves(np.where((pair[0] < 0) | (pair[1] < 0), -1, QUADRANT_OF[pair]), 4)
                return independence(moves, independent(*pair, moves))[0]

            p_permutation = shuffled(again, chi2, index, permutations, seed)
    words = np.array([*names, ""], dtype=object)[states]
    return LisaMarkovResult(
        table=table,
        states=pd.DataFrame(words, index=index, columns=years),
        steady_state=pd.Series(steady_state(shares(counts)), index=names),
        chi2=float(chi2),
        degrees=degrees,
        p_chi2=p_chi2,
        p_permutation=float(p_permutation),
        few_expected=few,
        significant=significant,
        fdr=fdr,
        correction=correction,
        level=level,
        interval=interval,
        transform=transform,
        permutations=permutations,
        seed=seed,
        notes=(*uneven(years), *few_note(few, 16)),
    )


QUADRANT_OF = np.array([[2, 1, -1], [3, 0, -1], [-1, -1, -1]])
"""By whether an area and its neighbours are high (1) or low (0): a place among ``QUADRANTS``."""


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


def high_low(x: np.ndarray, lag: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 where areas, and their neighbours' means, are above the year's mean, 0 below, -1 unknown."""
    from_mean = x - np.nanmean(x, axis=0, keepdims=True)
    around = lag(from_mean)
    return tuple(np.where(np.isnan(one), -1, (one > 0).astype(int)) for one in (from_mean, around))  # type: ignore[return-value] # two of them


def independent(own: np.ndarray, around: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the moves between quadrants if areas and their neighbours moved independently."""
    known = (own >= 0) & (around >= 0)
    alone = [np.nan_to_num(shares(count_moves(np.where(known, one, -1), 2))) for one in (own, around)]
    expected = np.zeros((4, 4))
    sides = [(1, 1), (0, 1), (0, 0), (1, 0)]  # High-High, Low-High, Low-Low, High-Low
    for i, (a, b) in enumerate(sides):
        for j, (c, d) in enumerate(sides):
            expected[i, j] = counts[i].sum() * alone[0][a, c] * alone[1][b, d]
    return expected


def independence(counts: np.ndarray, expected: np.ndarray) -> tuple[float, int]:
    """Return chi-squared of moves between quadrants and its degrees of freedom.

    A row of four probabilities has three that are free, less the two of the area's own chain and the two of
    its neighbours', which are estimated.
    """
    some = expected > 0
    away = np.square(counts - expected)
    chi2 = float(np.divide(away, expected, out=np.zeros(away.shape), where=some).sum())
    rows = int((counts.sum(axis=1) > 0).sum())
    return chi2, max(1, 3 * rows - 4)


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


def _labels(
    x: np.ndarray,
    index: pd.Index,
    graph: AreaGraph | Graph,
    fdr: float,
    correction: str,
    transform: str,
    seed: int,
) -> list[str]:
    found = local_moran(
        pd.Series(x, index), graph, fdr=fdr, correction=correction, transform=transform, seed=seed
    )
    return [str(word) for word in found.table["label"]]
