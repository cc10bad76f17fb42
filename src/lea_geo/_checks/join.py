"""What a table and its areas must have in common, and what a user is told when they have not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

from lea_geo._checks.faults import Faults
from lea_geo.errors import JoinError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

HEADING = "The table does not fit the areas:"


def check_sides(areas: object, table: object, kind: type) -> None:
    """Refuse anything but areas on the left and a table of indicators on the right."""
    if not isinstance(areas, gpd.GeoDataFrame):
        raise UsageError(
            f"areas is a {type(areas).__name__}; it must be a GeoDataFrame indexed by area_id, such as "
            "lea_geo.read_areas returns."
        )
    if not isinstance(table, kind):
        raise UsageError(
            f"table is a {type(table).__name__}; it must be an {kind.__name__}, which knows the status of "
            "every value: lea_geo.read_indicators(path, catalogue, area_id=...)."
        )


def check_unique(areas: pd.Index[str], rows: pd.Index[str]) -> None:
    """Refuse ids that occur twice on either side."""
    faults = Faults()
    for what, index in (("areas", areas), ("rows of the table", rows)):
        double = index[index.duplicated()].unique()
        if len(double):
            faults.add(f"{what} with the same id", ids=double, of=len(index))
    faults.raise_if_any(JoinError, HEADING)


def check_some_match(matched: Sequence[str], areas: pd.Index[str], rows: pd.Index[str]) -> None:
    """Refuse a table that has nothing to do with the areas."""
    if matched:
        return
    faults = Faults()
    faults.add(
        "no id of the table is an id of the areas",
        cure=(
            f"The areas have ids like {', '.join(map(repr, areas[:3]))}, "
            f"the table like {', '.join(map(repr, rows[:3]))}."
        ),
    )
    faults.raise_if_any(JoinError, HEADING)


def check_strict(unmatched_areas: Sequence[str], unmatched_rows: Sequence[str], n: int, m: int) -> None:
    """Refuse anything that is on one side only."""
    faults = Faults()
    if unmatched_areas:
        faults.add("areas without a row in the table", ids=unmatched_areas, of=n)
    if unmatched_rows:
        faults.add(
            "rows of the table without an area",
            ids=unmatched_rows,
            of=m,
            cure="Are the boundaries and the table of the same year? strict=False keeps what matches.",
        )
    faults.raise_if_any(JoinError, HEADING)


def check_columns(taken: Sequence[str]) -> None:
    """Refuse to overwrite columns of the areas."""
    faults = Faults()
    if taken:
        faults.add(
            "columns of the areas have the names of indicators", ids=taken, cure="Rename or drop them."
        )
    faults.raise_if_any(JoinError, HEADING)
