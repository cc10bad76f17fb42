"""Joining: by id, with an account of both sides."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import JoinError
from lea_geo.intake.tables import IndicatorTable
from lea_geo.schema import NAME_COLUMNS


@pytest.fixture
def table(tmp_path: Path) -> IndicatorTable:
    path = tmp_path / "paavo.csv"
    path.write_text(
        "postinumero,nimi,namn,kuntano,he_vakiy,he_0_2\n"
        "KOKO MAA,,,,200,20\n"
        "00100,Töölö,Tölö,091,100,10\n"
        "120,Punavuori,Rödbergen,091,100,20\n"
        "00130,Kaarti,Gardet,091,28,-1\n",
        encoding="utf-8",
    )
    return lea.read_indicators(path, area_id="postinumero")


def squares(*ids: str, **columns: list[str]) -> gpd.GeoDataFrame:
    index = pd.Index(ids, name="area_id", dtype=str)
    cells = [box(k, 0, k + 1, 1) for k in range(len(ids))]
    areas = gpd.GeoDataFrame(columns, index=index, geometry=cells, crs="EPSG:3067")
    areas.attrs["notes"] = ["One polygon was repaired."]
    return areas


def test_values_meet_areas_by_id_in_the_order_of_the_areas(table: IndicatorTable):
    joined = lea.join_indicators(squares("00120", "00130", "00100"), table)
    assert joined.areas.index.to_list() == ["00120", "00130", "00100"]
    assert joined.areas["children_under_3"].fillna(-9).to_list() == [20.0, -9, 10.0]
    assert joined.areas["children_under_3_status"].to_list() == ["observed", "suppressed", "observed"]
    assert joined.areas["children_under_3_upper"].to_list()[1] == 100
    assert joined.areas["name_sv"].to_list() == ["Rödbergen", "Gardet", "Tölö"]
    assert joined.areas["municipality"].to_list() == ["091"] * 3
    assert joined.table.values.index.equals(joined.areas.index)
    assert joined.areas.crs == "EPSG:3067"
    assert isinstance(joined.areas, gpd.GeoDataFrame)


def test_the_report_tells_both_sides_and_what_was_done_before(table: IndicatorTable):
    report = lea.join_indicators(squares("00100", "99999"), table).report
    assert report.matched == ("00100",)
    assert report.unmatched_areas == ("99999",)
    assert report.unmatched_rows == ("00120", "00130")
    assert report.totals == ("KOKO MAA",)
    assert report.repaired == ("120 -> 00120",)
    assert report.duplicates == ()
    assert report.notes[0] == "One polygon was repaired."
    assert "1 areas have no row in the table and are missing: 99999." in report.notes
    assert "2 rows of the table have no area and were left out: 00120, 00130." in report.notes


def test_an_area_without_a_row_is_kept_and_missing(table: IndicatorTable):
    joined = lea.join_indicators(squares("00100", "99999"), table)
    assert joined.areas["children_under_3_status"].to_list() == ["observed", "missing"]
    assert joined.areas["name_fi"].to_list() == ["Töölö", ""]


def test_notes_of_the_areas_are_kept_and_added_to(table: IndicatorTable):
    areas = squares("00100")
    joined = lea.join_indicators(areas, table)
    assert joined.areas.attrs["notes"][0] == "One polygon was repaired."
    assert "1 areas were joined to rows of the table by id." in joined.areas.attrs["notes"]
    assert areas.attrs["notes"] == ["One polygon was repaired."]


def test_names_that_the_areas_have_win_over_those_of_the_table(table: IndicatorTable):
    joined = lea.join_indicators(squares("00100", "00120", name_fi=["Oma", ""]), table)
    assert joined.areas["name_fi"].to_list() == ["Oma", "Punavuori"]
    assert set(NAME_COLUMNS) <= set(joined.areas.columns)


def test_areas_and_table_are_left_as_they_were(table: IndicatorTable):
    areas = squares("00100", "00120")
    before = areas.copy()
    lea.join_indicators(areas, table)
    assert areas.equals(before)


def test_strict_refuses_what_is_on_one_side_only(table: IndicatorTable):
    with pytest.raises(JoinError) as caught:
        lea.join_indicators(squares("00100", "99999"), table, strict=True)
    assert "areas without a row in the table: 1 of 2 (99999)." in str(caught.value)
    assert "rows of the table without an area: 2 of 3 (00120, 00130). Are the boundaries" in str(caught.value)


def test_strict_lets_a_whole_match_pass(table: IndicatorTable):
    assert (
        lea.join_indicators(squares("00100", "00120", "00130"), table, strict=True).report.unmatched_rows
        == ()
    )


def test_nothing_in_common_is_always_an_error_with_both_kinds_of_id(table: IndicatorTable):
    with pytest.raises(JoinError, match=r"areas have ids like '091', '092', the table like '00100', '00120'"):
        lea.join_indicators(squares("091", "092"), table)


def test_an_id_that_occurs_twice_is_always_an_error(table: IndicatorTable):
    with pytest.raises(JoinError, match=r"areas with the same id: 1 of 2 \(00100\)"):
        lea.join_indicators(squares("00100", "00100"), table)


def test_a_column_of_the_areas_is_never_overwritten(table: IndicatorTable):
    with pytest.raises(
        JoinError, match=r"columns of the areas have the names of indicators: 1 \(children_under_3\)"
    ):
        lea.join_indicators(squares("00100", children_under_3=["mine"]), table)


@pytest.mark.real
def test_areas_and_paavo_of_2018_match_one_to_one(finland: Path):
    table = lea.read_indicators(finland / "paavo_2018_whole_country.csv", area_id="postinumero")
    areas = (
        gpd.read_file(finland / "postal_areas_2018.gpkg").set_index("postinumeroalue").rename_axis("area_id")
    )
    report = lea.join_indicators(areas, table, strict=True).report
    assert len(report.matched) == 3030


@pytest.mark.real
def test_boundaries_of_another_year_are_told_area_by_area(finland: Path):
    table = lea.read_indicators(finland / "paavo_2018_whole_country.csv", area_id="postinumero")
    areas = (
        gpd.read_file(finland / "postal_areas_2019.gpkg").set_index("postinumeroalue").rename_axis("area_id")
    )
    report = lea.join_indicators(areas, table).report
    # From 2018 to 2019 four codes were lost and none gained.
    assert (len(report.unmatched_areas), len(report.unmatched_rows)) == (0, 4)
