"""The laws of the sums of k values out of n, for one k after another, by Newton's identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from lea_geo.spatial.compiled import in_chunks, thread_count
from lea_geo.spatial.exact_loops import cumulate, elementary

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 12
"""How many laws are made at once; each takes some megabytes."""
NEGLIGIBLE = 1e-17
"""Factors below this, beside others of about 1, are left out."""


@dataclass(frozen=True)
class SubsetLaws:
    """Cumulated laws for consecutive k, of which the last ones are new."""

    first: int
    """The k of the first row."""
    fresh: int
    """The k of the first new row."""
    at_most: np.ndarray
    """P(S <= q) at ``[k - first, q + 1]``, shape (rows, L + 1)."""
    at_least: np.ndarray
    """P(S >= q) at ``[k - first, q]``, shape (rows, L + 1)."""
    sizes: np.ndarray
    """How many values of q each row has, shape (rows,)."""
    middles: np.ndarray
    """The value of q from which P(S >= q) is below one half, shape (rows,)."""
    factors: np.ndarray
    """``(-1)^j C(n,k-j) / C(n-1,k)`` at ``[k - first, j]``, 0 where it does not matter."""

    @property
    def tables(self) -> tuple[int, int, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Everything, as compiled loops take it."""
        return (
            self.first,
            self.fresh,
            self.at_most,
            self.at_least,
            self.sizes,
            self.middles,
            self.factors,
        )


def laws_in_blocks(steps: np.ndarray, size: int, present: np.ndarray) -> Iterator[SubsetLaws]:
    """Yield the laws for k = 0, 1, ... in blocks.

    Parameters
    ----------
    steps
        Values as whole numbers from 0, shape (n,).
    size
        A power of two above the largest sum of ``len(present) - 1`` of them.
    present
        Whether a law is asked for, at [k]; others are made only where the next ones need them.
    """
    n, most, top = len(steps), len(present) - 1, int(steps.max())
    reach = max(len(_newton_factors(n, k)) for k in range(1, most + 1))
    kept = max(len(_focal_factors(n, k)) for k in range(most + 1)) - 1
    wanted = _needed(n, present)
    spectrum = fft.rfft(np.bincount(steps, minlength=size).astype(float))
    recent = np.zeros((reach, len(spectrum)), dtype=complex)
    recent[-1] = 1.0
    laws = _no_sum(n)
    for start in range(1, most + 1, BLOCK):
        ks = range(start, min(start + BLOCK, most + 1))
        symmetric = _symmetric(spectrum, recent, n, ks)
        recent = np.concatenate([recent, symmetric])[-reach:]
        laws = _joined(laws, symmetric, n, ks, (size, top, kept), wanted)
        yield laws


def _needed(n: int, present: np.ndarray) -> np.ndarray:
    wanted = present.copy()
    for k in np.flatnonzero(present):
        wanted[max(0, k + 1 - len(_focal_factors(n, int(k)))) : k] = True
    return wanted


def _no_sum(n: int) -> SubsetLaws:
    """Return the law of the sum of no value: it is 0."""
    at_most, at_least = np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])
    factors = _padded([_focal_factors(n, 0)])
    return SubsetLaws(0, 0, at_most, at_least, np.array([1]), np.array([1]), factors)


def _symmetric(spectrum: np.ndarray, recent: np.ndarray, n: int, ks: range) -> np.ndarray:
    """Return the normalised elementary symmetric polynomials E_k at every frequency, a row for each k."""
    factors = _padded([_newton_factors(n, k) for k in ks])
    out = np.empty((len(ks), len(spectrum)), dtype=complex)
    in_chunks(lambda start, stop: elementary(start, stop, spectrum, recent, factors, out), len(spectrum))
    return out


def _joined(
    before: SubsetLaws,
    symmetric: np.ndarray,
    n: int,
    ks: range,
    shape: tuple[int, int, int],
    wanted: np.ndarray,
) -> SubsetLaws:
    """Return the last laws and the new ones in one table."""
    size, top, kept = shape
    old = min(kept, len(before.sizes))
    lengths = np.array([_least_size(k * top, size) for k in ks])
    sizes = np.concatenate([before.sizes[len(before.sizes) - old :], lengths])
    middles = np.concatenate([before.middles[len(before.sizes) - old :], np.zeros_like(lengths)])
    at_most, at_least = (np.zeros((len(sizes), size + 1)) for _ in range(2))
    for table, earlier in ((at_most, before.at_most), (at_least, before.at_least)):
        table[:old, : earlier.shape[1]] = earlier[len(earlier) - old :]
    asked = wanted[ks[0] : ks[-1] + 1]
    for length in np.unique(lengths[asked]):
        here = np.flatnonzero(asked & (lengths == length))
        # Every so many-th frequency folds the law onto so many times fewer places, which are enough.
        mass = fft.irfft(symmetric[here, :: size // length], int(length), axis=1, workers=thread_count())
        _cumulate_all(mass, here + old, at_most, at_least, middles)
    factors = _padded([_focal_factors(n, k) for k in range(ks[0] - old, ks[-1] + 1)])
    return SubsetLaws(ks[0] - old, ks[0], at_most, at_least, sizes, middles, factors)


def _cumulate_all(mass: np.ndarray, *tables: np.ndarray) -> None:
    in_chunks(lambda start, stop: cumulate(start, stop, mass, *tables), len(mass), least=1)


def _least_size(largest: int, size: int) -> int:
    """Return the smallest power of two above the largest sum."""
    return min(size, 1 << max(4, largest.bit_length()))


def _padded(rows: list[tuple[float, ...]]) -> np.ndarray:
    out = np.zeros((len(rows), max(len(row) for row in rows)))
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


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
