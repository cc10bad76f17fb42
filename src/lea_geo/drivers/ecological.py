"""What areas can say of persons: bounds without any assumption, and Goodman's regression with a bold one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.drivers import check_columns, check_margins
from lea_geo.drivers.aligned import left_out
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURES = ("share_in_group", "share_outside", "difference", "phi")


@dataclass(frozen=True)
class EcologicalBounds(ByArea):
    """Between what the association of persons lies, given only the margins of every area."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``people group outcome``, ``both_lower both_upper`` (persons who are both),
    ``in_group_lower in_group_upper`` (the share of the group with the outcome) and ``outside_lower
    outside_upper``; NaN where a count is unknown or nobody is there to have a share."""
    summary: pd.DataFrame
    """Of all areas together, indexed by ``share_in_group share_outside difference phi``: ``lower upper``, and
    ``goodman``, the estimate of Goodman's regression, which lies outside where its assumption cannot hold."""
    notes: tuple[str, ...] = ()

    @property
    def sign_known(self) -> bool:
        """Whether the margins alone say which way the association of persons goes."""
        row = self.summary.loc["difference"]
        return bool(row["lower"] > 0 or row["upper"] < 0)


def ecological_bounds(group: pd.Series, outcome: pd.Series, people: pd.Series) -> EcologicalBounds:
    """Bound what share of a group has an outcome, when areas tell only how many are in either.

    Of N people in an area X are in the group and T have the outcome; how many are both, A, nobody counted.
    But::

        max(0, X + T - N) <= A <= min(X, T)

    and these bounds are sharp: each is the truth of some table. They add up over areas, and the share A / X
    in the group, (T - A) / (N - X) outside, their difference and the correlation of the two among persons
    (phi) all rise or fall with A. Goodman's regression of T / N on X / N, weighted by N, would give the
    shares if they were the same in all areas, or differed without regard to X / N; nothing in the data can
    show that they are.

    Parameters
    ----------
    group, outcome
        Counts of people of the same population, indexed by ``area_id``; NaN where not known.
    people
        How many that population has in each area.

    Raises
    ------
    UsageError, ValuesError
        If ids do not match, a count is negative or exceeds the people, or no area has all three.

    References
    ----------
    Duncan and Davis (1953), https://doi.org/10.2307/2088122
    Goodman (1953), https://doi.org/10.2307/2088121
    Robinson (1950), https://doi.org/10.2307/2087176
    """
    named = {"group": group, "outcome": outcome, "people": people}
    ids, numbers, whole = check_columns(named, least=1, vary=False)
    x, t, n = (numbers[name] for name in named)
    for name, part in (("group", x), ("outcome", t)):
        check_margins(part, n, ids, name)
    lower, upper = np.maximum(0.0, x + t - n), np.minimum(x, t)
    columns = {"people": n, "group": x, "outcome": t, "both_lower": lower, "both_upper": upper}
    with np.errstate(invalid="ignore", divide="ignore"):
        columns |= {"in_group_lower": lower / x, "in_group_upper": upper / x}
        columns |= {"outside_lower": (t - upper) / (n - x), "outside_upper": (t - lower) / (n - x)}
    table = pd.DataFrame({name: np.where(whole, part, np.nan) for name, part in columns.items()}, index=ids)
    totals = [float(part[whole].sum()) for part in (x, t, n, lower, upper)]
    summary = _summary(totals, x[whole], t[whole], n[whole])
    notes = left_out(ids, whole)
    return EcologicalBounds(table.reindex(group.index).rename_axis(AREA_ID), summary, notes)


def _summary(
    totals: list[float], x: NDArray[np.float64], t: NDArray[np.float64], n: NDArray[np.float64]
) -> pd.DataFrame:
    group, outcome, people, lower, upper = totals
    ends = np.array([_measures(both, group, outcome, people) for both in (lower, upper)])
    # The share outside falls where the one inside rises.
    found = {"lower": ends.min(axis=0), "upper": ends.max(axis=0), "goodman": _goodman(x, t, n, totals)}
    return pd.DataFrame(found, index=pd.Index(MEASURES, name="measure"))


def _measures(both: float, group: float, outcome: float, people: float) -> tuple[float, ...]:
    """Return the measures of a table of persons: NaN where nobody, or everybody, is in the group."""
    outside = people - group
    if not (group > 0 and outside > 0):
        return np.nan, np.nan, np.nan, np.nan
    inside_share, outside_share = both / group, (outcome - both) / outside
    spread = group * outside * outcome * (people - outcome)
    phi = (both * people - group * outcome) / np.sqrt(spread) if spread > 0 else np.nan
    return inside_share, outside_share, inside_share - outside_share, float(phi)


def _goodman(
    x: NDArray[np.float64], t: NDArray[np.float64], n: NDArray[np.float64], totals: list[float]
) -> tuple[float, ...]:
    some = n > 0
    if int(some.sum()) < 3 or np.ptp(x[some] / n[some]) <= 1e-12:
        return (np.nan,) * 4
    share, rate, root = x[some] / n[some], t[some] / n[some], np.sqrt(n[some])
    design = np.column_stack([np.ones(len(share)), share])
    constant, slope = np.linalg.lstsq(design * root[:, None], rate * root, rcond=None)[0]
    both = (constant + slope) * totals[0]
    return constant + slope, constant, slope, _measures(both, *totals[:3])[3]
