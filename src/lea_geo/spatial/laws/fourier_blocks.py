"""A neighbour sum's characteristic function at many frequencies at once.

Real and imaginary parts lie in arrays of their own, and the innermost loops run over a block of consecutive
frequencies ``t_m = m * step``, so that the compiler can work on several at once.
"""

from __future__ import annotations

import numpy as np

from lea_geo.spatial.compiled import compiled

BLOCK = 32
"""So many frequencies are worked on together."""
VANISHED = 1e-20
"""Squared factors below this have made the product vanish, and would only make its correction noise."""


@compiled
def lay_phases(angles: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what :func:`turn` needs to go from block to block through ``exp(i angle m)``, m = 1, 2, ...

    Returns
    -------
    tuple of numpy.ndarray
        ``exp(i angle b)`` for b = 1 ... BLOCK, the phase before the next block, and room for the phases of a
        block; shapes (2, angles, BLOCK), (2, angles), (2, angles, BLOCK).
    """
    powers, base = np.empty((2, len(angles), BLOCK)), np.zeros((2, len(angles)))
    base[0] = 1.0
    for group in range(len(angles)):
        for b in range(BLOCK):
            powers[0, group, b] = np.cos(angles[group] * (b + 1))
            powers[1, group, b] = np.sin(angles[group] * (b + 1))
    return powers, base, np.empty_like(powers)


@compiled
def turn(powers: np.ndarray, base: np.ndarray, phases: np.ndarray) -> None:
    """Write the phases of the next block."""
    for group in range(base.shape[1]):
        x, y = base[0, group], base[1, group]
        for b in range(BLOCK):
            phases[0, group, b] = x * powers[0, group, b] - y * powers[1, group, b]
            phases[1, group, b] = x * powers[1, group, b] + y * powers[0, group, b]
        base[0, group], base[1, group] = phases[0, group, BLOCK - 1], phases[1, group, BLOCK - 1]


@compiled
def _read(cubics: np.ndarray, first: int, place: float, real: np.ndarray, imaginary: np.ndarray) -> None:
    """Write the tabulated function at ``(first + b) * place`` steps from 0."""
    for b in range(BLOCK):
        at = (first + b) * place
        node = np.uint64(at)  # unsigned, so that nothing is counted from the end
        f = at - np.float64(node)
        real[b] = cubics[node, 0] + f * (cubics[node, 2] + f * (cubics[node, 4] + f * cubics[node, 6]))
        imaginary[b] = cubics[node, 1] + f * (cubics[node, 3] + f * (cubics[node, 5] + f * cubics[node, 7]))


@compiled
def write_factors(
    n: int, first: int, places: np.ndarray, cubics: np.ndarray, phases: np.ndarray, factors: np.ndarray
) -> None:
    """Write phi at every weight with the focal value left out: (n phi - phase) / (n - 1)."""
    for group in range(len(places)):
        x, y = factors[0, group], factors[1, group]
        _read(cubics, first, places[group], x, y)
        for b in range(BLOCK):
            x[b] = (n * x[b] - phases[0, group, b]) / (n - 1.0)
            y[b] = (n * y[b] - phases[1, group, b]) / (n - 1.0)


@compiled
def multiply(factors: np.ndarray, count: np.ndarray, product: np.ndarray) -> None:
    """Write the product of all factors, each as often as it counts."""
    product[0], product[1] = 1.0, 0.0
    for group in range(len(count)):
        for _ in range(count[group]):
            for b in range(BLOCK):
                x, y = product[0, b], product[1, b]
                product[0, b] = x * factors[0, group, b] - y * factors[1, group, b]
                product[1, b] = x * factors[1, group, b] + y * factors[0, group, b]


@compiled
def correct(
    n: int,
    first: int,
    places: np.ndarray,
    count: np.ndarray,
    cubics: np.ndarray,
    phases: np.ndarray,
    factors: np.ndarray,
    product: np.ndarray,
) -> None:
    """Multiply ``product`` by ``1 - sum over pairs of (phi_jl / (phi_j phi_l) - 1) / (n - 2)``.

    The factors are inverted in place.
    """
    _invert(factors)
    total, inner = np.zeros((2, BLOCK)), np.empty((2, BLOCK))
    pairs = 0.0
    for j in range(len(places)):
        inner[:] = 0.0
        for other in range(j + 1):
            ways = float(count[j] * count[other]) if other < j else 0.5 * count[j] * (count[j] - 1)
            if ways > 0.0:
                pairs += ways
                place = places[j] + places[other]
                _add_pair(
                    n, first, ways, place, cubics, phases[:, j], phases[:, other], factors[:, other], inner
                )
        for b in range(BLOCK):
            x, y = factors[0, j, b], factors[1, j, b]
            total[0, b] += inner[0, b] * x - inner[1, b] * y
            total[1, b] += inner[0, b] * y + inner[1, b] * x
    for b in range(BLOCK):
        x, y = product[0, b], product[1, b]
        u = 1.0 - (total[0, b] / (n - 1.0) - pairs) / (n - 2.0)
        v = -total[1, b] / ((n - 1.0) * (n - 2.0))
        product[0, b], product[1, b] = x * u - y * v, x * v + y * u


@compiled
def _add_pair(
    n: int,
    first: int,
    ways: float,
    place: float,
    cubics: np.ndarray,
    one: np.ndarray,
    other: np.ndarray,
    inverse: np.ndarray,
    inner: np.ndarray,
) -> None:
    """Add ``ways (n phi - one * other) * inverse``: (n - 1) phi_jl / phi_l without the focal value."""
    both = np.empty((2, BLOCK))
    _read(cubics, first, place, both[0], both[1])
    for b in range(BLOCK):
        u = n * both[0, b] - (one[0, b] * other[0, b] - one[1, b] * other[1, b])
        v = n * both[1, b] - (one[0, b] * other[1, b] + one[1, b] * other[0, b])
        inner[0, b] += ways * (u * inverse[0, b] - v * inverse[1, b])
        inner[1, b] += ways * (u * inverse[1, b] + v * inverse[0, b])


@compiled
def _invert(factors: np.ndarray) -> None:
    """Turn factors into their inverses, those that vanish into 0."""
    for group in range(factors.shape[1]):
        for b in range(BLOCK):
            x, y = factors[0, group, b], factors[1, group, b]
            squared = x * x + y * y
            inverse = 1.0 / squared if squared > VANISHED else 0.0
            factors[0, group, b], factors[1, group, b] = x * inverse, -y * inverse
