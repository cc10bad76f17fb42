"""Ids for grid cells that are known by their row and column alone: ``r12c-3``, made without a Python loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from lea_geo.schema import AREA_ID
from lea_geo.spatial.compiled import compiled, in_chunks

if TYPE_CHECKING:
    from lea_geo.spatial.links import LongArray


def cell_ids(row: LongArray, column: LongArray) -> pd.Index[str]:
    """Return the id of each cell, ``r`` and its row and ``c`` and its column, shape (n,)."""
    n = len(row)
    ends = np.zeros(n + 1, dtype=np.int64)
    in_chunks(lambda start, stop: _measure(start, stop, row, column, ends), n)
    ends = np.cumsum(ends)
    letters = np.empty(ends[-1], dtype=np.uint8)
    in_chunks(lambda start, stop: _write(start, stop, row, column, ends, letters), n)
    texts = pa.LargeStringArray.from_buffers(n, pa.py_buffer(ends), pa.py_buffer(letters))
    ids: pd.Index[str] = pd.Index(pd.array(texts, dtype="str"), name=AREA_ID)
    return ids


@compiled
def _digits(number: int) -> int:
    count = 1
    while number > 9:
        number //= 10
        count += 1
    return count


@compiled
def _measure(start: int, stop: int, row: LongArray, column: LongArray, lengths: LongArray) -> None:
    for i in range(start, stop):
        signs = (row[i] < 0) + (column[i] < 0)
        lengths[i + 1] = 2 + signs + _digits(abs(row[i])) + _digits(abs(column[i]))


@compiled
def _write(
    start: int, stop: int, row: LongArray, column: LongArray, ends: LongArray, letters: np.ndarray
) -> None:
    for i in range(start, stop):
        end = _write_number(letters, ends[i + 1], column[i], 99)  # c
        _write_number(letters, end, row[i], 114)  # r


@compiled
def _write_number(letters: np.ndarray, end: int, number: int, leading: int) -> int:
    """Write a letter and a number so that they end before ``end``; return where they begin."""
    rest = abs(number)
    place = end
    for _ in range(_digits(rest)):
        place -= 1
        letters[place] = 48 + rest % 10
        rest //= 10
    if number < 0:
        place -= 1
        letters[place] = 45
    letters[place - 1] = leading
    return place - 1
