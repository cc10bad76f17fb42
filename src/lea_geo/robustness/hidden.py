"""Draws of suppressed values: anywhere between their bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from lea_geo.robustness.observed import PROPORTION, RATE, Observed

if TYPE_CHECKING:
    from lea_geo.robustness.noise import JointNoise


@dataclass(frozen=True)
class HiddenValues:
    """Suppressed cells, one entry each."""

    row: np.ndarray
    column: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    likely: Likely | None
    """What the other values say of some of them; None where nothing is to be said."""

    @classmethod
    def of(cls, observed: Observed, model: JointNoise | None) -> HiddenValues | None:
        """Return the suppressed cells that have both bounds; None where there is none.

        Parameters
        ----------
        observed
            The observations.
        model
            What says which values between the bounds are likely; None for all alike.
        """
        row, column = np.nonzero(observed.hidden)
        if not len(row):
            return None
        lower, upper = observed.lower[row, column], observed.upper[row, column]
        return cls(row, column, lower, upper, Likely.of(observed, model, row, column) if model else None)

    def draw(self, rng: np.random.Generator, x: np.ndarray) -> None:
        """Put values between the bounds into x (n, k)."""
        x[self.row, self.column] = self.lower + (self.upper - self.lower) * rng.random(len(self.row))
        if self.likely is not None:
            self.likely.draw(rng, x)


@dataclass(frozen=True)
class Likely:
    """Suppressed rates in the light of the area's other rates and of all areas, by the joint model.

    The model's law of what it has not seen, cut off at the bounds: with u the normal probability of the
    model's draw, theta is the quantile ``Phi(a) + u (Phi(b) - Phi(a))`` between the bounds a and b. Draws of
    one area stay as correlated as the model has them.
    """

    area: np.ndarray
    """Areas with such cells, shape (areas,)."""
    root: np.ndarray
    """Their roots of covariance, shape (areas, q, q)."""
    at: np.ndarray
    """For each cell the place of its area in ``area``, shape (cells,)."""
    place: np.ndarray
    """And the place of its indicator among those of the model."""
    column: np.ndarray
    mean: np.ndarray
    """Of the cell on the model's scale, shape (cells,)."""
    deviation: np.ndarray
    below: np.ndarray
    """Probability of values below the bounds."""
    within: np.ndarray
    """Probability of values between them."""
    ends: np.ndarray
    """The bounds in the indicators' own units, shape (2, cells)."""
    kind: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, observed: Observed, model: JointNoise, row: np.ndarray, column: np.ndarray) -> Likely:
        """Take from the model what it says of the cells of its indicators."""
        known = np.isin(column, model.columns)
        row, column = row[known], column[known]
        place = np.searchsorted(model.columns, column)
        area, at = np.unique(row, return_inverse=True)
        root = model.law.root[area]
        mean = model.law.mean[row, place]
        deviation = np.sqrt(np.square(root[at, place]).sum(axis=1))
        kind = np.array([observed.kinds[j] for j in column], dtype=object)
        scale = observed.scale[column]
        ends = np.array([observed.lower[row, column], observed.upper[row, column]])
        below, above = ndtr((_stabilised(ends / scale, kind) - mean) / deviation)
        return cls(area, root, at, place, column, mean, deviation, below, above - below, ends, kind, scale)

    def draw(self, rng: np.random.Generator, x: np.ndarray) -> None:
        """Put likely values between the bounds into x (n, k)."""
        z = np.einsum("aij,aj->ai", self.root, rng.standard_normal(self.root.shape[:2]))
        u = ndtr(z[self.at, self.place] / self.deviation)
        theta = self.mean + self.deviation * ndtri(self.below + u * self.within)
        value = self.scale * _plain(theta, self.kind)
        # Where the model thinks all of the bounds impossible, the quantile is infinite: the nearer end.
        x[self.area[self.at], self.column] = np.clip(value, *self.ends)


def _stabilised(rate: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return rates on the scale of the model."""
    share, root = np.arcsin(np.sqrt(np.clip(rate, 0, 1))), np.sqrt(np.maximum(rate, 0))
    return np.where(kind == PROPORTION, share, np.where(kind == RATE, root, rate))


def _plain(theta: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return the rates of values on the scale of the model."""
    share, root = np.sin(np.clip(theta, 0, np.pi / 2)) ** 2, np.maximum(theta, 0) ** 2
    return np.where(kind == PROPORTION, share, np.where(kind == RATE, root, theta))
