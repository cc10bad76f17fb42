"""The null hypothesis of the scan statistic, drawn: the same cases, falling on people at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lea_geo.spatial.compiled import in_chunks, thread_count

if TYPE_CHECKING:
    from lea_geo.spatial.scan.result import ScanSettings
    from lea_geo.spatial.scan.sample import ScanSample

BLOCK = 32
"""How many replicates are scanned together."""
LEAST_EXCEEDANCES = 20
"""The drawing never stops before so many replicates are at least as large as what was observed."""
TIED = 1e-9
"""Log ratios that differ by less than this (relatively, where they are above 1) are equal."""

Progress = Callable[[int, int], object]


class Windows(Protocol):
    """Anything that finds the largest log ratio among its windows."""

    def maxima(self, cases: np.ndarray) -> np.ndarray:
        """Return the largest log ratio of each column."""
        ...


@dataclass(frozen=True)
class Null:
    """What chance alone makes of the scan statistic."""

    maxima: np.ndarray
    """The largest log ratio of each replicate that ran, in the order of the draws."""
    exceedances: int
    """After how many replicates at least as large as the observed maximum the drawing stops."""
    stopped: bool
    """Whether it stopped so."""

    def p_value(self, ratio: float) -> float:
        """Return P(the largest log ratio is at least ``ratio``)."""
        as_large = int(np.count_nonzero(self.maxima >= _tied(ratio)))
        if self.stopped:
            return as_large / len(self.maxima)
        return (as_large + 1) / (len(self.maxima) + 1)


NOTHING_DRAWN = Null(np.empty(0), 0, stopped=False)
"""Where nothing can be tested."""


def _tied(ratio: float) -> float:
    return ratio - TIED * max(1.0, ratio)


def exceedances_needed(permutations: int, level: float) -> int:
    """Return after how many replicates as large as the observed one the drawing may stop.

    With so many the p-value is above the level whatever the other draws would bring, so that no decision
    changes; but at least 20, so that the p-value is worth its name.
    """
    return max(LEAST_EXCEEDANCES, ceil(level * (permutations + 1) - 1e-9))


def draw_null(
    sample: ScanSample,
    windows: Windows,
    observed: float,
    search: ScanSettings,
    *,
    progress: Progress | None = None,
) -> Null:
    """Draw replicates until there are enough, and keep the largest log ratio of each.

    Replicate *r* has a generator of its own, keyed by the seed and *r*; so any number of threads draws the
    same.
    """
    permutations, seed = search.permutations, search.seed
    enough = exceedances_needed(permutations, search.level)
    together = BLOCK * thread_count()
    maxima = np.empty(permutations)
    for begin in range(0, permutations, together):
        end = min(begin + together, permutations)
        blocks = range(begin, end, BLOCK)

        def scan(first: int, last: int, blocks: range = blocks, end: int = end) -> None:
            for start in blocks[first:last]:
                stop = min(start + BLOCK, end)
                cases = [draw_cases(sample, seed, draw) for draw in range(start, stop)]
                maxima[start:stop] = windows.maxima(np.ascontiguousarray(np.transpose(cases), dtype=float))

        in_chunks(scan, len(blocks), least=1)
        if progress is not None:
            progress(end, permutations)
        as_large = np.flatnonzero(maxima[:end] >= _tied(observed))
        if len(as_large) >= enough:
            return Null(maxima[: as_large[enough - 1] + 1].copy(), enough, stopped=True)
    return Null(maxima, enough, stopped=False)


def draw_cases(sample: ScanSample, seed: int, draw: int) -> np.ndarray:
    """Return the cases of one replicate, shape (n,): as many in all as were observed.

    Poisson: multinomial, each case in an area with the share of its people. Bernoulli: multivariate
    hypergeometric, the cases a random sample of the people.
    """
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, draw], dtype=np.uint64)))
    total = int(sample.cases.sum())
    if sample.bernoulli:
        return generator.multivariate_hypergeometric(
            sample.people.astype(np.int64), total, method="marginals"
        )
    return generator.multinomial(total, sample.people / sample.people.sum())
