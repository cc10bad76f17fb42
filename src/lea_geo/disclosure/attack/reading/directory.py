"""Every file of a directory, each given to whoever can read its kind."""

from __future__ import annotations

import warnings
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from lea_geo._checks.disclosure_reading import check_directory
from lea_geo.disclosure.attack.reading.csv_files import learn_csv, read_csv
from lea_geo.disclosure.attack.reading.gathered import Gathered
from lea_geo.disclosure.attack.reading.geopackage import learn_geopackage, read_geopackage
from lea_geo.disclosure.attack.reading.html_files import learn_html, read_html
from lea_geo.disclosure.attack.reading.json_files import learn_manifest, read_json
from lea_geo.disclosure.attack.reading.known import Known
from lea_geo.disclosure.attack.reading.pack_files import read_checksums, read_proof, read_proofs
from lea_geo.disclosure.attack.reading.parquet_files import learn_parquet, read_parquet
from lea_geo.disclosure.attack.reading.raster_files import read_raster, read_sidecar
from lea_geo.disclosure.attack.reading.sentences import read_text
from lea_geo.disclosure.attack.reading.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Reader = Callable[[Path, str, Known, Gathered], None]

MOST_BYTES = 4 * 2**30
"""Of a file."""
READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".gpkg": read_geopackage,
    ".sqlite": read_geopackage,
    ".db": read_geopackage,
    ".xlsx": read_workbook,
    ".parquet": read_parquet,
    ".tif": read_raster,
    ".tiff": read_raster,
    ".aux.xml": read_sidecar,
    ".qml": read_sidecar,
    ".qmd": read_sidecar,
    ".sld": read_sidecar,
    ".html": read_html,
    ".htm": read_html,
    ".json": read_json,
    ".geojson": read_json,
    ".txt": read_text,
    ".md": read_text,
    ".toml": read_text,
    ".py": read_text,
    ".json.gz": read_proof,
    "proofs.zip": read_proofs,
    "sha256sums": read_checksums,
}
"""Who reads which kind of file, by how its name ends."""
LEARNERS: dict[str, Reader] = {
    "manifest.json": learn_manifest,
    ".gpkg": learn_geopackage,
    ".html": learn_html,
    ".parquet": learn_parquet,
}
"""Who learns first what things are called, and from which files, in this order."""
_TEXTS = (
    ".csv",
    ".tsv",
    ".txt",
    ".md",
    ".toml",
    ".py",
    ".json",
    ".geojson",
    ".html",
    ".htm",
    ".qml",
    ".qmd",
    ".xml",
)
_LOOKED_AT = 2**16


def read_directory(directory: str | Path, *, accept: Sequence[str] = ()) -> tuple[Gathered, Known]:
    """Return what all files of a directory say.

    Raises
    ------
    OutputError
        There is no such directory, or it holds no file.
    """
    folder, names = check_directory(directory)
    gathered, known = Gathered(), Known()
    taken = [name for name in names if not _refused(folder, name, gathered)]
    for end, learn in LEARNERS.items():
        for name in (name for name in taken if name.lower().endswith(end)):
            _try(learn, folder, name, known, gathered)
    if not known.ids:
        for name in (name for name in taken if name.endswith(".csv")):
            _try(learn_csv, folder, name, known, gathered)
    for name in taken:
        read = next((READERS[end] for end in READERS if name.lower().endswith(end)), None)
        if read is None:
            gathered.leave(name, "nothing here reads files of this kind")
        else:
            _try(read, folder, name, known, gathered)
    gathered.unread = [one for one in gathered.unread if not any(fnmatch(one[0], glob) for glob in accept)]
    return gathered, known


def _refused(folder: Path, name: str, gathered: Gathered) -> bool:
    """Leave what leads out of the directory, is no file, or is too large."""
    path = folder / name
    if path.is_symlink():
        gathered.leave(name, "it is a link to somewhere else")
    elif not path.is_file():
        gathered.leave(name, "it is no file")
    elif path.stat().st_size > MOST_BYTES:
        gathered.leave(name, f"it has more than {MOST_BYTES >> 30} GiB")
    elif name.lower().endswith(_TEXTS) and b"\0" in _beginning(path):
        gathered.leave(name, "its name says that it is text, and it is not")
    else:
        return False
    return True


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LOOKED_AT)


def _try(read: Reader, folder: Path, name: str, known: Known, gathered: Gathered) -> None:
    """Read a file, or leave it with the reason."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            read(folder / name, name, known, gathered)
    except Exception as error:  # noqa: BLE001 - what libraries raise at a planted file cannot be foreseen
        gathered.leave(name, f"it cannot be read ({type(error).__name__}: {error})")
    for one in said:  # What a library warns of is what it left out or could not make sense of.
        if not issubclass(one.category, DeprecationWarning | FutureWarning):
            gathered.leave(name, f"part of it cannot be read ({one.message})")
