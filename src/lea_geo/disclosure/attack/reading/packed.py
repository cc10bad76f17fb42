"""What a map's page packs: numbers and words in byte planes, rows of small numbers, texts."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MOST_BYTES = 2**30
"""Of what one packed text may hold."""
_GZIP = 31
"""What zlib calls gzip."""
_LONGEST = 9
"""Bytes of a varint that a page can hold."""


def unpack_bytes(text: object, most: int = MOST_BYTES) -> bytes:
    """Return what a base64 text of gzip holds.

    Raises
    ------
    ValueError
        It is none, is cut, or holds more than ``most`` bytes.
    """
    try:
        packed = base64.b64decode(str(text), validate=True)
        unpacking = zlib.decompressobj(_GZIP)
        found = unpacking.decompress(packed, most + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"a packed column is broken ({error})") from error
    if len(found) > most or not unpacking.eof or unpacking.unused_data:
        raise ValueError("a packed column holds more than it says, or less")
    return found


def unpack_json(text: object) -> Any:  # noqa: ANN401 - whatever the page holds
    """Return what a packed JSON text holds."""
    return json.loads(unpack_bytes(text))


def column_length(column: Mapping[str, Any]) -> int:
    """Return how many cells a packed column has."""
    return len(unpack_bytes(column["data"])) // int(column["width"])


def _codes(column: Mapping[str, Any], n: int) -> NDArray[np.int64]:
    """Return the codes of a column from its planes of bytes, the lowest first."""
    width = int(column["width"])
    if not 0 < width <= 8:
        raise ValueError(f"a packed column has cells of {width} bytes")
    planes = np.frombuffer(unpack_bytes(column["data"], n * width), dtype=np.uint8)
    if planes.size != n * width:
        raise ValueError(f"a packed column has {planes.size // width} cells for {n} areas")
    codes = np.zeros(n, dtype=np.int64)
    for place, plane in enumerate(planes.reshape(width, n)):
        codes |= plane.astype(np.int64) << (8 * place)
    return codes


def unpack_numbers(column: Mapping[str, Any], n: int) -> NDArray[np.float64]:
    """Return the numbers of a column as whole units of its last decimal; NaN where it is blank."""
    codes = _codes(column, n)
    return np.where(codes > 0, codes - 1.0 + float(column["low"]), np.nan)


def unpack_words(column: Mapping[str, Any], n: int) -> NDArray[np.object_]:
    """Return the words of a column; empty where it is blank."""
    words = np.array(["", *map(str, column["words"])], dtype=object)
    found: NDArray[np.object_] = words[_codes(column, n)]
    return found


def unpack_varints(text: object) -> NDArray[np.int64]:
    """Return a row of whole numbers in base 128, low digits first."""
    held = np.frombuffer(unpack_bytes(text), dtype=np.uint8).astype(np.int64)
    last = np.flatnonzero(held < 128)
    start = np.r_[0, last[:-1] + 1] if last.size else last
    if held.size and (not last.size or last[-1] != held.size - 1 or (last - start).max() >= _LONGEST):
        raise ValueError("a packed row of numbers is broken")
    place = np.arange(held.size) - np.repeat(start, last - start + 1)
    digits = (held & 127) << (7 * place)
    return np.add.reduceat(digits, start) if last.size else digits


def unfold(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers of both signs from those that were folded into whole numbers from 0 on."""
    return (numbers >> 1) ^ -(numbers & 1)
