"""Means and variances of global statistics when there is no pattern.

References
----------
Cliff and Ord (1981), Spatial Processes, Pion, chapters 1 and 2
Getis and Ord (1992), https://doi.org/10.1111/j.1538-4632.1992.tb00261.x; with the correction of their B1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lea_geo.spatial.sums import exact_sum


@dataclass(frozen=True)
class Constants:
    """What the moments need to know of the weights.

    ``s0 = sum_ij w_ij``, ``s1 = sum_ij (w_ij + w_ji)^2 / 2``, ``s2 = sum_i (sum_j w_ij + sum_j w_ji)^2``.
    """

    n: int
    s0: float
    s1: float
    s2: float


def kurtosis(z: np.ndarray) -> float:
    """Return b2 = n sum z^4 / (sum z^2)^2 of deviations from the mean."""
    squares = np.square(z)
    return len(z) * exact_sum(np.square(squares)) / exact_sum(squares) ** 2


def moran_moments(c: Constants, b2: float, assumption: str) -> tuple[float, float]:
    """Return mean and variance of Moran's I."""
    n, s02 = c.n, c.s0**2
    expected = -1 / (n - 1)
    if assumption == "normality":
        return expected, (n * n * c.s1 - n * c.s2 + 3 * s02) / (s02 * (n * n - 1)) - expected**2
    spread = n * (c.s1 * (n * n - 3 * n + 3) - n * c.s2 + 3 * s02)
    peak = b2 * (c.s1 * (n * n - n) - 2 * n * c.s2 + 6 * s02)
    return expected, (spread - peak) / ((n - 1) * (n - 2) * (n - 3) * s02) - expected**2


def geary_moments(c: Constants, b2: float, assumption: str) -> tuple[float, float]:
    """Return mean and variance of Geary's C."""
    n, s02 = c.n, c.s0**2
    if assumption == "normality":
        return 1.0, ((2 * c.s1 + c.s2) * (n - 1) - 4 * s02) / (2 * (n + 1) * s02)
    links = (n - 1) * c.s1 * (n * n - 3 * n + 3 - (n - 1) * b2)
    rows = (n - 1) * c.s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * b2) / 4
    total = s02 * (n * n - 3 - (n - 1) ** 2 * b2)
    return 1.0, (links - rows + total) / (n * (n - 2) * (n - 3) * s02)


def ord_moments(c: Constants, x: np.ndarray) -> tuple[float, float]:
    """Return mean and variance of General G."""
    n, s02 = c.n, c.s0**2
    b0 = (n * n - 3 * n + 3) * c.s1 - n * c.s2 + 3 * s02
    b1 = -((n * n - n) * c.s1 - 2 * n * c.s2 + 6 * s02)
    b2 = -(2 * n * c.s1 - (n + 3) * c.s2 + 6 * s02)
    b3 = 4 * (n - 1) * c.s1 - 2 * (n + 1) * c.s2 + 8 * s02
    b4 = c.s1 - c.s2 + s02
    squares = np.square(x)
    m1, m2, m3, m4 = (exact_sum(power) for power in (x, squares, x * squares, np.square(squares)))
    expected = c.s0 / (n * (n - 1))
    second = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    return expected, second / ((m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3)) - expected**2


def join_count_moments(c: Constants, m: float) -> tuple[float, float]:
    """Return mean and variance of the number of joins when ``m`` of the areas have the attribute."""
    two = m * (m - 1) / (c.n * (c.n - 1))
    three = two * (m - 2) / (c.n - 2)
    four = three * (m - 3) / (c.n - 3)
    expected = c.s0 * two / 2
    second = c.s1 * two + (c.s2 - 2 * c.s1) * three + (c.s0**2 + c.s1 - c.s2) * four
    return expected, second / 4 - expected**2
