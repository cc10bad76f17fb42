"""What a set of sites means for families: how far they have, who is reached, and how unequally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.inequality.ends import ridits
from lea_geo.targeting.redraws import ends
from lea_geo.targeting.travel import cheapest

if TYPE_CHECKING:
    from lea_geo.targeting.sites_need import Drawn

EFFECTS = (
    "mean_cost",
    "mean_lower",
    "mean_upper",
    "median_cost",
    "most_cost",
    "worst_cost",
    "reached",
    "reached_lower",
    "reached_upper",
    "no_route",
    "gini",
    "concentration",
    "mean_cost_all",
    "reached_all",
)
"""What is said of a scenario. ``most_cost``: what nine tenths of families in need have at most;
``worst_cost``: the farthest family in need; ``reached``: the share of families in need within the radius;
``no_route``: the share of them that can reach no site; ``gini``: how unequal the costs of families in need
are; ``concentration``: below 0 where areas with a greater share in need have shorter ways, above 0 where they
have longer ones; ``_all``: of all families."""


@dataclass(frozen=True, eq=False)
class Ways:
    """The nearest site of each area."""

    cost: np.ndarray
    """NaN where none can be reached, shape (n,)."""
    place: np.ndarray
    """Its column, -1 where none can be reached, shape (n,)."""


def ways(costs: np.ndarray, opened: np.ndarray) -> Ways:
    """Return the nearest of the sites ``opened`` (columns) for each row of costs (n, m)."""
    cost, at = cheapest(costs[:, opened])
    return Ways(cost, np.append(opened, -1)[at])


def effects(way: Ways, drawn: Drawn, *, radius: float, level: float) -> dict[str, float]:
    """Return ``EFFECTS`` of the nearest sites; NaN where there is no radius, or nobody to say it of."""
    need = drawn.need
    mean, low, high = _interval(mean_of(way.cost, drawn.rows), level)
    within = np.where(np.isnan(radius), np.nan, (way.cost <= radius).astype(float))
    reached, least, most = _interval(mean_of(within, drawn.rows), level)
    half, nine = (_quantile(way.cost, need, share) for share in (0.5, 0.9))
    somebody = way.cost[(need > 0) & ~np.isnan(way.cost)]
    lost = float(mean_of(np.isnan(way.cost).astype(float), need[None])[0])
    told = [mean, low, high, half, nine, float(somebody.max()) if len(somebody) else np.nan]
    told += [reached, least, most, lost, concentration(way.cost, way.cost, need)]
    if drawn.families is None:
        told += [np.nan] * 3
    else:
        families = drawn.families
        rate = np.divide(need, families, out=np.full(len(need), np.nan), where=families > 0)
        told.append(concentration(way.cost, rate, families))
        told += [float(mean_of(one, families[None])[0]) for one in (way.cost, within)]
    return dict(zip(EFFECTS, told, strict=True))


def mean_of(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean of values (n,) with each row of weights (k, n), over those that have a value."""
    known = ~np.isnan(values)
    total = weights[:, known].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights[:, known] @ values[known]) / np.where(total > 0, total, np.nan))


def _interval(values: np.ndarray, level: float) -> tuple[float, float, float]:
    """Return the first value and the ends of the others."""
    if len(values) == 1 or np.isnan(values).all():
        return float(values[0]), float("nan"), float("nan")
    low, high = ends(values[1:], level)
    return float(values[0]), float(low), float(high)


def _quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the least value that at least ``share`` of the weights do not exceed."""
    held = ~np.isnan(values) & (weights > 0)
    if not held.any():
        return float("nan")
    order = np.argsort(values[held], kind="stable")
    reached = np.cumsum(weights[held][order])
    place = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))
    return float(values[held][order][min(int(place), len(order) - 1)])


def concentration(values: np.ndarray, by: np.ndarray, weights: np.ndarray) -> float:
    """Return the concentration index of values over people ordered by ``by``; Gini's where both are one.

    With R the fractional rank, equal ones sharing theirs, and mu the mean: ``2 cov(x, R) / mu`` (Kakwani,
    Wagstaff and van Doorslaer 1997, https://doi.org/10.1016/S0304-4076(96)01807-6).
    """
    held = ~np.isnan(values) & ~np.isnan(by) & (weights > 0)
    if held.sum() < 1:
        return float("nan")
    x, w = values[held], weights[held] / weights[held].sum()
    rank = ridits(by[held], w)
    mean = float(w @ x)
    return float(2 * (w @ (x * rank) / mean - 0.5)) if mean > 0 else 0.0


def as_frame(rows: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Return the effects of scenarios, one row each."""
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(EFFECTS)).rename_axis("scenario")
