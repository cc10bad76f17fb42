"""What a choice of sites, and a comparison of scenarios, give back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class SiteChoice:
    """The best sites, their ties, and what they mean for families."""

    table: pd.DataFrame
    """Indexed by site id, all places: ``state`` (``new``, ``existing`` or ``not chosen``), ``p_belongs`` (the
    share of redraws in whose best set it is; NaN of existing ones), ``in_ties`` (the share of the sets that
    do as well that hold it), ``areas`` (to how many areas it is the nearest site) and ``need`` (families in
    need there)."""
    options: pd.DataFrame
    """The best set first, then those that do as well and those that are best in 5 % of redraws or more:
    ``sites`` (ids, a space between them), ``value``, ``loss`` (by how much it is worse than the best, as a
    share of that), ``tied``, ``p_best`` (the share of redraws in which it is the best), and what
    :func:`compare_sites` says of it."""
    allocation: pd.DataFrame
    """Indexed by ``area_id``: ``site`` (the nearest; with capacities, that of most of its families),
    ``cost``, ``before`` (the cost to the nearest existing site) and ``need``."""
    effects: pd.DataFrame
    """What it means for families: rows ``before`` (where sites exist) and ``after``; the columns of
    :func:`compare_sites`."""
    sites: tuple[str, ...]
    """The sites to add, sorted."""
    existing: tuple[str, ...]
    objective: str
    value: float
    """Of the best set: mean or longest cost, share of need reached, or number of sites."""
    bound: float
    """What no set can do better than; the value itself where it is proved."""
    gap: float
    """By how much the value could still be bettered, as a share of it; 0 where it is proved."""
    n_tied: int
    """How many sets are known to do as well, the best itself among them; where more than can be tried might,
    those nearest to the best."""
    solver: str
    """``enumeration`` (all sets were tried), ``bounds`` (all that bounds leave) or ``milp`` (branch and
    bound)."""
    radius: float | None
    unit: str
    level: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        ties = "" if self.n_tied == 1 else f", {self.n_tied - 1} other sets do as well"
        return f"<SiteChoice {', '.join(self.sites)}: {self.objective} {self.value:.4g}{ties}>"


@dataclass(frozen=True, eq=False, kw_only=True)
class SiteScenarios:
    """Sets of sites beside one another."""

    table: pd.DataFrame
    """Indexed by ``scenario``, in the order given: the columns of ``sites_effects.EFFECTS``, then
    ``shorter shorter_lower shorter_upper`` (by how much the mean way of families in need is shorter than in
    the first scenario) and ``gains loses`` (the share of families in need whose way is shorter or longer than
    there)."""
    areas: pd.DataFrame
    """A row an area and scenario: ``area_id scenario site cost change outcome`` (``gains``, ``loses`` or
    ``same`` against the first scenario; blank in it) and ``need``."""
    radius: float | None
    unit: str
    level: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
