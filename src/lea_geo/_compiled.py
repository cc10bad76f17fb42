"""Loops as machine code, for any room, and how many threads may run them."""

from __future__ import annotations

import os
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numba

from lea_geo._checks.options import check_threads

if TYPE_CHECKING:
    from collections.abc import Callable

Loop = TypeVar("Loop", bound="Callable[..., object]")

THREADS = "LEA_GEO_THREADS"
"""Environment variable: how many threads to use; left out, one for each core that this process may use."""


def compiled(loop: Loop) -> Loop:
    """Return a loop over arrays as machine code that lets other threads run beside it.

    What was compiled is kept beside the source, or in the user's cache; where neither can be written, it is
    compiled again by each process.
    """
    code = numba.njit(nogil=True, error_model="numpy")(loop)
    try:
        code.enable_caching()
        # numba would look at the time of this one file, and miss a change in a loop that it calls.
        code._cache._cache_file._source_stamp = _stamp()  # noqa: SLF001 - there is no public way to say it
    except (RuntimeError, AttributeError):  # no place to keep it, or a numba that keeps it in another way
        code = numba.njit(nogil=True, error_model="numpy")(loop)
    return cast("Loop", code)


@cache
def _stamp() -> str:
    """Return a digest of all source files that hold compiled loops."""
    digest = blake2b(digest_size=16)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text = path.read_bytes()
        if b"@compiled" in text:
            digest.update(text)
    return digest.hexdigest()


def thread_count() -> int:
    """Return how many threads loops are spread over."""
    asked = os.environ.get(THREADS, "")
    if asked:
        return check_threads(THREADS, asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
