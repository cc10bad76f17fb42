"""The tables of a PostGIS database that findings are written into, in SQLAlchemy's words."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sql
from geoalchemy2 import Geometry, WKBElement

from lea_geo._checks.database import check_schema_free, refuse_database, refuse_driver, refuse_url
from lea_geo.export.dictionary import column_meaning, in_all, table_meaning
from lea_geo.export.layers import plain_tables, table_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine, MetaData, Table

    from lea_geo.chapter import ChapterTable
    from lea_geo.export.layers import Layer
    from lea_geo.schema import Findings, Text

_MARK = "lea_geo: "
"""How the comment of a schema begins that we have made."""
WRITTEN = "tables"
"""The row of ``lea_study`` that names what was written, so that no more than that is ever removed."""
_PATIENCE = "15s"
"""For how long a table may be in use by somebody else."""
_ROWS = 1000


@contextmanager
def transaction(database: Engine | URL | str) -> Iterator[Connection]:
    """Give a connection whose work is kept whole when the block ends well, and otherwise undone."""
    given = isinstance(database, sql.Engine)
    try:
        engine = database if isinstance(database, sql.Engine) else sql.create_engine(_address(database))
    except (sql.exc.ArgumentError, ImportError, TypeError) as error:
        raise refuse_url(error) from error
    if engine.dialect.name != "postgresql":
        raise refuse_driver(engine.dialect.name)
    try:
        with engine.begin() as connection:
            connection.execute(sql.text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            yield connection
    except sql.exc.SQLAlchemyError as error:
        raise refuse_database(engine.url.render_as_string(hide_password=True), error) from error
    finally:
        if not given:
            engine.dispose()


def _address(database: URL | str) -> URL:
    """Return an address that names its driver: the one that the extra installs, unless another is named."""
    url = sql.make_url(database)
    plain = url.drivername in ("postgresql", "postgres")
    return url.set(drivername="postgresql+psycopg") if plain else url


def clear(connection: Connection, schema: str, title: str) -> None:
    """Make an empty place in a schema: make it, or remove what was written there earlier, and only that."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    connection.execute(sql.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": schema})
    comment = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name"
    found = connection.execute(sql.text(comment), {"name": schema}).fetchall()
    if not found:
        connection.execute(sql.schema.CreateSchema(schema))
    else:
        check_schema_free(schema, ours=str(found[0][0] or "").startswith(_MARK))
        study = sql.table("lea_study", sql.column("key"), sql.column("value"), schema=schema)
        known = sql.select(study.c.value).where(study.c.key == WRITTEN)
        for name in json.loads(connection.execute(known).scalar_one()):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(schema)}.{quote(str(name))}")
    said = sql.literal(_MARK + title.replace("\0", "")).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {quote(schema)} IS {said}")


def described_tables(schema: str, findings: Findings, layers: tuple[Layer, ...], language: str) -> MetaData:
    """Return what is to be made: tables and columns, each with a comment that says what it is."""
    described = sql.MetaData(schema=schema)
    for layer in layers:
        columns = [
            _column(name, held, in_all(column_meaning(name, layer.table), language))
            for name, held in layer.columns.items()
        ]
        sql.Table(layer.name, described, _key(), *columns, _shape(layer), comment=_shown(layer, language))
    plain = plain_tables(findings)
    for name, kinds in table_kinds(findings).items():
        columns = [
            sql.Column(column, _kind(kind), comment=in_all(_told(plain.get(name), name, column), language))
            for column, kind in kinds.items()
        ]
        sql.Table(name, described, _key(), *columns)
    return described


def _told(table: ChapterTable | None, name: str, column: str) -> Text:
    return column_meaning(column, table) if table is not None else table_meaning(name, column)


def _key() -> Any:  # noqa: ANN401 - SQLAlchemy's generic column
    return sql.Column("fid", sql.Integer, primary_key=True, autoincrement=False)


def _column(name: str, held: pa.Array, comment: str) -> Any:  # noqa: ANN401 - SQLAlchemy's generic column
    kinds = {pa.string(): "TEXT", pa.int32(): "INTEGER", pa.float64(): "REAL"}
    return sql.Column(name, _kind(kinds[held.type]), comment=comment)


def _kind(word: str) -> Any:  # noqa: ANN401 - SQLAlchemy's types
    """Return the type for SQLite's word; its whole numbers and reals have 64 bits."""
    return {"TEXT": sql.Text(), "INTEGER": sql.BigInteger(), "REAL": sql.Double()}[
        word.removesuffix(" NOT NULL")
    ]


def _shape(layer: Layer) -> Any:  # noqa: ANN401 - SQLAlchemy's generic column
    kind = Geometry(layer.shapes.kind.upper(), srid=layer.shapes.crs.to_epsg(), spatial_index=False)
    return sql.Column("geom", kind)


def _shown(layer: Layer, language: str) -> str | None:
    """Return what a layer shows."""
    named = layer.indicator.name if layer.indicator else layer.table.title if layer.table else None
    return in_all(named, language).replace("\0", "") if named else None


def fill(connection: Connection, table: Table, layer: Layer) -> None:
    """Insert a layer's rows and index its shapes."""
    srid = layer.shapes.crs.to_epsg()
    columns = [held.to_pylist() for held in layer.columns.values()]
    shapes = (WKBElement(wkb.as_py(), srid=srid) for wkb in layer.shapes.wkb)
    insert(connection, table, [*layer.columns, "geom"], list(zip(*columns, shapes, strict=True)))
    quote = connection.dialect.identifier_preparer.quote_identifier
    where = f"{quote(str(table.schema))}.{quote(table.name)}"
    connection.exec_driver_sql(f"CREATE INDEX ON {where} USING gist (geom)")


def insert(connection: Connection, table: Table, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    numbered = [
        dict(zip(("fid", *names), (number, *row), strict=True)) for number, row in enumerate(rows, start=1)
    ]
    for start in range(0, len(numbered), _ROWS):
        connection.execute(table.insert(), numbered[start : start + _ROWS])
