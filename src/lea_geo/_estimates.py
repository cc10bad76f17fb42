"""How sure values are, and what to compare them with: intervals, ranks, municipalities, the region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo.ranking import joint_ranks, rank
from lea_geo.rates import byar_interval, wilson_interval
from lea_geo.schema import COMPARISON_COLUMNS, ESTIMATE_COLUMNS, MUNICIPALITY, WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd

    from lea_geo.schema import Indicator

INTERVAL_LEVEL = 0.95
"""Probability with which an interval holds the rate that it is about, and possible ranks all true ranks."""
_INTERVALS = {"proportion": wilson_interval, "rate": byar_interval}
_PARTS = ["numerator", "denominator"]


def counted_kind(indicator: Indicator, cells: pd.DataFrame) -> str:
    """Return what chance makes of an indicator's counts.

    Returns
    -------
    str
        ``"proportion"`` for a percentage whose numerator is part of its denominator, ``"rate"`` for events
        per thousand, and nothing for means, amounts, and values whose counts are not known.
    """
    counts = _counts(cells)
    known = indicator.is_rate and len(counts) > 0 and bool(counts.notna().all(axis=None))
    if not known or not (counts["denominator"] > 0).all() or (counts["numerator"] < 0).any():
        return ""
    if indicator.unit == "per_1000_residents":
        return "rate"
    part = bool((counts["numerator"] <= counts["denominator"]).all())
    return "proportion" if indicator.unit == "percent" and part else ""


def estimates(indicator: Indicator, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals and ranks of an indicator's values.

    Parameters
    ----------
    indicator
        What the values are.
    cells
        Indexed by ``area_id``, with ``schema.CELL_COLUMNS``.

    Returns
    -------
    pandas.DataFrame
        Indexed as ``cells``, with ``schema.ESTIMATE_COLUMNS``.
    """
    values = cells["value"].where(cells["status"].isin(WITH_VALUE))
    table = pd.DataFrame(np.nan, index=cells.index, columns=list(ESTIMATE_COLUMNS))
    table["rank"] = rank(values)
    kind = counted_kind(indicator, cells)
    if kind:
        counts = _counts(cells)
        ranks = joint_ranks(*_pair(counts), kind=kind, level=INTERVAL_LEVEL)
        found = _intervals(kind, indicator, counts).assign(
            rank_lower=ranks["rank_lower"], rank_upper=ranks["rank_upper"]
        )
        table.loc[found.index, list(found)] = found.to_numpy()
    return table


def compared(
    indicators: tuple[Indicator, ...], cells: Mapping[str, pd.DataFrame], areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return the whole region and each municipality, where there are several, by every indicator.

    Parameters
    ----------
    indicators
        What the values are.
    cells
        Indicator code to a frame indexed as ``areas``, with ``schema.CELL_COLUMNS``.
    areas
        With ``municipality``, blank where it is not known.

    Returns
    -------
    pandas.DataFrame
        With ``schema.COMPARISON_COLUMNS``, the region before its municipalities.
    """
    inside = areas[MUNICIPALITY].fillna("")
    names = sorted(set(inside) - {""})
    groups = [("", inside.index)]
    if len(names) > 1:
        groups += [(name, inside.index[inside == name]) for name in names]
    rows = [row for one in indicators for row in _compare(one, cells[one.code], groups)]
    table = pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))
    types = dict.fromkeys(COMPARISON_COLUMNS, "float64")
    types |= dict.fromkeys(("code", "place", "basis"), "str") | dict.fromkeys(
        ("n_areas", "n_valued"), "int64"
    )
    return table.astype(types)


def _compare(
    indicator: Indicator, cells: pd.DataFrame, groups: list[tuple[str, pd.Index]]
) -> Iterator[dict[str, Any]]:
    """Return a row for each group of areas: their sum where the indicator is a ratio of sums."""
    valued = cells["status"].isin(WITH_VALUE)
    summed = indicator.is_rate and bool(cells.loc[valued, _PARTS].notna().all(axis=None))
    kind = counted_kind(indicator, cells)
    for place, members in groups:
        held = cells.loc[members][valued.loc[members]]
        row = {"code": indicator.code, "place": place, "n_areas": len(members), "n_valued": len(held)}
        if summed:
            row |= {"basis": "sum", **_sum(kind, indicator, held)}
        else:
            row |= {"basis": "median", "value": held["value"].median()}
        yield row


def _sum(kind: str, indicator: Indicator, held: pd.DataFrame) -> dict[str, Any]:
    numerator, denominator = (float(held[part].sum()) for part in _PARTS)
    if denominator <= 0:
        return {}
    found = {"numerator": numerator, "denominator": denominator}
    interval = _intervals(kind, indicator, pd.DataFrame([found])) if kind else pd.DataFrame()
    ends = {str(end): column.iloc[0] for end, column in interval.items()}
    return {**found, "value": indicator.scale * numerator / denominator, **ends}


def _intervals(kind: str, indicator: Indicator, counts: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals of counts in the indicator's unit."""
    found = indicator.scale * _INTERVALS[kind](*_pair(counts), level=INTERVAL_LEVEL)
    return found[["lower", "upper"]].set_axis(["interval_lower", "interval_upper"], axis=1)


def _counts(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the numerators and denominators of the areas that have a value."""
    return cells.loc[cells["status"].isin(WITH_VALUE), _PARTS]


def _pair(counts: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[float]]:
    return counts["numerator"], counts["denominator"]
