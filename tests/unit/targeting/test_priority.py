"""Lists, and who belongs on them."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.targeting.priority_runs import simultaneous

IDS = list("abcde")
NEED = pd.Series([300.0, 200, 20, 21, 0], IDS)
FAMILIES = pd.Series([500.0, 500, 100, 100, 0], IDS)


def test_areas_far_above_the_cut_belong_and_near_ties_are_told_as_ties():
    # a 0.6 and b 0.4 of 500 are far above c 0.20 and d 0.21 of 100, which nothing but one family keeps apart.
    found = lea.priority_list(NEED, FAMILIES, choose=3)
    table = found.table
    assert table["chosen"].tolist() == [True, True, False, True, False]
    assert table["standing"].tolist() == ["on", "on", "tie", "tie", ""]
    assert table.loc[["a", "b"], "p_belongs"].min() > 0.99
    assert 0.4 < table.loc["c", "p_belongs"] < table.loc["d", "p_belongs"] < 0.6
    assert found.expected_wrong == pytest.approx(found.expected_left_out)
    assert found.expected_wrong == pytest.approx(table.loc["c", "p_belongs"], abs=0.02)
    assert table["rank"].tolist()[:4] == [1, 2, 4, 3]
    assert np.isnan(table.loc["e", "rank"])


def test_intervals_and_possible_ranks_are_those_of_the_study():
    table = lea.priority_list(NEED, FAMILIES, choose=2).table
    wilson, joint = lea.wilson_interval(NEED, FAMILIES), lea.joint_ranks(NEED, FAMILIES)
    pd.testing.assert_series_equal(table["lower"], wilson["lower"], check_names=False)
    pd.testing.assert_frame_equal(table[["rank_lower", "rank_upper"]], joint[["rank_lower", "rank_upper"]])


def test_equal_values_at_the_cut_are_chosen_by_a_stated_rule_and_said_to_be():
    need = pd.Series([50.0, 10, 20, 10], list("abcd"))
    families = pd.Series([100.0, 100, 200, 100], list("abcd"))
    found = lea.priority_list(need, families, choose=2, noise="none")
    # b, c and d all have 0.1: c has more families in need.
    assert found.table["chosen"].tolist() == [True, False, True, False]
    assert found.tied_at_cut == ("b", "c", "d")
    assert found.table["standing"].tolist() == ["on", "tie", "tie", "tie"]
    assert found.table["p_belongs"].tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    assert "3 areas have the very value at which the list is cut (b, c, d)" in found.notes[0]


def test_by_count_by_share_of_areas_and_above_a_threshold():
    need, families = pd.Series([5.0, 60, 30], list("abc")), pd.Series([10.0, 600, 100], list("abc"))
    assert lea.priority_list(need, families, choose=1, by="count").table["chosen"].tolist() == [0, 1, 0]
    assert lea.priority_list(need, families, choose=1, by="rate").table["chosen"].tolist() == [1, 0, 0]
    assert lea.priority_list(need, families, choose=0.67).choose == 2
    above = lea.priority_list(need, families, threshold=0.2)
    assert above.choose == 2
    assert above.table["chosen"].tolist() == [True, False, True]
    # P(rate above 0.2) of the beta law of 30 among 100 is near 1, of 60 among 600 near 0.
    assert above.table.loc["c", "p_belongs"] > 0.95
    assert above.table.loc["b", "p_belongs"] < 0.01


def test_the_optimal_list_holds_most_of_the_expected_need():
    need, families = pd.Series([5.0, 60, 30], list("abc")), pd.Series([10.0, 600, 100], list("abc"))
    found = lea.priority_list(need, families, choose=1)
    assert found.table["optimal"].tolist() == [False, True, False]
    assert found.optimal_reached == pytest.approx(60 / 95, abs=0.03)
    assert found.expected_reached < 0.1


def test_a_hidden_area_is_ranked_by_what_is_expected_of_it_and_its_bounds_are_told():
    need = pd.Series([40.0, np.nan, 10, 12], list("abcd"))
    families = pd.Series(100.0, list("abcd"))
    ends = {"lower": families * 0 + 1, "upper": families * 0 + 4}
    table = lea.priority_list(need, families, choose=1, **ends).table
    assert np.isnan(table.loc["b", "value"])
    assert table.loc["b", "rank"] == 4
    wilson = [lea.wilson_interval(families * 0 + x, families).iloc[0] for x in (1, 4)]
    assert table.loc["b", ["lower", "upper"]].tolist() == [wilson[0]["lower"], wilson[1]["upper"]]


def test_runs_of_an_index_by_hand():
    # Two of four runs have b among the two worst, all have a, one and one c and d.
    values = pd.Series([9.0, 5, 4, 3], list("abcd"))
    runs = pd.DataFrame([[9, 5, 4, 3], [9, 5, 4, 3], [8, 3, 5, 2], [9, 1, 2, 7]], columns=list("abcd"))
    found = lea.priority_list_of_runs(values, runs, choose=2)
    assert found.table["p_belongs"].tolist() == [1, 0.5, 0.25, 0.25]
    assert found.table["chosen"].tolist() == [True, True, False, False]
    assert found.table["standing"].tolist() == ["on", "tie", "tie", "tie"]
    assert found.expected_wrong == 0.5
    low = lea.priority_list_of_runs(-values, -runs, choose=2, worst="low")
    pd.testing.assert_series_equal(low.table["p_belongs"], found.table["p_belongs"])
    assert low.table["rank"].tolist() == [1, 2, 3, 4]


def test_possible_ranks_hold_together_in_the_stated_share_of_runs():
    random = np.random.default_rng(8)
    runs = random.normal(size=(400, 15)).argsort(axis=1).argsort(axis=1) + 1.0
    low, high = simultaneous(runs, 0.9)
    inside = ((runs >= low) & (runs <= high)).all(axis=1).mean()
    assert inside >= 0.9
    # One run fewer outside on either side would not hold 0.9 of them, or the bounds are those of all runs.
    by = np.sort(runs, axis=0)
    cut = next(c for c in range(200, -1, -1) if (by[c] == low).all() and (by[399 - c] == high).all())
    tighter = ((runs >= by[cut + 1]) & (runs <= by[398 - cut])).all(axis=1).mean()
    assert tighter < 0.9


def test_an_area_without_an_index_is_on_no_list():
    values = pd.Series([9.0, np.nan, 4], list("abc"))
    runs = pd.DataFrame([[9, np.nan, 4], [8, np.nan, 5]], columns=list("abc"))
    table = lea.priority_list_of_runs(values, runs, choose=1).table
    assert table["chosen"].tolist() == [True, False, False]
    assert table["p_belongs"].tolist() == [1, 0, 0]
    assert table.loc["b", "standing"] == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either choose=, how many areas, or threshold="),
        ({"choose": 2, "threshold": 0.1}, "either choose"),
        ({"choose": 9}, "whole number from 1 to 4"),
        ({"choose": 1.5}, "whole number from 1 to 4"),
        ({"choose": 2, "by": "index"}, "by is 'index'"),
        ({"choose": 2, "noise": "loud"}, "noise is 'loud'"),
        ({"choose": 2, "draws": 10}, "at least 100"),
        ({"choose": 2, "level": 1.0}, "level is 1.0"),
    ],
)
def test_options_that_make_no_list_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        lea.priority_list(NEED, FAMILIES, **options)


def test_need_that_is_unknown_without_bounds_is_refused_and_not_taken_as_nothing():
    need = NEED.where(NEED.index != "c")
    with pytest.raises(ValuesError, match=r"areas whose need is unknown: 1 of 5 \(c\)"):
        lea.priority_list(need, FAMILIES, choose=2, kind="rate")
    with pytest.raises(ValuesError, match="duplicate area ids in need"):
        lea.priority_list(pd.concat([NEED, NEED[:1]]), pd.concat([FAMILIES, FAMILIES[:1]]), choose=2)
    with pytest.raises(UsageError, match="must be a pandas Series"):
        lea.priority_list(NEED.tolist(), FAMILIES, choose=2)
    with pytest.raises(ValuesError, match="areas with a value and without one in some run"):
        lea.priority_list_of_runs(NEED, pd.DataFrame([NEED, NEED.where(NEED != 20)]), choose=2)
