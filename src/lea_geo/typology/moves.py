"""AZP's moves: areas that change to a neighbouring region while that makes regions more alike within.

Openshaw and Rao (1995), https://doi.org/10.1068/a270425. spopt's AZP knows no floor (0.7.0).
"""

from __future__ import annotations

import numpy as np

from lea_geo._compiled import compiled


@compiled
def improved(
    labels: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    x: np.ndarray,
    people: np.ndarray,
    order: np.ndarray,
    k: int,
    floor: float,
    least: float,
) -> np.ndarray:
    """Return labels that no single move makes better; every region stays whole and keeps the floor.

    Parameters
    ----------
    labels
        Of each area, 0 to k - 1; shape (n,).
    order
        In which the areas are tried, shape (n,).
    least
        The least gain of a move.
    """
    n, dimensions = x.shape
    labels = labels.copy()
    sums, size, held = np.zeros((k, dimensions)), np.zeros(k), np.zeros(k)
    for i in range(n):
        sums[labels[i]] += x[i]
        size[labels[i]] += 1
        held[labels[i]] += people[i]
    queue, seen = np.zeros(n, np.int64), np.zeros(n, np.bool_)
    moved = True
    while moved:
        moved = False
        for place in range(n):
            i = order[place]
            own = labels[i]
            if size[own] < 2 or held[own] - people[i] < floor:
                continue
            to, gain = _best(i, own, labels, indptr, indices, x, sums, size)
            if gain > least and _whole_without(i, own, labels, indptr, indices, int(size[own]), queue, seen):
                sums[own] -= x[i]
                sums[to] += x[i]
                size[own] -= 1
                size[to] += 1
                held[own] -= people[i]
                held[to] += people[i]
                labels[i] = to
                moved = True
    return labels


@compiled
def _best(
    i: int,
    own: int,
    labels: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    x: np.ndarray,
    sums: np.ndarray,
    size: np.ndarray,
) -> tuple[int, float]:
    """Return the neighbouring region that an area had better belong to, and by how much."""
    away = 0.0
    for d in range(x.shape[1]):
        away += (x[i, d] - sums[own, d] / size[own]) ** 2
    away *= size[own] / (size[own] - 1)
    best, gain = own, 0.0
    for link in range(indptr[i], indptr[i + 1]):
        other = labels[indices[link]]
        if other == own:
            continue
        near = 0.0
        for d in range(x.shape[1]):
            near += (x[i, d] - sums[other, d] / size[other]) ** 2
        near *= size[other] / (size[other] + 1)
        if away - near > gain:
            best, gain = other, away - near
    return best, gain


@compiled
def _whole_without(
    i: int,
    own: int,
    labels: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    size: int,
    queue: np.ndarray,
    seen: np.ndarray,
) -> bool:
    """Return whether a region hangs together without one of its areas."""
    seen[:] = False
    seen[i] = True
    found = 0
    for link in range(indptr[i], indptr[i + 1]):
        if labels[indices[link]] == own and indices[link] != i:
            queue[0] = indices[link]
            seen[indices[link]] = True
            found = 1
            break
    done = 0
    while done < found:
        here = queue[done]
        done += 1
        for link in range(indptr[here], indptr[here + 1]):
            there = indices[link]
            if labels[there] == own and not seen[there]:
                seen[there] = True
                queue[found] = there
                found += 1
    return found == size - 1
