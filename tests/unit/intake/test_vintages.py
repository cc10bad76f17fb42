"""Areas of several years: what became of each code, and numbers of one year on the areas of another."""

import doctest
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import MultiPolygon, Point, box

import lea_geo as lea
from lea_geo.errors import AreasError, UsageError, ValuesError

KM = 1000.0


def areas(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Boxes in kilometres: ``a00100=(left, bottom, right, top)``."""
    shapes = {name.lstrip("a"): box(*(KM * x for x in sides)) for name, sides in boxes.items()}
    return gpd.GeoDataFrame(
        geometry=list(shapes.values()), index=pd.Index(list(shapes), name="area_id"), crs="EPSG:3067"
    )


def links(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(table[["before", "after", "kind"]].itertuples(index=False, name=None))


TWO = areas(a1=(0, 0, 4, 4), a2=(4, 0, 8, 4))


def test_areas_that_stay_are_unchanged():
    change = lea.change_table(TWO, TWO.iloc[::-1])
    assert links(change.table) == [("1", "1", "unchanged"), ("2", "2", "unchanged")]
    assert (change.table[["share_area_before", "share_area_after"]] == 1).all().all()
    assert change.gone == change.new == change.notes == ()


def test_the_same_ground_under_another_code_is_renamed():
    change = lea.change_table(TWO, TWO.rename(index={"2": "3"}))
    assert links(change.table) == [("1", "1", "unchanged"), ("2", "3", "renamed")]
    assert (change.gone, change.new) == (("2",), ("3",))
    assert "1 codes are gone: 2 (to 3)." in change.notes
    assert "1 codes are new: 3 (from 2)." in change.notes


def test_two_areas_that_become_one_are_merged_and_one_that_becomes_two_is_split():
    one = areas(a1=(0, 0, 8, 4))
    merged, split = lea.change_table(TWO, one), lea.change_table(one, TWO)
    assert links(merged.table) == [("1", "1", "merged"), ("2", "1", "merged")]
    assert merged.table["share_area_before"].tolist() == [1, 1]
    assert merged.table["share_area_after"].tolist() == [0.5, 0.5]
    assert links(split.table) == [("1", "1", "split"), ("1", "2", "split")]
    assert split.table["share_area_before"].tolist() == [0.5, 0.5]


def test_a_border_that_moves_redraws_both_sides():
    moved = areas(a1=(0, 0, 5, 4), a2=(5, 0, 8, 4))
    change = lea.change_table(TWO, moved)
    assert links(change.table) == [("1", "1", "redrawn"), ("2", "1", "redrawn"), ("2", "2", "redrawn")]
    assert change.table["share_area_before"].tolist() == [1, 0.25, 0.75]
    assert change.table["share_area_after"].tolist() == [0.8, 0.2, 1]


def test_a_border_that_is_only_drawn_otherwise_moves_nothing():
    # 80 m along the whole border is 2 % of an area of 4 km, in a strip in which no circle of 50 m fits.
    drawn = areas(a1=(0, 0, 4.08, 4), a2=(4.08, 0, 8, 4))
    change = lea.change_table(TWO, drawn, share=0.01)
    assert links(change.table) == [("1", "1", "unchanged"), ("2", "2", "unchanged")]
    told = "1 links hold 0.32 km2 of ground that is only drawn otherwise: no circle of 50 m fits into a piece"
    assert any(note.startswith(told) for note in change.notes)
    strict = lea.change_table(TWO, drawn, share=0.01, tolerance=0)
    assert ("2", "1", "redrawn") in links(strict.table)


def test_what_moves_a_hundredth_of_both_areas_is_not_listed_but_counted():
    moved = areas(a1=(0, 0, 4.16, 4), a2=(4.16, 0, 8, 4))
    change = lea.change_table(TWO, moved)
    assert links(change.table) == [("1", "1", "unchanged"), ("2", "2", "unchanged")]
    assert (
        "1 links that are less than 5% of both their areas are not listed; they hold 0.64 km2."
        in change.notes
    )


def test_a_narrow_area_that_is_swallowed_whole_is_no_sliver():
    strip = areas(a1=(0, 0, 4, 4), a2=(4, 0, 4.06, 4))
    change = lea.change_table(strip, areas(a1=(0, 0, 4.06, 4)))
    assert links(change.table) == [("1", "1", "merged"), ("2", "1", "merged")]


def test_a_code_given_to_other_ground_is_named():
    swapped = TWO.rename(index={"1": "2", "2": "1"})
    change = lea.change_table(TWO, swapped)
    assert links(change.table) == [("1", "2", "renamed"), ("2", "1", "renamed")]
    told = "2 codes stand for other ground than before and must not be compared: 1, 2."
    assert told in change.notes


def test_ground_of_one_year_alone_appears_or_disappears():
    with_sea = areas(a1=(0, 0, 4, 4), a2=(4, 0, 12, 4), a3=(20, 0, 24, 4))
    change = lea.change_table(TWO, with_sea)
    assert links(change.table) == [
        ("", "2", "appeared"),
        ("", "3", "appeared"),
        ("1", "1", "unchanged"),
        ("2", "2", "redrawn"),
    ]
    assert change.table["share_area_after"].tolist() == [0.5, 1, 1, 0.5]
    back = lea.change_table(with_sea, TWO)
    assert links(back.table)[1:] == [
        ("2", "", "disappeared"),
        ("2", "2", "redrawn"),
        ("3", "", "disappeared"),
    ]
    assert any("Sea that one year includes" in note for note in change.notes)
    assert "1 codes are gone: 3 (to nowhere)." in back.notes


def test_where_people_are_known_a_move_of_empty_forest_changes_nothing():
    moved = areas(a1=(0, 0, 5, 4), a2=(5, 0, 8, 4))
    houses = gpd.GeoDataFrame(
        {"people": [60, 40, 100]}, geometry=[Point(500, 500), Point(3500, 500), Point(7500, 500)], crs=3067
    )
    change = lea.change_table(TWO, moved, population=houses, population_column="people")
    assert links(change.table) == [("1", "1", "unchanged"), ("2", "2", "unchanged")]
    assert change.table["population"].tolist() == [100, 100]
    assert change.table["share_population_before"].tolist() == [1, 1]


def test_where_people_are_known_a_little_ground_with_everybody_on_it_is_the_change():
    moved = areas(a1=(0, 0, 4.24, 4), a2=(4.24, 0, 8, 4))
    houses = gpd.GeoDataFrame(geometry=[Point(500, 500), Point(4100, 500), Point(7500, 500)], crs=3067)
    assert links(lea.change_table(TWO, moved).table) == [
        ("1", "1", "redrawn"),
        ("2", "1", "redrawn"),
        ("2", "2", "redrawn"),
    ]
    change = lea.change_table(TWO, moved, population=houses)
    row = change.links_of("1").set_index(["before", "after"])
    assert row.loc[("2", "1"), "kind"] == "redrawn"
    # Of the two houses of area 2 one is on the 0.24 km that moved; of the two in area 1 now, one came.
    assert row.loc[("2", "1"), ["share_population_before", "share_population_after"]].tolist() == [0.5, 0.5]


def test_totals_of_the_earlier_areas_weigh_the_parts_of_a_merger():
    people = pd.Series({"2": 300.0, "1": 100.0})
    change = lea.change_table(TWO, areas(a1=(0, 0, 8, 4)), population=people)
    assert change.table["population"].tolist() == [100, 300]
    assert change.table["share_population_after"].tolist() == [0.25, 0.75]
    with pytest.raises(ValuesError, match=r"areas without a total of 0 or more: 1 of 2 \(1\)"):
        lea.change_table(TWO, TWO, population=people.drop("1"))


def test_sea_that_only_one_year_includes_redraws_nobody_where_people_are_known():
    with_sea = areas(a1=(0, 0, 4, 4), a2=(4, 0, 12, 4))
    change = lea.change_table(TWO, with_sea, population=pd.Series({"1": 10.0, "2": 10.0}))
    assert links(change.table)[1:] == [("1", "1", "unchanged"), ("2", "2", "unchanged")]


def test_names_of_both_years_stand_beside_the_codes():
    before, after = TWO.assign(nimi=["Koski", "Ranta"]), TWO.assign(NAMEFIN=["Koski", "Uusiranta"])
    change = lea.change_table(before, after, names=("nimi", "NAMEFIN"))
    assert change.table[["name_before", "name_after"]].to_numpy().tolist() == [
        ["Koski", "Koski"],
        ["Ranta", "Uusiranta"],
    ]
    assert "1 codes kept their ground and have another name: 2 (Ranta, now Uusiranta)." in change.notes
    with pytest.raises(AreasError, match=r"after has no column 'nimi'\. It has NAMEFIN"):
        lea.change_table(before, after, names=("nimi", "nimi"))


def test_the_order_of_rows_decides_nothing():
    before = areas(a1=(0, 0, 4, 4), a2=(4, 0, 8, 4), a3=(0, 4, 8, 8))
    after = areas(a2=(0, 0, 8, 4), a3=(0, 4, 3, 8), a4=(3, 4, 8, 8))
    one = lea.change_table(before, after).table
    other = lea.change_table(before.iloc[::-1], after.iloc[[1, 0, 2]]).table
    pd.testing.assert_frame_equal(one, other)
    assert one["kind"].tolist() == ["merged", "merged", "split", "split"]


def test_nothing_that_is_given_is_touched():
    before, after = TWO.copy(), areas(a1=(0, 0, 8, 4))
    kept = before.copy(), after.copy()
    lea.change_table(before, after, population=pd.Series({"1": 1.0, "2": 2.0}))
    for one, other in zip((before, after), kept, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_everything_wrong_with_both_years_is_named_at_once():
    with pytest.raises(AreasError) as caught:
        lea.change_table(TWO.rename(index={"2": "1"}), TWO.to_crs(4326))
    assert "before: duplicate area ids: 1 of 2 (1)" in str(caught.value)
    assert "after: EPSG:4326 is not projected" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tolerance": -1}, "tolerance is -1; it must be a distance in metres, 0 or more."),
        ({"share": 0}, "share is 0; it must be a share above 0 and below 0.5."),
        ({"names": "nimi"}, "names is 'nimi'; give two columns, of the earlier and of the later year."),
    ],
)
def test_a_wrong_option_is_refused(options, told):
    with pytest.raises(UsageError) as caught:
        lea.change_table(TWO, TWO, **options)
    assert str(caught.value) == told


THREE = {
    2015: areas(a1=(0, 0, 4, 4), a2=(4, 0, 8, 4), a3=(0, 4, 8, 8)),
    2017: areas(a1=(0, 0, 8, 4), a3=(0, 4, 8, 8)),
    2019: areas(a1=(0, 0, 8, 4), a3=(0, 4, 2, 8), a5=(2, 4, 8, 8)),
}


def test_a_lifetime_says_when_a_code_was_seen_where_it_came_from_and_where_it_went():
    found = lea.lifetimes(THREE).table
    assert found.loc["2", ["first_seen", "last_seen", "successor", "successor_share"]].tolist() == [
        2015,
        2015,
        "1",
        1.0,
    ]
    assert found.loc["5", ["first_seen", "origin", "origin_share", "successor"]].tolist() == [
        2019,
        "3",
        1.0,
        "",
    ]
    # 1 took 2 in, 3 gave 5 away: both codes go on and mean other ground.
    assert found["redrawn"].to_dict() == {"1": 1, "2": 0, "3": 1, "5": 0}
    assert found["absent"].eq(0).all()


def test_a_code_that_comes_back_is_said_to_have_been_absent():
    years = {**THREE, 2021: THREE[2015]}
    found = lea.lifetimes(years).table
    assert found.loc["2", ["first_seen", "last_seen", "absent"]].tolist() == [2015, 2021, 2]


def test_lifetimes_need_two_years_that_are_years():
    with pytest.raises(UsageError, match="areas holds 1 years; at least 2 are needed"):
        lea.lifetimes({2015: TWO})
    with pytest.raises(UsageError, match="areas has keys that are no years: 'old'"):
        lea.lifetimes({"old": TWO, 2015: TWO})


COUNTS = pd.DataFrame({"people": [100.0, 60.0]}, index=pd.Index(["1", "2"], name="area_id"))


def series(before, after, table=COUNTS, *, onto=2019, **options):
    return lea.carry_series({2018: table}, {2018: before, 2019: after}, onto=onto, **options)


def row(found, area_id: str) -> pd.Series:
    return found.table.loc[area_id]


def test_a_merger_adds_up_and_rests_on_nothing():
    found = series(TWO, areas(a1=(0, 0, 8, 4)))
    told = row(found, "1")
    assert told[["value", "split_lower", "split_upper", "amount", "received", "rests"]].tolist() == [
        160,
        160,
        160,
        160,
        60,
        0,
    ]
    assert told["comparable"]
    assert found.account.loc[(2018, "people"), ["total_before", "total_after", "lost_outside"]].tolist() == [
        160,
        160,
        0,
    ]


def test_a_split_is_divided_by_ground_and_says_what_it_could_be():
    found = series(areas(a1=(0, 0, 4, 4), a2=(4, 0, 8, 4)), areas(a1=(0, 0, 5, 4), a2=(5, 0, 8, 4)))
    one, two = row(found, "1"), row(found, "2")
    assert (one["value"], two["value"]) == (115, 45)
    assert (one["split_lower"], one["split_upper"]) == (100, 160)
    assert (two["split_lower"], two["split_upper"]) == (0, 60)
    # A quarter of area 2 moved: 15 of 115 people of the new area 1, and 15 of 45 in what is left of area 2.
    assert one["rests"] == pytest.approx(15 / 115)
    assert two["rests"] == pytest.approx(15 / 45)
    assert not one["comparable"]
    assert any("the years cannot be compared there: 2 (33%), 1 (13%)." in note for note in found.notes)


def test_people_who_are_counted_narrow_what_a_split_could_be():
    houses = gpd.GeoDataFrame(
        {"people": [100, 20, 50]}, geometry=[Point(500, 500), Point(4500, 500), Point(7500, 500)], crs=3067
    )
    moved = areas(a1=(0, 0, 5, 4), a2=(5, 0, 8, 4))
    options = {"method": "dasymetric", "population": houses, "population_column": "people"}
    found = series(TWO, moved, **options, counted=["people"])
    # Area 2 has 60 people by the table and 70 by its houses, 20 of whom moved: between 10 and 20.
    assert row(found, "1")[["split_lower", "split_upper"]].tolist() == [110, 120]
    assert row(found, "2")[["split_lower", "split_upper"]].tolist() == [40, 50]
    wide = series(TWO, moved, **options)
    assert row(wide, "1")[["split_lower", "split_upper"]].tolist() == [100, 160]


def test_a_sliver_moves_nobody():
    drawn = areas(a1=(0, 0, 4.08, 4), a2=(4.08, 0, 8, 4))
    found = series(TWO, drawn)
    assert found.table["value"].tolist() == [100, 60]
    assert found.table["rests"].tolist() == [0, 0]
    assert any("too narrow or too slight to move anybody" in note for note in found.notes)


def test_a_mean_is_weighed_by_people_and_said_to_be_no_median():
    incomes = pd.DataFrame({"income": [20_000.0, 30_000.0]}, index=COUNTS.index)
    after = areas(a1=(0, 0, 8, 4))
    found = series(TWO, after, incomes, kinds={"income": "intensive"}, people={2018: COUNTS["people"]})
    assert row(found, "1")["value"] == pytest.approx((100 * 20_000 + 60 * 30_000) / 160)
    assert any("an average of medians is no median of all their people" in note for note in found.notes)
    by_ground = series(TWO, after, incomes, kinds={"income": "intensive"})
    assert row(by_ground, "1")["value"] == pytest.approx(25_000)
    assert row(found, "1")[["split_lower", "split_upper"]].tolist() == [20_000, 30_000]


def test_a_table_of_indicators_weighs_its_medians_by_its_own_people(tmp_path):
    rows = ["postinumero,hr_tuy,hr_pi_tul,hr_mtu", "00100,100,30,20000", "00110,60,6,30000"]
    (tmp_path / "paavo.csv").write_text("\n".join(rows), encoding="utf-8")
    table = lea.read_indicators(tmp_path / "paavo.csv", area_id="postinumero")
    before = TWO.rename(index={"1": "00100", "2": "00110"})
    found = series(before, areas(a00100=(0, 0, 8, 4)), table).table.set_index("code")
    assert found.loc["median_income_residents", "value"] == pytest.approx((100 * 20_000 + 60 * 30_000) / 160)
    rate = found.loc["low_income_residents"]
    assert rate[["value", "numerator", "denominator", "amount", "received"]].tolist() == [
        22.5,
        36,
        160,
        160,
        60,
    ]
    assert rate[["split_lower", "split_upper", "rests"]].tolist() == [22.5, 22.5, 0]


def test_a_percentage_is_bounded_by_parts_and_wholes_that_go_together(tmp_path):
    rows = ["postinumero,hr_tuy,hr_pi_tul", "00100,100,30", "00110,60,6"]
    (tmp_path / "paavo.csv").write_text("\n".join(rows), encoding="utf-8")
    table = lea.read_indicators(tmp_path / "paavo.csv", area_id="postinumero")
    before = TWO.rename(index={"1": "00100", "2": "00110"})
    found = row(series(before, areas(a00100=(0, 0, 5, 4), a00110=(5, 0, 8, 4)), table), "00100")
    # A quarter of 00110: at most its six on low income alone, at least the other 54 alone.
    assert found["split_upper"] == pytest.approx(100 * (30 + 6) / (100 + 6))
    assert found["split_lower"] == pytest.approx(100 * 30 / (100 + 54))
    assert found["value"] == pytest.approx(100 * (30 + 1.5) / (100 + 15))


def test_a_rate_that_is_hidden_with_its_denominator_stays_hidden_within_what_is_known(tmp_path):
    rows = ["postinumero,hr_tuy,hr_pi_tul", "00100,100,30", "00110,,"]
    (tmp_path / "paavo.csv").write_text("\n".join(rows), encoding="utf-8")
    table = lea.read_indicators(tmp_path / "paavo.csv", area_id="postinumero")
    before = TWO.rename(index={"1": "00100", "2": "00110"})
    cells = table.cells("low_income_residents")
    assert cells.loc["00110", "status"] == "suppressed"
    merged = row(series(before, areas(a00100=(0, 0, 8, 4)), table), "00100")
    assert merged[["status", "lower", "upper"]].tolist() == ["suppressed", 0, 100]
    alone = series(before, before, table).table
    assert alone["status"].tolist() == ["observed", "suppressed"]


def test_the_mean_of_a_part_of_an_area_is_bounded_by_nothing():
    incomes = pd.DataFrame({"income": [20_000.0, 30_000.0]}, index=COUNTS.index)
    found = series(TWO, areas(a1=(0, 0, 6, 4), a2=(6, 0, 8, 4)), incomes, kinds={"income": "intensive"})
    assert found.table[["split_lower", "split_upper"]].isna().all().all()


def test_what_is_missing_stays_missing_where_it_goes():
    found = series(TWO, areas(a1=(0, 0, 5, 4), a2=(5, 0, 8, 4)), COUNTS.assign(people=[100.0, np.nan]))
    assert found.table["status"].tolist() == ["missing", "missing"]
    assert found.account.loc[(2018, "people"), "hidden"] == 100


def test_a_balance_can_be_anything_in_a_part_of_an_area():
    moves = pd.DataFrame({"net": [10.0, -4.0]}, index=COUNTS.index)
    found = series(TWO, areas(a1=(0, 0, 5, 4), a2=(5, 0, 8, 4)), moves)
    assert found.table["value"].tolist() == [9, -3]
    assert found.table[["split_lower", "split_upper"]].isna().all().all()


def test_what_reaches_no_area_is_refused_unless_it_may_be_dropped():
    away = areas(a1=(0, 0, 4, 4))
    with pytest.raises(ValuesError, match="60 of 160 people would be lost outside the targets"):
        series(TWO, away)
    found = series(TWO, away, outside="drop")
    assert row(found, "1")["value"] == 100
    assert any("What lay in no area was left out, most of people: 60 of 160." in note for note in found.notes)


def test_several_years_stand_side_by_side():
    years = {2015: COUNTS + 10, 2018: COUNTS}
    found = lea.carry_series(years, {2015: TWO, 2018: TWO, 2019: areas(a1=(0, 0, 8, 4))}, onto=2019)
    wide = found.of("people")
    assert wide.loc["1"].to_dict() == {2015: 180, 2018: 160}
    assert found.years == (2015, 2018)


def test_an_area_of_many_pieces_may_be_of_several_parts():
    island = gpd.GeoDataFrame(
        geometry=[MultiPolygon([box(0, 0, KM, KM), box(5 * KM, 0, 6 * KM, KM)])], index=["1"], crs=3067
    )
    found = lea.carry_series(
        {2018: COUNTS.loc[["1"]]}, {2018: island, 2019: areas(a1=(0, 0, 1, 1), a2=(5, 0, 6, 1))}, onto=2019
    )
    assert found.table["value"].tolist() == [50, 50]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: series(TWO, TWO, onto=2020), "onto is 2020, and areas has no such year; it has 2018, 2019."),
        (lambda: series(TWO, TWO, COUNTS["people"]), "the table of 2018 is a Series"),
        (lambda: series(TWO, TWO, kinds={}), "kinds says nothing of columns of 2018: people."),
        (lambda: series(TWO, TWO, people={}), "people has no 2018"),
        (
            lambda: lea.carry_series({2017: COUNTS}, {2018: TWO}, onto=2018),
            "tables has years without areas: 2017; areas has 2018.",
        ),
    ],
)
def test_a_wrong_call_is_refused(call, told):
    with pytest.raises(UsageError, match=told.replace(".", r"\.")):
        call()


def test_rows_that_are_no_area_of_their_year_are_named():
    with pytest.raises(
        ValuesError, match=r"rows of 2018 that have no area: 1 of 2 \(3\). Are these the areas"
    ):
        series(TWO, TWO, COUNTS.rename(index={"2": "3"}))


def test_the_examples_of_the_page_give_what_it_says():
    page = Path(__file__).parents[3] / "docs" / "vintages.md"
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.attempted > 15
    assert result.failed == 0
