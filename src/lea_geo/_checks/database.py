"""Whether findings can be written into a database, and what is said where it refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo.errors import OutputError, UsageError

if TYPE_CHECKING:
    import pyproj
    from sqlalchemy import Connection

LONGEST = 63
"""Bytes of a name in PostgreSQL; what is longer is cut without a word."""
_RESERVED = re.compile(r"pg_.*|information_schema", re.IGNORECASE)


def check_schema_name(schema: object) -> None:
    """Refuse a schema that cannot be, or is the database's own."""
    if not isinstance(schema, str) or not 0 < len(schema.encode("utf-8", "replace")) <= LONGEST:
        raise UsageError(f"schema is {schema!a}: it must be a name of 1 to {LONGEST} bytes.")
    if "\0" in schema or _RESERVED.fullmatch(schema):
        raise UsageError(f"schema is {schema!a}: PostgreSQL keeps that name for itself.")


def check_layer_lengths(names: list[str]) -> None:
    """Refuse layers whose names the database would cut."""
    faults = Faults()
    long = [name for name in names if len(name) > LONGEST]
    if long:
        cure = f"PostgreSQL's names have at most {LONGEST} characters: give the indicators shorter codes."
        faults.add("layers with too long a name", ids=long, of=len(names), cure=cure)
    faults.raise_if_any(OutputError, "Nothing was written to the database:")


def check_epsg(crs: pyproj.CRS) -> None:
    """Refuse a CRS that the database cannot be told of."""
    if crs.to_epsg() is None:
        faults = Faults()
        faults.add("the CRS has no EPSG code", cure='Use areas.to_crs("EPSG:3067").')
        faults.raise_if_any(OutputError, "Nothing was written to the database:")


def check_postgis(connection: Connection) -> None:
    """Refuse a database without PostGIS."""
    found = connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").fetchall()
    if not found:
        faults = Faults()
        faults.add("it has no PostGIS", cure='Its owner can say "CREATE EXTENSION postgis".')
        faults.raise_if_any(OutputError, "Nothing was written to the database:")


def check_schema_free(schema: str, *, ours: bool) -> None:
    """Refuse a schema that was there before lea_geo."""
    faults = Faults()
    if not ours:
        faults.add(f"the schema {schema!a} was not made by lea_geo", cure="Choose another schema.")
    faults.raise_if_any(OutputError, "Nothing was written to the database:")


def refuse_database(address: str, error: Exception) -> OutputError:
    """Return the error for a database that refuses; the address holds no password."""
    said = str(getattr(error, "orig", None) or error).strip()
    faults = Faults()
    if "LockNotAvailable" in type(getattr(error, "orig", None)).__name__:
        faults.add("a table is in use by somebody else", cure="Close it there and try again.")
    elif "DependentObjectsStillExist" in type(getattr(error, "orig", None)).__name__:
        faults.add(
            f"something rests on what would be replaced ({said})",
            cure="Drop it first, or choose another schema.",
        )
    else:
        faults.add(said or type(error).__name__, cure="What was there before is as it was.")
    return OutputError(f"{address} could not be written:", faults.found)


def refuse_no_sqlalchemy() -> UsageError:
    """Return the error for an installation without what a database needs."""
    return UsageError(
        'Writing to PostGIS needs SQLAlchemy, GeoAlchemy 2 and psycopg: pip install "lea-geo[postgis]".'
    )


def refuse_url(error: Exception) -> UsageError:
    """Return the error for what is no address of a database."""
    return UsageError(
        f"database is no SQLAlchemy engine and no address such as postgresql://user@host/name: {error}"
    )


def refuse_driver(name: str) -> UsageError:
    """Return the error for a database of another make."""
    return UsageError(f"database is {name}: findings are written to PostgreSQL with PostGIS.")
