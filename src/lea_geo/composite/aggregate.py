"""Aggregation: the score of a group from those of its members.

An area that lacks a member has the score of those that it has, with their weights in the same proportions,
as long as they hold at least the share ``available`` of all weights; below it the score is NaN. ``copeland``
and ``benefit_of_the_doubt`` compare areas on the members that both have, and only areas that have enough. No
method needs all members; one of weight 0 takes no part in any.

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

from dataclasses import dataclass
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
GEOMETRIC = 1e-12
"""A power mean of an order nearer to 0 is the geometric mean."""


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
    if how.method in _WITHOUT_NEGATIVE or (how.method == "power" and how.power != 1):
        check_at_least(scores, 0.0, how.method)
    known = ~np.isnan(scores)
    if known.all():
        return _BY[how.method](_Members(scores, weight / weight.sum(), weight, how, high))
    there = np.where(known, weight, 0.0)
    held = there.sum(axis=1)
    enough = (held >= (available - ENOUGH) * weight.sum()) & (held > 0)
    shares = there[enough] / held[enough, None]
    result = np.full(len(x), np.nan)
    result[enough] = _BY[how.method](_Members(scores[enough], shares, weight, how, high))
    return result


@dataclass(frozen=True)
class _Members:
    """What a method makes a score of."""

    x: np.ndarray
    """Scores of shape (n, k), NaN for gaps; each area has at least one."""
    shares: np.ndarray
    """The weights that each area's members have among those that it has, (n, k) with 0 for gaps; shape (k,)
    where there are none."""
    weights: np.ndarray
    """As they were stated, (k,)."""
    how: Aggregate
    high: str

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Return ``sum(w x)`` over the members that each area has."""
        if self.shares.ndim == 1:
            return np.asarray(np.einsum("nk,k->n", x, self.shares))
        return np.asarray(np.einsum("nk,nk->n", np.where(self.shares > 0, x, 0.0), self.shares))


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
    if how.method in _MULTIPLIES or (how.method == "power" and (how.power or 0.0) <= 0):
        bears = kind.kind in {"raw", "positive"} or (kind.kind == "ordinal" and kind.least > 0)
    elif how.method == "benefit_of_the_doubt" or (how.method == "power" and how.power != 1):
        bears = kind.kind == "raw" or kind.least >= 0
    else:
        bears = how.method != "ampi" or kind.centred
    if not bears:
        refuse_pair(how.method, kind.made, where)


_MULTIPLIES = ("geometric", "harmonic")
_WITHOUT_NEGATIVE = ("geometric", "harmonic", "ampi", "benefit_of_the_doubt")


def _arithmetic(group: _Members) -> np.ndarray:
    """``sum(w x) / sum(w)``."""
    return group.mean(group.x)


def _sum(group: _Members) -> np.ndarray:
    """``sum(w x)``; what an area lacks is taken to be as the mean of what it has."""
    return np.asarray(group.mean(group.x) * group.weights.sum())


def _power(group: _Members) -> np.ndarray:
    """``(sum(w x^p) / sum(w))^(1 / p)``; Hardy, Littlewood and Polya (1934), Inequalities, chapter 2."""
    return _power_mean(group, 1.0 if group.how.power is None else group.how.power)


def _geometric(group: _Members) -> np.ndarray:
    """``prod(x^w)^(1 / sum(w))``; OECD/JRC (2008), https://doi.org/10.1787/9789264043466-en."""
    return _power_mean(group, 0.0)


def _harmonic(group: _Members) -> np.ndarray:
    """``sum(w) / sum(w / x)``."""
    return _power_mean(group, -1.0)


def _power_mean(group: _Members, p: float) -> np.ndarray:
    """Return the mean of order p; a score of 0 makes those of order 0 and below."""
    x = group.x
    with np.errstate(divide="ignore"):
        if abs(p) < GEOMETRIC:
            return np.asarray(np.exp(group.mean(np.log(x))))
        # Against the end that counts most, no power is above 1, and what is near 1 is not rounded to it.
        end = np.fmax.reduce(x, axis=1) if p > 0 else np.fmin.reduce(x, axis=1)
        scale = np.where(end > 0, end, 1.0)
        powers = np.expm1(p * np.log(x / scale[:, None]))
        return np.asarray(scale * np.exp(np.log1p(group.mean(powers)) / p))


def _median(group: _Members) -> np.ndarray:
    """The score below and above which half the weight lies; the middle of two where it lies between."""
    order = np.argsort(group.x, axis=1)
    rising = np.take_along_axis(group.x, order, axis=1)
    shares = np.broadcast_to(group.shares, order.shape)
    below = np.cumsum(np.take_along_axis(shares, order, axis=1), axis=1)
    rows = np.arange(len(order))
    lower, upper = (below >= 0.5 - ENOUGH).argmax(axis=1), (below > 0.5 + ENOUGH).argmax(axis=1)
    return np.asarray((rising[rows, lower] + rising[rows, upper]) / 2)


def _minimum(group: _Members) -> np.ndarray:
    """The lowest score: nothing makes up for it. Weights count only if 0."""
    return np.asarray(np.fmin.reduce(group.x, axis=1))


def _maximum(group: _Members) -> np.ndarray:
    """The highest score: the worst where high is bad. Weights count only if 0."""
    return np.asarray(np.fmax.reduce(group.x, axis=1))


def _ampi(group: _Members) -> np.ndarray:
    """``M -+ S cv`` with M the mean, S the deviation of an area's own scores and ``cv = S / M``.

    Unbalanced areas pay: less where a high score is good, more where it is bad. Weighted, M and S are the
    weighted ones. Mazziotta and Pareto (2016), https://doi.org/10.1007/s11205-015-0998-2.
    """
    mean = group.mean(group.x)
    # Where the mean is 0, so is every score, and there is nothing to pay for.
    penalty = group.mean((group.x - mean[:, None]) ** 2) / np.where(mean > 0, mean, 1.0)
    minus = (group.how.penalty or ("-" if group.high == "protects" else "+")) == "-"
    return np.asarray(mean - penalty if minus else mean + penalty)


def _copeland(group: _Members) -> np.ndarray:
    return copeland(group.x, group.weights)


def _doubt(group: _Members) -> np.ndarray:
    return benefit_of_the_doubt(group.x, least=group.how.least, most=group.how.most)


_BY: dict[str, Callable[[_Members], np.ndarray]] = {
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
