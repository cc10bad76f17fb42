"""The same number in many files is one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo.disclosure.attack.reading.gathered import LOOSE_COLUMNS, STATUSES, Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered

    Whole = NDArray[np.int64]
    Codes = NDArray[np.integer[Any]]

_SLACK = 1e-9
"""Relative to the numbers: intervals further apart than this contradict each other."""


def merge(gathered: Gathered) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row for each cell and part, and the rows that contradict them."""
    rows = _joined(gathered.rows)
    n_columns, n_areas = max(1, len(gathered.columns)), max(1, len(gathered.areas))
    key = (rows.sheet.astype(np.int64) * n_columns + rows.column) * n_areas + rows.area
    order = np.argsort(key, kind="stable")
    key, lower, upper = key[order], rows.lower[order], rows.upper[order]
    start = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, np.int64)
    group = np.repeat(np.arange(len(start)), np.diff(np.r_[start, len(key)]))
    with np.errstate(invalid="ignore"):
        width = np.where(lower == upper, 0.0, upper - lower)  # A bound may be printed as infinite.
    tightest = np.minimum.reduceat(width, start) if len(key) else width
    position = np.where(width <= tightest[group], np.arange(len(key)), len(key))
    kept = np.minimum.reduceat(position, start) if len(key) else start
    size = np.maximum(np.abs(np.nan_to_num(lower[kept], posinf=0, neginf=0)), 1.0)[group] * _SLACK
    disagrees = (lower > upper[kept][group] + size) | (upper < lower[kept][group] - size)
    low = np.maximum.reduceat(np.where(disagrees, -np.inf, lower), start) if len(key) else lower
    high = np.minimum.reduceat(np.where(disagrees, np.inf, upper), start) if len(key) else upper
    apart = low > high
    low, high = np.where(apart, lower[kept], low), np.where(apart, upper[kept], high)
    n_places = np.bincount(group[~disagrees & np.isfinite(width)], minlength=len(start))
    states = _statuses(gathered)
    found = _frame(gathered, rows, order[kept], states).assign(lower=low, upper=high, n_places=n_places)
    return found, _frame(gathered, rows, order[disagrees], states).assign(n_places=1)


def _joined(rows: list[Rows]) -> Rows:
    names = ("sheet", "column", "area", "lower", "upper", "place")
    if not rows:
        whole = np.empty(0, np.int32)
        return Rows(np.empty(0, np.int16), whole, whole, np.empty(0), np.empty(0), whole)
    return Rows(*(np.concatenate([getattr(one, name) for one in rows]) for name in names))


def _statuses(gathered: Gathered) -> tuple[Whole, Whole]:
    """Return the keys of cells, sorted, and the weightiest status that any file gives each."""
    if not gathered.statuses:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    sheet, variable, area, status = (np.concatenate(part) for part in zip(*gathered.statuses, strict=True))
    key = _cell(gathered, sheet, variable, area)
    order = np.lexsort((status, key))
    last = np.diff(key[order], append=-1) != 0
    return key[order][last], status[order][last]


def _cell(gathered: Gathered, sheet: Codes, variable: Codes, area: Codes) -> Whole:
    n_variables, n_areas = max(1, len(gathered.variables)), max(1, len(gathered.areas))
    return (sheet.astype(np.int64) * n_variables + variable) * n_areas + area


def _frame(gathered: Gathered, rows: Rows, which: Whole, states: tuple[Whole, Whole]) -> pd.DataFrame:
    sheets, columns = gathered.sheets.listed(), gathered.columns.listed()
    sheet, column, area = rows.sheet[which], rows.column[which], rows.area[which]
    of_column = np.array([variable for variable, _ in columns], dtype=np.int64)
    keys = _cell(gathered, sheet, of_column[column], area)
    at = np.searchsorted(states[0], keys)
    at[at == len(states[0])] = 0
    known = len(states[0]) > 0
    status = np.where(states[0][at] == keys, states[1][at], 0) if known else np.zeros(len(keys), np.int64)
    variables, parts = gathered.variables.listed(), [part for _, part in columns]
    return pd.DataFrame(
        {
            "geography": _category([one[0] for one in sheets], sheet),
            "year": _category([one[1] for one in sheets], sheet),
            "area_id": _category(gathered.areas.listed(), area),
            "variable": _category([variables[variable] for variable, _ in columns], column),
            "part": _category(parts, column),
            "lower": rows.lower[which],
            "upper": rows.upper[which],
            "status": _category(list(STATUSES), status),
            "place": rows.place[which],
        }
    )


def _category(names: list[str], codes: Codes) -> pd.Categorical[Any]:
    """Return names by their codes; different codes may have one name."""
    unlike = list(dict.fromkeys(names))
    place = {name: number for number, name in enumerate(unlike)}
    of_name = np.array([place[name] for name in names], dtype=np.int64)
    found = of_name[codes] if len(names) else codes
    return pd.Categorical.from_codes(found, pd.Index(unlike, dtype="str"))


def loose_frame(gathered: Gathered) -> pd.DataFrame:
    """Return the numbers that are tied to no area, each once, with how many places say it."""
    frame = pd.DataFrame(gathered.loose, columns=list(LOOSE_COLUMNS))
    same = [name for name in LOOSE_COLUMNS if name not in ("place", "said")]
    frame["n_places"] = frame.groupby(same, dropna=False)["place"].transform("nunique") if len(frame) else 0
    kept = frame.drop_duplicates(same)
    numbers = dict.fromkeys(("lower", "upper", "count"), "float64")
    return kept.astype(numbers).reset_index(drop=True)
