"""The real studies of this folder run, lose no area, and say what is odd in their data."""

import csv
import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio

from lea_geo.cli import main
from lea_geo.export.geopackage import read_geopackage

HERE = Path(__file__).parent

# Areas of 2018: counted here from kuntano in paavo_2018_whole_country.csv. Of 2026: data/finland/MANIFEST.md.
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
}

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("studies")


def test_every_study_of_the_folder_is_run():
    assert {path.stem for path in HERE.glob("*.toml")} == set(AREAS)


@pytest.mark.parametrize("name", AREAS)
def test_a_real_study_runs_and_loses_no_area(name: str, outputs: Path, finland: Path, capsys):
    out = outputs / name
    assert main(["run", str(HERE / f"{name}.toml"), "--data", str(finland), "--out", str(out)]) == 0
    told = capsys.readouterr().out
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
    name: str, outputs: Path, finland: Path
):
    codes = {
        "vaasa-laihia": {"905", "399"},
        "tampere-ylojarvi": {"837", "980"},
        "vantaa": {"092"},
        "pori": {"609"},
    }
    with (finland / "paavo_2018_whole_country.csv").open(encoding="utf-8") as file:
        expected = {row["postinumero"] for row in csv.DictReader(file) if row["kuntano"] in codes[name]}
    assert set(read_geopackage(outputs / name / "study.gpkg").areas.index) == expected


def test_areas_without_residents_are_no_zeros_and_hidden_households_are_suppressed(outputs: Path):
    """MANIFEST.md on 2026: 01770 Vantaa has no residents; 01720 hides its households, and shows incomes."""
    results = read_geopackage(outputs / "vantaa_2026" / "study.gpkg").results
    empty = results["low_income_residents"].loc["01770"]
    assert empty["status"] in {"suppressed", "not_applicable"}
    assert empty["local_moran_label"] == "Undefined"
    assert results["families_with_children"].loc["01720", "status"] == "suppressed"
    assert results["low_income_residents"].loc["01720", "status"] == "observed"


def test_the_archipelago_of_vaasa_is_connected(outputs: Path):
    graph = read_geopackage(outputs / "vaasa-laihia" / "study.gpkg").settings["graph_summary"]
    assert (graph["components"], graph["isolates"]) == (1, [])


def test_the_offshore_cell_of_the_grid_is_reported_as_an_outlier(outputs: Path):
    """MANIFEST.md: cell 27699 lies in the sea and holds 30-36 thousand people without coordinates."""
    findings = read_geopackage(outputs / "vantaa_grid" / "study.gpkg")
    assert any("27699, more than 5 times the next largest" in note for note in findings.notes)
    assert "27699" not in findings.areas.index
    assert all(cell.isdigit() for cell in findings.areas.index)


def test_a_published_grid_is_a_raster_although_its_corners_are_some_mm_off(outputs: Path):
    with rasterio.open(outputs / "vantaa_grid" / "grids" / "residents_value.tif") as raster:
        assert (raster.crs, raster.res) == ("EPSG:3879", (250, 250))
        assert int(np.isfinite(raster.read(1, masked=True).filled(np.nan)).sum()) == AREAS["vantaa_grid"]


def test_hidden_ages_of_the_grid_are_suppressed(outputs: Path, finland: Path):
    cells = pyogrio.read_dataframe(finland / "hsy_population_grid_250m_2015.gpkg", read_geometry=False)
    few = {str(int(i)) for i in cells.loc[cells["ASUKKAITA"] < 100, "INDEX"]}
    findings = read_geopackage(outputs / "vantaa_grid" / "study.gpkg")
    children = next(frame for code, frame in findings.results.items() if "children" in code or "age" in code)
    inside = [cell for cell in findings.areas.index if cell in few]
    assert inside
    assert set(children.loc[inside, "status"]) == {"suppressed"}


def test_a_real_study_is_verified(outputs: Path, finland: Path, capsys):
    assert main(["verify", str(outputs / "pori"), "--data", str(finland)]) == 0
    assert "is reproduced" in capsys.readouterr().out
