"""Random numbers that only the seed, the run and what they are for decide: any worker may draw them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lea_geo.robustness_spec import FACTORS


class Key(NamedTuple):
    """Which numbers: those of a run, in one of several samples."""

    run: int
    sample: int = 0


def stream(seed: int, key: Key, factor: str) -> np.random.Generator:
    """Return the random numbers of one factor in one run.

    Philox turns a key (seed and run) and a counter into numbers, and no state is handed on; sample and factor
    are the upper words of the counter, which no run ever counts up to (Salmon et al. 2011,
    https://doi.org/10.1145/2063384.2063405).
    """
    counter = np.array([0, 0, key.sample, FACTORS.index(factor)], dtype=np.uint64)
    return np.random.Generator(
        np.random.Philox(key=np.array([seed, key.run], dtype=np.uint64), counter=counter)
    )
