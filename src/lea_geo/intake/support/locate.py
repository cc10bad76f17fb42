"""In which area each of many points lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lea_geo._checks.support import check_alone, check_frame, check_places
from lea_geo._compiled import compiled
from lea_geo.intake.support.edges import in_blocks
from lea_geo.intake.support.lattice_of import cell_rows, lattice_of
from lea_geo.intake.support.polygon_index import OUTSIDE, polygon_index

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from lea_geo.intake.support.lattice_of import CellRows, Lattice

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

_BLOCK = 1 << 17
"""Points that a thread takes at a time."""


class Locator(Protocol):
    """Areas made ready for many points."""

    def positions(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return for each point the position of its area, or -1."""


def locate(x: ArrayLike, y: ArrayLike, areas: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the position of the one area in which each point lies, -1 where it lies in none.

    Parameters
    ----------
    x, y
        Easting and northing of the points in the CRS of the areas, metres; as many of the one as of the
        other. A coordinate that is NaN or infinite lies nowhere.
    areas
        Valid polygons in a projected CRS in metres: cells of a grid, or areas of any shape.

    Returns
    -------
    array of int64
        One a point: its row in ``areas``, counted from 0. An area holds its western and southern borders but
        not its eastern and northern ones, so a point on a border or a corner that areas share lies in exactly
        one of them, and one on the outermost eastern or northern border in none. All decisions are exact. Of
        areas that overlap, the first holds what they share; where two areas meet in vertices that are not
        the same, what lies between them lies in neither.

    Raises
    ------
    UsageError
        If the coordinates are not as many, or ``areas`` is no GeoDataFrame.
    AreasError
        If the areas have no CRS in metres, swapped axes, or geometry that is null, empty, invalid or no
        polygon.

    Notes
    -----
    Cells of a grid are taken to be where they were meant, as in :func:`lea_geo.overlap`.
    """
    easting, northing = check_places(x, y)
    return locator_of(areas).positions(easting, northing)


def locator_of(areas: gpd.GeoDataFrame) -> Locator:
    """Return areas made ready for many points, which :func:`locate` describes."""
    polygons = check_frame("areas", areas)
    lattice = lattice_of(polygons)
    check_alone(areas, squares=lattice is not None)
    return polygon_index(polygons) if lattice is None else LatticeIndex(lattice, cell_rows(lattice))


@dataclass(frozen=True)
class LatticeIndex:
    """Cells of a grid, made ready for many points."""

    lattice: Lattice
    rows: CellRows

    def positions(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """Return for each point the position of its cell, or -1."""
        found = np.empty(len(x), dtype=np.int64)
        lattice = self.lattice

        def work(start: int, stop: int) -> None:
            _locate(x, y, lattice.west, lattice.south, lattice.side, self.rows, found, start, stop)

        in_blocks(work, len(x), _BLOCK)
        return found


@compiled
def _locate(
    x: Floats,
    y: Floats,
    west: float,
    south: float,
    side: float,
    rows: CellRows,
    found: Places,
    start: int,
    stop: int,
) -> None:
    """Write where each point lies."""
    for i in range(start, stop):
        found[i] = OUTSIDE
        row = whole_steps(y[i], south, side, len(rows.starts) - 1)
        if row < 0 or rows.starts[row] == rows.starts[row + 1]:
            continue
        here, end = rows.starts[row], rows.starts[row + 1]
        column = whole_steps(x[i], west, side, rows.columns[end - 1] + 1)
        at = here + np.searchsorted(rows.columns[here:end], column)
        if column >= 0 and rows.columns[at] == column:
            found[i] = rows.cells[at]


@compiled
def whole_steps(place: float, first: float, side: float, most: int) -> int:
    """Return how many whole cells a place lies from the first, or -1 where that is none of ``most``."""
    steps = np.floor((place - first) / side)
    if not -1 <= steps <= most:  # not for NaN either
        return -1
    # The division may round a place just short of a line onto it.
    if place < first + steps * side:
        steps -= 1
    elif place >= first + (steps + 1) * side:
        steps += 1
    return int(steps) if 0 <= steps < most else -1
