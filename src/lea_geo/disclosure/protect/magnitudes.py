"""Sums of money and the like: areas whose sum tells too much of one who contributes to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.disclosure_protect import check_contributions, check_magnitude_rules
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class SensitiveSums(ByArea):
    """Which areas' sums must not be published as they are, and how wide an interval would protect them."""

    table: pd.DataFrame
    """Indexed by ``area_id``; not for the release. ``total contributors largest second`` (the two largest
    contributions), ``dominance p_percent few`` (whether the area breaks each rule that was given),
    ``sensitive`` (any of them) and ``protection``: how far above its total, and below it, the sum must be
    possible for whoever adds and subtracts; 0 where nothing is sensitive, NaN where too few is all."""
    dominance: tuple[int, float] | None
    p_percent: float | None
    minimum_count: int


def sensitive_sums(
    contributions: pd.Series,
    *,
    dominance: tuple[int, float] | None = None,
    p_percent: float | None = None,
    minimum_count: int = 1,
) -> SensitiveSums:
    r"""Return which areas' sums say too much of one contributor, by dominance or by the p% rule.

    With X the sum of an area's contributions x_1 >= x_2 >= ..., an area is sensitive by

    * (n, k) dominance if x_1 + ... + x_n > k/100 X: few make up nearly all of it,
    * the p% rule if X - x_1 - x_2 < p/100 x_1: the second largest, who knows x_2, could estimate x_1 to
      within p %.

    What protects it is an interval around X that reaches at least as far as (Handbook, table 4.2)::

        dominance  100/k (x_1 + ... + x_n) - X        p%  p/100 x_1 - (X - x_1 - x_2)

    the larger where both are given. Give it to secondary suppression as the interval that a hidden sum needs.

    Parameters
    ----------
    contributions
        One number of 0 or more for each contributor, indexed by the ``area_id`` of its area, which repeats.
    dominance
        ``(n, k)``: so many contributors, and their largest share in percent.
    p_percent
        p, in percent.
    minimum_count
        The fewest contributors of a sum that is published.

    Raises
    ------
    UsageError
        If no rule is given or one is out of range.
    ValuesError
        If a contribution is negative, missing or no number.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, section 4.2, https://doi.org/10.1002/9781118348239
    Willenborg and de Waal (2001), https://doi.org/10.1007/978-1-4613-0121-9

    Examples
    --------
    >>> sums = sensitive_sums(pd.Series([90.0, 6, 4], index=["a", "a", "a"]), p_percent=10)
    >>> bool(sums.table.loc["a", "sensitive"]), float(sums.table.loc["a", "protection"])
    (True, 5.0)
    """
    check_magnitude_rules(dominance, p_percent, minimum_count)
    given = check_contributions(contributions)
    ordered, area, first, ids = _by_area(given)
    total = np.add.reduceat(ordered, first)
    rank = np.arange(len(ordered)) - first[area]
    largest, second = (_of_rank(ordered, area, rank, place, len(ids)) for place in (0, 1))
    broken, needed = {}, []
    if dominance is not None:
        n, share = dominance
        few = np.bincount(area, weights=np.where(rank < n, ordered, 0.0), minlength=len(ids))
        broken["dominance"] = few > share / 100 * total
        needed.append(np.where(broken["dominance"], 100 / share * few - total, 0.0))
    if p_percent is not None:
        left = total - largest - second
        broken["p_percent"] = left < p_percent / 100 * largest
        needed.append(np.where(broken["p_percent"], p_percent / 100 * largest - left, 0.0))
    contributors = np.bincount(area, minlength=len(ids))
    broken["few"] = contributors < minimum_count
    sums = {"total": total, "contributors": contributors, "largest": largest, "second": second}
    table = pd.DataFrame({**sums, **broken}, index=pd.Index(ids, name=AREA_ID))
    table["sensitive"] = np.logical_or.reduce(list(broken.values()))
    wide = np.max(needed, axis=0) if needed else np.zeros(len(ids))
    table["protection"] = np.where(broken["few"] & (wide == 0), np.nan, wide)
    return SensitiveSums(table=table, dominance=dominance, p_percent=p_percent, minimum_count=minimum_count)


def _by_area(
    given: pd.Series,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], pd.Index]:
    """Return contributions, the largest of an area first, their areas, where areas begin, and the ids."""
    code, ids = pd.factorize(given.index, sort=True)
    values = given.to_numpy(dtype=float)
    order = np.lexsort([-values, code])
    area = code[order].astype(np.int64)
    first = np.flatnonzero(np.diff(area, prepend=-1)).astype(np.int64)
    return values[order], area, first, pd.Index(ids)


def _of_rank(
    values: NDArray[np.float64], area: NDArray[np.int64], rank: NDArray[np.int64], place: int, areas: int
) -> NDArray[np.float64]:
    found = np.zeros(areas)
    found[area[rank == place]] = values[rank == place]
    return found
