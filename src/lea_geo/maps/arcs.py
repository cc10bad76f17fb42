"""Borders that neighbours share, each written once: rings become references to arcs.

An arc runs between two joints and has none inside. Joints are the vertices where more than two edges
of the map meet and those where a ring turns back on itself; a ring that would have none gets one. Every edge
is then on exactly one arc, and a ring that is on one of its edges follows the whole of it, whether the areas
fit together or not: areas that overlap or miss each other share less, but come back as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.maps.encode import pack_bytes, varints, zigzag

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rings:
    """Closed lines of vertices with whole coordinates; the first vertex is not repeated at the end."""

    xy: Whole
    """Vertices of all rings, shape (n, 2); none equals the one before it in its ring."""
    start: Whole
    """Where each ring begins in ``xy``, shape (rings + 1,)."""
    area: Whole
    """To which area a ring belongs, ascending, shape (rings,)."""


@dataclass(frozen=True)
class Arcs:
    """Rings as references to arcs."""

    xy: Whole
    """Vertices of all arcs, both ends with each, shape (n, 2)."""
    start: Whole
    """Where each arc begins in ``xy``, shape (arcs + 1,)."""
    refs: Whole
    """The arcs along each ring; ``k`` runs arc k forwards, ``~k`` backwards. An arc is first met forwards."""
    ring_start: Whole
    """Where each ring begins in ``refs``, shape (rings + 1,)."""
    area: Whole
    """To which area a ring belongs, shape (rings,)."""


def clean_rings(xy: Whole, start: Whole, area: Whole) -> Rings:
    """Return rings without repeated vertices; those with fewer than three different ones are left out.

    Parameters
    ----------
    xy
        Vertices of all rings, shape (n, 2); closing vertices may be there or not.
    start
        Where each ring begins, shape (rings + 1,); no ring is empty.
    area
        To which area a ring belongs, ascending.
    """
    before = np.arange(-1, len(xy) - 1)
    before[start[:-1]] = start[1:] - 1
    kept = (xy != xy[before]).any(axis=1)
    ring = np.repeat(np.arange(len(area)), np.diff(start))
    different = np.unique(ring * (len(xy) + 1) + _vertices(xy)) // (len(xy) + 1)
    whole = np.bincount(different, minlength=len(area)) >= 3
    kept &= whole[ring]
    return Rings(xy[kept], _starts(np.bincount(ring[kept], minlength=len(area))[whole]), area[whole])


def share_arcs(rings: Rings) -> Arcs:
    """Return the rings as arcs; following the references gives the very same vertices in the same order.

    A ring may begin at another of its vertices than before.
    """
    vertex = _vertices(rings.xy)
    length = np.diff(rings.start)
    ring = np.repeat(np.arange(len(length)), length)
    after = np.arange(1, len(vertex) + 1)
    after[rings.start[1:] - 1] = rings.start[:-1]
    before = np.empty_like(after)
    before[after] = np.arange(len(vertex))
    edge, joint = _joints(vertex, after, before, rings.start)
    first = np.flatnonzero(joint[vertex])
    ring_start = _starts(np.bincount(ring[first], minlength=len(length)))
    following = np.roll(first, -1)
    following[ring_start[1:] - 1] = first[ring_start[:-1]]
    edges = following - first
    edges = np.where(edges > 0, edges, edges + length[ring[first]])
    arc, kept = _by_first_met(np.minimum(edge[first], edge[before[following]]))
    ends = np.stack([vertex[first], vertex[after[first]]], axis=1)
    forwards = (ends == ends[kept][arc]).all(axis=1)
    xy, start = _along(rings, first[kept], edges[kept] + 1, ring)
    return Arcs(xy, start, np.where(forwards, arc, ~arc), ring_start, rings.area)


def dividing_arcs(arcs: Arcs, group: Whole) -> Whole:
    """Return the arcs between areas of two groups.

    Parameters
    ----------
    arcs
        The arcs.
    group
        The group of each area; 0 belongs to none, and divides from none.
    """
    of_ref = group[np.repeat(arcs.area, np.diff(arcs.ring_start))]
    grouped = of_ref > 0
    arc, of_ref = np.maximum(arcs.refs, ~arcs.refs)[grouped], of_ref[grouped]
    low = np.full(len(arcs.start) - 1, np.iinfo(np.int64).max)
    high = np.zeros_like(low)
    np.minimum.at(low, arc, of_ref)
    np.maximum.at(high, arc, of_ref)
    return np.flatnonzero(low < high)


def encode_arcs(arcs: Arcs, *, n_areas: int, points: Whole, dividing: Whole) -> dict[str, Any]:
    """Return ``{arcs, vertices, refs, rings, dividing, data}``; ``data`` is one packed row of varints.

    In their order: vertices of each arc less 2; x, then y of all vertices, each less the one before
    (zigzag); references (0 for the next arc that was not met before, otherwise twice the distance back from
    it, less one for backwards); arcs of each ring less 1; rings of each area; x, then y of the points, each
    less the one before (zigzag); arcs that divide, each less the one before.

    Parameters
    ----------
    arcs
        The arcs.
    n_areas
        How many areas there are.
    points
        A point for each area's name, shape (areas, 2).
    dividing
        Arcs that divide groups, ascending.
    """
    steps, moves = (np.diff(xy, axis=0, prepend=0) for xy in (arcs.xy, points))
    parts = [
        np.diff(arcs.start) - 2,
        zigzag(steps[:, 0]),
        zigzag(steps[:, 1]),
        _reference_codes(arcs.refs),
        np.diff(arcs.ring_start) - 1,
        np.bincount(arcs.area, minlength=n_areas),
        zigzag(moves[:, 0]),
        zigzag(moves[:, 1]),
        np.diff(dividing, prepend=0),
    ]
    return {
        "arcs": len(arcs.start) - 1,
        "vertices": len(arcs.xy),
        "refs": len(arcs.refs),
        "rings": len(arcs.area),
        "dividing": len(dividing),
        "data": pack_bytes(varints(np.concatenate(parts)).tobytes()),
    }


def _reference_codes(refs: Whole) -> Whole:
    arc = np.maximum(refs, ~refs)
    fresh = np.concatenate([[0], np.maximum.accumulate(arc) + 1])[:-1]
    return 2 * (fresh - arc) - (refs < 0)


def _vertices(xy: Whole) -> Whole:
    """Number the different vertices from 0."""
    if not len(xy):
        return np.empty(0, dtype=np.int64)
    corner = xy.min(axis=0)
    height = int(xy[:, 1].max() - corner[1]) + 1
    _, number = np.unique((xy[:, 0] - corner[0]) * height + (xy[:, 1] - corner[1]), return_inverse=True)
    return np.asarray(number, dtype=np.int64)


def _joints(vertex: Whole, after: Whole, before: Whole, start: Whole) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """Return the edge that leaves each vertex of the rings, and whether a (different) vertex is a joint."""
    n = int(vertex.max(initial=-1)) + 1
    there = vertex[after]
    edges, edge = np.unique(np.minimum(vertex, there) * n + np.maximum(vertex, there), return_inverse=True)
    joint = np.bincount(edges // max(n, 1), minlength=n) + np.bincount(edges % max(n, 1), minlength=n) > 2
    joint[vertex[there == vertex[before]]] = True
    if len(start) > 1:
        jointed = np.logical_or.reduceat(joint[vertex], start[:-1])
        joint[np.minimum.reduceat(vertex, start[:-1])[~jointed]] = True
    return edge, joint


def _by_first_met(keys: Whole) -> tuple[Whole, Whole]:
    """Number keys in the order in which they are first met; also return where each of them is."""
    _, kept, number = np.unique(keys, return_index=True, return_inverse=True)
    place = np.empty_like(kept)
    place[np.argsort(kept)] = np.arange(len(kept))
    return place[number], np.sort(kept)


def _along(rings: Rings, first: Whole, count: Whole, ring: Whole) -> tuple[Whole, Whole]:
    """Return ``count`` vertices from each ``first`` on, around the end of their ring if need be."""
    start = _starts(count)
    where = np.arange(start[-1]) + np.repeat(first - start[:-1], count)
    of = np.repeat(ring[first], count)
    where = np.where(where < rings.start[of + 1], where, where - np.diff(rings.start)[of])
    return rings.xy[where], start


def _starts(counts: Whole) -> Whole:
    return np.concatenate([[0], np.cumsum(counts)])
