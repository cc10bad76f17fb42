"""What is computed of one indicator for the chapter of trends."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.change.emerging import emerging_hotspots
from lea_geo.change.markov import markov
from lea_geo.change.markov_spatial import spatial_markov
from lea_geo.change.trend import mann_kendall
from lea_geo.change.trend_regional import regional_mann_kendall
from lea_geo.schema import WITH_VALUE

if TYPE_CHECKING:
    from lea_geo.change.emerging import EmergingResult
    from lea_geo.change.markov import MarkovResult
    from lea_geo.change.markov_spatial import SpatialMarkovResult
    from lea_geo.change.trend import TrendResult
    from lea_geo.change.trend_regional import RegionalTrend
    from lea_geo.chapter_specs.trends import TrendsSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.schema import Indicator

LEAST_YEARS = 3
LEAST_AREAS = 4
MOVES_A_CELL = 5
"""Moves between classes are shown where there are so many for each pair of classes on average."""
NEIGHBOUR_CLASSES = 3
"""Of the neighbours' mean, for the test of whether neighbours matter: more would leave too few moves."""


@dataclass(frozen=True)
class Found:
    """One indicator's trends."""

    code: str
    indicator: Indicator
    values: pd.DataFrame
    emerging: EmergingResult
    levels: TrendResult
    """Of the values themselves."""
    region: RegionalTrend
    moves: MarkovResult | None
    beside: SpatialMarkovResult | None
    notes: tuple[str, ...]

    @property
    def years(self) -> list[float]:
        """The years, the earliest first."""
        return [float(year) for year in self.values.columns]

    @property
    def p_least(self) -> float:
        """The smallest p-value that a trend in so many years can have."""
        return min(1.0, 2.0 / factorial(len(self.years)))


def series_of(ground: Ground, code: str) -> pd.DataFrame:
    """Return an indicator's published values, a column a year that is a number and has any."""
    columns = {}
    for year in ground.years_of(code):
        cells = ground.cells(code, year)
        values = cells["value"].where(cells["status"].isin([str(one) for one in WITH_VALUE]))
        if year.isdigit() and values.notna().sum() >= LEAST_AREAS:
            columns[int(year)] = values.astype(float)
    return pd.DataFrame(columns, index=ground.areas)


def found_of(ground: Ground, spec: TrendsSpec, code: str, values: pd.DataFrame) -> Found | str:
    """Return the trends of an indicator, or why there are none."""
    if len(values) < LEAST_AREAS:
        return f"{len(values)} areas are too few for hot spots."
    varied = values.nunique(dropna=True).gt(1)
    if varied.sum() < LEAST_YEARS:
        return "Areas differ in too few years."
    emerging = _emerging(ground, spec, values)
    levels = mann_kendall(
        values,
        autocorrelation=spec.autocorrelation,
        fdr=spec.trend_fdr,
        correction=spec.trend_correction,
        level=spec.level,
    )
    moves, beside, few = _moves(ground, spec, code, values)
    notes = (*emerging.notes, *levels.notes, *few)
    return Found(
        code=code,
        indicator=ground.indicator(code),
        values=values,
        emerging=emerging,
        levels=levels,
        region=regional_mann_kendall(values, permutations=999, seed=ground.seed),
        moves=moves,
        beside=beside,
        notes=tuple(dict.fromkeys(notes)),
    )


def _emerging(ground: Ground, spec: TrendsSpec, values: pd.DataFrame) -> EmergingResult:
    return emerging_hotspots(
        values,
        ground.graph,
        rule=spec.rule,
        window=spec.window,
        against=spec.against,
        fdr=spec.fdr,
        trend_fdr=spec.trend_fdr,
        correction=spec.correction,
        trend_correction=spec.trend_correction,
        family=spec.family,
        autocorrelation=spec.autocorrelation,
        ends=min(spec.ends, (values.shape[1] - 1) // 2) or None,
        share=spec.share,
        seed=ground.seed,
        transform=ground.spec.spatial.transform,
    )


def _moves(
    ground: Ground, spec: TrendsSpec, code: str, values: pd.DataFrame
) -> tuple[MarkovResult | None, SpatialMarkovResult | None, tuple[str, ...]]:
    held = values.notna().to_numpy()
    n_moves = int((held[:, 1:] & held[:, :-1]).sum())
    needed = MOVES_A_CELL * spec.classes**2
    if n_moves < needed:
        note = (
            f"{n_moves} moves from year to year are too few for {spec.classes} classes: {needed} are needed."
        )
        return None, None, (note,)
    parts = _counts(ground, code, values)
    moves = markov(
        values,
        classes=spec.classes,
        cuts=spec.cuts,
        level=spec.level,
        draws=499,
        seed=ground.seed,
        numerators=parts[0],
        denominators=parts[1],
    )
    beside = None
    if n_moves >= MOVES_A_CELL * NEIGHBOUR_CLASSES**3:
        beside = spatial_markov(
            values,
            ground.graph,
            classes=NEIGHBOUR_CLASSES,
            cuts=spec.cuts,
            level=spec.level,
            permutations=spec.permutations,
            seed=ground.seed,
        )
    return moves, beside, moves.notes


def _counts(
    ground: Ground, code: str, values: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame] | tuple[None, None]:
    """Return the published counts of a share, where there are any that can be its parts."""
    if not ground.indicator(code).is_rate:
        return None, None
    tables = {}
    for name in ("numerator", "denominator"):
        columns = {year: ground.cells(code, str(year))[name] for year in values.columns}
        tables[f"{name}s"] = pd.DataFrame(columns, index=values.index).astype(float)
    above, below = tables["numerators"].to_numpy(), tables["denominators"].to_numpy()
    known = ~(np.isnan(above) | np.isnan(below))
    if not known.any() or (above[known] > below[known]).any():  # a mean, or events that recur
        return None, None
    return tables["numerators"], tables["denominators"]
