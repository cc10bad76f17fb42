"""Ranks, and those that areas could have."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import ValuesError
from lea_geo.ranking import joint_ranks, rank, rank_bounds


def test_the_highest_value_comes_first_and_equals_share_the_best_rank():
    found = rank(pd.Series([2.0, 7.0, np.nan, 7.0, 1.0], list("abcde")))
    assert found.dropna().to_dict() == {"a": 3, "b": 1, "d": 1, "e": 4}
    assert np.isnan(found["c"])


def test_values_that_only_rounding_keeps_apart_share_a_rank():
    assert 0.1 + 0.2 != 0.3
    assert rank(pd.Series([0.1 + 0.2, 0.4, 0.3])).tolist() == [2, 1, 2]
    assert rank(pd.Series([0.3 + 1e-12, 0.4, 0.3])).tolist() == [2, 1, 3]
    assert rank(pd.Series([np.nan, np.nan])).isna().all()


def test_possible_ranks_of_klein_wright_and_wieczorek_by_hand():
    # 1: [8, 9] lies above all others. 2: [4, 6], 3: [5, 7] and 4: [3, 5] overlap one another: 3 and 4 touch.
    # 5: [1, 2] lies below all others.  So 1 is first, 2-4 are second to fourth, 5 is fifth.
    lower, upper = np.array([8.0, 4, 5, 3, 1]), np.array([9.0, 6, 7, 5, 2])
    best, worst = rank_bounds(lower, upper)
    assert best.tolist() == [1, 2, 2, 2, 5]
    assert worst.tolist() == [1, 4, 4, 4, 5]


def test_joint_ranks_follow_their_definition_area_by_area():
    random = np.random.default_rng(4)
    people = pd.Series(random.integers(20, 4000, 60).astype(float))
    events = pd.Series(random.binomial(people.astype(int), random.uniform(0.05, 0.6, 60)).astype(float))
    table = joint_ranks(events, people)
    intervals = lea.exact_interval(events, people, level=1 - 0.05 / 60)
    for area in table.index:
        above = (intervals["lower"] > intervals.loc[area, "upper"]).sum()
        below = (intervals["upper"] < intervals.loc[area, "lower"]).sum()
        assert table.loc[area, ["rank_lower", "rank_upper"]].tolist() == [1 + above, 60 - below]


def test_areas_far_apart_keep_their_rank_and_areas_of_few_people_could_have_any():
    ids = list("abc")
    certain = joint_ranks(pd.Series([900, 500, 100], ids), pd.Series([1000] * 3, ids))
    assert certain[["rank", "rank_lower", "rank_upper"]].to_numpy().tolist() == [[1] * 3, [2] * 3, [3] * 3]
    open_ = joint_ranks(pd.Series([3, 2, 1], ids), pd.Series([4] * 3, ids))
    assert open_["rank_lower"].tolist() == [1, 1, 1]
    assert open_["rank_upper"].tolist() == [3, 3, 3]


def test_an_area_without_a_rate_has_no_rank_and_takes_none():
    events, people = pd.Series([9.0, np.nan, 2, 0], list("abcd")), pd.Series([10.0, 10, 10, 0], list("abcd"))
    table = joint_ranks(events, people)
    assert table.loc[["b", "d"]].isna().all(axis=None)
    assert table["rank"].dropna().tolist() == [1, 2]
    assert table["rank_upper"].max() == 2


def test_counts_that_contradict_each_other_are_refused():
    with pytest.raises(ValuesError, match="numerator larger than its denominator"):
        joint_ranks(pd.Series([11], ["a"]), pd.Series([10], ["a"]))


def test_no_area_at_all_gives_an_empty_table():
    table = joint_ranks(pd.Series([np.nan], ["a"]), pd.Series([10.0], ["a"]))
    assert table.isna().all(axis=None)
