"""A study as a whole: what its files say together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo.errors import AreasError, DataError, SpecError, TableError, UsageError
from lea_geo.schema import WITH_VALUE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    import pandas as pd

LEAST_VALUES = 4
"""With three areas every arrangement is as clustered as every other."""


def raise_together(errors: Sequence[DataError]) -> None:
    """Raise what several steps refused as one error, a lone one as it is."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        faults = [
            replace(fault, what=f"{error.heading.rstrip('.:')}: {fault.what}")
            for error in errors
            for fault in error.faults
        ]
        raise DataError("The data of the study cannot be used:", faults)


def refuse_merging_years(years: Collection[str]) -> SpecError:
    """Return the refusal to merge areas of several years."""
    faults = Faults()
    cure = "Merge in a study of one year, or write years = 2 in place of merge."
    faults.add("[rates] merge takes one year, and the tables give several", ids=years, cure=cure)
    return SpecError("The study cannot be used:", faults.found)


def as_spec_error(error: UsageError) -> SpecError:
    """Return a wrong call as what it is here: something that the study file says wrongly."""
    faults = Faults()
    faults.add(str(error).rstrip("."))
    return SpecError("The study cannot be used:", faults.found)


def check_no_missing(file: str, missing: Collection[str]) -> None:
    """Refuse to pass over what a study says of a table that a catalogue describes."""
    if missing:
        faults = Faults()
        cure = (
            "Declare it under [sources] of the catalogue; missing is for tables that no catalogue describes."
        )
        faults.add(f"{file} says what stands for no value", ids=missing, cure=cure)
        raise SpecError("The study cannot be used:", faults.found)


def check_columns(frame: gpd.GeoDataFrame, columns: Collection[str], file: str) -> None:
    """Refuse names of columns that a file of areas does not have."""
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        faults = Faults()
        cure = f"It has {', '.join(str(c) for c in frame.columns if c != frame.geometry.name)}."
        faults.add("columns that the study names and the file lacks", ids=absent, cure=cure)
        raise AreasError(f"The areas of {file} cannot be named:", faults.found)


def check_indicator_codes(wanted: Collection[str], known: Collection[str]) -> None:
    """Refuse indicators that the catalogue does not hold."""
    foreign = [code for code in wanted if code not in known]
    if foreign:
        faults = Faults()
        faults.add(
            "indicators that the catalogue does not hold",
            ids=foreign,
            of=len(wanted),
            cure=f"It holds {', '.join(known)}.",
        )
        raise SpecError("The study cannot be used:", faults.found)


def check_some_indicator(codes: Collection[str], wanted: Collection[str]) -> None:
    """Refuse tables that yield no indicator, or not those that were asked for."""
    faults = Faults()
    absent = [code for code in wanted if code not in codes]
    if absent:
        cure = "Leave them out, or add the table that has their fields."
        faults.add("indicators that the tables have no fields for", ids=absent, of=len(wanted), cure=cure)
    elif not codes:
        faults.add("no indicator of the catalogue can be built", cure="Is it the catalogue of these tables?")
    faults.raise_if_any(TableError, "The tables do not yield what the study asks for:")


def refuse_code_twice(codes: Collection[str]) -> TableError:
    """Return the error for an indicator that two tables yield."""
    faults = Faults()
    cure = (
        "Which one counts? Leave one table out, or name indicators of your own in a catalogue. "
        "Where they are of different years, give each table its year."
    )
    faults.add("indicators that more than one table yields", ids=codes, cure=cure)
    return TableError("The tables of the study overlap:", faults.found)


def check_municipality_known(codes: pd.Series[str]) -> None:
    """Refuse to cut a region out of areas none of which knows its municipality."""
    if (codes == "").all():
        faults = Faults()
        cure = "Name the column as municipality in [areas], or a file of municipalities as within."
        faults.add("no area knows its municipality: neither the areas nor the tables have it", cure=cure)
        raise AreasError("The region cannot be cut out:", faults.found)


def untestable_reason(cells: pd.DataFrame) -> str:
    """Return why an indicator cannot be tested at all, or nothing."""
    n = int(cells["status"].isin(WITH_VALUE).sum())
    if n < LEAST_VALUES:
        return f"Only {n} areas have a value; at least {LEAST_VALUES} are needed."
    return ""
