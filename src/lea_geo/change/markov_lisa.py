"""Moves between the quadrants of local Moran's I: the LISA Markov chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.trends import check_years, refuse_too_few
from lea_geo.change.markov import check_intervals, uneven
from lea_geo.change.markov_chain import FEW, count_moves, long_table, shares, steady_state
from lea_geo.change.markov_spatial import few_note, lagger, shuffled
from lea_geo.schema import Label
from lea_geo.spatial.inference import CORRECTIONS
from lea_geo.spatial.local_moran import local_moran

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

QUADRANTS = (Label.HIGH_HIGH, Label.LOW_HIGH, Label.LOW_LOW, Label.HIGH_LOW)
QUADRANT_OF = np.array([[2, 1, -1], [3, 0, -1], [-1, -1, -1]])
"""By whether an area and its neighbours are high (1) or low (0): a place among ``QUADRANTS``."""


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
    check_choice("correction", correction, CORRECTIONS)
    check_fraction("fdr", fdr)
    check_seed(seed)
    check_intervals(interval, level)
    index, years, x = check_years(values, least=2)
    names = [str(label) for label in QUADRANTS]
    chain = _Quadrants.of(x, lagger(graph, index, transform))
    states = chain.states
    if significant:
        names.append(str(Label.NOT_SIGNIFICANT))
        options = {"fdr": fdr, "correction": correction, "transform": transform, "seed": seed}
        states = _labelled(pd.DataFrame(x, index), graph, names, options)
    counts = count_moves(states, len(names))
    if not counts.sum():
        raise refuse_too_few(
            "moves from a year to the next", 0, 1, "No area has two years one after another."
        )
    table = long_table(counts, names, interval, level)
    test: dict[str, Any] = {"chi2": np.nan, "degrees": 0, "p_chi2": np.nan, "few_expected": 0}
    test["p_permutation"] = np.nan
    if not significant:
        table["expected"] = chain.expected.ravel()
        test = _moved_together(x, chain, index, permutations, seed)
    words = np.array([*names, ""], dtype=object)[states]
    return LisaMarkovResult(
        table=table,
        states=pd.DataFrame(words, index=index, columns=years),
        steady_state=pd.Series(steady_state(shares(counts)), index=names),
        significant=significant,
        fdr=fdr,
        correction=correction,
        level=level,
        interval=interval,
        transform=transform,
        permutations=permutations,
        seed=seed,
        notes=(*uneven(years), *few_note(test["few_expected"], 16)),
        **test,
    )


@dataclass(frozen=True, eq=False)
class _Quadrants:
    """The quadrant of every area in every year, and how areas and neighbours move each by themselves."""

    states: np.ndarray
    expected: np.ndarray
    """The moves between quadrants if areas and their neighbours moved independently, shape (4, 4)."""
    lag: Callable[[np.ndarray], np.ndarray]

    @classmethod
    def of(cls, x: np.ndarray, lag: Callable[[np.ndarray], np.ndarray]) -> _Quadrants:
        own, around = high_low(x, lag)
        states = np.where((own < 0) | (around < 0), -1, QUADRANT_OF[own, around])
        return cls(states, independent(own, around, count_moves(states, 4)), lag)

    @property
    def chi2(self) -> tuple[float, int]:
        """Chi-squared of the moves, and its degrees of freedom."""
        return independence(count_moves(self.states, 4), self.expected)


def _moved_together(
    x: np.ndarray, chain: _Quadrants, index: pd.Index, permutations: int, seed: int
) -> dict[str, Any]:
    chi2, degrees = chain.chi2
    p = np.nan
    if permutations:

        def again(order: np.ndarray) -> float:
            return _Quadrants.of(x[order], chain.lag).chi2[0]

        p = shuffled(again, chi2, index, permutations, seed)
    few = (chain.expected > 0) & (chain.expected < FEW)
    found = {"chi2": chi2, "degrees": degrees, "p_chi2": float(stats.chi2.sf(chi2, degrees))}
    return {**found, "p_permutation": float(p), "few_expected": int(few.sum())}


def high_low(x: np.ndarray, lag: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 where areas, and their neighbours' means, are above the year's mean, 0 below, -1 unknown."""
    held = (~np.isnan(x)).sum(axis=0)
    from_mean = x - np.nansum(x, axis=0) / np.where(held > 0, held, np.nan)
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


def _labelled(
    values: pd.DataFrame, graph: AreaGraph | Graph, names: Sequence[str], options: Mapping[str, Any]
) -> np.ndarray:
    """Return the place of each area's label among ``names`` in every year, -1 where it has none."""
    columns = [local_moran(values[year], graph, **options).table["label"] for year in values.columns]
    return np.column_stack([pd.Index(names).get_indexer(pd.Index(labels)) for labels in columns])
