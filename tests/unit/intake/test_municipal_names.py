"""Names of municipalities: from the file of their borders, in as many languages as it has."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from lea_geo.intake.municipal_names import read_municipal_names
from lea_geo.schema import Text


def write(path: Path, **columns: list[str]) -> Path:
    n = len(next(iter(columns.values())))
    squares = [shapely.box(k, 0, k + 1, 1) for k in range(n)]
    gpd.GeoDataFrame(columns, geometry=squares, crs="EPSG:3067").to_file(path)
    return path


def test_names_are_read_in_the_languages_that_there_are(tmp_path: Path):
    path = write(tmp_path / "k.gpkg", kunta=["049", "5"], nimi=["Espoo", "Alajärvi"], namn=["Esbo", ""])
    assert read_municipal_names(path) == {
        "049": Text("Espoo", "Esbo", "Espoo"),
        "005": Text("Alajärvi", "Alajärvi", "Alajärvi"),
    }


def test_a_name_that_has_lost_letters_is_no_name(tmp_path: Path):
    path = write(
        tmp_path / "k.gpkg",
        kunta=["005", "009", "106"],
        nimi=["Alaj\x1arvi", "Alavieska", "Hyvink\x1a\x1a"],
        namn=["Alaj\x1arvi", "Alavieska", "Hyvinge"],
    )
    assert read_municipal_names(path) == {
        "009": Text("Alavieska", "Alavieska", "Alavieska"),
        "106": Text("Hyvinge", "Hyvinge", "Hyvinge"),
    }


def test_a_column_of_codes_can_be_named(tmp_path: Path):
    path = write(tmp_path / "k.gpkg", koodi=["049"], NAMEFIN=["Espoo"])
    assert read_municipal_names(path) == {}
    assert read_municipal_names(path, code="koodi")["049"].fi == "Espoo"


@pytest.mark.parametrize(
    "columns", [{"kunta": ["049"]}, {"nimi": ["Espoo"]}, {"kunta": ["x"], "nimi": ["y"]}]
)
def test_without_codes_or_names_there_are_none(tmp_path: Path, columns: dict[str, list[str]]):
    assert read_municipal_names(write(tmp_path / "k.gpkg", **columns)) == {}


def test_what_is_no_file_of_municipalities_names_nobody(tmp_path: Path):
    assert read_municipal_names(tmp_path / "none.gpkg") == {}
    (tmp_path / "text.gpkg").write_text("no database", encoding="utf-8")
    assert read_municipal_names(tmp_path / "text.gpkg") == {}


@pytest.mark.real
@pytest.mark.parametrize("name", ["kunta_2021_mml_with_sea.gpkg", "kunta_2019_1000k.gpkg"])
def test_real_files_of_municipalities_name_them(finland: Path, name: str):
    """In the file of 2019 every å, ä and ö has become 0x1A: many names are lost, and Espoo's is not."""
    rows = pyogrio.read_dataframe(finland / name, read_geometry=False)
    rows = rows.filter(regex="(?i)^(kunta|natcode|nimi|namn|name|namefin|nameswe)$")
    whole = rows[(~rows.iloc[:, 1:].apply(lambda column: column.str.contains("\x1a"))).any(axis=1)]
    found = read_municipal_names(finland / name)
    assert set(found) == set(whole.iloc[:, 0])
    assert (found["049"].fi, found["049"].sv) == ("Espoo", "Esbo")
