"""Hostile names, locked files, full disks and broken findings: one message, and what was there stays."""

import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_findings import indicator, whole_findings

import lea_geo as lea
from lea_geo.errors import OutputError
from lea_geo.export.raster import write_rasters


@pytest.fixture
def findings():
    return whole_findings()


@pytest.fixture
def earlier(findings, tmp_path):
    """An earlier result, and its bytes."""
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(findings, path)
    return path, path.read_bytes()


def renamed(findings, code):
    first, *others = findings.indicators
    results = {code if old == first.code else old: frame for old, frame in findings.results.items()}
    summary = findings.summary.set_axis(pd.Index([code, *findings.summary.index[1:]], dtype=object))
    return replace(
        findings, indicators=(replace(first, code=code), *others), results=results, summary=summary
    )


HOSTILE_CODES = [
    '"; DROP TABLE gpkg_contents; --',
    "a'b",
    'a"b',
    "../../etc/passwd",
    "..\\evil",
    "/absolute",
    "nul",
    "com1",
    "with\0nul",
    "a" * 64,
    "Ääkköset",
    "UPPER",
    "",
    "areas",
    "lea_study",
    "gpkg_contents",
    "sqlite_master",
    "rtree_areas_geom",
    "summary",
    "data_dictionary",
    "1st",
    "\ud800",
]


@pytest.mark.parametrize("code", HOSTILE_CODES, ids=ascii)
@pytest.mark.parametrize(
    "write", [lea.write_geopackage, lea.write_tables, write_rasters], ids=lambda w: w.__name__
)
def test_a_code_that_is_no_plain_word_names_no_layer_and_no_file(findings, tmp_path, code, write):
    with pytest.raises(OutputError, match="indicator codes that cannot name a layer: 1"):
        write(renamed(findings, code), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["'); DROP TABLE areas; --", "<script>alert(1)</script>", "{{7*7}}", "../..", "a\u202eb", "😀", "\x01"],
)
def test_any_name_of_an_area_is_stored_as_text(findings, tmp_path, name):
    named = replace(findings, areas=findings.areas.assign(name_fi=name))
    lea.write_geopackage(named, tmp_path / "study.gpkg")
    assert set(lea.read_geopackage(tmp_path / "study.gpkg").areas["name_fi"]) == {name}


@pytest.mark.parametrize("name", ["half \ud800 a character", "a\0b"], ids=ascii)
def test_a_name_that_no_file_can_hold_is_refused_with_its_area(findings, tmp_path, name):
    names = pd.Series([name, *findings.areas["name_fi"][1:]], findings.areas.index, dtype=object)
    named = findings.areas.assign(name_fi=names)
    with pytest.raises(OutputError, match=r"holds a NUL or half a character: 1 \('65000'\)"):
        lea.write_geopackage(replace(findings, areas=named), tmp_path / "study.gpkg")


def test_everything_that_is_wrong_with_findings_is_said_at_once(findings, tmp_path):
    broken = replace(
        findings,
        areas=findings.areas.drop(columns="name_sv"),
        indicators=(*findings.indicators, indicator("orphan", "Orpo")),
        results={**findings.results, "income": findings.results["income"].iloc[::-1].drop(columns="value")},
    )
    with pytest.raises(OutputError) as caught:
        lea.write_geopackage(broken, tmp_path / "study.gpkg")
    assert [fault.what for fault in caught.value.faults] == [
        "columns missing from the areas",
        "the results of 'income' are not indexed as the areas",
        "columns missing from the results of 'income'",
        "no results of 'orphan'",
        "the summary does not list the indicators, in their order",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.drop(columns="basis"), r"columns missing from the comparisons.*basis"),
        (
            lambda table: table.assign(code="other"),
            "comparisons by indicators that these findings do not have",
        ),
        (lambda table: pd.concat([table, table[:1]]), r"comparisons given twice: 1 \(low_income, ''\)"),
        (
            lambda table: table.assign(place=pd.Series("half \ud800", table.index, dtype=object)),
            "comparisons whose place holds a NUL or half a",
        ),
    ],
    ids=["column", "code", "twice", "place"],
)
def test_comparisons_that_no_file_can_hold_are_refused(findings, tmp_path, spoil, message):
    spoiled = replace(findings, comparisons=spoil(findings.comparisons))
    with pytest.raises(OutputError, match=message):
        lea.write_geopackage(spoiled, tmp_path / "study.gpkg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [1.5, -1, np.inf, 2**40])
@pytest.mark.parametrize("write", [lea.write_geopackage, lea.write_tables])
def test_a_count_that_is_no_whole_number_of_neighbours_is_refused(findings, tmp_path, write, count):
    broken = findings.results["income"].assign(local_moran_hidden=count)
    with pytest.raises(OutputError, match=r"no whole numbers of neighbours.*local_moran_hidden"):
        write(replace(findings, results={**findings.results, "income": broken}), tmp_path / "out")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_geopackage_open_elsewhere_is_left_as_it_is(findings, earlier, journal):
    path, before = earlier
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA journal_mode = {journal}")
        other.execute("BEGIN IMMEDIATE" if journal == "delete" else "BEGIN")
        other.execute("UPDATE gpkg_contents SET description = 'edited elsewhere' WHERE table_name = 'areas'")
        with pytest.raises(OutputError, match="is in use and was left as it is"):
            lea.write_geopackage(findings, path)
        other.rollback()
        other.execute("PRAGMA journal_mode = delete")
    # Only the counter of changes that SQLite keeps in the header may differ after the other program is done.
    assert lea.read_geopackage(path).title == findings.title
    assert len(path.read_bytes()) == len(before)
    lea.write_geopackage(findings, path)


def test_a_geopackage_that_somebody_reads_is_left_as_it_is(findings, earlier):
    path, before = earlier
    with closing(sqlite3.connect(path)) as other:
        rows = other.execute("SELECT * FROM areas")
        rows.fetchone()
        with pytest.raises(OutputError, match="another program is reading or writing it"):
            lea.write_geopackage(findings, path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_geopackage_is_not_replaced_by_one(findings, tmp_path):
    path = tmp_path / "letter.gpkg"
    path.write_text("Dear reader")
    with pytest.raises(OutputError, match="it is no GeoPackage"):
        lea.write_geopackage(findings, path)
    assert path.read_text() == "Dear reader"


def test_a_symbolic_link_is_replaced_and_not_followed(findings, tmp_path, earlier):
    target, before = earlier
    link = tmp_path / "link.gpkg"
    link.symlink_to(target)
    lea.write_geopackage(replace(findings, notes=("another",)), link)
    assert not link.is_symlink()
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["a\0b.gpkg", "x" * 300 + ".gpkg", "folder.gpkg", "letter/study.gpkg"], ids=ascii
)
def test_a_path_that_cannot_be_written_is_refused_in_words(findings, tmp_path, name):
    (tmp_path / "folder.gpkg").mkdir()
    (tmp_path / "letter").write_text("a file, no folder")
    with pytest.raises(OutputError, match=r"cannot be written|could not be written"):
        lea.write_geopackage(findings, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.gpkg", "letter"]


@pytest.mark.parametrize("write", ["write_geopackage", "write_tables"])
def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(findings, tmp_path, write):
    program = textwrap.dedent(f"""
        import resource, signal, sys
        sys.path.insert(0, {str(Path(whole_findings.__code__.co_filename).parent)!r})
        from dataclasses import replace
        from small_findings import whole_findings
        import lea_geo as lea
        findings = whole_findings()
        lea.{write}(findings, "out.gpkg")
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
        try:
            lea.{write}(replace(findings, notes=("another",)), "out.gpkg")
        except lea.errors.OutputError as error:
            print(error)
    """)
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert "could not be written" in told.stdout
    assert "What was there before is as it was." in told.stdout
    assert not list(tmp_path.rglob("*.tmp"))
    if write == "write_geopackage":
        assert lea.read_geopackage(tmp_path / "out.gpkg").notes == findings.notes


def test_a_writer_killed_at_any_moment_leaves_the_old_file_or_the_new_one(findings, earlier):
    path, _ = earlier
    program = textwrap.dedent(f"""
        import sys
        from dataclasses import replace
        import lea_geo as lea
        findings = lea.read_geopackage({str(path)!r})
        print("ready", flush=True)
        while True:
            lea.write_geopackage(findings, {str(path)!r})
    """)
    for delay in (0.03, 0.23):
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(delay)
        writer.kill()
        writer.communicate()
        assert lea.read_geopackage(path).notes == findings.notes
