"""Slope and concentration along an order from the most disadvantaged to the most advantaged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import numpy as np

from lea_geo._checks.inequality import (
    check_bounds,
    check_form,
    check_model,
    check_order,
    check_within,
    refuse_value,
)
from lea_geo.inequality.ends import ByValue, Concentration, Curve, Line
from lea_geo.inequality.estimate import Form, Measure, first_form, measured
from lea_geo.inequality.gaps import over
from lea_geo.inequality.noise import CountNoise
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from lea_geo.inequality.ends import Ends
    from lea_geo.inequality.result import Inequality

BY_VALUE = "No rank was given: the values themselves order the areas, so that noise takes part in the order."
WHOLE = (
    "The people behind each value were rounded to whole people, as WHO's healthequal does; give numerator "
    "and denominator to have the counts themselves."
)


def slope_index(
    values: pd.Series,
    population: pd.Series | None,
    rank: pd.Series | None = None,
    *,
    model: str = "auto",
    scale: float | None = None,
    **options: Unpack[Options],
) -> Inequality:
    """Measure the slope index of inequality: the fitted value at the best-off end less that at the other.

    Every area stands at the middle of its people when all are lined up from the most disadvantaged (0) to the
    most advantaged (1), its ridit; a line, or for proportions a logistic curve, is fitted with every person
    counted once, and its ends are compared. Positive: more where people are better off.

    WHO's healthequal 1.0.0 fits ``glm(cbind(y, n - y) ~ rank, weights = population)``, which counts the
    population twice (a binomial of n people is worth n already): its own test gives 44.445 where counting
    once gives 44.905.

    Parameters
    ----------
    values
        One number an area, indexed by ``area_id``; NaN where there is none.
    population
        People of each area, indexed by ``area_id``; None to count every area once.
    rank
        Orders the areas from the most disadvantaged (lowest) to the most advantaged, indexed by ``area_id``;
        equal ranks share their place. Left out, the values themselves do, which makes the slope one of
        spread.
    model
        ``"linear"``, ``"logistic"`` for proportions, or ``"auto"``: logistic where counts of a proportion are
        given, linear otherwise.
    scale
        The value that stands for everybody, for a logistic model without counts: 100 for per cent.
    **options
        As in :func:`lea_geo.gini`.

    Returns
    -------
    Inequality
        ``.value`` is the slope index, ``.relative`` the relative index: the ratio of the two ends.

    Raises
    ------
    UsageError
        As in :func:`lea_geo.gini`, and if a logistic model has neither counts nor ``scale``.
    ValuesError
        As in :func:`lea_geo.gini`, but values may be negative; if an area has no rank, all have the same, or
        values of a logistic model are no proportions.

    References
    ----------
    Pamuk (1985), https://doi.org/10.1080/0032472031000141256
    Mackenbach and Kunst (1997), https://doi.org/10.1016/S0277-9536(96)00073-1
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    sample, measure = slope_measure(
        sample, rank, model=model, scale=scale, counted=_whole_people(population, model, options)
    )
    return measured(sample, settings, measure)


def relative_index(
    values: pd.Series,
    population: pd.Series | None,
    rank: pd.Series | None = None,
    *,
    model: str = "auto",
    scale: float | None = None,
    **options: Unpack[Options],
) -> Inequality:
    """Measure the relative index of inequality: the fitted value at the best-off end over that at the other.

    Parameters
    ----------
    values, population, rank, model, scale
        As in :func:`slope_index`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Returns
    -------
    Inequality
        ``.value`` is the relative index, 1 where there is no slope; ``.absolute`` the slope index.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`slope_index`, and if an end of a straight line is zero or negative.

    References
    ----------
    Mackenbach and Kunst (1997), https://doi.org/10.1016/S0277-9536(96)00073-1
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    sample, measure = slope_measure(
        sample, rank, model=model, scale=scale, counted=_whole_people(population, model, options)
    )
    result = measured(sample, settings, first_form(measure, "relative"))
    if np.isnan(result.value):
        refuse_value("The relative index", "an end of the line is not above zero; use model='logistic'.")
    return result


def _whole_people(population: pd.Series | None, model: str, options: Options) -> pd.Series | None:
    """Return the population where a logistic model has to make counts of it."""
    return population if model == "logistic" and options.get("numerator") is None else None


def slope_measure(
    sample: Sample,
    rank: pd.Series | None,
    *,
    model: str = "auto",
    scale: float | None = None,
    counted: pd.Series | None = None,
) -> tuple[Sample, Measure]:
    """Return the slope index and the relative index, and the sample with people made whole where it must."""
    proportion = isinstance(sample.noise, CountNoise) and sample.noise.kind == "proportion"
    model = check_model(model, scale, proportion=proportion)
    whole = sample.noise.scale if isinstance(sample.noise, CountNoise) else float(scale or 1.0)
    notes: list[str] = []
    if model == "logistic":
        check_within(sample.x, (0.0, whole), sample.ids, "proportions of scale")
        rounded = _rounded(sample, counted, whole)
        if rounded is not None:
            sample, notes = replace(sample, x=rounded), [WHOLE]

    def make(order: np.ndarray) -> Ends:
        return Curve(order, whole) if model == "logistic" else Line(order)

    ends = _ordered(sample, rank, make)
    forms = (
        Form("slope_index", "absolute", combine=lambda u, v: np.asarray(u - v)),
        Form("relative_index", "relative", combine=over, equal=1.0, logged=True),
    )
    return sample, Measure(
        forms,
        ends,
        {"model": model, "ranked": rank is not None},
        (*notes, *([BY_VALUE] if rank is None else [])),
    )


def _rounded(sample: Sample, counted: pd.Series | None, scale: float) -> np.ndarray | None:
    """Return values of whole people, where the population is whole; None where that changes nothing."""
    if counted is None:
        return None
    people = counted.reindex(sample.ids).to_numpy(dtype=float)
    if not ((people >= 1) & (people == np.rint(people))).all():
        return None
    rounded = np.asarray(scale * np.rint(sample.x / scale * people) / people)
    return None if np.allclose(rounded, sample.x, rtol=1e-12, atol=0) else rounded


def _ordered(sample: Sample, rank: pd.Series | None, make: Callable[[np.ndarray], Ends]) -> Ends:
    if rank is None:
        return ByValue(make)  # type: ignore[return-value]  # it has no gradients, and is asked for none
    order = check_order(rank, sample.ids)
    if np.ptp(order) == 0:
        refuse_value("A slope", "all areas have the same rank.")
    return make(order)


def concentration_index(
    values: pd.Series,
    population: pd.Series | None,
    rank: pd.Series | None = None,
    *,
    correction: str = "none",
    bounds: tuple[float, float] | None = None,
    **options: Unpack[Options],
) -> Inequality:
    """Measure how far something is concentrated among the advantaged (above 0) or the disadvantaged (below).

    ``C = sum_i w_i (2 r_i - 1) x_i / mean``, r the ridits of :func:`slope_index`; with the values' own order
    it is the Gini coefficient. The absolute form is the generalised index ``mean * C``. Of a variable that
    cannot leave ``(a, b)``, C depends on its mean and on whether having or lacking is counted; two
    corrections do not::

        erreygers  4 mean C / (b - a)
        wagstaff   mean C (b - a) / ((b - mean) (mean - a))

    Parameters
    ----------
    values, population, rank
        As in :func:`slope_index`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    correction
        ``"none"``, ``"erreygers"`` or ``"wagstaff"``.
    bounds
        The least and the largest that a value can be, such as (0, 100); left out, 0 and the scale of counts
        of a proportion.

    Returns
    -------
    Inequality
        ``.value`` is the index as corrected, of relative form (Erreygers' of absolute), ``.estimates`` holds
        the others beside it.

    Raises
    ------
    UsageError
        As in :func:`slope_index`, and if a correction has no bounds.
    ValuesError
        As in :func:`slope_index`, and if values lie outside their bounds, or the mean is not above zero.

    References
    ----------
    Wagstaff, Paci and van Doorslaer (1991), https://doi.org/10.1016/0277-9536(91)90212-U
    Wagstaff (2005), https://doi.org/10.1002/hec.953; Erreygers (2009),
    https://doi.org/10.1016/j.jhealeco.2008.02.003
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    result = measured(
        sample, settings, concentration_measure(sample, rank, correction=correction, bounds=bounds)
    )
    if np.isnan(result.value):
        refuse_value("The concentration index", "the mean is not above zero, or lies on a bound.")
    return result


def concentration_measure(
    sample: Sample,
    rank: pd.Series | None,
    *,
    correction: str = "none",
    bounds: tuple[float, float] | None = None,
) -> Measure:
    """Return the concentration index, the generalised one, and the corrected ones where there are bounds."""
    check_form(correction, CORRECTIONS)
    if bounds is None and isinstance(sample.noise, CountNoise) and sample.noise.kind == "proportion":
        bounds = (0.0, sample.noise.scale)
    forms = [
        Form("concentration_index", "relative", combine=_relative),
        Form("generalised_concentration_index", "absolute", combine=lambda u, v: np.asarray(u + 0 * v)),
    ]
    if correction != "none" or bounds is not None:
        low, high = check_bounds(bounds)
        check_within(sample.x, (low, high), sample.ids, "bounds")
        forms += [
            Form("wagstaff_index", "relative", combine=_wagstaff(low, high)),
            Form(
                "erreygers_index", "absolute", combine=lambda u, v: np.asarray(4 * u / (high - low) + 0 * v)
            ),
        ]
    first = CORRECTIONS[correction]
    forms.sort(key=lambda form: form.measure != first)
    settings = {
        "correction": correction,
        "bounds": list(bounds) if bounds else None,
        "ranked": rank is not None,
    }
    ends = _ordered(sample, rank, Concentration)
    return Measure(tuple(forms), ends, settings, (BY_VALUE,) if rank is None else ())


CORRECTIONS = {"none": "concentration_index", "erreygers": "erreygers_index", "wagstaff": "wagstaff_index"}


def _relative(u: np.ndarray | complex, v: np.ndarray | complex) -> np.ndarray:
    meant = np.real(v) > 0
    return np.where(meant, u / np.where(meant, v, 1), np.nan)


def _wagstaff(low: float, high: float) -> Callable[[np.ndarray | complex, np.ndarray | complex], np.ndarray]:
    def combine(u: np.ndarray | complex, v: np.ndarray | complex) -> np.ndarray:
        room = (high - v) * (v - low)
        meant = np.real(room) > 0
        return np.where(meant, u * (high - low) / np.where(meant, room, 1), np.nan)

    return combine
