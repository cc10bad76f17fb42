"""The table that an index is made of: its ids, its columns, its cells, and what has to stand beside it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from lea_geo._checks.faults import Faults
from lea_geo._checks.values import as_floats, check_series, note_ids
from lea_geo.errors import TableError, UsageError, ValuesError
from lea_geo.schema import AREA_ID, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADING = "The index cannot be made of this table:"


def refuse_table(table: object) -> NoReturn:
    """Refuse what is no table of indicators."""
    raise UsageError(
        f"table is a {type(table).__name__}; it must be a DataFrame with a row for each area and a column "
        "for each indicator, or what lea_geo.read_indicators or lea_geo.join_indicators returns."
    )


def refuse_spec(spec: object) -> NoReturn:
    """Refuse what is no index."""
    raise UsageError(
        f"spec is a {type(spec).__name__}; it must be a CompositeSpec, the dict that [composite] of a study "
        "file gives, or a study that has one."
    )


def refuse_study() -> NoReturn:
    """Refuse a study without an index."""
    raise UsageError("The study makes no index: its file has no table [composite].")


def check_areas(frame: pd.DataFrame) -> pd.Index[str]:
    """Return the ids of a table's rows as text; refuse doubled, blank and fractional ones."""
    index, faults = frame.index, Faults()
    if index.nlevels > 1 or pd.api.types.is_float_dtype(index.dtype):
        cure = f"Index the table by text: frame.set_index({AREA_ID!r})."
        faults.add(f"area ids that are {index.dtype}, not text", cure=cure)
        faults.raise_if_any(ValuesError, HEADING)
    ids: pd.Index[str] = pd.Index(index.astype(str), name=AREA_ID)
    blank = index.isna() | (ids.str.strip() == "")
    if blank.any():
        rows = (f"row {row}" for row in np.flatnonzero(blank) + 1)
        faults.add("blank area ids", ids=rows, of=len(ids))
    if not ids.is_unique:
        faults.add("duplicate area ids", ids=ids[ids.duplicated()].unique(), of=len(ids))
    if not len(ids):
        faults.add("the table has no areas")
    faults.raise_if_any(ValuesError, HEADING)
    return ids


def check_frame(columns: Sequence[str], frame: pd.DataFrame) -> None:
    """Refuse a table that lacks columns, or has one twice."""
    faults = Faults()
    there = [str(column) for column in frame.columns]
    absent = [column for column in columns if column not in there]
    if absent:
        near = get_close_matches(absent[0], there, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(there[:12]) + ", …" * (len(there) > 12)
        faults.add(
            "columns that the index needs and the table lacks", ids=absent, cure=f"It has {listed}.{hint}"
        )
    doubled = [column for column in dict.fromkeys(columns) if there.count(column) > 1]
    if doubled:
        faults.add("columns that occur more than once", ids=doubled)
    faults.raise_if_any(ValuesError, HEADING)


def check_columns_found(needed: Sequence[str], there: Mapping[str, Sequence[str]]) -> None:
    """Refuse tables none of which has a column that the index needs; ``there`` are columns by file."""
    known = [column for columns in there.values() for column in columns]
    faults = Faults()
    for column in [one for one in needed if one not in known]:
        near = get_close_matches(column, known, n=1)
        cure = f"Did you mean {near[0]!r}?" if near else f"The tables are {', '.join(there)}."
        faults.add(f"no table has a column {column!r}", cure=cure)
    for column in dict.fromkeys(needed):
        files = [file for file, columns in there.items() if column in columns]
        if len(files) > 1:
            cure = "Rename it in one of them: nothing says which is meant."
            faults.add(f"the column {column!r} is in several tables", ids=files, cure=cure)
    faults.raise_if_any(TableError, "The tables do not give what the index needs:")


class CellFaults:
    """The cells of a plain table, read column by column; what is wrong is gathered and raised once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame, self.faults = frame, Faults()

    def numbers(self, column: str) -> np.ndarray:
        """Return a column as floats with NaN for no value."""
        return as_floats(self.faults, column, self.frame[column])

    def statuses(self, column: str, values: np.ndarray) -> np.ndarray:
        """Return a column of status; note unknown words, and values that are there and not."""
        words = self.frame[column].astype(object).to_numpy().astype(str)
        known = [str(status) for status in Status]
        unknown = ~np.isin(words, known)
        if unknown.any():
            cure = f"It is one of {', '.join(known)}."
            self.faults.add(
                f"unknown words in {column}", ids=self.frame.index[unknown], of=len(words), cure=cure
            )
        lacking = np.isnan(values) & np.isin(words, [Status.OBSERVED, Status.STRUCTURAL_ZERO])
        if lacking.any():
            what = f"no value though {column} says that there is one"
            self.faults.add(what, ids=self.frame.index[lacking], of=len(words))
        return words

    def raise_if_any(self) -> None:
        """Raise all that was found as one error."""
        self.faults.raise_if_any(ValuesError, HEADING)


def check_population(
    ids: pd.Index[str], given: pd.Series | None, column: str, *, asked: bool
) -> np.ndarray | None:
    """Return people by area; refuse to go without where a method asks for them."""
    if given is None:
        if asked or column:
            where = f"the table has no column {column!r}" if column else "nothing says which column it is"
            raise UsageError(
                f"The index asks for the areas' population, and {where}: name a column as population in "
                "[composite], or give population=."
            )
        return None
    series = check_series("population", given)
    series = series.set_axis(series.index.astype(str))
    faults = Faults()
    note_ids(faults, "population", series.index, ids, "the table")
    faults.raise_if_any(ValuesError, "The population does not belong to these areas.")
    people = as_floats(faults, "population", series.reindex(ids))
    if (people < 0).any():
        faults.add("negative population", ids=ids[people < 0], of=len(ids))
    faults.raise_if_any(ValuesError, "This population cannot be used.")
    return people


def check_group(ids: pd.Index[str], named: pd.Series | None, by: str) -> pd.Series[str]:
    """Return what each area belongs to as text, blank for nothing."""
    if named is None:
        raise UsageError(
            f"The index takes values from the same {by!r}, and no column is called so: have it in the table, "
            "or give attributes=, a table by area with that column."
        )
    if not named.index.is_unique:
        faults = Faults()
        faults.add(f"areas that occur more than once beside {by}", ids=named.index[named.index.duplicated()])
        faults.raise_if_any(ValuesError, HEADING)
    return named.reindex(ids).fillna("").astype(str).str.strip()


def check_links(ids: pd.Index[str], known: pd.Index) -> np.ndarray:
    """Return where the areas stand in a graph; refuse a graph that lacks some."""
    faults = Faults()
    absent = ids[~ids.isin(known)]
    if len(absent):
        faults.add("areas of the table that the graph does not have", ids=absent, of=len(ids))
    faults.raise_if_any(ValuesError, "The table and the graph do not hold the same areas.")
    return known.get_indexer(ids)


def check_scales(undefined: Sequence[str]) -> None:
    """Refuse indicators and groups of which no scale can be made."""
    if undefined:
        faults = Faults()
        cure = "Leave them out, or let screening do it: screen = { ties = 0.9, exclude = true }."
        faults.add(
            "all values equal, or too few of them, so that no scale can be made", ids=undefined, cure=cure
        )
        faults.raise_if_any(ValuesError, HEADING)
