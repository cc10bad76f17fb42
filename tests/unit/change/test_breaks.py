"""Steps that are no change of the people, and scores that compare over years."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from lea_geo.change.breaks import find_breaks, redrawn_areas
from lea_geo.change.goalposts import fixed_scores
from lea_geo.errors import UsageError, ValuesError
from lea_geo.intake.vintages.change import change_table
from lea_geo.intake.vintages.lifetimes import lifetimes
from lea_geo.intake.vintages.series import carry_series


def _areas(**boxes):
    return gpd.GeoDataFrame(geometry=[box(*b) for b in boxes.values()], index=list(boxes), crs=3067)


BEFORE = _areas(a=(0, 0, 1000, 1000), b=(1000, 0, 2000, 1000), c=(2000, 0, 3000, 1000))
AFTER = _areas(a=(0, 0, 1000, 1000), b=(1000, 0, 2500, 1000), c=(2500, 0, 3000, 1000))


def test_an_area_whose_border_moved_is_redrawn_and_its_neighbour_that_lost_the_ground_too():
    found = redrawn_areas(BEFORE.index, borders=change_table(BEFORE, AFTER))
    assert found.table["redrawn"].tolist() == [False, True, True]
    assert found.table["why"].tolist() == ["", "borders", "borders"]
    assert found.notes == ("2 of 3 areas are not the same place in all years: b, c.",)


def test_lifetimes_mark_an_area_that_is_redrawn_in_any_step():
    found = redrawn_areas(BEFORE.index, borders=lifetimes({2015: BEFORE, 2018: AFTER, 2019: AFTER}))
    assert found.table["redrawn"].tolist() == [False, True, True]


def test_carried_values_that_rest_on_a_split_are_redrawn_and_others_are_not():
    counts = {
        2015: pd.DataFrame({"people": [100.0, 100, 100]}, BEFORE.index),
        2018: pd.DataFrame({"people": [100.0, 150, 50]}, AFTER.index),
    }
    carried = carry_series(counts, {2015: BEFORE, 2018: AFTER}, onto=2018)
    assert redrawn_areas(AFTER.index, carried=carried).table["why"].tolist() == ["", "carried", "carried"]


def test_every_reason_is_named():
    people = pd.DataFrame({1: [900.0] * 8, 2: [900.0] * 7 + [3000]}, index=list("abcdefgh"))
    found = redrawn_areas(people.index, breaks=find_breaks(people), named=["a", "h"])
    assert found.table["why"].tolist() == ["named", *[""] * 6, "jump named"]


def test_a_jump_is_found_among_areas_that_all_grow():
    rng = np.random.default_rng(1)
    then = rng.integers(400, 4000, 60).astype(float)
    now = np.round(then * 1.3 * np.exp(rng.normal(0, 0.04, 60)))
    now[7], now[11] = then[7] * 2.6, then[11] * 0.6
    found = find_breaks(pd.DataFrame({2018: then, 2021: now}, index=[f"{i:05d}" for i in range(60)]))
    assert found.areas.tolist() == ["00007", "00011"]
    assert "look at the borders or definitions first" in found.notes[0]


def test_chance_in_small_areas_is_no_jump():
    rng = np.random.default_rng(2)
    then, now = rng.poisson(12.0, (2, 400)).astype(float)
    people = pd.DataFrame({2018: then, 2021: now}, index=[f"{i:05d}" for i in range(400)])
    assert find_breaks(people).areas.empty


def test_years_are_taken_in_their_order():
    people = pd.DataFrame({2021: [900.0, 910, 905, 2900], 2018: [900.0] * 4}, index=list("abcd"))
    row = find_breaks(people).table.iloc[0]
    assert (row["before"], row["year"]) == (2018, 2021)


def test_negative_people_are_refused_by_name():
    people = pd.DataFrame({1: [9.0, -1.0], 2: [9.0, 9.0]}, index=["a", "b"])
    with pytest.raises(ValuesError, match=r"negative people of 1: 1 of 2 .b."):
        find_breaks(people)


def test_a_score_by_fixed_goalposts_rises_where_the_value_does():
    # Scaled by its own year, b stays at 100 whatever happens and a falls although its value rises.
    then = pd.DataFrame({"jobless": [5.0, 10.0, 0.0]}, index=list("abc"))
    now = pd.DataFrame({"jobless": [6.0, 20.0, 0.0]}, index=list("abc"))
    found = fixed_scores({2021: then, 2025: now})
    assert found.tables[2021]["jobless"].tolist() == [50.0, 100.0, 0.0]
    assert found.tables[2025]["jobless"].tolist() == [60.0, 200.0, 0.0]
    assert found.beyond.loc[2025, "jobless"] == 1
    assert found.notes == ("Beyond all values of 2021, whose scale is used: 1 values of 2025.",)


def test_the_goalposts_can_be_those_of_any_year():
    then = pd.DataFrame({"jobless": [5.0, 10.0, 0.0]}, index=list("abc"))
    now = pd.DataFrame({"jobless": [6.0, 20.0, 0.0]}, index=list("abc"))
    assert fixed_scores({2021: then, 2025: now}, year=2025).tables[2021]["jobless"].tolist() == [25, 50, 0]
    with pytest.raises(UsageError, match="year is 2022"):
        fixed_scores({2021: then, 2025: now}, year=2022)
