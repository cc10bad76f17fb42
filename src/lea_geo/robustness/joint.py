"""Where the true rates of all areas may lie, judged jointly: a hierarchical model of all indicators.

On a scale where the variance of a rate hardly depends on the rate (arcsine root for proportions, root for
rates; Anscombe 1948, https://doi.org/10.1093/biomet/35.3-4.246) the true rates of area i are::

    theta_i ~ N(mu, Sigma),   events_ij ~ Binomial(people_ij, sin^2 theta_ij) or Poisson(people_ij theta_ij^2)

mu and Sigma are estimated by EM over all areas. The likelihood is replaced, anew in each round, by the normal
law with its height and curvature where the model now believes theta to be (Laplace), so that ten people count
for what they are. Indicators without noise enter as they are known, by normal scores, and so does the size of
an area: the model may know that small areas are different. What is missing has no likelihood and so no say.
Small areas are drawn towards what areas like them have; that undoes the winner's curse, by which the most
extreme of many noisy rates are too extreme (Fay and Herriot 1979, https://doi.org/10.2307/2286322).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from lea_geo.robustness.observed import ERROR, PROPORTION, RATE, Observed

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS, CLOSE = 200, 1e-3
"""EM stops where no entry of mu and Sigma, of columns of variance 1, moves by more than ``CLOSE``."""
KNOWN = 1e6
"""How many times its variance between areas a column without noise is more precise."""
LEAST = 1e-5
"""The least variance of any combination of columns: that of near duplicates, a part and its whole, say."""
_BLOCK = 2048
"""Areas at a time, so that memory does not grow with the square of the number of indicators."""


@dataclass(frozen=True)
class Posterior:
    """The normal law of what is true on the stabilised scale, area by area."""

    mean: np.ndarray
    """Shape (n, noisy indicators)."""
    root: np.ndarray
    """Lower triangular, root @ root.T is the covariance; shape (n, noisy, noisy)."""
    rounds: int
    """Of EM."""
    settled: bool
    """Whether EM came to rest."""


@dataclass
class _Columns:
    """Working data of EM, with columns centred and of variance 1; changes from round to round."""

    observed: Observed
    y: np.ndarray
    """What stands in for the observations, 0 where there is none; shape (n, p)."""
    root_precision: np.ndarray
    """1 / standard deviation of y, 0 where there is none; shape (n, p)."""
    centre: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, observed: Observed) -> _Columns:
        noisy = observed.noisy
        exact = [j for j, kind in enumerate(observed.kinds) if j not in set(noisy.tolist())]
        first = [_stabilised(observed, j) for j in noisy]
        first += [_normal_scores(observed.value[:, j]) for j in exact]
        with np.errstate(invalid="ignore"):
            first.append(_normal_scores(np.nanmax(np.log(_sizes(observed)), axis=1)))
        y = np.column_stack(first)
        y = y[:, _varies(y) | (np.arange(y.shape[1]) < len(noisy))]
        held = ~np.isnan(y)
        centre = np.nanmean(np.where(held.any(axis=0), y, 0.0), axis=0)
        spread = np.nanstd(np.where(held.any(axis=0), y, 0.0), axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        precision = np.where(held, np.sqrt(KNOWN), 0.0)
        columns = cls(observed, np.where(held, (y - centre) / spread, 0.0), precision, centre, spread)
        columns.look_again(columns.y)
        return columns

    def look_again(self, theta: np.ndarray) -> None:
        """Replace the likelihoods of counts by normal laws around theta (n, p), on the working scale."""
        seen = self.observed
        for at, j in enumerate(seen.noisy):
            held = ~np.isnan(seen.value[:, j])
            here = self.centre[at] + self.spread[at] * theta[held, at]
            y, curvature = _laplace(seen, int(j), held, here)
            self.y[held, at] = (y - self.centre[at]) / self.spread[at]
            self.root_precision[held, at] = self.spread[at] * np.sqrt(curvature)


def posterior(observed: Observed) -> Posterior:
    """Estimate the model and return what it says of every area."""
    columns = _Columns.of(observed)
    mu, sigma = _start(columns)
    settled = False
    for rounds in range(1, ROUNDS + 1):  # noqa: B007 - told below
        mean, covariance = _expectation(columns, mu, sigma)
        new_mu = mean.mean(axis=0)
        away = mean - new_mu
        new_sigma = _firm(covariance + away.T @ away / len(mean))
        moved = max(np.abs(new_mu - mu).max(), np.abs(new_sigma - sigma).max())
        mu, sigma = new_mu, new_sigma
        columns.look_again(mean)
        settled = bool(moved < CLOSE)
        if settled:
            break
    return _told(columns, mu, sigma, rounds, settled)


def _sizes(observed: Observed) -> np.ndarray:
    """Return denominators, and 1 where there is none at all."""
    return np.where(np.isnan(observed.people).all(axis=1, keepdims=True), 1.0, observed.people)


def _varies(y: np.ndarray) -> np.ndarray:
    low, high = np.where(np.isnan(y), np.inf, y).min(axis=0), np.where(np.isnan(y), -np.inf, y).max(axis=0)
    return np.asarray(low < high)


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """Return the normal quantiles of ranks (Blom 1958), NaN where there is no value."""
    held, scores = ~np.isnan(values), np.full(len(values), np.nan)
    scores[held] = ndtri((rankdata(values[held]) - 0.375) / (held.sum() + 0.25))
    return scores


def _stabilised(observed: Observed, j: int) -> np.ndarray:
    """Return Anscombe's transform of an indicator's observations: where EM begins."""
    events = np.where(np.isnan(observed.value[:, j]), np.nan, observed.events[:, j])
    people = observed.people[:, j]
    if observed.kinds[j] == PROPORTION:
        return np.asarray(np.arcsin(np.sqrt((events + 0.375) / (people + 0.75))))
    if observed.kinds[j] == RATE:
        return np.asarray(np.sqrt((events + 0.375) / people))
    return observed.value[:, j].copy()


def _laplace(
    observed: Observed, j: int, held: np.ndarray, theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return centre and curvature of the normal law that the likelihood of an indicator is like at theta."""
    if observed.kinds[j] == ERROR:
        return observed.value[held, j], np.asarray(1 / observed.error[held, j] ** 2)
    x, n = observed.events[held, j], observed.people[held, j]
    mean = (x.sum() + 0.5) / (n.sum() + 1)
    least = 0.1 * np.sqrt(mean)  # at 0 the curvature of a likelihood with events is infinite
    if observed.kinds[j] == RATE:
        theta = np.maximum(theta, least)
        slope, curvature = 2 * x / theta - 2 * n * theta, 2 * x / theta**2 + 2 * n
        return theta + slope / curvature, curvature
    theta = np.clip(theta, least, np.pi / 2 - 0.1 * np.sqrt(max(1 - mean, 1e-6)))
    sine, cosine = np.sin(theta), np.cos(theta)
    slope = 2 * x * cosine / sine - 2 * (n - x) * sine / cosine
    curvature = 2 * x / sine**2 + 2 * (n - x) / cosine**2
    return theta + slope / curvature, curvature


def _start(columns: _Columns) -> tuple[np.ndarray, np.ndarray]:
    """Return the first mu and Sigma: the observed covariance less the mean noise."""
    held = columns.root_precision > 0
    pairs = held.T.astype(float) @ held
    covariance = columns.y.T @ columns.y / np.maximum(pairs, 1)
    noise = np.where(held, 1 / np.maximum(columns.root_precision, 1e-12) ** 2, 0.0).sum(axis=0)
    covariance -= np.diag(noise / np.maximum(held.sum(axis=0), 1))
    return np.zeros(len(covariance)), _firm(covariance, 0.05)


def _firm(sigma: np.ndarray, least: float = LEAST) -> np.ndarray:
    """Return a symmetric matrix with no eigenvalue below ``least``."""
    value, vector = np.linalg.eigh((sigma + sigma.T) / 2)
    firm: np.ndarray = (vector * np.maximum(value, least)) @ vector.T
    return firm


def _blocks(columns: _Columns, mu: np.ndarray, sigma: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give posterior means (areas, p) and covariances (areas, p, p), some areas at a time.

    With R the diagonal of root precisions and M = I + R Sigma R, which is well-conditioned also where
    something is missing (R = 0) or known (R large)::

        mean = mu + Sigma R M^-1 R (y - mu),   covariance = Sigma - Sigma R M^-1 R Sigma
    """
    eye = np.eye(len(mu))
    for first in range(0, len(columns.y), _BLOCK):
        r = columns.root_precision[first : first + _BLOCK]
        left = r[:, :, None] * sigma
        gain = np.linalg.solve(left * r[:, None, :] + eye, left)
        away = r * (columns.y[first : first + _BLOCK] - mu)
        mean = mu + np.matmul(away[:, None, :], gain)[:, 0, :]
        yield mean, sigma - np.matmul(np.swapaxes(left, 1, 2), gain)


def _expectation(columns: _Columns, mu: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return posterior means (n, p) and the mean of posterior covariances (p, p)."""
    means, total = [], np.zeros_like(sigma)
    for mean, covariance in _blocks(columns, mu, sigma):
        means.append(mean)
        total += covariance.sum(axis=0)
    return np.concatenate(means), total / len(columns.y)


def _told(columns: _Columns, mu: np.ndarray, sigma: np.ndarray, rounds: int, settled: bool) -> Posterior:
    q = len(columns.observed.noisy)
    means, roots = [], []
    for mean, covariance in _blocks(columns, mu, sigma):
        means.append(columns.centre[:q] + columns.spread[:q] * mean[:, :q])
        inner = covariance[:, :q, :q]
        inner = (inner + np.swapaxes(inner, 1, 2)) / 2 + 1e-9 * np.eye(q)
        roots.append(columns.spread[:q, None] * np.linalg.cholesky(inner))
    return Posterior(np.concatenate(means), np.concatenate(roots), rounds, settled)
