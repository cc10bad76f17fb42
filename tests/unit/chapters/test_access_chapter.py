"""The chapter of access, on a made-up row of areas with services at one end."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from lea_geo._checks.chapters import chapter_faults
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo.chapter_specs.access import AccessSpec, PlacesSpec, SitesSpec, TravelSpec, read_access
from lea_geo.chapters.access import build
from lea_geo.chapters.ground import Ground
from lea_geo.errors import SpecError, TableError
from lea_geo.inputs_spec import AreasSpec
from lea_geo.schema import RESULT_COLUMNS, RESULT_WORDS, EthicalNote, Findings, Indicator, Text
from lea_geo.spec import StudySpec

IDS = [f"0010{i}" for i in range(8)]
NEED = [5.0, 5, 5, 5, 60, 5, 5, 70]
WORDS = Text("a", "b", "c")
SERVICES = PlacesSpec("services.csv", capacity="places", name={"fi": "fi", "sv": "sv", "en": "en"})


def indicator(**changes):
    plain = Indicator(
        code="poor", name=Text("Pienituloiset", "Låginkomst", "Low income"), explanation=WORDS,
        unit="percent", kind="intensive", direction="weakens", domain="health", perspective="individual",
        phenomenon="livelihood", ethics=EthicalNote(WORDS, WORDS),
        numerator=("a",), denominator=("b",), scale=100.0,
    )  # fmt: skip
    return replace(plain, **changes)


@pytest.fixture
def ground(tmp_path):
    """Eight areas of 2 km in a row, 100 families each; need is at areas 4 and 7, the one service in area
    0."""
    shapes = [box(2000 * i, 0, 2000 * i + 2000, 2000) for i in range(8)]
    columns = {
        "name_fi": [f"Alue {i}" for i in range(8)],
        "name_sv": "",
        "name_en": "",
        "municipality": "001",
    }
    areas = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:3067", index=pd.Index(IDS, name="area_id"))
    words = [name for name in RESULT_COLUMNS if name.endswith(RESULT_WORDS)]
    results = pd.DataFrame(np.nan, index=areas.index, columns=list(RESULT_COLUMNS))
    results = results.astype(dict.fromkeys(words, "object"))
    results[words] = ""
    results["numerator"], results["denominator"], results["value"] = NEED, 100.0, NEED
    results["status"] = "observed"
    findings = Findings(
        title=WORDS, areas=areas, indicators=(indicator(),), results={"poor": results}, summary=pd.DataFrame()
    )
    rows = {
        "id": ["S1"],
        "x": [1000],
        "y": [1000],
        "places": [40],
        "fi": ["Keskus"],
        "sv": ["Centret"],
        "en": ["Centre"],
    }
    pd.DataFrame(rows).to_csv(tmp_path / "services.csv", index=False)
    spec = StudySpec(name=WORDS, areas=AreasSpec("a", "b"), tables=(), data=tmp_path)
    return Ground.of(findings, spec)


def said(chapter, start):
    return next(one for one in chapter.statements if one.text.en.startswith(start))


def test_the_chapter_is_well_formed_and_says_where_the_sites_go(ground):
    """From area 0 the ways are 0 to 14 km; with sites at 4 and 7, need within 3 km is all but area 2: 155 of
    160."""
    chapter = build(ground, AccessSpec(services=SERVICES, choose=2, draws=100))
    assert chapter_faults([chapter], ground.areas) == []
    json.dumps(chapter.settings)
    choice = said(chapter, "New sites at Alue 4 and Alue 7")
    assert "would bring 97%" in choice.text.en
    assert "today it is 6%" in choice.text.en  # areas 0 and 1: 10 of 160
    assert choice.text.fi.startswith("Uudet toimipisteet, Alue 4 ja Alue 7, toisivat 97\N{NO-BREAK SPACE}%")
    assert choice.certainty == "firm"
    areas = chapter.table("access_areas").frame
    assert areas["cost"].tolist() == pytest.approx([0, 2, 4, 6, 8, 10, 12, 14])
    assert areas["after"].tolist() == pytest.approx([0, 2, 4, 2, 0, 2, 2, 0])
    assert areas["outcome"].tolist() == ["same"] * 3 + ["gains"] * 5
    assert areas["reach"].tolist() == ["within"] * 2 + ["beyond"] * 6
    assert areas["score"].tolist() == pytest.approx([40 / 10] * 2 + [0] * 6)  # 40 places for the 10 near it


def test_every_number_of_a_sentence_stands_in_its_table(ground):
    chapter = build(ground, AccessSpec(services=SERVICES, choose=2, draws=100))
    scenarios = chapter.table("access_scenarios").frame.set_index("scenario")
    text = said(chapter, "The mean way").text.en
    for value in (scenarios.loc["proposed", "shorter"], scenarios.loc["today", "mean_cost"]):
        assert f"{value:.1f}\N{NO-BREAK SPACE}km" in text
    assert "scenario" in chapter.table("access_scenarios").frame


def test_sites_are_points_with_how_often_they_belong(ground):
    sites = build(ground, AccessSpec(services=SERVICES, draws=100)).table("access_sites")
    assert sites.place == "points"
    frame = sites.frame.set_index("id")
    assert frame.loc["00104", ["x", "y"]].tolist() == [9000, 1000]
    assert frame["state"].to_dict()["S1"] == "existing"
    assert frame.loc[["00104", "00107"], "state"].tolist() == ["new", "new"]
    assert sites.column("name").words["S1"].sv == "Centret"


def test_sets_that_do_as_well_are_told_as_ties(ground):
    """Sites 30 % worse do as well if the study says so; the sentence says how much worse they are."""
    chapter = build(ground, AccessSpec(services=SERVICES, choose=1, tie=0.3, draws=100))
    options = chapter.table("access_options").frame
    tied = options[options["tied"] == "yes"]
    assert len(tied) > 1
    worst = tied["loss"].iloc[1:4].max()
    assert f"at most {100 * worst:.1f}% worse" in said(chapter, "Alue").text.en
    none = build(ground, AccessSpec(services=SERVICES, choose=2, tie=0, draws=100))
    assert said(none, "No other choice does as well").certainty == "firm"


def test_without_services_there_is_only_a_proposal(ground):
    chapter = build(ground, AccessSpec(choose=1, draws=100))
    assert chapter_faults([chapter], ground.areas) == []
    assert list(chapter.table("access_areas").frame) == ["need", "site", "after"]
    assert "today" not in chapter.table("access_scenarios").frame["scenario"].tolist()
    assert "today" not in said(chapter, "A new site at").text.en


def test_without_a_choice_there_is_only_access(ground):
    chapter = build(ground, AccessSpec(services=SERVICES, choose=0, draws=100))
    assert chapter_faults([chapter], ground.areas) == []
    assert [one.name for one in chapter.tables] == ["access_areas", "access_sites", "access_scenarios"]
    assert said(chapter, "Today those in need have a longer way").certainty == "firm"


def test_other_sets_of_sites_are_compared(ground):
    own = SitesSpec(Text("Oma", "Egen", "Own"), ("S1", "00103"))
    chapter = build(ground, AccessSpec(services=SERVICES, choose=1, scenarios=(own,), draws=100))
    table = chapter.table("access_scenarios")
    assert chapter_faults([chapter], ground.areas) == []
    assert table.column("scenario").words["scenario_1"].en == "Own"
    assert "scenario_1" in table.frame["scenario"].tolist()


def test_services_that_need_not_stay_can_be_left_out(ground):
    chapter = build(ground, AccessSpec(services=SERVICES, keep=False, choose=2, draws=100))
    frame = chapter.table("access_sites").frame.set_index("id")
    assert frame.loc["S1", "state"] == "closed"
    assert chapter_faults([chapter], ground.areas) == []


def test_given_travel_times_are_taken_as_they_are(ground, tmp_path):
    rows = [(area, place, 5 if area == place else 20) for area in IDS for place in [*IDS, "S1"]]
    pd.DataFrame(rows, columns=["from_id", "to_id", "minutes"]).to_csv(tmp_path / "times.csv", index=False)
    travel = TravelSpec(kind="matrix", path="times.csv")
    chapter = build(ground, AccessSpec(services=SERVICES, travel=travel, choose=1, radius=10, draws=100))
    assert chapter_faults([chapter], ground.areas) == []
    assert said(chapter, "A new site at Alue 7 would bring 44%")  # 70 of 160
    assert chapter.table("access_areas").column("cost").unit == "minutes"
    short = pd.read_csv(tmp_path / "times.csv", dtype=str).query("from_id != '00103' and to_id != 'S1'")
    short.to_csv(tmp_path / "times.csv", index=False)
    with pytest.raises(
        TableError, match=r"areas that times.csv has no journeys of: 1 of 8 .00103.(.|\n)*places that"
    ):
        build(ground, AccessSpec(services=SERVICES, travel=travel, choose=1))


def test_candidates_and_services_come_from_files_of_points_too(ground, tmp_path):
    spots = gpd.GeoDataFrame(
        {"id": ["P", "Q"]}, geometry=[Point(9000, 500), Point(500, 500)], crs="EPSG:3067"
    )
    spots.to_file(tmp_path / "plots.gpkg", index=False)
    chapter = build(ground, AccessSpec(candidates=PlacesSpec("plots.gpkg"), choose=1, draws=100))
    assert said(chapter, "A new site at P would bring")
    assert all("plots" not in limit.en for limit in chapter.limits)


def test_hidden_need_is_never_nought(ground):
    results = ground.findings.results["poor"].copy()
    results.loc["00104", ["value", "numerator", "lower", "upper"]] = [np.nan, np.nan, 0, 80]
    results.loc["00104", "status"] = "suppressed"
    hidden = Ground.of(replace(ground.findings, results={"poor": results}), ground.spec)
    chapter = build(hidden, AccessSpec(services=SERVICES, choose=2, draws=100))
    assert chapter.table("access_areas").frame.loc["00104", "need"] > 0
    assert any("The need of 1 of 8 areas is hidden" in note for note in chapter.notes)


def test_a_file_that_cannot_be_used_says_why(ground, tmp_path):
    frame = pd.read_csv(tmp_path / "services.csv")
    frame.assign(x="there", places=-1).to_csv(tmp_path / "services.csv", index=False)
    with pytest.raises(
        TableError, match=r"places without coordinates: 1 of 1 .S1.(.|\n)*capacities that are no numbers"
    ):
        build(ground, AccessSpec(services=SERVICES))
    frame.assign(id="00101").to_csv(tmp_path / "services.csv", index=False)
    with pytest.raises(TableError, match=r"ids of places that stand twice: 1 of 9 .00101."):
        build(ground, AccessSpec(services=SERVICES))
    with pytest.raises(TableError, match=r"columns that services.csv does not have: 1 .kind."):
        build(ground, AccessSpec(services=replace(SERVICES, only={"kind": ("a",)})))
    with pytest.raises(
        SpecError, match=r"\[access\] need names indicators that the study does not have: 1 .rich."
    ):
        build(ground, AccessSpec(need="rich"))


def test_a_study_without_counted_need_is_refused(ground):
    bare = replace(ground.findings, indicators=(indicator(direction="protects"),))
    with pytest.raises(SpecError, match="no indicator of the study weakens and counts people"):
        build(Ground.of(bare, ground.spec), AccessSpec(choose=1))


def read(text_table, tmp_path):
    faults = Faults()
    return read_access(Keys(text_table, "[access]", faults, tmp_path, "access.")), [
        str(one) for one in faults.found
    ]


def test_a_section_is_read_and_its_faults_are_all_named(tmp_path):
    (tmp_path / "services.csv").write_text("id\n", encoding="utf-8")
    spec, faults = read(
        {"choose": 3, "radius": 2500, "services": {"path": "services.csv", "only": {"kind": ["a"]}}}, tmp_path
    )
    assert faults == []
    assert (spec.choose, spec.radius, spec.services.only) == (3, 2500.0, {"kind": ("a",)})
    assert spec.files == (("access services", "services.csv"),)
    _, faults = read(
        {"choose": 0, "travel": {"kind": "matrix"}, "capacity": 9, "objective": "p_centre"}, tmp_path
    )
    assert len(faults) == 3
    assert any("chooses no sites" in fault for fault in faults)
    assert any('kind = "matrix" does not fit its path' in fault for fault in faults)
    assert any("knows no capacity" in fault for fault in faults)
