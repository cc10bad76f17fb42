"""The chapter on what goes with what: a made-up region of 49 squares where the truth is known."""

from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box
from small_findings import indicator, whole_frame

from lea_geo._checks import Faults
from lea_geo._checks.chapters import chapter_faults
from lea_geo._checks.spec import Keys
from lea_geo.chapter_specs.drivers import DriversSpec, read_drivers
from lea_geo.chapters.drivers import build
from lea_geo.chapters.drivers_tables import step_of, table_name
from lea_geo.chapters.ground import Ground
from lea_geo.errors import SpecError
from lea_geo.schema import Findings, Text
from lea_geo.spec import SpatialSpec

SIDE = 7
IDS = pd.Index([f"{65000 + i:05d}" for i in range(SIDE**2)], name="area_id", dtype="str")
HIDDEN = IDS[10]
PEOPLE = 1000.0
QUICK = {"runs": 20, "repeats": 1, "folds": 4}


def squares():
    shapes = [box(x, y, x + 1000, y + 1000) for y in range(0, 7000, 1000) for x in range(0, 7000, 1000)]
    names = {f"name_{one}": [f"{one} {i}" for i in IDS] for one in ("fi", "sv", "en")}
    towns = np.where(np.arange(49) % SIDE < 4, "092", "049")
    return gpd.GeoDataFrame(names | {"municipality": towns}, geometry=shapes, crs="EPSG:3067", index=IDS)


def cells(share):
    """Return the counts of a share of a thousand people in each area, one of them withheld."""
    count = np.round(np.clip(share, 0.01, 0.95) * PEOPLE)
    frame = pd.DataFrame({"value": count / PEOPLE * 100, "status": "observed"}, index=IDS)
    frame["numerator"], frame["denominator"], frame["lower"], frame["upper"] = count, PEOPLE, np.nan, np.nan
    frame.loc[HIDDEN, ["value", "numerator"]] = np.nan
    frame.loc[HIDDEN, "status"] = "suppressed"
    return whole_frame(frame)


@pytest.fixture(scope="module")
def findings() -> Findings:
    random = np.random.default_rng(0)
    poor = 0.3 + 0.08 * random.normal(size=49)
    shares = {
        "poor": poor,
        "ill": poor * 0.8 + 0.02 * random.normal(size=49),
        "noise": 0.3 + 0.05 * random.normal(size=49),
        "half_ill": poor * 0.4 + 0.01 * random.normal(size=49),
    }
    made = [
        indicator(code, code, numerator=(code,), denominator=("people",)) for code in ("poor", "ill", "noise")
    ]
    made.append(indicator("half_ill", "half", numerator=("ill", "other"), denominator=("people",)))
    results = {code: cells(share) for code, share in shares.items()}
    index = indicator(
        "index", "index", level="index", members=("poor",), numerator=(), denominator=(), unit="index"
    )
    results["index"] = results["poor"].assign(numerator=np.nan, denominator=np.nan)
    return Findings(
        title=Text("Koe", "Prov", "Trial"),
        areas=squares(),
        indicators=(index, *made),
        results=results,
        summary=pd.DataFrame(),
        level="postal",
    )


def ground(found: Findings) -> Ground:
    spec = SimpleNamespace(spatial=SpatialSpec(graph="rook", seed=3), data=Path())
    return Ground.of(found, spec)


@pytest.fixture(scope="module")
def chapter(findings):
    return build(ground(findings), DriversSpec(outcome="ill", indicators=("poor", "noise"), **QUICK))


def test_the_chapter_is_well_formed(chapter):
    assert chapter_faults([chapter], IDS) == []
    names = [one.name for one in chapter.tables]
    assert names[:4] == ["drivers_association", "drivers_scale", "drivers_ill_poor", "drivers_ill_noise"]
    assert {"drivers_regression", "drivers_impacts", "drivers_tests", "drivers_held_out"} <= set(names)
    assert {"drivers_local", "drivers_importance", "drivers_partial", "drivers_persons"} <= set(names)
    assert {chart.kind for chart in chapter.charts} == {"intervals", "curve"}


def test_what_goes_together_is_said_of_areas_and_noise_is_said_to_be_noise(chapter):
    planted, noise = chapter.statements[:2]
    assert planted.certainty == "firm"
    assert planted.text.en.startswith("Areas with a higher “poor (en)” tend also to have a higher “ill (en)”")
    assert planted.text.en.endswith("This is about areas, not families.")
    assert noise.certainty == "unsure"
    assert "cannot be told from chance" in noise.text.en
    assert planted.weight > noise.weight


def test_every_number_of_a_sentence_stands_in_its_table(chapter):
    row = chapter.table("drivers_association").frame.iloc[0]
    said = chapter.statements[0]
    for name in ("pearson", "scale_lower", "scale_upper"):
        assert f"{row[name]:.2f}" in said.text.en
    for name in ("lower", "upper"):
        assert f"{row[name]:.2f}" in said.because.en
    assert f"{row['n']:.0f} areas" in said.because.en
    assert f"{row['pearson']:.2f}".replace(".", ",") in said.text.fi


def test_it_always_warns_of_families_and_of_causes(chapter, findings):
    for made in (chapter, build(ground(few(findings)), DriversSpec(outcome="ill", indicators=("poor",)))):
        assert "not of families or people" in made.limits[0].en
        assert "Robinson" in made.limits[0].fi
        assert made.limits[1].en.startswith("Association is not cause")


def test_a_withheld_area_is_in_no_class_and_counted_out(chapter):
    frame = chapter.table("drivers_ill_poor").frame
    assert frame.loc[HIDDEN, "class"] == ""
    assert frame["class"].drop(HIDDEN).ne("").all()
    assert any("48 of 49 areas" in one.en for one in chapter.limits)


def test_people_are_said_to_be_bounded_only_where_both_count_the_same_ones(chapter, findings):
    persons = chapter.table("drivers_persons").frame.set_index("driver")
    poor, ill = (findings.results[code]["numerator"].drop(HIDDEN) for code in ("poor", "ill"))
    assert persons.loc["poor", "in_group_upper"] == pytest.approx(np.minimum(poor, ill).sum() / poor.sum())
    assert any("Of people only this is known" in one.text.en for one in chapter.statements)


def test_nothing_is_held_out_or_scaled_where_the_study_says_so(findings):
    plain = DriversSpec(
        outcome="ill", indicators=("noise",), scales=False, local=False, held_out="none", model="ols"
    )
    made = build(ground(findings), plain)
    names = {one.name for one in made.tables}
    assert not names & {"drivers_scale", "drivers_local", "drivers_held_out", "drivers_importance"}
    assert made.settings["model_used"] == "ols"
    assert chapter_faults([made], IDS) == []


def test_without_skill_there_are_no_importances(findings):
    quick = DriversSpec(outcome="ill", indicators=("noise",), scales=False, local=False, **QUICK)
    made = build(ground(findings), quick)
    assert "drivers_importance" not in {one.name for one in made.tables}
    assert any("no better than the mean does" in one.text.en for one in made.statements)


def test_a_part_of_the_outcome_or_the_same_people_are_no_finding(findings):
    bare = {"scales": False, "local": False, "held_out": "none"}
    for outcome, part in (("index", "poor"), ("ill", "half_ill")):
        made = build(ground(findings), DriversSpec(outcome=outcome, indicators=(part, "noise"), **bare))
        assert any("by construction" in one.en for one in made.limits)
        assert made.statements[0].weight == 0.2
        assert part not in set(made.table("drivers_regression").frame["driver"])
        said = [one.text.en for one in made.statements]
        assert not any("Of people only this is known" in one and part in one for one in said)


def test_left_to_itself_it_explains_the_index_by_what_is_no_part_of_it(findings):
    bare = {"scales": False, "local": False, "held_out": "none"}
    made = build(ground(findings), DriversSpec(**bare))
    assert made.settings["outcome"] == "index"
    assert made.settings["indicators"] == ["ill", "noise", "half_ill"]


def few(findings: Findings) -> Findings:
    """Return the findings with values in six areas only."""
    results = {code: frame.copy() for code, frame in findings.results.items()}
    for frame in results.values():
        frame.loc[IDS[6:], ["value", "numerator", "denominator"]] = np.nan
        frame.loc[IDS[6:], "status"] = "missing"
    return replace(findings, results=results)


def test_too_few_areas_make_an_empty_table_and_a_note(findings):
    made = build(ground(few(findings)), DriversSpec(outcome="ill", indicators=("poor",)))
    assert chapter_faults([made], IDS) == []
    assert made.table("drivers_association").frame.empty
    assert made.statements == ()
    assert any("only 6 areas" in note for note in made.notes)


def test_an_unknown_code_is_refused_with_those_there_are(findings):
    with pytest.raises(SpecError, match="wealth"):
        build(ground(findings), DriversSpec(outcome="wealth"))


def test_drivers_without_an_outcome_are_refused_with_what_to_do(findings):
    every = ("poor", "ill", "noise", "half_ill", "index")
    with pytest.raises(SpecError, match="Say what they go with"):
        build(ground(findings), DriversSpec(indicators=every))


def read(table):
    faults = Faults()
    return read_drivers(Keys(table, "[drivers]", faults, Path())), [str(one) for one in faults.found]


def test_the_section_is_read_and_its_faults_are_named():
    spec, faults = read(
        {"outcome": "ill", "indicators": ["poor"], "model": "lag", "buffer": 1, "local": False}
    )
    assert faults == []
    assert spec == DriversSpec("ill", ("poor",), model="lag", buffer=1, local=False)
    assert read({})[0] == DriversSpec()
    _, faults = read({"outcome": "ill", "indicators": ["ill"], "model": "lagg", "runs": 3, "seeds": 1})
    said = " ".join(faults)
    for one in ("ill as the outcome and among", 'Did you mean "lag"', "at least 20", "seeds"):
        assert one in said


def test_keys_of_the_file_are_the_fields():
    written = {one.name: getattr(DriversSpec("ill", ("poor",)), one.name) for one in fields(DriversSpec)}
    table = {name: list(value) if isinstance(value, tuple) else value for name, value in written.items()}
    assert read(table) == (DriversSpec("ill", ("poor",)), [])


def test_coefficients_are_told_by_a_step_that_people_can_picture(chapter):
    # The share of the poor has a standard deviation of about 8 percentage points: the step is 1.
    row = chapter.table("drivers_impacts").frame.set_index("driver").loc["poor"]
    assert row["step"] == 1.0
    said = next(one for one in chapter.statements if "taken into account" in one.text.en)
    told = f"+{row['total']:.2f} percentage points for a difference of 1 percentage point."
    assert said.text.en.replace("\N{NO-BREAK SPACE}", " ").endswith(told)
    assert row["total_lower"] < 0.8 < row["total_upper"]  # as planted
    assert step_of(pd.Series([20_000.0, 24_000, 28_000])) == 1000.0


def test_drivers_that_nearly_give_each_other_get_no_sentence_of_their_own(findings):
    bare = {"scales": False, "local": False, "held_out": "none"}
    twin = findings.results["poor"].copy()
    twin["value"] += np.arange(49) % 3
    more = replace(
        findings,
        indicators=(*findings.indicators, indicator("twin", "twin", numerator=("twin",), denominator=("p",))),
        results={**findings.results, "twin": twin},
    )
    made = build(ground(more), DriversSpec(outcome="ill", indicators=("poor", "twin", "noise"), **bare))
    assert any("poor, twin" in note and "VIF" in note for note in made.notes)
    said = [one.text.en for one in made.statements if "taken into account" in one.text.en]
    assert not any("poor" in one or "twin" in one for one in said)


def test_long_codes_give_names_that_files_can_have_and_no_two_alike():
    first = table_name("a" * 40, "b" * 40, set())
    second = table_name("a" * 40, "b" * 40 + "c", {first})
    assert len(first) == len(second) == 63
    assert first != second
    assert table_name("Ä-1", "x", set()) == "drivers___1_x"
