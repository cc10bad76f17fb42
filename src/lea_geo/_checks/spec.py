"""What a study file may say, and how it is told that it says something else."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from lea_geo._checks.faults import Faults
from lea_geo.errors import SpecError, UsageError
from lea_geo.schema import LANGUAGES, Text

T = TypeVar("T")

LARGEST_STUDY_FILE = 1_000_000
"""Bytes; a study that a person wrote is a thousand times smaller."""


class Keys:
    """One table of a study file, read key by key; what is wrong goes to ``faults`` and reading goes on.

    Parameters
    ----------
    table
        What the file holds there.
    where
        How the file names the place: ``"[spatial]"``.
    faults
        Where faults are collected.
    base
        The folder that file names are relative to.
    under
        What the names of the tables in this one begin with: ``"also."`` in ``[[also]]``.
    """

    def __init__(self, table: object, where: str, faults: Faults, base: Path, under: str = "") -> None:
        self.where, self.faults, self.base, self.under = where, faults, base, under
        self.known: list[str] = []
        self.table: Mapping[str, Any] = {}
        if isinstance(table, Mapping):
            self.table = table
        elif table is not None:
            faults.add(f"{where} is {_kind(table)}", cure=f"Write a table that begins with the line {where}.")

    def within(self, key: str, *, required: bool = False) -> Keys:
        """Return the table under ``key``, to be read in its turn."""
        value = self._value(key, required=required)
        # Of a table that is not there it is enough to say so once.
        faults = Faults() if required and value is None else self.faults
        return Keys(value, f"[{self.under}{key}]{self._which()}", faults, self.base, f"{self.under}{key}.")

    def each(self, key: str, *, required: bool = True) -> list[Keys]:
        """Return the tables under ``[[key]]``; where they are required, there must be one at least."""
        value = self._value(key, required=required)
        if value is None:
            return []
        name = f"[[{self.under}{key}]]"
        if not isinstance(value, list) or not value:
            return self._refuse(key, value, f"written as tables that each begin with {name}", [])
        where = [f"{name} {i}" if len(value) > 1 else name for i in range(1, len(value) + 1)]
        return [
            Keys(v, f"{w}{self._which()}", self.faults, self.base, f"{self.under}{key}.")
            for v, w in zip(value, where, strict=True)
        ]

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Return the text under ``key``."""
        value = self._value(key, required=required)
        if value is None:
            return default
        if not isinstance(value, str) or "\0" in value or (required and not value.strip()):
            return self._refuse(key, value, "a text in quotes", default)
        return value

    def choice(self, key: str, default: str, choices: Collection[str]) -> str:
        """Return the word under ``key``, one of ``choices``."""
        value = self._value(key)
        if value is None or value in choices:
            return default if value is None else str(value)
        near = get_close_matches(str(value), sorted(choices), n=1)
        hint = f'Did you mean "{near[0]}"?' if near else ""
        return self._refuse(key, value, f"one of {', '.join(sorted(filter(None, choices)))}", default, hint)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return the true or false under ``key``."""
        value = self._value(key)
        return value if isinstance(value, bool) else self._refuse(key, value, "true or false", default)

    def count(self, key: str, default: T, *, least: int = 1, most: float = math.inf) -> int | T:
        """Return the whole number under ``key``."""
        value = self._value(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
            return self._refuse(key, value, f"a whole number {bounds}", default)
        return value

    def number(
        self, key: str, default: T, *, above: float = 0, below: float = math.inf, least: bool = False
    ) -> float | T:
        """Return the number under ``key``, between ``above`` (or at it, where ``least``) and ``below``."""
        value = self._value(key)
        if value is None:
            return default
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        if above < number < below or (least and number == above):
            return float(number)
        bounds = f" of at least {above:g}" if least else f" above {above:g}" if above > -math.inf else ""
        bounds += "" if below == math.inf else f" and below {below:g}"
        return self._refuse(key, value, f"a number{bounds}", default)

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return the list of numbers under ``key``; left out, an empty one."""
        value = self._value(key)
        if value is None:
            return ()
        given = value if isinstance(value, list) else []
        numbers = [float(v) for v in given if isinstance(v, int | float) and math.isfinite(v)]
        if not numbers or len(numbers) < len(given):
            return self._refuse(key, value, "a list of numbers like [20, 40.5]", ())
        return tuple(numbers)

    def method(self, key: str) -> Keys | None:
        """Return the method under ``key`` as a table: by its name alone, or with what else it takes."""
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, str):
            value = {"method": value}
        if not isinstance(value, Mapping):
            return self._refuse(key, value, 'a method like "…" or { method = "…" }', None)
        return Keys(value, f"{self.where} {key}", self.faults, self.base)

    def methods(self, key: str) -> list[Keys] | None:
        """Return a list of methods under ``key``, each as :meth:`method` has it; left out, None."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str | Mapping) for one in value):
            return self._refuse(key, value, 'a list of methods like ["…", { method = "…" }]', None)
        tables = [{"method": one} if isinstance(one, str) else one for one in value]
        where = [f"{self.where} {key} {i}" for i in range(1, len(tables) + 1)]
        return [Keys(one, w, self.faults, self.base) for one, w in zip(tables, where, strict=True)]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts under ``key``; left out, an empty one."""
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
            return self._refuse(key, value, 'a list of texts like ["905", "399"]', ())
        repeated = sorted({v for v in value if value.count(v) > 1})
        if repeated:
            self.faults.add(f"{self.where} {key} names something twice", ids=repeated, cure="Name each once.")
        return tuple(value)

    def languages(self, key: str, *, required: bool = False) -> Text | None:
        """Return the text in three languages under ``key``."""
        value = self._value(key, required=required)
        if value is None:
            return None
        example = '{ fi = "…", sv = "…", en = "…" }'
        if not isinstance(value, Mapping):
            return self._refuse(key, value, example, None)
        keys = Keys(value, f"{self.where} {key}", self.faults, self.base)
        words = {language: keys.text(language, required=True) for language in LANGUAGES}
        keys.done()
        return Text(**words)

    def file(self, key: str, *, required: bool = False) -> str:
        """Return the file name under ``key``, relative to the base folder; the file must exist."""
        name = self.text(key, required=required)
        if name and (Path(name).is_absolute() or "\\" in name):
            cure = "Write it with forward slashes, relative to the study file or to its data folder."
            self.faults.add(f"{self.where} {key} is {name!r}, which only this machine understands", cure=cure)
        elif name and self.base.is_dir() and not (self.base / name).is_file():
            cure = f"It was looked for in {self.base}. Paths are relative to the study file, or to --data."
            self.faults.add(f"{self.where} {key} is {name!r}, and there is no such file", cure=cure)
        return name

    def done(self) -> None:
        """Report the keys that nobody asked for, each with the nearest known one."""
        for key in self.table:
            if key not in self.known:
                near = get_close_matches(str(key), self.known, n=1)
                cure = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(self.known)}."
                self.faults.add(f"{self.where} has an unknown key {str(key)!r}", cure=cure)

    def _which(self) -> str:
        """Return which of several tables of one name this is, for the names of what stands in it."""
        return f" of {self.where}" if self.where.endswith(tuple("0123456789")) else ""

    def _value(self, key: str, *, required: bool = False) -> object:
        self.known.append(key)
        if required and key not in self.table:
            self.faults.add(f"{self.where} lacks {key!r}", cure="It must be there.")
        return self.table.get(key)

    def _refuse(self, key: str, value: object, wanted: str, default: T, hint: str = "") -> T:
        if value is not None:
            self.faults.add(f"{self.where} {key} is {_kind(value)}; it must be {wanted}", cure=hint)
        return default


def _kind(value: object) -> str:
    """Return how a message names a value: itself where it is short, its TOML type where it is not."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list) and len(repr(value)) > 40:
        return "a list"
    return repr(value)[:80]


def check_study_path(path: object) -> Path:
    """Return a path that can name a study file."""
    if not isinstance(path, str | PathLike) or "\0" in str(path) or not str(path):
        raise UsageError(f"{path!r} is no study: give the path of a study file that ends in .toml.")
    return Path(path)


def read_study_text(path: Path) -> str:
    """Return the text of a study file, or say why there is none."""
    if not path.exists():
        near = sorted(p.name for p in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        hint = f" The .toml files there: {', '.join(near[:5])}." if near else ""
        raise UsageError(f"There is no study file {path}.{hint}")
    if not path.is_file():
        raise UsageError(f"{path} is no file; give the path of a study file that ends in .toml.")
    faults = Faults()
    raw = path.read_bytes() if path.stat().st_size <= LARGEST_STUDY_FILE else b""
    if path.stat().st_size > LARGEST_STUDY_FILE:
        faults.add("the file is larger than 1 MB", cure="A study file holds settings; name data files in it.")
    text = ""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.add("the file is not UTF-8 text", cure="Save it as UTF-8.")
    faults.raise_if_any(SpecError, f"The study file {path.name} cannot be used:")
    return text


def refuse_syntax(path: Path, error: Exception) -> SpecError:
    """Return the error for a file that is no TOML."""
    faults = Faults()
    cure = "See toml.io for the few rules; texts stand in quotes, tables begin with [name]."
    what = "nested too deeply" if isinstance(error, RecursionError) else str(error).rstrip(".")
    faults.add(f"not valid TOML: {what}", cure=cure)
    return SpecError(f"The study file {path.name} cannot be used:", faults.found)


def check_folder(folder: Path, faults: Faults) -> Path:
    """Return the data folder; note where there is none."""
    if not folder.is_dir():
        cure = "Name a folder with --data, or as data in [study], relative to the study file."
        faults.add(f"the data folder {folder} does not exist", cure=cure)
    return folder


def check_catalogue(keys: Keys, name: str, built_in: Collection[str], folder: Path) -> str:
    """Return the catalogue's name; note one that is neither built in nor a file of the study's folder."""
    if name not in built_in and (Path(name).is_absolute() or not (folder / name).is_file()):
        cure = f"Write {' or '.join(repr(b) for b in built_in)}, or a file's path relative to the study file."
        keys.faults.add(f"{keys.where} catalogue is {name!r}, and there is no such catalogue", cure=cure)
    return name


def check_municipality_codes(keys: Keys, codes: Collection[str]) -> None:
    """Note codes that are not three digits, and a study that names its region twice."""
    if codes and "region" in keys.table:
        keys.faults.add("[study] has both region and municipalities", cure="Keep one of them.")
    bad = [code for code in codes if not (len(code) == 3 and code.isascii() and code.isdigit())]
    if bad:
        cure = 'A municipality code is three digits in quotes: "092".'
        keys.faults.add("[study] municipalities holds what is no municipality code", ids=bad, cure=cure)


def check_together(keys: Keys, first: str, second: str) -> None:
    """Note one of two keys that make sense only together."""
    if (first in keys.table) != (second in keys.table):
        there, lacks = (first, second) if first in keys.table else (second, first)
        keys.faults.add(f"{keys.where} has {there!r} and lacks {lacks!r}", cure="They are read together.")


def check_needs(keys: Keys, key: str, needed: str) -> None:
    """Note a key that says nothing without another."""
    if key in keys.table and needed not in keys.table:
        keys.faults.add(f"{keys.where} has {key!r} and lacks {needed!r}", cure="It is about that.")


NEEDED_BY_GRAPH = {"knn": ("k",), "distance_band": ("threshold",), "kernel": ("bandwidth", "k")}
"""The options of which a kind of graph needs exactly one."""

TAKEN_BY_GRAPH = {
    "k": ("knn", "kernel"),
    "threshold": ("distance_band",),
    "bandwidth": ("kernel",),
    "tolerance": ("queen", "rook"),
}
"""The kinds of graph that an option changes; elsewhere it would be read and change nothing."""


def given_options(keys: Keys, plain: object) -> set[str]:
    """Return the options of graphs that a table states, or takes over from ``plain``."""
    names = (*TAKEN_BY_GRAPH, "water_distance")
    return {name for name in names if name in keys.table or getattr(plain, name) is not None}


def check_graph_options(keys: Keys, graph: str, islands: str, given: Collection[str]) -> None:
    """Note options that the graph needs and lacks, or has and cannot use."""
    needed = NEEDED_BY_GRAPH.get(graph, ())
    if needed and sum(option in given for option in needed) != 1:
        wanted = " or ".join(needed)
        keys.faults.add(f'{keys.where} graph = "{graph}" needs {wanted}', cure="Say it once.")
    for option, kinds in TAKEN_BY_GRAPH.items():
        if option in given and graph not in kinds:
            cure = f"It belongs to {' and '.join(kinds)}; leave it out."
            keys.faults.add(f'{keys.where} {option} means nothing to graph = "{graph}"', cure=cure)
    if ("water_distance" in given) != (islands == "components"):
        what = f'{keys.where} islands = "components" and water_distance, in metres, belong together'
        keys.faults.add(what, cure="Write both or neither.")


def check_rates(
    keys: Keys, method: str, *, summed: Collection[str], cv: tuple[float | None, float | None]
) -> None:
    """Note options of rates that change nothing or contradict each other.

    ``summed`` are the options that add counts up until there are enough, where nothing says how many are.
    """
    caution, limit = cv
    if "parent" in keys.table and method != "parent":
        cure = 'Write method = "parent", or leave it out.'
        keys.faults.add(f'{keys.where} parent means nothing to method = "{method}"', cure=cure)
    if caution and limit and caution > limit:
        what = f"{keys.where} cautious_cv is {caution:g} and largest_cv is {limit:g}"
        keys.faults.add(what, cure="Caution begins before a rate is unreliable.")
    if summed:
        what = f"{keys.where} does not say how many are enough for {' and '.join(summed)}"
        keys.faults.add(what, cure="Write minimum_denominator or minimum_numerator.")
