"""``[disclosure]`` of a study file: what it may say, and what it says back."""

import json

import pytest

import lea_geo as lea
from lea_geo._manifest import hash_inputs
from lea_geo.disclosure_spec import DisclosureSpec, Reviewed
from lea_geo.errors import SpecError
from lea_geo.spec import spec_from_dict

OWN = """name = "own"
version = "1"
title = { fi = "K", sv = "S", en = "T" }
source = "Council"
source_date = "2026-01-31"
confidence = "stated"
minimum_count = 4
"""
SAID = """
[disclosure]
profile = "findata"
minimum_count = 10
stated_by = "Riskiarvio 31.1.2026, tietosuojavastaava"
zero = "hidden"
method = "audit_only"
earlier = ["last_year"]
accept = ["tables/notes.pdf"]
pack = "leaves"
never = ["municipality"]

[[disclosure.reviewed]]
indicators = ["low_income_residents"]
by = "Ethics board"
on = 2026-01-31
"""


@pytest.fixture
def study(tmp_path, mini_study):
    path = mini_study(tmp_path)
    (tmp_path / "last_year").mkdir()
    (tmp_path / "last_year" / "table.csv").write_text("area_id,n\n")
    (tmp_path / "own.toml").write_text(OWN)

    def load(text):
        plain = path.read_text("utf-8")
        changed = tmp_path / "changed.toml"
        changed.write_text(plain + text, encoding="utf-8")
        return lea.load_spec(changed)

    return load


def test_a_study_without_the_section_states_no_rules(study):
    spec = study("")
    assert spec.disclosure is None
    assert "disclosure" not in spec.as_dict()


def test_a_profile_alone_is_enough(study):
    spec = study('[disclosure]\nprofile = "paavo"\n')
    assert spec.disclosure == DisclosureSpec("paavo")
    assert spec.disclosure.pack == "egress"
    assert spec.as_dict()["disclosure"] == {"profile": "paavo"}
    assert spec.profile_path is None


def test_every_key_is_read_and_said_back(study):
    spec = study(SAID)
    assert spec.disclosure == DisclosureSpec(
        "findata",
        minimum_count=10,
        zero="hidden",
        stated_by="Riskiarvio 31.1.2026, tietosuojavastaava",
        method="audit_only",
        earlier=("last_year",),
        accept=("tables/notes.pdf",),
        reviewed=(Reviewed(("low_income_residents",), "Ethics board", "2026-01-31"),),
        pack="leaves",
        never=("municipality",),
    )
    said = json.loads(json.dumps(spec.as_dict()))
    again = spec_from_dict(said, folder=spec.folder, data=spec.data)
    assert again.disclosure == spec.disclosure


@pytest.mark.parametrize(("said", "folder"), [("true", "egress"), ("false", ""), ('"out"', "out")])
def test_the_pack_is_a_yes_or_no_or_a_folder_s_name(study, said, folder):
    spec = study(f'[disclosure]\nprofile = "paavo"\npack = {said}\n')
    assert spec.disclosure.pack == folder
    again = spec_from_dict(spec.as_dict(), folder=spec.folder, data=spec.data)
    assert again.disclosure.pack == folder


def test_what_the_rules_and_earlier_releases_say_is_hashed_with_the_inputs(study):
    spec = study('[disclosure]\nprofile = "own.toml"\nearlier = ["last_year"]\n')
    assert spec.profile_path == spec.folder / "own.toml"
    roles = {one["path"]: one["role"] for one in hash_inputs(spec)}
    assert roles["own.toml"] == "profile"
    assert roles["last_year/table.csv"] == "earlier release"


def test_everything_that_is_wrong_with_the_section_is_said_at_once(study):
    wrong = """
[disclosure]
profile = "findata"
zero = "safee"
method = "suppres"
earlier = ["no_such_folder"]
accept = ["../outside.csv"]
pack = "a/b"
minimum_cuont = 5

[[disclosure.reviewed]]
by = "Board"
on = "yesterday"
"""
    with pytest.raises(SpecError) as caught:
        study(wrong)
    said = str(caught.value)
    for fault in (
        "[disclosure] zero is 'safee'; it must be one of hidden, safe. Did you mean \"safe\"?",
        'Did you mean "suppress"?',
        "earlier is 'no_such_folder', and there is no such folder",
        "names what is no file of the output: 1 (../outside.csv)",
        "pack is 'a/b', which is no folder's name",
        "on is 'yesterday'; it must be a date like 2026-01-31",
        "[[disclosure.reviewed]] lacks 'indicators'",
        'profile = "findata" needs minimum_count',
        "unknown key 'minimum_cuont'. Did you mean 'minimum_count'?",
    ):
        assert fault in said
    assert len(caught.value.faults) == 9


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "lacks 'profile'"),
        ('profile = "pavo"', "Did you mean 'paavo'?"),
        ('profile = "../own.toml"', "there is no such profile"),
        ('profile = "paavo"\nminimum_count = 5', "lacks 'stated_by'"),
        ('profile = "paavo"\nstated_by = "me"', "lacks 'minimum_count'"),
    ],
)
def test_a_fault_is_answered_with_what_to_write(study, text, fault):
    with pytest.raises(SpecError, match=fault.replace("?", r"\?")):
        study(f"[disclosure]\n{text}\n")
