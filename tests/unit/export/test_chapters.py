"""Chapters in files: whole in the GeoPackage, readable in the workbook, plain in the CSV files."""

import csv
import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from small_chapters import chapter, findings_with_chapter, text
from small_findings import IDS, SUPPRESSED

import lea_geo as lea
from lea_geo._classes import column_classes
from lea_geo._colours import DIVERGING
from lea_geo.chapter import Chart, Column
from lea_geo.errors import OutputError

PROBE = Path(__file__).parents[2] / "helpers" / "qgis_probe.py"


def test_a_geopackage_gives_every_chapter_back_as_it_was(tmp_path):
    written = findings_with_chapter()
    lea.write_geopackage(written, tmp_path / "study.gpkg")
    (own,), (back,) = written.chapters, lea.read_geopackage(tmp_path / "study.gpkg").chapters
    for one, other in zip(own.tables, back.tables, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame, check_index_type=False)
        assert replace(one, frame=None) == replace(other, frame=None)
    assert replace(own, tables=()) == replace(back, tables=())


def test_a_table_by_area_has_the_areas_shapes_and_one_of_points_has_points(tmp_path):
    findings = findings_with_chapter()
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    by_area = gpd.read_file(tmp_path / "study.gpkg", layer="change_income")
    assert list(by_area["area_id"]) == IDS
    assert by_area.geometry.geom_equals(findings.areas.geometry.reset_index(drop=True)).all()
    sites = gpd.read_file(tmp_path / "study.gpkg", layer="change_sites")
    assert [(point.x, point.y) for point in sites.geometry] == [(221_000, 7_000_700), (225_000, 7_002_000)]


def test_every_column_of_a_chapter_is_described_in_the_geopackage_with_its_words(tmp_path):
    lea.write_geopackage(findings_with_chapter(), tmp_path / "study.gpkg", language="sv")
    with closing(sqlite3.connect(tmp_path / "study.gpkg")) as database:
        told = dict(
            database.execute(
                "SELECT column_name, name FROM gpkg_data_columns WHERE table_name = 'change_income'"
            )
        )
        words = database.execute(
            "SELECT value, description FROM gpkg_data_column_constraints "
            "WHERE constraint_name = 'change_income.word'"
        ).fetchall()
        titles = dict(database.execute("SELECT table_name, identifier FROM gpkg_contents"))
    assert told["difference"] == "Difference (sv)"
    assert dict(words) == {"risen": "risen (sv)", "fallen": "fallen (sv)"}
    assert titles["change_gaps"] == "Gaps (sv)"


def test_csv_files_hold_the_rows_and_the_dictionary_says_what_they_mean(tmp_path):
    files = lea.write_tables(findings_with_chapter(), tmp_path)
    names = {file.name for file in files}
    assert {"change_income.csv", "change_gaps.csv", "change_sites.csv"} <= names
    with (tmp_path / "change_gaps.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["said"] == "'=1+1", "no spreadsheet may take it for a formula"
    assert rows[2]["gap"] == ""
    with (tmp_path / "data_dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {(row["file"], row["column"]): row for row in csv.DictReader(file)}
    assert told["change_gaps.csv", "gap"]["meaning_en"] == "Gap (en). Between the ends (en)"
    assert told["change_gaps.csv", "gap"]["unit"] == "percentage points"
    assert told["change_income.csv", "difference"]["unit"] == "share, 0 to 1"
    assert told["change_income.csv", "word"]["range"] == "risen, fallen"


def test_the_workbook_has_a_sheet_for_the_chapter_and_one_for_each_table_by_area(tmp_path):
    lea.write_workbook(findings_with_chapter(), tmp_path / "study.xlsx", language="en")
    book = openpyxl.load_workbook(tmp_path / "study.xlsx")
    by_area = list(book["Change by area (en)"].iter_rows(values_only=True))
    assert by_area[0][3:] == ("Difference (en) (per cent)", "In a word (en)", "Surely (en)")
    assert by_area[1] == ("65000", "Satama", "Rantala", pytest.approx(-3), "fallen (en)", "yes")
    assert next(row for row in by_area if row[0] == SUPPRESSED)[3] == "–"
    told = [
        [cell for cell in row if cell is not None] for row in book["Change (en)"].iter_rows(values_only=True)
    ]
    assert told[:2] == [["Change (en)"], ["What has changed? (en)"]]
    assert ["The gap is 5.5 (en)", "Firm", "Interval 4.5 to 6.5 (en)"] in told
    assert ["Gaps (en)"] in told
    head = next(row for row in told if row and row[0] == "Indicator (en)")
    assert head[3:5] == ["Year (en)", "Gap (en) (percentage points)"]
    after = told[told.index(head) + 2]
    assert after[:2] == ["Pienituloiset (en)", "Rantala"]
    assert after[4] == 5.5


def test_tables_by_area_with_the_same_columns_share_a_sheet_that_says_which_is_which(tmp_path):
    twin = replace(chapter().tables[0], name="change_other", title=text("Another"))
    findings = findings_with_chapter(tables=(*chapter().tables, twin))
    lea.write_workbook(findings, tmp_path / "study.xlsx", language="en")
    book = openpyxl.load_workbook(tmp_path / "study.xlsx")
    rows = list(book["Change (en) by area"].iter_rows(values_only=True))
    assert len(rows) == 1 + 2 * len(IDS)
    assert {row[0] for row in rows[1:]} == {"Change by area (en)", "Another (en)"}


def test_parquet_has_the_layers_of_chapters(tmp_path):
    lea.write_parquet(findings_with_chapter(), tmp_path)
    assert list(gpd.read_parquet(tmp_path / "change_income.parquet")["area_id"]) == IDS
    assert set(gpd.read_parquet(tmp_path / "change_sites.parquet").geom_type) == {"Point"}


@pytest.mark.qgis
def test_qgis_draws_the_words_of_a_chapter_in_their_colours(qgis_python, tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    lea.write_geopackage(findings_with_chapter(), tmp_path / "study.gpkg", language="fi")
    command = [
        qgis_python,
        str(PROBE),
        str(tmp_path / "study.gpkg"),
        str(tmp_path),
        "change_income",
        "change_sites",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    seen = json.loads(told.stdout.splitlines()[-1])
    layer = seen["change_income"]
    assert layer["legend"][:2] == [["risen", "risen (fi)"], ["fallen", "fallen (fi)"]]
    assert {"#e66101", "#5e3c99"} <= set(layer["styles"][0]["colours"])
    assert seen["change_sites"]["valid"]
    assert "Difference (fi): −3,0\N{NO-BREAK SPACE}%" in layer["tips"][0].replace("-3,0", "−3,0")
    assert "Surely (fi): –" in layer["tips"][IDS.index(SUPPRESSED)]
    assert "Reached (fi): 120\N{NO-BREAK SPACE}kpl" in seen["change_sites"]["tips"][0]
    assert not seen["change_gaps"]["spatial"]


def test_a_chapter_that_no_file_can_hold_is_refused_with_every_fault(tmp_path):
    odd = chapter()
    by_area = odd.tables[0]
    wrong = (
        replace(by_area, frame=by_area.frame.iloc[::-1]),
        replace(odd.tables[1], name="Gaps"),
        replace(odd.tables[2], shows=("nothing",)),
    )
    findings = findings_with_chapter(tables=wrong, charts=(Chart("pie", "gaps", text("x"), "a", "b"),))
    with pytest.raises(OutputError) as refused:
        lea.write_geopackage(findings, tmp_path / "study.gpkg")
    told = str(refused.value)
    for part in ("not indexed as the areas", "begin with change_", "nothing", "kind 'pie'", "'change_gaps'"):
        assert part in told
    assert not (tmp_path / "study.gpkg").exists()


def test_a_word_that_a_column_does_not_explain_is_refused(tmp_path):
    odd = chapter()
    frame = odd.tables[0].frame.assign(word="sideways")
    findings = findings_with_chapter(tables=(replace(odd.tables[0], frame=frame), *odd.tables[1:]))
    with pytest.raises(OutputError, match="sideways"):
        lea.write_tables(findings, tmp_path)


def test_diverging_classes_part_at_the_middle_and_never_across_it():
    column = Column("change", text("Change"), unit="share", decimals=1, scale="diverging")
    values = [-0.04, -0.02, -0.01, 0.0, 0.0004, 0.01, 0.02, 0.03, np.nan]
    classes = column_classes(column, values)
    # In per cent, to one decimal: -4, -2, -1 | 0, 0 | 1, 2, 3; each side parts at its lower median.
    assert [(one.lower, one.upper) for one in classes] == [(-4, -2), (-1, -1), (0, 0), (1, 2), (3, 3)]
    assert [one.fill for one in classes] == list(DIVERGING)


def test_one_value_on_a_side_takes_the_strong_colour():
    column = Column("change", text("Change"), decimals=0, scale="diverging")
    assert [one.fill for one in column_classes(column, [-5.0, 0.0, 3.0])] == [
        DIVERGING[0],
        DIVERGING[2],
        DIVERGING[4],
    ]


def test_a_column_may_be_called_as_one_of_our_layers_is(tmp_path):
    own = chapter()
    columns = tuple(replace(one, name="areas") if one.name == "gap" else one for one in own.tables[1].columns)
    gaps = replace(own.tables[1], columns=columns, frame=own.tables[1].frame.rename(columns={"gap": "areas"}))
    findings = findings_with_chapter(tables=(own.tables[0], gaps, own.tables[2]), charts=())
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    back = lea.read_geopackage(tmp_path / "study.gpkg").chapters[0].table("change_gaps")
    assert back.frame["areas"].tolist()[:2] == [4.25, 5.5]


@pytest.mark.parametrize("name", ["fid", "geom", "area_id", "name_fi", "Gap", "municipality"])
def test_a_column_that_layers_have_of_themselves_is_refused(tmp_path, name):
    own = chapter()
    columns = tuple(replace(one, name=name) if one.name == "surely" else one for one in own.tables[0].columns)
    odd = replace(own.tables[0], columns=columns, frame=own.tables[0].frame.rename(columns={"surely": name}))
    with pytest.raises(OutputError, match="change_income"):
        lea.write_tables(findings_with_chapter(tables=(odd, *own.tables[1:])), tmp_path)
