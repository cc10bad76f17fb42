"""One division of areas into types, by one of four methods."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("kmeans", "mixture", "ward", "hdbscan")
NONE = -1
"""The label of an area that belongs to no type; only HDBSCAN leaves any."""
STARTS = 10
"""How often k-means and mixtures begin anew for the stated data; the best is kept."""
AGAIN = 3
"""The same for data drawn again."""


@dataclass(frozen=True)
class Fit:
    """A division, and what places other areas in it."""

    labels: np.ndarray
    """0 to k - 1, or ``NONE``; shape (n,)."""
    centres: np.ndarray
    """Shape (k, dimensions)."""
    mixture: Any = None
    """scikit-learn's fitted mixture, of a mixture."""

    @property
    def k(self) -> int:
        """How many types."""
        return len(self.centres)

    def memberships(self, x: np.ndarray) -> np.ndarray:
        """Return the probability of each type for other areas: a mixture's, or 1 for the nearest; (n, k)."""
        if self.mixture is not None:
            return np.asarray(self.mixture.predict_proba(x))
        own: np.ndarray = np.eye(self.k)[self.assign(x)]
        return own

    def assign(self, x: np.ndarray) -> np.ndarray:
        """Return the type of other areas, shape (n,)."""
        if self.mixture is not None:
            return np.asarray(self.mixture.predict(x))
        return nearest(x, self.centres)

    def ordered(self, order: np.ndarray) -> Fit:
        """Return the same with type ``order[j]`` as the j-th."""
        place = np.argsort(order)
        labels = np.where(self.labels == NONE, NONE, place[self.labels])
        mixture = self.mixture
        if mixture is not None:
            mixture = _reordered(mixture, order)
        return Fit(labels, self.centres[order], mixture)


def letters(k: int) -> list[str]:
    """Return the names of k types: A, B ... Z, AA ..."""
    alphabet = [chr(65 + i) for i in range(26)]
    return (alphabet + [one + other for one in alphabet for other in alphabet])[:k]


def nearest(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the position of the nearest centre, the first of equals; shape (n,)."""
    return np.asarray(_squares(x, centres).argmin(axis=1))


def _squares(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.asarray(((x[:, None, :] - centres[None, :, :]) ** 2).sum(axis=-1))


def scatter(x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted sum of squares around the means of types."""
    total = 0.0
    for label in np.unique(labels):
        own, w = x[labels == label], weights[labels == label][:, None]
        total += float((w * (own - (w * own).sum(axis=0) / w.sum()) ** 2).sum())
    return total


@contextmanager
def quiet() -> Iterator[None]:
    """Keep libraries to one thread, so that sums round alike everywhere, and their warnings to themselves."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - it takes a second
    from threadpoolctl import (  # noqa: PLC0415 - scikit-learn brings it
        threadpool_limits,
    )

    with threadpool_limits(1), warnings.catch_warnings():
        # Fewer distinct points than types, or a mixture that still moves: the table of stability shows both.
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def fit(
    method: str,
    x: np.ndarray,
    k: int,
    *,
    weights: np.ndarray,
    seed: int,
    starts: int = STARTS,
    covariance: str = "tied",
) -> Fit:
    """Divide areas into k types; for HDBSCAN k is the least number of areas of a type.

    Parameters
    ----------
    x
        Coordinates, shape (n, dimensions).
    weights
        How much each area counts in k-means, shape (n,).
    """
    if method == "kmeans":
        labels = _kmeans(x, k, weights, seed, starts)
    elif method == "mixture":
        return _mixture(x, k, seed, starts, covariance)
    elif method == "ward":
        labels = _ward(x, k)
    else:
        labels = _hdbscan(x, k)
    return fit_of(x, labels, weights)


def fit_of(x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Fit:
    """Return a division that somebody else made, its labels counted from 0."""
    there = np.unique(labels[labels != NONE])
    renamed = np.full(len(labels), NONE)
    centres = np.zeros((len(there), x.shape[1]))
    for new, old in enumerate(there):
        own = labels == old
        renamed[own] = new
        centres[new] = np.average(x[own], axis=0, weights=weights[own])
    return Fit(renamed, centres)


def _kmeans(x: np.ndarray, k: int, weights: np.ndarray, seed: int, starts: int) -> np.ndarray:
    from sklearn.cluster import KMeans  # noqa: PLC0415 - it takes a second

    if k == 1:
        return np.zeros(len(x), dtype=int)
    made = KMeans(k, n_init=starts, random_state=seed, algorithm="lloyd").fit(x, sample_weight=weights)
    return np.asarray(made.labels_, dtype=int)


def _mixture(x: np.ndarray, k: int, seed: int, starts: int, covariance: str) -> Fit:
    from sklearn.mixture import GaussianMixture  # noqa: PLC0415 - it takes a second

    # A little of the whole variance keeps a type of few areas from shrinking to a point.
    least = 1e-3 * float(x.var(axis=0).mean()) + 1e-12
    made = GaussianMixture(
        k, covariance_type=covariance, n_init=starts, random_state=seed, reg_covar=least, max_iter=200
    ).fit(x)
    return Fit(np.asarray(made.predict(x), dtype=int), np.asarray(made.means_), made)


def _reordered(mixture: Any, order: np.ndarray) -> Any:  # noqa: ANN401 - scikit-learn's
    from copy import copy  # noqa: PLC0415 - with its only use

    turned = copy(mixture)
    turned.weights_, turned.means_ = mixture.weights_[order], mixture.means_[order]
    if mixture.covariance_type == "full":
        for name in ("covariances_", "precisions_", "precisions_cholesky_"):
            setattr(turned, name, getattr(mixture, name)[order])
    return turned


def _ward(x: np.ndarray, k: int) -> np.ndarray:
    from scipy.cluster.hierarchy import fcluster, ward  # noqa: PLC0415 - with its only use

    if k == 1:
        return np.zeros(len(x), dtype=int)
    return np.asarray(fcluster(ward(x), k, criterion="maxclust") - 1)


def _hdbscan(x: np.ndarray, least: int) -> np.ndarray:
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - it takes a second

    made = HDBSCAN(min_cluster_size=least, min_samples=min(5, least), copy=True, n_jobs=1).fit(x)
    return np.asarray(made.labels_, dtype=int)
