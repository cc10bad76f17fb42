"""What may be true of every area, given its small numbers, and what equal areas would show.

A measure of spread is too large where values are noisy: chance spreads equal areas apart. So that a draw of
the truth is not spread twice, every area is drawn in the light of all areas: rates have a common law whose
spread is itself drawn from what the data say of it (a beta law for proportions, a gamma law for rates, a
normal law for values with standard errors; a uniform prior on the weight that shrinks a typical area, Daniels
1999, https://doi.org/10.2307/3316112).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import betaln, expit, gammaln, logit

if TYPE_CHECKING:
    from collections.abc import Callable

_SPREADS = np.linspace(-9.0, 9.0, 61)
"""Logits of the weight that shrinks an area of a typical size."""
_MEANS = np.linspace(-3.2, 3.2, 9)
"""Means of the common law, in standard errors around its estimate."""


class Noise(Protocol):
    """What is known of the noise in the values of the areas."""

    @property
    def includes(self) -> str:
        """What an interval made of it holds, as part of a sentence."""

    def possible(self, rng: np.random.Generator, runs: int) -> Callable[[int], np.ndarray]:
        """Return a function that gives so many further draws of what may be true, shape (k, n)."""

    def equal(self, rng: np.random.Generator, runs: int) -> np.ndarray:
        """Return so many draws of what equal areas would show, shape (runs, n)."""

    def variances(self) -> np.ndarray:
        """Return accounts of the sampling variance of every value, (accounts, n): the larger sum counts."""


@dataclass(frozen=True)
class _Law:
    """Laws of the true rates that the data allow, and how much each is to be believed."""

    mean: np.ndarray
    size: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class CountNoise:
    """Values that are made of counts."""

    kind: str
    events: np.ndarray
    people: np.ndarray
    scale: float
    includes: str = "the noise of small numbers"

    @cached_property
    def _law(self) -> _Law:
        return _laws(self.kind, self.events, self.people)

    def possible(self, rng: np.random.Generator, runs: int) -> Callable[[int], np.ndarray]:
        """Return a function that gives so many further draws of the true values."""
        law = self._law
        chosen = rng.choice(len(law.weight), size=runs, p=law.weight)
        done = 0

        def draw(k: int) -> np.ndarray:
            nonlocal done
            part = chosen[done : done + k, None]
            done += k
            mean, size = law.mean[part], law.size[part]
            events = mean * size + self.events
            if self.kind == "rate":
                return np.asarray(self.scale * rng.standard_gamma(events) / (size + self.people))
            # Far out, a beta draw can underflow to nothing over nothing.
            rest = (1 - mean) * size + self.people - self.events
            return np.asarray(self.scale * rng.beta(np.maximum(events, 1e-9), np.maximum(rest, 1e-9)))

        return draw

    def equal(self, rng: np.random.Generator, runs: int) -> np.ndarray:
        """Return draws of rates that only chance sets apart."""
        rate = self.events.sum() / self.people.sum()
        size = (runs, len(self.people))
        if self.kind == "rate":
            return np.asarray(self.scale * rng.poisson(rate * self.people, size) / self.people)
        whole = np.maximum(1, np.rint(self.people)).astype(np.int64)
        return np.asarray(self.scale * rng.binomial(whole, rate, size) / whole)

    def variances(self) -> np.ndarray:
        """Return the variance of each value: at its rate in the light of all areas, and without bias.

        The first is right for an area by itself, even one without events; the second for a sum over many.
        """
        law = self._law
        x, n = self.events, self.people
        shrunk = np.zeros(len(n))
        for mean, size, weight in zip(law.mean, law.size, law.weight, strict=True):
            shrunk += weight * (mean * size + x) / (size + n)
        if self.kind == "rate":
            accounts = [shrunk / n, x / n**2]
        else:
            accounts = [shrunk * (1 - shrunk) / n, x * (n - x) / (n**2 * np.maximum(n - 1, 1))]
        return self.scale**2 * np.array(accounts)


def _laws(kind: str, events: np.ndarray, people: np.ndarray) -> _Law:
    """Return a grid of common laws: their mean, how many people they are worth, and their probability."""
    pairs, times = np.unique(np.column_stack([events, people]), axis=0, return_counts=True)
    x, n = pairs.T
    shrink = expit(_SPREADS)
    sizes = float(np.median(people)) * shrink / (1 - shrink)
    found = [_means(kind, x, n, times, size) for size in sizes]
    mean = np.concatenate([one[0] for one in found])
    # The prior is uniform in the weight, and the grid in its logit.
    density = np.concatenate([one[1] + np.log(b * (1 - b)) for one, b in zip(found, shrink, strict=True)])
    weight = np.exp(density - density.max())
    return _Law(mean, np.repeat(sizes, len(_MEANS)), weight / weight.sum())


def _means(
    kind: str, x: np.ndarray, n: np.ndarray, times: np.ndarray, size: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return means of a law of one size around the likeliest, and the log likelihood times step of each."""
    trust = times * n * size / (n + size)
    rate = (x + 0.5 / len(x)) / (n + 1.0 / len(x))
    centre = float((trust * rate).sum() / trust.sum())
    if kind == "rate":
        step = 1 / np.sqrt(max(centre, 1e-300) * trust.sum()) if centre > 0 else 1.0
        mean = centre * np.exp(_MEANS * step)
        likelihood = [_gamma_poisson(x, n, times, one, size) for one in mean]
        return mean, np.array(likelihood) + np.log(mean * step)
    step = 1 / np.sqrt(centre * (1 - centre) * trust.sum())
    mean = expit(logit(centre) + _MEANS * step)
    likelihood = [_beta_binomial(x, n, times, one, size) for one in mean]
    return mean, np.array(likelihood) + np.log(mean * (1 - mean) * step)


def _beta_binomial(x: np.ndarray, n: np.ndarray, times: np.ndarray, mean: float, size: float) -> float:
    a, b = mean * size, (1 - mean) * size
    return float((times * (betaln(a + x, b + n - x) - betaln(a, b))).sum())


def _gamma_poisson(x: np.ndarray, n: np.ndarray, times: np.ndarray, mean: float, size: float) -> float:
    a = mean * size
    terms = gammaln(a + x) - gammaln(a) + a * np.log(size) - (a + x) * np.log(size + n)
    return float((times * terms).sum())


@dataclass(frozen=True)
class ErrorNoise:
    """Values with standard errors."""

    x: np.ndarray
    error: np.ndarray
    includes: str = "the standard errors of the values"

    def possible(self, rng: np.random.Generator, runs: int) -> Callable[[int], np.ndarray]:
        """Return a function that gives so many further draws of the true values."""
        spread, mean, deviation, weight = self._laws()
        chosen = rng.choice(len(weight), size=runs, p=weight)
        centre = rng.normal(mean[chosen], deviation[chosen])
        floor = 0.0 if (self.x > 0).all() else -np.inf
        done = 0

        def draw(k: int) -> np.ndarray:
            nonlocal done
            part = slice(done, done + k)
            done += k
            keep = spread[chosen[part], None] / (spread[chosen[part], None] + self.error**2)
            around = keep * self.x + (1 - keep) * centre[part, None]
            drawn = rng.normal(around, np.sqrt(keep) * self.error)
            # Amounts stay amounts: a measure of shares has no meaning below zero.
            return np.asarray(np.maximum(drawn, np.abs(around) * 1e-6) if floor == 0 else drawn)

        return draw

    def equal(self, rng: np.random.Generator, runs: int) -> np.ndarray:
        """Return draws of values that only their errors set apart."""
        sure = 1 / np.maximum(self.error, 1e-6 * max(float(self.error.max()), 1e-300)) ** 2
        mean = float((sure * self.x).sum() / sure.sum())
        drawn = rng.normal(mean, self.error, (runs, len(self.x)))
        return np.asarray(np.maximum(drawn, abs(mean) * 1e-6) if (self.x > 0).all() else drawn)

    def variances(self) -> np.ndarray:
        """Return the squared standard errors."""
        return np.asarray(self.error[None, :] ** 2)

    def _laws(self) -> tuple[np.ndarray, ...]:
        """Return variances of a normal law of the true values, its mean and that one's error, and weights."""
        typical = (
            max(float(np.median(self.error[self.error > 0] ** 2)), 1e-300) if self.error.any() else 1e-300
        )
        shrink = expit(_SPREADS)
        spread = typical * (1 - shrink) / shrink
        sure = 1 / (self.error**2 + spread[:, None])
        mean = (sure * self.x).sum(axis=1) / sure.sum(axis=1)
        fit = np.log(sure).sum(axis=1) - (sure * (self.x - mean[:, None]) ** 2).sum(axis=1)
        density = (fit - np.log(sure.sum(axis=1))) / 2 + np.log(shrink * (1 - shrink))
        weight = np.exp(density - density.max())
        return spread, mean, 1 / np.sqrt(sure.sum(axis=1)), weight / weight.sum()
