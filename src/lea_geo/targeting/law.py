"""Which laws of rates may be behind the counts of all areas, and how likely each is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import betaln, expit, gammaln

_POINTS = 21
_PASSES = 3
MOST_VALUES = 100
_FAR = 12.0
"""How far below the best, on the logarithm, a law is no longer worth a point of the grid."""
_WIDEST = 11.0
"""The first grid reaches from strengths of 1 / 60 000 of an area of middling size to 60 000 of them."""


class Laws(NamedTuple):
    """Laws of rates, of shape (g,) each: Beta(m s, (1 - m) s), or Gamma of shape s and mean m."""

    mean: np.ndarray
    strength: np.ndarray
    """As many people (proportions) or events (rates) as the law weighs."""
    weight: np.ndarray
    """How likely each is; they add up to 1."""


class Within(NamedTuple):
    """What hidden counts are known to lie between, shape (h,) each."""

    lower: np.ndarray
    upper: np.ndarray
    people: np.ndarray


class _Cases(NamedTuple):
    """Different counts and how many areas have each; and what hidden counts can be, set after set."""

    x: np.ndarray
    n: np.ndarray
    copies: np.ndarray
    hidden_x: np.ndarray
    hidden_n: np.ndarray
    begins: np.ndarray
    """Where each different set begins."""
    hidden_copies: np.ndarray


def likely_laws(events: np.ndarray, people: np.ndarray, kind: str, hidden: Within) -> Laws:
    """Return laws of rates with their posterior probabilities, on a grid that holds nearly all of it.

    A law fitted by maximum likelihood is taken as known, and makes areas look surer than they are where they
    are few; where rates vary no more than chance would make them, it says that they do not vary at all. Here
    the law itself is uncertain: its mean m is uniform a priori, and so is ``1 / (1 + s)``, s its strength: of
    proportions that is the correlation of two families of one area. Where s is large, this is the prior
    ``ds / s^2`` that was chosen for intervals which cover at their stated rate.

    Parameters
    ----------
    events, people
        Known counts, people above 0, shape (n,).
    kind
        ``"proportion"`` or ``"rate"``.
    hidden
        Counts that are hidden because they are small say that they are small: the others alone would let
        expect too much of them. Bounds that hold more than ``MOST_VALUES`` counts say too little to be asked.

    References
    ----------
    Tak, Kelly and Morris (2017), https://doi.org/10.18637/jss.v078.i05
    """
    cases = _cases(events, people, hidden)
    pooled = float((events.sum() + 0.5) / (people.sum() + 1))
    middling = float(np.median(people)) * (1.0 if kind == "proportion" else pooled)
    box = [*_mean_range(events, people, pooled, kind), -_WIDEST, _WIDEST]
    for _ in range(_PASSES):
        means, scales = np.linspace(box[0], box[1], _POINTS), np.linspace(box[2], box[3], _POINTS)
        height = np.array([_height(cases, means, one, middling, kind) for one in scales])
        near = height > height.max() - _FAR
        box = [*_spanned(means, near.any(axis=0)), *_spanned(scales, near.any(axis=1))]
        box[2:] = np.clip(box[2:], -_WIDEST, _WIDEST)
    weight = np.exp(height - height.max())
    strength = np.repeat(middling * np.exp(scales), _POINTS)
    mean = np.tile(expit(means) if kind == "proportion" else np.exp(means), _POINTS)
    return Laws(mean, strength, weight.ravel() / weight.sum())


def _cases(events: np.ndarray, people: np.ndarray, hidden: Within) -> _Cases:
    pairs, copies = np.unique(events + 1j * people, return_counts=True)
    lower, upper = np.ceil(hidden.lower), np.floor(hidden.upper)
    asked = (hidden.people > 0) & (lower <= upper) & (upper - lower < MOST_VALUES)
    sets, times = np.unique(np.column_stack([lower, upper, hidden.people])[asked], axis=0, return_counts=True)
    sizes = (sets[:, 1] - sets[:, 0] + 1).astype(int)
    begins = np.cumsum(sizes) - sizes
    within = np.arange(sizes.sum()) - np.repeat(begins, sizes)
    return _Cases(
        pairs.real,
        pairs.imag,
        copies.astype(float),
        np.repeat(sets[:, 0], sizes) + within,
        np.repeat(sets[:, 2], sizes),
        begins,
        times.astype(float),
    )


def _mean_range(events: np.ndarray, people: np.ndarray, pooled: float, kind: str) -> tuple[float, float]:
    """Return generous ends for the law's mean, on its logit or logarithm."""
    slope = pooled * (1 - pooled) if kind == "proportion" else pooled
    between = float(np.var(events / people)) / len(events) if len(events) else 1.0
    deviation = np.sqrt(slope / max(people.sum(), 1.0) + between) / slope
    centre = np.log(pooled / (1 - pooled)) if kind == "proportion" else np.log(pooled)
    reach = min(8 * float(deviation), 10.0)
    return float(centre - reach), float(centre + reach)


def _spanned(points: np.ndarray, near: np.ndarray) -> tuple[float, float]:
    """Return the ends of the points that are near, and one point more on either side."""
    at, step = np.flatnonzero(near), points[1] - points[0]
    return float(points[at[0]] - step), float(points[at[-1]] + step)


def _height(cases: _Cases, means: np.ndarray, scale: float, middling: float, kind: str) -> np.ndarray:
    """Return the logarithm of the posterior density of one strength and several means, shape (means,)."""
    strength = middling * np.exp(scale)
    prior = np.log(strength) - 2 * np.log1p(strength)
    if kind == "proportion":
        mean = expit(means)[:, None]
        a, b = mean * strength, (1 - mean) * strength
        laws = (a, b)
        prior = prior + np.log(mean[:, 0]) + np.log1p(-mean[:, 0])
    else:
        mean = np.exp(means)[:, None]
        laws = (np.array([[strength]]), strength / mean)
        prior = prior + means
    fit = log_chance(cases.x, cases.n, laws, kind) @ cases.copies
    if len(cases.begins):
        each = np.exp(log_chance(cases.hidden_x, cases.hidden_n, laws, kind))
        together = np.maximum(np.add.reduceat(each, cases.begins, axis=1), 1e-300)
        fit = fit + np.log(together) @ cases.hidden_copies
    return np.asarray(fit + prior)


def log_chance(x: np.ndarray, n: np.ndarray, law: tuple[np.ndarray, np.ndarray], kind: str) -> np.ndarray:
    """Return the logarithm of the chance of x events among n people before any is seen.

    Beta-binomial of ``law = (a, b)``, or negative binomial of ``law = (shape, rate)``.
    """
    one, other = law
    if kind == "proportion":
        rest = n - x
        ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(rest + 1)
        return np.asarray(ways + betaln(one + x, other + rest) - betaln(one, other))
    ways = gammaln(one + x) - gammaln(one) - gammaln(x + 1)
    return np.asarray(ways - one * np.log1p(n / other) + x * (np.log(n) - np.log(other + n)))
