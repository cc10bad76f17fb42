"""Tables read back exactly, run nothing in a spreadsheet, and explain every column."""

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo import schema
from lea_geo._cells import as_cell

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def test_each_indicator_is_a_file_whose_numbers_read_back_exactly(findings, tmp_path):
    files = lea.write_tables(findings, tmp_path)
    assert [f.name for f in files] == [
        "low_income.csv",
        "income.csv",
        "plain.csv",
        "summary.csv",
        "data_dictionary.csv",
    ]
    for code, frame in findings.results.items():
        found = pd.read_csv(tmp_path / f"{code}.csv", dtype=str, index_col="area_id")
        assert list(found.columns) == [*schema.NAME_COLUMNS, "municipality", *schema.RESULT_COLUMNS]
        for column in frame.select_dtypes("number"):
            np.testing.assert_array_equal([float(cell) for cell in found[column]], frame[column])
        assert list(found["status"]) == list(frame["status"])


def test_neighbours_are_counted_in_whole_numbers_and_left_blank_where_nothing_was_computed(
    findings, tmp_path
):
    lea.write_tables(findings, tmp_path)
    found = pd.read_csv(tmp_path / "low_income.csv", dtype=str, index_col="area_id")
    # 65000 is a corner of the small world: two neighbours with a value, and one that is withheld.
    assert found.loc["65000", ["local_moran_neighbors", "local_moran_hidden"]].tolist() == ["2", "1"]
    bare = pd.read_csv(tmp_path / "plain.csv", dtype=str, index_col="area_id")
    assert bare[["local_g_star_neighbors", "local_g_star_hidden"]].isna().all(axis=None)


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_to_the_last_bit(number):
    assert float(as_cell(number)) == number


def test_an_excel_knows_the_file_for_utf_8(findings, tmp_path):
    lea.write_tables(findings, tmp_path)
    assert (tmp_path / "income.csv").read_bytes().startswith(b"\xef\xbb\xbfarea_id,name_fi")
    assert "Mäki" in (tmp_path / "income.csv").read_text("utf-8")


def test_the_same_findings_give_the_same_bytes(findings, tmp_path):
    first, second = (lea.write_tables(findings, tmp_path / name) for name in ("one", "other"))
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example","click")',
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "  =1",
        '"=1',
        "＝1",
        "Satama;=1",
        "Satama\n=1",
        "Satama,\"=cmd|' /C calc'!A0",
    ],
)
def test_a_formula_in_a_name_is_text_in_every_spreadsheet(findings, tmp_path, text):
    named = findings.areas["name_fi"].where(findings.areas.index != "65000", text)
    lea.write_tables(replace(findings, areas=findings.areas.assign(name_fi=named)), tmp_path)
    content = (tmp_path / "income.csv").read_text("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter):
            texts = [cell for cell in row if not _is_number(cell)]
            assert not [cell for cell in texts if cell.lstrip(" \"'")[:1] in TRIGGERS and not _escaped(cell)]


def _escaped(cell):
    return cell.lstrip(' "').startswith("'")


def _is_number(cell):
    return all(character in "0123456789.-+e,infa" for character in cell)


@given(st.text(max_size=30))
def test_text_that_starts_no_formula_stays_as_it_is_and_any_other_gains_only_apostrophes(text):
    cell = as_cell(text)
    assert cell.replace("'", "") == text.replace("'", "")
    assert cell.lstrip(" ")[:1] not in TRIGGERS or not cell
    if not any(trigger in text for trigger in TRIGGERS):
        assert cell == text


def test_a_hyphen_inside_a_name_stays_as_it_is():
    assert as_cell("Helsinki keskusta - Etu-Töölö") == "Helsinki keskusta - Etu-Töölö"


def test_the_dictionary_explains_every_column_of_every_file_in_three_languages(findings, tmp_path):
    files = lea.write_tables(findings, tmp_path)
    told = pd.read_csv(tmp_path / "data_dictionary.csv", keep_default_na=False)
    explained = set(zip(told["file"], told["column"], strict=True))
    for file in files:
        for column in file.read_text("utf-8-sig").splitlines()[0].split(","):
            assert (file.name, column) in explained
    assert told[["meaning_fi", "meaning_sv", "meaning_en", "range"]].ne("").all(axis=None)
    units = told.set_index(["file", "column"])["unit"]
    assert (units["low_income.csv", "value"], units["income.csv", "value"]) == ("per cent", "euros")
    ranges = told.set_index(["file", "column"])["range"]
    assert (
        ranges["income.csv", "local_moran_q_value"] == ranges["income.csv", "local_moran_p_mid"] == "0 to 1"
    )
    assert ranges["income.csv", "local_g_star_hidden"] == "0 or more"
    meaning = told.set_index(["file", "column"])["meaning_en"]
    assert meaning["income.csv", "local_moran_hidden"].endswith("neighbours that have no published value")
