"""A pack: one folder with what a study reads, the answers that it was made of, and where each came from.

::

    sources.json       every file's hash, and who was asked for it, when, under whose licence
    study.toml         ready to run; to be edited at will
    *.gpkg, *.csv      what the study reads
    cache/             every answer, as `sources.cache` keeps it
    registry.toml      the registry that the services were found in
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lea_geo._checks import pack as check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

PACK = check.PACK
CACHE, REGISTRY, STUDY = "cache", "registry.toml", "study.toml"


def read_pack(folder: Path) -> Mapping[str, Any] | None:
    """Return what ``sources.json`` of a folder says; None where it is no pack."""
    return check.pack_or_none(folder)


def check_pack(folder: Path) -> None:
    """Refuse a pack with files that are gone, or are not what was fetched; the study may have been edited.

    Raises
    ------
    UsageError
        It is no pack.
    SourceError
        Naming every such file.
    """
    check.check_pack(folder, check.known_pack(folder))


def write_pack(
    folder: Path, said: Mapping[str, Any], made: Mapping[str, Mapping[str, Any]], others: Iterable[str]
) -> None:
    """Write ``sources.json`` over files that are there.

    Parameters
    ----------
    folder
        Of the pack.
    said
        What the pack as a whole is.
    made
        Data file to what is to be said of it.
    others
        The files beside them.
    """
    files = {name: {**check.hash_of(folder / name), **about} for name, about in made.items()}
    beside = {name: check.hash_of(folder / name) for name in others}
    text = json.dumps({**said, "files": files, "beside": beside}, ensure_ascii=False, indent=1)
    (folder / PACK).write_text(text + "\n", encoding="utf-8", newline="\n")


def fetched_inputs(folder: Path, inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return where the inputs of a study came from, of those that a pack has fetched and nobody has changed.

    Parameters
    ----------
    folder
        The study's data folder.
    inputs
        Its files as the manifest names them: ``path`` and ``sha256``.
    """
    pack = read_pack(folder)
    if pack is None:
        return []
    hashes = {one["path"]: one["sha256"] for one in inputs}
    kept = ("source", "layer", "url", "owner", "licence", "time")
    return [
        {"path": name, "sha256": about["sha256"], **{key: about[key] for key in kept}}
        for name, about in pack["files"].items()
        if hashes.get(name) == about["sha256"]
    ]


def pack_notes(folder: Path, inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a reader must know of inputs that came out of a pack: whose they are, and of when."""
    pack = read_pack(folder)
    if pack is None:
        return []
    fetched = fetched_inputs(folder, inputs)
    told = [
        f"{one['path']} was fetched from {one['source']} ({one['layer']}) on {one['time'][:10]}: "
        f"{one['owner']}, {one['licence']}."
        for one in fetched
    ]
    whole = {one["path"] for one in fetched}
    named = dict.fromkeys(one["path"] for one in inputs)
    return told + [
        f"{name} has been changed since it was fetched."
        for name in named
        if name in pack["files"] and name not in whole
    ]
