"""Every file of a directory, each given to whoever can read its kind."""

from __future__ import annotations

import sqlite3
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import pyarrow as pa

from lea_geo._checks.disclosure_reading import check_directory
from lea_geo.disclosure.reading.csv_files import read_csv
from lea_geo.disclosure.reading.gathered import Gathered
from lea_geo.disclosure.reading.geopackage import learn_geopackage, read_geopackage
from lea_geo.disclosure.reading.known import Known

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
}
"""Who reads which kind of file, by how its name ends."""
_FAULTS = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    MemoryError,
    sqlite3.Error,
    pa.ArrowException,
    ParseError,
    BadZipFile,
)
"""What a planted or broken file makes readers raise: it is then left, with the reason."""


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
    for name in sorted(taken, key=lambda name: (not name.endswith(".gpkg"), name)):
        if name.endswith(".gpkg"):
            _try(learn_geopackage, folder, name, known, gathered)
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
    elif path.stat().st_size > MOST_BYTES:
        gathered.leave(name, f"it has more than {MOST_BYTES >> 30} GiB")
    else:
        return False
    return True


def _try(read: Reader, folder: Path, name: str, known: Known, gathered: Gathered) -> None:
    """Read a file, or leave it with the reason."""
    try:
        read(folder / name, name, known, gathered)
    except _FAULTS as error:
        gathered.leave(name, f"it cannot be read ({type(error).__name__}: {error})")
