"""Counts and sums by area or cell, added up batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]

OUTSIDE, NOWHERE, RESERVED = 0, 1, 2
"""The first two slots of a tally hold what lies outside and what has no coordinates; places come after."""


class Tally:
    """Rows, rows by category, sums and missing numbers, each for every slot.

    Parameters
    ----------
    slots
        How many to begin with.
    sums
        How many columns are added up.
    """

    def __init__(self, slots: int, sums: int) -> None:
        self.counts = np.zeros(slots, dtype=np.int64)
        self.by = np.zeros((0, slots), dtype=np.int64)
        self.sums = np.zeros((sums, slots))
        self.missing = np.zeros((sums, slots), dtype=np.int64)

    def add(
        self, slots: Places, codes: NDArray[np.int32] | None, values: Sequence[Floats], used: int
    ) -> None:
        """Add rows: the slot of each, its category, and its numbers, NaN where missing.

        ``used`` is how many slots there are by now, and ``codes`` counts categories from 0.
        """
        categories = 0 if codes is None else int(codes.max(initial=-1)) + 1
        self._grow(used, categories)
        _count(slots, self.counts)
        if codes is not None:
            _count_by(slots, codes, self.by)
        for column, numbers in enumerate(values):
            _sum(slots, numbers, self.sums[column], self.missing[column])

    def _grow(self, slots: int, categories: int) -> None:
        """Make room for more slots, twice as many as are asked for, and for more categories."""
        if slots > len(self.counts):
            self.counts = _wider(self.counts[None], 2 * slots)[0]
            self.by, self.sums, self.missing = (
                _wider(table, 2 * slots) for table in (self.by, self.sums, self.missing)
            )
        if categories > len(self.by):
            more = np.zeros((categories - len(self.by), self.by.shape[1]), dtype=np.int64)
            self.by = np.concatenate([self.by, more])

    def table(self, slots: Places, names: ColumnNames) -> pd.DataFrame:
        """Return the columns of a result for some slots, in their order.

        A sum of which every number is missing is missing; a sum over no rows is 0.
        """
        counts = self.counts[slots]
        found = {"count": counts}
        for code, name in names.categories:
            found[name] = self.by[code][slots] if code < len(self.by) else np.zeros_like(counts)
        for row, name in enumerate(names.sums):
            missing = self.missing[row][slots]
            found[f"{name}_sum"] = np.where((missing == counts) & (counts > 0), np.nan, self.sums[row][slots])
            found[f"{name}_missing"] = missing
        return pd.DataFrame(found)


@dataclass(frozen=True)
class ColumnNames:
    """What the columns of a result are called."""

    categories: tuple[tuple[int, str], ...]
    """The number of each category and the column that counts it, in the order of the columns."""
    sums: tuple[str, ...]
    """The columns that are added up."""


def _wider(table: NDArray[Any], slots: int) -> NDArray[Any]:
    """Return a table with room for so many slots, with what it holds."""
    wider = np.zeros((len(table), slots), dtype=table.dtype)
    wider[:, : table.shape[1]] = table
    return wider


@compiled
def _count(slots: Places, counts: Places) -> None:
    for slot in slots:
        counts[slot] += 1


@compiled
def _count_by(slots: Places, codes: NDArray[np.int32], by: NDArray[np.int64]) -> None:
    for i in range(len(slots)):
        by[codes[i], slots[i]] += 1


@compiled
def _sum(slots: Places, numbers: Floats, sums: Floats, missing: Places) -> None:
    for i in range(len(slots)):
        if np.isnan(numbers[i]):
            missing[slots[i]] += 1
        else:
            sums[slots[i]] += numbers[i]
