"""What must hold of trends and chains of classes, whatever the values."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.change.emerging_classes import arcgis_classes, told_classes
from lea_geo.change.markov_chain import count_moves, mobility, shares
from lea_geo.change.trend_law import discordant_tails

VALUES = st.integers(-5, 5)
SERIES = st.integers(3, 8).flatmap(
    lambda years: st.lists(st.lists(VALUES, min_size=years, max_size=years), min_size=1, max_size=5)
)


def table(rows):
    x = np.array(rows, dtype=float)
    return pd.DataFrame(x, index=[f"a{i}" for i in range(len(x))], columns=range(2000, 2000 + x.shape[1]))


@given(SERIES)
def test_a_series_turned_upside_down_has_the_other_tail(rows):
    one, other = lea.mann_kendall(table(rows)).table, lea.mann_kendall(-table(rows)).table
    np.testing.assert_allclose(one["p_lower"], other["p_upper"])
    np.testing.assert_allclose(one["p_value"], other["p_value"])
    np.testing.assert_allclose(one["slope"], -other["slope"])
    np.testing.assert_allclose(one["slope_lower"], -other["slope_upper"])


@given(SERIES)
def test_time_turned_round_turns_the_trend(rows):
    backwards = table([row[::-1] for row in rows])
    one, other = lea.mann_kendall(table(rows)).table, lea.mann_kendall(backwards).table
    assert (one["s"] == -other["s"]).all()
    np.testing.assert_allclose(one["p_value"], other["p_value"])


@given(SERIES, st.floats(0.01, 100), st.floats(-100, 100))
def test_only_the_order_of_values_counts(rows, scale, shift):
    one, other = lea.mann_kendall(table(rows)).table, lea.mann_kendall(table(rows) * scale + shift).table
    assert (one["s"] == other["s"]).all()
    np.testing.assert_allclose(one["p_value"], other["p_value"])
    cubed = lea.mann_kendall(table(rows) ** 3).table
    np.testing.assert_allclose(one["p_value"], cubed["p_value"])


@given(SERIES)
def test_no_p_value_is_below_the_least_possible_and_slopes_lie_in_their_intervals(rows):
    found = lea.mann_kendall(table(rows)).table
    assert (found["p_value"] >= found["p_least"] - 1e-12).all()
    assert (found["slope_lower"] <= found["slope"]).all()
    assert (found["slope"] <= found["slope_upper"]).all()


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_the_law_of_s_adds_up_and_is_symmetric(groups):
    at_most, at_least = discordant_tails(sum(groups), tuple(sorted(size for size in groups if size > 1)))
    np.testing.assert_allclose(at_most, at_least[::-1])
    assert at_most[-1] == at_least[0] == 1.0


@given(
    st.integers(3, 7).flatmap(
        lambda t: st.lists(st.lists(st.integers(-1, 1), min_size=t, max_size=t), min_size=1, max_size=6)
    ),
    st.data(),
)
def test_hot_and_cold_are_classed_alike(rows, data):
    sides = np.array(rows)
    trend = np.array(data.draw(st.lists(st.integers(-1, 1), min_size=len(rows), max_size=len(rows))))
    turned = {"hot": "cold", "cold": "hot"}
    one, other = arcgis_classes(sides, trend), arcgis_classes(-sides, -trend)
    # Where a place is historically hot and cold at once, hot goes first: no place can be both at 90 %.
    assert [" ".join(turned.get(w, w) for w in word.split()) for word in one] == other.tolist()
    periods, tested = sides[:, [0, 1, -1]], np.ones(len(rows), dtype=bool)
    words, _ = told_classes(sides, periods, trend, tested, together=False)
    mirrored, _ = told_classes(-sides, -periods, -trend, tested, together=False)
    for word, mirror, row in zip(words, mirrored, sides, strict=True):
        both_between = {1, -1} <= set(row[1:-1].tolist()) and row[0] == row[-1] == 0
        if not both_between:
            assert " ".join(turned.get(w, w) for w in word.split()) == mirror


@settings(max_examples=40)
@given(st.integers(2, 4), st.integers(2, 12), st.integers(2, 6), st.integers(0, 10**6))
def test_moves_add_up_and_mobility_stays_in_its_bounds(k, areas, years, seed):
    states = np.random.default_rng(seed).integers(-1, k, size=(areas, years))
    counts = count_moves(states, k)
    both = (states[:, 1:] >= 0) & (states[:, :-1] >= 0)
    assert counts.sum() == both.sum()
    p = shares(counts)
    known = ~np.isnan(p).any(axis=1)
    np.testing.assert_allclose(p[known].sum(axis=1), 1.0)
    if known.all():
        found = mobility(p, np.full(k, 1.0 / k))
        assert 0 <= found["shorrocks"] <= k / (k - 1) + 1e-12
        assert -1e-12 <= found["second_eigenvalue"] <= 1 + 1e-12
        assert mobility(np.eye(k), np.full(k, 1.0 / k)) == dict.fromkeys(found, 0.0)
