"""What two years say of each area, aligned: counts, or values with standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How two years are compared; what each means says ``area_changes``."""

    kind: str
    method: str
    scale: float
    level: float
    power: float
    fdr: float
    correction: str
    relevant: float | None

    @property
    def alpha(self) -> float:
        """The level of a test of one area by itself."""
        return 1 - self.level


@dataclass(frozen=True, kw_only=True)
class Given:
    """Two years, and what is known of their areas."""

    years: tuple[int, int]
    tables: tuple[pd.DataFrame, pd.DataFrame]
    index: pd.Index
    rho: np.ndarray
    """Correlation of the chance errors of both years, shape (n,)."""
    redrawn: np.ndarray
    """Which areas are not to be tested, shape (n,)."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Every area's comparison before the correction for many tests."""

    table: pd.DataFrame
    """``CHANGE_COLUMNS`` of ``area_changes`` but for q-values, ``class`` and ``size``."""
    enough: float
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pairs:
    """Events and people of two years in the same areas, without any that is not known; all of shape (n,)."""

    kind: str
    """``proportion`` (binomial counts) or ``rate`` (Poisson counts)."""
    x0: np.ndarray
    n0: np.ndarray
    x1: np.ndarray
    n1: np.ndarray
    rho: np.ndarray
    """Correlation of the chance errors of the two years."""

    @property
    def then(self) -> np.ndarray:
        return np.asarray(self.x0 / self.n0)

    @property
    def now(self) -> np.ndarray:
        return np.asarray(self.x1 / self.n1)

    def variances(self, rate: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what chance adds to each year's rate, where the true ones are ``rate`` and ``other``."""
        if self.kind == "rate":
            return rate / self.n0, other / self.n1
        return rate * (1 - rate) / self.n0, other * (1 - other) / self.n1


@dataclass(frozen=True)
class Measured:
    """Values of two years in the same areas with what chance leaves of each, none unknown."""

    then: np.ndarray
    now: np.ndarray
    error_then: np.ndarray
    """Standard errors; NaN where the noise is not known."""
    error_now: np.ndarray
    rho: np.ndarray

    @property
    def trust(self) -> np.ndarray:
        """Return how much each area counts in a moment: the less, the noisier it is. They add up to 1.

        ``1 / (v_i + m)`` with the noise variance v_i of both years together and m the median of it.
        """
        total = self.error_then**2 + self.error_now**2
        middle = float(np.median(total)) if len(total) else np.nan
        weight = 1 / (total + middle) if middle > 0 else np.ones(len(total))
        return np.asarray(weight / weight.sum())

    @property
    def errors(self) -> np.ndarray:
        """Standard errors of the differences, shape (n,)."""
        both = 2 * self.rho * self.error_then * self.error_now
        return np.asarray(np.sqrt(np.maximum(self.error_then**2 + self.error_now**2 - both, 0.0)))
