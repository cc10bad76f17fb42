"""Measures of two weighted sums of the values: gaps, slopes and concentration along an order that is given.

An order that comes from elsewhere does not run after the noise in the values, so that the two sums are known
without bias, and how sure they are follows from the variance of each value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import expit, logit

from lea_geo.inequality.formulas import tail_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    Combination = Callable[[np.ndarray | complex, np.ndarray | complex], np.ndarray]

_STEPS = 60
"""Newton's steps at most; five are usual."""


class Ends(Protocol):
    """Two sums of the values, such as the two ends of a slope."""

    def of(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both, of many draws at once."""

    def gradients(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how both change with every value, each of shape (n,)."""


def ridits(rank: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return where the middle of each area stands among all, 0 to 1; areas of equal rank share their middle.

    ``w`` may have the axes of draws. Bross (1958), https://doi.org/10.2307/2527727
    """
    _, place = np.unique(rank, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    blocks = np.add.reduceat(w[..., order], starts, axis=-1)
    middle = np.cumsum(blocks, axis=-1) - blocks / 2
    return np.asarray(middle[..., place])


class _Weighted(ABC):
    """Two sums whose weights do not depend on the values."""

    @abstractmethod
    def weights(self, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how much each value counts in either sum."""

    def of(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both sums."""
        one, other = self.weights(w, p)
        return np.asarray((one * x).sum(axis=-1)), np.asarray((other * x).sum(axis=-1))

    def gradients(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights."""
        one, other = self.weights(w, p)
        return np.broadcast_to(one, x.shape), np.broadcast_to(other, x.shape)


@dataclass(frozen=True)
class Tails(_Weighted):
    """Means of the most advantaged and of the least, by an order that is given."""

    rank: np.ndarray
    bottom: float
    top: float

    def weights(self, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return those of the last and the first; areas of equal rank are taken in equal parts."""
        _, place = np.unique(self.rank, return_inverse=True)
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        blocks = np.add.reduceat(w[..., order], starts, axis=-1)
        first, last = tail_weights(blocks, self.bottom, self.top)
        inside = w / np.maximum(blocks[..., place], 1e-300)
        return last[..., place] * inside, first[..., place] * inside


@dataclass(frozen=True)
class Members(_Weighted):
    """Means of two named sets of areas."""

    one: np.ndarray
    other: np.ndarray

    def weights(self, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return the shares inside either set."""
        one, other = w * self.one, w * self.other
        return (
            one / np.maximum(one.sum(axis=-1, keepdims=True), 1e-300),
            other / np.maximum(other.sum(axis=-1, keepdims=True), 1e-300),
        )


@dataclass(frozen=True)
class FromMean(_Weighted):
    """The mean of a named set of areas, and that of all people."""

    members: np.ndarray

    def weights(self, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares inside the set, and those of all people."""
        one = w * self.members
        return one / np.maximum(one.sum(axis=-1, keepdims=True), 1e-300), np.broadcast_to(p, one.shape)


@dataclass(frozen=True)
class Line(_Weighted):
    """The two ends of the straight line through values over ridits: first the most advantaged end."""

    rank: np.ndarray

    def weights(self, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return those of weighted least squares."""
        r = ridits(self.rank, w)
        middle = (w * r).sum(axis=-1, keepdims=True)
        around = w * (r - middle)
        slope = around / (around * r).sum(axis=-1, keepdims=True)
        return w + (1 - middle) * slope, w - middle * slope


@dataclass(frozen=True)
class Curve:
    """The two ends of the logistic curve through proportions over ridits, every person counted once."""

    rank: np.ndarray
    scale: float
    """The value that stands for everybody: 100 for per cent."""

    def of(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return the curve's height at the most and at the least advantaged end."""
        y = x / self.scale
        r = ridits(self.rank, w) - 0.5
        level, slope = _fitted(np.broadcast_to(y, np.broadcast_shapes(y.shape, w.shape)), w, r)
        return self.scale * expit(level + slope / 2), self.scale * expit(level - slope / 2)

    def gradients(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return (X' W X)^-1 X' w through the curve's height."""
        r = ridits(self.rank, w) - 0.5
        level, slope = _fitted(x / self.scale, w, r)
        fitted = expit(level + slope * r)
        inner = w * fitted * (1 - fitted)
        a, b, c = inner.sum(), (inner * r).sum(), (inner * r * r).sum()
        d_level = w * (c - b * r) / (a * c - b * b)
        d_slope = w * (a * r - b) / (a * c - b * b)
        top, low = expit(level + slope / 2), expit(level - slope / 2)
        return (
            top * (1 - top) * (d_level + d_slope / 2),
            low * (1 - low) * (d_level - d_slope / 2),
        )


def _fitted(y: np.ndarray, w: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return level and slope of the likeliest logistic curve, by Newton's method with halved steps."""
    mean = np.clip((w * y).sum(axis=-1), 1e-12, 1 - 1e-12)
    level, slope = np.asarray(logit(mean)), np.zeros(mean.shape)
    for _ in range(_STEPS):
        fitted = expit(level[..., None] + slope[..., None] * r)
        inner, left = w * fitted * (1 - fitted), w * (y - fitted)
        a, b, c = inner.sum(axis=-1), (inner * r).sum(axis=-1), (inner * r * r).sum(axis=-1)
        g, h = left.sum(axis=-1), (left * r).sum(axis=-1)
        det = np.maximum(a * c - b * b, 1e-300)
        steps = np.stack([(c * g - b * h) / det, (a * h - b * g) / det])
        # A step that is too long would leave the curve flat at 0 or 1, from where no step leads back.
        steps *= np.minimum(1, 4 / np.maximum(np.abs(steps).max(axis=0), 1e-300))
        level, slope = level + steps[0], slope + steps[1]
        if float(np.abs(steps).max()) < 1e-12:
            break
    return level, slope


@dataclass(frozen=True)
class Concentration(_Weighted):
    """The sum of values over where areas stand, and the mean: one over the other is the relative index."""

    rank: np.ndarray

    def weights(self, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002
        """Return w (2 r - 1), and w."""
        return w * (2 * ridits(self.rank, w) - 1), np.broadcast_to(w, w.shape)


@dataclass(frozen=True)
class ByValue:
    """Ends along the order of the values themselves, which noise takes part in."""

    make: Callable[[np.ndarray], Ends]
    """Makes ends of a rank."""

    def of(self, x: np.ndarray, w: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both, every draw in its own order."""
        shape = np.broadcast_shapes(x.shape, w.shape)
        order = np.broadcast_to(np.argsort(x, axis=-1, kind="stable"), shape)
        given = (np.take_along_axis(np.broadcast_to(one, shape), order, axis=-1) for one in (x, w, p))
        return self.make(np.arange(shape[-1], dtype=float)).of(*given)
