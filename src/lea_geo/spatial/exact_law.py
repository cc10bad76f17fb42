"""The exact law of a sum over neighbours when the other areas' values are shuffled.

Area *i* keeps its value and its *k* neighbours receive *k* of the other *n* - 1 values without replacement.
All statistics whose weights are equal within a row rise or fall with the sum S of those values. The
generating function of the sums of *k* values out of *n* is the elementary symmetric polynomial e_k. With the
values on an integer lattice and ``w_a = exp(-2 pi i a m / L)``, the power sums ``p_j(a)`` over all areas are
one Fourier transform of their histogram, read at ``j a mod L``, and Newton's identities give ``E_k = e_k /
C(n, k)``::

    E_k = (1/k) sum_{j=1..k} (-1)^(j-1) [C(n,k-j) / C(n,k)] E_{k-j} p_j

One inverse transform for each *k* gives the law over all *n* values, and the focal value m_i is left out by::

    P_{-i,k}(S >= s) = sum_{j=0..k} (-1)^j [C(n,k-j) / C(n-1,k)] P_{k-j}(S >= s - j m_i)

Whole numbers and short decimals are exact to round-off. Other values are rounded to the lattice; the error of
every p-value is then at most the probability that the rounded sum lies within k/2 steps of the observed one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.compiled import in_chunks
from lea_geo.spatial.direct_laws import DirectLaws, direct_laws
from lea_geo.spatial.exact_loops import RowTables, look_up, sum_up, tie_mass
from lea_geo.spatial.inference import P_FLOOR, Tails
from lea_geo.spatial.rows import counted_rows
from lea_geo.spatial.subset_laws import SubsetLaws, laws_in_blocks, power_of_two, transform_size

if TYPE_CHECKING:
    from lea_geo.spatial.sample import Sample

DECIMALS = 4
"""Values with at most so many decimals are counted in units of the last one."""
LARGEST_EXACT = 2**20
LEAST_BINS = 2**18
MOST_BINS = 2**20
BINS_IN_SPREAD = 1000
"""How many lattice steps the bulk of the values should spread over."""
LEAST_BINS_IN_SPREAD = 30
"""With fewer, outliers leave too little of the lattice to all others."""
FINE = 2.0**30
"""Continuous values are added in whole parts of a lattice step, so many to a step."""
DENSE = 8.0
"""Newton's identities lose about exp(k^2 / n) of a float's precision; up to exp(8) is 1e-12."""
FIRST = 1000
"""Values that are looked at before all of them."""


@dataclass(frozen=True)
class Lattice:
    """Values as whole numbers 0..M."""

    steps: np.ndarray
    """The values in whole steps from the smallest, shape (n,)."""
    fine: np.ndarray | None
    """The same before rounding, in whole parts of a step, shape (n,); None where nothing was rounded."""
    size: int
    """Length L of the transform, a power of two above the largest sum."""


@dataclass(frozen=True)
class ExactTest:
    """Tails of the neighbour sums, and how far they can be from the truth."""

    tails: Tails
    error: float
    """No p-value is further from the truth than this; 0 where nothing was rounded."""


def exact_law_applies(sample: Sample) -> str:
    """Return why the exact law does not apply to these weights, or nothing when it does."""
    if not sample.equal_weights:
        return "weights differ within a row"
    k = int(drawn_counts(sample).max(initial=0))
    if k * k > DENSE * sample.n:
        return f"{k} neighbours among {sample.n} areas are too many for the exact law"
    if k * LEAST_BINS_IN_SPREAD * width_in_spreads(sample) > MOST_BINS and counted_steps(sample, k) is None:
        return "outliers leave too little room to all other values for the exact law"
    return ""


def drawn_counts(sample: Sample) -> np.ndarray:
    """Return how many values are drawn for each area: its neighbours, or the others where those are fewer."""
    return np.asarray(np.minimum(sample.counts, sample.n - 1 - sample.counts))


def exact_test(sample: Sample) -> ExactTest:
    """Return both tails of every area's unweighted neighbour sum under conditional permutation."""
    drawn = drawn_counts(sample)
    largest = int(drawn.max(initial=0))
    numbers = np.ones((3, sample.n))
    numbers[2] = 0.0
    if largest > 0:
        lattice = lay_lattice(sample, largest)
        rows = _Rows(sample, lattice, drawn)
        areas = np.bincount(drawn, minlength=largest + 1)
        direct = direct_laws(lattice.steps, lattice.size, areas)
        rows.sum_up(direct, numbers)
        size = transform_size(direct.most_inverted * int(lattice.steps.max()) + 1)
        for laws in laws_in_blocks(lattice.steps, size, areas[: direct.most_inverted + 1] > 0):
            rows.look_up(laws, numbers)
    single = np.flatnonzero(sample.counts == 1)
    if len(single):
        numbers[:, single] = _tails_of_one(sample, single)
    lower, upper, error = numbers
    lower[sample.counts == 0] = upper[sample.counts == 0] = 1.0
    tails = Tails(np.clip(lower, P_FLOOR, 1.0), np.clip(upper, P_FLOOR, 1.0))
    return ExactTest(tails, float(error.max(initial=0.0)))


def lay_lattice(sample: Sample, most: int) -> Lattice:
    """Put the values on a lattice on which sums of ``most`` of them fit."""
    whole = counted_steps(sample, most)
    if whole is not None:
        return Lattice(whole, None, power_of_two(int(whole.max()) * most + 1))
    wanted = min(BINS_IN_SPREAD * width_in_spreads(sample), MOST_BINS)
    size = min(max(power_of_two(int(wanted) * most), LEAST_BINS), MOST_BINS)
    low, high = sample.ranked[0], sample.ranked[-1]
    steps = (sample.x - low) * (((size - 1) // most) / float(high - low))
    return Lattice(np.rint(steps).astype(np.int32), np.rint(steps * FINE).astype(np.int64), size)


def width_in_spreads(sample: Sample) -> float:
    """Return the range of the values in standard deviations of their bulk."""
    ranked = sample.ranked
    bulk = float(ranked[(3 * sample.n) // 4] - ranked[sample.n // 4]) / 1.35
    spread = sample.variance("n") ** 0.5
    return float(ranked[-1] - ranked[0]) / float(min(bulk, spread) if bulk > 0 else spread)


def counted_steps(sample: Sample, most: int) -> np.ndarray | None:
    """Return the values as whole steps if sums of ``most`` of them fit on the largest exact lattice."""
    decimals = whole_decimals(sample.x)
    if decimals is None:
        return None
    whole = np.rint(sample.x * 10.0**decimals)
    steps = (whole - whole.min()).astype(np.int64)
    common = int(np.gcd.reduce(steps[:FIRST]))
    common = int(np.gcd.reduce(steps)) if common != 1 else 1
    if int(steps.max()) // max(1, common) * most >= LARGEST_EXACT:
        return None
    return np.asarray(steps // max(1, common), dtype=np.int32)


def whole_decimals(x: np.ndarray) -> int | None:
    """Return how many decimals make all values whole, or None if more than a few are needed."""
    for decimals in range(DECIMALS + 1):
        if all(_are_whole(part, decimals) for part in (x[:FIRST], x)):
            return decimals
    return None


def _are_whole(x: np.ndarray, decimals: int) -> bool:
    scaled = x * 10.0**decimals
    whole = np.rint(scaled)
    if np.abs(whole).max() > 2**53:
        return False
    return bool((np.abs(scaled - whole) <= 4 * np.finfo(float).eps * np.abs(scaled)).all())


@dataclass(frozen=True)
class _Rows:
    """Observed sums of every row on the lattice, turned to the smaller side: neighbours, or all others."""

    sample: Sample
    lattice: Lattice
    drawn: np.ndarray

    @cached_property
    def turned(self) -> np.ndarray:
        return np.asarray(self.drawn < self.sample.counts)

    @cached_property
    def sums(self) -> np.ndarray:
        return self._on_side(self.lattice.steps)

    @cached_property
    def places(self) -> np.ndarray:
        """The sums in steps before rounding."""
        if self.lattice.fine is None:
            return self.sums.astype(float)
        return np.asarray(self._on_side(self.lattice.fine) / FINE)

    @cached_property
    def ties(self) -> np.ndarray:
        return np.empty(0) if self.lattice.fine is None else tie_masses(self.sample)

    def _on_side(self, whole: np.ndarray) -> np.ndarray:
        sums = counted_rows(self.sample.indptr, self.sample.indices, whole)
        if not self.turned.any():
            return sums
        return np.where(self.turned, int(whole.sum(dtype=np.int64)) - whole - sums, sums)

    def look_up(self, laws: SubsetLaws, numbers: np.ndarray) -> None:
        """Write both tails and the error of the rows whose laws these are."""
        rows, tables = self.columns, laws.tables
        in_chunks(lambda start, stop: look_up(start, stop, rows, tables, numbers), self.sample.n)

    def sum_up(self, laws: DirectLaws, numbers: np.ndarray) -> None:
        """Write the same for the rows that draw too many values for a law of their own."""
        rows, tables = self.columns, laws.tables
        many = np.flatnonzero(self.drawn > laws.most_inverted)
        in_chunks(lambda start, stop: sum_up(many[start:stop], rows, tables, numbers), len(many), least=8)

    @property
    def columns(self) -> RowTables:
        """Everything about the rows, as compiled loops take it."""
        return self.drawn, self.turned, self.lattice.steps, self.sums, self.places, self.ties


def tie_masses(sample: Sample) -> np.ndarray:
    """Return the probability that a draw holds exactly the observed neighbours' values, shape (n,).

    With c_v neighbours of value v and m_v other areas that have it: prod_v C(m_v, c_v) / C(n - 1, k).
    """
    if not (np.diff(sample.ranked) == 0).any():
        k = np.arange(int(sample.counts.max(initial=0)))
        by_count = np.cumprod(np.concatenate([[1.0], (k + 1.0) / (sample.n - 1.0 - k)]))
        return np.asarray(by_count[sample.counts])
    first = np.searchsorted(sample.ranked, sample.x, side="left")
    copies = np.searchsorted(sample.ranked, sample.x, side="right") - first
    out, most = np.empty(sample.n), int(sample.counts.max(initial=1))
    rows = (sample.indptr, sample.indices, sample.x, copies)
    in_chunks(lambda start, stop: tie_mass(start, stop, rows, most, out), sample.n)
    return out


def _tails_of_one(sample: Sample, single: np.ndarray) -> np.ndarray:
    """Return both tails and no error where one value is drawn: a place in the sorted values."""
    observed = sample.x[sample.indices[sample.indptr[single]]]
    own = sample.x[single]
    at_most = np.searchsorted(sample.ranked, observed, side="right") - (own <= observed)
    at_least = sample.n - np.searchsorted(sample.ranked, observed, side="left") - (own >= observed)
    return np.array([at_most, at_least, np.zeros(len(single))]) / (sample.n - 1)
