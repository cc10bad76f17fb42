"""A good set of sites from another one: exchange one site at a time while that helps."""

from __future__ import annotations

import numpy as np

STARTS = 20
"""From how many sets drawn by lot exchanges begin, beside those that are known to be good."""


def interchange(
    losses: np.ndarray, fixed: np.ndarray, free: np.ndarray, weights: np.ndarray, start: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the set that no exchange of one site improves, reached from ``start``.

    The vertex substitution of Teitz and Bart (1968), https://doi.org/10.1287/opre.16.5.955: of all exchanges
    the best is made, again and again. It need not be the best of all sets.

    Parameters
    ----------
    losses
        Shape (n, m).
    fixed, free
        Places that have a site and those that can, shape (m,).
    weights
        Need, shape (n,).
    start
        Columns.
    """
    chosen = list(start)
    already = losses[:, fixed].min(axis=1, initial=np.inf)
    value = float(weights @ np.minimum(already, losses[:, chosen].min(axis=1, initial=np.inf)))
    while True:
        places = np.flatnonzero(free & ~np.isin(np.arange(len(free)), chosen))
        best = (value - 1e-12 * max(1.0, value), -1, -1)
        for i in range(len(chosen)):
            rest = np.minimum(already, losses[:, chosen[:i] + chosen[i + 1 :]].min(axis=1, initial=np.inf))
            values = weights @ np.minimum(rest[:, None], losses[:, places])
            if len(values) and values.min() < best[0]:
                best = float(values.min()), i, int(places[values.argmin()])
        if best[1] < 0:
            return tuple(sorted(chosen))
        value = best[0]
        chosen[best[1]] = best[2]


class Pool:
    """Sets that are good for some need, so that the best for another is among them or near one of them.

    Parameters
    ----------
    losses, fixed, free
        As in :func:`interchange`.
    p
        How many places a set holds.
    """

    def __init__(self, losses: np.ndarray, fixed: np.ndarray, free: np.ndarray, p: int) -> None:
        self.losses, self.fixed, self.free = losses, fixed, free
        random, places = np.random.default_rng(0), np.flatnonzero(free)
        self.starts = [tuple(sorted(random.choice(places, p, replace=False).tolist())) for _ in range(STARTS)]
        self.sets: dict[tuple[int, ...], np.ndarray] = {}

    def _add(self, weights: np.ndarray, start: tuple[int, ...]) -> None:
        chosen = interchange(self.losses, self.fixed, self.free, weights, start)
        if chosen not in self.sets:
            opened = self.fixed.copy()
            opened[list(chosen)] = True
            self.sets[chosen] = self.losses[:, opened].min(axis=1)

    def best(self, weights: np.ndarray) -> tuple[int, ...]:
        """Return the set of the pool that loses least, the first in the order of ids among equals."""
        if not self.sets:
            for start in self.starts:
                self._add(weights, start)
        sets = sorted(self.sets)
        values = np.array([weights @ self.sets[one] for one in sets])
        return sets[int(values.argmin())]

    def widen(self, known: list[tuple[int, ...]], rows: np.ndarray) -> None:
        """Add known good sets, and for each row of need what exchanges lead to from the best."""
        for one in known:
            opened = self.fixed.copy()
            opened[list(one)] = True
            self.sets[one] = self.losses[:, opened].min(axis=1)
        for row in rows:
            self._add(row, self.best(row))
