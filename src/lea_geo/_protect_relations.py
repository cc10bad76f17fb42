"""Counts of one area that give another of its counts away: the employed and the labour force, the unemployed.

A count adds up source fields. What is hidden can be worked out where sums and differences of counts that are
shown add up the same fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from lea_geo._protect_counts import Fields

_SMALL = 1e-9


def giving_away(
    shown: Mapping[Fields, NDArray[np.float64]],
    hidden: Mapping[Fields, NDArray[np.bool_]],
    keeps: Callable[[Fields], bool],
) -> Iterator[tuple[Fields, NDArray[np.bool_]]]:
    """Yield counts that have to be hidden too, and in which areas; once hidden, look again.

    Parameters
    ----------
    shown
        Every count by its fields, by area; NaN where the table gives none.
    hidden
        The counts that are hidden, to the areas in which they are.
    keeps
        Whether a count must stay visible. Where nothing else can be hidden, nothing is yielded.
    """
    if not any(hidden[one].any() for one in hidden.keys() & shown.keys()):
        return
    names = sorted(shown)
    known = np.array([np.isfinite(shown[one]) for one in names])
    gone = np.array([hidden.get(one, np.zeros(known.shape[1], dtype=bool)) for one in names])
    vectors = _vectors(names)
    size = [np.nansum(shown[one]) for one in names]
    for state in np.unique(np.where(known, np.where(gone, 1, 2), 0), axis=1).T:
        seen, lost = np.flatnonzero(state == 2), np.flatnonzero(state == 1)
        for at in lost:
            parts = _combination(vectors[seen], vectors[at])
            free = [i for i in seen[parts] if not keeps(names[i])]
            if free:
                chosen = min(free, key=lambda i: (size[i], names[i]))
                alike = np.all(np.where(known, np.where(gone, 1, 2), 0) == state[:, None], axis=0)
                yield names[chosen], alike
                break


def put_together(names: Fields, seen: Mapping[Fields, NDArray[np.bool_]], n: int) -> NDArray[np.bool_]:
    """Return in which of n areas sums and differences of the counts that are seen there add up some fields.

    >>> both, one = ("a", "b"), ("a",)
    >>> put_together(("b",), {both: np.array([True, True]), one: np.array([True, False])}, 2).tolist()
    [True, False]
    """
    found = np.zeros(n, dtype=bool)
    others = sorted(seen)
    if not others:
        return found
    vectors = _vectors([*others, names])
    visible = np.array([seen[one] for one in others])
    states, which = np.unique(visible, axis=1, return_inverse=True)
    for at, state in enumerate(states.T):
        found[which.ravel() == at] = _combination(vectors[:-1][state], vectors[-1]).any()
    return found


def _vectors(names: list[Fields]) -> NDArray[np.float64]:
    """Return which fields each count adds up."""
    fields = sorted({field for one in names for field in one})
    return np.array([[float(one.count(field)) for field in fields] for one in names])


def _combination(shown: NDArray[np.float64], hidden: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows a hidden one can be put together of; none where it cannot."""
    if not len(shown):
        return np.zeros(0, dtype=bool)
    weights, *_ = np.linalg.lstsq(shown.T, hidden, rcond=None)
    fits = np.abs(shown.T @ weights - hidden).max() < _SMALL
    found: NDArray[np.bool_] = (np.abs(weights) > _SMALL) & fits
    return found
