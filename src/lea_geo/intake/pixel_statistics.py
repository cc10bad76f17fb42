"""Statistics of the pixels that an area covers, each counted by how much of it is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Statistic = Callable[[Floats, Floats], float]

_HALF = 1e-6
"""How near to half the weight counts as half: the coverage of pixels is known to single precision."""


def _mean(values: Floats, weights: Floats) -> float:
    return _sum(values, weights) / float(weights.sum())


def _sum(values: Floats, weights: Floats) -> float:
    # Not ``values @ weights``, whose last digits hang on how many threads a library takes.
    return float((values * weights).sum())


def _stdev(values: Floats, weights: Floats) -> float:
    apart = values - _mean(values, weights)
    return float(np.sqrt(_mean(apart * apart, weights)))


def _median(values: Floats, weights: Floats) -> float:
    """Return the value with half of the weight on either side; where two share the middle, their mean."""
    order = np.argsort(values, kind="stable")
    values, share = values[order], np.cumsum(weights[order]) / weights.sum()
    low = int(np.searchsorted(share, 0.5 - _HALF))
    high = int(np.searchsorted(share, 0.5 + _HALF))
    return float((values[low] + values[min(high, len(values) - 1)]) / 2)


def _majority(values: Floats, weights: Floats) -> float:
    """Return the value with most weight; of several, the largest."""
    different, place = np.unique(values, return_inverse=True)
    held = np.bincount(place, weights)
    return float(different[np.flatnonzero(held >= held.max() * (1 - _HALF))[-1]])


def _variety(values: Floats, weights: Floats) -> float:
    del weights
    return float(np.unique(values).size)


STATISTICS: Mapping[str, Statistic] = {
    "mean": _mean,
    "sum": _sum,
    "min": lambda values, weights: float(values.min()),  # noqa: ARG005 - all have weights
    "max": lambda values, weights: float(values.max()),  # noqa: ARG005 - the same
    "median": _median,
    "stdev": _stdev,
    "majority": _majority,
    "variety": _variety,
}
"""Each takes values and positive weights of the same shape (n,), n at least 1."""
