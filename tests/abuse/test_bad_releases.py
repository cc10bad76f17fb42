"""A release that cannot be: nothing of it appears, and what was there stays."""

import pytest

from lea_geo import _release
from lea_geo.errors import SpecError
from lea_geo.spec import load_spec
from lea_geo.study import run

RULES = """
[disclosure]
profile = "findata"
minimum_count = 5
stated_by = "the test"
{more}

[[disclosure.reviewed]]
indicators = ["*"]
by = "the test"
on = 2026-01-31
"""


def ruled(study, more=""):
    study.write_text(study.read_text(encoding="utf-8") + RULES.format(more=more), encoding="utf-8")
    return study


@pytest.mark.parametrize("name", ["tables", "Grids", "index", "map.html"])
def test_a_pack_has_a_folder_of_its_own(name, mini_study, tmp_path):
    study = ruled(mini_study(tmp_path), f'pack = "{name}"')
    with pytest.raises(SpecError, match=f"pack is '{name}', where a study writes something else"):
        load_spec(study)


def test_a_run_interrupted_during_its_audit_leaves_the_earlier_output(mini_study, tmp_path, monkeypatch):
    study, out = mini_study(tmp_path / "data"), tmp_path / "out"
    run(load_spec(study), out=out)
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(_release, "audit_release", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(load_spec(ruled(study)), out=out)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]
