"""A file appears whole or not at all: written beside, forced to the disk, moved into place."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lea_geo._checks.findings import check_target, refuse_failure

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a path to write to, which becomes ``path`` when the block ends well.

    A symbolic link is replaced, not followed.

    Raises
    ------
    OutputError
        ``path`` is a folder or no name at all, or the disk refuses; what was there stays as it was.
    """
    beside = None
    try:
        check_target(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".lea_geo.", suffix=".tmp", dir=path.parent))
        building = beside / f"building{path.suffix}"
        yield building
        _sync(building)
        building.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise refuse_failure(path, error) from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there; raise as :func:`whole_file` does."""
    with whole_file(path) as building:
        building.write_bytes(content)


def _sync(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no directories.
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
