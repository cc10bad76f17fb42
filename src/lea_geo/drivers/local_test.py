"""Do local coefficients vary more than they would if places did not matter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from lea_geo.drivers.folds import one_core
from lea_geo.drivers.maximum_likelihood import Weights, fit_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.spatial.graph import AreaGraph

EDGE = 1.0000001
"""A kernel reaches so little further than its last area that this one weighs next to nothing, as in mgwr."""
RIDGE = 1e-10
"""Keeps a place where a driver does not vary from stopping the rest."""


@dataclass(frozen=True, eq=False)
class Kernels:
    """Adaptive bisquare weights of every area around every area, for several bandwidths."""

    places: np.ndarray
    bandwidths: tuple[int, ...]

    @cached_property
    def distances(self) -> np.ndarray:
        """Between all areas, shape (n, n)."""
        return np.asarray(cdist(self.places, self.places))

    @cached_property
    def weights(self) -> Mapping[int, np.ndarray]:
        """Of each bandwidth, shape (n, n)."""
        return {number: self.of(number) for number in self.bandwidths}

    def of(self, number: int) -> np.ndarray:
        """Return the weights when a kernel reaches to its ``number`` nearest areas, itself counted."""
        reach = np.partition(self.distances, number - 1, axis=1)[:, number - 1 : number] * EDGE
        share = self.distances / reach
        return np.asarray(np.where(share < 1, (1 - share**2) ** 2, 0.0))


def local_coefficients(weights: np.ndarray, y: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the coefficients around every area, shape (n, k), and AICc of the model of all of them."""
    n, k = design.shape
    products = (design[:, :, None] * design[:, None, :]).reshape(n, k * k)
    squares = (weights @ products).reshape(n, k, k) + RIDGE * np.eye(k)
    sums = weights @ (design * y[:, None])
    solved = np.linalg.solve(squares, np.stack([sums, design], axis=2))
    coefficients = solved[:, :, 0]
    residuals = y - np.einsum("ik,ik->i", design, coefficients)
    trace = float(np.einsum("ik,ik,i->", design, solved[:, :, 1], weights.diagonal()))
    if trace >= n - 2:
        return coefficients, np.inf
    aicc = n * np.log(np.mean(residuals**2)) + n * np.log(2 * np.pi) + n * (n + trace) / (n - 2 - trace)
    return coefficients, float(aicc)


def variability_test(
    kernels: Kernels,
    y: np.ndarray,
    design: np.ndarray,
    links: AreaGraph | None,
    *,
    runs: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard deviations of local coefficients and the p-values of their being so large.

    With links, outcomes are made by a spatial error model fitted to the data, its coefficients the same
    everywhere and its innovations drawn again: errors stay alike between neighbours, as they are in the data,
    and drivers stay where they are (Harris and others 2017). Without links, rows of outcome and drivers are
    shuffled over the places, which takes errors for independent. The bandwidth with the smallest AICc is
    chosen among the same ones for the data and for every run, so that choosing it is part of what chance can
    do.

    Returns
    -------
    tuple of numpy.ndarray
        Of each column of ``design``; p = (count + 1) / (runs + 1).
    """
    with one_core():
        observed = _spread(kernels, y, design)
        count = np.zeros(design.shape[1])
        null = None if links is None else _Null.of(y, design, links)
        for run in range(runs):
            random = np.random.Generator(np.random.Philox(key=np.array([seed, run], dtype=np.uint64)))
            if null is None:
                order = random.permutation(len(y))
                drawn = _spread(kernels, y[order], design[order])
            else:
                drawn = _spread(kernels, null.draw(random), design)
            count += drawn >= observed * (1 - 1e-12)
    return observed, (count + 1) / (runs + 1)


@dataclass(frozen=True, eq=False)
class _Null:
    """Outcomes with the same coefficients everywhere and errors that are as alike as in the data."""

    mean: np.ndarray
    innovations: np.ndarray
    spread: np.ndarray
    """(I - l W)^-1, shape (n, n)."""

    @classmethod
    def of(cls, y: np.ndarray, design: np.ndarray, links: AreaGraph) -> _Null:
        weights = Weights.of(links.transform("row").sparse())
        fitted = fit_error(y, design, weights)
        n, k = design.shape
        # Residuals are smaller than errors by what the coefficients take.
        innovations = (fitted.residuals - fitted.residuals.mean()) * np.sqrt(n / (n - k))
        spread = np.linalg.inv(np.eye(n) - fitted.estimates[-1] * weights.matrix)
        return cls(fitted.predicted, innovations, spread)

    def draw(self, random: np.random.Generator) -> np.ndarray:
        picks = random.integers(len(self.innovations), size=len(self.innovations))
        return np.asarray(self.mean + self.spread @ self.innovations[picks])


def _spread(kernels: Kernels, y: np.ndarray, design: np.ndarray) -> np.ndarray:
    tried = [local_coefficients(weights, y, design) for weights in kernels.weights.values()]
    best = min(range(len(tried)), key=lambda i: tried[i][1])
    return np.asarray(tried[best][0].std(axis=0))
