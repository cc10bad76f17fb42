"""Tables of numbers that an analyst hands to single steps of a composite index."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_numbers(name: str, table: object, *, columns: pd.Index | None = None) -> np.ndarray:
    """Return a table's numbers, shape (n, k), in the order of ``columns``; refuse text and double ids."""
    if not isinstance(table, pd.DataFrame):
        raise UsageError(
            f"{name} is a {type(table).__name__}; it must be a pandas DataFrame indexed by area_id, with a "
            "column of numbers for each indicator."
        )
    if columns is not None:
        check_by_column(name, table, columns)
        table = table[columns]
    faults = Faults()
    for kind, index in (("area ids", table.index), ("columns", table.columns)):
        if not index.is_unique:
            faults.add(f"duplicate {kind} in {name}", ids=index[index.duplicated()].unique(), of=len(index))
    faults.raise_if_any(ValuesError, "The table cannot be used.")
    if table.empty:
        raise UsageError(f"{name} has no areas or no columns.")
    numbers = [as_floats(faults, str(column), table[column]) for column in table.columns]
    faults.raise_if_any(ValuesError, "The table cannot be used.")
    return np.column_stack(numbers)


def check_by_column(
    name: str, said: Mapping[str, object] | pd.Series | pd.DataFrame, columns: pd.Index
) -> None:
    """Refuse what is said by column of other columns, or not of all."""
    faults, keys = Faults(), pd.Index(list(said.keys()))
    if len(foreign := keys.difference(columns)):
        faults.add(f"{name} of columns that the table does not have", ids=foreign, of=len(keys))
    if len(missing := columns.difference(keys)):
        faults.add(f"columns without {name}", ids=missing, of=len(columns))
    faults.raise_if_any(ValuesError, "What is said of the columns does not fit the table.")


def check_directions(
    directions: Mapping[str, str] | pd.Series | None, columns: pd.Index, high: str
) -> np.ndarray:
    """Return which columns score high where they are low."""
    if directions is None:
        return np.zeros(len(columns), dtype=bool)
    check_by_column("directions", directions, columns)
    said = [check_choice(f"the direction of {column}", directions[column], DIRECTIONS) for column in columns]
    return np.array([direction != high for direction in said])


def check_share(name: str, value: float) -> float:
    """Return ``value`` as a float from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise UsageError(f"{name} is {value!r}; it must lie between 0 and 1.")
    return float(value)


def check_people(population: object, ids: pd.Index) -> np.ndarray | None:
    """Return people in the order of ``ids``."""
    if population is None:
        return None
    people, faults = check_series("population", population), Faults()
    note_ids(faults, "population", people.index, ids, "the table")
    faults.raise_if_any(ValuesError, "The population and the table do not hold the same areas.")
    numbers = as_floats(faults, "population", people.reindex(ids))
    faults.raise_if_any(ValuesError, "The population cannot be used.")
    return numbers
