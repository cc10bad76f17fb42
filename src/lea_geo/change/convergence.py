"""Whether areas that were behind catch up: beta convergence, with and without the noise of small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from lea_geo._checks import check_choice, check_count, check_fraction, check_seed
from lea_geo._checks.change import (
    check_change_years,
    check_enough_areas,
    check_positive,
)
from lea_geo.change.known import known_values, two_years
from lea_geo.change.pairs import Measured

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    _Slope = tuple[float, float, float]

TRANSFORMS = ("level", "log")
ROWS = ("naive", "corrected", "same_people")
VERDICTS = ("converging", "diverging", "cannot_tell")
LEAST_AREAS = 8
"""Fewer areas give no slope worth the name."""
LEAST_RELIABILITY = 0.2
"""Where less of the earlier values' variance is real, the noise cannot be taken off a slope."""
_DRAWN_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class BetaConvergence:
    """The slope of change on the earlier value."""

    table: pd.DataFrame
    """Rows ``naive``, ``corrected`` and ``same_people``: ``slope lower upper``; ``speed`` (the share of a
    gap that closes in a year, ``-log(1 + slope) / years``) and ``half_life`` (years until half of it has; NaN
    where no gap closes)."""
    verdict: str
    """One of ``VERDICTS``: ``converging`` where the whole interval of ``corrected`` is below 0, ``diverging``
    where that of ``same_people`` is above it."""
    reliability: float
    """The share of the variance of the earlier values that is real, 0 to 1."""
    noise_slope: float
    """The slope that noise alone would give if nothing had changed: ``reliability - 1``."""
    since: int
    until: int
    kind: str
    transform: str
    level: float
    runs: int
    seed: int
    n: int
    areas: pd.Index
    """The areas that the slope was fitted to, in the order of their ids."""
    residuals: pd.Series
    """Of the corrected line, by area: what :func:`lea_geo.global_moran` tests for spatial order."""
    notes: tuple[str, ...]


class _Sums(NamedTuple):
    """Moments of earlier value and change over areas, each of shape (k,)."""

    spread: np.ndarray
    joint: np.ndarray
    noise: np.ndarray
    """Mean variance of the earlier values' noise, less its mean covariance with that of the later ones."""
    chance: np.ndarray
    """Mean variance of the earlier values' noise."""


def beta_convergence(
    years: Mapping[int, pd.DataFrame],
    *,
    kind: str = "proportion",
    since: int | None = None,
    until: int | None = None,
    scale: float = 1.0,
    transform: str = "level",
    level: float = 0.95,
    correlation: float | pd.Series | None = None,
    redrawn: Collection[str] | pd.DataFrame = (),
    runs: int = 999,
    seed: int = 0,
) -> BetaConvergence:
    """Fit the change of areas to where they started, and take off what small numbers alone would do.

    Chance that made an area's earlier value high is gone in the later one: where nothing changes at all,
    noisy areas seem to converge. With earlier values y, changes d, noise variances v and covariances c::

        naive       = cov(d, y) / var(y)
        corrected   = (cov(d, y) + mean(v) - mean(c)) / (var(y) - mean(v))
        same_people = cov(d, y) / (var(y) - mean(v))

    Where the same people are counted in both years and stay as they were, the chance in both is the same
    (c = v) and takes no part in the change: ``same_people``. Where they are others, c is 0: ``corrected``.
    The truth lies between, unless ``correlation`` says where; convergence is claimed by the one that shows
    least of it, divergence by the other.

    The naive slope and its interval are those of least squares. In the corrected one an area counts the less
    the noisier it is (``1 / (v + median v)``), and its interval is that of areas drawn with replacement
    (percentiles of ``runs``).

    Parameters
    ----------
    years, kind, since, until, scale, redrawn
        As in :func:`area_changes`.
    correlation
        As there; then both corrected rows are the same. Left out, nothing is taken for granted of it.
    transform
        ``"level"``, or ``"log"``, the growth regression of Barro and Sala-i-Martin: areas with a value of 0
        are left out, and the noise of a logarithm is taken to be ``v / y^2``.
    level
        Coverage of the intervals.
    runs, seed
        Draws of the corrected interval.

    Returns
    -------
    BetaConvergence
        Where less than a fifth of the earlier variance is real, or a draw has less than none too often for
        the interval, the corrected slope has no interval (or is NaN itself) and nothing can be told.

    Raises
    ------
    UsageError
        If an option is wrong.
    ValuesError
        If fewer than eight areas have values in both years, or values contradict each other.

    References
    ----------
    Barro and Sala-i-Martin (1992), https://doi.org/10.1086/261816
    Friedman (1992), https://www.jstor.org/stable/2727916 (regression to the mean mistaken for convergence)
    Fuller (1987), https://doi.org/10.1002/9780470316665, section 1.2 (known error variances)
    """
    check_choice("transform", transform, TRANSFORMS)
    tables = check_change_years(years, kind)
    level, runs, seed = check_fraction("level", level), check_count("runs", runs, least=99), check_seed(seed)
    stated = 0.0 if correlation is None else correlation
    given = two_years(tables, since, until, correlation=stated, redrawn=redrawn)
    ids, held, notes = known_values(given, kind, check_positive("scale", scale))
    ids, held, told = _transformed(ids, held, transform)
    check_enough_areas(len(ids), LEAST_AREAS, "A slope")
    fitted = _fit(held, level, runs, seed)
    same = fitted if correlation is not None else _fit(_same_people(held), level, runs, seed)
    return BetaConvergence(
        table=_table((fitted.naive, fitted.corrected, same.corrected), given.years[1] - given.years[0]),
        verdict=_verdict(fitted.corrected, same.corrected),
        reliability=fitted.reliability,
        noise_slope=fitted.reliability - 1,
        since=given.years[0],
        until=given.years[1],
        kind=kind,
        transform=transform,
        level=level,
        runs=runs,
        seed=seed,
        n=len(ids),
        areas=ids,
        residuals=pd.Series(_residuals(held, fitted.corrected[0]), index=ids),
        notes=(*notes, *told, *fitted.notes),
    )


@dataclass(frozen=True)
class _Fitted:
    naive: tuple[float, float, float]
    corrected: tuple[float, float, float]
    reliability: float
    notes: tuple[str, ...] = ()


def _fit(held: Measured, level: float, runs: int, seed: int) -> _Fitted:
    sums = _sums(held, np.ones((1, len(held.then))))
    spread, joint = float(sums.spread[0]), float(sums.joint[0])
    naive = _least_squares(held, level)
    if not np.isfinite(float(sums.chance[0])):
        told = "The noise of the values is not known: nothing is taken off the slope, and it proves nothing."
        return _Fitted(naive, (np.nan, np.nan, np.nan), np.nan, (told,))
    reliability = max(0.0, 1 - float(sums.chance[0]) / spread) if spread > 0 else 0.0
    if reliability < LEAST_RELIABILITY:
        told = (
            f"Only {reliability:.0%} of the variance of the earlier values is real: whether areas converge "
            "cannot be told from small numbers."
        )
        return _Fitted(naive, (np.nan, np.nan, np.nan), reliability, (told,))
    slope = (joint + float(sums.noise[0])) / (spread - float(sums.chance[0]))
    lower, upper = _bootstrapped(held, level, runs, seed)
    return _Fitted(naive, (slope, lower, upper), reliability)


def _least_squares(held: Measured, level: float) -> tuple[float, float, float]:
    y, d = held.then - held.then.mean(), held.now - held.then
    spread = float(y @ y)
    if spread <= 0:
        return np.nan, np.nan, np.nan
    slope = float(y @ d) / spread
    rest = d - d.mean() - slope * y
    free = len(y) - 2
    reach = float(stdtrit(free, (1 + level) / 2)) * np.sqrt(float(rest @ rest) / free / spread)
    return slope, slope - reach, slope + reach


def _sums(held: Measured, times: np.ndarray) -> _Sums:
    """Return the moments of areas that are each taken so many times, shape (k, n)."""
    y, d = held.then - held.then.mean(), held.now - held.then
    trust = held.trust if np.isfinite(held.error_then).all() else np.full(len(y), 1 / len(y))
    weight = times * trust
    weight = weight / weight.sum(axis=1, keepdims=True)
    # A mean that is fitted takes so much off a variance, and off the noise in it.
    whole, own = 1 - trust @ trust, 1 - trust
    v, c = held.error_then**2, held.rho * held.error_then * held.error_now
    my, md = weight @ y, weight @ d
    spread = (weight @ y**2 - my**2) / whole
    joint = (weight @ (y * d) - my * md) / whole
    return _Sums(spread, joint, weight @ (own * (v - c)) / whole, weight @ (own * v) / whole)


def _bootstrapped(held: Measured, level: float, runs: int, seed: int) -> tuple[float, float]:
    """Return the percentiles of the corrected slope over areas drawn with replacement."""
    rng, n = np.random.default_rng(seed), len(held.then)
    slopes = []
    for start in range(0, runs, _DRAWN_AT_ONCE):
        k = min(_DRAWN_AT_ONCE, runs - start)
        sums = _sums(held, rng.multinomial(n, np.full(n, 1 / n), size=k))
        real = sums.spread - sums.chance
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes.append(np.where(real > 0, (sums.joint + sums.noise) / real, np.nan))
    drawn = np.concatenate(slopes)
    if np.isnan(drawn).mean() > (1 - level) / 2:
        return np.nan, np.nan
    lower, upper = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(lower), float(upper)


def _table(slopes: Sequence[_Slope], years: int) -> pd.DataFrame:
    rows = pd.DataFrame(slopes, index=list(ROWS), columns=["slope", "lower", "upper"])
    slope = rows["slope"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.where(slope > -1, -np.log1p(slope) / years, np.nan)
        half = np.where(speed > 0, np.log(2) / speed, np.nan)
    return rows.assign(speed=speed, half_life=half)


def _verdict(corrected: _Slope, same: _Slope) -> str:
    if corrected[2] < 0:
        return "converging"
    return "diverging" if same[1] > 0 else "cannot_tell"


def _same_people(held: Measured) -> Measured:
    """Return the areas as if the chance in the later year were that of the earlier one."""
    one = np.ones(len(held.rho))
    return Measured(held.then, held.now, held.error_then, held.error_then, one)


def _residuals(held: Measured, slope: float) -> np.ndarray:
    """Return what is left of the changes beside the line through the means."""
    d = held.now - held.then
    return np.asarray(d - d.mean() - (0.0 if np.isnan(slope) else slope) * (held.then - held.then.mean()))


def _transformed(ids: pd.Index, held: Measured, transform: str) -> tuple[pd.Index, Measured, tuple[str, ...]]:
    if transform == "level":
        return ids, held, ()
    kept = (held.then > 0) & (held.now > 0)
    y0, y1 = held.then[kept], held.now[kept]
    logs = Measured(
        np.log(y0), np.log(y1), held.error_then[kept] / y0, held.error_now[kept] / y1, held.rho[kept]
    )
    lost = len(kept) - int(kept.sum())
    told = (
        f"{lost} of {len(kept)} areas have a value of 0 or less, which has no logarithm; they are left out."
    )
    return ids[kept], logs, (told,) if lost else ()
