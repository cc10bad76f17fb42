"""The exact law of a neighbour sum on a coarser lattice: what makes hundreds of runs affordable.

A run asks on which side of a threshold a p-value lies, not for its third digit. Rounded to ``BINS`` steps in
a standard deviation instead of a thousand, the law of all Finnish postal areas costs a third to a seventh and
changes no p-value by more than 1 % (BENCHMARKS.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.spatial.inference import P_FLOOR
from lea_geo.spatial.laws.exact_law import (
    RARE,
    ConditionalLaws,
    ExactTest,
    drawn_counts,
    exact_law_applies,
    read_tails,
    rounding_reach,
)
from lea_geo.spatial.laws.value_lattice import (
    Lattice,
    Population,
    common_step,
    population_of,
    power_of_two,
    whole_decimals,
    width_in_spreads,
)
from lea_geo.spatial.neighbour_sum import SumTest, sum_test

if TYPE_CHECKING:
    from lea_geo.spatial.neighbour_sum import Inference
    from lea_geo.spatial.sample import Sample

BINS = 64
"""How many lattice steps the bulk of the values spreads over."""
LEAST_SIZE = 2**12
MOST_SIZE = 2**17


def run_test(sample: Sample, inference: Inference, *, fast: bool) -> SumTest:
    """Test every area's neighbour sum: by the coarse law where it applies, else as the stated test does.

    Where the exact law does not apply, ``fast`` takes the normal law, for the others would take seconds.
    """
    if not fast:
        return sum_test(sample, inference)
    if exact_law_applies(sample):
        return SumTest(None, "analytic")
    found = coarse_test(sample)
    return SumTest(found.tails.only(sample.counts > 0), "exact", error=found.error)


def coarse_test(sample: Sample, *, bins: int = BINS) -> ExactTest:
    """Return both tails of every area's unweighted neighbour sum, from a lattice of ``bins`` steps."""
    drawn = drawn_counts(sample)
    most = int(drawn.max(initial=0))
    if most == 0:
        return read_tails(sample, drawn, None)
    lattice = coarse_lattice(population_of(sample), most, bins=bins)
    steps = lattice.steps(sample.x)
    laws = ConditionalLaws(np.bincount(steps), lattice.size, np.bincount(drawn))
    return read_tails(sample, drawn, (lattice, steps, laws))


def coarse_lattice(population: Population, most: int, *, bins: int = BINS) -> Lattice:
    """Return a lattice for sums of ``most`` values; whole numbers keep theirs where it is no larger."""
    wanted = power_of_two(int(min(bins * population.width, MOST_SIZE)) * most)
    size = min(max(wanted, LEAST_SIZE), MOST_SIZE)
    if population.is_counted(most):
        exact = Lattice.of(population, most)
        if exact.size <= size:
            return exact
    width = population.highest - population.lowest
    return Lattice(population, size, rounded=True, scale=((size - 1) // most) / width)


@dataclass(frozen=True)
class Pool:
    """Values that neighbours' values are drawn from, asked about any sums, not only those that they make.

    A bound asks how likely a draw from the largest values that an area's surroundings can have is to reach
    the smallest sum that its neighbours can have.
    """

    lattice: Lattice
    """On which all sums that are asked about lie too."""
    histogram: np.ndarray
    """How many values are 0, 1, ... steps."""
    whole: float
    """The sum of all values."""

    @classmethod
    def of(cls, values: np.ndarray, lattice: Lattice) -> Pool:
        """Return the pool of values, shape (n,)."""
        return cls(lattice, np.bincount(lattice.steps(values)), float(values.sum()))

    def joined_by(self, values: np.ndarray) -> Pool:
        """Return the pool with a few values more."""
        steps = self.lattice.steps(values)
        histogram = np.zeros(max(len(self.histogram), int(steps.max(initial=0)) + 1), dtype=np.int64)
        histogram[: len(self.histogram)] = self.histogram
        np.add.at(histogram, steps, 1)
        return Pool(self.lattice, histogram, self.whole + float(values.sum()))

    @property
    def n(self) -> int:
        """How many values there are."""
        return int(self.histogram.sum())

    def tails(
        self, own: np.ndarray, counts: np.ndarray, sums: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return P(S <= s), P(S >= s) and how far both can be from the truth.

        S is the sum of ``counts`` values drawn from all but one that equals ``own``.

        Parameters
        ----------
        own, counts, sums
            Each of shape (rows,).
        """
        n, rounded = self.n, self.lattice.rounded
        turned = counts > n - 1 - counts
        drawn = np.where(turned, n - 1 - counts, counts)
        steps = self.lattice.steps(own)
        at = self._places(sums, counts)
        whole = float(self._places(np.array([self.whole]), np.array([n]))[0])
        at = np.where(turned, whole - self._places(own, np.ones_like(counts)) - at, at)
        reach = np.empty(0)
        if rounded:
            mean = self.lattice.step_of(self.whole / n)
            reach = rounding_reach(self.histogram, mean, int(drawn.max(initial=0)))
        numbers = np.ones((3, len(own)))
        numbers[2] = 0.0
        places, ties = (at, np.zeros(len(at))) if rounded else (reach, reach)
        laws = ConditionalLaws(self.histogram, self.lattice.size, np.bincount(drawn))
        laws.write((drawn, turned, steps, np.rint(at).astype(np.int64), places, ties, reach), numbers)
        numbers[:2, drawn == 0] = 1.0
        # P_FLOOR is what round-off leaves of an exact tail, RARE what the reach of rounding leaves out.
        return numbers[0], numbers[1], numbers[2] + (RARE if rounded else P_FLOOR)

    def _places(self, sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return where sums of so many values lie on the lattice."""
        lattice, lowest = self.lattice, self.lattice.population.lowest
        if lattice.rounded:
            return np.asarray((sums - counts * lowest) * lattice.scale)
        whole = np.rint(sums * lattice.scale) - counts * np.rint(lowest * lattice.scale)
        return np.asarray(whole // lattice.population.common)


def population_of_values(x: np.ndarray) -> Population:
    """Return what a lattice needs to know of values that are no sample's."""
    ranked, n = np.sort(x), len(x)
    decimals = whole_decimals(x)
    bulk = float(ranked[(3 * n) // 4] - ranked[n // 4])
    common = 1 if decimals is None else common_step(x, float(ranked[0]), decimals)
    width = width_in_spreads(float(ranked[-1] - ranked[0]), bulk, float(x.std()))
    return Population(n, float(ranked[0]), float(ranked[-1]), width, decimals, common)
