"""The chapter of change, from findings made by hand."""

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chapter_cases import NO, counted, indicator, result
from shapely import box

from lea_geo._checks.chapters import check_chapters
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo.chapter_specs.change import ChangeSpec, read_change
from lea_geo.chapters.change import build
from lea_geo.chapters.ground import Ground
from lea_geo.errors import SpecError
from lea_geo.inputs_spec import AreasSpec, TableSpec
from lea_geo.schema import LANGUAGES, Findings
from lea_geo.spec import StudySpec

N = 40
IDS = pd.Index([f"{65000 + 10 * i}" for i in range(N)], name="area_id")
RISEN, JUMPED, HIDDEN = "65000", "65010", "65020"


def _square(x, y, width):
    return box(230_000 + x, 7_000_000 + y, 230_000 + x + width, 7_001_000 + y)


def _areas():
    squares = [_square(1000 * (i % 8), 1000 * (i // 8), 1000) for i in range(N)]
    names = {f"name_{language}": [f"Kylä {i}" for i in range(N)] for language in LANGUAGES}
    return gpd.GeoDataFrame({**names, "municipality": "905"}, geometry=squares, crs="EPSG:3067", index=IDS)


def _findings(year, results, others=()):
    made = {
        "work": indicator("work"),
        "income": indicator("income", unit="euro", direction="protects", numerator=(), denominator=()),
    }
    return Findings(
        title=NO,
        areas=_areas(),
        indicators=tuple(made[code] for code in results),
        results=results,
        summary=pd.DataFrame(),
        level="postal",
        year=year,
        others=others,
        synthetic=True,
    )


@pytest.fixture(scope="module")
def ground():
    rng = np.random.default_rng(1)
    people, rate = rng.integers(600, 3000, N), rng.beta(12, 88, N)
    income = rng.normal(28_000, 3000, N)
    later = rate.copy()
    later[0] += 0.15
    grown = people.copy()
    grown[1] = 3 * people[1]
    years = {
        "2021": counted(IDS, rng.binomial(people, rate), people),
        "2023": counted(IDS, rng.binomial(people, rate), people),
        "2025": counted(IDS, rng.binomial(grown, later), grown, hidden=[HIDDEN]),
    }
    found = {
        year: _findings(
            year, {"work": table, "income": result(IDS, value=income + 500 * k, status="observed")}
        )
        for k, (year, table) in enumerate(years.items())
    }
    study = replace(found["2025"], others=(found["2023"], found["2021"]))
    spec = StudySpec(name=NO, areas=AreasSpec("areas.gpkg", "id"), tables=(TableSpec("t.csv", "id"),))
    return Ground.of(study, spec)


@pytest.fixture(scope="module")
def chapter(ground):
    return build(ground, ChangeSpec(runs=99, relevant={"work": 3.0}, order="income"))


def test_the_chapter_is_well_formed(chapter):
    check_chapters([chapter], IDS, "The chapter of change:")


def test_the_area_that_rose_is_found_and_said_in_three_languages(chapter):
    table = chapter.table("change_work").frame
    assert table["class"].value_counts().get("risen", 0) == 1
    assert table.loc[RISEN, ["class", "size"]].tolist() == ["risen", "more"]
    said = [one for one in chapter.statements if one.table == "change_work"]
    assert len(said) == 1
    assert said[0].certainty == "firm"
    assert said[0].text.fi.startswith("Alueella Kylä 0 arvo nousi: ")
    assert said[0].text.sv.startswith("I området Kylä 0 steg värdet: ")


def test_a_jump_in_the_number_of_people_is_no_change_and_is_named(chapter):
    row = chapter.table("change_work").frame.loc[JUMPED]
    assert [row["class"], row["why"]] == ["redrawn", "jump"]
    assert np.isnan(row["q_value"])
    assert chapter.table("change_breaks").frame["area"].tolist() == [JUMPED]
    assert any("Kylä 1" in one.text.en for one in chapter.statements if one.table == "change_breaks")


def test_a_hidden_area_has_no_change_and_says_why(chapter):
    row = chapter.table("change_work").frame.loc[HIDDEN]
    assert [row["class"], row["why"]] == ["", "no_value"]
    assert np.isnan(row["difference"])


def test_values_without_noise_have_a_difference_and_no_class(chapter):
    table = chapter.table("change_income").frame
    assert set(table["class"]) == {""}
    assert set(table["why"]) == {"no_noise"}
    np.testing.assert_allclose(table["difference"], 1000.0)


def test_scores_of_both_years_are_on_the_scale_of_the_first(chapter):
    table = chapter.table("change_work").frame
    # The hidden area had a value then, and is among those that the scale was learnt on.
    assert (table["score_then"].min(), table["score_then"].max()) == pytest.approx((0, 100))
    both = table.dropna(subset=["then", "now"])
    slope, level = np.polyfit(both["then"], both["score_then"], 1)
    np.testing.assert_allclose(both["score_now"], level + slope * both["now"])


def test_gaps_stand_absolute_and_relative_in_every_year(chapter):
    table = chapter.table("change_gaps").frame
    work = table[table["indicator"] == "work"]
    assert set(work["year"]) == {2021.0, 2023.0, 2025.0}
    assert set(work["form"]) == {"absolute", "relative"}
    assert "slope_index" in set(work["measure"])
    assert (work["lower"] <= work["value"]).all()
    assert (work["value"] <= work["upper"]).all()
    assert {chart.only["measure"] for chart in chapter.charts} == {("difference",), ("ratio",)}


def test_numbers_of_statements_about_areas_stand_in_the_table(chapter):
    table = chapter.table("change_work").frame
    said = next(one for one in chapter.statements if one.table == "change_work")
    shown = {f"{value:.1f}" for value in table.select_dtypes("number").abs().to_numpy().ravel()}
    numbers = re.findall(r"\d+\.\d", f"{said.text.en} {said.because.en}")
    assert numbers
    assert set(numbers) <= shown


def test_of_one_year_nothing_is_said(ground):
    one = Ground.of(replace(ground.findings, others=()), ground.spec)
    chapter = build(one, ChangeSpec())
    check_chapters([chapter], IDS, "The chapter of change:")
    assert chapter.tables == ()
    assert chapter.statements == ()
    assert "one year only" in chapter.limits[0].en


def test_areas_whose_borders_moved_are_left_out_by_the_file_of_earlier_borders(ground, tmp_path):
    earlier = _areas()
    moved = [_square(0, 0, 1500), _square(1500, 0, 500)]
    earlier.loc[[RISEN, JUMPED], "geometry"] = gpd.GeoSeries(moved, index=[RISEN, JUMPED], crs=3067)
    earlier.reset_index().to_file(tmp_path / "earlier.gpkg")
    spec = replace(ground.spec, data=Path(tmp_path))
    said = ChangeSpec(indicators=("work",), boundaries="earlier.gpkg", boundaries_id="area_id", runs=99)
    chapter = build(Ground.of(ground.findings, spec), said)
    table = chapter.table("change_work").frame
    assert table.loc[[RISEN, JUMPED], "why"].tolist() == ["borders", "borders"]
    assert "2 of 40 areas have other borders than in earlier.gpkg." in chapter.notes


def test_an_indicator_that_the_earlier_year_lacks_is_named_and_not_compared(ground):
    first = ground.findings.others[1]
    bare = replace(first, results={"work": first.results["work"]}, indicators=first.indicators[:1])
    found = replace(ground.findings, others=(ground.findings.others[0], bare))
    chapter = build(Ground.of(found, ground.spec), ChangeSpec(runs=99))
    assert "Not given in both 2021 and 2025, and not compared: income." in chapter.notes
    assert "change_income" not in [table.name for table in chapter.tables]


def test_a_year_that_the_study_lacks_is_refused(ground):
    with pytest.raises(SpecError, match=r"\[change\] since is '2019'.*2021, 2023"):
        build(ground, ChangeSpec(since="2019"))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"relevant": {"wrok": 2.0}}, r"\[change.relevant\] names indicators.*wrok"),
        ({"order": "wages"}, r"\[change\] order names indicators.*wages"),
        ({"redrawn": ("00100",)}, r"\[change\] redrawn names areas that the study does not have.*00100"),
    ],
)
def test_what_the_study_does_not_have_is_named(ground, said, message):
    with pytest.raises(SpecError, match=message):
        build(ground, ChangeSpec(**said))


def test_what_the_study_file_says_is_read():
    faults = Faults()
    said = {"since": "2021", "relevant": {"work": 2}, "correction": "by", "redrawn": ["65010"]}
    spec = read_change(Keys(said, "[change]", faults, Path()))
    assert not faults.found
    assert (spec.since, spec.relevant, spec.correction, spec.redrawn) == (
        "2021",
        {"work": 2.0},
        "by",
        ("65010",),
    )


def test_boundaries_without_the_column_of_ids_are_refused():
    faults = Faults()
    read_change(Keys({"boundaries_id": "id", "powr": 0.9}, "[change]", faults, Path()))
    told = " ".join(map(str, faults.found))
    assert "boundaries and boundaries_id belong together" in told
    assert "unknown key 'powr'" in told
