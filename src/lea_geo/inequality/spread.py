"""Variance, deviation, and mean distances from the mean, from the best and from a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from lea_geo._checks.inequality import check_members, refuse_value
from lea_geo.inequality import formulas
from lea_geo.inequality.estimate import Form, Measure, first_form, measured
from lea_geo.inequality.nesting import with_nesting
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.sample import Sample

if TYPE_CHECKING:
    from lea_geo.inequality.nesting import Nesting
    from lea_geo.inequality.result import Inequality


def between_group_variance(
    values: pd.Series, population: pd.Series | None, *, nesting: Nesting = None, **options: Unpack[Options]
) -> Inequality:
    """Measure the variance between areas, which is the sum of what lies between groups and within them.

    ``sum w (x - mean)^2``, in the squared unit of the values; its relative form is divided by the squared
    mean (twice the generalised entropy of order 2).

    Parameters
    ----------
    values, population, nesting
        As in :func:`lea_geo.theil`; values may be negative.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.theil`, but for negative values.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    return with_nesting(measured(sample, settings, variance_measure()), sample, settings, nesting)


def variance_measure() -> Measure:
    """Return the variance, and the variance over the squared mean."""
    return Measure(
        (
            Form("between_group_variance", "absolute", formulas.variance),
            Form("relative_variance", "relative", formulas.over_mean(formulas.relative_variance)),
        )
    )


def coefficient_of_variation(
    values: pd.Series, population: pd.Series | None, **options: Unpack[Options]
) -> Inequality:
    """Measure the standard deviation between areas over their mean; ``.absolute`` is the deviation itself.

    ``sqrt(sum w (x - mean)^2) / mean``

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.gini`; values may be negative as long as their mean is above zero.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.gini`, but for negative values.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    return _relative(values, population, options, variation_measure(), "The coefficient of variation")


def variation_measure() -> Measure:
    """Return the coefficient of variation and the standard deviation."""
    return Measure(
        (
            Form("coefficient_of_variation", "relative", formulas.over_mean(formulas.variation)),
            Form("between_group_deviation", "absolute", formulas.deviation),
        )
    )


def mean_difference_from_mean(
    values: pd.Series, population: pd.Series | None, **options: Unpack[Options]
) -> Inequality:
    """Measure how far areas lie from the average of all people; ``.relative`` is the index of disparity.

    ``sum w |x - mean|``; where every area counts once, the average is still that of the people.

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.between_group_variance`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.between_group_variance`.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    return measured(sample, settings, first_form(disparity_measure(), "absolute"))


def index_of_disparity(
    values: pd.Series, population: pd.Series | None, **options: Unpack[Options]
) -> Inequality:
    """Measure the mean distance from the average of all people, over that average.

    ``sum w |x - mean| / mean``; WHO gives it in per cent, a hundred times this.

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.coefficient_of_variation`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.coefficient_of_variation`.

    References
    ----------
    Pearcy and Keppel (2002), https://doi.org/10.1093/phr/117.3.273
    """
    return _relative(values, population, options, disparity_measure(), "The index of disparity")


def disparity_measure() -> Measure:
    """Return the index of disparity and the mean difference from the mean."""
    return Measure(
        (
            Form("index_of_disparity", "relative", formulas.over_mean(formulas.disparity)),
            Form("mean_difference_from_mean", "absolute", formulas.from_mean),
        )
    )


def mean_difference_from_best(
    values: pd.Series, population: pd.Series | None, *, favourable: bool, **options: Unpack[Options]
) -> Inequality:
    """Measure how far areas lie from the best of them, on average; ``.relative`` is divided by the mean.

    ``sum w |x - best|``. The best of many noisy values is good by chance, too: see ``.noise``.

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.between_group_variance`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    favourable
        Whether high values are good: the best is then the highest, otherwise the lowest.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.between_group_variance`.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    return measured(sample, settings, best_measure(favourable=favourable))


def best_measure(*, favourable: bool) -> Measure:
    """Return the mean difference from the best, and its share of the mean."""
    relative = formulas.over_mean(formulas.from_best_relative(favourable=favourable))
    return Measure(
        (
            Form(
                "mean_difference_from_best",
                "absolute",
                formulas.from_best(favourable=favourable),
                needs_noise=True,
            ),
            Form("relative_difference_from_best", "relative", relative, needs_noise=True),
        ),
        settings={"favourable": favourable},
    )


def mean_difference_from_reference(
    values: pd.Series, population: pd.Series | None, *, reference: str, **options: Unpack[Options]
) -> Inequality:
    """Measure how far areas lie from a named one, on average; ``.relative`` is divided by its value.

    ``sum w |x - x_reference|``

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.between_group_variance`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    reference
        The id of an area that has a value.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.between_group_variance`, and if the reference has no value.

    References
    ----------
    Schlotheuber and Hosseinpoor (2022), https://doi.org/10.3390/ijerph19063697
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    return measured(sample, settings, reference_measure(sample, reference))


def reference_measure(sample: Sample, reference: str) -> Measure:
    """Return the mean difference from a named area, and its share of that area's value."""
    check_members("reference", [reference], sample.ids, "areas")
    place = int(sample.ids.get_indexer(pd.Index([reference]))[0])
    return Measure(
        (
            Form(
                "mean_difference_from_reference",
                "absolute",
                formulas.from_reference(place),
                needs_noise=True,
            ),
            Form(
                "relative_difference_from_reference",
                "relative",
                formulas.from_reference_relative(place),
                needs_noise=True,
            ),
        ),
        settings={"reference": reference},
    )


def _relative(
    values: pd.Series, population: pd.Series | None, options: Options, measure: Measure, name: str
) -> Inequality:
    """Return a measure that is divided by the mean, or refuse."""
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    result = measured(sample, settings, measure)
    if np.isnan(result.value):
        refuse_value(name, "the mean is not above zero.")
    return result
