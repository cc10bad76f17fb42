"""Real areas of several years: what became of them, held against plain shapely and against known facts."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import lea_geo as lea
from lea_geo.intake.vintages.change import SLIVER, ChangeTable
from lea_geo.intake.vintages.ground import wide_area

pytestmark = pytest.mark.real
YEARS = (2015, 2018, 2019)


@pytest.fixture(scope="module")
def areas(finland: Path) -> dict[int, gpd.GeoDataFrame]:
    return {
        year: lea.read_areas(finland / f"postal_areas_{year}.gpkg", area_id="postinumeroalue")
        for year in YEARS
    }


@pytest.fixture(scope="module")
def changes(areas) -> dict[int, ChangeTable]:
    """Year to what became of its areas by the next of the years."""
    return dict(zip(YEARS, lea.lifetimes(areas).changes, strict=False))


def shares(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame, before: str, after: str) -> tuple[float, float]:
    """What two areas have in common, as a share of either: shapely and nothing else."""
    a, b = one.geometry.loc[before], other.geometry.loc[after]
    common = shapely.area(shapely.intersection(a, b))
    return common / shapely.area(a), common / shapely.area(b)


def kinds(change: ChangeTable, *codes: str) -> dict[tuple[str, str], str]:
    rows = change.table[change.table["before"].isin(codes) | change.table["after"].isin(codes)]
    return {(row.before, row.after): row.kind for row in rows.itertuples()}


def test_between_2018_and_2019_four_codes_went_and_none_came(changes):
    assert changes[2018].gone == ("14330", "14370", "16980", "90420")
    assert changes[2018].new == ()


def test_what_2015_and_2018_do_not_share_is_what_their_files_do_not_share(areas, changes):
    before, after = set(areas[2015].index), set(areas[2018].index)
    # 3035 and 3030 areas: 13 codes went and 8 came.
    assert (len(before), len(after)) == (3035, 3030)
    assert set(changes[2015].gone) == before - after
    assert set(changes[2015].new) == after - before
    assert (len(changes[2015].gone), len(changes[2015].new)) == (13, 8)


def test_renko_took_two_villages_in(areas, changes):
    # Looked at on a map: in 2018 14330 and 14370 are holes and bays of 14300, which in 2019 is one piece.
    found = changes[2018]
    links = [("14300", "14300"), ("14330", "14300"), ("14370", "14300")]
    assert kinds(found, "14300", "14330", "14370") == dict.fromkeys(links, "merged")
    table = found.table.set_index(["before", "after"])
    for link in links:
        own = table.loc[link, ["share_area_before", "share_area_after"]]
        assert own.tolist() == pytest.approx(shares(areas[2018], areas[2019], *link), rel=1e-9)
        assert own["share_area_before"] > 0.9999
    # 327.4, 0.5 and 7.1 of 335.0 km2.
    assert table.loc[links, "share_area_after"].sum() == pytest.approx(1.0, abs=1e-4)
    assert table.loc[links, "area"].div(1e6).round(1).tolist() == [327.4, 0.5, 7.1]


def test_an_area_of_kirkkonummi_was_split_and_its_code_stayed_with_the_smaller_part(areas, changes):
    # Looked at on a map: 02450 keeps its north-western corner and an island, and 02390 takes the rest.
    found = changes[2015].table.set_index(["before", "after"])
    links = [("02450", "02390"), ("02450", "02450")]
    assert found.loc[links, "kind"].tolist() == ["split", "split"]
    for link in links:
        own = found.loc[link, ["share_area_before", "share_area_after"]]
        assert own.tolist() == pytest.approx(shares(areas[2015], areas[2018], *link), rel=1e-9)
    assert found.loc[links, "share_area_before"].round(2).tolist() == [0.74, 0.25]


def test_the_other_way_round_every_split_is_a_merger(areas, changes):
    back = lea.change_table(areas[2019], areas[2018])
    turned = {"merged": "split", "split": "merged"}
    expected = changes[2018].table.assign(kind=changes[2018].table["kind"].replace(turned))
    expected = expected.set_axis(
        ["after", "before", "kind", "area", "share_area_after", "share_area_before"], axis=1
    )[list(back.table.columns)].sort_values(["before", "after"], ignore_index=True)
    pd.testing.assert_frame_equal(back.table, expected, rtol=1e-9)


def test_borders_that_are_simplified_in_two_ways_are_unchanged(finland):
    # The null: the full borders of 2026, once simplified to a third of their vertices and once to a fifth.
    path = finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg"
    full = lea.read_areas(path, area_id="postinumeroalue", crs="EPSG:3067")[["geometry"]]
    vertices = shapely.get_num_coordinates(full.geometry.to_numpy()).sum()
    versions = [
        full.set_geometry(shapely.coverage_simplify(full.geometry.to_numpy(), metres), crs=full.crs)
        for metres in (40, 130)
    ]
    left = [shapely.get_num_coordinates(one.geometry.to_numpy()).sum() / vertices for one in versions]
    assert left == pytest.approx([0.35, 0.21], abs=0.02)
    change = lea.change_table(*versions)
    assert change.summary["unchanged"] == len(change.table) == 330
    # And the tolerance is what says so: of the pieces that changed hands 99 in 100 are slivers by it.
    one, other = (version.geometry.to_numpy() for version in versions)
    row, column = shapely.STRtree(other).query(one, predicate="intersects")
    pieces = shapely.get_parts(shapely.intersection(one[row], other[column])[row != column])
    pieces = pieces[shapely.area(pieces) > 1]
    assert len(pieces) > 1000
    assert (wide_area(pieces, SLIVER) > 0).mean() < 0.01


def test_two_municipalities_were_merged_between_2019_and_2021_and_the_sea_came_in(finland):
    """Valtimo (911) joined Nurmes (541) in 2020 and Honkajoki (099) Kankaanpää (214) in 2021."""
    before = lea.read_areas(finland / "kunta_2019_1000k.gpkg", area_id="kunta", id_scheme="municipality")
    after = lea.read_areas(
        finland / "kunta_2021_mml_with_sea.gpkg", area_id="NATCODE", id_scheme="municipality"
    )
    change = lea.change_table(before, after, tolerance=500)
    assert (len(before), len(after), change.gone, change.new) == (311, 309, ("099", "911"), ())
    merged = change.table[change.table["kind"] == "merged"]
    assert list(merged[["before", "after"]].itertuples(index=False, name=None)) == [
        ("099", "214"),
        ("214", "214"),
        ("541", "541"),
        ("911", "541"),
    ]
    # The sea belongs to municipalities of 2021, whose file says how much it is, and to none of 2019.
    sea = change.table[change.table["kind"] == "appeared"]
    assert sea["area"].sum() / 1e6 == pytest.approx(after["SEAWAREA"].sum(), rel=0.03)
    rest = change.table[~change.table["kind"].isin(["merged", "appeared"])]
    assert (rest["before"] == rest["after"]).mean() > 0.98
