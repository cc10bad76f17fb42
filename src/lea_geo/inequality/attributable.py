"""Population attributable risk: what the average would change by if all were as a reference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import numpy as np

from lea_geo._checks.inequality import check_members, check_one_reference, check_order, refuse_value
from lea_geo.inequality import formulas
from lea_geo.inequality.ends import FromMean
from lea_geo.inequality.estimate import Form, Measure, first_form, measured
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.inequality.result import Estimate, Inequality

NOTHING_TO_GAIN = (
    "The reference is worse off than the average: nothing would be gained by being like it, and the measure "
    "is 0."
)


def attributable_risk(
    values: pd.Series,
    population: pd.Series | None,
    *,
    favourable: bool,
    reference: str | None = None,
    rank: pd.Series | None = None,
    **options: Unpack[Options],
) -> Inequality:
    """Measure the population attributable risk: the reference's value less the average of all people.

    What the average would change by if all areas were as the reference; above 0 for something good, below for
    something bad, and 0 where the reference is worse off than the average. A sum that says how much there is
    to gain, not what would bring it about.

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.between_group_variance`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    favourable
        Whether high values are good.
    reference
        The id of an area. Left out: the most advantaged by ``rank``, or the best area, which noise takes part
        in.
    rank
        Orders the areas from the most disadvantaged to the most advantaged, indexed by ``area_id``.

    Returns
    -------
    Inequality
        ``.value`` is the risk, ``.relative`` the fraction: the risk over the average.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.between_group_variance`, and if the reference has no value, or both reference and
        rank are given.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    measure = attributable_measure(sample, favourable=favourable, reference=reference, rank=rank)
    return at_least_nothing(measured(sample, settings, measure), favourable=favourable)


def attributable_fraction(
    values: pd.Series,
    population: pd.Series | None,
    *,
    favourable: bool,
    reference: str | None = None,
    rank: pd.Series | None = None,
    **options: Unpack[Options],
) -> Inequality:
    """Measure the population attributable fraction: the attributable risk over the average of all people.

    Parameters
    ----------
    values, population, favourable, reference, rank
        As in :func:`attributable_risk`; WHO gives the fraction in per cent, a hundred times this.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`attributable_risk`, and if the average is not above zero.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    measure = attributable_measure(sample, favourable=favourable, reference=reference, rank=rank)
    result = measured(sample, settings, first_form(measure, "relative"))
    if np.isnan(result.value):
        refuse_value("The population attributable fraction", "the mean is not above zero.")
    return at_least_nothing(result, favourable=favourable)


def attributable_measure(
    sample: Sample, *, favourable: bool, reference: str | None = None, rank: pd.Series | None = None
) -> Measure:
    """Return the attributable risk and the attributable fraction."""
    check_one_reference(reference, rank)
    names = ("population_attributable_risk", "population_attributable_fraction")
    said = {"favourable": favourable, "reference": reference, "ranked": rank is not None}
    if reference is None and rank is None:
        relative = formulas.over_mean(formulas.best_over_mean_relative(favourable=favourable))
        absolute = formulas.best_over_mean(favourable=favourable)
        return Measure(
            (
                Form(names[0], "absolute", absolute, needs_noise=True),
                Form(names[1], "relative", relative, needs_noise=True),
            ),
            settings=said,
        )
    if rank is not None:
        order = check_order(rank, sample.ids)
        members = order == order.max()
    else:
        check_members("reference", [str(reference)], sample.ids, "areas")
        members = np.asarray(sample.ids.astype(str) == str(reference))
    forms = (
        Form(names[0], "absolute", combine=lambda u, v: np.asarray(u - v), needs_noise=True),
        Form(names[1], "relative", combine=_fraction, needs_noise=True),
    )
    return Measure(forms, FromMean(members.astype(float)), said)


def _fraction(u: np.ndarray | complex, v: np.ndarray | complex) -> np.ndarray:
    meant = np.real(v) > 0
    return np.where(meant, (u - v) / np.where(meant, v, 1), np.nan)


def at_least_nothing(result: Inequality, *, favourable: bool) -> Inequality:
    """Return the result with 0 where the reference is worse off than the average."""
    sign = 1.0 if favourable else -1.0
    if not any(sign * one.value < 0 for one in result.estimates):
        return result
    kept = tuple(_clipped(one, sign) for one in result.estimates)
    return replace(result, estimates=kept, notes=(*result.notes, NOTHING_TO_GAIN))


def _clipped(one: Estimate, sign: float) -> Estimate:
    value, lower, upper, corrected = (
        float(sign * np.maximum(sign * number, 0))
        for number in (one.value, one.lower, one.upper, one.corrected)
    )
    return replace(one, value=value, lower=lower, upper=upper, corrected=corrected)
