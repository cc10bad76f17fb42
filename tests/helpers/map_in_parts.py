"""A map that is made in parts, by whoever needs one of them: workers of a cluster import this."""

import hashlib

import numpy as np
import pandas as pd

ROWS, COLUMNS, PARTS = 2640, 1600, 40


def strip(part: int) -> pd.DataFrame:
    """Return the cells of some rows of a large map, made where they are needed."""
    noise = np.random.default_rng(part)
    rows = ROWS // PARTS
    row, column = np.divmod(np.flatnonzero(noise.random(rows * COLUMNS) < 0.8), COLUMNS)
    values = noise.normal(size=len(row)).round(3)
    values[noise.random(len(row)) < 0.03] = np.nan
    return pd.DataFrame({"row": row + part * rows, "column": column, "value": values}).sample(
        frac=1, random_state=part
    )


def digest(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many cells a part of the table has, how many bytes, and a hash of all of them in order."""
    bits = hashlib.sha256("".join(table.index).encode())
    for column in table:
        whole = table[column].to_numpy() if table[column].dtype.kind in "fi" else table[column].factorize()
        bits.update(whole.tobytes() if isinstance(whole, np.ndarray) else _of_words(*whole))
    size = int(table.memory_usage(deep=True).sum())
    return pd.DataFrame({"n": [len(table)], "size": [size], "hash": [bits.hexdigest()]})


def _of_words(codes: np.ndarray, words: pd.Index) -> bytes:
    return codes.tobytes() + ",".join(words).encode()
