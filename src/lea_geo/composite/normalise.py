"""Normalisation: scales learnt from values, so that indicators of different units can be combined.

:func:`learn` looks at the values of some areas, one year or several years stacked, and returns a
:class:`~lea_geo.composite.scales.Scale`; ``scale.apply`` gives the scores of those areas, of others, and of
other years. What lies beyond the learnt values scores beyond the learnt ends on scales that are straight
lines (``min_max``, ``z``, ``ampi``, ...) unless they are capped, and gets the score of the end on scales of
ranks and of categories.

Every method scores high where the value is high, or, where ``flip`` says so, where it is low. Methods and
their sources are with the functions below; what their scores can bear is in
:mod:`lea_geo.composite.score_type`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from lea_geo._checks import check_choice
from lea_geo._checks.normalise import (
    check_normalise,
    check_population,
    check_share_of_best,
    check_target,
)
from lea_geo.composite.scales import FLAT, LineScale, RankScale, RatioScale, Scale, StepScale, share_of
from lea_geo.composite.score_type import HIGH, LOW, type_of
from lea_geo.composite_spec import NORMALISATIONS
from lea_geo.ranking import begins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lea_geo.composite_spec import Normalise

NORMAL_MAD = 1.4826
"""Makes the median absolute deviation of a normal law its standard deviation."""
_TIES = {"percentile_rank": "min"}
"""What equal values share where nothing is said; elsewhere the average of their ranks, which is the same
whichever way an indicator counts."""


def learn(
    x: np.ndarray,
    how: Normalise,
    *,
    flip: np.ndarray,
    population: np.ndarray | None = None,
    codes: Sequence[str] = (),
) -> Scale:
    """Return the scale that values give by one method.

    Parameters
    ----------
    x
        Values of shape (n, k), NaN where there is none; all k indicators are scaled by the same method, each
        by its own values.
    how
        The method and its options.
    flip
        Which of them score high where their value is low, shape (k,).
    population
        For ``weighted``: people in each area, shape (n,).
    codes
        Names of the indicators, for messages.

    Raises
    ------
    UsageError
        Options that the method needs and does not have, or that contradict each other.
    ValuesError
        Values that the method cannot take: a target that the worst area has reached; negative values for a
        share of the largest.
    """
    check_choice("normalise.method", how.method, NORMALISATIONS)
    check_normalise(vars(how))
    values, flipped = np.asarray(x, dtype=float), np.asarray(flip, dtype=bool)
    if how.weighted:
        people = check_population(population, len(values))
        return _LEARN_OF_PEOPLE[how.method](values, how, flipped, people)
    return _LEARN[how.method](values, how, flipped, tuple(codes))


def _line(
    how: Normalise,
    flip: np.ndarray,
    origin: np.ndarray | float,
    spread: np.ndarray | float,
    *,
    base: float = 0.0,
    reach: float = 1.0,
    ends: tuple[float, float] = (-np.inf, np.inf),
) -> LineScale:
    """Return a straight line per indicator, none where the spread is no more than rounding."""
    start, length = np.broadcast_to(origin, flip.shape), np.broadcast_to(spread, flip.shape)
    flat = ~(np.abs(length) > FLAT * np.abs(start))
    length = np.where(flat, np.nan, length)
    kind = type_of(how).kind
    return LineScale(how, kind, flip, flat, start, length, base, reach, *ends)


def _none(_x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """Values as they are: ``x``, or ``-x`` where low values score high."""
    return _line(how, flip, 0.0, np.where(flip, -1.0, 1.0))


def _min_max(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """``low + (high - low) (x - min) / (max - min)``; OECD/JRC (2008), https://doi.org/10.1787/9789264043466-en."""
    least, most = _ends(x)
    low, high = _stated_ends(how)
    return _line(how, flip, *_towards(flip, least, most), base=low, reach=high - low)


def _goalposts(_x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """``low + (high - low) (x - minimum) / (maximum - minimum)``, with both posts stated.

    Nothing is learnt, so years compare by themselves. UNDP, Human Development Report, technical note 1.
    """
    low, high = _stated_ends(how)
    posts = np.float64(how.minimum or 0.0), np.float64(how.maximum or 0.0)
    ends = (low, high) if how.cap else (-np.inf, np.inf)
    return _line(how, flip, *_towards(flip, *posts), base=low, reach=high - low, ends=ends)


def _z(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """``mean + deviation (x - m) / s``, with s divided by n - 1, or by n (``sample = false``).

    OECD/JRC (2008), https://doi.org/10.1787/9789264043466-en.
    """
    known = ~np.isnan(x)
    n = known.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, x, 0.0).sum(axis=0) / n
        apart = np.where(known, x - mean, 0.0)
        deviation = np.sqrt((apart * apart).sum(axis=0) / np.where(n > how.sample, n - how.sample, np.nan))
    return _standard(how, flip, mean, deviation)


def _weighted_z(x: np.ndarray, how: Normalise, flip: np.ndarray, people: np.ndarray) -> Scale:
    """``m = sum(P x) / sum(P)`` and ``s^2 = sum(P (x - m)^2) / sum(P)``, over areas with a value.

    As the Carstairs index does: Carstairs and Morris (1990), Health Bulletin 48(4), 162-175.
    """
    known = ~np.isnan(x)
    weight = np.where(known, people[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weight * np.where(known, x, 0.0)).sum(axis=0) / weight.sum(axis=0)
        apart = np.where(known, x - mean, 0.0)
        deviation = np.sqrt((weight * apart * apart).sum(axis=0) / weight.sum(axis=0))
    return _standard(how, flip, mean, deviation)


def _robust_z(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """``mean + deviation (x - median) / (1.4826 MAD)``; where over half the values are equal, MAD is 0.

    Hampel (1974), https://doi.org/10.1080/01621459.1974.10482962.
    """
    middle = _median(x)
    return _standard(how, flip, middle, NORMAL_MAD * _median(np.abs(x - middle)))


def _standard(how: Normalise, flip: np.ndarray, middle: np.ndarray, deviation: np.ndarray) -> Scale:
    signed = np.where(flip, -deviation, deviation)
    reach = 1.0 if how.deviation is None else how.deviation
    return _line(how, flip, middle, signed, base=how.mean or 0.0, reach=reach)


def _ranks(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """Ranks r = 1, ..., n among the areas with a value, n for what scores most, and what is made of them.

    * ``rank``: ``r``; equal values share the average of their ranks (``ties`` for another rule);
    * ``borda``: ``r - 1``, the areas left behind; de Borda (1784);
    * ``percentile_rank``: ``(r - 1) / (n - 1)``, 0 to 1, equal values sharing the lowest of their ranks: as
      Excel's PERCENTRANK.INC and so the CDC's Social Vulnerability Index, whose published ranks have four
      decimals and are made of percentages rounded to one (``decimals = 4``; Excel cuts, ``truncate``, and
      does not round). Flanagan et al. (2011), https://doi.org/10.2202/1547-7355.1792;
    * ``exponential_rank``: ``-c ln(1 - R (1 - exp(-100 / c)))`` with ``R = r / n`` and c = 23, so that the
      tenth with the highest values scores 50 to 100, and a low score in one domain cannot make up for a high
      one in another. English Indices of Deprivation 2019, technical report. The ranks of Scotland's index of
      2020 are those of ``R = (r - 1) / n`` (``share``);
    * ``normal_score``: ``mean + deviation Phi^-1(r / (n + 1))``, what the English and the Scottish indices
      take of indicators before a factor is fitted to them. Van der Waerden (1952), Indagationes
      Mathematicae 14.

    Values that nothing but rounding keeps apart, such as 0.1 + 0.2 and 0.3, are equal.
    """
    ties = how.ties or _TIES.get(how.method, "average")
    signed = np.ascontiguousarray(np.where(flip, -x, x).T)
    signed.sort(axis=1)  # NaN comes last
    n = x.shape[0] - np.isnan(signed).sum(axis=1)
    count = np.arange(1.0, len(x) + 1)
    pairs = [_ranked(values[:known], count[:known], ties) for values, known in zip(signed, n, strict=True)]
    return _rank_scale(how, flip, pairs, n.astype(float))


def _ranks_of_people(x: np.ndarray, how: Normalise, flip: np.ndarray, people: np.ndarray) -> Scale:
    """The same ranks among people, each of whom has the value of the area where they live."""
    ties = how.ties or _TIES.get(how.method, "average")
    signed = np.where(flip, -x, x)
    order = np.argsort(signed, axis=0, kind="stable")  # NaN comes last
    n = len(x) - np.isnan(x).sum(axis=0)
    pairs = [
        _ranked(values[rows[:known]], np.cumsum(people[rows[:known]]), ties)
        for values, rows, known in zip(signed.T, order.T, n, strict=True)
    ]
    return _rank_scale(how, flip, pairs, np.where(np.isnan(x), 0.0, people[:, None]).sum(axis=0))


def _rank_scale(
    how: Normalise, flip: np.ndarray, pairs: Sequence[tuple[np.ndarray, np.ndarray]], n: np.ndarray
) -> Scale:
    undefined = ~(n >= (2 if share_of(how) == "(r-1)/(n-1)" else 1))
    knots, ranks = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return RankScale(how, type_of(how).kind, flip, undefined, knots, ranks, n)


def _ranked(rising: np.ndarray, upto: np.ndarray, ties: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct values and the rank of each, shared where they are equal but for rounding.

    ``upto`` counts areas, or people, from the first value to each.
    """
    starts = np.flatnonzero(begins(rising))
    ends = np.append(starts[1:], len(rising))
    last = upto[ends - 1] if len(rising) else upto
    before = np.concatenate([[0.0], last[:-1]])[: len(last)]
    share = {"min": before + 1, "max": last, "average": (before + 1 + last) / 2}
    distinct = np.concatenate([[True], rising[1:] != rising[:-1]])[: len(rising)]
    return rising[distinct], np.repeat(np.minimum(share[ties], last[-1:]), ends - starts)[distinct]


def _distance_to_target(x: np.ndarray, how: Normalise, flip: np.ndarray, codes: tuple[str, ...]) -> Scale:
    """``(x - min) / (target - min)``, or ``(max - x) / (max - target)`` where low values score high.

    1 where the target is reached; capped, nothing scores more. OECD/JRC (2008),
    https://doi.org/10.1787/9789264043466-en.
    """
    least, most = _ends(x)
    worst = np.where(flip, most, least)
    way = (how.target or 0.0) - worst
    check_target(np.where(flip, -way, way), how.target or 0.0, codes)
    return _line(how, flip, worst, way, ends=(0.0, 1.0) if how.cap else (-np.inf, np.inf))


def _distance_to_reference(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """``1 + (x - ref) / |ref|``, or ``1 - (x - ref) / |ref|``: 1 where an area is as the reference.

    For positive values ``x / ref``. OECD/JRC (2008), https://doi.org/10.1787/9789264043466-en.
    """
    reference = _mean(x) if how.reference is None else np.full(flip.shape, how.reference)
    size = np.where(reference == 0, np.nan, np.abs(reference))
    return _line(how, flip, reference, np.where(flip, -size, size), base=1.0)


def _fraction_of_max(x: np.ndarray, how: Normalise, flip: np.ndarray, codes: tuple[str, ...]) -> Scale:
    """``x / max``, or ``min / x`` where low values score high; for values with a natural zero.

    Hwang and Yoon (1981), https://doi.org/10.1007/978-3-642-48318-9.
    """
    least, most = _ends(x)
    check_share_of_best(least, flip, codes)
    undefined = ~(most > 0)
    return RatioScale(how, type_of(how).kind, flip, undefined, np.where(flip, least, most))


def _categories(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """A score for each category, stated by its ``breaks`` or of equal size (``quantiles``).

    A value at a break belongs to the category above it. OECD/JRC (2008),
    https://doi.org/10.1787/9789264043466-en.
    """
    undefined = np.isnan(x).all(axis=0)
    if how.quantiles is None:
        breaks = (np.asarray(how.breaks, dtype=float),) * len(flip)
    else:
        shares = np.arange(1, how.quantiles) / how.quantiles
        columns = (column[~np.isnan(column)] for column in x.T)
        breaks = tuple(np.quantile(known, shares) if len(known) else shares for known in columns)
    return StepScale(how, type_of(how).kind, flip, undefined, breaks, _scores_of(how))


def _categories_of_people(x: np.ndarray, how: Normalise, flip: np.ndarray, people: np.ndarray) -> Scale:
    """Categories of as many people each: an area is in the one that the middle of its people is in."""
    held = replace(how, method="percentile_rank", share="(r-0.5)/n", ties="average")
    scale = cast("RankScale", _ranks_of_people(x, held, np.zeros(len(flip), dtype=bool), people))
    shares = np.arange(1, how.quantiles or 1) / (how.quantiles or 1)
    breaks = tuple(
        np.append(knots, np.inf)[np.searchsorted((ranks - 0.5) / n, shares)]
        for knots, ranks, n in zip(scale.knots, scale.ranks, scale.n, strict=True)
    )
    return StepScale(how, type_of(how).kind, flip, scale.undefined, breaks, _scores_of(how))


def _scores_of(how: Normalise) -> np.ndarray:
    """Return the score of each category."""
    count = how.quantiles or len(how.breaks) + 1
    return np.asarray(how.scores or range(1, count + 1), dtype=float)


def _ampi(x: np.ndarray, how: Normalise, flip: np.ndarray, _codes: tuple[str, ...]) -> Scale:
    """``100 + 60 (x - ref) / (max - min)``: 70 to 130 where the reference is midway.

    The paper's ``60 (x - a) / (b - a) + 70`` with goalposts ``ref -+ (max - min) / 2``, and 200 less that
    where low values score high. ``minimum`` and ``maximum`` are those of all years and areas compared.
    Mazziotta and Pareto (2016), https://doi.org/10.1007/s11205-015-0998-2.
    """
    least, most = _ends(x)
    least = least if how.minimum is None else np.full(flip.shape, how.minimum)
    most = most if how.maximum is None else np.full(flip.shape, how.maximum)
    reference = _mean(x) if how.reference is None else np.full(flip.shape, how.reference)
    scope = most - least
    scope = np.where(scope > FLAT * np.abs(most), scope, np.nan)
    return _line(how, flip, reference, np.where(flip, -scope, scope), base=100.0, reach=60.0)


_LEARN: dict[str, Callable[[np.ndarray, Normalise, np.ndarray, tuple[str, ...]], Scale]] = {
    "none": _none,
    "min_max": _min_max,
    "goalposts": _goalposts,
    "z": _z,
    "robust_z": _robust_z,
    "rank": _ranks,
    "borda": _ranks,
    "percentile_rank": _ranks,
    "exponential_rank": _ranks,
    "normal_score": _ranks,
    "distance_to_target": _distance_to_target,
    "distance_to_reference": _distance_to_reference,
    "fraction_of_max": _fraction_of_max,
    "categories": _categories,
    "ampi": _ampi,
}
_LEARN_OF_PEOPLE: dict[str, Callable[[np.ndarray, Normalise, np.ndarray, np.ndarray], Scale]] = {
    "z": _weighted_z,
    "percentile_rank": _ranks_of_people,
    "exponential_rank": _ranks_of_people,
    "categories": _categories_of_people,
}
"""What ``weighted`` methods make of people instead of areas."""


def _stated_ends(how: Normalise) -> tuple[float, float]:
    return LOW if how.low is None else how.low, HIGH if how.high is None else how.high


def _ends(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest known value of each indicator; NaN where nothing is known."""
    return (
        np.fmin.reduce(x, axis=0, initial=np.nan),
        np.fmax.reduce(x, axis=0, initial=np.nan),
    )


def _towards(
    flip: np.ndarray, least: np.ndarray | np.float64, most: np.ndarray | np.float64
) -> tuple[np.ndarray, np.ndarray]:
    """Return where an indicator scores least and the way from there to where it scores most."""
    return np.where(flip, most, least), np.where(flip, least - most, most - least)


def _mean(x: np.ndarray) -> np.ndarray:
    known = ~np.isnan(x)
    n = known.sum(axis=0)
    return np.asarray(np.where(known, x, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan))


def _median(x: np.ndarray) -> np.ndarray:
    """Return the median of the known values of each column; NaN where nothing is known."""
    rising = np.sort(x.T, axis=1)
    n = x.shape[0] - np.isnan(rising).sum(axis=1)
    columns = np.arange(x.shape[1])
    lower, upper = rising[columns, np.maximum(n - 1, 0) // 2], rising[columns, np.maximum(n, 1) // 2]
    return np.asarray((lower + upper) / 2)
