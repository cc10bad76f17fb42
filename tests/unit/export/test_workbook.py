"""The workbook for planners: words in three languages, numbers as numbers, no formula, no blank for a gap."""

import zipfile
from dataclasses import replace
from importlib import import_module

import numpy as np
import openpyxl
import pandas as pd
import pytest
from index_findings import whole_index_findings
from small_findings import IDS, MISSING, NOT_APPLICABLE, SUPPRESSED, ZERO

import lea_geo as lea
from lea_geo._checks import export
from lea_geo.errors import OutputError, UsageError
from lea_geo.schema import LANGUAGES, Text


def opened(findings, path, language="fi"):
    lea.write_workbook(findings, path, language=language)
    return openpyxl.load_workbook(path)


def table(sheet):
    """The rows of a sheet by its header."""
    head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("fi", ["Lue ensin", "Arvot", "Kuinka varma", "Erottuvat alueet", "Kunnat", "Sanasto"]),
        ("sv", ["Läs först", "Värden", "Hur säkert", "Områden som skiljer sig", "Kommuner", "Ordlista"]),
        (
            "en",
            ["Read me first", "Values", "How sure", "Areas that stand out", "Municipalities", "Dictionary"],
        ),
    ],
)
def test_sheets_are_in_the_language_of_the_study(findings, tmp_path, language, names):
    book = opened(findings, tmp_path / "study.xlsx", language)
    assert book.sheetnames == names
    first = [row[0].value for row in book[names[0]].iter_rows()]
    assert first[0] == findings.title.in_language(language)
    assert any(
        "made-up" in str(text).lower() or "eksitty" in str(text) or "åhitt" in str(text) for text in first
    )
    assert "One value is withheld." in first


def test_numbers_are_numbers_and_ids_are_text_with_their_zeros(findings, tmp_path):
    areas = findings.areas.rename(index={IDS[0]: "00100"})
    results = {code: frame.rename(index={IDS[0]: "00100"}) for code, frame in findings.results.items()}
    book = opened(replace(findings, areas=areas, results=results), tmp_path / "study.xlsx", "en")
    rows = table(book["Values"])
    assert rows[0]["Id of the area"] == "00100"
    assert rows[0]["Pienituloiset (en) (per cent)"] == 31.25
    cell = book["Values"]["D2"]
    assert (cell.data_type, cell.number_format) == ("n", "#,##0.0")
    assert book["Values"]["A2"].data_type == "s"
    assert book["Values"]["A2"].quotePrefix


def test_no_gap_is_blank_or_zero_and_a_true_zero_is_zero(findings, tmp_path):
    rows = {row["Alueen tunnus"]: row for row in table(opened(findings, tmp_path / "study.xlsx")["Arvot"])}
    low = {area: row["Pienituloiset (fi) (prosentti)"] for area, row in rows.items()}
    assert low[SUPPRESSED] == "Salattu tietosuojasyistä (0,0–9,7)"
    assert low[MISSING] == "Tieto puuttuu"
    assert low[NOT_APPLICABLE] == "Ei sovellu alueelle"
    assert low[ZERO] == 0
    assert all(cell is not None for row in rows.values() for cell in row.values())


def test_how_sure_has_a_row_an_area_and_an_indicator(findings, tmp_path):
    rows = table(opened(findings, tmp_path / "study.xlsx", "en")["How sure"])
    assert len(rows) == 12 * 3
    held = findings.results["low_income"].loc[IDS[0]]
    assert rows[0]["Lower end of the interval"] == pytest.approx(held["interval_lower"], abs=1e-12)
    assert rows[0]["Rank (1 = highest value)"] == 1
    income = [row for row in rows if row["Indicator"] == "Tulot (en)"]
    assert {row["Lower end of the interval"] for row in income} == {"not computed"}
    assert {row["Reliability"] for row in rows} == {"not graded"}


def test_clusters_are_in_words_and_say_where_they_are_uncertain(tmp_path):
    rows = table(opened(whole_index_findings(), tmp_path / "study.xlsx")["Erottuvat alueet"])
    found = [row["Hyvinvoinnin vaje (fi)"] for row in rows]
    assert found[0] == "Korkea, ympärillä korkeita (High-High)"
    assert found[1] == "Korkea, ympärillä korkeita (High-High), epävarma"
    assert found[9] == "Ei erotu sattumasta (Not significant)"
    assert found[6] == "Tieto puuttuu"


def test_municipalities_and_the_dictionary_of_three_languages_are_there(findings, tmp_path):
    book = opened(findings, tmp_path / "study.xlsx", "sv")
    places = table(book["Kommuner"])
    assert [row["Kommun eller region"] for row in places[:3]] == ["Hela regionen", "Rantala", "Salmela"]
    assert places[0]["Vad värdet bygger på"] == "alla områdens tal sammanlagda"
    assert {row["Konfidensintervallets nedre gräns"] for row in places[3:]} == {"inte beräknat"}
    words = {row["Ord"]: row for row in table(book["Ordlista"])}
    assert words["Sekretessbelagd av dataskyddsskäl"]["På finska"] == "Salattu tietosuojasyistä"
    assert words["Sekretessbelagd av dataskyddsskäl"]["På engelska"] == "Withheld to protect privacy"
    names = {row["På finska"] for row in table(book["Ordlista"])}
    assert {one.name.fi for one in findings.indicators} <= names


HOSTILE = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "<script>", "a\x01b", "x" * 40_000]


def test_no_text_is_a_formula_and_no_character_breaks_the_file(findings, tmp_path):
    areas = findings.areas.assign(name_fi=[*HOSTILE, *findings.areas["name_fi"][len(HOSTILE) :]])
    named = tuple(replace(one, name=Text("=1+1", "=1+1", "=1+1")) for one in findings.indicators)
    book = opened(
        replace(findings, areas=areas, indicators=named, notes=("=cmd|x",), title=Text(*["=2+2"] * 3)),
        tmp_path / "study.xlsx",
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    shown = [row["Alue"] for row in table(book["Arvot"])]
    assert shown[:2] == HOSTILE[:2]
    assert shown[6] == "a\ufffdb"
    assert len(shown[7]) == 32_767
    assert shown[7].endswith("…")
    with zipfile.ZipFile(tmp_path / "study.xlsx") as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower() or "external" in name.lower()]
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_headers_stay_in_sight(findings, tmp_path):
    book = opened(findings, tmp_path / "study.xlsx")
    assert book["Arvot"].freeze_panes == "C2"
    assert book["Arvot"].auto_filter.ref == "A1:F13"
    assert book["Arvot"].column_dimensions["B"].width == 26


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_findings_give_the_same_bytes(findings, tmp_path, monkeypatch, language):
    lea.write_workbook(findings, tmp_path / "one.xlsx", language=language)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    for library in ("lxml.etree", "xml.etree.ElementTree"):  # names that other libraries give for all
        import_module(library).register_namespace("dct", "http://purl.org/dc/terms/")
    lea.write_workbook(findings, tmp_path / "other.xlsx", language=language)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as parts:
        assert {one.date_time for one in parts.infolist()} == {(2021, 1, 1, 0, 0, 0)}
        assert b">2021-01-01T00:00:00Z</dcterms:modified>" in parts.read("docProps/core.xml")


def test_a_number_without_end_is_said_in_words(findings, tmp_path):
    endless = findings.results["income"].assign(value=np.inf)
    results = {**findings.results, "income": endless}
    rows = table(opened(replace(findings, results=results), tmp_path / "study.xlsx")["Arvot"])
    assert rows[0]["Tulot (fi) (euro)"] == "inf"


def test_too_many_rows_bad_languages_and_bad_places_are_refused(findings, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="There is no language"):
        lea.write_workbook(findings, tmp_path / "x.xlsx", language="de")
    with pytest.raises(OutputError, match=r"(could not|cannot) be written"):
        lea.write_workbook(findings, tmp_path)
    monkeypatch.setattr(export, "MOST_ROWS", 35)
    with pytest.raises(OutputError, match="a sheet has 35 rows, and areas times indicators are 36"):
        lea.write_workbook(findings, tmp_path / "x.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_areas_without_comparisons_have_no_sheet_of_municipalities(findings, tmp_path):
    areas = findings.areas.assign(value=pd.Series(2.0, findings.areas.index))
    lea.write_workbook(areas, tmp_path / "own.xlsx", title="Omat")
    assert openpyxl.load_workbook(tmp_path / "own.xlsx").sheetnames == [
        "Lue ensin",
        "Arvot",
        "Kuinka varma",
        "Erottuvat alueet",
        "Sanasto",
    ]
