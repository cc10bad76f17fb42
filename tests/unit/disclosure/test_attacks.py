"""Each attack on a hidden value by itself, against the package's own statistics or sums by hand."""

import numpy as np
import pandas as pd
import pytest
from hand_claims import claims, strips
from hypothesis import assume, given
from hypothesis import strategies as st

from lea_geo.disclosure.attack.composites import composites, smoothed
from lea_geo.disclosure.attack.evidence import gather
from lea_geo.disclosure.attack.lags import lags
from lea_geo.disclosure.attack.rates import intervals, people_behind, rates, stated
from lea_geo.disclosure.attack.values import histograms, legends, medians, one_hidden_by_median, ranks
from lea_geo.rates.intervals import wilson_interval
from lea_geo.spatial.autocorrelation import local_moran
from lea_geo.spatial.builders import build_graph
from lea_geo.spatial.local_g import local_g

NAN = float("nan")
ABOUT = {"variable": "poor", "geography": "postal"}


def sheet_of(told, *, hidden=(), loose=(), ids="abcdef", **more):
    """Evidence of one kind of areas whose values are hidden where ``hidden`` says."""
    n = len(next(iter(told.values())))
    states = {"postal": {"poor": ["suppressed" if i in hidden else "observed" for i in range(n)]}}
    told = {
        (("poor", part) if isinstance(part, str) else part): [
            NAN if i in hidden and part in ("value", "numerator") else value for i, value in enumerate(values)
        ]
        for part, values in told.items()
    }
    areas = {"postal": strips(ids[:n])}
    evidence = gather(
        claims(areas, {"postal": told}, states=states, loose=[ABOUT | one for one in loose], **more)
    )
    return evidence, evidence.sheets["postal", "2020"]


def known(sheet, part, at):
    return sheet.known["poor", part].lower[at], sheet.known["poor", part].upper[at]


def test_a_legend_of_published_values_says_nothing_of_hidden_ones():
    # The legend may have been made without them.
    ends = [
        {"kind": "legend_minimum", "lower": 4, "upper": 4},
        {"kind": "legend_maximum", "lower": 9, "upper": 9},
    ]
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 5]}, hidden={3}, loose=ends)
    assert legends(evidence) == 0
    assert known(sheet, "value", 3) == (-np.inf, np.inf)


def test_a_class_bound_that_is_nobodys_value_is_the_hidden_one():
    bound = [
        {"kind": "class_bound", "lower": 5.95, "upper": 6.05},
        {"kind": "class_bound", "lower": 4, "upper": 4},
    ]
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 6]}, hidden={3}, loose=bound)
    assert legends(evidence) == 1
    assert known(sheet, "value", 3) == (5.95, 6.05)


def test_classes_of_equal_width_give_nobody_away():
    bounds = [{"kind": "class_bound", "lower": value, "upper": value} for value in (0.0, 2.5, 5.0, 7.5, 10.0)]
    evidence, _ = sheet_of({"value": [4.0, 7, 9, 6]}, hidden={3}, loose=bounds)
    assert legends(evidence) == 0


def test_the_legend_of_another_year_of_the_same_map_is_not_mistaken_for_a_hidden_value():
    evidence, _ = sheet_of(
        {"value": [4.0, 7, 9, 6]}, hidden={3}, loose=[{"kind": "legend_minimum", "lower": 1, "upper": 1}]
    )
    other, _ = sheet_of({"value": [1.0, 2, 3, 4]})
    evidence.sheets["postal", "2019"] = other.sheets["postal", "2020"]
    assert legends(evidence) == 0


def test_bars_that_hold_more_areas_than_are_published_hold_the_hidden_ones():
    bars = [
        {"kind": "histogram_bar", "lower": low, "upper": low + 5, "count": n} for low, n in ((0, 2), (5, 2))
    ]
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 2]}, hidden={3}, loose=bars)
    assert histograms(evidence) == 1
    assert known(sheet, "value", 3) == (0, 5)
    # Two hidden areas in two bars: each may be in either.
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 2]}, hidden={2, 3}, loose=bars)
    histograms(evidence)
    assert known(sheet, "value", 3) == (0, 10)
    # Bars of the published areas alone say nothing.
    bars[0]["count"] = 1
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 2]}, hidden={3}, loose=bars)
    assert histograms(evidence) == 0


def test_a_rank_between_two_published_values_bounds_a_hidden_one():
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 6], "rank": [4, 2, 1, 3]}, hidden={3})
    ranks(evidence)
    assert known(sheet, "value", 3) == (4, 7)


def test_a_rank_that_nobody_has_is_the_hidden_areas():
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 6], "rank": [4, 2, 1, NAN]}, hidden={3})
    assert ranks(evidence) == 1
    assert known(sheet, "value", 3) == (4, 7)


def test_ranks_among_the_published_areas_say_nothing():
    evidence, _ = sheet_of({"value": [4.0, 7, 9, 6], "rank": [3, 2, 1, NAN]}, hidden={3})
    assert ranks(evidence) == 0


@given(st.lists(st.integers(0, 30), min_size=1, max_size=7), st.integers(0, 30))
def test_a_median_bounds_the_one_hidden_value_exactly(shown, hidden):
    median = float(np.median([*shown, hidden]))
    low, high = one_hidden_by_median(np.sort(np.array(shown, dtype=float)), median)
    possible = [x / 2 for x in range(-10, 80) if np.median([*shown, x / 2]) == median]
    assert low <= hidden <= high
    # Values between half steps can only be possible where those around them are.
    assert all(low <= value <= high for value in possible)
    if np.isfinite(low):
        assert np.median([*shown, low]) == median
    else:
        assert np.median([*shown, -100]) == median
    if np.isfinite(high):
        assert np.median([*shown, high]) == median
    else:
        assert np.median([*shown, 100]) == median


def test_the_median_of_all_values_is_no_news_where_it_is_that_of_the_published_ones():
    told = {"kind": "summary", "part": "median", "lower": 7, "upper": 7}
    evidence, sheet = sheet_of({"value": [4.0, 7, 9, 6]}, hidden={3}, loose=[told])
    assert medians(evidence) == 0
    evidence, sheet = sheet_of(
        {"value": [4.0, 7, 9, 6]}, hidden={3}, loose=[told | {"lower": 6.5, "upper": 6.5}]
    )
    assert medians(evidence) == 1
    assert known(sheet, "value", 3) == (6, 6)


@given(st.integers(1, 5000), st.data())
def test_a_wilson_interval_gives_its_counts_away(people, data):
    events = data.draw(st.integers(0, people))
    ends = wilson_interval(pd.Series([events]), pd.Series([people]))
    share, n = people_behind(ends["lower"].to_numpy(), ends["upper"].to_numpy())
    assert n[0] == pytest.approx(people, rel=5e-5)
    assert share[0] * n[0] == pytest.approx(events, rel=5e-5, abs=1e-6)


def test_the_interval_around_a_rate_whose_counts_are_hidden_gives_them_away():
    ends = 100 * wilson_interval(pd.Series([3, 20]), pd.Series([61, 80]))
    told = {"value": [100 * 3 / 61, 25.0], "numerator": [3, 20]}
    told |= {"interval_lower": ends["lower"].tolist(), "interval_upper": ends["upper"].tolist()}
    evidence, sheet = sheet_of(told, hidden={0})
    intervals(evidence)
    rates(evidence)
    low, high = known(sheet, "denominator", 0)
    assert low == pytest.approx(61, abs=0.01)
    assert high == pytest.approx(61, abs=0.01)
    low, high = known(sheet, "numerator", 0)
    assert low == pytest.approx(3, abs=0.01)
    assert high == pytest.approx(3, abs=0.01)


def test_bounds_that_the_release_states_of_a_hidden_cell_are_believed():
    told = {"value": [NAN, 7.0], "lower": [0.0, NAN], "upper": [4.0, NAN], "denominator": [50, 100]}
    evidence, sheet = sheet_of(told, hidden={0})
    stated(evidence)
    rates(evidence)
    assert known(sheet, "numerator", 0) == (0, 2)


VALUES = [12.0, 31.0, 5.0, 22.0, 41.0, 18.0, 27.0, 9.0, 35.0, 14.0]
ROW = "abcdefghij"


def lagged(*, hidden_in, silent=()):
    """Areas in a row and their local statistics, made with the third or without it; ``silent`` tell none."""
    values = pd.Series(VALUES, index=list(ROW)).rename_axis("area_id")
    held = values if hidden_in else values.where(values.index != "c")
    status = pd.Series("observed", index=values.index).where(held.notna(), "suppressed")
    graph = build_graph(strips(ROW), "queen")
    moran = local_moran(held, graph, method="analytic", status=status).table
    star = local_g(held, graph, star=True, method="analytic", status=status).table
    told = {"value": values.tolist()}
    for name, table in (("local_moran", moran), ("local_g_star", star)):
        for column in ("statistic", "lag", "neighbors", "hidden"):
            numbers = table[column].astype(float)
            told[f"{name}_{column}"] = numbers.where(~numbers.index.isin(["c", *silent])).tolist()
    return told


def test_a_lag_less_the_published_neighbours_is_the_hidden_one():
    evidence, sheet = sheet_of(lagged(hidden_in=True), hidden={2}, ids=ROW)
    assert lags(evidence) >= 1
    low, high = known(sheet, "value", 2)
    assert low == pytest.approx(5, abs=1e-5)
    assert high == pytest.approx(5, abs=1e-5)
    assert sheet.known["poor", "value"].reason(2).attacks == {"lags"}


def test_lags_that_leave_the_hidden_area_out_say_nothing():
    evidence, sheet = sheet_of(lagged(hidden_in=False), hidden={2}, ids=ROW)
    lags(evidence)
    assert known(sheet, "value", 2) == (-np.inf, np.inf)


def test_the_mean_that_local_statistics_share_gives_a_hidden_value_away():
    # The hidden area's neighbours tell nothing; the others are counted from the mean of all.
    told = lagged(hidden_in=True, silent=("b", "d"))
    evidence, sheet = sheet_of(told, hidden={2}, ids=ROW)
    assert lags(evidence) >= 1
    low, high = known(sheet, "value", 2)
    assert low == pytest.approx(5, abs=1e-3)
    assert high == pytest.approx(5, abs=1e-3)
    assert "mean" in sheet.known["poor", "value"].reason(2).recipe


def test_normalised_members_of_an_index_give_hidden_values_back():
    values = [12.0, 31.0, 5.0, 22.0, 41.0, 18.0]
    made = [(value - 5) / 36 * 100 for value in values]
    evidence, sheet = sheet_of({"value": values, ("indicators.poor", "unknown"): made}, hidden={2})
    assert composites(evidence) == 1
    low, high = known(sheet, "value", 2)
    assert low == pytest.approx(5, abs=1e-6)
    assert high == pytest.approx(5, abs=1e-6)


def test_a_column_that_only_rises_with_the_values_bounds_a_hidden_one():
    values = [12.0, 31.0, 15.0, 22.0, 41.0, 18.0]
    evidence, sheet = sheet_of(
        {"value": values, ("poor.score", "unknown"): [value**2 for value in values]}, hidden={2}
    )
    composites(evidence)
    assert known(sheet, "value", 2) == (12, 18)


@given(st.floats(0.5, 20), st.floats(5, 200), st.integers(0, 30))
def test_smoothed_rates_give_the_prior_and_then_the_count_away(a, b, events):
    y, n = np.array([events, 12, 20, 31, 9, 40]), np.array([50, 80, 90, 100, 75, 120])
    value = 100 * (y + a) / (n + a + b)
    assume(np.max(np.abs(value / 100 - y / n)) > 1e-3)
    evidence, sheet = sheet_of(
        {"value": value.tolist(), ("poor", "numerator"): [NAN, *y[1:].tolist()], "denominator": n.tolist()}
    )
    smoothed(evidence)
    assert known(sheet, "numerator", 0) == (events, events)
