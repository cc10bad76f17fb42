"""A table of statistics as a service gave it: long, every cell a text, and written as it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.sources.cache import Fetched


@dataclass(frozen=True)
class Table:
    """What was fetched, one row a cell."""

    frame: pd.DataFrame
    """Texts: who it is about, what, of which year, and ``value`` as the service wrote it, be it a number or
    what stands for none (``..``, ``...``, ``.``): the catalogue says what those mean."""
    fetched: tuple[Fetched, ...]
    """The answers that it is made of."""
    notes: tuple[str, ...]
    """What a reader of the numbers should know, one sentence each."""

    def __repr__(self) -> str:
        return f"<Table: {len(self.frame)} cells in {len(self.fetched)} answers>"


def write_table(table: Table, path: str | Path) -> Path:
    """Write a table as a CSV file that ``lea_geo.read_indicators`` reads.

    Parameters
    ----------
    table
        As a service gave it.
    path
        The file; UTF-8, commas, a header.

    Returns
    -------
    Path
        The file.
    """
    path = Path(path)
    table.frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path
