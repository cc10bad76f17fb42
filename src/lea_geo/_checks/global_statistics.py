"""Tables of indicators, lags and distances: what global statistics can be asked of many at once."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, known_status, note_few, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MOST_PAIRS = 50_000_000
"""Pairs of areas that are held at once: about two gigabytes."""


def check_table(table: object, status: object, ids: pd.Index, *, amounts: bool) -> pd.DataFrame:
    """Return indicators as floats in the order of ``ids``, NaN where a status or nothing says no value.

    Parameters
    ----------
    amounts
        Whether values below zero are refused.
    """
    frame = _check_frame("table", table)
    given = None if status is None else _check_frame("status", status)
    faults = Faults()
    note_ids(faults, "the table", frame.index, ids, "the graph")
    for what, columns in (
        ("table", frame.columns),
        *((("status", given.columns),) if given is not None else ()),
    ):
        if columns.has_duplicates:
            faults.add(f"indicators that the {what} holds twice", ids=columns[columns.duplicated()])
    without = [] if given is None else [name for name in frame.columns if name not in given.columns]
    if without:
        faults.add("indicators without a column in status", ids=without, of=len(frame.columns))
    heading = "No statistic can be made of these indicators."
    faults.raise_if_any(ValuesError, heading)
    frame = frame.reindex(ids)
    columns = {
        name: _check_column(
            faults, str(name), frame[name], None if given is None else given[name], amounts=amounts
        )
        for name in frame.columns
    }
    faults.raise_if_any(ValuesError, heading)
    return pd.DataFrame(columns, index=ids)


def check_variables(table: object) -> list[tuple[str, object]]:
    """Return the columns of a table by name; a table without any, or with one twice, is refused."""
    frame = _check_frame("table", table)
    faults = Faults()
    if frame.columns.has_duplicates:
        faults.add("variables that the table holds twice", ids=frame.columns[frame.columns.duplicated()])
    faults.raise_if_any(ValuesError, "No statistic can be made of these variables.")
    return [(str(name), frame[name]) for name in frame.columns]


def _check_frame(name: str, frame: object) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame) and len(frame.columns):
        return frame
    what = "without columns" if isinstance(frame, pd.DataFrame) else f"a {type(frame).__name__}"
    raise UsageError(
        f"{name} is {what}; it must be a pandas DataFrame indexed by area_id, a column an indicator."
    )


def _check_column(
    faults: Faults, name: str, values: pd.Series, status: pd.Series | None, *, amounts: bool
) -> NDArray[np.float64]:
    numbers = as_floats(faults, name, values)
    valid = known_status(faults, np.isnan(numbers), status, values.index)[1]
    numbers = np.where(valid, numbers, np.nan)
    note_few(faults, name, valid)
    if amounts and (numbers < 0).any():
        cure = "General G compares amounts, which are not negative."
        faults.add(f"negative values in {name}", ids=values.index[numbers < 0], of=len(values), cure=cure)
    return numbers


def check_located(values: object, ids: pd.Index) -> None:
    """Refuse values of other areas than those whose places are given."""
    faults = Faults()
    note_ids(faults, "values", check_series("values", values).index, ids, "areas")
    faults.raise_if_any(ValuesError, "The values and the areas are not the same.")


def check_distances(distances: Iterable[float] | None) -> NDArray[np.float64]:
    """Return rising distances above 0 in metres."""
    given = [] if distances is None else list(distances)
    numbers = [
        float(d) for d in given if isinstance(d, Real) and not isinstance(d, bool) and 0 < float(d) < np.inf
    ]
    if not given or len(numbers) < len(given) or (np.diff(numbers) <= 0).any():
        raise UsageError(f"distances is {given!r}; it must hold rising distances in metres above 0.")
    return np.array(numbers)


def check_some(n: int) -> None:
    """Refuse to choose distances where nobody has a value."""
    faults = Faults()
    if n == 0:
        faults.add("no area has a value", cure="Give distances=.")
    faults.raise_if_any(ValuesError, "No distances can be chosen.")


def check_kind(graph: object, areas: object, distances: object, kind: str) -> None:
    """Refuse a correlogram by distance without areas and distances, and one by contiguity without a graph."""
    if kind == "distance" and (areas is None or distances is None):
        raise UsageError("kind='distance' needs areas= and distances=, the farthest of each class in metres.")
    if kind == "contiguity" and graph is None:
        raise UsageError("kind='contiguity' needs a graph.")
    if kind == "contiguity" and distances is not None:
        raise UsageError("distances belongs to kind='distance', not to kind='contiguity'.")


def check_pairs(n_pairs: int, distance: float, n: int) -> None:
    """Refuse distances that make almost everybody a neighbour of almost everybody."""
    faults = Faults()
    if n_pairs > MOST_PAIRS:
        cure = "Give smaller distances=."
        faults.add(
            f"pairs of {n} areas within {distance:g} m: {n_pairs}, and {MOST_PAIRS} can be held", cure=cure
        )
    faults.raise_if_any(ValuesError, "The distances are too large for so many areas.")
