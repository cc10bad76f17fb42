"""What is to be decided: which of the candidates get a site, and what a set of sites costs the people."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import access as check
from lea_geo._checks.options import check_choice

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from lea_geo.targeting.travel import TravelCosts

OBJECTIVES = ("p_median", "coverage", "p_centre", "coverage_all")
FARTHER = 10.0
"""A journey without a route counts as this many times the longest one, unless the caller says what it counts
as."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Areas with need, places for sites, and what lies between them; in the order of their ids."""

    index: pd.Index
    sites: pd.Index
    costs: np.ndarray
    """Shape (n, m), in the unit of the costs; NaN where there is no route."""
    fixed: np.ndarray
    """Sites that are there already, shape (m,)."""
    free: np.ndarray
    """Where a site can be put, shape (m,)."""
    p: int
    """How many sites to add; 0 where as few as can be are wanted."""
    objective: str
    radius: float
    """NaN where none is stated."""
    no_route: float

    @property
    def reachable(self) -> np.ndarray:
        """Areas that some place can serve, within the radius where it must be, shape (n,)."""
        if self.objective == "coverage_all":
            return np.asarray((self.costs <= self.radius).any(axis=1))
        return np.asarray(~np.isnan(self.costs).all(axis=1))

    @property
    def filled(self) -> np.ndarray:
        """Costs with ``no_route`` for journeys that cannot be made, shape (n, m)."""
        return np.where(np.isnan(self.costs), self.no_route, self.costs)

    @property
    def losses(self) -> np.ndarray:
        """What a family loses if a place serves it, shape (n, m): the cost; or 1 beyond the radius."""
        return self.losses_of(self.filled)

    def losses_of(self, costs: np.ndarray) -> np.ndarray:
        """Return the losses of other costs, shape (n, m)."""
        return (costs > self.radius).astype(float) if self.objective == "coverage" else costs

    @property
    def n_sets(self) -> int:
        """How many sets of sites there are."""
        return comb(int(self.free.sum()), self.p)

    def counted(self, need: np.ndarray) -> np.ndarray:
        """Return need (..., n) as far as it decides: where nothing can be reached, nothing can be chosen.

        For coverage it is left in: it is need that is not reached.
        """
        return need if self.objective == "coverage" else need * self.reachable

    def open(self, chosen: Iterable[int]) -> np.ndarray:
        """Return the columns of the sites there are when ``chosen`` are added, sorted."""
        return np.sort(np.concatenate([np.flatnonzero(self.fixed), np.asarray(list(chosen), dtype=int)]))

    def named(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of columns, sorted."""
        return tuple(sorted(str(self.sites[j]) for j in chosen))

    @classmethod
    def of(
        cls,
        index: pd.Index,
        costs: TravelCosts,
        candidates: Iterable[str] | None,
        existing: Iterable[str],
        *,
        p: int | None,
        objective: str,
        radius: float | None,
        no_route: float | None,
    ) -> Problem:
        """Align and check.

        Raises
        ------
        UsageError, ValuesError, JoinError
            As :func:`lea_geo.choose_sites` says.
        """
        check_choice("objective", objective, OBJECTIVES)
        kept = check.check_known("existing", existing, costs.destinations)
        others = (
            [one for one in costs.destinations if one not in set(kept)] if candidates is None else candidates
        )
        wanted = check.check_known("candidates", others, costs.destinations)
        check.check_apart(wanted, kept)
        check.check_origins(index, costs.origins)
        reach = check.check_radius(radius, objective)
        number = check.check_number(p, objective, len(wanted))
        table = costs.table.loc[index, sorted([*wanted, *kept])]
        values = table.to_numpy()
        longest = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
        lost = FARTHER * longest if no_route is None else check.check_positive("no_route", no_route)
        check.check_no_route(lost, longest)
        return cls(
            index,
            table.columns,
            values,
            table.columns.isin(kept),
            table.columns.isin(wanted),
            number,
            objective,
            reach,
            max(lost, 1.0),
        )
