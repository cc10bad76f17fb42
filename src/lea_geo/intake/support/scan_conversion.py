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
from lea_geo.intake.support.edges import Edges, edges_of, in_blocks
from lea_geo.intake.support.lattice_of import cell_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.intake.support.lattice_of import CellRows, Lattice

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
    drawn = edges_of(polygons, origin=(lattice.west, lattice.south))
    x1, y1, x2, y2 = (end / lattice.side for end in drawn[:4])
    edges = Edges(x1, y1, x2, y2, drawn.side, drawn.starts)
    rows, width = cell_rows(lattice), lattice.shape[1]

    def work(start: int, stop: int) -> tuple[Places, Places, Floats]:
        return _convert(edges, rows, width, nothing, start, stop)

    found = in_blocks(work, len(polygons), _BLOCK)
    entries, indices, shares = (np.concatenate(parts) for parts in zip(*found, strict=True))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(entries)])
    table = sparse.csr_array((shares, indices, starts), shape=(len(polygons), len(lattice.row)))
    table.sort_indices()
    return table


@compiled
def _convert(
    edges: Edges, rows: CellRows, width: int, nothing: Floats, start: int, stop: int
) -> tuple[Places, Places, Floats]:
    """Return, polygon by polygon, how many cells it shares, which ones, and how much of each."""
    entries = np.zeros(stop - start, dtype=np.int64)
    found, shares, used = np.empty(1024, dtype=np.int64), np.empty(1024), 0
    cover, within = np.zeros(width + 1), np.zeros(width + 1)
    for polygon in range(start, stop):
        before = used
        bottom, top = _rows_of(edges, polygon, len(rows.starts) - 1)
        buckets, order = _by_row(edges, polygon, bottom, top)
        for row in range(bottom, top):
            here = order[buckets[row - bottom] : buckets[row - bottom + 1]]
            west, east = _add_row(cover, within, edges, here, row, width)
            cells = slice(rows.starts[row], rows.starts[row + 1])
            found, shares = _room_for(found, shares, used + cells.stop - cells.start)
            used = _sweep(
                cover,
                within,
                west,
                east,
                rows.columns[cells],
                rows.cells[cells],
                nothing[polygon],
                found,
                shares,
                used,
            )
        entries[polygon - start] = used - before
    return entries, found[:used].copy(), shares[:used].copy()


@compiled
def _rows_of(edges: Edges, polygon: int, height: int) -> tuple[int, int]:
    """Return the rows of the grid that a polygon meets: the first, and the one after the last."""
    first, last = edges.starts[polygon], edges.starts[polygon + 1]
    bottom = max(0, int(np.floor(edges.y1[first:last].min())))
    return bottom, max(bottom, min(height, int(np.ceil(edges.y2[first:last].max()))))


@compiled
def _by_row(edges: Edges, polygon: int, bottom: int, top: int) -> tuple[Places, Places]:
    """Return where the edges of each row begin and end, and the edges of the rows."""
    starts = np.zeros(top - bottom + 1, dtype=np.int64)
    for e in range(edges.starts[polygon], edges.starts[polygon + 1]):
        for row in range(max(bottom, int(np.floor(edges.y1[e]))), min(top, int(np.ceil(edges.y2[e])))):
            starts[row - bottom + 1] += 1
    starts = np.cumsum(starts)
    place = starts.copy()
    order = np.empty(starts[-1], dtype=np.int64)
    for e in range(edges.starts[polygon], edges.starts[polygon + 1]):
        for row in range(max(bottom, int(np.floor(edges.y1[e]))), min(top, int(np.ceil(edges.y2[e])))):
            order[place[row - bottom]] = e
            place[row - bottom] += 1
    return starts, order


@compiled
def _add_row(
    cover: Floats, within: Floats, edges: Edges, here: Places, row: int, width: int
) -> tuple[int, int]:
    """Add what the edges of a row say of it, and return the columns that they reach; -1 is west of all."""
    west, east = width, -1
    for e in here:
        x1, y1, x2, y2 = edges.x1[e], edges.y1[e], edges.x2[e], edges.y2[e]
        left, right = _ends_in_row(x1, y1, x2, y2, row)
        height = min(y2, row + 1.0) - max(y1, float(row))
        _add(cover, within, left, right, edges.side[e] * height, width)
        west, east = min(west, int(np.floor(left))), max(east, int(np.floor(right)))
    return max(west, -1), min(east, width - 1)


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
    if right < 0:
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
        if column > east:  # the polygon has closed
            break
        while passed < column:
            running += cover[passed + 1]
            passed += 1
        share = running + within[column + 1]
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
