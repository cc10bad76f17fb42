"""Reads what the page's data pack, as maps/encode.py describes it, without the page's own decoder."""

import base64
import gzip

import numpy as np


def unpacked(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text))


def column(raw: dict) -> list:
    """Return a column's numbers or words, None for a blank."""
    planes = np.frombuffer(unpacked(raw["data"]), dtype=np.uint8).reshape(raw["width"], -1).astype(int)
    codes = (planes * 256 ** np.arange(raw["width"])[:, None]).sum(axis=0)
    if raw["type"] == "word":
        return [raw["words"][code - 1] if code else None for code in codes]
    return [(code - 1 + raw["low"]) / 10 ** raw["decimals"] if code else None for code in codes]
