"""Access to services: how near, how much of them, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import access as check
from lea_geo._checks import check_choice, check_fraction
from lea_geo.schema import AREA_ID
from lea_geo.targeting.access_decay import weights_of
from lea_geo.targeting.access_floating import METHODS, choosing, floating, rational
from lea_geo.targeting.redraws import ends
from lea_geo.targeting.sites_need import Drawn
from lea_geo.targeting.travel import cheapest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lea_geo.targeting.travel import TravelCosts

REACHES = ("within", "beyond", "no_route")
"""Whether the nearest service lies within the catchment, beyond it, or cannot be reached at all."""
VERDICTS = ("less", "typical", "more")
"""Whether an area's score is below or above the mean of families in need in all but few redraws, or cannot be
told apart from it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AccessScores(ByArea):
    """How well each area is served."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``nearest`` (id, blank where none can be reached), ``nearest_cost`` (NaN
    there), ``reach`` (one of ``REACHES``), ``services`` (how many lie within the catchment), ``score`` with
    ``lower`` and ``upper`` (what small numbers and uncertain supply leave open), ``least`` and ``most`` (over
    the stated thresholds), ``relative`` (the score over its mean), ``p_less`` (the share of redraws in which
    the score is below their mean), ``verdict`` (one of ``VERDICTS``), ``edge`` (whether the catchment leaves
    the data) and ``demand``."""
    mean: float
    """The mean score by families in need, of all areas."""
    reached_demand: float
    """Families in need within the catchment of at least one service with supply."""
    reached_supply: float
    """What is offered by services whose catchment holds families in need."""
    method: str
    threshold: float
    thresholds: tuple[float, ...]
    unit: str
    level: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def interval(self) -> pd.DataFrame:
        """Columns ``lower upper`` of the score, by area."""
        return self.table[["lower", "upper"]]


def access_scores(
    demand: pd.Series,
    supply: pd.Series,
    costs: TravelCosts,
    *,
    threshold: float,
    method: str = "2sfca",
    decay: str = "none",
    bandwidth: float | None = None,
    steps: Mapping[float, float] | None = None,
    power: float = 2.0,
    thresholds: Sequence[float] = (),
    supply_lower: pd.Series | None = None,
    supply_upper: pd.Series | None = None,
    border: pd.Series | None = None,
    families: pd.Series | None = None,
    kind: str = "proportion",
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    noise: str = "joint",
    draws: int = 500,
    level: float = 0.95,
    seed: int = 2009,
) -> AccessScores:
    """Return how well each area is served, with intervals.

    With D the demand, S the supply, c the costs and w(c) the weight of a journey, 0 beyond ``threshold``::

        2sfca          A_i = sum_j w_ij R_j,          R_j = S_j / sum_k w_kj D_k
        3sfca          A_i = sum_j G_ij w_ij R_j,     R_j = S_j / sum_k G_kj w_kj D_k,   G_ij = w_ij / sum_l
        w_il opportunities  A_i = sum_j w_ij S_j raam           the cost of journey and crowd in equilibrium,
        threshold as tau: see the reference

    Parameters
    ----------
    demand
        Families in need (or people to be served) by ``area_id``; NaN where hidden, with ``lower`` and
        ``upper``.
    supply
        What each service offers (places, workers, hours) by the id of its destination; 1 each where only its
        place is known.
    costs
        From every area with demand to every service.
    threshold
        How far the catchment reaches, in the unit of ``costs``.
    method
        ``2sfca``: what is offered for each family, where families share what they reach. With a ``decay``
        this is the enhanced form (E2SFCA). ``3sfca``: families turn to nearer services first.
        ``opportunities``: what can be reached, shared with nobody (cumulative, or Hansen's gravity form with
        a decay). ``raam``: the rational agent access model; there a lower score is better.
    decay
        ``none`` (1 within the threshold), ``gaussian`` exp(-c^2 / 2 b^2), ``exponential`` exp(-c / b),
        ``power`` (max(c, b) / b)^-power, with b the ``bandwidth``; or ``steps``.
    bandwidth, power
        Of the decay; ``bandwidth`` in the unit of ``costs``.
    steps
        Weights by the largest cost that has them: ``{10: 1, 20: 0.68, 30: 0.22}``.
    thresholds
        Other catchments that would be as defensible: ``least`` and ``most`` are the scores over all of them.
        Bandwidth and steps are scaled with them.
    supply_lower, supply_upper
        What bounds each supply; it is drawn evenly between them.
    border
        The cost of getting from each area to the border of the data, by ``area_id``: an area nearer to it
        than ``threshold`` may be served, or crowded out, from beyond, and is flagged as ``edge``.
    families, kind, lower, upper, noise, draws, level, seed
        As in :func:`choose_sites`.

    Returns
    -------
    AccessScores
        Areas that reach no service have score 0, which ``reach`` explains. What is offered is conserved: the
        sum of demand times score is the supply of all services that somebody reaches.

    Raises
    ------
    UsageError, JoinError, ValuesError
        If an option is wrong, ids do not fit together, or counts and supplies are no counts and supplies.

    References
    ----------
    Luo and Wang (2003), https://doi.org/10.1068/b29120
    Luo and Qi (2009), https://doi.org/10.1016/j.healthplace.2009.06.002
    Wan, Zou and Sternberg (2012), https://doi.org/10.1080/13658816.2011.624987
    Hansen (1959), https://doi.org/10.1080/01944365908978307
    Saxon and Snow (2020), https://doi.org/10.1080/24694452.2019.1629870
    """
    check_choice("method", method, METHODS)
    check_fraction("level", level)
    reach = check.check_positive("threshold", threshold)
    others = tuple(check.check_positive("a threshold", one) for one in thresholds)
    drawn = Drawn.of(
        demand, families, kind=kind, lower=lower, upper=upper, noise=noise, draws=draws, seed=seed
    )
    check.check_origins(drawn.index, costs.origins)
    table = costs.table.loc[drawn.index]
    offered = _supplies(supply, supply_lower, supply_upper, table.columns, len(drawn.rows) - 1, seed)
    shape = {"decay": decay, "bandwidth": bandwidth, "steps": steps, "power": power}
    c = table.to_numpy()

    def weigh(t: float) -> np.ndarray:
        return weights_of(c, t, scale=t / reach, **shape)  # type: ignore[arg-type]

    def score(t: float, rows: slice) -> np.ndarray:
        return scores_of(method, c, weigh(t), drawn.rows[rows], offered[rows], t)

    scores = score(reach, slice(None))
    ranged = np.vstack([scores[:1], *(score(one, slice(1)) for one in others)])
    weights = weigh(reach)
    frame = _table(table, weights, offered[0], drawn, reach, border)
    frame = frame.join(_told(scores, ranged, drawn, level).set_axis(frame.index))
    served = (weights[:, offered[0] > 0] > 0).any(axis=1)
    asked = drawn.need @ weights > 0
    return AccessScores(
        table=frame[_COLUMNS],
        mean=float(_means(scores[:1], drawn.rows[:1])[0]),
        reached_demand=float(drawn.need[served].sum()),
        reached_supply=float(offered[0][asked].sum()),
        method=method,
        threshold=reach,
        thresholds=others,
        unit=costs.unit,
        level=level,
        settings={**shape, "noise": noise, "draws": draws, "seed": seed, "kind": kind},
        notes=(*costs.notes, *drawn.notes, *check.notes_on_unasked(table.columns[~asked & (offered[0] > 0)])),
    )


_COLUMNS = ["nearest", "nearest_cost", "reach", "services", "score", "lower", "upper", "least", "most"]
_COLUMNS += ["relative", "p_less", "verdict", "edge", "demand"]


def scores_of(
    method: str, costs: np.ndarray, weights: np.ndarray, demand: np.ndarray, supply: np.ndarray, tau: float
) -> np.ndarray:
    """Return the scores for each row of demand (k, n) and supply (k, m), shape (k, n)."""
    if method == "opportunities":
        return np.asarray(supply @ weights.T)
    if method == "raam":
        return np.array([rational(costs, d, s, tau) for d, s in zip(demand, supply, strict=True)])
    return floating(choosing(weights) if method == "3sfca" else weights, demand, supply)


def _supplies(
    supply: pd.Series,
    low: pd.Series | None,
    high: pd.Series | None,
    ids: pd.Index,
    draws: int,
    seed: int,
) -> np.ndarray:
    """Return supply as it stands and as it is drawn, shape (1 + draws, m)."""
    stated = check.check_supply(supply, ids)
    least = stated if low is None else check.check_supply(low, ids, "supply_lower")
    most = stated if high is None else check.check_supply(high, ids, "supply_upper")
    check.check_supply_ends(least, stated, most, ids)
    drawn = np.random.default_rng([seed, 2]).uniform(least, most, (draws, len(ids)))
    return np.vstack([stated[None], drawn])


def _table(
    costs: pd.DataFrame,
    weights: np.ndarray,
    supply: np.ndarray,
    drawn: Drawn,
    reach: float,
    border: pd.Series | None,
) -> pd.DataFrame:
    """Return what is said of each area but its scores."""
    offering = supply > 0
    cost, place = cheapest(costs.to_numpy()[:, offering])
    names = np.append(costs.columns.to_numpy(dtype=object)[offering], "")
    edge = np.zeros(len(costs), dtype=bool)
    if border is not None:
        edge = check.check_border(border, drawn.index) < reach
    words = np.select([np.isnan(cost), cost <= reach], ["no_route", "within"], "beyond")
    return pd.DataFrame(
        {
            "nearest": pd.array(names[place], dtype="str"),
            "nearest_cost": cost,
            "reach": pd.array(words, dtype="str"),
            "services": (weights[:, offering] > 0).sum(axis=1),
            "edge": edge,
            "demand": drawn.need,
        },
        index=drawn.index.rename(AREA_ID),
    )


def _means(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the mean of each row of scores by the need of that row, where there is a score."""
    known = ~np.isnan(scores) & (rows > 0)
    total = np.where(known, rows, 0.0).sum(axis=1)
    told = np.where(known, rows * np.nan_to_num(scores), 0.0).sum(axis=1)
    return np.asarray(np.divide(told, total, out=np.full(len(scores), np.nan), where=total > 0))


def _told(scores: np.ndarray, ranged: np.ndarray, drawn: Drawn, level: float) -> pd.DataFrame:
    """Return scores with what could be otherwise: by chance, and by where the catchment ends."""
    n = scores.shape[1]
    means = _means(scores, drawn.rows)
    nothing = np.full(n, np.nan)
    low, high = ends(scores[1:], level) if len(scores) > 1 else (nothing, nothing)
    below = (scores[1:] < means[1:, None]).mean(axis=0) if len(scores) > 1 else nothing
    below = np.where(np.isnan(scores[0]), np.nan, below)
    tail = (1 - level) / 2
    words = np.select([below >= 1 - tail, below <= tail], ["less", "more"], "typical")
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = scores[0] / means[0]
    return pd.DataFrame(
        {
            "score": scores[0],
            "lower": low,
            "upper": high,
            "least": ranged.min(axis=0),
            "most": ranged.max(axis=0),
            "relative": relative,
            "p_less": below,
            "verdict": pd.array(np.where(np.isnan(below), "", words), dtype="str"),
        }
    )
