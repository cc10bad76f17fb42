"""PxWeb: tables of statistics, in as many calls as the service's limit on cells asks for.

The metadata come first: they say what the table has. Every answer (JSON-stat 2) is then held against what was
asked, cell by cell, before it is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks import statistics as check
from lea_geo.errors import SourceError
from lea_geo.schema import LANGUAGES
from lea_geo.sources import _json_stat
from lea_geo.sources.answers import BadAnswer, complete_json
from lea_geo.sources.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.client import Client
    from lea_geo.sources.registry import Source

AREA_NAMES = ("postinumeroalue", "postal code area", "postnummerområde")
FIELD_NAMES = ("tiedot", "information", "uppgifter")
YEAR_NAMES = ("vuosi", "year", "år")
_LABEL = re.compile(r"(?P<name>.*\S)\s+\((?P<place>[^()]+)\)")
_YEAR = re.compile(r"(?P<year>\d{4})\*?")


@dataclass(frozen=True)
class _Variable:
    """One variable of a table: its values and their labels, in the table's order."""

    code: str
    values: tuple[str, ...]
    labels: tuple[str, ...]

    def pick(self, asked: Sequence[object] | None) -> tuple[tuple[str, ...], list[str]]:
        """Return the values meant, in the table's order, and what is none of them; a label names one too."""
        if asked is None:
            return self.values, []
        by_name = {label.casefold(): value for value, label in zip(self.values, self.labels, strict=True)}
        by_name |= {value.casefold(): value for value in self.values}
        found = {str(name): by_name.get(str(name).strip().casefold()) for name in asked}
        meant = set(found.values())
        return tuple(v for v in self.values if v in meant), [n for n, v in found.items() if v is None]


@dataclass(frozen=True)
class _Shape:
    """A table by area, field and year."""

    title: str
    area: _Variable
    field: _Variable
    year: _Variable


def download_table(
    client: Client,
    source: Source,
    table: str,
    *,
    areas: Sequence[str] | None = None,
    years: Sequence[int | str] | None = None,
    language: str = "fi",
    fields: Sequence[str] | None = None,
) -> Table:
    """Fetch a table, or a part of it.

    Parameters
    ----------
    client
        Who asks.
    source
        A PxWeb service of the registry.
    table
        The table's file (``paavo_pxt_12f7.px``), or what the registry calls it (``all``).
    areas
        Codes of areas; left out, all.
    years
        Left out, all that there are.
    language
        ``fi``, ``sv`` or ``en``: of the labels.
    fields
        Codes (``he_vakiy``) or labels in ``language``; left out, all.

    Returns
    -------
    Table
        ``area name municipality field label year value``, in the table's order.

    Raises
    ------
    SourceError
        The service has no such table, areas, fields or years (all of them are named, with what there is), or
        it cannot be fetched from.
    UsageError
        There is no such language.
    """
    check_choice("language", language, LANGUAGES)
    folder = source.address.format(language=language)
    name = source.layers.get(table, table)
    url = f"{folder.rstrip('/')}/{name}"
    described = _describe(client, source, folder, name)
    shape = _shape(source, name, described.content)
    chosen = _choose(source, name, shape, areas, fields, years)
    parts = [(part, _ask(client, source, url, shape, part)) for part in _parts(chosen, source.limits.cells)]
    frame = pd.concat([_frame(shape, part, got.content) for part, got in parts], ignore_index=True)
    frame = frame.sort_values("order", kind="stable").drop(columns="order").reset_index(drop=True)
    fetched = (described, *(got for _, got in parts))
    return Table(frame, fetched, tuple(_notes(shape, frame, len(parts))))


def _describe(client: Client, source: Source, folder: str, name: str) -> Fetched:
    """Return the table's metadata; where there are none, say which tables there are."""
    try:
        return client.get(source, f"{folder.rstrip('/')}/{name}", check=_check_metadata)
    except SourceError:
        there = _tables(client, source, folder)
        if not there or name in there:
            raise
        raise check.refuse_table(source.name, name, there) from None


def _tables(client: Client, source: Source, folder: str) -> Mapping[str, str]:
    try:
        held = complete_json(client.get(source, folder.rstrip("/")).content)
    except SourceError:
        return {}
    entries = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    return {str(one["id"]): str(one.get("text", "")) for one in entries if one.get("type") == "t"}


def _check_metadata(content: bytes, _: str) -> None:
    held = complete_json(content)
    variables = held.get("variables") if isinstance(held, dict) else None
    if not isinstance(variables, list) or not all(map(_is_variable, variables)):
        raise BadAnswer("it is no description of a PxWeb table")


def _is_variable(one: object) -> bool:
    if not isinstance(one, dict) or not {"code", "text", "values", "valueTexts"} <= one.keys():
        return False
    return len(one["values"]) == len(one["valueTexts"]) == len(set(one["values"]))


def _shape(source: Source, name: str, content: bytes) -> _Shape:
    """Return which variable is which, whatever they are called in this language."""
    held = complete_json(content)
    left = list(held["variables"])
    year = _take(left, YEAR_NAMES, by_time=True)
    field = _take(left, FIELD_NAMES)
    area = _take(left, (*AREA_NAMES, *(one.casefold() for one in source.area_id)))
    if area is None and len(left) == 1:
        area = left.pop()
    if area is None or field is None or year is None:
        there = [one["text"] for one in held["variables"]]
        raise check.refuse_variables(
            source.name, name, "no areas, fields or years among its variables", there
        )
    if more := [one["text"] for one in left if not one.get("elimination")]:
        raise check.refuse_variables(source.name, name, "variables that must be chosen from", more)
    return _Shape(str(held.get("title", name)), *map(_variable, (area, field, year)))


def _take(
    left: list[dict[str, Any]], names: Sequence[str], *, by_time: bool = False
) -> dict[str, Any] | None:
    """Take out the variable that has one of the names, or that is said to be time."""
    for one in left:
        if (by_time and one.get("time")) or {one["code"].casefold(), one["text"].casefold()} & set(names):
            left.remove(one)
            return one
    return None


def _variable(one: Mapping[str, Any]) -> _Variable:
    return _Variable(str(one["code"]), tuple(map(str, one["values"])), tuple(map(str, one["valueTexts"])))


def _choose(
    source: Source,
    name: str,
    shape: _Shape,
    areas: Sequence[str] | None,
    fields: Sequence[str] | None,
    years: Sequence[int | str] | None,
) -> _json_stat.Asked:
    faults = check.Choices(source.name, name)
    asked = {"areas": (shape.area, areas), "fields": (shape.field, fields), "years": (_years(shape), years)}
    found = {}
    for kind, (variable, wanted) in asked.items():
        found[kind], absent = variable.pick(wanted)
        there = variable.labels if kind == "years" else variable.values
        faults.check(kind, list(map(str, wanted if wanted is not None else there)), absent, there)
    faults.raise_if_any()
    codes = (shape.area.code, shape.field.code, shape.year.code)
    return _json_stat.Asked(codes, (found["areas"], found["fields"], found["years"]))


def _years(shape: _Shape) -> _Variable:
    """Return the years with labels of four digits: preliminary ones have an asterisk."""
    return _Variable(shape.year.code, shape.year.values, tuple(_four_digits(shape.year)))


def _four_digits(year: _Variable) -> Iterator[str]:
    for value, label in zip(year.values, year.labels, strict=True):
        found = _YEAR.fullmatch(value) or _YEAR.fullmatch(label.strip())
        yield found["year"] if found else label


def _parts(asked: _json_stat.Asked, limit: int | None) -> Iterator[_json_stat.Asked]:
    """Cut a question into as few as the limit allows: all fields and years of a block of areas."""
    areas, fields, years = asked.values
    most = limit or len(areas) * len(fields) * len(years)
    by_field = min(len(fields), most)
    by_year = max(1, min(len(years), most // by_field))
    by_area = max(1, min(len(areas), most // (by_field * by_year)))
    steps = (by_area, by_field, by_year)
    blocks = [
        [values[start : start + step] for start in range(0, len(values), step)]
        for values, step in zip(asked.values, steps, strict=True)
    ]
    for block in product(*blocks):
        yield _json_stat.Asked(asked.codes, (block[0], block[1], block[2]))


def _ask(client: Client, source: Source, url: str, shape: _Shape, part: _json_stat.Asked) -> Fetched:
    whole = (shape.area, shape.field, shape.year)
    query = [
        {"code": code, "selection": _selection(values, variable)}
        for code, values, variable in zip(part.codes, part.values, whole, strict=True)
    ]
    body = {"query": query, "response": {"format": "json-stat2"}}
    return client.get(source, url, json=body, check=lambda content, _: _read(content, part))


def _read(content: bytes, part: _json_stat.Asked) -> None:
    _json_stat.read(content, part)


def _selection(values: tuple[str, ...], variable: _Variable) -> dict[str, Any]:
    if values == variable.values:
        return {"filter": "all", "values": ["*"]}
    return {"filter": "item", "values": list(values)}


def _frame(shape: _Shape, part: _json_stat.Asked, content: bytes) -> pd.DataFrame:
    """Return the cells of one answer as rows, with their place in the whole table."""
    variables = (shape.area, shape.field, _years(shape))
    cells = _json_stat.read(content, part)
    places = [
        pd.Index(variable.values).get_indexer(pd.Index(values))
        for variable, values in zip(variables, part.values, strict=True)
    ]
    a, f, y = (axis.ravel() for axis in np.meshgrid(*places, indexing="ij"))
    split = [_split(*pair) for pair in zip(shape.area.values, shape.area.labels, strict=True)]
    names, towns = (np.array(texts, dtype=object) for texts in zip(*split, strict=True))
    order = (a * len(shape.field.values) + f) * len(shape.year.values) + y
    columns = {
        "area": np.array(shape.area.values, dtype=object)[a],
        "name": names[a],
        "municipality": towns[a],
        "field": np.array(shape.field.values, dtype=object)[f],
        "label": np.array(shape.field.labels, dtype=object)[f],
        "year": np.array(variables[2].labels, dtype=object)[y],
        "value": cells.ravel(),
    }
    return pd.DataFrame(columns, dtype=str).assign(order=order)


def _split(code: str, label: str) -> tuple[str, str]:
    """Split ``00100  Name (Municipality)`` into name and municipality.

    >>> _split("65100", "65100  Vaasa keskus (Vaasa)")
    ('Vaasa keskus', 'Vaasa')
    >>> _split("00100", "00100 Helsinki Keskusta - Etu-Töölö (Helsinki )")
    ('Helsinki Keskusta - Etu-Töölö', 'Helsinki')
    >>> _split("SSS", "KOKO MAA")
    ('KOKO MAA', '')
    """
    name = label.removeprefix(code).strip()
    found = _LABEL.fullmatch(name)
    return (found["name"], found["place"].strip()) if found else (name, "")


def _notes(shape: _Shape, frame: pd.DataFrame, calls: int) -> Iterator[str]:
    yield f'"{shape.title}": {len(frame)} cells in {calls} calls.'
    words = frame["value"][~frame["value"].str.contains(r"\d")]
    for word, count in words.value_counts().items():
        yield f"{count} cells hold {str(word)!r} and no number."
    early = [label for label in shape.year.labels if label.strip().endswith("*")]
    if any(label.strip().rstrip("*") in set(frame["year"]) for label in early):
        yield f"Preliminary: {', '.join(early)}."
