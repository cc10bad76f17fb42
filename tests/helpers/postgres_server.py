"""A PostgreSQL with PostGIS of the test's own: in a temporary folder, behind a socket, gone at the end."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

CLUSTERS = Path("/usr/lib/postgresql")


def programs():
    """The folder of the newest server's programs, or None."""
    found = sorted(CLUSTERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    extensions = Path("/usr/share/postgresql")
    whole = [path for path in found if (extensions / path.parts[-3] / "extension/postgis.control").exists()]
    return whole[-1].parent if whole else None


def _as_owner(command, folder):
    """PostgreSQL does not run as root."""
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*owner, *map(str, command)], check=True, capture_output=True, timeout=60, cwd=folder)


@contextmanager
def serving():
    """Give the address of a database with PostGIS; nothing is forced to the disk."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # A socket's path has at most 107 characters.
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    options = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={folder}"
    try:
        _as_owner(
            [programs() / "initdb", "-D", data, "-A", "trust", "-N", "-U", "postgres", "-E", "UTF8"], folder
        )
        _as_owner(
            [programs() / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], folder
        )
        try:
            address = f"postgresql://postgres@/postgres?host={folder}"
            _as_owner(
                ["psql", "-q", "-h", folder, "-U", "postgres", "-c", "CREATE EXTENSION postgis"], folder
            )
            yield address
        finally:
            _as_owner([programs() / "pg_ctl", "-D", data, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def say_absent(reason):
    """Skip, saying why; in CI, where everything is installed, fail instead."""
    if os.environ.get("LEA_GEO_NO_SKIP"):
        pytest.fail(f"CI must run this test: {reason}", pytrace=False)
    pytest.skip(reason)
