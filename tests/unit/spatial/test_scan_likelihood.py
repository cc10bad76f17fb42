"""The likelihood ratio of one window: by hand, and as FleXScan prints it."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.spatial.scan.likelihood import log_ratio, squared_scale

BOTH = 0


def test_five_of_ten_cases_among_a_tenth_of_the_people_by_hand():
    # mu = 10 * 10 / 100 = 1 inside and 9 outside.
    poisson = 5 * log(5 / 1) + 5 * log(5 / 9)
    assert log_ratio(5.0, 10.0, (10.0, 100.0, False, BOTH)) == pytest.approx(poisson, rel=1e-14)
    # Healthy people: 5 inside where 9 are expected, 85 outside where 81 are.
    bernoulli = poisson + 5 * log(5 / 9) + 85 * log(85 / 81)
    assert log_ratio(5.0, 10.0, (10.0, 100.0, True, BOTH)) == pytest.approx(bernoulli, rel=1e-14)


@pytest.mark.parametrize(
    ("cases", "people", "statistic"),
    [(41.0, 38999.0, 8.47836), (42.0, 40696.0, 8.29257), (44.0, 47412.0, 6.43049)],
)
def test_the_bernoulli_ratio_is_flexscans(cases, people, statistic):
    # FleXScan 3.1.2 on leukaemia in New York, binomial model, as kept in the tests of the R package
    # smerc 1.8.4 (scan_test_ny_binomial_10nn_cartesian.out): 552 cases among 1 057 673 people.
    assert log_ratio(cases, people, (552.0, 1057673.0, True, 1)) == pytest.approx(statistic, abs=5e-6)


def test_a_window_without_cases_has_the_ratio_of_everybody_else():
    # 0 log 0 = 0 inside; 8 cases outside where 6 are expected.
    assert log_ratio(0.0, 25.0, (8.0, 100.0, False, -1)) == pytest.approx(8 * log(8 / 6), rel=1e-14)


def test_a_window_with_all_cases_has_the_ratio_of_the_inside_alone():
    assert log_ratio(8.0, 25.0, (8.0, 100.0, False, 1)) == pytest.approx(8 * log(8 / 2), rel=1e-14)


def test_a_window_where_everybody_is_a_case_has_a_finite_bernoulli_ratio():
    # Inside 4 of 4; outside 1 case and 5 healthy among 6.
    ratio = 4 * log(4 / 2) + 1 * log(1 / 3) + 5 * log(5 / 3)
    assert log_ratio(4.0, 4.0, (5.0, 10.0, True, 1)) == pytest.approx(ratio, rel=1e-14)


@pytest.mark.parametrize("bernoulli", [False, True])
def test_the_side_that_is_not_asked_for_and_everywhere_at_once_have_no_ratio(bernoulli):
    assert log_ratio(5.0, 10.0, (10.0, 100.0, bernoulli, -1)) == 0.0
    assert log_ratio(0.0, 10.0, (10.0, 100.0, bernoulli, 1)) == 0.0
    assert log_ratio(1.0, 10.0, (10.0, 100.0, bernoulli, BOTH)) == 0.0
    assert log_ratio(10.0, 100.0, (10.0, 100.0, bernoulli, BOTH)) == 0.0


@given(st.data(), st.booleans())
def test_the_bound_that_spares_logarithms_is_never_below_the_ratio(data, bernoulli):
    all_people = data.draw(st.integers(3, 10_000))
    people = data.draw(st.integers(1, all_people - 1))
    all_cases = data.draw(st.integers(1, all_people - 1))
    most = min(all_cases, people) if bernoulli else all_cases
    least = max(0, all_cases - (all_people - people)) if bernoulli else 0
    cases = data.draw(st.integers(least, most))
    law = (float(all_cases), float(all_people), bernoulli, BOTH)
    excess = cases - all_cases * people / all_people
    bound = excess**2 / squared_scale(float(people), law)
    assert log_ratio(float(cases), float(people), law) <= bound * (1 + 1e-9) + 1e-12
