"""The rules leave with the release as a file that can be used again."""

import tomllib

import pytest

from lea_geo.disclosure.egress.rules_file import profile_as_toml
from lea_geo.disclosure.rules import PROFILES, load_profile


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_reads_back_as_it_was(name, tmp_path):
    profile = load_profile(name, minimum_count=7, stated_by='the board, "31.1.2026"\nand åäö')
    file = tmp_path / "rules.toml"
    file.write_text(profile_as_toml(profile), encoding="utf-8")
    assert load_profile(file) == profile


def test_dominance_and_the_p_percent_rule_read_back(tmp_path):
    said = load_profile("sotkanet").as_dict() | {"dominance": {"n": 2, "share": 0.85}, "p_percent": 10.0}
    profile = load_profile(said)
    text = profile_as_toml(profile)
    assert tomllib.loads(text)["dominance"] == {"n": 2, "share": 0.85}
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    assert load_profile(tmp_path / "rules.toml") == profile
