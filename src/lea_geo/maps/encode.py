"""Numbers and words of the page as few bytes: whole numbers, byte planes, varints, gzip, base64.

The page's ``decode.js`` reads what is written here. The same data give the same text.
"""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._classes import whole_numbers

if TYPE_CHECKING:
    import numpy.typing as npt

_EXACT = 2.0**52
"""Whole numbers, and differences between two of them, are exact in a browser up to twice this."""
_LEVEL = 6
"""Of gzip: 9 saves another 2 % of a column of 300 000 cells, and takes five to ten times as long."""


def pack_bytes(data: bytes | npt.NDArray[np.uint8]) -> str:
    """Return bytes, gzipped and base64-coded."""
    return base64.b64encode(gzip.compress(bytes(data), compresslevel=_LEVEL, mtime=0)).decode("ascii")


def varints(numbers: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Return whole numbers as LEB128: base 128, low digits first, the highest bit saying that more follow.

    Parameters
    ----------
    numbers
        Whole numbers from 0 to 2**53, shape (n,).

    Examples
    --------
    >>> varints([5, 127, 128, 300]).tolist()
    [5, 127, 128, 1, 172, 2]
    """
    left = np.asarray(numbers, dtype=np.int64)
    if left.size == 0:
        return np.empty(0, dtype=np.uint8)
    length = np.ones(left.size, dtype=np.int64)
    for bits in range(7, int(left.max()).bit_length(), 7):
        length += left >> bits > 0
    place = np.cumsum(length) - length
    out = np.empty(int(length.sum()), dtype=np.uint8)
    while left.size:
        more = length > 1
        out[place] = (left & 127) | (more << 7)
        left, length, place = left[more] >> 7, length[more] - 1, place[more] + 1
    return out


def zigzag(numbers: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Fold whole numbers of both signs into those from 0 on, small ones staying small.

    Examples
    --------
    >>> zigzag([0, -1, 1, -2]).tolist()
    [0, 1, 2, 3]
    """
    signed = np.asarray(numbers, dtype=np.int64)
    return (signed << 1) ^ (signed >> 63)


def encode_numbers(values: npt.ArrayLike, decimals: int) -> dict[str, Any]:
    """Return a column of numbers as the page shows them.

    Parameters
    ----------
    values
        Numbers, shape (n,); what is not finite is blank.
    decimals
        Decimals shown, from 0 to 22. Fewer are kept where numbers are so large that a browser cannot
        count them in that unit (from 4.5e15 on).

    Returns
    -------
    dict
        ``type decimals low width data``: a code of 0 is a blank, any other code stands for the value
        ``(code - 1 + low) / 10**decimals``; ``data`` holds the codes' low bytes, then the next ones.
    """
    numbers = np.asarray(values, dtype=np.float64)
    largest = float(np.max(np.abs(numbers), where=np.isfinite(numbers), initial=0.0))
    while largest * 10.0**decimals >= _EXACT:
        decimals -= 1
    whole = whole_numbers(numbers, decimals)
    blank = np.isnan(whole)
    low = int(np.min(whole, where=~blank, initial=np.inf)) if not blank.all() else 0
    codes = np.where(blank, 0.0, whole - low + 1).astype(np.uint64)
    return {"type": "number", "decimals": decimals, "low": low, **_planes(codes)}


def encode_words(values: npt.ArrayLike | pd.Series) -> dict[str, Any]:
    """Return a column of words, each word once.

    Parameters
    ----------
    values
        Texts, shape (n,); missing and empty ones are blank.

    Returns
    -------
    dict
        ``type words width data``: a code of 0 is a blank, any other code k stands for ``words[k - 1]``.
    """
    found, different = pd.factorize(pd.Series(values))
    words = [str(word) for word in different]
    kept = sorted({word for word in words if word})
    code_of = {word: code for code, word in enumerate(kept, start=1)}
    codes = np.asarray([0, *(code_of.get(word, 0) for word in words)], dtype=np.uint64)[found + 1]
    return {"type": "word", "words": kept, **_planes(codes)}


def _planes(codes: npt.NDArray[np.uint64]) -> dict[str, Any]:
    width = max(1, (int(codes.max(initial=0)).bit_length() + 7) // 8)
    planes = codes.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width]
    return {"width": width, "data": pack_bytes(np.ascontiguousarray(planes.T).tobytes())}
