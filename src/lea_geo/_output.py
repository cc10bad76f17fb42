"""An output directory appears whole or not at all, whenever a run is interrupted.

Everything is written to a directory beside the wanted one, forced to the disk, and put in its place at the
end. Linux exchanges two directories in one step. Elsewhere it takes two renames; a run that dies between them
leaves the earlier output under a hidden name, and the next run begins by putting it back.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lea_geo._checks.output import check_replaceable, refuse_writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_FORGOTTEN_AFTER = 86_400
"""Seconds after which a leftover is nobody's, where it cannot be asked whether its process lives."""


@contextmanager
def replacing(out: Path, *, check: Callable[[Path], None] = check_replaceable) -> Iterator[Path]:
    """Give an empty directory that becomes ``out`` when the block ends well.

    Parameters
    ----------
    out
        A directory that does not exist, is empty, or is an earlier output; symbolic links are followed.
    check
        Refuses what may not be replaced.

    Raises
    ------
    OutputError
        ``out`` holds something else, or the disk refuses; what was there stays as it was.
    """
    out = out.resolve()
    recover(out)
    check(out)
    building = _beside(out, "tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        building.mkdir()
        yield building
        _sync_tree(building)
        _put_in_place(building, out)
    except OSError as error:
        raise refuse_writing(out, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def recover(out: Path) -> None:
    """Put back what a dead run had set aside, and remove what it had begun."""
    kept = [path for path in _leftovers(out) if path.suffix == ".old"]
    if kept and not out.exists():
        kept[-1].rename(out)
    for path in _leftovers(out):
        shutil.rmtree(path, ignore_errors=True)


def _beside(out: Path, kind: str) -> Path:
    return out.with_name(f".{out.name}.{os.getpid()}.{kind}")


def _leftovers(out: Path) -> list[Path]:
    """Return the hidden directories of runs that have died, oldest first."""
    if not out.parent.is_dir():
        return []
    pattern = re.compile(rf"\.{re.escape(out.name)}\.(\d+)\.(tmp|old)")
    named = [(path, pattern.fullmatch(path.name)) for path in out.parent.iterdir()]
    dead = [path for path, match in named if match and not _lives(int(match[1]), path)]
    return sorted(dead, key=lambda path: path.stat().st_mtime)


def _lives(pid: int, path: Path) -> bool:
    if pid == os.getpid():
        return False  # Within one process runs follow each other, so this one is over.
    if sys.platform == "win32":  # There, os.kill(pid, 0) ends the process that it asks about.
        return time.time() - path.stat().st_mtime < _FORGOTTEN_AFTER
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_tree(folder: Path) -> None:
    """Force every file and every directory to the disk: a rename must not outrun what it renames."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":
        return  # Windows opens no directories.
    handle = os.open(path, os.O_RDONLY if sys.platform != "win32" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(building: Path, out: Path) -> None:
    if not out.exists():
        building.rename(out)
    elif not _exchange(building, out):
        aside = _beside(out, "old")
        out.rename(aside)
        try:
            building.rename(out)
        except OSError:
            aside.rename(out)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    _sync(out.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two directories in one step; False where the system or the file system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    return bool(renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)
