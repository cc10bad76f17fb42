"""A study of several years and kinds of areas: each tested in full, stored together, read back to the bit."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.affinity import translate
from wide_study import widen

import lea_geo as lea
from lea_geo.cli import main
from lea_geo.errors import OutputError
from lea_geo.intake.context import clip_context, read_context
from lea_geo.schema import RESULT_COLUMNS, Findings, Label
from lea_geo.spec import load_spec
from lea_geo.study import Study, check, redraw, run, verify


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("wide")


@pytest.fixture(scope="module")
def study(folder: Path, mini_study) -> Study:
    return run(load_spec(widen(mini_study(folder / "data"))), out=folder / "out")


@pytest.fixture
def fresh(tmp_path: Path, mini_study) -> Path:
    return widen(mini_study(tmp_path / "data"))


def codes(findings: Findings) -> list[str]:
    return [indicator.code for indicator in findings.indicators]


def test_the_latest_year_is_the_study_and_the_others_stand_beside_it(study: Study):
    found = study.findings
    assert (found.level, found.year) == ("postal", "2018")
    assert [(other.level, other.year) for other in found.others] == [("postal", "2016"), ("grid", "")]
    assert all(other.others == () and other.context is None for other in found.others)


def test_every_year_is_tested_in_full_on_the_same_areas(study: Study):
    now, then = study.findings, study.findings.others[0]
    assert then.areas is now.areas
    # The corner has 40 (and 38, 42 ...) of 100 in 2018, and at most 30 in 2016.
    assert now.results["low_income_residents"]["value"].max() == 42
    assert then.results["low_income_residents"]["value"].max() == 30
    for one in (now, then):
        table = one.results["low_income_residents"]
        assert tuple(table.columns) == RESULT_COLUMNS
        assert table.loc["65107", "local_moran_label"] == Label.HIGH_HIGH
        assert one.settings["tolerance"] == 1.0
    assert [i.reference_year for i in then.indicators] == ["2016"]


def test_the_numbers_of_a_year_are_those_of_a_study_of_that_year_alone(study: Study, fresh: Path):
    text = fresh.read_text()
    start = text.index('[[tables]]\npath = "table.csv"')
    alone = text[:start] + text[text.index('[[tables]]\npath = "table_2016.csv"') : text.index("[map]")]
    fresh.write_text(alone.replace(', "basic_education_only", "unemployment"', ""))
    then = run(load_spec(fresh)).findings
    assert (then.year, then.others) == ("", ())
    # On its own, nothing tells 2016 that 65135 lies in Vaasa: 35 areas, of which the other 35 know the same.
    alone, beside = (
        one.results["low_income_residents"].drop(index="65135", errors="ignore")
        for one in (then, study.findings.others[0])
    )
    same = [name for name in RESULT_COLUMNS if not name.endswith("hidden")]
    pd.testing.assert_frame_equal(alone[same], beside[same])


def test_a_table_that_shares_no_indicator_belongs_to_the_latest_year(study: Study):
    now, then = study.findings, study.findings.others[0]
    assert codes(now) == ["low_income_residents", "basic_education_only", "unemployment"]
    assert codes(then) == ["low_income_residents"]
    told = "Given for another year and not for 2016: basic_education_only, unemployment."
    assert told in then.notes
    assert told not in now.notes


def test_an_area_that_a_year_lacks_is_missing_there_and_said_to_be(study: Study):
    now, then = study.findings, study.findings.others[0]
    assert then.results["low_income_residents"].loc["65135", "status"] == "missing"
    assert now.results["low_income_residents"].loc["65135", "status"] == "observed"
    assert "1 areas have no row in the table and are missing: 65135." in then.notes
    for one in (now, then):
        assert "Every year (2018, 2016) is drawn on the boundaries of areas.geojson." in one.notes


def test_an_old_table_that_stands_with_the_latest_year_is_named(fresh: Path):
    text = fresh.read_text()
    fresh.write_text(text.replace('path = "work.csv"', 'path = "work.csv"\nyear = 2012'))
    report = check(load_spec(fresh))
    told = "work.csv is of 2012 and stands with 2018: no other table gives its indicators."
    assert told in report.notes


def test_one_table_of_several_years_may_be_given_once_for_each(fresh: Path):
    data = fresh.parent
    both = [pd.read_csv(data / name, dtype=str) for name in ("table.csv", "table_2016.csv")]
    pd.concat(both).to_csv(data / "both.csv", index=False)
    text = fresh.read_text().replace('"table.csv"', '"both.csv"').replace('"table_2016.csv"', '"both.csv"')
    fresh.write_text(text)
    found = run(load_spec(fresh))
    values = [
        one.results["low_income_residents"]["value"].max() for one in (found.findings, *found.findings.others)
    ]
    assert values == [42, 30, 42]
    assert [one["path"] for one in found.provenance["inputs"]].count("both.csv") == 1


def test_grid_cells_have_their_own_areas_graph_and_indicators(study: Study):
    grid = study.findings.others[1]
    assert codes(grid) == ["low_income_residents"]
    assert grid.areas.index[0] == "1kmN7000E0230"
    assert (grid.settings["graph"], grid.settings["tolerance"], grid.settings["seed"]) == ("lattice", None, 7)
    # The cells are the postal areas' squares, so a queen's neighbours and a lattice's are the same.
    for column in ("value", "local_moran_p_value", "local_moran_label"):
        assert list(grid.results["low_income_residents"][column]) == list(
            study.findings.results["low_income_residents"][column]
        )


def test_water_is_cut_to_the_areas_and_a_margin_and_borders_stay_whole(study: Study):
    context = study.findings.context
    assert list(zip(context["kind"], context["name"], strict=True)) == [
        ("water", "Vesi"),
        ("border", "Vaasa"),
    ]
    assert context.crs == study.areas.crs
    # The areas are 6 km by 6 km: half of that all around.
    window = shapely.box(230_000 - 3000, 7_000_000 - 3000, 236_000 + 3000, 7_006_000 + 3000)
    assert context.geometry[0].equals(shapely.box(220_000, 7_001_000, 233_500, 7_002_500) & window)
    assert context.geometry[1].equals(shapely.box(200_000, 6_990_000, 236_000, 7_006_000))
    assert "lake.geojson is drawn as water and changes no number: 1 shapes." in study.findings.notes


def test_water_in_degrees_is_brought_to_the_areas(fresh: Path, study: Study):
    lake = gpd.read_file(fresh.parent / "lake.geojson")
    lake.to_crs("EPSG:4326").to_file(fresh.parent / "lake.gpkg")
    fresh.write_text(fresh.read_text().replace("lake.geojson", "lake.gpkg"))
    context = run(load_spec(fresh)).findings.context
    assert context.crs == study.areas.crs
    assert shapely.equals_exact(
        context.geometry[0], study.findings.context.geometry[0], tolerance=0.001, normalize=True
    )


def assert_same(found: Findings, given: Findings) -> None:
    for name in ("title", "indicators", "settings", "notes", "synthetic", "level", "year"):
        assert getattr(found, name) == getattr(given, name), name
    pd.testing.assert_frame_equal(found.areas, given.areas, check_exact=True)
    assert list(found.results) == list(given.results)
    for code, frame in given.results.items():
        pd.testing.assert_frame_equal(found.results[code], frame, check_exact=True)
    pd.testing.assert_frame_equal(found.summary, given.summary, check_exact=True)
    pd.testing.assert_frame_equal(found.comparisons, given.comparisons, check_exact=True)


def test_all_of_it_comes_back_from_the_geopackage_to_the_last_bit(study: Study, folder: Path):
    found = lea.read_geopackage(folder / "out" / "study.gpkg")
    assert len(found.others) == 2
    pairs = zip((found, *found.others), (study.findings, *study.findings.others), strict=True)
    for one, given in pairs:
        assert_same(one, given)
    pd.testing.assert_frame_equal(found.context, study.findings.context, check_exact=True)
    assert found.others[0].areas is found.areas, "years share their areas"


@pytest.mark.usefixtures("study")
def test_layers_folders_and_the_manifest_name_the_parts_alike(folder: Path):
    out = folder / "out"
    layers = {str(name) for name, _ in pyogrio.list_layers(out / "study.gpkg")}
    parts = {"postal_2016_low_income_residents", "grid_low_income_residents", "grid_areas", "context"}
    assert parts <= layers
    assert "postal_2016_areas" not in layers
    for name in ("summary.csv", "postal_2016/summary.csv", "grid/low_income_residents.csv"):
        assert (out / "tables" / name).is_file()
    assert (out / "grids" / "grid" / "low_income_residents_value.tif").is_file()
    assert (out / "grids" / "low_income_residents_value.tif").is_file(), "these postal areas are squares"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["others"]) == ["postal_2016", "grid"]
    assert manifest["others"]["grid"]["areas"] == 36
    named = {(one["role"], one["path"]) for one in manifest["inputs"]}
    assert {("water", "lake.geojson"), ("borders", "borders.geojson"), ("areas", "grid.geojson")} <= named
    assert {("table", name) for name in ("table.csv", "table_2016.csv", "work.csv", "grid.csv")} <= named


@pytest.mark.usefixtures("study")
def test_verify_reruns_every_year_and_every_kind_of_areas(folder: Path):
    compared = verify(folder / "out")
    assert {"lake.geojson", "grid.csv", "tables/postal_2016/summary.csv", "study.gpkg"} <= set(compared)


def test_verify_names_a_difference_in_another_year(fresh: Path):
    out = fresh.parent / "out"
    run(load_spec(fresh), out=out)
    frame = pyogrio.read_dataframe(out / "study.gpkg", layer="postal_2016_low_income_residents")
    frame["value"] += 1
    pyogrio.write_dataframe(frame, out / "study.gpkg", layer="postal_2016_low_income_residents")
    with (fresh.parent / "lake.geojson").open("a") as file:
        file.write("\n")
    with pytest.raises(OutputError, match=r"input lake\.geojson has changed"):
        verify(out)
    (fresh.parent / "lake.geojson").write_text((fresh.parent / "lake.geojson").read_text()[:-1])
    with pytest.raises(OutputError, match=r"layer postal_2016_low_income_residents differs in value"):
        verify(out)


@pytest.mark.usefixtures("study")
def test_the_map_of_all_of_it_is_redrawn_from_the_geopackage_alone(folder: Path, tmp_path: Path):
    again = redraw(folder / "out" / "study.gpkg", out=tmp_path / "map.html")
    assert again.read_bytes() == (folder / "out" / "map.html").read_bytes()


def test_check_tells_of_every_part(fresh: Path):
    report = check(load_spec(fresh))
    assert [(one.level, one.year, one.areas) for one in (report, *report.others)] == [
        ("postal", "2018", 36),
        ("postal", "2016", 36),
        ("grid", "", 36),
    ]
    assert report.as_dict()["others"][1]["indicators"] == ["low_income_residents"]
    assert " postal 2016: 36 areas, 1 indicators" in str(report)


def test_other_years_and_areas_change_no_number_of_the_study(study: Study, fresh: Path):
    text = fresh.read_text()
    older = text.index('[[tables]]\npath = "table_2016.csv"')
    alone = text[:older] + text[text.index('[[tables]]\npath = "work.csv"') : text.index("[map]")]
    fresh.write_text(alone)
    found = run(load_spec(fresh)).findings
    for code, frame in study.findings.results.items():
        pd.testing.assert_frame_equal(found.results[code], frame)
    np.testing.assert_array_equal(found.summary["median"], study.findings.summary["median"])


def test_water_without_names_of_many_broken_parts_and_heights_is_drawn_as_it_can_be(
    tmp_path: Path, study: Study
):
    bowtie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    high = shapely.force_3d(shapely.box(20, 0, 30, 10), 5.0)
    two = shapely.multipolygons([shapely.box(40, 0, 50, 10), shapely.box(60, 0, 70, 10)])
    shapes = [translate(one, 231_000, 7_001_000) for one in (bowtie, two, high)]
    assert shapes[2].has_z
    gpd.GeoDataFrame({"depth": [1.5, 2, 3]}, geometry=shapes, crs="EPSG:3067").to_file(
        tmp_path / "lakes.gpkg"
    )
    found = clip_context(
        read_context(tmp_path / "lakes.gpkg", kind="water"), study.areas, tmp_path / "lakes.gpkg"
    )
    assert list(found["name"]) == ["", "", ""]
    # Half a bowtie of 10 m by 10 m on each side of its knot: two triangles of 25 m2.
    assert list(found.geom_type) == ["MultiPolygon", "MultiPolygon", "Polygon"]
    assert list(found.area) == pytest.approx([50, 200, 100])
    assert not found.has_z.any()


def test_names_that_have_lost_letters_are_left_out_and_counted(tmp_path: Path, study: Study):
    path = tmp_path / "kunnat.gpkg"
    names = {"kunta": ["186", "905"], "NIMI": ["J\x1arvenp\x1a\x1a", "Vaasa"]}
    gpd.GeoDataFrame(names, geometry=[study.areas.union_all()] * 2, crs="EPSG:3067").to_file(path)
    found = clip_context(read_context(path, kind="border"), study.areas, path)
    assert list(found["name"]) == ["", "Vaasa"]
    assert "1 names of kunnat.gpkg have lost letters and are left out." in found.attrs["notes"]


def test_areas_with_tables_of_one_year_say_it_where_the_study_has_several(fresh: Path):
    text = fresh.read_text()
    fresh.write_text(text.replace('path = "grid.csv"', 'path = "grid.csv"\nyear = 2018'))
    assert [one.year for one in check(load_spec(fresh)).others] == ["2016", "2018"]


def test_the_command_line_names_the_parts(fresh: Path, tmp_path: Path, capsys):
    assert main(["run", str(fresh), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    told = capsys.readouterr().out
    assert "Also postal 2016: 36 areas, 1 indicators.\nAlso grid: 36 areas, 1 indicators.\n" in told
    assert main(["check", str(fresh), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["level"], answer["year"], len(answer["others"])) == ("postal", "2018", 2)
