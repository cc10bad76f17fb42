"""Changes taken apart by where people live and what the rates are, and by several factors."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea


def counts(numerator, denominator, **more):
    ids = list("abcdefgh"[: len(numerator)])
    return pd.DataFrame({"numerator": numerator, "denominator": denominator, **more}, index=ids, dtype=float)


BEFORE = counts([10, 40], [100, 100])
AFTER = counts([30, 50], [200, 100])


def test_two_areas_are_taken_apart_as_by_hand():
    """Shares 1/2 1/2 become 2/3 1/3, rates .1 .4 become .15 .5: Kitagawa's symmetric form."""
    found = lea.decompose_change(BEFORE, AFTER)
    assert (found.before, found.after) == pytest.approx((0.25, 80 / 300))
    parts = found.parts["value"]
    assert parts["composition"] == pytest.approx((1 / 6) * 0.125 - (1 / 6) * 0.45)
    assert parts["rate"] == pytest.approx((7 / 12) * 0.05 + (5 / 12) * 0.1)
    assert parts["composition"] + parts["rate"] == pytest.approx(found.value)


def test_an_area_that_gains_people_adds_only_by_a_rate_above_the_regions():
    found = lea.decompose_change(BEFORE, AFTER).table
    assert found["composition"]["a"] < 0  # more people where the rate is low
    assert found["composition"]["b"] < 0  # fewer where it is high
    assert found["total"].sum() == pytest.approx(80 / 300 - 0.25)


def test_people_who_only_move_change_no_rate():
    found = lea.decompose_change(counts([10, 40], [100, 100]), counts([20, 20], [200, 50]))
    assert found.parts["value"]["rate"] == pytest.approx(0, abs=1e-15)
    assert found.parts["value"]["composition"] == pytest.approx(found.value)


def test_an_area_that_is_new_adds_composition_alone():
    found = lea.decompose_change(counts([10, 0], [100, 0]), counts([10, 60], [100, 100]))
    assert found.parts["value"]["rate"] == pytest.approx(0, abs=1e-15)
    assert found.parts["value"]["composition"] == pytest.approx(0.35 - 0.1)
    assert found.table["rate_before"]["b"] == pytest.approx(0.6)
    assert "all of it composition: 1." in found.notes[-1]


def test_areas_are_matched_by_id_and_not_by_place():
    one = lea.decompose_change(BEFORE, AFTER)
    other = lea.decompose_change(BEFORE.iloc[::-1], AFTER)
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    pd.testing.assert_frame_equal(one.parts, other.parts, check_exact=True)


def test_the_range_over_hidden_numerators_is_that_of_all_tables():
    bounds = {"lower": [0, np.nan], "upper": [9, np.nan]}
    before = counts([np.nan, 40], [100, 100], **bounds)
    after = counts([30, 50], [200, 100])
    found = lea.decompose_change(before, after)
    assert found.left_out == ("a",)
    every = [lea.decompose_change(counts([x, 40], [100, 100]), after).parts["value"] for x in range(10)]
    for part in ("composition", "rate", "total"):
        told = [one[part] for one in every]
        assert found.parts["hidden_lower"][part] == pytest.approx(min(told)), part
        assert found.parts["hidden_upper"][part] == pytest.approx(max(told)), part


def test_a_hidden_numerator_without_bounds_leaves_the_range_unknown():
    found = lea.decompose_change(counts([np.nan, 40], [100, 100]), AFTER)
    assert found.parts[["hidden_lower", "hidden_upper"]].isna().all(axis=None)


def test_intervals_cover_the_truth_at_about_their_level():
    """400 draws of ten areas with 30 to 300 people and rates of 3 to 40 per cent."""
    random = np.random.default_rng(4)
    people = random.integers(30, 300, (2, 10)).astype(float)
    rates = random.uniform(0.03, 0.4, (2, 10))
    shares = people / people.sum(axis=1, keepdims=True)
    mean = rates.mean(axis=0)
    truth = {
        "composition": ((shares[1] - shares[0]) * mean).sum(),
        "rate": (shares.mean(axis=0) * (rates[1] - rates[0])).sum(),
        "total": (shares[1] * rates[1]).sum() - (shares[0] * rates[0]).sum(),
    }
    region = (shares * rates).sum(axis=1).mean()
    own = (shares[1] - shares[0]) * (mean - region)
    held, held_own = dict.fromkeys(truth, 0), np.zeros(10)
    for _ in range(400):
        tables = [
            pd.DataFrame({"numerator": random.binomial(n.astype(int), r), "denominator": n})
            for n, r in zip(people, rates, strict=True)
        ]
        found = lea.decompose_change(*tables)
        for part, true in truth.items():
            held[part] += found.parts["lower"][part] <= true <= found.parts["upper"][part]
        held_own += (found.table["composition_lower"] <= own) & (own <= found.table["composition_upper"])
    # 380 of 400 with a binomial deviation of 4.4; recovered variances err on the side of width
    assert all(count >= 365 for count in held.values()), held
    assert held_own.min() >= 365


@pytest.mark.parametrize(
    ("before", "after", "options", "said"),
    [
        (BEFORE["numerator"], AFTER, {}, "before must be a DataFrame"),
        (BEFORE, AFTER.iloc[:1], {}, "areas of before that after does not have: 1 of 2"),
        (BEFORE, counts([300, 1], [200, 100]), {}, "numerator above denominator in after: 1 of 2"),
        (BEFORE, counts([-1, 1], [200, 100]), {}, "negative numerator in after"),
        (BEFORE, counts([0, 0], [0, 0]), {}, "nobody lives in the areas of after"),
        (BEFORE, AFTER, {"kind": "share"}, "kind is 'share'"),
        (BEFORE, AFTER, {"level": 2}, "level is 2"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused_in_words(before, after, options, said):
    with pytest.raises(lea.LeaGeoError) as refusal:
        lea.decompose_change(before, after, **options)
    assert said in str(refusal.value)


def test_events_that_recur_have_byars_interval():
    found = lea.decompose_change(counts([10], [5]), counts([20], [5]), kind="rate")
    assert found.value == pytest.approx(2.0)
    assert found.interval[0] < 2.0 < found.interval[1]


def test_a_factor_adds_what_it_changes_on_average_over_all_orders():
    """Three factors over two strata: every order of bringing them in, one after the other."""
    random = np.random.default_rng(8)
    numbers = random.uniform(0.5, 2, (2, 3, 2))
    names = ["x", "y", "z"]
    tables = [
        {name: pd.Series(row, index=["s", "t"]) for name, row in zip(names, side, strict=True)}
        for side in numbers
    ]
    added = np.zeros(3)
    for order in permutations(range(3)):
        now = numbers[0].copy()
        for factor in order:
            before = now.prod(axis=0).sum()
            now[factor] = numbers[1, factor]
            added[factor] += (now.prod(axis=0).sum() - before) / 6
    found = lea.decompose_factors(*tables)
    assert found.table["value"].to_numpy() == pytest.approx(added)
    assert found.strata.sum().to_numpy() == pytest.approx(added)
    assert found.table["value"].sum() == pytest.approx(found.value)


def test_errors_of_factors_become_an_interval():
    one, other = {"x": 2.0, "y": 3.0}, {"x": 2.5, "y": 3.0}
    bare = lea.decompose_factors(one, other)
    assert np.isnan(bare.interval).all()
    assert bare.notes
    found = lea.decompose_factors(one, other, errors=({"x": 0.1, "y": 0.0}, {"x": 0.1, "y": 0.0}))
    # 3 (x' - x): 1.5, with a deviation of 3 sqrt(.02) = .4243, times 1.96 = .832
    assert found.interval[0] == pytest.approx(1.5 - 0.832, abs=0.1)
    assert found.interval[1] == pytest.approx(1.5 + 0.832, abs=0.1)
    # y is known and the same in both: it adds nothing, whatever x is
    assert found.table.loc["y", ["value", "lower", "upper"]].tolist() == pytest.approx([0, 0, 0])


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"x": 1.0}, {"x": 2.0}, "2 to 10 factors"),
        ({"x": 1.0, "y": 1.0}, {"x": 2.0, "z": 1.0}, "factors that only one of first and second has"),
        ({"x": pd.Series([1.0], ["s"]), "y": 1.0}, {"x": pd.Series([1.0], ["t"]), "y": 1.0}, "x of second"),
        ({"x": np.nan, "y": 1.0}, {"x": 1.0, "y": 1.0}, "strata without a number in x of first"),
    ],
)
def test_factors_that_do_not_fit_are_refused_in_words(first, second, said):
    with pytest.raises(lea.LeaGeoError) as refusal:
        lea.decompose_factors(first, second)
    assert said in str(refusal.value)


def test_two_factors_are_kitagawas():
    tables = [
        {"share": table["denominator"] / table["denominator"].sum(),
         "rate": table["numerator"] / table["denominator"]}
        for table in (BEFORE, AFTER)
    ]  # fmt: skip
    found, told = lea.decompose_factors(*tables), lea.decompose_change(BEFORE, AFTER)
    assert found.table["value"]["share"] == pytest.approx(told.parts["value"]["composition"])
    assert found.table["value"]["rate"] == pytest.approx(told.parts["value"]["rate"])
