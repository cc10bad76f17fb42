"""Steps in a series that are no change of the people: borders drawn anew, and numbers that jump."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks.change import check_people_by_year, check_positive, check_redrawn
from lea_geo.change.told import shown
from lea_geo.intake.vintages.lifetimes import Lifetimes
from lea_geo.schema import AREA_ID

if TYPE_CHECKING:
    from collections.abc import Collection

    from lea_geo.intake.vintages.change import ChangeTable
    from lea_geo.intake.vintages.series import CarriedSeries

WHY = ("borders", "carried", "jump", "named")
"""Why years of an area cannot be compared: its ``borders`` were drawn anew; its values rest on how a split
area divides (``carried``); the number of its people took a ``jump``; somebody who knows has ``named`` it."""
NORMAL_MAD = 1.4826


@dataclass(frozen=True, kw_only=True)
class Breaks:
    """Steps in the number of people that are out of all proportion."""

    table: pd.DataFrame
    """A row for each: ``area_id``, ``before`` and ``year`` (the step), ``people_before people``, ``ratio``,
    ``usual`` (the median ratio of all areas in that step) and ``times`` (how many usual deviations it is
    away). Sorted by area and year."""
    least: float
    times: float
    n_steps: int
    """How many steps were looked at."""
    notes: tuple[str, ...]

    @property
    def areas(self) -> pd.Index[str]:
        """The areas with such a step."""
        ids: pd.Index[str] = pd.Index(self.table[AREA_ID].unique(), name=AREA_ID)
        return ids


@dataclass(frozen=True, kw_only=True)
class Redrawn(ByArea):
    """Areas that are not the same place in all years."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``redrawn`` (bool) and ``why`` (some of ``WHY``, a space between them)."""
    notes: tuple[str, ...]


def find_breaks(people: pd.DataFrame, *, least: float = 0.25, times: float = 5.0) -> Breaks:
    """Find steps in the number of people (or in any denominator) that no ordinary year explains.

    With ``s = log(n_t / n_(t-1))`` of an area, ``m`` the median of all areas in that step and ``d`` 1.4826
    times the median of ``|s - m|``, a step is flagged where ``|s - m| > log(1 + least)`` and where it is more
    than ``times sqrt(d^2 + 1 / n_t + 1 / n_(t-1))`` as well. A step from nobody to somebody, or back, is not
    looked at: the rate of such a year is unknown anyway.

    Parameters
    ----------
    people
        Areas by years, indexed by ``area_id``, the columns being years; NaN where unknown.
    least
        How much more (or, likewise, less) than usual the number must have changed: 0.25 is a quarter.
    times
        How many usual deviations away it must be.

    Returns
    -------
    Breaks

    Raises
    ------
    UsageError
        If there are fewer than two years or a threshold is not above 0.
    ValuesError
        If areas occur twice or numbers are negative.

    Examples
    --------
    >>> ids = pd.Index([f"0010{i}" for i in range(6)], name="area_id")
    >>> now = [890.0, 910.0, 905.0, 2400.0, 880.0, 902.0]
    >>> people = pd.DataFrame({2021: [900.0] * 6, 2023: now}, index=ids)
    >>> find_breaks(people).table[["area_id", "year"]].values.tolist()
    [['00103', 2023]]
    """
    wide = check_people_by_year(people)
    least, times = check_positive("least", least), check_positive("times", times)
    found = [_step(wide, (one, other), least, times) for one, other in pairwise(list(wide.columns))]
    n_steps = sum(n for _, n in found)
    table = pd.concat([rows for rows, _ in found], ignore_index=True)
    table = table.sort_values([AREA_ID, "year"], ignore_index=True)
    notes = []
    if len(table):
        ids = pd.Index(table[AREA_ID].unique())
        notes.append(
            f"The number of people took a step out of all proportion in {len(ids)} of {len(wide)} areas "
            f"({shown(ids)}): look at the borders or definitions first. "
            f"Out of proportion is more than {least:.0%} beyond the usual step and {times:g} deviations."
        )
    return Breaks(table=table, least=least, times=times, n_steps=n_steps, notes=tuple(notes))


def _step(
    wide: pd.DataFrame, years: tuple[object, object], least: float, times: float
) -> tuple[pd.DataFrame, int]:
    n0, n1 = (wide.loc[:, wide.columns == year].to_numpy()[:, 0] for year in years)
    held = (n0 > 0) & (n1 > 0)
    step = np.log(n1[held] / n0[held])
    usual = float(np.median(step)) if len(step) else 0.0
    away = np.abs(step - usual)
    spread = NORMAL_MAD * float(np.median(away)) if len(step) else 0.0
    deviation = np.sqrt(spread**2 + 1 / n0[held] + 1 / n1[held])
    odd = (away > np.log1p(least)) & (away > times * deviation)
    rows = pd.DataFrame(
        {
            AREA_ID: wide.index[held][odd].astype("str"),
            "before": years[0],
            "year": years[1],
            "people_before": n0[held][odd],
            "people": n1[held][odd],
            "ratio": np.exp(step[odd]),
            "usual": np.exp(usual),
            "times": (away / deviation)[odd],
        }
    )
    return rows, int(held.sum())


def redrawn_areas(
    areas: pd.Index,
    *,
    borders: ChangeTable | Lifetimes | None = None,
    carried: CarriedSeries | None = None,
    breaks: Breaks | None = None,
    named: Collection[str] = (),
) -> Redrawn:
    """Say which areas are not the same place in all years, so that no step there is read as change.

    Parameters
    ----------
    areas
        Ids of the areas that are compared.
    borders
        What became of each code, of :func:`change_table` or :func:`lifetimes`: an area is redrawn unless it
        is unchanged in every step.
    carried
        Values of other years that :func:`carry_series` brought onto these areas: an area is redrawn where its
        values rest on how a split area divides by more than the threshold stated there.
    breaks
        Steps that :func:`find_breaks` found.
    named
        Areas that somebody knows of.

    Returns
    -------
    Redrawn

    Raises
    ------
    UsageError
        If ``named`` is no collection of ids.
    """
    index = pd.Index(areas, name=AREA_ID).astype("str")
    marks = {
        "borders": np.zeros(len(index), dtype=bool) if borders is None else ~index.isin(_kept(borders)),
        "carried": index.isin(() if carried is None else _resting(carried)),
        "jump": index.isin(() if breaks is None else breaks.areas),
        "named": check_redrawn(named, index),
    }
    why = pd.Series("", index=index, dtype="str")
    for word in WHY:
        why = why.where(~marks[word], (why + " " + word).str.strip())
    table = pd.DataFrame({"redrawn": why != "", "why": why})
    ids = index[table["redrawn"]]
    notes = [f"{len(ids)} of {len(index)} areas are not the same place in all years: {shown(ids)}."]
    return Redrawn(table=table, notes=tuple(notes) if len(ids) else ())


def _kept(borders: ChangeTable | Lifetimes) -> set[str]:
    """Return the codes that stand for the same ground in every step."""
    steps = borders.changes if isinstance(borders, Lifetimes) else (borders,)
    kept = []
    for step in steps:
        same = step.table[(step.table["kind"] == "unchanged") & (step.table["before"] == step.table["after"])]
        kept.append(set(same["before"]))
    return set.intersection(*kept)


def _resting(carried: CarriedSeries) -> pd.Index:
    return carried.table.index[~carried.table["comparable"].to_numpy(dtype=bool)].unique()
