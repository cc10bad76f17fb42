"""What a doubt of a label can be worked out from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, known_status, note_ids
from lea_geo.errors import UsageError, ValuesError
from lea_geo.schema import Label, Status


def check_labelled(
    values: object, labels: object, status: object, ids: pd.Index
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, labels and status, each aligned by id with the graph's ``ids``."""
    held, named = check_series("values", values), check_series("labels", labels)
    given = None if status is None else check_series("status", status)
    faults = Faults()
    note_ids(faults, "values", held.index, ids, "the graph")
    note_ids(faults, "labels", named.index, ids, "the graph")
    faults.raise_if_any(ValuesError, "The values, the labels and the graph do not hold the same areas.")
    held, named = held.reindex(ids), named.reindex(ids)
    numbers = as_floats(faults, "values", held)
    words, valued = known_status(faults, np.isnan(numbers), given, ids)
    known = named.isin([str(label) for label in Label])
    if not known.all():
        faults.add("unknown labels", ids=ids[~known], of=len(ids), cure=f"Known are {', '.join(Label)}.")
    faults.raise_if_any(ValuesError, "Nothing can be said of these labels.")
    text = np.where(valued, str(Status.OBSERVED), np.asarray(words, dtype=object))
    return np.where(valued, numbers, np.nan), named.to_numpy(dtype=object), text


def check_bounds(name: str, bounds: object, ids: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns ``lower`` and ``upper`` of a frame, aligned by id; None gives NaN."""
    if bounds is None:
        return np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    if not isinstance(bounds, pd.DataFrame) or not {"lower", "upper"} <= set(bounds.columns):
        raise UsageError(f"{name} must be a pandas DataFrame with columns lower and upper.")
    faults = Faults()
    note_ids(faults, name, bounds.index, ids, "the graph")
    faults.raise_if_any(ValuesError, f"The {name} and the graph do not hold the same areas.")
    table = bounds.reindex(ids)
    lower, upper = (table[side].to_numpy(dtype=float, na_value=np.nan) for side in ("lower", "upper"))
    if (lower > upper).any():
        faults.add(f"{name} whose lower end is above the upper", ids=ids[lower > upper], of=len(ids))
    faults.raise_if_any(ValuesError, f"The {name} contradict themselves.")
    return lower, upper
