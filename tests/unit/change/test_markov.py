"""Chains of classes: intervals, noise, missing years, tests by shuffling, ranks."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lea_geo as lea
from lea_geo.change.markov_chain import count_moves, homogeneity, intervals, steady_state
from lea_geo.errors import UsageError, ValuesError
from lea_geo.spatial.graph import AreaGraph


@pytest.fixture(scope="module")
def graph():
    areas = lea.build_grid((300_000, 7_100_000, 308_000, 7_108_000), cell_size=1000)
    return lea.build_graph(areas, "rook")


def chain(rng, areas, years, p):
    k = len(p)
    states = np.empty((areas, years), dtype=int)
    states[:, 0] = rng.integers(0, k, areas)
    for t in range(1, years):
        chance = np.cumsum(p[states[:, t - 1]], axis=1)
        states[:, t] = (rng.random((areas, 1)) > chance).sum(axis=1)
    return states


def frame(x, index=None):
    index = [f"{i:04d}" for i in range(len(x))] if index is None else index
    return pd.DataFrame(np.asarray(x, dtype=float), index=index, columns=range(2000, 2000 + np.shape(x)[1]))


P = np.array([[0.8, 0.15, 0.05], [0.2, 0.7, 0.1], [0.05, 0.25, 0.7]])


def test_moves_are_counted_between_years_that_follow_each_other_only():
    states = np.array([[0, 1, 1], [1, -1, 0], [2, 2, -1]])
    assert count_moves(states, 3).tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("how", ["dirichlet", "exact"])
def test_intervals_cover_the_true_probabilities_as_often_as_they_say(how):
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(300):
        counts = np.stack([rng.multinomial(40, row) for row in P])
        lower, upper = intervals(counts, how, 0.95)
        covered.append((lower <= P) & (upper >= P))
    assert np.mean(covered) >= 0.94


def test_clopper_and_pearsons_interval_is_that_of_the_binomial_tails():
    lower, upper = intervals(np.array([[3, 7], [0, 5]]), "exact", 0.95)
    assert stats.binom.sf(2, 10, lower[0, 0]) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 10, upper[0, 0]) == pytest.approx(0.025)
    assert (lower[1, 0], upper[1, 1]) == (0, 1)
    assert upper[1, 0] == pytest.approx(1 - 0.025 ** (1 / 5))


def test_a_known_chain_is_found_again():
    states = chain(np.random.default_rng(2), 3000, 8, P)
    found = lea.markov(frame(states), goalposts=[0.5, 1.5], draws=99)
    np.testing.assert_allclose(found.probabilities, P, atol=0.02)
    values, vectors = np.linalg.eig(P.T)
    first = np.real(vectors[:, np.argmax(np.real(values))])
    np.testing.assert_allclose(found.classes["steady_state"], first / first.sum(), atol=0.02)
    row = found.mobility.loc["shorrocks"]
    assert row["lower"] <= (3 - np.trace(P)) / 2 <= row["upper"]
    assert found.over_time.p_chi2 > 0.01


def test_a_chain_that_changes_is_told_by_its_halves():
    rng = np.random.default_rng(3)
    first = chain(rng, 300, 6, P)
    second = chain(rng, 300, 6, np.full((3, 3), 1 / 3))
    found = lea.markov(frame(np.hstack([first, second])), goalposts=[0.5, 1.5], draws=9)
    assert found.over_time.p_likelihood_ratio < 1e-6


def test_what_cannot_be_reached_has_no_long_run():
    assert np.isnan(steady_state(np.array([[1.0, 0.0], [0.0, 1.0]]))).all()
    found = lea.markov(frame([[1, 1, 1], [2, 2, 2], [1, 1, 1]]), goalposts=[1.5], draws=9)
    assert np.isnan(found.classes["steady_state"]).all()
    assert np.isinf(found.classes["sojourn"]).all()
    assert found.moved == 0


def test_two_halves_with_the_same_law_are_told_apart_no_more_often_than_stated():
    rng = np.random.default_rng(4)
    p = [
        homogeneity(np.stack([np.stack([rng.multinomial(60, row) for row in P]) for _ in range(2)])).p_chi2
        for _ in range(400)
    ]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_moves_by_noise_alone_are_those_of_many_draws():
    rng = np.random.default_rng(5)
    people = rng.integers(20, 200, size=(150, 1)) * np.ones((1, 5))
    rate = rng.uniform(0.1, 0.3, size=(150, 1))
    events = rng.binomial(people.astype(int), rate)
    values = frame(100 * events / people)
    found = lea.markov(values, draws=9, numerators=frame(events), denominators=frame(people))
    pooled = events.sum(axis=1, keepdims=True) / people.sum(axis=1, keepdims=True)
    borders = found.borders.iloc[0].to_numpy()
    shares = []
    for _ in range(60):
        again = np.searchsorted(borders, 100 * rng.binomial(people.astype(int), pooled) / people, side="left")
        shares.append((again[:, 1:] != again[:, :-1]).mean())
    assert found.moved_by_noise == pytest.approx(np.mean(shares), abs=0.01)
    # Nothing has changed here: all moves are noise.
    assert found.moved == pytest.approx(found.moved_by_noise, abs=0.04)


def test_real_moves_are_more_than_noise_would_bring():
    rng = np.random.default_rng(6)
    people = np.full((200, 6), 2000.0)
    rate = np.clip(0.2 + np.cumsum(rng.normal(0, 0.03, size=(200, 6)), axis=1), 0.02, 0.6)
    events = rng.binomial(2000, rate)
    found = lea.markov(frame(events / people), draws=9, numerators=frame(events), denominators=frame(people))
    assert found.moved > 1.5 * found.moved_by_noise


def test_without_counts_nothing_is_said_of_noise():
    found = lea.markov(frame(np.random.default_rng(0).normal(size=(40, 4))), draws=9)
    assert np.isnan(found.moved_by_noise)


def test_neighbours_that_do_not_matter_are_told_to_matter_no_more_often_than_stated(graph):
    p = []
    for seed in range(40):
        x = np.cumsum(np.random.default_rng(seed).normal(size=(graph.n, 6)), axis=1)
        found = lea.spatial_markov(frame(x, graph.ids), graph, classes=3, permutations=99, seed=seed)
        p.append(found.test.p_permutation)
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
    assert np.mean(p) == pytest.approx(0.5, abs=0.15)


def test_neighbours_that_pull_are_told_to_matter(graph):
    rng = np.random.default_rng(7)
    weights = graph.transform("row").sparse()
    x = np.empty((graph.n, 25))
    x[:, 0] = rng.normal(size=graph.n)
    for t in range(1, 25):
        x[:, t] = 0.45 * x[:, t - 1] + 0.5 * (weights @ x[:, t - 1]) + 0.5 * rng.normal(size=graph.n)
    found = lea.spatial_markov(frame(x, graph.ids), graph, classes=3, permutations=99)
    assert found.test.p_permutation == pytest.approx(0.01)
    lisa = lea.lisa_markov(frame(x, graph.ids), graph, permutations=99)
    assert lisa.p_permutation <= 0.05


def test_few_expected_moves_are_flagged(graph):
    x = np.random.default_rng(8).normal(size=(graph.n, 3))
    found = lea.spatial_markov(frame(x, graph.ids), graph, permutations=0)
    assert found.test.few_expected > 50
    assert any("fewer than 5 moves are expected" in note for note in found.notes)


def test_independent_moves_of_quadrants_add_up(graph):
    x = np.random.default_rng(9).normal(size=(graph.n, 8))
    found = lea.lisa_markov(frame(x, graph.ids), graph, permutations=0)
    by = found.table.groupby("from")[["moves", "expected"]].sum()
    np.testing.assert_allclose(by["moves"], by["expected"])
    assert found.degrees == 8


def test_areas_whose_label_is_not_significant_can_be_a_class_of_their_own(graph):
    x = np.random.default_rng(10).normal(size=(graph.n, 4))
    x[:20] += 3
    found = lea.lisa_markov(frame(x, graph.ids), graph, significant=True)
    assert "Not significant" in set(found.table["from"])
    assert np.isnan(found.chi2)
    year = lea.local_moran(frame(x, graph.ids)[2001], graph).table["label"]
    assert (found.states[2001] == year).all()


def test_the_order_of_areas_and_years_changes_nothing(graph):
    x = frame(np.random.default_rng(11).normal(size=(graph.n, 5)), graph.ids)
    turned = x.iloc[::-1, ::-1]
    for call in (
        lambda v: lea.markov(v, draws=49).mobility,
        lambda v: lea.spatial_markov(v, graph, permutations=49).table,
        lambda v: lea.rank_mobility(v, graph, permutations=49).intervals,
    ):
        pd.testing.assert_frame_equal(call(x), call(turned))
    one, other = (lea.spatial_markov(v, graph, permutations=49).test for v in (x, turned))
    assert one == other
    one, other = (lea.lisa_markov(v, graph, permutations=49).p_permutation for v in (x, turned))
    assert one == other


def test_areas_that_trade_places_with_neighbours_are_told(graph):
    rng = np.random.default_rng(12)
    before = rng.normal(size=graph.n)
    x = frame(np.column_stack([before, before]), graph.ids)
    still = lea.rank_mobility(x, graph, permutations=99)
    assert (still.table["tau"] == 1).all()
    assert set(still.table["label"]) == {"not told"}
    assert still.intervals["tau"].iloc[0] == pytest.approx(1)


def test_the_law_of_an_areas_neighbours_is_that_of_all_choices(graph):
    ids = graph.ids[:7]
    part = graph.subset(ids)
    x = np.random.default_rng(13).normal(size=(7, 2))
    found = lea.rank_mobility(frame(x, ids), part, permutations=9).table
    turned = (np.subtract.outer(x[:, 0], x[:, 0]) * np.subtract.outer(x[:, 1], x[:, 1])) < 0
    for i, area in enumerate(ids):
        near = part.indices[part.indptr[i] : part.indptr[i + 1]]
        others = [j for j in range(7) if j != i]
        sums = np.array([turned[i, list(chosen)].sum() for chosen in combinations(others, len(near))])
        assert found.loc[area, "p_lower"] == pytest.approx((sums >= turned[i, near].sum()).mean())


def test_areas_without_a_value_in_some_year_are_left_out_of_ranks_and_said(graph):
    x = frame(np.random.default_rng(14).normal(size=(graph.n, 3)), graph.ids)
    x.iloc[3, 1] = np.nan
    found = lea.rank_mobility(x, graph, permutations=9)
    assert found.table["label"].iloc[3] == ""
    assert found.notes == ("1 of 64 areas have no value in some year and are left out.",)
    assert "1 of 64" in lea.rank_markov(x).notes[0]


def test_tied_borders_and_uneven_years_are_said():
    x = frame(np.random.default_rng(0).integers(0, 2, size=(30, 3))).set_axis([2018, 2021, 2022], axis=1)
    notes = lea.markov(x, draws=9).notes
    assert any("borders between classes are equal" in note for note in notes)
    assert any("Steps of different length (1, 3 years)" in note for note in notes)


def test_wrong_options_and_tables_are_refused(graph):
    x = frame(np.random.default_rng(0).normal(size=(5, 3)))
    with pytest.raises(UsageError, match="goalposts is"):
        lea.markov(x, goalposts=[2, 1])
    with pytest.raises(UsageError, match="cuts is 'years'"):
        lea.markov(x, cuts="years")
    with pytest.raises(ValuesError, match="years: 1"):
        lea.markov(x.iloc[:, :1])
    with pytest.raises(ValuesError, match="moves from a year to the next: 0"):
        lea.markov(x.mask(np.eye(5, 3) == 0))
    with pytest.raises(ValuesError, match="counts are negative or exceed"):
        lea.markov(x, numerators=x.abs() + 2, denominators=x.abs())
    with pytest.raises(ValuesError, match="the graph does not have"):
        lea.spatial_markov(x, graph)
    with pytest.raises(UsageError, match="regimes is a list"):
        lea.rank_mobility(frame(np.zeros((graph.n, 2)), graph.ids), graph, regimes=["a"])


def test_what_leaves_nothing_to_follow_is_refused_with_its_reason(graph):
    x = frame(np.random.default_rng(15).normal(size=(graph.n, 4)), graph.ids)
    empty = x.copy()
    empty[2000] = np.nan
    with pytest.raises(ValuesError, match=r"areas with a value in every year: 0\. At least 2 are needed"):
        lea.rank_mobility(empty, graph)
    with pytest.raises(ValuesError, match="areas with a value in every year: 0"):
        lea.rank_markov(empty)
    # A year without values is no year to move from.
    lisa, later = (lea.lisa_markov(v, graph, permutations=0) for v in (empty, x[[2001, 2002, 2003]]))
    assert lisa.table["moves"].tolist() == later.table["moves"].tolist()
    alone = AreaGraph(graph.ids, np.zeros(graph.n + 1, dtype=int), np.empty(0, dtype=int), np.empty(0))
    with pytest.raises(ValuesError, match="An area without neighbours has no mean of them"):
        lea.spatial_markov(x, alone)


def test_values_that_are_all_alike_have_one_class_and_no_long_run():
    found = lea.markov(frame(np.ones((6, 3))), draws=9)
    assert found.moved == 0
    assert found.classes["steady_state"].isna().all()
    assert found.mobility["value"].isna().all()
