"""A release that cannot be: nothing of it appears, and what was there stays."""

from dataclasses import replace

import pandas as pd
import pytest
from small_city import EMPTY, FEW, HIDDEN_EVERYWHERE, UNCOUNTED, write_small_city

from lea_geo import _release
from lea_geo._checks.chapters import chapter_faults
from lea_geo.chapter import CHAPTERS
from lea_geo.chapters import build_chapters
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


@pytest.fixture(scope="module")
def small_city(tmp_path_factory):
    """A city under a count profile, where much is withheld, and the study of all chapters on it."""
    folder = tmp_path_factory.mktemp("city")
    spec = load_spec(write_small_city(folder, chapters=CHAPTERS))
    bare = replace(spec, **dict.fromkeys(CHAPTERS))
    return run(bare).findings, spec


@pytest.fixture(scope="module")
def told(small_city):
    """The chapters, by their codes."""
    return {one.code: one for one in build_chapters(*small_city)}


def test_what_is_withheld_has_bounds_or_nothing_and_one_indicator_has_no_value_at_all(small_city):
    results = small_city[0].results
    assert results["low_income_residents"].loc[FEW, "status"] == "suppressed"
    assert results["low_income_residents"].loc[FEW, ["value", "numerator"]].isna().all()
    assert results["low_income_residents"].loc[EMPTY, "status"] == "not_applicable"
    assert results[HIDDEN_EVERYWHERE]["value"].isna().all()


@pytest.mark.parametrize("code", CHAPTERS)
def test_every_chapter_can_be_made_where_values_are_withheld(code, told, small_city):
    assert chapter_faults([told[code]], small_city[0].areas.index) == []
    assert told[code].statements
    assert all(len(table.frame) for table in told[code].tables)


@pytest.mark.parametrize("code", CHAPTERS)
def test_an_area_where_nothing_is_known_has_no_number_in_any_chapter(code, told):
    """It is left out, and not taken for zero: no cell but the number of its years with values is filled."""
    for table in told[code].tables:
        if table.place == "areas":
            rows = table.frame.loc[[EMPTY, UNCOUNTED]].drop(columns="years", errors="ignore")
            assert rows.select_dtypes("number").isna().all(axis=None), table.name
        for column in table.columns:
            if column.kind == "area":
                assert not table.frame[column.name].isin([EMPTY, UNCOUNTED]).any(), table.name


@pytest.mark.parametrize("code", sorted({*CHAPTERS} - {"segregation", "targeting", "access"}))
def test_an_indicator_that_is_withheld_everywhere_is_told_of_in_no_number_and_named_in_a_note(code, told):
    """The three others are asked about another indicator."""
    chapter = told[code]
    for table in chapter.tables:
        about = next((one.name for one in table.columns if one.kind == "indicator"), None)
        if about is not None:
            row = table.frame[table.frame[about] == HIDDEN_EVERYWHERE].select_dtypes("number")
            assert (row.isna() | (row == 0)).all(axis=None), table.name
    names = (HIDDEN_EVERYWHERE, "Households in rented dwellings")
    assert any(name in note for note in chapter.notes for name in names)


def test_need_that_is_withheld_is_not_taken_for_none(told):
    """Of 65107 only its people are known: it gets money, with the widest interval of all."""
    allocated = told["targeting"].table("targeting_allocation").frame
    assert allocated.loc[FEW, "euros"] > 0
    width = allocated["upper"] - allocated["lower"]
    assert width[FEW] >= width.drop(FEW).median()
    assert pd.isna(told["targeting"].table("targeting_list").frame.loc[FEW, "need"])
    for code in ("targeting", "access"):
        assert any("is hidden" in note and "never 0" in note for note in told[code].notes)
