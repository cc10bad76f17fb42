"""``lea-geo audit`` says first what it tried, then its verdict, then how each group is found."""

import json
import zipfile

import pytest
from planted_release import CODE, HIDDEN, cells, shown_to_all, write_release

from lea_geo.cli import main
from lea_geo.disclosure.prove.verify_certificate import verify
from lea_geo.export.table import write_tables

RULES = ["--profile", "findata", "--minimum-count", "5"]


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    return write_release(tmp_path_factory.mktemp("safe"))


@pytest.fixture(scope="module")
def unsafe(tmp_path_factory):
    folder = write_release(tmp_path_factory.mktemp("unsafe"))
    write_tables(shown_to_all(cells(hidden=False)), folder / "old")
    return folder


def test_the_first_lines_say_what_was_tried_and_what_was_not(safe, capsys):
    assert main(["audit", str(safe), *RULES]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Attacks that were tried:"
    later = lines.index("Attacks that were NOT tried:")
    assert any("spatial lags" in line for line in lines[1:later])
    assert any("three kinds of areas" in line for line in lines[later:])
    verdict = (
        "SAFE by findata 2026-11, minimum count 5: no small group can be proved; 2 counts have a certificate."
    )
    assert lines[-1] == verdict


def test_an_unsafe_release_ends_with_1_and_the_recipe(unsafe, capsys):
    assert main(["audit", str(unsafe), *RULES]) == 1
    shown = capsys.readouterr().out
    assert "NOT SAFE by findata 2026-11, minimum count 5: 1 small groups can be proved." in shown
    assert f"1. poor 2020, postal {HIDDEN}: 3 (count)" in shown
    assert f"It is printed: postal {HIDDEN} = 3." in shown
    assert f"in old/{CODE}.csv: column numerator" in shown


def test_machines_get_all_of_it_as_json(unsafe, safe, capsys):
    assert main(["audit", str(unsafe), *RULES, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["safe"]) == (False, False)
    (finding,) = told["findings"]
    assert (finding["area_id"], finding["lower"], finding["upper"]) == (HIDDEN, 3, 3)
    assert main(["audit", str(safe), *RULES, "--json", "--with", str(unsafe)]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["place"].startswith("with ")


def test_the_proofs_are_written_and_another_program_believes_them(safe, tmp_path, capsys):
    path = tmp_path / "proofs.zip"
    assert main(["audit", str(safe), *RULES, "--certificate", str(path)]) == 0
    with zipfile.ZipFile(path) as archive:
        proofs = [json.loads(archive.read(name)) for name in archive.namelist()]
    assert len(proofs) == 2
    assert [verify(proof) for proof in proofs] == [[], []]
    before = path.read_bytes()
    main(["audit", str(safe), *RULES, "--certificate", str(path)])
    assert path.read_bytes() == before
    capsys.readouterr()


def test_a_release_without_rules_is_wrong_usage(safe, capsys):
    assert main(["audit", str(safe)]) == 2
    assert "No rules of release are known" in capsys.readouterr().err
    assert main(["audit", str(safe / "nowhere"), *RULES]) == 1
    assert "Traceback" not in capsys.readouterr().err
