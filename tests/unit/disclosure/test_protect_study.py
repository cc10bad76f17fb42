"""A whole study with ``[disclosure]``: what its files hold, and that it can be run again."""

import json

import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.disclosure.attack.claims import read_release
from lea_geo.study import verify

RULES = """
[disclosure]
profile = "findata"
minimum_count = 5
stated_by = "Made up for a test"
method = "{method}"
pack = false
reviewed = [{{ indicators = ["*"], by = "Nobody: made up for a test", on = "2026-01-31" }}]
"""
INDEX = """
[composite]
ledgers = false

[robustness]
runs = 0
"""
SMALL = {"65114": 3, "65115": 1, "66400": 2}
"""Areas of the small study in which so many of 100 residents have low income."""


def written(folder, mini_study, *, more=""):
    """Write the small study with three small counts and return its file."""
    path = mini_study(folder)
    table = pd.read_csv(folder / "table.csv", dtype=str)
    counts = zip(table["postinumero"], table["hr_pi_tul"], strict=True)
    table["hr_pi_tul"] = [SMALL.get(area, count) for area, count in counts]
    table["ko_perus"] = [15 + i % 7 for i in range(len(table))]
    table.to_csv(folder / "table.csv", index=False)
    both = path.read_text("utf-8").replace('["905"]', '["905", "399"]')
    path.write_text(both + more, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def protected(tmp_path_factory, mini_study):
    folder = tmp_path_factory.mktemp("protected")
    path = written(folder, mini_study, more=INDEX + RULES.format(method="suppress"))
    return lea.run(path, out=folder / "out"), folder / "out"


def test_no_file_of_a_study_says_what_is_hidden(protected):
    study, out = protected
    frame = study.findings.results["low_income_residents"]
    lost = set(frame.index[frame["status"] == "suppressed"])
    assert set(SMALL) <= lost
    told = read_release(out).table
    about = told[told["area_id"].isin(lost) & (told["variable"] == "low_income_residents")]
    assert len(about)
    values = about[about["part"] == "value"]
    # A share lies between 0 and 100: that is all.
    assert (values[["lower", "upper"]] == [0.0, 100.0]).all(axis=None)
    assert set(about["part"]).isdisjoint({"numerator", "rank", "interval_lower", "interval_upper", "unknown"})
    assert not about["part"].str.contains("statistic|lag|z_score|p_value|q_value").any()


def test_an_index_with_a_hidden_part_leaves_without_the_account_of_what_it_is_made_of(protected):
    study, out = protected
    assert not (out / "index").exists()
    lost = study.findings.results["low_income_residents"]["status"] == "suppressed"
    for one in study.findings.indicators:
        if one.is_composite and "low_income_residents" in one.members:
            assert study.findings.results[one.code]["value"][lost].isna().all()


def test_true_values_stay_in_the_study_that_python_holds(protected):
    study, _ = protected
    cells = study.results["low_income_residents"].cells
    assert cells["numerator"][list(SMALL)].tolist() == list(SMALL.values())
    assert study.protection
    assert study.protection.table["code"].eq("low_income_residents").any()


def test_the_manifest_says_by_which_rules_and_not_what_is_hidden(protected):
    _, out = protected
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["study"]["disclosure"]["minimum_count"] == 5
    assert any("Protected by the rules findata" in note for note in manifest["notes"])


def test_a_protected_study_runs_again_to_the_same_bytes(protected):
    _, out = protected
    assert "report.html" in verify(out)


def test_labels_are_those_of_the_study_without_rules(protected, tmp_path, mini_study):
    study, _ = protected
    plain = lea.run(written(tmp_path, mini_study, more=INDEX))
    for method in ("local_moran", "local_g_star"):
        one, other = (
            each.findings.results["low_income_residents"][f"{method}_label"] for each in (study, plain)
        )
        pd.testing.assert_series_equal(one, other)


def test_audit_only_leaves_every_number_where_it_was(tmp_path, mini_study):
    plain = lea.run(written(tmp_path / "plain", mini_study))
    looked = lea.run(written(tmp_path / "looked", mini_study, more=RULES.format(method="audit_only")))
    for code, frame in plain.findings.results.items():
        pd.testing.assert_frame_equal(frame, looked.findings.results[code])
    assert looked.findings.notes == plain.findings.notes
