"""Outliers and transformations; the numbers are worked out beside them."""

import numpy as np
import pytest
from scipy.special import ndtri

from lea_geo.composite import treat
from lea_geo.composite_spec import TREATMENTS, Treat
from lea_geo.errors import UsageError, ValuesError

NAN = np.nan
# Ten regular values with one and two outliers: the example of the OECD handbook's rule.
ONE = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100], dtype=float)[:, None]
TWO = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 100], dtype=float)[:, None]


def test_skewness_and_kurtosis_of_four_values_are_those_by_hand():
    x = np.array([1.0, 2.0, 3.0, 10.0])  # away from the mean 4: -3 -2 -1 6; m2 = 12.5, m3 = 45, m4 = 348.5
    g1, g2 = 45 / 12.5**1.5, 348.5 / 12.5**2 - 3
    assert treat.skewness(x) == pytest.approx(g1 * np.sqrt(12) / 2)
    assert treat.kurtosis(x) == pytest.approx(3 * (5 * g2 + 6) / 2)
    assert treat.skewness(np.append(x, NAN)) == pytest.approx(treat.skewness(x))


@pytest.mark.parametrize("x", [[], [1], [1, 2], [5, 5, 5, 5], [NAN, NAN]])
def test_too_few_or_equal_values_have_no_skewness_and_no_outliers(x):
    column = np.array(x, dtype=float)
    assert np.isnan(treat.skewness(column))
    assert not treat.beyond(column, Treat())


def test_both_limits_must_be_passed():
    x = ONE[:, 0]
    assert treat.beyond(x, Treat())
    assert not treat.beyond(x, Treat(skewness=4))
    assert not treat.beyond(x, Treat(kurtosis=20))


def test_winsorising_brings_an_outlier_to_the_next_value_and_stops_there():
    found = treat.learn(ONE, Treat("winsorise"))
    assert found.kind.tolist() == ["winsorised"]
    np.testing.assert_array_equal(found.apply(ONE)[:, 0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10])
    changes = found.changes(ONE)
    assert (changes.row.tolist(), changes.before.tolist(), changes.after.tolist()) == ([10], [100], [10])
    assert found.suffices.tolist() == [True]


def test_low_outliers_are_brought_up():
    found = treat.learn(-ONE, Treat("winsorise"))
    np.testing.assert_array_equal(found.apply(-ONE)[:, 0], [-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -10])


def test_no_more_values_are_winsorised_than_asked_even_where_equal_ones_stand_together():
    x = np.array([*range(1, 41), 500, 500, 500], dtype=float)[:, None]
    assert treat.learn(x, Treat("winsorise", most=2)).kind.tolist() == [""]
    np.testing.assert_array_equal(treat.learn(x, Treat("winsorise", most=3)).high, [40])


def test_where_winsorising_is_not_enough_it_is_said():
    x = np.exp(np.linspace(0, 12, 60))[:, None]
    found = treat.learn(x, Treat("winsorise", most=1))
    assert found.kind.tolist() == ["winsorised"]
    assert found.suffices.tolist() == [False]


def test_auto_takes_logarithms_of_the_untreated_values_where_winsorising_is_not_enough():
    x = np.exp(np.linspace(0, 12, 60))[:, None]
    found = treat.learn(x, Treat("auto", most=1))
    assert found.kind.tolist() == ["log"]
    span = x.max() - x.min()
    np.testing.assert_allclose(found.apply(x), np.log(x - x.min() + 0.01 * span))
    assert treat.learn(TWO, Treat("auto")).kind.tolist() == ["winsorised"]


def test_a_logarithm_of_low_outliers_is_taken_from_the_high_end():
    found = treat.learn(-ONE, Treat("log"))
    np.testing.assert_allclose(found.apply(-ONE), -np.log(ONE - 1 + 0.99))
    assert found.sign.tolist() == [-1]


def test_box_cox_of_lognormal_values_is_nearly_a_logarithm():
    x = np.exp(2 * ndtri(np.arange(1, 200) / 200))[:, None]
    found = treat.learn(x, Treat("box_cox"))
    assert found.power[0] == pytest.approx(0, abs=0.01)
    assert found.after[0, 0] == pytest.approx(0, abs=0.05)


def test_box_cox_moves_values_that_are_not_positive_above_0():
    x = ONE - 1
    found = treat.learn(x, Treat("box_cox"))
    assert found.shift.tolist() == [0.99]
    assert np.isfinite(found.apply(x)).all()


def test_only_indicators_with_outliers_are_treated_and_gaps_stay_gaps():
    calm = np.arange(11.0)[:, None]
    x = np.hstack([calm, ONE])
    x[0, 1] = NAN
    for method in TREATMENTS[1:]:
        found = treat.learn(x, Treat(method))
        assert found.kind[0] == ""
        np.testing.assert_array_equal(found.apply(x)[:, 0], calm[:, 0])
        assert np.isnan(found.apply(x)[0, 1])
        assert found.changes(x).column.tolist().count(0) == 0


def test_by_default_nothing_is_treated():
    found = treat.learn(ONE, Treat())
    np.testing.assert_array_equal(found.apply(ONE), ONE)
    assert found.kind.tolist() == [""]
    assert len(found.changes(ONE).row) == 0


def test_a_treatment_learnt_on_one_year_holds_for_another():
    found = treat.learn(ONE, Treat("winsorise"))
    np.testing.assert_array_equal(found.apply(np.array([[12.0], [7.0], [-3.0]]))[:, 0], [10, 7, -3])
    logged = treat.learn(ONE, Treat("log"))
    later = logged.apply(np.array([[0.0], [1.0], [200.0]]))[:, 0]
    assert later[0] == later[1]  # below the least that was learnt there is no logarithm
    assert later[2] == pytest.approx(np.log(200 - 1 + 0.99))


@pytest.mark.parametrize(
    ("how", "x", "expected"),
    [
        ("", [-1, 2, NAN], [-1, 2, NAN]),
        ("log", [1, np.e, NAN], [0, 1, NAN]),
        ("log1p", [0, np.e - 1, NAN], [0, 1, NAN]),
        ("sqrt", [0, 9, NAN], [0, 3, NAN]),
        ("logit", [0.5, 0.75, NAN], [0, np.log(3), NAN]),
    ],
)
def test_transformations_are_what_their_names_say(how, x, expected):
    np.testing.assert_allclose(treat.transform(np.array(x, dtype=float), how), expected, atol=1e-15)


def test_a_percentage_s_logit_is_that_of_its_share():
    np.testing.assert_allclose(treat.transform(np.array([75.0]), "logit", top=100), np.log(3))


@pytest.mark.parametrize(
    ("how", "x", "message"),
    [
        ("log", [1, 0, -2], r"values that are not above 0: 2 of 3 \(0, -2\)\. log1p takes 0 too\."),
        ("log1p", [0, -1], r"values that are not above -1: 1 of 2 \(-1\)"),
        ("sqrt", [4, -4], r"values that are not at least 0: 1 of 2 \(-4\)"),
        ("logit", [0, 0.5, 1], r"values that are not between 0 and 1: 2 of 3 \(0, 1\)\. Take sqrt"),
    ],
)
def test_values_outside_a_transformation_s_domain_are_refused_and_shown(how, x, message):
    with pytest.raises(ValuesError, match=message):
        treat.transform(np.array(x, dtype=float), how)


def test_options_that_do_not_exist_are_refused():
    with pytest.raises(UsageError, match=r"treat\.method is 'winsorize'.*Did you mean 'winsorise'"):
        treat.learn(ONE, Treat("winsorize"))
    with pytest.raises(UsageError, match=r"treat\.skewness is -1; it must be a number of at least 0\."):
        treat.learn(ONE, Treat("log", skewness=-1))
    with pytest.raises(UsageError, match=r"treat\.most is 2\.5; it must be a whole number of at least 0\."):
        treat.learn(ONE, Treat("winsorise", most=2.5))
