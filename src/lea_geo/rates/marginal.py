"""Rates shrunk by a law of rates that is fitted to all areas by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaincinv, expit, gammaincinv, gammaln, logit, psi

from lea_geo._checks import check_fraction
from lea_geo.rates.counts import Counts, RateResult

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

STRONGEST = 1e9
"""A law of rates as narrow as if so many people (events) were behind it is one rate for all."""
WEAKEST = 1e-6
_SERIES_FROM = 30.0
_REACH = 10.0
"""How far the law's mean is sought from that of all areas together, on the scale of logits or logarithms."""
_NO_GAIN = 1e-9
"""How much of the log-likelihood the fit of a law must win over that of one rate for all, to be one."""


@dataclass(frozen=True, kw_only=True)
class FittedRates(RateResult):
    """Rates shrunk by a law of rates, and the law."""

    mean: float
    """Of the law: the rate that areas are shrunk towards."""
    strength: float
    """How much the law weighs: as many people as ``a + b`` for beta-binomial, as many events as the shape for
    Poisson-gamma; infinite where the rates vary no more than chance would make them."""
    log_likelihood: float
    """Without the parts that do not depend on the law."""
    level: float

    @property
    def overdispersed(self) -> bool:
        """Whether the rates vary more than chance alone would make them."""
        return bool(np.isfinite(self.strength))


def beta_binomial(numerator: pd.Series, denominator: pd.Series, *, level: float = 0.95) -> FittedRates:
    """Shrink each area's proportion by a beta law of proportions that is fitted to all areas.

    Events x_i among n_i people are binomial with a proportion from Beta(a, b); a and b maximise the product
    over areas of the beta-binomial likelihood::

        B(x_i + a, n_i - x_i + b) / B(a, b)

    and the area's own proportion is then known to follow Beta(a + x_i, b + n_i - x_i): its mean is the
    estimate, its quantiles the bounds.

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator is part of the denominator. NaN where
        unknown.
    level
        Probability that the bounds hold the proportion, between 0 and 1.

    Returns
    -------
    FittedRates
        Columns ``rate`` (raw), ``estimate``, ``lower``, ``upper`` and ``reliability`` (0 to 1: the share of
        the raw rate in the estimate); NaN where a count is unknown or nobody lives. Where the rates vary no
        more than chance would make them, every estimate and bound is the mean rate, and a note says so.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes` with ``kind="proportion"``.

    References
    ----------
    Griffiths (1973), https://doi.org/10.2307/2529131
    """
    return _fitted(Counts.of(numerator, denominator, "proportion"), _BETA, level)


def poisson_gamma(numerator: pd.Series, denominator: pd.Series, *, level: float = 0.95) -> FittedRates:
    """Shrink each area's rate of events by a gamma law of rates that is fitted to all areas.

    Events x_i are Poisson with mean n_i times a rate from Gamma(shape a, rate b); a and b maximise the
    product over areas of the negative-binomial likelihood::

        Gamma(x_i + a) / Gamma(a)  (b / (b + n_i))^a  (n_i / (b + n_i))^x_i

    and the area's own rate is then known to follow Gamma(a + x_i, b + n_i): its mean is the estimate, its
    quantiles the bounds. With expected events (:func:`~lea_geo.rates.standardise.indirect_rates`) in place of
    people, the rates are standardised ratios.

    Parameters
    ----------
    numerator, denominator
        Counts indexed by ``area_id``, aligned by id; the numerator need not be part of the denominator, which
        may be expected events. NaN where unknown.
    level
        Probability that the bounds hold the rate, between 0 and 1.

    Returns
    -------
    FittedRates
        As :func:`beta_binomial`.

    Raises
    ------
    UsageError, ValuesError
        As :func:`~lea_geo.rates.empirical_bayes.empirical_bayes` with ``kind="rate"``.

    References
    ----------
    Clayton and Kaldor (1987), https://doi.org/10.2307/2532003
    """
    return _fitted(Counts.of(numerator, denominator, "rate"), _GAMMA, level)


class _Law(NamedTuple):
    """How rates are distributed over areas; ``mean`` and ``strength`` are its parameters."""

    method: str
    kind: str
    link: Callable[[float], float]
    """From the mean to all real numbers, and ``unlink`` back."""
    unlink: Callable[[float], float]
    fit: Callable[..., tuple[float, float, float]]
    """Log-likelihood and its derivatives by the unlinked mean and by the logarithm of the strength."""
    quantiles: Callable[..., np.ndarray]


class _Cases(NamedTuple):
    """Different pairs of counts, and how many areas have each."""

    x: np.ndarray
    n: np.ndarray
    copies: np.ndarray


def _fitted(counts: Counts, law: _Law, level: float) -> FittedRates:
    tail = (1 - check_fraction("level", level)) / 2
    events, people = counts.events[counts.valid], counts.people[counts.valid]
    # Small areas share their counts with many others, and quantiles take long.
    pairs, place, copies = np.unique(events + 1j * people, return_inverse=True, return_counts=True)
    cases = _Cases(pairs.real, pairs.imag, copies.astype(float))
    mean, strength, likelihood = _most_likely(cases, law)
    share = _share(cases.n, mean, strength, law)
    estimate = mean + share * (cases.x / cases.n - mean)
    ends = [estimate, estimate]
    if np.isfinite(strength):
        ends = [law.quantiles(cases, mean, strength, p) for p in (tail, 1 - tail)]
    columns = {"rate": events / people, "estimate": estimate[place]}
    columns |= {"lower": np.minimum(ends[0], estimate)[place], "upper": np.maximum(ends[1], estimate)[place]}
    columns |= {"reliability": share[place]}
    plain = counts.result({name: counts.spread(c) for name, c in columns.items()}, law.method, law.kind)
    return FittedRates(
        table=plain.table,
        method=law.method,
        kind=law.kind,
        n_without_population=counts.empty,
        notes=(*plain.notes, *_told(mean, strength, len(events))),
        mean=mean,
        strength=strength,
        log_likelihood=likelihood,
        level=level,
    )


def _told(mean: float, strength: float, n: int) -> tuple[str, ...]:
    if np.isfinite(strength) or n == 0:
        return ()
    told = (
        f"The rates of {n} areas vary no more than chance would make them: every estimate is the mean rate "
        f"{mean:.6g}. How sure that is, the fitted law does not say."
    )
    return (told,)


def _most_likely(cases: _Cases, law: _Law) -> tuple[float, float, float]:
    """Return mean, strength and log-likelihood of the law; the strength is endless where one rate does."""
    people, total = float(cases.copies @ cases.n), float(cases.copies @ cases.x)
    mean = total / people if people else np.nan
    if not 0 < mean < (1 if law.kind == "proportion" else np.inf):  # no events, or nothing else
        return mean, np.inf, 0.0
    scale = float(cases.copies.sum())
    alone = law.fit(cases, mean, np.inf)[0]

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, by_mean, by_strength = law.fit(cases, float(law.unlink(theta[0])), float(np.exp(theta[1])))
        return -(value - alone) / scale, -np.array([by_mean, by_strength]) / scale

    bounds: list[tuple[float | None, float | None]] = [
        (law.link(mean) - _REACH, law.link(mean) + _REACH),
        (float(np.log(WEAKEST)), float(np.log(STRONGEST))),
    ]
    starts = np.log(_moment_strength(cases, mean, law) * np.array([1.0, 100.0]))
    found = [_descend(loss, np.array([law.link(mean), start]), bounds) for start in starts]
    theta, value = min(found, key=lambda one: one[1])
    if -value * scale <= _NO_GAIN * max(1.0, abs(alone)) or np.exp(theta[1]) > STRONGEST / 2:
        return mean, np.inf, alone
    return float(law.unlink(theta[0])), float(np.exp(theta[1])), alone - value * scale


def _descend(
    loss: Callable[..., tuple[float, np.ndarray]],
    start: np.ndarray,
    bounds: list[tuple[float | None, float | None]],
) -> tuple[np.ndarray, float]:
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 200},
    )
    return found.x, float(found.fun)


def _moment_strength(cases: _Cases, mean: float, law: _Law) -> float:
    """Return a strength to begin with, from the spread of the rates beyond chance (Marshall 1991)."""
    weight = cases.copies * cases.n
    spread = float(weight @ (cases.x / cases.n - mean) ** 2 / weight.sum())
    chance = mean * cases.copies.sum() / weight.sum()
    beyond = max(spread - chance, 0.01 * chance)
    found = mean**2 / beyond if law.kind == "rate" else mean * (1 - mean) / beyond
    return float(np.clip(found, 1e-3, 1e6))


def _share(n: np.ndarray, mean: float, strength: float, law: _Law) -> np.ndarray:
    """Return the share of the raw rate in the estimate: people over people and the law's weight in people."""
    if not np.isfinite(strength):
        return np.zeros(len(n))
    weight = strength if law.kind == "proportion" else strength / mean
    return np.asarray(n / (n + weight))


def _beta_fit(cases: _Cases, mean: float, strength: float) -> tuple[float, float, float]:
    """Return the beta-binomial log-likelihood as that of the binomial and what the law adds to it."""
    x, n, copies = cases
    rest = n - x
    value = float(copies @ (x * np.log(mean) + rest * np.log1p(-mean)))
    if not np.isfinite(strength):
        return value, 0.0, 0.0
    a, b = mean * strength, (1 - mean) * strength
    value += float(copies @ (_excess(x, a) + _excess(rest, b) - _excess(n, strength)))
    by_a, by_b = psi(x + a) - psi(a), psi(rest + b) - psi(b)
    by_mean = float(copies @ (by_a - by_b)) * strength * mean * (1 - mean)
    by_all = psi(n + strength) - psi(strength)
    return value, by_mean, float(copies @ (a * by_a + b * by_b - strength * by_all))


def _gamma_fit(cases: _Cases, mean: float, strength: float) -> tuple[float, float, float]:
    """Return the negative-binomial log-likelihood as that of the Poisson law and what the law adds to it."""
    x, n, copies = cases
    value = float(copies @ (x * np.log(mean * n) - mean * n))
    if not np.isfinite(strength):
        return value, 0.0, 0.0
    more = mean * n / strength
    grown = np.log1p(more)
    value += float(copies @ (_excess(x, strength) - x * grown - strength * (grown - more)))
    by_mean = float(copies @ ((x - mean * n) / (1 + more)))
    per = psi(x + strength) - psi(strength) - grown + (mean * n - x) / (strength + mean * n)
    return value, by_mean, strength * float(copies @ per)


def _excess(x: np.ndarray, a: float) -> np.ndarray:
    """Return log(Gamma(a + x) / Gamma(a)) - x log(a): nothing where a is endless, and exact on the way there.

    The difference of two logarithms of gamma functions would lose all its digits; Stirling's series does not.
    """
    if a < _SERIES_FROM:
        return np.asarray(gammaln(a + x) - gammaln(a) - x * np.log(a))
    return np.asarray((a + x - 0.5) * np.log1p(x / a) - x + _stirling(a + x) - _stirling(a))


def _stirling(z: np.ndarray | float) -> np.ndarray | float:
    """Return what Stirling's formula leaves of log Gamma(z), to within 1e-15 for z of 30 or more."""
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / z**2) / z**2) / z**2) / z


def _beta_quantiles(cases: _Cases, mean: float, strength: float, p: float) -> np.ndarray:
    a, b = mean * strength, (1 - mean) * strength
    return np.asarray(betaincinv(a + cases.x, b + cases.n - cases.x, p))


def _gamma_quantiles(cases: _Cases, mean: float, strength: float, p: float) -> np.ndarray:
    return np.asarray(gammaincinv(strength + cases.x, p) / (strength / mean + cases.n))


_BETA = _Law("beta_binomial", "proportion", logit, expit, _beta_fit, _beta_quantiles)
_GAMMA = _Law("poisson_gamma", "rate", np.log, np.exp, _gamma_fit, _gamma_quantiles)
