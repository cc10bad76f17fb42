"""Values as whole numbers: the lattice on which the exact law adds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
FIRST = 1000
"""Values that are looked at before all of them."""


@dataclass(frozen=True)
class Population:
    """What a lattice needs to know of all values together."""

    n: int
    lowest: float
    highest: float
    width: float
    """Range in standard deviations of the bulk."""
    decimals: int | None
    """How many decimals make all values whole; None if more than a few are needed."""
    common: int
    """The largest whole number of the last decimal that all distances from the smallest value are made of."""

    @property
    def counted(self) -> int | None:
        """The largest value in common steps from the smallest, None where the values are not whole."""
        if self.decimals is None:
            return None
        scale = 10.0**self.decimals
        return int(np.rint(self.highest * scale) - np.rint(self.lowest * scale)) // self.common

    def is_counted(self, most: int) -> bool:
        """Whether sums of ``most`` values are whole numbers that fit on the largest exact lattice."""
        return self.counted is not None and self.counted * most < LARGEST_EXACT

    def is_too_wide(self, most: int) -> bool:
        """Whether outliers leave too little of the lattice to all other values."""
        return most * LEAST_BINS_IN_SPREAD * self.width > MOST_BINS and not self.is_counted(most)


def population_of(sample: Sample) -> Population:
    """Return what a lattice needs to know of the values of a sample."""
    decimals = whole_decimals(sample.x)
    ranked = sample.ranked
    bulk = float(ranked[(3 * sample.n) // 4] - ranked[sample.n // 4])
    common = 1 if decimals is None else common_step(sample.x, float(ranked[0]), decimals)
    width = width_in_spreads(float(ranked[-1] - ranked[0]), bulk, sample.variance("n") ** 0.5)
    return Population(sample.n, float(ranked[0]), float(ranked[-1]), width, decimals, common)


def width_in_spreads(width: float, bulk: float, spread: float) -> float:
    """Return a range in standard deviations, those of the bulk of a normal law where they are smaller.

    Parameters
    ----------
    width, bulk, spread
        The range, the distance of the quartiles and the standard deviation of the values.
    """
    return width / float(min(bulk / 1.35, spread) if bulk > 0 else spread)


def whole_decimals(x: np.ndarray) -> int | None:
    """Return how many decimals make all values whole, or None if more than a few are needed."""
    for decimals in range(DECIMALS + 1):
        if all(are_whole(part, decimals) for part in (x[:FIRST], x)):
            return decimals
    return None


def are_whole(x: np.ndarray, decimals: int) -> bool:
    """Say whether so many decimals make all values whole."""
    scaled = x * 10.0**decimals
    whole = np.rint(scaled)
    if np.abs(whole).max(initial=0.0) > 2**53:
        return False
    return bool((np.abs(scaled - whole) <= 4 * np.finfo(float).eps * np.abs(scaled)).all())


def common_step(x: np.ndarray, lowest: float, decimals: int) -> int:
    """Return the largest whole number of the last decimal that all distances from ``lowest`` are made of."""
    steps = whole_distances(x, lowest, decimals)
    if int(np.gcd.reduce(steps[:FIRST])) == 1:
        return 1
    return max(1, int(np.gcd.reduce(steps)))


def whole_distances(x: np.ndarray, lowest: float, decimals: int) -> np.ndarray:
    """Return the distances from ``lowest`` in whole numbers of the last decimal."""
    scale = 10.0**decimals
    return np.asarray((np.rint(x * scale) - np.rint(lowest * scale)).astype(np.int64))


@dataclass(frozen=True)
class Lattice:
    """The rule that makes whole numbers 0, 1, ... of values."""

    population: Population
    size: int
    """Length L of the transform, a power of two above the largest sum."""
    rounded: bool
    """Whether values are rounded to the lattice; otherwise they are whole steps."""
    scale: float
    """How many steps, or parts of the last decimal, are in a unit of the values."""

    @classmethod
    def of(cls, population: Population, most: int) -> Lattice:
        """Return a lattice on which sums of ``most`` values fit."""
        if population.is_counted(most) and population.counted is not None:
            size = power_of_two(population.counted * most + 1)
            return cls(population, size, rounded=False, scale=10.0 ** (population.decimals or 0))
        wanted = min(BINS_IN_SPREAD * population.width, MOST_BINS)
        size = min(max(power_of_two(int(wanted) * most), LEAST_BINS), MOST_BINS)
        width = population.highest - population.lowest
        return cls(population, size, rounded=True, scale=((size - 1) // most) / width)

    def steps(self, x: np.ndarray) -> np.ndarray:
        """Return values in whole steps from the smallest of all."""
        lowest = self.population.lowest
        if self.rounded:
            return np.asarray(np.rint((x - lowest) * self.scale).astype(np.int32))
        whole = (np.rint(x * self.scale) - np.rint(lowest * self.scale)).astype(np.int64)
        return np.asarray(whole // self.population.common, dtype=np.int32)

    def step_of(self, value: float) -> float:
        """Return where a value lies among the steps, not rounded."""
        return (value - self.population.lowest) * self.scale

    def fine(self, x: np.ndarray) -> np.ndarray:
        """Return the same before rounding, in whole parts of a step."""
        return np.asarray(np.rint((x - self.population.lowest) * self.scale * FINE).astype(np.int64))


def power_of_two(least: int) -> int:
    """Return the smallest power of two, 16 or more, that is at least so large."""
    return 1 << max(4, (least - 1).bit_length())
