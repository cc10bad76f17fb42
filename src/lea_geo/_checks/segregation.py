"""What is told to whoever measures segregation or takes a difference apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

_COUNTS = ("numerator", "denominator")
_BOUNDS = ("lower", "upper")


def check_two_tables(
    before: object, after: object, *, names: tuple[str, str], proportion: bool
) -> tuple[pd.Index, list[np.ndarray]]:
    """Return sorted ids and, for each table, rows of numerator, denominator, lower and upper, shape (4, n).

    Bounds that are not given are the numerators themselves, so NaN where a numerator is hidden.
    """
    tables = [_count_table(name, table) for name, table in zip(names, (before, after), strict=True)]
    faults = Faults()
    note_ids(faults, names[0], tables[0].index, tables[1].index, names[1])
    faults.raise_if_any(ValuesError, f"The tables {names[0]} and {names[1]} do not hold the same areas.")
    ids = tables[0].index.sort_values().rename(AREA_ID)
    rows = [
        _count_rows(faults, name, table.reindex(ids), proportion=proportion)
        for name, table in zip(names, tables, strict=True)
    ]
    faults.raise_if_any(ValuesError, "No difference of rates can be made of these counts.")
    return ids, rows


def _count_table(name: str, table: object) -> pd.DataFrame:
    lacking = [column for column in _COUNTS if column not in getattr(table, "columns", ())]
    if not isinstance(table, pd.DataFrame) or lacking:
        raise UsageError(
            f"{name} must be a DataFrame indexed by area_id with the columns numerator and denominator, and "
            "lower and upper where numerators are hidden."
        )
    return table


def _count_rows(faults: Faults, name: str, table: pd.DataFrame, *, proportion: bool) -> np.ndarray:
    above, below = (as_floats(faults, f"{column} of {name}", table[column]) for column in _COUNTS)
    bounds = [
        np.where(np.isnan(above), as_floats(faults, f"{side} of {name}", table[side]), above)
        if side in table
        else above.copy()
        for side in _BOUNDS
    ]
    of = len(table)
    for column, numbers in zip((*_COUNTS, *_BOUNDS), (above, below, *bounds), strict=True):
        if (numbers < 0).any():
            faults.add(f"negative {column} in {name}", ids=table.index[numbers < 0], of=of)
    if (bounds[0] > bounds[1]).any():
        faults.add(f"lower above upper in {name}", ids=table.index[bounds[0] > bounds[1]], of=of)
    if proportion and (above > below).any():
        cure = "A part cannot exceed its whole; for events that may recur use kind='rate'."
        faults.add(f"numerator above denominator in {name}", ids=table.index[above > below], of=of, cure=cure)
    if ((below == 0) & (above > 0)).any():
        orphans = table.index[(below == 0) & (above > 0)]
        faults.add(f"events where nobody lives in {name}", ids=orphans, of=of)
    return np.array([above, below, *bounds])


def refuse_nobody(names: Iterable[str]) -> None:
    """Refuse a difference of rates of nobody."""
    faults = Faults()
    for name in names:
        faults.add(f"nobody lives in the areas of {name} whose counts are known")
    faults.raise_if_any(ValuesError, "There is no rate to take apart.")
