"""Where to put sites so that need is reached, how sure that is, and which other places would do as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks import access as check
from lea_geo._checks import check_count, check_fraction
from lea_geo.schema import AREA_ID
from lea_geo.targeting.sites_capacity import assign
from lea_geo.targeting.sites_effects import Ways, as_frame, effects, ways
from lea_geo.targeting.sites_need import Drawn
from lea_geo.targeting.sites_problem import Problem
from lea_geo.targeting.sites_result import SiteChoice
from lea_geo.targeting.sites_solution import Ask, Solution
from lea_geo.targeting.sites_solve import solve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.targeting.travel import TravelCosts


def choose_sites(
    demand: pd.Series,
    candidates: Iterable[str] | None,
    costs: TravelCosts,
    *,
    p: int | None = None,
    objective: str = "p_median",
    radius: float | None = None,
    existing: Iterable[str] = (),
    capacity: pd.Series | None = None,
    families: pd.Series | None = None,
    kind: str = "proportion",
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    no_route: float | None = None,
    tie: float = 0.01,
    alternatives: int = 20,
    noise: str = "joint",
    cost_noise: float = 0.0,
    draws: int = 200,
    level: float = 0.95,
    seed: int = 2009,
) -> SiteChoice:
    """Choose where to put sites, prove that no other places are better, and say which would do as well.

    Parameters
    ----------
    demand
        Families in need (or people to be served) by ``area_id``; NaN where hidden, with ``lower`` and
        ``upper``.
    candidates
        Ids of destinations that can get a site; left out, all that have none.
    costs
        From every area with demand to every place, of :func:`travel_costs` or :func:`read_travel_times`.
    p
        How many sites to add.
    objective
        ``p_median``: the mean cost of families in need is least (Hakimi 1964). ``coverage``: as many as can
        be lie within ``radius`` (maximal covering: Church and ReVelle 1974). ``p_centre``: the farthest area
        with need has it as near as can be, and among such sets the mean cost is least. ``coverage_all``: as
        few sites as can be, so that all need that can lies within ``radius`` (set covering: Toregas et al.
        1971).
    radius
        In the unit of ``costs``; where it does not decide, need within it is still told.
    existing
        Ids of destinations that have a site and keep it; they do not count into ``p``.
    capacity
        Families that each place can serve, by id of all candidates and existing sites. An area's families may
        then go to different sites, and to others than the nearest.
    families
        All families by ``area_id``: how sure a count in need is follows from them, and effects are told of
        them too.
    kind, lower, upper
        ``proportion`` or ``rate``, and bounds of hidden counts, as in :func:`missed_need`.
    no_route
        What a journey that cannot be made counts as, in the unit of ``costs``; left out, ten times the
        longest one.
    tie
        Sets that are worse by no more than this share of the best value do as well.
    alternatives
        How many of those are listed at most.
    noise
        What chance leaves open of a count: ``joint`` (in the light of all areas), ``sampling`` (by itself) or
        ``none``.
    cost_noise
        Relative standard deviation of travel costs: each journey's cost is drawn anew, lognormal and by
        itself. 0: costs are taken as they are.
    draws
        How often need is drawn again, 100 at least.
    level
        Of the intervals, between 0 and 1.
    seed
        0 to 2**63 - 1.

    Returns
    -------
    SiteChoice

    Raises
    ------
    UsageError
        If an option is wrong: no radius for a covering objective, more sites than candidates.
    JoinError, ValuesError
        If ids do not fit together, counts are no counts, or capacities cannot serve the need.

    Notes
    -----
    Where all sets can be tried in seconds, they are; otherwise the best is proved by branch and bound (HiGHS;
    see ``sites_exact.Master``). What no place can be reached from is left out of ``p_median`` and
    ``p_centre`` and told in a note; for ``coverage`` it is need that is not reached.

    References
    ----------
    Hakimi (1964), https://doi.org/10.1287/opre.12.3.450
    Church and ReVelle (1974), https://doi.org/10.1007/BF01942293
    Duran-Mateluna, Ales and Elloumi (2023), https://doi.org/10.1016/j.cor.2022.106118
    """
    drawn = Drawn.of(
        demand, families, kind=kind, lower=lower, upper=upper, noise=noise, draws=draws, seed=seed
    )
    problem = Problem.of(
        drawn.index, costs, candidates, existing, p=p, objective=objective, radius=radius, no_route=no_route
    )
    notes = check.notes_on_lost(problem.index, (drawn.need > 0) & ~problem.reachable, objective)
    check.check_some_need(float(problem.counted(drawn.need).sum()))
    check_fraction("level", level)
    spread = check.check_not_below("cost_noise", cost_noise)
    counted = drawn.shares(problem.counted(drawn.rows))
    factors = _factors(problem, spread, len(drawn.rows) - 1 or draws, seed) if spread else None
    if factors is not None and len(counted) == 1:
        counted = np.repeat(counted, 1 + draws, axis=0)
    ask = Ask(
        weights=counted,
        factors=factors,
        tie=check.check_not_below("tie", tie),
        alternatives=check_count("alternatives", alternatives, least=0),
        capacity=check.check_capacity(
            capacity, problem.sites[problem.free | problem.fixed], problem.sites, objective
        ),
        need=drawn.need,
    )
    solution = solve(problem, ask)
    best = solution.options[0]
    way, load = _served(problem, ask, best.chosen)
    before = ways(problem.costs, np.flatnonzero(problem.fixed))
    after = {"before": before, "after": way} if problem.fixed.any() else {"after": way}
    said = {"p": p, "no_route": problem.no_route, "tie": tie, "alternatives": alternatives, "noise": noise}
    said |= {"cost_noise": cost_noise, "draws": draws, "seed": seed, "kind": kind}
    said |= {"listed_within": tie if solution.listed_within is None else solution.listed_within}
    return SiteChoice(
        table=_table(problem, solution, way, load),
        options=_options(problem, solution, drawn, level),
        allocation=_allocation(problem, drawn, way, before),
        effects=as_frame(
            {name: effects(one, drawn, radius=problem.radius, level=level) for name, one in after.items()}
        ),
        sites=problem.named(best.chosen),
        existing=problem.named(np.flatnonzero(problem.fixed)),
        objective=objective,
        value=best.value,
        bound=solution.bound,
        gap=abs(best.value - solution.bound) / max(abs(best.value), 1e-300) if best.value else 0.0,
        n_tied=solution.n_tied,
        solver=solution.solver,
        radius=radius,
        unit=costs.unit,
        level=level,
        settings=said,
        notes=(*costs.notes, *drawn.notes, *notes, *solution.notes),
    )


def _factors(problem: Problem, spread: float, draws: int, seed: int) -> np.ndarray:
    """Return lognormal factors of mean 1 for each draw and journey, shape (draws, n, m)."""
    random = np.random.default_rng([seed, 1])
    sigma = np.sqrt(np.log1p(spread**2))
    return np.asarray(np.exp(sigma * random.standard_normal((draws, *problem.costs.shape)) - sigma**2 / 2))


def _served(problem: Problem, ask: Ask, chosen: tuple[int, ...]) -> tuple[Ways, np.ndarray]:
    """Return where each area's families go, and how many families in need come to each place."""
    way = ways(problem.costs, problem.open(chosen))
    some = way.place >= 0
    if ask.capacity is None:
        return way, np.bincount(way.place[some], ask.need[some], minlength=len(problem.sites))
    found = assign(problem, problem.counted(ask.need), ask.capacity, chosen=chosen)
    assert found is not None  # noqa: S101 - it was the best of the sets that can serve
    flows = found.flows
    sent = flows.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cost = np.where(sent > 1e-9, (flows * problem.filled).sum(axis=1) / sent, way.cost)
    place = np.where(sent > 1e-9, flows.argmax(axis=1), way.place)
    return Ways(cost, place), ask.need @ flows


def _table(problem: Problem, solution: Solution, way: Ways, load: np.ndarray) -> pd.DataFrame:
    chosen = np.isin(np.arange(len(problem.sites)), solution.options[0].chosen)
    tied = [one.chosen for one in solution.options if one.tied]
    held = np.array([sum(j in one for one in tied) for j in range(len(problem.sites))]) / len(tied)
    state = np.select([problem.fixed, chosen], ["existing", "new"], "not chosen")
    table = pd.DataFrame(
        {
            "state": pd.array(state, dtype="str"),
            "p_belongs": np.where(problem.fixed, np.nan, solution.belongs),
            "in_ties": np.where(problem.fixed, np.nan, held),
            "areas": np.bincount(way.place[way.place >= 0], minlength=len(problem.sites)),
            "need": load,
        },
        index=problem.sites.rename("site"),
    )
    return pd.DataFrame(table[problem.free | problem.fixed])


def _options(problem: Problem, solution: Solution, drawn: Drawn, level: float) -> pd.DataFrame:
    best = solution.options[0].value
    worse = -1.0 if problem.objective == "coverage" else 1.0
    rows: list[dict[str, Any]] = []
    for one in solution.options:
        way = ways(problem.costs, problem.open(one.chosen))
        told = {
            "sites": " ".join(problem.named(one.chosen)),
            "value": one.value,
            "loss": worse * (one.value - best) / best if best else 0.0,
            "tied": one.tied,
            "p_best": one.best_in,
        }
        rows.append(told | effects(way, drawn, radius=problem.radius, level=level))
    return pd.DataFrame(rows).rename_axis("option")


def _allocation(problem: Problem, drawn: Drawn, way: Ways, before: Ways) -> pd.DataFrame:
    names = np.append(problem.sites.to_numpy(dtype=object), "")
    return pd.DataFrame(
        {
            "site": pd.array(names[way.place], dtype="str"),
            "cost": way.cost,
            "before": before.cost,
            "need": drawn.need,
        },
        index=problem.index.rename(AREA_ID),
    )
