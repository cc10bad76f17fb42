"""Families in need who live outside what is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks.targeting import check_chosen, check_shares, check_strategies, refuse_families
from lea_geo.targeting.curve import coverage_curve, needed_areas
from lea_geo.targeting.need import Need
from lea_geo.targeting.redraws import ends, redraws

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHOSEN, UNIVERSAL, CATCHMENT = "chosen", "universal", "catchment"


@dataclass(frozen=True)
class Missed:
    """Who is reached and who is missed, by strategy."""

    table: pd.DataFrame
    """Indexed by ``strategy``; see :func:`missed`."""
    curve: pd.DataFrame
    """How much need is covered area by area; see :func:`missed`."""
    needed: pd.DataFrame
    """How many areas and families must be covered to reach the stated shares of need."""
    families: float
    """Of all areas."""
    need: float
    """Families in need of all areas, hidden counts as the rule says."""
    level: float
    noise: str
    hidden: str
    draws: int
    seed: int
    notes: tuple[str, ...] = ()


def missed(
    need: pd.Series,
    families: pd.Series,
    chosen: pd.Series | Iterable[str],
    *,
    catchment: pd.Series | Iterable[str] | None = None,
    others: Mapping[str, pd.Series | Iterable[str]] | None = None,
    shares: Iterable[float] = (0.5, 0.8),
    kind: str = "proportion",
    lower: pd.Series | None = None,
    upper: pd.Series | None = None,
    hidden: str = "expected",
    noise: str = "joint",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Missed:
    """Say how many of the families in need a choice of areas reaches, and who is missed.

    With r_i the share of area i's families that is reached, x_i the families in need and n_i all of them::

        share_reached = sum r_i x_i / sum x_i        share_missed = 1 - share_reached
        efficiency    = sum r_i x_i / sum r_i n_i    leakage      = 1 - efficiency
        advantage     = share_reached / share_of_families

    An area's families in need are taken to be spread within it as all its families are. Intervals are those
    of the true need that may be behind the counts (:func:`~lea_geo.targeting.redraws.redraws`); as areas are
    mostly chosen because their counts are high, the counts flatter the choice, and ``expected`` corrects
    that. An interval always holds the share that the counts give.

    Parameters
    ----------
    need, families
        Families in need, and all families, indexed by ``area_id``. NaN need is hidden: between ``lower`` and
        ``upper``, or 0 and all families.
    chosen
        Area ids, or the share of each area's families that is reached (0 to 1, or bools).
    catchment
        The same for families within a distance or a travel time.
    others
        Further strategies by name.
    shares
        Shares of need whose price in areas and families is told, between 0 and 1.
    kind
        ``"proportion"``: families in need are some of the families; ``"rate"``: events among them.
    lower, upper
        Bounds of hidden need.
    hidden
        What stands for a hidden count: ``"expected"`` or ``"midpoint"``.
    noise
        ``"joint"``, ``"sampling"`` or ``"none"``.
    level
        Probability that an interval holds the truth.
    draws, seed
        How often the true need is drawn, and with which numbers.

    Returns
    -------
    Missed
        ``.table``, a row each for ``chosen``, ``universal`` and whatever else was asked: ``areas``,
        ``families``, ``need``, ``need_missed``, ``share_of_families``, ``share_reached``, ``share_missed``
        and ``efficiency`` with ``_lower`` and ``_upper``, ``expected`` (share reached), ``leakage``,
        ``advantage``, and ``bound_lower bound_upper``: the share reached if hidden counts are as they suit
        it least and best. ``.curve``: ``order`` (``rate`` or ``count``), ``areas``, ``area_id``,
        ``share_of_areas``, ``share_of_families``, ``share_of_need``, ``lower``, ``upper``. ``.needed``:
        ``order``, ``share``, ``areas``, ``areas_lower``, ``areas_upper``, ``share_of_areas``,
        ``share_of_families``.

    Raises
    ------
    UsageError
        If an option is unknown or counts have no ids.
    ValuesError
        If ids differ, or counts contradict one another or are unknown without bounds.

    References
    ----------
    Coady, Grosh and Hoddinott (2004), Targeting of Transfers in Developing Countries, World Bank
    Tunstall and Lupton (2003), Is Targeting Deprived Areas an Effective Means to Reach Poor People?,
    CASEpaper 70, London School of Economics
    """
    counted = Need.of(need, families, kind=kind, lower=lower, upper=upper)
    if counted.families is None:
        refuse_families("missed")
    laws = counted.laws()
    known = counted.filled(hidden, laws)
    drawn = redraws(counted, laws, noise=noise, draws=draws, seed=seed)
    reached = {CHOSEN: check_chosen("chosen", chosen, counted.index)}
    reached[UNIVERSAL] = np.ones(len(counted.index))
    if catchment is not None:
        reached[CATCHMENT] = check_chosen("catchment", catchment, counted.index)
    for name, one in check_strategies(others, (*reached, CATCHMENT)).items():
        reached[name] = check_chosen(str(name), one, counted.index)
    rows = [_row(share, counted, known, drawn, level) for share in reached.values()]
    curve = coverage_curve(counted, known, drawn, level)
    return Missed(
        table=pd.DataFrame(rows, index=pd.Index(list(reached), name="strategy")),
        curve=curve,
        needed=needed_areas(counted, known, drawn, check_shares("shares", shares), level),
        families=float(counted.lived.sum()),
        need=float(known.sum()),
        level=level,
        noise=noise,
        hidden=hidden,
        draws=draws,
        seed=seed,
        notes=counted.notes(hidden),
    )


def _row(
    share: np.ndarray, counted: Need, known: np.ndarray, drawn: np.ndarray, level: float
) -> dict[str, float]:
    families, need = float(share @ counted.lived), float(share @ known)
    true, total = drawn @ share, drawn @ np.ones(len(share))
    reached = _over(need, float(known.sum()))
    of_families = _over(families, float(counted.lived.sum()))
    shares = np.divide(true, total, out=np.full(len(true), np.nan), where=total > 0)
    low, high = _around(shares, reached, level)
    least, most = _around(true / families, need / families, level) if families else (np.nan, np.nan)
    return {
        "areas": float(np.count_nonzero(share)),
        "families": families,
        "need": need,
        "need_missed": float(known.sum()) - need,
        "share_of_families": of_families,
        "share_reached": reached,
        "share_reached_lower": low,
        "share_reached_upper": high,
        "expected": float(shares.mean()),
        "share_missed": 1 - reached,
        "share_missed_lower": 1 - high,
        "share_missed_upper": 1 - low,
        "efficiency": _over(need, families),
        "efficiency_lower": least,
        "efficiency_upper": most,
        "leakage": 1 - _over(need, families),
        "advantage": _over(reached, of_families),
        "bound_lower": _extreme(share, counted, least=True),
        "bound_upper": _extreme(share, counted, least=False),
    }


def _over(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _extreme(share: np.ndarray, counted: Need, *, least: bool) -> float:
    """Return the least or the greatest share of need that is reached, whatever the hidden counts are.

    A count raises the share where more of its area is reached than of all need; so each is at one end, and
    which one is settled by taking the share found and asking again (Dinkelbach 1967), until nothing changes.
    """
    found = np.nan
    need = counted.lower
    for _ in range(len(share) + 1):
        before, found = found, _over(float(share @ need), float(need.sum()))
        if found == before or np.isnan(found):
            break
        need = np.where((share > found) == least, counted.lower, counted.upper)
    return found


def _around(draws: np.ndarray, value: float, level: float) -> tuple[float, float]:
    """Return the interval of draws, stretched to the value where it lies outside."""
    low, high = ends(draws, level)
    return float(np.fmin(low, value)), float(np.fmax(high, value))
