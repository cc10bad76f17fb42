"""The characteristic function of all values, tabulated once and read everywhere between the nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

WIDTH = 14
"""Every value is spread over so many points of the fine grid; what that misses is about 1e-13."""
OVERSAMPLING = 2.0
"""The transform is so many times as long as the part of it that is read."""
READING = 1e-10
"""Reading between the nodes may be wrong by so much."""
ENVELOPE_NODES = 2**12


@dataclass(frozen=True)
class Table:
    """A characteristic function as a cubic between every two nodes."""

    step: float
    """Distance of the nodes."""
    cubics: np.ndarray
    """Real and imaginary part of the four coefficients, shape (nodes, 8)."""


def tabulate(z: np.ndarray, furthest: float) -> Table:
    """Tabulate ``mean(exp(i u z))`` for ``u`` from 0 to ``furthest``.

    Parameters
    ----------
    z
        Sorted values, mean 0 and variance 1; shape (n,). Their order decides every sum.
    furthest
        The largest argument that will be read.
    """
    # A cubic through two values and two slopes misses at most step^4 / 384 times the fourth derivative.
    step = min((384.0 * READING / float(np.mean(z**4))) ** 0.25, np.pi / (2.0 * float(np.abs(z).max())))
    nodes = int(furthest / step) + 3
    value, slope = _transforms(z, step, nodes)
    rise = value[1:] - value[:-1]
    second = 3.0 * rise - 2.0 * slope[:-1] - slope[1:]
    third = slope[:-1] + slope[1:] - 2.0 * rise
    cubics = np.column_stack([value[:-1], slope[:-1], second, third])
    return Table(step, np.ascontiguousarray(cubics).view(np.float64))


def _transforms(z: np.ndarray, step: float, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ``mean(exp(i m step z))`` for m = 0 ... nodes - 1, and the slope that it has there in a step.

    Every value is spread over a fine grid by a Kaiser-Bessel window, the grid is transformed, and what the
    window does to the transform is divided out.

    References
    ----------
    Fessler and Sutton (2003), https://doi.org/10.1109/TSP.2002.807005
    """
    size = fft.next_fast_len(int(2 * OVERSAMPLING * nodes) + 2 * WIDTH)
    shape = np.pi * np.sqrt((WIDTH / OVERSAMPLING) ** 2 * (OVERSAMPLING - 0.5) ** 2 - 0.8)
    place = z * (step * size / (2.0 * np.pi))
    first = np.floor(place).astype(np.int64) - WIDTH // 2 + 1
    grids = np.zeros((2, size))
    for point in range(WIDTH):
        off = (place - (first + point)) * (2.0 / WIDTH)
        window = np.i0(shape * np.sqrt(np.maximum(0.0, 1.0 - off * off)))
        for row, strength in enumerate((window, step * z * window)):
            grids[row] += np.bincount((first + point) % size, weights=strength, minlength=size)
    root = np.sqrt(shape**2 - (np.pi * WIDTH * np.arange(nodes) / size) ** 2)
    spectra = np.conj(fft.rfft(grids)[:, :nodes]) * (root / (WIDTH * np.sinh(root) * len(z)))
    return spectra[0], 1j * spectra[1]


def envelope(z: np.ndarray, commonest: float, share: float) -> tuple[np.ndarray, float]:
    """Return how large the function still gets from an argument on, without its ``commonest`` value.

    Returns
    -------
    tuple
        ``max over v >= u of |mean(exp(i v z)) - share exp(i v commonest)|`` on a coarse grid of u, and the
        step of that grid. It only decides where to cut integrals off.
    """
    width = float(z[-1] - z[0]) * 1.01
    size = 4 * ENVELOPE_NODES
    place = np.floor((z - z[0]) * (size / width)).astype(np.int64)
    heights = np.bincount(place, minlength=size) / len(z)
    heights[int((commonest - z[0]) * (size / width))] -= share
    magnitude = np.abs(fft.rfft(heights))[:ENVELOPE_NODES]
    return np.maximum.accumulate(magnitude[::-1])[::-1], 2.0 * np.pi / width
