"""A municipality that the package does not know has its name from the file of borders that a study draws."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import lea_geo as lea
from lea_geo._sheets import municipal_names
from lea_geo.maps.payload import build_payload
from lea_geo.report import write_report
from lea_geo.schema import MUNICIPALITY_NAMES, Text
from lea_geo.spec import load_spec
from lea_geo.study import Study, run


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, mini_study: Callable[[Path], Path]) -> Study:
    folder = tmp_path_factory.mktemp("espoo")
    path = mini_study(folder / "data")
    table = path.parent / "table.csv"
    table.write_text(table.read_text("utf-8").replace(",905,", ",049,"), encoding="utf-8")
    towns = {"kunta": ["049", "399"], "nimi": ["Espoo", "Laihia <b>"], "namn": ["Esbo", "Laihela"]}
    shapes = [
        shapely.box(229_000, 6_999_000, 237_000, 7_007_000),
        shapely.box(229_000, 7_007_000, 237_000, 7_011_000),
    ]
    gpd.GeoDataFrame(towns, geometry=shapes, crs="EPSG:3067").to_file(path.parent / "kunnat.gpkg")
    text = path.read_text("utf-8").replace('["905"]', '["049", "399"]')
    path.write_text(text + '\n[map]\nborders = "kunnat.gpkg"\n', encoding="utf-8")
    return run(load_spec(path), out=folder / "out")


def test_the_name_comes_with_the_study(study: Study):
    # Laihia is known to the package: what a file calls it changes nothing.
    assert study.findings.settings[MUNICIPALITY_NAMES] == {
        "049": {"fi": "Espoo", "sv": "Esbo", "en": "Espoo"}
    }


def test_report_and_map_say_the_name_and_not_the_code(study: Study, tmp_path: Path):
    write_report(study.findings, tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text("utf-8")
    assert "Esbo" in report
    assert "kunta 049" not in report
    assert MUNICIPALITY_NAMES not in report


def test_a_map_drawn_from_the_geopackage_knows_it_too(study: Study, tmp_path: Path):
    lea.write_geopackage(study.findings, tmp_path / "study.gpkg")
    again = lea.read_geopackage(tmp_path / "study.gpkg")
    assert municipal_names(again)["municipality.049"] == Text("Espoo", "Esbo", "Espoo")
    assert build_payload(again, language="fi", version="1")["texts"]["municipality.049"]["sv"] == "Esbo"


@pytest.mark.parametrize("odd", ["Espoo", ["049"], {"049": "Espoo"}, {"049": {"fi": "Espoo"}}, None])
def test_what_is_no_name_is_passed_over(study: Study, odd: object):
    settings = {**study.findings.settings, MUNICIPALITY_NAMES: odd}
    assert municipal_names(replace(study.findings, settings=json.loads(json.dumps(settings)))) == {}
