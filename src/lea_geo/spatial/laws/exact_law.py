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
each tail is then at most the probability that the rounded sum lies within k/2 steps of the observed one, or
for many values within fewer steps (:func:`rounding_reach`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.compiled import in_chunks
from lea_geo.spatial.inference import P_FLOOR, Tails
from lea_geo.spatial.laws.direct_laws import direct_laws
from lea_geo.spatial.laws.exact_loops import RowTables, look_up, sum_up, tie_mass
from lea_geo.spatial.laws.subset_laws import SubsetLaws, laws_in_blocks, transform_size
from lea_geo.spatial.laws.value_lattice import FINE, Lattice, Population, population_of
from lea_geo.spatial.rows import counted_rows

if TYPE_CHECKING:
    from lea_geo.spatial.sample import Sample

RARE = 1e-9
"""How improbable it is that rounding moves a sum by more than it is reckoned with."""
DENSE = 8.0
"""Newton's identities lose about exp(k^2 / n) of a float's precision; up to exp(8) is 1e-12."""


@dataclass(frozen=True)
class ExactTest:
    """Tails of the neighbour sums, and how far they can be from the truth."""

    tails: Tails
    error: float
    """No tail is further from the truth than this; 0 where nothing was rounded."""


def exact_law_applies(sample: Sample) -> str:
    """Return why the exact law does not apply to these weights, or nothing when it does."""
    if not sample.equal_weights:
        return "weights differ within a row"
    return law_fits(int(drawn_counts(sample).max(initial=0)), population_of(sample))


def law_fits(k: int, population: Population) -> str:
    """Return why the law of ``k`` values out of all cannot be computed, or nothing when it can."""
    if k * k > DENSE * population.n:
        return f"{k} neighbours among {population.n} areas are too many for the exact law"
    if population.is_too_wide(k):
        return "outliers leave too little room to all other values for the exact law"
    return ""


def drawn_counts(sample: Sample) -> np.ndarray:
    """Return how many values are drawn for each area: its neighbours, or the others where those are fewer."""
    return np.asarray(np.minimum(sample.counts, sample.n - 1 - sample.counts))


def exact_test(sample: Sample) -> ExactTest:
    """Return both tails of every area's unweighted neighbour sum under conditional permutation."""
    drawn = drawn_counts(sample)
    largest = int(drawn.max(initial=0))
    if largest == 0:
        return read_tails(sample, drawn, None)
    lattice = Lattice.of(population_of(sample), largest)
    steps = lattice.steps(sample.x)
    laws = ConditionalLaws(np.bincount(steps), lattice.size, np.bincount(drawn))
    return read_tails(sample, drawn, (lattice, steps, laws))


def read_tails(
    sample: Sample, drawn: np.ndarray, law: tuple[Lattice, np.ndarray, ConditionalLaws] | None
) -> ExactTest:
    """Return both tails of every area's neighbour sum, read from laws that pieces of a map can share.

    Parameters
    ----------
    drawn
        As :func:`drawn_counts` gives it, shape (rows,).
    law
        A lattice, the values in its steps and the laws; None where nobody has a neighbour.
    """
    numbers = np.ones((3, len(sample.x)))
    numbers[2] = 0.0
    if law is not None:
        law[2].write(_rows(sample, law, drawn), numbers)
    single = np.flatnonzero(sample.counts == 1)
    if len(single):
        numbers[:, single] = _tails_of_one(sample, single)
    lower, upper, error = numbers
    lower[sample.counts == 0] = upper[sample.counts == 0] = 1.0
    tails = Tails(np.clip(lower, P_FLOOR, 1.0), np.clip(upper, P_FLOOR, 1.0))
    rounding = RARE if law is not None and law[0].rounded else 0.0
    return ExactTest(tails, float(error.max(initial=0.0)) + rounding)


@dataclass(frozen=True)
class ConditionalLaws:
    """The laws of the sums of any number of values, and of how many they are needed."""

    histogram: np.ndarray
    """How many values are 0, 1, ... steps, shape (M + 1,)."""
    size: int
    """Length L of the transform, a power of two above the largest sum."""
    areas: np.ndarray
    """How many areas draw *k* values, at [k]."""

    def write(self, rows: RowTables, numbers: np.ndarray) -> None:
        """Write the lower and upper tail of rows and the error of both into ``numbers``, shape (3, rows)."""
        drawn = rows[0]
        direct = direct_laws(self.histogram, self.size, self.areas)
        tables, many = direct.tables, np.flatnonzero(drawn > direct.most_inverted)
        in_chunks(lambda start, stop: sum_up(many[start:stop], rows, tables, numbers), len(many), least=8)
        size = transform_size(direct.most_inverted * (len(self.histogram) - 1) + 1)
        for laws in laws_in_blocks(self.histogram, size, self.areas[: direct.most_inverted + 1] > 0):
            _look_up(rows, laws, numbers)


def _look_up(rows: RowTables, laws: SubsetLaws, numbers: np.ndarray) -> None:
    tables = laws.tables
    in_chunks(lambda start, stop: look_up(start, stop, rows, tables, numbers), numbers.shape[1])


def _rows(sample: Sample, law: tuple[Lattice, np.ndarray, ConditionalLaws], drawn: np.ndarray) -> RowTables:
    """Return each row's observed sum on the lattice, turned to the smaller side: neighbours or others."""
    lattice, steps, laws = law
    turned = np.asarray(drawn < sample.counts)

    def on_side(whole: np.ndarray) -> np.ndarray:
        sums = counted_rows(sample.indptr, sample.indices, whole)
        if not turned.any():
            return sums
        return np.where(turned, int(whole.sum(dtype=np.int64)) - whole - sums, sums)

    sums = on_side(steps)
    if not lattice.rounded:
        return drawn, turned, steps, sums, np.empty(0), np.empty(0), np.empty(0)
    reach = rounding_reach(laws.histogram, lattice.step_of(sample.mean), len(laws.areas) - 1)
    return drawn, turned, steps, sums, on_side(lattice.fine(sample.x)) / FINE, tie_masses(sample), reach


def rounding_reach(histogram: np.ndarray, mean: float, most: int) -> np.ndarray:
    """Return how many steps rounding can move the sum of k drawn values, at [k], shape (most + 1,).

    Never more than k / 2. With b the mean of what all values are rounded by, the sum of k drawn ones is
    further than ``k |b| + sqrt(k ln(2 / RARE) / 2)`` from 0 with probability RARE at most.

    Parameters
    ----------
    histogram
        How many values are 0, 1, ... steps after rounding.
    mean
        The mean of the values in steps before rounding.

    References
    ----------
    Hoeffding (1963), https://doi.org/10.1080/01621459.1963.10500830, theorems 2 and 4
    """
    k = np.arange(most + 1)
    bias = abs(float(histogram @ np.arange(len(histogram))) / float(histogram.sum()) - mean)
    return np.asarray(np.minimum(k / 2.0, k * bias + np.sqrt(k * np.log(2.0 / RARE) / 2.0)))


def tie_masses(sample: Sample) -> np.ndarray:
    """Return the probability that a draw holds exactly the observed neighbours' values, shape (n,).

    With c_v neighbours of value v and m_v other areas that have it: prod_v C(m_v, c_v) / C(n - 1, k).
    """
    k = np.arange(int(sample.counts.max(initial=0)))
    by_count = np.cumprod(np.concatenate([[1.0], (k + 1.0) / (sample.n - 1.0 - k)]))
    if not sample.tied:
        return np.asarray(by_count[sample.counts])
    copies = sample.copies
    out, most = np.empty(len(sample.x)), int(sample.counts.max(initial=1))
    rows = (sample.indptr, sample.indices, sample.x, copies)
    in_chunks(lambda start, stop: tie_mass(start, stop, rows, by_count, (sample.n, most), out), len(out))
    return out


def _tails_of_one(sample: Sample, single: np.ndarray) -> np.ndarray:
    """Return both tails and no error where one value is drawn: a place in the sorted values."""
    drawn = sample.indices[sample.indptr[single]]
    observed, own = sample.x[drawn], sample.x[single]
    at_most = sample.not_larger(drawn) - (own <= observed)
    at_least = sample.n - sample.smaller(drawn) - (own >= observed)
    return np.array([at_most, at_least, np.zeros(len(single))]) / (sample.n - 1)
