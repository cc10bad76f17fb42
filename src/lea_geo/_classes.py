"""The classes of values that a legend shows, on the map and in the styles of files.

Values are classed as they are shown: rounded to the indicator's decimals first, so that a legend of
"10.0-12.3" and an area of "12.3" never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._colours import DIVERGING, N_CLASSES, sequential
from lea_geo.schema import WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt
    import pandas as pd

    from lea_geo.chapter import Column


_SPLITTER = 2.0**27 + 1


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


def whole_numbers(values: npt.ArrayLike, decimals: int) -> npt.NDArray[np.float64]:
    """Return ``values * 10**decimals`` rounded to whole numbers: exact binary value, halves away from zero.

    Parameters
    ----------
    values
        Numbers, shape (n,).
    decimals
        Decimals shown, at most 22.

    Returns
    -------
    ndarray
        Whole numbers, shape (n,); NaN for what is not finite.

    Notes
    -----
    The product is rounded to a double, which may turn something just below a half into a half. What the
    rounding took away is known exactly: Dekker 1971, doi:10.1007/BF01397083.

    Examples
    --------
    >>> whole_numbers([0.5, -2.5, 0.125, 1.005], 2).tolist()
    [50.0, -250.0, 13.0, 100.0]
    """
    array = np.asarray(values, dtype=np.float64)
    size = np.where(np.isfinite(array), np.abs(array), 0.0)
    scale = 10.0**decimals
    product = size * scale
    whole = np.floor(product)
    over = product - whole
    up = over > 0.5
    halves = np.flatnonzero(over == 0.5)
    up[halves] = _lost(size[halves], scale, product[halves]) >= 0
    return np.where(np.isfinite(array), np.copysign(whole + up, array), np.nan) + 0.0


def _lost(left: npt.NDArray[np.float64], right: float, product: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Return what is missing of ``left * right`` in ``product``, without error."""
    high, right_high = (_SPLITTER * v - (_SPLITTER * v - v) for v in (left, right))
    low, right_low = left - high, right - right_high
    return ((high * right_high - product) + high * right_low + low * right_high) + low * right_low


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
    limits = class_breaks(shown)
    return _classed(shown, limits, sequential(limits.size))


def _classed(
    shown: npt.NDArray[np.float64], limits: npt.NDArray[np.float64], fills: Sequence[str]
) -> tuple[ValueClass, ...]:
    unique = np.unique(shown)
    lowest = np.r_[unique[0], unique[np.searchsorted(unique, limits[:-1], side="right")]]
    return tuple(
        ValueClass(float(lower), float(upper), fill)
        for lower, upper, fill in zip(lowest, limits, fills, strict=True)
    )


def in_shown_unit(column: Column, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return numbers of a chapter's column in the unit that they are shown in: shares in per cent."""
    return np.asarray(values, dtype=np.float64) * (100.0 if column.unit == "share" else 1.0)


def column_classes(column: Column, values: npt.ArrayLike) -> tuple[ValueClass, ...]:
    """Return the classes of a chapter's column that a map draws, in the unit that numbers are shown in.

    Parameters
    ----------
    column
        Its ``scale`` decides: ``sequential`` gives at most five classes with about as many areas in each;
        ``diverging`` at most two below its ``middle`` and two above it, parted at each side's median, and
        one for what is shown as the middle itself.
    values
        As they are stored, shape (n,); NaN is in no class.
    """
    shown = as_shown(in_shown_unit(column, values), column.decimals)
    shown = shown[np.isfinite(shown)]
    if not shown.size:
        return ()
    if column.scale != "diverging":
        limits = class_breaks(shown)
        return _classed(shown, limits, sequential(limits.size))
    middle = float(as_shown(in_shown_unit(column, [column.middle]), column.decimals)[0])
    below, above = shown[shown < middle], shown[shown > middle]
    parted = [
        *_classed_side(below, DIVERGING[:2]),
        *((ValueClass(middle, middle, DIVERGING[2]),) if (shown == middle).any() else ()),
        *_classed_side(above, DIVERGING[3:]),
    ]
    return tuple(parted)


def _classed_side(shown: npt.NDArray[np.float64], fills: Sequence[str]) -> tuple[ValueClass, ...]:
    """Return one side of the middle in two classes; in the stronger colour alone where one will do."""
    if not shown.size:
        return ()
    limits = np.unique(np.quantile(shown, [0.5, 1.0], method="lower"))
    return _classed(shown, limits, fills if limits.size > 1 else (max(fills, key=_strength),))


def _strength(fill: str) -> int:
    """Return how far a colour is from white."""
    return sum(255 - int(fill[i : i + 2], 16) for i in (1, 3, 5))
