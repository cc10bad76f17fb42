"""The gate: what fails its audit is not moved into place, and what passes leaves as a pack."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lea_geo.cli import main
from lea_geo.disclosure.attack.audit import audit_release
from lea_geo.disclosure.egress.files import MOST_FILES
from lea_geo.disclosure.egress.pack import hash_of
from lea_geo.errors import OutputError
from lea_geo.spec import load_spec
from lea_geo.study import Study, run, verify

RULES = """
[disclosure]
profile = "findata"
minimum_count = 10
stated_by = "risk assessment of 31 January 2026"

[[disclosure.reviewed]]
indicators = ["*"]
by = "A. Virtanen"
on = 2026-01-31
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("release")


@pytest.fixture(scope="module")
def study_file(folder: Path, mini_study) -> Path:
    """The small study with 3 people of low income in 65100: outside the corner there are 8 to 12 of 100."""
    study = mini_study(folder / "data")
    table = folder / "data" / "table.csv"
    rows = table.read_text(encoding="utf-8")
    changed = re.sub(r"^(65100,.*?,100),\d+,", r"\1,3,", rows, flags=re.MULTILINE)
    assert changed != rows
    table.write_text(changed, encoding="utf-8")
    study.write_text(study.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def released(study_file: Path, folder: Path) -> Study:
    return run(load_spec(study_file), out=folder / "out")


def audit_only(study_file: Path):
    spec = load_spec(study_file)
    return replace(spec, disclosure=replace(spec.disclosure, method="audit_only"))


def test_what_is_safe_is_moved_into_place_with_the_pack_that_leaves(released: Study, folder: Path):
    pack = folder / "out" / "egress"
    names = {path.name for path in pack.iterdir()}
    assert {"01_map.html", "03_areas_and_results.gpkg", "risk_assessment_fi.html", "SHA256SUMS"} <= names
    assert any(name.startswith("proof_") for name in names)
    assert len(names) <= MOST_FILES
    assert (released.findings.results["low_income_residents"]["status"] == "suppressed").any()


def test_what_leaves_is_what_was_audited_byte_for_byte(released: Study, folder: Path):
    outputs = released.provenance["outputs"]
    contents = json.loads((folder / "out/egress/contents.json").read_text(encoding="utf-8"))["files"]
    assert len(contents) >= 6
    for name, told in contents.items():
        assert hash_of(folder / "out" / "egress" / name) == told["sha256"]
        assert outputs[told["in_the_study"]]["sha256"] == told["sha256"]


def test_the_manifest_records_the_rules_who_stated_them_the_audit_and_all_hashes(
    released: Study, folder: Path
):
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    told = manifest["disclosure"]
    assert told["profile"]["name"] == "findata"
    assert told["profile"]["minimum_count"] == 10
    assert told["profile"]["stated_by"] == "risk assessment of 31 January 2026"
    assert told["audit"]["safe"] is True
    assert "published" in told["audit"]["tried"]
    assert "earlier" in told["audit"]["not_tried"]
    files = {
        path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*") if path.is_file()
    }
    assert set(manifest["outputs"]) == files - {"manifest.json"}
    assert manifest == json.loads(json.dumps(released.provenance))


def test_no_file_that_leaves_holds_the_hash_of_an_input(released: Study, folder: Path):
    """Who knows all of a table but one cell could try values for it until the hash fits."""
    inputs = [one["sha256"].encode() for one in released.provenance["inputs"]]
    assert len(inputs) == 2
    for path in (folder / "out" / "egress").iterdir():
        content = path.read_bytes()
        assert not any(one in content for one in inputs), path.name


def test_the_reviewer_is_named_in_the_risk_assessment_and_in_the_report(released: Study, folder: Path):
    assert released.findings.indicators[0].ethics.reviewed_by == "A. Virtanen"
    for name in ("egress/risk_assessment_sv.html", "report.html"):
        assert "A. Virtanen" in (folder / "out" / name).read_text(encoding="utf-8"), name


def test_the_pack_and_the_output_around_it_pass_the_audit_by_themselves(released: Study, folder: Path):
    assert released.protection is not None
    rules = released.protection.profile
    for directory in (folder / "out" / "egress", folder / "out"):
        audit = audit_release(directory, rules)
        assert audit.unread == ()
        assert audit.safe


@pytest.mark.usefixtures("released")
def test_a_released_study_can_be_run_again_and_compared(folder: Path):
    compared = verify(folder / "out")
    assert "egress/risk_assessment_en.html" in compared
    assert "egress/03_areas_and_results.gpkg" in compared


def test_what_fails_is_not_moved_and_an_earlier_output_stays_whole(
    released: Study, study_file: Path, folder: Path
):
    """Unprotected, 65100 has 3 people of low income, and 12 more areas have 8 or 9 of 100."""
    assert released.provenance["disclosure"]["audit"]["safe"]
    before = {path: path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()}
    with pytest.raises(OutputError) as refused:
        run(audit_only(study_file), out=folder / "out")
    said = str(refused.value)
    assert said.startswith("Nothing was written, as the release would give people away:")
    assert "hr_pi_tul: groups that can be worked out to be too few: " in said
    assert "(postal 65100: 3, " in said
    assert "The recipe: It is printed: postal 65100 = 3" in said
    assert "what would mend hr_pi_tul. The cheapest: " in said
    assert {path: path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()} == before
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_the_command_ends_with_1_and_says_why(study_file: Path, tmp_path: Path, capsys):
    text = study_file.read_text(encoding="utf-8")
    unprotected = study_file.with_name("unprotected.toml")
    unprotected.write_text(
        text.replace("[disclosure]", '[disclosure]\nmethod = "audit_only"'), encoding="utf-8"
    )
    assert main(["run", str(unprotected), "--out", str(tmp_path / "out"), "--quiet"]) == 1
    assert "groups that can be worked out to be too few" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_rules_nothing_is_audited_and_that_is_said(mini_study, tmp_path: Path, capsys):
    study = mini_study(tmp_path / "data")
    assert main(["run", str(study), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("nothing was audited; see [disclosure]")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["disclosure"] == {"audit": "none: nothing was audited for release"}
    assert not (tmp_path / "out" / "egress").exists()
