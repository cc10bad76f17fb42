"""Whether a directory can be read as a release, and what is said where it cannot."""

from __future__ import annotations

import os
from pathlib import Path

from lea_geo._checks.faults import Faults
from lea_geo.errors import OutputError


def check_directory(directory: object) -> tuple[Path, list[str]]:
    """Return a directory and the paths of all that is in it, sorted, with forward slashes."""
    faults = Faults()
    if not isinstance(directory, str | os.PathLike) or "\0" in os.fspath(directory):
        faults.add("it is no path", cure="Name the output directory of lea-geo run.")
        faults.raise_if_any(OutputError, f"{directory!a} was not read:")
    folder = Path(directory)  # type: ignore[arg-type]  # checked above
    if not folder.is_dir():
        faults.add("there is no such directory", cure="Name the output directory of lea-geo run.")
        faults.raise_if_any(OutputError, f"{folder} was not read:")
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )
    if not names:
        faults.add("it holds no file", cure="Name the output directory of lea-geo run.")
        faults.raise_if_any(OutputError, f"{folder} was not read:")
    return folder, names
