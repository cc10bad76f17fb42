"""All measures of one indicator, from the same draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Unpack

import pandas as pd

from lea_geo._checks.inequality import check_epsilons
from lea_geo.inequality.attributable import at_least_nothing, attributable_measure
from lea_geo.inequality.entropy import (
    atkinson_measure,
    gini_measure,
    log_deviation_measure,
    palma_measure,
    theil_measure,
)
from lea_geo.inequality.estimate import measured_together
from lea_geo.inequality.gaps import EXTREMES, TAILS, gap_measure
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.sample import Sample
from lea_geo.inequality.slope import concentration_measure, slope_measure
from lea_geo.inequality.spread import best_measure, disparity_measure, variance_measure, variation_measure

if TYPE_CHECKING:
    from lea_geo.inequality.estimate import Measure
    from lea_geo.inequality.result import Inequality


@dataclass(frozen=True)
class InequalityTable:
    """Many measures of the same values."""

    results: tuple[Inequality, ...]
    n_areas: int
    includes: str
    """What the intervals hold, as part of a sentence."""
    level: float
    runs: int
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a measure, form and weighting: the columns of its own table, and Atkinson's ``epsilon``."""
        rows = [one.table.assign(epsilon=float(one.settings.get("epsilon", "nan"))) for one in self.results]
        return pd.concat(rows, ignore_index=True)

    def of(self, measure: str) -> Inequality:
        """Return one measure by its name.

        Raises
        ------
        KeyError
            If it is not among the results.
        """
        for one in self.results:
            if measure in {estimate.measure for estimate in one.estimates}:
                return one
        raise KeyError(measure)


def inequality_table(
    values: pd.Series,
    population: pd.Series | None,
    *,
    favourable: bool,
    rank: pd.Series | None = None,
    epsilon: tuple[float, ...] = (0.5, 1.0, 2.0),
    share: float = 0.1,
    **options: Unpack[Options],
) -> InequalityTable:
    """Measure inequality in all ways at once: absolute and relative, of people and of areas.

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.gini`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    favourable
        Whether high values are good; the best area is then the highest.
    rank
        Orders the areas from the most disadvantaged to the most advantaged, indexed by ``area_id``, for slope
        and concentration. Left out, those two are not measured: along the order of the values themselves they
        say nothing that the Gini does not.
    epsilon
        Of Atkinson's indices.
    share
        Of the population at either end of a gap.

    Returns
    -------
    InequalityTable
        ``.table`` in long form; ``.of("gini")`` gives one measure. A measure that has no meaning for these
        values has none in the table, and a note says why.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.gini`, but a value that only some measures cannot take is no error.
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    measures, notes = _measures(sample, favourable, rank, check_epsilons(epsilon), share)
    results = measured_together(sample, settings, measures)
    kept = tuple(
        at_least_nothing(one, favourable=favourable)
        if one.measure.startswith("population_attributable")
        else one
        for one in results
    )
    said = dict.fromkeys([note for one in kept for note in one.notes] + notes)
    return InequalityTable(
        tuple(replace(one, notes=()) for one in kept),
        sample.n,
        kept[0].includes,
        settings.level,
        settings.runs,
        settings.seed,
        tuple(said),
    )


def _measures(
    sample: Sample, favourable: bool, rank: pd.Series | None, epsilon: tuple[float, ...], share: float
) -> tuple[list[Measure], list[str]]:
    """Return the measures that have a meaning for these values, and why others have none."""
    measures = [
        gap_measure(sample, between=EXTREMES),
        gap_measure(sample, between=TAILS, share=share),
        variance_measure(),
        variation_measure(),
        disparity_measure(),
        best_measure(favourable=favourable),
        attributable_measure(sample, favourable=favourable),
    ]
    shared, notes = _of_amounts(sample, epsilon)
    measures += shared
    if rank is not None:
        ranked = gap_measure(sample, between=TAILS, rank=rank, share=share)
        renamed = tuple(replace(form, measure=f"ranked_{form.measure}") for form in ranked.forms)
        measures.append(replace(ranked, forms=renamed))
        measures.append(slope_measure(sample, rank)[1])
        measures.append(concentration_measure(sample, rank))
    return measures, notes


def _of_amounts(sample: Sample, epsilon: tuple[float, ...]) -> tuple[list[Measure], list[str]]:
    """Return measures of shares of a total, which amounts below zero or of zero do not have."""
    if (sample.x < 0).any() or sample.mean <= 0:
        why = "Values below zero, or nothing but zeros, have no shares of a total"
        return [], [f"{why}: no Gini, Theil, mean log deviation, Atkinson or Palma."]
    measures = [gini_measure(), theil_measure(), palma_measure()]
    if (sample.x > 0).all():
        return [*measures, log_deviation_measure(), *(atkinson_measure(one) for one in epsilon)], []
    low = [one for one in epsilon if one < 1]
    zeros = int((sample.x == 0).sum())
    note = (
        f"{zeros} of {sample.n} areas have zero: no mean log deviation and no Atkinson index with an epsilon "
        "of 1 or more, which have no meaning for zeros."
    )
    return [*measures, *(atkinson_measure(one) for one in low)], [note]
