"""Conditional permutation: each area stays, its neighbours receive values drawn from the others.

Draws are shared by all areas and exact for each of them: an area uses the first k_i areas of a draw, the next
one in place of itself, which is a uniform draw from the other n - 1. What is drawn are ranks into the sorted
values, so the order of the areas changes nothing; which of several tied areas is left out makes no
difference, and it is always the first. What is added up over draws are whole numbers, so threads change
nothing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.compiled import compiled
from lea_geo.spatial.inference import Tails, counted_tails
from lea_geo.spatial.laws.draw_counts import Areas, count_draws
from lea_geo.spatial.laws.random_draws import draw_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lea_geo.spatial.sample import Sample

FIRST_STAGE = 9999
"""How many draws every area gets; each further stage ends at ten times as many."""
ENOUGH = 100
"""An area goes on to the next stage while one of its tails holds fewer draws; p is then known to a tenth."""


@dataclass(frozen=True)
class CountedTest:
    """Both tails of every area, counted over draws."""

    tails: Tails
    """(count + 1) / (draws + 1), NaN for isolates; as the observed arrangement is one of those possible, it
    counts in both tails (Phipson and Smyth 2010, https://doi.org/10.2202/1544-6115.1585)."""
    permutations: int
    """The most draws that any area had."""
    draws_per_area: np.ndarray
    """How many draws each area had, 0 for isolates; shape (n,)."""


def sum_tails(
    sample: Sample,
    z: np.ndarray,
    *,
    tolerance: np.ndarray,
    permutations: int | None,
    required: int,
    seed: int,
) -> CountedTest:
    """Count, for each area, how many draws give a weighted neighbour sum at most and at least its own.

    Without ``permutations`` the draws come in stages that end at 9 999, 99 999 and so on, the last at
    ``required``; only areas with fewer than h = 100 draws in one of their tails go on to the next.

    Each area's p = (count + 1) / (draws + 1) is valid with its own number of draws (after Besag and Clifford
    1991). Let ``count`` be that of the smaller tail, R_s the draws of stage s, a any level, and t the first
    stage with (h + 1) / (R_t + 1) <= a. Who stopped before t has count >= h and so p > a. Who went on from t
    had count < h and so p <= a at t already. Hence p <= a in the end only where p <= a at stage t, which is
    an ordinary Monte Carlo test with R_t draws. The same holds for one tail by itself at a < 1/2, as an area
    that goes on for its other tail holds nearly all draws in this one.

    Parameters
    ----------
    z
        What is drawn and summed, shape (n,).
    tolerance
        Sums that differ by no more are ties, which count in both tails; shape (n,).
    permutations
        How many draws every area gets; None for stages.
    required
        How many draws the last stage ends at.

    References
    ----------
    Besag and Clifford (1991), https://doi.org/10.1093/biomet/78.2.301
    """
    order, own = ranked(z[np.newaxis])
    areas = _areas(sample, own, np.empty((sample.n, 0)), sample.lag(z), tolerance)
    stages = _stages(required) if permutations is None else [permutations]
    return _counted(areas, z[np.newaxis, order], stages, seed)


def difference_tails(
    sample: Sample,
    columns: np.ndarray,
    observed: np.ndarray,
    *,
    tolerance: np.ndarray,
    permutations: int | None,
    required: int,
    seed: int,
) -> CountedTest:
    """Count draws in the same way for sum_j w_ij |z_i - z_j|^2, where z_i is a column of ``columns``.

    That is sum_j w_ij (|z_j|^2 - 2 z_i z_j) + W_i |z_i|^2, so the draws' sums of z and of |z|^2 serve every
    area. The variables of an area are drawn together.

    Parameters
    ----------
    columns
        One variable a row, shape (variables, n).
    observed
        The observed sums, shape (n,).
    tolerance, permutations, required, seed
        As in :func:`sum_tails`.
    """
    squares = np.square(columns).sum(axis=0)
    order, own = ranked(columns)
    areas = _areas(sample, own, -2.0 * columns.T, observed - sample.row_sums * squares, tolerance)
    table = np.concatenate([squares[np.newaxis], columns])[:, order]
    stages = _stages(required) if permutations is None else [permutations]
    return _counted(areas, table, stages, seed)


def ranked(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the areas sorted by their columns, first things first, and each area's rank.

    Areas that are equal in all columns share the first of their ranks.
    """
    order = np.lexsort(columns[::-1])
    apart = (np.diff(columns[:, order], axis=1) != 0).any(axis=0)
    first = np.maximum.accumulate(np.where(np.concatenate([[True], apart]), np.arange(len(order)), 0))
    own = np.empty_like(first)
    own[order] = first
    return order, own


def _areas(
    sample: Sample, own: np.ndarray, slopes: np.ndarray, observed: np.ndarray, tolerance: np.ndarray
) -> Areas:
    """Return what is asked of every area; its weights only where they differ within rows."""
    unit, weights = np.ones(sample.n), np.empty(0)
    starts = np.asarray(sample.indptr[:-1], dtype=np.int64)
    sizes = np.asarray(sample.counts, dtype=np.int64)
    if sample.equal_weights:
        # Divided out, so that the draws' unweighted sums serve every area.
        unit = np.where(sizes > 0, sample.largest, 1.0)
    else:
        weights = np.array(sample.link_weights)
        _sort_rows(starts, sizes, weights)
    return Areas(
        sizes, own, slopes, (observed - tolerance) / unit, (observed + tolerance) / unit, starts, weights
    )


@compiled
def _sort_rows(starts: np.ndarray, sizes: np.ndarray, weights: np.ndarray) -> None:
    """Sort each row's weights: which neighbour has which weight does not matter to draws in random order."""
    for row in range(len(starts)):
        weights[starts[row] : starts[row] + sizes[row]].sort()


def _stages(required: int) -> Iterator[int]:
    """Yield how many draws have been made at the end of each stage."""
    drawn = min(FIRST_STAGE, required)
    yield drawn
    while drawn < required:
        drawn = min(10 * (drawn + 1) - 1, required)
        yield drawn


def _counted(areas: Areas, table: np.ndarray, stages: Iterable[int], seed: int) -> CountedTest:
    """Return the tails after as many stages as each area needs."""
    counts = np.zeros((2, len(areas.sizes)), dtype=np.int64)
    draws = np.zeros(len(areas.sizes), dtype=np.int64)
    key, drawn = draw_key(seed), 0
    going = np.flatnonzero(areas.sizes)
    for end in stages:
        if len(going) == 0:
            break
        counts[:, going] += count_draws(areas.take(going), table, drawn, end, key)
        draws[going] = drawn = end
        going = going[drawn - counts[:, going].max(axis=0) < ENOUGH]
    below, above = counts
    tails = counted_tails(draws - above, draws - below, draws)
    return CountedTest(tails.only(areas.sizes > 0), drawn, draws)
