"""Registers of points: where they come from, what their columns hold, and whether they lie where they say."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from pyproj import CRS
from pyproj.exceptions import CRSError

from lea_geo._checks.faults import Faults
from lea_geo.errors import TableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING = "The points of {name} cannot be counted."
MOST_CATEGORIES = 100
"""More are no categories but ids or numbers."""


def refuse(name: str, what: str, cure: str = "", *, ids: Sequence[object] = ()) -> NoReturn:
    """Raise a TableError with one fault."""
    faults = Faults()
    faults.add(what, ids=ids, cure=cure)
    raise TableError(_HEADING.format(name=name), faults.found)


def refuse_source(source: object) -> NoReturn:
    """Refuse what holds no points."""
    raise UsageError(
        f"source is a {type(source).__name__}; it must be a DataFrame, an Arrow table or reader, or the path "
        "of a Parquet or CSV file or of a folder of such files."
    )


def refuse_unread(name: str, error: Exception) -> NoReturn:
    """Refuse what Arrow cannot read."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    refuse(name, f"it cannot be read as points ({first})", "Mend the file, or say where= to leave rows out.")


def check_columns(
    name: str, held: Sequence[str], numeric: Sequence[str], wanted: Sequence[str], numbers: Sequence[str]
) -> None:
    """Raise unless all ``wanted`` columns are there once and those of ``numbers`` are ``numeric``."""
    faults = Faults()
    for column in dict.fromkeys(wanted):
        if column not in held:
            near = get_close_matches(column, held, n=1)
            cure = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(held[:20])}."
            faults.add(f"there is no column {column!r}", cure=cure)
        elif held.count(column) > 1:
            faults.add(f"there are several columns {column!r}", cure="Give each a name of its own.")
        elif column in numbers and column not in numeric:
            faults.add(f"column {column!r} holds no numbers", cure="Turn it into numbers first.")
    faults.raise_if_any(TableError, _HEADING.format(name=name))


def check_alike(name: str, files: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> None:
    """Raise where some files of a folder have a column that others lack."""
    faults = Faults()
    for column in dict.fromkeys(wanted):
        lacking = [file for file, held in files.items() if column not in held]
        if 0 < len(lacking) < len(files):
            cure = "Give the column the same name in all files."
            faults.add(f"files without column {column!r}", ids=lacking, of=len(files), cure=cure)
    faults.raise_if_any(TableError, _HEADING.format(name=name))


def check_names(x: str, y: str, by: str | None, sums: Sequence[str]) -> None:
    """Raise unless the columns that a call names are texts, and each is named once."""
    if isinstance(sums, str):
        raise UsageError(f"sums is {sums!r}; it must be a list of columns: [{sums!r}].")
    named = [x, y, *sums, *([] if by is None else [by])]
    if not all(isinstance(column, str) and column for column in named):
        raise UsageError("x, y, by and sums must be names of columns.")
    if x == y:
        raise UsageError(f"x and y are the same column, {x!r}.")
    repeated = sorted({column for column in sums if list(sums).count(column) > 1})
    if repeated:
        raise UsageError(f"sums names {', '.join(map(repr, repeated))} more than once.")


def check_crs_of_points(crs: object) -> CRS:
    """Return ``crs`` as a pyproj CRS."""
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise UsageError(
            f"crs is {crs!r}, which is no coordinate reference system; try 'EPSG:3067' or 'EPSG:4326'."
        ) from error


def check_where(where: object) -> Mapping[str, object]:
    """Return which rows are wanted: columns and the values that they may have."""
    if where is None:
        return {}
    if not isinstance(where, Mapping) or not all(isinstance(column, str) for column in where):
        raise UsageError("where must say for columns which values are wanted: {'year': 2019}.")
    return where


def check_something_asked(areas: object, cell_size: object) -> None:
    """Refuse a call that asks for neither areas nor cells."""
    if areas is None and cell_size is None:
        raise UsageError("Say areas, cell_size, or both: points are counted by the one, the other, or both.")


def refuse_swapped(name: str, x: str, y: str, crs: CRS, *, swapped: int, placed: int) -> NoReturn:
    """Refuse coordinates of which the second is the first."""
    refuse(
        name,
        f"{x!r} and {y!r} are swapped: {swapped} rows would lie in place the other way round, {placed} do as "
        f"they are, in {crs.name}",
        f"Say x={y!r}, y={x!r}: x is the easting or longitude.",
    )


def refuse_elsewhere(name: str, crs: CRS, rows: int, sample: tuple[float, float]) -> NoReturn:
    """Refuse coordinates of which none is where it could be."""
    refuse(
        name,
        f"none of {rows} rows lies near the areas or in Finland in {crs.name}; the first is at "
        f"x {sample[0]:.10g}, y {sample[1]:.10g}",
        "State the CRS of the coordinates with crs=: 'EPSG:4326' for degrees.",
    )


def refuse_infinite(name: str, column: str, count: int) -> NoReturn:
    """Refuse numbers that are infinite."""
    refuse(name, f"infinite numbers in {column!r}: {count} rows", "Leave them empty where nothing is known.")


def refuse_categories(name: str, by: str, count: int) -> NoReturn:
    """Refuse a column that holds something else than categories."""
    refuse(
        name,
        f"column {by!r} holds more than {MOST_CATEGORIES} different values ({count} so far)",
        "Group them first: each becomes a column.",
    )


def check_new_columns(columns: Sequence[str]) -> None:
    """Raise if two columns of the result would have the same name."""
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    if repeated:
        raise UsageError(
            f"Two columns of the result would be called {', '.join(repeated)}; rename one before."
        )
