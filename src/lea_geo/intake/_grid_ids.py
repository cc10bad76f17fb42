"""How grid ids are spelled, and the numbers in many of them at once, without a loop in Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.types import is_large_string, is_string

if TYPE_CHECKING:
    import pandas as pd


class Spelling(NamedTuple):
    """How the ids of one size are written."""

    prefix: str
    unit: int
    northing_digits: int
    easting_digits: int


SPELLINGS = {
    250: Spelling("250m", 10, 6, 5),
    1000: Spelling("1km", 1000, 4, 4),
    5000: Spelling("5km", 5000, 4, 4),
}
PATTERNS = {
    s.prefix: re.compile(rf"{s.prefix}N([0-9]{{{s.northing_digits}}})E([0-9]{{{s.easting_digits}}})")
    for s in SPELLINGS.values()
}

Letters: TypeAlias = NDArray[np.uint8]
"""Texts of the same length as a table of bytes, one row a text."""


def letters_of(ids: pd.Index[str] | list[str]) -> Letters:
    """Return the bytes of ids of the same length; no rows if they differ in length or are no texts."""
    none = np.empty((0, 0), dtype=np.uint8)
    try:
        texts = pa.array(ids, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return none
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if len(texts) == 0 or texts.null_count or not (is_string(texts.type) or is_large_string(texts.type)):
        return none
    _, places, content = texts.cast(pa.large_string()).buffers()
    ends = np.frombuffer(places, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    width = int(ends[1] - ends[0])
    if width == 0 or (np.diff(ends) != width).any():
        return none
    return np.frombuffer(content, dtype=np.uint8)[ends[0] : ends[-1]].reshape(-1, width)


def named_size(letters: Letters) -> int | None:
    """Return the size of the cells that all ids name, or None if they do not all look like such ids."""
    for size, (prefix, _, wide, narrow) in SPELLINGS.items():
        spelled = f"{prefix}N{'0' * wide}E{'0' * narrow}".encode()
        if len(letters) == 0 or letters.shape[1] != len(spelled):
            continue
        template = np.frombuffer(spelled, dtype=np.uint8)
        digit = np.arange(len(spelled)) > len(prefix)
        digit[len(prefix) + 1 + wide] = False
        # Unsigned bytes below the digit 0 wrap around to large numbers.
        if ((letters - template) <= np.where(digit, 9, 0)).all():
            return size
    return None


def number_at(letters: Letters, start: int, digits: int) -> NDArray[np.int64]:
    """Return the whole numbers written in ``digits`` columns of the letters."""
    number = np.zeros(len(letters), dtype=np.int64)
    for column in range(start, start + digits):
        number = 10 * number + (letters[:, column] - ord("0"))
    return number
