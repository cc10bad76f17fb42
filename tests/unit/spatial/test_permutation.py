"""Conditional permutation: exact for every area, the same for all threads and orders, valid in stages."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest

from lea_geo.spatial.compiled import THREADS
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.laws import permutation
from lea_geo.spatial.laws.exact_law import exact_test
from lea_geo.spatial.laws.permutation import CountedTest, difference_tails, ranked, sum_tails
from lea_geo.spatial.sample import Sample, build_sample

DRAWS = 40_000


def sample_of(values: np.ndarray, links: np.ndarray, *, transform: str = "row") -> Sample:
    """Return a sample whose weights are those of a matrix with an empty diagonal."""
    ids = pd.Index([f"a{i:04d}" for i in range(len(values))])
    linked = links != 0
    indptr = np.concatenate([[0], np.cumsum(linked.sum(axis=1))])
    graph = AreaGraph(ids, indptr, np.nonzero(linked)[1], links[linked].astype(float))
    return build_sample(pd.Series(values, ids, dtype=float), graph, transform=transform)


def random_links(n: int, seed: int, *, share: float = 0.4, unequal: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    links = (rng.random((n, n)) < share) * (rng.choice([1.0, 2.0, 5.0], (n, n)) if unequal else 1.0)
    np.fill_diagonal(links, 0.0)
    return links


def ring(n: int, reach: int) -> np.ndarray:
    gap = abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return ((np.minimum(gap, n - gap) <= reach) & (gap > 0)).astype(float)


def sums(sample: Sample, **options: object) -> CountedTest:
    choice = {"tolerance": np.full(sample.n, 1e-9), "permutations": DRAWS, "required": DRAWS, "seed": 0}
    return sum_tails(sample, sample.deviations, **(choice | options))


def differences(sample: Sample, columns: np.ndarray, **options: object) -> CountedTest:
    choice = {"tolerance": np.full(sample.n, 1e-9), "permutations": DRAWS, "required": DRAWS, "seed": 0}
    observed = np.array([weighted(sample, i, gaps(columns, i)) for i in range(sample.n)])
    return difference_tails(sample, columns, observed, **(choice | options))


def row_of(sample: Sample, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Return an area's neighbours and weights."""
    row = sample.weights[[i]].tocoo()
    return row.col, row.data


def gaps(columns: np.ndarray, i: int) -> np.ndarray:
    """Return |z_i - z_j|^2 of every area j."""
    return np.square(columns - columns[:, [i]]).sum(axis=0)


def weighted(sample: Sample, i: int, terms: np.ndarray) -> float:
    neighbours, weights = row_of(sample, i)
    return float(weights @ terms[neighbours])


def enumerated(sample: Sample, i: int, terms: np.ndarray) -> tuple[float, float]:
    """Return both tails of sum_j w_ij terms_j by going through every draw of the neighbours."""
    _, weights = row_of(sample, i)
    others = np.delete(terms, i)
    ways = combinations if np.ptp(weights) == 0 else permutations
    drawn = np.array([others[list(way)] for way in ways(range(len(others)), len(weights))]) @ weights
    observed = weighted(sample, i, terms)
    return float(np.mean(drawn <= observed + 1e-9)), float(np.mean(drawn >= observed - 1e-9))


def assert_counted(test: CountedTest, sample: Sample, terms: object) -> None:
    """Compare counts with binomial ones: no |z| above 4.5 among the some dozen tails of one test."""
    for i in np.flatnonzero(sample.counts):
        found = (test.tails.lower[i], test.tails.upper[i])
        for p, true in zip(found, enumerated(sample, i, terms(i)), strict=True):
            count = p * (DRAWS + 1) - 1
            spread = np.sqrt(DRAWS * true * (1 - true))
            assert abs(count - DRAWS * true) <= 4.5 * spread + 1e-6


@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counts_of_neighbour_sums_follow_full_enumeration(seed, unequal):
    rng = np.random.default_rng(seed)
    # Ties and zeros among them; rows of 1 to all 7 others.
    values = rng.choice([0.0, 0.0, 1.0, 2.5, -4.0, 7.0], 8)
    values[:2] = 0.0, 3.0
    sample = sample_of(values, random_links(8, seed, share=0.5, unequal=unequal), transform="original")
    assert_counted(sums(sample, seed=seed), sample, lambda _: sample.deviations)


@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("variables", [1, 3])
def test_counts_of_differences_follow_full_enumeration(variables, unequal):
    rng = np.random.default_rng(variables)
    columns = rng.choice([0.0, 0.0, 1.0, -2.0, 0.7], (variables, 8))
    columns[:, 1] = columns[:, 0]
    sample = sample_of(np.arange(8.0), random_links(8, 4, share=0.5, unequal=unequal), transform="original")
    assert_counted(differences(sample, columns), sample, lambda i: gaps(columns, i))


def test_an_area_never_draws_itself():
    # One area is far above the others, which are all alike. Without itself it has one possible sum; with
    # itself among its draws it would stand below some of them.
    values = np.zeros(30)
    values[7] = 1000.0
    sample = sample_of(values, ring(30, 1))
    test = sums(sample)
    assert test.tails.lower[7] == test.tails.upper[7] == 1.0
    # The two beside it hold the largest sum possible: 2/29 of draws do, with a standard deviation of 0.0013.
    assert test.tails.upper[[6, 8]] == pytest.approx([2 / 29] * 2, abs=0.006)


def test_neighbours_of_everybody_have_one_possible_sum():
    sample = sample_of(np.array([1.0, 4.0, 9.0, 16.0, 25.0]), np.ones((5, 5)) - np.eye(5))
    test = sums(sample)
    assert test.tails.lower.tolist() == test.tails.upper.tolist() == [1.0] * 5


def test_leaving_out_is_exact_on_conditional_draws_made_one_by_one():
    # 200 000 draws of 6 from the other 39 by numpy, for three areas; the difference of two counts has
    # variance 2 R p (1 - p).
    rng = np.random.default_rng(8)
    sample = sample_of(rng.gamma(0.5, size=40), ring(40, 3))
    many = 200_000
    test = sums(sample, permutations=many)
    for i in (0, int(np.argmax(sample.x)), int(np.argmin(sample.x))):
        others = np.delete(sample.deviations, i)
        picks = np.argpartition(rng.random((many, 39)), 6, axis=1)[:, :6]
        true = float(np.mean(others[picks].mean(axis=1) >= weighted(sample, i, sample.deviations)))
        assert abs(test.tails.upper[i] - true) < 4 * np.sqrt(2 * true * (1 - true) / many) + 1 / many


def test_counts_agree_with_the_exact_law_of_many_areas():
    rng = np.random.default_rng(3)
    sample = sample_of(rng.poisson(1.5, 300), ring(300, 4))
    true = exact_test(sample).tails.upper
    z = (sums(sample).tails.upper - true) / np.sqrt(true * (1 - true) / DRAWS + 1e-12)
    # Areas share draws, so the largest of 300 is less extreme than of 300 independent ones: below 4.5.
    assert np.abs(z).max() < 4.5


def shuffled(sample: Sample, columns: np.ndarray, order: np.ndarray) -> tuple[Sample, np.ndarray]:
    links = sample.weights.toarray()[np.ix_(order, order)]
    return sample_of(sample.x[order], links, transform="original"), columns[:, order]


@pytest.mark.parametrize("unequal", [False, True])
def test_the_order_of_areas_changes_no_count(unequal):
    rng = np.random.default_rng(6)
    columns = rng.choice([0.0, 1.0, 2.0, 0.3], (2, 60))
    sample = sample_of(columns[0], random_links(60, 7, share=0.1, unequal=unequal), transform="original")
    order = rng.permutation(60)
    other, others = shuffled(sample, columns, order)
    for before, after in (
        (sums(sample, permutations=999), sums(other, permutations=999)),
        (
            differences(sample, columns, permutations=999),
            differences(other, others, permutations=999),
        ),
    ):
        assert np.array_equal(after.tails.lower, before.tails.lower[order], equal_nan=True)
        assert np.array_equal(after.tails.upper, before.tails.upper[order], equal_nan=True)


@pytest.mark.parametrize("unequal", [False, True])
def test_threads_and_tiles_change_no_count(monkeypatch, unequal):
    rng = np.random.default_rng(9)
    sample = sample_of(rng.normal(size=80), random_links(80, 9, share=0.1, unequal=unequal))
    columns = rng.normal(size=(2, 80))
    found = []
    for threads, tile in ((1, 2**17), (2, 2**17), (4, 2**17), (1, 1), (4, 1)):
        monkeypatch.setenv(THREADS, str(threads))
        monkeypatch.setattr("lea_geo.spatial.laws.draw_counts.TILE_CELLS", tile)
        both = sums(sample, permutations=3001), differences(sample, columns, permutations=3001)
        found.append(np.array([(test.tails.lower, test.tails.upper) for test in both]))
    assert all(np.array_equal(found[0], other, equal_nan=True) for other in found[1:])


def test_another_seed_draws_otherwise_and_the_same_seed_the_same():
    sample = sample_of(np.random.default_rng(1).normal(size=30), ring(30, 2))
    one, same, other = (sums(sample, seed=seed).tails.upper for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert (one != other).mean() > 0.9


def clustered() -> Sample:
    """Return 400 areas on a circle with a run of ten that are high together."""
    values = np.random.default_rng(2).normal(size=400)
    values[100:110] += 4.0
    return sample_of(values, ring(400, 3))


def test_stages_draw_more_only_for_the_areas_whose_tail_is_thin():
    sample = clustered()
    staged = sums(sample, permutations=None, required=999_999)
    assert set(staged.draws_per_area) == {9_999, 99_999, 999_999}
    assert staged.permutations == 999_999
    smaller = np.minimum(staged.tails.lower, staged.tails.upper)
    counts = np.rint(smaller * (staged.draws_per_area + 1)) - 1
    # Who stopped early has at least a hundred draws in either tail.
    assert (counts[staged.draws_per_area < 999_999] >= 100).all()
    assert (staged.draws_per_area[104:106] == 999_999).all()
    assert smaller[100:110].min() < 1e-5


def test_an_area_that_goes_through_all_stages_has_the_p_value_of_a_single_run():
    sample = clustered()
    staged = sums(sample, permutations=None, required=99_999)
    full = sums(sample, permutations=99_999)
    went = staged.draws_per_area == 99_999
    assert 0 < went.sum() < 200
    assert np.array_equal(staged.tails.lower[went], full.tails.lower[went])
    assert np.array_equal(staged.tails.upper[went], full.tails.upper[went])
    first = sums(sample, permutations=9_999)
    assert np.array_equal(staged.tails.upper[~went], first.tails.upper[~went])
    assert (full.draws_per_area == 99_999).all()


def test_staged_p_values_are_valid_where_nothing_is_to_be_found(monkeypatch):
    # Stages of 19, 199 and 1 999 draws that end at 3 in a tail, on 60 fields of 200 areas of noise: the share
    # of p at most a must not exceed a by more than chance (areas of a field are hardly dependent).
    monkeypatch.setattr(permutation, "FIRST_STAGE", 19)
    monkeypatch.setattr(permutation, "ENOUGH", 3)
    rng = np.random.default_rng(11)
    links, found = ring(200, 1), []
    for seed in range(60):
        sample = sample_of(rng.normal(size=200), links)
        test = sums(sample, permutations=None, required=1_999, seed=seed)
        found.append(test.tails.p_value("two-sided"))
    p = np.concatenate(found)
    for level in (0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6):
        assert np.mean(p <= level) <= level + 4 * np.sqrt(level * (1 - level) / len(p))
    # The first stage alone cannot go below 2/20.
    assert np.mean(p <= 0.01) > 0.005


def test_few_required_draws_are_one_stage():
    test = sums(clustered(), permutations=None, required=500)
    assert set(test.draws_per_area) == {500}


def test_isolates_are_not_drawn_for():
    links = ring(10, 1)
    links[4] = 0.0
    test = sums(sample_of(np.arange(10.0), links))
    assert test.draws_per_area[4] == 0
    assert np.isnan([test.tails.lower[4], test.tails.upper[4]]).all()
    nobody = sums(sample_of(np.arange(10.0), np.zeros((10, 10))))
    assert nobody.permutations == 0
    assert np.isnan(nobody.tails.lower).all()


def test_ties_share_the_first_of_their_ranks():
    order, own = ranked(np.array([[2.0, 1.0, 2.0, 1.0, 0.0], [5.0, 6.0, 5.0, 4.0, 9.0]]))
    assert order.tolist() == [4, 3, 1, 0, 2]
    assert own.tolist() == [3, 2, 3, 1, 0]
