"""The formulas of segregation, over many tables at once.

Counts have the shape (..., areas, groups), everybody in exactly one group. What leads is runs or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import entr

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TWO_GROUPS = (
    "dissimilarity",
    "gini",
    "information_theory",
    "mutual_information",
    "atkinson",
    "correlation_ratio",
    "isolation",
    "interaction",
)
"""The indices of a group against everybody else, in the order of a result."""
MANY_GROUPS = (
    "dissimilarity",
    "gini",
    "information_theory",
    "mutual_information",
    "relative_diversity",
    "squared_variation",
    "normalized_exposure",
)
"""The indices of three groups or more."""
AROUND = ("dissimilarity", "information_theory", "mutual_information", "relative_diversity")
"""Those of them that are defined for what surrounds people, whatever the number of groups."""
COMPOSITION = ("isolation", "interaction")
"""Those that follow the group's size as well as how evenly it lives: they are not 0 under equal shares."""

ROOTS = ("dissimilarity", "gini")
"""Those that grow with the spread of shares; the others grow with its square."""


@dataclass(frozen=True)
class Places:
    """People by area, what share of those around them each group has, and the region's shares."""

    people: Array
    """Shape (..., areas)."""
    shares: Array
    """Shape (..., areas, groups)."""
    region: Array
    """Shape (..., groups)."""

    @classmethod
    def of(cls, counts: Array) -> Places:
        """Take people to be surrounded by those of their own area."""
        return cls.within(counts, counts)

    @classmethod
    def within(cls, counts: Array, around: Array) -> Places:
        """Take people to be surrounded by those counted in ``around``, of the shape of ``counts``."""
        total = around.sum(axis=-1, keepdims=True)
        shares = np.divide(around, total, out=np.zeros(around.shape), where=total > 0)
        groups = counts.sum(axis=-2)
        return cls(counts.sum(axis=-1), shares, groups / groups.sum(axis=-1, keepdims=True))

    @property
    def weights(self) -> Array:
        """The share of the region's people that live in each area."""
        weights: Array = self.people / self.people.sum(axis=-1, keepdims=True)
        return weights

    def mean(self, by_area: Array) -> Array:
        """Return the mean over people of what is known by area."""
        mean: Array = np.einsum("...i,...i->...", self.weights, by_area)
        return mean

    @property
    def mixture(self) -> Array:
        """The probability that two people of the region are of different groups: sum P (1 - P)."""
        mixture: Array = (self.region * (1 - self.region)).sum(axis=-1)
        return mixture


def dissimilarity(places: Places) -> Array:
    """sum_i sum_k t_i |p_ik - P_k| / (2 T I): Duncan and Duncan's for two groups, Sakoda's for more."""
    gaps = np.abs(places.shares - places.region[..., None, :]).sum(axis=-1)
    return places.mean(gaps) / (2 * places.mixture)


def mutual_information(places: Places) -> Array:
    """E - sum_i t_i E_i / T, in nats, with E the entropy of the groups' shares."""
    whole: Array = entr(places.region).sum(axis=-1)
    return whole - places.mean(entr(places.shares).sum(axis=-1))


def information_theory(places: Places) -> Array:
    """Theil's H: the mutual information as a share of the region's entropy."""
    return np.asarray(mutual_information(places) / entr(places.region).sum(axis=-1))


def relative_diversity(places: Places) -> Array:
    """1 - sum_i t_i I_i / (T I): the correlation ratio for two groups."""
    here = (places.shares * (1 - places.shares)).sum(axis=-1)
    return np.asarray(1 - places.mean(here) / places.mixture)


def squared_variation(places: Places) -> Array:
    """sum_k sum_i t_i (p_ik - P_k)^2 / (T (K - 1) P_k)."""
    squares = (places.shares - places.region[..., None, :]) ** 2 / places.region[..., None, :]
    return np.asarray(places.mean(squares.sum(axis=-1)) / (places.region.shape[-1] - 1))


def normalized_exposure(places: Places) -> Array:
    """sum_k sum_i t_i (p_ik - P_k)^2 / (T (1 - P_k))."""
    squares = (places.shares - places.region[..., None, :]) ** 2 / (1 - places.region[..., None, :])
    return places.mean(squares.sum(axis=-1))


def gini(places: Places) -> Array:
    """sum_k sum_i sum_j t_i t_j |p_ik - p_jk| / (2 T^2 I)."""
    pairs = np.zeros(places.people.shape[:-1])
    for group in range(places.region.shape[-1]):
        share = places.shares[..., group]
        order = np.argsort(share, axis=-1, kind="stable")
        p, w = (np.take_along_axis(one, order, axis=-1) for one in (share, places.weights))
        before = np.cumsum(w, axis=-1) - w
        held = np.cumsum(w * p, axis=-1) - w * p
        pairs += 2 * (w * (p * before - held)).sum(axis=-1)
    gini: Array = pairs / (2 * places.mixture)
    return gini


def atkinson(places: Places, shape: float = 0.5) -> Array:
    """1 - P / (1 - P) |sum_i t_i (1 - p_i)^(1 - b) p_i^b / (P T)|^(1 / (1 - b)), of the first group."""
    p, whole = places.shares[..., 0], places.region[..., 0]
    mean = places.mean((1 - p) ** (1 - shape) * p**shape) / whole
    atkinson: Array = 1 - whole / (1 - whole) * mean ** (1 / (1 - shape))
    return atkinson


def exposure(places: Places, counts: Array, group: int, other: int) -> Array:
    """sum_i x_im / X_m p_in: the share of ``other`` around an average member of ``group``."""
    mine = counts[..., group]
    exposure: Array = (mine * places.shares[..., other]).sum(axis=-1) / mine.sum(axis=-1)
    return exposure


def index_values(names: tuple[str, ...], counts: Array, shape: float) -> Array:
    """Return the indices of these names, shape (..., names)."""
    places = Places.of(counts)
    plain: dict[str, Callable[[Places], Array]] = {
        "dissimilarity": dissimilarity,
        "gini": gini,
        "information_theory": information_theory,
        "mutual_information": mutual_information,
        "correlation_ratio": relative_diversity,
        "relative_diversity": relative_diversity,
        "squared_variation": squared_variation,
        "normalized_exposure": normalized_exposure,
        "atkinson": lambda where: atkinson(where, shape),
        "isolation": lambda where: exposure(where, counts, 0, 0),
        "interaction": lambda where: 1 - exposure(where, counts, 0, 0),
    }
    return np.stack([plain[name](places) for name in names], axis=-1)


def around_values(names: tuple[str, ...], counts: Array, around: Array) -> Array:
    """Return indices of what surrounds people, shape (..., names): ``AROUND``, or isolation."""
    places = Places.within(counts, around)
    plain: dict[str, Callable[[Places], Array]] = {
        "dissimilarity": dissimilarity,
        "information_theory": information_theory,
        "mutual_information": mutual_information,
        "relative_diversity": relative_diversity,
        "isolation": lambda where: exposure(where, counts, 0, 0),
    }
    return np.stack([plain[name](places) for name in names], axis=-1)
