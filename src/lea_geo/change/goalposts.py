"""Scores that compare over years: every year on the scale of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks.change import check_tables_of_numbers, check_year_among
from lea_geo.change.told import shown
from lea_geo.composite.frames import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.composite_spec import Normalise


@dataclass(frozen=True, kw_only=True)
class FixedScores:
    """Scores of several years on one scale."""

    tables: Mapping[int, pd.DataFrame]
    """Year to scores, indexed by ``area_id``, a column for each indicator."""
    beyond: pd.DataFrame
    """Years by indicators: how many areas have a value beyond all of the year that the scale is of."""
    year: int
    """The year whose values the scale was learnt on."""
    how: str | Normalise | Mapping[str, str | Normalise]
    notes: tuple[str, ...]


def fixed_scores(
    years: Mapping[int, pd.DataFrame],
    how: str | Normalise | Mapping[str, str | Normalise] = "min_max",
    *,
    year: int | None = None,
    directions: Mapping[str, str] | pd.Series | None = None,
    high: str = "weakens",
) -> FixedScores:
    """Put several years on the scale of one, so that a score that differs means that the value does.

    Scaled by each year's own least and largest value, an area's score can fall although its value rose,
    because another area's rose more. With one year's goalposts ``(x - min) / (max - min)`` is the same
    function in all years. A value beyond the goalposts scores below 0 or above 100 where the method is a
    straight line without a cap, and is counted in ``beyond``.

    Parameters
    ----------
    years
        Year to numbers indexed by ``area_id``, the same columns in each.
    how, directions, high
        As in :func:`lea_geo.normalise`.
    year
        The year to learn the scale on; left out, the first.

    Returns
    -------
    FixedScores

    Raises
    ------
    UsageError
        If the year is none of those given or the method is unknown.
    ValuesError
        If the years have different columns, or values that the method cannot take.

    References
    ----------
    Mazziotta and Pareto (2016), https://doi.org/10.1007/s11205-015-0998-2 (goalposts that years share)

    Examples
    --------
    >>> then = pd.DataFrame({"jobless": [4.0, 8.0]}, index=["00100", "00200"])
    >>> now = pd.DataFrame({"jobless": [5.0, 10.0]}, index=["00100", "00200"])
    >>> fixed_scores({2021: then, 2025: now}).tables[2025]["jobless"].tolist()
    [25.0, 150.0]
    """
    tables = check_tables_of_numbers(years)
    base = tables[check_year_among("year", year, sorted(tables))]
    scored = {
        one: normalise(table, how, directions=directions, high=high, learnt_on=base)
        for one, table in tables.items()
    }
    least, most = base.min(), base.max()
    beyond = pd.DataFrame(
        {one: ((table < least) | (table > most)).sum() for one, table in tables.items()}
    ).T.rename_axis("year")
    of = check_year_among("year", year, sorted(tables))
    many = dict(zip(tables, beyond.sum(axis=1).tolist(), strict=True))
    odd = [f"{int(n)} values of {one}" for one, n in many.items() if n]
    notes = [f"Beyond all values of {of}, whose scale is used: {shown(odd)}."] if odd else []
    return FixedScores(tables=scored, beyond=beyond, year=of, how=how, notes=tuple(notes))
