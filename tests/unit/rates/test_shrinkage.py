"""Rates shrunk by a fitted law, and towards a parent: by hand, and at the edges."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, betabinom, gamma, nbinom

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

IDS = pd.Index(["a", "b", "c", "d", "e", "f"], name="area_id")
EVENTS = pd.Series([0.0, 9, 3, 14, 1, 30], IDS)
PEOPLE = pd.Series([12.0, 30, 40, 25, 60, 200], IDS)


def test_the_beta_law_is_the_most_likely_one():
    # scipy's beta-binomial likelihood, at the law found and at laws a little beside it.
    found = lea.beta_binomial(EVENTS, PEOPLE)

    def likelihood(mean: float, strength: float) -> float:
        return betabinom.logpmf(EVENTS, PEOPLE, mean * strength, (1 - mean) * strength).sum()

    best = likelihood(found.mean, found.strength)
    assert found.overdispersed
    for step in (0.98, 1.02):
        assert likelihood(found.mean * step, found.strength) < best
        assert likelihood(found.mean, found.strength * step) < best


def test_the_gamma_law_is_the_most_likely_one():
    found = lea.poisson_gamma(EVENTS, PEOPLE)

    def likelihood(mean: float, strength: float) -> float:
        return nbinom.logpmf(EVENTS, strength, strength / (strength + mean * PEOPLE)).sum()

    best = likelihood(found.mean, found.strength)
    for step in (0.98, 1.02):
        assert likelihood(found.mean * step, found.strength) < best
        assert likelihood(found.mean, found.strength * step) < best


def test_estimates_and_bounds_are_those_of_the_posterior_law():
    found = lea.beta_binomial(EVENTS, PEOPLE, level=0.9)
    a, b = found.mean * found.strength, (1 - found.mean) * found.strength
    law = beta(a + EVENTS, b + PEOPLE - EVENTS)
    np.testing.assert_allclose(found.table["estimate"], law.mean())
    np.testing.assert_allclose(found.table["lower"], law.ppf(0.05), rtol=1e-9)
    np.testing.assert_allclose(found.table["upper"], law.ppf(0.95), rtol=1e-9)
    np.testing.assert_allclose(found.table["reliability"], PEOPLE / (PEOPLE + a + b))
    rates = lea.poisson_gamma(EVENTS, PEOPLE)
    law = gamma(rates.strength + EVENTS, scale=1 / (rates.strength / rates.mean + PEOPLE))
    np.testing.assert_allclose(rates.table["estimate"], law.mean())
    np.testing.assert_allclose(rates.table["lower"], law.ppf(0.025), rtol=1e-9)


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
def test_where_rates_vary_no_more_than_chance_all_estimates_are_the_mean_rate(fit):
    # The same share everywhere is less than chance would make the rates vary.
    result = fit(pd.Series([2.0, 4, 6, 2], IDS[:4]), pd.Series([10.0, 20, 30, 10], IDS[:4]))
    assert not result.overdispersed
    assert result.table[["estimate", "lower", "upper"]].to_numpy().ravel().tolist() == pytest.approx(
        [0.2] * 12
    )
    assert (result.table["reliability"] == 0).all()
    assert result.notes[0].startswith("The rates of 4 areas vary no more than chance would make them: every")


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
def test_a_law_between_one_rate_and_many_is_found_where_its_likelihood_is_flat(fit):
    # 400 areas whose rates differ by a tenth of their mean: the law is strong, and yet no single rate.
    random = np.random.default_rng(11)
    people = np.full(400, 2000.0)
    truth = random.beta(100 * 0.05, 100 * 0.95, 400)
    events = pd.Series(random.binomial(2000, truth), dtype=float)
    found = fit(events, pd.Series(people))
    # a + b = 100 for proportions; the same spread is a gamma law of shape near 0.05 * 101 / 0.95 = 5.3.
    expected = 100 if fit is lea.beta_binomial else 5.3
    assert found.strength == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
def test_without_an_event_every_estimate_is_nothing(fit):
    result = fit(EVENTS * 0, PEOPLE)
    assert (result.table[["estimate", "lower", "upper"]] == 0).all().all()


def test_where_everybody_is_affected_every_estimate_is_one():
    assert (lea.beta_binomial(PEOPLE, PEOPLE).table["estimate"] == 1).all()


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
def test_areas_all_or_nothing_keep_their_rates(fit):
    result = fit(pd.Series([0.0, 50, 0, 80], IDS[:4]), pd.Series([60.0, 50, 70, 80], IDS[:4]))
    assert result.table["estimate"].round(1).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
def test_unknown_counts_and_empty_areas_have_no_estimate_and_change_no_other(fit):
    more = pd.Index([*IDS, "g", "h"])
    events, people = EVENTS.reindex(more), PEOPLE.reindex(more).fillna({"g": 20.0})
    people["h"], events["h"] = 0, 0
    result = fit(events, people)
    assert result.table["estimate"].isna().tolist() == [False] * 6 + [True] * 2
    pd.testing.assert_frame_equal(result.table.loc[IDS], fit(EVENTS, PEOPLE).table)
    assert result.notes == ("1 of 8 areas have no population and so no rate.",)


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
def test_no_counts_at_all_are_no_error(fit):
    result = fit(pd.Series([np.nan], ["a"]), pd.Series([5.0], ["a"]))
    assert result.table["estimate"].isna().all()
    assert result.notes == ()


def test_shrinkage_on_the_logit_by_hand():
    # Parent P: a has 2 of 10, b 9 of 30, together 11 of 40. m_a = log(2.5 / 8.5) = -1.2237754,
    # m_b = log(9.5 / 21.5) = -0.8167612, M = log(11.5 / 29.5) = -0.9420432.
    # s_a^2 = 11 * 12 / (10 * 3 * 9) = 0.4888889; t^2 = (0.2817322^2 + 0.1252821^2) / 1 = 0.0950686.
    # w_a = (1 / 0.4888889) / (1 / 0.4888889 + 1 / 0.0950686) = 0.1628006;
    # m*_a = 0.1628006 * -1.2237754 + 0.8371994 * -0.9420432 = -0.9879094, and its anti-logit is 0.2713252.
    events, people = pd.Series([2.0, 9, 5], list("abc")), pd.Series([10.0, 30, 20], list("abc"))
    result = lea.shrink_to_parent(events, people, pd.Series(["P", "P", "Q"], list("abc")))
    row = result.table.loc["a"]
    assert row["rate"] == 0.2
    assert row["reliability"] == pytest.approx(0.1628006, rel=1e-6)
    assert row["estimate"] == pytest.approx(0.2713252, rel=1e-6)
    assert (row["parent"], row["parent_rate"]) == ("P", pytest.approx(11 / 40))
    # The variance of m*_a is 1 / (1 / 0.4888889 + 1 / 0.0950686) = 0.0795914, its root 0.2821195;
    # -0.9879094 - 1.959964 * 0.2821195 = -1.5408534, and its anti-logit is 0.1764112.
    assert row["lower"] == pytest.approx(0.1764112, rel=1e-6)
    assert result.parents.loc["P", "between"] == pytest.approx(0.0950686, rel=1e-6)


def test_the_only_area_of_its_parent_keeps_its_rate_and_is_counted():
    parents = pd.Series(["P", "P", "P", "Q", "R", "R"], IDS)
    result = lea.shrink_to_parent(EVENTS, PEOPLE, parents)
    assert result.table["reliability"]["d"] == 1
    assert result.table["estimate"]["d"] == pytest.approx(14.5 / 26)
    assert result.notes == ("1 of 6 areas are the only ones of their parent and keep their rates.",)


def test_areas_of_a_parent_that_do_not_differ_become_its_rate():
    events, people = pd.Series([3.0, 3], ["a", "b"]), pd.Series([10.0, 10], ["a", "b"])
    table = lea.shrink_to_parent(events, people, pd.Series(["P", "P"], ["a", "b"])).table
    # log(3.5 / 7.5) and log(6.5 / 14.5) differ only by the half event.
    assert table["estimate"]["a"] == pytest.approx(6.5 / 21, abs=0.001)


def test_areas_without_people_have_no_estimate_and_do_not_count_for_the_parent():
    events, people = EVENTS.copy(), PEOPLE.copy()
    events["a"] = people["a"] = 0
    parents = pd.Series(["P", "P", "P", "Q", "Q", "Q"], IDS)
    table = lea.shrink_to_parent(events, people, parents).table
    assert table.loc["a", ["estimate", "parent_rate"]].isna().all()
    assert table["parent_rate"]["b"] == pytest.approx(12 / 70)


def test_parents_are_aligned_by_id_and_none_may_be_blank():
    parents = pd.Series(["P", "P", "P", "Q", "Q", "Q"], IDS)
    pd.testing.assert_frame_equal(
        lea.shrink_to_parent(EVENTS, PEOPLE, parents.iloc[::-1]).table,
        lea.shrink_to_parent(EVENTS, PEOPLE, parents).table,
    )
    parents["b"], parents["c"] = " ", None
    with pytest.raises(ValuesError, match=r"areas without a parent: 2 of 6 \(b, c\)"):
        lea.shrink_to_parent(EVENTS, PEOPLE, parents)
    with pytest.raises(ValuesError, match="areas of the counts that parents does not have: 1 of 6"):
        lea.shrink_to_parent(EVENTS, PEOPLE, parents.drop("a"))
    with pytest.raises(UsageError, match="parents is a list"):
        lea.shrink_to_parent(EVENTS, PEOPLE, ["P"] * 6)
