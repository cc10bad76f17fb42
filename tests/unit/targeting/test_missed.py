"""Who is reached and who is missed."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

IDS = list("abcde")
NEED = pd.Series([30.0, 20, 40, 10, 0], IDS)
FAMILIES = pd.Series([60.0, 50, 200, 90, 0], IDS)
"""Rates 0.5, 0.4, 0.2, 0.11: most of those in need live where the rate is third."""


def test_shares_of_a_choice_by_hand():
    # a and b: 50 of 100 in need, 110 of 400 families.
    row = lea.missed(NEED, FAMILIES, ["a", "b"]).table.loc["chosen"]
    assert row["share_reached"] == 0.5
    assert row["share_missed"] == 0.5
    assert row["need_missed"] == 50
    assert row["share_of_families"] == 110 / 400
    assert row["efficiency"] == 50 / 110
    assert row["leakage"] == 60 / 110
    assert row["advantage"] == pytest.approx(0.5 / (110 / 400))
    assert row["share_reached_lower"] < 0.5 < row["share_reached_upper"]
    assert row[["bound_lower", "bound_upper"]].tolist() == [0.5, 0.5]


def test_everybody_and_a_catchment_and_other_strategies_stand_beside():
    half = pd.Series([1.0, 0.5, 0.25, 0, 0], IDS)
    found = lea.missed(NEED, FAMILIES, ["a"], catchment=half, others={"c alone": FAMILIES == 200})
    assert found.table.index.tolist() == ["chosen", "universal", "catchment", "c alone"]
    # 30 + 10 + 10 of 100 in need among 60 + 25 + 50 families.
    assert found.table.loc["catchment", ["share_reached", "efficiency"]].tolist() == [0.5, 50 / 135]
    assert found.table.loc["c alone", "share_reached"] == 0.4
    assert found.table.loc["universal", ["share_reached", "share_missed_upper"]].tolist() == [1, 0]


def test_the_curve_and_the_areas_that_half_and_most_of_the_need_take_by_hand():
    # By rate: a 0.3, b 0.5, c 0.9, d 1; by count: c 0.4, a 0.7, b 0.9, d 1. Nobody lives in e.
    found = lea.missed(NEED, FAMILIES, ["a"])
    by_rate = found.curve.query("order == 'rate'")
    assert by_rate["area_id"].tolist() == ["", "a", "b", "c", "d"]
    np.testing.assert_allclose(by_rate["share_of_need"], [0, 0.3, 0.5, 0.9, 1])
    np.testing.assert_allclose(by_rate["share_of_families"], [0, 0.15, 0.275, 0.775, 1])
    needed = found.needed.set_index(["order", "share"])
    assert needed["areas"].tolist() == [2, 3, 2, 3]
    assert needed.loc[("count", 0.5), "share_of_families"] == 260 / 400
    assert (needed["areas_lower"] <= needed["areas"]).all()
    assert "1 of 5 areas have no families" in found.notes[0]


def test_a_hidden_count_bounds_the_share_and_is_never_taken_as_nothing():
    # a is hidden, 0 to 60: with 0 the choice of a holds 0 of 70, with 60 it holds 60 of 130.
    hidden = NEED.where(NEED.index != "a")
    row = lea.missed(hidden, FAMILIES, ["a"]).table.loc["chosen"]
    assert row["bound_lower"] == 0
    assert row["bound_upper"] == pytest.approx(60 / 130)
    assert 0 < row["share_reached"] < 60 / 130
    told = lea.missed(hidden, FAMILIES, ["a"], lower=NEED * 0 + 28, upper=NEED * 0 + 32)
    assert told.table.loc["chosen", "bound_lower"] == pytest.approx(28 / 98)
    assert 28 <= told.table.loc["chosen", "need"] <= 32
    assert "hidden" in told.notes[0]
    middle = lea.missed(hidden, FAMILIES, ["a"], lower=NEED * 0 + 28, upper=NEED * 0 + 32, hidden="midpoint")
    assert middle.table.loc["chosen", "need"] == 30


def test_the_extremes_of_hidden_counts_with_shares_are_those_of_full_enumeration():
    random = np.random.default_rng(3)
    ids = list("abcdef")
    families = pd.Series(50.0, ids)
    low, high = pd.Series(random.integers(0, 4, 6), ids), pd.Series(random.integers(5, 9, 6), ids)
    share = pd.Series(random.uniform(0, 1, 6).round(2), ids)
    need = pd.Series([12.0, np.nan, np.nan, 7, np.nan, np.nan], ids)
    found = lea.missed(need, families, share, lower=low * 1.0, upper=high * 1.0, draws=100).table.loc[
        "chosen"
    ]
    every = []
    for corner in np.ndindex(2, 2, 2, 2):
        filled = need.copy()
        filled[need.isna()] = np.where(np.array(corner) == 1, high[need.isna()], low[need.isna()])
        every.append((filled * share).sum() / filled.sum())
    assert found["bound_lower"] == pytest.approx(min(every))
    assert found["bound_upper"] == pytest.approx(max(every))


def test_rates_above_one_are_events_and_not_families():
    events = NEED * 3
    with pytest.raises(ValuesError, match="use kind='rate'"):
        lea.missed(events, FAMILIES, ["a"])
    assert lea.missed(events, FAMILIES, ["a"], kind="rate").table.loc["chosen", "share_reached"] == 0.3


def test_what_does_not_fit_together_is_named():
    with pytest.raises(ValuesError, match=r"areas of chosen that need does not have: 1 of 2 \(x\)"):
        lea.missed(NEED, FAMILIES, ["a", "x"])
    with pytest.raises(ValuesError, match="chosen outside 0 to 1"):
        lea.missed(NEED, FAMILIES, pd.Series(2.0, IDS))
    with pytest.raises(ValuesError, match="areas of need that families does not have"):
        lea.missed(NEED, FAMILIES.drop("b"), ["a"])
    with pytest.raises(ValuesError, match="areas whose number of families is unknown"):
        lea.missed(NEED, FAMILIES.where(FAMILIES != 60), ["a"])
    with pytest.raises(UsageError, match="shares"):
        lea.missed(NEED, FAMILIES, ["a"], shares=(0.5, 1.5))
    with pytest.raises(UsageError, match="which is a name of its own"):
        lea.missed(NEED, FAMILIES, ["a"], others={"universal": ["b"]})
    with pytest.raises(UsageError, match="give area ids"):
        lea.missed(NEED, FAMILIES, "a")


def test_the_data_given_are_not_changed_and_the_seed_decides_everything():
    before = NEED.copy(), FAMILIES.copy()
    one, other = (lea.missed(NEED, FAMILIES, ["a"], seed=4).table for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert not one.equals(lea.missed(NEED, FAMILIES, ["a"], seed=5).table)
    assert before[0].equals(NEED)
    assert before[1].equals(FAMILIES)
