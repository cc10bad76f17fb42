"""Possible ranks: they hold the rank and the truth, whatever the order of the areas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lea_geo.ranking import joint_ranks
from lea_geo.rates.intervals import exact_interval

REPLICATES = 400


@st.composite
def counts(draw):
    people = draw(st.lists(st.integers(1, 5000), min_size=1, max_size=40))
    events = [draw(st.integers(0, size)) for size in people]
    ids = [f"{i:05d}" for i in range(len(people))]
    return pd.Series(events, ids, dtype=float), pd.Series(people, ids, dtype=float)


@settings(max_examples=60, deadline=None)
@given(counts())
def test_the_rank_lies_among_the_possible_ranks(given_counts):
    table = joint_ranks(*given_counts)
    assert (table["rank_lower"] >= 1).all()
    assert (table["rank_lower"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_upper"]).all()
    assert (table["rank_upper"] <= len(table)).all()


@settings(max_examples=40, deadline=None)
@given(counts(), st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_the_areas(given_counts, random):
    events, people = given_counts
    order = list(events.index)
    random.shuffle(order)
    shuffled = joint_ranks(events[order], people[order])
    pd.testing.assert_frame_equal(shuffled.loc[list(events.index)], joint_ranks(events, people))


@settings(max_examples=40, deadline=None)
@given(counts(), st.floats(0.5, 0.9))
def test_a_higher_level_leaves_more_ranks_possible(given_counts, level):
    low, high = joint_ranks(*given_counts, level=level), joint_ranks(*given_counts, level=0.99)
    assert (high["rank_lower"] <= low["rank_lower"]).all()
    assert (high["rank_upper"] >= low["rank_upper"]).all()


@pytest.mark.parametrize(("n", "median", "share"), [(40, 60, 0.03), (40, 400, 0.25)])
def test_joint_bounds_hold_every_truth_at_once_in_nineteen_of_twenty_worlds(n, median, share):
    # True shares are known; in each world all areas' counts are drawn, and every interval and every true rank
    # must be within its bounds. At 0.95 fewer than 0.95 - 2.33 sqrt(0.95 * 0.05 / 400) = 0.925 of the worlds
    # would come by chance once in a hundred times. Wilson's intervals at the same level fail this: few events
    # are far from normal where 1 - 0.05 / n of their law is to be covered.
    random = np.random.default_rng(2020)
    people = np.maximum(5, random.lognormal(np.log(median), 0.8, n)).astype(int)
    truth = random.beta(20 * share, 20 * (1 - share), n)
    best = np.array([1 + (truth > one).sum() for one in truth])
    whole, ranked = 0, 0
    for _ in range(REPLICATES):
        drawn = pd.Series(random.binomial(people, truth), dtype=float), pd.Series(people, dtype=float)
        interval = exact_interval(*drawn, joint=True)
        whole += bool(((interval["lower"] <= truth) & (truth <= interval["upper"])).all())
        table = joint_ranks(*drawn)
        ranked += bool(((table["rank_lower"] <= best) & (best <= table["rank_upper"])).all())
    assert whole / REPLICATES >= 0.925
    assert ranked / REPLICATES >= 0.95
