"""Random numbers that only the seed, the purpose and the run decide."""

from __future__ import annotations

import numpy as np

PURPOSES = ("noise", "resample", "start", "null", "split", "regions", "compare")


def stream(seed: int, purpose: str, run: int = 0) -> np.random.Generator:
    """Return the random numbers of one run for one purpose (Philox; Salmon et al. 2011).

    Areas are drawn in the order of their ids, so that the order in which they came does not matter.
    """
    counter = np.array([0, 0, 0, PURPOSES.index(purpose)], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=np.array([seed, run], dtype=np.uint64), counter=counter))


def whole_seed(seed: int, purpose: str, run: int = 0) -> int:
    """Return a seed for libraries that take small whole numbers only."""
    return int(stream(seed, purpose, run).integers(2**31 - 1))
