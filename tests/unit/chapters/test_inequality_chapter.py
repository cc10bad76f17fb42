"""The chapter of inequality, from findings made by hand."""

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
from lea_geo.chapter_specs.inequality import InequalitySpec, read_inequality
from lea_geo.chapters.ground import Ground
from lea_geo.chapters.inequality import build
from lea_geo.errors import SpecError
from lea_geo.inputs_spec import AreasSpec, TableSpec
from lea_geo.schema import LANGUAGES, Findings
from lea_geo.spec import StudySpec

N = 36
IDS = pd.Index([f"{65000 + 10 * i}" for i in range(N)], name="area_id")
HIDDEN = IDS[7]


def _areas():
    squares = [box(x, y, x + 1000, y + 1000) for y in range(0, 6000, 1000) for x in range(0, 6000, 1000)]
    names = {f"name_{language}": [f"Kylä {i}" for i in range(N)] for language in LANGUAGES}
    municipality = ["905"] * 18 + ["399"] * 18
    shapes = gpd.GeoSeries(squares).translate(230_000, 7_000_000).to_numpy()
    return gpd.GeoDataFrame(
        {**names, "municipality": municipality}, geometry=shapes, crs="EPSG:3067", index=IDS
    )


_BARE = {"numerator": (), "denominator": ()}


@pytest.fixture(scope="module")
def ground():
    rng = np.random.default_rng(1)
    people = rng.integers(150, 900, N)
    column = np.arange(N) % 6
    results = {
        # Rises from west to east; every area alike but for chance; no counts; made of the first; people.
        "work": counted(IDS, rng.binomial(people, 0.05 + 0.05 * column), people, hidden=[HIDDEN]),
        "even": counted(IDS, rng.binomial(people, 0.12), people, hidden=[HIDDEN]),
        "income": result(IDS, value=rng.normal(28_000, 2000, N), status="observed"),
        "index": result(IDS, value=100.0 - 10 * column + rng.normal(0, 1, N), status="observed"),
        "residents": result(IDS, value=people.astype(float), status="observed"),
    }
    indicators = (
        indicator("index", level="index", unit="index", members=("work",), **_BARE),
        indicator("work"),
        indicator("even"),
        indicator("income", unit="euro", direction="protects", decimals=0, **_BARE),
        indicator("residents", unit="persons", kind="extensive", direction="protects", **_BARE),
    )
    findings = Findings(NO, _areas(), indicators, results, pd.DataFrame(), level="postal", year="2025")
    spec = StudySpec(name=NO, areas=AreasSpec("areas.gpkg", "id"), tables=(TableSpec("t.csv", "id"),))
    return Ground.of(findings, spec)


@pytest.fixture(scope="module")
def chapter(ground):
    return build(ground, InequalitySpec(runs=199, population="residents"))


def _said(chapter, code, table="inequality_gaps"):
    return [one for one in chapter.statements if one.table == table and one.text.en.startswith(f"{code} en:")]


def test_the_chapter_is_well_formed(chapter):
    check_chapters([chapter], IDS, "The chapter of inequality:")


def test_shares_and_means_are_measured_and_numbers_of_people_are_not(chapter):
    assert list(chapter.table("inequality_gaps").frame["indicator"]) == ["work", "even", "income"]
    assert chapter.settings["rank_by"] == "index"


def test_a_gap_is_told_with_its_interval_and_what_chance_would_give(chapter):
    row = chapter.table("inequality_gaps").frame.iloc[0]
    one = _said(chapter, "work")[0]
    assert one.certainty == "firm"
    english = one.text.en.replace("\N{NO-BREAK SPACE}", " ")
    assert f"is about {row['corrected']:.1f} percentage points" in english
    assert f"(95%: {row['lower']:.1f}–{row['upper']:.1f} percentage points)" in english
    assert f"chance alone would give about {row['noise']:.1f} percentage points" in english
    assert "pelkkä sattuma antaisi noin" in one.text.fi
    assert "prosenttiyksikköä" in one.text.fi
    assert "slumpen ensam skulle ge ungefär" in one.text.sv


def test_a_gap_that_chance_would_give_is_never_told_as_a_gap(chapter):
    one = _said(chapter, "even")[0]
    assert one.certainty == "unsure"
    assert "it cannot be told from what chance alone would give" in one.text.en
    assert "eikä sitä voi erottaa" in one.text.fi
    assert one.weight < _said(chapter, "work")[0].weight
    frame = chapter.table("inequality_gaps").frame.set_index("indicator")
    assert frame.loc["even", "lower"] == 0


def test_nothing_is_said_of_how_chance_takes_part_where_there_are_no_counts(chapter):
    one = _said(chapter, "income")[0]
    assert "How much of it is chance is not known" in one.text.en
    assert any("no counts" in limit.en or "without counts" in limit.en for limit in chapter.limits)
    frame = chapter.table("inequality_gaps").frame.set_index("indicator")
    assert frame.loc["income", ["weighted", "noise_known"]].tolist() == ["yes", ""]
    assert "income en: Areas count by residents en." in chapter.notes


def test_an_indicator_that_orders_the_areas_has_no_finding_along_that_order(chapter):
    frame = chapter.table("inequality_gaps").frame.set_index("indicator")
    assert frame.loc["work", "in_order"] == "yes"
    assert np.isnan(frame.loc["work", "slope_q_value"])
    assert len(_said(chapter, "work")) == 1
    # A low index is good and lies in the east, where work is worse: the slope runs up all the same.
    assert frame.loc["work", "slope"] > 15
    told = [one for one in _said(chapter, "even") if "slope" in one.text.en]
    assert told[0].certainty == "unsure"


def test_neighbours_that_are_alike_are_told_from_chance(chapter):
    alike, even = (_said(chapter, code, "inequality_near")[0] for code in ("work", "even"))
    assert alike.certainty == "firm"
    assert "more alike than by chance" in alike.text.en
    assert "cannot be told from chance" in even.text.en


def test_what_lies_between_municipalities_and_within_them_is_the_whole(chapter):
    parts = chapter.table("inequality_parts").frame
    sums = parts.groupby(["indicator", "measure", "weighting"])["part_share"].sum()
    assert np.allclose(sums, 1)
    measures = chapter.table("inequality_measures").frame
    theil = measures[(measures["measure"] == "theil") & (measures["weighting"] == "weighted")].set_index(
        "indicator"
    )
    whole = parts[(parts["measure"] == "theil") & (parts["weighting"] == "weighted")]
    assert np.allclose(whole.groupby("indicator")["value"].sum().reindex(theil.index), theil["value"])
    # Municipalities lie one above the other, and the gaps run from west to east.
    assert "cannot be told from chance" in _said(chapter, "work", "inequality_parts")[0].text.en


def test_absolute_and_relative_weighted_and_unweighted_stand_together(chapter):
    frame = chapter.table("inequality_measures").frame
    work = frame[frame["indicator"] == "work"]
    assert {"absolute", "relative"} == set(work["form"])
    counts = work.groupby(["measure", "epsilon"], dropna=False)["weighting"].nunique()
    assert (counts == 2).all()
    assert {"gini", "theil", "atkinson", "palma", "slope_index", "concentration_index"} <= set(
        work["measure"]
    )
    assert work["lower"].notna().all()
    assert (work["lower"] <= work["upper"]).all()


def test_every_number_of_a_sentence_stands_in_its_table(chapter):
    for one in chapter.statements:
        frame = chapter.table(one.table).frame
        held = frame.select_dtypes("number").to_numpy().ravel()
        for text in re.findall(r"[−]?\d[\d,]*\.?\d*", one.text.en.split(":", 1)[1].replace("95%", "")):
            number = abs(float(text.replace(",", "").replace("−", "-")))
            decimals = len(text.partition(".")[2])
            near = 0.5 * 10.0**-decimals + 1e-9
            found = np.abs(np.abs(held) - number) <= near
            as_share = np.abs(np.abs(100 * held) - number) <= near
            assert (found | as_share).any(), (text, one.text.en)


def test_the_same_findings_give_the_same_chapter(ground, chapter):
    again = build(ground, InequalitySpec(runs=199, population="residents"))
    assert again.statements == chapter.statements
    for one, other in zip(again.tables, chapter.tables, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)


def test_published_values_that_their_counts_do_not_make_are_taken_as_they_are(ground):
    rounded = ground.findings.results["work"].copy()
    rounded["value"] = rounded["value"].round(0)
    findings = replace(ground.findings, results={**ground.findings.results, "work": rounded})
    made = build(Ground.of(findings, ground.spec), InequalitySpec(indicators=("work",), runs=99))
    assert made.tables[0].frame["noise_known"].tolist() == [""]
    assert any("not made of the published counts" in note for note in made.notes)


def test_a_study_file_is_read_and_what_is_wrong_with_it_is_said():
    faults = Faults()
    keys = Keys(
        {
            "indicators": ["work"],
            "by": "",
            "rank_by": "income",
            "epsilon": [0.5, 2],
            "share": 0.2,
            "runs": 199,
        },
        "[inequality]",
        faults,
        Path(),
    )
    spec = read_inequality(keys)
    assert not faults.found
    assert spec == InequalitySpec(("work",), "", "income", "", (0.5, 2.0), 0.2, 199)
    read_inequality(Keys({"runs": 5, "epsilon": [1, 1], "by": "town"}, "[inequality]", faults, Path()))
    said = " ".join(str(one) for one in faults.found)
    assert "runs is 5" in said
    assert "epsilon is [1.0, 1.0]" in said
    assert "by" in said


def test_an_indicator_that_the_study_does_not_have_is_refused(ground):
    with pytest.raises(SpecError, match=r"\[inequality\] rank_by names indicators that the study does not"):
        build(ground, InequalitySpec(rank_by="wealth"))
