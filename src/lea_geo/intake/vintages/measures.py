"""Numbers by area as they are carried: counts, rates and means, each with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.schema import AREA_ID, CELL_COLUMNS, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.intake.tables import IndicatorTable
    from lea_geo.schema import Indicator


@dataclass(frozen=True)
class Measure:
    """What kind of number a column holds."""

    kind: str
    """``count`` adds up, ``rate`` has its numerator and denominator, ``mean`` has neither."""
    scale: float = 1.0
    """Of a rate: what it is times numerator over denominator."""
    part: bool = False
    """Of a rate: whether the numerator is a part of the denominator."""


@dataclass(frozen=True)
class Measures:
    """Several columns of numbers for the same areas."""

    cells: Mapping[str, pd.DataFrame]
    """For each of ``schema.CELL_COLUMNS`` a frame indexed by ``area_id`` with a column for each code."""
    what: Mapping[str, Measure]
    """Code to the kind of number."""
    people: pd.Series[float] | None = None
    """What means and medians are weighed by, if the table knows: its largest count of people. An area whose
    people are not known counts as one: its mean is as a rule not known either, and stays so."""
    people_from: str = ""
    """The code that ``people`` are the count of, or the denominator of."""

    def __getitem__(self, column: str) -> pd.DataFrame:
        return self.cells[column]

    @property
    def codes(self) -> list[str]:
        """The codes, in order."""
        return list(self.what)

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the codes of these kinds."""
        return [code for code, measure in self.what.items() if measure.kind in kinds]

    def reindex(self, ids: pd.Index[str]) -> Measures:
        """Return the numbers for these areas; what has no row is missing."""
        cells = {column: frame.reindex(ids) for column, frame in self.cells.items()}
        cells["status"] = cells["status"].fillna(str(Status.MISSING))
        people = None if self.people is None else self.people.reindex(ids).fillna(1.0)
        return Measures(cells, self.what, people, self.people_from)


def measures_of(table: IndicatorTable) -> Measures:
    """Return the numbers of an indicator table."""
    frames = (table.values, table.status, table.lower, table.upper, table.numerator, table.denominator)
    cells = dict(zip(CELL_COLUMNS, frames, strict=True))
    code, people = largest_count(table)
    people = None if people is None else people.fillna(1.0)
    return Measures(cells, {i.code: _measure(i) for i in table.indicators}, people, code)


def largest_count(table: IndicatorTable) -> tuple[str, pd.Series[float] | None]:
    """Return the largest count of people in a table, and what it is of."""
    counted = {
        i.code: table.values[i.code]
        for i in table.indicators
        if i.kind == "extensive" and i.unit == "persons" and not i.is_rate
    }
    counted |= {i.code: table.denominator[i.code] for i in table.indicators if i.is_rate}
    if not counted:
        return "", None
    code = max(counted, key=lambda one: float(counted[one].sum()))
    return code, counted[code]


def _measure(indicator: Indicator) -> Measure:
    if indicator.is_rate:
        return Measure("rate", indicator.scale, indicator.unit == "percent")
    return Measure("count" if indicator.kind == "extensive" else "mean")


def measures_from(frame: pd.DataFrame, kinds: Mapping[str, str]) -> Measures:
    """Return the numbers of a plain frame; NaN is missing.

    Parameters
    ----------
    frame
        Numbers, indexed by ``area_id``.
    kinds
        Column to ``extensive`` (a count) or ``intensive`` (a mean).
    """
    values = frame.astype(float).rename_axis(AREA_ID)
    nothing = pd.DataFrame(np.nan, index=values.index, columns=values.columns)
    words = np.where(values.isna(), str(Status.MISSING), str(Status.OBSERVED))
    status = pd.DataFrame(words, index=values.index, columns=values.columns)
    frames = (values, status, nothing, nothing, nothing, nothing)
    what = {str(code): Measure("count" if kinds[code] == "extensive" else "mean") for code in frame.columns}
    return Measures(dict(zip(CELL_COLUMNS, frames, strict=True)), what)
