"""Areas that are the squares of one grid: a column and a row say where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from lea_geo.maps.encode import pack_bytes, varints

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]

_TOLERANCE = 0.01
"""How far a corner may be from the grid, in sides of a cell: HSY's 250 m cells are up to 9 mm off."""

_MOST_LINES = 2**20
"""Columns or rows of a grid; squares strewn more thinly are no grid that anybody draws."""

_ID_SPELLINGS = {250: ("250m", 10, 6, 5), 1000: ("1km", 1000, 4, 4), 5000: ("5km", 5000, 4, 4)}
"""For each side prefix, unit in metres, and digits of northing and easting, as ``build_grid`` writes them."""


@dataclass(frozen=True)
class Cells:
    """Squares of one grid, from south to north and from west to east."""

    origin: tuple[float, float]
    """Easting and northing of the lower-left corner of column 0 and row 0, metres, to a decimetre."""
    side: float
    """Metres, to a millimetre."""
    order: Whole
    """Which of the given areas each cell is, shape (n,)."""
    column: Whole
    """From 0 in the west, shape (n,)."""
    row: Whole
    """From 0 in the south, shape (n,)."""

    @property
    def size(self) -> tuple[int, int]:
        """How many columns and rows there are, empty ones between cells included."""
        return int(self.column.max()) + 1, int(self.row.max()) + 1


def find_cells(geometry: npt.NDArray[Any]) -> Cells | None:
    """Return the cells that areas are, or None if they are no equal squares of one grid, each once.

    Parameters
    ----------
    geometry
        Polygons in metres, shape (n,). A corner may be off the grid by 1 % of a side, because published
        grids are not perfectly placed.
    """
    if not len(geometry) or (shapely.get_num_coordinates(geometry) != 5).any():
        return None
    # Axes: x and y, the five vertices of a ring, areas.
    rings = np.ascontiguousarray(shapely.get_coordinates(geometry).reshape(-1, 5, 2).transpose(2, 1, 0))
    corner = rings.min(axis=1)
    side = _side(corner, rings.max(axis=1) - corner)
    if side is None:
        return None
    cell = np.rint((corner - corner.min(axis=1, keepdims=True)) / side)
    origin = np.round(np.median(corner - cell * side, axis=1), 1)
    place = (rings - origin[:, None, None]) / side
    steps = np.rint(place)
    if np.abs(place - steps).max() > _TOLERANCE or not _are_squares(steps):
        return None
    if cell.max() >= _MOST_LINES:
        return None
    columns, rows = cell.astype(np.int64)
    order = np.lexsort((columns, rows))
    columns, rows = columns[order], rows[order]
    if ((np.diff(columns) == 0) & (np.diff(rows) == 0)).any():
        return None
    return Cells((float(origin[0]), float(origin[1])), side, order, columns, rows)


def _side(corner: npt.NDArray[np.float64], extent: npt.NDArray[np.float64]) -> float | None:
    """Return the side of the cells; the whole grid tells it better than any cell."""
    about = float(np.median(extent))
    if not about > 0 or np.abs(extent - about).max() > 2 * _TOLERANCE * about:
        return None
    span = float(np.ptp(corner, axis=1).max()) + about
    return round(span / round(span / about), 3) or None


def _are_squares(steps: npt.NDArray[np.float64]) -> bool:
    """Return whether rings that are no wider and no higher than a cell go from corner to corner around it."""
    across = np.abs(steps[:, :2] - steps[:, 2:4])
    return bool((across == 1).all())


def encode_cells(cells: Cells) -> dict[str, Any]:
    """Return ``{cols, rows, data}``; ``data`` is a packed row of varints.

    Counted row by row from the south-west, every place of the grid has a number: one varint a cell says how
    many places are passed over since the cell before it.
    """
    columns, rows = cells.size
    gaps = np.diff(cells.row * columns + cells.column, prepend=-1) - 1
    return {"cols": columns, "rows": rows, "data": pack_bytes(varints(gaps).tobytes())}


def are_named_by_place(ids: Sequence[str], cells: Cells) -> bool:
    """Return whether every id is Statistics Finland's for its own cell, so that the page can make it.

    Parameters
    ----------
    ids
        One id a cell, in the order of ``cells``.
    cells
        The cells.
    """
    if cells.side not in _ID_SPELLINGS:
        return False
    prefix, unit, wide, narrow = _ID_SPELLINGS[int(cells.side)]
    east, north = (
        ((start + steps * cells.side) // unit).astype(np.int64)
        for start, steps in zip(cells.origin, (cells.column, cells.row), strict=True)
    )
    if min(north.min(), east.min()) < 0 or north.max() >= 10**wide or east.max() >= 10**narrow:
        return False
    spelled: list[Any] = [
        *_letters(f"{prefix}N"),
        *_digits(north, wide),
        *_letters("E"),
        *_digits(east, narrow),
    ]
    expected = np.empty((len(cells.order), len(spelled)), dtype=np.uint8)
    for place, letter in enumerate(spelled):
        expected[:, place] = letter
    return set(map(len, ids)) == {len(spelled)} and "".join(ids) == expected.tobytes().decode("ascii")


def _letters(text: str) -> list[int]:
    return list(text.encode("ascii"))


def _digits(numbers: Whole, count: int) -> list[Whole]:
    """Return the last digits of numbers as letters, an array for each place."""
    return [numbers // 10**place % 10 + ord("0") for place in reversed(range(count))]
