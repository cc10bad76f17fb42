"""The manifest: where every number came from, so that a study can be run again and compared.

It holds no time and no path of the machine: the same inputs, settings and versions give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from contextlib import suppress
from glob import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo import __version__
from lea_geo._checks.output import MANIFEST
from lea_geo._packed import fetched_inputs
from lea_geo._sheets import sheet_names
from lea_geo.intake.raster_band import raster_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.schema import Findings
    from lea_geo.spec import AlsoSpec, StudySpec

LIBRARIES = (
    "access",
    "branca",
    "exactextract",
    "folium",
    "geopandas",
    "giddy",
    "libpysal",
    "mgwr",
    "numba",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scikit-learn",
    "scipy",
    "shapely",
    "spopt",
    "spreg",
)
"""What could change a number or a byte."""

_RASTERS = (".tif", ".tiff", ".asc", ".img", ".jp2")
"""Endings of rasters, beside which another file may say where they lie and what counts."""


def provenance(spec: StudySpec, findings: Findings) -> dict[str, Any]:
    """Return what the findings came from: versions, settings, inputs with their hashes, seed and notes.

    Inputs out of a pack say who was asked for them, when, and under whose licence.

    Parameters
    ----------
    spec
        The study; its files are read once more to be hashed.
    findings
        What the study found.
    """
    inputs = hash_inputs(spec)
    fetched = fetched_inputs(spec.data, inputs)
    return {
        "lea_geo": __version__,
        "versions": library_versions(),
        "study": spec.as_dict(),
        "seed": spec.spatial.seed,
        "synthetic": findings.synthetic,
        "inputs": inputs,
        **({"fetched": fetched} if fetched else {}),
        "notes": list(findings.notes),
        **_others(findings),
    }


def _others(findings: Findings) -> dict[str, Any]:
    """Return what other years and kinds of areas there are, under the names of their layers and folders."""
    named = zip(sheet_names(findings), findings.others, strict=True)
    told = {
        name: {
            "level": other.level,
            "year": other.year,
            "areas": len(other.areas),
            "indicators": [indicator.code for indicator in other.indicators],
            "notes": list(other.notes),
        }
        for name, other in named
    }
    return {"others": told} if told else {}


def write_manifest(
    folder: Path, came_from: Mapping[str, Any], spec: StudySpec, *, out: Path
) -> dict[str, Any]:
    """Write the manifest of a finished folder and return it.

    Parameters
    ----------
    folder
        The folder that holds everything else already.
    came_from
        What ``provenance`` has returned.
    spec
        The study.
    out
        Where the folder will be; inputs are named relative to it.
    """
    own = folder / MANIFEST  # From before chapters joined the rest.
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != own)
    manifest = {
        **came_from,
        "inputs_at": _places(spec, out),
        "outputs": {path.relative_to(folder).as_posix(): hash_file(path) for path in files},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
    return manifest


def hash_inputs(spec: StudySpec) -> list[dict[str, Any]]:
    """Return every input file with its size and SHA-256, named as the study names it."""
    named = [*_named(spec), ("water", spec.map.water), ("borders", spec.map.borders)]
    for also in spec.also:
        named += _named(also)
    if spec.composite is not None:
        named += [("answers", name) for name in spec.composite.consultations]
    if spec.disclosure is not None:
        named += [
            ("earlier release", path) for name in spec.disclosure.earlier for path in _inside(spec, name)
        ]
    named += [one for said in spec.chapters.values() for one in getattr(said, "files", ())]
    found = [
        {"role": role, "path": name, **hash_file(spec.data / name)}
        for role, path in dict.fromkeys(named)
        if path
        for name in _with_companions(spec.data, path)
    ]
    beside = [("catalogue", part.catalogue, part.catalogue_path) for part in spec.parts]
    if spec.disclosure is not None:
        beside.append(("profile", spec.disclosure.profile, spec.profile_path))
    return found + [
        {"role": role, "path": name, **hash_file(path)}
        for role, name, path in dict.fromkeys(beside)
        if path is not None
    ]


def _named(part: StudySpec | AlsoSpec) -> list[tuple[str, str]]:
    """Return the files of one kind of areas; a table of several years may be named several times."""
    tables = (("table", table.path) for table in part.tables)
    grounds = (("areas", table.areas.path) for table in part.tables if table.areas is not None)
    weights = (("weights", table.carry.weights) for table in part.tables if table.carry is not None)
    rasters = (("raster", path) for raster in part.rasters for path in (raster.path, raster.weights))
    own = (*tables, *grounds, *weights, *rasters)
    return [("areas", part.areas.path), *own, ("within", part.areas.within)]


def _inside(spec: StudySpec, folder: str) -> list[str]:
    """Return the files of a folder, named as the study names it."""
    files = sorted(path for path in (spec.data / folder).rglob("*") if path.is_file())
    return [f"{folder}/{path.relative_to(spec.data / folder).as_posix()}" for path in files]


def _with_companions(folder: Path, name: str) -> list[str]:
    """Return the files that a name stands for: of a shapefile it is several, and of some rasters."""
    path = folder / name
    if path.suffix.lower() in _RASTERS:
        files = raster_files(path)
    elif path.suffix.lower() == ".shp":
        files = sorted(path.parent.glob(f"{escape(path.stem)}.*"))
    else:
        files = [path]
    return [Path(name).with_name(one.name).as_posix() for one in files]


def hash_file(path: Path) -> dict[str, Any]:
    """Return the size and the SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def _places(spec: StudySpec, out: Path) -> dict[str, str]:
    """Return where the study and its data lie, seen from the output, so that ``verify`` finds them again."""
    places = {}
    for name, folder in (("study", spec.folder), ("data", spec.data)):
        with suppress(ValueError):  # two drives: ``verify`` then asks
            places[name] = Path(os.path.relpath(folder.resolve(), out.resolve())).as_posix()
    return places


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of every library that could change a number."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:  # not installed as a distribution
            continue
    return found
