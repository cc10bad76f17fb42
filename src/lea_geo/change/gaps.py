"""Gaps between areas over time: absolute and relative together, and whether they have changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lea_geo._checks import check_count, check_fraction, check_seed
from lea_geo._checks.change import (
    check_change_years,
    check_enough_areas,
    check_orders,
    check_pairs,
    check_positive,
    check_redrawn,
    check_two_of,
)
from lea_geo.change.gap_measures import PAIRS, measures_of
from lea_geo.change.gap_samples import samples_of
from lea_geo.inequality.estimate import draw, measured_together, quantiles
from lea_geo.inequality.options import Settings
from lea_geo.inequality.result import WEIGHTINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lea_geo.inequality.estimate import Measure
    from lea_geo.inequality.result import Estimate, Inequality
    from lea_geo.inequality.sample import Sample

GAP_VERDICTS = ("narrowed", "widened", "cannot_tell")
LEAST_AREAS = 4


@dataclass(frozen=True, kw_only=True)
class GapsOverTime:
    """Gaps of several years, and what became of them between two."""

    table: pd.DataFrame
    """A row for each year, pair of an absolute and a relative measure, form and weighting: ``year pair
    measure form weighting value lower upper corrected noise p_value``, as ``lea_geo.inequality`` has them."""
    change: pd.DataFrame
    """A row for each measure and weighting: ``pair measure form weighting then now difference lower upper
    verdict`` (one of ``GAP_VERDICTS``). ``then`` and ``now`` are without the noise of small numbers where it
    is known, and ``difference`` is what that leaves of the change."""
    since: int
    until: int
    kind: str
    level: float
    runs: int
    seed: int
    n: int
    notes: tuple[str, ...]

    @property
    def disagreeing(self) -> pd.DataFrame:
        """The rows of ``change`` whose absolute and relative form do not have the same verdict."""
        verdicts = self.change.groupby(["pair", "weighting"])["verdict"]
        return self.change[verdicts.transform("nunique") > 1]


def gaps_over_time(
    years: Mapping[int, pd.DataFrame],
    *,
    kind: str = "proportion",
    since: int | None = None,
    until: int | None = None,
    scale: float = 1.0,
    order: pd.Series | Mapping[int, pd.Series] | None = None,
    pairs: Collection[str] = (),
    level: float = 0.95,
    redrawn: Collection[str] | pd.DataFrame = (),
    runs: int = 999,
    seed: int = 0,
) -> GapsOverTime:
    """Measure the gaps between areas in each year, and whether they are others in the last than in the first.

    Always both: the absolute gap (in the unit of the values) and the relative one (a ratio), weighted by
    people and with every area once. Where all values fall by half, the absolute gap halves and the relative
    one stays.

    =============== ============================================ ===========================================
    pair            absolute                                     relative
    =============== ============================================ ===========================================
    ``fifths``      highest fifth less lowest                    highest fifth over lowest
    ``gini``        half the mean difference of two people       the same over the mean
    ``deviation``   standard deviation                           the same over the mean (sigma convergence)
    ``slope``       slope index of inequality, along ``order``   relative index of inequality
    ``concentration`` absolute concentration index               concentration index
    =============== ============================================ ===========================================

    Parameters
    ----------
    years, kind, since, until, scale, redrawn
        As in :func:`area_changes`; tables of values may have ``people``, else areas count once.
    order
        What areas are ordered by, such as income, indexed by ``area_id``, for all years or by year; then
        there are the last two pairs, from the lowest of the order to the highest.
    pairs
        Which of the pairs; left out, all that there are.
    level
        Coverage of the intervals.
    runs, seed
        Draws of what may be true in each year, independently; where no noise is known, areas are drawn again,
        the same in all years.

    Returns
    -------
    GapsOverTime
        Of the areas that have a value in all years and are not redrawn.

    Raises
    ------
    UsageError
        If an option is wrong.
    ValuesError
        If fewer than four areas have a value in all years, or values contradict each other.

    References
    ----------
    Harper et al. (2010), https://doi.org/10.1111/j.1468-0009.2010.00587.x (absolute against relative)
    Barro and Sala-i-Martin (1992), https://doi.org/10.1086/261816 (sigma convergence)
    """
    tables = check_change_years(years, kind)
    one, other = check_two_of(tables, since, until)
    settings = Settings(
        level=check_fraction("level", level), runs=check_count("runs", runs, least=99), seed=check_seed(seed)
    )
    index = tables[one].index
    orders = check_orders(order, tables, index)
    samples, kept, notes = samples_of(
        tables, kind, check_positive("scale", scale), check_redrawn(redrawn, index), orders
    )
    check_enough_areas(len(kept), LEAST_AREAS, "A gap")
    chosen = check_pairs(pairs, PAIRS, ordered=bool(orders))
    measures = {year: measures_of(samples[year], orders.get(year), chosen) for year in tables}
    ways = {year: _of_year(settings, samples[year], year) for year in tables}
    # A law so wide that its mean rounds to 1 has no weight: the logarithm of none is minus infinity.
    with np.errstate(divide="ignore"):
        found = {year: measured_together(samples[year], ways[year], measures[year]) for year in tables}
        change = _change(samples, ways, measures, found, (one, other))
    rows = [row for year, results in found.items() for row in _rows(year, results, measures[year])]
    told = [note for results in found.values() for result in results for note in result.notes]
    return GapsOverTime(
        table=pd.DataFrame(rows),
        change=change,
        since=one,
        until=other,
        kind=kind,
        level=settings.level,
        runs=settings.runs,
        seed=settings.seed,
        n=len(kept),
        notes=tuple(dict.fromkeys((*notes, *told))),
    )


def _of_year(settings: Settings, sample: Sample, year: int) -> Settings:
    """Return settings whose draws are the year's own, unless it is the same areas that are drawn again."""
    return settings if sample.noise is None else replace(settings, seed=(settings.seed + year) % 2**63)


def _rows(year: int, results: Sequence[Inequality], measures: Sequence[Measure]) -> list[dict[str, object]]:
    return [
        {
            "year": year,
            "pair": measure.settings["pair"],
            "measure": one.measure,
            "form": one.form,
            "weighting": one.weighting,
            "value": one.value,
            "lower": one.lower,
            "upper": one.upper,
            "corrected": one.corrected,
            "noise": one.noise,
            "p_value": one.p_value,
        }
        for result, measure in zip(results, measures, strict=True)
        for one in result.estimates
    ]


def _change(
    samples: Mapping[int, Sample],
    ways: Mapping[int, Settings],
    measures: Mapping[int, Sequence[Measure]],
    found: Mapping[int, Sequence[Inequality]],
    years: tuple[int, int],
) -> pd.DataFrame:
    """Return what became of each measure between two years."""
    drawn = {year: _drawn(samples[year], ways[year], measures[year]) for year in years}
    rows = []
    for place, measure in enumerate(measures[years[0]]):
        pairs = zip(*(found[year][place].estimates for year in years), strict=True)
        for then, now in pairs:
            key = (then.measure, then.weighting)
            cloud = drawn[years[1]][key] - drawn[years[0]][key] if key in drawn[years[0]] else None
            rows.append({"pair": measure.settings["pair"]} | _row(then, now, cloud, ways[years[0]].level))
    return pd.DataFrame(rows)


def _row(then: Estimate, now: Estimate, cloud: np.ndarray | None, level: float) -> dict[str, object]:
    values = [one.value if np.isnan(one.corrected) else one.corrected for one in (then, now)]
    known = cloud is not None and len(cloud := cloud[np.isfinite(cloud)])
    if known and cloud is not None:
        difference, ends = float(np.median(cloud)), quantiles(cloud, level)
        if np.isnan(then.corrected):  # areas drawn again: the values themselves are what is known best
            difference = values[1] - values[0]
    else:
        difference, ends = values[1] - values[0], _normal_ends(then, now, level)
    row: dict[str, object] = {"measure": then.measure, "form": then.form, "weighting": then.weighting}
    row |= {"then": values[0], "now": values[1], "difference": difference}
    return row | {"lower": ends[0], "upper": ends[1], "verdict": _verdict(then, now, ends)}


def _normal_ends(then: Estimate, now: Estimate, level: float) -> tuple[float, float]:
    """Return the interval of the difference of two independent numbers with intervals of their own."""
    z = float(ndtri((1 + level) / 2))
    error = np.hypot(then.upper - then.lower, now.upper - now.lower) / (2 * z)
    difference = now.value - then.value
    return float(difference - z * error), float(difference + z * error)


def _verdict(then: Estimate, now: Estimate, ends: tuple[float, float]) -> str:
    """Return what became of a gap: of one with a sign, further from equality is wider."""
    away = [one.value - one.equal for one in (then, now)]
    if not np.isfinite([*away, *ends]).all() or away[0] * away[1] < 0 or ends[0] <= 0 <= ends[1]:
        return "cannot_tell"
    return "widened" if (ends[0] > 0) == (away[0] + away[1] > 0) else "narrowed"


def _drawn(
    sample: Sample, settings: Settings, measures: Sequence[Measure]
) -> dict[tuple[str, str], np.ndarray]:
    """Return the draws of every measure that has no variance of its own: by measure and weighting."""
    again = sample.noise is None
    cells = [(one, form) for one in measures if again or not one.has_gradients() for form in one.forms]
    formulas = [one.formula(form) for one, form in cells]
    drawn = draw(sample, settings, formulas, again=again)
    return {
        (form.measure, weighting): drawn[:, k, at]
        for at, (_, form) in enumerate(cells)
        for k, weighting in enumerate(WEIGHTINGS)
    }
