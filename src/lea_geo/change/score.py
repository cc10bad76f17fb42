"""Score tests and intervals of a difference of rates between two years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from lea_geo.change.pairs import Pairs

_HALVINGS = 45
"""Each halves an interval: this many leave 1e-13 of it."""


def score_z(pairs: Pairs, margin: np.ndarray | float) -> np.ndarray:
    """Return the score statistic of ``now - then = margin``, above 0 where the difference is larger.

    ``(d - margin) / sqrt(v0 + v1 - 2 rho sqrt(v0 v1))`` with the variances at the rates that are likeliest
    among those that differ by ``margin``; for proportions times N / (N - 1), N the people of both years.

    References
    ----------
    Miettinen and Nurminen (1985), https://doi.org/10.1002/sim.4780040211
    """
    margin = np.broadcast_to(np.asarray(margin, dtype=float), pairs.x0.shape)
    restricted = _proportions if pairs.kind == "proportion" else _rates
    base = restricted(pairs, margin)
    v0, v1 = pairs.variances(base, np.maximum(base + margin, 0.0))
    variance = np.maximum(v0 + v1 - 2 * pairs.rho * np.sqrt(np.maximum(v0 * v1, 0.0)), 0.0)
    if pairs.kind == "proportion":
        size = pairs.n0 + pairs.n1
        variance = variance * size / np.maximum(size - 1, 1)
    away = pairs.now - pairs.then - margin
    with np.errstate(divide="ignore", invalid="ignore"):
        z = away / np.sqrt(variance)
    return np.asarray(np.where(np.isnan(z), 0.0, z))


def score_interval(pairs: Pairs, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the differences that the score test does not refuse: the interval of now minus then."""
    z = float(ndtri((1 + level) / 2))
    found = pairs.now - pairs.then
    least, most = _reach(pairs, z)
    ends = []
    for far, sign in ((least, 1.0), (most, -1.0)):
        near, beyond = found.copy(), far.copy()
        for _ in range(_HALVINGS):
            middle = (near + beyond) / 2
            held = sign * score_z(pairs, middle) < z
            near, beyond = np.where(held, middle, near), np.where(held, beyond, middle)
        ends.append((near + beyond) / 2)
    return np.minimum(ends[0], found), np.maximum(ends[1], found)


def _reach(pairs: Pairs, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Return differences beyond which none need be looked for."""
    if pairs.kind == "proportion":
        return np.full(len(pairs.x0), -1.0), np.full(len(pairs.x0), 1.0)
    # A Poisson mean of x + z^2 + 2 z sqrt(x + z^2) is refused whatever the other year has.
    most = [
        (x + z * z + 4 * z * np.sqrt(x + z * z)) / n for x, n in ((pairs.x0, pairs.n0), (pairs.x1, pairs.n1))
    ]
    return -2 * np.maximum(*most), 2 * np.maximum(*most)


def _rates(pairs: Pairs, margin: np.ndarray) -> np.ndarray:
    """Return the earlier rate that is likeliest where the later one is larger by ``margin``."""
    size, events = pairs.n0 + pairs.n1, pairs.x0 + pairs.x1
    linear = events - size * margin
    root = np.sqrt(np.maximum(linear**2 + 4 * size * pairs.x0 * margin, 0.0))
    return np.asarray(np.maximum((linear + root) / (2 * size), np.maximum(0.0, -margin)))


def _proportions(pairs: Pairs, margin: np.ndarray) -> np.ndarray:
    """Return the same of proportions: the root of a cubic, as Miettinen and Nurminen give it."""
    size, events = pairs.n0 + pairs.n1, pairs.x0 + pairs.x1
    l3 = size
    l2 = (pairs.n1 + 2 * pairs.n0) * margin - size - events
    l1 = (pairs.n0 * margin - size - 2 * pairs.x0) * margin + events
    l0 = pairs.x0 * margin * (1 - margin)
    q = (l2 / (3 * l3)) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    p = np.where(q < 0, -1.0, 1.0) * np.sqrt(np.maximum((l2 / (3 * l3)) ** 2 - l1 / (3 * l3), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(p == 0, 0.0, np.clip(q / p**3, -1.0, 1.0))
    angle = (np.pi + np.arccos(cosine)) / 3
    root = 2 * p * np.cos(angle) - l2 / (3 * l3)
    return np.asarray(np.clip(root, np.maximum(0.0, -margin), np.minimum(1.0, 1.0 - margin)))
