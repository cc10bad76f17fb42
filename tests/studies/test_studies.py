"""The real studies of this folder run, lose no area, and say what is odd in their data."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio

from lea_geo.cli import main
from lea_geo.export.geopackage import read_geopackage

HERE = Path(__file__).parent
Output = Callable[[str], Path]

# Areas of 2018: counted here from kuntano in paavo_2018_whole_country.csv. Of 2026: data/finland/MANIFEST.md.
# Wide: Paavo of 2026 puts 37 of the areas of 2018 in Vantaa, 01490 Nikinmäki too, which was in Sipoo then.
# Grid: the centres of 1539 of the 5784 cells lie in Vantaa, as MANIFEST.md says too.
AREAS = {
    "vaasa-laihia": 15 + 5,
    "tampere-ylojarvi": 34 + 19,
    "vantaa": 36,
    "pori": 32,
    "finland": 3030,
    "vantaa_2026": 37,
    "tampere-ylojarvi_2026": 36 + 19,
    "vantaa_grid": 1539,
    "vantaa_wide": 37,
}

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def output(finland: Path, tmp_path_factory) -> Output:
    """Give the output of a study, which is run when a test first asks for it."""
    folder = tmp_path_factory.mktemp("studies")

    @cache
    def run(name: str) -> Path:
        command = ["run", str(HERE / f"{name}.toml"), "--data", str(finland), "--out", str(folder / name)]
        told = io.StringIO()
        with redirect_stdout(told):
            assert main(command) == 0
        (folder / f"{name}.txt").write_text(told.getvalue(), encoding="utf-8")
        return folder / name

    return run


def test_every_study_of_the_folder_is_run():
    # Those of chapters are run by test_chapters.py.
    assert {one.stem for one in HERE.glob("*.toml") if not one.stem.endswith("_chapters")} == set(AREAS)


@pytest.mark.parametrize("name", AREAS)
def test_a_real_study_runs_and_loses_no_area(name: str, output: Output):
    out = output(name)
    told = out.with_name(f"{name}.txt").read_text(encoding="utf-8")
    assert f"{AREAS[name]} areas, " in told
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    for written in ("map.html", "study.gpkg", "report.html"):
        assert written in manifest["outputs"]
        assert str(out / written) in told
    findings = read_geopackage(out / "study.gpkg")
    assert len(findings.areas) == AREAS[name]
    assert all(len(frame) == AREAS[name] for frame in findings.results.values())
    assert (findings.areas[["name_fi", "municipality"]] != "").all(axis=None) or name == "vantaa_grid"


@pytest.mark.parametrize("name", ["vaasa-laihia", "tampere-ylojarvi", "vantaa", "pori"])
def test_the_areas_are_exactly_those_that_the_table_puts_in_the_region(
    name: str, output: Output, finland: Path
):
    codes = {
        "vaasa-laihia": {"905", "399"},
        "tampere-ylojarvi": {"837", "980"},
        "vantaa": {"092"},
        "pori": {"609"},
    }
    with (finland / "paavo_2018_whole_country.csv").open(encoding="utf-8") as file:
        expected = {row["postinumero"] for row in csv.DictReader(file) if row["kuntano"] in codes[name]}
    assert set(read_geopackage(output(name) / "study.gpkg").areas.index) == expected


def test_areas_without_residents_are_no_zeros_and_hidden_households_are_suppressed(output: Output):
    """MANIFEST.md on 2026: 01770 Vantaa has no residents; 01720 hides its households, and shows incomes."""
    results = read_geopackage(output("vantaa_2026") / "study.gpkg").results
    empty = results["low_income_residents"].loc["01770"]
    assert empty["status"] in {"suppressed", "not_applicable"}
    assert empty["local_moran_label"] == "Undefined"
    assert results["families_with_children"].loc["01720", "status"] == "suppressed"
    assert results["low_income_residents"].loc["01720", "status"] == "observed"


def test_the_archipelago_of_vaasa_is_connected(output: Output):
    graph = read_geopackage(output("vaasa-laihia") / "study.gpkg").settings["graph_summary"]
    assert (graph["components"], graph["isolates"]) == (1, [])


def test_the_offshore_cell_of_the_grid_is_reported_as_an_outlier(output: Output):
    """MANIFEST.md: cell 27699 lies in the sea and holds 30-36 thousand people without coordinates."""
    findings = read_geopackage(output("vantaa_grid") / "study.gpkg")
    assert any("27699, more than 5 times the next largest" in note for note in findings.notes)
    assert "27699" not in findings.areas.index
    assert all(cell.isdigit() for cell in findings.areas.index)


def test_a_published_grid_is_a_raster_although_its_corners_are_some_mm_off(output: Output):
    with rasterio.open(output("vantaa_grid") / "grids" / "residents_value.tif") as raster:
        assert (raster.crs, raster.res) == ("EPSG:3879", (250, 250))
        assert int(np.isfinite(raster.read(1, masked=True).filled(np.nan)).sum()) == AREAS["vantaa_grid"]


def test_hidden_ages_of_the_grid_are_suppressed(output: Output, finland: Path):
    cells = pyogrio.read_dataframe(finland / "hsy_population_grid_250m_2015.gpkg", read_geometry=False)
    few = {str(int(i)) for i in cells.loc[cells["ASUKKAITA"] < 100, "INDEX"]}
    findings = read_geopackage(output("vantaa_grid") / "study.gpkg")
    children = next(frame for code, frame in findings.results.items() if "children" in code or "age" in code)
    inside = [cell for cell in findings.areas.index if cell in few]
    assert inside
    assert set(children.loc[inside, "status"]) == {"suppressed"}


def test_two_editions_a_grid_in_another_crs_lakes_and_borders_make_one_study(output: Output):
    findings = read_geopackage(output("vantaa_wide") / "study.gpkg")
    then, cells = findings.others
    assert (findings.year, then.year, cells.year) == ("2026", "2018", "2015")
    assert then.areas is findings.areas
    # Nobody counted Nikinmäki to Vantaa in 2018, but Paavo gives its figures all the same.
    assert then.results["unemployment"].loc["01490", "status"] == "observed"
    assert (cells.areas.crs, len(cells.areas)) == ("EPSG:3879", 1539)
    assert findings.context.crs == findings.areas.crs
    kinds = findings.context.groupby("kind")["name"].agg(set)
    assert {"Vantaa", "Helsinki", "Sipoo"} <= kinds["border"]
    assert kinds["water"] == {""}
    assert any("names of kunta_2019_1000k.gpkg have lost letters" in note for note in findings.notes)


def test_a_real_study_is_verified(output: Output, finland: Path, capsys):
    assert main(["verify", str(output("pori")), "--data", str(finland)]) == 0
    assert "is reproduced" in capsys.readouterr().out
