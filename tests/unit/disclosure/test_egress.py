"""The pack that leaves is what was audited, whole, and the same every time."""

import csv
import gzip
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from small_findings import whole_findings

from lea_geo.disclosure.attack.tried import ATTACKS, Tried
from lea_geo.disclosure.egress.files import MOST_FILES
from lea_geo.disclosure.egress.pack import hash_of, write_egress
from lea_geo.disclosure.prove.certificate import certify
from lea_geo.disclosure.prove.verify_certificate import verify
from lea_geo.disclosure.published import NO_LIMIT, Published, build_family
from lea_geo.disclosure.rules import load_profile
from lea_geo.errors import OutputError

FILES = {
    "map.html": b"<!DOCTYPE html>",
    "report.html": b"<!DOCTYPE html>\n",
    "study.gpkg": b"SQLite format 3\0",
    "tables/study.xlsx": b"PK",
    "tables/summary.csv": b"code\n",
    "tables/data_dictionary.csv": b"file\n",
    "parquet/areas.parquet": b"PAR1",
    "manifest.json": b"{}",
}
MADE = {
    "lea_geo": "0.1.0",
    "versions": {"numpy": "2"},
    "study": {"study": {}},
    "seed": 7,
    "inputs": [{"path": "secret.csv", "sha256": "ab" * 32, "bytes": 12}],
    "inputs_at": {"data": "../data"},
    "notes": ["One value is withheld."],
}


def certificate():
    """Three people of one cell, whose total of 20 is known: each could be in either piece."""
    family = build_family("grid", {"cell": ["a", "a"]}, lower={"cell": [20]}, upper={"cell": [20]})
    nothing = np.zeros(2, dtype=np.int64)
    return certify(Published((family,), nothing, nothing + NO_LIMIT), 5)


def audit(n_proofs=1):
    """Return what an audit that found nothing says."""
    index = pd.MultiIndex.from_tuples(
        [("poor 2020", "postal", "65000")], names=["variable", "geography", "area_id"]
    )
    row = {"lower": 0.0, "upper": np.inf, "safe": True, "rule": "count", "recipe": "", "place": "study.gpkg"}
    return SimpleNamespace(
        table=pd.DataFrame([row], index=index),
        tried=tuple(Tried(key, tried=True) for key in ATTACKS),
        certificate={f"poor {2020 + n}": certificate() for n in range(n_proofs)},
        profile=load_profile("findata", minimum_count=5, stated_by="the test"),
        as_dict=lambda: {"safe": True, "note": "åäö"},
    )


@pytest.fixture
def output(tmp_path):
    folder = tmp_path / "out"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write(output, pack, **changes):
    audited = {name: hash_of(output / name) for name in FILES} | changes.pop("audited", {})
    given = {"findings": whole_findings(), "audit": audit(), "made": MADE, "audited": audited} | changes
    return write_egress(output, pack, **given)


def test_files_of_results_are_copies_of_what_was_audited(output, tmp_path):
    write(output, tmp_path / "pack")
    assert (tmp_path / "pack" / "03_areas_and_results.gpkg").read_bytes() == FILES["study.gpkg"]
    contents = json.loads((tmp_path / "pack" / "contents.json").read_text(encoding="utf-8"))["files"]
    assert contents["01_map.html"] == {
        "in_the_study": "map.html",
        "sha256": hashlib.sha256(FILES["map.html"]).hexdigest(),
    }


def test_the_pack_is_flat_and_holds_what_a_receiver_needs(output, tmp_path):
    write(output, tmp_path / "pack")
    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == [
        "01_map.html",
        "02_report.html",
        "03_areas_and_results.gpkg",
        "04_tables.xlsx",
        "05_overview.csv",
        "06_what_the_columns_mean.csv",
        "SHA256SUMS",
        "audit.json",
        "audit_by_group.csv",
        "contents.json",
        "how_it_was_computed.json",
        "proof_001.json.gz",
        "risk_assessment_en.html",
        "risk_assessment_fi.html",
        "risk_assessment_sv.html",
        "rules_of_release.toml",
        "verify_certificate.py",
    ]


def test_a_file_that_changed_after_the_audit_stops_the_pack(output, tmp_path):
    with pytest.raises(OutputError, match=r"files that changed after they were audited: 1 of 6 \(map.html\)"):
        write(output, tmp_path / "pack", audited={"map.html": "00" * 32})


def test_sha256sum_takes_the_list(output, tmp_path):
    write(output, tmp_path / "pack")
    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"],
        cwd=tmp_path / "pack",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": OK") == 16


def test_the_proof_is_checked_by_the_program_that_lies_beside_it(output, tmp_path):
    told = write(output, tmp_path / "pack")
    assert told.commands == ("python verify_certificate.py proof_001.json.gz",)
    command = [sys.executable, *told.commands[0].split()[1:]]
    done = subprocess.run(command, cwd=tmp_path / "pack", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_many_proofs_are_one_archive_that_python_unpacks(output, tmp_path):
    told = write(output, tmp_path / "pack", audit=audit(n_proofs=45))
    assert len(list((tmp_path / "pack").iterdir())) <= MOST_FILES
    command = [sys.executable, *told.commands[0].split()[1:]]
    subprocess.run(command, cwd=tmp_path / "pack", check=True)
    proofs = sorted((tmp_path / "pack" / "proofs").iterdir())
    assert len(proofs) == 45 == len(told.commands) - 1
    assert verify(json.loads(gzip.decompress(proofs[0].read_bytes()))) == []


def test_a_proof_says_which_indicators_it_is_about(output, tmp_path):
    """The small findings count field a of field b."""
    held = audit()
    proofs = {"a": certificate(), "b": certificate(), "x": certificate()}
    told = write(output, tmp_path / "pack", audit=SimpleNamespace(**{**vars(held), "certificate": proofs}))
    assert told.proofs == {
        "proof_001.json.gz": ("low_income", "plain"),
        "proof_002.json.gz": ("low_income", "plain"),
        "proof_003.json.gz": (),
    }


def test_the_rules_read_back_and_the_audit_is_json_and_a_table(output, tmp_path):
    write(output, tmp_path / "pack")
    assert load_profile(tmp_path / "pack" / "rules_of_release.toml") == audit().profile
    assert json.loads((tmp_path / "pack" / "audit.json").read_text(encoding="utf-8"))["note"] == "åäö"
    with (tmp_path / "pack" / "audit_by_group.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [rows[0][name] for name in ("variable", "area_id", "lower", "upper", "safe")] == [
        "poor 2020",
        "65000",
        "0",
        "inf",
        "True",
    ]


def test_neither_hashes_nor_sizes_nor_places_of_inputs_leave(output, tmp_path):
    """Who knows all of a table but one cell could try values for it until the hash fits."""
    write(output, tmp_path / "pack")
    for path in (tmp_path / "pack").iterdir():
        content = path.read_bytes()
        assert b"ab" * 32 not in content, path.name
        assert b"../data" not in content, path.name
    told = json.loads((tmp_path / "pack" / "how_it_was_computed.json").read_text(encoding="utf-8"))
    assert set(told) == {"lea_geo", "versions", "study", "seed", "notes"}


def test_the_same_output_gives_the_same_bytes(output, tmp_path):
    for name in ("one", "other"):
        write(output, tmp_path / name, audit=audit(n_proofs=45))
    packs = [{p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "other")]
    assert packs[0] == packs[1]


def test_every_file_of_the_pack_is_told_in_every_language(output, tmp_path):
    write(output, tmp_path / "pack")
    for language in ("fi", "sv", "en"):
        page = (tmp_path / "pack" / f"risk_assessment_{language}.html").read_text(encoding="utf-8")
        missing = [
            path.name for path in (tmp_path / "pack").iterdir() if f"<code>{path.name}</code>" not in page
        ]
        assert missing == []


def test_findings_with_names_that_spreadsheets_run_leave_as_text(output, tmp_path):
    """The audit's table holds names of areas and variables."""
    held = audit()
    table = held.table.rename(index={"65000": "=HYPERLINK(1)"}, level="area_id")
    write(output, tmp_path / "pack", audit=SimpleNamespace(**{**vars(held), "table": table}))
    assert ",'=HYPERLINK(1)," in (tmp_path / "pack" / "audit_by_group.csv").read_text(encoding="utf-8")


def test_the_study_itself_may_have_a_level_and_other_years(output, tmp_path):
    first = whole_findings(level="postal", year="2020")
    both = replace(first, others=(whole_findings(level="postal", year="2016"),))
    write(output, tmp_path / "pack", findings=both)
    page = (tmp_path / "pack" / "risk_assessment_en.html").read_text(encoding="utf-8")
    assert "Postal areas 2016" in page
