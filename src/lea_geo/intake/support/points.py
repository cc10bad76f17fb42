"""Registers of points, one row a person, a building or an event, counted by areas and by grid cells."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import points as check
from lea_geo._checks.grid import check_cell_size
from lea_geo._checks.support import check_area_ids
from lea_geo._compiled import thread_count
from lea_geo._progress import steps
from lea_geo.intake.grid import CELL_SIZES, grid_id
from lea_geo.intake.support.counts import Counts
from lea_geo.intake.support.ground import check_batch, corners_of, ground_of
from lea_geo.intake.support.point_source import BATCH, Columns, PointSource, open_points
from lea_geo.intake.support.tally import NOWHERE, OUTSIDE, RESERVED
from lea_geo.schema import AREA_ID, DEFAULT_CRS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd

    from lea_geo.intake.support.ground import Batch, Ground
    from lea_geo.intake.support.tally import ColumnNames


@dataclass(frozen=True, kw_only=True)
class PointCounts(ByArea):
    """What a register of points holds, by area, by cell, or by both."""

    table: pd.DataFrame
    """Indexed by ``area_id``, one row for each area in the order given; without areas the same as ``cells``.
    ``count`` (rows), one column ``<by>_<category>`` for each category (rows) and ``<by>_missing`` where rows
    have none, and for each summed column ``<name>_sum`` (over rows with a number; NaN where rows have none)
    and ``<name>_missing`` (rows without a number)."""
    cells: pd.DataFrame | None
    """The same by grid cell, indexed by the cell's id, the cells in which a row lies only, by northing and
    easting. None where no cells were asked for."""
    account: pd.DataFrame
    """One row for each ``level`` (``areas``, ``cells``) and ``column`` of the tables: ``total`` in all rows
    read, of which ``located`` in areas or cells, ``outside`` all of them, and ``without_coordinates``."""
    notes: tuple[str, ...]
    """What was noticed or assumed, one sentence each."""
    x: str
    y: str
    crs: str
    """In which the coordinates were taken to be."""
    cell_size: int | None
    by: str | None
    sums: tuple[str, ...]
    where: Mapping[str, Any]

    def __repr__(self) -> str:
        total, located = self.account.loc[0, ["total", "located"]]
        return f"<PointCounts: {located:.0f} of {total:.0f} rows in {len(self.table)} places>"


def aggregate_points(
    source: object,
    areas: gpd.GeoDataFrame | None = None,
    *,
    x: str,
    y: str,
    cell_size: int | None = None,
    sums: Sequence[str] = (),
    by: str | None = None,
    crs: object = None,
    where: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> PointCounts:
    """Count the rows of a register of points by areas, by grid cells, or by both in one pass.

    Parameters
    ----------
    source
        A DataFrame; an Arrow table, reader, dataset or anything with an Arrow stream; or the path of a
        Parquet or CSV file, or of a folder of such. It is read batch by batch: tens of millions of rows need
        no more memory than thousands.
    areas
        Areas as :func:`lea_geo.read_areas` returns them.
    x, y
        The columns of easting (or longitude) and northing (or latitude), in this order whatever the order of
        axes that the CRS's definition states.
    cell_size
        250, 1000 or 5000 metres: cells of Statistics Finland's grid.
    sums
        Columns of numbers to add up.
    by
        A column of at most 100 categories, which are counted apart.
    crs
        The CRS of the coordinates; left out, that of the areas, or EPSG:3067 where there are none. Points in
        another CRS are brought into that of the areas, and into EPSG:3067 for cells.
    where
        For columns the value, or the list of values, of the rows that are wanted: ``{"year": 2019}``.
    progress
        Whether to show a progress bar on stderr.

    Returns
    -------
    PointCounts
        ``.table`` by area, ``.cells`` by cell, and ``.account``: how many rows were read and where they went.
        Every row is counted: repeated ones are not removed, those outside all areas, without coordinates
        (missing or infinite) or without a number are counted apart. A point on a border lies in exactly one
        area, as :func:`lea_geo.locate` says, and in exactly one cell. The result is the same for any number
        of threads.

    Raises
    ------
    UsageError
        If an option is wrong, or neither areas nor cells are asked for.
    AreasError
        If the areas cannot be used.
    TableError
        If the register cannot be read, columns are not there or hold no numbers, numbers are infinite, ``by``
        has too many categories, x and y are swapped, or no row lies near the areas or in Finland.

    Notes
    -----
    Small counts are not protected here: a cell with one person is released as such. What leaves a secure
    environment goes through disclosure control first.

    Memory: some 60 MB for the cells of 250 m and, for each column of the result, 8 bytes for every cell in
    which a row lies.

    Examples
    --------
    >>> people = pd.DataFrame({"e": [385_010.0, 385_020.0, 386_000.0], "n": [6_675_000.0] * 3})
    >>> aggregate_points(people, x="e", y="n", cell_size=1000).table["count"].to_dict()
    {'1kmN6675E0385': 2, '1kmN6675E0386': 1}
    """
    check.check_something_asked(areas, cell_size)
    check.check_names(x, y, by, sums)
    size = None if cell_size is None else check_cell_size(cell_size, CELL_SIZES)
    columns, wanted = Columns(x, y, by, tuple(sums)), check.check_where(where)
    default = DEFAULT_CRS if areas is None else getattr(areas, "crs", None) or DEFAULT_CRS
    if areas is not None:
        check_area_ids(areas)
    ground = ground_of(areas, size, check.check_crs_of_points(default if crs is None else crs))
    points = open_points(source, columns, wanted)
    counts = Counts(columns, size, 0 if areas is None else len(areas))
    with steps(shown=progress) as bar:
        if points.rows:
            bar.expect(-(-points.rows // BATCH))
        for batch in _located(points, ground, columns):
            check_batch(batch, points.name, columns, ground.crs)
            counts.add(batch, points.name)
            bar.begin(f"{counts.rows} rows")
    if counts.rows > counts.nowhere and not counts.placed:
        check.refuse_elsewhere(points.name, ground.crs, counts.rows - counts.nowhere, counts.sample)
    settings = {"x": x, "y": y, "crs": ground.crs.to_string(), "cell_size": size, "by": by}
    return _result(counts, areas, points.notes, {**settings, "sums": columns.sums, "where": dict(wanted)})


def _located(points: PointSource, ground: Ground, columns: Columns) -> Iterator[Batch]:
    """Yield the batches of a register in their order, each located by a thread of its own."""
    threads = thread_count()
    with ThreadPoolExecutor(threads) as pool:
        running: deque[Any] = deque()
        for rows in points.batches():
            running.append(pool.submit(ground.locate, rows, columns))
            if len(running) > threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _result(
    counts: Counts, areas: gpd.GeoDataFrame | None, notes: Sequence[str], settings: dict[str, Any]
) -> PointCounts:
    """Return the tables of what was counted, and the account of both."""
    names = counts.names()
    tables = {}
    if areas is not None:
        tables["areas"] = counts.areas.table(np.arange(len(areas)) + RESERVED, names)
        tables["areas"].index = areas.index.rename(AREA_ID)
    if counts.cell_size is not None:
        numbers, slots = counts.inhabited()
        easting, northing = corners_of(numbers, counts.cell_size)
        ids = grid_id(easting, northing, counts.cell_size) if len(numbers) else np.empty(0, dtype=object)
        tables["cells"] = counts.cells.table(slots, names)
        tables["cells"].index = pd.Index(ids, dtype="str", name=AREA_ID)
    account = [_account(level, table, counts, names) for level, table in tables.items()]
    return PointCounts(
        table=next(iter(tables.values())),
        cells=tables.get("cells"),
        account=pd.concat(account, ignore_index=True),
        notes=(*notes, *counts.notes()),
        **settings,
    )


def _account(level: str, table: pd.DataFrame, counts: Counts, names: ColumnNames) -> pd.DataFrame:
    """Return where all rows went that a table was made of."""
    tally = counts.areas if level == "areas" else counts.cells
    rest = tally.table(np.array([OUTSIDE, NOWHERE]), names)
    total = counts.total.table(np.zeros(1, dtype=np.int64), names)
    return pd.DataFrame(
        {
            "level": level,
            "column": table.columns,
            "total": total.iloc[0].to_numpy(float),
            "located": table.sum().to_numpy(float),
            "outside": rest.iloc[0].to_numpy(float),
            "without_coordinates": rest.iloc[1].to_numpy(float),
        }
    )
