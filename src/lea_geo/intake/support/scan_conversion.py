"""The surface that polygons share with the cells of a grid, by exact scan conversion.

Each edge of a ring is split at the lines of the grid. A piece that climbs by ``h`` within a cell bounds, in
that cell, the surface between itself and the cell's eastern side, and a strip of height ``h`` in every cell
further east of the same row; what the edges of a closed ring say of cells outside it cancels. So two numbers
a piece and one running sum along each row give every cell's surface: the way in which outlines of letters
become grey pixels, here in double precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from lea_geo._compiled import compiled
from lea_geo.intake.support.edges import edges_of, in_blocks
from lea_geo.intake.support.lattice_of import cell_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.intake.support.lattice_of import Lattice

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

_BLOCK = 64
"""Polygons that a thread takes at a time."""


def converted_shares(polygons: NDArray[np.object_], lattice: Lattice, nothing: Floats) -> sparse.csr_array:
    """Return the share of each cell's surface that lies in each polygon.

    Parameters
    ----------
    polygons
        Valid polygons in the plane of the lattice; they may reach beyond it.
    lattice
        The cells.
    nothing
        For each polygon the share of a cell up to which it is taken to be rounding.

    Returns
    -------
    csr_array
        Shape ``(len(polygons), len(lattice.row))``.
    """
    edges = edges_of(polygons, origin=(lattice.west, lattice.south))
    u1, v1, u2, v2 = (end / lattice.side for end in (edges.x1, edges.y1, edges.x2, edges.y2))
    rows = cell_rows(lattice)

    def work(start: int, stop: int) -> tuple[Places, Places, Floats]:
        polygon = (u1, v1, u2, v2, edges.side, edges.starts)
        return _convert(
            *polygon, rows.starts, rows.columns, rows.cells, lattice.shape[1], nothing, start, stop
        )

    found = in_blocks(work, len(edges), _BLOCK)
    entries, indices, shares = (np.concatenate(parts) for parts in zip(*found, strict=True))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(entries)])
    table = sparse.csr_array((shares, indices, starts), shape=(len(edges), len(lattice.row)))
    table.sort_indices()
    return table


@compiled
def _convert(
    u1: Floats,
    v1: Floats,
    u2: Floats,
    v2: Floats,
    side: Floats,
    polygons: Places,
    row_starts: Places,
    columns: Places,
    cells: Places,
    width: int,
    nothing: Floats,
    start: int,
    stop: int,
) -> tuple[Places, Places, Floats]:
    """Return, polygon by polygon, how many cells it shares, which ones, and how much of each."""
    entries = np.zeros(stop - start, dtype=np.int64)
    found, shares, used = np.empty(1024, dtype=np.int64), np.empty(1024), 0
    cover, within = np.zeros(width + 1), np.zeros(width + 1)
    for polygon in range(start, stop):
        first, last, before = polygons[polygon], polygons[polygon + 1], used
        bottom, top = _rows_of(v1[first:last], v2[first:last], len(row_starts) - 1)
        buckets, edges = _by_row(v1, v2, first, last, bottom, top)
        for row in range(bottom, top):
            west, east = width, -1
            for e in edges[buckets[row - bottom] : buckets[row - bottom + 1]]:
                left, right = _ends_in_row(u1[e], v1[e], u2[e], v2[e], row)
                height = min(v2[e], row + 1.0) - max(v1[e], float(row))
                _add(cover, within, left, right, side[e] * height, width)
                west, east = min(west, int(np.floor(left))), max(east, int(np.floor(right)))
            west, east = max(west, -1), min(east, width - 1)
            here, end = row_starts[row], row_starts[row + 1]
            found, shares = _room_for(found, shares, used + end - here)
            little = nothing[polygon]
            used = _sweep(
                cover, within, west, east, columns[here:end], cells[here:end], little, found, shares, used
            )
        entries[polygon - start] = used - before
    return entries, found[:used].copy(), shares[:used].copy()


@compiled
def _rows_of(v1: Floats, v2: Floats, height: int) -> tuple[int, int]:
    """Return the rows of the grid that a polygon meets: the first, and the one after the last."""
    if len(v1) == 0:
        return 0, 0
    bottom, top = max(0, int(np.floor(v1.min()))), min(height, int(np.ceil(v2.max())))
    return bottom, max(bottom, top)


@compiled
def _by_row(v1: Floats, v2: Floats, first: int, last: int, bottom: int, top: int) -> tuple[Places, Places]:
    """Return the edges that pass through each row, and where each row's begin and end."""
    starts = np.zeros(top - bottom + 1, dtype=np.int64)
    for e in range(first, last):
        for row in range(max(bottom, int(np.floor(v1[e]))), min(top, int(np.ceil(v2[e])))):
            starts[row - bottom + 1] += 1
    starts = np.cumsum(starts)
    place = starts.copy()
    edges = np.empty(starts[-1], dtype=np.int64)
    for e in range(first, last):
        for row in range(max(bottom, int(np.floor(v1[e]))), min(top, int(np.ceil(v2[e])))):
            edges[place[row - bottom]] = e
            place[row - bottom] += 1
    return starts, edges


@compiled
def _ends_in_row(u1: float, v1: float, u2: float, v2: float, row: int) -> tuple[float, float]:
    """Return how far west and east an edge reaches within a row."""
    slope = (u2 - u1) / (v2 - v1)
    lower = u1 + (row - v1) * slope if v1 < row else u1
    upper = u1 + (row + 1 - v1) * slope if v2 > row + 1 else u2
    least, most = min(u1, u2), max(u1, u2)
    lower, upper = min(max(lower, least), most), min(max(upper, least), most)
    return min(lower, upper), max(lower, upper)


@compiled
def _add(cover: Floats, within: Floats, left: float, right: float, height: float, width: int) -> None:
    """Add what a piece of an edge says of its row; ``cover[0]`` holds what lies west of the grid.

    Of column ``c``, ``within[c + 1]`` is the surface beside the piece in the cell itself, and
    ``cover[c + 1]`` the height of the strip in the cells east of it.
    """
    if right <= 0:
        cover[0] += height
        return
    rate = height / (right - left) if right > left else 0.0
    if left < 0:
        cover[0] += -left * rate
        height += left * rate
        left = 0.0
    column = int(np.floor(left))
    while column < width:
        end = min(right, column + 1.0)
        part = height if right <= column + 1 else (end - left) * rate
        cover[column + 1] += part
        within[column + 1] += part * (1 - ((left - column) + (end - column)) / 2)
        height -= part
        if right <= column + 1:
            return
        left = end
        column += 1


@compiled
def _sweep(
    cover: Floats,
    within: Floats,
    west: int,
    east: int,
    columns: Places,
    cells: Places,
    nothing: float,
    found: Places,
    shares: Floats,
    used: int,
) -> int:
    """Write the shares of the cells of one row, forget what was added to it, and return how many there are.

    The edges of the row lie in columns ``west`` (-1 is west of the grid) to ``east``.
    """
    passed, running = west, 0.0
    for k in range(np.searchsorted(columns, west), len(columns)):
        column = columns[k]
        while passed < min(column, east + 1):
            running += cover[passed + 1]
            passed += 1
        if column > east and abs(running) <= nothing:
            break
        share = running + within[column + 1] if column <= east else running
        if share > nothing:
            found[used] = cells[k]
            shares[used] = 1.0 if share > 1 - nothing else share
            used += 1
    for column in range(west, east + 1):
        cover[column + 1] = 0.0
        within[column + 1] = 0.0
    return used


@compiled
def _room_for(found: Places, shares: Floats, needed: int) -> tuple[Places, Floats]:
    """Return arrays with room for at least so many entries, with what they hold."""
    if needed <= len(found):
        return found, shares
    more, larger = np.empty(2 * needed, dtype=np.int64), np.empty(2 * needed)
    more[: len(found)] = found
    larger[: len(shares)] = shares
    return more, larger
