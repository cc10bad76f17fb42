"""Findings in a PostGIS database: the layers and tables of the GeoPackage, all of them or none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lea_geo._checks.database import (
    check_epsg,
    check_layer_lengths,
    check_postgis,
    check_schema_name,
    refuse_no_sqlalchemy,
)
from lea_geo._checks.export import language_of
from lea_geo._checks.findings import check_findings
from lea_geo._findings import as_findings
from lea_geo._sheets import sheets_of
from lea_geo.export.layers import layers_of, table_kinds, table_rows

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

    from lea_geo._findings import Given
    from lea_geo.schema import Text


def write_postgis(
    findings: Given,
    database: Engine | URL | str,
    *,
    schema: str = "lea",
    title: Text | str | None = None,
    language: str | None = None,
) -> tuple[str, ...]:
    """Write findings into a schema of a PostGIS database, in one transaction.

    Parameters
    ----------
    findings
        What a study found; or what ``lea_geo.run`` or ``lea_geo.hotspots`` returns, or areas with a column
        ``value``, as for ``lea_geo.planner_map``.
    database
        An SQLAlchemy engine, or an address: ``postgresql://user@host/name``.
    schema
        The schema to write; made if it is not there. What lea_geo wrote there earlier is replaced; a schema
        that lea_geo did not make is refused, and whatever else stands in one that it did make is left alone.
    title
        For areas: what the values are. Findings bring their own.
    language
        ``fi``, ``sv`` or ``en``: the language that comments begin with. None means the study's own.

    Returns
    -------
        The names of the tables: a layer each, called as in the GeoPackage, with shapes in ``geom`` under a
        spatial index, and the tables ``lea_...``. Tables and columns have comments that say what they are.

    Raises
    ------
    UsageError
        What was given is no findings, there is no such language or no such database, or SQLAlchemy,
        GeoAlchemy 2 and psycopg are not installed (``pip install "lea-geo[postgis]"``).
    OutputError
        The findings are not consistent, the schema is somebody else's, a table of it is in use or something
        rests on it, or the database refuses; it is then as it was.
    """
    findings = as_findings(findings, verb="write_postgis", title=title)
    check_findings(findings, "Nothing was written to the database:")
    check_schema_name(schema)
    layers = tuple(layers_of(sheets_of(findings)))
    check_layer_lengths([layer.name for layer in layers])
    check_epsg(findings.areas.crs)
    language = language_of(findings, language)
    try:
        from lea_geo.export import postgis_tables as into  # noqa: PLC0415 - an extra that few have
    except ImportError as error:
        raise refuse_no_sqlalchemy() from error
    rows = table_rows(sheets_of(findings))
    kinds = table_kinds(findings)
    names = (*(layer.name for layer in layers), *kinds)
    rows["lea_study"].append((into.WRITTEN, json.dumps(names)))
    with into.transaction(database) as connection:
        check_postgis(connection)
        into.clear(connection, schema, findings.title.in_language(language))
        tables = into.described_tables(schema, findings, layers, language)
        tables.create_all(connection)
        for layer in layers:
            into.fill(connection, tables.tables[f"{schema}.{layer.name}"], layer)
        for name, held in rows.items():
            into.insert(connection, tables.tables[f"{schema}.{name}"], list(kinds[name]), held)
    return names
