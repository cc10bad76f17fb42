"""Where a study may be written, and what an output must be to be reproduced."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from lea_geo._checks.faults import Faults
from lea_geo._checks.pack import PACK, pack_or_none
from lea_geo.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MANIFEST = "manifest.json"
INDEX_MANIFEST = "index.json"
"""That of a folder that holds an index and no study."""

LEFT_BY_READERS = ("-wal", "-shm", "-journal", ".aux.xml", ".DS_Store", "Thumbs.db", "desktop.ini")
"""Endings of the files that a GIS program or a file manager leaves beside what it has opened."""


def check_replaceable(out: Path) -> None:
    """Refuse to replace anything but an empty folder or a whole output of lea_geo with nothing else in it."""
    _check_replaceable(out, _manifest_or_none(out))


def check_replaceable_pack(out: Path) -> None:
    """Refuse to replace anything but an empty folder or a whole pack with nothing else in it."""
    _check_replaceable(out, _pack_as_manifest(out))


def _check_replaceable(out: Path, manifest: Mapping[str, Any] | None) -> None:
    faults = Faults()
    cure = "Choose another --out, or move it away."
    if out.exists() and not out.is_dir():
        faults.add(f"{out} is a file", cure=cure)
    elif out.is_dir() and any(out.iterdir()):
        if manifest is None:
            faults.add(f"{out} holds something that lea_geo did not write", cure=cure)
        else:
            foreign = _foreign_files(out, manifest)
            if foreign:
                faults.add(f"{out} holds files that lea_geo did not write", ids=foreign, cure=cure)
    _note_closed_door(out, faults)
    faults.raise_if_any(OutputError, "Nothing was written:")


def _note_closed_door(out: Path, faults: Faults) -> None:
    """Note a folder that cannot be made or changed, before hours of work and not after them."""
    above = next(folder for folder in out.absolute().parents if folder.exists())
    if not above.is_dir():
        faults.add(f"{above} is a file, so no folder can be made in it", cure="Choose another --out.")
    elif not os.access(above, os.W_OK | os.X_OK):
        faults.add(
            f"{above} may not be written to", cure="Choose another --out, or ask for the right to write."
        )


def read_manifest(directory: Path) -> dict[str, Any]:
    """Return the manifest of an output directory, or say that it is none."""
    if not directory.is_dir():
        raise UsageError(f"There is no output directory {directory}.")
    manifest = _manifest_or_none(directory)
    if manifest is None:
        faults = Faults()
        faults.add(f"it has no readable {MANIFEST}", cure="Give the directory that lea-geo run has written.")
        raise OutputError(f"{directory} is no output of lea_geo:", faults.found)
    return manifest


def check_geopackage(path: Path) -> Path:
    """Return the path of a study's GeoPackage, or say that there is none."""
    if not path.is_file():
        near = path / "study.gpkg"
        hint = f" Did you mean {near}?" if near.is_file() else ""
        raise UsageError(f"There is no file {path}.{hint}")
    return path


def check_same(directory: Path, differences: Iterable[str]) -> None:
    """Raise with everything that a rerun gave otherwise."""
    faults = Faults()
    for difference in differences:
        faults.add(difference)
    faults.raise_if_any(OutputError, f"{directory} is not reproduced:")


def refuse_inputs_unknown(directory: Path) -> UsageError:
    """Return the error for a manifest that does not say where its inputs were."""
    return UsageError(
        f"Where are the inputs of {directory}? Its manifest cannot say; give the folder with --data."
    )


def refuse_writing(out: Path, error: OSError) -> OutputError:
    """Return the error for a disk that is full, or closed to us."""
    faults = Faults()
    faults.add(f"{error.strerror or error}", cure="What was there before is as it was.")
    return OutputError(f"{out} could not be written:", faults.found)


def _manifest_or_none(directory: Path) -> dict[str, Any] | None:
    name = INDEX_MANIFEST if (directory / INDEX_MANIFEST).is_file() else MANIFEST
    try:
        manifest = json.loads((directory / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if _is_whole(manifest) else None


def _is_whole(manifest: object) -> bool:
    """Whether it is a manifest: what others rely on is there, in its shape."""
    if not isinstance(manifest, dict):
        return False
    kinds = {"lea_geo": str, "study": dict, "versions": dict, "inputs": list, "outputs": dict}
    if not all(isinstance(manifest.get(key), kind) for key, kind in kinds.items()):
        return False
    places = manifest.get("inputs_at", {})
    if not isinstance(places, dict) or not all(isinstance(place, str) for place in places.values()):
        return False
    files = [*manifest["inputs"], *manifest["outputs"].values()]
    return all(isinstance(one, dict) and "sha256" in one for one in files) and all(
        "path" in one for one in manifest["inputs"]
    )


def _pack_as_manifest(directory: Path) -> dict[str, Any] | None:
    """Return the files of a pack, as a manifest lists those of an output; its cache belongs to it."""
    pack = pack_or_none(directory)
    if pack is None:
        return None
    cached = (path.relative_to(directory).as_posix() for path in directory.glob("cache/**/*"))
    return {"outputs": dict.fromkeys((PACK, *pack["files"], *pack["beside"], *cached))}


def _foreign_files(directory: Path, manifest: Mapping[str, Any]) -> list[str]:
    own = {MANIFEST, INDEX_MANIFEST, *manifest["outputs"]}
    found = (path for path in sorted(directory.rglob("*")) if path.is_symlink() or not path.is_dir())
    names = (path.relative_to(directory).as_posix() for path in found)
    return [name for name in names if name not in own and not name.endswith(LEFT_BY_READERS)]
