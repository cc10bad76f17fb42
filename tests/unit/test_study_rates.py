"""A study's rates as its file asks for them: drawn together, added up over years, merged; never by itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.composite_spec import CompositeSpec, Node
from lea_geo.errors import SpecError
from lea_geo.rates_spec import RatesSpec
from lea_geo.robustness_spec import RobustnessSpec
from lea_geo.spec import load_spec
from lea_geo.study import run

POOR = "low_income_residents"


@pytest.fixture
def spec(tmp_path, mini_study):
    return load_spec(mini_study(tmp_path / "data"))


def of_two_years(path):
    """Return the study of 2018 and of a year before it with the same people."""
    earlier = pd.read_csv(path.with_name("table.csv"), dtype=str).assign(vuosi="2017")
    earlier.to_csv(path.with_name("before.csv"), index=False)
    text = path.read_text("utf-8")
    table = text[text.index("[[tables]]") : text.index("[spatial]")].strip()
    files = (("table.csv", 2018), ("before.csv", 2017))
    years = "\n\n".join(f"{table.replace('table.csv', file)}\nyear = {year}" for file, year in files)
    path.write_text(text.replace(table, years), encoding="utf-8")
    return load_spec(path)


def test_a_study_that_says_nothing_of_rates_shows_them_as_counted(spec):
    frame = run(spec).findings.results[POOR]
    np.testing.assert_allclose(frame["value"], 100 * frame["numerator"] / frame["denominator"])


def test_rates_are_drawn_together_where_the_study_says_so_and_the_method_is_named(spec):
    study = run(replace(spec, rates=RatesSpec(method="beta_binomial")))
    frame = study.findings.results[POOR]
    held = lea.beta_binomial(frame["numerator"], frame["denominator"]).table
    np.testing.assert_allclose(frame["value"], 100 * held["estimate"])
    np.testing.assert_allclose(frame["interval_lower"], 100 * held["lower"])
    assert frame[["rank_lower", "rank_upper"]].isna().all().all(), "counts alone say nothing of these values"
    assert (frame["local_moran_doubt"] == "").all()
    assert any("beta-binomial, maximum likelihood" in note for note in study.findings.notes)
    assert study.findings.settings["rates"]["method"] == "beta_binomial"


def test_an_index_of_rates_drawn_together_takes_them_and_their_errors(spec):
    rule = CompositeSpec(indicators=(Node(POOR),))
    sure = RobustnessSpec(runs=40)
    plain, drawn = (
        run(replace(spec, composite=rule, robustness=sure, rates=rates))
        for rates in (RatesSpec(), RatesSpec(method="beta_binomial"))
    )
    value = drawn.findings.results[POOR]["value"]
    scores = 100 * (value - value.min()) / (value.max() - value.min())
    np.testing.assert_allclose(drawn.findings.results["index"]["value"], scores)
    for study in (plain, drawn):
        assert "noise" in study.composite.sure.shifts


def test_counts_of_earlier_years_are_added_until_there_are_enough(tmp_path, mini_study):
    spec = of_two_years(mini_study(tmp_path))
    # A hundred people an area and a year: two years make the two hundred that are asked for.
    study = run(replace(spec, rates=RatesSpec(years=2, minimum_denominator=200)))
    now, before = (one.results[POOR] for one in (study.findings, study.findings.others[0]))
    assert (now["denominator"] == 200).all()
    assert (before["denominator"] == 100).all(), "no year before it is known"
    np.testing.assert_allclose(now["value"], before["value"])


def test_areas_are_merged_until_there_are_enough_and_nobody_is_lost(spec):
    plain = run(spec)
    study = run(replace(spec, rates=RatesSpec(merge=True, minimum_denominator=300)))
    frame = study.findings.results[POOR]
    assert (frame["denominator"] >= 300).all()
    for part in ("numerator", "denominator"):
        assert frame[part].sum() == plain.findings.results[POOR][part].sum()
    assert study.areas.index.equals(frame.index)
    assert study.areas.area.sum() == pytest.approx(plain.areas.area.sum())


def test_areas_of_several_years_are_not_merged(tmp_path, mini_study):
    spec = of_two_years(mini_study(tmp_path))
    with pytest.raises(SpecError, match="merge takes one year"):
        run(replace(spec, rates=RatesSpec(merge=True, minimum_denominator=300)))


def test_labels_have_verdicts_where_the_study_asks_for_them(spec):
    silent = run(spec).findings.results[POOR]
    assert (silent["local_moran_verdict"] == "").all()
    study = run(replace(spec, robustness=RobustnessSpec(labels=40)))
    frame = study.findings.results[POOR]
    told = frame["local_moran_label"].isin(["High-High", "Low-Low", "High-Low", "Low-High"])
    assert frame.loc[told, "local_moran_verdict"].isin(["firm", "depends", "unsure"]).all()
    assert frame["local_moran_share"][told].between(0, 1).all()
    middle = study.results[POOR].verdicts.of("local_moran").loc["65107"]
    # Forty of a hundred among neighbours of forty, where ten is usual: no draw of a hundred makes that low.
    assert (middle["label"], middle["verdict"]) == ("High-High", "firm")
