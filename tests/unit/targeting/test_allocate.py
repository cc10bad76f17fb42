"""Shares of a budget, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

IDS = list("abcd")
NEED = pd.Series([10.0, 20, 30, 40], IDS)
FAMILIES = pd.Series([100.0, 100, 100, 400], IDS)
QUIET = {"noise": "none", "draws": 100}


def euros(*args, **terms):
    return lea.allocate(*args, **terms, **QUIET).table["euros"].tolist()


def test_money_is_shared_in_proportion_to_need():
    assert euros(NEED, 1000) == [100, 200, 300, 400]


def test_what_cannot_be_split_goes_to_the_largest_remainders_and_of_equals_to_the_greater_need():
    # 0.7, 1.4, 2.1 and 2.8 of 7: wholes leave two, for remainders 0.8 and 0.7.
    assert euros(NEED, 7) == [1, 1, 2, 3]
    # 1.5 and 4.5 of 6: equal remainders, the greater need first; equal need, the smaller id.
    assert euros(pd.Series([1.0, 3], list("ab")), 6) == [1, 5]
    assert euros(pd.Series([1.0, 1], list("zy")), 3) == [1, 2]


def test_cents_and_thousands_add_up_exactly():
    need = pd.Series([1.0, 1, 1], list("abc"))
    assert euros(need, 100, unit=0.01) == [33.34, 33.33, 33.33]
    assert euros(need, 100_000, unit=1000) == [34_000, 33_000, 33_000]
    with pytest.raises(UsageError, match="whole number of units of 1000"):
        euros(need, 100_500, unit=1000)


def test_a_floor_and_a_cap_are_kept_and_the_rest_is_shared_by_need():
    # The floor of 150 for a and the cap of 350 for d leave 500 for b and c, 2 to 3.
    found = lea.allocate(NEED, 1000, floor=150, cap=350, **QUIET).table
    assert found["euros"].tolist() == [150, 200, 300, 350]
    assert found["bound"].tolist() == ["floor", "", "", "cap"]


def test_floors_and_caps_by_area_and_by_family_take_the_stricter():
    only = pd.Series([np.nan, 300, np.nan, np.nan], IDS)
    # b at 300; a 0.5 x 100 = 50 is below its share; 700 left among 10, 30 and 40.
    assert euros(NEED, 1000, families=FAMILIES, floor=only, floor_per_family=0.5) == [87, 300, 263, 350]
    # Caps of 2 euros a family: c at 200; 800 left among 10, 20, 40, none of which reaches its cap but b.
    assert euros(NEED, 1000, families=FAMILIES, cap_per_family=2) == [120, 200, 200, 480]


def test_a_two_part_formula_pays_the_fixed_part_before_need():
    # 4 x 50 = 200 fixed, 800 by need.
    assert euros(NEED, 1000, fixed=50) == [130, 210, 290, 370]
    # 0.5 a family: 50, 50, 50 and 200; 650 by need.
    assert euros(NEED, 1000, families=FAMILIES, fixed_per_family=0.5) == [115, 180, 245, 460]


def test_a_power_above_one_follows_dense_need_and_zero_follows_families():
    # n r^2: 1, 4, 9, 4.
    assert euros(NEED, 1800, families=FAMILIES, power=2.0) == [100, 400, 900, 400]
    assert euros(NEED, 700, families=FAMILIES, power=0.0) == [100, 100, 100, 400]


def test_several_kinds_of_need_count_as_weighted_counts_or_as_shares():
    need = pd.DataFrame({"poor": [10.0, 30], "deep": [5.0, 5]}, index=list("ab"))
    # 10 + 2 x 5 and 30 + 2 x 5.
    assert euros(need, 600, weights={"poor": 1, "deep": 2}) == [200, 400]
    # Three quarters by 10 : 30 and one quarter by 5 : 5.
    found = lea.allocate(need, 800, weights={"poor": 3, "deep": 1}, combine="shares", **QUIET)
    assert found.table["euros"].tolist() == [250, 550]
    # Each left out: by the other alone.
    assert found.alternatives["without poor"].tolist() == [400, 400]
    assert found.alternatives["without deep"].tolist() == [200, 600]
    assert found.table["method_lower"].tolist() == [200, 400]
    assert found.table["method_upper"].tolist() == [400, 600]
    assert found.method_share == 150 / 800


def test_other_formulas_say_how_much_of_the_money_the_choice_decides():
    found = lea.allocate(NEED, 1800, families=FAMILIES, alternatives={"dense": {"power": 2.0}}, **QUIET)
    # 180, 360, 540, 720 against 100, 400, 900, 400: 400 of 1800 move.
    assert found.alternatives["dense"].tolist() == [100, 400, 900, 400]
    assert found.method_share == pytest.approx(400 / 1800)
    assert found.table.loc["d", ["method_lower", "method_upper"]].tolist() == [400, 720]


def test_a_multiplier_stands_for_higher_costs():
    costs = pd.Series([2.0, 1, 1, 1], IDS)
    assert euros(NEED, 1100, multiplier=costs) == [200, 200, 300, 400]


def test_too_few_families_leave_an_area_out_and_a_note_says_so():
    found = lea.allocate(NEED, 800, families=FAMILIES, least_families=101, **QUIET)
    assert found.table["euros"].tolist() == [0, 0, 0, 800]
    assert found.table["bound"].tolist() == ["left out"] * 3 + [""]
    assert "3 of 4 areas have too few families" in found.notes[-1]


def test_what_an_area_had_is_kept_in_part_and_left_step_by_step():
    previous = pd.Series([400.0, 200, 200, 200], IDS)
    # 0.5 x 400 = 200 is kept by a; 800 among 20, 30, 40.
    found = lea.allocate(NEED, 1000, previous=previous, hold_harmless=0.5, phase_in=2, **QUIET)
    assert found.table["euros"].tolist() == [200, 178, 267, 355]
    assert found.table["bound"].tolist() == ["kept", "", "", ""]
    assert found.table["change"].tolist() == [-200, -22, 67, 155]
    # Half way: (400 + 200) / 2, (200 + 177.8) / 2 = 188.9, 233.3 and 277.8.
    assert found.path[1].tolist() == [300, 189, 233, 278]
    assert found.path[2].tolist() == [200, 178, 267, 355]
    assert found.table["first_year"].tolist() == [300, 189, 233, 278]


def test_a_phase_in_starts_from_what_was_had_scaled_to_the_budget():
    previous = pd.Series([100.0, 100, 100, 100], IDS)
    # 250 each of 1000 now; a quarter of the way to 100, 200, 300, 400.
    found = lea.allocate(NEED, 1000, previous=previous, phase_in=4, **QUIET)
    assert found.path[1].tolist() == [212, 237, 263, 288]


def test_hidden_need_gives_a_range_of_euros_and_a_stated_amount_that_is_not_nothing():
    need = NEED.where(NEED.index != "a")
    ends = {"lower": NEED * 0 + 2, "upper": NEED * 0 + 10}
    found = lea.allocate(need, 1000, **ends, hidden="midpoint", **QUIET).table
    assert found["need"].tolist() == [6, 20, 30, 40]
    # 2 of 92 to 10 of 100 of the money for a; d has 40 of 92 to 40 of 100.
    assert found.loc["a", ["hidden_lower", "hidden_upper"]].tolist() == pytest.approx([2000 / 92, 100])
    assert found.loc["d", ["hidden_lower", "hidden_upper"]].tolist() == pytest.approx([400, 40_000 / 92])
    assert found.loc["a", "lower"] < found.loc["a", "euros"] < found.loc["a", "upper"]
    other = lea.allocate(need, 1000, families=FAMILIES, **ends, **QUIET).table
    assert 2 <= other.loc["a", "need"] <= 10


def test_expected_need_is_drawn_towards_what_is_usual_and_the_swing_is_narrower_where_more_is_counted():
    need, families = pd.Series([9.0, 90, 30, 300], IDS), pd.Series([20.0, 200, 200, 2000], IDS)
    plain = lea.allocate(need, 10_000, families=families).table
    drawn = lea.allocate(need, 10_000, families=families, estimate="expected").table
    assert drawn.loc["a", "need"] < 9
    assert abs(drawn.loc["b", "need"] - 90) < 3
    swing = plain["swing"] / plain["euros"]
    assert swing["a"] > swing["b"]
    assert swing["c"] > swing["d"]
    assert plain["expected"].sum() == pytest.approx(10_000)


def test_every_impossible_term_is_named_at_once():
    with pytest.raises(ValuesError) as error:
        lea.allocate(NEED, 100, floor=pd.Series([60.0, 60, 0, 0], IDS), cap=50, **QUIET)
    told = str(error.value)
    assert "areas whose floor is above their cap: 2 of 4 (a, b)" in told
    assert "floors add up to 120, and the budget is 100" in told
    with pytest.raises(ValuesError, match="at most 200 can be given, and the budget is 1000"):
        lea.allocate(NEED, 1000, cap=50, **QUIET)
    with pytest.raises(ValuesError, match="fixed parts and floors add up to 1200"):
        lea.allocate(NEED, 1000, fixed=300, **QUIET)
    with pytest.raises(ValuesError, match=r"areas whose share cannot grow with the budget: 4 of 4"):
        lea.allocate(NEED * 0, 1000, **QUIET)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"power": 2.0}, "give families="),
        ({"cap_per_family": 3.0}, "cap_per_family needs the number of families"),
        ({"hold_harmless": 0.5}, "give previous="),
        ({"phase_in": 3}, "give previous="),
        ({"hold_harmless": 1.5, "previous": NEED}, "hold_harmless is 1.5"),
        ({"floor": -1.0}, "floor is -1.0"),
        ({"unit": 0.0}, "unit is 0"),
        ({"estimate": "guess"}, "estimate is 'guess'"),
        ({"weights": {"a": 1.0}}, "several kinds of need"),
        ({"multiplier": 2.0}, "multiplier must be a Series"),
        ({"alternatives": {"x": {"powr": 2.0}}}, "Did you mean 'power'"),
        ({"alternatives": {"x": 2.0}}, "must hold terms by name"),
        ({"hidden": "nothing"}, "hidden is 'nothing'"),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms, message):
    with pytest.raises(UsageError, match=message):
        lea.allocate(NEED, 1000, **terms, **QUIET)


def test_amounts_for_other_areas_are_refused():
    with pytest.raises(ValuesError, match=r"areas of floor that need does not have: 1 of 4 \(x\)"):
        euros(NEED, 1000, floor=pd.Series(1.0, list("abcx")))
    with pytest.raises(ValuesError, match="areas without an amount in previous"):
        euros(NEED, 1000, previous=NEED.where(NEED != 20))
    with pytest.raises(ValuesError, match="areas whose multiplier is not above 0"):
        euros(NEED, 1000, multiplier=NEED - 10)


def test_every_setting_is_told_and_joins_to_nothing_but_its_areas():
    found = lea.allocate(NEED, 1000, families=FAMILIES, floor=NEED, seed=9, draws=100)
    assert found.settings["seed"] == 9
    assert found.settings["floor"] == "by area"
    assert found.settings["estimate"] == "observed"
    assert found.drawn.shape == (100, 4)
    np.testing.assert_allclose(found.drawn.sum(axis=1), 1000)
