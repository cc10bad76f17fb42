"""How much each member of a group counts in effect, whatever was stated."""

from __future__ import annotations

import numpy as np

from lea_geo._checks import check_choice

RATIOS = ("linear", "nonparametric")
_FEW = 10
"""With so few different values, their means say what a curve would."""
_BINS = 200
_BANDWIDTHS = tuple(0.01 * 1.5**step for step in range(13))
"""From a hundredth of the range to more than all of it, where a local line is the straight line."""


def effective(score: np.ndarray, members: np.ndarray, *, method: str = "linear") -> np.ndarray:
    """Return how much each member counts in effect: its share in the first-order effects of all members.

    ``S_i / sum(S)`` with :func:`correlation_ratios` S, to be held against the stated weights. NaN where
    the score or all members are constant.

    Parameters
    ----------
    score
        (n,) the group's score.
    members
        (n, k) as they enter it.
    method
        ``linear`` or ``nonparametric``.
    """
    ratios = correlation_ratios(score, members, method=method)
    total = np.nansum(ratios)
    return ratios / total if total > 0 else np.full(len(ratios), np.nan)


def correlation_ratios(score: np.ndarray, members: np.ndarray, *, method: str = "linear") -> np.ndarray:
    """Return the share of the score's variance that knowing one member alone would take away.

    ``S_i = Var(E(y | x_i)) / Var(y)``, the squared correlation ratio. ``linear`` takes a straight line for
    E(y | x_i), so that S_i is the squared Pearson correlation; ``nonparametric`` local straight lines
    (over at most 200 bins of the member, Gaussian kernel, bandwidth by generalised cross-validation), or
    the mean for each value where there are at most ten.

    Parameters
    ----------
    score
        (n,); NaN where there is none.
    members
        (n, k); areas without the member are left out of its ratio.
    method
        ``linear`` or ``nonparametric``.

    Returns
    -------
    numpy.ndarray
        (k,) between 0 and 1; NaN where the score or the member is constant.

    References
    ----------
    Paruolo, Saisana and Saltelli (2013), https://doi.org/10.1111/j.1467-985X.2012.01059.x
    """
    check_choice("method", method, RATIOS)
    ratio = _linear_ratio if method == "linear" else _smooth_ratio
    return np.array([ratio(score, column) for column in members.T])


def _linear_ratio(score: np.ndarray, member: np.ndarray) -> float:
    held = ~(np.isnan(score) | np.isnan(member))
    y, x = score[held], member[held]
    if not len(x) or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    y, x = y - y.mean(), x - x.mean()
    return float((x @ y) ** 2 / ((x @ x) * (y @ y)))


def _smooth_ratio(score: np.ndarray, member: np.ndarray) -> float:
    held = ~(np.isnan(score) | np.isnan(member))
    y, x = score[held], member[held]
    if not len(x) or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    values, place, count = np.unique(_binned(x), return_inverse=True, return_counts=True)
    mean = np.bincount(place, weights=y) / count
    if len(values) > _FEW:
        within = float(np.sum((y - mean[place]) ** 2))
        mean = _smoothed((values - values[0]) / (values[-1] - values[0]), mean, count, within)
    return float(min(1.0, mean[place].var() / y.var()))


def _binned(x: np.ndarray) -> np.ndarray:
    """Return the values, or the middles of equally wide bins where there are many different ones."""
    if len(np.unique(x)) <= _BINS:
        return x
    width = np.ptp(x) / _BINS
    return np.asarray((np.minimum((x - x.min()) // width, _BINS - 1) + 0.5) * width)


def _smoothed(x: np.ndarray, mean: np.ndarray, count: np.ndarray, within: float) -> np.ndarray:
    """Return local straight lines through means of bins, by the bandwidth of least cross-validation."""
    away, n = x[:, None] - x, count.sum()
    best, curve = np.inf, mean
    for bandwidth in _BANDWIDTHS:
        kernel = np.exp(-0.5 * (away / bandwidth) ** 2) * count
        s0, s1, s2 = kernel.sum(axis=1), (kernel * away).sum(axis=1), (kernel * away**2).sum(axis=1)
        line = s0 * s2 - s1**2
        flat = line <= 1e-10 * s0 * s2  # a bin by itself has no slope
        weight = np.where(flat[:, None], 1.0, s2[:, None] - away * s1[:, None]) * kernel
        weight /= np.where(flat, s0, line)[:, None]
        fitted = weight @ mean
        used = np.trace(weight)  # parameters: a value's share in its own fit, summed over all
        misfit = (within + count @ (mean - fitted) ** 2) / (1 - min(used / n, 0.999)) ** 2
        if misfit < best:
            best, curve = misfit, fitted
    return curve
