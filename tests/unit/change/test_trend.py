"""Mann-Kendall: the exact law against every order, few years, false trends, intervals."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.change.trend import years_needed
from lea_geo.change.trend_law import discordant_tails, serial_ratio
from lea_geo.change.trend_serial import pooled_coefficient
from lea_geo.errors import UsageError, ValuesError


def table(x, first=2000):
    x = np.atleast_2d(np.asarray(x, dtype=float))
    return pd.DataFrame(
        x, index=[f"{i:05d}" for i in range(len(x))], columns=range(first, first + x.shape[1])
    )


def kendall_s(x):
    return sum(np.sign(x[j] - x[i]) for i in range(len(x)) for j in range(i + 1, len(x)))


@pytest.mark.parametrize("x", [(3, 1, 2), (1, 2, 3, 4, 5), (2, 2, 1, 3, 3), (1, 1, 1, 2, 5, 2), (1, 1, 1, 1)])
def test_p_values_are_those_of_every_order_of_the_years(x):
    sums = np.array([kendall_s(order) for order in permutations(x)])
    row = lea.mann_kendall(table(x)).table.iloc[0]
    s = kendall_s(x)
    assert row["p_lower"] == pytest.approx((sums <= s).mean())
    assert row["p_upper"] == pytest.approx((sums >= s).mean())
    assert row["p_value"] == pytest.approx(min(1, 2 * min((sums <= s).mean(), (sums >= s).mean())))
    assert row["p_least"] == pytest.approx(min(1, 2 * (sums >= sums.max()).mean()))
    assert row["variance"] == pytest.approx(sums.var())


def test_the_exact_law_is_that_of_kendalls_table():
    # Kendall (1970), appendix table 1: n = 10, P(S >= 19) = 0.054, P(S >= 23) = 0.023; n = 4, P(S >= 6) =
    # 0.042.
    at_most, _ = discordant_tails(10, ())
    assert at_most[(45 - 19) // 2] == pytest.approx(0.054, abs=5e-4)
    assert at_most[(45 - 23) // 2] == pytest.approx(0.023, abs=5e-4)
    assert discordant_tails(4, ())[0][0] == pytest.approx(1 / 24)


def test_three_years_can_tell_nothing_and_the_result_says_so():
    result = lea.mann_kendall(table([[1, 2, 3], [3, 2, 1]]))
    assert result.table["p_value"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert set(result.table["trend"]) == {"not told"}
    assert np.isinf(result.table["slope_lower"]).all()
    assert "smallest p-value possible is 0.333" in result.notes[0]
    assert "from 5 years on" in result.notes[0]


def test_years_needed_count_the_areas():
    # 2 / 5! = 0.017 <= 0.05; 100 * 2 / 6! = 0.28 and 100 * 2 / 7! = 0.0397.
    assert years_needed(1, 0.05) == 5
    assert years_needed(100, 0.05) == 7
    assert years_needed(100, 0.05, "none") == 5


def test_a_year_without_a_value_is_left_out_of_its_area_only():
    result = lea.mann_kendall(table([[1, np.nan, 2, 4, 5], [1, 2, 3, 4, 5], [1, np.nan, np.nan, np.nan, 2]]))
    alone = lea.mann_kendall(
        pd.DataFrame([[1.0, 2, 4, 5]], index=["00000"], columns=[2000, 2002, 2003, 2004])
    )
    for name in ("n", "s", "p_value", "slope"):
        assert result.table.loc["00000", name] == pytest.approx(alone.table.loc["00000", name])
    assert result.table.loc["00002", "trend"] == ""
    assert np.isnan(result.table.loc["00002", "p_value"])
    assert any("1 of 3 areas have a value in fewer than 3 years" in note for note in result.notes)


def test_values_that_differ_by_rounding_only_are_tied():
    row = lea.mann_kendall(table([0.3, 0.1 + 0.2, 0.5])).table.iloc[0]
    assert row["s"] == 2


def test_uneven_years_change_the_slope_and_not_the_test():
    even, uneven = table([1, 3, 4, 9]), table([1, 3, 4, 9]).set_axis([2000, 2010, 2011, 2012], axis=1)
    a, b = (lea.mann_kendall(one).table.iloc[0] for one in (even, uneven))
    assert a["p_value"] == b["p_value"]
    # Slopes of the uneven years: 0.2, 3/11, 8/12, 1, 6/2, 5/1; their median is (2/3 + 1) / 2.
    assert b["slope"] == pytest.approx((2 / 3 + 1) / 2)


def test_the_slopes_interval_holds_what_the_test_does_not_refuse():
    x = np.array([2.0, 1.5, 3.9, 2.7, 5.1, 4.4, 6.0, 5.8])
    row = lea.mann_kendall(table(x)).table.iloc[0]
    for slope in np.linspace(-1, 2, 61):
        p = lea.mann_kendall(table(x - slope * np.arange(8))).table["p_value"].iloc[0]
        inside = row["slope_lower"] < slope < row["slope_upper"]
        assert inside == (p > 0.05), slope


def test_the_slopes_interval_covers_the_slope_as_often_as_it_says():
    rng = np.random.default_rng(5)
    result = lea.mann_kendall(table(rng.normal(size=(3000, 10)) + 0.2 * np.arange(10)))
    covered = result.interval["lower"].le(0.2) & result.interval["upper"].ge(0.2)
    assert 0.95 - 0.01 <= covered.mean() <= 0.98


def test_pure_noise_is_called_a_trend_no_more_often_than_stated():
    rng = np.random.default_rng(8)
    result = lea.mann_kendall(table(rng.normal(size=(4000, 9))))
    assert (result.table["p_value"] <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)
    assert (result.table["trend"] == "not told").all()


@pytest.mark.parametrize(("rho", "years"), [(0.3, 12), (0.6, 12), (0.6, 25)])
def test_noise_whose_shocks_last_is_called_a_trend_no_more_often_than_stated_when_pooled(rho, years):
    x = lasting(np.random.default_rng(11), 1500, years, rho)
    plain, shared = (lea.mann_kendall(table(x), autocorrelation=how) for how in ("none", "pooled"))
    assert shared.rho == pytest.approx(rho, abs=0.05)
    assert (plain.table["p_value"] <= 0.05).mean() > 0.09
    assert (shared.table["p_value"] <= 0.05).mean() <= 0.05


def test_pooling_makes_no_p_value_smaller():
    x = lasting(np.random.default_rng(3), 100, 8, -0.4)
    plain, shared = (lea.mann_kendall(table(x), autocorrelation=how).table for how in ("none", "pooled"))
    assert (shared["p_value"] >= plain["p_value"]).all()


def test_the_pooled_coefficient_does_not_mind_straight_lines():
    x = lasting(np.random.default_rng(4), 3000, 6, 0.5)
    slopes = np.random.default_rng(5).normal(size=(3000, 1)) * np.arange(6)
    assert pooled_coefficient(x) == pytest.approx(0.5, abs=0.06)
    assert pooled_coefficient(x + slopes) == pytest.approx(pooled_coefficient(x), abs=1e-9)


def test_the_variance_of_s_in_a_lasting_series_is_that_of_many_draws():
    x = lasting(np.random.default_rng(6), 20000, 8, 0.5)
    s = sum(np.sign(x[:, j] - x[:, i]) for i in range(8) for j in range(i + 1, 8))
    assert s.var() == pytest.approx(serial_ratio(8, 0.5) * 8 * 7 * 21 / 18, rel=0.04)


@pytest.mark.parametrize("how", ["hamed_rao", "trend_free", "pooled"])
def test_short_series_are_not_corrected_silently(how):
    result = lea.mann_kendall(table(np.random.default_rng(0).normal(size=(5, 7))), autocorrelation=how)
    assert not result.table["corrected"].any()
    assert any("cannot be estimated" in note for note in result.notes)


def test_everything_aligns_by_id_and_year():
    values = table(np.random.default_rng(1).normal(size=(6, 7)))
    turned = values.iloc[::-1, ::-1].set_axis([str(y) for y in reversed(values.columns)], axis=1)
    one, other = lea.mann_kendall(values).table, lea.mann_kendall(turned).table
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_what_is_wrong_with_a_table_of_years_is_said_at_once():
    values = table([[1, 2, 3], [1, np.inf, 3]]).set_axis(["a", "a"]).set_axis([2000, "later", 2002], axis=1)
    with pytest.raises(ValuesError) as error:
        lea.mann_kendall(values)
    text = str(error.value)
    assert "duplicate area ids" in text
    assert "columns that are no years: 1 of 3 (later)" in text
    assert "areas with infinite values: 1 of 2 (a)" in text


def test_two_years_are_no_series_and_a_series_is_no_table():
    with pytest.raises(ValuesError, match=r"years: 2\. At least 3 are needed"):
        lea.mann_kendall(table([1, 2]))
    with pytest.raises(UsageError, match="values is a Series"):
        lea.mann_kendall(pd.Series([1.0, 2.0]))
    with pytest.raises(UsageError, match="autocorrelation is 'hamed'"):
        lea.mann_kendall(table([1, 2, 3]), autocorrelation="hamed")


def test_the_regional_test_tries_every_order_of_the_years():
    x = np.array([[1.0, 2, 3, 5], [2, 1, 4, 6], [1, 3, 2, 2]])
    sums = np.array([sum(kendall_s(row[list(order)]) for row in x) for order in permutations(range(4))])
    observed = sum(kendall_s(row) for row in x)
    result = lea.regional_mann_kendall(table(x))
    assert result.s == observed
    assert result.p_upper == pytest.approx((sums >= observed).mean())
    assert result.p_lower == pytest.approx((sums <= observed).mean())
    assert result.permutations == 24


def test_areas_that_go_together_are_no_evidence_in_the_regional_test():
    rng = np.random.default_rng(12)
    refused = {"alone": 0, "together": 0}
    for seed in range(200):
        x = np.tile(rng.normal(size=(1, 9)), (30, 1)) + 0.1 * rng.normal(size=(30, 9))
        result = lea.regional_mann_kendall(table(x), permutations=199, seed=seed)
        refused["alone"] += result.p_independent <= 0.05
        refused["together"] += result.p_value <= 0.05
    assert refused["together"] <= 20
    assert refused["alone"] > 100


def lasting(rng, areas, years, rho):
    x = rng.normal(size=(areas, years + 40))
    for t in range(1, x.shape[1]):
        x[:, t] += rho * x[:, t - 1]
    return x[:, 40:]
