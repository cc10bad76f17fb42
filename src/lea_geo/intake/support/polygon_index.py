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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.intake.support.edges import Edges, edges_of, in_blocks
from lea_geo.intake.support.orientation import is_east_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

OUTSIDE = -1
"""The position of a point that lies in no polygon."""
_FEWEST, _MOST, _TO_AN_EDGE = 1024, 4_000_000, 16
"""How many squares there are: people live where areas and squares are small, and edges many."""
_NEAR = 1e-6
"""Of a square: an edge passes squares that it comes so near to; coordinates in squares are rounded."""
_BLOCK = 1 << 17
"""Points that a thread takes at a time."""


class _Squares(NamedTuple):
    """The coarse grid: where it begins, squares to a metre, and how many there are each way."""

    west: float
    south: float
    density: float
    width: int
    height: int


class _EdgeRows(NamedTuple):
    """The edges of each polygon by the row of squares that they pass."""

    first: NDArray[np.int64]
    """The first row of each polygon."""
    offsets: NDArray[np.int64]
    """Where the rows of each polygon begin in ``begins``."""
    begins: NDArray[np.int64]
    """Where the edges of each row begin in ``order``."""
    order: NDArray[np.int64]
    """The edges."""


@dataclass(frozen=True)
class PolygonIndex:
    """Polygons, made ready for many points."""

    squares: _Squares
    edges: Edges
    rows: _EdgeRows
    whole: NDArray[np.int32]
    """Of each square: the first polygon that holds all of it, or -1."""
    passing: NDArray[np.int64]
    """Where the polygons whose edges pass each square begin in ``passed_by``."""
    passed_by: NDArray[np.int32]

    def positions(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return for each point the position of the first polygon that holds it, or -1."""
        found = np.empty(len(x), dtype=np.int64)
        table = (self.squares, self.edges, self.rows, self.whole, self.passing, self.passed_by)
        in_blocks(lambda start, stop: _locate(x, y, *table, found, start, stop), len(x), _BLOCK)
        return found


def polygon_index(polygons: NDArray[np.object_]) -> PolygonIndex:
    """Return polygons made ready for many points.

    Parameters
    ----------
    polygons
        Valid polygons in one plane. Where several hold a point, it lies in the first.
    """
    edges = edges_of(polygons, level=True)
    squares = _squares_over(edges)
    rows = _EdgeRows(*_edges_by_row(edges, squares))
    whole = np.full(squares.width * squares.height, OUTSIDE, dtype=np.int32)
    places, passed_by = _pass(edges, squares, rows, whole)
    order = np.argsort(places, kind="stable")
    passing = np.zeros(len(whole) + 1, dtype=np.int64)
    np.cumsum(np.bincount(places, minlength=len(whole)), out=passing[1:])
    return PolygonIndex(squares, edges, rows, whole, passing, passed_by[order])


def _squares_over(edges: Edges) -> _Squares:
    """Return squares over all edges and one more on each side."""
    west, east = min(edges.x1.min(), edges.x2.min()), max(edges.x1.max(), edges.x2.max())
    south, north = edges.y1.min(), edges.y2.max()
    wanted = min(max(_TO_AN_EDGE * len(edges.x1), _FEWEST), _MOST)
    side = max(np.sqrt((east - west) * (north - south) / wanted), (east - west + north - south) / wanted)
    width, height = (int(np.ceil(length / side)) + 2 for length in (east - west, north - south))
    return _Squares(float(west - side), float(south - side), float(1 / side), width, height)


@compiled
def _step(place: float, first: float, density: float) -> int:
    """Return the row or column of a place; never less for a place further on, whatever the rounding."""
    return int(np.floor((place - first) * density))


@compiled
def _rows_of(edges: Edges, squares: _Squares, edge: int) -> tuple[int, int]:
    """Return the rows of squares that an edge passes: the first, and the one after the last."""
    bottom = _step(edges.y1[edge], squares.south, squares.density)
    return bottom, _step(edges.y2[edge], squares.south, squares.density) + 1


@compiled
def _edges_by_row(edges: Edges, squares: _Squares) -> tuple[Places, Places, Places, Places]:
    """Return what ``_EdgeRows`` holds."""
    n = len(edges.starts) - 1
    first, offsets = np.zeros(n, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    for polygon in range(n):
        mine = slice(edges.starts[polygon], edges.starts[polygon + 1])
        first[polygon] = _step(edges.y1[mine].min(), squares.south, squares.density)
        last = _step(edges.y2[mine].max(), squares.south, squares.density)
        offsets[polygon + 1] = offsets[polygon] + last - first[polygon] + 1
    begins = np.zeros(offsets[n] + 1, dtype=np.int64)
    for polygon in range(n):
        for e in range(edges.starts[polygon], edges.starts[polygon + 1]):
            bottom, top = _rows_of(edges, squares, e)
            at = offsets[polygon] - first[polygon] + bottom + 1
            begins[at : at + top - bottom] += 1
    begins = np.cumsum(begins)
    place, order = begins.copy(), np.empty(begins[-1], dtype=np.int64)
    for polygon in range(n):
        for e in range(edges.starts[polygon], edges.starts[polygon + 1]):
            bottom, top = _rows_of(edges, squares, e)
            at = offsets[polygon] - first[polygon] + bottom
            for row in range(at, at + top - bottom):
                order[place[row]] = e
                place[row] += 1
    return first, offsets, begins, order


@compiled
def _holds(edges: Edges, rows: _EdgeRows, polygon: int, row: int, x: float, y: float) -> bool:
    """Say whether a polygon holds a point of a row of squares."""
    at = rows.offsets[polygon] + row - rows.first[polygon]
    if not rows.offsets[polygon] <= at < rows.offsets[polygon + 1]:
        return False
    inside = False
    for e in rows.order[rows.begins[at] : rows.begins[at + 1]]:
        x1, y1, x2, y2 = edges.x1[e], edges.y1[e], edges.x2[e], edges.y2[e]
        if y1 <= y < y2 and is_east_of(x, y, x1, y1, x2, y2):
            inside = not inside
    return inside


@compiled
def _pass(
    edges: Edges, squares: _Squares, rows: _EdgeRows, whole: NDArray[np.int32]
) -> tuple[Places, NDArray[np.int32]]:
    """Return each square that an edge passes, with the polygon that it is of; mark those that none passes."""
    places, owners, used = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int32), 0
    for polygon in range(len(edges.starts) - 1):
        bottom, left, passed = _passed(edges, squares, rows, polygon)
        places, owners = _room_for(places, owners, used + passed.size)
        for i in range(passed.shape[0]):
            row, inside, known = bottom + i, False, False
            for j in range(passed.shape[1]):
                place = row * squares.width + left + j
                if passed[i, j]:
                    places[used], owners[used], known = place, polygon, False
                    used += 1
                    continue
                if not known:  # as far as the next square that an edge passes, all is alike
                    x, y = (left + j + 0.5) / squares.density, (row + 0.5) / squares.density
                    inside = _holds(edges, rows, polygon, row, squares.west + x, squares.south + y)
                    known = True
                if inside and whole[place] < 0:
                    whole[place] = polygon
    return places[:used].copy(), owners[:used].copy()


@compiled
def _passed(
    edges: Edges, squares: _Squares, rows: _EdgeRows, polygon: int
) -> tuple[int, int, NDArray[np.bool_]]:
    """Return which squares of a box the edges of a polygon pass, and the first row and column of that box."""
    mine = slice(edges.starts[polygon], edges.starts[polygon + 1])
    least = min(edges.x1[mine].min(), edges.x2[mine].min())
    most = max(edges.x1[mine].max(), edges.x2[mine].max())
    left = _step(least, squares.west, squares.density) - 1
    right = _step(most, squares.west, squares.density) + 2
    height = rows.offsets[polygon + 1] - rows.offsets[polygon] + 2
    passed, bottom = np.zeros((height, right - left), dtype=np.bool_), rows.first[polygon] - 1
    for e in range(mine.start, mine.stop):
        u1, v1 = (
            (edges.x1[e] - squares.west) * squares.density,
            (edges.y1[e] - squares.south) * squares.density,
        )
        u2, v2 = (
            (edges.x2[e] - squares.west) * squares.density,
            (edges.y2[e] - squares.south) * squares.density,
        )
        _mark(passed, u1 - left, v1 - bottom, u2 - left, v2 - bottom)
    return bottom, left, passed


@compiled
def _mark(passed: NDArray[np.bool_], u1: float, v1: float, u2: float, v2: float) -> None:
    """Mark the squares that an edge passes, and those that it nearly does."""
    slope = (u2 - u1) / (v2 - v1) if v2 > v1 else 0.0
    for row in range(int(np.floor(v1 - _NEAR)), int(np.floor(v2 + _NEAR)) + 1):
        near, far = min(u1, u2), max(u1, u2)
        if v2 > v1:
            low = u1 + (max(v1, row - _NEAR) - v1) * slope
            high = u1 + (min(v2, row + 1 + _NEAR) - v1) * slope
            near, far = max(near, min(low, high)), min(far, max(low, high))
        for column in range(int(np.floor(near - _NEAR)), int(np.floor(far + _NEAR)) + 1):
            passed[row, column] = True


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
    squares: _Squares,
    edges: Edges,
    rows: _EdgeRows,
    whole: NDArray[np.int32],
    passing: Places,
    passed_by: NDArray[np.int32],
    found: Places,
    start: int,
    stop: int,
) -> None:
    """Write where each point lies."""
    for i in range(start, stop):
        found[i] = OUTSIDE
        u, v = (x[i] - squares.west) * squares.density, (y[i] - squares.south) * squares.density
        if not (0 <= u < squares.width and 0 <= v < squares.height):  # not for NaN either
            continue
        row = int(np.floor(v))
        place = row * squares.width + int(np.floor(u))
        found[i] = sure = whole[place]
        for polygon in passed_by[passing[place] : passing[place + 1]]:
            if 0 <= sure < polygon:
                break
            if _holds(edges, rows, polygon, row, x[i], y[i]):
                found[i] = polygon
                break
