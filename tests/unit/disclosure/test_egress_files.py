"""Which files leave: few, flat, named so that an outsider understands them, groups whole or not at all."""

import re

from hypothesis import given
from hypothesis import strategies as st

from lea_geo.disclosure.egress.files import MOST_FILES, choose_files

STUDY = ["map.html", "report.html", "study.gpkg", "tables/summary.csv", "tables/data_dictionary.csv"]


def chosen(*names, room=40):
    files, left = choose_files([*STUDY, *names], room=room)
    return {one.source: one.name for one in files}, left


def test_the_files_that_people_open_have_names_that_say_what_they_are():
    names, left = chosen("tables/study.xlsx", "index/weights.csv", "index/nodes.csv")
    assert list(names.values()) == [
        "01_map.html",
        "02_report.html",
        "03_areas_and_results.gpkg",
        "04_tables.xlsx",
        "05_overview.csv",
        "06_what_the_columns_mean.csv",
        "07_index_weights.csv",
        "08_index_parts.csv",
    ]
    assert left == ()


def test_tables_of_chapters_leave_as_text_where_there_is_room_for_all_beside_those_of_indicators():
    own, told = ["tables/poor.csv", "tables/sick.csv"], ["tables/change_a.csv", "tables/change_b.csv"]
    names = [*STUDY, *own, *told]
    for room, some in ((len(STUDY) + 4, {*own, *told}), (len(STUDY) + 3, set(own)), (len(STUDY) + 1, set())):
        files, left = choose_files(names, room=room, chapters=["change_a", "change_b"])
        assert {one.source for one in files} - {*STUDY} == some
        assert set(left) == {*own, *told} - some
        assert {one.source for one in files if one.kind == "chapter_table"} == some - {*own}


def test_findata_takes_fifty_files():
    """https://findata.fi/en/faq/how-to-speed-up-the-anonymity-verification-of-results/."""
    assert MOST_FILES == 50


def test_tables_leave_as_text_only_where_no_workbook_holds_them():
    assert "tables/poor.csv" not in chosen("tables/study.xlsx", "tables/poor.csv")[0]
    names, left = chosen("tables/poor.csv", "tables/postal_2016/poor.csv", "tables/postal_2016/summary.csv")
    assert names["tables/poor.csv"] == "table_poor.csv"
    assert names["tables/postal_2016/poor.csv"] == "table_postal_2016_poor.csv"
    assert left == ("tables/postal_2016/summary.csv",)


def test_rasters_leave_with_all_that_lies_beside_them_or_not_at_all():
    rasters = [f"grids/{code}_value{end}" for code in "abc" for end in (".tif", ".tif.aux.xml", ".qml")]
    whole = chosen(*rasters, room=len(STUDY) + 9)[0]
    assert {whole[one] for one in rasters} == {one.replace("grids/", "raster_") for one in rasters}
    less, left = chosen(*rasters, room=len(STUDY) + 8)
    assert not set(rasters) & set(less)
    assert set(left) == set(rasters)


def test_what_tells_of_an_index_cell_by_cell_stays():
    names, left = chosen("index/indicators.csv", "index/log.csv", "index/robustness.csv", "index/weights.csv")
    assert set(names) == {*STUDY, "index/weights.csv"}
    assert len(left) == 3


parts = st.sampled_from(["a", "b_1", "postal_2016", "x"])
sources = st.lists(
    st.one_of(
        st.builds("tables/{}/{}.csv".format, parts, parts),
        st.builds("tables/{}.csv".format, parts),
        st.builds("grids/{}_value.tif".format, parts),
        st.builds("parquet/{}.parquet".format, parts),
    ),
    unique=True,
    max_size=60,
)


@given(sources, st.integers(5, 60))
def test_whatever_there_is_fits_is_flat_and_comes_once(names, room):
    files, left = choose_files([*STUDY, *names], room=room)
    assert len(files) <= room
    assert sorted([*(one.source for one in files), *left]) == sorted([*STUDY, *names])
    assert len({one.name for one in files}) == len(files)
    assert all(re.fullmatch(r"[a-z0-9_.]+", one.name) for one in files)
