"""Rates: shrinkage, standardisation, intervals."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chi2

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.rates.empirical_bayes import empirical_bayes, standardised_rates
from lea_geo.rates.intervals import byar_interval, exact_interval, wilson_interval
from lea_geo.spatial.graph import AreaGraph

IDS = pd.Index(["a", "b", "c", "d"])


@pytest.fixture
def graph() -> AreaGraph:
    """Return a - b - c, and d alone."""
    return AreaGraph(IDS, [0, 1, 3, 4, 4], [1, 0, 2, 1], np.ones(4))


def test_global_empirical_bayes_by_hand():
    # Rates 1/10, 5/10, 8/20, 0/10 hold 14 events of 50: b = 0.28.
    # s2 = (10 * .18^2 + 10 * .22^2 + 20 * .12^2 + 10 * .28^2) / 50 = 0.0376; mean population 12.5.
    # a = 0.0376 - 0.28 / 12.5 = 0.0152; reliability at 10 people: 0.0152 / (0.0152 + 0.028).
    table = empirical_bayes(pd.Series([1, 5, 8, 0], IDS), pd.Series([10, 10, 20, 10], IDS)).table
    share = 0.0152 / (0.0152 + 0.028)
    assert table["reliability"]["a"] == pytest.approx(share)
    assert table["estimate"]["a"] == pytest.approx(0.28 + share * (0.1 - 0.28))
    assert table["reliability"]["c"] == pytest.approx(0.0152 / (0.0152 + 0.014))


def test_rates_that_vary_no_more_than_chance_become_the_mean():
    table = empirical_bayes(pd.Series([1, 2, 1, 2], IDS), pd.Series([10, 10, 10, 10], IDS)).table
    assert table["estimate"].tolist() == pytest.approx([0.15] * 4)
    assert (table["reliability"] == 0).all()


def test_local_empirical_bayes_of_an_area_without_neighbours_is_its_own_rate(graph):
    result = empirical_bayes(
        pd.Series([1, 5, 8, 3], IDS), pd.Series([10, 10, 20, 10], IDS), graph=graph, method="local"
    )
    assert result.table["estimate"]["d"] == pytest.approx(0.3)


def test_a_libpysal_graph_gives_the_same_local_rates(graph):
    counts = pd.Series([1, 5, 8, 3], IDS), pd.Series([10, 10, 20, 10], IDS)
    ours = empirical_bayes(*counts, graph=graph, method="local").table
    theirs = empirical_bayes(*counts, graph=graph.to_libpysal(), method="local").table
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("method", ["global", "local"])
def test_an_area_without_people_has_no_rate_and_the_others_keep_theirs(method, graph):
    events, people = pd.Series([1, 0, 8, 3], IDS), pd.Series([10, 0, 20, 10], IDS)
    result = empirical_bayes(events, people, graph=graph, method=method)
    assert result.table["estimate"].isna().tolist() == [False, True, False, False]
    assert result.n_without_population == 1
    assert result.notes == ("1 of 4 areas have no population and so no rate.",)


def test_unknown_counts_give_no_rate():
    table = empirical_bayes(pd.Series([1, np.nan, 8, 3], IDS), pd.Series([10, 5, np.nan, 10], IDS)).table
    assert table["rate"].isna().tolist() == [False, True, True, False]


def test_counts_are_aligned_by_id():
    events, people = pd.Series([1, 5, 8, 0], IDS), pd.Series([10, 10, 20, 10], IDS)
    pd.testing.assert_frame_equal(
        empirical_bayes(events, people.iloc[::-1]).table, empirical_bayes(events, people).table
    )


def test_standardised_rates_by_hand():
    # b = 0.28 and a = 0.0152 as above: (0.1 - 0.28) / sqrt(0.0152 + 0.028).
    table = standardised_rates(pd.Series([1, 5, 8, 0], IDS), pd.Series([10, 10, 20, 10], IDS)).table
    assert table["z_score"]["a"] == pytest.approx(-0.18 / np.sqrt(0.0432))


def test_wilson_interval_of_newcombes_examples():
    # Newcombe (1998), table I, method 3:
    # https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
    events, people = pd.Series([81, 15, 0, 1], IDS), pd.Series([263, 148, 20, 29], IDS)
    table = wilson_interval(events, people)
    assert table["lower"].round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert table["upper"].round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_events_above_their_population_are_an_error_only_for_proportions():
    events, people = pd.Series([11, 5, 8, 0], IDS), pd.Series([10, 10, 20, 10], IDS)
    with pytest.raises(ValuesError, match=r"numerator larger than its denominator: 1 of 4 \(a\)"):
        empirical_bayes(events, people)
    assert empirical_bayes(events, people, kind="rate").table["rate"]["a"] == pytest.approx(1.1)


def test_all_faults_of_counts_are_named_at_once():
    events, people = pd.Series([-1, 5, 30, np.inf], IDS), pd.Series([10, -10, 20, 10], IDS)
    with pytest.raises(ValuesError) as caught:
        lea.empirical_bayes(events, people)
    text = str(caught.value)
    for part in (
        "infinite numerator: 1 of 4 (d)",
        "negative numerator",
        "negative denominator: 1 of 4 (b)",
        "(b, c, d)",
    ):
        assert part in text


def test_events_where_nobody_lives_are_an_error():
    with pytest.raises(ValuesError, match=r"events where nobody lives: 1 of 4 \(b\)"):
        empirical_bayes(pd.Series([1, 2, 3, 4], IDS), pd.Series([10, 0, 20, 10], IDS), kind="rate")


def test_counts_with_other_ids_are_an_error():
    with pytest.raises(ValuesError, match="areas of numerator that denominator does not have"):
        empirical_bayes(pd.Series([1], ["x"]), pd.Series([1], ["y"]))


def test_local_rates_need_their_neighbours():
    with pytest.raises(UsageError, match="method='local' needs the neighbours"):
        empirical_bayes(pd.Series([1], ["x"]), pd.Series([1], ["x"]), method="local")


def test_a_graph_of_other_areas_is_an_error(graph):
    with pytest.raises(ValuesError, match="areas of the graph that counts does not have: 1 of 4"):
        empirical_bayes(
            pd.Series([1, 2, 3], list("abc")), pd.Series([9, 9, 9], list("abc")), graph=graph, method="local"
        )


def test_byar_interval_by_hand():
    # Ten events: 10 (1 - 1/90 - 1.959964 / (3 sqrt 10))^3 = 10 * 0.782292^3 = 4.78741 and
    # 11 (1 - 1/99 + 1.959964 / (3 sqrt 11))^3 = 11 * 1.186885^3 = 18.39145, among 1000 people.
    table = byar_interval(pd.Series([10], ["a"]), pd.Series([1000], ["a"]))
    assert table.loc["a"].tolist() == pytest.approx([0.010, 0.00478741, 0.01839145], rel=2e-5)


@pytest.mark.parametrize(("events", "share"), [(1, 0.49), (2, 0.09), (5, 0.012), (10, 0.003), (50, 3e-4)])
def test_byar_interval_is_near_the_exact_poisson_interval(events, share):
    # Garwood's: half the chi-square quantiles with 2 O and 2 O + 2 degrees of freedom.
    table = byar_interval(pd.Series([events], ["a"]), pd.Series([1.0], ["a"]))
    exact = chi2.ppf(0.025, 2 * events) / 2, chi2.ppf(0.975, 2 * events + 2) / 2
    assert table["lower"]["a"] == pytest.approx(exact[0], rel=share)
    assert table["upper"]["a"] == pytest.approx(exact[1], rel=0.005)


def test_byar_interval_of_no_event_starts_at_nothing_and_does_not_end_there():
    table = byar_interval(pd.Series([0], ["a"]), pd.Series([100], ["a"]))
    assert table["lower"]["a"] == 0
    assert table["upper"]["a"] == pytest.approx(chi2.ppf(0.975, 2) / 200, rel=0.006)


def test_exact_interval_of_a_rate_is_the_exact_poisson_interval():
    events = pd.Series([0.0, 1, 4, 90], list("abcd"))
    table = exact_interval(events, pd.Series(10.0, events.index), kind="rate", level=0.9)
    assert table["lower"].tolist() == pytest.approx([0.0, *chi2.ppf(0.05, 2 * events[1:]) / 20])
    assert table["upper"].tolist() == pytest.approx(chi2.ppf(0.95, 2 * events + 2) / 20)


@pytest.mark.parametrize(("events", "people"), [(0, 7), (1, 7), (3, 40), (40, 40)])
def test_exact_interval_of_a_proportion_is_that_of_scipy(events, people):
    table = exact_interval(pd.Series([events], ["a"]), pd.Series([people], ["a"]), level=0.99)
    theirs = binomtest(events, people).proportion_ci(0.99, method="exact")
    assert table.loc["a"].tolist() == pytest.approx([events / people, theirs.low, theirs.high])


def test_joint_intervals_share_the_error_among_the_areas_that_have_a_rate():
    events, people = pd.Series([3.0, np.nan, 5, 0], list("abcd")), pd.Series([10.0, 10, 20, 0], list("abcd"))
    joint = exact_interval(events, people, joint=True)
    pd.testing.assert_frame_equal(joint, exact_interval(events, people, level=1 - 0.05 / 2))
    assert joint["rate"].isna().tolist() == [False, True, False, True]


@pytest.mark.parametrize("interval", [wilson_interval, byar_interval, exact_interval])
def test_an_interval_holds_its_rate_in_spite_of_rounding(interval):
    people = pd.Series(np.arange(1, 400, dtype=float))
    for events in (people * 0, people // 3, people):
        table = interval(events, people)
        assert (table["lower"] <= table["rate"]).all()
        assert (table["rate"] <= table["upper"]).all()
        assert (table["lower"] >= 0).all()


@pytest.mark.parametrize("interval", [wilson_interval, byar_interval, exact_interval])
def test_the_level_of_an_interval_is_a_share(interval):
    with pytest.raises(UsageError, match="level is 95; it must lie strictly between 0 and 1"):
        interval(pd.Series([1], ["a"]), pd.Series([10], ["a"]), level=95)
