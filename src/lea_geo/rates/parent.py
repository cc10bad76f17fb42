"""Rates shrunk on the logit towards the area of a higher level, as the English and Scottish indices do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, ndtri

from lea_geo._checks import check_fraction
from lea_geo._checks.rates import check_parents
from lea_geo.rates.counts import Counts, RateResult

if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, kw_only=True)
class ParentRates(RateResult):
    """Rates shrunk towards a parent area's rate, and the parents."""

    parents: pd.DataFrame
    """Indexed by parent: ``areas`` (with a rate), ``rate`` and ``between`` (t^2)."""
    level: float


def shrink_to_parent(
    numerator: pd.Series, denominator: pd.Series, parents: pd.Series[Any], *, level: float = 0.95
) -> ParentRates:
    """Shrink each area's proportion towards that of the area of a higher level that it belongs to.

    With r_j events among n_j people, r and n those of all k areas of the parent together, M of the parent as
    m_j of the area (McLennan et al. 2019; Scottish Executive 2003)::

        m_j = log((r_j + 1/2) / (n_j - r_j + 1/2))
        s_j^2 = (n_j + 1)(n_j + 2) / (n_j (r_j + 1)(n_j - r_j + 1))
        t^2 = sum (m_j - M)^2 / (k - 1)
        w_j = (1 / s_j^2) / (1 / s_j^2 + 1 / t^2)
        m*_j = w_j m_j + (1 - w_j) M,   estimate_j = exp(m*_j) / (1 + exp(m*_j))

    The bounds are those of a normal law of mean m*_j and variance 1 / (1 / s_j^2 + 1 / t^2).

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator is part of the denominator. NaN where
        unknown.
    parents
        What each area belongs to, such as its municipality, indexed by ``area_id``; none may be blank.
    level
        Probability that the bounds hold the proportion, between 0 and 1.

    Returns
    -------
    ParentRates
        Columns ``rate`` (raw), ``estimate``, ``lower``, ``upper``, ``reliability`` (w_j), ``parent`` and
        ``parent_rate``; NaN where a count is unknown or nobody lives. The only area of its parent keeps its
        own rate (w_j = 1), but for the half event that the logit adds, and a note counts such areas.

    Raises
    ------
    UsageError
        If counts or parents have no ids.
    ValuesError
        If ids differ, counts are negative, infinite or contradict each other, or an area has no parent.

    References
    ----------
    McLennan et al. (2019), The English Indices of Deprivation 2019: technical report, Ministry of Housing,
    Communities and Local Government, appendix on shrinkage
    """
    z = float(ndtri((1 + check_fraction("level", level)) / 2))
    counts = Counts.of(numerator, denominator, "proportion")
    belongs = check_parents(parents, counts.index)
    r, n = counts.events[counts.valid], counts.people[counts.valid]
    parent, names = pd.factorize(belongs[counts.valid], sort=True)
    m = _logit(r, n)
    variance = (n + 1) * (n + 2) / (n * (r + 1) * (n - r + 1))
    areas = np.bincount(parent, minlength=len(names))
    events, people = (np.bincount(parent, weights=c, minlength=len(names)) for c in (r, n))
    centre = _logit(events, people)
    squares = np.bincount(parent, weights=(m - centre[parent]) ** 2, minlength=len(names))
    between = np.divide(squares, areas - 1, out=np.full(len(names), np.inf), where=areas > 1)
    weight = _weight(variance, between[parent])
    shrunk = weight * m + (1 - weight) * centre[parent]
    reach = z * np.sqrt(weight * variance)  # w s^2 is 1 / (1 / s^2 + 1 / t^2)
    columns = {"rate": r / n, "estimate": expit(shrunk)}
    columns |= {"lower": expit(shrunk - reach), "upper": expit(shrunk + reach), "reliability": weight}
    table = pd.DataFrame({name: counts.spread(c) for name, c in columns.items()}, index=counts.index)
    rate_of = pd.Series(events / people, index=names)
    table["parent"], table["parent_rate"] = belongs, belongs.map(rate_of).astype(float)
    table.loc[~counts.valid, "parent_rate"] = np.nan
    alone = int((areas == 1).sum())
    told = (f"{alone} of {len(counts.index)} areas are the only ones of their parent and keep their rates.",)
    return ParentRates(
        table=table,
        method="parent",
        kind="proportion",
        n_without_population=counts.empty,
        notes=(*counts.notes, *(told if alone else ())),
        parents=pd.DataFrame({"areas": areas, "rate": rate_of, "between": between}).rename_axis("parent"),
        level=level,
    )


def _logit(events: np.ndarray, people: np.ndarray) -> np.ndarray:
    return np.asarray(np.log((events + 0.5) / (people - events + 0.5)))


def _weight(variance: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Return 1 / s^2 over 1 / s^2 + 1 / t^2; 1 where t^2 cannot be had, 0 where the areas do not differ."""
    finite = np.isfinite(between)
    return np.asarray(np.divide(between, variance + between, out=np.ones(len(between)), where=finite))
