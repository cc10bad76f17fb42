"""What is read from the nodes of BYM2: each area's own posterior, and those of the hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from lea_geo._compiled import compiled
from lea_geo.rates.bym2_sites import Likelihood, log_likelihood

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lea_geo.rates.bym2_field import Mixing
    from lea_geo.rates.bym2_grid import Node

LEAST_SHARE = 1e-6
"""Nodes that hold less of the posterior are left out of densities."""
POINTS, REACH = 241, 12.0
"""Of each area's density: how many, and how many standard deviations to either side; mixed over tau, tails
are heavy where there are few areas."""
LEAST_ROW = 3
"""Values of sigma that a curve can be drawn through; a d that has fewer holds next to nothing."""
SUMMARY = ["mean", "sd", "lower", "median", "upper"]


@dataclass(frozen=True, eq=False)
class Marginals:
    """Summaries of each area's posterior, each of shape (n,)."""

    mean: np.ndarray
    sd: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    exceedance: np.ndarray
    linear_mean: np.ndarray
    linear_sd: np.ndarray
    structured: np.ndarray
    unstructured: np.ndarray


def marginals(nodes: Sequence[Node], likelihood: Likelihood, level: float, threshold: float) -> Marginals:
    """Return each area's posterior: a mixture over nodes of cavity times likelihood.

    ``linear`` is of log relative risk, log rate or logit; the other columns are of its inverse, and the parts
    are posterior means on the linear scale.
    """
    kept = [node for node in nodes if node.weight > LEAST_SHARE]
    weights = np.array([node.weight for node in kept]) / sum(node.weight for node in kept)
    found = [node.found for node in kept]
    means = np.array([one.field.mean for one in found])
    variances = np.array([one.field.variance for one in found])
    centre = weights @ means
    scale = np.sqrt(weights @ (variances + (means - centre) ** 2))
    cut = np.log(threshold) if likelihood.family == 0 else np.log(threshold) - np.log1p(-threshold)
    columns = _summaries(
        likelihood.family, likelihood.events, likelihood.size, centre, scale, weights,
        np.array([one.cavity_mean for one in found]), np.array([one.cavity_variance for one in found]),
        np.array([one.log_normaliser for one in found]),
        0.5 * (1 - level), 0.5 * (1 + level), cut, np.linspace(-REACH, REACH, POINTS),
    )  # fmt: skip
    structured = weights @ np.array([one.field.structured for one in found])
    unstructured = weights @ np.array([one.field.unstructured for one in found])
    return Marginals(*[*columns.T, structured, unstructured])


@compiled
def _quantile(x: np.ndarray, density: np.ndarray, below: np.ndarray, share: float) -> float:
    """Return where a piecewise linear density has a share of itself below."""
    k = int(np.searchsorted(below, share)) - 1
    k = min(max(k, 0), len(x) - 2)
    rest, here, step = share - below[k], density[k], x[k + 1] - x[k]
    bend = (density[k + 1] - here) / step
    # rest = here t + bend t^2 / 2, solved in the form that does not cancel
    return float(x[k] + 2.0 * rest / (here + np.sqrt(max(here * here + 2.0 * bend * rest, 1e-300))))


@compiled
def _below(x: np.ndarray, density: np.ndarray, below: np.ndarray, cut: float) -> float:
    """Return the share of a piecewise linear density below ``cut``."""
    if cut <= x[0]:
        return 0.0
    if cut >= x[-1]:
        return 1.0
    k = int(np.searchsorted(x, cut)) - 1
    way = cut - x[k]
    bend = (density[k + 1] - density[k]) / (x[k + 1] - x[k])
    return float(below[k] + density[k] * way + 0.5 * bend * way * way)


@compiled
def _density(
    family: int,
    events: float,
    size: float,
    x: np.ndarray,
    weights: np.ndarray,
    centres: np.ndarray,
    variances: np.ndarray,
    logs: np.ndarray,
) -> np.ndarray:
    """Return the mixture of cavity times likelihood at the points ``x``."""
    density = np.zeros(len(x))
    for k in range(len(x)):
        told = 0.0 if np.isnan(events) else log_likelihood(family, events, size, x[k])
        for node in range(len(weights)):
            way = x[k] - centres[node]
            log_density = told - logs[node] - 0.5 * way * way / variances[node]
            density[k] += weights[node] * np.exp(log_density) / np.sqrt(2.0 * np.pi * variances[node])
    return density


@compiled
def _summaries(
    family: int,
    events: np.ndarray,
    size: np.ndarray,
    centre: np.ndarray,
    scale: np.ndarray,
    weights: np.ndarray,
    cavity_mean: np.ndarray,
    cavity_variance: np.ndarray,
    log_normaliser: np.ndarray,
    low: float,
    high: float,
    cut: float,
    grid: np.ndarray,
) -> np.ndarray:
    """Return the first seven columns of ``Marginals``, shape (n, 7)."""
    n = len(events)
    found = np.empty((n, 7))
    for i in range(n):
        x = centre[i] + scale[i] * grid
        density = _density(
            family, events[i], size[i], x, weights,
            cavity_mean[:, i].copy(), cavity_variance[:, i].copy(), log_normaliser[:, i].copy(),
        )  # fmt: skip
        density /= density.sum() * (x[1] - x[0])
        below = np.zeros(len(x))
        below[1:] = np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(x))
        natural = np.exp(x) if family == 0 else 1.0 / (1.0 + np.exp(-x))
        mass = density * (x[1] - x[0])
        mean, linear = np.sum(mass * natural), np.sum(mass * x)
        found[i, 0], found[i, 1] = mean, np.sqrt(np.sum(mass * (natural - mean) ** 2))
        for side, share in ((2, low), (3, high)):
            at = _quantile(x, density, below, share)
            found[i, side] = np.exp(at) if family == 0 else 1.0 / (1.0 + np.exp(-at))
        found[i, 4] = min(max(1.0 - _below(x, density, below, cut), 0.0), 1.0)
        found[i, 5], found[i, 6] = linear, np.sqrt(np.sum(mass * (x - linear) ** 2))
    return found


def hyperparameters(
    nodes: Sequence[Node], mixing: Mixing, level: float, names: Sequence[str], scales: np.ndarray
) -> pd.DataFrame:
    """Return mean, sd and quantiles of precision, its logarithm, sd, mixing, intercept and coefficients.

    ``scales`` (coefficients,) is what one unit of each column of the design is in the user's units.
    """
    shares = np.array([0.5 * (1 - level), 0.5, 0.5 * (1 + level)])
    weights = np.array([node.weight for node in nodes])
    sigmas = np.array([node.sigma for node in nodes])
    sigma_at = _quantiles_of(*_sigma_density(nodes), shares)
    distance_at = _quantiles_of(*_distance_density(nodes, mixing.full), shares)
    rows = {
        "precision": [np.nan, np.nan, *(sigma_at[::-1] ** -2.0)],  # it has no finite mean
        "log_precision": [*_moments(weights, -2 * np.log(sigmas)), *(-2 * np.log(sigma_at[::-1]))],
        "sd": [*_moments(weights, sigmas), *sigma_at],
        "mixing": [
            *_moments(weights, np.array([node.shares[0] for node in nodes])),
            *(mixing.shares(float(d))[0] for d in distance_at),
        ],
    }
    for k, name in enumerate(names):
        centres = np.array([node.found.field.coefficients[k] for node in nodes]) / scales[k]
        spread = np.sqrt([node.found.field.covariance[k, k] for node in nodes]) / scales[k]
        rows[name] = _normal_mixture(weights, centres, spread, shares)
    return pd.DataFrame.from_dict(rows, orient="index", columns=SUMMARY).rename_axis("parameter")


def _moments(weights: np.ndarray, x: np.ndarray, noise: np.ndarray | float = 0.0) -> tuple[float, float]:
    mean = float(weights @ x)
    return mean, float(np.sqrt(weights @ (np.square(x - mean) + np.square(noise))))


def _normal_mixture(
    weights: np.ndarray, centres: np.ndarray, spread: np.ndarray, shares: np.ndarray
) -> list[float]:
    mean, sd = _moments(weights, centres, spread)
    x = mean + sd * np.linspace(-8, 8, 3201)
    below = ndtr((x[:, None] - centres) / spread) @ weights
    return [mean, sd, *np.interp(shares, below, x)]


def _quantiles_of(x: np.ndarray, density: np.ndarray, shares: np.ndarray) -> np.ndarray:
    below = cumulative_trapezoid(density, x, initial=0)
    return np.asarray(np.interp(shares * below[-1], below, x))


def _sigma_density(nodes: Sequence[Node]) -> tuple[np.ndarray, np.ndarray]:
    """Return the posterior density of sigma on a fine grid: that at each d, weighted."""
    sigmas = [node.sigma for node in nodes]
    x = np.linspace(0.8 * min(sigmas), 1.2 * max(sigmas), 4001)
    density = np.zeros(len(x))
    for _, group in groupby(nodes, key=lambda node: node.distance):
        row = list(group)
        if len(row) >= LEAST_ROW:
            own = _exp_spline([node.sigma for node in row], [node.log_density for node in row])(x)
            density += own * sum(node.weight for node in row) / np.trapezoid(own, x)
    return x, density


def _distance_density(nodes: Sequence[Node], full: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the posterior density of d on a fine grid."""
    rows = [list(group) for _, group in groupby(nodes, key=lambda node: node.distance)]
    d, widths = [row[0].distance for row in rows], [row[0].width for row in rows]
    curve = _exp_spline(d, [np.log(sum(node.weight for node in row) / row[0].width) for row in rows])
    if d[-1] < full:
        x = np.linspace(max(0.0, d[0] - widths[0]), d[-1] + widths[-1], 4001)
        return x, curve(x)
    x = np.linspace(max(0.0, d[0] - widths[0]), full, 4001)
    beyond = np.linspace(0.0, 20.0, 2001)[1:]  # there the prior alone makes the density fall
    density = curve(x)
    return np.append(x, full + widths[-1] * beyond), np.append(density, density[-1] * np.exp(-beyond))


def _exp_spline(x: Sequence[float], logs: Sequence[float]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a density of which logarithms are known: 0 farther beyond its ends than half a step."""
    curve = CubicSpline(x, np.subtract(logs, max(logs)))
    low, high = x[0] - 0.5 * (x[1] - x[0]), x[-1] + 0.5 * (x[-1] - x[-2])

    def density(at: np.ndarray) -> np.ndarray:
        return np.where((at >= low) & (at <= high), np.exp(np.minimum(curve(at), 1.0)), 0.0)

    return density
