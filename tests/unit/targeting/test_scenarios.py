"""Ways of sharing beside one another."""

import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

IDS = list("abcd")
NEED = pd.Series([60.0, 40, 20, 20], IDS)
FAMILIES = pd.Series([100.0, 100, 100, 200], IDS)
EQUAL = pd.Series([200.0, 200, 200, 400], IDS)


def compare(scenarios, **options):
    return lea.compare_scenarios(scenarios, need=NEED, families=FAMILIES, **options)


def test_the_same_for_every_family_is_no_more_concentrated_than_families_and_less_than_need():
    found = compare({"equal": EQUAL, "by need": 1000 * NEED / 140}).table
    assert found.loc["equal", "concentration"] == pytest.approx(0)
    assert found.loc["by need", "progressivity"] == pytest.approx(0)
    assert found.loc["by need", "gini_per_need"] == pytest.approx(0)
    # C of need by hand, families from a down: shares of families 1/5, 1/5, 1/5, 2/5, middles 0.1, 0.3, 0.5,
    # 0.8; rates 0.6, 0.4, 0.2, 0.1, mean 0.28: C = sum f rate (2 r - 1) / mean.
    concentration = (0.12 * -0.8 + 0.08 * -0.4 + 0.04 * 0 + 0.04 * 0.6) / 0.28
    assert found.loc["by need", "concentration"] == pytest.approx(concentration)
    assert found.loc["equal", "progressivity"] == pytest.approx(concentration)
    assert found.loc["equal", "progressivity_upper"] < 0
    # The fifth of families in the areas of greatest need is all of a.
    assert found.loc["equal", "to_neediest"] == pytest.approx(0.2)
    assert found.loc["by need", "to_neediest"] == pytest.approx(60 / 140)
    assert not found.loc["by need", "tie"]


def test_areas_of_one_rate_share_their_place():
    need = pd.Series([10.0, 10, 10], list("abc"))
    families = pd.Series([100.0, 100, 100], list("abc"))
    euros = {"x": pd.Series([900.0, 0, 0], list("abc")), "y": pd.Series([300.0, 300, 300], list("abc"))}
    found = lea.compare_scenarios(euros, need=need, families=families, noise="none").table
    assert found["concentration"].tolist() == pytest.approx([0, 0])


def test_who_gains_and_who_loses_against_the_base():
    other = pd.Series([300.0, 200, 150, 350], IDS)
    found = compare({"now": EQUAL, "then": other})
    areas = found.areas.query("scenario == 'then'").set_index("area_id")
    assert areas["verdict"].tolist() == ["gains", "same", "loses", "loses"]
    assert areas["change"].tolist() == [100, 0, -50, -50]
    assert areas["per_need"].tolist() == [5, 5, 7.5, 17.5]
    assert found.table.loc["then", ["gain", "lose", "same", "unsure", "moved"]].tolist() == [1, 2, 1, 0, 100]
    assert found.table.loc["now", "same"] == 4
    turned = compare({"now": EQUAL, "then": other}, base="then")
    assert turned.base == "then"
    assert turned.table.loc["now", "gain"] == 2


def test_a_gain_that_the_true_need_could_turn_is_not_said_to_be_one():
    # 10 of 50 and 22 of 100: c's share by need, 10 of 32, hardly differs from its share by families, 1 of 3.
    need, families = pd.Series([10.0, 22], list("cd")), pd.Series([50.0, 100], list("cd"))
    by = {"families": families}
    ways = {"equal": lea.allocate(need, 9000, power=0.0, **by), "need": lea.allocate(need, 9000, **by)}
    found = lea.compare_scenarios(ways, need=need, **by)
    areas = found.areas.query("scenario == 'need'").set_index("area_id")
    assert areas["verdict"].tolist() == ["unsure", "unsure"]
    assert (areas["change_lower"] < 0).all()
    assert (areas["change_upper"] > 0).all()
    assert bool(found.table.loc["need", "tie"])


def test_money_for_some_areas_reaches_their_share_of_need():
    found = compare({"all": EQUAL, "two": pd.Series([500.0, 500, 0, 0], IDS)}).table
    assert found["need_reached"].tolist() == pytest.approx([1, 100 / 140])
    assert found.loc["two", "need_reached_lower"] < 100 / 140 < found.loc["two", "need_reached_upper"]


def test_scenarios_of_the_same_draws_differ_more_sharply_than_their_intervals():
    found = compare({"equal": EQUAL, "by need": lea.allocate(NEED, 1000, families=FAMILIES)}).table
    own = found.loc["by need", "progressivity_upper"] - found.loc["equal", "progressivity_lower"]
    change = found.loc["by need", "progressivity_change_upper"]
    assert found.loc["by need", "progressivity_change_lower"] > 0
    assert change < own


def test_scenarios_of_other_draws_have_no_interval_by_area_and_a_note():
    ways = {"one": lea.allocate(NEED, 1000, families=FAMILIES, draws=100)}
    ways["other"] = lea.allocate(NEED, 1000, families=FAMILIES, power=2.0, draws=200)
    found = compare(ways)
    areas = found.areas.query("scenario == 'other'")
    assert areas["change_lower"].equals(areas["change"].rename("change_lower"))
    assert "other draws" in found.notes[-1]


def test_scenarios_that_do_not_fit_together_are_refused():
    with pytest.raises(UsageError, match="at least two"):
        compare({"one": EQUAL})
    with pytest.raises(UsageError, match="base is 'then'"):
        compare({"one": EQUAL, "two": EQUAL}, base="then")
    with pytest.raises(ValuesError, match="areas of need that two does not have"):
        compare({"one": EQUAL, "two": EQUAL.drop("a")})
    with pytest.raises(ValuesError, match="areas without an amount of 0 or more in two"):
        compare({"one": EQUAL, "two": EQUAL - 300})
