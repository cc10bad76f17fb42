"""Other years, other kinds of areas, comparisons and context: stored beside the study, and told apart."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_findings import indicator

import lea_geo as lea
from lea_geo._sheets import sheet_names, sheets_of
from lea_geo.errors import OutputError
from lea_geo.export.raster import write_rasters


def tampered(path, statement, *values):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement, values)


def test_the_names_say_what_the_areas_are_and_which_year(wide):
    assert sheet_names(wide) == ("postal_2016", "grid")
    assert [sheet.areas for sheet in sheets_of(wide)] == ["areas", "areas", "grid_areas"]


def test_a_name_that_another_layer_has_gets_a_number(wide):
    taken = indicator("postal_2016_income", "Toinen")
    clash = replace(wide, indicators=(*wide.indicators, taken))
    assert sheet_names(clash)[0] == "postal_2016_2"
    twice = replace(wide, others=(*wide.others, replace(wide.others[1]), replace(wide.others[1], level="")))
    assert sheet_names(twice) == ("postal_2016", "grid", "grid_2", "other")


def test_equal_areas_are_stored_once_although_they_are_two_objects(wide, tmp_path):
    copied = replace(wide, others=(replace(wide.others[0], areas=wide.areas.copy()),))
    lea.write_geopackage(copied, tmp_path / "study.gpkg")
    assert "postal_2016_areas" not in {name for name, _ in pyogrio.list_layers(tmp_path / "study.gpkg")}
    found = lea.read_geopackage(tmp_path / "study.gpkg")
    assert found.others[0].areas is found.areas


def test_all_parts_come_back_as_they_went_in(wide, tmp_path):
    lea.write_geopackage(wide, tmp_path / "study.gpkg")
    found = lea.read_geopackage(tmp_path / "study.gpkg")
    for one, told in zip((found, *found.others), (wide, *wide.others), strict=True):
        for name in ("title", "indicators", "settings", "notes", "synthetic", "level", "year"):
            assert getattr(one, name) == getattr(told, name)
        assert one.areas.equals(told.areas)
        for code, frame in told.results.items():
            pd.testing.assert_frame_equal(one.results[code], frame, check_dtype=False, check_exact=True)
        if told.comparisons is None:
            assert one.comparisons is None
        else:
            pd.testing.assert_frame_equal(
                one.comparisons, told.comparisons, check_dtype=False, check_exact=True
            )
    assert found.context.equals(wide.context)
    assert list(found.context.geom_type) == ["Polygon", "MultiPolygon", "Polygon"]
    assert found.context.crs == wide.context.crs


words = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
numbers = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=words, name=words, value=numbers, n=st.integers(0, 2**40), year=st.integers(0, 9999))
def test_no_comparison_no_name_and_no_year_is_changed_by_the_file(
    wide, tmp_path, *, place, name, value, n, year
):
    comparisons = wide.comparisons.iloc[:1].assign(place=place, value=value, n_areas=n)
    then = replace(wide.others[0], year=f"{year:04d}", comparisons=comparisons)
    given = replace(wide, context=wide.context.assign(name=name), others=(then,))
    lea.write_geopackage(given, tmp_path / "any.gpkg")
    found = lea.read_geopackage(tmp_path / "any.gpkg")
    pd.testing.assert_frame_equal(
        found.others[0].comparisons, comparisons, check_dtype=False, check_exact=True
    )
    assert list(found.context["name"]) == [name] * 3
    assert found.others[0].year == f"{year:04d}"


def test_every_layer_of_every_part_says_what_it_is_and_its_columns_what_they_mean(wide, tmp_path):
    lea.write_geopackage(wide, tmp_path / "study.gpkg")
    with closing(sqlite3.connect(tmp_path / "study.gpkg")) as database:
        told = dict(database.execute("SELECT table_name, description FROM gpkg_contents"))
        columns = set(database.execute("SELECT table_name, column_name FROM gpkg_data_columns"))
    assert told["postal_2016_income"].endswith("Tulot (en) / Tulot (fi) / Tulot (sv) (postal 2016)")
    assert told["grid_areas"] == "SYNTHETIC, nothing here is real: The small coast (grid)"
    assert told["context"].startswith("SYNTHETIC")
    assert {("context", "kind"), ("grid_areas", "area_id"), ("postal_2016_income", "rank")} <= columns


def test_tables_and_rasters_of_other_parts_have_folders_of_their_own(wide, tmp_path):
    files = {path.relative_to(tmp_path).as_posix() for path in lea.write_tables(wide, tmp_path)}
    assert {"low_income.csv", "postal_2016/income.csv", "grid/low_income.csv", "grid/summary.csv"} <= files
    assert "grid/income.csv" not in files
    square = wide.others[1].areas.set_geometry(
        [shapely.box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(4)]
    )
    cells = replace(wide.others[1], areas=square)
    rasters = write_rasters(replace(wide, others=(cells,)), tmp_path)
    assert {path.parent.name for path in rasters} == {"grid"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda f: replace(f, level="village"),
            "unknown level 'village'. Known are postal, grid, municipality",
        ),
        (lambda f: replace(f, year="2018/19"), "the year is '2018/19'. A year is four digits, or empty"),
        (lambda f: replace(f, year="../x"), "the year is '../x'"),
        (
            lambda f: replace(f, others=(replace(f.others[0], year="16"),)),
            "postal 16: the year is '16'",
        ),
        (
            lambda f: replace(f, others=(replace(f.others[0], others=f.others),)),
            "postal 2016: others, chapters and context belong to the study itself",
        ),
        (
            lambda f: replace(f, others=(replace(f.others[0], context=f.context),)),
            "postal 2016: others, chapters and context belong to the study itself",
        ),
        (
            lambda f: replace(f, others=(replace(f.others[0], areas=f.areas.iloc[:3]),)),
            "postal 2016: the results of 'low_income' are not indexed as the areas",
        ),
        (
            lambda f: replace(f, context=f.context.to_crs("EPSG:4326")),
            "the context is in another CRS than the areas. Use context.to_crs(areas.crs)",
        ),
        (
            lambda f: replace(f, context=f.context.assign(kind="forest")),
            "unknown kinds of context: 1 ('forest'). Known are water, border",
        ),
        (
            lambda f: replace(f, context=f.context.set_geometry(f.context.boundary)),
            "context without a polygon: 3 of 3",
        ),
        (lambda f: replace(f, context=f.context.assign(name="a\0b")), "whose name holds a NUL"),
        (lambda f: replace(f, context=f.context.drop(columns="name")), "columns missing from the context"),
    ],
)
def test_parts_that_no_file_can_hold_are_refused_by_name(wide, tmp_path, change, said):
    with pytest.raises(OutputError) as caught:
        lea.write_geopackage(change(wide), tmp_path / "study.gpkg")
    assert said in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_indicator_may_not_be_called_as_the_layer_of_water_is(wide, tmp_path):
    with pytest.raises(OutputError, match="codes that cannot name a layer"):
        lea.write_tables(replace(wide, indicators=(indicator("context", "Vesi"),)), tmp_path)


@pytest.mark.parametrize(
    ("statement", "value", "said"),
    [
        ("UPDATE lea_sheets SET sheet = ?", "areas", "cannot be told apart"),
        ("UPDATE lea_sheets SET sheet = ?", 'x" UNION SELECT', "cannot be told apart"),
        ("UPDATE lea_sheets SET sheet = ?", "grid", "cannot be told apart"),
        ("UPDATE lea_sheets SET areas = ?", "gpkg_contents", "cannot be told apart"),
        ("UPDATE lea_sheets SET title = ?", "{", "do not hold what they should"),
        ("UPDATE lea_sheets SET settings = ?", "[1]", "do not hold what they should"),
        ("UPDATE lea_sheets SET sheet = ? WHERE sheet = 'grid'", "nobody", "cannot be"),
        ("UPDATE lea_indicators SET code = ?, entry = '{}'", "x", "do not hold what they should"),
        ("DELETE FROM lea_summary WHERE sheet = ?", "grid", "do not hold what they should"),
        ("UPDATE lea_sheets SET areas = ?", "areas", "others than those of areas"),
    ],
)
def test_a_file_whose_parts_were_tampered_with_is_refused(wide, tmp_path, statement, value, said):
    lea.write_geopackage(wide, tmp_path / "study.gpkg")
    tampered(tmp_path / "study.gpkg", statement, value)
    with pytest.raises(OutputError, match="holds no findings of lea_geo") as caught:
        lea.read_geopackage(tmp_path / "study.gpkg")
    assert said in str(caught.value)


def test_a_file_of_the_format_before_is_refused_by_its_number(wide, tmp_path):
    lea.write_geopackage(wide, tmp_path / "study.gpkg")
    tampered(tmp_path / "study.gpkg", "DROP TABLE lea_sheets")
    tampered(tmp_path / "study.gpkg", "UPDATE lea_study SET value = ? WHERE key = 'version'", json.dumps(2))
    with pytest.raises(OutputError, match=r"written by another version \(format 2\)"):
        lea.read_geopackage(tmp_path / "study.gpkg")
