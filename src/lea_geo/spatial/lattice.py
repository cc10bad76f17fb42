"""Contiguity of grid cells by integer arithmetic, without any geometry.

The cell in row *r* and column *c* has the key ``r * width + c``, with ``width`` wider than the grid by the
reach of the neighbourhood, so that the end of one row never meets the start of the next. Its neighbours are
the keys at fixed offsets that exist.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lea_geo._checks.graph import check_cells, check_squares
from lea_geo.intake.grid import parse_grid_ids
from lea_geo.spatial.links import FloatArray, Geometries, IntArray, Links

if TYPE_CHECKING:
    import pandas as pd

GRID_ID = r"(?:250m|1km|5km)N\d+E\d+"
"""What Statistics Finland's cell ids look like: ``1kmN6675E0385``."""


def lattice_links(row: IntArray, column: IntArray, *, rook: bool, rings: int) -> Links:
    """Return the contiguity of cells at integer positions.

    Parameters
    ----------
    row, column
        Position of each cell, shape (n,), in any order; no two cells share both.
    rook
        True links cells over an edge, False (queen) over an edge or a corner.
    rings
        How many steps away a neighbour may be, whether or not the cells between exist: king's moves for
        queen, steps along rows and columns for rook.
    """
    row, column = row - row.min(), column - column.min()
    width = int(column.max()) + 1 + rings
    key = row * width + column
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    firsts, seconds = [], []
    for offset in _half_neighbourhood(width, rook=rook, rings=rings):
        place = np.searchsorted(ordered, ordered + offset)
        place[place == ordered.size] = 0
        found = np.flatnonzero(ordered[place] == ordered + offset)
        firsts.append(order[found])
        seconds.append(order[place[found]])
    return Links.both_ways(np.concatenate(firsts), np.concatenate(seconds))


def _half_neighbourhood(width: int, *, rook: bool, rings: int) -> list[int]:
    """Return the key offsets of the neighbours that come later; the others are their mirror images."""
    reach = range(-rings, rings + 1)
    steps = [(up, right) for up, right in product(reach, reach) if (up, right) > (0, 0)]
    return [up * width + right for up, right in steps if not rook or abs(up) + abs(right) <= rings]


def grid_links(ids: pd.Index[str], squares: Geometries | None, *, contiguity: str, rings: int) -> Links:
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
    by_id = squares is None or bool(ids.str.fullmatch(GRID_ID).all())
    row, column = _positions_by_id(ids) if by_id else _positions_by_square(ids, squares)
    check_cells(ids, row, column)
    return lattice_links(row, column, rook=contiguity == "rook", rings=rings)


def cell_squares(ids: pd.Index[str]) -> Geometries:
    """Return the squares that grid ids name, in metres, shape (n,)."""
    size, northing, easting = parse_grid_ids(ids.tolist())
    return np.asarray(shapely.box(easting, northing, easting + size, northing + size))


def _positions_by_id(ids: pd.Index[str]) -> tuple[IntArray, IntArray]:
    size, northing, easting = parse_grid_ids(ids.tolist())
    return (northing // size).astype(np.intp), (easting // size).astype(np.intp)


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
