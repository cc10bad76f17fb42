"""Indicator tables: from a file as somebody exported it to values, statuses and bounds by area."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks import tables as check
from lea_geo._checks.areas import check_column_name
from lea_geo.intake._letters import notes_on_letters
from lea_geo.intake.assemble import Assembled, assemble
from lea_geo.intake.catalogue import Catalogue, read_catalogue
from lea_geo.intake.cells import Cells, counts, read_cells
from lea_geo.intake.dialects import RawTable, read_raw
from lea_geo.intake.keys import Keys, clean_keys, split_places
from lea_geo.intake.layouts import ATTRIBUTES, Shaped, shape
from lea_geo.intake.outliers import Outlier, stand_alone
from lea_geo.schema import AREA_ID, CELL_COLUMNS, MUNICIPALITY, Indicator, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class TableReport:
    """What was found in a file and what was done to it."""

    path: str = ""
    """The file's name, without its folder."""
    encoding: str = ""
    separator: str = ""
    decimal: str = "."
    layout: str = "wide"
    source: str = ""
    year: str = ""
    """The year that the table states or that was asked for; empty when nobody knows."""
    rows: int = 0
    """Rows below the header."""
    totals: tuple[str, ...] = ()
    """Labels of the rows that are no areas."""
    repaired: tuple[str, ...] = ()
    """Codes that were restored, as ``"100 -> 00100"``."""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Indicator to status to number of areas."""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """Indicator to the reason why the table does not give it."""
    outliers: tuple[Outlier, ...] = ()
    notes: tuple[str, ...] = ()
    """All of it in sentences."""


@dataclass(frozen=True)
class IndicatorTable:
    """Indicators by area: every frame has the same index of ``area_id`` and the same columns of codes."""

    values: pd.DataFrame
    """Numbers; NaN unless the status is ``observed`` or ``structural_zero``."""
    status: pd.DataFrame
    """One of ``schema.Status`` in each cell."""
    lower: pd.DataFrame
    """What a suppressed value is at least; NaN elsewhere, and where nothing is known."""
    upper: pd.DataFrame
    """What a suppressed value is at most; NaN elsewhere, and where nothing is known."""
    numerator: pd.DataFrame
    """The counts that rates are made of; NaN for other indicators and where a part is not observed."""
    denominator: pd.DataFrame
    attributes: pd.DataFrame
    """Columns ``name_fi name_sv name_en municipality``; empty text where the source has none."""
    indicators: tuple[Indicator, ...]
    report: TableReport = field(default_factory=TableReport)

    def __repr__(self) -> str:
        return (
            f"<IndicatorTable: {len(self.values)} areas, {len(self.indicators)} indicators, "
            f"year {self.report.year or 'unknown'}>"
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the indicators, in order."""
        return tuple(indicator.code for indicator in self.indicators)

    def cells(self, code: str) -> pd.DataFrame:
        """Return what is known of one indicator, with the columns ``schema.CELL_COLUMNS``."""
        return pd.DataFrame({column: frame[code] for column, frame in self._frames().items()})

    def reindex(self, ids: Iterable[str]) -> IndicatorTable:
        """Return the table for these areas, in this order; an area without a row is missing.

        Parameters
        ----------
        ids
            Area ids, each once.
        """
        index = pd.Index([str(i) for i in ids], name=AREA_ID, dtype=str)
        frames = {column: frame.reindex(index) for column, frame in self._frames().items()}
        frames["status"] = frames["status"].fillna(str(Status.MISSING))
        return replace(
            self,
            **cell_frames(frames),
            attributes=self.attributes.reindex(index).fillna(""),
            report=replace(self.report, counts=counts(frames["status"])),
        )

    def _frames(self) -> dict[str, pd.DataFrame]:
        frames = (self.values, self.status, self.lower, self.upper, self.numerator, self.denominator)
        return dict(zip(CELL_COLUMNS, frames, strict=True))


def cell_frames(frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return a frame for each of ``CELL_COLUMNS`` under the name that an ``IndicatorTable`` has for it."""
    return {"values" if column == "value" else column: frames[column] for column in CELL_COLUMNS}


def read_indicators(
    path: str | Path,
    catalogue: Catalogue | str | Path = "paavo",
    *,
    area_id: str,
    source: str | None = None,
    layer: str | None = None,
    sheet: str | None = None,
    year: int | str | None = None,
    decimal: str | None = None,
    keys: Mapping[str, str] | None = None,
) -> IndicatorTable:
    r"""Read a table of statistics and build the catalogue's indicators from it.

    Parameters
    ----------
    path
        CSV (also gzipped or in a zip archive), XLSX, Parquet, GeoPackage, GeoJSON or Shapefile; wide (a
        column a field) or long (a row a field). Encoding, separator and decimal mark are found and reported.
    catalogue
        A catalogue, its file, or the name of a built-in one.
    area_id
        The column of ids. Labels such as ``00100  Name (Municipality)`` are split.
    source
        Which of the catalogue's sources wrote the file, which decides what its sentinels mean; left out, the
        catalogue's default.
    layer
        The layer of a GeoPackage, or the member of a zip archive; needed when there are several.
    sheet
        The sheet of a workbook; needed when several are visible.
    year
        Which year to read; needed when the table holds several.
    decimal
        ``","`` or ``"."``; needed only where the file leaves it open.
    keys
        Label to id, for a table keyed by name: ``{"Vaasa": "905"}``. Labels that it lacks stay as they are.

    Returns
    -------
    IndicatorTable
        Every cell with a status; nothing filled, nothing dropped without a line in ``report.notes``.

    Raises
    ------
    CatalogueError
        The catalogue is wrong.
    TableError
        The table is: every fault that could be found is named.
    UsageError
        ``area_id`` is no name, the catalogue has no such source, or ``decimal`` is neither comma nor point.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "paavo.csv"
    >>> size = file.write_text("postinumero,hr_tuy,hr_pi_tul\n00100,200,30\n00120,25,\n")
    >>> table = read_indicators(file, area_id="postinumero")
    >>> cell = table.cells("low_income_residents").loc["00120"]
    >>> print(cell["status"], cell["lower"], cell["upper"])
    suppressed 0.0 100.0
    """
    path = Path(path)
    check_column_name("area_id", area_id)
    if not isinstance(catalogue, Catalogue):
        catalogue = read_catalogue(catalogue)
    source = check_choice("source", source or catalogue.default_source, tuple(catalogue.sources))
    if decimal is not None:
        check_choice("decimal", decimal, (",", "."))
    raw = read_raw(path, layer=layer, sheet=sheet)
    shaped = shape(path, raw.frame, catalogue, area_id=area_id, year=None if year is None else str(year))
    if shaped.id_column in raw.float_columns:
        check.refuse_float_ids(path, shaped.id_column)
    found = clean_keys(path, shaped.ids, catalogue.id_scheme, keys)
    text = shaped.fields.loc[found.ids.index].set_axis(pd.Index(found.ids, name=AREA_ID, dtype=str))
    cells = read_cells(path, text, catalogue, catalogue.sources[source], decimal=decimal)
    built = assemble(path, cells, catalogue)
    reading = _Reading(path, catalogue, source, raw, shaped, found, cells, built)
    return IndicatorTable(
        **cell_frames(built.frames),
        attributes=_attributes(shaped, found),
        indicators=tuple(
            replace(i, reference_year=i.reference_year or shaped.year) for i in built.indicators
        ),
        report=_report(reading),
    )


@dataclass(frozen=True)
class _Reading:
    """All that is known at the end of reading one table."""

    path: Path
    catalogue: Catalogue
    source: str
    raw: RawTable
    shaped: Shaped
    found: Keys
    cells: Cells
    built: Assembled


def _report(reading: _Reading) -> TableReport:
    raw, shaped, found, built = reading.raw, reading.shaped, reading.found, reading.built
    outliers = stand_alone(reading.cells.values[_counts(reading)])
    return TableReport(
        path=reading.path.name,
        encoding=raw.encoding,
        separator=raw.separator,
        decimal=reading.cells.decimal,
        layout=shaped.layout,
        source=reading.source,
        year=shaped.year,
        rows=len(raw.frame),
        totals=found.totals,
        repaired=found.repaired,
        counts=counts(built.frames["status"]),
        unavailable=built.unavailable,
        outliers=outliers,
        notes=tuple(_notes(reading, outliers)),
    )


def _notes(reading: _Reading, outliers: Iterable[Outlier]) -> list[str]:
    """Return all that was found and done, in the order of reading."""
    notes = [*reading.raw.notes, *reading.shaped.notes, *reading.found.notes]
    notes += notes_on_letters(_attributes(reading.shaped, reading.found))
    notes += [*reading.cells.notes, *reading.built.notes]
    notes += [f"{code} is not available: {why}." for code, why in reading.built.unavailable.items()]
    notes += map(str, outliers)
    if reading.shaped.year and reading.catalogue.year_note:
        notes.append(f"{reading.catalogue.year_note} Here it is {reading.shaped.year}.")
    return notes


def _counts(reading: _Reading) -> list[str]:
    """Return the fields that count something: parts of rates, and plain indicators that add up."""
    names = dict.fromkeys(
        name
        for i in reading.built.indicators
        for name in (*i.numerator, *i.denominator, i.field if i.kind == "extensive" else "")
    )
    measures = {name for group in reading.catalogue.groups for name in group.measures}
    return [name for name in names if name in reading.cells.values and name not in measures]


def _attributes(shaped: Shaped, found: Keys) -> pd.DataFrame:
    """Return names and municipality, from columns where there are some, else from labels."""
    rows = found.ids.index
    given = shaped.attributes.loc[rows]
    blank = pd.Series("", index=rows, dtype=str)
    columns = {name: given.get(name, blank) for name in ATTRIBUTES}
    names, places = split_places(columns["name_fi"])
    columns["name_fi"] = names.where(names != "", found.names)
    if MUNICIPALITY not in given:
        columns[MUNICIPALITY] = places.where(places != "", found.places)
    frame = pd.DataFrame(columns).fillna("").astype(str)
    return frame.set_axis(pd.Index(found.ids, name=AREA_ID, dtype=str))
