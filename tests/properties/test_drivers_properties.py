"""What must hold of associations whatever the values."""

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lea_geo as lea
from lea_geo.drivers.bivariate import terciles
from lea_geo.drivers.effective import Distances, effective_size
from lea_geo.spatial.graph import AreaGraph

N = 12
IDS = pd.Index([f"a{i:02d}" for i in range(N)], name="area_id")
RING = AreaGraph(
    IDS,
    np.arange(0, 2 * N + 1, 2),
    [sorted(((i - 1) % N, (i + 1) % N))[k] for i in range(N) for k in (0, 1)],
    np.ones(2 * N),
)
VALUES = arrays(np.float64, N, elements=st.floats(-100, 100).map(lambda one: round(one, 3)), unique=True)


def both(x, y):
    return pd.Series(x, index=IDS), pd.Series(y, index=IDS)


@given(VALUES, VALUES)
@settings(max_examples=30)
def test_lees_l_is_the_same_both_ways_round(x, y):
    one, two = both(x, y)
    a, b = (lea.global_lee(*pair, RING, permutations=19) for pair in ((one, two), (two, one)))
    assert np.isclose(a.statistic, b.statistic, rtol=1e-12, atol=1e-14)
    assert np.isclose(a.variance, b.variance, rtol=1e-9, atol=1e-14)
    assert a.p_value == b.p_value
    assert abs(a.statistic) <= 1 + 1e-12


@given(VALUES, VALUES, st.floats(0.01, 100), st.floats(-1000, 1000))
@settings(max_examples=30)
def test_units_change_neither_lees_l_nor_its_test(x, y, factor, shift):
    one, two = both(x, y)
    plain = lea.global_lee(one, two, RING, permutations=19)
    moved = lea.global_lee(one * factor + shift, two, RING, permutations=19)
    turned = lea.global_lee(-one, two, RING, permutations=19)
    assert np.isclose(plain.statistic, moved.statistic, rtol=1e-6, atol=1e-9)
    assert np.isclose(plain.statistic, -turned.statistic, rtol=1e-9, atol=1e-12)
    assert np.isclose(plain.p_upper, turned.p_lower)


@given(VALUES, VALUES, st.permutations(range(N)))
@settings(max_examples=20)
def test_the_order_of_areas_changes_no_bit(x, y, order):
    one, two = both(x, y)
    places = np.array(order)
    again = RING.take(places[::-1].copy())
    plain, moved = (
        lea.local_lee(one, two, RING, permutations=999),
        lea.local_lee(one.iloc[places], two, again, permutations=999),
    )
    pd.testing.assert_frame_equal(plain.table, moved.table.loc[IDS], check_exact=True)
    found = [
        lea.scale_range(*pair, RING, zones=(5,), runs=3).table
        for pair in ((one, two), (one.iloc[places], two))
    ]
    pd.testing.assert_frame_equal(*found, check_exact=True)
    drivers = pd.DataFrame({"x": one})
    tables = [lea.associations(two.rename("y"), part).table for part in (drivers, drivers.iloc[places])]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


PERSONS = st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=8)


@given(PERSONS)
def test_bounds_hold_the_truth_of_every_table_of_persons(tables):
    # Each area: both, group only, outcome only, neither; only the margins are shown.
    cells = np.array(tables, dtype=float)
    ids = [f"a{i}" for i in range(len(cells))]
    group, outcome, people = (
        pd.Series(part, index=ids)
        for part in (cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2], cells.sum(axis=1))
    )
    found = lea.ecological_bounds(group, outcome, people)
    assert ((found.table["both_lower"] <= cells[:, 0]) & (cells[:, 0] <= found.table["both_upper"])).all()
    whole, alone, only, none = cells.sum(axis=0)
    assume(whole + alone > 0 and only + none > 0)
    truth = {"share_in_group": whole / (whole + alone), "share_outside": only / (only + none)}
    truth["difference"] = truth["share_in_group"] - truth["share_outside"]
    spread = (whole + alone) * (only + none) * (whole + only) * (alone + none)
    if spread > 0:
        truth["phi"] = (whole * none - alone * only) / np.sqrt(spread)
    for measure, value in truth.items():
        row = found.summary.loc[measure]
        assert row["lower"] - 1e-9 <= value <= row["upper"] + 1e-9


@given(st.lists(st.integers(0, 8), min_size=3, max_size=40))
def test_terciles_cut_no_group_of_equal_values(values):
    x = np.array(values, dtype=float)
    low, high = terciles(x)
    assert low <= high
    classes = np.searchsorted((low, high), x, side="left")
    assert all(len(set(classes[x == one])) == 1 for one in set(values))
    assert (np.diff(classes[np.argsort(x, kind="stable")]) >= 0).all()


@given(VALUES, VALUES, st.floats(0.1, 50), st.floats(-1e4, 1e4))
@settings(max_examples=30)
def test_the_effective_size_knows_no_units_and_is_symmetric(x, y, factor, shift):
    places = np.column_stack([np.arange(N) % 4, np.arange(N) // 4]).astype(float)
    size = effective_size(x, y, Distances(places))
    assert np.isclose(size, effective_size(y, x, Distances(places)), equal_nan=True)
    moved = effective_size(x * factor + shift, y, Distances(places * 1000.0))
    assert np.isclose(size, moved, rtol=1e-4, equal_nan=True)
