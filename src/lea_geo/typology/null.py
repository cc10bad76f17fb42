"""How many kinds there are at all: the same search among areas that are of k kinds and no more.

Any number of types can be cut out of a single cloud of areas, and where there are many areas even a cut
through a cloud lasts (Ben-David, von Luxburg and Pál 2006). So, for k = 1, 2 ... in turn, areas are made up
that are of k kinds, each a normal law of log-ratios and indicators with the mean and the spread that its
areas have beyond noise, seen through counts as small as theirs. The share of such worlds in which some
larger number of types explains as much more as it does here is the p-value of "no more than k"; the first k
that it does not refuse is how many kinds there are. Since the true number is tested once, too many are found
in at most the stated share of studies. With k = 1 this is SigClust, for any number of types and with noise.

References
----------
Liu, Hayes, Nobel and Marron (2008), https://doi.org/10.1198/016214508000000454
Tibshirani, Walther and Hastie (2001), https://doi.org/10.1111/1467-9868.00293
Ben-David, von Luxburg and Pál (2006), https://doi.org/10.1007/11776420_4
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.typology.fits import AGAIN, fit, scatter
from lea_geo.typology.streams import stream, whole_seed
from lea_geo.typology.zeros import least_shares, prior, replaced

if TYPE_CHECKING:
    from lea_geo.typology.features import Features

_OWN_SPREAD = 3
"""A type with this many areas a dimension has a spread of its own in made-up worlds; others share one."""


@dataclass(frozen=True)
class Structure:
    """How the areas differ from areas of k kinds and no more."""

    p_more: dict[int, float]
    """By k: the share of worlds of k kinds in which more types explain as much more as here."""
    found: int
    """The first k that is not refused."""
    gap: np.ndarray
    """Tibshirani's gap against worlds of one kind, for k = 1 ...; shape (k_most,)."""


def structure(
    seen: Features, weights: np.ndarray, *, k_most: int, worlds: int, alpha: float, seed: int
) -> Structure:
    """Test one kind, two kinds ... until so many are enough.

    Parameters
    ----------
    worlds
        How many are made up for each k; the smallest p-value is 1 / (worlds + 1).
    alpha
        How often one kind too many may be found.
    """
    here, labels = _searched(seen.x, weights, range(1, k_most + 1), whole_seed(seed, "null"), AGAIN)
    p_more: dict[int, float] = {}
    gap = np.full(k_most, np.nan)
    for k in range(1, k_most):
        there = _worlds(seen, weights, labels[k - 1], range(k, k_most + 1), worlds, seed)
        if k == 1:
            gap = there.mean(axis=0) - here
        p_more[k] = _refused(here[k - 1 :], there)
        if p_more[k] > alpha:
            return Structure(p_more, k, gap)
    return Structure(p_more, k_most, gap)


def _refused(here: np.ndarray, there: np.ndarray) -> float:
    """Return the share of worlds whose best larger number explains as much more as the best one here.

    Parameters
    ----------
    here
        Logarithms of sums of squares for k, k + 1 ...
    there
        The same of each world, shape (worlds, ...).
    """
    both = np.vstack([here, there])
    fell = both[:, :1] - both[:, 1:]
    spread = fell.std(axis=0)
    best = ((fell - fell.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).max(axis=1)
    return float((best >= best[0] - 1e-12).mean())


def _worlds(
    seen: Features, weights: np.ndarray, labels: np.ndarray, ks: range, worlds: int, seed: int
) -> np.ndarray:
    """Return logarithms of sums of squares in made-up worlds of the labelled kinds; shape (worlds, ks)."""
    kinds = _laws(seen, labels)
    found = []
    for world in range(1, worlds + 1):
        x = _world(seen, kinds, labels, stream(seed, "null", world))
        found.append(_searched(x, weights, ks, whole_seed(seed, "start", world), AGAIN)[0])
    return np.array(found)


def _laws(seen: Features, labels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the mean of each kind and a root of its covariance beyond noise."""
    size = seen.x.shape[1]
    means = np.array([seen.x[labels == one].mean(axis=0) for one in range(labels.max() + 1)])
    away = seen.x - means[labels]
    shared = away.T @ away / max(1, len(away) - len(means))
    roots = []
    for one in range(len(means)):
        own = away[labels == one]
        spread = own.T @ own / (len(own) - 1) if len(own) > _OWN_SPREAD * size else shared
        value, vector = np.linalg.eigh(spread - seen.noise())
        roots.append(vector * np.sqrt(np.maximum(value, 0.0)))
    return list(zip(means, roots, strict=True))


def _world(
    seen: Features,
    kinds: list[tuple[np.ndarray, np.ndarray]],
    labels: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return coordinates of as many areas of those kinds, seen through the same small numbers."""
    z = rng.standard_normal(seen.x.shape)
    true = np.empty_like(z)
    for one, (mean, root) in enumerate(kinds):
        true[labels == one] = mean + z[labels == one] @ root.T
    kept = seen.composition
    values = seen.scale.values_at(true) + seen.errors * rng.standard_normal(seen.errors.shape)
    if kept is None:
        return seen.scale.place(seen.shares, values)
    shares = seen.scale.shares_at(true)
    if kept.counts is None:
        return seen.scale.place(shares, values)
    people = np.maximum(1, np.rint(kept.counts.sum(axis=1))).astype(np.int64)
    counts = rng.multinomial(people, shares).astype(float)
    least = least_shares(counts, prior(counts + 0.01, kept.zeros))  # a part may have died out in such a world
    return seen.scale.place(replaced(counts / counts.sum(axis=1, keepdims=True), least), values)


def _searched(
    x: np.ndarray, weights: np.ndarray, ks: range, seed: int, starts: int
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the logarithm of k-means' sum of squares for each k, and the labels."""
    found, labels = [], []
    for k in ks:
        made = fit("kmeans", x, k, weights=weights, seed=seed, starts=starts)
        found.append(np.log(max(scatter(x, made.labels, weights), 1e-300)))
        labels.append(made.labels)
    return np.array(found), labels
