"""How many independent areas a correlation is worth when neighbours are alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from lea_geo._compiled import compiled

CLASSES = 13
"""Distance classes, as Clifford and others use them in R's SpatialPack."""


@dataclass(frozen=True, eq=False)
class Distances:
    """Classes of distance between areas, all of the same width from 0 to the largest distance."""

    places: np.ndarray
    """Coordinates, shape (n, 2)."""
    classes: int = CLASSES

    @cached_property
    def width(self) -> float:
        """Of a class, in the unit of the coordinates."""
        return float(_largest(self.places)) / self.classes

    @cached_property
    def links(self) -> np.ndarray:
        """How many others of each class every area has, shape (n, classes)."""
        return _class_counts(self.places, self.width, self.classes)

    def correlations(self, x: np.ndarray) -> np.ndarray:
        """Return Moran's I of each distance class, shape (classes,); 0 where no pair is in it."""
        z = x - x.mean()
        products = _class_products(self.places, z / np.sqrt(np.mean(z**2)), self.width, self.classes)
        pairs = self.links.sum(axis=0) / 2
        return np.asarray(np.divide(products, pairs, out=np.zeros(self.classes), where=pairs > 0))


@dataclass(frozen=True)
class ModifiedTest:
    """A test of a correlation with the sample size that spatial autocorrelation leaves."""

    correlation: float
    effective_size: float
    """1 + 1 / var(r) when both are autocorrelated as estimated and nothing connects them."""
    p_value: float
    """Two-sided, by Student's law with ``effective_size - 2`` degrees of freedom; NaN where that is not above
    0."""


def effective_size(x: np.ndarray, y: np.ndarray, distances: Distances) -> float:
    """Return the effective sample size of the correlation of two variables.

    With R_x and R_y the autocorrelations by distance class as (n, n) matrices with 1 on the diagonal, and
    B = I - 11'/n::

        1 + tr(B R_x) tr(B R_y) / tr(B R_x B R_y)

    Each trace is a sum over areas and classes, so that no such matrix is made. Can exceed n where neighbours
    are unlike; NaN where the estimate is not above 0.
    """
    n = len(x)
    cx, cy = distances.correlations(x), distances.correlations(y)
    links = distances.links
    rows_x, rows_y = 1.0 + links @ cx, 1.0 + links @ cy
    both = n + float(links.sum(axis=0) @ (cx * cy))
    sum_x, sum_y = float(rows_x.sum()), float(rows_y.sum())
    joint = both - 2.0 * float(rows_x @ rows_y) / n + sum_x * sum_y / n**2
    size = 1.0 + (n - sum_x / n) * (n - sum_y / n) / joint if joint != 0 else np.nan
    return float(size) if size > 0 else np.nan


def modified_t_test(x: np.ndarray, y: np.ndarray, distances: Distances) -> ModifiedTest:
    """Test a correlation by the modified t test of Clifford and others, with Dutilleul's correction.

    References
    ----------
    Clifford, Richardson and Hémon (1989), https://doi.org/10.2307/2532039
    Dutilleul (1993), https://doi.org/10.2307/2532625
    """
    r = float(np.corrcoef(x, y)[0, 1])
    size = effective_size(x, y, distances)
    return ModifiedTest(r, size, t_p_value(r, size))


def t_p_value(r: float, size: float, taken: int = 0) -> float:
    """Return the two-sided p-value of a correlation among ``size`` areas, ``taken`` variables held fixed."""
    df = size - 2 - taken
    if not df > 0:
        return np.nan
    if abs(r) >= 1:
        return 0.0
    return float(2 * stats.t.sf(abs(r) * np.sqrt(df / (1 - r * r)), df))


def fisher_interval(
    r: float, size: float, level: float, *, taken: int = 0, ranks: bool = False
) -> tuple[float, float]:
    """Return an interval of a correlation by Fisher's z among ``size`` areas; (-1, 1) where they are too few.

    The variance of z is 1 / (size - 3 - taken); for ranks 1 + r^2 / 2 times as large (Bonett and Wright
    2000).
    """
    free = size - 3 - taken
    if not free > 0:
        return -1.0, 1.0
    if abs(r) >= 1:
        return r, r
    spread = np.sqrt((1 + r * r / 2 if ranks else 1.0) / free) * stats.norm.ppf((1 + level) / 2)
    return float(np.tanh(np.arctanh(r) - spread)), float(np.tanh(np.arctanh(r) + spread))


@compiled
def _largest(places: np.ndarray) -> float:
    largest = 0.0
    for i in range(len(places)):
        for j in range(i):
            apart = np.hypot(places[i, 0] - places[j, 0], places[i, 1] - places[j, 1])
            largest = max(largest, apart)
    return largest


@compiled
def _class_of(places: np.ndarray, i: int, j: int, width: float, classes: int) -> int:
    apart = np.hypot(places[i, 0] - places[j, 0], places[i, 1] - places[j, 1])
    # A class holds its upper end.
    found = int(np.ceil(apart / width * (1.0 - 1e-12))) - 1 if width > 0 else 0
    return min(max(found, 0), classes - 1)


@compiled
def _class_counts(places: np.ndarray, width: float, classes: int) -> np.ndarray:
    counts = np.zeros((len(places), classes))
    for i in range(len(places)):
        for j in range(i):
            k = _class_of(places, i, j, width, classes)
            counts[i, k] += 1.0
            counts[j, k] += 1.0
    return counts


@compiled
def _class_products(places: np.ndarray, z: np.ndarray, width: float, classes: int) -> np.ndarray:
    products = np.zeros(classes)
    for i in range(len(places)):
        for j in range(i):
            products[_class_of(places, i, j, width, classes)] += z[i] * z[j]
    return products
