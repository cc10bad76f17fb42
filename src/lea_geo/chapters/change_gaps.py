"""Gaps and convergence of each indicator of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lea_geo.change.convergence import LEAST_AREAS, BetaConvergence, beta_convergence
from lea_geo.change.gaps import GapsOverTime, gaps_over_time

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.chapter_specs.change import ChangeSpec
    from lea_geo.chapters.change_compare import Compared
    from lea_geo.chapters.ground import Ground

MANY_AREAS = 1000
"""Of more areas, gaps are taken of the two years compared only: each year costs seconds."""


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """The gaps of one indicator."""

    code: str
    found: GapsOverTime
    weighted: bool
    """Whether people are known to weigh areas by."""
    beta: BetaConvergence | None
    """None where there are too few areas, or nothing is known of the noise."""


def gaps_of(ground: Ground, spec: ChangeSpec, one: Compared) -> Gaps | None:
    """Return the gaps of an indicator; None where there are too few areas, or values below 0."""
    tables = dict(one.years)
    changes = one.changes
    years = (changes.since, changes.until)
    comparable = changes.table["difference"].notna() & (changes.table["class"] != "redrawn")
    for table in tables.values():
        comparable &= table.iloc[:, 0].notna() & (table.iloc[:, -1].gt(0) if one.kind != "value" else True)
    n = int(comparable.sum())
    if n < LEAST_AREAS or not _spread(tables, comparable):
        return None
    if n > MANY_AREAS:
        tables = {year: tables[year] for year in years}
    found = gaps_over_time(
        tables,
        kind=one.kind,
        since=years[0],
        until=years[1],
        scale=one.scale,
        order=_order(ground, spec, tables),
        level=spec.level,
        redrawn=one.redrawn.table,
        runs=spec.runs,
        seed=ground.seed,
    )
    ends = {year: tables[year] for year in years}
    return Gaps(code=one.code, found=found, weighted=one.kind != "value", beta=_beta(ground, spec, one, ends))


def _beta(
    ground: Ground, spec: ChangeSpec, one: Compared, tables: dict[int, pd.DataFrame]
) -> BetaConvergence | None:
    """Return the slope of change on the earlier value, where something is known of the noise."""
    if one.kind == "value" and not all(table["error"].notna().any() for table in tables.values()):
        return None
    return beta_convergence(
        tables,
        kind=one.kind,
        scale=one.scale,
        level=spec.level,
        correlation=spec.correlation or None,
        redrawn=one.redrawn.table,
        runs=spec.runs,
        seed=ground.seed,
    )


def _spread(tables: dict[int, pd.DataFrame], comparable: pd.Series[bool]) -> bool:
    """Return whether a gap has a meaning in every year: somebody is counted, and not everybody."""
    for table in tables.values():
        value, rest = table.iloc[:, 0][comparable], table.iloc[:, -1][comparable]
        if (value < 0).any() or not value.sum() > 0 or value.equals(rest):
            return False
    return True


def _order(
    ground: Ground, spec: ChangeSpec, tables: dict[int, pd.DataFrame]
) -> dict[int, pd.Series[float]] | None:
    if not spec.order:
        return None
    years = ground.years_of(spec.order)
    if not {str(year) for year in tables} <= set(years):
        return None
    return {year: ground.cells(spec.order, str(year))["value"].astype(float) for year in tables}
