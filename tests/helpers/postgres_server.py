"""A PostgreSQL with PostGIS of the test's own: in a temporary folder, behind a socket, gone at the end."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

CLUSTERS = Path("/usr/lib/postgresql")


def programs():
    """The folder of the newest server's programs, or None."""
    found = sorted(CLUSTERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    control = Path("/usr/share/postgresql")
    with_postgis = [path.parent for path in found if (control / path.parts[-3] / "extension" / "postgis.control").exists()]
    return with_postgis[-1] if with_postgis else None


def _as_owner(command, folder):
    """PostgreSQL does not run as root."""
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*owner, *map(str, command)], check=True, capture_output=True, timeout=60, cwd=folder)


@contextmanager
def serving():
    """Give the address of a server's database ``postgres``, which has PostGIS; nothing is forced to the disk."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # A socket's path has at most 107 characters.
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    options = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={folder}"
    try:
        _as_owner([programs() / "initdb", "-D", data, "-A", "trust", "-N", "-U", "postgres", "-E", "UTF8"], folder)
        _as_owner([programs() / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"], folder)
        try:
            address = f"postgresql://postgres@/postgres?host={folder}"
            _as_owner(["psql", "-q", "-h", folder, "-U", "postgres", "-c", "CREATE EXTENSION postgis"], folder)
            yield address
        finally:
            _as_owner([programs() / "pg_ctl", "-D", data, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
