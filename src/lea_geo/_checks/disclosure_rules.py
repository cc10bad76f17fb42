"""Rule profiles and ``[disclosure]``: what they may say, and how one is told that they say something else."""

from __future__ import annotations

import tomllib
from datetime import date
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import LARGEST_STUDY_FILE
from lea_geo.errors import SpecError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lea_geo._checks.spec import Keys


OUTPUT_NAMES = (
    "grids",
    "index",
    "manifest.json",
    "map.html",
    "parquet",
    "report.html",
    "study.gpkg",
    "tables",
)
"""What stands in an output beside the pack."""


def profile_heading(name: str) -> str:
    """Return the first line of what is wrong with a profile."""
    return f"The rule profile {name} cannot be used:"


def read_profile_text(given: object, built_in: Collection[str]) -> Mapping[str, Any]:
    """Return what a profile's file says, or say why there is none."""
    if not isinstance(given, str | PathLike) or not str(given) or "\0" in str(given):
        raise UsageError(f"{given!r} is no rule profile: give a name ({', '.join(built_in)}) or a TOML file.")
    path = Path(given)
    if not path.is_file():
        near = get_close_matches(str(given), list(built_in), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"The package has {', '.join(built_in)}."
        raise UsageError(f"There is no rule profile {str(given)!r}, by name or as a file. {hint}")
    faults = Faults()
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST_STUDY_FILE else b""
        said = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        faults.add(f"not valid TOML: {str(error).rstrip('.')}", cure="See toml.io for the few rules.")
        said = {}
    faults.raise_if_any(SpecError, profile_heading(path.name))
    return said


def check_date(keys: Keys, key: str, *, required: bool = False) -> str:
    """Return the ISO date under ``key``; TOML's own dates are welcome."""
    given = keys.table.get(key)
    if isinstance(given, date):
        keys.known.append(key)
        return given.isoformat()[:10]
    text = keys.text(key, required=required)
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        keys.faults.add(f"{keys.where} {key} is {text!r}; it must be a date like 2026-01-31")
        return ""


def check_stated(keys: Keys, name: str, *, required: bool, minimum: int | None, stated_by: str) -> None:
    """Note a least count that is needed and not stated, and one of which nobody says who stated it."""
    if required and minimum is None:
        cure = "No public instruction gives it: write the one that your permit or risk assessment decides."
        keys.faults.add(f'{keys.where} profile = "{name}" needs minimum_count', cure=cure)
    if minimum is not None and not stated_by.strip():
        cure = 'Say who decided the number and where: stated_by = "risk assessment of 31.1.2026, ...".'
        keys.faults.add(f"{keys.where} has minimum_count and lacks 'stated_by'", cure=cure)
    if stated_by and minimum is None:
        keys.faults.add(f"{keys.where} has 'stated_by' and lacks 'minimum_count'", cure="It is about that.")


def check_profile_named(keys: Keys, name: str, built_in: Collection[str], folder: Path) -> None:
    """Note a profile that is neither built in nor a file of the study's folder."""
    if not name or name in built_in:
        return
    if Path(name).is_absolute() or "\\" in name or not (folder / name).is_file():
        near = get_close_matches(name, list(built_in), n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        cure = f"{hint}Write {', '.join(built_in)}, or a TOML file's path relative to the study file."
        keys.faults.add(f"{keys.where} profile is {name!r}, and there is no such profile", cure=cure)


def check_folders(keys: Keys, key: str) -> tuple[str, ...]:
    """Return the folders under ``key``, relative to the data folder; each must exist."""
    names = keys.texts(key)
    for name in names:
        if Path(name).is_absolute() or "\\" in name:
            cure = "Write it with forward slashes, relative to the data folder."
            keys.faults.add(f"{keys.where} {key} is {name!r}, which only this machine understands", cure=cure)
        elif keys.base.is_dir() and not (keys.base / name).is_dir():
            cure = f"It was looked for in {keys.base}."
            keys.faults.add(f"{keys.where} {key} is {name!r}, and there is no such folder", cure=cure)
    return names


def check_pack(keys: Keys, default: str) -> str:
    """Return the folder of the pack: ``default`` where true or left out, nothing where false."""
    given = keys.table.get("pack")
    if isinstance(given, bool) or given is None:
        keys.known.append("pack")
        return default if given in (None, True) else ""
    name = keys.text("pack", default)
    if name in {"", ".", ".."} or "/" in name or "\\" in name:
        cure = f'Write true, false, or a plain name like "{default}".'
        keys.faults.add(f"{keys.where} pack is {name!r}, which is no folder's name", cure=cure)
    elif name.casefold() in OUTPUT_NAMES:
        cure = f'Write true, or a name of its own like "{default}".'
        keys.faults.add(f"{keys.where} pack is {name!r}, where a study writes something else", cure=cure)
    return name


def check_inside(keys: Keys, key: str) -> tuple[str, ...]:
    """Return the names under ``key`` of files inside the output; none may lead out of it."""
    names = keys.texts(key)
    out = [name for name in names if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name]
    if out:
        cure = 'Name files as they stand in the output: "tables/notes.pdf".'
        keys.faults.add(f"{keys.where} {key} names what is no file of the output", ids=out, cure=cure)
    return names


def check_dominance(keys: Keys, count: int | None, share: float | None) -> tuple[int, float] | None:
    """Return the rule of dominance, both parts of it or neither."""
    if count is None and share is None:
        return None
    if count is None or share is None:
        keys.faults.add(
            f"{keys.where} needs both n and share", cure="n = 1, share = 0.85: one may not have more."
        )
        return None
    return count, share


def check_present(keys: Keys, *names: str) -> None:
    """Note keys that have to be there."""
    for name in names:
        if name not in keys.table:
            keys.faults.add(f"{keys.where} lacks {name!r}", cure="It must be there.")


def check_thresholds(keys: Keys, said: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """Note thresholds of one base on the same fields: only one number can hold."""
    twice = sorted({base for base, fields in said if said.count((base, fields)) > 1})
    if twice:
        keys.faults.add(f"{keys.where} states a threshold twice", ids=twice, cure="Keep one of them.")


def check_minimum(name: str, minimum: object, *, needed: bool) -> int | None:
    """Return a least count that a caller gives; where a profile has none, one is needed."""
    if minimum is None and needed:
        raise UsageError(
            f"The rule profile {name} has no least count: no public instruction gives one. "
            "State the one that your permit or risk assessment decides, as minimum_count."
        )
    if minimum is not None and (isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < 1):
        raise UsageError(f"minimum_count is {minimum!r}; it must be a whole number of at least 1.")
    return minimum
