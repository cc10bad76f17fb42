"""Travel times that somebody else computed, from files."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._checks import travel as check
from lea_geo._checks.faults import Faults
from lea_geo.errors import TableError
from lea_geo.targeting.travel import TravelCosts, costs_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from pathlib import Path

ENDINGS = (".csv", ".txt", ".tsv")
LARGEST_MEMBER = 2_000_000_000
"""Bytes that a file in an archive may unpack to."""


def read_travel_times(
    path: str | PathLike[str],
    *,
    cost: str = "minutes",
    from_id: str = "from_id",
    to_id: str = "to_id",
    unit: str = "minutes",
    no_route: Sequence[float] = (-1,),
) -> TravelCosts:
    """Read travel times from a list of journeys: one row each, such as routing programs write.

    Parameters
    ----------
    path
        A text file (``.csv``, ``.txt``, ``.tsv``) with a header, separated by commas, semicolons or tabs; a
        zip of such; or a folder of such, which are read one after another in the order of their names.
    cost
        The column of costs, where a file has one for each means of travel: ``pt_r_tt``, ``car_m_t``,
        ``walk_t``.
    from_id, to_id
        The columns of ids, read as text.
    unit
        ``minutes`` or ``metres``.
    no_route
        What stands for "cannot be reached", as a cost or in place of the destination's id; a blank does too.
        Any other negative number is an error.

    Returns
    -------
    TravelCosts
        Every origin by every destination named anywhere in the files. A journey that no file lists has no
        route, and a note counts those.

    Raises
    ------
    UsageError
        If there is no such file, or the unit is unknown.
    TableError
        If a column is not there, ids are blank, costs are no numbers, or a journey is listed twice.
    """
    file = check.check_travel_path(path)
    parts = [_read(name, data, (from_id, to_id, cost)) for name, data in _members(file)]
    rows = pd.concat(parts, ignore_index=True)
    origins = np.unique(rows[from_id])
    # Some programs put the sentinel where the destination's id would be; the origin is known all the same.
    nowhere = rows[to_id].isin([f"{value:g}" for value in no_route])
    rows = rows[~nowhere]
    missing = rows[cost].isin(list(no_route)) | rows[cost].isna()
    check.check_journeys(rows, from_id, to_id, file.name)
    destinations = np.unique(rows[to_id])
    values = np.full((len(origins), len(destinations)), np.nan)
    place = np.searchsorted(origins, rows[from_id]), np.searchsorted(destinations, rows[to_id])
    values[place] = np.where(missing, np.nan, rows[cost])
    without = int(missing.sum() + nowhere.sum())
    notes = _notes(file.name, values.size - len(rows) - int(nowhere.sum()), without)
    return costs_of(
        pd.DataFrame(values, index=origins, columns=destinations),
        unit=unit,
        notes=notes,
        file=file.name,
        cost=cost,
        no_route=list(no_route),
    )


def _notes(name: str, unlisted: int, without: int) -> list[str]:
    notes = [f"{without} journeys of {name} are said to have no route."] if without else []
    return [*notes, f"{unlisted} journeys are not listed in {name} and have no route."] if unlisted else notes


def _members(file: Path) -> list[tuple[str, bytes]]:
    """Return the names and bytes of the text files that a path stands for."""
    if file.is_dir():
        found = sorted(one for one in file.iterdir() if one.suffix.lower() in ENDINGS)
        return check.check_some(file.name, [(one.name, one.read_bytes()) for one in found])
    if file.suffix.lower() != ".zip":
        return [(file.name, file.read_bytes())]
    with zipfile.ZipFile(file) as archive:
        listed = sorted(archive.infolist(), key=lambda one: one.filename)
        wanted = [one for one in listed if one.filename.lower().endswith(ENDINGS)]
        check.check_member_sizes(file.name, {one.filename: one.file_size for one in wanted}, LARGEST_MEMBER)
        return check.check_some(file.name, [(one.filename, archive.read(one)) for one in wanted])


def _read(name: str, data: bytes, columns: tuple[str, str, str]) -> pd.DataFrame:
    """Return the three columns of one file: ids as text, costs as numbers."""
    head = data.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    separator = max(";,\t", key=head.count)
    faults = Faults()
    there = [word.strip().strip('"') for word in head.split(separator)]
    absent = [column for column in columns if column not in there]
    if absent:
        faults.add(f"columns that {name} does not have", ids=absent, cure=f"It has {', '.join(there)}.")
    faults.raise_if_any(TableError, f"{name} holds no journeys that can be read.")
    frame = pd.read_csv(
        io.BytesIO(data),
        sep=separator,
        usecols=list(columns),
        dtype={columns[0]: str, columns[1]: str},
        keep_default_na=False,
        na_values={columns[2]: ["", "NA", "NaN"]},
        encoding="utf-8-sig",
    )
    frame[columns[2]] = check.as_costs(frame[columns[2]], name, columns[2])
    return frame[list(columns)]
