"""Counts, out of ten million draws for each area, how often its neighbours' sum is as small, and as large.

PYTHONPATH=tests/helpers python tests/golden/numbers_of_draws.py tests/golden/draws

Each area's draws are its own: k different others, one after the other, a repeated one drawn again. Sums are
of whole numbers, so that ties are ties. Numba only runs the loop: the random numbers are a counter hashed by
splitmix64, as in ``drawn_fields``. A minute or two on one core.
"""

import sys
from itertools import product
from pathlib import Path

import numba
import numpy as np
import pandas as pd
from drawn_fields import KINDS, MOST, SIZES, drawn_field

DRAWS = 10_000_000
SEED = 2009


@numba.njit
def _bits(counter):
    z = counter * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit
def _count(others, k, observed, draws, start):
    """Return how many sums of k others are at most and at least the observed one."""
    at_most, at_least, counter = 0, 0, start
    chosen = np.zeros(MOST, dtype=np.int64)
    for _ in range(draws):
        total, held = 0, 0
        while held < k:
            counter += np.uint64(1)
            # 44 bits times the number of others: uneven by less than one part in 10^8.
            place = np.int64((_bits(counter) >> np.uint64(20)) * np.uint64(len(others)) >> np.uint64(44))
            repeated = False
            for j in range(held):
                repeated |= chosen[j] == place
            if not repeated:
                chosen[held] = place
                held += 1
                total += others[place]
        at_most += total <= observed
        at_least += total >= observed
    return at_most, at_least


def main(folder: str) -> None:
    rows: list[tuple[object, ...]] = []
    for kind, n in product(KINDS, SIZES):
        field = drawn_field(kind, n)
        for area, near in enumerate(field.neighbours):
            others = np.delete(field.whole, area)
            start = np.uint64((SEED << 40) + (len(rows) << 28))
            counts = _count(others, len(near), int(field.whole[near].sum()), DRAWS, start)
            rows.append((kind, n, area, len(near), DRAWS, *counts))
    columns = ["kind", "n", "area", "k", "draws", "at_most", "at_least"]
    pd.DataFrame(rows, columns=columns).to_csv(Path(folder) / "counts.csv", index=False)


if __name__ == "__main__":
    main(sys.argv[1])
