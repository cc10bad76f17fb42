"""What a doubt of a label can be worked out from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import WITH_VALUE, Label, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS = tuple(str(label) for label in Label)
_STATUSES = tuple(str(status) for status in Status)
_NEAR = 0.01
"""Values and rates that differ by less than this share of the largest are rounded differently."""


def check_labelled(
    values: object, labels: object, status: object, ids: pd.Index
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values (NaN for none), codes of labels and codes of status, in the order of a graph's ids.

    A code is a place in ``schema.Label`` and in ``schema.Status``.
    """
    held, named = check_series("values", values), check_series("labels", labels)
    given = held.isna().map({True: str(Status.MISSING), False: str(Status.OBSERVED)})
    given = given if status is None else check_series("status", status)
    faults = Faults()
    for name, column in (("values", held), ("labels", named), ("status", given)):
        note_ids(faults, name, column.index, ids, "the graph")
    faults.raise_if_any(ValuesError, "The values, the labels and the graph do not hold the same areas.")
    numbers = as_floats(faults, "values", held.reindex(ids))
    label, state = _codes(named.reindex(ids), _LABELS), _codes(given.reindex(ids), _STATUSES)
    for what, known, codes in (("labels", _LABELS, label), ("status", _STATUSES, state)):
        if (codes < 0).any():
            cure = f"Known are {', '.join(known)}."
            faults.add(f"unknown {what}", ids=ids[codes < 0], of=len(ids), cure=cure)
    valued = np.isin(state, [_STATUSES.index(str(one)) for one in WITH_VALUE])
    if (empty := valued & np.isnan(numbers)).any():
        faults.add("no value though the status says that there is one", ids=ids[empty], of=len(ids))
    faults.raise_if_any(ValuesError, "Nothing can be said of these labels.")
    return np.where(valued, numbers, np.nan), label, state


def _codes(texts: pd.Series, words: Sequence[str]) -> np.ndarray:
    """Return each text's place among ``words``, -1 for others."""
    column = pa.array(texts.astype("str"), from_pandas=True).cast(pa.large_string())
    found = pc.index_in(column, value_set=pa.array(words, pa.large_string()))
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int8)


def check_bounds(bounds: object, ids: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Return what is known of suppressed values in the order of ``ids``; NaN where nothing is."""
    if bounds is None:
        return np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    lower, upper = _columns("bounds", bounds, ("lower", "upper"), ids)
    faults = Faults()
    if (wrong := lower > upper).any():
        faults.add("bounds whose lower end is above the upper", ids=ids[wrong], of=len(ids))
    faults.raise_if_any(ValuesError, "The bounds contradict themselves.")
    return lower, upper


def check_counts_of(
    counts: object, values: np.ndarray, ids: pd.Index, *, scale: float, proportion: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return numerators and denominators of the areas with a value; refuse those that do not give it."""
    events, people = _columns("counts", counts, ("numerator", "denominator"), ids)
    held, faults = ~np.isnan(values), Faults()
    if (bare := held & ~((events >= 0) & (people > 0))).any():
        faults.add("values without counts", ids=ids[bare], of=len(ids), cure="Leave counts out.")
    if proportion and (over := held & (events > people)).any():
        cure = "For events that are no part of the denominator use kind='rate'."
        faults.add("numerator larger than its denominator", ids=ids[over], of=len(ids), cure=cure)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.abs(values - scale * events / people) > _NEAR * np.abs(values[held]).max(initial=0.0)
    if (held & away).any():
        cure = "scale is 100 for percentages, 1000 for rates per thousand."
        faults.add("values that are not scale * numerator / denominator", ids=ids[held & away], cure=cure)
    faults.raise_if_any(ValuesError, "The noise of these values cannot be told.")
    return events, people


def _columns(name: str, table: object, columns: tuple[str, str], ids: pd.Index) -> list[np.ndarray]:
    if not isinstance(table, pd.DataFrame) or not set(columns) <= set(table.columns):
        raise UsageError(f"{name} must be a pandas DataFrame with columns {' and '.join(columns)}.")
    faults = Faults()
    note_ids(faults, name, table.index, ids, "the graph")
    faults.raise_if_any(ValuesError, f"The {name} and the graph do not hold the same areas.")
    held = table.reindex(ids)
    return [held[column].to_numpy(dtype=float, na_value=np.nan) for column in columns]
