"""What a study says of how sure its values are, and what it compares them with."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from small_findings import indicator

import lea_geo as lea
from lea_geo._estimates import compared, counted_kind, estimates
from lea_geo.schema import CELL_COLUMNS, COMPARISON_COLUMNS, ESTIMATE_COLUMNS

IDS = pd.Index(["a", "b", "c", "d", "e"], name="area_id", dtype="str")
PERCENT = indicator("poor", "Poor")
PER_THOUSAND = indicator("jobs", "Jobs", unit="per_1000_residents", scale=1000.0)
EUROS = indicator("income", "Income", unit="euro", scale=1.0)
MEDIAN = indicator("median", "Median", unit="euro", numerator=(), denominator=(), field="m", scale=1.0)


def cells(events, people, *, scale=100.0):
    """Return four areas with counts and one that is suppressed, though half of its counts is known."""
    parts = {"numerator": [*events, np.nan], "denominator": [*people, 50.0]}
    table = pd.DataFrame(parts, IDS)
    table["value"] = scale * table["numerator"] / table["denominator"]
    table["status"] = pd.Series(["observed"] * 4 + ["suppressed"], IDS, dtype="str")
    return table.assign(lower=np.nan, upper=np.nan)[list(CELL_COLUMNS)]


def areas(*places):
    return gpd.GeoDataFrame({"municipality": places}, geometry=[None] * len(places), index=IDS)


FIRST = cells([10, 40, 10, 0], [100, 200, 50, 40])


def test_only_counts_of_events_have_noise_that_is_known():
    assert counted_kind(PERCENT, FIRST) == "proportion"
    assert counted_kind(PER_THOUSAND, FIRST) == "rate"
    assert counted_kind(EUROS, FIRST) == ""
    assert counted_kind(MEDIAN, FIRST) == ""


def test_a_percentage_whose_numerator_is_no_part_of_its_denominator_has_no_interval():
    assert counted_kind(PERCENT, cells([10, 201, 10, 0], [100, 200, 50, 40])) == ""


@pytest.mark.parametrize(("events", "people"), [([np.nan, 1, 1, 1], [9] * 4), ([1] * 4, [9, 9, 9, np.nan])])
def test_values_whose_counts_are_not_all_known_have_no_interval(events, people):
    table = cells(events, people).assign(value=1.0)
    assert counted_kind(PERCENT, table) == ""
    found = estimates(PERCENT, table)
    assert found["rank"].notna().sum() == 4
    assert found.drop(columns="rank").isna().all(axis=None)


def test_a_percentage_has_wilson_s_interval_in_percent():
    found = estimates(PERCENT, FIRST)
    assert tuple(found.columns) == ESTIMATE_COLUMNS
    wilson = 100 * lea.wilson_interval(FIRST["numerator"][:4], FIRST["denominator"][:4])
    np.testing.assert_array_equal(found["interval_lower"][:4], wilson["lower"])
    np.testing.assert_array_equal(found["interval_upper"][:4], wilson["upper"])


def test_a_rate_has_byar_s_interval_per_thousand():
    found = estimates(PER_THOUSAND, cells([10, 300, 10, 0], [100, 200, 50, 40], scale=1000.0))
    # Ten events: 4.78741 to 18.39145, as in test_rates.py; here among 100 people, per thousand.
    assert found.loc["a", ["interval_lower", "interval_upper"]].tolist() == pytest.approx(
        [47.8741, 183.9145], rel=2e-5
    )


def test_a_suppressed_area_has_neither_interval_nor_rank_and_takes_no_rank():
    found = estimates(PERCENT, FIRST)
    assert found.loc["e"].isna().all()
    # Shares 10, 20, 20 and 0 percent.
    assert found["rank"].tolist()[:4] == [3, 1, 1, 4]
    assert found["rank_upper"].max() == 4
    possible = lea.joint_ranks(FIRST["numerator"][:4], FIRST["denominator"][:4])
    assert found["rank_lower"][:4].tolist() == possible["rank_lower"].tolist()


def test_an_amount_has_a_rank_and_no_interval():
    found = estimates(MEDIAN, FIRST)
    assert found["rank"].tolist()[:4] == [3, 1, 1, 4]
    assert found.drop(columns="rank").isna().all(axis=None)


def test_a_rate_of_a_place_is_the_sum_of_its_events_over_the_sum_of_its_people():
    table = compared((PERCENT,), {"poor": FIRST}, areas("X", "X", "Y", "Y", "Y")).set_index("place")
    assert table.index.tolist() == ["", "X", "Y"]
    # 60 of 390; 50 of 300; 10 of 90, the suppressed area's 50 people left out.
    assert table["value"].tolist() == pytest.approx([100 * 60 / 390, 100 * 50 / 300, 100 * 10 / 90])
    assert table["numerator"].tolist() == [60, 50, 10]
    assert table["denominator"].tolist() == [390, 300, 90]
    assert table["n_areas"].tolist() == [5, 2, 3]
    assert table["n_valued"].tolist() == [4, 2, 2]
    assert set(table["basis"]) == {"sum"}
    whole = 100 * lea.wilson_interval(pd.Series([60]), pd.Series([390])).iloc[0]
    assert table.loc["", ["interval_lower", "interval_upper"]].tolist() == whole[["lower", "upper"]].tolist()


def test_an_amount_per_head_is_summed_and_has_no_interval():
    table = compared((EUROS,), {"income": FIRST}, areas(*"XXYYY"))
    assert set(table["basis"]) == {"sum"}
    assert table["value"].tolist() == pytest.approx([60 / 390, 50 / 300, 10 / 90])
    assert table[["interval_lower", "interval_upper"]].isna().all(axis=None)


def test_what_cannot_be_summed_is_compared_with_the_median_of_the_areas():
    bare = FIRST.assign(numerator=np.nan, denominator=np.nan, value=[1.0, 5, 7, 9, np.nan])
    table = compared((MEDIAN,), {"median": bare}, areas(*"XXYYY"))
    assert table["value"].tolist() == [6, 3, 8]
    assert set(table["basis"]) == {"median"}
    assert table[["interval_lower", "numerator", "denominator"]].isna().all(axis=None)


def test_areas_that_know_no_municipality_count_for_the_region_only():
    table = compared((PERCENT,), {"poor": FIRST}, areas("X", "Y", "", None, "Y"))
    assert table["place"].tolist() == ["", "X", "Y"]
    assert table["n_areas"].tolist() == [5, 1, 2]


@pytest.mark.parametrize("places", ["XXXXX", ("",) * 5, (None,) * 5])
def test_one_municipality_is_the_region(places):
    table = compared((PERCENT, MEDIAN), {"poor": FIRST, "median": FIRST}, areas(*places))
    assert table["code"].tolist() == ["poor", "median"]
    assert table["place"].tolist() == ["", ""]
    assert tuple(table.columns) == COMPARISON_COLUMNS


def test_a_municipality_without_a_value_has_none_to_compare_with():
    for one in (PERCENT, MEDIAN):
        table = compared((one,), {one.code: FIRST}, areas(*"XXXXY")).set_index("place")
        assert table.loc["Y", ["n_areas", "n_valued"]].tolist() == [1, 0]
        assert np.isnan(table.loc["Y", "value"])
        assert np.isnan(table.loc["Y", "numerator"])
