"""Whatever is wrong with a study's data, one message says all of it and nothing is written."""

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from wide_study import widen

from lea_geo.cli import main

Damage = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path, mini_study) -> Path:
    mini_study(tmp_path)
    return tmp_path


def told_by_run(folder: Path, capsys, study: str = "mini.toml") -> str:
    """Run the study, which must be refused, and return what stderr says."""
    before = sorted(folder.iterdir())
    assert main(["run", str(folder / study), "--out", str(folder / "out")]) == 1
    assert sorted(folder.iterdir()) == before, "nothing was written"
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert "bug in lea_geo" not in told.err
    return str(told.err)


def edit(name: str, *changes: tuple[str, str]) -> Damage:
    def damage(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")

    return damage


def replace_areas(change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Damage:
    def damage(folder: Path) -> None:
        areas = change(gpd.read_file(folder / "areas.geojson"))
        areas.to_parquet(folder / "areas.parquet")
        edit("mini.toml", ("areas.geojson", "areas.parquet"))(folder)

    return damage


def cut_short(name: str) -> Damage:
    def damage(folder: Path) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])

    return damage


def overlapping_tables(folder: Path) -> None:
    (folder / "again.csv").write_bytes((folder / "table.csv").read_bytes())
    more = '[[tables]]\npath = "again.csv"\narea_id = "postinumero"\n\n[spatial]'
    edit("mini.toml", ("[spatial]", more))(folder)


def own_catalogue(folder: Path) -> None:
    (folder / "own.toml").write_text("[catalogue]\n", encoding="utf-8")
    edit("mini.toml", ("synthetic = true", 'synthetic = true\ncatalogue = "own.toml"'))(folder)


DAMAGES: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "areas without a CRS": (
        replace_areas(lambda areas: areas.set_crs(None, allow_override=True)),
        ("areas.parquet", "no coordinate reference system is stated"),
    ),
    "areas twice": (edit("areas.geojson", ("65101", "65100")), ("areas.geojson", "duplicate", "65100")),
    "areas and rows twice": (
        lambda folder: [edit(name, ("65101", "65100"))(folder) for name in ("areas.geojson", "table.csv")],
        ("The data of the study cannot be used:", "areas.geojson", "table.csv", "65100"),
    ),
    "a column of ids that is not there": (
        edit("mini.toml", ('"postinumeroalue"', '"posti"')),
        ("posti", "postinumeroalue"),
    ),
    "a table of other areas": (
        edit(
            "table.csv",
            *((f"\n{n}", f"\n{n - 60000:05d}") for n in (*range(65100, 65136), *range(66400, 66404))),
        ),
        ("no id of the table is an id of the areas",),
    ),
    "a region that is elsewhere": (edit("mini.toml", ('"905"', '"091"')), ("091",)),
    "a table without municipalities": (
        edit("table.csv", ("kunta", "seutu")),
        ("no area knows its municipality",),
    ),
    "indicators that nobody knows": (
        edit("mini.toml", ('"low_income_residents"', '"low_incomes"')),
        ("the catalogue does not hold", "low_incomes", "low_income_residents"),
    ),
    "indicators without fields": (
        edit("mini.toml", ('"low_income_residents"', '"rental_housing"')),
        ("no fields for", "rental_housing"),
    ),
    "two tables with the same indicators": (
        overlapping_tables,
        ("more than one table", "low_income_residents"),
    ),
    "names in columns that are not there": (
        edit("mini.toml", ("[[tables]]", 'name = { fi = "nimi", sv = "namn", en = "name" }\n\n[[tables]]')),
        ("the file lacks", "nimi, namn, name"),
    ),
    "a catalogue that says nothing": (own_catalogue, ("own.toml",)),
    "half a GeoJSON": (cut_short("areas.geojson"), ("areas.geojson",)),
    "a numerator beyond its denominator": (edit("table.csv", (",100,20", ",10,20")), ("table.csv",)),
    "too few permutations": (
        edit("mini.toml", ("seed = 7", 'seed = 7\nmethod = "permutation"\npermutations = 99')),
        ("99 permutations cannot label",),
    ),
    "more neighbours than areas": (
        edit("mini.toml", ('graph = "queen"', 'graph = "knn"\nk = 40')),
        ("k is 40",),
    ),
    "an unknown source": (
        edit("mini.toml", ('area_id = "postinumero"\n', 'area_id = "postinumero"\nsource = "paavoo"\n')),
        ("source is 'paavoo'",),
    ),
}


@pytest.fixture
def wide(tmp_path: Path, mini_study) -> Path:
    return widen(mini_study(tmp_path / "wide"))


WIDE_DAMAGES: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "the same year twice": (
        edit("wide.toml", ("year = 2016", "year = 2018"), ("table_2016.csv", "table.csv")),
        ("more than one table yields", "low_income_residents", "give each table its year"),
    ),
    "one of two tables without a year": (
        edit("wide.toml", ("year = 2016", "")),
        ("more than one table yields", "low_income_residents"),
    ),
    "a year that the table does not hold": (
        edit("wide.toml", ("year = 2016", "year = 2017")),
        ("table_2016.csv", "the table has no year 2017. It has 2016"),
    ),
    "water elsewhere": (
        edit(
            "lake.geojson",
            ("220000, 7001000", "820000, 7001000"),
            ("233500, 7001000", "833500, 7001000"),
            ("233500, 7002500", "833500, 7002500"),
            ("220000, 7002500", "820000, 7002500"),
        ),
        ("lake.geojson cannot be drawn as water:", "nothing in it is near the areas of the study"),
    ),
    "borders that are lines": (
        edit(
            "borders.geojson",
            ('"Polygon", "coordinates": [[', '"LineString", "coordinates": ['),
            ("]]]}", "]]}"),
        ),
        ("borders.geojson cannot be drawn as border:", "shapes that are no polygons but LineString: 1 of 1"),
    ),
    "half a file of water": (cut_short("lake.geojson"), ("lake.geojson cannot be drawn as water",)),
    "cells with ids that are no cells": (
        edit("grid.geojson", ("1kmN7000E0230", "1kmN7000E023")),
        ("grid.geojson", "1kmN7000E023"),
    ),
    "cells with an indicator that nobody knows": (
        edit("wide.toml", ('indicators = ["low_income_residents"]', 'indicators = ["low_incomes"]')),
        ("the catalogue does not hold", "low_incomes"),
    ),
    "cells of which none is in the region": (
        edit("grid.csv", (",905,", ",399,")),
        ("905",),
    ),
}


@pytest.mark.parametrize("what", WIDE_DAMAGES)
def test_bad_years_other_areas_and_context_are_refused_with_the_reason(what: str, wide: Path, capsys):
    damage, parts = WIDE_DAMAGES[what]
    damage(wide.parent)
    told = told_by_run(wide.parent, capsys, "wide.toml")
    for part in parts:
        assert part in told


def test_what_is_wrong_with_every_kind_of_areas_is_said_at_once(wide: Path, capsys):
    edit("table_2016.csv", ("65103", "65102"))(wide.parent)
    edit("grid.csv", ("1kmN7000E0231", "1kmN7000E0230"))(wide.parent)
    cut_short("lake.geojson")(wide.parent)
    told = told_by_run(wide.parent, capsys, "wide.toml")
    for part in ("65102", "1kmN7000E0230", "lake.geojson cannot be drawn as water"):
        assert part in told


def test_a_file_of_several_layers_is_no_water(wide: Path, capsys):
    lake = gpd.read_file(wide.parent / "lake.geojson")
    for layer in ("lakes", "rivers"):
        lake.to_file(wide.parent / "lake.gpkg", layer=layer)
    edit("wide.toml", ("lake.geojson", "lake.gpkg"))(wide.parent)
    told = told_by_run(wide.parent, capsys, "wide.toml")
    assert "it has several layers: lakes, rivers. Save the one to draw as a file of its own." in told


@pytest.mark.parametrize("what", DAMAGES)
def test_bad_data_are_refused_with_the_reason(what: str, folder: Path, capsys):
    damage, parts = DAMAGES[what]
    damage(folder)
    told = told_by_run(folder, capsys)
    for part in parts:
        assert part in told


def test_everything_that_is_wrong_with_several_files_is_said_at_once(folder: Path, capsys):
    edit("areas.geojson", ("65101", "65100"))(folder)
    edit("table.csv", ("65103", "65102"))(folder)
    edit("mini.toml", ('"low_income_residents"', '"low_incomes"'))(folder)
    told = told_by_run(folder, capsys)
    assert told.count("\n  - ") >= 3
    for part in ("65100", "65102", "low_incomes"):
        assert part in told


def test_three_areas_are_reported_and_not_tested(folder: Path):
    areas = json.loads((folder / "areas.geojson").read_text())
    areas["features"] = areas["features"][:3]
    (folder / "areas.geojson").write_text(json.dumps(areas))
    assert main(["run", str(folder / "mini.toml"), "--out", str(folder / "out")]) == 0
    notes = " ".join(json.loads((folder / "out" / "manifest.json").read_text())["notes"])
    assert "Only 3 areas have a value; at least 4 are needed." in notes
    assert "37 rows of the table have no area" in notes


def test_an_output_folder_with_other_things_in_it_is_refused_before_any_work(folder: Path, capsys):
    (folder / "out").mkdir()
    (folder / "out" / "thesis.docx").write_text("five years")
    told = told_by_run(folder, capsys)
    assert "holds something that lea_geo did not write" in told
    assert (folder / "out" / "thesis.docx").read_text() == "five years"


def test_hostile_names_stay_text_from_end_to_end(folder: Path):
    hostile = '</script><script>alert(1)</script>{{ 7 * 7 }}${alert(2)}{% raw %}=HYPERLINK("x")'
    edit("table.csv", ("Alue 65100", '"' + hostile.replace('"', '""') + '"'))(folder)
    edit("mini.toml", ('fi = "Pieni koe"', f"fi = '{hostile}'"))(folder)
    assert main(["run", str(folder / "mini.toml"), "--out", str(folder / "out")]) == 0
    page = (folder / "out" / "map.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "<script>alert(1)" not in (folder / "out" / "report.html").read_text(encoding="utf-8")
    names = gpd.read_file(folder / "out" / "study.gpkg", layer="low_income_residents")
    assert hostile in set(names["name_fi"])
