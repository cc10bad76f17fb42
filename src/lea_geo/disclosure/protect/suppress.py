"""Hide the cheapest areas such that nobody can work out a small group, on all geographies at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.disclosure_suppress import (
    check_area_caps,
    check_caps,
    check_costs,
    check_counts,
    check_families,
    check_fixed,
    check_flags,
)
from lea_geo._checks.options import check_choice, check_count
from lea_geo.disclosure.protect.suppress_protect import protect
from lea_geo.disclosure.protect.suppress_task import Task, depths
from lea_geo.disclosure.published import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from lea_geo.disclosure.published import Family, Published

PER_AREA = 1.0
"""What hiding an area costs beside the people in it, so that fewer areas are hidden among equals."""


@dataclass(frozen=True)
class Suppression:
    """Which areas are hidden so that every group of fewer than ``minimum_count`` people is protected."""

    published: Published
    """What may be published: every area that is not hidden, exactly."""
    hidden: tuple[NDArray[np.bool_], ...]
    """Whether each area of each family is hidden, whatever the reason."""
    primary: tuple[NDArray[np.bool_], ...]
    """Whether each area holds too few people itself."""
    already: tuple[NDArray[np.bool_], ...]
    """Whether each area was hidden or unpublished before, and cost nothing."""
    totals: tuple[NDArray[np.int64], ...]
    """The true count of each area. Never publish it."""
    cost: float
    """What was hidden beyond ``primary`` and ``already``, by the costs that were asked for."""
    bound: float
    """No choice costs less; equal to ``cost``: proved to be the cheapest."""
    minimum_count: int
    zero: str
    costs: str
    """``people``, ``cells`` or ``given``."""

    @property
    def secondary(self) -> tuple[NDArray[np.bool_], ...]:
        """Whether each area is hidden only because it would give others away."""
        parts = zip(self.hidden, self.primary, self.already, strict=True)
        return tuple(hidden & ~primary & ~already for hidden, primary, already in parts)

    @cached_property
    def account(self) -> pd.DataFrame:
        """What is hidden of each kind of areas.

        One row a family and level, the finest first: ``areas`` and ``people`` there are, how many of each are
        hidden for a ``primary``, ``secondary`` or ``already`` given reason, and the ``share_of_areas`` and
        ``share_of_people`` that are hidden, from 0 to 1.
        """
        return pd.DataFrame(
            [
                {"family": family.name, "level": level, **self._hidden_of(at, rows)}
                for at, family in enumerate(self.published.families)
                for level, rows in _levels(family)
            ]
        )

    def _hidden_of(self, at: int, rows: NDArray[np.int64]) -> dict[str, float]:
        people = self.totals[at][rows]
        found: dict[str, float] = {"areas": len(rows), "people": int(people.sum())}
        already = self.already[at][rows]
        for name, marks in (
            ("primary", self.primary[at][rows] & ~already),
            ("secondary", self.secondary[at][rows]),
            ("already", already),
        ):
            found[f"{name}_areas"], found[f"{name}_people"] = int(marks.sum()), int(people[marks].sum())
        hidden = self.hidden[at][rows]
        found["share_of_areas"] = float(hidden.mean())
        found["share_of_people"] = float(people[hidden].sum() / max(people.sum(), 1))
        return found


def suppress(
    counts: ArrayLike,
    families: Sequence[Family],
    *,
    k: int,
    costs: str | Sequence[ArrayLike] | None = None,
    fixed: Sequence[ArrayLike | None] | None = None,
    never: Sequence[ArrayLike | None] | None = None,
    already: Sequence[ArrayLike | None] | None = None,
    caps: ArrayLike | None = None,
    area_caps: Sequence[ArrayLike | None] | None = None,
    zero: str = "safe",
    ids: tuple[str, ...] = (),
) -> Suppression:
    """Hide small areas, and the cheapest others such that nothing published gives a small group away.

    Afterwards every atom of 1 to k - 1 people can hold k or more in a table that agrees with all that is
    still published, so that no union of atoms can be bounded inside 1..k - 1. For one or two families the
    choice is the cheapest, or nearly: ``bound`` is what none can be below.

    Parameters
    ----------
    counts
        The true count of each atom, shape (n,).
    families
        The trees whose every area would be published. What is known of their areas is ignored, unless fixed.
    k
        The minimum count, 2 or more.
    costs
        What it costs to hide an area: its people and 1 (``"people"``, the default), 1 (``"cells"``), or
        numbers for every area of every family.
    fixed
        Areas of which nothing can be decided, by family: they are published or not as the family says.
    never
        Areas that may not be hidden, by family.
    already
        Areas that are hidden anyway, by family: those of another count that is published on the same areas.
    caps
        How many people each atom can hold at most, as anybody knows: its published population.
    area_caps
        How many people each area can hold at most, by family, also where its own count is hidden.
    zero
        ``"safe"``: that nobody is there may be known; ``"hidden"``: it may not, unless the cap is 0.
    ids
        What each atom is called.

    Raises
    ------
    ValuesError
        Some groups cannot be protected without hiding what may not be hidden; all are named, with what would
        help.

    Examples
    --------
    Two cells, and a postal area that holds three people of the second cell.

    >>> from lea_geo.disclosure.published import build_family
    >>> grid = build_family("grid", {"cell": ["a", "b", "b"]})
    >>> post = build_family("post", {"postal": ["1", "1", "2"]})
    >>> found = suppress([30, 20, 3], [grid, post], k=10)
    >>> [found.published.families[0].ids[0], found.secondary[0].tolist(), found.cost]
    ['cell a', [False, True], 24.0]
    """
    x = check_counts("counts", counts)
    check_families(families, len(x))
    task = Task(
        tuple(families),
        x,
        np.full(len(x), NO_LIMIT) if caps is None else check_caps(caps, x),
        check_count("k", k, least=2),
        check_choice("zero", zero, ("safe", "hidden")),
        fixed=check_flags("fixed", fixed, families),
        never=check_flags("never", never, families),
        already=check_flags("already", already, families),
        area_caps=check_area_caps(area_caps, families, x),
    )
    check_fixed(families, task.fixed, x)
    priced = _costs(task, costs)
    choice = protect(task, priced)
    hidden = choice.hidden
    return Suppression(
        published=task.published(hidden, ids),
        hidden=hidden,
        primary=task.primary,
        already=task.gone,
        totals=task.totals,
        cost=choice.cost,
        bound=choice.bound,
        minimum_count=k,
        zero=zero,
        costs=costs if isinstance(costs, str) else "people" if costs is None else "given",
    )


def _costs(task: Task, costs: str | Sequence[ArrayLike] | None) -> tuple[NDArray[np.float64], ...]:
    """Return what it costs to hide each area of each family."""
    if costs is not None and not isinstance(costs, str):
        return tuple(check_costs(costs, task.families))
    if check_choice("costs", costs or "people", ("people", "cells")) == "cells":
        return tuple(np.ones(len(some)) for some in task.totals)
    return tuple(some.astype(np.float64) + PER_AREA for some in task.totals)


def _levels(family: Family) -> list[tuple[str, NDArray[np.int64]]]:
    """Return the areas of each level, the finest first, and what their names have in common."""
    depth = depths(family)
    found = []
    for level in range(int(depth.max(initial=0)), -1, -1):
        rows = np.flatnonzero(depth == level)
        kinds = {family.ids[row].partition(" ")[0] for row in rows}
        found.append((kinds.pop() if len(kinds) == 1 else f"level {level + 1}", rows))
    return found
