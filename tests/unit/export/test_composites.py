"""Composites, what other runs make of them and verdicts on labels, in every file that leaves a study."""

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest
from index_findings import INDEX, MATERIAL, TIERS, whole_index_findings
from small_findings import IDS

import lea_geo as lea
from lea_geo import schema
from lea_geo.errors import OutputError
from lea_geo.export.stored import STORED_VERSION
from lea_geo.export.table import write_tables


@pytest.mark.parametrize("ledgers", [False, True])
def test_composites_come_back_from_a_geopackage_as_they_went_in(tmp_path, ledgers):
    findings = whole_index_findings(ledgers=ledgers)
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    found = lea.read_geopackage(tmp_path / "study.gpkg")
    assert found.indicators == findings.indicators
    assert found.settings == findings.settings
    for code, frame in findings.results.items():
        pd.testing.assert_frame_equal(found.results[code], frame, check_dtype=False, check_exact=True)


def test_a_geopackage_says_its_version_and_what_every_new_column_means(tmp_path):
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(whole_index_findings(), path)
    with closing(sqlite3.connect(path)) as database:
        ((version,),) = database.execute("SELECT value FROM lea_study WHERE key = 'version'").fetchall()
        told = dict(
            database.execute(
                "SELECT column_name, description FROM gpkg_data_columns WHERE table_name = ?", (INDEX,)
            ).fetchall()
        )
        ((entry,),) = database.execute("SELECT entry FROM lea_indicators WHERE code = ?", (INDEX,)).fetchall()
    assert json.loads(version) == STORED_VERSION == 4
    assert set(schema.RESULT_COLUMNS) < set(told)
    assert told["p_worst_decile"].split(" / ")[-1] == "Share of runs that have the area in the worst tenth"
    assert "which indicators are in (indicators)" in told["moved_by"]
    assert "Local Moran's I: whether the class holds" in told["local_moran_verdict"]
    held = json.loads(entry)
    assert (held["level"], held["members"], held["weights"]) == (
        "index",
        [MATERIAL, "education"],
        [0.75, 0.25],
    )


@pytest.mark.parametrize(
    ("key", "value"), [("members", [1]), ("members", None), ("weights", ["half"]), ("level", 3)]
)
def test_a_tampered_hierarchy_is_refused_when_it_is_read(tmp_path, key, value):
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(whole_index_findings(), path)
    with closing(sqlite3.connect(path)) as database, database:
        ((entry,),) = database.execute("SELECT entry FROM lea_indicators WHERE code = 'index'").fetchall()
        changed = json.dumps({**json.loads(entry), key: value})
        database.execute("UPDATE lea_indicators SET entry = ? WHERE code = 'index'", (changed,))
    with pytest.raises(OutputError, match="holds no findings of lea_geo"):
        lea.read_geopackage(path)


def test_tables_hold_the_tiers_and_their_dictionary_says_what_they_can_be(tmp_path):
    write_tables(whole_index_findings(), tmp_path)
    with (tmp_path / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["area_id"]: row for row in csv.DictReader(file)}
    expected = ["" if held != held else repr(float(held)) for held in TIERS["tier_upper"]]  # noqa: PLR0124
    assert [rows[area]["tier_upper"] for area in IDS] == expected
    assert rows[IDS[1]]["local_moran_depends_on"] == "graph"
    with (tmp_path / "data_dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {row["column"]: row for row in csv.DictReader(file) if row["file"] == "index.csv"}
    ranges = {
        name: told[name]["range"] for name in ("tier_lower", "p_worst", "moved_by", "local_g_star_share")
    }
    assert ranges == {
        "tier_lower": "1 to 5",
        "p_worst": "0 to 1",
        "moved_by": "normalise, weights, aggregate, impute, indicators, noise, hidden",
        "local_g_star_share": "0 to 1",
    }
    assert told["local_moran_verdict"]["range"] == "firm, depends, unsure"
    assert told["local_moran_depends_on"]["range"].startswith("graph, scale, zoning, noise, hidden, method")
    assert told["rank_lower"]["meaning_en"].endswith("of a composite, what holds in 90% of the runs")


def test_findings_whose_hierarchy_or_runs_cannot_be_are_not_written(tmp_path):
    findings = whole_index_findings()
    index, *others = findings.indicators
    frame = findings.results[INDEX].assign(p_worst=2.0)
    broken = replace(
        findings,
        indicators=(replace(index, members=("nobody",), weights=()), *others),
        results={**findings.results, INDEX: frame},
    )
    with pytest.raises(OutputError) as told:
        lea.write_geopackage(broken, tmp_path / "study.gpkg")
    assert "members that are no indicators of these findings: 1 (nobody)" in str(told.value)
    assert "p_worst is no share of runs in the results of 'index': 12 of 12" in str(told.value)
    assert not (tmp_path / "study.gpkg").exists()


def test_areas_with_values_may_bring_runs_and_verdicts_and_are_held_to_them(tmp_path):
    findings = whole_index_findings()
    areas = findings.areas.join(findings.results[INDEX])
    lea.write_geopackage(areas, tmp_path / "areas.gpkg")
    back = lea.read_geopackage(tmp_path / "areas.gpkg").results["value"]
    assert back["moved_by"].tolist() == areas["moved_by"].tolist()
    bare = lea.read_geopackage(tmp_path / "areas.gpkg")
    assert bare.indicators[0].level == "indicator"
    with pytest.raises(OutputError, match="unknown moved_by"):
        lea.write_geopackage(areas.assign(moved_by="luck"), tmp_path / "other.gpkg")
    with pytest.raises(OutputError, match="unknown local_moran_verdict"):
        lea.write_geopackage(areas.assign(local_moran_verdict="maybe"), tmp_path / "other.gpkg")


def test_a_grade_that_nobody_knows_is_refused_with_its_areas(tmp_path):
    findings = whole_index_findings()
    frame = findings.results["low_income"].assign(grade=["splendid", *[""] * (len(IDS) - 1)])
    with pytest.raises(OutputError, match=rf"unknown grades in the results of 'low_income'.*{IDS[0]}"):
        lea.write_geopackage(
            replace(findings, results={**findings.results, "low_income": frame}), tmp_path / "study.gpkg"
        )
