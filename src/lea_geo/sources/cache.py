"""Every answer, kept under its hash with where and when it came from: one folder, movable as it is.

::

    objects/ab/abcd...        the bytes of an answer, named by their SHA-256
    records/0123....json      what was asked of whom and when, under whose licence, and the answer's hash
    incoming/                 answers on their way

A file is written in ``incoming``, forced to the disk and renamed, the object before its record: whoever is
killed, or two who write at once, leave a whole answer or none. No record holds a path.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks import sources as check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

FORGOTTEN_AFTER = 86_400
"""Seconds after which an answer on its way is nobody's."""


@dataclass(frozen=True)
class Record:
    """Where an answer came from."""

    source: str
    """The name in the registry."""
    url: str
    query: Mapping[str, Any]
    """``params``: pairs in the order in which they were sent; ``json``: what was posted, where it was."""
    time: str
    """When it was asked, ISO 8601 in UTC."""
    licence: str
    owner: str
    sha256: str
    bytes: int
    content_type: str

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Fetched:
    """An answer that is in the cache."""

    path: Path
    """The file that holds it."""
    record: Record

    @property
    def content(self) -> bytes:
        """The answer's bytes."""
        return self.path.read_bytes()


@dataclass(frozen=True)
class Cache:
    """A folder of answers."""

    folder: Path

    def __init__(self, folder: str | Path) -> None:
        object.__setattr__(self, "folder", Path(folder))

    def find(self, key: str) -> Fetched | None:
        """Return a kept answer; None where there is none, or where either of its files is not whole."""
        record = self._record(self.folder / "records" / f"{key}.json")
        if record is None:
            return None
        path = self._object(record.sha256)
        return Fetched(path, record) if self._is_whole(path, record) else None

    @contextmanager
    def incoming(self) -> Iterator[BinaryIO]:
        """Give a file to write an answer to; it is gone at the end unless ``keep`` has taken it."""
        folder = self.folder / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        _forget_leftovers(folder)
        path = folder / secrets.token_hex(16)
        try:
            with path.open("x+b") as file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def keep(self, key: str, file: BinaryIO, record: Record) -> Fetched:
        """Put an answer under its hash and its record under ``key``."""
        path = self._object(record.sha256)
        records = self.folder / "records"
        check.check_no_links(self.folder, (path.parent.parent, path.parent, records))
        path.parent.mkdir(parents=True, exist_ok=True)
        file.flush()
        os.fsync(file.fileno())
        Path(file.name).replace(path)
        _sync_folder(path.parent)
        self._write_record(records / f"{key}.json", record)
        return Fetched(path, record)

    def take(self, fetched: Fetched) -> Fetched:
        """Copy an answer of another cache into this one."""
        with self.incoming() as file:
            file.write(fetched.content)
            return self.keep(key_of(fetched.record.url, fetched.record.query), file, fetched.record)

    def records(self) -> dict[str, Record]:
        """Return the records that can be read, by key."""
        found = {path.stem: self._record(path) for path in sorted((self.folder / "records").glob("*.json"))}
        return {key: record for key, record in found.items() if record is not None}

    def verify(self) -> tuple[Record, ...]:
        """Compute every hash again and return the records.

        Raises
        ------
        SourceError
            Naming what has changed, what is gone, and records that cannot be read.
        """
        records = self.records()
        unread = [p.name for p in (self.folder / "records").glob("*.json") if p.stem not in records]
        changed = [
            f"{record.source} {record.sha256[:12]}"
            for record in records.values()
            if not self._is_whole(self._object(record.sha256), record)
        ]
        check.check_cache(self.folder, unread=unread, changed=changed, of=len(records))
        return tuple(records.values())

    def _object(self, sha256: str) -> Path:
        return self.folder / "objects" / sha256[:2] / sha256

    def _record(self, path: Path) -> Record | None:
        try:
            return check.record_fields(json.loads(path.read_text("utf-8")), Record)
        except (OSError, ValueError, RecursionError):
            return None

    def _is_whole(self, path: Path, record: Record) -> bool:
        # A link could lead out of the folder, to a file that nobody fetched.
        if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
            return False
        return hash_file(path) == record.sha256

    def _write_record(self, path: Path, record: Record) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.incoming() as file:
            file.write((json.dumps(record.as_dict(), ensure_ascii=False, indent=1) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        _sync_folder(path.parent)


def key_of(url: str, query: Mapping[str, Any]) -> str:
    """Return the key of a question: the hash of its canonical form, in which parameters are in order."""
    params = sorted((list(pair) for pair in query.get("params", ())), key=lambda pair: pair[0])
    canonical = {"url": url, "params": params, "json": query.get("json")}
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _forget_leftovers(folder: Path) -> None:
    """Remove what those who were killed had begun."""
    for path in folder.iterdir():
        with suppress(OSError):  # its writer has just finished
            if time.time() - path.stat().st_mtime > FORGOTTEN_AFTER:
                path.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no directories.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
