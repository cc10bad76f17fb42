"""Normalisation and aggregation for an analyst, on plain tables of numbers indexed by ``area_id``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks.frames import (
    check_by_column,
    check_directions,
    check_numbers,
    check_people,
    check_share,
)
from lea_geo._checks.normalise import check_scalable
from lea_geo.composite.aggregate import aggregate as aggregated
from lea_geo.composite.aggregate import check_pair
from lea_geo.composite.normalise import learn
from lea_geo.composite_spec import Aggregate, Normalise
from lea_geo.schema import DIRECTIONS


def normalise(
    table: pd.DataFrame,
    how: str | Normalise | Mapping[str, str | Normalise] = "min_max",
    *,
    directions: Mapping[str, str] | pd.Series | None = None,
    high: str = "weakens",
    population: pd.Series | None = None,
    learnt_on: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return a table's columns on a common scale.

    ========================= ==========================================================================
    ``none``                  values as they are
    ``min_max``               ``low + (high - low) (x - min) / (max - min)``, 0 to 100 unless told otherwise
    ``goalposts``             the same between a stated ``minimum`` and ``maximum``; nothing is learnt
    ``z``                     ``mean + deviation (x - m) / s``; weighted by population with ``weighted``
    ``robust_z``              the same with median and 1.4826 times the median absolute deviation
    ``rank``                  1 for what scores least, to n
    ``borda``                 rank - 1
    ``percentile_rank``       (rank - 1) / (n - 1), 0 to 1
    ``exponential_rank``      ``-c ln(1 - R (1 - exp(-100 / c)))``, R = rank / n, c = 23: up to 100
    ``normal_score``          ``mean + deviation Phi^-1(rank / (n + 1))``
    ``distance_to_target``    ``(x - worst) / (target - worst)``: 1 where the target is reached
    ``distance_to_reference`` ``1 + (x - ref) / |ref|``: 1 where an area is as the reference, or the mean
    ``fraction_of_max``       ``x / max``, or ``min / x`` where low values score high
    ``categories``            a score for each category, stated by ``breaks`` or by ``quantiles``
    ``ampi``                  ``100 + 60 (x - ref) / (max - min)``: 70 to 130 around a reference midway
    ========================= ==========================================================================

    Sources and options are with :mod:`lea_geo.composite.normalise` and
    :class:`~lea_geo.composite_spec.Normalise`.

    Parameters
    ----------
    table
        Numbers, a column for each indicator, indexed by ``area_id``; NaN where there is no value, and there
        is no score.
    how
        A method, a :class:`~lea_geo.composite_spec.Normalise` with its options, or one of these for each
        column.
    directions
        ``protects`` or ``weakens`` for each column: what much of it does to wellbeing. Left out, high values
        score high in all.
    high
        What a high score means; columns of the other direction score high where they are low.
    population
        For ``weighted``: people, indexed by ``area_id``.
    learnt_on
        The table to learn the scales on, such as another year's with the same columns; left out, the table
        itself. On scales of ranks and categories, values beyond it score as its ends, and values between
        its own lie on a straight line; on the others, they score beyond unless capped.

    Returns
    -------
    pandas.DataFrame
        Scores of the same shape, index and columns.

    Raises
    ------
    UsageError
        An unknown method, or options that it lacks or cannot use.
    ValuesError
        Columns that are no numbers or hold infinite ones, that have no direction where others do, or that a
        method can make no scale of, such as one without any spread; a population of other areas.

    Examples
    --------
    >>> table = pd.DataFrame({"jobless": [4.0, 8.0, 6.0], "income": [30.0, 20.0, 40.0]}, ["a", "b", "c"])
    >>> normalise(table, directions={"jobless": "weakens", "income": "protects"})
       jobless  income
    a      0.0    50.0
    b    100.0   100.0
    c     50.0     0.0

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, https://doi.org/10.1787/9789264043466-en
    """
    check_choice("high", high, DIRECTIONS)
    x = check_numbers("table", table)
    learnt = table if learnt_on is None else learnt_on
    base = x if learnt_on is None else check_numbers("learnt_on", learnt_on, columns=table.columns)
    flip = check_directions(directions, table.columns, high)
    people = check_people(population, learnt.index)
    hows = _each(how, table.columns)
    scores = np.full(x.shape, np.nan)
    for one in dict.fromkeys(hows):
        mine = np.array([other == one for other in hows])
        codes = [str(column) for column in table.columns[mine]]
        scale = learn(base[:, mine], one, flip=flip[mine], population=people, codes=codes)
        check_scalable(scale.undefined, codes, one.method)
        scores[:, mine] = scale.apply(x[:, mine])
    return pd.DataFrame(scores, index=table.index, columns=table.columns)


def _each(how: str | Normalise | Mapping[str, str | Normalise], columns: pd.Index) -> list[Normalise]:
    """Return the normalisation of each column."""
    if isinstance(how, Mapping):
        check_by_column("how", how, columns)
        said = [how[column] for column in columns]
    else:
        said = [how] * len(columns)
    return [one if isinstance(one, Normalise) else Normalise(one) for one in said]


def aggregate(
    table: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series | None = None,
    how: str | Aggregate = "arithmetic",
    *,
    available: float = 0.5,
    high: str = "weakens",
    normalised: str | Normalise | None = None,
) -> pd.Series:
    """Return one score for each area from several.

    ======================== ============================================================================
    ``arithmetic``           ``sum(w x) / sum(w)``: a high score makes up for a low one
    ``sum``                  ``sum(w x)``
    ``geometric``            ``prod(x^w)^(1 / sum(w))``: makes up for it less, and not at all for 0
    ``harmonic``             ``sum(w) / sum(w / x)``: still less
    ``power``                ``(sum(w x^p) / sum(w))^(1 / p)``
    ``median``               half the weight lies above, half below
    ``minimum``, ``maximum`` the lowest and the highest: nothing makes up for them
    ``ampi``                 ``M -+ S^2 / M``: a mean that unbalanced areas pay for
    ``copeland``             victories less defeats against other areas, member by member
    ``benefit_of_the_doubt`` by the weights that show each area at its best, within stated bounds
    ======================== ============================================================================

    Sources, and what each method asks of its scores, are with :mod:`lea_geo.composite.aggregate`,
    :func:`~lea_geo.composite.copeland.copeland` and
    :func:`~lea_geo.composite.benefit_of_the_doubt.benefit_of_the_doubt`.

    Parameters
    ----------
    table
        Scores, a column for each member, indexed by ``area_id``; NaN where there is none.
    weights
        How much each column counts, 0 or more, in any unit; left out, all the same.
    how
        A method, or an :class:`~lea_geo.composite_spec.Aggregate` with its options.
    available
        The least share of the weights that an area must have scores for, 0 to 1; below it, its score is NaN.
        Weights of gaps that remain are left out.
    high
        What a high score means: that much ``weakens`` wellbeing or that much ``protects`` it; for ``ampi``.
    normalised
        How the scores were made; aggregations that mean nothing for such scores are then refused.

    Returns
    -------
    pandas.Series
        ``score``, indexed as the table.

    Raises
    ------
    UsageError
        An unknown method, options that it lacks or cannot use, negative weights, or a meaningless pair,
        such as a geometric mean of z-scores.
    ValuesError
        Columns that are no numbers, weights of other columns, or scores below 0 for a method that needs a
        natural zero.

    Examples
    --------
    >>> table = pd.DataFrame({"health": [20.0, 50.0], "housing": [80.0, 50.0]}, ["a", "b"])
    >>> aggregate(table, how="geometric").round(1).to_dict()
    {'a': 40.0, 'b': 50.0}
    >>> aggregate(table, {"health": 1, "housing": 3}).to_dict()
    {'a': 65.0, 'b': 50.0}

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, https://doi.org/10.1787/9789264043466-en
    """
    check_choice("high", high, DIRECTIONS)
    check_share("available", available)
    x = check_numbers("table", table)
    method = how if isinstance(how, Aggregate) else Aggregate(how)
    if weights is not None:
        check_by_column("weights", weights, table.columns)
    weight = np.array([1.0 if weights is None else float(weights[column]) for column in table.columns])
    if normalised is not None:
        check_pair(method, normalised if isinstance(normalised, Normalise) else Normalise(normalised))
    score = aggregated(x, weight, method, available=available, high=high)
    return pd.Series(score, index=table.index, name="score")
