"""Change between two years, area by area."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lea_geo.change.between import area_changes, changes_by_step
from lea_geo.errors import UsageError, ValuesError


def _counts(x, n, ids=None):
    ids = [f"{i:05d}" for i in range(len(x))] if ids is None else ids
    return pd.DataFrame({"numerator": np.asarray(x, float), "denominator": np.asarray(n, float)}, index=ids)


def _world(rng, n_areas, changed, by, least=300, most=4000):
    """Return counts of two years; the first ``changed`` areas truly rise by ``by``."""
    people = rng.integers(least, most, n_areas)
    rate = rng.beta(6, 40, n_areas)
    later = rate + np.where(np.arange(n_areas) < changed, by, 0.0)
    return {
        2021: _counts(rng.binomial(people, rate), people),
        2025: _counts(rng.binomial(people, later), people),
    }


def test_of_areas_that_have_changed_most_are_found_and_false_ones_stay_within_the_stated_share():
    rng = np.random.default_rng(8)
    shares, power = [], []
    for _ in range(60):
        found = area_changes(_world(rng, 60, 12, 0.05), fdr=0.1).table["class"].isin(["risen", "fallen"])
        shares.append(found[12:].sum() / max(1, found.sum()))
        power.append(found[:12].mean())
    # The mean share of false ones is at most 0.1 * 48 / 60; its error over 60 worlds is about 0.01.
    assert np.mean(shares) <= 0.08 + 3 * np.std(shares) / np.sqrt(len(shares))
    assert np.mean(power) > 0.7


def test_where_nothing_has_changed_hardly_any_world_has_a_finding():
    rng = np.random.default_rng(9)
    worlds = 100
    false = sum(
        area_changes(_world(rng, 60, 0, 0.0)).table["class"].isin(["risen", "fallen"]).any()
        for _ in range(worlds)
    )
    assert false <= stats.binom.ppf(0.999, worlds, 0.05)


def test_tests_without_a_correction_point_at_areas_where_nothing_has_changed():
    rng = np.random.default_rng(10)
    tables = [area_changes(_world(rng, 60, 0, 0.0), correction="none").table for _ in range(20)]
    with_one = [table["class"].isin(["risen", "fallen"]).any() for table in tables]
    # 60 tests at 5 % find something in 95 % of worlds.
    assert np.mean(with_one) > 0.7


def test_a_change_of_the_smallest_detectable_size_is_found_with_the_stated_power():
    # Power by enumeration of all pairs of counts, by the mid-p test that area_changes uses.
    n0, n1, rate = 180, 220, 0.12
    table = area_changes({1: _counts([22, 20], [n0, n0]), 2: _counts([26, 28], [n1, n1])}).table
    rise = float(table["detectable_rise"].iloc[0])
    base = 42 / 360  # both areas are drawn to their mean
    x0, x1 = np.meshgrid(np.arange(n0 + 1), np.arange(n1 + 1), indexing="ij")
    law = stats.hypergeom(n0 + n1, x0 + x1, n1)
    pmf = law.pmf(x1)
    tail = np.minimum(law.cdf(x1) - pmf / 2, law.sf(x1) + pmf / 2)
    found = 2 * tail <= 0.05
    chance = stats.binom.pmf(x0, n0, base) * stats.binom.pmf(x1, n1, base + rise)
    assert rate > 0
    assert float(chance[found].sum()) == pytest.approx(0.8, abs=0.03)


def test_no_change_can_be_found_where_even_the_largest_would_be_chance():
    table = area_changes({1: _counts([1, 300], [3, 3000]), 2: _counts([1, 310], [3, 3000])}).table
    assert np.isinf(table["detectable_fall"].iloc[0])
    assert table["class"].tolist() == ["too_few", "cannot_tell"]


def test_a_small_change_among_many_people_is_surely_about_the_same_and_not_risen():
    years = {1: _counts([10_000, 500], [100_000, 5000]), 2: _counts([10_600, 500], [100_000, 5000])}
    plain = area_changes(years, scale=100)
    stated = area_changes(years, scale=100, relevant=2.0)
    assert plain.table["class"].iloc[0] == "risen"
    assert stated.table["class"].iloc[0] == "about_the_same"
    assert stated.table["size"].iloc[0] == "no_more"


def test_a_large_change_is_surely_more_than_what_matters():
    years = {1: _counts([500, 500], [5000, 5000]), 2: _counts([1000, 500], [5000, 5000])}
    table = area_changes(years, scale=100, relevant=2.0).table
    assert table["class"].tolist() == ["risen", "about_the_same"]
    assert table["size"].tolist() == ["more", "no_more"]


def test_equivalence_is_claimed_of_a_change_that_matters_no_more_often_than_stated():
    # A true change of exactly what matters: two one-sided tests may call it less in 5 % at most.
    rng = np.random.default_rng(11)
    n = np.full(4000, 2500)
    years = {
        1: _counts(rng.binomial(n, 0.15), n),
        2: _counts(rng.binomial(n, 0.17), n),
    }
    share = (area_changes(years, relevant=0.02).table["p_same"] <= 0.05).mean()
    assert share <= stats.binom.ppf(0.999, 4000, 0.05) / 4000


def test_intervals_hold_the_true_difference_at_their_level():
    rng = np.random.default_rng(12)
    n = rng.integers(20, 400, 4000)
    years = {1: _counts(rng.binomial(n, 0.12), n), 2: _counts(rng.binomial(n, 0.2), n)}
    table = area_changes(years).table
    held = (table["lower"] <= 0.08) & (table["upper"] >= 0.08)
    assert held.mean() == pytest.approx(0.95, abs=0.012)


def test_the_same_families_in_both_years_make_the_independent_test_safe_and_a_correlation_mends_it():
    rng = np.random.default_rng(13)
    n, stay = 600, 0.7
    areas = 3000
    # Each person has a state then; those who stay keep it with probability 0.7, else it is drawn anew.
    kept = rng.binomial(n, stay * 0.7, areas)
    then_kept = rng.binomial(kept, 0.15)
    then = then_kept + rng.binomial(n - kept, 0.15)
    now = then_kept + rng.binomial(n - kept, 0.15)
    years = {1: _counts(then, [n] * areas), 2: _counts(now, [n] * areas)}
    plain = (area_changes(years, correction="none").table["p_value"] <= 0.05).mean()
    told = (area_changes(years, correlation=stay * 0.7).table["p_value"] <= 0.05).mean()
    assert plain < 0.02
    assert told == pytest.approx(0.05, abs=0.015)


def test_regression_to_the_mean_of_areas_that_were_extreme_by_chance_is_foretold():
    rng = np.random.default_rng(14)
    n = rng.integers(60, 400, 2000)
    rate = np.clip(rng.normal(0.12, 0.03, 2000), 0.01, 1)
    years = {1: _counts(rng.binomial(n, rate), n), 2: _counts(rng.binomial(n, rate), n)}
    table = area_changes(years).table
    extreme = table.nlargest(200, "then")
    assert extreme["difference"].mean() < -0.02
    assert extreme["regression"].mean() == pytest.approx(extreme["difference"].mean(), rel=0.15)
    assert abs(extreme["shrunk"].mean()) < 0.15 * abs(extreme["difference"].mean())


def test_shrunk_changes_are_nearer_the_truth_than_raw_ones_and_their_intervals_hold_it():
    rng = np.random.default_rng(15)
    n = rng.integers(60, 600, 1500)
    rate, step = rng.beta(12, 88, 1500), rng.normal(0.01, 0.015, 1500)
    later = np.clip(rate + step, 0.001, 1)
    years = {1: _counts(rng.binomial(n, rate), n), 2: _counts(rng.binomial(n, later), n)}
    table, truth = area_changes(years).table, later - rate
    raw, shrunk = (np.mean((table[name] - truth) ** 2) for name in ("difference", "shrunk"))
    assert shrunk < 0.5 * raw
    held = (table["shrunk_lower"] <= truth) & (table["shrunk_upper"] >= truth)
    assert held.mean() == pytest.approx(0.95, abs=0.03)


def test_a_redrawn_area_is_named_and_tested_nowhere():
    years = {1: _counts([50] * 5, [900] * 5), 2: _counts([50, 50, 50, 50, 400], [900, 900, 900, 900, 2400])}
    found = area_changes(years, redrawn=["00004"])
    assert found.table.loc["00004", "class"] == "redrawn"
    assert np.isnan(found.table.loc["00004", "q_value"])
    assert found.n_tested == 4
    assert any("00004" in note for note in found.notes)


def test_an_area_without_a_value_is_blank_and_named():
    years = {1: _counts([50, np.nan, 40, 3], [900, 900, 900, 0]), 2: _counts([50] * 4, [900] * 4)}
    found = area_changes({1: years[1].assign(numerator=[50, np.nan, 40, 0]), 2: years[2]})
    assert found.table["class"].tolist() == ["cannot_tell", "", "cannot_tell", ""]
    assert "2 of 4 areas have no value in one of the years and are not compared: 00001, 00003." in found.notes


def test_values_with_errors_are_tested_by_the_normal_law():
    ids = ["a", "b", "c"]
    then = pd.DataFrame({"value": [30.0, 30, 30], "error": [1.0, 1, np.nan]}, ids)
    now = pd.DataFrame({"value": [30.5, 36, 36], "error": [1.0, 1, 1]}, ids)
    found = area_changes({1: then, 2: now}, kind="value")
    # z = 6 / sqrt(2), p = 2 Phi(-z)
    assert found.table.loc["b", "p_value"] == pytest.approx(2 * stats.norm.sf(6 / np.sqrt(2)))
    assert found.table["reason"].tolist() == ["", "", "no noise known"]
    assert found.table.loc["b", "class"] == "risen"


def test_several_steps_are_corrected_together():
    rng = np.random.default_rng(16)
    n = np.full(30, 2000)
    years = {year: _counts(rng.binomial(n, 0.1), n) for year in (2019, 2021, 2023, 2025)}
    steps = changes_by_step(years)
    p = np.concatenate([step.table["p_value"] for step in steps.values()])
    q = np.concatenate([step.table["q_value"] for step in steps.values()])
    assert list(steps) == [2021, 2023, 2025]
    np.testing.assert_allclose(q, stats.false_discovery_control(p))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"since": 2}, "since must come first"),
        ({"kind": "share"}, "kind is 'share'"),
        ({"relevant": 0}, "relevant is 0; it must be a number above 0"),
        ({"correlation": 1.0}, "correlation must lie strictly between -1 and 1"),
        ({"redrawn": "00000"}, "redrawn must hold area ids"),
    ],
)
def test_a_wrong_option_is_named(options, message):
    years = {1: _counts([5] * 4, [90] * 4), 2: _counts([5] * 4, [90] * 4)}
    with pytest.raises(UsageError, match=message):
        area_changes(years, **options)


def test_areas_that_only_one_year_has_are_named():
    years = {1: _counts([5] * 4, [90] * 4), 2: _counts([5] * 3, [90] * 3)}
    with pytest.raises(ValuesError, match="00003"):
        area_changes(years)


def test_contradicting_counts_say_of_which_year_they_are():
    years = {2021: _counts([5] * 4, [90] * 4), 2025: _counts([5, 95, 5, 5], [90] * 4)}
    with pytest.raises(ValuesError, match=r"2025: .*\n.*numerator larger than its denominator.*00001"):
        area_changes(years)
