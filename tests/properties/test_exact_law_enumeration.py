"""The exact law against going through every subset of the others, for every number of areas up to 12."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_maps import enumerated, graph_from, names

import lea_geo as lea
from lea_geo.spatial.laws.exact_law import ExactTest, exact_test
from lea_geo.spatial.neighbour_sum import LARGEST_ERROR
from lea_geo.spatial.sample import build_sample

SIZES = range(4, 13)
ROUND_OFF = 1e-12
UNIT = np.pi / 1e6
"""Whole multiples of it lie on no short decimals, so they are rounded to the lattice; their sums tie as those
of the whole numbers do."""


@st.composite
def links_among(draw: st.DrawFn, n: int) -> np.ndarray:
    """Draw who is whose neighbour: isolates, single neighbours and rows that hold everybody included."""
    counts = draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))
    links = np.zeros((n, n), dtype=bool)
    for area, count in enumerate(counts):
        others = draw(st.permutations([other for other in range(n) if other != area]))
        links[area, others[:count]] = True
    return links


@st.composite
def whole_fields(draw: st.DrawFn, n: int) -> np.ndarray:
    """Draw whole numbers with ties, zeros and negatives, or large ones that differ."""
    value = draw(
        st.sampled_from(
            [
                st.integers(0, 1),
                st.integers(-3, 3),
                st.one_of(st.just(0), st.integers(-2, 500)),
                st.integers(-30_000, 30_000),
            ]
        )
    )
    return np.array(draw(st.lists(value, min_size=n, max_size=n)))


@st.composite
def rough_fields(draw: st.DrawFn, n: int) -> np.ndarray:
    """Draw large whole numbers: even, bell, skewed, heavy tails, outliers, two heaps, ties."""
    shape = draw(
        st.sampled_from(["even", "bell", "skewed", "cauchy", "outlier", "outliers", "two heaps", "tied"])
    )
    noise = np.random.default_rng(draw(st.integers(0, 2**32)))
    bell = noise.normal(size=n)
    field = {
        "even": noise.random(n),
        "bell": bell,
        "skewed": np.exp(2 * bell),
        "cauchy": noise.standard_cauchy(n),
        "outlier": np.where(np.arange(n) == n // 2, 1e4, bell),
        "outliers": np.where(np.arange(n) % 5 == 0, 1e3 * bell, bell),
        "two heaps": bell + 100 * (np.arange(n) % 2),
        "tied": np.where(noise.random(n) < 0.5, 0.0, bell),
    }[shape]
    return np.rint(field * 1e6).astype(np.int64)


def compare(found: ExactTest, whole: np.ndarray, links: np.ndarray) -> None:
    """Hold both tails of every area with neighbours against enumeration."""
    for area in np.flatnonzero(links.sum(axis=1)):
        lower, upper = enumerated(whole, links, area)
        assert abs(found.tails.lower[area] - lower) <= ROUND_OFF + found.error
        assert abs(found.tails.upper[area] - upper) <= ROUND_OFF + found.error


@pytest.mark.parametrize("n", SIZES)
@given(data=st.data())
@settings(max_examples=20)
def test_whole_numbers_have_the_tails_of_full_enumeration(n, data):
    whole, links = data.draw(whole_fields(n)), data.draw(links_among(n))
    sample = build_sample(pd.Series(whole, names(n), dtype=float), graph_from(links), transform="row")
    if not sample.reason:
        found = exact_test(sample)
        assert found.error == 0
        compare(found, whole, links)


@pytest.mark.parametrize("n", SIZES)
@given(data=st.data())
@settings(max_examples=6)
def test_numbers_of_every_shape_are_within_the_stated_error_of_full_enumeration(n, data):
    whole, links = data.draw(rough_fields(n)), data.draw(links_among(n))
    sample = build_sample(pd.Series(whole * UNIT, names(n)), graph_from(links), transform="row")
    if not sample.reason:
        compare(exact_test(sample), whole, links)


@pytest.mark.parametrize("n", SIZES[4:])
@given(data=st.data())
@settings(max_examples=10)
def test_areas_without_a_value_leave_the_enumeration_of_the_others(n, data):
    whole, links = data.draw(whole_fields(n)), data.draw(links_among(n))
    held = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    held[:4] = True
    values = pd.Series(np.where(held, whole, np.nan), names(n))
    table = lea.local_g(values, graph_from(links), method="exact").table
    assert table.loc[~held, ["p_lower", "p_upper", "p_value", "q_value"]].isna().all(axis=None)
    among = links[np.ix_(held, held)]
    tested = table["p_value"].notna()
    assert (among.sum(axis=1)[tested[held]] > 0).all()
    for area, name in enumerate(names(n)[held]):
        if tested[name] and table.loc[name, "variance"] > 0:
            lower, upper = enumerated(whole[held], among, area)
            assert table.loc[name, "p_lower"] == pytest.approx(lower, abs=ROUND_OFF)
            assert table.loc[name, "p_upper"] == pytest.approx(upper, abs=ROUND_OFF)


@given(st.data())
@settings(max_examples=12)
def test_whatever_the_shape_no_exact_p_value_is_reported_beyond_the_error_it_admits(data):
    # Where outliers leave too few bins the public call hands over to permutations instead.
    whole, links = data.draw(rough_fields(12)), data.draw(links_among(12))
    result = lea.local_g(pd.Series(whole * UNIT, names(12)), graph_from(links), permutations=999, fdr=0.1)
    if result.method != "exact":
        return
    assert result.error <= 2 * LARGEST_ERROR  # of a two-sided p-value
    table = result.table
    for area in np.flatnonzero((table["p_value"].notna() & (table["variance"] > 0)).to_numpy()):
        lower, upper = enumerated(whole, links, area)
        assert abs(table["p_lower"].iloc[area] - lower) <= result.error + ROUND_OFF
        assert abs(table["p_upper"].iloc[area] - upper) <= result.error + ROUND_OFF


@pytest.mark.parametrize(("n", "k"), [(300, 8), (3000, 6), (3000, 20)])
def test_rounding_moves_a_law_of_many_areas_less_than_stated(n, k):
    # The same field twice: as whole numbers, whose law is exact (proved above), and times an irrational unit.
    noise = np.random.default_rng(n + k)
    whole = np.rint(40_000 // k * np.exp(noise.normal(0, 0.8, n))).astype(int)
    steps = np.concatenate([np.arange(1, k // 2 + 1), -np.arange(1, k // 2 + 1)])
    indices = np.sort((np.arange(n)[:, None] + steps) % n, axis=1)
    graph = lea.AreaGraph(names(n), np.arange(n + 1) * k, indices.ravel(), np.ones(n * k))
    exact, rounded = (
        exact_test(build_sample(pd.Series(values, graph.ids), graph, transform="row"))
        for values in (whole.astype(float), whole * UNIT)
    )
    assert exact.error == 0 < rounded.error < 0.01
    for tail in ("lower", "upper"):
        moved = np.abs(getattr(rounded.tails, tail) - getattr(exact.tails, tail))
        assert moved.max() <= rounded.error
        assert moved.max() > 1e-12  # or the two were the same law and nothing was proved
