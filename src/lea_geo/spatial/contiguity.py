"""Which polygons share a border: links from shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo.spatial.links import FloatArray, Geometries, IntArray, Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARES_A_LINE = "****1****"
"""DE-9IM: the borders have a line in common."""
OVERLAPS = "2********"
"""DE-9IM: the interiors have an area in common."""
CORNER = 4.0
"""Across a gap a rook neighbour runs beside its neighbour for more than this many tolerances; where two
right-angled corners only touch, two tolerances of the border lie near."""
NEAR_MISS = 1.0
"""Areas closer than this, in metres, that do not touch are worth a note."""


def contiguity_links(polygons: Geometries, *, rook: bool, tolerance: float, metric: bool) -> Links:
    """Return the links between polygons that share a border.

    Queen neighbours share at least a point; rook neighbours share a line. Overlapping polygons are neighbours
    of both kinds: in a coverage that means to be planar an overlap is a border drawn twice.

    Parameters
    ----------
    polygons
        Valid polygons, shape (n,).
    rook
        True asks for a line in common, False (queen) for a point.
    tolerance
        How wide a gap may be bridged, in metres, 0 or more.
    metric
        Whether the coordinates are metres, so that near misses can be noted.
    """
    first, second = _pairs_within(polygons, max(tolerance, NEAR_MISS if metric else 0.0))
    shapely.prepare(polygons)
    touching = shapely.intersects(polygons[first], polygons[second])
    near = touching | shapely.dwithin(polygons[first], polygons[second], tolerance)
    overlapping = _relates(polygons[first], polygons[second], OVERLAPS, among=touching)
    linked = near
    if rook:
        lines = overlapping | _relates(polygons[first], polygons[second], SHARES_A_LINE, among=touching)
        linked = lines | _runs_beside(polygons[first], polygons[second], tolerance, among=near & ~lines)
    notes = _notes(overlapping.sum(), (linked & ~touching).sum(), (~near).sum(), tolerance)
    return Links.both_ways(first[linked], second[linked], notes=notes)


def _pairs_within(polygons: Geometries, distance: float) -> tuple[IntArray, IntArray]:
    """Return each pair of polygons that touch or lie within a distance, once."""
    first, second = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=distance)
    once = first < second
    return first[once], second[once]


def _relates(
    one: Geometries, other: Geometries, pattern: str, *, among: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which of the pairs ``among`` match a DE-9IM pattern; the others do not."""
    matches = np.zeros(one.size, dtype=bool)
    matches[among] = shapely.relate_pattern(one[among], other[among], pattern)
    return matches


def _runs_beside(
    one: Geometries, other: Geometries, tolerance: float, *, among: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which of the pairs ``among`` run beside each other, rather than meet at a corner."""
    beside = np.zeros(one.size, dtype=bool)
    if tolerance > 0:
        lengths = [
            _length_near(one[among], other[among], tolerance),
            _length_near(other[among], one[among], tolerance),
        ]
        # The longer of the two, so that it does not matter which of the areas comes first.
        beside[among] = np.max(lengths, axis=0) > CORNER * tolerance
    return beside


def _length_near(one: Geometries, other: Geometries, tolerance: float) -> FloatArray:
    """Return how much of the border of ``one`` lies within the tolerance of ``other``, in metres."""
    shared = shapely.intersection(shapely.boundary(one), shapely.buffer(other, tolerance))
    return np.asarray(shapely.length(shared), dtype=np.float64)


def _notes(overlapping: int, bridged: int, missed: int, tolerance: float) -> tuple[str, ...]:
    found = {
        f"Pairs of areas that overlap and were linked as neighbours: {overlapping}.": overlapping,
        f"Pairs of areas that were linked across a gap of at most {tolerance:g} m: {bridged}.": bridged,
        f"Pairs of areas less than {NEAR_MISS:g} m apart that do not touch and were not linked: {missed}; "
        f"tolerance={NEAR_MISS:g} would link them.": missed,
    }
    return tuple(note for note, count in found.items() if count)
