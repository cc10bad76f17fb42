"""Tails, two-sided p-values, many tests, draws."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest

from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.inference import Tails, adjusted, counted_tails, required_permutations
from lea_geo.spatial.laws.exact_law import exact_law_applies, exact_test
from lea_geo.spatial.laws.value_lattice import Lattice, population_of
from lea_geo.spatial.sample import Sample, build_sample


def complete(n: int) -> AreaGraph:
    """Return the graph in which everybody is everybody's neighbour."""
    ids = pd.Index([f"a{i:03d}" for i in range(n)])
    others = np.concatenate([np.delete(np.arange(n), i) for i in range(n)])
    return AreaGraph(ids, np.arange(n + 1) * (n - 1), others, np.ones(len(others)))


def ring(n: int, reach: int) -> AreaGraph:
    """Return areas on a circle, each with ``reach`` neighbours on either side."""
    ids = pd.Index([f"a{i:03d}" for i in range(n)])
    steps = np.r_[-reach:0, 1 : reach + 1]
    indices = np.sort((np.arange(n)[:, None] + steps) % n, axis=1)
    return AreaGraph(ids, np.arange(n + 1) * 2 * reach, indices.ravel(), np.ones(indices.size))


def on_a_circle(values) -> Sample:
    """Return the sample of values on a circle, each between its two neighbours."""
    graph = ring(len(values), 1)
    return build_sample(pd.Series(values, graph.ids, dtype=float), graph, transform="row")


def test_a_two_sided_p_value_is_twice_the_smaller_tail_and_at_most_one():
    tails = Tails(np.array([0.01, 0.7, 0.9]), np.array([0.995, 0.6, 0.2]))
    assert tails.p_value("two-sided") == pytest.approx([0.02, 1.0, 0.4])
    assert tails.p_value("greater") == pytest.approx([0.995, 0.6, 0.2])
    assert tails.p_value("less") == pytest.approx([0.01, 0.7, 0.9])


def test_the_observed_arrangement_counts_in_both_tails():
    tails = counted_tails(np.array([0.0]), np.array([99.0]), 99)
    assert tails.lower[0] == pytest.approx(1 / 100)
    assert tails.upper[0] == pytest.approx(1.0)


def test_benjamini_hochberg_on_the_numbers_of_its_authors():
    # Benjamini and Hochberg (1995), section 3.2: 15 p-values, four rejected at 0.05.
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert int((adjusted(np.array(p), "bh") <= 0.05).sum()) == 4


def test_untested_areas_do_not_dilute_the_correction():
    with_gaps = adjusted(np.array([0.01, np.nan, np.nan, 0.5]), "bh")
    assert with_gaps[[0, 3]] == pytest.approx(adjusted(np.array([0.01, 0.5]), "bh"))


def test_3000_areas_need_119_999_permutations():
    # R + 1 is the smallest number whose half, inverted, is at most 0.05 / 3000.
    assert required_permutations(3000, 0.05) == 119_999


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ([3.0, 5.0, 9.0, 5.0], [0, 1, 3, 1]),
        ([0.25, 0.5, 0.75, 0.25], [0, 1, 2, 0]),
        ([12.5, 12.6, 13.0, 12.5], [0, 1, 5, 0]),
        ([1e6, 3e6, 2e6, 3e6], [0, 2, 1, 2]),
    ],
)
def test_whole_numbers_and_short_decimals_lie_on_a_lattice(values, steps):
    lattice = Lattice.of(population_of(on_a_circle(values)), 2)
    assert not lattice.rounded
    assert lattice.steps(np.array(values)).tolist() == steps


@pytest.mark.parametrize("values", [[1 / 3, 2 / 3, 0.1, 0.2], [np.pi, 1.0, 2.0, 3.0], [1e9, 0.5, 1 / 7, 0]])
def test_other_numbers_do_not(values):
    assert Lattice.of(population_of(on_a_circle(values)), 2).rounded


def test_continuous_values_get_at_least_2_18_bins():
    sample = on_a_circle(np.random.default_rng(0).normal(size=100))
    lattice = Lattice.of(population_of(sample), 8)
    assert lattice.rounded
    assert lattice.size >= 2**18
    assert lattice.steps(sample.x).max() * 8 < lattice.size


def test_the_law_of_all_others_is_the_law_of_the_few_that_are_no_neighbours():
    # 7 areas on a circle, 4 neighbours: the sum of 4 of the other 6 is their total less that of the other 2.
    values = np.array([0.0, 1.0, 1.0, 4.0, 9.0, 2.0, 7.0])
    graph = ring(7, 2)
    sample = build_sample(pd.Series(values, graph.ids), graph, transform="row")
    found = exact_test(sample).tails
    others = np.delete(values, 3)
    sums = np.array([sum(others[list(c)]) for c in combinations(range(6), 4)])
    observed = values[[1, 2, 4, 5]].sum()
    assert found.upper[3] == pytest.approx(np.mean(sums >= observed), abs=1e-13)
    assert found.lower[3] == pytest.approx(np.mean(sums <= observed), abs=1e-13)


@pytest.mark.parametrize("values", [[1.0, 2, 3, 4, 9], [0.123456, 2.2, np.pi, 4, 9]])
def test_a_neighbour_of_everybody_has_only_one_possible_sum(values):
    graph = complete(5)
    tails = exact_test(build_sample(pd.Series(values, graph.ids), graph, transform="row")).tails
    assert tails.lower.tolist() == [1.0] * 5
    assert tails.upper.tolist() == [1.0] * 5


def test_one_neighbour_is_a_place_in_the_sorted_values():
    ids = pd.Index(list("abcde"))
    graph = AreaGraph(ids, np.arange(6), [1, 2, 3, 4, 0], np.ones(5))
    values = pd.Series([0.1234567, 5.5, 5.5, np.e, 1.1], ids)
    tails = exact_test(build_sample(values, graph, transform="row")).tails
    # a draws one of 5.5 5.5 e 1.1 and has 5.5; b draws one of 0.12 5.5 e 1.1 and has 5.5.
    assert tails.upper[:2] == pytest.approx([2 / 4, 1 / 4])
    assert tails.lower[:2] == pytest.approx([1.0, 1.0])


def test_too_many_neighbours_for_the_exact_law_are_said_to_be_too_many():
    graph = ring(200, 45)
    sample = build_sample(pd.Series(np.arange(200.0), graph.ids), graph, transform="row")
    assert "90 neighbours among 200 areas" in exact_law_applies(sample)


def test_numbers_that_differ_only_by_rounding_are_ties():
    # 0.1 + 0.2 is not 0.3 in binary; every area's one neighbour is tied with all but one of the others.
    ids = pd.Index(list("abcde"))
    graph = AreaGraph(ids, np.arange(6), [1, 2, 3, 4, 0], np.ones(5))
    values = pd.Series([0.3, 0.1 + 0.2, 0.3, 0.3, 1 / 7], ids)
    tails = exact_test(build_sample(values, graph, transform="row")).tails
    assert tails.upper[:3] == pytest.approx([3 / 4] * 3)


@pytest.mark.parametrize(("n", "reach"), [(100, 14), (40, 16)])
def test_the_exact_law_of_many_neighbours_is_that_of_counting_subsets_one_by_one(n, reach):
    # ways[k][s]: how many sets of k of the others have the sum s, in whole numbers without rounding.
    graph = ring(n, reach)
    values = np.random.default_rng(n).integers(0, 6, n)
    sample = build_sample(pd.Series(values, graph.ids), graph, transform="row")
    found = exact_test(sample).tails
    k = 2 * reach
    ways = np.zeros((k + 1, 5 * k + 1), dtype=object)
    ways[0, 0] = 1
    for value in np.delete(values, 3):
        ways[1:, value:] += ways[:-1, : ways.shape[1] - value]
    observed = int(sample.neighbour_sums[3])
    everything = comb(n - 1, k)
    assert found.upper[3] == pytest.approx(sum(ways[k, observed:]) / everything, abs=1e-12)
    assert found.lower[3] == pytest.approx(sum(ways[k, : observed + 1]) / everything, abs=1e-12)
