"""What must hold for every graph and every value: exactness, invariance, calibration."""

from itertools import combinations, permutations

import esda
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

import lea_geo as lea
from lea_geo.schema import Label
from lea_geo.spatial.graph import AreaGraph
from lea_geo.spatial.inference import P_FLOOR, adjusted, required_permutations
from lea_geo.spatial.laws.exact_law import exact_test
from lea_geo.spatial.sample import build_sample


def graph_from(links: np.ndarray, ids: list[str], weights: np.ndarray | None = None) -> AreaGraph:
    """Return the graph of a matrix of ones and zeros without its diagonal."""
    links = np.array(links, dtype=bool)
    np.fill_diagonal(links, val=False)
    indptr = np.concatenate([[0], np.cumsum(links.sum(axis=1))])
    values = np.ones(links.sum()) if weights is None else weights[links]
    return AreaGraph(pd.Index(ids), indptr, np.nonzero(links)[1], values)


def names(n: int) -> list[str]:
    return [f"a{i:03d}" for i in range(n)]


def lattice(side: int) -> AreaGraph:
    """Return queen contiguity on a square of ``side`` by ``side``."""
    row, column = np.divmod(np.arange(side**2), side)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    return graph_from(near, names(side**2))


@st.composite
def maps(draw: st.DrawFn, values: st.SearchStrategy, least: int = 4, most: int = 9):
    """Draw values and a graph, isolates and full rows included."""
    n = draw(st.integers(least, most))
    x = draw(st.lists(values, min_size=n, max_size=n))
    links = draw(st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=n, max_size=n))
    return pd.Series(x, index=names(n), dtype=float), graph_from(np.array(links), names(n))


def enumerated(sample, i: int) -> tuple[float, float]:
    """Return both tails of one area's neighbour sum by going through every draw."""
    others = np.delete(sample.x, i)
    sums = np.array([sum(others[list(c)]) for c in combinations(range(len(others)), int(sample.counts[i]))])
    observed = sample.neighbour_sums[i]
    tie = 1e-11 * np.abs(sample.x).max()
    return np.mean(sums <= observed + tie), np.mean(sums >= observed - tie)


WHOLE = st.integers(-5, 5)
TIED = st.one_of(st.just(0), st.integers(-3, 1000))


@given(maps(st.one_of(WHOLE, TIED)))
def test_the_exact_law_of_whole_numbers_is_full_enumeration(case):
    values, graph = case
    sample = build_sample(values, graph, transform="row")
    if sample.reason:
        return
    found = exact_test(sample)
    assert found.error == 0
    for i in np.flatnonzero(sample.counts):
        lower, upper = enumerated(sample, i)
        assert found.tails.lower[i] == pytest.approx(lower, abs=1e-12)
        assert found.tails.upper[i] == pytest.approx(upper, abs=1e-12)


# Multiples of pi / 10^6 lie on no lattice that is tried, and differ by more than rounding or not at all.
@given(maps(st.one_of(st.just(0.0), st.integers(-(10**9), 10**9).map(lambda x: np.pi * x / 1e6))))
@settings(max_examples=8)
def test_the_exact_law_of_other_numbers_keeps_its_stated_bound(case):
    values, graph = case
    sample = build_sample(values, graph, transform="row")
    if sample.reason:
        return
    found = exact_test(sample)
    for i in np.flatnonzero(sample.counts):
        lower, upper = enumerated(sample, i)
        assert abs(found.tails.lower[i] - lower) <= found.error + 1e-12
        assert abs(found.tails.upper[i] - upper) <= found.error + 1e-12


def test_the_exact_law_of_smooth_data_is_far_better_than_its_bound():
    # 12 areas of normal noise, all draws of their neighbours gone through.
    rng = np.random.default_rng(12)
    near = abs(np.subtract.outer(np.arange(12), np.arange(12))) <= 2
    sample = build_sample(
        pd.Series(rng.normal(size=12), names(12)), graph_from(near, names(12)), transform="row"
    )
    found = exact_test(sample)
    for i in range(12):
        assert found.tails.upper[i] == pytest.approx(enumerated(sample, i)[1], abs=1e-9)


@pytest.mark.parametrize("method", ["exact", "permutation", "analytic"])
@given(data=st.data())
@settings(max_examples=8)
def test_the_order_of_areas_changes_nothing(method, data):
    values, graph = data.draw(maps(WHOLE, least=6))
    order = data.draw(st.permutations(range(len(values))))
    before = lea.local_moran(values, graph, method=method, seed=5)
    after = lea.local_moran(values.iloc[order], graph.subset(values.index[order]), method=method, seed=5)
    pd.testing.assert_frame_equal(after.table.loc[values.index], before.table, check_exact=True)
    assert (after.table.index == values.index[order]).all()


@given(maps(WHOLE, least=6), st.sampled_from([-7, -2, 3, 10]), st.integers(-100, 100))
@settings(max_examples=30)
def test_unit_and_origin_change_no_p_value(case, factor, shift):
    values, graph = case
    before = lea.local_moran(values, graph, method="exact").table
    after = lea.local_moran(values * factor + shift, graph, method="exact").table
    for column in ("statistic", "p_lower", "p_upper", "q_value"):
        np.testing.assert_allclose(after[column], before[column], rtol=1e-9, atol=1e-12)


@given(maps(st.floats(-10, 10).map(lambda x: round(x, 3))), st.sampled_from(["row", "binary", "original"]))
def test_local_moran_adds_up_to_global_moran(case, transform):
    # With m2 = sum z^2 / n: sum_i I_i = (n / sum z^2) sum_ij w_ij z_i z_j = S0 I.
    values, graph = case
    whole = lea.global_moran(values, graph, permutations=0, transform=transform)
    if whole.reason:
        return
    weights = float(graph.transform(transform).weights.sum())
    local = lea.local_moran(values, graph, transform=transform, method="analytic").table["statistic"]
    assert local.sum() == pytest.approx(weights * whole.statistic, abs=1e-9)


@given(maps(st.floats(-10, 10).map(lambda x: round(x, 3))))
def test_local_geary_adds_up_to_global_geary(case):
    # With s2 = sum z^2 / (n - 1): sum_i c_i = 2 S0 C.
    values, graph = case
    whole = lea.global_geary(values, graph, permutations=0, transform="binary")
    if whole.reason:
        return
    local = lea.local_geary(values, graph, transform="binary", method="analytic").table["statistic"]
    assert local.sum() == pytest.approx(2 * graph.n_links * whole.statistic, abs=1e-9)


@given(maps(TIED, least=5))
@settings(max_examples=30)
def test_tails_overlap_by_the_observed_value_and_no_p_value_lacks_a_statistic(case):
    values, graph = case
    for function in (lea.local_moran, lea.local_g):
        table = function(values, graph).table
        tested = table["p_value"].notna()
        assert table.loc[tested, "statistic"].notna().all()
        assert (table.loc[tested, "p_lower"] + table.loc[tested, "p_upper"] >= 1 - 1e-12).all()
        assert table.loc[tested, "p_value"].between(P_FLOOR, 1).all()
        assert (table["q_value"].notna() == tested).all()
        assert set(table.loc[~tested, "label"]) <= {Label.ISOLATE, Label.UNDEFINED}


@given(st.lists(st.one_of(st.just(np.nan), st.floats(0, 1)), max_size=40))
def test_benjamini_hochberg_is_scipys_on_what_was_tested(p):
    p = np.array(p, dtype=float)
    tested = ~np.isnan(p)
    q = adjusted(p, "bh")
    assert (np.isnan(q) == ~tested).all()
    if tested.any():
        np.testing.assert_allclose(q[tested], false_discovery_control(p[tested]), rtol=1e-12, atol=0)


@given(st.integers(1, 10**6), st.sampled_from([0.01, 0.05, 0.1, 0.2]), st.sampled_from(["two-sided", "less"]))
def test_the_required_permutations_suffice_and_one_fewer_does_not(n, fdr, alternative):
    needed = required_permutations(n, fdr, alternative)
    tails = 2 if alternative == "two-sided" else 1
    assert tails / (needed + 1) <= fdr / n * (1 + 1e-9)
    assert needed == 1 or tails / needed > fdr / n


SEEDS = range(200)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """p-values of local Moran on 200 maps of pure noise, 100 areas each, shape (200, 100)."""
    graph = lattice(10)
    fields = (pd.Series(np.random.default_rng(seed).poisson(4, 100), graph.ids) for seed in SEEDS)
    return np.array([lea.local_moran(field, graph, method="exact").table["p_value"] for field in fields])


def test_on_pure_noise_the_share_of_labelled_areas_stays_below_the_stated_rate(noise):
    labelled = np.array([adjusted(p, "bh") <= 0.05 for p in noise])
    assert labelled.mean() <= 0.05
    # Under the full null the false discovery rate is the share of maps with any label; 3 sd of 200 maps.
    assert labelled.any(axis=1).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_p_values_of_noise_are_conservative(noise):
    # Areas of one map are correlated, so the error is that of 200 maps and not of 20 000 areas.
    for level in (0.01, 0.05, 0.1, 0.2, 0.5):
        share = (noise <= level).mean(axis=1)
        assert share.mean() <= level + 3 * share.std() / np.sqrt(len(share))


def test_p_values_of_continuous_noise_are_uniform():
    graph = lattice(8)
    shares = []
    for seed in range(16):
        field = pd.Series(np.random.default_rng(seed).normal(size=64), graph.ids)
        shares.append((lea.local_moran(field, graph).table["p_value"] <= 0.1).mean())
    assert abs(np.mean(shares) - 0.1) <= 3 * np.std(shares) / np.sqrt(16)


@pytest.fixture(scope="module")
def smooth() -> tuple[pd.Series, AreaGraph]:
    graph = lattice(9)
    row, column = np.divmod(np.arange(81), 9)
    noise = np.random.default_rng(3).normal(0, 0.5, 81)
    return pd.Series(np.sin(row / 2) + np.cos(column / 3) + noise, graph.ids), graph


def test_esda_is_a_second_opinion_on_local_moran(smooth):
    values, graph = smooth
    theirs = esda.Moran_Local(values.to_numpy(), graph.to_libpysal().transform("r"), permutations=0)
    ours = lea.local_moran(values, graph, divisor="n-1").table
    np.testing.assert_allclose(ours["statistic"], theirs.Is, rtol=1e-9)


def test_esda_is_a_second_opinion_on_g_star_and_geary(smooth):
    values, graph = smooth
    theirs = esda.G_Local(values.to_numpy(), graph.to_libpysal(), transform="B", star=True, permutations=0)
    ours = lea.local_g(values, graph, star=True, transform="binary", moments="total").table
    np.testing.assert_allclose(ours["z_score"], theirs.Zs, rtol=1e-9)
    geary = esda.Geary_Local(graph.to_libpysal().transform("r"), permutations=0).fit(values.to_numpy())
    local = lea.local_geary(values, graph, method="analytic", divisor="n").table
    np.testing.assert_allclose(local["statistic"], geary.localG, rtol=1e-9)


def test_permutation_and_enumeration_agree_for_unequal_weights():
    # All 5! orders of the other areas, 6 areas in a ring of chords with weights 1 to 3.
    rng = np.random.default_rng(4)
    links = rng.random((6, 6)) < 0.7
    graph = graph_from(links, names(6), rng.integers(1, 4, (6, 6)).astype(float))
    values = pd.Series([1.0, 4.0, 4.0, 0.0, 9.0, 2.0], names(6))
    ours = lea.local_moran(
        values, graph, transform="original", method="permutation", permutations=20000
    ).table
    z = (values - values.mean()).to_numpy()
    weights = graph.sparse().toarray()
    for i in range(6):
        others = [j for j in range(6) if j != i]
        draws = np.array(list(permutations(z[others]))) @ weights[i, others]
        share = np.mean(z[i] * draws >= z[i] * (weights[i] @ z) - 1e-9)
        assert abs(ours["p_upper"].iloc[i] - share) <= 4.5 * np.sqrt(share * (1 - share) / 20000) + 1e-4
