"""JSON of any shape: tables, values by area, histograms, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.numbers import as_column
from lea_geo.disclosure.attack.reading.packed import column_length, unpack_numbers, unpack_words
from lea_geo.disclosure.attack.reading.sentences import read_sentences
from lea_geo.disclosure.attack.reading.tables import Where, read_table
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo.disclosure.attack.reading.gathered import Gathered
    from lea_geo.disclosure.attack.reading.known import Known

MOST_BYTES = 256 * 2**20
_MANIFEST = "manifest.json"
_OF_FILES = {"sha256", "bytes"}
"""What a manifest says of files."""
_VERSION = re.compile(r"\d+(\.\w+)+")
_BAR = (
    {"lower", "upper", "count"},
    {"min", "max", "count"},
    {"from", "to", "count"},
    {"low", "high", "count"},
)
_EDGES, _COUNTS = ("edges", "breaks", "bins", "bin_edges"), ("counts", "count", "frequencies", "bars")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}|[0-9a-f]{32,}")


def read_json(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a JSON file.

    Raises
    ------
    ValueError
        It is no JSON, or too large.
    """
    tree = load_json(path)
    if file == _MANIFEST:
        tree = _without_hashes(tree)
    read_tree(tree, file, known, gathered, About(), [])


def _without_hashes(tree: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return a manifest without the hashes and sizes of files and the versions of programs."""
    if isinstance(tree, dict):
        kept = {key: value for key, value in tree.items() if key not in _OF_FILES}
        return {key: _without_hashes(value) for key, value in kept.items()}
    if isinstance(tree, list):
        return [_without_hashes(one) for one in tree]
    return None if isinstance(tree, str) and _VERSION.fullmatch(tree) else tree


def load_json(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return what a JSON file holds."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES >> 20} MiB of JSON")
    return json.loads(path.read_text("utf-8-sig"))


def learn_manifest(path: Path, file: str, known: Known, gathered: Gathered) -> None:  # noqa: ARG001 - as all readers
    """Learn what the manifest says of years and kinds of areas."""
    found = load_json(path)
    if isinstance(found, dict):
        known.manifest = found
        for name, told in (found.get("others") or {}).items():
            known.learn_sheet(str(name), str(told.get("level") or ""), str(told.get("year") or ""))


def read_tree(
    tree: object, place: str, known: Known, gathered: Gathered, about: About, ids: list[str]
) -> None:
    """Note every number of JSON, tied to areas where it is so in any way.

    Parameters
    ----------
    tree
        What ``json`` reads.
    place
        Where it stands.
    known
        What areas and indicators are called.
    gathered
        Takes the numbers.
    about
        What the place is about.
    ids
        The areas that a list of as many numbers goes along; empty where there are none.
    """
    if isinstance(tree, Mapping):
        _read_mapping(tree, place, known, gathered, about, ids)
    elif isinstance(tree, list):
        _read_list(tree, place, known, gathered, about, ids)
    elif isinstance(tree, bool) or tree is None:
        return
    elif isinstance(tree, int | float) and np.isfinite(tree):
        gathered.add_loose(_kind(place), (float(tree), float(tree)), place, about)
    elif isinstance(tree, str) and _BASE64.fullmatch(tree):
        if len(tree) != 64:  # Of a file's hash.
            gathered.leave(place.split(": ", 1)[0], f"{place}: it holds packed bytes")
    elif isinstance(tree, str):
        read_sentences(tree, place, known, gathered, about)


def _kind(place: str) -> str:
    """Return what a lone number is, by the names that lead to it."""
    last = place.rsplit(", ", 1)[-1].lower()
    if "legend" in place.lower() and last in ("min", "minimum", "max", "maximum", "low", "high"):
        return "legend_minimum" if last in ("min", "minimum", "low") else "legend_maximum"
    return "setting"


def _read_mapping(
    tree: Mapping[str, Any], place: str, known: Known, gathered: Gathered, about: About, ids: list[str]
) -> None:
    if tree.get("type") in ("number", "word") and "data" in tree:
        _read_packed(tree, place, known, gathered, about, ids)
        return
    if set(tree) in _BAR and all(isinstance(one, int | float) for one in tree.values()):
        lower, upper, count = (float(tree[key]) for key in _in_order(tree))
        gathered.add_loose("histogram_bar", (lower, upper), place, about, count=count)
        return
    if tree.get("type") == "FeatureCollection" and isinstance(tree.get("features"), list):
        rows = [{"id": one.get("id"), **(one.get("properties") or {})} for one in tree["features"]]
        _read_rows(rows, place, known, gathered, about)
        return
    if _read_bars(tree, place, gathered, about) or _read_by_area(tree, place, known, gathered, about):
        return
    lists = {key: value for key, value in tree.items() if isinstance(value, list)}
    if AREA_ID in lists and len({len(value) for value in lists.values()}) == 1:
        _read_columns(lists, place, known, gathered, about)
        tree = {key: value for key, value in tree.items() if key not in lists}
    for key, value in tree.items():
        read_tree(value, _deeper(place, key), known, gathered, about, ids)


def _deeper(place: str, key: str) -> str:
    return f"{place}, {key}" if ": " in place else f"{place}: {key}"


def _in_order(tree: Mapping[str, Any]) -> list[str]:
    """Return the keys of a bar: its lower end, its upper end and its count."""
    ends = sorted((key for key in tree if key != "count"), key=lambda key: float(tree[key]))
    return [*ends, "count"]


def _read_bars(tree: Mapping[str, Any], place: str, gathered: Gathered, about: About) -> bool:
    """Note a histogram that is stated by its edges and counts."""
    edges = next((tree[key] for key in _EDGES if isinstance(tree.get(key), list)), None)
    counts = next((tree[key] for key in _COUNTS if isinstance(tree.get(key), list)), None)
    if edges is None or counts is None or len(edges) != len(counts) + 1:
        return False
    for lower, upper, count in zip(edges, edges[1:], counts, strict=False):
        bounds = (float(lower), float(upper))
        gathered.add_loose("histogram_bar", bounds, place, about, count=float(count))
    return True


def _read_by_area(
    tree: Mapping[str, Any], place: str, known: Known, gathered: Gathered, about: About
) -> bool:
    """Note values that are listed by the ids of their areas."""
    if not tree or known.sheet_with(tree.keys()) is None:
        return False
    rows = [
        {AREA_ID: key, **value} if isinstance(value, Mapping) else {AREA_ID: key, "": value}
        for key, value in tree.items()
    ]
    _read_rows(rows, place, known, gathered, about)
    return True


def _read_list(
    tree: list[Any], place: str, known: Known, gathered: Gathered, about: About, ids: list[str]
) -> None:
    plain = all(one is None or isinstance(one, int | float) for one in tree)
    if ids and len(tree) == len(ids) and plain:
        rows = [{AREA_ID: area, "": value} for area, value in zip(ids, tree, strict=True)]
        _read_rows(rows, place, known, gathered, about)
    elif tree and all(isinstance(one, Mapping) for one in tree) and not any(set(one) in _BAR for one in tree):
        shared = set.intersection(*(set(one) for one in tree))
        if any(known.sheet_with([str(one[key]) for one in tree]) for key in shared):
            _read_rows(tree, place, known, gathered, about)
            return
        for one in tree:
            read_tree(one, place, known, gathered, about, ids)
    else:
        for one in tree:
            read_tree(one, place, known, gathered, about, ids)


def _read_rows(rows: list[Any], place: str, known: Known, gathered: Gathered, about: About) -> None:
    """Note records as a table."""
    names = list(dict.fromkeys(key for one in rows for key in one))
    _read_columns({name: [one.get(name) for one in rows] for name in names}, place, known, gathered, about)


def _read_columns(
    columns: Mapping[str, list[Any]], place: str, known: Known, gathered: Gathered, about: About
) -> None:
    file, _, inside = place.partition(": ")
    told = {
        name or inside.rsplit(", ", 1)[-1] or "value": as_column(values) for name, values in columns.items()
    }
    sheet = about.sheet if any(about.sheet) else None
    read_table(told, Where(file, inside, sheet=sheet, variable=about.variable), known, gathered)


def _read_packed(
    tree: Mapping[str, Any], place: str, known: Known, gathered: Gathered, about: About, ids: list[str]
) -> None:
    """Note a column that is packed as the map's page packs its own."""
    n = column_length(tree)
    if tree["type"] == "word":
        found: list[Any] = unpack_words(tree, n).tolist()
    else:
        found = (unpack_numbers(tree, n) / 10.0 ** int(tree["decimals"])).tolist()
        found = [None if one != one else one for one in found]  # noqa: PLR0124 - NaN
    read_tree(found, place, known, gathered, about, ids if len(ids) == n else [])
