"""Gini, Theil, mean log deviation, Atkinson and Palma: how unevenly something is spread over people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from lea_geo._checks.inequality import check_epsilon, check_meaning, check_tails
from lea_geo.inequality import formulas
from lea_geo.inequality.estimate import Form, Measure, measured
from lea_geo.inequality.nesting import with_nesting
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

    from lea_geo.inequality.nesting import Nesting
    from lea_geo.inequality.result import Inequality

_AMOUNTS = "It compares shares of a total: use a measure of differences, such as between_group_variance."
_NO_LOGARITHM = "The logarithm of zero is endless: use gini or theil, which take zeros."


def gini(values: pd.Series, population: pd.Series | None, **options: Unpack[Options]) -> Inequality:
    """Measure inequality by the Gini coefficient: half the mean difference of two people, over the mean.

    ``G = sum_ij w_i w_j |x_i - x_j| / (2 mean)``, 0 where all are equal, at most 1 - min(w). Its absolute
    form is ``mean * G``. Areas' values are taken as those of all who live there, so that differences inside
    areas are not in it.

    Parameters
    ----------
    values
        One amount an area, 0 or more, indexed by ``area_id``; NaN where there is none.
    population
        People of each area, indexed by ``area_id``; None to count every area once.
    **options
        Counts, level, runs, seed and the rest: :class:`lea_geo.inequality.options.Options`.

    Returns
    -------
    Inequality
        ``.value`` of people and ``.unweighted`` of areas, each with its interval; ``.corrected`` for noise
        and ``.noise``, what chance alone would give: small numbers make the Gini too large.

    Raises
    ------
    UsageError
        If an option is unknown or values have no ids.
    ValuesError
        If ids are missing or repeated, a value is negative or all are zero, counts do not make the values, or
        fewer than two areas have one.

    Examples
    --------
    >>> import pandas as pd
    >>> import lea_geo as lea
    >>> lea.gini(pd.Series([1.0, 3.0], ["a", "b"]), pd.Series([100, 100], ["a", "b"])).value
    0.25

    References
    ----------
    Gini (1912); of weighted groups, Lerman and Yitzhaki (1989), https://doi.org/10.1016/0304-4076(89)90064-5
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    _check_amounts("Gini", sample)
    return measured(sample, settings, gini_measure())


def gini_measure() -> Measure:
    """Return the Gini and its absolute form."""
    return Measure(
        (
            Form("gini", "relative", formulas.gini),
            Form("absolute_gini", "absolute", formulas.half_mean_difference),
        )
    )


def theil(
    values: pd.Series, population: pd.Series | None, *, nesting: Nesting = None, **options: Unpack[Options]
) -> Inequality:
    """Measure inequality by Theil's T, which is the sum of what lies between groups and within them.

    ``T = sum w r log r`` with r = x / mean; 0 where all are equal, at most log(1 / min(w)). It feels
    differences among high values most; an area with nothing adds nothing.

    Parameters
    ----------
    values, population
        As in :func:`gini`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    nesting
        Groups that the areas lie in, indexed by ``area_id``: one Series, or several from the widest to the
        narrowest (columns of a DataFrame), each inside the one before. Then ``.decomposition`` tells what
        lies between the groups of each level and within the last, which add up to the whole.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`gini`, and if an area has no group or the groups are not nested.

    References
    ----------
    Theil (1967), Economics and Information Theory; Shorrocks (1980), https://doi.org/10.2307/1913126
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    _check_amounts("Theil's T", sample)
    return with_nesting(measured(sample, settings, theil_measure()), sample, settings, nesting)


def theil_measure() -> Measure:
    """Return Theil's T; it has no absolute form."""
    return Measure((Form("theil", "relative", formulas.theil),))


def mean_log_deviation(
    values: pd.Series, population: pd.Series | None, *, nesting: Nesting = None, **options: Unpack[Options]
) -> Inequality:
    """Measure inequality by the mean log deviation, Theil's L, which adds up of parts weighted by people.

    ``L = sum w log(mean / x)``; it feels differences among low values most, and has no meaning for zeros.

    Parameters
    ----------
    values, population, nesting
        As in :func:`theil`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`theil`, and if a value is zero.

    References
    ----------
    Theil (1967), Economics and Information Theory; Shorrocks (1980), https://doi.org/10.2307/1913126
    """
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    _check_amounts("The mean log deviation", sample)
    check_meaning("values of zero", sample.x == 0, sample.ids, cure=_NO_LOGARITHM)
    return with_nesting(measured(sample, settings, log_deviation_measure()), sample, settings, nesting)


def log_deviation_measure() -> Measure:
    """Return the mean log deviation; it has no absolute form."""
    return Measure((Form("mean_log_deviation", "relative", formulas.mean_log_deviation),))


def atkinson(
    values: pd.Series, population: pd.Series | None, *, epsilon: float = 1.0, **options: Unpack[Options]
) -> Inequality:
    """Measure inequality by Atkinson's index: the share of the total that equality would be worth.

    ``A = 1 - (sum w r^(1 - epsilon))^(1 / (1 - epsilon))``, r = x / mean; for epsilon 1, ``1 - exp(-L)`` with
    L the mean log deviation. Between 0 and 1; its absolute form is ``mean * A``.

    Parameters
    ----------
    values, population
        As in :func:`gini`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    epsilon
        How much those with least count, above 0: 0.5 little, 1 evenly by proportion, 2 much. A choice of
        values, not of statistics: show several.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`gini`, and if a value is zero and epsilon 1 or more: the index would be 1 whatever the
        rest.

    References
    ----------
    Atkinson (1970), https://doi.org/10.1016/0022-0531(70)90039-6
    """
    epsilon = check_epsilon(epsilon)
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    _check_amounts("Atkinson's index", sample)
    if epsilon >= 1:
        cure = "One zero makes the index 1 whatever the rest: use an epsilon below 1."
        check_meaning("values of zero", sample.x == 0, sample.ids, cure=cure)
    return measured(sample, settings, atkinson_measure(epsilon))


def atkinson_measure(epsilon: float) -> Measure:
    """Return Atkinson's index and its absolute form."""
    return Measure(
        (
            Form("atkinson", "relative", formulas.atkinson(epsilon)),
            Form("atkinson_loss", "absolute", formulas.atkinson_loss(epsilon)),
        ),
        settings={"epsilon": epsilon},
    )


def palma(
    values: pd.Series,
    population: pd.Series | None,
    *,
    top: float = 0.1,
    bottom: float = 0.4,
    **options: Unpack[Options],
) -> Inequality:
    """Measure inequality by Palma's ratio: what the highest tenth has in all over what the lowest 40 % have.

    ``top / bottom`` (0.25) where all are equal. An area on the edge is split. The absolute form is the mean
    of the highest less the mean of the lowest. Without population, tenths are of areas.

    Parameters
    ----------
    values, population
        As in :func:`gini`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    top, bottom
        Shares of the population, together at most 1.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`gini`, and if the lowest have nothing.

    References
    ----------
    Palma (2011), https://doi.org/10.1111/j.1467-7660.2011.01683.x
    """
    check_tails(top=top, bottom=bottom)
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    _check_amounts("Palma's ratio", sample)
    low = formulas.tails(sample.x, sample.people, bottom, top)[0]
    check_meaning("values of zero where the lowest live", (sample.x == 0) & (low == 0), sample.ids, cure="")
    return measured(sample, settings, palma_measure(top, bottom))


def palma_measure(top: float = 0.1, bottom: float = 0.4) -> Measure:
    """Return Palma's ratio and the difference of the means that it compares."""
    return Measure(
        (
            Form("palma", "relative", formulas.palma(bottom, top), equal=top / bottom),
            Form("palma_difference", "absolute", formulas.tail_difference(bottom, top)),
        ),
        settings={"top": top, "bottom": bottom},
    )


def _check_amounts(name: str, sample: Sample) -> None:
    check_meaning(f"negative values, of which {name} has no meaning", sample.x < 0, sample.ids, cure=_AMOUNTS)
    nothing = (sample.x == 0) if sample.mean == 0 else sample.x < 0
    check_meaning(
        f"values of zero where people live, so that {name} divides by zero", nothing, sample.ids, cure=""
    )
