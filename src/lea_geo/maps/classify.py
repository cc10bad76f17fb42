"""Which class an area falls into, in each of the map's views.

Values are classed as they are shown: rounded to the indicator's decimals first, so that a legend of
"10.0-12.3" and an area of "12.3" never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.maps.palette import N_CLASSES, STYLES, Style, sequential
from lea_geo.schema import WITH_VALUE, Label, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

_LABEL_ORDER = tuple(label for label in Label if label not in (Label.ISOLATE, Label.UNDEFINED))
_ALWAYS_LISTED = {
    "local_moran": (Label.HIGH_HIGH, Label.LOW_LOW, Label.LOW_HIGH, Label.HIGH_LOW, Label.NOT_SIGNIFICANT),
    "local_g_star": (Label.HIGH_HIGH, Label.LOW_LOW, Label.NOT_SIGNIFICANT),
}
"""Classes that a legend shows even where nobody is in them: that nobody is, is a finding."""
_PATTERN_ORDER = (
    Status.SUPPRESSED,
    Status.MISSING,
    Status.NOT_APPLICABLE,
    Label.ISOLATE,
    Label.UNDEFINED,
)


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend."""

    key: str
    """``class.0`` ... for values, otherwise a label or a status."""
    style: Style
    count: int
    """How many areas are in the class."""
    lower: float | None = None
    """The smallest value of the class, as shown; None where the class is no range."""
    upper: float | None = None
    """The largest value of the class, as shown."""


@dataclass(frozen=True)
class View:
    """One way to colour the map."""

    entries: tuple[LegendEntry, ...]
    codes: npt.NDArray[np.int64]
    """For each area the position of its entry, shape (n,)."""


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
    step = Decimal(1).scaleb(-decimals)
    array = np.asarray(values, dtype=np.float64)
    rounded = [
        float(Decimal(value).quantize(step, ROUND_HALF_UP)) if abs(value) < 1e15 else value
        for value in np.where(np.isfinite(array), array, 0.0).tolist()
    ]
    return np.where(np.isfinite(array), np.asarray(rounded, dtype=np.float64), np.nan)


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


def view_values(values: pd.Series, status: pd.Series, *, decimals: int) -> View:
    """Class areas by value; what has no value is a class of its own.

    Parameters
    ----------
    values
        The indicator, shape (n,).
    status
        ``schema.Status`` of each area.
    decimals
        Decimals shown.
    """
    specials = _special_keys(status, np.isfinite(values.to_numpy(dtype=np.float64, na_value=np.nan)))
    held = np.asarray([key is None for key in specials], dtype=bool)
    shown = as_shown(values.to_numpy(dtype=np.float64, na_value=np.nan), decimals)
    limits = class_breaks(shown[held]) if held.any() else np.empty(0)
    which = np.searchsorted(limits, shown, side="left")
    keys = [special or f"class.{which[i]}" for i, special in enumerate(specials)]
    unique = np.unique(shown[held])
    lowest = (
        [unique[0], *(unique[np.searchsorted(unique, limit, side="right")] for limit in limits[:-1])]
        if (limits.size)
        else []
    )
    ranges = [(float(low), float(high)) for low, high in zip(lowest, limits, strict=True)]
    return _view(keys, ranges)


def view_labels(labels: pd.Series, status: pd.Series, *, method: str) -> View:
    """Class areas by cluster label; what has no value is a class of its own.

    Parameters
    ----------
    labels
        ``schema.Label`` of each area; a blank one counts as Undefined.
    status
        ``schema.Status`` of each area.
    method
        One of ``schema.LOCAL_METHODS``.
    """
    known = {str(label) for label in Label}
    specials = _special_keys(status, np.ones(len(status), dtype=bool))
    keys = [
        special or (label if label in known else str(Label.UNDEFINED))
        for special, label in zip(specials, labels.astype(object), strict=True)
    ]
    return _view(keys, [], always=_ALWAYS_LISTED[method])


def _special_keys(status: pd.Series, finite: npt.NDArray[np.bool_]) -> list[str | None]:
    """Return for each area the status that stands in for a value, or None where there is a value."""
    with_value = {str(s) for s in WITH_VALUE}
    known = {str(s) for s in Status}
    keys: list[str | None] = []
    for state, has_number in zip(status.astype(object), finite, strict=True):
        if state in with_value:
            keys.append(None if has_number else str(Label.UNDEFINED))
        else:
            keys.append(str(state) if state in known else str(Status.MISSING))
    return keys


def _view(keys: Sequence[str], ranges: Sequence[tuple[float, float]], *, always: Sequence[str] = ()) -> View:
    """Return legend and codes: classes of values, then labels, then patterns."""
    counts: dict[str, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    entries = [
        LegendEntry(f"class.{i}", Style(colour), counts.get(f"class.{i}", 0), lower, upper)
        for i, ((lower, upper), colour) in enumerate(zip(ranges, sequential(len(ranges)), strict=True))
    ]
    rest = [str(key) for key in (*_LABEL_ORDER, *_PATTERN_ORDER) if key in counts or key in always]
    entries += [LegendEntry(key, STYLES[key], counts.get(key, 0)) for key in rest]
    position = {entry.key: i for i, entry in enumerate(entries)}
    return View(tuple(entries), np.asarray([position[key] for key in keys], dtype=np.int64))
