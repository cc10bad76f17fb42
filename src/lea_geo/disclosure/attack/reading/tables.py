"""What a table says of areas, whichever file it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo.disclosure.attack.reading.gathered import STATUSES, UNKNOWN, About
from lea_geo.disclosure.attack.reading.known import guess_geography, part_aliases, status_words
from lea_geo.disclosure.attack.reading.numbers import printed_interval, stands_for
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.disclosure.attack.reading.unplaced import is_comparison, read_comparisons, read_unplaced
from lea_geo.schema import AREA_ID, MUNICIPALITY, NAME_COLUMNS, RESULT_COLUMNS, RESULT_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known

    Columns = Mapping[str, NDArray[Any]]

WORDS = (AREA_ID, *NAME_COLUMNS, MUNICIPALITY, "code")
"""Columns whose digits are no numbers."""
_COUNTS = (
    "numerator",
    "denominator",
    "rank",
    "rank_lower",
    "rank_upper",
    "tier_lower",
    "tier_upper",
    UNKNOWN,
)
_COUNTS_OF_AREAS = ("_neighbors", "_hidden")
_STATED = ("lower", "upper")
_OWN = ("value", "lower", "upper", "interval_lower", "interval_upper")
_COUNTED = ("persons", "households", "count")
_HIDDEN = [STATUSES.index(status) for status in ("suppressed", "missing", "not_applicable")]
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Where:
    """Where a table stands, and what that says of it."""

    file: str
    inside: str = ""
    """``layer unemployment``, ``hidden sheet 'x'``; empty where the file is one table."""
    sheet: Sheet | None = None
    """The kind of areas and the year, where the place says so."""
    variable: str = ""
    """The indicator that all of the table is of; empty where columns or rows name theirs."""
    stem: str = ""
    """Of a table in which a column named by an indicator does not hold its values: what begins its name."""

    def place(self, column: str = "") -> str:
        """Return the place of a column in words."""
        parts = ", ".join(filter(None, (self.inside, f"column {column}" if column else "")))
        return f"{self.file}: {parts}" if parts else self.file


def read_table(columns: Columns, where: Where, known: Known, gathered: Gathered) -> None:
    """Note every number of a table.

    Parameters
    ----------
    columns
        Headings to columns: 64-bit floats (NaN where blank), or objects (text, numbers, None).
    where
        Where it stands.
    known
        What the release says of itself.
    gathered
        Takes the numbers.
    """
    columns = {name: column for name, column in columns.items() if not _counts_rows(name, column)}
    named = {name: part_aliases().get(name.strip().casefold(), name) for name in columns}
    found = _find_areas(columns, named, known, where.sheet)
    if is_comparison(columns):
        read_comparisons(columns, where, known, gathered)
    elif found is None:
        read_unplaced(columns, where, known, gathered)
    else:
        heading, ids = found
        sheet = _sheet_of(ids, known, where.sheet)
        rest = {name: column for name, column in columns.items() if name != heading}
        for variable, rows in _by_indicator(rest, named, where, known):
            part = {name: column[rows] for name, column in rest.items()}
            _AreaTable(part, named, where, known, gathered, variable, sheet, ids[rows]).read()


def _counts_rows(name: str, column: NDArray[Any]) -> bool:
    """Whether a column only numbers the rows, as databases do."""
    if name.lower() not in ("fid", "ogc_fid") or column.dtype != np.float64:
        return False
    return np.array_equal(column, np.arange(1, len(column) + 1))


def _find_areas(
    columns: Columns, named: Mapping[str, str], known: Known, said: Sheet | None
) -> tuple[str, NDArray[np.object_]] | None:
    """Return the column that names areas, by its heading or by what is in it."""
    for name, part in named.items():
        if part == AREA_ID:
            return name, as_ids(columns[name])
    for name, column in columns.items():
        if named[name] in WORDS or named[name] in RESULT_COLUMNS:
            continue
        for ids in {1: [as_ids(column)], 0: [as_ids(column, width) for width in (5, 3)]}[
            column.dtype == object
        ]:
            different = {one for one in ids.tolist() if one}
            spelled = ("grid", "postal") if column.dtype == object else ("grid",)
            if different and (known.sheet_with(different) or guess_geography(different) in spelled):
                return name, ids
    return _find_names(columns, named, known, said)


def _find_names(
    columns: Columns, named: Mapping[str, str], known: Known, said: Sheet | None
) -> tuple[str, NDArray[np.object_]] | None:
    """Return the column that calls areas by their names."""
    for name, column in columns.items():
        if column.dtype == object and named[name] not in RESULT_COLUMNS:
            found = [known.area_names.get(str(one or ""), (("", ""), "")) for one in column]
            ids = [area if said in (None, sheet) else "" for sheet, area in found]
            if sum(map(bool, ids)) > len(ids) / 2:
                return name, np.array(ids, dtype=object)
    return None


def as_ids(column: NDArray[Any], width: int = 5) -> NDArray[np.object_]:
    """Return ids as text; numbers get back the zeros that they began with."""
    plain = [
        one.strip()
        if isinstance(one, str)
        else f"{int(one):0{width}d}"
        if isinstance(one, int | float) and np.isfinite(one) and float(one).is_integer()
        else ""
        for one in column.tolist()
    ]
    return np.array(plain, dtype=object)


def _sheet_of(ids: NDArray[np.object_], known: Known, said: Sheet | None) -> Sheet:
    """Return the year and kind of areas that a place names, unless it has none of the areas."""
    different = {one for one in ids.tolist() if one}
    if said is not None and (said not in known.ids or different & known.ids[said]):
        return said
    return known.sheet_with(different) or (guess_geography(different), "")


def _by_indicator(
    columns: Columns, named: Mapping[str, str], where: Where, known: Known
) -> list[tuple[str, slice | NDArray[np.intp]]]:
    """Return the rows of each indicator of a table that has a row an area and an indicator."""
    if where.variable:
        return [(where.variable, slice(None))]
    for name, column in columns.items():
        if column.dtype != object or named[name] in (*NAME_COLUMNS, MUNICIPALITY):
            continue
        found, different = pd.factorize(pd.Series([known.code_of(str(one or "")) for one in column]))
        if len(different) and all(different):
            return [(code, np.flatnonzero(found == k)) for k, code in enumerate(different)]
    return [("", slice(None))]


@dataclass
class _AreaTable:
    """A table with a row an area, all of one indicator or a column an indicator."""

    columns: Columns
    named: Mapping[str, str]
    where: Where
    known: Known
    gathered: Gathered
    variable: str
    sheet: Sheet
    ids: NDArray[np.object_]

    def read(self) -> None:
        self.sheet_code = self.gathered.sheets.code(self.sheet)
        self.area_codes = self.gathered.areas.codes(self.ids.tolist())
        numbers = {name: column for name, column in self.columns.items() if column.dtype != object}
        status = self._status()
        for name, column in self.columns.items():
            if column.dtype == object and self.named[name] not in WORDS:
                numbers |= self._mixed(name, column)
        if numbers:
            self._tell(numbers, status)

    def _tell(self, numbers: dict[str, NDArray[np.float64]], status: NDArray[np.int64] | None) -> None:
        """Note the numbers of all columns at once."""
        whose = [self._whose(name) for name in numbers]
        values = np.stack(list(numbers.values()), axis=1)
        # Stated bounds are mostly 0 and 100, and those are in full.
        measured = [part not in _STATED and not is_count(self.known, code, part) for code, part in whose]
        lower, upper = stands_for(values, measured=np.array(measured))
        if status is not None:
            open_hidden(lower, upper, [part for _, part in whose], status)
        columns = np.array([self.gathered.column(*one) for one in whose])
        places = self.gathered.places.codes([self.where.place(name) for name in numbers])
        self.gathered.add(
            self.sheet_code, columns[None], self.area_codes[:, None], lower, upper, places[None]
        )

    def _whose(self, name: str) -> tuple[str, str]:
        """Return the variable and the part that a column is."""
        part = self.named[name]
        if self.where.stem:
            begin = f"{self.variable}." if self.variable else f"{self.where.stem}."
            return begin + name, UNKNOWN
        if self.variable:
            return (self.variable, part) if part in RESULT_COLUMNS else (f"{self.variable}.{name}", UNKNOWN)
        if code := self.known.code_of(name):
            return code, "value"
        if name in self.known.source_fields:
            return name, "value"
        return self._joined(name)

    def _joined(self, name: str) -> tuple[str, str]:
        """Return what ``unemployment_numerator`` names; what names nothing is itself."""
        for part in RESULT_COLUMNS:
            if name.endswith(f"_{part}") and (code := self.known.code_of(name[: -len(part) - 1])):
                return code, part
        return name, UNKNOWN

    def _status(self) -> NDArray[np.int64] | None:
        """Note what the table says of each cell, and return it."""
        name = next((name for name, part in self.named.items() if part == "status"), None)
        if name is None or not self.variable or self.columns[name].dtype != object:
            return None
        found = as_statuses(self.columns[name])
        self._note_status(self.variable, found)
        return found

    def _note_status(self, variable: str, found: NDArray[np.int64]) -> None:
        code = self.gathered.variables.code(variable)
        self.gathered.add_statuses(self.sheet_code, code, self.area_codes, found)

    def _mixed(self, name: str, column: NDArray[np.object_]) -> dict[str, NDArray[np.float64]]:
        """Return the numbers of a column that also holds text, and note those inside the text."""
        if not any(not isinstance(one, str) or _DIGIT.search(one) for one in set(column.tolist()) - {None}):
            if self._whose(name)[1] == "value":
                self._note_status(self._whose(name)[0], as_statuses(column))
            return {}
        found, different = pd.factorize(pd.Series(column, dtype=object))
        bounds = np.full((len(different) + 1, 2), np.nan)
        texts = ["" if self._is_name(one) else one for one in different]
        for row, text in enumerate(texts):
            if _DIGIT.search(text) and (interval := printed_interval(text)) is not None:
                bounds[row] = interval
            elif _DIGIT.search(text):
                self._sentence(name, text, np.flatnonzero(found == row))
        part = self._whose(name)
        if part[1] == "value":
            self._note_status(part[0], as_statuses(np.array([*texts, ""], dtype=object))[found])
        if np.isfinite(bounds).any():
            place, code = self.gathered.places.code(self.where.place(name)), self.gathered.column(*part)
            lower, upper = bounds[found].T
            self.gathered.add(self.sheet_code, code, self.area_codes, lower, upper, place)
        numbers = [one if isinstance(one, int | float) else np.nan for one in [*different, np.nan]]
        plain = np.array(numbers, dtype=np.float64)[found]
        return {name: plain} if np.isfinite(plain).any() else {}

    def _is_name(self, cell: object) -> bool:
        """Whether a cell is no text, or only what an area or an indicator is called."""
        return not isinstance(cell, str) or cell in self.known.area_names or bool(self.known.code_of(cell))

    def _sentence(self, name: str, text: str, rows: NDArray[np.intp]) -> None:
        if self.named[name].endswith(RESULT_WORDS):
            return
        for row in rows.tolist():
            about = About(self.sheet, *self._whose(name), str(self.ids[row]))
            read_sentences(text, self.where.place(name), self.known, self.gathered, about)


def as_statuses(column: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return positions in ``STATUSES`` of words; what begins with such a word counts as it."""
    words = status_words()
    different = {str(one or "") for one in column.tolist()}
    places = {}
    for text in different:
        plain = text.casefold()
        status = words.get(plain) or next((words[one] for one in words if plain.startswith(one)), "")
        places[text] = STATUSES.index(status)
    return np.array([places[str(one or "")] for one in column.tolist()], dtype=np.int64)


def open_hidden(
    lower: NDArray[np.float64], upper: NDArray[np.float64], parts: list[str], status: NDArray[np.int64]
) -> None:
    """Give cells that are said to hold no value the interval that is stated of them, in place.

    Parameters
    ----------
    lower, upper
        The intervals of a table, a column a part, shape (n, m).
    parts
        The parts.
    status
        Positions in ``STATUSES``, shape (n,).
    """
    if "value" not in parts:
        return
    at = parts.index("value")
    hidden = np.isnan(lower[:, at]) & np.isin(status, _HIDDEN)
    for bounds, part, nothing in ((lower, "lower", -np.inf), (upper, "upper", np.inf)):
        stated = bounds[:, parts.index(part)] if part in parts else np.full(len(bounds), np.nan)
        bounds[hidden, at] = np.where(np.isnan(stated), nothing, stated)[hidden]


def is_count(known: Known, variable: str, part: str) -> bool:
    """Whether whole numbers of a column are counts, places or codes, and not rounded measurements."""
    if part not in _OWN:
        return part in _COUNTS or part.endswith((*_COUNTS_OF_AREAS, *RESULT_WORDS))
    indicator = known.indicators.get(variable)
    return indicator is None or (indicator.unit in _COUNTED and not indicator.is_rate)
