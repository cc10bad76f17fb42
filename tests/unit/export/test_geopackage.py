"""A GeoPackage holds all findings, the same each time, and opens in QGIS."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo import schema
from lea_geo.errors import OutputError
from lea_geo.schema import Text

MULTI = shapely.multipolygons([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)])


def assert_same(found, given):
    assert (found.title, found.indicators, found.notes, found.synthetic) == (
        given.title,
        given.indicators,
        given.notes,
        given.synthetic,
    )
    assert found.settings == given.settings
    assert found.areas.crs == given.areas.crs
    assert list(found.areas.index) == list(given.areas.index)
    assert found.areas.drop(columns="geometry").to_dict() == given.areas.drop(columns="geometry").to_dict()
    assert shapely.equals_exact(found.areas.geometry, given.areas.geometry, tolerance=0).all()
    assert list(found.areas.geom_type) == list(given.areas.geom_type)
    assert list(found.results) == list(given.results)
    for code, frame in given.results.items():
        pd.testing.assert_frame_equal(found.results[code], frame, check_dtype=False, check_exact=True)
    pd.testing.assert_frame_equal(
        found.summary, given.summary, check_dtype=False, check_names=False, check_exact=True
    )


def contents(path):
    """Every row of every table, as SQLite reads it back."""
    with closing(sqlite3.connect(path)) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}  # noqa: S608


def test_findings_come_back_from_the_file_as_they_went_in(findings, tmp_path):
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    assert_same(lea.read_geopackage(tmp_path / "study.gpkg"), findings)


def test_an_area_of_several_parts_makes_no_other_area_lose_its_type(findings, tmp_path):
    areas = findings.areas.copy()
    areas.loc[areas.index[3], "geometry"] = shapely.transform(MULTI, lambda points: points + 7e6)
    several = replace(findings, areas=areas)
    lea.write_geopackage(several, tmp_path / "study.gpkg")
    assert {kind for _, kind in pyogrio.list_layers(tmp_path / "study.gpkg")} == {"MultiPolygon", None}
    assert_same(lea.read_geopackage(tmp_path / "study.gpkg"), several)


words = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)
numbers = st.floats(allow_nan=True, allow_infinity=True)
plain_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(words, min_size=12, max_size=12),
    values=st.lists(numbers, min_size=12, max_size=12),
    told=st.dictionaries(words, plain_json, max_size=3),
    notes=st.lists(words, max_size=3),
    title=st.builds(Text, words, words, words),
)
def test_no_text_and_no_number_is_changed_by_the_file(
    findings, tmp_path, *, names, values, told, notes, title
):
    result = findings.results["low_income"].assign(value=values)
    changed = replace(
        findings,
        title=title,
        areas=findings.areas.assign(name_fi=names),
        results={**findings.results, "low_income": result},
        settings=told,
        notes=tuple(notes),
    )
    lea.write_geopackage(changed, tmp_path / "any.gpkg")
    assert_same(lea.read_geopackage(tmp_path / "any.gpkg"), changed)


def test_each_indicator_is_a_layer_with_the_columns_that_the_schema_names(findings, tmp_path):
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    layers = dict(pyogrio.list_layers(tmp_path / "study.gpkg"))
    assert set(layers) == {
        "areas",
        "low_income",
        "income",
        "plain",
        "lea_indicators",
        "lea_summary",
        "lea_comparisons",
        "lea_study",
        "lea_sheets",
        "lea_chapters",
        "layer_styles",
    }
    layer = gpd.read_file(tmp_path / "study.gpkg", layer="low_income")
    own = ["area_id", *schema.NAME_COLUMNS, "municipality", *schema.RESULT_COLUMNS, "geometry"]
    assert list(layer.columns) == own
    assert layer.crs == "EPSG:3067"
    assert layer.set_index("area_id").loc["65000", "value"] == 31.25


def test_a_geographic_information_system_sees_counts_as_whole_numbers(findings, tmp_path):
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    with closing(sqlite3.connect(tmp_path / "study.gpkg")) as database:
        kinds = {name: kind for _, name, kind, *_ in database.execute("PRAGMA table_info(low_income)")}
    counts = [f"{method}_{count}" for method in schema.LOCAL_METHODS for count in schema.LOCAL_COUNTS]
    assert {kinds[name] for name in counts} == {"MEDIUMINT"}  # GeoPackage's word for 32 bits
    assert kinds["local_moran_p_mid"] == "REAL"


def test_the_same_findings_give_the_same_contents(findings, tmp_path):
    for name in ("one.gpkg", "other.gpkg"):
        lea.write_geopackage(findings, tmp_path / name)
    assert contents(tmp_path / "one.gpkg") == contents(tmp_path / "other.gpkg")


def test_a_column_says_in_the_file_what_it_means(findings, tmp_path):
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    told = {row[:2]: row[4] for row in contents(tmp_path / "study.gpkg")["gpkg_data_columns"]}
    finnish, swedish, english = told["low_income", "local_moran_q_value"].split(" / ")
    assert finnish.startswith("Paikallinen Moranin I: q-arvo")
    assert swedish.startswith("Lokalt Morans I: q-värde")
    assert english.startswith("Local Moran's I: q-value")


def test_every_layer_of_made_up_data_says_so(findings, tmp_path):
    lea.write_geopackage(findings, tmp_path / "study.gpkg")
    rows = contents(tmp_path / "study.gpkg")["gpkg_contents"]
    told = [description for _, kind, _, description, *_ in rows if kind == "features"]
    assert len(told) == 4
    assert all(text.startswith("SYNTHETIC, nothing here is real") for text in told)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", "99"),
        ("version", "2"),
        ("version", "3"),
        ("title", '{"fi": "only"}'),
        ("notes", "12"),
        ("settings", "not json"),
    ],
)
def test_a_file_whose_tables_were_tampered_with_is_refused(findings, tmp_path, key, value):
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(findings, path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE lea_study SET value = ? WHERE key = ?", (value, key))
    with pytest.raises(OutputError, match="holds no findings of lea_geo"):
        lea.read_geopackage(path)


def test_a_file_that_is_not_there_or_holds_something_else_is_refused(findings, tmp_path):
    with pytest.raises(OutputError, match="there is no such file"):
        lea.read_geopackage(tmp_path / "none.gpkg")
    findings.areas.to_file(tmp_path / "other.gpkg", layer="areas")
    with pytest.raises(OutputError, match="tables are missing: 3"):
        lea.read_geopackage(tmp_path / "other.gpkg")
    (tmp_path / "text.gpkg").write_text("no database at all, but longer than a header" * 9)
    with pytest.raises(OutputError, match="it cannot be read"):
        lea.read_geopackage(tmp_path / "text.gpkg")
