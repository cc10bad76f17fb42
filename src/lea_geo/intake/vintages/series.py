"""A series of years on the areas of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks.vintages import (
    check_carried_tables,
    check_metres,
    check_onto,
    check_people,
    check_share,
    check_vintages,
)
from lea_geo.intake.support.crosswalk import build_crosswalk
from lea_geo.intake.support.interpolate import OUTSIDE
from lea_geo.intake.tables import IndicatorTable
from lea_geo.intake.vintages.carry import Carried, carry
from lea_geo.intake.vintages.change import SHARE, SLIVER
from lea_geo.intake.vintages.measures import measures_from, measures_of
from lea_geo.intake.vintages.told import carry_notes, resting_notes
from lea_geo.intake.vintages.walk import LEAST, without_slivers
from lea_geo.schema import AREA_ID, CELL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd

    from lea_geo.intake.vintages.measures import Measures

SERIES_COLUMNS = (
    "year",
    "code",
    *CELL_COLUMNS,
    "split_lower",
    "split_upper",
    "amount",
    "received",
    "rests",
    "comparable",
)
"""The columns of ``CarriedSeries.table``, after its index ``area_id``."""

SO = "and the years cannot be compared there"


@dataclass(frozen=True, kw_only=True)
class CarriedSeries:
    """Numbers of several years on the areas of one."""

    table: pd.DataFrame
    """Indexed by ``area_id``, a row for each area, year and code, with ``SERIES_COLUMNS``: what is known of
    the value (``schema.CELL_COLUMNS``); ``split_lower split_upper``, between which it lies however the people
    of split areas lie within them; the mass account: ``amount`` (the count, or a rate's denominator) and how
    much of it was ``received`` from areas with another code; ``rests``, the share of its people whose place
    rests on how a split area divides; and ``comparable``, whether that is no more than ``threshold``."""
    account: pd.DataFrame
    """A row for each year and count (of a rate: each of its parts), indexed by ``year`` and name, with the
    columns of ``Interpolated.account``: nothing appears or vanishes in silence."""
    onto: int
    years: tuple[int, ...]
    method: str
    tolerance: float
    least: float
    threshold: float
    outside: str
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        rows = self.table["comparable"]
        areas, codes = self.table.index.nunique(), self.table["code"].nunique()
        return (
            f"<CarriedSeries: {len(self.years)} years on {areas} areas of {self.onto}, {codes} columns; "
            f"{int((~rows).sum())} of {len(rows)} values rest on a split too much to be compared>"
        )

    def of(self, code: str, column: str = "value") -> pd.DataFrame:
        """Return one column of one code: areas by years."""
        rows = self.table[self.table["code"] == code]
        wide = rows.pivot_table(index=AREA_ID, columns="year", values=column, aggfunc="first", dropna=False)
        return wide.reindex(index=self.table.index.unique())


def carry_series(
    tables: Mapping[int, IndicatorTable | pd.DataFrame],
    areas: Mapping[int, gpd.GeoDataFrame],
    *,
    onto: int,
    kinds: Mapping[str, str] | None = None,
    method: str = "areal",
    population: gpd.GeoDataFrame | Mapping[int, gpd.GeoDataFrame] | None = None,
    population_column: str | None = None,
    people: Mapping[int, pd.Series[float]] | None = None,
    counted: Collection[str] = (),
    tolerance: float = SLIVER,
    least: float = LEAST,
    threshold: float = SHARE,
    outside: str = "spread",
) -> CarriedSeries:
    """Carry the numbers of several years onto the areas of one, and say what that rests on.

    Counts are divided by shares of their area. Rates are carried as numerator and denominator, and divided
    again. Means and medians are averaged by people: that is no median of the people together, and a note says
    so. What is suppressed or missing stays so, with bounds.

    Parameters
    ----------
    tables
        The numbers of each year: what ``read_indicators`` returns, or a frame of numbers indexed by
        ``area_id``, NaN where missing.
    areas
        The areas of each of these years and of ``onto``, in one CRS in metres.
    onto
        The year on whose areas all are wanted.
    kinds
        For frames: column to ``extensive`` (a count) or ``intensive`` (a mean); left out, all are counts.
    method, population, population_column
        How people are taken to lie within an area, as ``method``, ``weights`` and ``weights_column`` of
        :func:`build_crosswalk`; ``population`` may differ by year.
    people
        What means and medians are weighed by, by year and ``area_id`` of that year; left out, the largest
        count of people in an indicator table (for frames, what the method weighs).
    counted
        Codes of counts (and of rates whose denominators are) of people whom ``population`` counts, each at
        most once. Their split bounds are then narrowed by how many live in each part of a split area.
    tolerance
        As in :func:`change_table`: pieces in which no circle of this radius fits, in metres, move nobody.
    least
        A piece that is less than this share of the ground of both its areas moves nobody.
    threshold
        Above this ``rests`` an area and year are not comparable.
    outside
        What becomes of what lies in no area of ``onto``, as in :func:`interpolate`.

    Returns
    -------
    CarriedSeries
        With an account of each area and year.

    Raises
    ------
    AreasError
        If a year's areas are no sound areas, or CRSs differ.
    ValuesError
        If areas and numbers of a year do not match.
    UsageError
        If a year has no areas, or an option is wrong.

    Notes
    -----
    The split bounds of a count ``x`` with pieces of sources ``b`` that are whole (``w``) or parts (``p``) are
    ``sum_w x_b`` and ``sum_w x_b + sum_p x_b``: all of a split area in this part of it, or none. With people
    counted, ``n`` in the part and ``r`` in the rest, a part has at least ``max(0, x_b - r)`` and at most
    ``min(x_b, n)``. They hold the truth wherever borders are as drawn (to ``tolerance`` and ``least``), and
    they are no confidence interval: nothing says that the extremes are likely.
    """
    years = check_vintages(areas, least=1)
    check_onto(onto, years, tables)
    check_choice("outside", outside, OUTSIDE)
    tolerance, threshold = check_metres("tolerance", tolerance), check_share("threshold", threshold)
    least = check_share("least", least) if least else 0.0
    given = _given(tables, areas, kinds)
    check_people(people, tables)
    done: dict[int, Carried] = {}
    notes: list[str] = []
    for year in sorted(given):
        weights = population.get(year) if isinstance(population, Mapping) else population
        walk = build_crosswalk(
            areas[year], areas[onto], method=method, weights=weights, weights_column=population_column
        )
        walk, dropped = without_slivers(walk, areas[year], areas[onto], tolerance=tolerance, least=least)
        weighed = None if people is None else people.get(year)
        done[year] = carry(given[year], walk, outside=outside, people=weighed, counted=counted)
        told = [*carry_notes(done[year], dropped), *resting_notes(done[year].resting, threshold, so=SO)]
        notes += [f"{year}: {note}" for note in told]
    return CarriedSeries(
        table=pd.concat([_long(year, one, threshold) for year, one in done.items()]),
        account=pd.concat({year: one.account for year, one in done.items()}, names=["year", "of"]),
        onto=onto,
        years=tuple(sorted(given)),
        method=method,
        tolerance=tolerance,
        least=least,
        threshold=threshold,
        outside=outside,
        notes=tuple(dict.fromkeys(notes)),
    )


def _given(
    tables: Mapping[int, IndicatorTable | pd.DataFrame],
    areas: Mapping[int, gpd.GeoDataFrame],
    kinds: Mapping[str, str] | None,
) -> dict[int, Measures]:
    check_carried_tables(tables, areas, kinds, IndicatorTable)
    return {
        year: measures_of(table)
        if isinstance(table, IndicatorTable)
        else measures_from(table, kinds or dict.fromkeys(map(str, table.columns), "extensive"))
        for year, table in tables.items()
    }


def _long(year: int, one: Carried, threshold: float) -> pd.DataFrame:
    """Return a row for each area and code of one year."""
    frames = {
        **one.measures.cells,
        "split_lower": one.split_lower,
        "split_upper": one.split_upper,
        "amount": one.amount,
        "received": one.received,
        "rests": one.rests,
    }
    parts = []
    for code in one.measures.codes:
        part = pd.DataFrame({name: frame[code] for name, frame in frames.items()})
        part.insert(0, "year", year)
        part.insert(1, "code", code)
        part["comparable"] = part["rests"] <= threshold
        parts.append(part)
    return pd.concat(parts)[list(SERIES_COLUMNS)]
