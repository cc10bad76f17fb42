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

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft
from scipy.special import gammaln

from lea_geo.spatial.inference import P_FLOOR, Tails

if TYPE_CHECKING:
    from collections.abc import Iterator

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
NEGLIGIBLE = 1e-17
DENSE = 8.0
"""Newton's identities lose about exp(k^2 / n) of a float's precision; up to exp(8) is 1e-12."""


@dataclass(frozen=True)
class Lattice:
    """Values as whole numbers 0..M."""

    steps: np.ndarray
    """The values in whole steps from the smallest, shape (n,)."""
    exact_steps: np.ndarray
    """The same before rounding, shape (n,)."""
    size: int
    """Length L of the transform, a power of two above the largest sum."""
    is_exact: bool
    """Whether nothing was rounded."""


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
    if (
        counted_steps(sample.x, k) is None
        and k * LEAST_BINS_IN_SPREAD * width_in_spreads(sample.x) > MOST_BINS
    ):
        return "outliers leave too little room to all other values for the exact law"
    return ""


def drawn_counts(sample: Sample) -> np.ndarray:
    """Return how many values are drawn for each area: its neighbours, or the others where those are fewer."""
    return np.asarray(np.minimum(sample.counts, sample.n - 1 - sample.counts))


def exact_test(sample: Sample) -> ExactTest:
    """Return both tails of every area's unweighted neighbour sum under conditional permutation."""
    lower, upper = np.ones(sample.n), np.ones(sample.n)
    error = np.zeros(sample.n)
    drawn = drawn_counts(sample)
    largest = int(drawn.max(initial=0))
    if largest > 0:
        lattice = lay_lattice(sample.x, largest)
        rows = _Rows(sample, lattice, drawn)
        for k, laws in laws_by_count(lattice, largest):
            here = np.flatnonzero((drawn == k) & (sample.counts > 0))
            if len(here):
                lower[here], upper[here], error[here] = rows.tails(here, laws)
    single = np.flatnonzero(sample.counts == 1)
    lower[single], upper[single] = _tails_of_one(sample, single)
    error[single] = 0.0
    tails = Tails(np.clip(lower, P_FLOOR, 1.0), np.clip(upper, P_FLOOR, 1.0))
    return ExactTest(tails, float(error.max(initial=0.0)))


def lay_lattice(x: np.ndarray, most: int) -> Lattice:
    """Put values on a lattice on which sums of ``most`` of them fit."""
    whole = counted_steps(x, most)
    if whole is not None:
        return Lattice(whole, whole.astype(float), _power_of_two(int(whole.max()) * most + 1), is_exact=True)
    wanted = min(BINS_IN_SPREAD * width_in_spreads(x), MOST_BINS)
    size = min(max(_power_of_two(int(wanted) * most), LEAST_BINS), MOST_BINS)
    exact_steps = (x - x.min()) * (((size - 1) // most) / float(np.ptp(x)))
    return Lattice(np.rint(exact_steps).astype(np.int64), exact_steps, size, is_exact=False)


def width_in_spreads(x: np.ndarray) -> float:
    """Return the range of the values in standard deviations of their bulk."""
    low, high = np.quantile(x, [0.25, 0.75])
    bulk = float(high - low) / 1.35
    return float(np.ptp(x)) / (min(bulk, float(x.std())) if bulk > 0 else float(x.std()))


def counted_steps(x: np.ndarray, most: int) -> np.ndarray | None:
    """Return values as whole steps if sums of ``most`` of them fit on the largest exact lattice."""
    whole = whole_steps(x)
    return whole if whole is not None and int(whole.max()) * most < LARGEST_EXACT else None


def whole_steps(x: np.ndarray) -> np.ndarray | None:
    """Return values as whole multiples of their common step above the smallest, or None if they have none."""
    for decimals in range(DECIMALS + 1):
        scaled = x * 10.0**decimals
        whole = np.rint(scaled)
        if np.abs(whole).max() > 2**53:
            return None
        if (np.abs(scaled - whole) <= 4 * np.finfo(float).eps * np.abs(scaled)).all():
            steps = (whole - whole.min()).astype(np.int64)
            return np.asarray(steps // max(1, int(np.gcd.reduce(steps))))
    return None


def _power_of_two(least: int) -> int:
    return 1 << max(4, (least - 1).bit_length())


@dataclass(frozen=True)
class _Law:
    """The cumulated law of a sum of k of all n values; index 0 of ``at_most`` is a sum of -1."""

    at_most: np.ndarray
    at_least: np.ndarray

    @classmethod
    def of(cls, mass: np.ndarray) -> _Law:
        at_most = np.concatenate([[0.0], np.cumsum(mass)])
        at_least = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]])
        return cls(at_most, at_least)

    def lower(self, q: np.ndarray) -> np.ndarray:
        return np.asarray(self.at_most[np.clip(q + 1, 0, len(self.at_most) - 1)])

    def upper(self, q: np.ndarray) -> np.ndarray:
        return np.asarray(self.at_least[np.clip(q, 0, len(self.at_least) - 1)])


@dataclass(frozen=True)
class _LeaveOneOut:
    """The law of k values out of n - 1, as an alternating sum of laws of k, k - 1, ... values out of n."""

    laws: tuple[_Law, ...]
    factors: tuple[float, ...]

    def lower(self, q: np.ndarray, focal: np.ndarray) -> np.ndarray:
        total = np.zeros(len(q))
        for j, (factor, law) in enumerate(zip(self.factors, self.laws, strict=True)):
            total += factor * law.lower(q - j * focal)
        return total

    def upper(self, q: np.ndarray, focal: np.ndarray) -> np.ndarray:
        total = np.zeros(len(q))
        for j, (factor, law) in enumerate(zip(self.factors, self.laws, strict=True)):
            total += factor * law.upper(q - j * focal)
        return total


def laws_by_count(lattice: Lattice, most: int) -> Iterator[tuple[int, _LeaveOneOut]]:
    """Yield, for k = 0, 1, ..., ``most``, the law of the sum of k values with the focal one left out."""
    n, size = len(lattice.steps), lattice.size
    spectrum = fft.fft(np.bincount(lattice.steps, minlength=size).astype(float))
    frequency = np.arange(size // 2 + 1)
    reach = max(len(_newton_factors(n, k)) for k in range(1, most + 1))
    power_sums = [spectrum[(j * frequency) % size] for j in range(1, reach + 1)]
    recent = deque([np.ones(size // 2 + 1, dtype=complex)], maxlen=reach)
    empty_sum = np.zeros(size)
    empty_sum[0] = 1.0
    laws = deque([_Law.of(empty_sum)], maxlen=max(len(_focal_factors(n, k)) for k in range(most + 1)))
    yield 0, _LeaveOneOut((laws[0],), (1.0,))
    for k in range(1, most + 1):
        symmetric = np.zeros(size // 2 + 1, dtype=complex)
        for factor, earlier, power_sum in zip(_newton_factors(n, k), recent, power_sums, strict=False):
            symmetric += factor * (earlier * power_sum)
        recent.appendleft(symmetric)
        laws.appendleft(_Law.of(fft.irfft(symmetric, size)))
        factors = _focal_factors(n, k)
        yield k, _LeaveOneOut(tuple(laws)[: len(factors)], factors)


def _newton_factors(n: int, k: int) -> tuple[float, ...]:
    """Return (-1)^(j-1) C(n,k-j) / C(n,k) / k for j = 1, 2, ... while it matters."""
    factors: list[float] = []
    ratio = 1.0
    for j in range(1, k + 1):
        ratio *= (k - j + 1) / (n - k + j)
        if ratio * n / k < NEGLIGIBLE:
            break
        factors.append((-1) ** (j - 1) * ratio / k)
    return tuple(factors)


def _focal_factors(n: int, k: int) -> tuple[float, ...]:
    """Return (-1)^j C(n,k-j) / C(n-1,k) for j = 0, 1, ... while it matters."""
    factors: list[float] = []
    ratio = n / (n - k)
    for j in range(k + 1):
        if ratio < NEGLIGIBLE:
            break
        factors.append((-1) ** j * ratio)
        ratio *= (k - j) / (n - k + j + 1)
    return tuple(factors)


class _Rows:
    """Observed sums of every row on the lattice, turned to the smaller side: neighbours, or all others."""

    def __init__(self, sample: Sample, lattice: Lattice, drawn: np.ndarray) -> None:
        pattern = sample.weights.copy()
        pattern.data = np.ones_like(pattern.data)
        self.lattice = lattice
        self.drawn = drawn
        self.turned = drawn < sample.counts
        self.sums = self._on_side(np.asarray(pattern @ lattice.steps.astype(float)), lattice.steps).astype(
            np.int64
        )
        self.exact_sums = self._on_side(np.asarray(pattern @ lattice.exact_steps), lattice.exact_steps)
        self.ties = np.zeros(sample.n) if lattice.is_exact else tie_masses(sample)

    def _on_side(self, sums: np.ndarray, steps: np.ndarray) -> np.ndarray:
        return np.where(self.turned, steps.sum() - steps - sums, sums)

    def tails(self, here: np.ndarray, law: _LeaveOneOut) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        focal = self.lattice.steps[here]
        if self.lattice.is_exact:
            q = self.sums[here]
            lower, upper, error = law.lower(q, focal), law.upper(q, focal), np.zeros(len(here))
        else:
            lower, upper, error = self._rounded_tails(here, focal, law)
        turned = self.turned[here]
        return np.where(turned, upper, lower), np.where(turned, lower, upper), error

    def _rounded_tails(
        self, here: np.ndarray, focal: np.ndarray, law: _LeaveOneOut
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Split the observed step in proportion, but count true ties of the observed values in whole."""
        at, tie = self.exact_sums[here], self.ties[here]
        step = np.floor(at + 0.5).astype(np.int64)
        share = step + 0.5 - at
        above, below = law.upper(step + 1, focal), law.lower(step - 1, focal)
        own = self.sums[here]
        mass = np.maximum(law.upper(step, focal) - above - np.where(own == step, tie, 0.0), 0.0)
        upper = above + share * mass + np.where(own <= step, tie, 0.0)
        lower = below + (1.0 - share) * mass + np.where(own >= step, tie, 0.0)
        half = self.drawn[here] / 2.0
        first, last = np.ceil(at - half).astype(np.int64), np.floor(at + half).astype(np.int64)
        near = law.upper(first, focal) - law.upper(last + 1, focal)
        return lower, upper, np.maximum(near - tie, 0.0)


def tie_masses(sample: Sample) -> np.ndarray:
    """Return the probability that a draw holds exactly the observed neighbours' values, shape (n,).

    With c_v neighbours of value v and m_v other areas that have it: prod_v C(m_v, c_v) / C(n - 1, k).
    """
    _, code, copies = np.unique(sample.x, return_inverse=True, return_counts=True)
    row = np.repeat(np.arange(sample.n), sample.counts)
    pairs, held = np.unique(np.column_stack([row, code[sample.weights.indices]]), axis=0, return_counts=True)
    others = copies[pairs[:, 1]] - (code[pairs[:, 0]] == pairs[:, 1])
    ways = np.bincount(pairs[:, 0], _log_choose(others, held), minlength=sample.n)
    return np.asarray(np.exp(ways - _log_choose(np.full(sample.n, sample.n - 1), sample.counts)))


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))


def _tails_of_one(sample: Sample, single: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the tails where one value is drawn: a place in the sorted values."""
    ranked = np.sort(sample.x)
    observed = sample.x[sample.weights.indices[sample.weights.indptr[single]]]
    own = sample.x[single]
    at_most = np.searchsorted(ranked, observed, side="right") - (own <= observed)
    at_least = sample.n - np.searchsorted(ranked, observed, side="left") - (own >= observed)
    return at_most / (sample.n - 1), at_least / (sample.n - 1)
