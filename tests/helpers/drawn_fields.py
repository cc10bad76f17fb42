"""Fields whose neighbour sums were drawn ten million times: made of whole numbers alone.

No random library and no floating point decides them, so every machine and every version makes the same ones,
and the stored counts of ``tests/golden/draws`` keep their meaning.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lea_geo.spatial.graph import AreaGraph

SIZES = (100, 3_000, 100_000)
KINDS = ("counts", "continuous")
TESTED = 48
"""How many areas of each field have neighbours."""
MOST = 8
"""Area a has 1 + a % 8 neighbours."""
STEP = np.pi / 2**20
"""Unit of the continuous fields: its multiples lie on no short decimals."""


@dataclass(frozen=True)
class DrawnField:
    """Whole numbers for each area, and the neighbours of the first ``TESTED`` areas."""

    whole: np.ndarray
    """Shape (n,), whole numbers."""
    neighbours: list[np.ndarray]
    kind: str

    @property
    def values(self) -> pd.Series:
        unit = 1.0 if self.kind == "counts" else STEP
        return pd.Series(self.whole * unit, index=names(len(self.whole)))

    @property
    def graph(self) -> AreaGraph:
        counts = np.zeros(len(self.whole), dtype=np.int64)
        counts[:TESTED] = [len(row) for row in self.neighbours]
        indices = np.concatenate([np.sort(row) for row in self.neighbours])
        indptr = np.concatenate([[0], np.cumsum(counts)])
        return AreaGraph(names(len(self.whole)), indptr, indices, np.ones(len(indices)))


def names(n: int) -> pd.Index:
    return pd.Index([f"a{i:06d}" for i in range(n)])


def hashed(stream: int, count: int) -> np.ndarray:
    """Return 20 random bits for each of ``count`` places: splitmix64 (Steele, Lea and Flood 2014)."""
    z = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(stream << 32)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(44)).astype(np.int64)


def drawn_field(kind: str, n: int) -> DrawnField:
    """Return one field.

    ``counts``: a third are 0, most others 1 or 2, the largest 62. ``continuous``: the product of three even
    draws, of skewness 1.8 and hardly ever tied. Neighbours are picked by rank, for the first twelve areas
    evenly, then more and more towards the largest or the smallest values, so that the sums reach into both
    tails.
    """
    stream = 10 * n + 1 + KINDS.index(kind)
    if kind == "counts":
        whole = np.maximum(0, 2**21 // (hashed(stream, n) + 2**15) - 2)
    else:
        one, two, three = (hashed(stream + 10**6 * (1 + draw), n) for draw in range(3))
        whole = one * two * three >> 30
    ranked = np.argsort(whole, kind="stable")
    neighbours = [_neighbours(area, ranked, stream) for area in range(TESTED)]
    return DrawnField(whole, neighbours, kind)


def _neighbours(area: int, ranked: np.ndarray, stream: int) -> np.ndarray:
    bits = hashed(stream + 10**7 * (1 + area), 40)
    share = bits
    for _ in range(area // 12):
        share = share * bits >> 20
    place = share * len(ranked) >> 20
    chosen = ranked[place if area // 4 % 2 else len(ranked) - 1 - place]
    others = chosen[chosen != area]
    first = np.sort(np.unique(others, return_index=True)[1])
    return np.asarray(others[first][: 1 + area % MOST])
