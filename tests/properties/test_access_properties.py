"""What must hold of access and of the choice of sites, whatever the numbers: all sets tried are the truth."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.targeting.travel import costs_of


@st.composite
def cases(draw):
    """Need of 5 to 9 areas, and costs to 6 to 8 places, some of which cannot be reached."""
    n, m = draw(st.integers(5, 9)), draw(st.integers(6, 8))
    need = draw(st.lists(st.integers(0, 30), min_size=n, max_size=n).filter(lambda one: sum(one) > 0))
    cells = st.integers(0, 40) | st.just(-1)
    rows = np.array(draw(st.lists(cells, min_size=n * m, max_size=n * m)), dtype=float).reshape(n, m)
    rows[:, 0] = np.abs(rows[:, 0])  # every area can reach one place
    rows[rows < 0] = np.nan
    ids = [f"a{i}" for i in range(n)]
    table = pd.DataFrame(rows, index=ids, columns=[f"s{j}" for j in range(m)])
    return pd.Series(need, index=ids, dtype=float), costs_of(table, unit="minutes")


def loss(need, table, sites, objective, radius, no_route):
    least = table[list(sites)].fillna(no_route).min(axis=1)
    if objective == "coverage":
        return 1 - need[least <= radius].sum() / need.sum()
    if objective == "p_centre":
        return least[need > 0].max()
    return (need * least).sum() / need.sum()


@settings(max_examples=40)
@given(cases(), st.sampled_from(["p_median", "coverage", "p_centre"]), st.integers(1, 3))
def test_no_set_of_sites_is_better_than_the_one_chosen(case, objective, p):
    need, costs = case
    found = lea.choose_sites(need, None, costs, p=p, objective=objective, radius=15, noise="none")
    lost = found.settings["no_route"]
    every = {
        one: loss(need, costs.table, one, objective, 15, lost) for one in combinations(costs.destinations, p)
    }
    value = 1 - found.value if objective == "coverage" else found.value
    assert value == pytest.approx(min(every.values()), abs=1e-9)
    assert every[found.sites] == pytest.approx(min(every.values()), abs=1e-9)


@settings(max_examples=25)
@given(cases(), st.integers(5, 30))
def test_no_fewer_sites_reach_all(case, radius):
    need, costs = case
    reachable = (costs.table <= radius).any(axis=1) & (need > 0)
    if not reachable.any():
        return
    found = lea.choose_sites(need, None, costs, objective="coverage_all", radius=radius, noise="none")
    near = costs.table[reachable] <= radius
    enough = next(
        k
        for k in range(1, len(costs.destinations) + 1)
        if any(near[list(one)].any(axis=1).all() for one in combinations(costs.destinations, k))
    )
    assert found.value == enough == len(found.sites)
    assert near[list(found.sites)].any(axis=1).all()


@settings(max_examples=20)
@given(cases())
def test_more_sites_never_reach_less(case):
    need, costs = case
    median = [lea.choose_sites(need, None, costs, p=p, noise="none").value for p in (1, 2, 3)]
    reached = [
        lea.choose_sites(need, None, costs, p=p, objective="coverage", radius=15, noise="none").value
        for p in (1, 2, 3)
    ]
    assert all(later <= one + 1e-9 for one, later in pairwise(median))
    assert all(later >= one - 1e-9 for one, later in pairwise(reached))


@settings(max_examples=20)
@given(cases(), st.randoms(use_true_random=False), st.integers(2, 50))
def test_neither_the_order_of_rows_nor_the_scale_of_need_changes_the_choice(case, random, scale):
    need, costs = case
    rows, columns = list(need.index), list(costs.destinations)
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = costs_of(costs.table.loc[rows, columns], unit="minutes")
    plain = lea.choose_sites(need, None, costs, p=2, noise="none")
    other = lea.choose_sites(need[rows[::-1]] * scale, None, mixed, p=2, noise="none")
    assert other.sites == plain.sites
    assert other.value == pytest.approx(plain.value)
    pd.testing.assert_frame_equal(other.table.drop(columns="need"), plain.table.drop(columns="need"))


@settings(max_examples=20)
@given(cases())
def test_shares_of_redraws_add_up_and_repeat(case):
    need, costs = case
    one, again = (lea.choose_sites(need, None, costs, p=2, draws=100, alternatives=99) for _ in range(2))
    assert one.table["p_belongs"].sum() == pytest.approx(2)  # two sites belong to every best set
    assert one.options["p_best"].sum() <= 1 + 1e-9
    pd.testing.assert_frame_equal(one.options, again.options)


@given(cases(), st.integers(1, 40), st.sampled_from(["2sfca", "3sfca"]))
def test_what_is_offered_is_what_is_shared(case, threshold, method):
    """Demand times score, added up, is the supply of all services that somebody reaches."""
    need, costs = case
    supply = pd.Series(np.arange(1.0, 1 + len(costs.destinations)), index=costs.destinations)
    found = lea.access_scores(
        need,
        supply,
        costs,
        threshold=threshold,
        method=method,
        noise="none",
        decay="exponential",
        bandwidth=9,
    )
    assert (found.table["score"] * need).sum() == pytest.approx(found.reached_supply, abs=1e-9)
    reached = (costs.table[need > 0] <= threshold).any(axis=0)
    assert found.reached_supply == pytest.approx(supply[reached].sum())
    assert (found.table["score"] >= 0).all()


@given(cases(), st.integers(1, 40), st.integers(0, 7))
def test_one_more_service_never_takes_away_what_can_be_reached(case, threshold, where):
    need, costs = case
    supply = pd.Series(1.0, index=costs.destinations)
    more = supply.copy()
    more.iloc[where % len(more)] += 1
    for method in ("2sfca", "opportunities"):
        before, after = (
            lea.access_scores(need, one, costs, threshold=threshold, method=method, noise="none").table[
                "score"
            ]
            for one in (supply, more)
        )
        assert (after >= before - 1e-12).all()
