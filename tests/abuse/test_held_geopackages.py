"""A GeoPackage that another process holds, a disk that fills up and a process that is killed lose nothing.

The other process is a real one: Debian's QGIS, or a Python with the file open.
"""

import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import postgres_server
import pytest
import sqlalchemy as sql
from small_findings import whole_findings

import lea_geo as lea
from lea_geo import study as study_room
from lea_geo.errors import OutputError
from lea_geo.export.geopackage import check_unused

HELPERS = Path(whole_findings.__code__.co_filename).parent
HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2].split(";"):
    answer = database.execute(statement).fetchone()
print("ready", flush=True)
for line in sys.stdin:
    try:
        print(database.execute(line.strip()).fetchall(), flush=True)
    except sqlite3.Error as error:
        print("refused:", error, flush=True)
"""
EDIT = "UPDATE gpkg_contents SET description = 'edited elsewhere' WHERE table_name = 'areas'"
EDIT_IN_QGIS = """
import os, sys
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
layer = QgsVectorLayer(sys.argv[1] + "|layername=areas", "areas", "ogr")
layer.startEditing()
layer.changeAttributeValue(1, layer.fields().indexOf("name_fi"), "edited in QGIS")
print("ready", flush=True)
sys.stdin.readline()
layer.commitChanges()
print("done", flush=True)
os._exit(0)
"""


@pytest.fixture
def findings():
    return whole_findings()


@pytest.fixture
def path(findings, tmp_path):
    """A GeoPackage of an earlier run."""
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    return tmp_path / "study.gpkg"


@contextmanager
def holding(command):
    """Another process; what it is sent, it does, and it answers in a line."""
    process = subprocess.Popen(
        list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def ask(process, statement):
    process.stdin.write(statement + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def names(path):
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [name for (name,) in database.execute("SELECT name_fi FROM areas ORDER BY fid")]


def described(path):
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT description FROM gpkg_contents WHERE table_name = 'areas'"
        return database.execute(query).fetchone()[0]


@pytest.mark.parametrize(
    "held",
    [
        "BEGIN EXCLUSIVE",
        f"BEGIN IMMEDIATE;{EDIT}",
        "BEGIN;SELECT * FROM areas",
        "PRAGMA journal_mode=wal;SELECT * FROM areas",
        f"PRAGMA journal_mode=wal;{EDIT}",
    ],
)
def test_a_file_that_another_process_holds_is_left_to_it(findings, path, held):
    before = path.read_bytes()
    with holding([sys.executable, "-c", HOLD, path, held]) as process:
        with pytest.raises(OutputError, match="is in use and was left as it is"):
            lea.write_geopackage(replace(findings, notes=("new",)), path)
        if "wal" not in held:
            assert path.read_bytes() == before
        assert ask(process, "SELECT count(*) FROM areas") == "[(12,)]"
        if held.startswith("BEGIN IMMEDIATE"):
            ask(process, "COMMIT")
    if "UPDATE" in held:
        assert described(path) == "edited elsewhere", "what the other had done is kept"
    described(path)  # Opening and closing it clears the log of the process that was killed.
    lea.write_geopackage(replace(findings, notes=("new",)), path)
    assert lea.read_geopackage(path).notes == ("new",)
    assert [file.name for file in path.parent.iterdir()] == ["study.gpkg"]


def test_who_has_the_file_open_and_does_nothing_keeps_the_old_one_and_cannot_harm_the_new(findings, path):
    new = replace(findings, areas=findings.areas.assign(name_fi="new"))
    with holding([sys.executable, "-c", HOLD, path, "SELECT 1 FROM areas"]) as process:
        lea.write_geopackage(new, path)
        assert (
            ask(process, "SELECT name_fi FROM areas WHERE fid = 1")
            == f"[('{findings.areas.name_fi.iloc[0]}',)]"
        )
        assert ask(process, EDIT).startswith("refused:"), "SQLite sees that the file has moved"
        assert names(path) == ["new"] * 12
    assert names(path) == ["new"] * 12
    assert [file.name for file in path.parent.iterdir()] == ["study.gpkg"]


@pytest.mark.qgis
def test_what_somebody_edits_in_qgis_is_not_overwritten(findings, path, qgis_python, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with holding([qgis_python, "-c", EDIT_IN_QGIS, path]) as process:
        with pytest.raises(OutputError, match="is in use and was left as it is"):
            lea.write_geopackage(replace(findings, notes=("new",)), path)
        assert ask(process, "go on") == "done"
    assert names(path)[0] == "edited in QGIS"


@pytest.mark.parametrize("held", ["BEGIN EXCLUSIVE", f"PRAGMA journal_mode=wal;{EDIT}"])
def test_a_run_into_a_folder_whose_geopackage_is_held_ends_before_it_begins(
    tmp_path, mini_study, monkeypatch, held
):
    study, out = mini_study(tmp_path / "in"), tmp_path / "out"
    lea.run(lea.load_spec(study), out=out)
    before = (out / "manifest.json").read_bytes()
    with holding([sys.executable, "-c", HOLD, out / "study.gpkg", held]) as process:
        monkeypatch.setattr(study_room, "gather", lambda _: pytest.fail("the refusal comes first"))
        with pytest.raises(OutputError, match="is in use and was left as it is"):
            lea.run(lea.load_spec(study), out=out)
        assert ask(process, "SELECT count(*) FROM areas") == "[(36,)]"
    assert (out / "manifest.json").read_bytes() == before
    assert not list(tmp_path.glob(".out*"))


def test_a_log_with_nothing_in_it_is_no_obstacle_to_a_run(path):
    path.with_name("study.gpkg-wal").touch()
    check_unused(path)
    check_unused(path.with_name("none.gpkg"))


PROGRAM = f"""
import sys
sys.path.insert(0, {str(HELPERS)!r})
from dataclasses import replace
from pathlib import Path
from small_findings import whole_findings
import lea_geo as lea
findings = whole_findings()
write, target = getattr(lea, sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
"""
FILL = """
try:
    write(replace(findings, notes=("another" * 50000,)), target)
except lea.errors.OutputError as error:
    print(error)
"""
OVER_AND_OVER = """
for number in range(1000):
    write(replace(findings, notes=(f"number {number}",)), target)
"""
SMALL_FILES = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
"""


def contents(target):
    files = [target] if target.is_file() else sorted(target.rglob("*.*"))
    return {file.name: file.read_bytes() for file in files if file.is_file()}


@contextmanager
def small_disk(folder):
    """A disk of 600 kB where we may mount one; None where we may not."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], capture_output=True, check=False
    )
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    ("write", "name"),
    [("write_geopackage", "study.gpkg"), ("write_parquet", "parquet"), ("write_workbook", "study.xlsx")],
)
def test_a_full_disk_leaves_what_was_there(findings, tmp_path, write, name):
    with small_disk(tmp_path / "disk") as small:
        target = tmp_path / "disk" / name
        if small:  # All but a little of the room is taken, by the earlier file and by others.
            getattr(lea, write)(findings, target)
            free = shutil.disk_usage(target.parent).free
            (target.parent / "others").write_bytes(b"x" * max(0, free - 8192))
        else:
            getattr(lea, write)(findings, target)
        before = contents(target)
        command = [sys.executable, "-c", PROGRAM + ("" if small else SMALL_FILES) + FILL, write, str(target)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert "could not be written" in told.stdout, told.stderr
        assert contents(target) == before
        assert not list((tmp_path / "disk").rglob("*.tmp"))


@pytest.mark.parametrize(
    ("write", "name", "read"),
    [
        ("write_workbook", "study.xlsx", lambda path: openpyxl.load_workbook(path).sheetnames),
        ("write_parquet", "parquet", lambda path: [len(gpd.read_parquet(one)) for one in path.glob("*.p*")]),
    ],
)
def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_one(findings, tmp_path, write, name, read):
    target = tmp_path / name
    getattr(lea, write)(findings, target)
    expected = read(target)
    command = [sys.executable, "-c", PROGRAM + OVER_AND_OVER, write, target]
    with holding(command) as process:
        for delay in (0.0, 0.11, 0.17):
            time.sleep(delay)
            process.send_signal(19)  # While it stands still the file is whole, wherever it was.
            assert read(target) == expected
            process.send_signal(18)
    assert read(target) == expected
    getattr(lea, write)(findings, target)
    assert read(target) == expected


def test_a_writer_to_a_database_that_is_killed_leaves_the_old_study(findings):
    if postgres_server.programs() is None:
        postgres_server.say_absent("no PostgreSQL with PostGIS: .ci/run installs it")
    with postgres_server.serving() as address:
        lea.write_postgis(findings, address)
        slow = textwrap.dedent("""
            from lea_geo.export import postgis_tables
            insert, done = postgis_tables.insert, []
            def slowly(*given):
                insert(*given)
                done.append(1)
                if len(done) == 3:
                    print("half", flush=True)
                    sys.stdin.readline()
            postgis_tables.insert = slowly
            lea.write_postgis(replace(findings, notes=("half",)), sys.argv[2])
        """)
        command = [sys.executable, "-c", PROGRAM + slow, "write_postgis", address]
        with holding(command) as process:
            assert process.stdout.readline() == "half\n"
        engine = sql.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            told = connection.exec_driver_sql(
                "SELECT value FROM lea.lea_study WHERE key = 'notes'"
            ).scalar_one()
            count = connection.exec_driver_sql("SELECT count(*) FROM lea.plain").scalar_one()
        engine.dispose()
        assert "One value is withheld." in told
        assert count == 12
        lea.write_postgis(findings, address)
