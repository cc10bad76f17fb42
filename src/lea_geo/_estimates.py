"""How sure values are, and what to compare them with: intervals, ranks, municipalities, the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.ranking import joint_ranks, rank
from lea_geo.rates.intervals import byar_interval, wilson_interval
from lea_geo.schema import COMPARISON_COLUMNS, ESTIMATE_COLUMNS, MUNICIPALITY, WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    held = _valued(cells)
    events, people = (cells[part].to_numpy()[held] for part in _PARTS)
    if not indicator.is_rate or not held.any() or not ((events >= 0) & (people > 0)).all():
        return ""
    if indicator.unit == "per_1000_residents":
        return "rate"
    return "proportion" if indicator.unit == "percent" and (events <= people).all() else ""


def counts_and_bounds(
    indicators: Iterable[Indicator], cells: Mapping[str, pd.DataFrame]
) -> dict[str, dict[str, pd.DataFrame]]:
    """Return the ``counts`` of indicators that have some, and the ``bounds`` of all, by indicator code."""
    counted = [one.code for one in indicators if counted_kind(one, cells[one.code])]
    return {
        "counts": {code: cells[code][_PARTS] for code in counted},
        "bounds": {code: one[["lower", "upper"]] for code, one in cells.items()},
    }


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
    # By position: finding areas by their ids takes longer than all the arithmetic.
    held = cells[["value", *_PARTS]].reset_index(drop=True)
    held[~_valued(cells)] = np.nan
    found = {"rank": rank(held["value"])}
    kind = counted_kind(indicator, cells)
    if kind:
        found |= {str(end): column for end, column in _intervals(kind, indicator, held).items()}
        ranks = joint_ranks(held["numerator"], held["denominator"], kind=kind, level=INTERVAL_LEVEL)
        found |= {name: ranks[name] for name in ("rank_lower", "rank_upper")}
    table = pd.DataFrame(found).reindex(columns=list(ESTIMATE_COLUMNS))
    return table.astype(float).set_axis(cells.index)


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
    inside = areas[MUNICIPALITY].fillna("").astype("str").reset_index(drop=True)
    names = sorted(set(inside.unique()) - {""})
    places = names if len(names) > 1 else []
    member = pd.Index(places, dtype="str").get_indexer(pd.Index(inside))
    tables = [_compare(one, cells[one.code], member, ["", *places]) for one in indicators]
    return pd.concat(tables, ignore_index=True)


def _compare(
    indicator: Indicator, cells: pd.DataFrame, member: np.ndarray, places: list[str]
) -> pd.DataFrame:
    """Return a row for each place: from sums where the indicator is a ratio of sums, otherwise a median.

    ``member`` is each area's place among ``places[1:]``, or -1.
    """
    held = _valued(cells)
    table = pd.DataFrame({"code": indicator.code, "place": places}).astype("str")
    table["n_areas"] = _added(np.ones(len(cells)), member, len(places)).astype("int64")
    table["n_valued"] = _added(held.astype(float), member, len(places)).astype("int64")
    if indicator.is_rate and bool(cells[_PARTS].notna().to_numpy()[held].all()):
        for part in _PARTS:
            total = _added(np.where(held, cells[part], 0.0), member, len(places))
            table[part] = np.where(table["n_valued"] > 0, total, np.nan)
        table["value"] = (
            indicator.scale * table["numerator"] / table["denominator"].where(table["denominator"] > 0)
        )
        kind = counted_kind(indicator, cells)
        if kind:
            table = table.join(_intervals(kind, indicator, table))
        return _as_comparisons(table.assign(basis="sum"))
    values = cells["value"].where(held).reset_index(drop=True)
    table["value"] = [values.median(), *values.groupby(member).median().reindex(range(len(places) - 1))]
    return _as_comparisons(table.assign(basis="median"))


def _as_comparisons(table: pd.DataFrame) -> pd.DataFrame:
    numbers = [
        name for name in COMPARISON_COLUMNS if name not in {"code", "place", "basis", "n_areas", "n_valued"}
    ]
    types = dict.fromkeys(numbers, "float64") | {"basis": "str"}
    return table.reindex(columns=list(COMPARISON_COLUMNS)).astype(types)


def _added(column: np.ndarray, member: np.ndarray, n_places: int) -> np.ndarray:
    """Return the sum over all areas, and over those of each municipality."""
    inside = member >= 0
    sums = np.bincount(member[inside], weights=column[inside], minlength=n_places - 1)
    return np.concatenate([[column.sum()], sums])


def _intervals(kind: str, indicator: Indicator, counts: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals of counts in the indicator's unit."""
    found = _INTERVALS[kind](counts["numerator"], counts["denominator"], level=INTERVAL_LEVEL)
    ends = ["lower", "upper"]
    return indicator.scale * found[ends].set_axis([f"interval_{end}" for end in ends], axis=1)


def _valued(cells: pd.DataFrame) -> np.ndarray:
    return cells["status"].isin([str(status) for status in WITH_VALUE]).to_numpy()
