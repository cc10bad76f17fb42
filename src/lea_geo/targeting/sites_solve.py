"""The best set, the sets that do as well, and how often each would be best if need were drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo.targeting.sites_capacity import solve_capacitated
from lea_geo.targeting.sites_enumerate import (
    Tried,
    can_enumerate,
    few_enough,
    sets_within,
    try_all,
    try_sets,
)
from lea_geo.targeting.sites_exact import Master, Proved, fewest, least_radius
from lea_geo.targeting.sites_interchange import Pool, interchange
from lea_geo.targeting.sites_solution import (
    SAME,
    Ask,
    Chosen,
    Option,
    Solution,
    as_value,
    is_tied,
    limit_of,
    places_of,
)

if TYPE_CHECKING:
    from lea_geo.targeting.sites_problem import Problem

SELDOM = 0.05
"""A set that is best in fewer draws is not listed for that."""
PARTS = (1.0, 0.5, 0.25, 0.1, 0.03, 0.01, 0.0)
"""Of the share that ties: where too many sets do as well, those within a smaller share are tried and
listed."""
SOLVED = 1e-6
"""How exactly a linear problem is solved, as a share of its value."""
MOST_EQUAL = 2000
"""Of more sets that are exactly as good, the first in the order of their ids are looked at for their mean
cost."""
MOST_RADII = 100
"""Draws of travel costs for which the sets of p-centre and set covering problems are proved anew."""


def solve(problem: Problem, ask: Ask) -> Solution:
    """Return the best set with its ties."""
    if ask.capacity is not None:
        return solve_capacitated(problem, ask)
    if problem.objective in {"p_centre", "coverage_all"}:
        return _solve_covering(problem, ask)
    n, draws = len(problem.index), len(ask.weights) - 1
    if can_enumerate(problem.n_sets, n, max(1, draws)):
        return _solve_all(problem, ask)
    return _solve_proved(problem, ask)


def _solve_all(problem: Problem, ask: Ask) -> Solution:
    """Try every set."""
    losses = problem.losses
    some = ask.weights if ask.factors is None else ask.weights[:1]
    tried = try_all(losses, problem.fixed, problem.free, problem.p, some)
    wins = tried.wins if ask.factors is None else _wins_of_costs(problem, ask, len(tried.sets))
    values = np.array([as_value(problem, float(one)) for one in tried.values])
    order = _order(problem, ask, tried)
    best = values[order[0]]
    tied = np.array([is_tied(problem, values[i], best, ask.tie) for i in order])
    listed = np.zeros(len(order), dtype=bool)
    listed[: 1 + ask.alternatives] = tied[: 1 + ask.alternatives]
    often = np.argsort(-np.nan_to_num(wins[order]), kind="stable")[: 1 + ask.alternatives]
    listed[often[np.nan_to_num(wins[order])[often] >= SELDOM]] = True
    options = tuple(
        Option(tuple(tried.sets[i].tolist()), float(values[i]), bool(tied[k]), float(wins[i]))
        for k, i in enumerate(order)
        if listed[k]
    )
    # np.add.at(belongs, tried.sets.T, wins) reads past the end of wins (numpy 2.4.6).
    belongs = np.bincount(tried.sets.ravel(), np.repeat(wins, problem.p), minlength=len(problem.sites))
    if np.isnan(wins).all():
        belongs[:] = np.nan
    return Solution(options, float(best), belongs, int(tied.sum()), "enumeration")


def _order(problem: Problem, ask: Ask, tried: Tried) -> np.ndarray:
    """Return the order of all sets, of which those equal to the best come in that of ``places_of``."""
    order = np.argsort(tried.values, kind="stable")
    best = tried.values[order[0]]
    equal = int(np.searchsorted(tried.values[order], best + SAME * max(best, 1e-6), side="right"))
    first = order[: min(equal, MOST_EQUAL)]
    sets = [tuple(tried.sets[i].tolist()) for i in first]
    place = places_of(problem, ask.weights[0], sets, [float(best)] * len(sets))
    return np.concatenate([first[place], order[len(first) :]])


def _wins_of_costs(problem: Problem, ask: Ask, size: int) -> np.ndarray:
    """Return the share of draws that each set wins where journeys are drawn too."""
    assert ask.factors is not None  # noqa: S101 - the caller has looked
    wins = np.zeros(size)
    for weights, factor in zip(ask.weights[1:], ask.factors, strict=True):
        losses = problem.losses_of(problem.filled * factor)
        wins += try_all(losses, problem.fixed, problem.free, problem.p, np.vstack([weights, weights])).wins
    return wins / len(ask.factors)


def _solve_proved(problem: Problem, ask: Ask) -> Solution:
    """Prove the best set by branch and bound, and the next best by banning those that are known."""
    pool = Pool(problem.losses, problem.fixed, problem.free, problem.p)
    found, tied, solver, within = _best_of_bounds(
        problem, ask, _loss(problem, pool.best(ask.weights[0]), ask.weights[0])
    )
    best = found[0]
    won: dict[Chosen, float] = {}
    belongs = np.zeros(len(problem.sites))
    pool.widen([one.chosen for one in found], ask.weights[1:])
    for i, weights in enumerate(ask.weights[1:]):
        if ask.factors is None:
            chosen = pool.best(weights)
        else:
            losses = problem.losses_of(problem.filled * ask.factors[i])
            chosen = interchange(losses, problem.fixed, problem.free, weights, best.chosen)
        won[chosen] = won.get(chosen, 0.0) + 1 / (len(ask.weights) - 1)
        belongs[list(chosen)] += 1 / (len(ask.weights) - 1)
    if len(ask.weights) == 1:
        belongs[:] = np.nan
    value = as_value(problem, best.value)
    options = [_option(problem, one, value, ask.tie, won) for one in found]
    known = {one.chosen for one in found}
    options += [
        _option(problem, Proved(chosen, _loss(problem, chosen, ask.weights[0]), 0.0), value, ask.tie, won)
        for chosen, share in sorted(won.items())
        if share >= SELDOM and chosen not in known
    ]
    note = (
        f"{problem.n_sets:.2g} sets are too many to try: the best is proved by bounds; in redraws "
        "it is looked for by exchanging sites from many starts, which can miss it."
    )
    notes: tuple[str, ...] = (note,)
    if within is not None:
        notes += (f"More sets than can be tried may do as well: those within {within:.2%} of the best were.",)
    return Solution(tuple(options), as_value(problem, best.bound), belongs, tied, solver, notes, within)


def _best_of_bounds(problem: Problem, ask: Ask, known: float) -> tuple[list[Proved], int, str, float | None]:
    """Return the best set with its ties, how many tie, how they were found, and within what if in less.

    Every set loses at least the bound of all, and what each of its places, and each that it lacks, adds to
    that. So only sets need be tried that could then be as good as one with loss ``known``. Where these are
    too many, each next best is proved.
    """
    master, weights = Master(problem.losses, problem.fixed, problem.free, problem.p), ask.weights[0]
    relaxed = master.relax(weights)
    left = None
    for part in PARTS:
        worst = as_value(problem, limit_of(problem, as_value(problem, known), ask.tie * part))
        worst += SOLVED * max(1.0, abs(worst))
        places = np.flatnonzero(problem.free & (relaxed.bound + relaxed.opened <= worst))
        scores = (relaxed.opened - relaxed.closed)[places]
        budget = worst - relaxed.bound - float(relaxed.closed[places].sum())
        left = sets_within(places, scores, problem.p, budget, few_enough(len(weights)))
        if left is not None:
            break
    if left is None or not len(left):
        found = _next_best(problem, master, ask)
        return found, len(found), "milp", None
    within = None if part == 1 else ask.tie * part
    lost = try_sets(problem.losses, problem.fixed, left, weights)
    order = np.argsort(lost, kind="stable")
    best = as_value(problem, float(lost[order[0]]))
    values = [as_value(problem, float(lost[i])) for i in order]
    tied = [
        i for i, value in zip(order, values, strict=True) if is_tied(problem, value, best, ask.tie * part)
    ]
    sets = [tuple(left[i].tolist()) for i in tied[:MOST_EQUAL]]
    losses = [float(lost[i]) for i in tied[:MOST_EQUAL]]
    first = places_of(problem, weights, sets, losses)[: 1 + ask.alternatives]
    return [Proved(sets[i], losses[i], min(losses)) for i in first], len(tied), "bounds", within


def _next_best(problem: Problem, master: Master, ask: Ask) -> list[Proved]:
    """Return the best set and, in their order, those that tie with it, as many as are wanted."""
    found: list[Proved] = []
    for _ in range(1 + ask.alternatives):
        one = master.solve(ask.weights[0], [done.chosen for done in found])
        if one is None:
            break
        value = as_value(problem, one.value)
        if found and not is_tied(problem, value, as_value(problem, found[0].value), ask.tie):
            break
        found.append(one)
    order = places_of(problem, ask.weights[0], [one.chosen for one in found], [one.value for one in found])
    return [found[i] for i in order]


def _loss(problem: Problem, chosen: Chosen, weights: np.ndarray) -> float:
    return float(weights @ problem.losses[:, problem.open(chosen)].min(axis=1))


def _option(problem: Problem, one: Proved, best: float, tie: float, won: dict[Chosen, float]) -> Option:
    value = as_value(problem, one.value)
    share = won.get(one.chosen, 0.0) if won else float("nan")
    return Option(one.chosen, value, is_tied(problem, value, best, tie), share)


def _solve_covering(problem: Problem, ask: Ask) -> Solution:
    """Make the longest way as short, or the sites as few, as can be, and then the mean cost least."""
    needy = (ask.need > 0) & problem.reachable
    costs, weights = problem.filled[needy], ask.weights[0][needy]
    number, radius = _extreme(problem, costs)
    farthest = radius * (1 + ask.tie) if problem.objective == "p_centre" else radius
    found = [_least_mean(problem, costs, weights, number, radius)]
    master = Master(costs, problem.fixed, problem.free, number, costs <= farthest)
    while len(found) <= ask.alternatives:
        one = master.solve(weights, found)
        if one is None:
            break
        found.append(one.chosen)
    extents = [_extent(problem, costs, chosen) for chosen in found]
    order = places_of(problem, ask.weights[0], found, extents)
    found, values = [found[i] for i in order], [extents[i] for i in order]
    belongs, best_in, notes = _belongs(problem, ask, found, values)
    options = tuple(
        Option(chosen, value, tied=True, best_in=share)
        for chosen, value, share in zip(found, values, best_in, strict=True)
    )
    return Solution(options, values[0], belongs, len(found), "milp", notes)


def _extreme(problem: Problem, costs: np.ndarray) -> tuple[int, float]:
    """Return how many sites to add and within what all are to be served."""
    if problem.objective == "p_centre":
        return problem.p, least_radius(costs, problem.fixed, problem.free, problem.p)
    number = fewest(costs <= problem.radius, problem.fixed, problem.free)
    assert number is not None  # noqa: S101 - what cannot be covered has been left out
    return number, problem.radius


def _least_mean(
    problem: Problem, costs: np.ndarray, weights: np.ndarray, number: int, radius: float
) -> Chosen:
    found = Master(costs, problem.fixed, problem.free, number, costs <= radius).solve(weights)
    assert found is not None  # noqa: S101 - a set within the radius exists
    return found.chosen


def _extent(problem: Problem, costs: np.ndarray, chosen: Chosen) -> float:
    if problem.objective == "coverage_all":
        return float(len(chosen))
    return float(costs[:, problem.open(chosen)].min(axis=1).max())


def _belongs(
    problem: Problem, ask: Ask, found: list[Chosen], values: list[float]
) -> tuple[np.ndarray, list[float], tuple[str, ...]]:
    """Return how often each place and each set is the best: with other journeys, or among equals."""
    belongs = np.zeros(len(problem.sites))
    if ask.factors is None:
        equal = [value <= values[0] * (1 + SAME) for value in values]
        for chosen, same in zip(found, equal, strict=True):
            belongs[list(chosen)] += same / sum(equal)
        note = "How many are in need does not change this choice: shares are those among equal sets."
        return belongs, [same / sum(equal) for same in equal], (note,)
    needy = (ask.need > 0) & problem.reachable
    won = dict.fromkeys(found, 0.0)
    draws = min(MOST_RADII, len(ask.factors))
    for factor in ask.factors[:draws]:
        costs, weights = (problem.filled * factor)[needy], ask.weights[0][needy]
        if problem.objective == "coverage_all":  # what no place can serve in this draw asks for nothing
            held = (costs <= problem.radius).any(axis=1)
            costs, weights = costs[held], weights[held]
        number, radius = _extreme(problem, costs)
        chosen = _least_mean(problem, costs, weights, number, radius)
        belongs[list(chosen)] += 1 / draws
        won[chosen] = won.get(chosen, 0.0) + 1 / draws
    return belongs, [won[chosen] for chosen in found], (f"{draws} redraws of journeys were solved.",)
