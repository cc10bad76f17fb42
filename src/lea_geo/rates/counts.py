"""Counts of events and of people, aligned and checked, and the results that are made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_choice
from lea_geo._checks.values import check_counts
from lea_geo.schema import AREA_ID

RATE_KINDS = ("proportion", "rate")


@dataclass(frozen=True)
class RateResult(ByArea):
    """Rates of every area, and what was assumed."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the numerator; the columns are named by the function that made
    it."""
    method: str
    kind: str
    n_without_population: int
    """Areas where nobody lives; they have no rate."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """Events among people, by area."""

    index: pd.Index
    events: np.ndarray
    people: np.ndarray

    @classmethod
    def of(cls, numerator: pd.Series, denominator: pd.Series, kind: str) -> Counts:
        check_choice("kind", kind, RATE_KINDS)
        index, events, people = check_counts(numerator, denominator, proportion=kind == "proportion")
        return cls(index.rename(AREA_ID), events, people)

    @property
    def valid(self) -> np.ndarray:
        return np.asarray(~np.isnan(self.events) & (self.people > 0))

    @property
    def empty(self) -> int:
        return int(np.count_nonzero(self.people == 0))

    @property
    def notes(self) -> tuple[str, ...]:
        if not self.empty:
            return ()
        return (f"{self.empty} of {len(self.index)} areas have no population and so no rate.",)

    def result(self, columns: dict[str, np.ndarray], method: str, kind: str) -> RateResult:
        table = pd.DataFrame(columns, index=self.index)
        return RateResult(table, method, kind, self.empty, self.notes)

    def interval(self, rate: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> pd.DataFrame:
        """Return rates with bounds that round-off has not carried past them."""
        columns = {"rate": rate, "lower": np.minimum(lower, rate), "upper": np.maximum(upper, rate)}
        return pd.DataFrame({name: self.spread(column) for name, column in columns.items()}, self.index)

    def spread(self, column: np.ndarray) -> np.ndarray:
        full = np.full(len(self.index), np.nan)
        full[self.valid] = column
        return full
