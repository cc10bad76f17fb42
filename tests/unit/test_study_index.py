"""A study with an index: made, made again in other ways, tested and written as any indicator is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.composite_spec import CompositeSpec, Node, Normalise
from lea_geo.export.geopackage import read_geopackage
from lea_geo.robustness_spec import RobustnessSpec
from lea_geo.schema import ESTIMATE_COLUMNS, RESULT_COLUMNS, STABILITY_COLUMNS
from lea_geo.spec import load_spec
from lea_geo.study import run, verify

GROUPS = {"material_living_standards", "education"}


@pytest.fixture(scope="module")
def spec(tmp_path_factory, mini_study):
    plain = load_spec(mini_study(tmp_path_factory.mktemp("index") / "data"))
    rule = CompositeSpec(levels=("domain",), normalise=Normalise("percentile_rank"))
    return replace(plain, composite=rule, robustness=RobustnessSpec(runs=50))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("out") / "study"


@pytest.fixture(scope="module")
def study(spec, folder):
    return run(spec, out=folder)


def test_the_index_and_its_groups_stand_before_the_indicators(study):
    codes = [one.code for one in study.findings.indicators]
    assert codes[0] == "index"
    assert set(codes[1:3]) == GROUPS
    assert [one.is_composite for one in study.findings.indicators] == [True] * 3 + [False] * (len(codes) - 3)
    index = study.findings.indicators[0]
    assert set(index.members) == GROUPS
    assert index.weights == (0.5, 0.5)
    assert index.direction == "weakens"
    assert index.explanation.en.startswith("Brings together in one number: ")


def test_scores_of_the_study_are_those_of_the_index_made_by_itself(study, spec):
    values = pd.DataFrame(
        {
            one.code: study.findings.results[one.code]["value"]
            for one in study.findings.indicators
            if not one.is_composite
        }
    )
    alone = lea.composite_index(values, spec)
    pd.testing.assert_series_equal(
        study.findings.results["index"]["value"], alone.table["score"], check_names=False
    )


def test_the_index_is_tested_as_an_indicator_is_and_finds_the_planted_corner(study):
    frame = study.findings.results["index"]
    assert tuple(frame.columns) == RESULT_COLUMNS
    assert frame.loc["65107", "local_moran_label"] == "High-High", "the middle of the corner"
    assert study.findings.summary.loc["index", "moran_p_value"] < 0.05


def test_how_sure_the_index_is_comes_from_its_runs_and_not_from_counts(study):
    frame = study.findings.results["index"]
    runs = study.composite.sure.table
    named = {"score_lower": "interval_lower", "score_upper": "interval_upper"}
    for name in (*STABILITY_COLUMNS, "rank_lower", "rank_upper", *named):
        pd.testing.assert_series_equal(frame[named.get(name, name)], runs[name], check_names=False)
    plain = study.findings.results["low_income_residents"]
    numbers = [name for name in STABILITY_COLUMNS if name != "moved_by"]
    assert plain[numbers].isna().all().all()
    assert plain[list(ESTIMATE_COLUMNS)].notna().all().all()


def test_the_index_survives_the_geopackage(study, folder):
    again = read_geopackage(folder / "study.gpkg")
    pd.testing.assert_frame_equal(
        again.results["index"], study.findings.results["index"], check_index_type=False
    )
    assert again.indicators[0] == study.findings.indicators[0]


def test_a_study_with_an_index_comes_out_the_same_again(study, folder):
    assert study.provenance["study"]["composite"]["levels"] == ["domain"]
    assert "study.gpkg" in verify(folder)


def test_no_runs_leave_the_index_without_them(spec):
    sure = replace(spec.robustness, runs=0)
    study = run(replace(spec, robustness=sure))
    assert study.composite.sure is None
    assert study.findings.results["index"]["p_worst"].isna().all()
    assert study.findings.results["index"]["value"].notna().all()


def test_earlier_years_are_put_on_the_scales_of_the_latest(tmp_path, mini_study):
    path = mini_study(tmp_path)
    # The year before has the same people, but ten more of each hundred with low income.
    earlier = pd.read_csv(tmp_path / "table.csv", dtype=str).assign(vuosi="2017")
    earlier["hr_pi_tul"] = (earlier["hr_pi_tul"].astype(int) + 10).astype(str)
    earlier.to_csv(tmp_path / "before.csv", index=False)
    text = path.read_text("utf-8")
    table = text[text.index("[[tables]]") : text.index("[spatial]")].strip()
    years = "\n\n".join(
        f"{table.replace('table.csv', file)}\nyear = {year}"
        for file, year in (("table.csv", 2018), ("before.csv", 2017))
    )
    path.write_text(text.replace(table, years), encoding="utf-8")
    rule = CompositeSpec(indicators=(Node("low_income_residents"),), normalise=Normalise("min_max"))
    study = run(replace(load_spec(path), composite=rule, robustness=RobustnessSpec(runs=20)))
    now, before = study.findings, study.findings.others[0]
    assert (now.year, before.year) == ("2018", "2017")
    low, high = (now.results["low_income_residents"]["value"].agg(which) for which in ("min", "max"))
    # Scores are 100 (x - min) / (max - min) of 2018 in both years.
    expected = now.results["index"]["value"] + 100 * 10 / (high - low)
    np.testing.assert_allclose(before.results["index"]["value"], expected)
