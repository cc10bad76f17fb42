"""The classes of values that a map's legend shows.

Values are classed as they are shown: rounded to the indicator's decimals first, so that a legend of
"10.0-12.3" and an area of "12.3" never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.maps.encode import whole_numbers
from lea_geo.maps.palette import N_CLASSES, sequential
from lea_geo.schema import WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import pandas as pd


@dataclass(frozen=True)
class ValueClass:
    """One class of values."""

    lower: float
    """The smallest value in it, as shown."""
    upper: float
    """The largest value in it, as shown."""
    fill: str
    """Its colour as ``#rrggbb``."""


def as_shown(values: npt.ArrayLike, decimals: int) -> npt.NDArray[np.float64]:
    """Round values the way the page shows them: exact binary value, halves away from zero.

    Parameters
    ----------
    values
        Numbers, shape (n,); what is not finite stays NaN.
    decimals
        Decimals shown, 0 or more.

    Examples
    --------
    >>> as_shown([0.5, 2.5, 0.125], 0).tolist()
    [1.0, 3.0, 0.0]
    """
    return whole_numbers(values, decimals) / 10.0**decimals


def class_breaks(shown: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the upper limits of at most five classes with about as many areas in each.

    Quantiles. Equal values never part, so heavy ties give fewer classes; five or fewer
    different values are a class each.

    Parameters
    ----------
    shown
        Finite values as they are shown, shape (n,).
    """
    unique = np.unique(shown)
    if unique.size <= N_CLASSES:
        return unique
    # A limit between two values stands for the lower of them: that is a number which somebody has.
    return np.unique(np.quantile(shown, np.arange(1, N_CLASSES + 1) / N_CLASSES, method="lower"))


def value_classes(frames: Iterable[pd.DataFrame], *, decimals: int) -> tuple[ValueClass, ...]:
    """Return the classes of one indicator, the same in every year so that years compare.

    Parameters
    ----------
    frames
        Columns ``value`` and ``status`` of each year; what has no value is in no class.
    decimals
        Decimals shown.
    """
    held = [frame["value"][frame["status"].isin(list(WITH_VALUE))].to_numpy(float) for frame in frames]
    shown = as_shown(np.concatenate(held), decimals) if held else np.empty(0)
    shown = shown[np.isfinite(shown)]
    if not shown.size:
        return ()
    limits, unique = class_breaks(shown), np.unique(shown)
    lowest = np.r_[unique[0], unique[np.searchsorted(unique, limits[:-1], side="right")]]
    return tuple(
        ValueClass(float(lower), float(upper), fill)
        for lower, upper, fill in zip(lowest, limits, sequential(limits.size), strict=True)
    )
