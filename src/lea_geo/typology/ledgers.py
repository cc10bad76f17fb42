"""What protects and what weakens, each with types of its own, crossed and never netted.

A sum of the two would call an area with much of both "average". Here each side has its own few kinds,
ordered from least to most, and an area has a place on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_count
from lea_geo._checks.typology import check_ledgers
from lea_geo.typology.types import types

if TYPE_CHECKING:
    from lea_geo.typology.types import Types

MOST_KINDS = 3
"""Kinds on each side: nine places together are as many as anyone can keep apart."""


@dataclass(frozen=True, kw_only=True)
class TypeLedgers(ByArea):
    """Kinds by what protects and kinds by what weakens, side by side."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``weakening`` and ``protecting``, the level on each side, 1 for least (NaN
    where values lack); the ``place``, such as ``"L2R1"`` (load 2, resources 1); the probabilities of both
    sides and, since their noise is drawn apart, of the place: ``weakening_probability``,
    ``protecting_probability``, ``probability``."""
    grid: pd.DataFrame
    """Areas by level of weakening (rows) and of protecting."""
    people: pd.DataFrame
    """The same in people; NaN where no population is known."""
    weakening: Types
    protecting: Types
    weakening_levels: tuple[str, ...]
    """The types of the weakening side from least to most, by the mean of their robust z-scores."""
    protecting_levels: tuple[str, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        sides = f"{self.weakening.k} kinds of load, {self.protecting.k} of resources"
        return f"<TypeLedgers: {len(self.table)} areas, {sides}>"


def type_ledgers(
    weakening: pd.DataFrame,
    protecting: pd.DataFrame,
    *,
    weakening_errors: pd.DataFrame | None = None,
    protecting_errors: pd.DataFrame | None = None,
    population: pd.Series | None = None,
    k_most: int = MOST_KINDS,
    **options: object,
) -> TypeLedgers:
    """Find kinds of areas by what weakens and by what protects, and cross them.

    Parameters
    ----------
    weakening, protecting
        Indicators of each side, indexed by ``area_id``; more of any is more of its side.
    weakening_errors, protecting_errors
        Their standard errors.
    population
        People of each area.
    k_most
        The most kinds on either side, 2 or 3.
    options
        As :func:`lea_geo.types` takes them: ``method``, ``runs``, ``seed`` ...

    Raises
    ------
    UsageError, ValuesError
        As :func:`lea_geo.types`, or if both sides name the same indicator.
    """
    check_count("k_most", k_most, least=2)
    check_ledgers(weakening, protecting, k_most, MOST_KINDS)
    sides = [
        types(indicators=frame, errors=errors, population=population, k_most=k_most, **options)  # type: ignore[arg-type]
        for frame, errors in ((weakening, weakening_errors), (protecting, protecting_errors))
    ]
    levels = [_levels(side) for side in sides]
    table = _table(sides, levels)
    grid = [
        pd.crosstab(table["weakening"], table["protecting"], values=held, aggfunc="sum")
        .reindex(index=range(1, sides[0].k + 1), columns=range(1, sides[1].k + 1))
        .astype(float)
        for held in (pd.Series(1.0, index=table.index), _people(population, table))
    ]
    return TypeLedgers(
        table=table,
        grid=grid[0].fillna(0.0),
        people=grid[1],
        weakening=sides[0],
        protecting=sides[1],
        weakening_levels=levels[0],
        protecting_levels=levels[1],
        notes=tuple(
            f"{name}: {note}"
            for name, side in zip(("Load", "Resources"), sides, strict=True)
            for note in side.notes
        ),
    )


def _levels(side: Types) -> tuple[str, ...]:
    """Return the types from least to most of their side."""
    mean = side.centres.mean(axis=1)
    return tuple(mean.sort_values(kind="stable").index)


def _people(population: pd.Series | None, table: pd.DataFrame) -> pd.Series:
    if population is None:
        return pd.Series(np.nan, index=table.index)
    return population.reindex(table.index)


def _table(sides: list[Types], levels: list[tuple[str, ...]]) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for name, side, order in zip(("weakening", "protecting"), sides, levels, strict=True):
        place = {letter: float(level) for level, letter in enumerate(order, start=1)}
        columns[name] = side.table["type"].map(place).astype(float)
        columns[f"{name}_probability"] = side.table["probability"]
    table = pd.DataFrame(columns)
    both = table["weakening"].notna() & table["protecting"].notna()
    levels_of = table[["weakening", "protecting"]].fillna(0).astype(int).astype(str)
    place_names = "L" + levels_of["weakening"] + "R" + levels_of["protecting"]
    table["place"] = place_names.where(both, "").astype("str")
    table["probability"] = table["weakening_probability"] * table["protecting_probability"]
    return table
