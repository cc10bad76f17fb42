"""A budget shared by need, to the euro, with the swing that noise, hidden counts and the formula cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_fraction
from lea_geo.schema import AREA_ID
from lea_geo.targeting.problem import Given, Problem, other_formulas
from lea_geo.targeting.redraws import ends
from lea_geo.targeting.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Allocation(ByArea):
    """What each area gets, and how much of it chance and choices decide."""

    table: pd.DataFrame
    """Indexed by ``area_id``; see :func:`allocate`."""
    path: pd.DataFrame
    """Euros of each area by year, 1 for the first, the target last. Each year adds up to the budget."""
    alternatives: pd.DataFrame
    """Euros of each area by other formulas, a column each."""
    budget: float
    noise_share: float
    """The share of the budget that the noise of small numbers and hidden counts are expected to misplace."""
    noise_interval: tuple[float, float]
    method_share: float
    """The largest share of the budget that another of the formulas would place elsewhere; NaN without any."""
    level: float
    settings: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    drawn: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)), repr=False)
    """Euros by draw of the true need, shape (draws, n), areas as in ``table``."""


def allocate(
    need: pd.Series | pd.DataFrame,
    budget: float,
    *,
    families: pd.Series | None = None,
    power: float = 1.0,
    weights: Mapping[str, float] | None = None,
    combine: str = "counts",
    multiplier: pd.Series | None = None,
    fixed: float | pd.Series = 0.0,
    fixed_per_family: float = 0.0,
    floor: float | pd.Series | None = None,
    floor_per_family: float = 0.0,
    cap: float | pd.Series | None = None,
    cap_per_family: float | None = None,
    least_families: float = 0.0,
    previous: pd.Series | None = None,
    hold_harmless: float = 0.0,
    phase_in: int = 1,
    unit: float = 1.0,
    estimate: str = "observed",
    alternatives: Mapping[str, Mapping[str, object]] | None = None,
    kind: str = "proportion",
    lower: pd.Series | pd.DataFrame | None = None,
    upper: pd.Series | pd.DataFrame | None = None,
    hidden: str = "expected",
    noise: str = "joint",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Allocation:
    """Share a budget among areas by need, and say how far each amount could be another.

    Area i with need x_i, families n_i and multiplier m_i gets::

        euros_i = min(max(fixed_i + t w_i, floor_i), cap_i),   w_i = m_i n_i (x_i / n_i)^power

    with the one t at which the amounts add up to the budget, found in rational numbers; then in whole units
    by largest remainders (:func:`~lea_geo.targeting.fill.largest_remainder`). The units add up to the budget
    exactly, and every floor and cap is kept. An area whose need alone grows never gets less; of two areas
    that differ only in need, that with more never gets less; equal need gets equal money up to one unit.

    The formula is a rule for counts; the need that it means is what makes them. ``lower`` and ``upper`` are
    what areas would get if the true need were known, with probability ``level``
    (:func:`~lea_geo.targeting.redraws.redraws`), stretched to ``euros`` where these lie outside.

    Parameters
    ----------
    need
        Families in need, indexed by ``area_id``; NaN where hidden. A DataFrame: several kinds of need.
    budget
        In euros; a whole number of units.
    families
        All families. Without them every count has only its own noise, and there are no amounts per family.
    power
        1: every family in need counts alike; above 1: more, the more of an area's families are in need.
    weights
        Of several kinds of need, how much each counts: 1 each unless given. Deeper need may count double.
    combine
        ``"counts"``: the weighted counts are added up; ``"shares"``: each kind as the area's share of it, so
        that the weights are shares of the budget.
    multiplier
        Above 0, by area: higher costs, for instance.
    fixed, fixed_per_family
        Euros before need is asked: for each area, and for each family.
    floor, floor_per_family, cap, cap_per_family
        Least and most euros of an area; the stricter of both forms. NaN in a Series: none.
    least_families
        Areas with fewer are left out of the formula and get nothing, floors included.
    previous
        Euros that each area had before.
    hold_harmless
        The share of ``previous`` that an area keeps at least, 0 to 1: a floor.
    phase_in
        Years until the target is reached: in year y, a share ``y / phase_in`` of the way from ``previous``
        (scaled to the budget) to the target, within floors and caps.
    unit
        What cannot be split: 1 euro; 0.01 for cents, 1000 for thousands.
    estimate
        What money follows: the ``"observed"`` counts, or the need ``"expected"`` behind them, drawn towards
        what is usual.
    alternatives
        Other formulas by name, each with the terms that it changes: ``{"concentration": {"power": 2.0}}``;
        also ``need``. With several kinds of need, leaving each out is added.
    kind, lower, upper, hidden, noise, draws, seed
        As in :func:`~lea_geo.targeting.missed.missed`.
    level
        Probability that the bounds hold what the true need would give, between 0 and 1.

    Returns
    -------
    Allocation
        ``.table``: ``need`` (used), ``euros``, ``lower``, ``upper``, ``swing`` (upper - lower), ``expected``
        (mean over draws), ``method_lower``, ``method_upper`` (over formulas), ``hidden_lower``,
        ``hidden_upper`` (over what hidden counts may be), ``per_need``, ``per_family``, ``previous``,
        ``change``, ``bound`` (``floor``, ``cap``, ``kept``: the share of the previous amount, ``left out`` or
        blank) and ``first_year``.

    Raises
    ------
    UsageError
        If an option is unknown or out of range.
    ValuesError
        If ids differ, need is unknown without bounds, or the terms cannot all be kept: every reason at once.

    References
    ----------
    Balinski and Young (1982), Fair Representation, Yale University Press
    Smith (2006), Formula Funding of Public Services, Routledge
    """
    check_fraction("level", level)
    given = Given(need, families, kind, lower, upper, hidden)
    terms = Terms(
        budget=budget,
        power=power,
        weights=weights,
        combine=combine,
        multiplier=multiplier,
        fixed=fixed,
        fixed_per_family=fixed_per_family,
        floor=floor,
        floor_per_family=floor_per_family,
        cap=cap,
        cap_per_family=cap_per_family,
        least_families=least_families,
        previous=previous,
        hold_harmless=hold_harmless,
        phase_in=phase_in,
        unit=unit,
        estimate=estimate,
    )
    doubt = _Doubt(noise, level, draws, seed)
    return _allocated(given, terms, alternatives, doubt)


class _Doubt(NamedTuple):
    noise: str
    level: float
    draws: int
    seed: int


def _allocated(
    given: Given,
    terms: Terms,
    alternatives: Mapping[str, Mapping[str, object]] | None,
    doubt: _Doubt,
) -> Allocation:
    problem = Problem.of(given, terms)
    path = problem.path()
    units = path[-1]
    paid = problem.euros(units)
    drawn = problem.redrawn(problem.formula.drawn(noise=doubt.noise, draws=doubt.draws, seed=doubt.seed))
    others = {name: _paid(*one) for name, one in other_formulas(given, terms, alternatives).items()}
    ids, order = problem.formula.index, given.need.index.rename(AREA_ID)
    ways = pd.DataFrame(others, index=ids)
    misplaced = 0.5 * np.abs(drawn - paid).sum(axis=1) / terms.budget
    low, high = ends(misplaced, doubt.level)
    years = pd.Index(range(1, len(path) + 1), name="year")
    by_year = pd.DataFrame(np.array([problem.euros(one) for one in path]).T, index=ids, columns=years)
    return Allocation(
        table=_table(problem, units, by_year, ways, drawn, doubt.level).reindex(order),
        path=by_year.reindex(order),
        alternatives=ways.reindex(order),
        budget=float(terms.budget),
        noise_share=float(misplaced.mean()),
        noise_interval=(float(low), float(high)),
        method_share=_farthest(ways.to_numpy(), paid, terms.budget),
        level=doubt.level,
        settings=_settings(given, terms, doubt),
        notes=_notes(problem, given),
        drawn=drawn[:, ids.get_indexer(order)],
    )


def _paid(given: Given, terms: Terms) -> pd.Series[float]:
    problem = Problem.of(given, terms)
    return pd.Series(problem.euros(problem.path()[-1]), index=problem.formula.index)


def _farthest(ways: np.ndarray, paid: np.ndarray, budget: float) -> float:
    """Return the largest share of the budget that another formula, a column each, would place elsewhere."""
    if not ways.shape[1]:
        return float("nan")
    return float((0.5 * np.abs(ways - paid[:, None]).sum(axis=0) / budget).max())


def _table(
    problem: Problem,
    units: list[int],
    by_year: pd.DataFrame,
    ways: pd.DataFrame,
    drawn: np.ndarray,
    level: float,
) -> pd.DataFrame:
    paid, need, nothing = problem.euros(units), problem.formula.need, np.full(len(units), np.nan)
    low, high = ends(drawn, level)
    low, high = np.minimum(low, paid), np.maximum(high, paid)
    every = np.column_stack([paid, ways.to_numpy()])
    least, most = hidden_range(problem, paid)
    families = nothing if problem.formula.families is None else problem.formula.families
    previous = nothing if problem.bounds.previous is None else problem.bounds.previous
    columns = {
        "need": need,
        "euros": paid,
        "lower": low,
        "upper": high,
        "swing": high - low,
        "expected": drawn.mean(axis=0),
        "method_lower": every.min(axis=1) if every.shape[1] > 1 else nothing,
        "method_upper": every.max(axis=1) if every.shape[1] > 1 else nothing,
        "hidden_lower": least,
        "hidden_upper": most,
        "per_need": np.divide(paid, need, out=nothing.copy(), where=need > 0),
        "per_family": np.divide(paid, families, out=nothing.copy(), where=families > 0),
        "previous": previous,
        "change": paid - previous,
        "bound": np.array(problem.why(units), dtype=object),
        "first_year": by_year.iloc[:, 0],
    }
    return pd.DataFrame(columns, index=problem.formula.index)


def hidden_range(problem: Problem, paid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and most euros of each area over all that hidden counts may be; NaN if none is.

    More need of its own never gets an area less, and more need of another never gets it more: so its least is
    where its own hidden count is as low and all others are as high as they can be.
    """
    formula = problem.formula
    hidden = np.flatnonzero(np.any([kind.need.hidden for kind in formula.kinds], axis=0))
    if not len(hidden):
        return np.full(len(paid), np.nan), np.full(len(paid), np.nan)
    found = []
    for least in (True, False):
        rows = [formula.at_bounds(i, least=least) for i in (-1, *hidden)]
        euros = problem.redrawn(np.array(rows))
        ends_ = euros[0].copy()
        ends_[hidden] = euros[1 + np.arange(len(hidden)), hidden]
        found.append(np.minimum(ends_, paid) if least else np.maximum(ends_, paid))
    return found[0], found[1]


def _settings(given: Given, terms: Terms, doubt: _Doubt) -> dict[str, object]:
    """Return every plain option; Series are the user's own."""
    said = {**vars(terms), "kind": given.kind, "hidden": given.hidden, **doubt._asdict()}
    return {key: "by area" if isinstance(value, pd.Series) else value for key, value in said.items()}


def _notes(problem: Problem, given: Given) -> tuple[str, ...]:
    said = [note for kind in problem.formula.kinds for note in kind.need.notes(given.hidden)]
    out = int((~problem.bounds.eligible).sum())
    if out:
        said.append(
            f"{out} of {len(problem.weights)} areas have too few families for the formula, and get nothing."
        )
    if problem.formula.families is None:
        said.append("Without families, each count has only its own noise, and not the light of other areas.")
    if len(problem.formula.kinds) > 1:
        said.append("The noise of several kinds of need is drawn as if they were independent of one another.")
    return tuple(dict.fromkeys(said))
