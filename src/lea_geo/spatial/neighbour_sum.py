"""The test that local Moran, G and join counts share: of the weighted sum over the neighbours.

All of them keep the focal value and shuffle the others, and rise or fall with this one sum. So it is tested
once, by the exact law, by permutation or by its moments, and each statistic reads its own tails from the
answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.values import check_resolution, refuse_method
from lea_geo.spatial.inference import ALTERNATIVES, CORRECTIONS, Tails, normal_tails, required_permutations
from lea_geo.spatial.laws.characteristic import (
    CharacteristicTest,
    characteristic_applies,
    characteristic_test,
)
from lea_geo.spatial.laws.exact_law import ExactTest, exact_law_applies, exact_test
from lea_geo.spatial.laws.permutation import CountedTest, sum_tails

if TYPE_CHECKING:
    from lea_geo.spatial.sample import Sample

METHODS = ("auto", "exact", "characteristic", "permutation", "analytic")
MOMENTS = ("conditional", "total")
LEAST_PERMUTATIONS = 9999
_EXACT_TESTS: WeakKeyDictionary[Sample, ExactTest] = WeakKeyDictionary()
"""What several statistics of one sample share, as long as the sample is kept."""
REFEREE = 9999
"""Random draws that the characteristic function is held against."""
DEVIATIONS = 6.0
"""How many standard deviations a share of draws may differ: chance alone does so once in 10^9 areas."""
LARGEST_ERROR = 0.01
"""If rounding could move a p-value further than this, permutations decide instead."""


@dataclass(frozen=True)
class Inference:
    """How to test: the options that all local statistics share."""

    method: str = "auto"
    permutations: int | None = None
    seed: int = 0
    fdr: float = 0.05
    alternative: str = "two-sided"
    moments: str = "conditional"
    correction: str = "bh"

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        check_choice("alternative", self.alternative, ALTERNATIVES)
        check_choice("moments", self.moments, MOMENTS)
        check_choice("correction", self.correction, CORRECTIONS)
        check_fraction("fdr", self.fdr)
        check_seed(self.seed)
        if self.permutations is not None:
            check_count("permutations", self.permutations)

    def resolution(self, n_tested: int) -> tuple[int, tuple[str, ...]]:
        """Return how many permutations to run, and notes on them; too few to label anything is an error."""
        needed = required_permutations(n_tested, self.fdr, self.alternative, self.correction)
        if self.permutations is None:
            return max(needed, LEAST_PERMUTATIONS), ()
        least = required_permutations(n_tested, self.fdr, "greater", self.correction)
        notes = check_resolution(
            self.permutations, least=least, needed=needed, n_tested=n_tested, fdr=self.fdr
        )
        return self.permutations, notes


@dataclass(frozen=True)
class SumTest:
    """What is known of every area's weighted neighbour sum under conditional permutation."""

    tails: Tails | None
    """Of the sum; None where the moments of each statistic decide."""
    method: str
    """What ran: ``exact``, ``characteristic``, ``permutation`` or ``analytic``."""
    permutations: int | None = None
    error: float = 0.0
    """How far each tail can be from the truth, for rounding or for what a series leaves out."""
    notes: tuple[str, ...] = ()

    def tails_of(self, statistic: np.ndarray, moments: Moments, *, falls: np.ndarray) -> Tails:
        """Return the tails of a statistic that rises with the sum, or falls where ``falls`` says so."""
        if self.tails is None:
            return normal_tails(moments.z_score(statistic))
        return self.tails.flipped_where(falls)


@dataclass(frozen=True)
class Moments:
    """Mean and variance of a statistic under permutation, each of shape (n,)."""

    expected: np.ndarray
    variance: np.ndarray

    def scaled(self, factor: np.ndarray | float, shift: np.ndarray | float = 0.0) -> Moments:
        """Return the moments of ``factor * statistic + shift``."""
        return Moments(factor * self.expected + shift, np.square(factor) * self.variance)

    def z_score(self, statistic: np.ndarray) -> np.ndarray:
        """Return the standardised statistic, NaN where it cannot vary."""
        spread = np.sqrt(np.maximum(self.variance, 0.0))
        spread[spread == 0.0] = np.nan
        return np.asarray((statistic - self.expected) / spread)


def conditional_moments(sample: Sample, total: np.ndarray, squares: np.ndarray) -> Moments:
    """Return the moments of sum_j w_ij d_j when the d_j of the other n - 1 areas are shuffled.

    With mean mu_i and population variance s_i^2 of the others, W_i the sum and Q_i the sum of squares of the
    weights::

        E = W_i mu_i,   Var = s_i^2 (Q_i - W_i^2 / (n - 1)) (n - 1) / (n - 2)

    Parameters
    ----------
    total, squares
        Sum of the others' values and of their squares, shape (n,).

    References
    ----------
    Sokal, Oden and Thomson (1998), https://doi.org/10.1111/j.1538-4632.1998.tb00406.x
    """
    others = sample.n - 1
    mean = total / others
    spread = _difference(squares / others, np.square(mean))
    # A row of equal weights to everybody leaves nothing to shuffle.
    arrangement = _difference(sample.row_squares, np.square(sample.row_sums) / others)
    return Moments(sample.row_sums * mean, spread * arrangement * others / (others - 1))


def _difference(more: np.ndarray, less: np.ndarray) -> np.ndarray:
    """Return ``more - less`` of two positive numbers, exactly 0 where only rounding is left."""
    rest = np.asarray(more - less)
    rest[rest <= 1e-13 * more] = 0.0
    return rest


def sum_moments(sample: Sample) -> Moments:
    """Return the conditional moments of the weighted neighbour sum of the deviations from the mean."""
    z = sample.deviations
    return conditional_moments(sample, -z, sample.squares - np.square(z))


def sum_test(sample: Sample, inference: Inference) -> SumTest:
    """Test every area's weighted neighbour sum by the method asked for, or by the best that applies."""
    if inference.method == "analytic":
        return SumTest(None, "analytic")
    if inference.method == "permutation":
        return _by_permutation(sample, inference, ())
    if inference.method == "exact" and not sample.equal_weights:
        refuse_method("exact", "weights that differ within a row", "use method='auto'")
    if inference.method == "characteristic" or not sample.equal_weights:
        return _by_characteristic(sample, inference)
    why_not = "" if sample in _EXACT_TESTS else exact_law_applies(sample)
    if why_not:
        return _by_permutation(sample, inference, (f"Permutations decided: {why_not}.",))
    if sample not in _EXACT_TESTS:
        _EXACT_TESTS[sample] = exact_test(sample)
    found = _EXACT_TESTS[sample]
    if found.error > LARGEST_ERROR:
        note = f"Permutations decided: rounding leaves the exact law an error of up to {found.error:.2g}."
        return _by_permutation(sample, inference, (note,))
    return SumTest(found.tails.only(sample.counts > 0), "exact", error=found.error)


def _by_characteristic(sample: Sample, inference: Inference) -> SumTest:
    """Test by the characteristic function, or by permutation where it cannot tell or draws contradict it."""
    why_not = characteristic_applies(sample.x, sample.indptr)
    if why_not:
        return _by_permutation(sample, inference, (f"Permutations decided: {why_not}.",))
    linked = sample.counts > 0
    found = characteristic_test(sample.x, sample.indptr, sample.indices, sample.link_weights)
    error = float(found.error.max(initial=0.0))
    if error > LARGEST_ERROR:
        why_not = f"the characteristic function leaves an error of up to {error:.2g}"
    elif float(found.floor[linked].max(initial=0.0)) * (_needed(linked, inference) + 1) > 1.0:
        why_not = "the characteristic function cannot tell p-values as small as one lone area needs"
    elif not _agrees(found, _drawn(sample, REFEREE, REFEREE, inference.seed).tails, linked):
        why_not = f"{REFEREE} random draws contradict the characteristic function"
    if why_not:
        return _by_permutation(sample, inference, (f"Permutations decided: {why_not}.",))
    return SumTest(found.tails.only(linked), "characteristic", error=error)


def _needed(linked: np.ndarray, inference: Inference) -> int:
    n = int(np.count_nonzero(linked))
    return required_permutations(n, inference.fdr, inference.alternative, inference.correction)


def _agrees(found: CharacteristicTest, drawn: Tails, linked: np.ndarray) -> bool:
    """Say whether no p-value is further from that of random draws than chance and its error allow."""
    for computed, counted in ((found.tails.lower, drawn.lower), (found.tails.upper, drawn.upper)):
        p, error = computed[linked], found.error[linked]
        chance = DEVIATIONS * np.sqrt(p * (1.0 - np.minimum(p, 1.0)) / REFEREE) + 2.0 / (REFEREE + 1)
        if (np.abs(p - counted[linked]) > chance + error).any():
            return False
    return True


def _by_permutation(sample: Sample, inference: Inference, notes: tuple[str, ...]) -> SumTest:
    required, said = inference.resolution(int(np.count_nonzero(sample.counts)))
    found = _drawn(sample, inference.permutations, required, inference.seed)
    return SumTest(found.tails, "permutation", found.permutations, notes=notes + said)


def _drawn(sample: Sample, permutations: int | None, required: int, seed: int) -> CountedTest:
    return sum_tails(
        sample,
        sample.deviations,
        tolerance=sample.row_sums * tie_tolerance(sample),
        permutations=permutations,
        required=required,
        seed=seed,
    )


def tie_tolerance(sample: Sample) -> float:
    """Return the rounding of one value: mean-free values that differ by less are equal."""
    return 1e-12 * float(np.abs(sample.deviations).max()) + 1e-15 * float(
        np.abs(sample.ranked[[0, -1]]).max()
    )
