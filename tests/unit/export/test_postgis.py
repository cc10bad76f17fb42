"""Findings in a real PostGIS database: whole or not at all, and nobody else's tables are touched."""

import json
import threading
from dataclasses import replace

import geopandas as gpd
import postgres_server
import pytest
import sqlalchemy as sql
from index_findings import whole_index_findings
from small_chapters import findings_with_chapter
from small_findings import IDS, SUPPRESSED

import lea_geo as lea
from lea_geo import schema
from lea_geo.errors import OutputError, UsageError
from lea_geo.export import postgis_tables
from lea_geo.schema import Text


@pytest.fixture(scope="module")
def address():
    if postgres_server.programs() is None:
        absent = "no PostgreSQL with PostGIS: .ci/run installs it (apt-get install postgresql-postgis)"
        postgres_server.say_absent(absent)
    with postgres_server.serving() as address:
        yield address


@pytest.fixture
def engine(address):
    made = sql.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    yield made
    with made.begin() as connection:
        kept = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)'"
        for (name,) in connection.exec_driver_sql(kept).fetchall():
            connection.execute(sql.schema.DropSchema(name, cascade=True))
    made.dispose()


def asked(engine, query):
    with engine.connect() as connection:
        return connection.exec_driver_sql(query).fetchall()


def tables(engine, name="lea"):
    query = f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{name}'"  # noqa: S608
    return {row[0] for row in asked(engine, query)}


def test_every_layer_and_table_arrives_with_its_shapes_and_numbers(engine, wide):
    names = lea.write_postgis(wide, engine, language="sv")
    assert tables(engine) == set(names)
    assert {"areas", "low_income", "postal_2016_income", "grid_areas", "context", "lea_study"} <= set(names)
    frame = gpd.read_postgis("SELECT * FROM lea.low_income ORDER BY fid", engine).set_index("area_id")
    held = wide.results["low_income"]
    assert list(frame.index) == IDS
    assert frame.crs == "EPSG:3067"
    assert frame.geometry.geom_equals(wide.areas.geometry).all()
    for name in schema.RESULT_COLUMNS:
        assert (frame[name].isna() == held[name].isna()).all(), name
        assert (frame[name].isna() | (frame[name] == held[name])).all(), name
    assert frame.loc[SUPPRESSED, "status"] == "suppressed"
    indexed = asked(engine, "SELECT indexdef FROM pg_indexes WHERE tablename = 'low_income'")
    assert any("USING gist (geom)" in row[0] for row in indexed)


def test_comments_say_what_tables_and_columns_are(engine):
    lea.write_postgis(whole_index_findings(ledgers=True), engine, language="sv")
    ((column, table),) = asked(
        engine,
        "SELECT col_description('lea.load'::regclass, attnum), obj_description('lea.load'::regclass) "
        "FROM pg_attribute WHERE attrelid = 'lea.load'::regclass AND attname = 'rank'",
    )
    assert column.startswith("Rang: 1 är det högsta värdet")
    assert column.endswith("areas without a value are not ranked")
    assert table == "Kuormitus (sv) / Kuormitus (fi) / Kuormitus (en)"
    undescribed = (
        "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = "
    )
    undescribed += "'lea'::regnamespace AND relkind = 'r' AND attnum > 0 AND attname NOT IN ('fid', 'geom') "
    assert asked(engine, undescribed + "AND col_description(attrelid, attnum) IS NULL") == []


def test_an_address_will_do_and_a_new_study_replaces_the_old_one_whole(address, engine, wide, findings):
    lea.write_postgis(wide, address)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE lea.notes_of_mine AS SELECT 1 AS one")
    names = lea.write_postgis(replace(findings, notes=("newer",)), address)
    assert tables(engine) == {*names, "notes_of_mine"}, "what others keep beside ours is left alone"
    ((notes,),) = asked(engine, "SELECT value FROM lea.lea_study WHERE key = 'notes'")
    assert json.loads(notes) == ["newer"]


@pytest.mark.parametrize("moment", ["fill", "insert"])
def test_what_breaks_on_the_way_leaves_the_old_study_whole(engine, findings, monkeypatch, moment):
    lea.write_postgis(findings, engine)
    before = tables(engine)

    def break_off(*_):
        raise sql.exc.OperationalError("INSERT", {}, Exception("the line went dead"))

    monkeypatch.setattr(postgis_tables, moment, break_off)
    with pytest.raises(OutputError, match="the line went dead"):
        lea.write_postgis(replace(findings, notes=("another",)), engine)
    assert tables(engine) == before
    ((notes,),) = asked(engine, "SELECT value FROM lea.lea_study WHERE key = 'notes'")
    assert json.loads(notes) == list(findings.notes)


@pytest.mark.parametrize("name", ["public", "theirs", "lea"])
def test_a_schema_that_lea_geo_did_not_make_is_left_alone(engine, findings, name):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {name}")
    with pytest.raises(OutputError, match=f"the schema '{name}' was not made by lea_geo. Choose another"):
        lea.write_postgis(findings, engine, schema=name)
    assert "lea_study" not in tables(engine, name)


def test_a_view_that_rests_on_the_old_study_is_not_dropped_with_it(engine, findings):
    lea.write_postgis(findings, engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA dashboards")
        connection.exec_driver_sql("CREATE VIEW dashboards.seen AS SELECT value FROM lea.income")
    with pytest.raises(OutputError, match="something rests on what would be replaced"):
        lea.write_postgis(findings, engine)
    assert len(asked(engine, "SELECT * FROM dashboards.seen")) == 12


def test_a_table_in_use_is_an_error_and_not_a_wait_without_end(engine, findings, monkeypatch):
    monkeypatch.setattr(postgis_tables, "_PATIENCE", "50ms")
    lea.write_postgis(findings, engine)
    with engine.connect() as reader:
        reader.exec_driver_sql("SELECT * FROM lea.income").fetchone()
        with pytest.raises(OutputError, match="a table is in use by somebody else"):
            lea.write_postgis(replace(findings, notes=("another",)), engine)
    assert "income" in tables(engine)


def test_two_who_write_at_once_follow_each_other(engine, findings):
    given = [replace(findings, notes=(f"by {number}",)) for number in range(3)]
    writers = [threading.Thread(target=lea.write_postgis, args=(one, engine)) for one in given]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    ((notes,),) = asked(engine, "SELECT value FROM lea.lea_study WHERE key = 'notes'")
    assert json.loads(notes)[0] in {"by 0", "by 1", "by 2"}
    assert asked(engine, "SELECT count(*) FROM lea.income") == [(12,)]


@pytest.mark.parametrize(
    "name", ['x"; DROP SCHEMA public CASCADE; --', "Ääkköset ja väli", "a'b", "100%s", ":name", "select"]
)
def test_any_name_of_a_schema_is_quoted_and_any_text_bound(engine, findings, name):
    hostile = Text(*["'); DROP TABLE lea_study; -- %s :x \\ \" \0"] * 3)
    named = tuple(replace(one, name=hostile) for one in findings.indicators)
    areas = findings.areas.assign(name_fi="'); DROP TABLE areas; -- %s")
    given = replace(findings, areas=areas, indicators=named, title=hostile)
    for _ in range(2):
        lea.write_postgis(given, engine, schema=name)
    areas = sql.table("areas", sql.column("name_fi"), schema=name)
    with engine.connect() as connection:
        found = connection.execute(sql.select(areas.c.name_fi))
        assert set(found.scalars()) == {"'); DROP TABLE areas; -- %s"}


@pytest.mark.parametrize(
    ("database", "options", "said"),
    [
        ("no address at all", {}, "no SQLAlchemy engine and no address"),
        (12, {}, "no SQLAlchemy engine and no address"),
        ("sqlite://", {}, "database is sqlite: findings are written to PostgreSQL"),
        (None, {"schema": "pg_mine"}, "PostgreSQL keeps that name for itself"),
        (None, {"schema": ""}, "a name of 1 to 63 bytes"),
        (None, {"schema": "ä" * 32}, "a name of 1 to 63 bytes"),
        (None, {"language": "de"}, "There is no language 'de'"),
    ],
)
def test_what_cannot_be_written_to_is_refused_in_words(address, findings, database, options, said):
    with pytest.raises(UsageError, match=said):
        lea.write_postgis(findings, address if database is None else database, **options)


def test_a_database_that_does_not_answer_is_named_without_its_password(findings):
    with pytest.raises(OutputError, match="could not be written") as caught:
        lea.write_postgis(findings, "postgresql://user:secret@127.0.0.1:1/none?connect_timeout=2")
    assert "secret" not in str(caught.value)


def test_a_database_without_postgis_says_so(address, findings, engine):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE DATABASE plain")
    with pytest.raises(OutputError, match="it has no PostGIS"):
        lea.write_postgis(findings, address.replace("@/postgres", "@/plain"))


def test_layers_whose_names_would_be_cut_and_a_crs_without_a_code_are_refused(engine, findings):
    first, *others = findings.indicators
    code = "a" * 63
    results = {code if name == first.code else name: frame for name, frame in findings.results.items()}
    summary = findings.summary.rename(index={first.code: code})
    long = replace(
        findings,
        indicators=(replace(first, code=code), *others),
        results=results,
        summary=summary,
        level="grid",
    )
    both = replace(findings, level="postal", comparisons=None, others=(replace(long, comparisons=None),))
    with pytest.raises(OutputError, match="layers with too long a name: 1 of 7"):
        lea.write_postgis(both, engine)
    local = findings.areas.set_crs("+proj=tmerc +lat_0=0 +lon_0=27.3 +k=0.99", allow_override=True)
    with pytest.raises(OutputError, match="the CRS has no EPSG code"):
        lea.write_postgis(replace(findings, areas=local), engine)


def test_an_installation_without_the_extra_says_what_to_install(findings, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lea_geo.export.postgis_tables", None)
    monkeypatch.delattr("lea_geo.export.postgis_tables", raising=False)
    with pytest.raises(UsageError, match=r'pip install "lea-geo\[postgis\]"'):
        lea.write_postgis(findings, "postgresql://x")


def test_chapters_arrive_as_layers_points_and_tables_with_their_own_words(engine):
    findings = findings_with_chapter()
    lea.write_postgis(findings, engine, language="sv")
    assert {"change_income", "change_gaps", "change_sites", "lea_chapters"} <= tables(engine)
    by_area = gpd.read_postgis("SELECT * FROM lea.change_income ORDER BY fid", engine).set_index("area_id")
    held = findings.chapters[0].table("change_income").frame
    assert list(by_area.index) == IDS
    assert by_area["difference"].isna()[SUPPRESSED]
    assert (by_area["difference"].dropna() == held["difference"].dropna()).all()
    sites = gpd.read_postgis("SELECT * FROM lea.change_sites ORDER BY fid", engine)
    assert [(point.x, point.y) for point in sites.geometry] == [(221_000, 7_000_700), (225_000, 7_002_000)]
    assert asked(engine, "SELECT gap FROM lea.change_gaps ORDER BY fid")[:2] == [(4.25,), (5.5,)]
    ((said,),) = asked(
        engine,
        "SELECT col_description('lea.change_gaps'::regclass, attnum) FROM pg_attribute "
        "WHERE attrelid = 'lea.change_gaps'::regclass AND attname = 'gap'",
    )
    assert said.startswith("Gap (sv). Between the ends (sv)")
