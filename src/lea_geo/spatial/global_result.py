"""How a global statistic is tested: its result, its settings, and permutations of the whole map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks import check_choice, check_count, check_seed
from lea_geo.spatial.inference import ALTERNATIVES, Tails, counted_tails, normal_tails
from lea_geo.spatial.permutation import shuffled_products

if TYPE_CHECKING:
    from lea_geo.spatial.sample import Sample

PERMUTATIONS = 999
"""One test needs no correction for many: 999 show two-sided p-values down to 0.002."""
ASSUMPTIONS = ("randomisation", "normality")


@dataclass(frozen=True)
class GlobalResult:
    """One number for a whole map, its test, and every setting that decided them."""

    name: str
    """Which statistic, for example ``global_moran``."""
    statistic: float
    """NaN where ``reason`` says why."""
    expected: float
    """Mean under ``assumption``."""
    variance: float
    """Variance under ``assumption``."""
    z_score: float
    """(statistic - expected) / sqrt(variance)."""
    p_value: float
    """By permutations where some ran, otherwise by the normal law."""
    p_lower: float
    """P(as small or smaller)."""
    p_upper: float
    """P(as large or larger)."""
    p_analytic: float
    """By the z-score and the normal law, for the same alternative."""
    n: int
    """Number of areas with a value."""
    n_isolates: int
    """How many of them have no neighbour with a value."""
    transform: str
    permutations: int
    seed: int
    alternative: str
    assumption: str
    reason: str = ""
    """Why there is no statistic; empty where there is one."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    permutations: int
    seed: int
    alternative: str
    assumption: str = "randomisation"

    def __post_init__(self) -> None:
        check_count("permutations", self.permutations, least=0)
        check_seed(self.seed)
        check_choice("alternative", self.alternative, ALTERNATIVES)
        check_choice("assumption", self.assumption, ASSUMPTIONS)


@dataclass(frozen=True)
class Quadratic:
    """A statistic of the form ``scale * sum_ij w_ij a_i a_j + sum_i r_i b_i``, and its moments."""

    a: np.ndarray
    scale: float
    expected: float
    variance: float
    b: np.ndarray | None = None
    """Shuffled together with ``a``; ``r`` is the sum of row and column weights."""

    def observed(self, sample: Sample) -> float:
        """Return the statistic of the areas as they lie."""
        linear = 0.0 if self.b is None else float(both_sums(sample) @ self.b)
        return self.scale * float(self.a @ sample.lag(self.a)) + linear


def both_sums(sample: Sample) -> np.ndarray:
    """Return the sum of each area's row and column of weights, shape (n,)."""
    return sample.row_sums + np.asarray(sample.weights.sum(axis=0)).ravel()


def kurtosis(z: np.ndarray) -> float:
    """Return b2 = n sum z^4 / (sum z^2)^2 of deviations from the mean."""
    return float(len(z) * np.sum(z**4) / np.sum(z**2) ** 2)


def reason_against(sample: Sample) -> str:
    if sample.reason:
        return sample.reason
    return "" if sample.weights.nnz else "No area has a neighbour with a value."


def tested(name: str, sample: Sample, settings: Settings, form: Quadratic) -> GlobalResult:
    statistic = form.observed(sample)
    z_score = (statistic - form.expected) / np.sqrt(form.variance) if form.variance > 0 else np.nan
    normal = normal_tails(np.array([z_score]))
    tails = _shuffled_tails(sample, settings, form, statistic) if settings.permutations else normal
    return GlobalResult(
        name,
        statistic,
        form.expected,
        form.variance,
        float(z_score),
        p_value=float(tails.p_value(settings.alternative)[0]),
        p_lower=float(tails.lower[0]),
        p_upper=float(tails.upper[0]),
        p_analytic=float(normal.p_value(settings.alternative)[0]),
        n=sample.n,
        n_isolates=int(np.count_nonzero(sample.counts == 0)),
        transform=sample.transform,
        **vars(settings),
    )


def undefined(name: str, sample: Sample, settings: Settings, reason: str) -> GlobalResult:
    return GlobalResult(
        name,
        statistic=np.nan,
        expected=np.nan,
        variance=np.nan,
        z_score=np.nan,
        p_value=np.nan,
        p_lower=np.nan,
        p_upper=np.nan,
        p_analytic=np.nan,
        n=sample.n,
        n_isolates=int(np.count_nonzero(sample.counts == 0)),
        transform=sample.transform,
        **vars(settings),
        reason=reason,
    )


def _shuffled_tails(sample: Sample, settings: Settings, form: Quadratic, observed: float) -> Tails:
    linear = None if form.b is None else (both_sums(sample), form.b)
    size = float(np.max(form.a**2)) * float(sample.row_sums.sum()) * abs(form.scale)
    tolerance = 1e-12 * size
    at_most = at_least = 0
    for products, sums in shuffled_products(
        sample.weights, form.a, linear, permutations=settings.permutations, seed=settings.seed
    ):
        shuffled = form.scale * products + sums
        at_most += int(np.count_nonzero(shuffled <= observed + tolerance))
        at_least += int(np.count_nonzero(shuffled >= observed - tolerance))
    return counted_tails(np.array([at_most]), np.array([at_least]), settings.permutations)
