"""Smoothed and merged rates as protections: what they cost, and what they give away."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import lea_geo as lea
from lea_geo.disclosure.prove.linear import bounds
from lea_geo.errors import UsageError, ValuesError


def town(side: int = 4):
    """Return areas, their graph, and events among people, with more of them in the south."""
    areas = lea.build_grid((385_000, 6_675_000, 385_000 + 250 * side, 6_675_000 + 250 * side), cell_size=250)
    rng = np.random.default_rng(11)
    people = pd.Series(rng.integers(30, 160, len(areas)), index=areas.index)
    chance = np.where(areas["northing"] < 6_675_500, 0.25, 0.04)
    return (
        areas,
        lea.build_graph(areas, "queen"),
        pd.Series(rng.binomial(people, chance), index=areas.index),
        people,
    )


def test_a_kernel_averages_events_over_people_of_the_area_and_its_neighbours():
    areas, graph, events, people = town()
    found = lea.smooth_rates(events, people, graph, decimals=4)
    for area in areas.index[[0, 5, 15]]:
        around = [area, *graph.neighbors(area).index]
        by_hand = 100 * events[around].sum() / people[around].sum()
        assert found.table.loc[area, "published"] == pytest.approx(by_hand, abs=5.1e-5)


@pytest.mark.parametrize(("method", "decimals"), [("kernel", 4), ("empirical_bayes", 2)])
def test_whoever_has_the_smoothed_rates_gets_the_counts_back(method, decimals):
    _, graph, events, people = town()
    found = lea.smooth_rates(events, people, graph, method=method, decimals=decimals)
    lower, upper, exact = bounds(found.system, sparse.csr_array(np.eye(len(events))), seconds=20)
    assert exact.all()
    assert lower.tolist() == events.tolist()
    assert upper.tolist() == events.tolist()


@pytest.mark.parametrize("method", ["kernel", "empirical_bayes"])
def test_the_equations_hold_for_the_true_counts_whatever_is_rounded_off(method):
    _, graph, events, people = town(6)
    for decimals in (0, 1, 5):
        system = lea.smooth_rates(events, people, graph, method=method, decimals=decimals, own=2.5).system
        held = system.matrix @ events.to_numpy()
        assert ((system.lower <= held) & (held <= system.upper)).all()


def test_smoothing_carries_the_pattern_and_the_account_says_so():
    _, graph, events, people = town(8)
    found = lea.smooth_rates(events, people, graph)
    assert found.account.areas_hidden == 0
    assert found.account.people == people.sum()
    assert found.account.moran_after == lea.global_moran(found.table["published"], graph).statistic
    assert found.account.moran_change > 0.1


def test_an_area_without_people_has_no_rate_and_is_no_unknown():
    _, graph, events, people = town()
    people.iloc[3], events.iloc[3] = 0, 0
    found = lea.smooth_rates(events, people, graph)
    assert found.table["published"].isna().sum() == 1
    assert found.system.matrix.shape == (15, 15)


def test_areas_are_merged_until_each_region_has_enough_and_sides_grow():
    areas, graph, events, people = town()
    found = lea.merge_for_release(events, people, areas, graph, minimum_numerator=10)
    regions = found.merged.regions
    assert (regions.loc[regions["enough"], "numerator"] >= 10).all()
    for region, members in found.table.groupby("region"):
        rate = events[members.index].sum() / people[members.index].sum()
        assert members["published"].to_numpy() == pytest.approx(rate)
        assert regions.loc[region, "areas"] == len(members)
    # A region of n cells of 250 m is as large as a square of 250 sqrt(n) m.
    sides = 250 * np.sqrt(found.merged.table["areas"])
    assert found.account.side_after == pytest.approx((sides * people).sum() / people.sum())
    assert found.account.side_before == 250
    assert found.account.people_hidden == 0


def test_a_region_that_cannot_reach_the_minimum_is_hidden():
    areas, graph, events, people = town()
    found = lea.merge_for_release(events, people, areas, graph, minimum_numerator=10_000)
    assert found.table["published"].isna().all()
    assert (found.table["region"] == "").all()
    assert found.account.people_hidden == people.sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "median"}, "method is 'median'; it must be one of empirical_bayes, kernel"),
        ({"decimals": -1}, "decimals is -1"),
        ({"scale": 0}, "scale is 0; it must be a number above 0"),
        ({"own": 0}, "own is 0; the weight of an area itself"),
    ],
)
def test_options_out_of_range_are_refused(change, message):
    _, graph, events, people = town()
    with pytest.raises(UsageError, match=message):
        lea.smooth_rates(events, people, graph, **change)


def test_areas_of_another_place_are_refused():
    areas, graph, events, people = town()
    with pytest.raises(ValuesError, match="areas of before that areas does not have"):
        lea.merge_for_release(events, people, areas[:3], graph, minimum_numerator=5)
