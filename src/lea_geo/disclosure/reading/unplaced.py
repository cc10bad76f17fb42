"""Tables whose rows are no areas: summaries, totals of municipalities, histograms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.disclosure.reading.gathered import About
from lea_geo.disclosure.reading.numbers import printed_interval, stands_for
from lea_geo.disclosure.reading.sentences import read_sentences
from lea_geo.schema import COMPARISON_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lea_geo.disclosure.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.reading.known import Known
    from lea_geo.disclosure.reading.tables import Where

    Columns = Mapping[str, NDArray[Any]]

_TOTALS = ("value", "interval_lower", "interval_upper", "numerator", "denominator")
_SHORT = 40
"""Characters of a cell that is a number with its unit and no sentence."""
_ENDS = {
    "lower": ("lower", "from", "min", "minimum", "left", "low"),
    "upper": ("upper", "to", "max", "maximum", "right", "high"),
    "count": ("count", "n", "areas", "frequency"),
}


def is_comparison(columns: Columns) -> bool:
    """Whether a table compares municipalities and the whole region."""
    return set(COMPARISON_COLUMNS) <= set(columns)


def read_comparisons(columns: Columns, where: Where, known: Known, gathered: Gathered) -> None:
    """Note the totals of municipalities; ``area_id`` is the municipality, blank for the whole region."""
    for row in range(len(columns["code"])):
        sheet = _sheet_of(columns, row, where, known)
        code, place = (str(columns[name][row] or "") for name in ("code", "place"))
        for part in _TOTALS:
            value = columns[part][row]
            if isinstance(value, int | float) and np.isfinite(value):
                bounds, about = (float(value), float(value)), About(sheet, code, part, place)
                count = float(columns["n_valued"][row])
                gathered.add_loose("total", bounds, where.place(part), about, count=count)


def read_unplaced(columns: Columns, where: Where, known: Known, gathered: Gathered) -> None:
    """Note the numbers of a table that names no areas, row by row."""
    numeric = {name: column for name, column in columns.items() if column.dtype != object}
    ends = {end: next((one for one in numeric if one.lower() in names), "") for end, names in _ENDS.items()}
    rows = range(len(next(iter(columns.values()), ())))
    abouts = [
        About(_sheet_of(columns, row, where, known), _code_of(columns, row, where, known)) for row in rows
    ]
    if all(ends.values()):
        _read_bars(numeric, ends, abouts, where.place(ends["count"]), gathered)
        return
    if numeric:
        values = np.stack(list(numeric.values()), axis=1)
        lower, upper = stands_for(values, measured=np.zeros(len(numeric), dtype=bool))
        for row, place in np.argwhere(~np.isnan(lower)).tolist():
            name = list(numeric)[place]
            bounds = (float(lower[row, place]), float(upper[row, place]))
            gathered.add_loose("summary", bounds, where.place(name), replace(abouts[row], part=name))
    for name, column in columns.items():
        if column.dtype == object:
            for cell, about in zip(column.tolist(), abouts, strict=True):
                read_cell(cell, where.place(name), known, gathered, replace(about, part=name))


def _read_bars(
    columns: Columns, ends: Mapping[str, str], abouts: list[About], place: str, gathered: Gathered
) -> None:
    """Note the bars of a histogram."""
    told = (columns[ends[end]].tolist() for end in ("lower", "upper", "count"))
    for lower, upper, count, about in zip(*told, abouts, strict=True):
        gathered.add_loose("histogram_bar", (lower, upper), place, about, count=count)


def read_cell(cell: object, place: str, known: Known, gathered: Gathered, about: About) -> None:
    """Note the numbers of a cell that may hold text."""
    if isinstance(cell, str):
        interval = printed_interval(cell) if len(cell) <= _SHORT else None
        if interval is not None:
            gathered.add_loose("summary", interval, place, about)
        else:
            read_sentences(cell, place, known, gathered, about)
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and np.isfinite(cell):
        gathered.add_loose("summary", (float(cell), float(cell)), place, about)


def _sheet_of(columns: Columns, row: int, where: Where, known: Known) -> Sheet:
    if "sheet" in columns:
        return known.sheets.get(str(columns["sheet"][row] or ""), ("", ""))
    return where.sheet or ("", "")


def _code_of(columns: Columns, row: int, where: Where, known: Known) -> str:
    if where.variable:
        return where.variable
    texts = (column[row] for column in columns.values() if column.dtype == object)
    return next(filter(None, (known.code_of(text) for text in texts if isinstance(text, str))), "")
