"""Many indicators at once: the numbers of each alone, and everything that is wrong with all of them."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from small_maps import graph_from, names, square

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.spatial.global_network import network_of
from lea_geo.spatial.global_permutation import shuffled_products
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.sample import build_sample

SINGLE = {"moran": lea.global_moran, "geary": lea.global_geary, "g": lea.global_g}


def indicators(graph: AreaGraph, n: int = 3) -> pd.DataFrame:
    """Return skewed indicators, the second with other areas missing than the others."""
    rng = np.random.default_rng(9)
    table = pd.DataFrame(rng.gamma(1.5, size=(graph.n, n)), graph.ids, [f"i{k:02d}" for k in range(n)])
    table.iloc[[2, 7]] = np.nan
    table.iloc[5, 1] = np.nan
    return table


def weighted(side: int) -> AreaGraph:
    """Return a square whose links weigh otherwise in each direction."""
    rng = np.random.default_rng(3)
    near = square(side).sparse().toarray() > 0
    return graph_from(near, rng.uniform(0.1, 3, near.shape))


@pytest.mark.parametrize("transform", ["row", "binary", "original"])
@pytest.mark.parametrize("statistic", SINGLE)
def test_the_numbers_are_bit_for_bit_those_of_each_indicator_alone(statistic, transform):
    graph = weighted(6)
    table = indicators(graph, 40)
    together = lea.global_statistics(
        table, graph, statistic=statistic, transform=transform, permutations=99, seed=4
    )
    assert together.table.index.tolist() == table.columns.tolist()
    for name in ("i00", "i01", "i39"):
        alone = SINGLE[statistic](table[name], graph, transform=transform, permutations=99, seed=4)
        assert together.result(name) == alone


@pytest.mark.parametrize("threads", ["1", "2", "4"])
@pytest.mark.parametrize("statistic", SINGLE)
def test_order_and_threads_change_no_bit(statistic, threads, monkeypatch):
    graph = weighted(40)
    table = indicators(graph)
    options = {"statistic": statistic, "transform": "original", "permutations": 99, "seed": 4}
    before = lea.global_statistics(table, graph, **options).table
    monkeypatch.setenv("LEA_GEO_THREADS", threads)
    mixed = graph.subset(graph.ids[np.random.default_rng(1).permutation(graph.n)])
    after = lea.global_statistics(table.sample(frac=1, random_state=2), mixed, **options).table
    pd.testing.assert_frame_equal(after, before, check_exact=True)


@pytest.mark.parametrize("statistic", SINGLE)
def test_moments_are_those_of_every_order_of_skewed_values_on_one_sided_links(statistic):
    # 720 orders of six values; links that go one way, weigh unequally, and leave one area alone.
    links = np.zeros((6, 6))
    links[[0, 1, 2, 3, 3], [1, 2, 0, 0, 2]] = [1, 0.3, 2, 0.7, 1.1]
    graph = graph_from(links > 0, links)
    x = [0.0, 1, 1, 2, 9, 4]
    found = [
        SINGLE[statistic](pd.Series(order, graph.ids), graph, permutations=0, transform="original").statistic
        for order in permutations(x)
    ]
    table = pd.DataFrame({"x": x}, graph.ids)
    row = lea.global_statistics(
        table, graph, statistic=statistic, transform="original", permutations=2999
    ).table.loc["x"]
    assert row["expected"] == pytest.approx(np.mean(found))
    assert row["variance"] == pytest.approx(np.var(found))
    share = np.mean(np.array(found) >= row["statistic"] - 1e-9)
    assert abs(row["p_upper"] - share) <= 4 * np.sqrt(share * (1 - share) / 2999) + 4e-4


def test_every_order_of_four_areas_comes_up_as_often():
    # All products of two of 1, 10, 100 and 10 000 differ, so a'Wa of a chain tells its orders apart, but for
    # the same read backwards.
    chain = graph_from(abs(np.subtract.outer(range(4), range(4))) == 1)
    network = network_of(build_sample(pd.Series(range(4), chain.ids), chain, transform="binary"))
    values = np.array([[1.0], [10], [100], [10000]])
    products, _ = shuffled_products(
        network.pairs(np.arange(4)), np.empty(0), values, permutations=24000, seed=8
    )
    counts = np.unique(products, return_counts=True)[1]
    assert len(counts) == 12
    # Chi-square with 11 degrees of freedom: 31.3 is exceeded once in a thousand.
    assert np.sum((counts - 2000) ** 2 / 2000) < 31.3


def test_what_the_moments_need_of_a_graph_is_added_up_by_hand():
    # w_01 = 2, w_10 = 1, w_12 = 3: pairs 3 and 3; rows 2, 4, 0; columns 1, 2, 3.
    links = np.zeros((4, 4))
    links[[0, 1, 1], [1, 0, 2]] = [2, 1, 3]
    network = network_of(
        build_sample(pd.Series(range(4), names(4)), graph_from(links > 0, links), transform="original")
    )
    constants = network.constants
    assert (constants.s0, constants.s1, constants.s2) == (6, 3**2 + 3**2, 3**2 + 6**2 + 3**2)
    assert (network.n_links, network.n_pairs, network.n_isolates) == (3, 2, 2)
    assert network.margins.tolist() == [3, 6, 3, 0]
    assert network.product(np.array([1.0, 2, 5, 7])) == 2 * 2 + 1 * 2 + 3 * 10


def test_an_indicator_without_variation_or_values_has_a_reason_beside_the_others():
    graph = square(4)
    table = indicators(graph).assign(same=1.0, nobody=np.nan)
    found = lea.global_statistics(table, graph, permutations=9).table
    assert found["reason"].tolist() == [
        "",
        "",
        "",
        "All areas have the same value, so there is nothing to compare.",
        "No area has a value.",
    ]
    assert found.loc[["same", "nobody"], "statistic":"p_analytic"].isna().all().all()
    assert found["n"].tolist() == [14, 13, 14, 16, 0]


def test_a_suppressed_value_is_left_out_of_its_own_indicator_only():
    graph = square(4)
    table = indicators(graph).fillna(1.0)
    status = pd.DataFrame("observed", table.index, table.columns)
    status.iloc[3, 0] = "suppressed"
    found = lea.global_statistics(table, graph, status=status, permutations=0).table
    assert found["n"].tolist() == [15, 16, 16]
    alone = lea.global_moran(table["i00"], graph, status=status["i00"], permutations=0)
    assert found.loc["i00", "statistic"] == alone.statistic


def test_where_all_areas_are_linked_every_order_is_the_same():
    # I = -1 / (n - 1) whatever the values, so nothing is small or large.
    graph = graph_from(np.ones((5, 5)))
    for permuted in (0, 99):
        result = lea.global_moran(pd.Series([1.0, 2, 4, 8, 9], graph.ids), graph, permutations=permuted)
        assert result.statistic == pytest.approx(-1 / 4)
        assert (result.variance, result.p_value, result.p_analytic) == (0, 1, 1)
        assert np.isnan(result.z_score)


def test_everything_that_is_wrong_with_a_table_is_named_at_once():
    graph = square(4)
    table = indicators(graph).fillna(1.0).assign(words="a")
    table.iloc[0, 0] = np.inf
    table.iloc[1, 1] = -2.0
    table.iloc[3:, 2] = np.nan
    with pytest.raises(ValuesError) as refused:
        lea.global_statistics(table, graph, statistic="g")
    message = str(refused.value)
    for part in (
        "infinite i00: 1 of 16 (a00000)",
        "negative values in i01: 1 of 16 (a00001)",
        "areas with a value in i02: 3 of 16",
        "words holds",
    ):
        assert part in message


def test_foreign_areas_repeated_indicators_and_unknown_status_are_named():
    graph = square(4)
    table = indicators(graph)
    with pytest.raises(ValuesError, match="areas of the graph that the table does not have: 1 of 16"):
        lea.global_statistics(table.iloc[1:], graph)
    with pytest.raises(ValuesError, match=r"indicators that the table holds twice: 1 \(i00\)"):
        lea.global_statistics(table[["i00", "i00"]], graph)
    with pytest.raises(ValuesError, match=r"indicators without a column in status: 1 of 3 \(i02\)"):
        lea.global_statistics(table, graph, status=table.iloc[:, :2])


@pytest.mark.parametrize("table", [pd.Series([1.0, 2]), pd.DataFrame(index=["a"]), [[1, 2]]])
def test_what_is_no_table_of_indicators_is_refused(table):
    with pytest.raises(UsageError, match="it must be a pandas DataFrame indexed by area_id"):
        lea.global_statistics(table, square(3))


def test_an_unknown_statistic_is_refused():
    with pytest.raises(UsageError, match="Did you mean 'moran'"):
        lea.global_statistics(indicators(square(3)), square(3), statistic="morans")


def test_indicators_may_be_numbered_and_hold_values_too_large_to_square():
    graph = square(3)
    table = pd.DataFrame({2018: np.arange(9.0), 2019: 1.5e308, 2020: 1.6e308}, graph.ids)
    table.iloc[0, 1:] = 0.0
    found = lea.global_statistics(table, graph, permutations=0).table
    assert found.index.tolist() == [2018, 2019, 2020]
    assert found["reason"].str.contains("cannot be squared").tolist() == [False, True, True]
