"""Areas and cells under points: which of them each row lies in, and whether it lies where it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import Transformer

from lea_geo._checks import points as check
from lea_geo._checks.areas import FINLAND
from lea_geo._compiled import compiled
from lea_geo.intake.support.locate import locator_of, whole_steps
from lea_geo.intake.support.tally import NOWHERE, OUTSIDE, RESERVED
from lea_geo.schema import DEFAULT_CRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from lea_geo.intake.support.locate import Locator
    from lea_geo.intake.support.point_source import Columns

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

LEFT, BOTTOM, RIGHT, TOP = FINLAND


@dataclass(frozen=True)
class Batch:
    """Some rows of a register, located."""

    rows: int
    areas: Places | None
    """The slot of each row among the areas."""
    cells: Places | None
    """The number of each row's cell (``cell_numbers``); -1 is outside, -2 has no coordinates."""
    codes: NDArray[np.int32] | None
    """The category of each row, counted in the batch's own ``categories``."""
    categories: tuple[str | None, ...]
    values: tuple[Floats, ...]
    placed: int
    """How many rows lie near the areas or in Finland."""
    swapped: int
    """How many others would if x and y were exchanged."""
    nowhere: int
    """How many have no coordinates."""
    away: tuple[float, float]
    """The coordinates of the first that lies elsewhere."""


@dataclass(frozen=True)
class Ground:
    """Areas, cells or both, ready for batches of points in one CRS."""

    crs: CRS
    """Of the points."""
    locator: Locator | None
    to_areas: Transformer | None
    cell_size: int | None
    to_cells: Transformer | None
    boxes: tuple[tuple[float, float, float, float], ...]
    """Where points may lie, in the CRS of the areas, or of the cells where there are no areas."""

    def locate(self, rows: pa.RecordBatch, columns: Columns) -> Batch:
        """Return rows of a register with the places that they lie in."""
        x, y = (_floats(rows.column(column)) for column in (columns.x, columns.y))
        nowhere = ~(np.isfinite(x) & np.isfinite(y))
        main = self.to_cells if self.locator is None else self.to_areas
        at = _moved(main, x, y)
        areas = None if self.locator is None else _slots(self.locator.positions(*at), nowhere)
        cells = None
        if self.cell_size is not None:
            there = at if self.to_cells is main else _moved(self.to_cells, x, y)
            cells = cell_numbers(*there, self.cell_size)
            cells[nowhere] = -2
        found = cells >= 0 if areas is None else areas >= RESERVED  # type: ignore[operator]
        away = np.flatnonzero(~found & ~nowhere)
        away = away[~self._in_place(at[0][away], at[1][away])]
        swapped = int(self._in_place(*_moved(main, y[away], x[away])).sum())
        codes, categories = (None, ()) if columns.by is None else _codes(rows.column(columns.by))
        values = tuple(_floats(rows.column(column)) for column in columns.sums)
        sample = (float(x[away[0]]), float(y[away[0]])) if len(away) else (np.nan, np.nan)
        without = int(nowhere.sum())
        counts = (len(x) - without - len(away), swapped, without, sample)
        return Batch(len(x), areas, cells, codes, categories, values, *counts)

    def _in_place(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        inside = np.zeros(len(x), dtype=np.bool_)
        for left, bottom, right, top in self.boxes:
            inside |= (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
        return inside


def ground_of(areas: gpd.GeoDataFrame | None, cell_size: int | None, crs: CRS) -> Ground:
    """Return areas, cells or both, ready for points in a CRS."""
    locator = None if areas is None else locator_of(areas)
    to_areas = None if areas is None else _transformer(crs, areas.crs)
    to_cells = None if cell_size is None else _transformer(crs, DEFAULT_CRS)
    boxes: list[tuple[float, float, float, float]] = []
    if areas is not None:
        left, bottom, right, top = areas.total_bounds.tolist()
        boxes.append((left, bottom, right, top))
    if areas is None or areas.crs.to_epsg() == 3067:
        boxes.append(FINLAND)
        to_areas = to_cells if cell_size is not None else to_areas
    return Ground(crs, locator, to_areas, cell_size, to_cells, tuple(boxes))


def cell_numbers(x: Floats, y: Floats, size: int) -> Places:
    """Return a number for each point's cell, row after row from the south-west; -1 outside Finland."""
    found = np.empty(len(x), dtype=np.int64)
    _number(x, y, float(size), found)
    return found


def corners_of(numbers: Places, size: int) -> tuple[Places, Places]:
    """Return the easting and northing of the corners of cells that ``cell_numbers`` has numbered."""
    row, column = np.divmod(numbers, (RIGHT - LEFT) // size)
    return LEFT + column * size, BOTTOM + row * size


def cell_count(size: int) -> int:
    """Return how many numbers ``cell_numbers`` may give."""
    return ((RIGHT - LEFT) // size) * ((TOP - BOTTOM) // size)


@compiled
def _number(x: Floats, y: Floats, size: float, found: Places) -> None:
    width, height = int((RIGHT - LEFT) // size), int((TOP - BOTTOM) // size)
    for i in range(len(x)):
        row = whole_steps(y[i], BOTTOM, size, height)
        column = whole_steps(x[i], LEFT, size, width)
        found[i] = row * width + column if row >= 0 and column >= 0 else -1


def _transformer(start: CRS, end: object) -> Transformer | None:
    """Return what brings coordinates, easting first, into another CRS; None where it is the same."""
    if start.equals(end, ignore_axis_order=True):
        return None
    return Transformer.from_crs(start, end, always_xy=True)


def _moved(transformer: Transformer | None, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if transformer is None or not len(x):
        return x, y
    east, north = transformer.transform(x, y)
    return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)


def _slots(positions: Places, nowhere: NDArray[np.bool_]) -> Places:
    slots = np.where(positions < 0, OUTSIDE, positions + RESERVED)
    slots[nowhere] = NOWHERE
    return slots


def _floats(column: pa.Array) -> Floats:
    """Return numbers in 64 bits, NaN where there is none."""
    numbers = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.require(numbers, np.float64, ["C", "W"])


def _codes(column: pa.Array) -> tuple[NDArray[np.int32], tuple[str | None, ...]]:
    """Return the category of each row, and the categories of the batch as texts; None where there is none."""
    texts = column if pa.types.is_string(column.type) else pc.cast(column, pa.string())
    coded = pc.dictionary_encode(texts, null_encoding="encode")
    codes = np.require(coded.indices.to_numpy(zero_copy_only=False), np.int32, ["C", "W"])
    return codes, tuple(coded.dictionary.to_pylist())


def check_batch(batch: Batch, name: str, columns: Columns, crs: CRS) -> None:
    """Raise where x and y are exchanged (more rows would lie in place than do), or numbers are infinite."""
    if batch.swapped > batch.placed:
        check.refuse_swapped(name, columns.x, columns.y, crs, swapped=batch.swapped, placed=batch.placed)
    infinite = _infinite(columns.sums, batch.values)
    if infinite:
        check.refuse_infinite(name, *infinite)


def _infinite(names: Sequence[str], values: Sequence[Floats]) -> tuple[str, int] | None:
    counts = ((name, int(np.isinf(numbers).sum())) for name, numbers in zip(names, values, strict=True))
    return next(((name, count) for name, count in counts if count), None)
