"""Aggregation: the score of a group from those of its members.

An area that lacks a member has the score of those that it has, with their weights in the same proportions,
as long as they hold at least the share ``available`` of all weights; below it the score is NaN. ``copeland``
and ``benefit_of_the_doubt`` compare areas on the members that both have. No method needs all members; one of
weight 0 takes no part in any.

What a method asks of its scores, refused by :func:`check_pair` before any value is seen, and by
:func:`aggregate` where a value says otherwise:

======================  ==================================================================================
arithmetic, sum         scores that differ by the same unit; ranks are treated as if they did
median, minimum,        nothing: they only compare
maximum, copeland
geometric, harmonic,    scores with a zero of their own, none below it: 0 in one member makes the score 0
power (0 and below)
power (above 0)         none below 0
ampi                    scores around one reference well above 0: ``normalise`` by ``ampi``, or by ``z`` with
                        mean 100 and deviation 10
benefit_of_the_doubt    none below 0
======================  ==================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.aggregate import check_aggregate, check_at_least, refuse_pair
from lea_geo.composite.benefit_of_the_doubt import benefit_of_the_doubt
from lea_geo.composite.copeland import copeland
from lea_geo.composite.score_type import ScoreType, type_of
from lea_geo.composite_spec import AGGREGATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.composite_spec import Aggregate, Normalise

ENOUGH = 1e-9
"""Shares of weights that differ by less are equal but for rounding."""


def aggregate(
    x: np.ndarray, weights: np.ndarray, how: Aggregate, *, available: float = 0.5, high: str = "weakens"
) -> np.ndarray:
    """Return the score of each area, shape (n,), from its members' scores.

    Parameters
    ----------
    x
        Scores of shape (n, k), NaN where there is none.
    weights
        How much each member counts, 0 or more, in any unit, shape (k,); only ``sum`` depends on the unit.
    how
        The method and its options.
    available
        The least share of the weights that an area must have scores for, 0 to 1.
    high
        What a high score means: that much ``weakens`` wellbeing or that much ``protects`` it; for ``ampi``.

    Raises
    ------
    UsageError
        An unknown method, options that it cannot have, or negative weights.
    ValuesError
        Scores below 0 for a method that needs a natural zero.
    """
    check_choice("aggregate.method", how.method, AGGREGATIONS)
    weight = check_aggregate(vars(how), np.asarray(weights, dtype=float), x.shape[1])
    counts = weight > 0
    scores, weight = (x, weight) if counts.all() else (x[:, counts], weight[counts])
    known = ~np.isnan(scores)
    if how.method in _WITHOUT_NEGATIVE or (how.method == "power" and how.power != 1):
        check_at_least(scores, 0.0, how.method)
    if known.all():
        return _BY[how.method](scores, weight, how, high)
    shares = np.where(known, weight, 0.0).sum(axis=1) / weight.sum()
    enough = (shares >= available - ENOUGH) & known.any(axis=1)
    result = np.full(len(x), np.nan)
    if enough.any():
        result[enough] = _BY[how.method](scores[enough], weight, how, high)
    return result


def check_pair(how: Aggregate, scores: Normalise | ScoreType, *, where: str = "") -> None:
    """Refuse a method that says nothing about scores of this type.

    Parameters
    ----------
    how
        The aggregation.
    scores
        How its members were normalised, or, for the scores of groups,
        :func:`~lea_geo.composite.score_type.type_after`.
    where
        What is being aggregated, for the message.

    Raises
    ------
    UsageError
        With what to use instead.
    """
    kind = scores if isinstance(scores, ScoreType) else type_of(scores)
    name = "scores of groups" if isinstance(scores, ScoreType) else repr(scores.method)
    if how.method in _MULTIPLIES or (how.method == "power" and (how.power or 0.0) <= 0):
        bears = kind.kind in {"raw", "positive"} or (kind.kind == "ordinal" and kind.least > 0)
    elif how.method == "benefit_of_the_doubt" or (how.method == "power" and how.power != 1):
        bears = kind.kind == "raw" or kind.least >= 0
    else:
        bears = how.method != "ampi" or kind.centred
    if not bears:
        refuse_pair(how.method, name, where)


_MULTIPLIES = ("geometric", "harmonic")
_WITHOUT_NEGATIVE = ("geometric", "harmonic", "benefit_of_the_doubt")


def _shares(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weights that each area's known members have among themselves, 0 where unknown."""
    known = np.where(np.isnan(x), 0.0, weight)
    return np.asarray(known / known.sum(axis=1, keepdims=True))


def _dot(x: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return ``sum(w x)`` over the known members."""
    return np.asarray((np.where(shares > 0, x, 0.0) * shares).sum(axis=1))


def _arithmetic(x: np.ndarray, weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """``sum(w x) / sum(w)``."""
    return _dot(x, _shares(x, weight))


def _sum(x: np.ndarray, weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """``sum(w x)``; what an area lacks is taken to be as the mean of what it has."""
    return np.asarray(_arithmetic(x, weight, _how, _high) * weight.sum())


def _power(x: np.ndarray, weight: np.ndarray, how: Aggregate, _high: str) -> np.ndarray:
    """``(sum(w x^p) / sum(w))^(1 / p)``; Hardy, Littlewood and Polya (1934), Inequalities, chapter 2."""
    return _power_mean(x, weight, 1.0 if how.power is None else how.power)


def _geometric(x: np.ndarray, weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """``prod(x^w)^(1 / sum(w))``; OECD/JRC (2008), https://doi.org/10.1787/9789264043466-en."""
    return _power_mean(x, weight, 0.0)


def _harmonic(x: np.ndarray, weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """``sum(w) / sum(w / x)``."""
    return _power_mean(x, weight, -1.0)


def _power_mean(x: np.ndarray, weight: np.ndarray, p: float) -> np.ndarray:
    """Return the mean of order p; a score of 0 makes those of order 0 and below 0."""
    shares = _shares(x, weight)
    with np.errstate(divide="ignore"):
        if p == 0:
            return np.asarray(np.exp(_dot(np.log(x), shares)))
        # Against the largest score, powers of whatever order stay within what a float can hold.
        largest = np.fmax.reduce(x, axis=1)
        scale = np.where(largest > 0, largest, 1.0)
        return np.asarray(scale * _dot((x / scale[:, None]) ** p, shares) ** (1 / p))


def _median(x: np.ndarray, weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """The score below and above which half the weight lies; the middle of two where it lies between."""
    order = np.argsort(x, axis=1)
    rising = np.take_along_axis(x, order, axis=1)
    below = np.cumsum(np.take_along_axis(_shares(x, weight), order, axis=1), axis=1)
    rows = np.arange(len(x))
    lower, upper = (below >= 0.5 - ENOUGH).argmax(axis=1), (below > 0.5 + ENOUGH).argmax(axis=1)
    return np.asarray((rising[rows, lower] + rising[rows, upper]) / 2)


def _minimum(x: np.ndarray, _weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """The lowest score: nothing makes up for it. Weights count only if 0."""
    return np.asarray(np.fmin.reduce(x, axis=1))


def _maximum(x: np.ndarray, _weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    """The highest score: the worst where high is bad. Weights count only if 0."""
    return np.asarray(np.fmax.reduce(x, axis=1))


def _ampi(x: np.ndarray, weight: np.ndarray, how: Aggregate, high: str) -> np.ndarray:
    """``M -+ S cv`` with M the mean, S the deviation of an area's own scores and ``cv = S / M``.

    Unbalanced areas pay: less where a high score is good, more where it is bad. Weighted, M and S are the
    weighted ones. Mazziotta and Pareto (2016), https://doi.org/10.1007/s11205-015-0998-2.
    """
    shares = _shares(x, weight)
    mean = _dot(x, shares)
    variance = _dot((x - mean[:, None]) ** 2, shares)
    minus = (how.penalty or ("-" if high == "protects" else "+")) == "-"
    return np.asarray(mean - variance / mean if minus else mean + variance / mean)


def _copeland(x: np.ndarray, weight: np.ndarray, _how: Aggregate, _high: str) -> np.ndarray:
    return copeland(x, weight)


def _doubt(x: np.ndarray, _weight: np.ndarray, how: Aggregate, _high: str) -> np.ndarray:
    return benefit_of_the_doubt(x, least=how.least, most=how.most)


_BY: dict[str, Callable[[np.ndarray, np.ndarray, Aggregate, str], np.ndarray]] = {
    "arithmetic": _arithmetic,
    "sum": _sum,
    "geometric": _geometric,
    "harmonic": _harmonic,
    "power": _power,
    "median": _median,
    "minimum": _minimum,
    "maximum": _maximum,
    "ampi": _ampi,
    "copeland": _copeland,
    "benefit_of_the_doubt": _doubt,
}
