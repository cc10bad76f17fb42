"""Whether two places or years differ in segregation by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from lea_geo._checks.segregation import check_comparable

if TYPE_CHECKING:
    from lea_geo.inequality.segregation import SegregationResult


@dataclass(frozen=True)
class SegregationDifference:
    """The difference of two results in every index."""

    table: pd.DataFrame
    """Indexed by ``index``: ``first second`` (underlying), ``difference`` (second less first), ``lower
    upper``, and ``p_value``, two-sided, of no difference."""
    level: float


def segregation_difference(first: SegregationResult, second: SegregationResult) -> SegregationDifference:
    """Compare the underlying indices of two places, years or groups that were counted apart.

    With d and u the lower and upper reach of each interval, the difference has the interval (Zou and Donner's
    recovery of variances)::

        second - first - sqrt(d_second^2 + u_first^2)  to  second - first + sqrt(u_second^2 + d_first^2)

    and the p-value is that of a normal law whose deviation is the reach towards zero. Bias of small numbers,
    which differs with the size of areas, is taken away before. People who are counted in both make the two
    less independent than that, and the interval too wide rather than too narrow.

    Parameters
    ----------
    first, second
        Results of :func:`~lea_geo.inequality.segregation.segregation` with the same indices and level.

    Returns
    -------
    SegregationDifference

    Raises
    ------
    UsageError
        If they are no results, or have different indices, levels or shapes.

    References
    ----------
    Zou and Donner (2008), https://doi.org/10.1002/sim.3095
    """
    check_comparable(first, second)
    one, other = (_ends(result.table) for result in (first, second))
    difference = other[0] - one[0]
    lower = difference - np.hypot(other[0] - other[1], one[2] - one[0])
    upper = difference + np.hypot(other[2] - other[0], one[0] - one[1])
    reach = np.where(difference > 0, difference - lower, upper - difference)
    z = np.abs(difference) / np.maximum(reach, np.finfo(float).tiny) * ndtri((1 + first.level) / 2)
    columns = {
        "first": one[0],
        "second": other[0],
        "difference": difference,
        "lower": lower,
        "upper": upper,
        "p_value": 2 * ndtr(-z),
    }
    return SegregationDifference(pd.DataFrame(columns, index=first.table.index), first.level)


def _ends(table: pd.DataFrame) -> np.ndarray:
    """Return the underlying index and its bounds, which a bound at 0 or 1 never crosses."""
    found = table[["underlying", "underlying_lower", "underlying_upper"]].to_numpy(dtype=float).T
    return np.array([found[0], np.minimum(found[1], found[0]), np.maximum(found[2], found[0])])
