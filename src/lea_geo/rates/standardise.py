"""Rates that allow for areas having people of different ages, or of other strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.rates import (
    check_people_by_stratum,
    check_per_stratum,
    check_standard_name,
    check_strata,
)
from lea_geo._checks.values import check_counts
from lea_geo.errors import SHOWN_IDS
from lea_geo.rates.counts import RateResult
from lea_geo.rates.intervals import byar_bounds, garwood_bounds
from lea_geo.rates.standard_populations import STANDARDS, standard_of

if TYPE_CHECKING:
    from collections.abc import Callable

DIRECT_INTERVALS = ("dobson", "gamma")
COUNT_BOUNDS = {"byar": byar_bounds, "exact": garwood_bounds}
FEW = 10
"""Below as many events the English public health guidance publishes no directly standardised rate."""


@dataclass(frozen=True, kw_only=True)
class StandardisedRates(RateResult):
    """Standardised rates of every area, and what they were standardised to."""

    standard: pd.Series
    """By stratum: the weights, which sum to 1 (direct), or the standard rates (indirect)."""
    standard_name: str
    """``given``, ``own`` (all areas together) or the name of a built-in population."""
    interval: str
    level: float


def direct_rates(
    events: pd.DataFrame | pd.Series,
    people: pd.DataFrame | pd.Series,
    *,
    standard: pd.Series | str | None = None,
    interval: str = "dobson",
    bounds: str = "byar",
    level: float = 0.95,
) -> StandardisedRates:
    """Return the rate that each area would have if its people were divided into strata as the standard's are.

    With x_j events among n_j people of stratum j and the standard's share W_j of it, w_j = W_j / n_j::

        rate = sum w_j x_j,   variance = sum w_j^2 x_j

    ``interval="dobson"`` (Dobson et al. 1991) stretches the bounds of the number of events O = sum x_j::

        rate + sqrt(variance / O) (O_lower - O),   rate + sqrt(variance / O) (O_upper - O)

    and ``interval="gamma"`` (Fay and Feuer 1997) takes quantiles of gamma laws, with w_M the largest w_j::

        lower: mean rate, variance as above,   upper: mean rate + w_M, variance + w_M^2

    Fay and Feuer's covers the truth in every case that they tried, and is the wider one.

    Parameters
    ----------
    events, people
        Counts by area and stratum, aligned by both: tables indexed by ``area_id`` with a column for each
        stratum, or Series indexed by ``area_id`` and one or more levels of strata. NaN where unknown.
    standard
        People of the standard population by stratum; ``"european_2013"`` for strata that are age bands;
        left out, the people of all areas together.
    interval
        ``"dobson"`` or ``"gamma"``.
    bounds
        For ``"dobson"``, what bounds the number of events: ``"byar"`` or ``"exact"``.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    StandardisedRates
        Columns ``events people crude rate lower upper``; NaN where a count is unknown, or where nobody lives
        in a stratum that the standard has: its rate is not known there.

    Raises
    ------
    UsageError
        If an option is unknown or the counts have no ids.
    ValuesError
        If areas or strata differ, counts are negative or infinite, or there are events where nobody lives.

    References
    ----------
    Dobson et al. (1991), https://doi.org/10.1002/sim.4780100317
    Fay and Feuer (1997), https://doi.org/10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#
    """
    check_choice("interval", interval, DIRECT_INTERVALS)
    bounds_of = COUNT_BOUNDS[check_choice("bounds", bounds, COUNT_BOUNDS)]
    check_fraction("level", level)
    index, strata, x, n = check_strata(events, people)
    weights, name = _standard(standard, strata, n)
    known = ~np.isnan(x + n).any(axis=1)
    gap = known & ((n == 0) & (weights > 0)).any(axis=1)
    valid = known & ~gap
    w = np.divide(weights, n[valid], out=np.zeros((int(valid.sum()), len(weights))), where=n[valid] > 0)
    columns = _direct(x[valid], n[valid], w)
    if interval == "gamma":
        ends = _gamma_bounds(
            columns["rate"], np.sum(w**2 * x[valid], axis=1), w.max(axis=1, initial=0), level
        )
    else:
        ends = _dobson_bounds(columns["rate"], x[valid], n[valid], w, lambda o: bounds_of(o, level))
    columns |= {"lower": np.minimum(ends[0], columns["rate"]), "upper": np.maximum(ends[1], columns["rate"])}
    return StandardisedRates(
        table=_spread(columns, valid, index),
        method="direct",
        kind="rate",
        n_without_population=int((n[known].sum(axis=1) == 0).sum()),
        notes=_direct_notes(index, gap, columns["events"], name),
        standard=pd.Series(weights, index=strata, name="weight"),
        standard_name=name,
        interval=f"dobson_{bounds}" if interval == "dobson" else interval,
        level=level,
    )


def indirect_rates(
    events: pd.DataFrame | pd.Series,
    people: pd.DataFrame | pd.Series,
    *,
    standard_rates: pd.Series | None = None,
    bounds: str = "byar",
    level: float = 0.95,
) -> StandardisedRates:
    """Compare each area's events with those that the standard's rates foretell for its people.

    With n_j people of stratum j and the standard's rate R_j there, O events in all::

        expected = sum n_j R_j,   ratio = O / expected

    the standardised mortality or incidence ratio. Ratios compare each area with the standard; two areas of
    different ages are not compared by them.

    Parameters
    ----------
    events
        Events by area and stratum as in :func:`direct_rates`; with ``standard_rates``, a Series of each
        area's events in all will do.
    people
        People by area and stratum, as in :func:`direct_rates`.
    standard_rates
        Events for each person by stratum; left out, those of all areas together.
    bounds
        ``"byar"``, or ``"exact"`` (Garwood), of the number of events.
    level
        Coverage, between 0 and 1.

    Returns
    -------
    StandardisedRates
        Columns ``events people expected ratio lower upper``, and ``rate``: the ratio times the crude rate of
        the standard among all these people. NaN where a count is unknown or nothing was to be expected.

    Raises
    ------
    UsageError
        If an option is unknown, counts have no ids, or events have no strata and no rates are given.
    ValuesError
        As :func:`direct_rates`.

    References
    ----------
    Breslow and Day (1987), Statistical Methods in Cancer Research, volume II, IARC, chapter 2
    """
    bounds_of = COUNT_BOUNDS[check_choice("bounds", bounds, COUNT_BOUNDS)]
    check_fraction("level", level)
    total = isinstance(events, pd.Series) and events.index.nlevels == 1 and standard_rates is not None
    index, strata, observed, n, rates = (
        _with_totals(events, people, standard_rates)
        if total
        else _with_strata(events, people, standard_rates)
    )
    expected = np.sum(n * rates, axis=1)
    known = ~np.isnan(observed + expected)
    valid = known & (expected > 0)
    o, e = observed[valid], expected[valid]
    lower, upper = bounds_of(o, level)
    crude = expected[known].sum() / max(1.0, n[known].sum())
    columns = {"events": o, "people": n[valid].sum(axis=1), "expected": e, "ratio": o / e}
    columns |= {"lower": np.minimum(lower, o) / e, "upper": np.maximum(upper, o) / e, "rate": o / e * crude}
    nothing = int((known & ~valid).sum())
    told = (f"In {nothing} of {len(index)} areas no event was to be expected; they have no ratio.",)
    return StandardisedRates(
        table=_spread(columns, valid, index),
        method="indirect",
        kind="rate",
        n_without_population=int((n[known].sum(axis=1) == 0).sum()),
        notes=told if nothing else (),
        standard=pd.Series(rates, index=strata, name="rate"),
        standard_name="own" if standard_rates is None else "given",
        interval=bounds,
        level=level,
    )


def _standard(given: pd.Series | str | None, strata: pd.Index, n: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the standard's share of each stratum, and what the standard is."""
    if given is None:
        people, name = pd.Series(n[~np.isnan(n).any(axis=1)].sum(axis=0), index=strata), "own"
    elif isinstance(given, str):
        name = check_standard_name(given, STANDARDS)
        people = standard_of(name, strata)
    else:
        people, name = given, "given"
    weights = check_per_stratum("standard", people, strata, some=True)
    return weights / weights.sum(), name


def _direct(x: np.ndarray, n: np.ndarray, w: np.ndarray) -> dict[str, np.ndarray]:
    events, people = x.sum(axis=1), n.sum(axis=1)
    return {"events": events, "people": people, "crude": events / people, "rate": np.sum(w * x, axis=1)}


def _dobson_bounds(
    rate: np.ndarray,
    x: np.ndarray,
    n: np.ndarray,
    w: np.ndarray,
    bounds_of: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray]:
    """Return Dobson's bounds; without an event its strata are not known, so it might be anybody's."""
    events = x.sum(axis=1)
    per_event = np.sum(w**2 * n, axis=1) / n.sum(axis=1)
    per_event = np.divide(np.sum(w**2 * x, axis=1), events, out=per_event, where=events > 0)
    stretch = np.sqrt(per_event)
    lower, upper = bounds_of(events)
    return np.maximum(0.0, rate + stretch * (lower - events)), rate + stretch * (upper - events)


def _gamma_bounds(
    rate: np.ndarray, variance: np.ndarray, largest: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - level) / 2
    some = rate > 0
    shape = np.divide(rate**2, variance, out=np.ones_like(rate), where=some)
    lower = np.where(some, gammaincinv(shape, tail) * np.divide(variance, rate, out=rate * 0, where=some), 0)
    mean, spread = rate + largest, variance + largest**2
    return lower, gammaincinv(mean**2 / spread, 1 - tail) * spread / mean


def _direct_notes(index: pd.Index, gap: np.ndarray, events: np.ndarray, name: str) -> tuple[str, ...]:
    notes = []
    if gap.any():
        named = ", ".join(index[gap][:SHOWN_IDS]) + (", …" if gap.sum() > SHOWN_IDS else "")
        notes.append(
            f"In {gap.sum()} of {len(index)} areas ({named}) nobody lives in a stratum that the standard "
            f"({name}) has; they have no directly standardised rate. Wider strata, or indirect "
            "standardisation, would give them one."
        )
    few = int((events < FEW).sum())
    if few:
        notes.append(
            f"{few} of {len(index)} areas have fewer than {FEW} events: their directly standardised rates "
            "are unstable."
        )
    return tuple(notes)


def _with_strata(
    events: object, people: object, standard_rates: pd.Series | None
) -> tuple[pd.Index, pd.Index, np.ndarray, np.ndarray, np.ndarray]:
    index, strata, x, n = check_strata(events, people)
    if standard_rates is not None:
        rates = check_per_stratum("standard_rates", standard_rates, strata, some=True)
    else:
        known = ~np.isnan(x + n).any(axis=1)
        everybody = n[known].sum(axis=0)
        rates = np.divide(x[known].sum(axis=0), everybody, out=np.zeros(len(strata)), where=everybody > 0)
    return index, strata, x.sum(axis=1), n, rates


def _with_totals(
    events: object, people: object, standard_rates: object
) -> tuple[pd.Index, pd.Index, np.ndarray, np.ndarray, np.ndarray]:
    by_stratum = check_people_by_stratum(people)
    index, observed, _ = check_counts(events, by_stratum.sum(axis=1, skipna=False), proportion=False)
    n = by_stratum.reindex(index).to_numpy()
    rates = check_per_stratum("standard_rates", standard_rates, by_stratum.columns, some=True)
    return index.rename("area_id"), by_stratum.columns, observed, n, rates


def _spread(columns: dict[str, np.ndarray], valid: np.ndarray, index: pd.Index) -> pd.DataFrame:
    """Return the columns on every area, NaN for those without a rate."""
    full = {name: np.full(len(index), np.nan) for name in columns}
    for name, column in columns.items():
        full[name][valid] = column
    return pd.DataFrame(full, index=index)
