"""What a GeoPackage says of itself in GeoPackage's own tables, and how QGIS is to draw it.

``gpkg_contents`` names and describes layers and tables, ``gpkg_data_columns`` their columns,
``gpkg_data_column_constraints`` coded values, ``gpkg_metadata`` where all of it comes from, and
``layer_styles``, which QGIS reads, how each layer looks. GDAL takes a column's alias from ``name``, which
must be unique in a table; older GDAL takes none, so styles bring the aliases too. ``layer_styles`` is
registered as attributes, for readers that do not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._report_words import Words
from lea_geo.export.chapter_styles import (
    OWN,
    chapter_fields,
    chapter_looks,
    chapter_name,
    chapter_tip,
    titles_of,
)
from lea_geo.export.dictionary import alias, column_meaning, in_all, meaning, table_meaning
from lea_geo.export.domains import LEDGER_PLACE, domain_names, domain_of, domain_words, words_of
from lea_geo.export.layers import chapter_tables, plain_tables
from lea_geo.export.metadata import STANDARD, layer_metadata, study_metadata
from lea_geo.export.qml import Field, style_document
from lea_geo.export.stored import CONTEXT_COLUMNS
from lea_geo.export.styles import areas_look, context_look, layer_looks
from lea_geo.export.tip import areas_tip, map_tip, name_of_area
from lea_geo.schema import LEDGERS, RESULT_COLUMNS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from lea_geo._sheets import Sheet
    from lea_geo.chapter import ChapterTable
    from lea_geo.export.qml import Look
    from lea_geo.schema import Findings, Indicator

LONG_AGO = "2021-01-01T00:00:00.000Z"
"""What stands where a GeoPackage wants the time of its last change."""

_MOST_WORDS = 24
"""Coded values that a form lists whole; of longer lists it has those that occur in the layer."""


def document(
    database: sqlite3.Connection,
    sheets: tuple[Sheet, ...],
    tables: Mapping[str, Collection[str]],
    *,
    language: str,
    inputs: Sequence[Mapping[str, object]],
) -> None:
    """Say in the file what each layer, table and column is, and how each layer looks.

    Parameters
    ----------
    database
        The GeoPackage.
    sheets
        What its layers show.
    tables
        Its tables without shapes, and their columns.
    language
        ``fi``, ``sv`` or ``en``: that of aliases, legends and map tips.
    inputs
        Role, path and sha256 of the files that the findings were computed from.
    """
    for statement in (_DATA_COLUMNS, _CONSTRAINTS, _METADATA, _REFERENCES, _LAYER_STYLES):
        database.execute(statement)
    _register(database, sheets, tables, language)
    _name_columns(database, sheets, tables, language)
    _tell_sources(database, sheets, language, inputs)
    styles = [row for sheet in sheets for row in _sheet_styles(sheet, sheets, language)]
    styles += [
        row
        for table in chapter_tables(sheets[0].findings)
        for row in _chapter_rows(table, sheets[0], language)
    ]
    if sheets[0].findings.context is not None:
        styles += _rows("context", [context_look(_words(sheets[0], language))], _fields("context", language))
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
        "styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time) "
        "VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, 'lea_geo', ?)",
        styles,
    )


def layer_columns(indicator: Indicator) -> tuple[str, ...]:
    """Return what is found in an indicator's layer, in its order."""
    return (*RESULT_COLUMNS, LEDGER_PLACE) if indicator.level in LEDGERS else RESULT_COLUMNS


def _words(sheet: Sheet, language: str) -> Words:
    return Words(language, sheet.findings)


def _register(
    database: sqlite3.Connection,
    sheets: tuple[Sheet, ...],
    tables: Mapping[str, Collection[str]],
    language: str,
) -> None:
    database.executemany(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
        "VALUES (?, 'attributes', ?, ?)",
        [(name, name, LONG_AGO) for name in (*tables, "layer_styles")],
    )
    database.executemany(
        "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
        list(_titles(sheets, language)),
    )
    spec = "http://www.geopackage.org/spec121/#extension_"
    database.executemany(
        "INSERT INTO gpkg_extensions (table_name, extension_name, definition, scope) VALUES (?, ?, ?, ?)",
        [
            ("gpkg_data_columns", "gpkg_schema", f"{spec}schema", "read-write"),
            ("gpkg_data_column_constraints", "gpkg_schema", f"{spec}schema", "read-write"),
            ("gpkg_metadata", "gpkg_metadata", f"{spec}metadata", "read-write"),
            ("gpkg_metadata_reference", "gpkg_metadata", f"{spec}metadata", "read-write"),
        ],
    )


def _titles(sheets: tuple[Sheet, ...], language: str) -> Iterator[tuple[str, str, str]]:
    """Yield what each layer is called and described as, no name twice, and the layer."""
    taken: set[str] = set()
    for title, described, layer in _described(sheets, language):
        name = title if title.casefold() not in taken else f"{title} ({layer})"
        taken.add(name.casefold())
        yield (name, described, layer)


def _described(sheets: tuple[Sheet, ...], language: str) -> Iterator[tuple[str, str, str]]:
    first = sheets[0].findings
    words = _words(sheets[0], language)
    yield (context_look(words).name, _made_up(first) + first.title.en, "context")
    for sheet in sheets:
        which = f" ({sheet.name.replace('_', ' ')})" if sheet.name else ""
        level = sheet.findings.level
        kind = words.shared(f"areas.{level}").replace("\N{SOFT HYPHEN}", "") if level else ""
        parts = ", ".join(filter(None, (kind, sheet.findings.year)))
        for indicator in sheet.findings.indicators:
            title = f"{words.of(indicator.name)} ({parts})" if parts else words.of(indicator.name)
            yield (title, _shows(sheet.findings, indicator) + which, sheet.layer(indicator.code))
        told = _made_up(sheet.findings) + sheet.findings.title.en + which
        yield (parts or areas_look(words).name, told, sheet.layer("areas"))
    for table in chapter_tables(first):
        yield (words.of(table.title), _made_up(first) + in_all(table.title, "en"), table.name)


def _shows(findings: Findings, indicator: Indicator) -> str:
    name = indicator.name
    return f"{_made_up(findings)}{name.en} / {name.fi} / {name.sv}"


def _made_up(findings: Findings) -> str:
    return "SYNTHETIC, nothing here is real: " if findings.synthetic else ""


def _documented(sheets: tuple[Sheet, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each layer and its columns."""
    if sheets[0].findings.context is not None:
        yield ("context", CONTEXT_COLUMNS)
    for sheet in sheets:
        if sheet.own_areas:
            yield (sheet.areas, OWN)
        for indicator in sheet.findings.indicators:
            yield (sheet.layer(indicator.code), (*OWN, *layer_columns(indicator)))


def _name_columns(
    database: sqlite3.Connection,
    sheets: tuple[Sheet, ...],
    tables: Mapping[str, Collection[str]],
    language: str,
) -> None:
    rows = [
        (
            layer,
            name,
            alias(name).in_language(language),
            in_all(alias(name), language),
            told,
            domain_of(name),
        )
        for layer, names in _documented(sheets)
        for name, told in ((name, in_all(meaning(name), language)) for name in names)
    ]
    plain = plain_tables(sheets[0].findings)
    rows += [
        (table, name, name, name, in_all(table_meaning(table, name), language), "")
        for table, names in tables.items()
        if table not in plain
        for name in names
    ]
    rows += [row for table in chapter_tables(sheets[0].findings) for row in _chapter_columns(table, language)]
    database.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description, constraint_name) "
        "VALUES (?, ?, ?, ?, ?, nullif(?, ''))",
        rows,
    )
    database.executemany(
        "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) "
        "VALUES (?, 'enum', ?, ?)",
        [
            (domain, value, said)
            for domain in domain_names()
            for value, said in domain_words(domain, language).items()
        ]
        + [row for table in chapter_tables(sheets[0].findings) for row in _chapter_words(table, language)],
    )


def _chapter_columns(table: ChapterTable, language: str) -> Iterator[tuple[str, str, str, str, str, str]]:
    titles = dict(titles_of(table, language))
    if table.place == "areas":
        titles = {name: alias(name).in_language(language) for name in OWN} | titles
    described = {one.name: one for one in table.columns}
    for name, title in titles.items():
        told = described[name].title if name in described else alias(name)
        domain = f"{table.name}.{name}" if name in described and described[name].words else ""
        meant = in_all(column_meaning(name, table), language)
        yield (table.name, name, title, in_all(told, language), meant, domain)


def _chapter_words(table: ChapterTable, language: str) -> Iterator[tuple[str, str, str]]:
    for one in table.columns:
        for word, said in one.words.items():
            yield (f"{table.name}.{one.name}", word, said.in_language(language))


def _tell_sources(
    database: sqlite3.Connection,
    sheets: tuple[Sheet, ...],
    language: str,
    inputs: Sequence[Mapping[str, object]],
) -> None:
    first = sheets[0].findings
    whole = study_metadata(first, language, _made_up(first) + first.title.en, inputs)
    told: list[tuple[str | None, str]] = [(None, whole)]
    told += [
        (
            sheet.layer(indicator.code),
            layer_metadata(indicator, language, _shows(sheet.findings, indicator)),
        )
        for sheet in sheets
        for indicator in sheet.findings.indicators
    ]
    database.executemany(
        "INSERT INTO gpkg_metadata (id, md_scope, md_standard_uri, mime_type, metadata) "
        "VALUES (?, 'dataset', ?, 'text/xml', ?)",
        [(number, STANDARD, text) for number, (_, text) in enumerate(told, start=1)],
    )
    database.executemany(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp, md_file_id) "
        "VALUES (?, ?, ?, ?)",
        [
            ("table" if layer else "geopackage", layer, LONG_AGO, number)
            for number, (layer, _) in enumerate(told, start=1)
        ],
    )


def _sheet_styles(sheet: Sheet, sheets: tuple[Sheet, ...], language: str) -> Iterator[tuple[object, ...]]:
    words = _words(sheet, language)
    alike = [one for one in sheets if one.areas == sheet.areas]
    if sheet.own_areas:
        fields = [_field(name, language) for name in OWN]
        tip, name = areas_tip(language), name_of_area(language)
        yield from _rows(sheet.areas, [areas_look(words)], fields, tip=tip, shown=name)
    for indicator in sheet.findings.indicators:
        looks = layer_looks(sheet, indicator, alike, words)
        frame = sheet.findings.results[indicator.code]
        columns = (*OWN, *layer_columns(indicator))
        fields = [_field(name, language, frame.get(name, ())) for name in columns]
        tip, name = map_tip(sheet.findings, indicator, words), name_of_area(language)
        yield from _rows(sheet.layer(indicator.code), looks, fields, tip=tip, shown=name)


def _chapter_rows(table: ChapterTable, sheet: Sheet, language: str) -> Iterator[tuple[object, ...]]:
    if table.place:
        words = _words(sheet, language)
        fields, shown = chapter_fields(table, language), chapter_name(table, language)
        tip = chapter_tip(table, words)
        yield from _rows(table.name, chapter_looks(table, words), fields, tip=tip, shown=shown)


def _fields(layer: str, language: str) -> list[Field]:
    return [_field(name, language) for name in (CONTEXT_COLUMNS if layer == "context" else OWN)]


def _field(name: str, language: str, held: Iterable[object] | None = None) -> Field:
    words = words_of(name, language)
    if len(words) > _MOST_WORDS and held is not None:
        found = set(held)
        words = {value: said for value, said in words.items() if value in found or " " not in value}
    return Field(name, alias(name).in_language(language), words)


def _rows(
    layer: str, looks: Sequence[Look], fields: Sequence[Field], *, tip: str = "", shown: str = ""
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of ``layer_styles``; the first is what the layer opens with and names its columns."""
    for number, look in enumerate(looks):
        default = number == 0
        described = {"fields": fields, "tip": tip, "shown": shown} if default else {}
        text = style_document(look, **described)  # type: ignore[arg-type]
        yield (layer, look.name, text, int(default), look.description, LONG_AGO)


_DATA_COLUMNS = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name)
)"""
_CONSTRAINTS = """
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
)"""
_METADATA = """
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT ''
)"""
_REFERENCES = """
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
)"""
_LAYER_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""
