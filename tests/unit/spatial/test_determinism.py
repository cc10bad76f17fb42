"""The same areas give the same bits: for any number of threads, and in whatever order they come."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.spatial.compiled import LEAST_ROWS
from lea_geo.spatial.graph import AreaGraph

SIDE = 100
"""With its holes a lattice of this side has more rows than four threads need to be started."""


def moran_of_two(values, graph, **options):
    ordered = values.sort_index()
    return lea.local_moran_bivariate(values, ordered.iloc[::-1].set_axis(ordered.index), graph, **options)


def g_star(values, graph, **options):
    return lea.local_g(values, graph, star=True, **options)


def joins(values, graph, **options):
    return lea.local_join_count((values > 0.5).where(values.notna()).astype(float), graph, **options)


STATISTICS = {
    "local_moran": lea.local_moran,
    "local_g": lea.local_g,
    "local_g_star": g_star,
    "local_moran_bivariate": moran_of_two,
    "local_join_count": joins,
    "local_geary": lea.local_geary,
}
CASES = [(name, "exact", shape) for name in STATISTICS for shape in ("skewed", "short decimals")]
CASES = [case for case in CASES if case[0] != "local_geary"]  # which has no law of one sum
CASES += [(name, method, "skewed") for name in STATISTICS for method in ("permutation", "analytic")]


def lattice(side: int) -> AreaGraph:
    """Return queen contiguity on a square of which about every seventh cell is missing."""
    place = np.arange(side**2)
    row, column = np.divmod(place[place * 11 % 20 % 7 != 3], side)
    return lea.build_graph(
        [f"1kmN{6700 + r}E{300 + c:04d}" for r, c in zip(row, column, strict=True)], "lattice"
    )


def field(graph: AreaGraph, shape: str) -> pd.Series:
    """Return skewed values, or short decimals with ties, one in 50 missing."""
    noise = np.random.default_rng(2009)
    x = noise.lognormal(0, 1, graph.n) if shape == "skewed" else noise.normal(0, 1, graph.n).round(1)
    x[noise.random(graph.n) < 0.02] = np.nan
    return pd.Series(x, index=graph.ids)


def anew(graph: AreaGraph) -> AreaGraph:
    """Return the same graph, but one that remembers nothing of what it found for values that it met."""
    return AreaGraph(graph.ids, graph.indptr, graph.indices, graph.weights, kind=graph.kind)


def unequal(graph: AreaGraph) -> AreaGraph:
    """Return the graph with weights that differ within a row and are no short binary fractions."""
    weights = 1.0 / (3.0 + np.random.default_rng(5).random(graph.n_links))
    return AreaGraph(graph.ids, graph.indptr, graph.indices, weights)


def turned(graph: AreaGraph, seed: int) -> AreaGraph:
    """Return the graph with its areas in another order, built again where that is possible."""
    ids = graph.ids[np.random.default_rng(seed).permutation(graph.n)]
    return lea.build_graph(ids, "lattice") if graph.kind == "lattice" else graph.subset(ids)


@pytest.fixture(scope="module")
def large() -> AreaGraph:
    graph = lattice(SIDE)
    assert graph.n > 4 * LEAST_ROWS
    return graph


@pytest.fixture(scope="module")
def small() -> AreaGraph:
    return lattice(15)


def threads(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setenv("LEA_GEO_THREADS", str(count))


def same_bits(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Fail unless two tables hold the same areas with the same bits, whatever their order."""
    assert set(one.index) == set(other.index)
    pd.testing.assert_frame_equal(other.loc[one.index], one, check_exact=True)


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest, small: AreaGraph, large: AreaGraph):
    """One statistic by one method, as a function of values and graph, with both."""
    name, method, shape = request.param
    graph = small if method == "permutation" else large
    options = {"permutations": 999, "fdr": 0.9} if method == "permutation" else {}

    def statistic(values: pd.Series, graph: AreaGraph) -> pd.DataFrame:
        return STATISTICS[name](values, anew(graph), method=method, seed=3, **options).table

    return statistic, field(graph, shape), graph


def test_one_two_and_four_threads_give_the_same_bits(case, monkeypatch):
    statistic, values, graph = case
    tables = []
    for count in (1, 2, 4):
        threads(monkeypatch, count)
        tables.append(statistic(values, graph))
    assert tables[0]["p_value"].notna().sum() > 50
    same_bits(tables[0], tables[1])
    same_bits(tables[0], tables[2])


def test_shuffled_values_and_a_shuffled_graph_give_the_same_bits(case):
    statistic, values, graph = case
    shuffled = values.iloc[np.random.default_rng(8).permutation(graph.n)]
    before, other = statistic(values, graph), turned(graph, 9)
    same_bits(before, statistic(shuffled, graph))
    same_bits(before, statistic(values, other))
    same_bits(before, statistic(shuffled, other))


@pytest.mark.parametrize("name", STATISTICS)
def test_unequal_weights_give_the_same_bits_for_any_threads_and_order(name, small, monkeypatch):
    graph = unequal(small)
    values, statistic = field(graph, "skewed"), STATISTICS[name]
    options = {"permutations": 999, "fdr": 0.9, "seed": 3}
    threads(monkeypatch, 1)
    before = statistic(values, graph, **options).table
    threads(monkeypatch, 4)
    same_bits(before, statistic(values, anew(graph), **options).table)
    same_bits(before, statistic(values, turned(graph, 4), **options).table)


@pytest.mark.parametrize("name", ["local_moran", "local_geary"])
@pytest.mark.parametrize("weights", ["equal", "unequal"])
def test_permutations_whose_rows_threads_really_share_give_the_same_bits(name, weights, monkeypatch):
    graph = lattice(71) if weights == "equal" else unequal(lattice(71))
    assert graph.n > 2 * LEAST_ROWS
    values = field(graph, "skewed")
    # One lone area of 4 000 needs as many permutations, whatever the rate.
    options = {"method": "permutation", "permutations": 4999, "fdr": 0.99, "alternative": "greater"}
    tables = []
    for count in (1, 2):
        threads(monkeypatch, count)
        tables.append(STATISTICS[name](values, anew(graph), **options).table)
    same_bits(*tables)


@pytest.mark.parametrize("name", STATISTICS)
def test_what_a_graph_remembers_is_what_it_would_find_again(name, small):
    values, statistic = field(small, "skewed"), STATISTICS[name]
    other = values.sort_values().set_axis(values.index)
    fresh = anew(small)
    first, between, again = (statistic(v, fresh).table for v in (values, other, values))
    same_bits(first, again)
    same_bits(between, statistic(other, anew(small)).table)
    same_bits(first, statistic(values, anew(small)).table)


def test_values_far_from_zero_give_the_same_bits_in_any_order(small):
    # Sums around a large mean lose digits, and which digits depends on the order unless care is taken.
    values = field(small, "skewed") * 1e-3 + 1e6
    order = np.random.default_rng(1).permutation(small.n)
    options = {"permutations": 999, "fdr": 0.9, "seed": 3}
    for statistic in (lea.local_moran, lea.local_g, g_star, moran_of_two, lea.local_geary):
        before = statistic(values, small, **options).table
        same_bits(before, statistic(values.iloc[order], turned(small, 2), **options).table)


def test_global_moran_gives_the_same_bits_in_any_order(small):
    values = field(small, "skewed")
    order = np.random.default_rng(1).permutation(small.n)
    before = lea.global_moran(values, small, permutations=99)
    after = lea.global_moran(values.iloc[order], turned(small, 2), permutations=99)
    assert (before.statistic, before.p_value, before.z_score) == (
        after.statistic,
        after.p_value,
        after.z_score,
    )


@pytest.mark.parametrize("statistic", [lea.local_moran, lea.local_g, g_star, lea.local_geary])
def test_changing_a_table_changes_nothing_that_the_graph_remembers(small, statistic):
    values = field(small, "skewed")
    values.iloc[5] = np.nan
    before = statistic(values, small, alternative="less")
    kept = before.table.copy(deep=True)
    before.table.loc[:, "p_value"] = 7.0
    pd.testing.assert_series_equal(before.table["p_lower"], kept["p_lower"])
    for column in before.table.columns:
        before.table.loc[:, column] = before.table[column].iloc[::-1].to_numpy()
    same_bits(kept, statistic(values, small, alternative="less").table)


def test_columns_of_a_constant_do_not_hang_together(small):
    table = lea.local_moran(pd.Series(1.0, small.ids), small).table
    table.loc[:, "lag"] = 3.0
    assert table["statistic"].isna().all()
