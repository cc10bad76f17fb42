"""Sites that can serve only so many: who goes where is part of the problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lea_geo._checks import access as check
from lea_geo.targeting.sites_solution import Option, Solution, as_value, is_tied

if TYPE_CHECKING:
    from lea_geo.targeting.sites_problem import Problem
    from lea_geo.targeting.sites_solution import Ask


@dataclass(frozen=True)
class Assigned:
    """Who is served where."""

    value: float
    """The mean loss of all need."""
    bound: float
    chosen: tuple[int, ...]
    flows: np.ndarray
    """The share of each area's need that goes to each place, shape (n, m); what no site can serve is
    missing."""


def assign(
    problem: Problem,
    need: np.ndarray,
    capacity: np.ndarray,
    *,
    chosen: tuple[int, ...] | None = None,
    banned: tuple[tuple[int, ...], ...] = (),
) -> Assigned | None:
    """Return the best set, or what is served by the one given, when no site serves more than it can.

    An area's need may be shared between sites. For ``p_median`` all need is served, and there is no way where
    the sites together cannot; for ``coverage`` need beyond the radius, or beyond what the sites can serve, is
    not.
    """
    n, m = problem.costs.shape
    losses, weights = problem.losses, need / need.sum()
    usable = ~np.isnan(problem.costs) & ((losses < 1) | (problem.objective != "coverage"))
    area, place = np.nonzero(usable & (need > 0)[:, None])
    pairs = np.arange(len(area))
    gain = losses[area, place] - (problem.objective == "coverage")
    size = m + len(pairs)
    sent = sparse.csr_array((np.ones(len(pairs)), (area, m + pairs)), shape=(n, size))
    load = sparse.csr_array((need[area], (place, m + pairs)), shape=(m, size))
    most = sparse.csr_array((-capacity, (np.arange(m), np.arange(m))), shape=(m, size))
    allowed = sparse.csr_array(
        (np.r_[np.ones(len(pairs)), -np.ones(len(pairs))], (np.r_[pairs, pairs], np.r_[m + pairs, place])),
        shape=(len(pairs), size),
    )
    served = np.where((need > 0) & (problem.objective == "p_median"), 1.0, 0.0)
    rules = [
        LinearConstraint(sent, served, 1),
        LinearConstraint(load + most, -np.inf, 0),
        LinearConstraint(allowed, -np.inf, 0),
    ]
    rules += _which(problem, size, chosen, banned)
    upper = np.concatenate([np.where(problem.free | problem.fixed, 1.0, 0.0), np.ones(len(pairs))])
    lower = np.concatenate([np.where(problem.fixed, 1.0, 0.0), np.zeros(len(pairs))])
    found = milp(
        np.concatenate([np.zeros(m), weights[area] * gain]),
        constraints=rules,
        integrality=np.concatenate([np.ones(m, dtype=int), np.zeros(len(pairs), dtype=int)]),
        bounds=Bounds(lower, upper),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    flows = np.zeros((n, m))
    flows[area, place] = found.x[m:]
    base = 1.0 if problem.objective == "coverage" else 0.0
    opened = tuple(np.flatnonzero((found.x[:m] > 0.5) & problem.free).tolist())
    bound = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
    return Assigned(float(found.fun) + base, float(bound) + base, opened, flows)


def _which(
    problem: Problem, size: int, chosen: tuple[int, ...] | None, banned: tuple[tuple[int, ...], ...]
) -> list[LinearConstraint]:
    rows, least, most = [problem.free.astype(float)], [float(problem.p)], [float(problem.p)]
    if chosen is not None:
        rows.append(np.isin(np.arange(len(problem.free)), chosen).astype(float))
        least, most = [*least, float(len(chosen))], [*most, float(len(chosen))]
    for one in banned:
        rows.append(np.isin(np.arange(len(problem.free)), one).astype(float))
        least, most = [*least, -np.inf], [*most, len(one) - 1.0]
    wide = np.zeros((len(rows), size))
    wide[:, : len(problem.free)] = rows
    return [LinearConstraint(sparse.csr_array(wide), least, most)]


def solve_capacitated(problem: Problem, ask: Ask) -> Solution:
    """Return the best set under capacities, with its ties; redraws choose among those."""
    assert ask.capacity is not None  # noqa: S101 - the caller has looked
    need = problem.counted(ask.need)
    found: list[Assigned] = []
    for _ in range(1 + ask.alternatives):
        one = assign(problem, need, ask.capacity, banned=tuple(done.chosen for done in found))
        if one is None or (
            found
            and not is_tied(problem, as_value(problem, one.value), as_value(problem, found[0].value), ask.tie)
        ):
            break
        found.append(one)
    if not found:
        check.refuse_capacity(float(need.sum()), float(ask.capacity[problem.fixed | problem.free].sum()))
    wins = _wins(problem, ask, [one.chosen for one in found])
    belongs = np.zeros(len(problem.sites))
    for one, share in zip(found, wins, strict=True):
        belongs[list(one.chosen)] += share
    options = tuple(
        Option(one.chosen, as_value(problem, one.value), tied=True, best_in=float(share))
        for one, share in zip(found, wins, strict=True)
    )
    note = "With capacities, redraws of need choose among the listed sets only."
    bound = as_value(problem, found[0].bound)
    return Solution(options, bound, belongs, len(found), "milp", (note,))


def _wins(problem: Problem, ask: Ask, sets: list[tuple[int, ...]]) -> np.ndarray:
    """Return the share of draws in which each listed set is the best, ties sharing evenly."""
    draws = ask.weights[1:]
    if not len(draws):
        return np.full(len(sets), np.nan)
    if len(sets) == 1:
        return np.ones(1)
    assert ask.capacity is not None  # noqa: S101 - the caller has looked
    wins, total = np.zeros(len(sets)), float(problem.counted(ask.need).sum())
    for weights in draws:
        # Capacities are for the need as it stands; a draw moves need between areas.
        tried = [assign(problem, weights * total, ask.capacity, chosen=one) for one in sets]
        values = np.array([np.inf if one is None else one.value for one in tried])
        best = values <= values.min() * (1 + 1e-9) + 1e-15
        wins += best / best.sum()
    return wins / len(draws)
