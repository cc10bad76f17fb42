"""What a set of sites is worth, when it does as well as another, and how a choice is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from lea_geo.targeting.sites_problem import Problem

Chosen = tuple[int, ...]
SAME = 1e-9
"""Values that differ by less than this share are equal: the rest is rounding."""


@dataclass(frozen=True)
class Option:
    """One set of sites."""

    chosen: Chosen
    value: float
    """As the objective measures it: mean or longest cost, share reached, number of sites."""
    tied: bool
    best_in: float
    """The share of draws in which it is the best."""


@dataclass(frozen=True)
class Solution:
    """What was found."""

    options: tuple[Option, ...]
    """The best first."""
    bound: float
    """What no set can do better than, in the options' measure."""
    belongs: np.ndarray
    """For each place the share of draws in whose best set it is, shape (m,)."""
    n_tied: int
    """How many sets do as well, the best itself among them; of more than are listed only where all were
    tried."""
    solver: str
    notes: tuple[str, ...] = field(default=())
    listed_within: float | None = None
    """Where more sets than can be tried might do as well: the smaller share within which all were. None: all
    that do as well were looked at."""


@dataclass(frozen=True, eq=False)
class Ask:
    """How it is to be found out."""

    weights: np.ndarray
    """Need as it stands and, below it, as it is drawn, shape (1 + draws, n); each row adds up to 1."""
    factors: np.ndarray | None
    """By what each journey's cost is multiplied in each draw, shape (draws, n, m)."""
    tie: float
    alternatives: int
    capacity: np.ndarray | None
    need: np.ndarray
    """As it stands, shape (n,)."""


def limit_of(problem: Problem, value: float, tie: float) -> float:
    """Return the value at which a set still ties with the best."""
    return value * (1 - tie) if problem.objective == "coverage" else value * (1 + tie)


def as_value(problem: Problem, loss: float) -> float:
    """Return a mean loss as the objective measures it."""
    return 1 - loss if problem.objective == "coverage" else loss


def places_of(
    problem: Problem, weights: np.ndarray, sets: Sequence[Chosen], losses: Sequence[float]
) -> list[int]:
    """Return the order of sets: by what they lose; equal ones by their mean cost; then by their ids."""
    scale = max(*(abs(one) for one in losses), 1e-300)
    costs = problem.filled
    means = [float(weights @ costs[:, problem.open(one)].min(axis=1)) for one in sets]
    longest = max(*means, 1e-300)
    keys = [
        (round(loss / scale, 9), round(mean / longest, 9), chosen)
        for loss, mean, chosen in zip(losses, means, sets, strict=True)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)


def is_tied(problem: Problem, value: float, best: float, tie: float) -> bool:
    """Return whether a set does as well as the best, but for the share that ties and for rounding."""
    limit = limit_of(problem, best, tie)
    slack = SAME * max(1.0, abs(best))
    return value >= limit - slack if problem.objective == "coverage" else value <= limit + slack
