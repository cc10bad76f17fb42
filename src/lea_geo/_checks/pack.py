"""Whether a folder is a pack, whether its files are what was fetched, and what may be asked for."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import OutputError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from lea_geo.errors import DataError

PACK = "sources.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""Of a file in the pack's folder itself: nothing leads out of it."""
_OF_A_YEAR = re.compile(r"does not advertise|does not answer|no such years")
_ABOUT = ("sha256", "source", "layer", "url", "owner", "licence", "time")
FIRST_YEAR, LAST_YEAR = 1900, 2100


def pack_or_none(folder: Path) -> Mapping[str, Any] | None:
    """Return what ``sources.json`` says, if it says what a pack's does."""
    try:
        held = json.loads((folder / PACK).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return held if _is_whole(held) else None


def _is_whole(held: object) -> bool:
    if not isinstance(held, dict) or not isinstance(held.get("lea_geo"), str):
        return False
    files, beside = held.get("files"), held.get("beside")
    if not isinstance(files, dict) or not isinstance(beside, dict):
        return False
    told = [(about, _ABOUT) for about in files.values()] + [(about, ("sha256",)) for about in beside.values()]
    return all(_NAME.fullmatch(name) for name in (*files, *beside)) and all(
        isinstance(about, dict) and all(isinstance(about.get(key), str) for key in keys)
        for about, keys in told
    )


def known_pack(folder: Path) -> Mapping[str, Any]:
    """Return what a pack says of itself, or say that it is none."""
    if not folder.is_dir():
        raise UsageError(f"There is no pack {folder}.")
    pack = pack_or_none(folder)
    if pack is None:
        raise UsageError(
            f"{folder} is no pack: it has no readable {PACK}. Give what lea-geo fetch has written."
        )
    return pack


def check_pack(folder: Path, pack: Mapping[str, Any]) -> None:
    """Refuse files that are gone, or are not what was fetched."""
    faults = Faults()
    _note_changes(folder, pack["files"], faults, cure="Copy the pack again, or fetch it again.")
    faults.raise_if_any(SourceError, f"The pack {folder} is not as it was fetched:")


def check_elsewhere(out: Path, origin: Path | None) -> None:
    """Refuse to write over the pack that all is taken from: answers that are not used would be gone."""
    if origin is not None and out.resolve() == origin.resolve():
        raise UsageError(f"{out} is the pack that everything is taken from; choose another folder to write.")


def check_unedited(folder: Path) -> None:
    """Refuse to replace a pack in which somebody has worked."""
    pack = pack_or_none(folder)
    if pack is not None:
        faults = Faults()
        cure = "Move them away, or choose another --out."
        _note_changes(folder, {**pack["files"], **pack["beside"]}, faults, gone=False, cure=cure)
        faults.raise_if_any(OutputError, f"{folder} was not replaced:")


def _note_changes(
    folder: Path, files: Mapping[str, Any], faults: Faults, *, gone: bool = True, cure: str
) -> None:
    absent = [name for name in files if not (folder / name).is_file()]
    changed = [
        name
        for name, about in files.items()
        if name not in absent and hash_of(folder / name)["sha256"] != about["sha256"]
    ]
    if absent and gone:
        faults.add("files that are gone", ids=absent, of=len(files), cure=cure)
    if changed:
        faults.add(
            "files that have been changed since they were fetched", ids=changed, of=len(files), cure=cure
        )


def hash_of(path: Path) -> dict[str, Any]:
    """Return the SHA-256 and the size of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def check_wanted(given: Sequence[str], known: Collection[str], *, year: int) -> dict[str, int]:
    """Return what is to be fetched and of which year, from ``name`` and ``name=year``."""
    check_fetch_year(year)
    wanted = {}
    for one in (given,) if isinstance(given, str) else given:
        name, equals, said = one.partition("=")
        if equals and not re.fullmatch(r"[0-9]{4}", said):
            raise UsageError(f"{one!r} has no year after the sign; write {name}=2024.")
        wanted[check_choice("sources", name, known)] = check_fetch_year(int(said)) if equals else year
    return wanted


def check_fetch_year(year: object) -> int:
    """Return a year, or say that it is none."""
    if isinstance(year, bool) or not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise UsageError(f"year is {year!r}; it must be a year, like 2024.")
    return year


def check_together(wanted: Collection[str], indicators: Collection[object]) -> None:
    """Refuse what cannot be fetched without something else."""
    if "postal_areas" not in wanted:
        raise UsageError("postal_areas is not among the sources; a study of the pack needs its areas.")
    placed = [name for name in ("schools", "hsy_population_grid") if name in wanted]
    if placed and "municipalities" not in wanted:
        raise UsageError(
            f"{placed[0]} is cut to the region by municipalities, which is not among the sources."
        )
    if ("sotkanet" in wanted) != bool(indicators):
        raise UsageError(
            "sotkanet and indicators belong together: --with sotkanet --indicator 127 (the population)."
        )


def check_indicators(given: Sequence[object]) -> tuple[int, ...]:
    """Return Sotkanet's numbers, which a command line gives as text."""
    wrong = [one for one in given if isinstance(one, bool) or not re.fullmatch(r"[0-9]{1,6}", str(one))]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no number of an indicator; Sotkanet's population is 127.")
    return tuple(dict.fromkeys(int(str(one)) for one in given))


def check_municipalities(layer: str, codes: Sequence[str], found: Iterable[str]) -> None:
    """Refuse a region of which a municipality has nothing."""
    there = set(found)
    absent = [code for code in codes if code not in there]
    if absent:
        faults = Faults()
        faults.add(
            "municipalities of which there is nothing",
            ids=absent,
            of=len(codes),
            cure="Municipalities merge: check the code and the year.",
        )
        raise SourceError(f"{layer} could not be fetched:", faults.found)


def refuse_nothing_inside(layer: str) -> SourceError:
    """Return the error for a layer that has nothing in the region."""
    faults = Faults()
    faults.add("nothing of it lies in the region", cure="Leave it out of the sources.")
    return SourceError(f"{layer} could not be fetched:", faults.found)


def refuse_key(layer: str, column: str) -> SourceError:
    """Return the error for a column of codes that holds fractions."""
    faults = Faults()
    faults.add(f"{column} holds numbers with decimals, which are no codes")
    return SourceError(f"{layer} could not be written:", faults.found)


def with_way_out(name: str, error: SourceError) -> SourceError:
    """Return what a service said with what to do about a year that it does not have."""
    out = f'Ask for another year with "{name}=YEAR"'
    out += "." if name == "postal_areas" else f", or leave {name} out."
    faults = [
        replace(fault, cure=f"{fault.cure} {out}".strip()) if _OF_A_YEAR.search(f"{fault.what}") else fault
        for fault in error.faults
    ]
    return SourceError(error.heading, faults)


def raise_failed(region: str, errors: Sequence[DataError]) -> None:
    """Raise all that could not be fetched as one error."""
    faults = Faults()
    for error in errors:
        for fault in error.faults:
            what = f"{error.heading.rstrip(':')}: {fault.what}"
            faults.add(what, ids=fault.ids, count=fault.count, of=fault.of, cure=fault.cure)
    faults.raise_if_any(SourceError, f"{region} was not fetched; nothing was written:")
