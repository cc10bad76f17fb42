"""What a catalogue must say, and how it is told what is wrong with it: everything at once."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeGuard

from lea_geo._checks.faults import Faults
from lea_geo.errors import CatalogueError
from lea_geo.schema import DIRECTIONS, DOMAINS, KINDS, LANGUAGES, PERSPECTIVES, PHENOMENA, UNITS, Status

if TYPE_CHECKING:
    from pathlib import Path

ATTRIBUTES = ("area_id", "name_fi", "name_sv", "name_en", "municipality", "year", "variable", "value")
ID_SCHEMES = ("", "postal", "municipality", "grid")
SCALES = {"percent": 100.0, "per_1000_residents": 1000.0}
VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "unit": UNITS,
    "kind": KINDS,
    "direction": DIRECTIONS,
    "domain": DOMAINS,
    "perspective": PERSPECTIVES,
    "phenomenon": PHENOMENA,
}
Shape = Mapping[str, type | tuple[type, ...]]

_NUMBER = (int, float)
_CATALOGUE: Shape = {"name": dict, "source": str, "licence": str, "default_source": str}
_CATALOGUE_MAY: Shape = {"id_scheme": str, "year_note": str}
_SECTIONS: Shape = {"catalogue": dict, "sources": dict, "fields": dict, "indicators": list}
_SECTIONS_MAY: Shape = {"groups": dict, "attributes": dict}
_INDICATOR: Shape = {"code": str, "name": dict, "explanation": dict, "ethics": dict} | dict.fromkeys(
    VOCABULARIES, str
)
_INDICATOR_MAY: Shape = {
    "numerator": list,
    "denominator": list,
    "field": str,
    "scale": _NUMBER,
    "decimals": int,
    "source": str,
    "reference_year": str,
    "licence": str,
}
_MASK: Shape = {"fields": list, "equals": _NUMBER, "status": str}


LARGEST_CATALOGUE = 10_000_000
"""Bytes; the built-in ones are a hundred times smaller."""


def check_toml(path: Path, built_in: Collection[str]) -> dict[str, Any]:
    """Return what a catalogue file holds, or say why it cannot be read."""
    faults = Faults()
    heading = f"The catalogue {path.name} cannot be read:"
    try:
        if path.stat().st_size <= LARGEST_CATALOGUE:
            return tomllib.loads(path.read_text(encoding="utf-8-sig"))
        faults.add(
            f"the file is larger than {LARGEST_CATALOGUE} bytes", cure="A catalogue holds words, no data."
        )
    except RecursionError:
        faults.add("the file is nested too deeply")
    except UnicodeDecodeError:
        faults.add("the file is not in UTF-8", cure="Save it again as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        faults.add(f"the file is no TOML: {error}")
    except (OSError, ValueError):  # the second where a name holds a NUL
        near = get_close_matches(str(path), list(built_in), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        faults.add(
            f"{path} is no file and no built-in catalogue",
            cure=f"Built in are {', '.join(sorted(built_in))}.{hint}",
        )
    faults.raise_if_any(CatalogueError, heading)
    raise AssertionError  # pragma: no cover - raise_if_any has raised


def check_catalogue(raw: Mapping[str, Any], heading: str) -> None:
    """Raise one CatalogueError with everything that is wrong."""
    faults = Faults()
    if _is_sound(raw, faults, "the catalogue", _SECTIONS, _SECTIONS_MAY):
        _check_head(faults, raw)
        for name, entry in raw["sources"].items():
            _check_source(faults, f"sources.{name}", entry, raw["fields"])
        for code, entry in raw["fields"].items():
            _check_field(faults, f"fields.{code}", entry)
        _check_aliases(faults, raw["fields"])
        for name, entry in raw.get("groups", {}).items():
            _check_group(faults, f"groups.{name}", entry, raw["fields"])
        _check_attributes(faults, raw.get("attributes", {}))
        for number, entry in enumerate(raw["indicators"], 1):
            _check_indicator(faults, number, entry, raw["fields"])
        _check_codes(faults, raw["indicators"])
    faults.raise_if_any(CatalogueError, heading)


def _is_sound(
    entry: object, faults: Faults, where: str, must: Shape, may: Shape
) -> TypeGuard[Mapping[str, Any]]:
    """Note unknown, missing and mistyped keys; tell whether the entry can be looked into."""
    if not isinstance(entry, Mapping):
        faults.add(f"{where} is no table of keys and values")
        return False
    known = {**must, **may}
    before = len(faults.found)
    for key in entry:
        if key not in known:
            near = get_close_matches(key, list(known), n=1)
            faults.add(f"unknown key {key!r} in {where}", cure=f"Did you mean {near[0]!r}?" if near else "")
    for key in must:
        if key not in entry:
            faults.add(f"{where} has no {key!r}")
    for key, kind in known.items():
        if key in entry and not _is_a(entry[key], kind):
            faults.add(f"{key!r} in {where} is {entry[key]!r}; it must be {_kind_name(kind)}")
    return all(str(fault).startswith("unknown key") for fault in faults.found[before:])


def _is_a(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _kind_name(kind: type | tuple[type, ...]) -> str:
    if isinstance(kind, tuple):
        return "a number"
    names = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
    return names[kind]


def _check_text(faults: Faults, where: str, text: Mapping[str, Any]) -> None:
    absent = [lang for lang in LANGUAGES if not isinstance(text.get(lang), str) or not text[lang].strip()]
    if absent:
        faults.add(f"{where} lacks {', '.join(absent)}", cure="Every text is in fi, sv and en.")
    for key in text:
        if key not in LANGUAGES:
            faults.add(f"unknown language {key!r} in {where}", cure="The languages are fi, sv and en.")


def _check_word(faults: Faults, where: str, word: str, words: Iterable[str]) -> None:
    words = tuple(words)
    if word not in words:
        near = get_close_matches(word, words, n=1)
        hint = (
            f"Did you mean {near[0]!r}?" if near else f"It must be one of {', '.join(filter(None, words))}."
        )
        faults.add(f"{where} is {word!r}", cure=hint)


def _check_known(faults: Faults, where: str, names: Iterable[Any], fields: Mapping[str, Any]) -> None:
    for name in names:
        if name not in fields:
            near = get_close_matches(str(name), list(fields), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            faults.add(f"unknown field {name!r} in {where}", cure=f"Declare it under [fields].{hint}")


def _check_head(faults: Faults, raw: Mapping[str, Any]) -> None:
    head = raw["catalogue"]
    if not _is_sound(head, faults, "[catalogue]", _CATALOGUE, _CATALOGUE_MAY):
        return
    _check_text(faults, "the name in [catalogue]", head["name"])
    _check_word(faults, "default_source in [catalogue]", head["default_source"], raw["sources"])
    _check_word(faults, "id_scheme in [catalogue]", head.get("id_scheme", ""), ID_SCHEMES)


def _check_source(faults: Faults, where: str, entry: object, fields: Mapping[str, Any]) -> None:
    if not _is_sound(entry, faults, where, {"sentinels": dict}, {"masks": list}):
        return
    statuses = [status.value for status in Status if status != Status.OBSERVED]
    for text, status in entry["sentinels"].items():
        _check_word(faults, f"the sentinel {text!r} in {where}", str(status), statuses)
    for number, mask in enumerate(entry.get("masks", ()), 1):
        place = f"mask {number} of {where}"
        if not _is_sound(mask, faults, place, _MASK, {"when": str, "below": _NUMBER}):
            continue
        _check_word(faults, f"status in {place}", mask["status"], statuses)
        _check_known(faults, place, [*mask["fields"], *([mask["when"]] if "when" in mask else [])], fields)
        if ("when" in mask) != ("below" in mask):
            faults.add(f"{place} has one of 'when' and 'below'", cure="Give both or neither.")


def _check_field(faults: Faults, where: str, entry: object) -> None:
    if not _is_sound(entry, faults, where, {}, {"aliases": list, "signed": bool, "plausible": list}):
        return
    if not all(isinstance(alias, str) for alias in entry.get("aliases", ())):
        faults.add(f"aliases in {where} are not all texts")
    limits = entry.get("plausible", [0, 1])
    if len(limits) != 2 or not all(_is_a(x, _NUMBER) for x in limits) or limits[0] >= limits[1]:
        faults.add(f"plausible in {where} is {limits!r}; it must be [smallest, largest]")


def _check_aliases(faults: Faults, fields: Mapping[str, Any]) -> None:
    names = Counter(
        name.casefold()
        for code, entry in fields.items()
        if isinstance(entry, Mapping) and isinstance(entry.get("aliases", []), list)
        for name in {code, *map(str, entry.get("aliases", ()))}
    )
    doubles = [name for name, count in names.items() if count > 1]
    if doubles:
        faults.add("names that stand for several fields", ids=doubles)


def _check_group(faults: Faults, where: str, entry: object, fields: Mapping[str, Any]) -> None:
    may: Shape = {"fields": list, "measures": list}
    if not _is_sound(entry, faults, where, {"total": str, "minimum": int}, may):
        return
    _check_known(
        faults, where, [entry["total"], *entry.get("fields", ()), *entry.get("measures", ())], fields
    )
    if entry["minimum"] < 1:
        faults.add(f"minimum in {where} is {entry['minimum']}; it must be at least 1")


def _check_attributes(faults: Faults, attributes: Mapping[str, Any]) -> None:
    for name, columns in attributes.items():
        _check_word(faults, "a key in [attributes]", name, ATTRIBUTES)
        if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
            faults.add(f"attributes.{name} must be a list of column names")


def _check_indicator(faults: Faults, number: int, entry: object, fields: Mapping[str, Any]) -> None:
    code = entry.get("code", "") if isinstance(entry, Mapping) else ""
    where = f"indicator {code!r}" if code else f"indicator number {number}"
    if not _is_sound(entry, faults, where, _INDICATOR, _INDICATOR_MAY):
        return
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,49}", code):
        faults.add(f"{where}: a code is made of a-z, 0-9 and _, and starts with a letter")
    for key, words in VOCABULARIES.items():
        _check_word(faults, f"{key} of {where}", entry[key], words)
    _check_text(faults, f"the name of {where}", entry["name"])
    _check_text(faults, f"the explanation of {where}", entry["explanation"])
    _check_ethics(faults, where, entry["ethics"])
    _check_formula(faults, where, entry, fields)


def _check_ethics(faults: Faults, where: str, entry: object) -> None:
    may: Shape = {"reviewed_by": str, "reviewed_on": str}
    place = f"ethics of {where}"
    if not _is_sound(entry, faults, place, {"need": dict, "harm": dict}, may):
        return
    _check_text(faults, f"need in the {place}", entry["need"])
    _check_text(faults, f"harm in the {place}", entry["harm"])
    when = entry.get("reviewed_on", "")
    try:
        date.fromisoformat(when or "2020-01-01")
    except ValueError:
        faults.add(f"reviewed_on in the {place} is {when!r}", cure="Write a date as 2026-01-31.")
    if bool(when) != bool(entry.get("reviewed_by", "")):
        faults.add(f"the {place} have one of reviewed_by and reviewed_on", cure="Give both or neither.")


def _check_formula(faults: Faults, where: str, entry: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    numerator, denominator = entry.get("numerator", ()), entry.get("denominator", ())
    if bool(numerator) != bool(denominator) or bool(numerator) == bool(entry.get("field", "")):
        faults.add(f"{where} has no single formula", cure="Give numerator and denominator, or one field.")
    single = [entry["field"]] if entry.get("field") else []
    _check_known(faults, where, [*numerator, *denominator, *single], fields)
    scale = SCALES.get(entry["unit"])
    if denominator and scale is not None and entry.get("scale", 1.0) != scale:
        faults.add(f"scale of {where} is {entry.get('scale', 1.0)}; a rate in {entry['unit']} has {scale:g}")
    if denominator and entry["kind"] == "extensive":
        faults.add(f"{where} is a rate, and a rate does not add up", cure='Its kind is "intensive".')


def _check_codes(faults: Faults, entries: Iterable[Any]) -> None:
    codes = Counter(entry["code"] for entry in entries if isinstance(entry, Mapping) and "code" in entry)
    if not codes:
        faults.add("the catalogue has no indicators")
    doubles = [str(code) for code, count in codes.items() if count > 1]
    if doubles:
        faults.add("duplicate indicator codes", ids=doubles)
