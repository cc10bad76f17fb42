"""Which polygon each of many points lies in.

A coarse grid of squares lies over the polygons. A square that no edge passes is decided once, for all points
in it; only in the others a point is held against edges, and only against those of the polygons whose edges
pass the square, in its row.

A ray from the point to the west crosses the borders of a polygon an odd number of times if the point lies
inside. A border counts as crossed where the point lies on it, and an edge holds its lower end but not its
upper one: a polygon holds its western and southern borders but not its eastern and northern ones. Each
decision is exact, and the same for an edge whichever polygon's it is, so of polygons that share a border
exactly one holds a point on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.intake.support.edges import edges_of, in_blocks
from lea_geo.intake.support.orientation import is_east_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

OUTSIDE = -1
"""The position of a point that lies in no polygon."""
_FEWEST, _MOST = 1024, 4_000_000
_NEAR = 1e-6
"""Of a square: an edge passes squares that it comes so near to; coordinates in squares are rounded."""
_BLOCK = 1 << 17
"""Points that a thread takes at a time."""


@dataclass(frozen=True)
class _Squares:
    """The coarse grid: where it begins, squares to a metre, and how many there are each way."""

    west: float
    south: float
    density: float
    width: int
    height: int


@dataclass(frozen=True)
class PolygonIndex:
    """Polygons, made ready for many points."""

    squares: _Squares
    whole: NDArray[np.int32]
    """Of each square: the first polygon that holds all of it, or -1."""
    passing: NDArray[np.int64]
    """Where the polygons whose edges pass each square begin in ``passed_by``."""
    passed_by: NDArray[np.int32]
    ends: tuple[Floats, Floats, Floats, Floats]
    """``x1, y1, x2, y2`` of the edges."""
    rows: tuple[Places, Places, Places, Places]
    """The edges of each polygon by the row of squares that they pass: the first row of a polygon, where its
    rows begin among the next, where the edges of a row begin, and the edges."""

    def positions(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return for each point the position of the first polygon that holds it, or -1."""
        found = np.empty(len(x), dtype=np.int64)
        squares = self.squares
        box = (squares.west, squares.south, squares.density, squares.width, squares.height)

        def work(start: int, stop: int) -> None:
            table = (self.whole, self.passing, self.passed_by)
            _locate(x, y, *box, *table, *self.ends, *self.rows, found, start, stop)

        in_blocks(work, len(x), _BLOCK)
        return found


def polygon_index(polygons: NDArray[np.object_]) -> PolygonIndex:
    """Return polygons made ready for many points.

    Parameters
    ----------
    polygons
        Valid polygons in one plane. Where several hold a point, it lies in the first.
    """
    edges = edges_of(polygons, level=True)
    ends = (edges.x1, edges.y1, edges.x2, edges.y2)
    squares = _squares_over(*ends)
    box = (squares.west, squares.south, squares.density, squares.width, squares.height)
    rows = _edges_by_row(edges.y1, edges.y2, edges.starts, squares.south, squares.density)
    whole = np.full(squares.width * squares.height, OUTSIDE, dtype=np.int32)
    places, passed_by = _pass(*ends, edges.starts, *box, *rows, whole)
    order = np.argsort(places, kind="stable")
    passing = np.zeros(len(whole) + 1, dtype=np.int64)
    np.cumsum(np.bincount(places, minlength=len(whole)), out=passing[1:])
    return PolygonIndex(squares, whole, passing, passed_by[order], ends, rows)


def _squares_over(x1: Floats, y1: Floats, x2: Floats, y2: Floats) -> _Squares:
    """Return squares over all edges and one more on each side, about two for each edge."""
    west, east = min(x1.min(), x2.min()), max(x1.max(), x2.max())
    south, north = y1.min(), y2.max()
    wanted = min(max(2 * len(x1), _FEWEST), _MOST)
    side = max(np.sqrt((east - west) * (north - south) / wanted), (east - west + north - south) / wanted)
    width, height = (int(np.ceil(length / side)) + 2 for length in (east - west, north - south))
    return _Squares(float(west - side), float(south - side), float(1 / side), width, height)


@compiled
def _step(place: float, first: float, density: float) -> int:
    """Return the row or column of a place; never less for a place further on, whatever the rounding."""
    return int(np.floor((place - first) * density))


@compiled
def _edges_by_row(
    y1: Floats, y2: Floats, starts: Places, south: float, density: float
) -> tuple[Places, Places, Places, Places]:
    """Return what ``PolygonIndex.rows`` holds."""
    n = len(starts) - 1
    first, offsets = np.zeros(n, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    for polygon in range(n):
        mine = slice(starts[polygon], starts[polygon + 1])
        first[polygon] = _step(y1[mine].min(), south, density)
        last = _step(y2[mine].max(), south, density)
        offsets[polygon + 1] = offsets[polygon] + last - first[polygon] + 1
    begins = np.zeros(offsets[n] + 1, dtype=np.int64)
    for polygon in range(n):
        for e in range(starts[polygon], starts[polygon + 1]):
            base = offsets[polygon] - first[polygon]
            for row in range(_step(y1[e], south, density), _step(y2[e], south, density) + 1):
                begins[base + row + 1] += 1
    begins = np.cumsum(begins)
    place, edges = begins.copy(), np.empty(begins[-1], dtype=np.int64)
    for polygon in range(n):
        for e in range(starts[polygon], starts[polygon + 1]):
            base = offsets[polygon] - first[polygon]
            for row in range(_step(y1[e], south, density), _step(y2[e], south, density) + 1):
                edges[place[base + row]] = e
                place[base + row] += 1
    return first, offsets, begins, edges


@compiled
def _holds(
    polygon: int,
    row: int,
    x: float,
    y: float,
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    first: Places,
    offsets: Places,
    begins: Places,
    edges: Places,
) -> bool:
    """Say whether a polygon holds a point of a row of squares."""
    at = offsets[polygon] + row - first[polygon]
    if not offsets[polygon] <= at < offsets[polygon + 1]:
        return False
    inside = False
    for e in edges[begins[at] : begins[at + 1]]:
        if y1[e] <= y < y2[e] and is_east_of(x, y, x1[e], y1[e], x2[e], y2[e]):
            inside = not inside
    return inside


@compiled
def _pass(
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    starts: Places,
    west: float,
    south: float,
    density: float,
    width: int,
    height: int,
    first: Places,
    offsets: Places,
    begins: Places,
    edges: Places,
    whole: NDArray[np.int32],
) -> tuple[Places, NDArray[np.int32]]:
    """Return each square that an edge passes, with the polygon that it is of; mark those that none passes."""
    places, owners, used = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int32), 0
    for polygon in range(len(starts) - 1):
        a, b = starts[polygon], starts[polygon + 1]
        left = _step(min(x1[a:b].min(), x2[a:b].min()), west, density) - 1
        right = _step(max(x1[a:b].max(), x2[a:b].max()), west, density) + 2
        bottom = first[polygon] - 1
        passed = np.zeros((offsets[polygon + 1] - offsets[polygon] + 2, right - left), dtype=np.bool_)
        for e in range(a, b):
            _mark(passed, x1[e], y1[e], x2[e], y2[e], west, south, density, left, bottom)
        places, owners = _room_for(places, owners, used + passed.size)
        for i in range(passed.shape[0]):
            inside, known = False, False
            row = bottom + i
            for j in range(passed.shape[1]):
                place = row * width + left + j
                if passed[i, j]:
                    places[used], owners[used], known = place, polygon, False
                    used += 1
                    continue
                if not known:
                    x, y = west + (left + j + 0.5) / density, south + (row + 0.5) / density
                    inside = _holds(polygon, row, x, y, x1, y1, x2, y2, first, offsets, begins, edges)
                    known = True
                if inside and whole[place] < 0:
                    whole[place] = polygon
    return places[:used].copy(), owners[:used].copy()


@compiled
def _mark(
    passed: NDArray[np.bool_],
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    west: float,
    south: float,
    density: float,
    left: int,
    bottom: int,
) -> None:
    """Mark the squares that an edge passes, and those that it nearly does."""
    u1, v1, u2, v2 = (
        (x1 - west) * density,
        (y1 - south) * density,
        (x2 - west) * density,
        (y2 - south) * density,
    )
    slope = (u2 - u1) / (v2 - v1) if v2 > v1 else 0.0
    for row in range(int(np.floor(v1 - _NEAR)), int(np.floor(v2 + _NEAR)) + 1):
        near, far = min(u1, u2), max(u1, u2)
        if v2 > v1:
            low, high = u1 + (max(v1, row - _NEAR) - v1) * slope, u1 + (min(v2, row + 1 + _NEAR) - v1) * slope
            near, far = max(near, min(low, high)), min(far, max(low, high))
        for column in range(int(np.floor(near - _NEAR)), int(np.floor(far + _NEAR)) + 1):
            passed[row - bottom, column - left] = True


@compiled
def _room_for(places: Places, owners: NDArray[np.int32], needed: int) -> tuple[Places, NDArray[np.int32]]:
    """Return arrays with room for at least so many squares, with what they hold."""
    if needed <= len(places):
        return places, owners
    more, others = np.empty(2 * needed, dtype=np.int64), np.empty(2 * needed, dtype=np.int32)
    more[: len(places)] = places
    others[: len(owners)] = owners
    return more, others


@compiled
def _locate(
    x: Floats,
    y: Floats,
    west: float,
    south: float,
    density: float,
    width: int,
    height: int,
    whole: NDArray[np.int32],
    passing: Places,
    passed_by: NDArray[np.int32],
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    first: Places,
    offsets: Places,
    begins: Places,
    edges: Places,
    found: Places,
    start: int,
    stop: int,
) -> None:
    """Write where each point lies."""
    for i in range(start, stop):
        found[i] = OUTSIDE
        u, v = (x[i] - west) * density, (y[i] - south) * density
        if not (0 <= u < width and 0 <= v < height):  # not for NaN either
            continue
        row = int(np.floor(v))
        place = row * width + int(np.floor(u))
        sure = whole[place]
        found[i] = sure
        for k in range(passing[place], passing[place + 1]):
            polygon = passed_by[k]
            if 0 <= sure < polygon:
                break
            if _holds(polygon, row, x[i], y[i], x1, y1, x2, y2, first, offsets, begins, edges):
                found[i] = polygon
                break
