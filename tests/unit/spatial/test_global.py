"""Global statistics: hand calculations, permutations, values that have none."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import ValuesError
from lea_geo.spatial.graph import AreaGraph

GLOBALS = [lea.global_moran, lea.global_geary, lea.global_g]


def chain(n: int) -> AreaGraph:
    """Return areas in a line: 00 - 01 - 02 ..."""
    pairs = [[j for j in (i - 1, i + 1) if 0 <= j < n] for i in range(n)]
    indptr = np.concatenate([[0], np.cumsum([len(p) for p in pairs])])
    indices = np.concatenate([np.array(p) for p in pairs])
    return AreaGraph(pd.Index([f"{i:02d}" for i in range(n)]), indptr, indices, np.ones(indptr[-1]))


@pytest.fixture
def line() -> pd.Series:
    return pd.Series([1.0, 2, 3, 4, 10], chain(5).ids)


def test_global_moran_of_five_areas_in_a_line_by_hand(line):
    # z = -3 -2 -1 0 6, sum z^2 = 50; products of neighbours 6 + 2 + 0 + 0, both ways; S0 = 8.
    result = lea.global_moran(line, chain(5), transform="binary", permutations=0)
    assert result.statistic == pytest.approx(5 / 8 * 16 / 50)
    assert result.expected == pytest.approx(-1 / 4)
    assert result.p_value == result.p_analytic


def test_global_geary_of_five_areas_in_a_line_by_hand(line):
    # Squared differences 1 + 1 + 1 + 36, both ways: 78.
    result = lea.global_geary(line, chain(5), transform="binary", permutations=0)
    assert result.statistic == pytest.approx(4 * 78 / (2 * 8 * 50))


def test_global_g_of_five_areas_in_a_line_by_hand(line):
    # Products 2 + 6 + 12 + 40, both ways: 120; all pairs: 20^2 - 130 = 270; S0 / (n (n-1)) = 8/20.
    result = lea.global_g(line, chain(5), transform="binary", permutations=0)
    assert result.statistic == pytest.approx(120 / 270)
    assert result.expected == pytest.approx(8 / 20)


def test_global_join_count_of_five_areas_in_a_line_by_hand():
    # Links 1-2 and 2-3 join; 4 links, a pair is both with probability 3/5 * 2/4.
    result = lea.global_join_count(pd.Series([0, 1, 1, 1, 0], chain(5).ids), chain(5), permutations=0)
    assert result.statistic == 2
    assert result.expected == pytest.approx(4 * 0.3)


@pytest.mark.parametrize("function", [*GLOBALS, lea.global_join_count])
@pytest.mark.parametrize("transform", ["row", "binary"])
def test_moments_and_permutations_are_those_of_all_120_orders(function, transform, line):
    values = (line > 2).astype(int) if function is lea.global_join_count else line
    graph = chain(5)
    all_orders = [
        function(pd.Series(list(order), graph.ids), graph, permutations=0, transform=transform).statistic
        for order in permutations(values)
    ]
    result = function(values, graph, permutations=4999, seed=2, transform=transform)
    assert result.expected == pytest.approx(np.mean(all_orders))
    assert result.variance == pytest.approx(np.var(all_orders))
    for tail, share in (
        (result.p_upper, np.mean(np.array(all_orders) >= result.statistic - 1e-9)),
        (result.p_lower, np.mean(np.array(all_orders) <= result.statistic + 1e-9)),
    ):
        assert abs(tail - share) <= 4 * np.sqrt(share * (1 - share) / 4999) + 2e-4


@pytest.mark.parametrize("function", GLOBALS)
def test_shuffled_rows_and_reversed_graphs_give_the_same_answer(function):
    graph = chain(20)
    values = pd.Series(np.arange(20.0) ** 1.3, graph.ids)
    before = function(values, graph, seed=4)
    assert function(values.sample(frac=1, random_state=1), graph.subset(graph.ids[::-1]), seed=4) == before


@pytest.mark.parametrize("function", GLOBALS)
def test_a_missing_value_leaves_the_others(function):
    graph = chain(9)
    values = pd.Series(np.arange(9.0), graph.ids)
    values.iloc[8] = np.nan
    result = function(values, graph)
    assert result.n == 8
    assert result == function(values.iloc[:8], graph.subset(graph.ids[:8]))


@pytest.mark.parametrize("function", GLOBALS)
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([3.0] * 5, "All areas have the same value"),
        ([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3], "All areas have the same value"),
        ([1e300, 1, 2, 3, 4], "cannot be squared"),
        ([np.nan] * 5, "No area has a value"),
    ],
)
def test_without_variation_there_is_a_reason_and_no_p_value(function, values, reason):
    result = function(pd.Series(values, chain(5).ids), chain(5))
    assert reason in result.reason
    numbers = [
        result.statistic,
        result.z_score,
        result.p_value,
        result.p_lower,
        result.p_upper,
        result.p_analytic,
    ]
    assert np.isnan(numbers).all()


def test_without_links_there_is_a_reason():
    graph = AreaGraph(pd.Index(list("abcde")), np.zeros(6, int), [], [])
    assert (
        lea.global_moran(pd.Series(range(5), list("abcde")), graph).reason
        == "No area has a neighbour with a value."
    )


def test_general_g_refuses_amounts_below_zero():
    with pytest.raises(ValuesError, match=r"negative values: 2 of 5 \(00, 03\)"):
        lea.global_g(pd.Series([-1.0, 2, 3, -4, 5], chain(5).ids), chain(5))


def test_general_g_of_a_single_amount_has_no_pair():
    result = lea.global_g(pd.Series([0, 0, 3, 0, 0], chain(5).ids), chain(5))
    assert result.reason.startswith("Only one area is not zero")
    assert np.isnan(result.p_value)


def test_one_sided_tests_take_their_tail(line):
    greater = lea.global_moran(line, chain(5), alternative="greater")
    assert greater.p_value == greater.p_upper
    assert lea.global_moran(line, chain(5), alternative="less").p_value == greater.p_lower


def test_moran_of_rates_leaves_out_areas_without_people():
    graph = chain(8)
    events = pd.Series([1, 2, 0, 4, 3, 6, 0, 5], graph.ids)
    people = pd.Series([10, 20, 15, 30, 25, 30, 0, 20], graph.ids)
    result = lea.global_moran_rates(events, people, graph)
    assert result.n == 7
    assert np.isfinite(result.p_value)
    assert result.notes == ("1 of 8 areas have no population and so no rate.",)


def test_moran_of_rates_without_events_has_a_reason():
    graph = chain(5)
    result = lea.global_moran_rates(pd.Series(0, graph.ids), pd.Series(10, graph.ids), graph)
    assert "same value" in result.reason
