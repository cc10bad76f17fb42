"""Cells that a step changed, so that every one of them can be named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOG_COLUMNS = ("step", "area_id", "code", "status", "before", "after", "how")
"""One row a cell: which step changed it, what the cell's status and value were, what the value became, and
by which method."""


@dataclass(frozen=True)
class Changes:
    """Cells of an (n, k) table that a step changed; all arrays have one entry a cell."""

    row: np.ndarray
    column: np.ndarray
    before: np.ndarray
    """NaN where there was no value."""
    after: np.ndarray
    how: np.ndarray
    """In a few words, such as ``median`` or ``winsorised``."""

    @classmethod
    def between(cls, before: np.ndarray, after: np.ndarray, how: np.ndarray) -> Changes:
        """Return the cells in which two (n, k) tables differ; ``how`` is (n, k) or (k,) words.

        Examples
        --------
        >>> before, after = np.array([[1.0], [np.nan], [9.0]]), np.array([[1.0], [5.0], [9.0]])
        >>> Changes.between(before, after, np.array(["mean"])).row.tolist()
        [1]
        """
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        row, column = np.nonzero(~same)
        words = np.broadcast_to(how, before.shape)
        return cls(row, column, before[row, column], after[row, column], words[row, column])

    def table(
        self, step: str, ids: pd.Index, codes: Sequence[str], status: np.ndarray | None = None
    ) -> pd.DataFrame:
        """Return the cells with ``LOG_COLUMNS``; ``status`` is (n, k) words, blank where it is left out."""
        was = [""] * len(self.row) if status is None else status[self.row, self.column].astype(str)
        return pd.DataFrame(
            {
                "step": step,
                "area_id": ids[self.row].astype(str),
                "code": np.asarray(codes, dtype=object)[self.column],
                "status": was,
                "before": self.before,
                "after": self.after,
                "how": self.how,
            },
            columns=list(LOG_COLUMNS),
        )


def joined_log(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the logs of several steps as one, in the order of the steps."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(LOG_COLUMNS))
    return pd.concat(filled, ignore_index=True)
