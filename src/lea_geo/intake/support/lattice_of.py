"""Which polygons are the cells of one grid, wherever that begins and whichever cells are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-4
"""Of a cell's side: how far its sides and corners may be from those of the grid. Published cells of 250 m
were found up to 9 mm off (HSY 2015)."""
_MOST_STEPS = 10_000_000
"""Cells in more rows or columns than this are scattered squares and no grid."""


@dataclass(frozen=True)
class Lattice:
    """Squares of one size on one grid."""

    side: float
    """Of every cell, in metres."""
    west: float
    """Where column 0 begins."""
    south: float
    """Where row 0 begins; rows go northwards."""
    shape: tuple[int, int]
    """Rows and columns of the box around all cells."""
    row: NDArray[np.int64]
    """Of each cell, in the order given."""
    column: NDArray[np.int64]
    """The same."""
    surface: NDArray[np.float64]
    """Of each cell as it is drawn, m2."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """The box around all cells: west, south, east, north."""
        height, width = self.shape
        return self.west, self.south, self.west + self.side * width, self.south + self.side * height


def squares_of(lattice: Lattice) -> NDArray[np.object_]:
    """Return the cells of a lattice where they were meant to be, in the order given."""
    west, south = lattice.west + lattice.side * lattice.column, lattice.south + lattice.side * lattice.row
    squares: NDArray[np.object_] = shapely.box(west, south, west + lattice.side, south + lattice.side)
    return squares


class CellRows(NamedTuple):
    """The cells that are there, row by row and from west to east: compressed sparse rows."""

    starts: NDArray[np.int64]
    """Where each row begins, and where the last ends."""
    columns: NDArray[np.int64]
    """Of each cell."""
    cells: NDArray[np.int64]
    """Which cell it is, counted in the order that the lattice was given in."""


def lattice_of(polygons: NDArray[np.object_]) -> Lattice | None:
    """Return the grid that polygons are cells of, or None.

    Cells may be missing. Sides and corners may be off by ``TOLERANCE``; a grid that is off by no more begins
    and steps at whole metres. A cell that occurs twice makes no grid.
    """
    west, south, east, north = bounds = shapely.bounds(polygons).T
    if not len(polygons) or not np.isfinite(bounds).all():
        return None
    side = _near_whole(float(np.median(east - west)), None)
    surface = shapely.area(polygons)
    if not _square(east - west, north - south, surface, side):
        return None
    begins, steps = zip(*(_steps(corner, side) for corner in (west, south)), strict=True)
    meant = np.array(begins)[:, None] + np.array(steps) * side
    placed = np.allclose([west, south], meant, rtol=0, atol=side * TOLERANCE)
    if not placed or np.max(steps) >= _MOST_STEPS or _repeated(*steps):
        return None
    column, row = steps
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    return Lattice(side, begins[0], begins[1], shape, row, column, surface)


def _square(
    width: NDArray[np.float64], height: NDArray[np.float64], surface: NDArray[np.float64], side: float
) -> bool:
    """Say whether shapes of such size and surface are squares of one side."""
    sides = np.allclose([width, height], side, rtol=0, atol=2 * side * TOLERANCE)
    return sides and np.allclose(surface, side**2, rtol=4 * TOLERANCE)


def _repeated(column: NDArray[np.int64], row: NDArray[np.int64]) -> bool:
    """Say whether a cell occurs twice."""
    places = np.sort(row * (int(column.max()) + 1) + column)
    return bool((places[1:] == places[:-1]).any())


def cell_rows(lattice: Lattice) -> CellRows:
    """Return the cells of a lattice in the order of its rows."""
    order = np.lexsort((lattice.column, lattice.row))
    starts = np.zeros(lattice.shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(lattice.row, minlength=lattice.shape[0]), out=starts[1:])
    return CellRows(starts, lattice.column[order], order.astype(np.int64))


def _steps(corner: NDArray[np.float64], side: float) -> tuple[float, NDArray[np.int64]]:
    """Return where a grid begins on one axis, and how many cells from there each corner lies."""
    first = float(corner.min())
    steps = np.rint((corner - first) / side).astype(np.int64)
    begin = float(np.median(corner - first - steps * side)) + first
    return _near_whole(begin, side), steps


def _near_whole(metres: float, side: float | None) -> float:
    """Return metres as a whole number where they are off by no more than the tolerance."""
    whole = float(round(metres))
    return whole if abs(metres - whole) <= TOLERANCE * (side or metres) else metres
