"""Do local coefficients vary more than they would if places did not matter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from lea_geo.drivers.folds import one_core

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    kernels: Kernels, y: np.ndarray, design: np.ndarray, *, runs: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard deviations of local coefficients and the p-values of their being so large.

    Rows of outcome and drivers are shuffled over the places; the bandwidth with the smallest AICc is chosen
    among the same ones for the data and for every shuffle, so that choosing it is part of what chance can do.

    Returns
    -------
    tuple of numpy.ndarray
        Of each column of ``design``; p = (count + 1) / (runs + 1).
    """
    with one_core():
        observed = _spread(kernels, y, design)
        count = np.zeros(design.shape[1])
        for run in range(runs):
            random = np.random.Generator(np.random.Philox(key=np.array([seed, run], dtype=np.uint64)))
            order = random.permutation(len(y))
            count += _spread(kernels, y[order], design[order]) >= observed * (1 - 1e-12)
    return observed, (count + 1) / (runs + 1)


def _spread(kernels: Kernels, y: np.ndarray, design: np.ndarray) -> np.ndarray:
    tried = [local_coefficients(weights, y, design) for weights in kernels.weights.values()]
    best = min(range(len(tried)), key=lambda i: tried[i][1])
    return np.asarray(tried[best][0].std(axis=0))
