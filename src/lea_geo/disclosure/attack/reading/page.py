"""The data of a map's page: what it shows, and what it holds without showing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.disclosure.attack.reading.gathered import UNKNOWN, About
from lea_geo.disclosure.attack.reading.json_files import read_tree
from lea_geo.disclosure.attack.reading.packed import unpack_json, unpack_numbers, unpack_words
from lea_geo.disclosure.attack.reading.page_shapes import page_areas, page_ids, page_names
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.disclosure.attack.reading.tables import as_statuses, is_count, open_hidden
from lea_geo.schema import RESULT_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known

Entry = Mapping[str, Any]

_PAGE = {"texts", "places", "sheets", "context"}
_CONTEXT = {"of", "kind", "n", "frame", "shapes"}
_SHAPES = {"arcs", "vertices", "refs", "rings", "dividing", "cols", "rows", "data"}
_PLACE = {"level", "n", "kind", "frame", "shapes", "ids", "names", "municipality"}
_SHEET = {"place", "level", "year", "indicators", "ledgers", "comparisons", "settings", "controlled", "notes"}
_INDICATOR = {"code", "columns", "classes", "summary", "methods", "decimals", "members"}
_AT_ENDS = {"p_value": 3, "q_value": 3, "share": 2, "p_worst": 2, "p_worst_decile": 2}
"""Decimals of those that are told as below the smallest step, or above the largest."""


def is_page(data: object) -> bool:
    """Whether JSON is the data of a map's page."""
    return (
        isinstance(data, Mapping)
        and isinstance(data.get("places"), list)
        and isinstance(data.get("sheets"), list)
    )


def sheet_of(sheet: Entry) -> Sheet:
    """Return the kind of areas and the year of a sheet of the page."""
    return str(sheet.get("level") or ""), str(sheet.get("year") or "")


def learn_page(data: Entry, known: Known, gathered: Gathered) -> None:
    """Learn what a page says of areas and indicators; shapes only where no other file has them."""
    for number, sheet in enumerate(data["sheets"]):
        if number == 0:
            known.learn_sheet("", *sheet_of(sheet))
        place = data["places"][int(sheet["place"])]
        known.learn_areas(sheet_of(sheet), page_ids(place), page_names(place))
        for entry in sheet["indicators"]:
            ethics = {name: entry.get(name) for name in ("need", "harm", "reviewed_by", "reviewed_on")}
            known.learn_indicator({**entry, "ethics": ethics})
        if sheet_of(sheet) not in gathered.shapes:
            gathered.shapes[sheet_of(sheet)] = page_areas(place, data.get("projection") or {})


def read_page(data: Entry, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a page's data.

    Raises
    ------
    ValueError, KeyError, TypeError
        It is not what such a page holds.
    """
    ids = [page_ids(place) for place in data["places"]]
    for sheet in data["sheets"]:
        _Sheet(sheet, ids[int(sheet["place"])], file, known, gathered).read()
    for number, place in enumerate(data["places"]):
        _rest(place, _PLACE, f"{file}: page's data, place {number + 1}", known, gathered, ids[number])
        _rest(place["shapes"], _SHAPES, f"{file}: page's data, shapes of place {number + 1}", known, gathered)
    for part in data.get("context") or ():
        _rest(part, _CONTEXT, f"{file}: page's data, context", known, gathered)
    _rest(data, _PAGE, f"{file}: page's data", known, gathered)
    for key, text in data["texts"].items():
        read_sentences(" ".join(map(str, text.values())), f"{file}: page's data, text {key}", known, gathered)


def _rest(
    entry: Entry, taken: set[str], place: str, known: Known, gathered: Gathered,
    ids: list[str] | None = None, about: About | None = None,
) -> None:  # fmt: skip
    """Note what a page of this kind has no use for, and whoever looks finds all the same."""
    for key, value in entry.items():
        if key not in taken:
            read_tree(value, f"{place}, {key}", known, gathered, about or About(), ids or [])


class _Sheet:
    """One kind of areas in one year."""

    def __init__(self, entry: Entry, ids: list[str], file: str, known: Known, gathered: Gathered) -> None:
        self.entry, self.ids, self.known, self.gathered = entry, ids, known, gathered
        self.sheet = sheet_of(entry)
        self.place = f"{file}: page's data, {' '.join(filter(None, self.sheet)) or 'only'} sheet"

    def read(self) -> None:
        self.code = self.gathered.sheets.code(self.sheet)
        self.areas = self.gathered.areas.codes(self.ids)
        about = About(self.sheet)
        for entry in self.entry["indicators"]:
            self._indicator(entry)
        if self.entry.get("comparisons"):
            self._totals(unpack_json(self.entry["comparisons"]))
        read_tree(self.entry.get("settings"), f"{self.place}, settings", self.known, self.gathered, about, [])
        for note in self.entry.get("notes") or ():
            read_sentences(str(note), f"{self.place}, notes", self.known, self.gathered, about)
        _rest(self.entry, _SHEET, self.place, self.known, self.gathered, self.ids, about)

    def _indicator(self, entry: Entry) -> None:
        code = str(entry["code"])
        place, about = f"{self.place}, indicator {code}", About(self.sheet, code)
        self._columns(code, entry["columns"], place)
        self._classes(entry.get("classes") or [], int(entry.get("decimals") or 0), place, code)
        for name, value in (entry.get("summary") or {}).items():
            if isinstance(value, int | float) and np.isfinite(value):
                told = About(self.sheet, code, str(name))
                self.gathered.add_loose("summary", (float(value), float(value)), f"{place}, summary", told)
        read_tree(entry.get("weights"), f"{place}, weights", self.known, self.gathered, about, [])
        _rest(entry, _INDICATOR | {"weights"}, place, self.known, self.gathered, self.ids, about)

    def _classes(self, classes: list[Entry], decimals: int, place: str, code: str) -> None:
        """Note the bounds of the legend's classes: each is a value that some area has, as it is shown."""
        ends = [("class_bound", float(one[end])) for one in classes for end in ("lower", "upper")]
        if ends:
            ends[0], ends[-1] = ("legend_minimum", ends[0][1]), ("legend_maximum", ends[-1][1])
        half = self._half(code, "value", decimals)
        for kind, value in ends:
            about = About(self.sheet, code, "value")
            self.gathered.add_loose(kind, (value - half, value + half), f"{place}, classes", about)

    def _half(self, code: str, part: str, decimals: int) -> float:
        return 0.5 * 10.0**-decimals if decimals > 0 or not is_count(self.known, code, part) else 0.0

    def _columns(self, code: str, columns: Entry, place: str) -> None:
        """Note the packed columns of an indicator, whether the page shows them or not."""
        status = np.zeros(len(self.ids), dtype=np.int64)
        bounds, whose, places = [], [], []
        for name, column in columns.items():
            if column["type"] == "word":
                if name == "status":
                    status = as_statuses(unpack_words(column, len(self.ids)))
                continue
            part = name if name in RESULT_COLUMNS else UNKNOWN
            whose.append((code, part) if part == name else (f"{code}.{name}", part))
            bounds.append(self._bounds(column, code, part))
            places.append(f"{place}, column {name}")
        if not bounds:
            return
        lower, upper = (np.stack(ends, axis=1) for ends in zip(*bounds, strict=True))
        open_hidden(lower, upper, [part for _, part in whose], status)
        numbers = np.array([self.gathered.column(*one) for one in whose])
        at = self.gathered.places.codes(places)
        self.gathered.add(self.code, numbers[None], self.areas[:, None], lower, upper, at[None])
        self.gathered.add_statuses(self.code, self.gathered.variables.code(code), self.areas, status)

    def _bounds(self, column: Entry, code: str, part: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the intervals that the numbers of a column stand for."""
        decimals = int(column["decimals"])
        whole, unit = unpack_numbers(column, len(self.ids)), 10.0**-decimals
        half = self._half(code, part, decimals) / unit
        lower, upper = (whole - half) / 10.0**decimals, (whole + half) / 10.0**decimals
        kind = next((one for one in _AT_ENDS if part.endswith(one)), "")
        if kind and _AT_ENDS[kind] == decimals:
            lower, upper = np.maximum(lower, 0.0), np.where(whole == 0, unit, upper)
            if "value" not in kind:
                lower = np.where(whole == 10**decimals, 1 - unit, lower)
                upper = np.minimum(upper, 1.0)
        return lower, upper

    def _totals(self, told: Entry) -> None:
        fields = [str(one) for one in told["fields"]]
        for code, places in told["rows"].items():
            for town, values in places.items():
                named = dict(zip(fields, values, strict=True))
                count = named.get("n_valued")
                for part, value in named.items():
                    if isinstance(value, int | float) and not part.startswith("n_"):
                        about = About(self.sheet, str(code), part, str(town))
                        bounds, place = (float(value), float(value)), f"{self.place}, comparisons"
                        valued = float(count) if isinstance(count, int | float) else float("nan")
                        self.gathered.add_loose("total", bounds, place, about, count=valued)
