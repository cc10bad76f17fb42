"""A study with two ledgers and rules for small numbers, from its file to GeoPackage, map and report."""

import json
import re

import pandas as pd
import pytest
from report_page import Page

import lea_geo as lea
from lea_geo._hierarchy import ledger_places
from lea_geo.cli import main

SMALL = ("65100", "65135")
"""Areas of twenty people, four of them with low income."""
RULES = """
[composite]
ledgers = true
indicators = [{ code = "low_income_residents" }, { code = "higher_education" }]

[robustness]
runs = 20
labels = 20

[rates]
method = "beta_binomial"
minimum_denominator = 30
cautious_cv = 0.3
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, mini_study):
    """What ``lea-geo run`` writes of it."""
    base = tmp_path_factory.mktemp("ledgers")
    study = mini_study(base / "data")
    table = pd.read_csv(base / "data" / "table.csv", dtype=str)
    table["ko_al_kork"] = (70 - table["hr_pi_tul"].astype(int)).astype(str)
    table["ko_yl_kork"] = "5"
    table.loc[table["postinumero"].isin(SMALL), ["hr_tuy", "hr_pi_tul"]] = ["20", "4"]
    table.to_csv(base / "data" / "table.csv", index=False)
    text = study.read_text("utf-8").replace("basic_education_only", "higher_education")
    study.write_text(text + RULES, encoding="utf-8")
    assert main(["run", str(study), "--out", str(base / "out"), "--quiet"]) == 0
    return base / "out"


@pytest.fixture(scope="module")
def findings(folder):
    return lea.read_geopackage(folder / "study.gpkg")


def test_both_ledgers_are_in_the_geopackage_and_places_are_those_of_the_index(findings, folder):
    assert [(one.code, one.level, one.members) for one in findings.indicators[:2]] == [
        ("load", "load", ("low_income_residents",)),
        ("resource", "resource", ("higher_education",)),
    ]
    told = pd.read_csv(folder / "index" / "index.csv", dtype={"area_id": str}).set_index("area_id")
    places = ledger_places(findings)
    assert places.to_dict() == told["place"].fillna("").to_dict()
    assert places["65107"] == "high_load_low_resource", "the middle of the poor corner"
    for ledger in ("load", "resource"):
        assert findings.results[ledger]["tier_lower"].notna().any()


def test_grades_are_those_that_the_rules_give_by_hand(findings):
    frame = findings.results["low_income_residents"]
    x, n = frame["numerator"], frame["denominator"]
    # The coefficient of variation sqrt((n - x) / (n x)) is above 0.3 where n = 100 and x < 10.
    expected = pd.Series("reliable", frame.index).mask(x < 10, "caution").mask(n < 30, "unreliable")
    assert frame["grade"].to_dict() == expected.to_dict()
    assert set(expected) == {"reliable", "caution", "unreliable"}
    assert set(findings.results["load"]["grade"]) == {""}, "a score is no rate"


def test_the_map_and_the_tables_have_the_grades_and_the_ledgers(folder, findings):
    text = (folder / "map.html").read_text("utf-8")
    data = json.loads(re.search(r'id="lea-data"[^>]*>(.*?)</script>', text, re.DOTALL).group(1))
    (sheet,) = data["sheets"]
    columns = {one["code"]: one["columns"] for one in sheet["indicators"]}
    assert set(columns["low_income_residents"]["grade"]["words"]) == {"reliable", "caution", "unreliable"}
    assert "grade" not in columns["load"]
    assert sheet["ledgers"]["words"]
    table = pd.read_csv(folder / "tables" / "low_income_residents.csv", dtype=str, keep_default_na=False)
    assert table.set_index("area_id")["grade"].to_dict() == dict(
        findings.results["low_income_residents"]["grade"]
    )


def test_the_report_names_the_method_and_the_rules_and_marks_what_is_unreliable(folder):
    text = Page((folder / "report.html").read_text("utf-8")).text.replace("\xa0", " ")
    for said in (
        "Shares and rates are drawn towards the mean of all areas",
        "A share or a rate is unreliable where it is of fewer than 30 people or households.",
        "Osuutta tai suhdelukua on tulkittava varoen, kun sen variaatiokerroin on yli 0,3.",
        "Andelar och relationstal har förts mot medelvärdet för alla områden",
        "Unreliable values: 2. To be used with caution:",
        "Load and resources",
    ):
        assert said in text
