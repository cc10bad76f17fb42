"""Whether an area's values rise or fall over the years: Mann and Kendall's test, Theil's and Sen's slope."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice, check_fraction
from lea_geo._checks.trends import check_years
from lea_geo.change import trend_serial
from lea_geo.change.trend_ranks import Orders
from lea_geo.change.trend_serial import Serial
from lea_geo.change.trend_slope import median_slope, slope_interval, slopes
from lea_geo.spatial.inference import ALTERNATIVES, CORRECTIONS, Tails, adjusted
from lea_geo.spatial.local_result import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Callable

AUTOCORRELATION = ("none", "hamed_rao", "trend_free", "pooled")
"""What is done about values that resemble those of the year before."""
TRENDS = ("rising", "falling", "not told", "")
"""What is said of an area; blank where there are fewer than ``LEAST`` years with a value."""
LEAST = 3
TREND_COLUMNS = (
    "n",
    "s",
    "tau",
    "variance",
    "z_score",
    "p_lower",
    "p_upper",
    "p_value",
    "p_least",
    "q_value",
    "slope",
    "slope_lower",
    "slope_upper",
    "corrected",
    "trend",
)
_CORRECTIONS: dict[str, Callable[[np.ndarray, np.ndarray], Serial]] = {
    "hamed_rao": trend_serial.hamed_rao,
    "trend_free": trend_serial.trend_free,
    "pooled": trend_serial.pooled,
}


@dataclass(frozen=True, kw_only=True)
class TrendResult(ByArea):
    """Mann-Kendall's test of every area, and every setting that decided it."""

    table: pd.DataFrame
    """Indexed by ``area_id``, with ``TREND_COLUMNS``: ``n`` years with a value; Kendall's ``s`` (rising pairs
    of years less falling ones), ``tau`` (tau-b), ``variance`` and ``z_score`` of S; the tails, ``p_value``
    and ``p_least``, the smallest two-sided p-value that so many years can give; ``q_value`` over all areas;
    ``slope`` of Theil and Sen in the unit of the values a year, with its interval (infinite where so few
    years bound nothing); ``corrected`` where autocorrelation was reckoned with; and ``trend``, one of
    ``TRENDS``."""
    years: tuple[float, ...]
    autocorrelation: str
    rho: float
    """The coefficient that all areas share, for ``pooled``; NaN otherwise."""
    fdr: float
    correction: str
    alternative: str
    level: float
    """Of the slopes' intervals."""
    n_tested: int
    least_years: int
    """So many years it takes for a lone area among those tested to be found at all."""
    notes: tuple[str, ...] = ()

    @property
    def interval(self) -> pd.DataFrame:
        """The interval of each area's slope: columns ``lower`` and ``upper``."""
        columns = {"slope_lower": "lower", "slope_upper": "upper"}
        return self.table[list(columns)].rename(columns=columns)

    def __repr__(self) -> str:
        counts = self.table["trend"].value_counts()
        told = ", ".join(f"{int(counts.get(word, 0))} {word}" for word in TRENDS[:3])
        return f"<TrendResult: {len(self.table)} areas, {len(self.years)} years; {told}>"


def mann_kendall(
    values: pd.DataFrame,
    *,
    autocorrelation: str = "none",
    fdr: float = 0.05,
    correction: str = "bh",
    alternative: str = "two-sided",
    level: float = 0.95,
) -> TrendResult:
    """Say of every area whether its values rise or fall over the years, by Mann's and Kendall's test.

    ``S = sum over i < j of sign(x_j - x_i)``. Up to 50 years S has its exact law, ties counted in, when every
    order of the years is as likely; beyond, and where autocorrelation is corrected for, the normal law with
    half a step for continuity. So few years can say little: with three the smallest p-value is 1/3, with five
    1/60, and over many areas even that is not enough. ``p_least``, ``least_years`` and a note say so.

    Parameters
    ----------
    values
        Indexed by ``area_id``, a column for each year (a number, or a text that is one); NaN where there is
        no value. A year without a value is left out of that area's series.
    autocorrelation
        ``"none"``: every order of the years is as likely where there is no trend. ``"hamed_rao"``: the
        variance of S corrected by each area's own autocorrelation (Hamed and Rao 1998). ``"trend_free"``:
        each area's own first-order autocorrelation is taken out of it (Yue and others 2002). Both need 10
        unbroken years; areas that have fewer are tested without, and a note says so. ``"pooled"``: one
        first-order autocorrelation, estimated from all areas together, from 5 years on; p-values are never
        smaller than without.
    fdr
        Level of the trends that are told, between 0 and 1.
    correction
        For many areas; see :func:`lea_geo.spatial.inference.adjusted`.
    alternative
        ``"two-sided"``, ``"greater"`` (rising) or ``"less"``.
    level
        Of the interval of the slope, without a correction for many areas.

    Returns
    -------
    TrendResult
        Areas with fewer than three years have no test.

    Raises
    ------
    UsageError
        If an option is unknown or values are no DataFrame.
    ValuesError
        If ids or years are repeated, or a value is infinite or no number.

    References
    ----------
    Mann (1945), https://doi.org/10.2307/1907187
    Kendall (1970), Rank Correlation Methods, fourth edition
    Sen (1968), https://doi.org/10.1080/01621459.1968.10480934
    Hamed and Rao (1998), https://doi.org/10.1016/S0022-1694(97)00125-X
    Yue, Pilon, Phinney and Cavadias (2002), https://doi.org/10.1002/hyp.1095

    Examples
    --------
    >>> rates = pd.DataFrame({2021: [5.0, 7.0], 2023: [6.0, 7.0], 2025: [9.0, 4.0]}, index=["a", "b"])
    >>> result = mann_kendall(rates)
    >>> result.table[["s", "p_value", "slope", "trend"]].values.tolist()
    [[3, 0.3333333333333333, 1.0, 'not told'], [-2, 0.6666666666666666, -0.75, 'not told']]
    """
    check_choice("autocorrelation", autocorrelation, AUTOCORRELATION)
    check_choice("correction", correction, CORRECTIONS)
    check_choice("alternative", alternative, ALTERNATIVES)
    check_fraction("fdr", fdr)
    check_fraction("level", level)
    index, years, x = check_years(values, least=LEAST)
    tested = _tested(x, years, autocorrelation)
    columns = _columns(tested, x, years, alternative=alternative, level=level)
    columns["q_value"] = adjusted(columns["p_value"], correction)
    table = pd.DataFrame(columns, index=index)
    table["trend"] = _words(table, fdr)
    n_tested = int((tested.orders.n >= LEAST).sum())
    needed = years_needed(n_tested, fdr, correction)
    return TrendResult(
        table=table[list(TREND_COLUMNS)],
        years=tuple(years.tolist()),
        autocorrelation=autocorrelation,
        rho=tested.serial.rho,
        fdr=fdr,
        correction=correction,
        alternative=alternative,
        level=level,
        n_tested=n_tested,
        least_years=needed,
        notes=(*_short(len(years), needed, n_tested), *_blank(table), *tested.serial.notes),
    )


@dataclass(frozen=True)
class _Tested:
    orders: Orders
    serial: Serial
    tails: Tails
    p_least: np.ndarray


def _tested(x: np.ndarray, years: np.ndarray, autocorrelation: str) -> _Tested:
    find = _CORRECTIONS.get(autocorrelation)
    serial = find(x, years) if find else Serial.none(x)
    orders = Orders.of(serial.x)
    tails, least = orders.exact_tails()
    if autocorrelation in {"hamed_rao", "pooled"}:
        wide = orders.normal_tails(serial.ratio)
        if autocorrelation == "pooled":  # what is common to all areas can only make the test more careful
            wide = Tails(np.maximum(wide.lower, tails.lower), np.maximum(wide.upper, tails.upper))
        by = serial.corrected
        tails = Tails(np.where(by, wide.lower, tails.lower), np.where(by, wide.upper, tails.upper))
    short = orders.n < LEAST
    return _Tested(orders, serial, tails.only(~short), np.where(short, np.nan, least))


def _columns(
    tested: _Tested, x: np.ndarray, years: np.ndarray, *, alternative: str, level: float
) -> dict[str, np.ndarray]:
    orders, serial = tested.orders, tested.serial
    rising = slopes(x, years)
    lower, upper = slope_interval(rising, (~np.isnan(x)).sum(axis=1), serial.ratio, level)
    short = orders.n < LEAST
    numbers = {
        "tau": orders.tau,
        "variance": orders.variance * serial.ratio,
        "z_score": orders.z_score(serial.ratio),
        "p_lower": tested.tails.lower,
        "p_upper": tested.tails.upper,
        "p_value": tested.tails.p_value(alternative).copy(),
        "p_least": tested.p_least,
        "slope": median_slope(rising) + 0.0,
        "slope_lower": lower + 0.0,
        "slope_upper": upper + 0.0,
    }
    numbers = {name: np.where(short, np.nan, column) for name, column in numbers.items()}
    return {"n": orders.n, "s": orders.s, "corrected": serial.corrected & ~short, **numbers}


def _words(table: pd.DataFrame, fdr: float) -> np.ndarray:
    told = table["q_value"] <= fdr * (1 + ROUNDING)
    up = np.where(table["s"] > 0, "rising", "falling")
    words = np.where(told & (table["s"] != 0), up, "not told")
    return np.asarray(np.where(table["n"] < LEAST, "", words))


def years_needed(n_tested: int, fdr: float, correction: str = "bh") -> int:
    """Return how many years it takes for one lone area among so many to be found, without ties.

    The smallest two-sided p-value of n years is 2 / n!, and its q-value so many times larger as areas are
    tested (1 + 1/2 + ... times more for ``by``).

    Examples
    --------
    >>> years_needed(1, 0.05), years_needed(100, 0.05)
    (5, 7)
    """
    times = 1.0 if correction == "none" else float(max(1, n_tested))
    if correction == "by":
        times *= sum(1.0 / k for k in range(1, max(1, n_tested) + 1))
    wanted = ceil(2.0 * times / fdr - 1e-9)
    n = LEAST
    while factorial(n) < wanted:
        n += 1
    return n


def _short(n_years: int, needed: int, n_tested: int) -> tuple[str, ...]:
    if n_years >= needed:
        return ()
    least = 2.0 / factorial(n_years)
    said = (
        f"{n_years} years are too short a series: the smallest p-value possible is {least:.3g}, and one area "
        f"alone among {n_tested} could be found from {needed} years on."
    )
    return (said,)


def _blank(table: pd.DataFrame) -> tuple[str, ...]:
    short = int((table["n"] < LEAST).sum())
    if not short:
        return ()
    return (f"{short} of {len(table)} areas have a value in fewer than {LEAST} years and are not tested.",)
