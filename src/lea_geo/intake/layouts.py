"""Wide and long tables, brought to one shape: a row an area, a column a field of the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks import tables as check
from lea_geo.schema import MUNICIPALITY, NAME_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lea_geo.intake.catalogue import Catalogue

ATTRIBUTES = (*NAME_COLUMNS, MUNICIPALITY)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Shaped:
    """A wide table of text."""

    ids: pd.Series[str]
    """The id column as it was written."""
    fields: pd.DataFrame
    """Columns named by the codes of the catalogue."""
    attributes: pd.DataFrame
    """Those of ``name_fi name_sv name_en municipality`` that the file has."""
    layout: str
    """``wide`` or ``long``."""
    id_column: str
    year: str = ""
    notes: tuple[str, ...] = ()


def shape(path: Path, frame: pd.DataFrame, catalogue: Catalogue, *, area_id: str, year: str | None) -> Shaped:
    """Bring a table to one row an area.

    A table is wide when at least one of its columns is a field of the catalogue, by code or alias, in any
    case. It is long when one of its columns holds field names; the values are then in columns called by
    year, or in the column that the catalogue calls ``value``.

    Raises
    ------
    TableError
        The id column or every field is absent, a field stands in two columns, or the year has to be chosen.
    """
    known = {
        _plain(name): code for code, field in catalogue.fields.items() for name in (code, *field.aliases)
    }
    id_column, notes = _id_column(path, frame, catalogue, area_id)
    found = {
        name: known[_plain(name)] for name in frame.columns if name != id_column and _plain(name) in known
    }
    if found:
        return _wide(_Asked(path, frame, catalogue, id_column, year, notes), found)
    variable = _variable_column(frame, id_column, known)
    if variable is None:
        check.refuse_no_fields(path, list(frame.columns), catalogue.name.en)
    return _long(_Asked(path, frame, catalogue, id_column, year, notes), known, variable)


@dataclass(frozen=True)
class _Asked:
    path: Path
    frame: pd.DataFrame
    catalogue: Catalogue
    id_column: str
    year: str | None
    notes: tuple[str, ...]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _named(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    """Return the first column that has one of the names, whatever the case."""
    columns = {_plain(name): name for name in reversed(frame.columns)}
    return next((columns[_plain(name)] for name in names if _plain(name) in columns), None)


def _id_column(
    path: Path, frame: pd.DataFrame, catalogue: Catalogue, area_id: str
) -> tuple[str, tuple[str, ...]]:
    if area_id in frame.columns:
        return area_id, ()
    others = catalogue.attributes.get("area_id", ())
    alias = _named(frame, (area_id, *others) if area_id in others else (area_id,))
    if alias is None:
        check.refuse_column(path, area_id, list(frame.columns))
    return alias, (f"The ids were read from the column {alias!r}, which is another name of {area_id!r}.",)


def _attributes(frame: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    columns = {name: _named(frame, catalogue.attributes.get(name, ())) for name in ATTRIBUTES}
    found = {name: frame[column].str.strip() for name, column in columns.items() if column is not None}
    return pd.DataFrame(found, index=frame.index)


def _choose_year(
    path: Path, frame: pd.DataFrame, column: str | None, year: str | None
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Keep the rows of one year."""
    if column is None:
        note = f"The file states no year; it was taken to be of {year}, as told."
        return frame, year or "", ((note,) if year else ())
    years = frame[column].str.strip().str.replace(r"\.0$", "", regex=True)
    chosen = check.check_year(path, sorted(years.unique()), year)
    kept = frame[years == chosen]
    gone = len(frame) - len(kept)
    note = f"{gone} rows of other years than {chosen} were passed over."
    return kept, chosen, ((note,) if gone else ())


def _wide(asked: _Asked, found: Mapping[str, str]) -> Shaped:
    columns: dict[str, list[str]] = {}
    for name, code in found.items():
        columns.setdefault(code, []).append(name)
    doubles = {code: names for code, names in columns.items() if len(names) > 1}
    check.check_double_fields(asked.path, doubles)
    column = _named(asked.frame, asked.catalogue.attributes.get("year", ()))
    frame, year, notes = _choose_year(asked.path, asked.frame, column, asked.year)
    return Shaped(
        ids=frame[asked.id_column],
        fields=frame[list(found)].rename(columns=dict(found)),
        attributes=_attributes(frame, asked.catalogue),
        layout="wide",
        id_column=asked.id_column,
        year=year,
        notes=asked.notes + notes,
    )


def _variable_column(frame: pd.DataFrame, id_column: str, known: Mapping[str, str]) -> str | None:
    """Return the column that holds the most field names, if any holds one."""
    hits = {
        name: sum(_plain(text) in known for text in frame[name].unique())
        for name in frame.columns
        if name != id_column
    }
    best = max(hits, key=lambda name: hits[name], default=None)
    return best if best is not None and hits[best] else None


def _long(asked: _Asked, known: Mapping[str, str], variable: str) -> Shaped:
    id_column, notes = asked.id_column, asked.notes
    codes = asked.frame[variable].map(lambda text: known.get(_plain(text), ""))
    unknown = asked.frame[variable][codes == ""].unique()
    if len(unknown):
        notes += (f"{len(unknown)} kinds of rows are no fields of the catalogue and were passed over.",)
    frame = asked.frame.assign(**{variable: codes})[codes != ""]
    frame, value, year, more = _value_column(replace(asked, frame=frame), {id_column, variable})
    check.check_long_cells(asked.path, frame.drop(columns=value), [id_column, variable])
    firsts = frame.drop_duplicates(id_column).reset_index(drop=True)
    wide = frame.set_index([id_column, variable])[value].unstack(fill_value="")  # noqa: PD010 - nothing to sum
    return Shaped(
        ids=firsts[id_column],
        fields=wide.loc[firsts[id_column]].reset_index(drop=True).rename_axis(columns=None),
        attributes=_attributes(firsts, asked.catalogue),
        layout="long",
        id_column=id_column,
        year=year,
        notes=notes + more,
    )


def _value_column(asked: _Asked, taken: set[str]) -> tuple[pd.DataFrame, str, str, tuple[str, ...]]:
    """Return the rows of one year, the column of their values and the year."""
    frame, names = asked.frame, asked.catalogue.attributes
    years = sorted(name for name in frame.columns if _YEAR.fullmatch(name) and name not in taken)
    if years:
        chosen = check.check_year(asked.path, years, asked.year)
        return frame.drop(columns=[name for name in years if name != chosen]), chosen, chosen, ()
    value = _named(frame.drop(columns=list(taken)), names.get("value", ()))
    if value is None:
        wanted = " or ".join(names.get("value", ())) or "of values"
        check.refuse_column(asked.path, wanted, list(frame.columns))
    frame, chosen, notes = _choose_year(asked.path, frame, _named(frame, names.get("year", ())), asked.year)
    return frame, value, chosen, notes
