"""What a journey costs: straight, along links, or as somebody else computed it."""

import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lea_geo as lea
from lea_geo.errors import AreasError, JoinError, TableError, UsageError, ValuesError
from lea_geo.targeting.travel import costs_of

CRS = "EPSG:3067"


def points(**places):
    return gpd.GeoDataFrame(index=list(places), geometry=shapely.points(list(places.values())), crs=CRS)


def lines(*corners, **columns):
    return gpd.GeoDataFrame(columns, geometry=[shapely.LineString(one) for one in corners], crs=CRS)


def test_a_straight_line_is_pythagoras_and_ids_come_sorted():
    costs = lea.travel_costs(points(b=(3, 4), a=(0, 0)), points(z=(0, 0), y=(6, 8)))
    assert costs.unit == "metres"
    assert costs.table.to_dict() == {"y": {"a": 10.0, "b": 5.0}, "z": {"a": 0.0, "b": 5.0}}
    assert costs.nearest().loc["b"].to_dict() == {
        "cost": 5.0,
        "destination": "y",
    }  # the first id among equals


def test_an_area_stands_where_its_people_live():
    square = gpd.GeoDataFrame(
        index=["p", "q"], geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    )
    square = square.set_crs(CRS)
    cells = gpd.GeoDataFrame(
        {"n": [3, 1, -1]}, geometry=[shapely.Point(2, 2), shapely.Point(6, 6), shapely.Point(9, 9)], crs=CRS
    )
    place = lea.population_points(square, cells, "n")
    assert (place["p"].x, place["p"].y) == (3.0, 3.0)  # (3 * 2 + 1 * 6) / 4; the unknown cell does not count
    assert place["q"] is None
    costs = lea.travel_costs(square, points(s=(3, 3)), people=cells, weight="n")
    assert costs.table.loc["p", "s"] == 0.0
    assert costs.notes == ("1 areas in which nobody is known to live stand at a point inside them: q.",)


def test_a_way_along_links_counts_the_way_to_them_too():
    """From (3, 4): 4 m to the link, 7 m along it, 10 m up; to (10, 10) itself."""
    links = lines([(0, 0), (10, 0)], [(10, 0), (10, 10)])
    costs = lea.travel_costs(points(a=(3, 4)), points(s=(10, 10), t=(1, 0)), kind="network", network=links)
    assert costs.table.loc["a"].to_dict() == {"s": 21.0, "t": 6.0}  # 4 + 7 + 10; 4 + 2 on the same link


def test_minutes_of_links_are_shared_along_them_and_the_rest_is_walked():
    links = lines([(0, 0), (100, 0)], minutes=[10.0])
    costs = lea.travel_costs(
        points(a=(50, 40)), points(s=(100, 0)), kind="network", network=links, cost="minutes", off_network=80
    )
    assert costs.unit == "minutes"
    assert costs.table.loc["a", "s"] == pytest.approx(40 / 80 + 5)


def test_no_way_is_no_route_and_never_nothing():
    links = lines([(0, 0), (10, 0)], [(50, 0), (60, 0)])
    costs = lea.travel_costs(points(a=(0, 0), far=(0, 900)), points(s=(60, 0)), kind="network", network=links)
    assert costs.table.isna().all(axis=None)
    assert costs.routes == 0
    assert costs.nearest()["destination"].tolist() == ["", ""]
    assert costs.notes == ("1 origins lie more than 500 m from every link and have no route: far.",)


def test_a_one_way_link_leads_one_way():
    links = lines([(0, 0), (10, 0)], [(10, 0), (10, 10)], [(10, 10), (0, 0)])
    here = points(a=(0, 0), b=(10, 0))
    there_and_back = lea.travel_costs(here, kind="network", network=links, one_way=True).table
    assert there_and_back.loc["a", "b"] == pytest.approx(10)
    assert there_and_back.loc["b", "a"] == pytest.approx(10 + np.hypot(10, 10))


def test_on_a_grid_of_streets_ways_are_as_long_as_their_legs(tmp_path):
    """Between crossings of a complete grid the shortest way is |dx| + |dy|."""
    n = 6
    right = [(x, y, x + 1, y) for x in range(n - 1) for y in range(n)]
    up = [(x, y, x, y + 1) for x in range(n) for y in range(n - 1)]
    path = tmp_path / "streets.csv"
    pd.DataFrame(right + up, columns=["from_x", "from_y", "to_x", "to_y"]).to_csv(path, index=False)
    places = points(**{f"{x}{y}": (x, y) for x in range(n) for y in range(n)})
    found = lea.travel_costs(places, kind="network", network=path).table
    spot = shapely.get_coordinates(places.sort_index().geometry)
    legs = np.abs(spot[:, None] - spot[None]).sum(axis=2)
    assert found.to_numpy() == pytest.approx(legs, abs=1e-9)


def test_few_services_and_many_services_give_the_same_ways():
    rng = np.random.default_rng(5)
    links = lines([(0, 0), (10, 0)], [(10, 0), (10, 10)], [(10, 10), (3, 20)], [(0, 0), (3, 20)])
    spots = rng.uniform(0, 12, (5, 2))
    many = points(**{f"p{i}": tuple(one) for i, one in enumerate(spots)})
    whole = lea.travel_costs(many, kind="network", network=links, one_way=True).table
    few = lea.travel_costs(many, many.iloc[:2], kind="network", network=links, one_way=True).table
    pd.testing.assert_frame_equal(few, whole[["p0", "p1"]])


def test_places_in_degrees_or_two_systems_are_refused():
    degrees = gpd.GeoDataFrame(index=["a"], geometry=[shapely.Point(25, 60)], crs="EPSG:4326")
    with pytest.raises(AreasError, match=r"no projected CRS in metres(.|\n)*different coordinate"):
        lea.travel_costs(degrees, points(s=(0, 0)))
    with pytest.raises(UsageError, match="kind is 'bus'"):
        lea.travel_costs(points(a=(0, 0)), kind="bus")


LISTED = "from_id;to_id;bus\n01;a;12\n01;b;-1\n02;a;30\n"


def test_a_list_of_journeys_becomes_a_matrix(tmp_path):
    file = tmp_path / "times.txt"
    file.write_text(LISTED, encoding="utf-8")
    costs = lea.read_travel_times(file, cost="bus")
    assert costs.origins.tolist() == ["01", "02"]  # ids are text
    assert costs.table["a"].tolist() == [12.0, 30.0]
    assert costs.table["b"].isna().all()
    assert costs.notes == (
        "1 journeys of times.txt are said to have no route.",
        "1 journeys are not listed in times.txt and have no route.",
    )


def test_an_archive_of_lists_is_one_matrix(tmp_path):
    with zipfile.ZipFile(tmp_path / "times.zip", "w") as archive:
        archive.writestr("to_a.txt", "from_id,to_id,minutes\n1,a,5\n2,a,7\n")
        archive.writestr("to_b.txt", "from_id,to_id,minutes\n1,b,9\n2,b,\n")
        archive.writestr("read.me", "no list")
    table = lea.read_travel_times(tmp_path / "times.zip").table
    assert table.loc["1"].tolist() == [5.0, 9.0]
    assert np.isnan(table.loc["2", "b"])


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (LISTED + "02;a;31\n", TableError, "journeys listed twice: 1 of 4 \\(02 to a\\)"),
        (LISTED + "02;b;soon\n", TableError, "bus that is no number: 1 of 4 \\(line 5\\)"),
        (LISTED + ";b;4\n", TableError, "journeys without an origin or a destination: 1 of 4"),
        (LISTED + "02;b;-9\n", ValuesError, "costs below 0 or without end"),
        ("from;to_id;bus\n1;2;3\n", TableError, "does not have: 1 \\(from_id\\)"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path, text, error, message):
    file = tmp_path / "times.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        lea.read_travel_times(file, cost="bus")


def test_an_unknown_destination_is_named():
    costs = costs_of(pd.DataFrame([[1.0]], index=["a"], columns=["s"]), unit="minutes")
    with pytest.raises(JoinError, match="destinations that the travel costs do not have: 1 of 1 \\(x\\)"):
        costs.nearest(["x"])
    with pytest.raises(UsageError, match="unit is 'hours'"):
        costs_of(costs.table, unit="hours")


@pytest.mark.real
def test_vantaa_s_travel_times_hold_every_cell_and_minus_one_is_no_route(finland):
    file = finland / "ykr_travel_times_vantaa_malls_2015.zip"
    bus = lea.read_travel_times(file, cost="pt_r_tt")
    assert bus.table.shape == (13_231, 3)
    with zipfile.ZipFile(file) as archive:
        rows = [archive.read(name).decode().splitlines()[1:] for name in archive.namelist()]
    column = 9  # from_id to_id walk_t walk_d car_r_t car_r_d car_m_t car_m_d pt_r_t pt_r_tt
    times = [int(line.split(";")[column]) for part in rows for line in part]
    assert bus.table.isna().to_numpy().sum() == times.count(-1) > 0
    assert bus.destinations.tolist() == ["5878070", "5878087", "5902043"]  # not "-1", which stands there too
    assert bus.table.min(axis=None) == min(t for t in times if t >= 0)
