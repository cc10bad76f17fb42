"""How much of the concentration of something among the badly off goes with its drivers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.decompose import check_drivers, check_range, refuse_mean
from lea_geo.inequality.decompose_fit import bootstrapped, fitted, what_to_know, with_constant
from lea_geo.inequality.ends import ridits

CORRECTIONS = ("none", "erreygers", "wagstaff")
RESIDUAL = "residual"


@dataclass(frozen=True)
class ConcentrationDecomposition:
    """A concentration index, taken apart by drivers."""

    table: pd.DataFrame
    """Indexed by ``driver``, the residual last: ``mean coefficient``, ``elasticity`` (the per cent that the
    values' mean changes by with one per cent of the driver's), ``concentration`` (the driver's own
    concentration index), and ``contribution`` with ``lower upper`` and its ``share`` of the index."""
    value: float
    """The concentration index: the sum of the contributions."""
    interval: tuple[float, float]
    correction: str
    n_areas: int
    left_out: tuple[str, ...]
    runs: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()


def decompose_concentration(
    values: pd.Series,
    rank_by: pd.Series,
    drivers: pd.DataFrame,
    *,
    population: pd.Series | None = None,
    correction: str = "none",
    bounds: tuple[float, float] = (0.0, 1.0),
    runs: int = 999,
    level: float = 0.95,
    seed: int = 2009,
) -> ConcentrationDecomposition:
    """Take a concentration index apart into what goes with each driver, and a residual.

    With R the fractional rank of areas by ``rank_by``, the lowest first, the index is ``C = 2 cov(h, R) /
    mean h``. A regression of the values h on the drivers x gives coefficients b, and (Wagstaff and others)::

        C = sum_k (b_k mean x_k / mean h) C_k  +  2 cov(residual, R) / mean h

    exactly: the elasticity of each driver times its own concentration. All sums count areas by their people.

    Parameters
    ----------
    values
        Indexed by ``area_id``, with a mean above 0.
    rank_by
        What areas are ranked by, such as income; equal ones share their mean rank.
    drivers
        A column each, indexed by ``area_id``.
    population
        How much each area counts; left out: all the same.
    correction
        Of values that have bounds: ``"erreygers"``, ``4 mean h C / (b - a)``, or ``"wagstaff"``, ``(b - a)
        mean h C / ((b - mean h) (mean h - a))``; contributions are multiplied likewise. ``"none"``: C itself.
    bounds
        The least and the largest that values could be, for a correction.
    runs, level, seed
        As in :func:`~lea_geo.inequality.decompose_gap.decompose_gap`; areas are drawn again from all.

    Returns
    -------
    ConcentrationDecomposition

    Raises
    ------
    UsageError
        If an option is unknown or out of range.
    ValuesError
        If ids do not match, drivers are constant or sums of each other, too few areas are known, or the mean
        is not above 0.

    References
    ----------
    Wagstaff, van Doorslaer and Watanabe (2003), https://doi.org/10.1016/S0304-4076(02)00161-6
    Erreygers (2009), https://doi.org/10.1016/j.jhealeco.2008.02.003
    Wagstaff (2005), https://doi.org/10.1002/hec.953
    """
    check_choice("correction", correction, CORRECTIONS)
    check_count("runs", runs, least=19)
    check_fraction("level", level)
    check_seed(seed)
    ids, y, x, w, extra, left = check_drivers(values, drivers, population, rank_by=rank_by)
    ends = check_range("bounds", bounds, y) if correction != "none" else (0.0, 1.0)
    refuse_mean(float(np.average(y, weights=w)))
    by = extra["rank_by"]

    def contributions(rows: np.ndarray) -> np.ndarray:
        return _contributions(y[rows], by[rows], x[rows], w[rows], correction, ends)

    found = contributions(np.arange(len(y)))
    low, high, failed = bootstrapped(contributions, np.zeros(len(y), dtype=int), runs, level, seed)
    notes = what_to_know(left, len(ids), failed, runs)
    names = [*map(str, drivers.columns), RESIDUAL]
    return ConcentrationDecomposition(
        table=_table(names, y, by, x, w, found, low, high),
        value=float(found[-1]),
        interval=(float(low[-1]), float(high[-1])),
        correction=correction,
        n_areas=len(ids),
        left_out=left,
        runs=runs,
        level=level,
        seed=seed,
        notes=notes,
    )


def _covariance(one: np.ndarray, rank: np.ndarray, weights: np.ndarray) -> float:
    mean = np.average(one, weights=weights)
    return float(np.average((one - mean) * (rank - np.average(rank, weights=weights)), weights=weights))


def _contributions(
    y: np.ndarray,
    by: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    correction: str,
    bounds: tuple[float, float],
) -> np.ndarray:
    """Return what each driver adds, the residual, and the index."""
    rank, mean = ridits(by, w / w.sum()), np.average(y, weights=w)
    low, high = bounds
    factor = {
        "none": 1.0,
        "erreygers": 4 * mean / (high - low),
        "wagstaff": (high - low) * mean / ((high - mean) * (mean - low)) if low < mean < high else np.nan,
    }[correction]
    slopes = fitted(with_constant(x), y, w)[1:]
    whole = factor * 2 * _covariance(y, rank, w) / mean
    parts = [
        factor * 2 * slope * _covariance(column, rank, w) / mean
        for slope, column in zip(slopes, x.T, strict=True)
    ]
    return np.array([*parts, whole - sum(parts), whole])


def _table(
    names: list[str],
    y: np.ndarray,
    by: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    found: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> pd.DataFrame:
    rank, slopes = ridits(by, w / w.sum()), fitted(with_constant(x), y, w)[1:]
    means = np.average(x, axis=0, weights=w)
    own = np.array([2 * _covariance(column, rank, w) for column in x.T])
    with np.errstate(divide="ignore", invalid="ignore"):
        concentration = np.where(means == 0, np.nan, own / means)
    columns = {
        "mean": np.append(means, np.nan),
        "coefficient": np.append(slopes, np.nan),
        "elasticity": np.append(slopes * means / np.average(y, weights=w), np.nan),
        "concentration": np.append(concentration, np.nan),
        "contribution": found[:-1],
        "lower": low[:-1],
        "upper": high[:-1],
        "share": found[:-1] / found[-1] if found[-1] else np.full(len(found) - 1, np.nan),
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="driver"))
