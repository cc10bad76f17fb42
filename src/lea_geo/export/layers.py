"""What leaves a study as layers and tables: the same for a GeoPackage, a database and Parquet."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from lea_geo._hierarchy import ledger_places
from lea_geo.export.chapter_entries import chapter_as_json
from lea_geo.export.domains import LEDGER_PLACE
from lea_geo.export.stored import (
    AREA_COLUMNS,
    CONTEXT_COLUMNS,
    COUNT_RESULTS,
    SHEET_COLUMNS,
    STORED_VERSION,
    SUMMARY_COUNTS,
    TEXT_COMPARISONS,
    TEXT_RESULTS,
    indicator_as_json,
)
from lea_geo.schema import AREA_ID, COMPARISON_COLUMNS, LEDGERS, RESULT_COLUMNS, SUMMARY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    import geopandas as gpd
    import pyproj

    from lea_geo._sheets import Sheet
    from lea_geo.chapter import ChapterTable
    from lea_geo.schema import Findings, Indicator


@dataclass(frozen=True)
class Shapes:
    """The shapes of a layer, all of one type."""

    wkb: pa.Array
    kind: str
    crs: pyproj.CRS

    @classmethod
    def points(cls, frame: pd.DataFrame, crs: pyproj.CRS) -> Shapes:
        """Return a point for each row's ``x`` and ``y``."""
        wkb = shapely.to_wkb(shapely.points(frame["x"].to_numpy(float), frame["y"].to_numpy(float)))
        return cls(pa.array(wkb, pa.binary()), "Point", crs)

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> Shapes:
        geometry = frame.geometry.to_numpy()
        several = bool((frame.geometry.geom_type == "MultiPolygon").any())
        if several:
            geometry = np.array([shapely.multipolygons(shapely.get_parts(shape)) for shape in geometry])
        wkb = pa.array(shapely.to_wkb(geometry), pa.binary())
        return cls(wkb, "MultiPolygon" if several else "Polygon", frame.crs)


@dataclass(frozen=True)
class Layer:
    """One layer: areas with what was found of an indicator, areas alone, a chapter's table, or context."""

    name: str
    sheet: str
    """Empty for the study itself."""
    code: str
    """Of the indicator; the table's name, ``areas`` or ``context`` where there is none."""
    columns: dict[str, pa.Array]
    shapes: Shapes
    indicator: Indicator | None = None
    table: ChapterTable | None = None


def layers_of(sheets: tuple[Sheet, ...]) -> Iterator[Layer]:
    """Yield the layers of a study, those of each sheet together, then chapters, water and borders last."""
    for sheet in sheets:
        areas, places = sheet.findings.areas, ledger_places(sheet.findings)
        shapes = Shapes.of(areas)
        named = {AREA_ID: _text(areas.index), **{name: _text(areas[name]) for name in AREA_COLUMNS}}
        if sheet.own_areas:
            yield Layer(sheet.areas, sheet.name, "areas", named, shapes)
        for indicator in sheet.findings.indicators:
            found = named | _result(sheet.findings.results[indicator.code])
            if indicator.level in LEDGERS:
                found[LEDGER_PLACE] = _text(places if places is not None else pd.Series([""] * len(areas)))
            code = indicator.code
            yield Layer(sheet.layer(code), sheet.name, code, found, shapes, indicator)
    yield from _chapter_layers(sheets[0].findings)
    context = sheets[0].findings.context
    if context is not None:
        kinds = {name: _text(context[name]) for name in CONTEXT_COLUMNS}
        yield Layer("context", "", "context", kinds, Shapes.of(context))


def _chapter_layers(findings: Findings) -> Iterator[Layer]:
    for table in chapter_tables(findings):
        columns = stored_columns(table)
        if table.place == "areas":
            areas = findings.areas
            named = {AREA_ID: _text(areas.index), **{name: _text(areas[name]) for name in AREA_COLUMNS}}
            yield Layer(table.name, "", table.name, named | columns, Shapes.of(areas), table=table)
        elif table.place == "points":
            shapes = Shapes.points(table.frame, findings.areas.crs)
            yield Layer(table.name, "", table.name, columns, shapes, table=table)


def chapter_tables(findings: Findings) -> tuple[ChapterTable, ...]:
    """Return all tables of all chapters."""
    return tuple(table for chapter in findings.chapters for table in chapter.tables)


def plain_tables(findings: Findings) -> dict[str, ChapterTable]:
    """Return the tables of chapters that have no place, by name."""
    return {table.name: table for table in chapter_tables(findings) if not table.place}


def stored_columns(table: ChapterTable) -> dict[str, pa.Array]:
    """Return the columns of a chapter's table as they are stored."""
    return {
        column.name: _numbers(table.frame[column.name], whole=False)
        if column.kind == "number"
        else _text(table.frame[column.name])
        for column in table.columns
    }


def table_kinds(findings: Findings) -> dict[str, dict[str, str]]:
    """Return all tables without shapes, as ``TABLES`` does: ours, and those of chapters."""
    plain = {
        name: {column.name: "REAL" if column.kind == "number" else "TEXT" for column in table.columns}
        for name, table in plain_tables(findings).items()
    }
    return {**TABLES, **plain}


def table_rows(sheets: tuple[Sheet, ...]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each of :func:`table_kinds`."""
    return {
        "lea_indicators": [row for sheet in sheets for row in _indicator_rows(sheet)],
        "lea_summary": [row for sheet in sheets for row in _summary_rows(sheet)],
        "lea_comparisons": [row for sheet in sheets for row in _comparison_rows(sheet)],
        "lea_study": list(_study_rows(sheets[0].findings)),
        "lea_sheets": [_sheet_row(sheet) for sheet in sheets[1:]],
        "lea_chapters": [(one.code, _json(chapter_as_json(one))) for one in sheets[0].findings.chapters],
        **{name: _plain_rows(table) for name, table in plain_tables(sheets[0].findings).items()},
    }


def _plain_rows(table: ChapterTable) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in stored_columns(table).values()), strict=True))


def _result(result: pd.DataFrame) -> dict[str, pa.Array]:
    return {
        name: _text(result[name])
        if name in TEXT_RESULTS
        else _numbers(result[name], whole=name in COUNT_RESULTS)
        for name in RESULT_COLUMNS
    }


def _numbers(values: pd.Series, *, whole: bool) -> pa.Array:
    numbers = pa.array(values.to_numpy(float), from_pandas=True)
    return numbers.cast(pa.int32()) if whole else numbers


def _text(values: pd.Series | pd.Index) -> pa.Array:
    return pa.array([text if isinstance(text, str) else None for text in values], pa.string())


def _columns(names: Iterable[str], *, words: Container[str], whole: Container[str] = ()) -> dict[str, str]:
    return {name: "TEXT" if name in words else "INTEGER" if name in whole else "REAL" for name in names}


_WORD = "TEXT NOT NULL"
TABLES: dict[str, dict[str, str]] = {
    "lea_indicators": dict.fromkeys(("sheet", "code", "entry"), _WORD),
    "lea_summary": dict.fromkeys(("sheet", "code"), _WORD)
    | _columns(SUMMARY_COLUMNS, words=("reason",), whole=SUMMARY_COUNTS),
    "lea_comparisons": {"sheet": _WORD}
    | _columns(COMPARISON_COLUMNS, words=TEXT_COMPARISONS, whole=SUMMARY_COUNTS | {"n_valued"}),
    "lea_study": dict.fromkeys(("key", "value"), _WORD),
    "lea_sheets": _columns(SHEET_COLUMNS, words=SHEET_COLUMNS),
    "lea_chapters": dict.fromkeys(("code", "entry"), _WORD),
}
"""The tables without shapes: their columns, and the kind of each in SQLite's words."""


def _indicator_rows(sheet: Sheet) -> Iterator[tuple[object, ...]]:
    for indicator in sheet.findings.indicators:
        yield (sheet.name, indicator.code, _json(indicator_as_json(indicator)))


def _summary_rows(sheet: Sheet) -> Iterator[tuple[object, ...]]:
    for code, row in sheet.findings.summary.iterrows():
        yield (sheet.name, str(code), *(_plain(name, row[name]) for name in SUMMARY_COLUMNS))


def _comparison_rows(sheet: Sheet) -> Iterator[tuple[object, ...]]:
    comparisons = sheet.findings.comparisons
    if comparisons is not None:
        for row in comparisons[list(COMPARISON_COLUMNS)].itertuples(index=False):
            cells = zip(COMPARISON_COLUMNS, row, strict=True)
            yield (sheet.name, *(_plain(name, value) for name, value in cells))


def _plain(name: str, value: Any) -> object:  # noqa: ANN401 - a cell of a frame
    if name == "reason" or name in TEXT_COMPARISONS:
        return value if isinstance(value, str) else ""
    if value is None or math.isnan(value):
        return None
    return int(value) if name.startswith("n_") else float(value)


def _study_rows(findings: Findings) -> Iterator[tuple[str, str]]:
    yield ("version", _json(STORED_VERSION))
    yield from ((key, _json(value)) for key, value in _told(findings).items())


def _sheet_row(sheet: Sheet) -> tuple[str, ...]:
    """Return the row of ``SHEET_COLUMNS``."""
    told = _told(sheet.findings)
    plain = (sheet.name, sheet.areas, str(told.pop("level")), str(told.pop("year")))
    return (*plain, *map(_json, told.values()))


def _told(findings: Findings) -> dict[str, object]:
    """Return what is no table, in the order of ``SHEET_COLUMNS``."""
    return {
        "level": findings.level,
        "year": findings.year,
        "title": findings.title.as_dict(),
        "synthetic": findings.synthetic,
        "settings": dict(findings.settings),
        "notes": list(findings.notes),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
