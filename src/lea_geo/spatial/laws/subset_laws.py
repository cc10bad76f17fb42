"""The laws of the sums of k values out of n, for one k after another, by Newton's identities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from lea_geo.spatial.compiled import in_chunks
from lea_geo.spatial.laws.exact_loops import cumulate, elementary
from lea_geo.spatial.laws.value_lattice import power_of_two
from lea_geo.spatial.scratch import scratch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lea_geo.spatial.laws.exact_loops import LawTables

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
    tails: np.ndarray
    """At ``starts[k - first] + q`` the smaller tail: P(S < q) below the row's middle, else P(S >= q)."""
    starts: np.ndarray
    """Where each row begins, shape (rows,)."""
    sizes: np.ndarray
    """The largest q of each row, shape (rows,)."""
    middles: np.ndarray
    """The middle of each row, shape (rows,)."""
    factors: np.ndarray
    """``(-1)^j C(n,k-j) / C(n-1,k)`` at ``[k - first, j]``, 0 where it does not matter."""

    @property
    def tables(self) -> LawTables:
        """Everything, as compiled loops take it."""
        return (
            self.first,
            self.fresh,
            self.tails,
            self.starts,
            self.sizes,
            self.middles,
            self.factors,
        )


def laws_in_blocks(histogram: np.ndarray, size: int, present: np.ndarray) -> Iterator[SubsetLaws]:
    """Yield the laws for k = 0, 1, ... in blocks.

    Parameters
    ----------
    histogram
        How many values are 0, 1, ... steps, shape (M + 1,).
    size
        An even number above the largest sum of ``len(present) - 1`` of them.
    present
        Whether a law is asked for, at [k]; others are made only where the next ones need them.
    """
    n, most, top = int(histogram.sum()), len(present) - 1, len(histogram) - 1
    if most == 0:
        return
    reach = max(len(newton_factors(n, k)) for k in range(1, most + 1))
    kept = max(len(focal_factors(n, k)) for k in range(most + 1)) - 1
    wanted = _needed(n, present)
    spectrum = fft.rfft(histogram.astype(float), size)
    recent = np.ones((1, len(spectrum)), dtype=complex)
    laws = _no_sum(n)
    for start in range(1, most + 1, BLOCK):
        ks = range(start, min(start + BLOCK, most + 1))
        symmetric = _symmetric(spectrum, recent, n, ks)
        laws = _joined(laws, symmetric, n, ks, (size, top, kept), wanted)
        yield laws
        recent = symmetric[-reach:] if len(ks) >= reach else np.concatenate([recent, symmetric])[-reach:]


def _needed(n: int, present: np.ndarray) -> np.ndarray:
    wanted = present.copy()
    for k in np.flatnonzero(present):
        wanted[max(0, k + 1 - len(focal_factors(n, int(k)))) : k] = True
    return wanted


def _no_sum(n: int) -> SubsetLaws:
    """Return the law of the sum of no value: it is 0."""
    one = np.array([1])
    return SubsetLaws(0, 0, np.zeros(2), one - 1, one, one, padded([focal_factors(n, 0)]))


def _symmetric(spectrum: np.ndarray, recent: np.ndarray, n: int, ks: range) -> np.ndarray:
    """Return the normalised elementary symmetric polynomials E_k at every frequency, a row for each k."""
    factors = padded([newton_factors(n, k) for k in ks])
    # Two in turn, for the last rows of one block are where the next one starts.
    turn = ks[0] // BLOCK % 2
    out = scratch(f"symmetric {turn}", (len(ks), len(spectrum)), complex)
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
    dropped = len(before.sizes) - old
    lengths = np.array([folded_size(k * top + 1, size) if wanted[k] else 0 for k in ks])
    sizes = np.concatenate([before.sizes[dropped:], lengths])
    middles = np.concatenate([before.middles[dropped:], np.zeros_like(lengths)])
    starts = np.concatenate([[0], np.cumsum(sizes + 1)])
    tails = scratch(f"tails {ks[0] // BLOCK % 2}", (int(starts[-1]),))
    tails[: starts[old]] = before.tails[len(before.tails) - starts[old] :]
    for length in np.unique(lengths[lengths > 0]).tolist():
        here = np.flatnonzero(lengths == length)
        rows = np.arange(here[0], here[-1] + 1)
        # Every so many-th frequency folds the law onto so many times fewer places, which are enough.
        mass = _inverted(symmetric[rows[0] : rows[-1] + 1, :: size // length], length)
        _cumulate_all(mass, np.where(lengths[rows] == length, rows + old, -1), tails, starts, middles)
    factors = padded([focal_factors(n, k) for k in range(ks[0] - old, ks[-1] + 1)])
    return SubsetLaws(ks[0] - old, ks[0], tails, starts[:-1], sizes, middles, factors)


def _inverted(symmetric: np.ndarray, length: int) -> np.ndarray:
    mass = scratch("mass", (len(symmetric), length))

    def invert(start: int, stop: int) -> None:
        np.fft.irfft(symmetric[start:stop], length, axis=1, out=mass[start:stop])

    in_chunks(invert, len(symmetric), least=1)
    return mass


def _cumulate_all(mass: np.ndarray, *tables: np.ndarray) -> None:
    in_chunks(lambda start, stop: cumulate(start, stop, mass, *tables), len(mass), least=1)


def transform_size(least: int) -> int:
    """Return the smallest 4, 5, 6 or 7 times a power of two, 16 or more, that is at least so large."""
    quarter = power_of_two(least) // 8
    return next(times * quarter for times in range(4, 9) if times * quarter >= least)


def folded_size(least: int, size: int) -> int:
    """Return ``size`` halved as often as it leaves a whole even number of at least ``least``."""
    while size % 4 == 0 and size // 2 >= least:
        size //= 2
    return size


def padded(rows: list[tuple[float, ...]]) -> np.ndarray:
    """Return rows of different lengths as a table, filled up with 0."""
    out = np.zeros((len(rows), max(len(row) for row in rows)))
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def newton_factors(n: int, k: int) -> tuple[float, ...]:
    """Return (-1)^(j-1) C(n,k-j) / C(n,k) / k for j = 1, 2, ... while it matters."""
    factors: list[float] = []
    ratio = 1.0
    for j in range(1, k + 1):
        ratio *= (k - j + 1) / (n - k + j)
        if ratio * n / k < NEGLIGIBLE:
            break
        factors.append((-1) ** (j - 1) * ratio / k)
    return tuple(factors)


def focal_factors(n: int, k: int) -> tuple[float, ...]:
    """Return (-1)^j C(n,k-j) / C(n-1,k) for j = 0, 1, ... while it matters."""
    factors: list[float] = []
    ratio = n / (n - k)
    for j in range(k + 1):
        if ratio < NEGLIGIBLE:
            break
        factors.append((-1) ** j * ratio)
        ratio *= (k - j) / (n - k + j + 1)
    return tuple(factors)
