"""Local statistics: hand calculations, labels, and the traps the field fell into."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import JoinError, ResolutionError, UsageError
from lea_geo.schema import LOCAL_COLUMNS, Label, Status
from lea_geo.spatial.graph import AreaGraph


def lattice(side: int) -> AreaGraph:
    row, column = np.divmod(np.arange(side**2), side)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    indptr = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    return AreaGraph(
        pd.Index([f"{i:05d}" for i in range(side**2)]), indptr, np.nonzero(near)[1], np.ones(near.sum())
    )


def chain(n: int) -> AreaGraph:
    """Return areas in a line: 00 - 01 - 02 ..."""
    pairs = [[j for j in (i - 1, i + 1) if 0 <= j < n] for i in range(n)]
    indptr = np.concatenate([[0], np.cumsum([len(p) for p in pairs])])
    return AreaGraph(
        pd.Index([f"{i:02d}" for i in range(n)]), indptr, [j for p in pairs for j in p], np.ones(indptr[-1])
    )


@pytest.fixture
def noise() -> pd.Series:
    return pd.Series(np.random.default_rng(8).normal(size=100), lattice(10).ids)


@pytest.fixture
def planted(noise) -> pd.Series:
    """Noise with a block of 3 by 3 that is 4 higher in one corner and 4 lower in the other."""
    row, column = np.divmod(np.arange(100), 10)
    return noise + 4 * ((row < 3) & (column < 3)) - 4 * ((row > 6) & (column > 6))


FUNCTIONS = [lea.local_moran, lea.local_g, lea.local_geary]


def test_local_moran_of_five_areas_in_a_line_by_hand():
    # x = 1 2 3 4 10: mean 4, z = -3 -2 -1 0 6, m2 = 50/5 = 10; lag of 01 is (z0 + z2)/2 = -2.
    x = pd.Series([1.0, 2, 3, 4, 10], chain(5).ids)
    row = lea.local_moran(x, chain(5)).table.loc["01"]
    assert row["statistic"] == pytest.approx(-2 / 10 * -2)
    assert row["lag"] == pytest.approx((1 + 3) / 2)
    # Others: 1 3 4 10 without 2, z: -3 -1 0 6, mean 0.5; E = -0.2 * 0.5.
    assert row["expected"] == pytest.approx(-0.1)
    # Pairs of -3 -1 0 6: sums -4 -3 3 -1 5 6; observed -4 is the smallest, so I is the largest: 1/6.
    assert row["p_upper"] == pytest.approx(1 / 6)
    assert row["p_lower"] == pytest.approx(1.0)
    assert row["p_value"] == pytest.approx(2 / 6)
    # Half the sum has variance: mean of squares of half sums (16+9+9+1+25+36)/24 less 0.25; times 0.04.
    assert row["variance"] == pytest.approx(0.04 * (96 / 24 - 0.25))


def test_local_g_of_five_areas_in_a_line_by_hand():
    # Area 01 as above: the others 1 3 4 10 have mean 4.5; half sums have variance 3.75; the lag is 2.
    x = pd.Series([1.0, 2, 3, 4, 10], chain(5).ids)
    row = lea.local_g(x, chain(5)).table.loc["01"]
    assert row["statistic"] == pytest.approx((2 - 4.5) / np.sqrt(3.75))
    assert row["p_lower"] == pytest.approx(1 / 6)


def test_local_geary_of_five_areas_in_a_line_by_hand():
    # s2 = 50/4 = 12.5; area 01: ((2-1)^2 + (2-3)^2) / 2 / 12.5.
    x = pd.Series([1.0, 2, 3, 4, 10], chain(5).ids)
    row = lea.local_geary(x, chain(5), method="permutation", permutations=9999).table.loc["01"]
    assert row["statistic"] == pytest.approx(1 / 12.5)
    # (x_i - x_j)^2 of the others: 1 1 4 64; the pair 1 1 is the smallest of six.
    assert row["p_lower"] == pytest.approx(1 / 6, abs=0.02)
    assert row["expected"] == pytest.approx(70 / 4 / 12.5)


def test_local_join_count_is_hypergeometric():
    # 2 of the other 4 areas have it; both neighbours of 02 do: C(2,2) / C(4,2) = 1/6.
    x = pd.Series([0, 1, 1, 1, 0], chain(5).ids)
    row = lea.local_join_count(x, chain(5)).table.loc["02"]
    assert row["statistic"] == 2
    assert row["expected"] == pytest.approx(1.0)
    assert row["p_upper"] == pytest.approx(1 / 6)
    assert row["p_value"] == pytest.approx(2 / 6)


def test_an_area_without_the_attribute_has_no_join_to_test():
    x = pd.Series([0, 1, 1, 1, 0], chain(5).ids)
    result = lea.local_join_count(x, chain(5))
    assert result.n_tested == 3
    assert result.table.loc["00", "statistic"] == 0
    assert np.isnan(result.table.loc["00", "p_value"])
    assert result.table.loc["00", "label"] == Label.NOT_SIGNIFICANT


def test_bivariate_moran_of_a_variable_with_itself_is_local_moran(planted):
    graph = lattice(10)
    one = lea.local_moran(planted, graph).table
    two = lea.local_moran_bivariate(planted, planted, graph).table
    pd.testing.assert_frame_equal(one, two, rtol=1e-10)


def test_bivariate_moran_aligns_both_variables(planted, noise):
    graph = lattice(10)
    shuffled = noise.sample(frac=1, random_state=1)
    before = lea.local_moran_bivariate(planted, noise, graph).table
    pd.testing.assert_frame_equal(lea.local_moran_bivariate(planted, shuffled, graph).table, before)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_table_has_the_agreed_columns_in_the_order_of_the_values(function, planted):
    values = planted.sample(frac=1, random_state=3)
    table = function(values, lattice(10)).table
    assert tuple(table.columns) == LOCAL_COLUMNS
    assert table.index.equals(values.index.rename("area_id"))
    assert table.index.name == "area_id"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_shuffled_rows_give_the_same_answer(function, planted):
    graph = lattice(10)
    before = function(planted, graph, seed=1).table
    after = function(planted.sample(frac=1, random_state=2), graph, seed=1).table
    pd.testing.assert_frame_equal(after.loc[before.index], before, check_exact=True)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_one_missing_value_is_masked_and_the_rest_is_tested_without_it(function, planted):
    graph = lattice(10)
    planted.iloc[55] = np.nan
    result = function(planted, graph)
    gone = result.table.iloc[55]
    assert gone["label"] == Label.UNDEFINED
    assert gone["status"] == Status.MISSING
    assert gone[["statistic", "lag", "p_value", "q_value"]].isna().all()
    assert result.n_tested == 99
    rest = function(planted.drop(planted.index[55]), graph.subset(planted.index.drop(planted.index[55])))
    masked = result.table.drop(result.table.index[55])
    pd.testing.assert_frame_equal(masked.drop(columns="hidden"), rest.table.drop(columns="hidden"))
    assert masked.index[masked["hidden"] == 1].tolist() == graph.neighbors(planted.index[55]).index.tolist()
    assert result.table["neighbors"].iloc[55] == 8


def test_a_suppressed_value_is_masked_by_its_status_and_keeps_it(planted):
    status = pd.Series("observed", planted.index)
    status.iloc[3] = Status.SUPPRESSED
    status.iloc[4] = Status.STRUCTURAL_ZERO
    planted.iloc[4] = 0.0
    table = lea.local_moran(planted, lattice(10), status=status).table
    assert table["status"].iloc[[3, 4, 5]].tolist() == ["suppressed", "structural_zero", "observed"]
    assert table["label"].iloc[3] == Label.UNDEFINED
    assert np.isfinite(table["p_value"].iloc[4])


def test_zero_in_all_but_two_of_144_areas_finds_at_most_those_that_are_near():
    graph = lattice(12)
    values = pd.Series(0.0, graph.ids)
    values.iloc[[20, 100]] = 1.0
    result = lea.local_moran(values, graph)
    tied = result.table.drop(values.index[[20, 100]])
    # Most neighbourhoods are all zero; that is the likeliest draw, so the tail that holds it is large.
    assert (tied["p_value"] > 0.05).all()
    assert (result.table["label"] == Label.NOT_SIGNIFICANT).all()


def test_an_area_without_neighbours_is_an_isolate_and_no_test():
    ids = pd.Index(list("abcdefg"))
    graph = AreaGraph(ids, [0, 1, 3, 5, 7, 9, 10, 10], [1, 0, 2, 1, 3, 2, 4, 3, 5, 4], np.ones(10))
    values = pd.Series([1.0, 2, 4, 3, 8, 9, 100], ids)
    for function in FUNCTIONS:
        result = function(values, graph)
        assert result.table.loc["g", "label"] == Label.ISOLATE
        assert result.table.loc["g", ["statistic", "p_lower", "p_upper", "p_value", "q_value"]].isna().all()
        assert result.n_tested == 6
    assert lea.local_g(values, graph, star=True).table.loc["g", "label"] == Label.ISOLATE


def test_an_area_whose_neighbours_are_all_missing_becomes_an_isolate(planted):
    graph = lattice(10)
    planted[graph.neighbors("00000").index] = np.nan
    assert lea.local_moran(planted, graph).table.loc["00000", "label"] == Label.ISOLATE


def test_noise_on_3000_areas_is_not_coloured():
    graph = lattice(55)
    values = pd.Series(np.random.default_rng(1).poisson(20, 3025), graph.ids)
    labels = lea.local_moran(values, graph).table["label"]
    assert (labels == Label.NOT_SIGNIFICANT).all()


def test_too_few_permutations_are_an_error_that_says_how_many_are_needed():
    graph = lattice(55)
    values = pd.Series(np.random.default_rng(1).normal(size=3025), graph.ids)
    with pytest.raises(
        ResolutionError, match=r"999 permutations cannot label a lone area among 3025 at fdr 0.05"
    ):
        lea.local_moran(values, graph, method="permutation", permutations=999)
    with pytest.raises(ResolutionError, match="Use at least 120999 permutations"):
        lea.local_moran(values, graph, method="permutation", permutations=999)


def test_permutations_that_serve_one_tail_only_are_noted():
    # 99 areas at 0.05 take 1979 permutations for one tail, as 1 / 1980 = 0.05 / 99, and 3959 for two.
    graph = lattice(10).subset(lattice(10).ids[1:])
    values = pd.Series(np.random.default_rng(1).normal(size=99), graph.ids)
    for statistic in (lea.local_moran, lea.local_geary):
        enough = statistic(values, graph, method="permutation", permutations=3959)
        short = statistic(values, graph, method="permutation", permutations=1979)
        assert enough.notes == ()
        assert (
            "1979 permutations cannot label a lone area among 99 at fdr 0.05 by a two-sided" in short.notes[0]
        )
        with pytest.raises(ResolutionError, match="Use at least 3959 permutations"):
            statistic(values, graph, method="permutation", permutations=1978)


def test_permutations_are_not_asked_for_where_the_exact_law_applies(planted):
    result = lea.local_moran(planted, lattice(10), permutations=99)
    assert result.method == "exact"
    assert result.permutations is None


@pytest.mark.parametrize("method", ["exact", "permutation", "analytic"])
def test_planted_clusters_are_found_and_labelled(method, planted):
    table = lea.local_moran(planted, lattice(10), method=method).table
    assert table["label"].iloc[11] == Label.HIGH_HIGH
    assert table["label"].iloc[88] == Label.LOW_LOW
    spots = lea.local_g(planted, lattice(10), method=method, star=True).table
    assert spots["label"].iloc[11] == Label.HIGH_HIGH
    assert spots["label"].iloc[88] == Label.LOW_LOW


def test_one_area_among_opposites_is_high_low(planted):
    planted.iloc[88] = 30.0
    table = lea.local_moran(planted, lattice(10)).table
    assert table["label"].iloc[88] == Label.HIGH_LOW


def test_local_geary_labels_likeness_by_side_and_difference_as_negative():
    graph = lattice(10)
    row, column = np.divmod(np.arange(100), 10)
    values = pd.Series(np.random.default_rng(5).normal(size=100), graph.ids)
    values[(row < 3) & (column < 3)] = 6.0
    values[graph.neighbors("00077").index] = -6.0
    values["00077"] = 6.0
    table = lea.local_geary(values, graph).table
    assert table.loc["00011", "label"] == Label.HIGH_HIGH
    assert table.loc["00077", "label"] == Label.NEGATIVE


def test_local_geary_that_straddles_the_mean_is_other_positive():
    # A block of 5 by 5 hardly below the mean with its middle hardly above it, among noise; the mean is 0.
    graph = lattice(10)
    row, column = np.divmod(np.arange(100), 10)
    block = (abs(row - 5) < 3) & (abs(column - 5) < 3)
    values = pd.Series(np.random.default_rng(5).normal(size=100) * 3, graph.ids)
    values[block] = -0.01
    values["00055"] = 0.24
    values[~block] -= values[~block].mean()
    assert lea.local_geary(values, graph).table.loc["00055", "label"] == Label.OTHER_POSITIVE


def test_joined_attributes_are_high_high():
    graph = lattice(10)
    row, column = np.divmod(np.arange(100), 10)
    x = pd.Series(((row < 3) & (column < 3)).astype(int), graph.ids)
    result = lea.local_join_count(x, graph, alternative="greater")
    assert result.method == "exact"
    assert result.table["label"].iloc[11] == Label.HIGH_HIGH
    assert set(result.table.loc[x == 0, "label"]) == {Label.NOT_SIGNIFICANT}


def test_unequal_weights_are_tested_by_permutation_and_the_result_says_so():
    graph = lattice(6)
    weighted = AreaGraph(graph.ids, graph.indptr, graph.indices, np.resize([1.0, 2.0, 5.0], graph.n_links))
    values = pd.Series(np.arange(36.0) ** 1.5, graph.ids)
    result = lea.local_moran(values, weighted, transform="original")
    assert result.method == "permutation"
    assert result.permutations == 9999
    assert len(result.notes) == 1
    assert "8 neighbours among 36 areas are too many" in result.notes[0]
    with pytest.raises(UsageError, match="weights that differ within a row; use method='auto'"):
        lea.local_moran(values, weighted, transform="original", method="exact")


def test_an_outlier_that_swallows_all_bins_hands_over_to_permutations():
    graph = lattice(8)
    values = pd.Series(np.random.default_rng(2).random(64), graph.ids)
    values.iloc[10] = 1e9 + 1 / 3
    result = lea.local_moran(values, graph)
    assert result.method == "permutation"
    assert "outliers leave too little room" in result.notes[0]


def test_the_exact_law_states_its_error(noise):
    rounded = lea.local_moran(noise, lattice(10))
    assert 0 < rounded.error < 0.002
    whole = lea.local_moran((noise * 10).round(), lattice(10))
    assert whole.error == 0.0


def test_local_geary_has_no_exact_law(noise):
    with pytest.raises(UsageError, match="local_geary, whose law takes two sums over the neighbours"):
        lea.local_geary(noise, lattice(10), method="exact")


def test_g_and_g_star_share_their_p_values(planted):
    one, two = (lea.local_g(planted, lattice(10), star=star).table for star in (False, True))
    assert one["p_value"].equals(two["p_value"])
    # z_score is conditional in both; the statistic of G* is over all areas and its own value too.
    np.testing.assert_allclose(one["z_score"], two["z_score"], rtol=1e-9)
    assert (one["statistic"] - two["statistic"]).abs().min() > 1e-6


def test_one_sided_tests_take_their_tail(planted):
    greater = lea.local_moran(planted, lattice(10), alternative="greater").table
    less = lea.local_moran(planted, lattice(10), alternative="less").table
    assert greater["p_value"].equals(greater["p_upper"].rename("p_value"))
    assert less["p_value"].equals(less["p_lower"].rename("p_value"))


def test_local_g_divisors_differ_by_the_root_of_their_ratio(noise):
    # 99 other areas: variance over 98 instead of 99.
    n, less = (lea.local_g(noise, lattice(10), divisor=d).table["statistic"] for d in ("n", "n-1"))
    np.testing.assert_allclose(less / n, np.sqrt(98 / 99))
    n, less = (lea.local_g(noise, lattice(10), star=True, divisor=d).table["statistic"] for d in ("n", "n-1"))
    np.testing.assert_allclose(less / n, np.sqrt(99 / 100))


def test_an_area_exactly_at_the_mean_has_one_possible_moran_and_p_one():
    x = pd.Series([1.0, 2, 3, 4, 5], chain(5).ids)
    row = lea.local_moran(x, chain(5)).table.loc["02"]
    assert row["statistic"] == 0
    assert row["p_value"] == 1.0


def test_g_of_others_that_are_all_alike_is_undefined_and_has_no_p_value():
    x = pd.Series([0.0, 0, 7, 0, 0], chain(5).ids)
    row = lea.local_g(x, chain(5)).table.loc["02"]
    assert row[["statistic", "p_value"]].isna().all()
    assert row["label"] == Label.UNDEFINED


def test_a_result_joins_to_its_areas_by_id(planted):
    result = lea.local_moran(planted, lattice(10))
    areas = gpd.GeoDataFrame(
        index=planted.index[::-1], geometry=[box(i, 0, i + 1, 1) for i in range(100)], crs=3067
    )
    joined = result.join_to(areas, prefix="moran_")
    assert isinstance(joined, gpd.GeoDataFrame)
    assert joined.index.equals(areas.index)
    assert joined["moran_label"].loc["00011"] == Label.HIGH_HIGH
    with pytest.raises(JoinError, match="areas of the table that areas does not have: 1 of 100"):
        result.join_to(areas.iloc[1:])
    with pytest.raises(UsageError, match="already have columns moran_statistic"):
        result.join_to(joined, prefix="moran_")


def test_settings_travel_with_the_result(planted):
    result = lea.local_moran(planted, lattice(10), fdr=0.1, seed=9, transform="binary", alternative="greater")
    assert (result.statistic, result.transform, result.seed) == ("local_moran", "binary", 9)
    assert (result.fdr, result.alternative, result.n_tested, result.reason) == (0.1, "greater", 100, "")


def test_values_are_not_changed(planted):
    before = planted.copy()
    lea.local_moran(planted, lattice(10))
    pd.testing.assert_series_equal(planted, before)


def test_a_libpysal_graph_is_welcome(planted):
    graph = lattice(10)
    ours = lea.local_moran(planted, graph).table
    pd.testing.assert_frame_equal(lea.local_moran(planted, graph.to_libpysal()).table, ours)


def test_an_analytic_g_star_is_labelled_by_the_side_that_its_own_p_value_names():
    # One area is far above all others and its neighbours a little below the rest: over all areas G* is high.
    graph = lattice(7)
    values = pd.Series(np.resize([1.0, 2.0, 3.0], 49), graph.ids)
    values[graph.neighbors("00024").index] = 0.5
    values["00024"] = 500.0
    options = {"star": True, "method": "analytic"}
    total = lea.local_g(values, graph, moments="total", **options).table.loc["00024"]
    assert total["z_score"] > 2
    assert total["p_upper"] < total["p_lower"]
    conditional = lea.local_g(values, graph, **options).table.loc["00024"]
    assert conditional["z_score"] < -2
    assert conditional["label"] == Label.LOW_LOW
    assert (
        lea.local_g(values, graph, moments="total", fdr=0.6, **options).table.loc["00024", "label"]
        == Label.HIGH_HIGH
    )
