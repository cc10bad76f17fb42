"""Which rates are reliable, and counts added up over years and over neighbours until they are enough."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse.csgraph import connected_components

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.rates.merge_areas import MergedAreas
from lea_geo.spatial.graph import AreaGraph

IDS = pd.Index(["a", "b", "c", "d", "e"], name="area_id")


def test_the_coefficient_of_variation_grades_a_rate():
    # 20 of 100: sqrt(80 / (100 * 20)) = 0.2; 50 of 100: 0.1; 5 of 100: sqrt(95 / 500) = 0.436.
    events, people = pd.Series([20.0, 50, 5, np.nan, 0], IDS), pd.Series([100.0, 100, 100, 100, 0], IDS)
    result = lea.reliability(events, people)
    assert result.table["cv"].tolist()[:3] == pytest.approx([0.2, 0.1, math.sqrt(0.19)])
    assert result.table["grade"].tolist() == ["caution", "reliable", "unreliable", "", ""]
    assert result.table["reason"].tolist() == ["cv", "", "cv", "", ""]
    assert result.counts == {"": 2, "reliable": 1, "caution": 1, "unreliable": 1}
    # Of 20 events in a rate: 1 / sqrt(20).
    assert lea.reliability(events, people, kind="rate").table["cv"]["a"] == pytest.approx(0.05**0.5)


def test_every_rule_that_a_rate_fails_is_named():
    events, people = pd.Series([2.0, 40, 4], IDS[:3]), pd.Series([10.0, 400, 20], IDS[:3])
    how = {"minimum_denominator": 20, "minimum_numerator": 3, "cautious_cv": 0.1, "largest_cv": 0.5}
    table = lea.reliability(events, people, **how).table
    assert table["reason"].tolist() == ["denominator numerator cv", "cv", "cv"]
    assert table["grade"].tolist() == ["unreliable", "caution", "caution"]


def test_where_nobody_or_everybody_is_affected_noise_is_neither_none_nor_endless():
    # Half an event of 3 people: sqrt(2.5 / (3 * 0.5)) = 1.29; all but half of them: sqrt(0.5 / (3 * 2.5)).
    table = lea.reliability(pd.Series([0.0, 3], ["a", "b"]), pd.Series([3.0, 3], ["a", "b"])).table
    assert table["cv"].tolist() == pytest.approx([math.sqrt(2.5 / 1.5), math.sqrt(0.5 / 7.5)])


def test_without_a_limit_only_the_minima_count():
    events, people = pd.Series([0.0, 1], ["a", "b"]), pd.Series([29.0, 30], ["a", "b"])
    table = lea.reliability(
        events, people, minimum_denominator=30, cautious_cv=math.inf, largest_cv=math.inf
    ).table
    assert table["grade"].tolist() == ["unreliable", "reliable"]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"cautious_cv": 0.4}, "caution begins before a rate is unreliable"),
        ({"largest_cv": 0}, "both must be above 0"),
        ({"minimum_denominator": -1}, "minimum_denominator is -1; it must be a number of at least 0"),
        ({"minimum_numerator": "5"}, "minimum_numerator is '5'"),
    ],
)
def test_rules_that_make_no_sense_are_refused(how, said):
    with pytest.raises(UsageError, match=said):
        lea.reliability(pd.Series([1.0], ["a"]), pd.Series([9.0], ["a"]), **how)


def of_years(**columns: list[float]) -> dict[int, pd.DataFrame]:
    """Return tables of 2021, 2020 and 2019 from denominators; the numerators are a tenth of them."""
    frame = pd.DataFrame(columns, index=[2021, 2020, 2019], dtype=float).T.rename_axis("area_id")
    return {year: pd.DataFrame({"numerator": frame[year] / 10, "denominator": frame[year]}) for year in frame}


def test_years_are_added_up_from_the_latest_until_there_are_enough():
    counts = of_years(a=[30, 9, 9], b=[20, 20, 9], c=[10, 10, 20], d=[10, 5, 5], e=[10, np.nan, 90])
    result = lea.pool_years(counts, minimum_denominator=30)
    table = result.table
    assert table["denominator"].tolist() == [30, 40, 40, 20, 10]
    assert table["numerator"].tolist() == [3, 4, 4, 2, 1]
    assert table["n_years"].tolist() == [1, 2, 3, 3, 1]
    assert table["first_year"].tolist() == [2021, 2020, 2019, 2019, 2021]
    assert table["enough"].tolist() == [True, True, True, False, False]
    assert table["rate"].tolist() == pytest.approx([0.1] * 5)
    assert result.notes == (
        "Rates add up the years from 2021 backwards: 1 of 5 areas over 2 years, 2 of 5 areas over 3 years.",
        "2 of 5 areas do not have enough in 3 years: d, e.",
    )


def test_all_areas_may_be_given_the_same_years():
    counts = of_years(a=[30, 9, 9], b=[20, 20, 9], d=[10, 5, 5])
    table = lea.pool_years(counts, minimum_denominator=30, same=True).table
    assert table["n_years"].tolist() == [2, 2, 2]
    assert table["enough"].tolist() == [True, True, False]


def test_no_more_years_than_asked_for_are_added_up():
    counts = of_years(c=[10, 10, 20], b=[np.nan, 50, 50])
    result = lea.pool_years(counts, minimum_denominator=30, most=2)
    assert result.years == (2021, 2020)
    assert result.table.loc["c", ["denominator", "enough"]].tolist() == [20, False]
    assert result.table.loc["b", ["denominator", "rate", "last_year"]].isna().all()


def test_both_minima_must_hold():
    counts = of_years(a=[100, 100, 100])
    table = lea.pool_years(counts, minimum_denominator=30, minimum_numerator=15).table
    assert (table["n_years"]["a"], table["numerator"]["a"]) == (2, 20)


def test_years_that_cannot_be_added_up_are_refused():
    good = of_years(a=[30, 9, 9])
    with pytest.raises(UsageError, match="needs to know how many are enough"):
        lea.pool_years(good)
    with pytest.raises(UsageError, match="counts must hold a table for each year"):
        lea.pool_years({}, minimum_denominator=3)
    with pytest.raises(UsageError, match="counts has the year '2020'"):
        lea.pool_years({"2020": good[2020]}, minimum_denominator=3)
    with pytest.raises(ValuesError) as caught:
        lea.pool_years(
            good | {2018: good[2019].drop(columns="numerator"), 2017: good[2019].iloc[:0]},
            minimum_denominator=3,
        )
    assert "the table of 2018 has no column numerator" in str(caught.value)
    assert "areas of that of 2021 that the table of 2017 does not have: 1 of 1 (a)" in str(caught.value)


@pytest.fixture(scope="module")
def board() -> gpd.GeoDataFrame:
    """Return eight by eight squares, and an island."""
    squares = [shapely.box(i, j, i + 1, j + 1) for i in range(8) for j in range(8)]
    ids = pd.Index([f"{i:05d}" for i in range(65)], name="area_id")
    return gpd.GeoDataFrame(geometry=[*squares, shapely.box(20, 20, 21, 21)], index=ids, crs=3067)


@pytest.fixture(scope="module")
def graph(board) -> AreaGraph:
    return lea.build_graph(board, "rook")


@pytest.fixture(scope="module")
def merged(graph, counts) -> MergedAreas:
    return lea.merge_areas(*counts, graph, minimum_denominator=100, rounds=20)


@pytest.fixture(scope="module")
def counts(board) -> tuple[pd.Series, pd.Series]:
    random = np.random.default_rng(5)
    people = pd.Series(random.lognormal(3.5, 1, len(board)).round() + 1, board.index)
    people.iloc[-1] = 12
    return pd.Series(random.binomial(people.astype(int), 0.2), board.index, dtype=float), people


def test_neighbours_are_merged_until_every_region_has_enough(board, counts, merged):
    regions = merged.regions
    assert regions.loc[regions.index != "00064", "enough"].all()
    assert regions["numerator"].sum() == counts[0].sum()
    assert regions["denominator"].sum() == counts[1].sum()
    assert regions["areas"].sum() == len(board)
    assert (
        counts[1].groupby(merged.table["region"]).sum()[regions.index].tolist()
        == regions["denominator"].tolist()
    )
    # At least a third of the regions that people would allow if areas could be cut: far from one region.
    assert len(regions) > counts[1].sum() / 300


def test_every_region_hangs_together(graph, merged):
    region = merged.table["region"]
    for members in region.groupby(region).groups.values():
        assert connected_components(graph.subset(members).sparse())[0] == 1


def test_an_island_with_too_few_stays_alone_and_is_named(merged):
    assert merged.table.loc["00064", ["region", "areas", "enough"]].tolist() == ["00064", 1, False]
    assert merged.notes[-1] == (
        "1 of 65 areas cannot reach the minimum with all that they are linked to, and stay as they are: "
        "00064."
    )


def test_the_same_seed_gives_the_same_regions_in_any_order_and_draws_of_others_stay_theirs(graph, counts):
    np.random.seed(1)  # noqa: NPY002 - what others draw from
    first = np.random.random()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    one = lea.merge_areas(*counts, graph, minimum_denominator=100, seed=4, rounds=5)
    assert np.random.random() == first  # noqa: NPY002
    turned = graph.subset(graph.ids[::-1])
    other = lea.merge_areas(
        counts[0].iloc[::-1], counts[1], turned, minimum_denominator=100, seed=4, rounds=5
    )
    pd.testing.assert_series_equal(other.table["region"].sort_index(), one.table["region"])


def test_no_region_reaches_beyond_its_municipality(graph, counts):
    within = pd.Series(np.where(np.arange(65) < 32, "north", "south"), graph.ids)
    region = lea.merge_areas(*counts, graph, minimum_denominator=100, within=within, rounds=5).table["region"]
    assert (pd.crosstab(region, within) > 0).sum(axis=1).eq(1).all()


def test_with_two_minima_every_region_reaches_both(graph, counts):
    merged = lea.merge_areas(*counts, graph, minimum_denominator=80, minimum_numerator=20, rounds=5)
    inland = merged.regions.drop("00064")
    assert (inland["denominator"] >= 80).all()
    assert (inland["numerator"] >= 20).all()


def test_areas_with_unknown_counts_stay_alone(graph, counts):
    events = counts[0].copy()
    events["00009"] = np.nan
    merged = lea.merge_areas(events, counts[1], graph, minimum_denominator=100, rounds=5)
    assert merged.table.loc["00009", "areas"] == 1
    assert "1 of 65 areas have unknown counts and stay as they are: 00009." in merged.notes


def test_areas_that_have_enough_are_left_alone(graph, counts):
    merged = lea.merge_areas(*counts, graph, minimum_denominator=1)
    assert (merged.table["region"] == merged.table.index).all()
    assert merged.notes == ()


def test_the_polygons_of_the_regions_cover_the_areas(board, counts, merged):
    polygons = merged.dissolve(board)
    assert polygons.area.sum() == pytest.approx(65)
    assert polygons["denominator"].sum() == counts[1].sum()
    assert polygons.index.name == "area_id"


def crossing(region: pd.Series, half: pd.Series) -> int:
    """Return how many regions hold areas of both halves."""
    return int((pd.crosstab(region, half) > 0).all(axis=1).sum())


def test_areas_are_merged_with_those_that_they_are_like(graph):
    # Two halves of a board, 50 people an area, three areas to a region: alike by their rates, or by what is
    # said to matter, fewer regions cross the border than where all areas are alike.
    half = pd.Series(np.arange(65) < 32, graph.ids)
    people, even = pd.Series(50.0, graph.ids), pd.Series(10.0, graph.ids)
    how = {"minimum_denominator": 150, "rounds": 60}
    blind = lea.merge_areas(even, people, graph, **how).table["region"]
    by_rate = lea.merge_areas(even.where(half, 40.0), people, graph, **how).table["region"]
    named = pd.DataFrame({"half": half.astype(float)})
    by_name = lea.merge_areas(even, people, graph, attributes=named, **how).table["region"]
    assert crossing(by_rate, half) < crossing(blind, half)
    assert crossing(by_name, half) < crossing(blind, half)


def test_merging_needs_a_minimum_and_no_more_areas_than_it_can_hold(graph, counts, monkeypatch):
    with pytest.raises(UsageError, match="merge_areas needs to know how many are enough"):
        lea.merge_areas(*counts, graph)
    monkeypatch.setattr("lea_geo.rates.merge_areas.MOST_LINKED", 60)
    with pytest.raises(ValuesError, match="64 areas are linked to each other, and at most 60 can be merged"):
        lea.merge_areas(*counts, graph, minimum_denominator=100)
    with pytest.raises(UsageError, match="attributes is a list"):
        lea.merge_areas(*counts, graph, minimum_denominator=100, attributes=[1])
