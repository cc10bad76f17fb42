"""Tails of the sums of many values, for the few areas that have so many neighbours.

The characteristic function E_k(a) of a sum of *k* values dies out as *k* grows, at all but the few lowest
frequencies. So where only some areas have *k* neighbours, it takes less to add the frequencies that matter
for each of them than to invert the whole law. With ``z = exp(2 pi i a / L)`` and the focal value m left out::

    E_{-i,k}(a) = sum_j (-1)^j [C(n,k-j) / C(n-1,k)] exp(-2 pi i a m j / L) E_{k-j}(a)
    P(S >= q) = (L - q) / L + (1 / L) sum_{a != 0} E_{-i,k}(a) (z^q - 1) / (1 - z)

Which frequencies matter is known beforehand. In Newton's identities every power sum but the first is at most
n, so their terms' magnitudes add up to a bound of |E_{-i,k}(a)| that rises with |p_1(a)| alone. Frequencies
where it is below ``VANISHED`` are left out; all of them together change no probability by more than 1e-13.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from lea_geo.spatial.compiled import compiled, in_chunks
from lea_geo.spatial.laws.exact_loops import FINE, DirectTables
from lea_geo.spatial.laws.subset_laws import focal_factors, newton_factors, padded

VANISHED = 1e-14
HALVINGS = 30
COST_OF_LAW = 20.0
"""Of inverting a law, for each of its places, in nanoseconds."""
COST_OF_TERM = 35.0
"""Of one frequency for one area."""
LEAST_MATTER = 30
"""So many frequencies matter to any law."""


@dataclass(frozen=True)
class DirectLaws:
    """The frequencies that matter to the sums of many values."""

    most_inverted: int
    """Laws of up to so many values are better inverted."""
    size: int
    """Length L of the transform."""
    frequencies: np.ndarray
    """In falling order of what they matter, shape (m,)."""
    matter: np.ndarray
    """How many of them matter, at [k], shape (most + 1,)."""
    summands: np.ndarray
    """E_k / (1 - z) / L and as much for the opposite frequency, at [k, frequency], shape (most + 1, m)."""
    factors: np.ndarray
    """``(-1)^j C(n,k-j) / C(n-1,k)`` at [k, j]."""

    @classmethod
    def none(cls, most: int, size: int) -> DirectLaws:
        """Return the laws of no area: all are better inverted."""
        nothing = np.empty((most + 1, 0))
        matter = np.zeros(most + 1, dtype=np.int64)
        return cls(most, size, np.empty(0, dtype=np.int64), matter, nothing.astype(complex), nothing)

    @property
    def tables(self) -> DirectTables:
        """Everything, as compiled loops take it."""
        return self.frequencies, self.matter, self.summands, self.factors, *roots_of_unity(self.size)


def direct_laws(histogram: np.ndarray, size: int, areas: np.ndarray) -> DirectLaws:
    """Decide from which number of neighbours on the laws are summed directly, and prepare that.

    Parameters
    ----------
    histogram
        How many values are 0, 1, ... steps, shape (M + 1,).
    size
        A power of two above the largest sum.
    areas
        How many areas draw *k* values, at [k].
    """
    n, most, top = int(histogram.sum()), len(areas) - 1, len(histogram) - 1
    if COST_OF_TERM * areas[most] * LEAST_MATTER > COST_OF_LAW * most * top:
        return DirectLaws.none(most, size)
    newton = padded([newton_factors(n, k) for k in range(most + 1)])
    focal = padded([focal_factors(n, k) for k in range(most + 1)])
    spectrum = fft.rfft(histogram.astype(float), size)
    weight = np.abs(spectrum[1:])  # frequency 0 adds (L - q) / L, whatever the law
    matter, inverted = np.zeros(most + 1, dtype=np.int64), most
    while inverted > 0:
        least = n * _largest_quiet(newton, focal, inverted, n)
        matter[inverted] = np.count_nonzero(weight >= least)
        cost = COST_OF_TERM * areas[inverted] * matter[inverted]
        if cost > COST_OF_LAW * inverted * top:
            break
        inverted -= 1
    # The fewer values are added, the more frequencies matter.
    found = matter[inverted + 1 :].max(initial=0)
    frequencies = 1 + _heaviest(weight, int(found))
    symmetric = np.zeros((most + 1, found), dtype=complex)
    in_chunks(lambda a, b: _carry_on(a, b, spectrum, frequencies, newton, symmetric), int(found), least=256)
    return DirectLaws(inverted, size, frequencies, matter, symmetric * _shares(frequencies, size), focal)


def _heaviest(weight: np.ndarray, count: int) -> np.ndarray:
    """Return where the largest weights are, the largest first."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    least = np.partition(weight, len(weight) - count)[len(weight) - count]
    chosen = np.flatnonzero(weight >= least)
    return chosen[np.argsort(-weight[chosen], kind="stable")][:count]


def _shares(frequencies: np.ndarray, size: int) -> np.ndarray:
    """Return 2 / (L (1 - z)), without taking nearly equal numbers from each other; half of it at L / 2."""
    half = np.pi * frequencies / size
    distance = 2.0 * np.sin(half) * (np.sin(half) - 1.0j * np.cos(half))
    return np.asarray(np.where(2 * frequencies == size, 1.0, 2.0) / (size * distance))


def roots_of_unity(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return exp(2 pi i m / size) for every ``FINE``-th m, and for the first ``FINE`` of them.

    Any other is a product of two; both tables stay in a processor's nearest memory.
    """
    turn = 2.0j * np.pi / size
    return np.exp(turn * np.arange(0, size, FINE)), np.exp(turn * np.arange(FINE))


@compiled
def _largest_quiet(newton: np.ndarray, focal: np.ndarray, k: int, n: int) -> float:
    """Return the largest |p_1| / n at which a frequency does not matter to sums of ``k`` values."""
    low, high = 0.0, 1.0
    bounds = np.zeros(k + 1)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        bounds[0] = 1.0
        for c in range(1, k + 1):
            bounds[c] = 0.0
            for j in range(min(c, newton.shape[1])):
                bounds[c] += abs(newton[c, j]) * bounds[c - 1 - j] * (n * middle if j == 0 else n)
        total = 0.0
        for j in range(min(k + 1, focal.shape[1])):
            total += abs(focal[k, j]) * bounds[k - j]
        if total < VANISHED:
            low = middle
        else:
            high = middle
    return low


@compiled
def _carry_on(
    start: int,
    stop: int,
    spectrum: np.ndarray,
    frequencies: np.ndarray,
    newton: np.ndarray,
    symmetric: np.ndarray,
) -> None:
    """Write E_k for all k at some frequencies, by Newton's identities."""
    size, reach = 2 * (len(spectrum) - 1), newton.shape[1]
    power_sums = np.empty(reach, dtype=np.complex128)
    for f in range(start, stop):
        for j in range(reach):
            place = ((j + 1) * frequencies[f]) & (size - 1)
            power_sums[j] = spectrum[place] if place < len(spectrum) else np.conj(spectrum[size - place])
        symmetric[0, f] = 1.0
        for k in range(1, len(symmetric)):
            total = 0.0j
            for j in range(min(k, reach)):
                total += newton[k, j] * (symmetric[k - 1 - j, f] * power_sums[j])
            symmetric[k, f] = total
