"""Measures of inequality: what they take, what they refuse, and what they say of it."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError

IDS = list("abcd")
VALUES = pd.Series([10.0, 20.0, 30.0, 40.0], IDS)
PEOPLE = pd.Series([100, 200, 300, 400], IDS)
RANK = pd.Series([1, 2, 3, 4], IDS)
EVENTS = (VALUES / 100 * PEOPLE).rename("events")
COUNTED = {"numerator": EVENTS, "denominator": PEOPLE}


def test_the_gini_of_four_areas_by_hand() -> None:
    # Half the mean difference: sum w_i w_j |x_i - x_j| / 2, with w = .1 .2 .3 .4, is 5.4; the mean is 30.
    # .1*.2*10 + .1*.3*20 + .1*.4*30 + .2*.3*10 + .2*.4*20 + .3*.4*10 = .2 + .6 + 1.2 + .6 + 1.6 + 1.2 = 5.4
    result = lea.gini(VALUES, PEOPLE)
    assert result.value == pytest.approx(5.4 / 30)
    assert result.absolute.value == pytest.approx(5.4)
    # Each area once: (10 + 20 + 30 + 10 + 20 + 10) / 16 = 6.25, over a mean of 25.
    assert result.unweighted == pytest.approx(0.25)
    assert result.interval[0] <= result.value <= result.interval[1]
    low, high = result.unweighted_interval
    assert low <= result.unweighted <= high
    assert (low, high) != result.interval


def test_palma_splits_the_area_on_the_edge() -> None:
    # Highest tenth: all in d, 40. Lowest 40 %: a, b and a quarter of c: (10 + 40 + 30) / 4 = 20 on average.
    assert lea.palma(VALUES, PEOPLE).value == pytest.approx(0.1 * 40 / (0.1 * 10 + 0.2 * 20 + 0.1 * 30))
    assert lea.palma(VALUES, PEOPLE).absolute.value == pytest.approx(40 - 20)


def test_gaps_between_extremes_tails_ranks_names_and_groups() -> None:
    assert lea.difference(VALUES, PEOPLE).value == 30
    assert lea.ratio(VALUES, PEOPLE).value == 4
    assert lea.difference(VALUES, PEOPLE, between="tails", share=0.2).value == pytest.approx(40 - 15)
    falling = lea.difference(VALUES, PEOPLE, between="tails", rank=-RANK, share=0.2)
    assert falling.value == pytest.approx(15 - 40)
    assert lea.difference(VALUES, PEOPLE, between=("b", "d")).value == -20
    groups = pd.Series(["east", "east", "west", "west"], IDS)
    named = lea.ratio(VALUES, PEOPLE, between=("west", "east"), groups=groups)
    assert named.value == pytest.approx((0.3 * 30 + 0.4 * 40) / 0.7 / ((0.1 * 10 + 0.2 * 20) / 0.3))
    assert named.unweighted == pytest.approx(35 / 15)


def test_equal_ranks_share_their_place() -> None:
    tied = pd.Series([1, 2, 2, 3], IDS)
    joined = pd.Series([10.0, (20 * 200 + 30 * 300) / 500, 40.0], list("abd"))
    people = pd.Series([100, 500, 400], list("abd"))
    one = lea.concentration_index(VALUES, PEOPLE, tied).value
    assert one == pytest.approx(
        lea.concentration_index(joined, people, pd.Series([1, 2, 3], list("abd"))).value
    )


def test_who_is_the_reference_of_what_could_be_gained() -> None:
    # The mean is 30; the best is 10 where low is good.
    assert lea.attributable_risk(VALUES, PEOPLE, favourable=False).value == -20
    assert lea.attributable_fraction(VALUES, PEOPLE, favourable=True).value == pytest.approx(1 / 3)
    assert lea.attributable_risk(VALUES, PEOPLE, favourable=False, rank=-RANK).value == -20
    nothing = lea.attributable_risk(VALUES, PEOPLE, favourable=False, reference="d", **COUNTED)
    assert nothing.value == 0
    assert nothing.interval[1] <= 0
    assert any("nothing would be gained" in note for note in nothing.notes)


def test_erreygers_index_does_not_care_whether_having_or_lacking_is_counted() -> None:
    has = lea.concentration_index(VALUES, PEOPLE, RANK, correction="erreygers", bounds=(0, 100))
    lacks = lea.concentration_index(100 - VALUES, PEOPLE, RANK, correction="erreygers", bounds=(0, 100))
    assert has.measure == "erreygers_index"
    assert has.value == pytest.approx(-lacks.value)


def test_what_is_left_out_is_said() -> None:
    values = pd.Series([10.0, np.nan, 30.0, 40.0], IDS)
    status = pd.Series(["observed", "suppressed", "observed", "observed"], IDS)
    result = lea.gini(values, PEOPLE, status=status)
    assert result.n_areas == 3
    assert "1 of 4 areas have no value and are left out, where 20.0% of the population live." in result.notes
    assert any("every area counts once" in note for note in lea.gini(VALUES, None).notes)
    nobody = lea.gini(VALUES, pd.Series([0, 200, 300, 400], IDS))
    assert any("nobody lives there" in note for note in nobody.notes)


def test_values_and_people_are_matched_by_id() -> None:
    turned = PEOPLE.iloc[::-1]
    assert lea.gini(VALUES, turned).value == lea.gini(VALUES, PEOPLE).value
    with pytest.raises(ValuesError, match=r"areas of values that population does not have: 1 of 4 \(d\)"):
        lea.gini(VALUES, PEOPLE.drop("d"))
    with pytest.raises(UsageError, match="population is a list"):
        lea.gini(VALUES, [1, 2, 3, 4])


@pytest.mark.parametrize("measure", [lea.gini, lea.theil, lea.mean_log_deviation, lea.atkinson, lea.palma])
def test_negative_amounts_are_refused_by_name(measure) -> None:
    with pytest.raises(ValuesError, match=r"negative values.*: 1 of 4 \(b\)"):
        measure(VALUES.mask(VALUES == 20, -1.0), PEOPLE)


def test_zeros_are_refused_only_where_a_measure_has_no_meaning_for_them() -> None:
    zero = VALUES.mask(VALUES == 20, 0.0)
    assert lea.gini(zero, PEOPLE).value > lea.gini(VALUES, PEOPLE).value
    # 0 log 0 is 0: Theil's T of (0, 1) is log 2.
    assert lea.theil(pd.Series([0.0, 1.0], ["a", "b"]), None).value == pytest.approx(np.log(2))
    with pytest.raises(ValuesError, match=r"values of zero: 1 of 4 \(b\).*use gini or theil"):
        lea.mean_log_deviation(zero, PEOPLE)
    with pytest.raises(ValuesError, match="use an epsilon below 1"):
        lea.atkinson(zero, PEOPLE)
    assert 0 < lea.atkinson(zero, PEOPLE, epsilon=0.5).value < 1
    with pytest.raises(ValuesError, match="The ratio has no value: the lower end is zero"):
        lea.ratio(zero, PEOPLE)
    assert np.isnan(lea.difference(zero, PEOPLE).relative.value)


def test_counts_that_do_not_make_the_values_are_refused_by_name() -> None:
    with pytest.raises(ValuesError, match=r"not made of their counts by one scale: .*\(.*a.*\)"):
        lea.gini(VALUES, PEOPLE, numerator=EVENTS.mask(VALUES == 10, 19), denominator=PEOPLE)
    with pytest.raises(UsageError, match="Give numerator and denominator together"):
        lea.gini(VALUES, PEOPLE, numerator=EVENTS)
    with pytest.raises(UsageError, match="not both"):
        lea.gini(VALUES, PEOPLE, standard_error=VALUES, **COUNTED)


def test_orders_groups_and_options_are_checked() -> None:
    with pytest.raises(ValuesError, match=r"areas with a value and no rank: 1 of 4 \(d\)"):
        lea.slope_index(VALUES, PEOPLE, RANK.drop("d"))
    with pytest.raises(ValuesError, match="all areas have the same rank"):
        lea.slope_index(VALUES, PEOPLE, RANK * 0)
    with pytest.raises(UsageError, match="needs counts of a proportion"):
        lea.slope_index(VALUES, PEOPLE, RANK, model="logistic")
    with pytest.raises(ValuesError, match="values outside 0 to 25"):
        lea.slope_index(VALUES, PEOPLE, RANK, model="logistic", scale=25)
    narrow = pd.Series(["x", "x", "y", "x"], IDS, name="postal")
    wide = pd.Series(["m", "m", "n", "n"], IDS, name="municipality")
    with pytest.raises(
        ValuesError, match=r"groups of postal that lie in several groups of municipality.*\(x\)"
    ):
        lea.theil(VALUES, PEOPLE, nesting=[wide, narrow])
    with pytest.raises(ValuesError, match=r"areas of between that have no value: 1 of 1 \(z\)"):
        lea.difference(VALUES, PEOPLE, between=("a", "z"))
    with pytest.raises(UsageError, match="Did you mean 'tails'"):
        lea.difference(VALUES, PEOPLE, between="tail")
    with pytest.raises(TypeError, match="unknown option 'weights'"):
        lea.gini(VALUES, PEOPLE, weights=PEOPLE)
    with pytest.raises(ValuesError, match="areas with a value and a population: 1"):
        lea.gini(VALUES[:1], PEOPLE[:1])


def test_a_group_in_which_nobody_has_anything_is_not_unequal_within() -> None:
    groups = pd.Series(["m", "m", "n", "n"], IDS, name="municipality")
    result = lea.theil(pd.Series([0.0, 0.0, 1.0, 2.0], IDS), pd.Series(1.0, IDS), nesting=[groups])
    parts = result.decomposition
    # By hand: means 0 and 3/2 of halves, mean 3/4: between them log 2, and within the second what is left.
    whole = (4 / 3 * np.log(4 / 3) + 8 / 3 * np.log(8 / 3)) / 4
    assert parts.part("between municipality").value == pytest.approx(np.log(2))
    assert parts.part("within municipality").value == pytest.approx(whole - np.log(2))
    assert result.value == pytest.approx(whole)


def test_parts_of_every_level_and_of_every_group_add_up() -> None:
    wide = pd.Series(["m", "m", "n", "n"], IDS, name="municipality")
    narrow = pd.Series(["1", "2", "3", "3"], IDS, name="postal")
    result = lea.theil(VALUES, PEOPLE, nesting=[wide, narrow], **COUNTED)
    parts = result.decomposition
    assert parts.levels == ("municipality", "postal")
    assert parts.total == pytest.approx(result.value, rel=1e-12)
    assert set(parts.table["name"]) == {"between municipality", "between postal", "within postal"}
    # Between municipalities by hand: means 50/3 and 250/7 of shares .3 and .7, mean 30.
    first, second = 50 / 3, 250 / 7
    by_hand = 0.3 * first / 30 * np.log(first / 30) + 0.7 * second / 30 * np.log(second / 30)
    assert parts.part("between municipality").value == pytest.approx(by_hand)
    inside = parts.groups["contribution"].sum() + parts.part("between municipality").value
    assert inside == pytest.approx(result.value, rel=1e-12)
    assert all(one.lower <= one.upper for one in parts.parts)


def test_the_table_says_what_has_no_meaning_and_why() -> None:
    zero = VALUES.mask(VALUES == 20, 0.0)
    made = lea.inequality_table(zero, PEOPLE, favourable=False, rank=RANK, runs=99)
    assert "mean_log_deviation" not in set(made.table["measure"])
    assert any("no mean log deviation" in note for note in made.notes)
    assert made.of("gini").value == lea.gini(zero, PEOPLE, runs=99).value
    assert made.of("slope_index").interval == lea.slope_index(zero, PEOPLE, RANK, runs=99).interval
    below = lea.inequality_table(VALUES - 15, PEOPLE, favourable=False, runs=99)
    assert "gini" not in set(below.table["measure"])
    assert {"weighted", "unweighted"} == set(below.table["weighting"])


def test_near_and_far_pairs_add_up_to_the_gini_and_the_test_is_two_sided() -> None:
    ids = [f"a{i}" for i in range(16)]
    values = pd.Series([10.0] * 8 + [30.0] * 8, ids) + np.arange(16) / 10
    people = pd.Series(np.arange(100, 260, 10), ids)
    line = lea.AreaGraph(
        ids=pd.Index(ids),
        indptr=np.array([0, *np.cumsum([1] + [2] * 14 + [1])]),
        indices=np.array([j for i in range(16) for j in (i - 1, i + 1) if 0 <= j < 16]),
        weights=np.ones(30),
    )
    alike = lea.spatial_gini(values, people, line, permutations=199, seed=1)
    assert list(alike.table["near"] + alike.table["far"]) == pytest.approx(list(alike.table["gini"]))
    assert alike.table.loc["weighted", "gini"] == pytest.approx(lea.gini(values, people).value)
    assert alike.table.loc["unweighted", "expected"] == pytest.approx(15 / 120)
    w = people.to_numpy() / people.sum()
    assert alike.expected == pytest.approx(2 * (w[:-1] * w[1:]).sum() / (1 - (w * w).sum()))
    assert alike.value < 0.03
    assert alike.p_value == pytest.approx(2 * min(alike.table.loc["weighted", ["p_lower", "p_upper"]]))
    assert alike.p_value < 0.05
    with pytest.raises(ValuesError, match=r"areas with a value that the graph does not have: 1 of 17"):
        lea.spatial_gini(pd.concat([values, pd.Series([1.0], ["z"])]), None, line)


def test_people_who_live_close_together_do_not_pass_for_a_pattern_of_values() -> None:
    # Two crowded neighbours far from the mean of nobody else: any values give near pairs much of the Gini.
    ids = [f"a{i}" for i in range(12)]
    people = pd.Series([5000, 5000] + [10] * 10, ids)
    ring = lea.AreaGraph(
        ids=pd.Index(ids),
        indptr=np.arange(0, 25, 2),
        indices=np.array([j % 12 for i in range(12) for j in sorted(((i - 1) % 12, (i + 1) % 12))]),
        weights=np.ones(24),
    )
    rng = np.random.default_rng(4)
    p_values = []
    for seed in range(40):
        values = pd.Series(rng.uniform(10, 20, 12), ids)
        found = lea.spatial_gini(values, people, ring, permutations=99, seed=seed, runs=99)
        assert found.expected > 0.9
        p_values.append(found.p_value)
    # At 5 %, 40 tests give more than 7 alarms once in a thousand times.
    assert np.sum(np.array(p_values) <= 0.05) <= 7
