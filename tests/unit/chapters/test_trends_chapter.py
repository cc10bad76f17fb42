"""The chapter of trends, from findings made by hand: ten years, three years, two years, ArcGIS's rule."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chapter_cases import NO, indicator
from shapely import box

from lea_geo._checks.chapters import check_chapters
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo._speech import Number
from lea_geo.change.emerging_classes import ARCGIS_CLASSES, CLASSES
from lea_geo.chapter_specs.trends import ARCGIS, TrendsSpec, read_trends
from lea_geo.chapters.ground import Ground
from lea_geo.chapters.trends import build
from lea_geo.chapters.trends_tables import class_keys, colours_of, words
from lea_geo.errors import SpecError
from lea_geo.inputs_spec import AreasSpec, TableSpec
from lea_geo.schema import LANGUAGES, RESULT_COLUMNS, RESULT_WORDS, Findings, Text
from lea_geo.spec import StudySpec

SIDE = 9
N = SIDE * SIDE
IDS = pd.Index([f"{65000 + i}" for i in range(N)], name="area_id")
ROW, COLUMN = np.divmod(np.arange(N), SIDE)
SPOT = (ROW >= 3) & (ROW <= 6) & (COLUMN >= 3) & (COLUMN <= 6)
CORE = (ROW >= 4) & (ROW <= 5) & (COLUMN >= 4) & (COLUMN <= 5)
HIDDEN = "65080"


def _areas():
    squares = [
        box(1000 * c, 1000 * r, 1000 * c + 1000, 1000 * r + 1000) for r, c in zip(ROW, COLUMN, strict=True)
    ]
    shapes = gpd.GeoSeries(squares).translate(230_000, 7_000_000).to_numpy()
    names = {f"name_{language}": [f"Kylä {i}" for i in range(N)] for language in LANGUAGES}
    return gpd.GeoDataFrame({**names, "municipality": "905"}, geometry=shapes, crs="EPSG:3067", index=IDS)


def _findings(year, table, others=()):
    work = indicator("work", name=Text("Työ", "Arbete", "Work"))
    return Findings(
        title=NO,
        areas=_areas(),
        indicators=(work,),
        results={"work": table},
        summary=pd.DataFrame(),
        level="postal",
        year=year,
        others=others,
        synthetic=True,
    )


def _table(rng, rate, *, hidden=()):
    people = np.full(N, 2000.0)
    events = rng.binomial(2000, rate).astype(float)
    known = ~IDS.isin(hidden)
    events, people = np.where(known, events, np.nan), np.where(known, people, np.nan)
    frame = pd.DataFrame(index=IDS, columns=list(RESULT_COLUMNS), dtype=float)
    for column in RESULT_COLUMNS:
        if column.endswith(RESULT_WORDS):
            frame[column] = ""
    status = np.where(known, "observed", "suppressed")
    return frame.assign(value=100 * events / people, numerator=events, denominator=people, status=status)


def _ground(years, spot, *, level=0.0, hidden=()):
    """Return the ground of a study in which a square of areas has a higher share, year by year."""
    rng = np.random.default_rng(7)
    base = np.clip(0.15 + rng.normal(0, 0.012, N), 0.05, 0.4)
    found = []
    for k in range(years):
        rate = np.clip(base + rng.normal(0, 0.008, N) + level * k + spot(k) * SPOT, 0.01, 0.9)
        found.append(_findings(str(2010 + k), _table(rng, rate, hidden=hidden)))
    study = replace(found[-1], others=tuple(found[:-1]))
    spec = StudySpec(
        name=NO,
        areas=AreasSpec("areas.gpkg", "area_id"),
        tables=(TableSpec("t.csv", "area_id"),),
        data=Path(),
    )
    return Ground.of(study, spec)


@pytest.fixture(scope="module")
def emerging():
    return _ground(10, lambda k: 0.08 * np.clip((k - 3) / 4, 0, 1), level=0.004, hidden=[HIDDEN])


@pytest.fixture(scope="module")
def chapter(emerging):
    return build(emerging, TrendsSpec(permutations=49))


def test_a_planted_spot_is_new_and_the_rest_is_not(chapter):
    table = chapter.table("trends_work").frame
    assert (table.loc[CORE, "class"] == "new_hot").all()
    # Whether its rise is told among so many areas decides between the two.
    assert set(table.loc[CORE, "certainty"]) <= {"firm", "likely"}
    assert (table.loc[(ROW < 2) | (COLUMN < 2), "class"] == "none").mean() > 0.9


def test_the_chapter_is_well_formed(chapter, emerging):
    check_chapters([chapter], emerging.areas, "")
    assert [table.name for table in chapter.tables] == [
        "trends_summary",
        "trends_classes",
        "trends_years",
        "trends_work",
        "trends_thresholds",
        "trends_moves",
        "trends_mobility",
    ]


def test_a_level_that_rises_everywhere_is_said_of_all_areas_together(chapter):
    said = next(one for one in chapter.statements if "all areas together" in one.text.en)
    assert said.certainty == "firm"
    slope = chapter.table("trends_summary").frame["region_slope"].iloc[0]
    assert slope == pytest.approx(0.4, abs=0.15)  # 0.004 a year, in per cent
    assert Number(slope, 2, "percentage_points").in_language("en") in said.text.en


def test_the_new_spot_is_a_statement_with_its_numbers_from_the_table(chapter):
    said = next(one for one in chapter.statements if "New gathering of high values" in one.text.en)
    table = chapter.table(said.table).frame
    row = table[(table["indicator"] == "work") & (table["class"] == "new_hot")].iloc[0]
    assert f"areas {int(row['areas'])}" in said.text.en
    assert f"Firm for {int(row['firm'])}, likely for {int(row['likely'])}" in said.because.en
    assert "2010–2019" in said.text.fi


def test_hidden_values_stay_hidden_and_are_said(chapter):
    row = chapter.table("trends_work").frame.loc[HIDDEN]
    assert row["class"] == ""
    assert np.isnan(row["slope"])
    assert any("missing and left out" in note for note in chapter.notes)


def test_hot_areas_are_counted_by_year(chapter):
    years, areas = chapter.table("trends_years").frame, chapter.table("trends_work").frame
    assert years["year"].tolist() == [float(year) for year in range(2010, 2020)]
    assert years["hot"].sum() == areas["years_hot"].sum()
    assert years["cold"].sum() == areas["years_cold"].sum()
    assert years["hot"].iloc[-1] >= CORE.sum()
    assert (years["tested"] == N - 1).all()


def test_every_threshold_is_in_the_settings_and_moved_in_a_table(chapter):
    spec = TrendsSpec()
    assert {"fdr", "trend_fdr", "ends", "family", "correction", "window"} <= set(chapter.settings)
    moved = chapter.table("trends_thresholds").frame
    assert set(moved["setting"]) == {"fdr", "trend_fdr", "family", "trend_correction", "ends"}
    used = moved[(moved["setting"] == "fdr") & (moved["used"] == "yes")]
    assert used["value"].tolist() == [str(spec.fdr)]
    counts = [f"n_{key}" for key in class_keys("tested")]
    assert (moved[counts].sum(axis=1) == N - 1).all()


def test_moves_are_held_against_what_noise_alone_would_bring(chapter):
    row = chapter.table("trends_mobility").frame.iloc[0]
    assert 0 < row["moved_by_noise"] < row["moved"] < 1
    assert 0 < row["p_neighbors"] <= 1
    said = next(one for one in chapter.statements if one.table == "trends_mobility")
    assert Number(row["moved"], 0, "share").in_language("en") in said.text.en
    assert Number(row["moved_by_noise"], 0, "share").in_language("en") in said.text.en


def test_three_years_tell_hot_spots_but_no_trend_and_the_chapter_says_so():
    ground = _ground(3, lambda _: 0.08)
    chapter = build(ground, TrendsSpec(permutations=0))
    check_chapters([chapter], ground.areas, "")
    table = chapter.table("trends_work").frame
    assert (table.loc[CORE, "class"] == "lasting_hot").all()
    assert set(table["trend"]) == {"not_told"}
    assert table["slope_lower"].isna().all()
    assert "the smallest p-value possible is 0.33" in chapter.limits[0].en
    assert "pienin mahdollinen p-arvo on 0,33" in chapter.limits[0].fi
    assert any("3 years cannot tell the trend of a single area" in one.text.en for one in chapter.statements)


def test_two_years_make_no_chapter_of_trends():
    chapter = build(_ground(2, lambda _: 0.0), TrendsSpec())
    assert chapter.tables == ()
    assert "takes at least 3 years" in chapter.limits[0].en
    assert "Fewer than 3 years with values" in chapter.notes[0]


def test_noise_has_no_spot_and_is_said_to_be_chance():
    ground = _ground(4, lambda _: 0.0)
    chapter = build(ground, TrendsSpec(permutations=0, classes=10))
    said = chapter.statements[0]
    assert "cannot be told from chance" in said.text.en
    assert said.certainty == "unsure"
    assert [table.name for table in chapter.tables] == [
        "trends_summary",
        "trends_classes",
        "trends_years",
        "trends_work",
        "trends_thresholds",
    ]
    assert any("moves from year to year are too few for 10 classes: 500" in note for note in chapter.notes)


def test_arcgis_rule_has_its_own_words_and_is_unsure(emerging):
    chapter = build(emerging, replace(ARCGIS, permutations=0))
    check_chapters([chapter], emerging.areas, "")
    table = chapter.table("trends_work").frame
    assert set(table.loc[CORE, "class"]) <= {"consecutive_hot", "sporadic_hot", "intensifying_hot"}
    spots = [one for one in chapter.statements if one.table == "trends_classes"]
    assert spots
    assert {one.certainty for one in spots} == {"unsure"}


def test_the_same_findings_give_the_same_chapter(emerging, chapter):
    again = build(emerging, TrendsSpec(permutations=49))
    for one, other in zip(chapter.tables, again.tables, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)
    assert chapter.statements == again.statements


def test_every_class_has_words_and_a_colour():
    for rule, classes in (("tested", CLASSES), ("arcgis", ARCGIS_CLASSES)):
        keys = class_keys(rule)
        assert len(keys) == len([word for word in classes if word])
        assert set(colours_of(rule)) == set(keys)
        group = "class" if rule == "tested" else "pattern"
        assert all(f"{group}.{key}" in words() for key in keys)


def test_an_indicator_that_is_not_there_is_refused(emerging):
    with pytest.raises(SpecError, match=r"\[trends\] indicators"):
        build(emerging, TrendsSpec(indicators=("nothing",)))


def test_what_a_study_file_says_is_read_and_what_is_wrong_is_said():
    faults = Faults()
    spec = read_trends(Keys({"rule": "arcgis", "share": 0.8}, "[trends]", faults, Path()))
    assert not faults.found
    assert spec == replace(ARCGIS, share=0.8)
    assert read_trends(Keys({"fdr": 0.1}, "[trends]", faults, Path())).trend_fdr == 0.1
    read_trends(Keys({"rule": "esri", "window": 1, "colour": 1}, "[trends]", faults, Path()))
    told = "\n".join(map(str, faults.found))
    assert "rule" in told
    assert "compares several years with one: window is 1" in told
    assert "unknown key 'colour'" in told
