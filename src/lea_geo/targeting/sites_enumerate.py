"""Every set of sites there is, tried one by one: the best is proved, and so are its ties."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.targeting.sites_solution import SAME

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 512
"""How many sets are held at a time."""
MOST_NUMBERS = 1e8
"""Sets times areas; more take longer than seconds."""
MOST_PRODUCTS = 1e10
"""Sets times areas times draws."""


def can_enumerate(n_sets: int, n_areas: int, draws: int) -> bool:
    """Return whether trying all sets takes seconds."""
    return n_sets * n_areas <= MOST_NUMBERS and n_sets * n_areas * draws <= MOST_PRODUCTS


def few_enough(n_areas: int) -> int:
    """Return how many of the sets that bounds have left can all be tried."""
    return int(MOST_NUMBERS / max(1, n_areas))


def sets_within(
    places: np.ndarray, scores: np.ndarray, p: int, budget: float, most: int
) -> np.ndarray | None:
    """Return all sets of ``p`` places whose scores add up to the budget at most; None if they are too many.

    Parameters
    ----------
    places, scores
        Shape (k,).
    p, budget, most
        Of the sets.

    Returns
    -------
        Places of each set in rising order, shape (sets, p).
    """
    order = np.argsort(scores, kind="stable")
    rising, named = scores[order].tolist(), places[order].tolist()
    ahead = [0.0, *np.cumsum(scores[order]).tolist()]
    found: list[list[int]] = []
    waiting: list[tuple[int, float, list[int]]] = [(0, 0.0, [])]
    while waiting:
        start, spent, chosen = waiting.pop()
        left = p - len(chosen)
        if not left:
            found.append(sorted(chosen))
            if len(found) > most:
                return None
            continue
        for i in range(start, len(rising) - left + 1):
            if (
                spent + ahead[i + left] - ahead[i] > budget
            ):  # not even the cheapest rest fits, nor any later one
                break
            waiting.append((i + 1, spent + rising[i], [*chosen, named[i]]))
    return np.array(sorted(found), dtype=int).reshape(len(found), p)


@dataclass(frozen=True)
class Tried:
    """What became of every set."""

    sets: np.ndarray
    """Columns of the sites of each set, shape (k, p)."""
    values: np.ndarray
    """What each set loses at the need as it stands, shape (k,)."""
    wins: np.ndarray
    """The share of draws in which each set is the best, ties sharing evenly, shape (k,)."""


def try_sets(losses: np.ndarray, fixed: np.ndarray, sets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean loss of each set (k, p) beside the fixed places, shape (k,)."""
    start = losses[:, fixed].min(axis=1, initial=np.inf)
    values = []
    for first in range(0, len(sets), CHUNK):
        chunk = sets[first : first + CHUNK]
        least = np.repeat(start[:, None], len(chunk), axis=1)
        for place in chunk.T:
            np.minimum(least, losses[:, place], out=least)
        values.append(weights @ least)
    return np.concatenate(values) if values else np.zeros(0)


def try_all(losses: np.ndarray, fixed: np.ndarray, free: np.ndarray, p: int, weights: np.ndarray) -> Tried:
    """Return the mean loss of every set of ``p`` free places beside the fixed ones.

    Parameters
    ----------
    losses
        Shape (n, m).
    fixed, free
        Shape (m,).
    p
        How many to add.
    weights
        Need as it stands and, below it, as it is drawn: shape (1 + draws, n), each row adding up to 1.
    """
    start = losses[:, fixed].min(axis=1, initial=np.inf)
    sets, first = [], []
    won: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    best = np.full(len(weights) - 1, np.inf)
    before = 0
    for chunk in _chunks(np.flatnonzero(free), p):
        least = np.repeat(start[:, None], len(chunk), axis=1)
        for place in chunk.T:
            np.minimum(least, losses[:, place], out=least)
        values = weights @ least
        sets.append(chunk)
        first.append(values[0])
        drawn = values[1:]
        if len(drawn):
            best = np.minimum(best, drawn.min(axis=1))
            draw, place = np.nonzero(drawn <= (best * (1 + SAME))[:, None] + _TINY)
            won.append((draw, place + before, drawn[draw, place]))
        before += len(chunk)
    return Tried(np.concatenate(sets), np.concatenate(first), _wins(won, best, before))


_TINY = 1e-15


def _chunks(places: np.ndarray, p: int) -> Iterator[np.ndarray]:
    """Yield sets of ``p`` places in the order of their ids, shape (up to CHUNK, p)."""
    every = combinations(places.tolist(), p)
    while rows := list(islice(every, CHUNK)):
        yield np.array(rows, dtype=int).reshape(len(rows), p)


def _wins(won: list[tuple[np.ndarray, np.ndarray, np.ndarray]], best: np.ndarray, size: int) -> np.ndarray:
    """Return the share of draws that each set wins."""
    if not won:
        return np.full(size, np.nan)
    draw, place, value = (np.concatenate(part) for part in zip(*won, strict=True))
    held = value <= best[draw] * (1 + SAME) + _TINY
    draw, place = draw[held], place[held]
    shared = 1 / np.bincount(draw, minlength=len(best))[draw]
    return np.bincount(place, shared, minlength=size) / len(best)
