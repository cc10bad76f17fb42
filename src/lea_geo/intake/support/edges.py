"""Polygons as plain arrays of edges, for compiled loops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import shapely

from lea_geo._compiled import thread_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Found = TypeVar("Found")


class Edges(NamedTuple):
    """The edges of polygons, each from its lower end (1) to its upper end (2), polygon after polygon."""

    x1: NDArray[np.float64]
    y1: NDArray[np.float64]
    x2: NDArray[np.float64]
    y2: NDArray[np.float64]
    side: NDArray[np.float64]
    """1 where the polygon lies to the right of the edge (east of it), -1 where to the left."""
    starts: NDArray[np.int64]
    """Where each polygon begins among the edges, and where the last ends."""


def edges_of(
    polygons: NDArray[np.object_], *, origin: tuple[float, float] = (0.0, 0.0), level: bool = False
) -> Edges:
    """Return the edges of polygons and multipolygons.

    Parameters
    ----------
    polygons
        Not empty.
    origin
        Where coordinates are counted from: near it they lose fewer digits in products.
    level
        Whether edges that neither climb nor fall are wanted: they enclose nothing, and no level ray crosses
        them.
    """
    _, coordinates, offsets = shapely.to_ragged_array(polygons, include_z=False)
    vertices, parts, *whole = (np.asarray(offset, dtype=np.int64) for offset in offsets)
    x, y = (coordinates[:, axis] - origin[axis] for axis in (0, 1))
    ring = np.repeat(np.arange(len(vertices) - 1), np.diff(vertices))
    here = np.flatnonzero((ring[1:] == ring[:-1]) & (level | (y[1:] != y[:-1])))
    climbs = y[here + 1] > y[here]
    low, high = np.where(climbs, here, here + 1), np.where(climbs, here + 1, here)
    inside = np.where(climbs, -1.0, 1.0) * _turns(x, y, vertices, parts)[ring[here]]
    rings = parts[whole[0]] if whole else parts
    starts = np.searchsorted(here, vertices[rings]).astype(np.int64)
    return Edges(x[low], y[low], x[high], y[high], inside, starts)


def _turns(
    x: NDArray[np.float64], y: NDArray[np.float64], vertices: NDArray[np.int64], parts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return for each ring 1 where its polygon lies to its left, and -1 where to its right."""
    first = np.repeat(vertices[:-1], np.diff(vertices))
    from_first = (x - x[first], y - y[first])
    double = np.zeros(len(x))
    double[:-1] = from_first[0][:-1] * from_first[1][1:] - from_first[0][1:] * from_first[1][:-1]
    turns = np.sign(np.add.reduceat(double, vertices[:-1]))
    is_shell = np.zeros(len(turns), dtype=bool)
    is_shell[parts[:-1]] = True
    return np.where(is_shell, turns, -turns)


def in_blocks(work: Callable[[int, int], Found], n: int, size: int) -> list[Found]:
    """Return ``work(start, stop)`` of consecutive blocks of ``range(n)`` in their order.

    The blocks are spread over threads, and are the same for any number of them.
    """
    starts = range(0, n, size)
    if thread_count() == 1 or len(starts) < 2:
        return [work(start, min(start + size, n)) for start in starts]
    with ThreadPoolExecutor(min(thread_count(), len(starts))) as pool:
        return list(pool.map(lambda start: work(start, min(start + size, n)), starts))
