"""What the files say of what is in them: areas, years, indicators, and what all of them are called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from lea_geo.schema import (
    LANGUAGES,
    LEVELS,
    LOCAL_METHODS,
    LOCAL_RESULTS,
    RESULT_COLUMNS,
    EthicalNote,
    Indicator,
    Status,
    Text,
    result_column,
)
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from lea_geo.disclosure.attack.reading.gathered import Sheet

_SHEET = re.compile(rf"({'|'.join(LEVELS)}|other)(?:_(\d{{4}}))?(?:_\d+)?")
_PATTERNS = {
    "grid": re.compile(r"\d+k?mN\d+E\d+"),
    "postal": re.compile(r"\d{5}"),
    "municipality": re.compile(r"\d{3}"),
}
_PLAIN = ("", "table", "raster")
"""What a file's name begins with before its indicator, in a flat folder."""
_ENOUGH = 0.5
"""The share of a column that must be areas for all of it to be taken for areas."""


@dataclass
class Known:
    """What is known of the release before its numbers are read."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    """What layers and folders begin with, to the kind of areas and the year; empty for the study itself."""
    indicators: dict[str, Indicator] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What indicators are called in any language, in small letters, to their codes."""
    source_fields: set[str] = field(default_factory=set)
    ids: dict[Sheet, set[str]] = field(default_factory=dict)
    area_names: dict[str, tuple[Sheet, str]] = field(default_factory=dict)
    """Names of areas that only one area has."""
    manifest: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    """Pages that have been opened to learn from, until their numbers are read."""
    said: dict[str, tuple[Sheet, str, str]] = field(default_factory=dict)
    """Sentences to the area and the indicator that they name."""

    def learn_indicator(self, entry: Mapping[str, Any]) -> None:
        """Learn an indicator from what a file says of it."""
        found = indicator_from(entry)
        self.indicators.setdefault(found.code, found)
        for name in (found.code, *found.name.as_dict().values()):
            if name:
                self.names.setdefault(name.casefold(), found.code)
        self.source_fields.update((*found.numerator, *found.denominator, *filter(None, [found.field])))

    def learn_sheet(self, name: str, geography: str, year: str) -> None:
        """Learn what a year or a kind of areas is called."""
        self.sheets.setdefault(name, (geography, year))

    def learn_areas(self, sheet: Sheet, ids: Iterable[str], names: Iterable[Iterable[str]] = ()) -> None:
        """Learn which areas there are and what they are called."""
        listed = list(ids)
        self.ids.setdefault(sheet, set()).update(listed)
        for column in names:
            for area, name in zip(listed, column, strict=True):
                if len(name) > 3:
                    same = self.area_names.setdefault(name, (sheet, area))
                    if same[1] != area:
                        self.area_names[name] = (("", ""), "")

    def sheet_of(self, folder: str) -> Sheet | None:
        """Return what a folder or the beginning of a layer's name stands for."""
        if folder in self.sheets:
            return self.sheets[folder]
        found = _SHEET.fullmatch(folder)
        return (found[1], found[2] or "") if found else None

    def split_layer(self, layer: str) -> tuple[Sheet, str]:
        """Return the year and kind of areas of a layer, and the rest of its name."""
        begins = [name for name in self.sheets if name and layer.startswith(f"{name}_")]
        if begins:
            longest = max(begins, key=len)
            return self.sheets[longest], layer[len(longest) + 1 :]
        return self.sheets.get("", ("", "")), layer

    def split_stem(self, stem: str) -> tuple[Sheet | None, str]:
        """Return the year and kind of areas, and the indicator, that a file's name ends with or holds.

        ``table_postal_2021_unemployment`` is what a flat folder calls ``postal_2021/unemployment``.
        """
        codes = [code for code in self.indicators if stem == code or stem.endswith(f"_{code}")]
        code = max(codes, key=len, default="")
        before = stem[: len(stem) - len(code)].strip("_")
        names = [name for name in self.sheets if name and f"_{name}_" in f"_{before}_"]
        found = _SHEET.search(before)
        if names:
            return self.sheets[max(names, key=len)], code
        if found and found[2]:
            return (found[1], found[2]), code
        return None, code if before in _PLAIN else ""

    def sheet_with(self, ids: Collection[str]) -> Sheet | None:
        """Return the first year and kind of areas that has most of some ids, or None."""
        found = {sheet: sum(one in known for one in ids) for sheet, known in self.ids.items()}
        best = max(found, key=lambda sheet: found[sheet], default=None)
        if best is not None and found[best] >= _ENOUGH * max(1, len(ids)):
            return best
        return None

    def code_of(self, name: str) -> str:
        """Return the indicator that a heading names, with or without its unit; empty where it names none."""
        plain = name.strip().casefold()
        without = re.sub(r"\s*\([^()]*\)$", "", plain)
        return self.names.get(plain) or self.names.get(without) or ""


def guess_geography(ids: Collection[str]) -> str:
    """Return the kind of areas that ids look like, or an empty text.

    >>> guess_geography(["00100", "00120"]), guess_geography(["250mN667025E038025"]), guess_geography(["a"])
    ('postal', 'grid', '')
    """
    for geography, pattern in _PATTERNS.items():
        if ids and all(pattern.fullmatch(one) for one in ids):
            return geography
    return ""


def indicator_from(entry: Mapping[str, Any]) -> Indicator:
    """Return an indicator from as much as a file says of it."""
    ethics = entry.get("ethics")
    note = ethics if isinstance(ethics, dict) else {}
    plain: dict[str, Any] = {
        one.name: str(entry.get(one.name) or "") for one in fields(Indicator) if one.type == "str"
    } | {"level": str(entry.get("level") or "indicator")}
    listed = {
        name: tuple(map(str, entry.get(name) or ())) for name in ("numerator", "denominator", "members")
    }
    words: dict[str, Any] = plain | listed
    return Indicator(
        **words,
        name=_text(entry.get("name")),
        explanation=_text(entry.get("explanation")),
        ethics=EthicalNote(
            _text(note.get("need")),
            _text(note.get("harm")),
            str(note.get("reviewed_by") or ""),
            str(note.get("reviewed_on") or ""),
        ),
        scale=float(entry.get("scale") or 1.0),
        decimals=int(entry.get("decimals") or 0),
        weights=tuple(map(float, entry.get("weights") or ())),
    )


def _text(entry: object) -> Text:
    told = entry if isinstance(entry, dict) else {}
    return Text(*(str(told.get(language) or "") for language in LANGUAGES))


@cache
def part_aliases() -> dict[str, str]:
    """Return what forms and tables call columns, in any language and small letters, to the columns."""
    texts = read_texts("lea_geo.export")
    found = {column: column for column in RESULT_COLUMNS}
    for column in ("area_id", "municipality", *RESULT_COLUMNS):
        if (alias := texts.get(f"alias.{column}")) is not None:
            found |= dict.fromkeys((one.casefold() for one in alias.as_dict().values()), column)
    for method in LOCAL_METHODS:
        for local in LOCAL_RESULTS:
            parts = (texts[f"alias_method.{method}"], texts[f"alias_local.{local}"])
            for language in LANGUAGES:
                alias_of = ": ".join(part.in_language(language) for part in parts)
                found.setdefault(alias_of.casefold(), result_column(method, local))
    return found


@cache
def status_words() -> dict[str, str]:
    """Return the words for what a cell holds, in any language and small letters."""
    texts = shared_texts()
    words = {str(status): str(status) for status in Status}
    for status in Status:
        words |= dict.fromkeys(
            (one.casefold() for one in texts[f"status.{status}"].as_dict().values()), str(status)
        )
    return words
