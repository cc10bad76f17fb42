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


def cell_keys(row: IntArray, column: IntArray, across: int) -> tuple[LongArray, int]:
    """Return one number a cell, in the order of rows and then columns, and the numbers that a row takes.

    A row takes ``across`` numbers more than it has columns, so that no neighbourhood reaches into the next.
    """
    first, last = int(column.min()), int(column.max())
    width = last - first + 1 + across
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


def reaches(contiguity: str, rings: int, radius: float | None) -> IntArray:
    """Return how many columns away a neighbour may be, at [how many rows away].

    Parameters
    ----------
    contiguity
        ``"queen"``: king's moves; ``"rook"``: steps along rows and columns.
    rings
        How many of them.
    radius
        If given, a neighbour's centre is at most so many cell sides away instead.
    """
    if radius is None:
        up = np.arange(rings + 1)
        return np.full(rings + 1, rings) if contiguity == "queen" else rings - up
    up = np.arange(int(radius) + 1)
    # A hair more, so that a radius of sqrt(2) reaches the diagonal whichever way it was rounded.
    across: IntArray = np.floor(np.sqrt(radius**2 - up**2 + 1e-9)).astype(np.int64)
    return across


@compiled
def _starts(ordered: LongArray, n: int, start: int, width: int, reach: IntArray) -> LongArray:
    """Return where the range of each row of the neighbourhood begins for the cell at ``start``."""
    rings = len(reach) - 1
    begins = np.zeros(2 * rings + 1, dtype=np.int64)
    for up in range(-rings, rings + 1):
        begins[up + rings] = _first_at_least(ordered[:n], ordered[start] + up * width - reach[abs(up)])
    return begins


@compiled
def _move_on(ordered: LongArray, place: int, least: int) -> int:
    """Return the first place from ``place`` on whose key is at least so large, mostly one further at most."""
    place += ordered[place] < least
    while ordered[place] < least:
        place += 1
    return place


@compiled
def _count(
    start: int,
    stop: int,
    ordered: LongArray,
    order: IntArray,
    width: int,
    reach: IntArray,
    counts: LongArray,
) -> None:
    begins, rings = _starts(ordered, len(order), start, width, reach), len(reach) - 1
    for s in range(start, stop):
        found = -1  # the cell itself lies in its own neighbourhood
        for up in range(-rings, rings + 1):
            across = reach[abs(up)]
            last = ordered[s] + up * width + across
            place = _move_on(ordered, begins[up + rings], last - 2 * across)
            begins[up + rings] = place
            # All candidates are compared, without a branch that a processor could not foresee.
            for candidate in range(place, place + 2 * across + 1):
                found += ordered[candidate] <= last
        counts[order[s] + 1] = found


@compiled
def _fill(
    start: int,
    stop: int,
    ordered: LongArray,
    order: IntArray,
    width: int,
    reach: IntArray,
    indptr: LongArray,
    indices: IntArray,
) -> None:
    begins, rings = _starts(ordered, len(order), start, width, reach), len(reach) - 1
    for s in range(start, stop):
        first = indptr[order[s]]
        end = first
        for up in range(-rings, rings + 1):
            across = reach[abs(up)]
            last = ordered[s] + up * width + across
            place = _move_on(ordered, begins[up + rings], last - 2 * across)
            begins[up + rings] = place
            while ordered[place] <= last:
                if place != s:
                    end = _insert(indices, first, end, order[place])
                place += 1


@compiled
def _fill_in_order(
    start: int,
    stop: int,
    ordered: LongArray,
    width: int,
    reach: IntArray,
    indptr: LongArray,
    indices: IntArray,
) -> None:
    """Do the same for cells in the order of their keys: what is written beyond a row, the next overwrites."""
    begins, rings = _starts(ordered, len(indptr) - 1, start, width, reach), len(reach) - 1
    limit = indptr[stop]
    for s in range(start, stop):
        end = indptr[s]
        for up in range(-rings, rings + 1):
            across = reach[abs(up)]
            last = ordered[s] + up * width + across
            place = _move_on(ordered, begins[up + rings], last - 2 * across)
            begins[up + rings] = place
            for candidate in range(place, place + 2 * across + 1):
                if end < limit:
                    indices[end] = candidate
                end += (ordered[candidate] <= last) & (candidate != s)


@compiled
def _insert(indices: IntArray, first: int, end: int, position: int) -> int:
    """Put a position among ``indices[first:end]``, which stay in rising order; return the new end."""
    place = end
    while place > first and indices[place - 1] > position:
        indices[place] = indices[place - 1]
        place -= 1
    indices[place] = position
    return end + 1


def grid_rows(ids: pd.Index[str], squares: Geometries | None, reach: IntArray) -> tuple[LongArray, IntArray]:
    """Return the contiguity of grid cells by their ids, or by their squares where the ids name no place.

    Parameters
    ----------
    ids
        Ids of the cells, shape (n,).
    squares
        Their shapes, shape (n,), or None; looked at only if some id is no grid id.
    reach
        As :func:`reaches` gives it.

    Raises
    ------
    GraphError
        If two cells share a place, or the squares lie on no common lattice.
    """
    by_id = squares is None or is_grid_ids(ids)
    row, column = _positions_by_id(ids) if by_id else _positions_by_square(ids, squares)
    return cell_rows(ids, row, column, reach)


def cell_rows(
    ids: pd.Index[str], row: IntArray, column: IntArray, reach: IntArray
) -> tuple[LongArray, IntArray]:
    """Return the contiguity of cells at integer positions as compressed sparse rows.

    Parameters
    ----------
    ids
        Ids of the cells, shape (n,).
    row, column
        Position of each cell, shape (n,), in any order.
    reach
        As :func:`reaches` gives it; the cells between need not exist.

    Returns
    -------
    tuple of numpy.ndarray
        ``indptr`` of shape (n + 1,) and ``indices``, the positions of the neighbours in rising order.

    Raises
    ------
    GraphError
        If two cells share a place.
    """
    key, width = cell_keys(row, column, int(reach.max()))
    order, ordered = in_key_order(key)
    check_cells(ids, order, ordered)
    n = len(key)
    counts = np.zeros(n + 1, dtype=np.int64)
    # Behind the last key stand others that are never reached, so that nobody has to look where the end is.
    walled = np.concatenate([ordered, np.full(2 * int(reach.max()) + 2, np.iinfo(np.int64).max)])
    in_chunks(lambda start, stop: _count(start, stop, walled, order, width, reach, counts), n)
    indptr = np.cumsum(counts)
    indices = np.empty(indptr[-1], dtype=np.int32)
    if ordered is key and len(indices):
        in_chunks(lambda start, stop: _fill_in_order(start, stop, walled, width, reach, indptr, indices), n)
    else:
        in_chunks(lambda start, stop: _fill(start, stop, walled, order, width, reach, indptr, indices), n)
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
