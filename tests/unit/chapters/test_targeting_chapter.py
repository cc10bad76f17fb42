"""The chapter of targeting: its tables, its sentences, and what a study file may ask of it."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_findings import IDS, indicator, small_findings

import lea_geo as lea
from lea_geo._checks import Faults
from lea_geo._checks.chapters import check_chapters
from lea_geo._checks.spec import Keys
from lea_geo._speech import Number
from lea_geo.chapter_specs.targeting import (
    CatchmentSpec,
    PreviousSpec,
    ScenarioSpec,
    TargetingSpec,
    read_targeting,
)
from lea_geo.chapters.ground import Ground
from lea_geo.chapters.targeting import build
from lea_geo.errors import SpecError
from lea_geo.inputs_spec import AreasSpec, TableSpec
from lea_geo.robustness_spec import RobustnessSpec
from lea_geo.schema import LANGUAGES, RESULT_COLUMNS, Text
from lea_geo.spec import StudySpec

FAMILIES = np.array([400, 380, 420, 300, 500, 410, 390, 450, 350, 320, 0, np.nan])
RATES = np.array([0.5, 0.45, 0.44, 0.3, 0.12, 0.1, 0.2, 0.1, 0.15, 0.1, 0, 0.3])
HIDDEN = IDS[5]
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"


def cells(rates, families=FAMILIES):
    """Return results of a share: the sixth area withheld, nobody in the eleventh, none known in the last."""
    frame = pd.DataFrame(np.nan, index=pd.Index(IDS, name="area_id"), columns=list(RESULT_COLUMNS))
    frame["numerator"], frame["denominator"] = np.round(rates * families), families
    frame["value"] = 100 * frame["numerator"] / frame["denominator"].where(frame["denominator"] > 0)
    frame["status"] = pd.Series("observed", frame.index).where(frame["value"].notna(), "not_applicable")
    frame.loc[HIDDEN, ["value", "numerator"]] = np.nan
    frame.loc[HIDDEN, ["lower", "upper"]] = [0.0, 5.0]
    frame.loc[HIDDEN, "status"] = "suppressed"
    return frame


def ground(folder=Path(), **changes):
    index = indicator(
        "index", "Index", level="index", unit="index", numerator=(), denominator=(), members=("poor",)
    )
    scored = cells(RATES)
    scored["interval_lower"], scored["interval_upper"] = scored["value"] - 5, scored["value"] + 5
    scored["p_worst"] = np.linspace(1, 0, len(scored))
    base = replace(
        small_findings(),
        indicators=(indicator("poor", "Poor"), indicator("workless", "Workless"), index),
        results={"poor": cells(RATES), "workless": cells(RATES[::-1].copy() * 0.5), "index": scored},
        level="postal",
        year="2024",
    )
    no = Text("-", "-", "-")
    spec = StudySpec(
        name=no,
        areas=AreasSpec("areas.gpkg", "id"),
        tables=(TableSpec("t.csv", "id"),),
        data=folder,
        **changes,
    )
    return Ground.of(base, spec)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Return a ground with files, and a section that asks for everything."""
    folder = tmp_path_factory.mktemp("data")
    pd.DataFrame({"id": IDS, "euros": 1000.0}).to_csv(folder / "before.csv", index=False)
    inside = small_findings().areas.representative_point().iloc[0]
    pd.DataFrame({"x": [inside.x], "y": [inside.y]}).to_csv(folder / "places.csv", index=False)
    spec = TargetingSpec(
        need="poor",
        choose=3,
        budget=30_000,
        floor=500,
        alternatives=("workless",),
        previous=PreviousSpec("before.csv", "id", "euros"),
        catchment=CatchmentSpec("places.csv", "x", "y", 2100),
        hold_harmless=0.5,
        phase_in=2,
        scenarios=(
            ScenarioSpec(Text("Tiheä", "Tät", "Dense"), power=2.0),
            ScenarioSpec(Text("Lista", "Lista", "List"), areas="chosen"),
        ),
        draws=300,
    )
    return ground(folder), spec


@pytest.fixture(scope="module")
def chapter(asked):
    return build(*asked)


def test_the_chapter_is_one_that_files_can_hold(asked, chapter):
    check_chapters([chapter], asked[0].areas, "The chapter is wrong:")
    assert [table.name for table in chapter.tables] == [
        "targeting_list",
        "targeting_certainty",
        "targeting_missed",
        "targeting_curve",
        "targeting_needed",
        "targeting_allocation",
        "targeting_path",
        "targeting_scenarios",
        "targeting_scenario_areas",
        "targeting_scenario_map",
    ]
    json.dumps(chapter.settings)
    assert chapter.settings["seed"] == asked[0].seed


def test_every_number_of_a_sentence_stands_in_its_table(chapter):
    for said in chapter.statements:
        table, known = chapter.table(said.table), set()
        for column in table.columns:
            if column.kind == "number":
                for value in table.frame[column.name].dropna():
                    known.add(Number(value, column.decimals, column.unit).in_language("en"))
        known = {one for text in known for one in re.findall(NUMBER, text)}
        for number in re.findall(NUMBER, said.text.en):
            assert number in known, (number, said.text.en)


def test_the_list_and_who_is_missed_are_those_of_the_published_counts(chapter):
    table = chapter.table("targeting_list").frame
    assert table.index[table["listed"] == "yes"].tolist() == IDS[:3]
    assert table.loc[IDS[11], ["listed", "standing"]].tolist() == ["", ""]
    known = pd.Series(np.round(RATES * FAMILIES), IDS)
    row = chapter.table("targeting_missed").frame.set_index("strategy").loc["chosen"]
    assert row["need"] == known[:3].sum()
    assert 0 < row["need"] + row["need_missed"] - known.drop([HIDDEN, IDS[11]]).sum() < 0.05 * 410
    near = chapter.table("targeting_missed").frame.set_index("strategy").loc["catchment"]
    assert 0 < near["share_reached"] < 1
    said = chapter.statements[0].text.en
    assert said.startswith("The 3 areas on the list hold")


def test_those_who_are_sure_are_named_and_ties_are_told_as_ties(chapter):
    listed = chapter.table("targeting_list").frame
    assert listed["standing"][:3].tolist() == ["on"] * 3
    said = [one for one in chapter.statements if one.table == "targeting_list"]
    assert [(one.certainty, one.text.fi) for one in said] == [
        ("firm", "Lähes varmasti listalla: Satama, Niemi ja Harju.")
    ]
    # The sixth could be the ninth area (0.15 of 350) or the fifth (0.12 of 500): no number tells which.
    six = build(ground(), TargetingSpec(need="poor", choose=6, draws=300))
    tie = next(one for one in six.statements if one.certainty == "unsure" and one.table == "targeting_list")
    frame = six.table("targeting_list").frame
    for area, name in names_of(frame):
        assert (name in tie.text.sv) == (frame.loc[area, "standing"] == "tie")


def names_of(frame):
    """Give the areas of a list and their Swedish names."""
    names = small_findings().areas["name_sv"]
    return [(area, names[area]) for area in frame.index if frame.loc[area, "standing"]]


def test_the_money_adds_up_every_year_and_in_every_way(chapter):
    money = chapter.table("targeting_allocation").frame
    assert money["euros"].sum() == 30_000
    assert money["euros"].min() >= 500
    assert money.loc[HIDDEN, "euros"] >= 500
    assert np.isnan(money.loc[IDS[11], "euros"])
    path = chapter.table("targeting_path").frame
    assert path.groupby("year")["euros"].sum().tolist() == [30_000, 30_000]
    ways = chapter.table("targeting_scenarios").frame.set_index("scenario")
    assert ways.index.tolist() == ["now", "paid", "equal", "chosen", "scenario_1", "scenario_2"]
    assert ways["euros"].tolist() == [11_000] + [30_000] * 5
    assert ways.loc["equal", "concentration"] == pytest.approx(0, abs=1e-4)
    assert ways.loc["scenario_1", "progressivity"] > ways.loc["paid", "progressivity"]
    listed = chapter.table("targeting_scenario_map").frame
    assert listed.loc[IDS[3:11], "scenario_2_euros"].sum() == 0
    assert any("1,000 euros went before to areas whose need is not known" in one for one in chapter.notes)


def test_the_same_findings_give_the_same_chapter(asked, chapter):
    again = build(*asked)
    for one, other in zip(chapter.tables, again.tables, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)
    assert [said.text for said in again.statements] == [said.text for said in chapter.statements]


def test_texts_are_filled_in_three_languages(chapter):
    texts = [chapter.title, chapter.question, chapter.method, *chapter.limits]
    texts += [one for said in chapter.statements for one in (said.text, said.because)]
    texts += [column.title for table in chapter.tables for column in table.columns]
    for text in texts:
        for language in LANGUAGES:
            assert text.in_language(language).strip()
            assert "{" not in text.in_language(language)


def test_without_a_word_the_first_that_weakens_is_the_need_and_no_money_is_shared():
    told = build(ground(), TargetingSpec(draws=200))
    assert told.settings["need_used"] == "poor"
    assert len(told.tables) == 5
    # Ten cannot be chosen among ten areas with families: a fifth of them are.
    assert told.settings["choose_used"] == 2
    assert "10 areas cannot be chosen among 10" in told.notes[0]


def test_a_list_by_the_index_takes_its_certainty_from_what_is_published():
    near = build(ground(), TargetingSpec(by="index", choose=3, draws=300))
    assert "approximated from the published intervals" in " ".join(near.notes)
    spec = RobustnessSpec(worst=3)
    counted = build(ground(robustness=spec), TargetingSpec(by="index", choose=3, draws=300))
    table = counted.table("targeting_list").frame
    assert table.loc[IDS[0], "p_belongs"] == 1
    assert table.loc[IDS[1], "p_belongs"] == pytest.approx(10 / 11)
    assert "share of the index's runs" in " ".join(counted.notes)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (TargetingSpec(need="rich"), r"does not have: 1 \(rich\)"),
        (TargetingSpec(need="index"), "without counts"),
        (
            TargetingSpec(choose=3, budget=1000, floor=500),
            r"\[targeting\] of the study file.*\n.*floors add up",
        ),
        (
            TargetingSpec(choose=3, budget=1000, scenarios=(ScenarioSpec(Text("a", "b", "Tight"), cap=5.0),)),
            r"'Tight' of the study file",
        ),
    ],
)
def test_what_the_study_file_cannot_have_is_said_in_its_words(spec, message):
    with pytest.raises(SpecError, match=message):
        build(ground(), replace(spec, draws=100))


def test_files_that_do_not_fit_are_refused(tmp_path):
    (tmp_path / "before.csv").write_text("id;euros\n65000;1 000\nx;5\n", encoding="utf-8")
    (tmp_path / "places.csv").write_text("x,y\n1,\n", encoding="utf-8")
    plain = TargetingSpec(choose=3, budget=1000, draws=100)
    with pytest.raises(SpecError) as error:
        build(ground(tmp_path), replace(plain, previous=PreviousSpec("before.csv", "id", "euros")))
    assert "areas that the study does not have in before.csv: 1 of 2 (x)" in str(error.value)
    assert "amounts in before.csv that are no euros of 0 or more: 1 of 2 (65000)" in str(error.value)
    with pytest.raises(SpecError, match=r"before.csv has no column: 1 \(money\)"):
        build(ground(tmp_path), replace(plain, previous=PreviousSpec("before.csv", "id", "money")))
    with pytest.raises(SpecError, match=r"places without coordinates in places.csv: 1 of 1 \(row 2\)"):
        build(ground(tmp_path), replace(plain, catchment=CatchmentSpec("places.csv", "x", "y", 100)))


def test_areas_that_a_file_does_not_name_had_nothing_and_a_note_says_so(tmp_path):
    (tmp_path / "before.csv").write_text(f"id,euros\n{IDS[0]},500\n", encoding="utf-8")
    spec = TargetingSpec(choose=3, budget=1000, draws=100, previous=PreviousSpec("before.csv", "id", "euros"))
    told = build(ground(tmp_path), spec)
    assert "11 areas are not in before.csv" in " ".join(told.notes)


def read(text, folder=Path()):
    faults = Faults()
    spec = read_targeting(Keys(tomllib.loads(text), "[targeting]", faults, folder, "targeting."))
    return spec, " ".join(map(str, faults.found))


def test_a_section_is_read_key_by_key(tmp_path):
    (tmp_path / "before.csv").write_text("", encoding="utf-8")
    spec, told = read(
        """
        need = "poor"
        choose = 0.2
        by = "count"
        budget = 300_000
        cap_per_family = 50.5
        hold_harmless = 1
        phase_in = 3
        [previous]
        path = "before.csv"
        area_id = "id"
        column = "euros"
        [[scenarios]]
        name = { fi = "a", sv = "b", en = "c" }
        areas = "chosen"
        floor = 0
        """,
        tmp_path,
    )
    assert told == ""
    assert (spec.choose, spec.by, spec.budget, spec.cap_per_family) == (0.2, "count", 300_000, 50.5)
    assert spec.previous == PreviousSpec("before.csv", "id", "euros")
    assert spec.scenarios == (ScenarioSpec(Text("a", "b", "c"), areas="chosen", floor=0.0),)
    assert spec.files == (("targeting previous", "before.csv"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("choose = 2.5", "choose is 2.5"),
        ('by = "rates"', "Did you mean"),
        ("phase_in = 2", "need what areas had before"),
        ("shares = [1.5]", "shares must lie between 0 and 1"),
        ("budget = -1", "budget is -1"),
        ("[[scenarios]]\nname = { fi = 'a', sv = 'a', en = 'a' }", "scenarios and no budget"),
        ("budget = 5\n[[scenarios]]\npower = 2", "lacks 'name'"),
        ("chose = 5", "Did you mean 'choose'"),
        ("[previous]\npath = 'gone.csv'", "no such file"),
    ],
)
def test_what_a_section_cannot_say_is_refused(text, message, tmp_path):
    assert message in read(text, tmp_path)[1]


def test_the_chapter_is_what_the_calls_give(chapter):
    known = pd.Series(np.round(RATES * FAMILIES), IDS)[:11].drop(HIDDEN)
    families = pd.Series(FAMILIES, IDS)[known.index]
    assert (
        lea.missed(known, families, IDS[:3], draws=100).table.loc["chosen", "need"]
        == (chapter.table("targeting_missed").frame.set_index("strategy").loc["chosen", "need"])
    )
