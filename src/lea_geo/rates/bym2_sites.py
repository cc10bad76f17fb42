"""Expectation propagation: the Gaussian that has the mean and variance of each area's own posterior.

Each area's likelihood is replaced by a Gaussian, its site. Taking a site out of the field's marginal leaves
the area's cavity; the cavity times the true likelihood has moments that the site is changed to reproduce,
until all sites agree (Minka 2001; Cseke and Heskes 2011 for latent Gaussian models). Cavity times likelihood
is also the area's marginal posterior, skewness and all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._compiled import compiled
from lea_geo.rates.bym2_field import Field, Gaussian, Sites

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE = 3e-4
"""The sites agree when means differ by less of a standard deviation, and variances by less of themselves."""
SWEEPS = 60
NODES, WEIGHTS = np.polynomial.hermite.hermgauss(24)
POISSON, BINOMIAL = 0, 1


@dataclass(frozen=True, eq=False)
class Likelihood:
    """Counts y_i of Poisson(size_i exp(eta_i)) or Binomial(size_i, expit(eta_i)); NaN in y: nothing known."""

    family: int
    events: np.ndarray
    size: np.ndarray

    def first_sites(self) -> Sites:
        """Return sites at rates that chance alone would correct a little."""
        known = ~np.isnan(self.events)
        events, size = np.where(known, self.events, 0.0), np.where(known, self.size, 1.0)
        if self.family == POISSON:
            rate = (events + 0.5) / size
            precision, slope, eta = events + 0.5, np.full(len(rate), -0.5), np.log(rate)
        else:
            rate = (events + 0.5) / (size + 1.0)
            eta = np.log(rate) - np.log1p(-rate)
            precision, slope = size * rate * (1 - rate), events - size * rate
        return Sites(np.where(known, precision, 0.0), np.where(known, precision * eta + slope, 0.0))


@dataclass(frozen=True, eq=False)
class Propagated:
    """The field at one point of hyperparameters, where its sites agree."""

    field: Gaussian
    sites: Sites
    cavity_mean: np.ndarray
    cavity_variance: np.ndarray
    log_normaliser: np.ndarray
    """Logarithm of the integral of cavity times likelihood, by area."""
    evidence: float
    """Logarithm of the probability of the counts, but for what does not depend on hyperparameters."""
    sweeps: int
    agrees: bool


def propagate(
    field: Field, likelihood: Likelihood, sigma: float, shares: tuple[float, float], sites: Sites
) -> Propagated:
    """Return the field whose sites agree, beginning with some."""
    step, before = 1.0, np.inf
    for sweep in range(1, SWEEPS + 1):  # noqa: B007 - its last value is kept
        now = field.given(sites, sigma, shares)
        found = _tilted(
            likelihood.family, likelihood.events, likelihood.size, now.mean, now.variance,
            sites.precision, sites.shift, NODES, WEIGHTS,
        )  # fmt: skip
        cavity_mean, cavity_variance, log_normaliser, share, mean, variance = found
        gap = np.maximum(
            np.abs(mean - now.mean) / np.sqrt(now.variance), np.abs(np.log(variance / now.variance))
        ).max()
        if gap < TOLERANCE:
            break
        if gap > 0.9 * before:  # sites that all move at once may overshoot
            step = max(0.2, 0.7 * step)
        before = gap
        sites = _moved(sites, found, step)
    evidence = now.evidence + float(share.sum())
    return Propagated(
        now, sites, cavity_mean, cavity_variance, log_normaliser, evidence, sweep, bool(gap < TOLERANCE)
    )


def _moved(sites: Sites, tilted: Sequence[np.ndarray], step: float) -> Sites:
    """Return sites that give the tilted moments, or part of the way there."""
    cavity_mean, cavity_variance, _, _, mean, variance = tilted
    precision = np.maximum(1 / variance - 1 / cavity_variance, 0.0)
    shift = np.where(sites.precision + precision > 0, mean / variance - cavity_mean / cavity_variance, 0.0)
    return Sites(
        sites.precision + step * (precision - sites.precision), sites.shift + step * (shift - sites.shift)
    )


@compiled
def log_likelihood(family: int, events: float, size: float, eta: float) -> float:
    """Return the logarithm of an area's likelihood, but for what does not depend on eta."""
    if family == 0:
        return float(events * eta - size * np.exp(eta))
    if eta > 0:
        return float((events - size) * eta - size * np.log1p(np.exp(-eta)))
    return float(events * eta - size * np.log1p(np.exp(eta)))


@compiled
def _mode(
    family: int, events: float, size: float, mean: float, variance: float, eta: float
) -> tuple[float, float]:
    """Return where cavity times likelihood is largest, and the scale of its curvature there."""
    curvature = 1.0 / variance
    for _ in range(100):
        if family == 0:
            rate = np.exp(eta)
            slope, bend = events - size * rate, size * rate
        else:
            rate = 1.0 / (1.0 + np.exp(-eta))
            slope, bend = events - size * rate, size * rate * (1.0 - rate)
        curvature = bend + 1.0 / variance
        move = (slope - (eta - mean) / variance) / curvature
        move = min(max(move, -2.0), 2.0)  # from far below, Newton's step would leap to where exp overflows
        eta += move
        if abs(move) < 1e-6 / np.sqrt(curvature):
            break
    return eta, 1.0 / np.sqrt(curvature)


@compiled
def _moments(
    family: int,
    events: float,
    size: float,
    centre: float,
    rest: float,
    start: float,
    nodes: np.ndarray,
    weights: np.ndarray,
) -> tuple[float, float, float]:
    """Return log integral, mean and variance of a likelihood times a cavity of precision ``rest``."""
    eta, scale = _mode(family, events, size, centre, 1.0 / rest, start)
    logs = np.empty(len(nodes))
    for k in range(len(nodes)):
        x = eta + np.sqrt(2.0) * scale * nodes[k]
        prior = -0.5 * rest * (x - centre) ** 2
        logs[k] = log_likelihood(family, events, size, x) + prior + nodes[k] ** 2
    top, zeroth, first, second = logs.max(), 0.0, 0.0, 0.0
    for k in range(len(nodes)):
        mass = weights[k] * np.exp(logs[k] - top)
        zeroth += mass
        first += mass * nodes[k]
        second += mass * nodes[k] ** 2
    first /= zeroth
    mean, variance = eta + np.sqrt(2.0) * scale * first, 2.0 * scale**2 * (second / zeroth - first**2)
    return top + np.log(zeroth * scale * np.sqrt(rest / np.pi)), mean, variance


@compiled
def _tilted(
    family: int,
    events: np.ndarray,
    size: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    precision: np.ndarray,
    shift: np.ndarray,
    nodes: np.ndarray,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return cavity mean and variance, log normaliser, share of the evidence, tilted mean and variance."""
    n = len(events)
    cavity_mean, cavity_variance = mean.copy(), variance.copy()
    log_normaliser, share = np.zeros(n), np.zeros(n)
    new_mean, new_variance = mean.copy(), variance.copy()
    for i in range(n):
        if np.isnan(events[i]):
            continue
        rest = 1.0 / variance[i] - precision[i]
        centre = (mean[i] / variance[i] - shift[i]) / rest
        cavity_mean[i], cavity_variance[i] = centre, 1.0 / rest
        log_normaliser[i], new_mean[i], new_variance[i] = _moments(
            family, events[i], size[i], centre, rest, mean[i], nodes, weights
        )
        between = rest * centre**2 - mean[i] ** 2 / variance[i]
        share[i] = log_normaliser[i] + 0.5 * (between - np.log(rest * variance[i]))
    return cavity_mean, cavity_variance, log_normaliser, share, new_mean, new_variance
