"""How fairly money lies on need: one number for many draws of the need at once.

``euros`` and ``need`` have shape (..., n), ``families`` (n,); either of the former may have axes of draws.
Areas without families, or for measures per family in need without need, hold nobody and count for nothing.
"""

from __future__ import annotations

import numpy as np

from lea_geo.inequality.formulas import gini, mean, tail_means

NEEDIEST = 0.2
"""The share of families in the areas of highest rates whose money is told."""


def gini_per_need(euros: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Return the Gini of euros per family in need, each of these counting once; 0: all get the same."""
    whole = need.sum(axis=-1, keepdims=True)
    per = np.divide(euros, need, out=np.zeros(np.broadcast_shapes(euros.shape, need.shape)), where=need > 0)
    with np.errstate(invalid="ignore", divide="ignore"):  # nobody in need, or no money for them: no Gini
        return np.asarray(gini(per, need / whole, need / whole))


class ByNeed:
    """Families lined up from the areas of the highest share in need to those of the lowest."""

    def __init__(self, need: np.ndarray, families: np.ndarray) -> None:
        lived = families > 0
        rate = np.divide(need, families, out=np.zeros(need.shape), where=lived)
        self.order = np.argsort(-rate, axis=-1, kind="stable")
        self.rate = np.take_along_axis(rate, self.order, axis=-1)
        self.families = families[self.order]
        self.weights = self.families / families.sum()
        self.middles = _shared(np.cumsum(self.weights, axis=-1) - self.weights / 2, self.weights, self.rate)

    def per_family(self, amounts: np.ndarray) -> np.ndarray:
        """Return amounts of areas per family, in the order of need."""
        lined = np.take_along_axis(np.broadcast_to(amounts, self.order.shape), self.order, axis=-1)
        return np.asarray(np.divide(lined, self.families, out=np.zeros(lined.shape), where=self.families > 0))

    def concentration(self, per_family: np.ndarray) -> np.ndarray:
        """Return ``2 / mean cov(amount, place)``, from -1 (all at the neediest) to 1; 0: alike everywhere."""
        with np.errstate(invalid="ignore", divide="ignore"):
            uneven = mean(per_family * (2 * self.middles - 1), self.weights)
            return np.asarray(uneven / mean(per_family, self.weights))

    def to_neediest(self, per_family: np.ndarray) -> np.ndarray:
        """Return the share of the money for the neediest fifth of families; the area at its edge is split."""
        first, _ = tail_means(per_family, self.weights, NEEDIEST, NEEDIEST)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(NEEDIEST * first / mean(per_family, self.weights))


def _shared(middles: np.ndarray, weights: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Return places where areas of one and the same rate share theirs; draws hardly ever have any."""
    if not (np.diff(rate, axis=-1) == 0).any():
        return middles
    flat: list[np.ndarray] = []
    for line, weight, value in zip(*(np.atleast_2d(one) for one in (middles, weights, rate)), strict=True):
        _, block = np.unique(-value, return_inverse=True)
        held = np.bincount(block, weights=weight)
        joint = np.bincount(block, weights=weight * line)
        flat.append(np.divide(joint, held, out=np.zeros(len(held)), where=held > 0)[block])
    return np.array(flat).reshape(middles.shape)
