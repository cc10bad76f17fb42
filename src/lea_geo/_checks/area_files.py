"""Boundary files, before anything opens them: the right kind, whole, and nothing that reaches elsewhere."""

from __future__ import annotations

import stat
import zipfile
from difflib import get_close_matches
from os import PathLike, fspath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, Fault, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LARGEST_UNZIPPED = 2**30
"""Bytes that a zipped Shapefile may unfold to; all postal areas with their seas take a tenth of it."""

FORMATS = {
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "Shapefile",
    ".zip": "zipped Shapefile",
    ".parquet": "Parquet",
    ".geoparquet": "Parquet",
}
_KNOWN = (
    "Give a GeoPackage (.gpkg), GeoJSON (.geojson), Shapefile (.shp, or in a .zip) or Parquet (.parquet)."
)
# What each format begins with. Otherwise the content would choose its reader, and some readers follow links.
_BEGINNINGS = {
    "GeoPackage": b"SQLite format 3\x00",
    "GeoJSON": b"{",
    "Shapefile": b"\x00\x00\x27\x0a",
    "zipped Shapefile": b"PK",
    "Parquet": b"PAR1",
}
_DRIVERS = {
    "GeoPackage": "GPKG",
    "GeoJSON": "GeoJSON",
    "Shapefile": "ESRI Shapefile",
    "zipped Shapefile": "ESRI Shapefile",
}


class Piece(NamedTuple):
    """One file of a Shapefile."""

    suffix: str
    size: int
    head: bytes


def refuse_file(path: Path, what: str, cure: str = "") -> NoReturn:
    """Raise because a boundary file cannot be read."""
    raise AreasError(f"{path.name} cannot be read as areas.", [Fault(what, cure=cure)])


def check_path(path: str | PathLike[str]) -> Path:
    """Return ``path`` if it is a file of a format that areas are read from and begins like one."""
    name = fspath(path)
    if not isinstance(name, str) or not name or "\0" in name:
        raise UsageError(f"path is {name!r}; it must be the name of a file, without NUL characters.")
    file = Path(name)
    kind = FORMATS.get(file.suffix.lower())
    if file.suffix.lower() in {".pkl", ".pickle"}:
        refuse_file(file, "a pickle can run any program when it is opened", _KNOWN)
    if kind is None:
        refuse_file(file, f"{file.suffix or 'a name without an ending'} is no format of areas", _KNOWN)
    if not file.is_file():
        refuse_file(
            file, "there is no such file" if not file.exists() else "it is no file", "Check the path."
        )
    if kind in {"GeoPackage", "GeoJSON", "Shapefile"} and set("!;") & set(str(file.resolve())):
        # The reader takes the first for the border of an archive and drops what follows the second.
        refuse_file(file, "a path with ! or ; cannot be opened", "Rename the file or its folder.")
    try:
        _check_content(file, kind)
    except OSError as error:
        refuse_file(file, f"it cannot be opened ({error.strerror})")
    return file


def check_driver(path: Path, driver: str) -> None:
    """Raise unless the reader that opened a file is the one of its ending."""
    kind = FORMATS[path.suffix.lower()]
    if driver != _DRIVERS[kind]:
        refuse_file(path, f"it is no {kind} but {driver}", "Give it the ending of what it holds.")


def check_layer_name(layer: str | None) -> None:
    """Raise unless ``layer`` is None or a plain name."""
    if layer is not None and (not isinstance(layer, str) or not layer or "\0" in layer):
        raise UsageError(f"layer is {layer!r}; it must be the name of a layer, without NUL characters.")


def check_layer(path: Path, layers: Mapping[str, bool], layer: str | None) -> str:
    """Return the one layer to read; ``layers`` says of each whether it has geometry."""
    drawn = [name for name, has_geometry in layers.items() if has_geometry]
    if layer is None and len(drawn) == 1:
        return drawn[0]
    if not drawn:
        refuse_file(path, "it has no layer with geometry")
    listed = ", ".join(drawn)
    if layer is None:
        refuse_file(path, f"it has several layers: {listed}", "Say which one with layer=.")
    if layer not in layers:
        near = get_close_matches(layer, drawn, n=1)
        refuse_file(
            path,
            f"there is no layer {layer!r}; it has {listed}",
            f"Did you mean {near[0]!r}?" if near else "",
        )
    if layer not in drawn:
        refuse_file(path, f"layer {layer!r} has no geometry", f"Layers with geometry: {listed}.")
    return layer


def check_zip(path: Path, layer: str | None) -> str:
    """Return the name of the one Shapefile in a zip that reaches nowhere else and does not explode."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(path, members)
            shapes = sorted(m.filename for m in members if _is_shapefile(m.filename))
            layers = {PurePosixPath(name).stem: name for name in shapes}
            if not shapes:
                refuse_file(path, "the zip holds no Shapefile (.shp)")
            chosen = layers[check_layer(path, dict.fromkeys(layers, True), layer)]
            stem = chosen[:-4].lower()
            pieces = []
            for member in members:
                name = member.filename.lower()
                if name.startswith(f"{stem}.") and name[len(stem) :] in {".shp", ".shx", ".dbf"}:
                    with archive.open(member) as stream:
                        pieces.append(Piece(name[len(stem) :], member.file_size, stream.read(100)))
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        refuse_file(path, f"the zip is damaged or cut off ({error})", "Copy or download it again.")
    check_shapefile(path, pieces)
    return chosen


def check_shapefile(path: Path, pieces: Iterable[Piece]) -> None:
    """Raise unless a Shapefile has all its pieces and each is as long as it says."""
    faults = Faults()
    found = {piece.suffix: piece for piece in pieces}
    for suffix in (".shp", ".shx", ".dbf"):
        piece = found.get(suffix)
        if piece is None:
            faults.add(f"the Shapefile lacks its {suffix} file", cure="Copy all files of the same name.")
        elif suffix != ".dbf" and not piece.head.startswith(_BEGINNINGS["Shapefile"]):
            faults.add(f"the {suffix} file is none of a Shapefile")
        elif _stated_size(piece) > piece.size:
            faults.add(
                f"the {suffix} file is cut off: it says {_stated_size(piece)} bytes and has {piece.size}",
                cure="Copy or download it again.",
            )
    faults.raise_if_any(AreasError, f"{path.name} cannot be read as areas.")


def add_missing_column(faults: Faults, column: str, columns: Sequence[str]) -> None:
    """Note an id column that the file does not have, and the nearest that it has."""
    folded = {name.casefold(): name for name in columns}
    near = [folded[name] for name in get_close_matches(column.casefold(), folded, n=3, cutoff=0.5)]
    hint = (
        f"Did you mean {' or '.join(map(repr, near))}?" if near else f"It has {', '.join(columns) or 'none'}."
    )
    faults.add(f"there is no column {column!r} for the area ids", cure=hint)


def _check_content(file: Path, kind: str) -> None:
    size = file.stat().st_size
    with file.open("rb") as stream:
        head = stream.read(1024)
        stream.seek(max(0, size - 1024))
        tail = stream.read()
        stream.seek(0)
        # The reader of virtual layers looks for its mark anywhere, and then opens the files that they name.
        virtual = kind == "GeoJSON" and any(b"<OGRVRT" in line for line in stream)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip() if kind == "GeoJSON" else head
    if not head:
        refuse_file(file, "it is empty")
    if not start.startswith(_BEGINNINGS[kind]):
        refuse_file(file, f"it does not begin like a {kind}", "Give it the ending of what it holds.")
    if virtual:
        refuse_file(file, "it holds a virtual layer, which leads to other files")
    if (kind == "GeoJSON" and not tail.rstrip().endswith(b"}")) or (
        kind == "GeoPackage" and _pages(head) > size
    ):
        refuse_file(file, f"the {kind} is cut off", "Copy or download it again.")


def _check_members(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    faults = Faults()
    names = [member.filename for member in members]
    outside = [
        name
        for name in names
        if name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/")
    ]
    if outside:
        faults.add("names in the zip that lead outside it", ids=outside, of=len(names))
    links = [member.filename for member in members if stat.S_ISLNK(member.external_attr >> 16)]
    if links:
        faults.add("links in the zip", ids=links, of=len(names))
    locked = [member.filename for member in members if member.flag_bits & 1]
    if locked:
        faults.add("encrypted files in the zip", ids=locked, of=len(names), cure="Unpack it first.")
    total = sum(member.file_size for member in members)
    if total > LARGEST_UNZIPPED:
        faults.add(
            f"the zip unfolds to {total} bytes, more than {LARGEST_UNZIPPED}",
            cure="Unpack it yourself if you trust it.",
        )
    faults.raise_if_any(AreasError, f"{path.name} cannot be read as areas.")


def _is_shapefile(name: str) -> bool:
    return name.lower().endswith(".shp") and not name.startswith("__MACOSX/")


def _pages(head: bytes) -> int:
    """Bytes that an SQLite file says it has; 0 if its header is not up to date (SQLite's format, 1.3)."""
    if len(head) < 100 or head[24:28] != head[92:96]:
        return 0
    size = int.from_bytes(head[16:18], "big")
    return int.from_bytes(head[28:32], "big") * (65536 if size == 1 else size)


def _stated_size(piece: Piece) -> int:
    """Bytes that the header of a .shp or .shx (ESRI 1998) or a .dbf promises."""
    if len(piece.head) < 32:
        return 100
    if piece.suffix == ".dbf":
        rows, header, row = (piece.head[a:b] for a, b in ((4, 8), (8, 10), (10, 12)))
        return int.from_bytes(header, "little") + int.from_bytes(rows, "little") * int.from_bytes(
            row, "little"
        )
    return 2 * int.from_bytes(piece.head[24:28], "big")
