"""Draws of what may be true, given what was observed: of rates with few people behind them.

A draw stands for the *true* values, not for another observation of the same areas: probabilities made of
draws are then to be read as they stand. Which model keeps that promise, docs/robustness.md measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lea_geo.robustness.joint import posterior
from lea_geo.robustness.observed import ERROR, PROPORTION, RATE, Observed
from lea_geo.spatial.compiled import compiled

if TYPE_CHECKING:
    from lea_geo.robustness.joint import Posterior

_CODES = {PROPORTION: 0, RATE: 1, ERROR: 2}


class Noise(Protocol):
    """What a run needs of a model of noise."""

    def draw(self, rng: np.random.Generator, x: np.ndarray) -> None:
        """Put values that may be true into x (n, k), wherever something was observed with noise."""


def noise_model(observed: Observed, method: str) -> Noise | None:
    """Return the model of noise, or None where there is none.

    Parameters
    ----------
    observed
        The observations.
    method
        ``"none"``, ``"sampling"`` or ``"joint"``.
    """
    if method == "none" or not len(observed.noisy):
        return None
    return SamplingNoise(observed) if method == "sampling" else JointNoise.of(observed)


@dataclass(frozen=True)
class SamplingNoise:
    """Each rate by itself, as if nothing were known of any other.

    With Jeffreys' prior, x events among n people leave a proportion Beta(x + 1/2, n - x + 1/2), and a rate
    Gamma(x + 1/2) / n; a value with a standard error is normal. The extremes of many areas come out too
    extreme: see :class:`JointNoise`.
    """

    observed: Observed

    def draw(self, rng: np.random.Generator, x: np.ndarray) -> None:
        """Put values that may be true into x (n, k)."""
        seen = self.observed
        for j in seen.noisy:
            held = ~np.isnan(seen.value[:, j])
            if seen.kinds[j] == ERROR:
                x[held, j] = rng.normal(seen.value[held, j], seen.error[held, j])
                continue
            events, people = seen.events[held, j], seen.people[held, j]
            if seen.kinds[j] == PROPORTION:
                x[held, j] = seen.scale[j] * rng.beta(events + 0.5, people - events + 0.5)
            else:
                x[held, j] = seen.scale[j] * rng.standard_gamma(events + 0.5) / people


@dataclass(frozen=True)
class JointNoise:
    """All rates of an area jointly, in the light of all areas (``joint.py``)."""

    law: Posterior
    columns: np.ndarray
    """The indicators with noise, shape (q,)."""
    kinds: np.ndarray
    """Which transform each has, shape (q,)."""
    scale: np.ndarray
    held: np.ndarray
    """Where there is an observation, shape (n, q)."""

    @classmethod
    def of(cls, observed: Observed) -> JointNoise:
        """Estimate the model."""
        columns = observed.noisy
        kinds = np.array([_CODES[observed.kinds[j]] for j in columns], dtype=np.int64)
        held = ~np.isnan(observed.value[:, columns])
        return cls(posterior(observed), columns, kinds, observed.scale[columns], held)

    def draw(self, rng: np.random.Generator, x: np.ndarray) -> None:
        """Put values that may be true into x (n, k)."""
        z = rng.standard_normal(self.held.shape)
        _fill(x, z, self.law.mean, self.law.root, self.held, self.columns, self.kinds, self.scale)


@compiled
def _fill(
    x: np.ndarray,
    z: np.ndarray,
    mean: np.ndarray,
    root: np.ndarray,
    held: np.ndarray,
    columns: np.ndarray,
    kinds: np.ndarray,
    scale: np.ndarray,
) -> None:
    """Put ``mean + root z``, back on the scale of values, where ``held``."""
    n, q = z.shape
    for i in range(n):
        for a in range(q):
            if not held[i, a]:
                continue
            theta = mean[i, a]
            for b in range(a + 1):
                theta += root[i, a, b] * z[i, b]
            if kinds[a] == 0:
                x[i, columns[a]] = scale[a] * np.sin(min(max(theta, 0.0), np.pi / 2)) ** 2
            elif kinds[a] == 1:
                x[i, columns[a]] = scale[a] * max(theta, 0.0) ** 2
            else:
                x[i, columns[a]] = theta
