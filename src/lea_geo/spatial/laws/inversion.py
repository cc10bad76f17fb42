"""From a characteristic function to both tails of every area's weighted neighbour sum: the loops."""

from __future__ import annotations

from math import pi

import numpy as np
from scipy.special import erfc

from lea_geo.spatial.compiled import compiled
from lea_geo.spatial.laws.fourier_blocks import BLOCK, correct, lay_phases, multiply, turn, write_factors
from lea_geo.spatial.laws.fourier_plan import BEGIN, LENGTH, MOST_NODES, NODES, OBSERVED, SMOOTHED

EQUAL = 1e-12
"""Weights that differ by less than this share are equal, and sums that do so are tied."""
FEW, MANY = 2_000, 30_000
"""Numbers of areas from which on the correction for drawing without replacement, which is in proportion to
1/n, takes the weights in at most 6 and 3 classes instead of 12."""
TAPER = np.asarray(0.5 * erfc(10.0 * np.arange(2 * (MOST_NODES + BLOCK)) / MOST_NODES - 6.0))
"""What the frequencies of a smoothed series are multiplied by: 1 at first, then smoothly less, and next to
nothing from the last on. So a step is smoothed by a kernel that has no bias where the law is smooth, and that
reaches only a few wavelengths of the last frequency."""


@compiled
def invert_rows(
    start: int,
    stop: int,
    indptr: np.ndarray,
    w_row: np.ndarray,
    z_row: np.ndarray,
    z: np.ndarray,
    ranked: np.ndarray,
    common: tuple[float, int],
    plans: np.ndarray,
    table: tuple[float, np.ndarray],
    found: np.ndarray,
) -> None:
    """Write P(S <= s), P(S >= s), P(S = s) and how far the series may be off, for every row with a plan.

    Parameters
    ----------
    z, ranked
        The values, and the same in rising order, shape (n,).
    common
        The commonest value and how many areas have it.
    table
        Step and cubics of the tabulated characteristic function.
    """
    n = len(z)
    for i in range(start, stop):
        if plans[i, NODES] == 0.0:
            continue
        w, v = w_row[indptr[i] : indptr[i + 1]], z_row[indptr[i] : indptr[i + 1]]
        alike = common[1] - (z[i] == common[0])
        product_atom, atom = _atoms(len(w), n, alike)
        above, change = _sum_series(w, z[i], n, plans[i], table, common[0], product_atom)
        above = min(max(above / (1.0 - product_atom), 0.0), 1.0) * (1.0 - atom)
        below = 1.0 - atom - above
        tie = atom
        if v[0] != common[0] or (v != common[0]).any():
            tie = _tie(w, v, z[i], ranked)
            if w.sum() * common[0] > plans[i, OBSERVED]:
                above += atom
            else:
                below += atom
            above, below = above + 0.5 * tie, below + 0.5 * tie
        elif common[0] == ranked[0]:
            above, below, change = 1.0, atom, 0.0
        elif common[0] == ranked[n - 1]:
            above, below, change = atom, 1.0, 0.0
        else:
            above, below = above + atom, below + atom
        found[i, 0], found[i, 1], found[i, 2], found[i, 3] = below, above, tie, change


@compiled
def _atoms(k: int, n: int, alike: int) -> tuple[float, float]:
    """Return how likely all neighbours have the commonest value: by the corrected product, and in truth."""
    share = alike / (n - 1.0)
    product, truth = share**k, 1.0
    for j in range(k):
        truth *= max(0.0, (alike - j) / (n - 1.0 - j))
    if alike > 0:
        product *= 1.0 - 0.5 * k * (k - 1.0) * (1.0 / share - 1.0) / (n - 2.0)
    return product, truth


@compiled
def _tie(w: np.ndarray, v: np.ndarray, own: float, ranked: np.ndarray) -> float:
    """Return the probability that a draw holds the same values at the same weights."""
    n = len(ranked)
    mass = 1.0
    first = 0
    for j in range(len(w)):
        if w[j] - w[first] > EQUAL * w[j]:
            first = j
        alike = np.searchsorted(ranked, v[j], side="right") - np.searchsorted(ranked, v[j]) - (own == v[j])
        together = 1
        for earlier in range(j):
            alike -= v[earlier] == v[j]
            together += earlier >= first and v[earlier] == v[j]
        mass *= alike / (n - 1.0 - j) * (j - first + 1.0) / together
    return mass


@compiled
def _different(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different weights of a row and how often each is there."""
    weight, count = np.empty(len(w)), np.empty(len(w), np.int64)
    groups = 0
    for j in range(len(w)):
        if groups and w[j] - weight[groups - 1] <= EQUAL * w[j]:
            count[groups - 1] += 1
        else:
            weight[groups], count[groups] = w[j], 1
            groups += 1
    return weight[:groups], count[:groups]


@compiled
def _alike(w: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean weights of classes of about as many neighbours each, and how many these are."""
    weight, count = np.empty(classes), np.empty(classes, np.int64)
    for group in range(classes):
        first, last = len(w) * group // classes, len(w) * (group + 1) // classes
        weight[group], count[group] = w[first:last].mean(), last - first
    return weight, count


@compiled
def _sum_series(
    w: np.ndarray,
    own: float,
    n: int,
    plan: np.ndarray,
    table: tuple[float, np.ndarray],
    common: float,
    atom: float,
) -> tuple[float, float]:
    """Return P(S > s) + P(S = s) / 2 of the law without its atom, and how far half the series is off."""
    step = 2.0 * pi / plan[LENGTH]
    weight, count = _different(w)
    classes = 12 if n < FEW else 6 if n < MANY else 3
    merged = len(weight) > classes
    like_weight, like_count = _alike(w, classes) if merged else (weight, count)
    places, like_places, cubics = weight * (step / table[0]), like_weight * (step / table[0]), table[1]
    powers, base, phases = lay_phases(step * own * weight)
    like_powers, like_base, like_phases = lay_phases(step * own * like_weight)
    ends = np.array([-plan[OBSERVED], -plan[BEGIN], w.sum() * common])
    end_powers, end_base, end_phases = lay_phases(step * ends)
    factors, like_factors, product = np.empty_like(phases), np.empty_like(like_phases), np.empty((2, BLOCK))
    sums = np.zeros(2)
    for first in range(1, int(plan[NODES]) + 1, BLOCK):
        turn(powers, base, phases)
        write_factors(n, first, places, cubics, phases, factors)
        multiply(factors, count, product)
        if merged:
            turn(like_powers, like_base, like_phases)
            write_factors(n, first, like_places, cubics, like_phases, like_factors)
            correct(n, first, like_places, like_count, cubics, like_phases, like_factors, product)
        else:
            correct(n, first, places, count, cubics, phases, factors, product)
        turn(end_powers, end_base, end_phases)
        _add_terms(first, plan, atom, product, end_phases, sums)
    known = (1.0 - atom) * (plan[BEGIN] + plan[LENGTH] - plan[OBSERVED]) / plan[LENGTH]
    return known + sums[0] / pi, abs(sums[0] - sums[1]) / pi


@compiled
def _add_terms(
    first: int, plan: np.ndarray, atom: float, product: np.ndarray, ends: np.ndarray, sums: np.ndarray
) -> None:
    """Add a block's Im[f(t_m) (exp(-i t_m s) - exp(-i t_m b))] / m to the sums for all and half the nodes."""
    for b in range(BLOCK):
        x, y = product[0, b] - atom * ends[0, 2, b], product[1, b] - atom * ends[1, 2, b]
        m = first + b
        term = (x * (ends[1, 0, b] - ends[1, 1, b]) + y * (ends[0, 0, b] - ends[0, 1, b])) / m
        if plan[SMOOTHED]:
            sums[0] += term * TAPER[m]
            sums[1] += term * TAPER[2 * m]
        else:
            sums[0] += term
            sums[1] += term


@compiled
def count_rows(
    start: int,
    stop: int,
    indptr: np.ndarray,
    w_row: np.ndarray,
    z_row: np.ndarray,
    z: np.ndarray,
    ranked: np.ndarray,
    most: int,
    found: np.ndarray,
) -> None:
    """Write the tails of rows of one neighbour and, where ``most`` is 2, of two: counted, so exact."""
    others = len(z) - 1.0
    for i in range(start, stop):
        begin, k = indptr[i], indptr[i + 1] - indptr[i]
        if k == 1:
            value, own = z_row[begin], z[i]
            above = len(z) - np.searchsorted(ranked, value) - (own >= value)
            below = np.searchsorted(ranked, value, side="right") - (own <= value)
            found[i, 0], found[i, 1] = below / others, above / others
            found[i, 2] = found[i, 0] + found[i, 1] - 1.0
        elif k == 2 and most == 2:
            one, other = w_row[begin], w_row[begin + 1]
            observed = one * z_row[begin] + other * z_row[begin + 1]
            tied = EQUAL * (one + other) * max(abs(ranked[0]), abs(ranked[-1]))
            ways = others * (others - 1.0)
            from_here = _pairs_from(one, other, z[i], ranked, observed - tied) / ways
            beyond = _pairs_from(one, other, z[i], ranked, observed + tied) / ways
            found[i, 0], found[i, 1], found[i, 2] = 1.0 - beyond, from_here, from_here - beyond


@compiled
def _pairs_from(one: float, other: float, own: float, ranked: np.ndarray, least: float) -> float:
    """Count the ordered pairs of two of the other areas whose weighted sum is at least ``least``."""
    n = len(ranked)
    pairs = 0.0
    reach = n
    for a in range(n):
        while reach > 0 and one * ranked[a] + other * ranked[reach - 1] >= least:
            reach -= 1
        pairs += n - reach
        pairs -= one * ranked[a] + other * ranked[a] >= least
        pairs -= one * own + other * ranked[a] >= least
        pairs -= one * ranked[a] + other * own >= least
    return pairs + 2.0 * (one * own + other * own >= least)
