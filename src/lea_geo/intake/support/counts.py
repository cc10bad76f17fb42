"""What the batches of a register add up to, by area and by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import points as check
from lea_geo._compiled import compiled
from lea_geo.intake.support.ground import cell_count
from lea_geo.intake.support.tally import NOWHERE, OUTSIDE, RESERVED, ColumnNames, Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.intake.support.ground import Batch
    from lea_geo.intake.support.point_source import Columns

    Places = NDArray[np.int64]


class Counts:
    """Rows counted so far: by area, by cell and altogether.

    Parameters
    ----------
    columns
        The register's.
    cell_size
        Metres, or None where no cells are wanted.
    areas
        How many there are.
    """

    def __init__(self, columns: Columns, cell_size: int | None, areas: int) -> None:
        self.columns = columns
        self.cell_size = cell_size
        n = len(columns.sums)
        self.areas, self.cells, self.total = Tally(areas + RESERVED, n), Tally(RESERVED, n), Tally(1, n)
        self.categories: dict[str | None, int] = {}
        self.rows = self.placed = self.swapped = self.nowhere = 0
        self.sample = (np.nan, np.nan)
        self._used = RESERVED
        self._slot_of = np.zeros(0 if cell_size is None else cell_count(cell_size), dtype=np.int32)

    def add(self, batch: Batch, name: str) -> None:
        """Add a batch; batches are added in the order of the register, so that sums are always the same."""
        if not self.rows - self.nowhere:
            self.sample = batch.away
        self.rows += batch.rows
        self.placed += batch.placed
        self.swapped += batch.swapped
        self.nowhere += batch.nowhere
        codes = self._codes(batch, name)
        self.total.add(np.zeros(batch.rows, dtype=np.int64), codes, batch.values, 1)
        if batch.areas is not None:
            self.areas.add(batch.areas, codes, batch.values, 0)
        if batch.cells is not None:
            slots = np.empty(batch.rows, dtype=np.int64)
            self._used = _give_slots(batch.cells, self._slot_of, slots, self._used)
            self.cells.add(slots, codes, batch.values, self._used)

    def _codes(self, batch: Batch, name: str) -> NDArray[np.int32] | None:
        """Return the category of each row, counted in those of all batches."""
        if batch.codes is None:
            return None
        for category in batch.categories:
            self.categories.setdefault(category, len(self.categories))
        if len(self.categories) > check.MOST_CATEGORIES:
            check.refuse_categories(name, str(self.columns.by), len(self.categories))
        return np.array([self.categories[c] for c in batch.categories], dtype=np.int32)[batch.codes]

    def names(self) -> ColumnNames:
        """Return what the columns of the result are called: categories in the order of their texts."""
        by = self.columns.by
        known = sorted(category for category in self.categories if category is not None)
        named = [(self.categories[category], f"{by}_{category}") for category in known]
        if None in self.categories:
            named.append((self.categories[None], f"{by}_missing"))
        made = [name for column in self.columns.sums for name in (f"{column}_sum", f"{column}_missing")]
        check.check_new_columns(["count", *(name for _, name in named), *made])
        return ColumnNames(tuple(named), self.columns.sums)

    def inhabited(self) -> tuple[Places, Places]:
        """Return the numbers of the cells in which a row lies, in their order, and the slot of each."""
        numbers = np.flatnonzero(self._slot_of)
        return numbers, self._slot_of[numbers].astype(np.int64)

    def notes(self) -> list[str]:
        """Return what was noticed of the coordinates."""
        if not self.swapped:
            return []
        x, y = self.columns.x, self.columns.y
        return [f"{self.swapped} of {self.rows} rows lie elsewhere but in place with {x} and {y} swapped."]


@compiled
def _give_slots(cells: Places, slot_of: NDArray[np.int32], slots: Places, used: int) -> int:
    """Write the slot of each row's cell, a new one for each new cell, and return how many there are now."""
    for i in range(len(cells)):
        cell = cells[i]
        if cell < 0:
            slots[i] = OUTSIDE if cell == -1 else NOWHERE
            continue
        if slot_of[cell] == 0:
            slot_of[cell] = used
            used += 1
        slots[i] = slot_of[cell]
    return used
