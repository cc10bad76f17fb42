"""Outcome and drivers brought together by id: what every model of this room computes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._checks.drivers import check_columns, check_different, check_fewer_drivers, check_frame
from lea_geo._checks.values import check_series
from lea_geo.spatial.graph import as_graph

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph

    from lea_geo.spatial.graph import AreaGraph

OUTCOME = "outcome"
"""What an outcome without a name is called."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """The areas that have a value in everything, in the order of their ids."""

    index: pd.Index
    """All areas, in the order of the outcome as it was given."""
    ids: pd.Index
    """Those with all values, in rising order."""
    outcome: str
    names: tuple[str, ...]
    """Of the drivers."""
    y: np.ndarray
    """Shape (n,)."""
    x: np.ndarray
    """Shape (n, k)."""
    notes: tuple[str, ...]

    @property
    def n(self) -> int:
        """How many areas have all values."""
        return len(self.ids)

    def graph(self, graph: AreaGraph | Graph) -> AreaGraph:
        """Return the links among these areas, in their order."""
        return as_graph(graph).subset(self.ids)


def aligned(outcome: object, drivers: object, *, least: int = 5) -> Aligned:
    """Align an outcome with its drivers by id and leave out areas that lack any value.

    Raises
    ------
    UsageError, ValuesError
        If one of them has no ids or other ids, is flat, or too few areas have all values.
    """
    table = check_frame("drivers", drivers)
    given = check_series("outcome", outcome)
    name = OUTCOME if given.name is None else str(given.name)
    check_different(name, table)
    columns = {name: given, **{str(column): table[column] for column in table.columns}}
    ids, numbers, whole = check_columns(columns, least=least)
    check_fewer_drivers(int(whole.sum()), table.shape[1])
    names = tuple(str(column) for column in table.columns)
    x = np.column_stack([numbers[column][whole] for column in names])
    return Aligned(given.index, ids[whole], name, names, numbers[name][whole], x, left_out(ids, whole))


def left_out(ids: pd.Index, whole: np.ndarray) -> tuple[str, ...]:
    """Return a note on the areas that lack a value, where there are any."""
    lacking = int((~whole).sum())
    if not lacking:
        return ()
    named = ", ".join(map(str, ids[~whole][:5])) + (", …" if lacking > 5 else "")
    return (f"{lacking} of {len(ids)} areas lack a value and are left out: {named}.",)
