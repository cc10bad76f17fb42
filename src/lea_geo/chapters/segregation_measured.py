"""What the chapter of segregation measures, before it is put into tables and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from lea_geo.errors import DataError
from lea_geo.inequality.decompose_change import decompose_change
from lea_geo.inequality.segregation import segregation
from lea_geo.inequality.segregation_profile import segregation_profile

if TYPE_CHECKING:
    from lea_geo.chapter_specs.segregation import SegregationSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.inequality.decompose_change import ChangeDecomposition
    from lea_geo.inequality.segregation import SegregationResult
    from lea_geo.inequality.segregation_profile import SegregationProfile

GROUP, REST = "group", "rest"
LEVEL = 0.95
_PAIRS = 3_000_000
"""Pairs of areas within a scale beyond which the scale is left out: they would fill the memory."""


@dataclass(frozen=True)
class Measured:
    """One indicator: how evenly its group lives, by year and scale, and what its change is made of."""

    code: str
    years: dict[str, SegregationResult]
    """By year, the earliest first."""
    unknown: dict[str, int]
    """Areas by year whose people are not known."""
    profile: SegregationProfile | None
    change: ChangeDecomposition | None
    """From the first year to the last."""

    @property
    def latest(self) -> SegregationResult:
        """The result of the last year."""
        return list(self.years.values())[-1]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or assumed."""
        return (*self.latest.notes, *(() if self.change is None else self.change.notes))


def group_counts(cells: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Return the group's counts of areas whose people are known.

    Parameters
    ----------
    cells
        ``CELL_COLUMNS``.
    scale
        What the indicator's share is multiplied by.

    Returns
    -------
    pandas.DataFrame
        ``people numerator lower upper``; a hidden numerator is NaN between bounds, which follow from those of
        its share where there are any, and otherwise are nobody and everybody.
    """
    held = cells[cells["denominator"].notna()]
    people = held["denominator"]
    low = np.ceil((held["lower"] / scale * people).fillna(0) - 1e-9).clip(lower=0)
    high = np.floor((held["upper"] / scale * people).fillna(np.inf) + 1e-9).clip(upper=people)
    known = held["numerator"].notna()
    return pd.DataFrame(
        {
            "people": people,
            "numerator": held["numerator"],
            "lower": held["numerator"].where(known, np.minimum(low, high)),
            "upper": held["numerator"].where(known, high),
        }
    )


def measure(ground: Ground, spec: SegregationSpec) -> tuple[list[Measured], list[str], tuple[float, ...]]:
    """Return what was measured, what was not and why, and the scales that were looked at."""
    found, notes = [], list[str]()
    places = ground.findings.areas.geometry.representative_point()
    scales = _bounded(np.column_stack([places.x, places.y]), spec.scales)
    if len(scales) < len(spec.scales):
        skipped = ", ".join(f"{scale:g}" for scale in spec.scales if scale not in scales)
        notes.append(f"The scales {skipped} m are left out: too many areas lie within them.")
    for code in ground.codes(spec.indicators, counted=True, key="[segregation] indicators"):
        if not _is_part(ground, code):
            notes.append(f"{code} is left out: what it counts is no part of what it is divided by.")
            continue
        try:
            found.append(_measured(ground, code, scales, spec.runs))
        except DataError as why:
            # It is known nearly nowhere, or nobody is in the group.
            notes.append(f"{code} is left out: {' '.join(str(why).split())}")
    return found, notes, scales


def _is_part(ground: Ground, code: str) -> bool:
    cells = [ground.cells(code, year) for year in ground.years_of(code)]
    return not any((one["numerator"] > one["denominator"]).any() for one in cells)


def _bounded(points: np.ndarray, scales: tuple[float, ...]) -> tuple[float, ...]:
    tree = KDTree(points)
    pairs = tree.count_neighbors(tree, scales)
    return tuple(scale for scale, near in zip(scales, np.atleast_1d(pairs), strict=True) if near <= _PAIRS)


def _measured(ground: Ground, code: str, scales: tuple[float, ...], runs: int) -> Measured:
    indicator = ground.indicator(code)
    tables = {year: group_counts(ground.cells(code, year), indicator.scale) for year in ground.years_of(code)}
    years = {year: _of_year(table, runs, ground.seed) for year, table in tables.items()}
    latest = list(tables.values())[-1]
    around = None
    if scales and len(latest) >= 2:
        areas = ground.findings.areas.loc[latest.index]
        around = segregation_profile(
            _two(latest), areas, scales=(0.0, *scales), runs=min(runs, 199), level=LEVEL, seed=ground.seed
        )
    change = _change(tables, indicator.scale) if len(tables) > 1 else None
    unknown = {year: len(ground.areas) - len(table) for year, table in tables.items()}
    return Measured(code, years, unknown, around, change)


def _two(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({GROUP: table["numerator"], REST: table["people"] - table["numerator"]})


def _of_year(table: pd.DataFrame, runs: int, seed: int) -> SegregationResult:
    people = table["people"]
    return segregation(
        _two(table),
        totals=people,
        lower=pd.DataFrame({GROUP: table["lower"], REST: people - table["upper"]}),
        upper=pd.DataFrame({GROUP: table["upper"], REST: people - table["lower"]}),
        runs=runs,
        level=LEVEL,
        seed=seed,
    )


def _change(tables: dict[str, pd.DataFrame], scale: float) -> ChangeDecomposition | None:
    first, last = (list(tables.values())[at] for at in (0, -1))
    both = first.index.intersection(last.index)
    before, after = (table.loc[both].rename(columns={"people": "denominator"}) for table in (first, last))
    known = before["numerator"].notna() & after["numerator"].notna()
    if not before.loc[known, "denominator"].sum() or not after.loc[known, "denominator"].sum():
        return None
    return decompose_change(before, after, scale=scale, level=LEVEL)
