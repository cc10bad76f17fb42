"""What must hold of any two years."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lea_geo.change.between import area_changes
from lea_geo.change.breaks import find_breaks


@st.composite
def two_years(draw):
    n = draw(st.integers(4, 9))
    people = [draw(st.lists(st.integers(1, 900), min_size=n, max_size=n)) for _ in range(2)]
    events = [[draw(st.integers(0, most)) for most in some] for some in people]
    ids = [f"{i:05d}" for i in range(n)]
    return {
        year: pd.DataFrame({"numerator": x, "denominator": n_}, index=ids, dtype=float)
        for year, x, n_ in zip((2018, 2026), events, people, strict=True)
    }


KINDS = st.sampled_from(["proportion", "rate"])


@settings(max_examples=25)
@given(two_years(), KINDS)
def test_time_backwards_turns_rises_into_falls(years, kind):
    table = area_changes(years, kind=kind).table
    turned = area_changes({2018: years[2026], 2026: years[2018]}, kind=kind).table
    np.testing.assert_allclose(table["p_lower"], turned["p_upper"], atol=1e-9)
    np.testing.assert_allclose(table["difference"], -turned["difference"], atol=1e-12)
    np.testing.assert_allclose(table["lower"], -turned["upper"], atol=1e-7)


@settings(max_examples=25)
@given(two_years(), KINDS)
def test_the_order_of_areas_and_the_unit_change_nothing(years, kind):
    table = area_changes(years, kind=kind, relevant=0.02).table
    turned = area_changes(
        {year: one.iloc[::-1] for year, one in years.items()}, kind=kind, scale=100, relevant=2.0
    ).table.reindex(table.index)
    pd.testing.assert_series_equal(table["class"], turned["class"])
    np.testing.assert_allclose(100 * table["upper"], turned["upper"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(100 * table["shrunk"], turned["shrunk"], rtol=1e-6, atol=1e-9)


@settings(max_examples=25)
@given(two_years(), KINDS)
def test_the_difference_lies_within_its_interval_and_both_tails_hold_the_observed(years, kind):
    table = area_changes(years, kind=kind, method="exact").table
    assert (table["lower"] <= table["difference"]).all()
    assert (table["difference"] <= table["upper"]).all()
    assert (table["p_lower"] + table["p_upper"] >= 1 - 1e-9).all()
    assert (table["q_value"] >= table["p_value"] - 1e-12).all()


@settings(max_examples=20)
@given(two_years(), st.integers(2, 40))
def test_more_people_can_show_smaller_changes(years, times):
    few = area_changes(years).table
    many = area_changes({year: times * table for year, table in years.items()}).table
    finite = np.isfinite(few["detectable_rise"])
    assert (many["detectable_rise"][finite] <= few["detectable_rise"][finite] + 1e-6).all()


@given(two_years())
def test_areas_that_all_grow_alike_have_no_break(years):
    people = pd.DataFrame({2018: years[2018]["denominator"], 2026: 3 * years[2018]["denominator"]})
    assert find_breaks(people).areas.empty
