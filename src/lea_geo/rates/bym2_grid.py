"""Integration over the two hyperparameters of BYM2: sigma = 1 / sqrt(tau), and phi by its distance d(phi).

The priors are exponential in both, and the likelihood is smooth in both down to 0, where neither of them does
anything. So Gauss and Legendre's rule fits: over the range of d that holds the posterior, and for each d over
the range of sigma. The ranges are found with the sites held at those of the mode, which is cheap and near
enough; what is integrated comes from sites that agree at every node.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, minimize

from lea_geo._compiled import thread_count
from lea_geo.rates.bym2_sites import Likelihood, Propagated, propagate

if TYPE_CHECKING:
    from collections.abc import Callable

    from lea_geo.rates.bym2_field import Field, Sites

NODES = 11
"""In each of the two directions."""
REACH = 4.5
"""The ranges go to where the density has fallen as a Gaussian's has at so many standard deviations."""
LEAST_WEIGHT = 1e-5
"""Nodes that seem to hold less than this share of the largest are left out."""
LEAST_SIGMA, MOST_SIGMA = 1e-3, 50.0
STEP = 0.1
"""Of log sigma, between the points of a parabola."""


@dataclass(frozen=True)
class Priors:
    """Rates of the exponential priors of sigma and of d(phi)."""

    sigma: float
    distance: float

    @classmethod
    def of(cls, field: Field, precision: tuple[float, float], mixing: tuple[float, float]) -> Priors:
        """Return the priors with P(sigma > U) = alpha and P(phi < U) = alpha."""
        half = field.structure.mixing.distance(mixing[0])
        return cls(-np.log(precision[1]) / precision[0], -np.log1p(-mixing[1]) / half)


@dataclass(frozen=True, eq=False)
class Node:
    """One point of hyperparameters."""

    sigma: float
    distance: float
    width: float
    """Of d: the part of its range that the node stands for."""
    shares: tuple[float, float]
    log_density: float
    """Of the posterior, up to a constant, in sigma and d."""
    weight: float
    """Share of the posterior."""
    found: Propagated


@dataclass(frozen=True, eq=False)
class Surface:
    """The posterior of sigma and d."""

    field: Field
    likelihood: Likelihood
    priors: Priors

    def shares(self, distance: float) -> tuple[float, float]:
        return self.field.structure.mixing.shares(distance)

    def log_prior(self, sigma: float, distance: float) -> float:
        return -self.priors.sigma * sigma - self.priors.distance * distance

    def held(self, sites: Sites, sigma: float, distance: float) -> float:
        """Return the log density if the sites stay as they are."""
        found = self.field.given(sites, sigma, self.shares(distance), variances=False)
        return found.evidence + self.log_prior(sigma, distance)

    def propagated(self, sites: Sites, sigma: float, distance: float) -> Propagated:
        return propagate(self.field, self.likelihood, sigma, self.shares(distance), sites)


@dataclass(frozen=True)
class _Range:
    """Where a log density is within REACH standard deviations of its top, or as far as its variable goes."""

    best: float
    top: float
    low: float
    high: float
    fallen: tuple[float, float]
    """By how many standard deviations at either end."""

    def guess(self, x: np.ndarray) -> np.ndarray:
        """Return the log density as if it were half a Gaussian's to either side."""
        ends = np.where(x < self.best, self.best - self.low, self.high - self.best)
        fallen = np.where(x < self.best, *self.fallen)
        return np.asarray(self.top - 0.5 * (fallen * (x - self.best) / ends) ** 2)


@dataclass(frozen=True, eq=False)
class _Row:
    """Values of sigma at one d, the widths that they stand for, and about what each holds, as a logarithm."""

    distance: float
    width: float
    sigmas: np.ndarray
    widths: np.ndarray
    mass: np.ndarray


def integrate(surface: Surface, nodes: int = NODES) -> list[Node]:
    """Return the nodes that hold the posterior, with their weights."""
    mode, sites = _mode(surface)
    ridge = _Ridge(surface, sites, mode[0])
    x, w = np.polynomial.legendre.leggauss(nodes)
    found = ridge.range_of_distance(mode[1])
    rows = []
    for distance, width in _distances(surface, found.low, found.high, x, w):
        around = ridge.range_of_sigma(distance)
        half = (around.high - around.low) / 2
        sigmas, widths = around.low + half * (x + 1), half * w
        rows.append(_Row(distance, width, sigmas, widths, around.guess(sigmas) + np.log(width * widths)))
    least = max(row.mass.max() for row in rows) + np.log(LEAST_WEIGHT)
    with ThreadPoolExecutor(min(thread_count(), len(rows))) as pool:
        done = list(pool.map(lambda row: _propagated(surface, sites, row, least), rows))
    kept = [node for row in done for node in row]
    logs = np.array([node.weight for node in kept])
    shares = np.exp(logs - logs.max())
    return [replace(node, weight=share) for node, share in zip(kept, shares / shares.sum(), strict=True)]


def _distances(
    surface: Surface, low: float, high: float, x: np.ndarray, w: np.ndarray
) -> list[tuple[float, float]]:
    """Return the values of d and their widths; the last may stand for all where phi is as good as 1."""
    full = surface.field.structure.mixing.full
    end = min(high, full)
    found = list(zip(low + (end - low) * (x + 1) / 2, w * (end - low) / 2, strict=True))
    return [*found, (full, 1 / surface.priors.distance)] if high > full else found


def _propagated(surface: Surface, sites: Sites, row: _Row, least: float) -> list[Node]:
    """Return the nodes of a row, from the likeliest outwards, each beginning with its neighbour's sites.

    The weights are logarithms yet, and not of shares.
    """
    kept, best = np.flatnonzero(row.mass > least), int(np.argmax(row.mass))
    shares = surface.shares(row.distance)
    found: dict[int, Node] = {}
    for order in (kept[kept >= best], kept[kept < best][::-1]):
        start = found[best].found.sites if best in found else sites
        for k in order:
            sigma = float(row.sigmas[k])
            done = surface.propagated(start, sigma, row.distance)
            density = done.evidence + surface.log_prior(sigma, row.distance)
            weight = density + float(np.log(row.width * row.widths[k]))
            found[k] = Node(sigma, row.distance, row.width, shares, density, weight, done)
            start = done.sites
    return [found[k] for k in sorted(found)]


def _mode(surface: Surface) -> tuple[np.ndarray, Sites]:
    """Return sigma and d where the density is largest, and the sites there."""
    typical = surface.field.structure.mixing.distance(0.5)
    farthest = typical + 12.0 / surface.priors.distance
    bounds = Bounds(np.log([LEAST_SIGMA, 1e-3 * typical]), np.log([MOST_SIGMA, farthest]))
    sites, at = surface.likelihood.first_sites(), np.log([0.3, typical])
    for _ in range(2):
        options: Any = {"xatol": 0.02, "fatol": 0.02, "maxfev": 120, "initial_simplex": at + _SIMPLEX}
        at = minimize(_fall, at, (surface, sites), method="Nelder-Mead", bounds=bounds, options=options).x
        sites = surface.propagated(sites, *np.exp(at)).sites
    return np.exp(at), sites


def _fall(at: np.ndarray, surface: Surface, sites: Sites) -> float:
    return -surface.held(sites, *np.exp(at))


_SIMPLEX = np.array([[0.0, 0.0], [0.4, 0.0], [0.0, 0.6]])


class _Ridge:
    """Where the density is, with sites held: the best sigma for each d, and the range around it."""

    def __init__(self, surface: Surface, sites: Sites, sigma: float) -> None:
        self.surface, self.sites, self.at = surface, sites, float(np.log(sigma))

    def held(self, log_sigma: float, distance: float) -> float:
        return self.surface.held(self.sites, float(np.exp(log_sigma)), distance)

    def best_sigma(self, distance: float) -> tuple[float, float]:
        """Return the best sigma and the log density there, by parabolas that begin at the last one."""
        x, low, high = self.at, np.log(LEAST_SIGMA), np.log(MOST_SIGMA)
        for _ in range(20):
            left, here, right = (self.held(x + step, distance) for step in (-STEP, 0.0, STEP))
            slope, bend = (right - left) / (2 * STEP), (right - 2 * here + left) / STEP**2
            move = -slope / bend if bend < 0 else np.sign(slope) * 4 * STEP
            move = float(np.clip(np.clip(move, -6 * STEP, 6 * STEP), low - x, high - x))
            if abs(move) <= STEP:
                here += slope * move + 0.5 * bend * move**2
                break
            x += move
        self.at = x + move
        return float(np.exp(self.at)), here

    def range_of_sigma(self, distance: float) -> _Range:
        best, top = self.best_sigma(distance)
        return _range(lambda s: self.surface.held(self.sites, s, distance), best, top, LEAST_SIGMA)

    def range_of_distance(self, best: float) -> _Range:
        typical = self.surface.field.structure.mixing.distance(0.5)
        top = self.best_sigma(best)[1]
        return _range(lambda d: self.best_sigma(d)[1], best, top, 1e-3 * typical)


def _range(density: Callable[[float], float], best: float, top: float, least: float) -> _Range:
    low, fallen_low = _edge(density, best, top, -0.15 * best, least)
    high, fallen_high = _edge(density, best, top, 0.15 * best, least)
    return _Range(best, top, low, high, (fallen_low, fallen_high))


def _edge(
    density: Callable[[float], float], best: float, top: float, step: float, least: float
) -> tuple[float, float]:
    """Return an end of the range and how far the density has fallen there.

    The root of the fall grows about linearly with the way.
    """
    for _ in range(12):
        x = max(best + step, least)
        fallen = float(np.sqrt(2 * max(top - density(x), 0.0)))
        if x <= least and fallen < REACH:
            return 0.0, fallen
        if abs(fallen - REACH) < 0.1 * REACH:
            break
        step = (x - best) * min(max(REACH / max(fallen, 1e-9), 0.3), 3.0)
    return x, fallen
