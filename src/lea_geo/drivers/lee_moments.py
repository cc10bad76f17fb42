"""Mean and variance of Lee's L when pairs are shuffled over the areas."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def pair_moments(v: sparse.csr_array, zx: np.ndarray, zy: np.ndarray) -> tuple[float, float]:
    """Return mean and variance of ``sum_ij v_ij zx_p(i) zy_p(j)`` over all permutations p.

    The sum is one of pairs of different areas, a statistic of Mantel's kind, and one over the diagonal; their
    means, variances and covariance follow from how often two, three and four places differ.

    Parameters
    ----------
    v
        Symmetric, shape (n, n).
    zx, zy
        Standardised: they add up to 0. Shape (n,).

    References
    ----------
    Mantel (1967), Cancer Research 27, 209-220
    Lee (2004), https://doi.org/10.1068/a34188
    """
    n = len(zx)
    diagonal = v.diagonal()
    off = sparse.csr_array(v - sparse.diags_array(diagonal))
    q = zx * zy
    values = _products(zx, zy, q)
    weights = _sums(off, diagonal)
    mean_off = weights.total * values.total / (n * (n - 1))
    mean_on = weights.diagonal.sum() * q.mean()
    on = float(np.square(diagonal - diagonal.mean()).sum() * np.square(q - q.mean()).sum() / (n - 1))
    across = 2 * weights.touching * values.touching / (n * (n - 1))
    apart = (weights.total * diagonal.sum() - 2 * weights.touching) * (
        values.total * q.sum() - 2 * values.touching
    )
    across += apart / (n * (n - 1) * (n - 2)) - mean_off * mean_on
    variance = _mantel(weights, values, n) - mean_off**2 + on + 2 * across
    return float(mean_off + mean_on), float(max(variance, 0.0))


class _Sums:
    """Of a symmetric matrix without its diagonal: what it adds up to, in several ways."""

    def __init__(
        self, total: float, squares: float, rows: float, touching: float, diagonal: np.ndarray
    ) -> None:
        self.total = total
        self.squares = squares
        self.rows = rows
        self.touching = touching
        """Sum of each entry times the diagonal of its row."""
        self.diagonal = diagonal


def _sums(off: sparse.csr_array, diagonal: np.ndarray) -> _Sums:
    rows = off.sum(axis=1)
    squares = float(np.square(off.data).sum())
    return _Sums(float(rows.sum()), squares, float(np.square(rows).sum()), float(rows @ diagonal), diagonal)


def _products(zx: np.ndarray, zy: np.ndarray, q: np.ndarray) -> _Sums:
    """Return the same sums of (zx_a zy_b + zy_a zx_b) / 2, without making the matrix."""
    rows = -q  # both add up to 0, so what is left of a row is less its diagonal
    both = float(np.square(zx).sum() * np.square(zy).sum() + q.sum() ** 2) / 2
    squares = both - float(np.square(q).sum())
    return _Sums(float(rows.sum()), squares, float(np.square(rows).sum()), float(rows @ q), q)


def _mantel(a: _Sums, b: _Sums, n: int) -> float:
    """Return the second moment of the sum over pairs, by how many places two pairs share."""
    same = 2 * a.squares * b.squares / (n * (n - 1))
    one = 4 * (a.rows - a.squares) * (b.rows - b.squares) / (n * (n - 1) * (n - 2))
    none = (a.total**2 + 2 * a.squares - 4 * a.rows) * (b.total**2 + 2 * b.squares - 4 * b.rows)
    return same + one + none / (n * (n - 1) * (n - 2) * (n - 3))
