"""Measures of spread, of many draws at once.

``x`` and ``w`` have shape (..., n), ``w`` adding up to 1 along the last axis; either may have the axes of
draws. ``p`` are the shares of the people, whatever ``w`` are: the average of the people is what areas are
held against even where every area counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

if TYPE_CHECKING:
    from collections.abc import Callable

    Formula = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def mean(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return sum w x."""
    return np.asarray((w * x).sum(axis=-1))


def _rising(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values from the lowest to the highest, and their weights."""
    order = np.argsort(x, axis=-1, kind="stable")
    shape = np.broadcast_shapes(x.shape, w.shape)
    order = np.broadcast_to(order, shape)
    return (
        np.take_along_axis(np.broadcast_to(x, shape), order, axis=-1),
        np.take_along_axis(np.broadcast_to(w, shape), order, axis=-1),
    )


def half_mean_difference(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return sum_ij w_i w_j |x_i - x_j| / 2: the absolute Gini."""
    x, w = _rising(x, w)
    return np.asarray((w * x * (2 * np.cumsum(w, axis=-1) - w - 1)).sum(axis=-1))


def gini(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return sum_ij w_i w_j |x_i - x_j| / (2 mean)."""
    return np.asarray(half_mean_difference(x, w, p) / mean(x, w))


def theil(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return sum w r log r, r = x / mean; nothing times its logarithm is nothing."""
    r = x / mean(x, w)[..., None]
    return np.asarray((w * xlogy(r, r)).sum(axis=-1))


def mean_log_deviation(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return sum w log(mean / x)."""
    return np.asarray(-(xlogy(w, x / mean(x, w)[..., None])).sum(axis=-1))


def atkinson(epsilon: float) -> Formula:
    """Return 1 - e / mean, e the equally distributed equivalent (sum w x^(1-epsilon))^(1/(1-epsilon))."""

    def formula(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
        if epsilon == 1:
            return np.asarray(1 - np.exp(-mean_log_deviation(x, w, p)))
        r = x / mean(x, w)[..., None]
        power = 1 - epsilon
        return np.asarray(1 - (w * r**power).sum(axis=-1) ** (1 / power))

    return formula


def atkinson_loss(epsilon: float) -> Formula:
    """Return mean - e: what each could give up if the rest were shared out equally."""
    relative = atkinson(epsilon)
    return lambda x, w, p: relative(x, w, p) * mean(x, w)


def tails(x: np.ndarray, w: np.ndarray, bottom: float, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Return means of the lowest ``bottom`` and the highest ``top`` of the weight; an area may be split."""
    x, w = _rising(x, w)
    return tail_means(x, w, bottom, top)


def tail_means(x: np.ndarray, w: np.ndarray, bottom: float, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of the first ``bottom`` and the last ``top`` of the weight, in the order given."""
    first, last = tail_weights(w, bottom, top)
    return np.asarray((first * x).sum(axis=-1)), np.asarray((last * x).sum(axis=-1))


def tail_weights(w: np.ndarray, bottom: float, top: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how much each area counts in the first ``bottom`` and in the last ``top``; each adds up to 1."""
    upto = np.cumsum(w, axis=-1)
    before = upto - w
    first = np.clip(upto, 0, bottom) - np.clip(before, 0, bottom)
    last = np.clip(upto, 1 - top, 1) - np.clip(before, 1 - top, 1)
    return first / first.sum(axis=-1, keepdims=True), last / last.sum(axis=-1, keepdims=True)


def tail_difference(bottom: float, top: float) -> Formula:
    """Return the mean of the highest less that of the lowest."""

    def formula(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
        low, high = tails(x, w, bottom, top)
        return np.asarray(high - low)

    return formula


def tail_ratio(bottom: float, top: float) -> Formula:
    """Return the mean of the highest over that of the lowest."""

    def formula(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
        low, high = tails(x, w, bottom, top)
        return np.asarray(high / low)

    return formula


def palma(bottom: float, top: float) -> Formula:
    """Return what the highest ``top`` have in all over what the lowest ``bottom`` have."""
    ratio = tail_ratio(bottom, top)
    return lambda x, w, p: ratio(x, w, p) * top / bottom


def _extremes(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest value of the areas that are there."""
    here = w > 0
    return (
        np.asarray(np.where(here, x, np.inf).min(axis=-1)),
        np.asarray(np.where(here, x, -np.inf).max(axis=-1)),
    )


def extreme_difference(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return the highest value less the lowest."""
    low, high = _extremes(x, w)
    return np.asarray(high - low)


def extreme_ratio(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return the highest value over the lowest."""
    low, high = _extremes(x, w)
    return np.asarray(high / low)


def variance(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
    """Return sum w (x - mean)^2."""
    return np.asarray((w * (x - mean(x, w)[..., None]) ** 2).sum(axis=-1))


def relative_variance(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the variance over the squared mean: twice the generalised entropy of order 2."""
    return np.asarray(variance(x, w, p) / mean(x, w) ** 2)


def deviation(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the root of the variance."""
    return np.asarray(np.sqrt(variance(x, w, p)))


def variation(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return the deviation over the mean."""
    return np.asarray(deviation(x, w, p) / mean(x, w))


def over_mean(relative: Formula) -> Formula:
    """Return a formula that divides by the mean, without a value where the mean is not above zero."""

    def formula(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
        return np.where((mean(x, w) > 0) & (mean(x, p) > 0), relative(x, w, p), np.nan)

    return formula


def from_mean(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return sum w |x - mean of the people|."""
    return np.asarray((w * np.abs(x - mean(x, p)[..., None])).sum(axis=-1))


def disparity(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return sum w |x - mean of the people| over that mean."""
    return np.asarray(from_mean(x, w, p) / mean(x, p))


def from_best(*, favourable: bool) -> Formula:
    """Return sum w |x - best|."""

    def formula(x: np.ndarray, w: np.ndarray, p: np.ndarray) -> np.ndarray:  # noqa: ARG001
        best = _extremes(x, w)[favourable]
        return np.asarray((w * np.abs(x - best[..., None])).sum(axis=-1))

    return formula


def from_best_relative(*, favourable: bool) -> Formula:
    """Return sum w |x - best| over the mean."""
    absolute = from_best(favourable=favourable)
    return lambda x, w, p: absolute(x, w, p) / mean(x, w)


def from_reference(place: int) -> Formula:
    """Return sum w |x - x_place|."""
    return lambda x, w, p: np.asarray((w * np.abs(x - x[..., place : place + 1])).sum(axis=-1))  # noqa: ARG005


def from_reference_relative(place: int) -> Formula:
    """Return sum w |x - x_place| over x_place."""
    absolute = from_reference(place)
    return lambda x, w, p: absolute(x, w, p) / x[..., place]


def best_over_mean(*, favourable: bool) -> Formula:
    """Return best - mean of the people: what the average would change by if all were as the best."""
    return lambda x, w, p: _extremes(x, w)[favourable] - mean(x, p)


def best_over_mean_relative(*, favourable: bool) -> Formula:
    """Return (best - mean of the people) / mean of the people."""
    absolute = best_over_mean(favourable=favourable)
    return lambda x, w, p: absolute(x, w, p) / mean(x, p)
