"""What a hurried analyst passes to the public functions by mistake, and what they are told."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

import lea_geo as lea
from lea_geo.errors import CatalogueError, JoinError, OutputError, TableError, UsageError, ValuesError

IDS = pd.Index([f"{i:05d}" for i in range(9)], name="area_id")
VALUES = pd.Series(np.arange(9.0) ** 2, IDS)


@pytest.fixture
def areas():
    corners = [(385_000 + 1000 * (i % 3), 6_675_000 + 1000 * (i // 3)) for i in range(9)]
    return gpd.GeoDataFrame(index=IDS, geometry=[box(x, y, x + 1000, y + 1000) for x, y in corners], crs=3067)


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("postinumero,he_vakiy,he_0_2\n00000,100,5\n00001,100,7\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("table", [None, pd.DataFrame({"x": [1]}), "t.csv"], ids=lambda t: type(t).__name__)
def test_a_join_takes_a_table_of_indicators_and_says_how_to_read_one(areas, table):
    told = rf"table is a {type(table).__name__}; it must be an IndicatorTable.*lea_geo\.read_indicators"
    with pytest.raises(UsageError, match=told):
        lea.join_indicators(areas, table)


def test_areas_and_table_the_wrong_way_round_are_told(areas, csv):
    with pytest.raises(UsageError, match=r"areas is a IndicatorTable; it must be a GeoDataFrame"):
        lea.join_indicators(lea.read_indicators(csv, area_id="postinumero"), areas)


@pytest.mark.parametrize("wrong", [None, pd.DataFrame(index=IDS)], ids=["nothing", "no geometry"])
def test_results_are_joined_to_areas_only(areas, wrong):
    graph = lea.build_graph(areas, "queen")
    with pytest.raises(UsageError, match=r"it must be a GeoDataFrame indexed by area_id"):
        lea.hotspots(wrong, VALUES, graph)
    with pytest.raises(UsageError, match=r"it must be a GeoDataFrame indexed by area_id"):
        lea.local_moran(VALUES, graph).join_to(wrong)


def test_columns_in_the_way_of_hot_spots_are_named_with_what_helps(areas):
    graph = lea.build_graph(areas, "queen")
    with pytest.raises(UsageError, match=r"already have columns value, status; drop or rename them"):
        lea.hotspots(areas.assign(value=VALUES, status="ok"), VALUES, graph)


@pytest.mark.parametrize("area_id", [None, "", ["postinumero"], 0])
def test_the_id_column_of_a_table_is_a_name(csv, area_id):
    with pytest.raises(UsageError, match="it must be the name of a column"):
        lea.read_indicators(csv, area_id=area_id)


@pytest.mark.parametrize(
    ("part", "told"),
    [({"layer": "x"}, r"a \.csv file has no layers\. Leave layer out"), ({"sheet": "x"}, "has no sheets")],
)
def test_a_part_that_a_file_cannot_have_is_not_passed_over(csv, part, told):
    with pytest.raises(TableError, match=told):
        lea.read_indicators(csv, area_id="postinumero", **part)


@pytest.mark.parametrize("name", ["a\0b", "pavo", ""])
def test_a_name_of_no_catalogue_names_those_that_there_are(name):
    with pytest.raises(CatalogueError, match=r"Built in are hsy_grid, paavo, population_grid, sotkanet"):
        lea.read_catalogue(name)


def test_areas_that_no_output_can_show_are_refused_with_every_reason(areas, tmp_path):
    bad = pd.concat([areas, areas.iloc[:1]]).assign(value="many", status="hid", local_moran_label="hot")
    for call in (lea.planner_map, lambda given: lea.write_geopackage(given, tmp_path / "x.gpkg")):
        with pytest.raises(OutputError) as caught:
            call(bad)
        text = str(caught.value)
        for part in (
            "duplicate area ids: 1 of 10 (00000)",
            "value holds str, not numbers",
            "unknown status: 10 of 10",
            "unknown local_moran_label: 10 of 10",
        ):
            assert part in text
    assert list(tmp_path.iterdir()) == []


def test_points_have_no_surface_to_paint(areas):
    points = areas.set_geometry(areas.centroid).assign(value=VALUES)
    with pytest.raises(OutputError, match="areas that are no polygons: 9 of 9"):
        lea.planner_map(points)


def test_values_of_some_areas_are_told_how_to_get_their_graph(areas):
    graph, some = lea.build_graph(areas, "queen"), VALUES.iloc[:6]
    with pytest.raises(ValuesError, match=r"3 of 9 .*Use graph\.subset\(values\.index\) to leave them out"):
        lea.local_moran(some, graph)
    assert len(lea.local_moran(some, graph.subset(some.index)).table) == 6
    with pytest.raises(JoinError, match=r"3 of 9 .*Give the areas that the values were given for"):
        lea.hotspots(areas.iloc[:6], VALUES, graph)


def test_a_result_says_what_it_is_in_one_line(areas, csv, mini_study, tmp_path):
    graph = lea.build_graph(areas, "queen")
    joined = lea.join_indicators(areas, lea.read_indicators(csv, area_id="postinumero"))
    study = lea.run(mini_study(tmp_path))
    local = lea.local_moran(VALUES, graph)
    assert repr(local) == "<LocalResult local_moran: 9 areas, 9 tested (exact), 0 labelled at fdr 0.05>"
    assert repr(lea.hotspots(areas, VALUES, graph)) == "<Hotspots: 9 areas; local_moran, local_g_star>"
    assert repr(joined) == "<JoinedIndicators: 9 areas, 1 indicators>"
    assert repr(joined.report) == (
        "<JoinReport: 1 matched, 8 areas without a row, 0 rows without an area, 1 totals, 0 repaired>"
    ), "00000 is no area of Paavo but a total"
    assert repr(study) == "<Study 'Small trial': 36 areas, 2 indicators>"
    assert repr(study.findings) == "<Findings 'Small trial': 36 areas, 2 indicators, made up>"
