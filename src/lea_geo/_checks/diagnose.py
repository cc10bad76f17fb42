"""What a composite index can be diagnosed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, note_ids
from lea_geo.errors import UsageError, ValuesError

if TYPE_CHECKING:
    from collections.abc import Collection


def check_result(result: object, *, is_one: bool) -> None:
    """Refuse what is no index."""
    if not is_one:
        raise UsageError(
            f"result is a {type(result).__name__}; it must be what lea_geo.composite_index returns."
        )


def check_outside(outside: object, ids: pd.Index[str], inside: Collection[str]) -> pd.DataFrame:
    """Return indicators that are not in the index as floats, in the order of its areas."""
    if not isinstance(outside, pd.DataFrame):
        raise UsageError(
            f"outside is a {type(outside).__name__}; it must be a DataFrame indexed by area_id with a column "
            "for each indicator, or what lea_geo.read_indicators or lea_geo.join_indicators returns."
        )
    faults = Faults()
    frame = outside.set_axis(outside.index.astype(str))
    note_ids(faults, "outside", frame.index, ids, "the index")
    faults.raise_if_any(ValuesError, "The index and what is outside do not hold the same areas.")
    columns = [str(column) for column in frame.columns if column not in inside]
    held = {column: as_floats(faults, f"column {column}", frame[column]) for column in columns}
    faults.raise_if_any(ValuesError, "What is outside the index cannot be compared with it.")
    return pd.DataFrame(held, index=frame.index).reindex(ids)


def check_threshold(value: float) -> None:
    """Refuse a correlation that none can be above, or all are."""
    if not 0 < value <= 1:
        raise UsageError(f"redundant is {value!r}; it must be a correlation above 0, up to 1.")


def check_pair_of_nodes(first: str, second: str, known: Collection[str]) -> None:
    """Refuse codes that the index does not have."""
    unknown = [code for code in (first, second) if code not in known]
    if unknown:
        raise UsageError(f"The index has no {' and no '.join(unknown)}; it has {', '.join(known)}.")
