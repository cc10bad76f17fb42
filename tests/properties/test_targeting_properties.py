"""Shares of a budget: exact, within their limits, and never less for more need."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.errors import ValuesError
from lea_geo.targeting.equity import ByNeed, gini_per_need

QUIET = {"noise": "none", "draws": 100}
"""What is paid does not depend on draws."""


@st.composite
def needs(draw, least=1, most=12):
    n = draw(st.integers(least, most))
    families = draw(st.lists(st.integers(1, 400), min_size=n, max_size=n))
    counts = [draw(st.integers(0, size)) for size in families]
    ids = draw(st.permutations([f"{i:05d}" for i in range(n)]))
    return pd.Series(counts, ids, dtype=float), pd.Series(families, ids, dtype=float)


def ends_of(need, families, terms):
    """Return the least and most whole euros of each area by its floors and caps."""
    kept = terms.get("hold_harmless", 0.0) * terms.get("previous", 0.0 * need)
    low = np.ceil(np.maximum(terms["floor"] or 0.0, kept))
    high = pd.Series(np.inf, need.index)
    for cap in (terms["cap"], terms["cap_per_family"] and terms["cap_per_family"] * families):
        high = high if cap is None else np.minimum(high, np.floor(cap))
    return low, high


@st.composite
def tasks(draw, *, possible=False, before=False):
    """A need, a budget, and terms: sure to be possible, or perhaps not."""
    need, families = draw(needs())
    terms = {"floor": draw(st.sampled_from([None, 0.0, 3.0, 10.5]))}
    terms["cap"] = draw(st.sampled_from([None, 40.0, 75.5, 300.0]))
    terms["cap_per_family"] = draw(st.sampled_from([None, 0.5, 2.0]))
    terms["fixed"] = draw(st.sampled_from([0.0, 1.5]))
    terms["power"] = draw(st.sampled_from([1.0, 0.5, 2.0]))
    if before or draw(st.booleans()):
        had = draw(st.lists(st.integers(1, 60), min_size=len(need), max_size=len(need)))
        terms |= {"previous": pd.Series(had, need.index, dtype=float)}
        terms |= {"hold_harmless": draw(st.sampled_from([0.0, 0.5, 0.95]))}
    budget = draw(st.integers(1, 1000))
    if possible:
        need = np.minimum(need + 1, families)
        low, high = ends_of(need, families, terms)
        if (low > high).any() or high.sum() < 1:
            terms |= {"cap": None, "cap_per_family": None}
            low, high = ends_of(need, families, terms)
        least = np.ceil(np.clip(terms["fixed"], low, high).sum())
        budget = draw(st.integers(max(1, int(least)), int(min(high.sum(), least + 2000))))
    return need, families, budget, terms


def shared(need, families, budget, terms):
    """Return the allocation, or nothing where the terms cannot all be kept."""
    try:
        return lea.allocate(need, budget, families=families, **terms, **QUIET)
    except ValuesError:
        return None


@settings(max_examples=40, deadline=None)
@given(tasks(possible=True))
def test_the_euros_add_up_to_the_budget_and_every_floor_and_cap_is_kept(task):
    need, families, budget, terms = task
    euros = lea.allocate(need, budget, families=families, **terms, **QUIET).table["euros"]
    assert euros.sum() == budget
    assert (euros == euros.round()).all()
    kept = terms.get("hold_harmless", 0.0) * terms.get("previous", 0.0 * need)
    assert (euros >= np.maximum(terms["floor"] or 0.0, kept)).all()
    if terms["cap"] is not None:
        assert (euros <= terms["cap"]).all()
    if terms["cap_per_family"] is not None:
        assert (euros <= terms["cap_per_family"] * families).all()


@settings(max_examples=40, deadline=None)
@given(tasks(possible=True), st.data())
def test_an_area_whose_need_alone_grows_never_gets_less(task, data):
    need, families, budget, terms = task
    area = data.draw(st.sampled_from(sorted(need.index)))
    assume(need[area] < families[area])
    more = need.copy()
    more[area] = data.draw(st.integers(int(need[area]) + 1, int(families[area])))
    before, after = shared(need, families, budget, terms), shared(more, families, budget, terms)
    assume(before is not None and after is not None)
    assert after.table.loc[area, "euros"] >= before.table.loc[area, "euros"]


@settings(max_examples=40, deadline=None)
@given(tasks(possible=True, before=True), st.integers(2, 4), st.data())
def test_nor_does_it_in_any_year_of_a_phase_in(task, years, data):
    need, families, budget, terms = task
    area = data.draw(st.sampled_from(sorted(need.index)))
    assume(need[area] < families[area])
    more = need.copy()
    more[area] = data.draw(st.integers(int(need[area]) + 1, int(families[area])))
    ways = [shared(one, families, budget, terms | {"phase_in": years}) for one in (need, more)]
    assert (ways[1].path.loc[area] >= ways[0].path.loc[area]).all()


@settings(max_examples=60, deadline=None)
@given(needs(least=2), st.integers(1, 500), st.sampled_from([0.0, 2.0]), st.sampled_from([None, 60.0]))
def test_of_areas_on_equal_terms_more_need_never_gets_less_and_equal_need_the_same_to_a_euro(
    counts, budget, floor, cap
):
    need, _ = counts
    found = shared(need, None, budget, {"floor": floor, "cap": cap})
    assume(found is not None)
    euros = found.table["euros"]
    for one in need.index:
        assert (euros[need > need[one]] >= euros[one]).all()
        assert (abs(euros[need == need[one]] - euros[one]) <= 1).all()


@settings(max_examples=40, deadline=None)
@given(tasks(possible=True), st.randoms(use_true_random=False))
def test_the_order_of_the_areas_changes_nothing(task, random):
    need, families, budget, terms = task
    ids = sorted(need.index)
    random.shuffle(ids)
    again = lea.allocate(need[ids], budget, families=families, **terms, draws=100, seed=3)
    first = lea.allocate(need, budget, families=families, **terms, draws=100, seed=3)
    pd.testing.assert_frame_equal(again.table.loc[need.index], first.table)
    assert again.noise_share == first.noise_share


@settings(max_examples=40, deadline=None)
@given(needs(), st.integers(1, 1000), st.sampled_from([2.0, 3.0, 1000.0]))
def test_need_in_other_units_is_shared_alike(counts, budget, scale):
    need, _ = counts
    assume(need.sum() > 0)
    one, other = (lea.allocate(x, budget, **QUIET).table["euros"] for x in (need, need * scale))
    assert one.equals(other)


@settings(max_examples=40, deadline=None)
@given(tasks(possible=True, before=True), st.integers(2, 5))
def test_a_phase_in_pays_the_budget_every_year_keeps_its_limits_and_ends_at_the_target(task, years):
    need, families, budget, terms = task
    found = lea.allocate(need, budget, families=families, **terms, phase_in=years, **QUIET)
    assert (found.path.sum() == budget).all()
    assert found.path.columns.tolist() == list(range(1, years + 1))
    assert found.path[years].equals(found.table["euros"].rename(years))
    kept = terms["hold_harmless"] * terms["previous"]
    assert (found.path.ge(np.maximum(kept, terms["floor"] or 0.0), axis=0)).all(axis=None)
    if terms["cap"] is not None:
        assert (found.path <= terms["cap"]).all(axis=None)


@settings(max_examples=40, deadline=None)
@given(tasks())
def test_terms_that_are_refused_are_impossible_and_terms_that_are_not_are_possible(task):
    # Possible: floors (whole euros, upwards) below caps (downwards), floors together within the budget, and
    # caps of those that can grow, with what the others have without need, reaching it.
    need, families, budget, terms = task
    low, high = ends_of(need, families, terms)
    high = np.minimum(high, budget)
    least = np.clip(terms["fixed"], low, np.maximum(low, high))
    most = np.where(need > 0, high, least)
    possible = (low <= high).all() and low.sum() <= budget and least.sum() <= budget <= most.sum()
    assert (shared(need, families, budget, terms) is not None) == bool(possible)


@settings(max_examples=40, deadline=None)
@given(needs(least=2), st.data())
def test_the_list_has_its_size_and_the_probabilities_add_up_to_it(counts, data):
    need, families = counts
    size = data.draw(st.integers(1, len(need)))
    found = lea.priority_list(need, families, choose=size, draws=200)
    assert found.table["chosen"].sum() == size
    assert found.table["p_belongs"].sum() == pytest.approx(size)
    assert found.expected_wrong == pytest.approx(found.expected_left_out)
    assert found.optimal_reached >= found.expected_reached - 1e-12


@settings(max_examples=40, deadline=None)
@given(needs(least=2), st.data())
def test_who_is_reached_and_who_is_missed_are_all_and_the_curve_passes_through_the_choice(counts, data):
    need, families = counts
    assume(need.sum() > 0)
    size = data.draw(st.integers(1, len(need)))
    chosen = lea.priority_list(need, families, choose=size, draws=200).table["chosen"]
    found = lea.missed(need, families, chosen, draws=200)
    row = found.table.loc["chosen"]
    assert row["need"] + row["need_missed"] == pytest.approx(need.sum())
    assert row["share_reached_lower"] <= row["share_reached"] <= row["share_reached_upper"]
    assert found.table.loc["universal", ["share_reached", "share_of_families"]].tolist() == [1, 1]
    curve = found.curve.query("order == 'rate'").set_index("areas")
    assert curve.loc[size, "share_of_need"] == pytest.approx(row["share_reached"])
    assert (curve["share_of_need"].diff().dropna() >= 0).all()


@settings(max_examples=40, deadline=None)
@given(needs(least=2), st.integers(2, 4))
def test_equity_does_not_change_when_money_grows_or_everybody_is_there_several_times(counts, times):
    need, families = (one.to_numpy() for one in counts)
    euros = np.arange(1.0, len(need) + 1)
    assume(need.sum() > 0)
    for money, people in ((times * euros, 1), (times * euros, times)):
        one, other = ByNeed(need, families), ByNeed(people * need, people * families)
        for measure in ("concentration", "to_neediest"):
            found = getattr(one, measure)(one.per_family(euros))
            assert getattr(other, measure)(other.per_family(money)) == pytest.approx(found)
    assume((need > 0).all())
    assert gini_per_need(times * euros, times * need) == pytest.approx(gini_per_need(euros, need))
    assert gini_per_need(3 * need, need) == pytest.approx(0, abs=1e-12)
