"""What a pack that leaves holds beside results: checksums and proofs, which must be nothing else.

A proof is read by checking it: what it calls published gives no small group away by itself. A file that looks
like one and proves nothing is left unread, and so keeps the release from being called safe.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

from lea_geo.disclosure.prove.verify_certificate import verify

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo.disclosure.attack.reading.gathered import Gathered
    from lea_geo.disclosure.attack.reading.known import Known

MOST_UNPACKED = 2**30
"""Bytes of one proof."""
_CHECKSUM = re.compile(r"[0-9a-f]{64}  ([^/\\]+)")


def read_checksums(path: Path, name: str, known: Known, gathered: Gathered) -> None:  # noqa: ARG001 - a reader
    """Read nothing of a list of checksums, once every line is the hash of a file beside it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    named = [match[1] if (match := _CHECKSUM.fullmatch(line)) else "" for line in lines]
    if not all(one and (path.parent / one).is_file() for one in named):
        gathered.leave(name, "it holds more than checksums of the files beside it")


def read_proof(path: Path, name: str, known: Known, gathered: Gathered) -> None:  # noqa: ARG001 - a reader
    """Read a proof by checking it."""
    _check_proof(path.read_bytes(), name, gathered)


def read_proofs(path: Path, name: str, known: Known, gathered: Gathered) -> None:  # noqa: ARG001 - a reader
    """Read an archive of proofs by checking each."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.file_size > MOST_UNPACKED or not entry.filename.endswith(".json.gz"):
                gathered.leave(f"{name}: {entry.filename}", "it is no proof")
            else:
                _check_proof(archive.read(entry), f"{name}: {entry.filename}", gathered)
        if archive.comment:
            gathered.leave(name, "it holds more than proofs")


def _check_proof(content: bytes, name: str, gathered: Gathered) -> None:
    with gzip.open(io.BytesIO(content)) as packed:
        told = packed.read(MOST_UNPACKED + 1)
    if len(told) > MOST_UNPACKED:
        gathered.leave(name, "it unpacks to too much")
        return
    faults = verify(json.loads(told))
    if faults:
        gathered.leave(name, f"it is no proof: {faults[0]}")
