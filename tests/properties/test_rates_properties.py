"""Rates over few people: what must hold whatever the counts are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.rates.merge_areas import polished
from lea_geo.spatial.graph import AreaGraph

SHRINKING = {
    "empirical_bayes": lea.empirical_bayes,
    "beta_binomial": lea.beta_binomial,
    "poisson_gamma": lea.poisson_gamma,
}


@st.composite
def counts(draw, most: int = 25):
    people = draw(st.lists(st.integers(1, 1000), min_size=2, max_size=most))
    events = [draw(st.integers(0, size)) for size in people]
    ids = [f"{i:05d}" for i in range(len(people))]
    return pd.Series(events, ids, dtype=float), pd.Series(people, ids, dtype=float)


@st.composite
def strata(draw):
    n, k = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    people = np.array(draw(st.lists(st.integers(1, 500), min_size=n * k, max_size=n * k))).reshape(n, k)
    events = np.array([draw(st.integers(0, int(size))) for size in people.ravel()]).reshape(n, k)
    ids, bands = [f"{i:05d}" for i in range(n)], [f"s{j}" for j in range(k)]
    return tuple(pd.DataFrame(part, ids, bands, dtype=float) for part in (events, people))


@pytest.mark.parametrize("method", SHRINKING)
@settings(max_examples=25, deadline=None)
@given(given_counts=counts())
def test_an_estimate_lies_between_the_rate_and_the_mean_that_it_is_drawn_to(method, given_counts):
    result = SHRINKING[method](*given_counts)
    table = result.table
    mean = getattr(result, "mean", given_counts[0].sum() / given_counts[1].sum())
    low, high = np.minimum(table["rate"], mean), np.maximum(table["rate"], mean)
    assert (table["estimate"] >= low - 1e-9).all()
    assert (table["estimate"] <= high + 1e-9).all()
    assert table["reliability"].between(0, 1).all()


@pytest.mark.parametrize("fit", [lea.beta_binomial, lea.poisson_gamma])
@settings(max_examples=15, deadline=None)
@given(given_counts=counts(), level=st.floats(0.5, 0.9))
def test_bounds_hold_the_estimate_and_widen_with_the_level(fit, given_counts, level):
    narrow, wide = fit(*given_counts, level=level).table, fit(*given_counts, level=0.99).table
    for table in (narrow, wide):
        assert (table["lower"] <= table["estimate"]).all()
        assert (table["estimate"] <= table["upper"]).all()
    assert (wide["lower"] <= narrow["lower"] + 1e-12).all()
    assert (wide["upper"] >= narrow["upper"] - 1e-12).all()


@settings(max_examples=15, deadline=None)
@given(counts(), st.randoms(use_true_random=False))
def test_no_estimate_depends_on_the_order_of_the_areas(given_counts, random):
    events, people = given_counts
    parents = pd.Series([f"p{i % 3}" for i in range(len(events))], events.index)
    order = list(events.index)
    random.shuffle(order)
    for method in SHRINKING.values():
        shuffled, plain = method(events[order], people[order]).table, method(events, people).table
        pd.testing.assert_frame_equal(shuffled.loc[plain.index], plain, rtol=1e-6)
    shuffled = lea.shrink_to_parent(events[order], people[order], parents).table
    pd.testing.assert_frame_equal(
        shuffled.loc[events.index], lea.shrink_to_parent(events, people, parents).table
    )


@settings(max_examples=25, deadline=None)
@given(counts(), st.integers(2, 20))
def test_more_people_with_the_same_rate_keep_more_of_it(given_counts, times):
    # The same parent, and between two areas of one rate the larger keeps more of its own.
    events, people = given_counts
    more = pd.concat([events, pd.Series({"small": 3.0, "large": 3.0 * times})])
    all_people = pd.concat([people, pd.Series({"small": 10.0, "large": 10.0 * times})])
    parents = pd.Series("p", more.index)
    for table in (
        lea.beta_binomial(more, all_people).table,
        lea.empirical_bayes(more, all_people).table,
        lea.shrink_to_parent(more, all_people, parents).table,
    ):
        assert table["reliability"]["large"] >= table["reliability"]["small"]


@settings(max_examples=25, deadline=None)
@given(counts())
def test_a_parents_rate_draws_its_areas_on_the_logit(given_counts):
    events, people = given_counts
    table = lea.shrink_to_parent(events, people, pd.Series("p", events.index)).table
    own = (events + 0.5) / (people + 1)
    whole = (events.sum() + 0.5) / (people.sum() + 1)
    assert (table["estimate"] >= np.minimum(own, whole) - 1e-12).all()
    assert (table["estimate"] <= np.maximum(own, whole) + 1e-12).all()
    assert table["estimate"].between(0, 1, inclusive="neither").all()
    assert ((table["lower"] <= table["estimate"]) & (table["estimate"] <= table["upper"])).all()


@settings(max_examples=25, deadline=None)
@given(strata(), st.sampled_from(["dobson", "gamma"]))
def test_a_direct_rate_is_a_mean_of_its_strata_within_its_bounds(given_strata, interval):
    events, people = given_strata
    table = lea.direct_rates(events, people, interval=interval).table
    rates = events / people
    assert (table["rate"] >= rates.min(axis=1) - 1e-12).all()
    assert (table["rate"] <= rates.max(axis=1) + 1e-12).all()
    assert ((table["lower"] <= table["rate"]) & (table["rate"] <= table["upper"])).all()
    assert (table["lower"] >= 0).all()


@settings(max_examples=25, deadline=None)
@given(strata(), st.floats(0.01, 1000))
def test_a_standards_size_does_not_matter_and_one_stratum_leaves_the_crude_rate(given_strata, times):
    events, people = given_strata
    standard = people.sum()
    one = lea.direct_rates(events, people, standard=standard).table
    pd.testing.assert_frame_equal(lea.direct_rates(events, people, standard=standard * times).table, one)
    whole = [part.sum(axis=1).to_frame("all") for part in given_strata]
    table = lea.direct_rates(*whole).table
    np.testing.assert_allclose(table["rate"], table["crude"])


@settings(max_examples=25, deadline=None)
@given(strata())
def test_all_events_together_are_those_that_their_own_rates_foretell(given_strata):
    table = lea.indirect_rates(*given_strata).table
    assert table["expected"].sum() == pytest.approx(given_strata[0].to_numpy().sum())


@settings(max_examples=25, deadline=None)
@given(counts(), st.integers(1, 500), st.integers(1, 500))
def test_a_stricter_rule_never_makes_a_rate_more_reliable(given_counts, one, other):
    order = {"reliable": 0, "caution": 1, "unreliable": 2}
    low, high = sorted((one, other))
    lax, strict = (
        lea.reliability(*given_counts, minimum_denominator=n).table["grade"].map(order) for n in (low, high)
    )
    assert (strict >= lax).all()


@st.composite
def boards(draw):
    """Return a path of areas with some links more, in two regions that each hang together."""
    n = draw(st.integers(4, 16))
    values = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    reached = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    cut = draw(st.integers(1, n - 1))
    start, end = np.arange(n - 1), np.arange(1, n)
    extra = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=8))
    more = np.array([pair for pair in extra if abs(pair[0] - pair[1]) > 1], dtype=int).reshape(-1, 2)
    ends = np.unique(np.sort(np.vstack([np.column_stack([start, end]), more]), axis=1), axis=0)
    both = np.vstack([ends, ends[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    indptr = np.searchsorted(both[:, 0], np.arange(n + 1))
    graph = AreaGraph([f"{i:02d}" for i in range(n)], indptr, both[:, 1], np.ones(len(both)))
    return graph, np.array(values, dtype=float), np.array(reached, dtype=float), (np.arange(n) >= cut) + 1


@settings(max_examples=50, deadline=None)
@given(boards())
def test_moving_areas_keeps_every_region_whole_and_large_enough_and_more_alike(board):
    graph, values, reached, labels = board
    apart = np.abs(values[:, None] - values)
    enough = min(reached[labels == k].sum() for k in (1, 2))

    def unlike(regions: np.ndarray) -> float:
        return sum(apart[np.ix_(regions == k, regions == k)].sum() for k in (1, 2))

    found = polished(labels, graph.sparse(), reached, apart, enough)
    assert unlike(found) <= unlike(labels)
    for k in (1, 2):
        assert reached[found == k].sum() >= enough
        assert graph.take(np.flatnonzero(found == k)).n_components == 1
