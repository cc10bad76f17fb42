"""Contiguity of grid cells by integer arithmetic, without any geometry.

The cell in row *r* and column *c* has the key ``r * width + c``, with ``width`` wider than the grid by the
reach of the neighbourhood, so that the end of one row never meets the start of the next. A cell's neighbours
in one row of its neighbourhood are the keys of one short range; as the cells are visited in the order of
their keys, each range only ever moves on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo._checks.graph import check_cells, check_squares
from lea_geo.intake.grid import is_grid_ids, parse_grid_ids
from lea_geo.spatial.compiled import compiled, in_chunks

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.spatial.links import FloatArray, Geometries, IntArray, LongArray

ROOM = 16
"""A table of all places, taken or not, orders the cells faster than sorting while it has so many places a
cell."""


def cell_keys(row: IntArray, column: IntArray, rings: int) -> tuple[LongArray, int]:
    """Return one number a cell, in the order of rows and then columns, and the numbers that a row takes."""
    first, last = int(column.min()), int(column.max())
    width = last - first + 1 + rings
    return (row.astype(np.int64) - int(row.min())) * width + (column.astype(np.int64) - first), width


def in_key_order(key: LongArray) -> tuple[IntArray, LongArray]:
    """Return the order that sorts the keys, and the keys in that order."""
    n, places = len(key), int(key.max()) + 1
    if (key[1:] > key[:-1]).all():
        return np.arange(n, dtype=np.int32), key
    if places <= ROOM * n:
        order, ordered = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64)
        if _order_by_place(key, np.full(places, -1, dtype=np.int32), order, ordered) == n:
            return order, ordered
    order = np.argsort(key, kind="stable").astype(np.int32)
    return order, key[order]


@compiled
def _order_by_place(key: LongArray, holder: IntArray, order: IntArray, ordered: LongArray) -> int:
    """Fill in both orders and return how many different keys there are."""
    for cell in range(len(key)):
        holder[key[cell]] = cell
    found = 0
    for place in range(len(holder)):
        if holder[place] >= 0:
            order[found] = holder[place]
            ordered[found] = place
            found += 1
    return found


@compiled
def _first_at_least(ordered: LongArray, key: int) -> int:
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _starts(ordered: LongArray, start: int, width: int, rings: int) -> LongArray:
    """Return where the range of each row of the neighbourhood begins for the cell at ``start``."""
    begins = np.zeros(2 * rings + 1, dtype=np.int64)
    for up in range(-rings, rings + 1):
        begins[up + rings] = _first_at_least(ordered, ordered[start] + up * width - rings)
    return begins


@compiled
def _count(
    start: int,
    stop: int,
    ordered: LongArray,
    order: IntArray,
    shape: tuple[int, int, bool],
    counts: LongArray,
) -> None:
    width, rings, rook = shape
    begins = _starts(ordered, start, width, rings)
    for s in range(start, stop):
        found = -1  # the cell itself lies in its own neighbourhood
        for up in range(-rings, rings + 1):
            reach = rings - abs(up) if rook else rings
            centre = ordered[s] + up * width
            place = begins[up + rings]
            while place < len(ordered) and ordered[place] < centre - reach:
                place += 1
            begins[up + rings] = place
            while place < len(ordered) and ordered[place] <= centre + reach:
                place += 1
                found += 1
        counts[order[s] + 1] = found


@compiled
def _fill(
    start: int,
    stop: int,
    ordered: LongArray,
    order: IntArray,
    shape: tuple[int, int, bool],
    indptr: LongArray,
    indices: IntArray,
) -> None:
    width, rings, rook = shape
    begins = _starts(ordered, start, width, rings)
    for s in range(start, stop):
        first = indptr[order[s]]
        end = first
        for up in range(-rings, rings + 1):
            reach = rings - abs(up) if rook else rings
            centre = ordered[s] + up * width
            place = begins[up + rings]
            while place < len(ordered) and ordered[place] < centre - reach:
                place += 1
            begins[up + rings] = place
            while place < len(ordered) and ordered[place] <= centre + reach:
                if place != s:
                    end = _insert(indices, first, end, order[place])
                place += 1


@compiled
def _insert(indices: IntArray, first: int, end: int, position: int) -> int:
    """Put a position among ``indices[first:end]``, which stay in rising order; return the new end."""
    place = end
    while place > first and indices[place - 1] > position:
        indices[place] = indices[place - 1]
        place -= 1
    indices[place] = position
    return end + 1


def grid_rows(
    ids: pd.Index[str], squares: Geometries | None, *, contiguity: str, rings: int
) -> tuple[LongArray, IntArray]:
    """Return the contiguity of grid cells by their ids, or by their squares where the ids name no place.

    Parameters
    ----------
    ids
        Ids of the cells, shape (n,).
    squares
        Their shapes, shape (n,), or None; looked at only if some id is no grid id.
    contiguity
        ``"queen"`` or ``"rook"``.
    rings
        How many steps away a neighbour may be.

    Raises
    ------
    GraphError
        If two cells share a place, or the squares lie on no common lattice.
    """
    by_id = squares is None or is_grid_ids(ids)
    row, column = _positions_by_id(ids) if by_id else _positions_by_square(ids, squares)
    return cell_rows(ids, row, column, contiguity=contiguity, rings=rings)


def cell_rows(
    ids: pd.Index[str], row: IntArray, column: IntArray, *, contiguity: str, rings: int
) -> tuple[LongArray, IntArray]:
    """Return the contiguity of cells at integer positions as compressed sparse rows.

    Parameters
    ----------
    ids
        Ids of the cells, shape (n,).
    row, column
        Position of each cell, shape (n,), in any order.
    contiguity
        ``"queen"``: over an edge or a corner; ``"rook"``: over an edge.
    rings
        How many steps away a neighbour may be, whether or not the cells between exist: king's moves for
        queen, steps along rows and columns for rook.

    Returns
    -------
    tuple of numpy.ndarray
        ``indptr`` of shape (n + 1,) and ``indices``, the positions of the neighbours in rising order.

    Raises
    ------
    GraphError
        If two cells share a place.
    """
    key, width = cell_keys(row, column, rings)
    order, ordered = in_key_order(key)
    check_cells(ids, order, ordered)
    n, shape = len(key), (width, rings, contiguity == "rook")
    counts = np.zeros(n + 1, dtype=np.int64)
    in_chunks(lambda start, stop: _count(start, stop, ordered, order, shape, counts), n)
    indptr = np.cumsum(counts)
    indices = np.empty(indptr[-1], dtype=np.int32)
    in_chunks(lambda start, stop: _fill(start, stop, ordered, order, shape, indptr, indices), n)
    return indptr, indices


def cell_squares(ids: pd.Index[str]) -> Geometries:
    """Return the squares that grid ids name, in metres, shape (n,)."""
    size, northing, easting = parse_grid_ids(ids)
    return np.asarray(shapely.box(easting, northing, easting + size, northing + size))


def _positions_by_id(ids: pd.Index[str]) -> tuple[IntArray, IntArray]:
    size, northing, easting = parse_grid_ids(ids)
    return northing // size, easting // size


def _positions_by_square(ids: pd.Index[str], squares: Geometries | None) -> tuple[IntArray, IntArray]:
    west, south, east, north = shapely.bounds(squares).T
    size = float(np.median(east - west))
    row, column = _steps(south, size), _steps(west, size)
    slack = [abs(east - west - size), abs(north - south - size)]
    slack += [abs(south - south.min() - row * size), abs(west - west.min() - column * size)]
    check_squares(ids, np.max(slack, axis=0), size)
    return row, column


def _steps(corner: FloatArray, size: float) -> IntArray:
    steps: IntArray = np.rint((corner - corner.min()) / size).astype(np.intp)
    return steps
