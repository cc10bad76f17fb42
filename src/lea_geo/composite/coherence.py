"""Whether members belong together: correlations, Cronbach's alpha and principal components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lea_geo.composite.factor import complete_rows

DRAWS = 200
"""Sets of independent members that parallel analysis compares with."""
_QUANTILE = 0.95
_LEAST = 3
"""Areas below which a correlation says nothing."""


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha of k members over the n areas that have all of them; NaN where it has no value."""

    raw: float
    standardised: float
    mean_correlation: float
    without: np.ndarray
    """(k,) the raw alpha of the others."""
    n: int


@dataclass(frozen=True)
class Components:
    """The principal components of the correlations of k members, the largest first."""

    eigenvalues: np.ndarray
    """(k,) adding up to k."""
    loadings: np.ndarray
    """(k, k) a column a component: correlations of members with it; each column's sum is not negative."""
    by_chance: np.ndarray
    """(k,) the 95th percentile of each eigenvalue among independent members (Horn's parallel analysis)."""
    n: int

    @property
    def kaiser(self) -> int:
        """How many eigenvalues are above 1."""
        return int(np.sum(self.eigenvalues > 1 + 1e-12))

    @property
    def parallel(self) -> int:
        """How many eigenvalues, from the largest, are above what chance gives."""
        above = self.eigenvalues > self.by_chance
        return int(np.argmin(np.append(above, False)))


def alpha(x: np.ndarray) -> Alpha:
    """Return Cronbach's alpha, which is 1 where all members say the same.

    ``raw = k / (k - 1) (1 - sum_i var(x_i) / var(sum_i x_i))``; ``standardised = k r / (1 + (k - 1) r)`` with
    the mean r of the correlations between members.

    Parameters
    ----------
    x
        Members (n, k); areas without all of them are left out.

    References
    ----------
    Cronbach (1951), https://doi.org/10.1007/BF02310555
    """
    held = complete_rows(x)
    n, k = held.shape
    if n < _LEAST or k < 2:
        return Alpha(np.nan, np.nan, np.nan, np.full(k, np.nan), n)
    covariance = np.cov(held, rowvar=False)
    deviation = np.sqrt(np.diag(covariance))
    if (deviation == 0).any():
        mean = np.nan
    else:
        mean = float((covariance / np.outer(deviation, deviation))[~np.eye(k, dtype=bool)].mean())
    others = [np.delete(np.delete(covariance, i, axis=0), i, axis=1) for i in range(k)]
    return Alpha(
        raw=_raw_alpha(covariance),
        standardised=k * mean / (1 + (k - 1) * mean),
        mean_correlation=mean,
        without=np.array([_raw_alpha(other) for other in others]),
        n=n,
    )


def _raw_alpha(covariance: np.ndarray) -> float:
    k, total = len(covariance), covariance.sum()
    if k < 2 or total <= 0:
        return float("nan")
    return float(k / (k - 1) * (1 - np.trace(covariance) / total))


def components(x: np.ndarray, *, seed: int) -> Components | None:
    """Return the principal components of the members' correlations; None where there are none to take.

    Parameters
    ----------
    x
        Members (n, k); areas without all of them are left out.
    seed
        Of parallel analysis, whose draws depend on it, n and k alone.

    References
    ----------
    Horn (1965), https://doi.org/10.1007/BF02289447
    """
    held = complete_rows(x)
    n, k = held.shape
    if n < _LEAST or k < 2 or (np.ptp(held, axis=0) == 0).any():
        return None
    values, vectors = np.linalg.eigh(np.corrcoef(held, rowvar=False))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    vectors = np.where(vectors.sum(axis=0) < 0, -vectors, vectors)
    return Components(values, vectors * np.sqrt(values), _by_chance(n, k, seed), n)


def _by_chance(n: int, k: int, seed: int) -> np.ndarray:
    """Return quantiles of the eigenvalues of n areas' correlations between k independent members."""
    draws = np.random.default_rng([seed, n, k])
    if n <= k:
        samples = draws.standard_normal((DRAWS, n, k))
        samples -= samples.mean(axis=1, keepdims=True)
        scatter = samples.transpose(0, 2, 1) @ samples
    else:  # Bartlett's decomposition of a Wishart matrix: k * k numbers in place of n * k
        factor = np.tril(draws.standard_normal((DRAWS, k, k)), -1)
        freedom = n - 1 - np.arange(k)
        factor[:, np.arange(k), np.arange(k)] = np.sqrt(draws.chisquare(freedom, size=(DRAWS, k)))
        scatter = factor @ factor.transpose(0, 2, 1)
    deviation = np.sqrt(np.diagonal(scatter, axis1=1, axis2=2))
    correlations = scatter / (deviation[:, :, None] * deviation[:, None, :])
    values = np.linalg.eigvalsh(correlations)[:, ::-1]
    return np.asarray(np.quantile(values, _QUANTILE, axis=0))


def correlation_pairs(x: np.ndarray) -> pd.DataFrame:
    """Return correlations between all pairs of columns, each over the areas that have both.

    Parameters
    ----------
    x
        (n, k); NaN where there is no value.

    Returns
    -------
    pandas.DataFrame
        Columns ``first second`` (places of columns) ``n pearson spearman``; NaN below three areas and where
        a column is constant.
    """
    frame = pd.DataFrame(x)
    first, second = np.triu_indices(x.shape[1], 1)
    there = (~np.isnan(x)).astype(float)
    found = {
        kind: frame.corr(method=kind, min_periods=_LEAST).to_numpy()[first, second]
        for kind in ("pearson", "spearman")
    }
    n = (there.T @ there)[first, second].astype(int)
    return pd.DataFrame({"first": first, "second": second, "n": n, **found})


def correlations_with(x: np.ndarray, other: np.ndarray) -> tuple[float, float, int]:
    """Return Pearson's and Spearman's correlation of two columns, and over how many areas."""
    row = correlation_pairs(np.column_stack([x, other])).iloc[0]
    return float(row["pearson"]), float(row["spearman"]), int(row["n"])
