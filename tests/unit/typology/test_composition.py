"""Compositions: closure, zeros, what is refused, and the noise of small numbers."""

import numpy as np
import pandas as pd
import pytest
from planted_types import planted

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

IDS = pd.Index(["a", "b", "c", "d"], name="area_id")


@pytest.fixture
def counts() -> pd.DataFrame:
    return pd.DataFrame({"one": [10, 20, 0, 5], "two": [30, 20, 40, 5], "three": [10, 10, 10, 10]}, index=IDS)


def test_a_zero_becomes_its_bayesian_estimate_and_the_others_keep_their_ratios(counts):
    """By hand: without c the shares of "one" are 35 of 120, "two" 55, "three" 30; c counts 50.

    The geometric mean of the three is g; the estimate is t s / (n + s) with s = 1 / g.
    """
    t = np.array([35, 55, 30]) / 120
    s = 1 / t.prod() ** (1 / 3)
    estimate = t[0] * s / (50 + s)
    found = lea.composition(counts).table.loc["c"]
    assert found["one"] == pytest.approx(estimate)
    assert found["two"] / found["three"] == pytest.approx(4)
    assert found.sum() == pytest.approx(1)


def test_an_estimate_above_the_smallest_share_is_taken_down_to_0_65_of_it():
    parts = pd.DataFrame({"a": [990, 980, 3], "b": [10, 20, 0]}, index=IDS[:3])
    assert lea.composition(parts).table.loc["c", "b"] == pytest.approx(0.65 * 0.01)


def test_the_rest_of_the_whole_is_a_part_of_its_own(counts):
    found = lea.composition(counts, total=pd.Series(60, index=IDS), rest="others")
    assert found.parts == ("one", "two", "three", "others")
    assert found.observed.loc["a", "others"] == pytest.approx(10 / 60)


def test_parts_that_exceed_their_whole_are_named_with_their_areas(counts):
    with pytest.raises(ValuesError, match=r"more than the whole: 2 of 4 \(b, c\)\. Each may be counted once"):
        lea.composition(counts, total=pd.Series([50, 49, 49, 20], index=IDS), rest="others")


def test_parts_that_leave_something_of_their_whole_need_a_name_for_it(counts):
    with pytest.raises(ValuesError, match=r"less than the whole: 1 of 4 \(a\)\. Give rest="):
        lea.composition(counts, total=pd.Series([60, 50, 50, 20], index=IDS))


def test_structural_zeros_are_refused_and_can_be_put_together_with_another_part(counts):
    status = counts.astype(object).where(counts == -1, "observed")
    status.loc["c", "one"] = "structural_zero"
    with pytest.raises(ValuesError, match=r"structural zeros in 'one'.*amalgamate"):
        lea.composition(counts, status=status)
    found = lea.composition(counts, amalgamate={"one or two": ["one", "two"]})
    assert found.parts == ("one or two", "three")
    assert found.replaced.sum() == 0


def test_a_part_that_one_area_only_has_says_nothing_of_its_zeros():
    parts = pd.DataFrame({"a": [5, 5, 5], "b": [5, 5, 5], "c": [0, 0, 1]}, index=IDS[:3])
    with pytest.raises(ValuesError, match=r"fewer than two areas: 1 \(c\)"):
        lea.composition(parts)


def test_shares_with_zeros_need_a_stated_small_share(counts):
    shares = counts.div(counts.sum(axis=1), axis=0)
    with pytest.raises(ValuesError, match=r"shares that are zero: 1 of 4 \(c\)\. State what stands in"):
        lea.composition(shares, kind="shares")
    found = lea.composition(shares, kind="shares", delta=0.005).table.loc["c"]
    assert found.tolist() == pytest.approx([0.005, 0.8 * 0.995, 0.2 * 0.995])


def test_negative_parts_and_parts_named_twice_are_refused(counts):
    with pytest.raises(ValuesError, match=r"negative parts: 1 of 4 \(a\)"):
        lea.composition(counts - pd.DataFrame({"one": [11, 0, 0, 0], "two": 0, "three": 0}, index=IDS))
    with pytest.raises(ValuesError, match="amalgamate names parts twice"):
        lea.composition(counts, amalgamate={"x": ["one", "two"], "y": ["two"]})


def test_areas_without_a_value_or_people_have_no_composition_and_are_named(counts):
    counts = counts.astype(float).assign(one=[10.0, 20.0, 5.0, 0.0])
    counts.loc["a", "two"] = np.nan
    counts.loc["d"] = 0.0
    found = lea.composition(counts)
    assert found.table.loc[["a", "d"]].isna().all(axis=None)
    assert "1 of 4 areas have a part without a value and no composition: a." in found.notes
    assert "1 of 4 areas have nobody to count and no composition: d." in found.notes


def test_a_matrix_that_is_no_partition_is_refused(counts):
    signs = pd.DataFrame([[1, -1, 0], [1, 0, -1]], columns=counts.columns)
    with pytest.raises(UsageError, match="no sequential binary partition"):
        lea.composition(counts).ilr(signs)


def test_intervals_hold_the_true_shares_at_their_rate():
    """A draw of 400 areas from one composition: 95 % of the intervals should hold it."""
    rng = np.random.default_rng(5)
    share = np.array([0.6, 0.3, 0.1])
    people = rng.integers(50, 500, size=400)
    counts = pd.DataFrame(
        rng.multinomial(people, share), index=[f"{i:03d}" for i in range(400)], columns=list("abc")
    )
    found = lea.composition(counts).intervals()
    held = [
        ((found[c, "lower"] <= s) & (s <= found[c, "upper"])).mean()
        for c, s in zip("abc", share, strict=True)
    ]
    assert min(held) > 0.92
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)


def test_draws_have_the_mean_and_the_spread_of_the_posterior():
    counts, _ = planted(3, 1, n=12)
    found = lea.composition(counts)
    drawn = found.draws(runs=500, seed=4)
    alpha = found.counts + found.pseudo
    mean = alpha.div(alpha.sum(axis=1), axis=0)
    spread = np.sqrt(mean * (1 - mean)).div(np.sqrt(alpha.sum(axis=1) + 1), axis=0)
    np.testing.assert_allclose(
        drawn.groupby("area_id").mean(), mean, atol=5 * spread.max().max() / np.sqrt(500)
    )
    np.testing.assert_allclose(drawn.groupby("area_id").std(), spread, rtol=0.2)
