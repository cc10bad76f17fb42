"""The chapter on kinds of areas: what it says of planted kinds, and what it refuses to say."""

import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from small_findings import indicator, small_findings

from lea_geo._checks import Faults
from lea_geo._checks.chapters import chapter_faults
from lea_geo._checks.spec import Keys
from lea_geo.chapter_specs.types import NameSpec, PartSpec, RegionsSpec, TypesSpec, read_types
from lea_geo.chapters.ground import Ground
from lea_geo.chapters.types import build
from lea_geo.errors import SpecError
from lea_geo.inputs_spec import AreasSpec, TableSpec
from lea_geo.schema import LANGUAGES, RESULT_COLUMNS, Text
from lea_geo.spec import StudySpec

SIDE = 6
IDS = [f"{i:05d}" for i in range(SIDE * SIDE)]
TRUTH = np.arange(SIDE * SIDE) % SIDE < 3
PEOPLE = np.random.default_rng(1).integers(400, 900, size=SIDE * SIDE)
CODES = [
    indicator("children_under_3", "Under 3", direction="protects"),
    indicator("children_under_18", "Under 18", direction="protects"),
    indicator("low_income", "Low income", direction="weakens"),
]
PARTS = (PartSpec("children_under_3"), PartSpec("children_under_18 - children_under_3"))
QUICK = {"runs": 15, "worlds": 39, "k_most": 4}


def cells(shares: np.ndarray, seed: int) -> pd.DataFrame:
    """Return results of a rate; one area is withheld."""
    frame = pd.DataFrame(
        np.nan, index=pd.Index(IDS, name="area_id", dtype="str"), columns=list(RESULT_COLUMNS)
    )
    words = [name for name in RESULT_COLUMNS if name.endswith(("status", "label", "doubt", "grade"))]
    frame[words] = frame[words].astype(object)
    frame["numerator"] = np.random.default_rng(seed).binomial(PEOPLE, shares).astype(float)
    frame["denominator"] = PEOPLE.astype(float)
    frame["value"] = 100 * frame["numerator"] / frame["denominator"]
    frame["status"] = "observed"
    frame.loc[IDS[7], ["value", "numerator"]] = np.nan
    frame.loc[IDS[7], "status"] = "suppressed"
    return frame


def results(truth: np.ndarray, seed: int) -> dict[str, pd.DataFrame]:
    young = cells(np.where(truth, 0.03, 0.09), seed)
    grown = cells(np.where(truth, 0.12, 0.2), seed + 1)
    for name in ("numerator", "value"):
        grown[name] += young[name]  # those under 3 are under 18
    return {
        "children_under_3": young,
        "children_under_18": grown,
        "low_income": cells(np.where(truth, 0.35, 0.1), seed + 2),
    }


@pytest.fixture(scope="module")
def here() -> Ground:
    shapes = [box(x, y, x + 1000, y + 1000) for y in range(0, 6000, 1000) for x in range(0, 6000, 1000)]
    names = {f"name_{language}": [f"Place {i}" for i in range(36)] for language in LANGUAGES}
    areas = gpd.GeoDataFrame(
        {**names, "municipality": "092"},
        geometry=shapes,
        crs=3067,
        index=pd.Index(IDS, name="area_id", dtype="str"),
    )
    base = replace(small_findings(), indicators=tuple(CODES), others=(), level="postal", areas=areas)
    changed = TRUTH.copy()
    changed[0] = False  # area 0 was of the other kind in the first year
    first = replace(base, results=results(changed, 50), year="2020")
    last = replace(base, results=results(TRUTH, 10), year="2024", others=(first,))
    no = Text("-", "-", "-")
    return Ground.of(
        last, StudySpec(name=no, areas=AreasSpec("areas.gpkg", "id"), tables=(TableSpec("t.csv", "id"),))
    )


@pytest.fixture(scope="module")
def chapter(here):
    spec = TypesSpec(parts=PARTS, ledgers=True, regions=RegionsSpec(k=2, floor=2000), **QUICK)
    return build(here, spec)


def test_the_chapter_is_one_that_files_can_hold(here, chapter):
    assert chapter_faults([chapter], here.areas) == []
    assert json.loads(json.dumps(chapter.settings))["ledgers"] is True


def test_planted_kinds_are_told_and_a_withheld_area_has_none(chapter):
    areas = chapter.table("types_areas").frame
    known = areas["type"] != ""
    assert list(areas.index[~known]) == [IDS[7]]
    assert (areas["type"][known] == areas["type"].iloc[0]).eq(TRUTH[known.to_numpy()]).all()
    assert "The areas are of 2 types" in chapter.statements[0].text.en


def test_every_number_of_a_sentence_about_a_type_stands_in_its_table(chapter):
    told = [one for one in chapter.statements if one.table == "types_shares"]
    assert len(told) == 2
    frame = chapter.table("types_shares").frame
    for one in told:
        letter = re.search(r"Type (\w)", one.text.en).group(1)
        rows = frame[frame["type"] == letter]
        held = {f"{100 * value:.{d}f}" for value in [*rows["value"], *rows["elsewhere"]] for d in (0, 1)}
        numbers = re.findall(r"(\d+(?:\.\d+)?)%", one.text.en)
        assert numbers
        assert set(numbers) <= held


def test_sentences_say_what_there_is_more_of_in_the_indicators_own_words(chapter):
    young = chapter.table("types_areas").frame["type"].iloc[SIDE - 1]
    said = next(one.text for one in chapter.statements if f"Type {young}:" in one.text.en)
    assert re.search(r"more than elsewhere of .*“Under 3 \(en\)”.* less of .*“Everyone else”", said.en)
    assert re.search(r"enemmän kuin muualla .*”Under 3 \(fi\)”.* vähemmän ”Muut”", said.fi)
    assert re.search(r"mer än på andra håll .*”Under 3 \(sv\)”.* mindre ”Övriga”", said.sv)


def test_an_area_that_changed_type_is_named_and_the_others_are_not(chapter):
    areas = chapter.table("types_areas").frame
    assert list(areas.index[areas["move"] == "moved"]) == [IDS[0]]
    said = [one.text.en for one in chapter.statements if "Since 2020" in one.text.en]
    assert "Since 2020, one area has surely changed type: Place 0." in said


def test_ledgers_are_crossed_and_not_netted(chapter):
    areas = chapter.table("types_ledgers").frame
    assert areas["place"].iloc[0] == "L2R1"
    assert areas["place"].iloc[SIDE - 1] == "L1R2"
    grid = chapter.table("types_ledgers_grid").frame
    assert grid["areas"].sum() == 35
    assert any("most load and least resources" in one.text.en for one in chapter.statements)


def test_regions_have_the_floor_that_the_study_asks_for(chapter):
    listed = chapter.table("types_regions_list").frame
    assert len(listed) == 2
    assert (listed["people"] >= 2000).all()
    assert (listed["enough"] == "yes").all()


def test_names_of_types_are_neutral_unless_the_study_gives_one(here):
    given = (NameSpec("A", Text("Uusia koteja", "Nya hem", "New homes")),)
    told = build(here, TypesSpec(indicators=("low_income",), names=given, **QUICK))
    words = told.table("types_areas").column("type").words
    assert words["A"].en == "A: New homes"
    assert re.fullmatch(r"B: (more|less) – Low income \(en\) \(\d+\.\d%\)", words["B"].en)


def test_one_kind_is_told_as_one_kind(here):
    flat = {
        code: cells(np.full(36, 0.2), seed) for seed, code in enumerate(("children_under_3", "low_income"))
    }
    only = replace(here.findings, results=flat, others=(), indicators=(CODES[0], CODES[2]))
    told = build(Ground.of(only, here.spec), TypesSpec(parts=PARTS[:1], **QUICK))
    assert "cannot be told to be of more than one kind" in told.statements[0].text.en
    assert told.statements[0].certainty == "unsure"
    assert set(told.table("types_areas").frame["type"]) == {"A", ""}


def test_parts_of_different_wholes_are_refused(here):
    other = dict(here.findings.results)
    other["low_income"] = other["low_income"].assign(denominator=lambda frame: frame["denominator"] + 5)
    spoilt = Ground.of(replace(here.findings, results=other), here.spec)
    spec = TypesSpec(parts=(PartSpec("children_under_3"), PartSpec("low_income")), **QUICK)
    with pytest.raises(SpecError, match=r"low_income and children_under_3 are not parts of the same count"):
        build(spoilt, spec)


def read(**table: object) -> tuple[TypesSpec, list[str]]:
    faults = Faults()
    spec = read_types(Keys(table, "[types]", faults, Path()))
    return spec, [str(one) for one in faults.found]


def test_the_study_file_is_read_with_names_floors_and_sums():
    name = {"fi": "Pienet", "sv": "Små", "en": "Small"}
    spec, faults = read(
        parts=["a", {"counts": "b - a", "name": name}],
        ledgers=True,
        regions={"method": "max_p", "floor": 5000},
        names=[{"type": "A", "name": name}],
    )
    assert faults == []
    assert spec.parts[1].terms == ((1, "b"), (-1, "a"))
    assert spec.parts[1].name == Text(**name)
    assert spec.regions == RegionsSpec("max_p", None, 5000.0)
    assert spec.names == (NameSpec("A", Text(**name)),)


@pytest.mark.parametrize(
    "bad", ["Ongelmalähiö", "Maahanmuuttajien alue", "Fattiga kvarter", "Poor area", "Moniongelmaiset"]
)
def test_names_that_label_people_are_refused(bad):
    names = [{"type": "A", "name": {"fi": bad, "sv": "Lugnt", "en": "Calm"}}]
    assert "with words that label people" in read(names=names)[1][0]


@pytest.mark.parametrize(
    "fine",
    ["Uudet pientalot", "Många småbarn", "Arabianranta", "Badstranden", "Alaluokkalaisia", "Wide streets"],
)
def test_plain_names_are_welcome(fine):
    assert read(names=[{"type": "A", "name": {"fi": fine, "sv": fine, "en": fine}}])[1] == []


def test_everything_wrong_is_reported_at_once():
    _, faults = read(
        parts=["a -", "b + b"], method="ward", weighted=True, regions={"method": "max_p", "k": 3}, naems=1
    )
    told = "\n".join(faults)
    for what in (
        "which is no sum of counts",
        "names an indicator twice",
        "weighted is for method kmeans only",
        "max_p takes a floor and no k",
        "unknown key 'naems'",
    ):
        assert what in told
