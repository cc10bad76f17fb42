"""Regions: the four of LEA, the country, or any list of municipalities."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import AreasError, UsageError
from lea_geo.intake.regions import MUNICIPALITIES, REGIONS, resolve_region, select_region
from lea_geo.spec import REGION_NAMES


def cells(*municipalities: str) -> gpd.GeoDataFrame:
    index = pd.Index([f"a{k}" for k in range(len(municipalities))], name="area_id", dtype=str)
    squares = [box(k, 0, k + 1, 1) for k in range(len(municipalities))]
    return gpd.GeoDataFrame(
        {"municipality": list(municipalities)}, index=index, geometry=squares, crs="EPSG:3067"
    )


def test_a_study_knows_the_same_regions():
    assert set(REGIONS) == set(REGION_NAMES)


def test_every_municipality_of_a_region_has_its_names():
    assert {code for codes in REGIONS.values() for code in codes} == set(MUNICIPALITIES)


def test_a_region_is_its_municipalities():
    assert resolve_region("vaasa-laihia") == ("905", "399")
    assert resolve_region("tampere-ylojarvi") == ("837", "980")
    assert resolve_region("finland") == ()
    assert resolve_region(["049", "092", "049"]) == ("049", "092")


def test_an_unknown_region_names_the_nearest():
    with pytest.raises(UsageError, match=r"region is 'vaasa-laiha'.*Did you mean 'vaasa-laihia'\?"):
        resolve_region("vaasa-laiha")


def test_a_code_alone_is_asked_for_as_a_list():
    with pytest.raises(UsageError, match=r"give codes as a list: \['092'\]"):
        resolve_region("092")


@pytest.mark.parametrize("codes", [[92], ["92"], ["Vantaa"], []])
def test_codes_are_text_of_three_digits(codes: list[object]):
    with pytest.raises(UsageError, match='a code is text of three digits, like "092"'):
        resolve_region(codes)


def test_areas_are_chosen_by_their_municipality_in_their_order():
    areas = cells("399", "092", "905", "399")
    chosen = select_region(areas, "vaasa-laihia")
    assert chosen.index.to_list() == ["a0", "a2", "a3"]
    assert chosen.attrs["notes"] == ["3 of 4 areas lie in the municipalities 905, 399."]
    assert "notes" not in areas.attrs


def test_names_and_codes_without_zeros_are_understood():
    chosen = select_region(cells("Vantaa", "Vanda", "92", "Helsinki"), "vantaa")
    assert chosen["municipality"].to_list() == ["092", "092", "092"]


def test_the_whole_country_is_every_area():
    assert len(select_region(cells("399", "092"), "finland")) == 2
    bare = cells("399", "092").drop(columns="municipality")
    assert select_region(bare, "finland") is bare


def test_a_municipality_without_areas_is_named():
    with pytest.raises(
        AreasError, match=r"municipalities without areas: 1 of 2 \(399 Laihia\)\. The areas are of: 905"
    ):
        select_region(cells("905", "905"), "vaasa-laihia")


def test_areas_that_do_not_know_their_municipality_need_polygons():
    with pytest.raises(AreasError, match=r"the areas have no column 'municipality'\. .*within="):
        select_region(cells("905").drop(columns="municipality"), "vantaa")


def test_cells_are_where_their_centre_is():
    areas = cells("", "", "", "").drop(columns="municipality")
    # Vantaa covers the first cell, 60 % of the second and 40 % of the third.
    land = gpd.GeoDataFrame(geometry=[box(0, 0, 1.6, 1), box(1.6, 0, 3, 1)], index=[92, 49], crs="EPSG:3067")
    chosen = select_region(areas, "vantaa", within=land)
    assert chosen.index.to_list() == ["a0", "a1"]
    assert set(chosen["municipality"]) == {"092"}


def test_a_centre_on_a_border_belongs_to_the_smaller_code_and_is_reported():
    land = gpd.GeoDataFrame(
        geometry=[box(0, 0, 0.5, 1), box(0.5, 0, 1, 1)], index=["092", "049"], crs="EPSG:3067"
    )
    chosen = select_region(cells(""), ["049"], within=land)
    assert chosen.index.to_list() == ["a0"]
    assert chosen.attrs["notes"][0].startswith("1 areas have their inner point on a municipal border")


def test_polygons_of_another_crs_choose_the_same_areas_and_the_step_is_told():
    areas = cells("", "", "", "").set_geometry(
        [box(385_000 + 100 * k, 6_675_000, 385_100 + 100 * k, 6_675_100) for k in range(4)], crs="EPSG:3067"
    )
    bounds = [box(384_990, 6_674_990, 385_160, 6_675_110), box(385_160, 6_674_990, 385_410, 6_675_110)]
    land = gpd.GeoDataFrame(geometry=bounds, index=["092", "049"], crs="EPSG:3067")
    here = select_region(areas, "vantaa", within=land)
    there = select_region(areas, "vantaa", within=land.to_crs("EPSG:3879"))
    assert there.index.to_list() == here.index.to_list() == ["a0", "a1"]
    told = "Municipalities were brought from ETRS89 / GK25FIN to ETRS89 / TM35FIN(E,N)."
    assert told in there.attrs["notes"]
    assert told not in here.attrs["notes"]


def test_polygons_without_a_crs_are_refused():
    land = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], index=["092"])
    with pytest.raises(AreasError, match="the municipal polygons state no CRS"):
        select_region(cells(""), "vantaa", within=land)


@pytest.mark.real
@pytest.mark.parametrize(("region", "counts"), [("tampere-ylojarvi", (36, 19)), ("vantaa", (37,))])
def test_regions_of_2026_have_the_areas_that_the_manifest_counts(
    finland: Path, region: str, counts: tuple[int, ...]
):
    path = finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg"
    areas = gpd.read_file(path, columns=["postinumeroalue", "kunta"]).set_index("postinumeroalue")
    found = select_region(areas, region, municipality="kunta")["municipality"].value_counts()
    assert tuple(found[list(REGIONS[region])]) == counts


@pytest.mark.real
def test_vantaa_has_1539_grid_cells(finland: Path):
    grid = gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg", columns=["INDEX"])
    grid = grid.set_index(grid["INDEX"].astype(str))
    land = gpd.read_file(finland / "kunta_2019_1000k.gpkg").set_index("kunta")
    chosen = select_region(grid, "vantaa", within=land)
    assert len(chosen) == 1539
    # People without coordinates are put into the sea, and the sea is no part of Vantaa.
    assert "27699" not in chosen.index
    assert any("were brought from" in note for note in chosen.attrs["notes"])


@pytest.mark.real
def test_paavo_of_2018_has_areas_for_every_region(finland: Path):
    table = lea.read_indicators(finland / "paavo_2018_whole_country.csv", area_id="postinumero")
    municipalities = set(table.attributes["municipality"])
    assert {code for codes in REGIONS.values() for code in codes} <= municipalities
