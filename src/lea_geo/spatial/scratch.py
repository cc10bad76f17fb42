"""Memory that is used again: a fresh page costs a processor more than most of what is written on it."""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

MOST_KEPT = 2**26
"""Larger arrays, in bytes, are made afresh and forgotten."""


class _Held(local):
    """What this thread has at hand."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}


_HELD = _Held()


def scratch(name: str, shape: tuple[int, ...], dtype: DTypeLike = float) -> np.ndarray:
    """Return an array whose contents are undefined, on the memory that this thread last had under this name.

    What it had there is lost: nothing that outlives the computation may be kept in it.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size > MOST_KEPT:
        return np.empty(shape, dtype=dtype)
    held = _HELD.arrays.get(name)
    if held is None or len(held) < size:
        held = _HELD.arrays[name] = np.empty(size, dtype=np.uint8)
    return held[:size].view(dtype).reshape(shape)
