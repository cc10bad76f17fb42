"""Which polygons touch, and which points are near: links from geometry.

Each builder takes arrays in the order of the areas and gives links by position. None depends on that order: ties are
broken by area id.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from lea_geo.spatial.links import Links

Geometries = NDArray[Any]

SHARES_A_LINE = "****1****"
"""DE-9IM: the borders have a line in common."""
OVERLAPS = "2********"
"""DE-9IM: the interiors have an area in common."""
CORNER = 4.0
"""A rook neighbour across a gap runs beside its neighbour for more than this many tolerances; around a corner that
only touches, two tolerances of the border lie near."""
NEAR_MISS = 1.0
"""Areas closer than this, in metres, that do not touch are worth a note."""


def contiguity_links(polygons: Geometries, *, rook: bool, tolerance: float, metric: bool) -> Links:
    """Return the links between polygons that share a border.

    Queen neighbours share at least a point; rook neighbours share a line. Overlapping polygons are neighbours of
    both kinds: in a coverage that means to be planar an overlap is a border drawn twice.

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
    wanted = touching
    if tolerance > 0:
        wanted = touching | shapely.dwithin(polygons[first], polygons[second], tolerance)
    missed = int(np.count_nonzero(~wanted))
    overlapping = int(np.count_nonzero(_relates(polygons, first, second, OVERLAPS, among=touching)))
    bridged = wanted & ~touching
    if rook:
        wanted = _share_a_line(polygons, first, second, touching, wanted, tolerance)
        bridged &= wanted
    notes = _contiguity_notes(overlapping, int(np.count_nonzero(bridged)), missed, tolerance)
    return Links.both_ways(first[wanted], second[wanted], notes=notes)


def _pairs_within(polygons: Geometries, distance: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return each pair of polygons that touch or lie within a distance, once."""
    tree = shapely.STRtree(polygons)
    if distance > 0:
        first, second = tree.query(polygons, predicate="dwithin", distance=distance)
    else:
        first, second = tree.query(polygons, predicate="intersects")
    once = first < second
    return first[once], second[once]


def _relates(
    polygons: Geometries,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    pattern: str,
    *,
    among: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return which of the pairs ``among`` match a DE-9IM pattern; the others do not."""
    matches = np.zeros(first.size, dtype=bool)
    matches[among] = shapely.relate_pattern(polygons[first[among]], polygons[second[among]], pattern)
    return matches


def _share_a_line(
    polygons: Geometries,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    touching: NDArray[np.bool_],
    near: NDArray[np.bool_],
    tolerance: float,
) -> NDArray[np.bool_]:
    """Return which pairs have a line of border in common, or across a gap within the tolerance."""
    lines = _relates(polygons, first, second, SHARES_A_LINE, among=touching)
    lines |= _relates(polygons, first, second, OVERLAPS, among=touching)
    if tolerance > 0:
        for pair in np.flatnonzero(near & ~lines):
            one, other = polygons[first[pair]], polygons[second[pair]]
            beside = shapely.intersection(shapely.boundary(one), shapely.buffer(other, tolerance))
            lines[pair] = shapely.length(beside) > CORNER * tolerance
    return lines


def _contiguity_notes(overlapping: int, bridged: int, missed: int, tolerance: float) -> tuple[str, ...]:
    notes = []
    if overlapping:
        notes.append(f"{overlapping} pairs of areas overlap and were linked as neighbours.")
    if bridged:
        notes.append(
            f"{bridged} pairs of areas do not touch and were linked across a gap of at most {tolerance:g} m."
        )
    if missed:
        notes.append(
            f"{missed} pairs of areas lie within {NEAR_MISS:g} m of each other without touching and were not linked; "
            f"tolerance={NEAR_MISS:g} would link them."
        )
    return tuple(notes)
