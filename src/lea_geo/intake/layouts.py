"""Wide and long tables, brought to one shape: a row an area, a column a field of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lea_geo._checks import tables as check
from lea_geo.intake.catalogue import Catalogue
from lea_geo.schema import MUNICIPALITY, NAME_COLUMNS

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

    A table is wide when at least one of its columns is a field of the catalogue, by code or alias, in any case.
    It is long when one of its columns holds field names; the values are then in columns called by year, or in
    the column that the catalogue calls ``value``.

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
        return _wide(path, frame, catalogue, found, id_column, year, notes)
    variable = _variable_column(frame, id_column, known)
    if variable is None:
        check.refuse_no_fields(path, list(frame.columns), catalogue.name.en)
    return _long(path, frame, catalogue, known, id_column, variable, year, notes)


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


def _wide(
    path: Path,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    found: Mapping[str, str],
    id_column: str,
    year: str | None,
    notes: tuple[str, ...],
) -> Shaped:
    columns: dict[str, list[str]] = {}
    for name, code in found.items():
        columns.setdefault(code, []).append(name)
    check.check_double_fields(path, {code: names for code, names in columns.items() if len(names) > 1})
    frame, year, more = _choose_year(path, frame, _named(frame, catalogue.attributes.get("year", ())), year)
    return Shaped(
        ids=frame[id_column],
        fields=frame[list(found)].rename(columns=dict(found)),
        attributes=_attributes(frame, catalogue),
        layout="wide",
        id_column=id_column,
        year=year,
        notes=notes + more,
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


def _long(
    path: Path,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    known: Mapping[str, str],
    id_column: str,
    variable: str,
    year: str | None,
    notes: tuple[str, ...],
) -> Shaped:
    codes = frame[variable].map(lambda text: known.get(_plain(text), ""))
    unknown = frame[variable][codes == ""].unique()
    frame = frame.assign(**{variable: codes})[codes != ""]
    frame, value, year, more = _value_column(path, frame, catalogue, {id_column, variable}, year)
    check.check_long_cells(path, frame.drop(columns=value), [id_column, variable])
    wide = frame.pivot(index=id_column, columns=variable, values=value)
    firsts = frame.drop_duplicates(id_column).set_index(id_column)
    order = firsts.index
    if len(unknown):
        notes = (*notes, f"{len(unknown)} kinds of rows are no fields of the catalogue and were passed over.")
    return Shaped(
        ids=pd.Series(order, index=range(len(order)), dtype=str),
        fields=wide.loc[order].fillna("").reset_index(drop=True).rename_axis(columns=None),
        attributes=_attributes(firsts.reset_index(drop=True), catalogue),
        layout="long",
        id_column=id_column,
        year=year,
        notes=notes + more,
    )


def _value_column(
    path: Path, frame: pd.DataFrame, catalogue: Catalogue, taken: set[str], year: str | None
) -> tuple[pd.DataFrame, str, str, tuple[str, ...]]:
    """Return the rows of one year, the column of their values and the year."""
    years = sorted(name for name in frame.columns if _YEAR.fullmatch(name) and name not in taken)
    if years:
        chosen = check.check_year(path, years, year)
        return frame.drop(columns=[name for name in years if name != chosen]), chosen, chosen, ()
    value = _named(frame.drop(columns=list(taken)), catalogue.attributes.get("value", ()))
    if value is None:
        check.refuse_column(
            path, " or ".join(catalogue.attributes.get("value", ())), list(frame.columns), "value column"
        )
    frame, chosen, notes = _choose_year(
        path, frame, _named(frame, catalogue.attributes.get("year", ())), year
    )
    return frame, value, chosen, notes
