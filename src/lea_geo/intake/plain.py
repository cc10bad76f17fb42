"""Plain tables: columns of numbers that no catalogue describes, such as an analyst has made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks import tables as check
from lea_geo.intake.catalogue import Catalogue, Field, Source
from lea_geo.intake.cells import read_cells
from lea_geo.intake.dialects import read_raw
from lea_geo.intake.keys import clean_keys
from lea_geo.schema import AREA_ID, Status, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from lea_geo.intake.dialects import RawTable

SENTINELS = {
    "": Status.MISSING,
    "NA": Status.MISSING,
    "NaN": Status.MISSING,
    "nan": Status.MISSING,
    "..": Status.MISSING,
    "...": Status.SUPPRESSED,
    ".": Status.NOT_APPLICABLE,
}
"""What stands for no value, as R, Python and statistical offices write it."""
_NOBODY = Text("", "", "")


def read_plain(
    path: Path,
    *,
    area_id: str,
    columns: Collection[str],
    texts: Collection[str] = (),
    missing: Sequence[str] = (),
    id_scheme: str = "",
    layer: str | None = None,
    sheet: str | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read columns of numbers by area.

    Parameters
    ----------
    path
        A file of any kind that ``read_indicators`` reads; encoding, separator and decimal mark are found.
    area_id
        The column of ids.
    columns, texts
        The columns to read as numbers and as texts; those that the file lacks are left to the caller.
    missing
        What else stands for no value: ``["-999"]``.
    id_scheme
        ``postal`` or ``municipality``, where leading zeros may have been lost.
    layer, sheet
        As for ``read_indicators``.

    Returns
    -------
    frame, notes
        Indexed by ``area_id``; a column for each that was asked for and is there, and ``<column>_status``
        where a value is withheld or cannot be. What was found and done, in sentences.

    Raises
    ------
    TableError
        The file cannot be read, ids are blank or doubled, or cells are no numbers: all of them at once.
    """
    raw = read_raw(path, layer=layer, sheet=sheet)
    if area_id not in raw.frame.columns:
        check.refuse_column(path, area_id, list(raw.frame.columns))
    if area_id in raw.float_columns:
        check.refuse_float_ids(path, area_id)
    found = clean_keys(path, raw.frame[area_id], id_scheme, None)
    rows = raw.frame.loc[found.ids.index].set_axis(pd.Index(found.ids, name=AREA_ID, dtype=str))
    numbers, notes = _numbers(path, rows, [name for name in columns if name in rows], missing)
    words = {name: rows[name].str.strip() for name in texts if name in rows}
    frame = pd.DataFrame({**numbers, **words}, index=rows.index)
    return frame, (*raw.notes, *found.notes, *notes)


def read_answers(path: Path) -> pd.DataFrame:
    """Return the answers of a public consultation: a row for each, a column of points for each node.

    Raises
    ------
    TableError
        The file cannot be read, or no column holds numbers.
    """
    raw = read_raw(path, layer=None, sheet=None)
    named = [name for name in raw.frame.columns if _is_number(raw, name)]
    if not named:
        check.refuse(
            path, "no column holds numbers", "A row is an answer, a column the points that it gives."
        )
    return pd.DataFrame(_numbers(path, raw.frame[named], named, ())[0], index=raw.frame.index)


def columns_of(path: Path, *, layer: str | None = None, sheet: str | None = None) -> tuple[str, ...]:
    """Return the names of a file's columns.

    Raises
    ------
    TableError
        The file cannot be read.
    """
    return tuple(read_raw(path, layer=layer, sheet=sheet).frame.columns)


def _is_number(raw: RawTable, name: str) -> bool:
    filled = raw.frame[name].str.strip()
    filled = filled[filled != ""].str.replace(",", ".", regex=False)
    return bool(pd.to_numeric(filled, errors="coerce").notna().all()) and len(filled) > 0


def _numbers(
    path: Path, rows: pd.DataFrame, columns: Sequence[str], missing: Sequence[str]
) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    """Return columns of numbers and, where they say more than "missing", columns of status."""
    if not columns:
        return {}, ()
    source = Source("", {**SENTINELS, **dict.fromkeys(missing, Status.MISSING)})
    fields = {name: Field(name, signed=True) for name in columns}
    described = Catalogue(_NOBODY, "", "", (), fields, {"": source}, "")
    cells = read_cells(path, rows[list(columns)], described, source, decimal=None)
    found: dict[str, pd.Series] = {}
    for name in columns:
        found[name] = cells.values[name]
        if not cells.status[name].isin([Status.OBSERVED, Status.MISSING]).all():
            found[f"{name}_status"] = cells.status[name]
    return found, cells.notes
