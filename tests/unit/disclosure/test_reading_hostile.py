"""Files that are broken or planted: each is left with a reason, and none stops or runs anything."""

import base64
import gzip
import io
import json
import os
import shutil
import sqlite3
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lea_geo.disclosure.attack.claims import read_release
from lea_geo.disclosure.attack.reading import workbook
from lea_geo.disclosure.attack.reading.packed import unpack_bytes, unpack_varints

KINDS = {
    "study.gpkg": 4096,
    "map.html": 130_000,
    "report.html": 4096,
    "manifest.json": 16,
    "tables/low_income.csv": 64,
    "tables/study.xlsx": 64,
    "parquet/low_income.parquet": 64,
    "grids/grid_2020/low_income_value.tif": 64,
    "grids/grid_2020/low_income_value.tif.aux.xml": 16,
    "grids/grid_2020/low_income_value.qml": 16,
}
"""One file of each kind, and from which byte on breaking it is worth while."""


def read_one(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return read_release(folder)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "report.html"])
def test_half_a_file_is_left_with_the_reason(finished_release, tmp_path, name):
    content = (finished_release[0] / name).read_bytes()
    claims = read_one(tmp_path, name, content[: len(content) // 2])
    assert {file for file, _ in claims.unread} == {name}


def test_of_half_a_report_the_half_that_is_there_is_read(finished_release, tmp_path):
    content = (finished_release[0] / "report.html").read_bytes()
    claims = read_one(tmp_path, "report.html", content[: len(content) // 2])
    assert len(claims.table) + len(claims.loose) > 10


@pytest.mark.parametrize(
    "name", ["study.gpkg", "tables/study.xlsx", "parquet/low_income.parquet", "manifest.json"]
)
def test_a_file_that_is_nothing_like_its_name_is_left_with_the_reason(tmp_path, name):
    claims = read_one(tmp_path, name, b"neither this nor that")
    assert [file for file, _ in claims.unread] == [name]
    assert claims.unread[0][1].startswith("it cannot be read")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_files_with_bytes_changed_anywhere_never_raise(finished_release, tmp_path, data):
    name = data.draw(st.sampled_from([name for name in KINDS if name != "map.html"]))
    content = bytearray((finished_release[0] / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(min(KINDS[name], len(content) - 1), len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    folder = tmp_path / "broken"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    read_one(folder, name, bytes(content))


def page_of(tree):
    text = json.dumps(tree)
    return f'<html><script type="application/json" id="lea-data">{text}</script></html>'.encode()


SPOILED = {
    "no areas": lambda tree: tree["places"][0].update(n=-1),
    "more areas than ids": lambda tree: tree["places"][0].update(n=13),
    "cells of nine bytes": lambda tree: tree["sheets"][0]["indicators"][0]["columns"]["value"].update(
        width=9
    ),
    "a column that is none": lambda tree: tree["sheets"][0]["indicators"][0]["columns"].update(value=7),
    "a sheet of no place": lambda tree: tree["sheets"][0].update(place=99),
    "shapes that are cut": lambda tree: tree["places"][0]["shapes"].update(vertices=1),
    "indicators that are text": lambda tree: tree["sheets"][0].update(indicators="all"),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_page_whose_data_are_spoiled_is_left_with_the_reason(finished_release, tmp_path, spoil):
    text = (finished_release[0] / "map.html").read_text("utf-8")
    begin = text.index("{", text.index('id="lea-data"'))
    tree = json.loads(text[begin : text.index("</script>", begin)])
    spoil(tree)
    claims = read_one(tmp_path, "map.html", page_of(tree))
    assert {file for file, _ in claims.unread} == {"map.html"}


def test_json_that_is_nested_too_deeply_is_left(tmp_path):
    claims = read_one(tmp_path, "deep.json", b"[" * 100_000 + b"]" * 100_000)
    assert claims.unread[0][1].startswith("it cannot be read (RecursionError")


def test_entities_in_xml_are_not_expanded(tmp_path):
    bomb = b'<!DOCTYPE qgis [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><qgis>&b;</qgis>'
    claims = read_one(tmp_path, "x.qml", bomb)
    assert "it is no XML that can be read" in claims.unread[0][1]


def test_a_workbook_that_unpacks_to_more_than_is_allowed_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_BYTES", 2**20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b"0" * 2**21)
    claims = read_one(tmp_path, "big.xlsx", packed.getvalue())
    assert claims.unread[0][1].startswith("it cannot be read (ValueError: it has more than")


def test_a_column_of_a_page_cannot_unpack_to_more_than_its_areas():
    bomb = base64.b64encode(gzip.compress(b"\0" * 10**6)).decode()
    with pytest.raises(ValueError, match="holds more than it says"):
        unpack_bytes(bomb, 12)


def test_bytes_behind_a_packed_column_are_no_part_of_it_and_no_secret():
    both = base64.b64encode(gzip.compress(b"\x05") + b"37 in 65050").decode()
    with pytest.raises(ValueError, match="holds more than it says"):
        unpack_varints(both)


def test_a_view_that_never_ends_is_stopped(tmp_path):
    path = tmp_path / "study.gpkg"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT max(i) AS most FROM n"
        )
    database.close()
    claims = read_release(tmp_path)
    assert claims.unread == (("study.gpkg", "view endless cannot be read (interrupted)"),)


def test_text_that_is_no_text_stands_in_nobody_s_way(tmp_path):
    with sqlite3.connect(tmp_path / "study.gpkg") as database:
        database.execute("CREATE TABLE told (area_id TEXT, counted REAL, note TEXT)")
        database.execute("INSERT INTO told VALUES ('65050', 3, CAST(X'ff41' AS TEXT))")
    database.close()
    claims = read_release(tmp_path)
    assert claims.unread == ()
    assert list(claims.table["lower"]) == [3.0]


def test_reading_changes_nothing(finished_release, tmp_path):
    folder = tmp_path / "release"
    shutil.copytree(finished_release[0], folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    read_release(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_links_and_pipes_are_not_followed(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("area_id,x\n00100,5\n", encoding="utf-8")
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "linked.csv").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "pipe.csv")
    claims = read_release(folder)
    assert set(claims.unread) == {
        ("linked.csv", "it is a link to somewhere else"),
        ("up", "it is a link to somewhere else"),
        ("pipe.csv", "it is no file"),
    }
    assert claims.table.empty
