"""Tables whose rows are no areas: summaries, totals of municipalities, histograms."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.known import part_aliases
from lea_geo.disclosure.attack.reading.numbers import printed_interval, stands_for
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.schema import COMPARISON_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known
    from lea_geo.disclosure.attack.reading.tables import Where

    Columns = Mapping[str, NDArray[Any]]

_TOTALS = ("value", "interval_lower", "interval_upper", "numerator", "denominator")
_DIGIT = re.compile(r"\d")
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
    abouts = _Abouts(columns, where, known)
    for row in range(len(columns["code"])):
        for part in _TOTALS:
            value, town = columns[part][row], str(columns["place"][row] or "")
            if isinstance(value, int | float) and np.isfinite(value):
                bounds, about = (float(value), float(value)), replace(abouts.of(row, part), area=town)
                count = float(columns["n_valued"][row])
                gathered.add_loose("total", bounds, where.place(part), about, count=count)


def read_unplaced(columns: Columns, where: Where, known: Known, gathered: Gathered) -> None:
    """Note the numbers of a table that names no areas, row by row."""
    numeric = {name: column for name, column in columns.items() if column.dtype != object}
    ends = {end: next((one for one in numeric if one.lower() in names), "") for end, names in _ENDS.items()}
    abouts = _Abouts(columns, where, known)
    if all(ends.values()):
        _read_bars(numeric, ends, abouts, where.place(ends["count"]), gathered)
        return
    if numeric:
        values = np.stack(list(numeric.values()), axis=1)
        lower, upper = stands_for(values, measured=np.zeros(len(numeric), dtype=bool))
        for row, place in np.argwhere(~np.isnan(lower)).tolist():
            name = list(numeric)[place]
            bounds = (float(lower[row, place]), float(upper[row, place]))
            gathered.add_loose(abouts.kind, bounds, where.place(name), abouts.of(row, name))
    for name in (name for name in columns if name not in numeric):
        for row, cell in enumerate(columns[name].tolist()):
            if cell is not None and (not isinstance(cell, str) or _DIGIT.search(cell)):
                read_cell(cell, where.place(name), known, gathered, abouts.of(row, name))


class _Abouts:
    """What each row of a table is about, looked up when it is asked for."""

    def __init__(self, columns: Columns, where: Where, known: Known) -> None:
        self._columns, self._where, self._known = columns, where, known
        self._texts = [column for column in columns.values() if column.dtype == object]
        self._rows: dict[int, tuple[Sheet, str, str]] = {}
        parts = {part_aliases().get(name.strip().casefold(), name) for name in columns}
        first = next((self._code(row) for row in range(min(map(len, columns.values()), default=0))), "")
        self.kind = "total" if first and "value" in parts and len(self._texts) > 1 else "summary"

    def of(self, row: int, name: str) -> About:
        if row not in self._rows:
            self._rows[row] = (self._sheet(row), self._code(row), self._town(row))
        sheet, code, town = self._rows[row]
        part = part_aliases().get(name.strip().casefold(), name)
        return About(sheet, code, part, town if self.kind == "total" else "")

    def _sheet(self, row: int) -> Sheet:
        if "sheet" in self._columns:
            return self._known.sheets.get(str(self._columns["sheet"][row] or ""), ("", ""))
        return self._where.sheet or ("", "")

    def _code(self, row: int) -> str:
        if self._where.variable:
            return self._where.variable
        named = (self._known.code_of(one[row]) for one in self._texts if isinstance(one[row], str))
        return next(filter(None, named), "")

    def _town(self, row: int) -> str:
        """Return the first text of a row that names no indicator."""
        texts = (one[row] for one in self._texts if isinstance(one[row], str))
        return next((text for text in texts if not self._known.code_of(text)), "")


def _read_bars(
    columns: Columns, ends: Mapping[str, str], abouts: _Abouts, place: str, gathered: Gathered
) -> None:
    """Note the bars of a histogram."""
    told = (columns[ends[end]].tolist() for end in ("lower", "upper", "count"))
    for row, (lower, upper, count) in enumerate(zip(*told, strict=True)):
        gathered.add_loose("histogram_bar", (lower, upper), place, abouts.of(row, "value"), count=count)


def read_cell(cell: object, place: str, known: Known, gathered: Gathered, about: About) -> None:
    """Note the numbers of a cell that may hold text."""
    if isinstance(cell, str):
        interval = printed_interval(cell, about.language) if len(cell) <= _SHORT else None
        if interval is not None:
            gathered.add_loose("summary", interval, place, about)
        else:
            read_sentences(cell, place, known, gathered, about)
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and np.isfinite(cell):
        gathered.add_loose("summary", (float(cell), float(cell)), place, about)
