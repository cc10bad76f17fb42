"""Sets of areas laid over each other: which pieces come out, and in which area of each set they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from lea_geo.intake.support.overlap import overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NONE = -1
_WHOLE = 1e-9
"""Of an area: what may be missing from a piece that is all of it."""


def cross(sets: Sequence[gpd.GeoDataFrame], least_surface: float) -> list[NDArray[np.int64]]:
    """Return, for every set, the position of the area that each piece lies in, -1 for none.

    Parameters
    ----------
    sets
        Areas that do not overlap within a set.
    least_surface
        Pieces smaller than this are left out, m2; every area of every set keeps its largest.
    """
    found = np.arange(len(sets[0]))[np.newaxis]
    ground = sets[0][["geometry"]].reset_index(drop=True)
    for at, areas in enumerate(sets[1:], start=1):
        last = at == len(sets) - 1
        piece, area, shapes = _cut(ground, areas, least_surface, drawn=not last)
        before = np.where(piece == _NONE, _NONE, found[:, piece])
        found = np.vstack([before, area])
        if not last:
            ground = gpd.GeoDataFrame(geometry=shapes, crs=ground.crs)
    order = np.lexsort(np.where(found == _NONE, np.iinfo(np.int64).max, found)[::-1])
    return list(found[:, order].astype(np.int64))


def _cut(
    pieces: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, least: float, *, drawn: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_] | None]:
    """Return piece and area of each new piece, and its shape where it is to be cut again."""
    shared = overlap(pieces, areas).tocoo()
    row, column, surface = shared.row.astype(np.int64), shared.col.astype(np.int64), shared.data
    alone, beyond = _rest(pieces, row, surface, least), _rest(areas, column, surface, least)
    keep = surface >= least
    keep |= _largest(row, surface) & ~np.isin(row, alone)
    keep |= _largest(column, surface) & ~np.isin(column, beyond)
    left, right, surface = row[keep], column[keep], surface[keep]
    piece = np.concatenate([left, alone, np.full(len(beyond), _NONE)])
    area = np.concatenate([right, np.full(len(alone), _NONE), beyond])
    if not drawn:
        return piece, area, None
    first, second = pieces.geometry.to_numpy(), areas.geometry.to_numpy()
    shapes = np.concatenate(
        [
            _common(first[left], second[right], surface),
            _remains(first, alone, left, second[right]),
            _remains(second, beyond, right, first[left]),
        ]
    )
    return piece, area, shapes


def _largest(owner: NDArray[np.int64], surface: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which entry is the largest of its owner: no area may be left without a piece."""
    order = np.lexsort((-surface, owner))
    first = np.ones(len(owner), dtype=bool)
    first[1:] = owner[order][1:] != owner[order][:-1]
    found = np.zeros(len(owner), dtype=bool)
    found[order[first]] = True
    return found


def _rest(
    areas: gpd.GeoDataFrame, owner: NDArray[np.int64], surface: NDArray[np.float64], least: float
) -> NDArray[np.int64]:
    """Return the areas of which something lies in none of the others."""
    whole = areas.geometry.area.to_numpy()
    rest = whole - np.bincount(owner, weights=surface, minlength=len(areas))
    nothing = np.bincount(owner, minlength=len(areas)) == 0
    return np.flatnonzero((rest >= np.maximum(least, _WHOLE * whole)) | nothing)


def _common(
    first: NDArray[np.object_], second: NDArray[np.object_], surface: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return what each two have in common; most cells lie in one area whole and need no clipping."""
    shapes = first.copy()
    clipped = surface < shapely.area(first) * (1 - _WHOLE)
    shapes[clipped] = _surfaces(shapely.intersection(first[clipped], second[clipped]))
    return shapes


def _remains(
    areas: NDArray[np.object_],
    which: NDArray[np.int64],
    owner: NDArray[np.int64],
    others: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Return what is left of some areas when all that lies over them is taken away."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], which)
    ends = np.searchsorted(owner[order], which, side="right")
    taken = [shapely.union_all(others[order[a:b]]) for a, b in zip(starts, ends, strict=True)]
    return _surfaces(shapely.difference(areas[which], np.array(taken, dtype=object)))


def _surfaces(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons of mixed shapes, without the lines and points in which borders meet."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for at in np.flatnonzero(mixed):
        parts = [part for part in shapely.get_parts(shapes[at]) if shapely.area(part) > 0]
        shapes[at] = shapely.union_all(parts)
    return shapes
