"""What becomes of islands under each policy."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from lea_geo.spatial.builders import build_graph

EAST, NORTH = 220_000, 7_000_000


def areas_at(corners, *, side=1000.0):
    """Return squares by id, with their lower-left corners in metres."""
    shapes = [
        shapely.box(EAST + x, NORTH + y, EAST + x + side, NORTH + y + side) for x, y in corners.values()
    ]
    return gpd.GeoDataFrame(index=pd.Index(list(corners), name="area_id"), geometry=shapes, crs="EPSG:3067")


def pairs(graph):
    return {frozenset(p) for p in zip(graph.ids[graph.focal], graph.ids[graph.indices], strict=True)}


@pytest.fixture
def coast():
    """Two areas ashore, an island 300 m off, another 500 m beyond it, and a pair of areas 4 km away."""
    return areas_at(
        {"a": (0, 0), "b": (1000, 0), "i": (2300, 0), "j": (3800, 0), "p": (8800, 0), "q": (9800, 0)}
    )


@pytest.fixture(scope="module")
def vaasa(finland: Path):
    """The 15 postal areas of Vaasa and the 5 of Laihia."""
    areas = gpd.read_file(finland / "postal_areas_2018.gpkg").set_index("postinumeroalue")
    municipality = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype=str).set_index("postinumero")[
        "kuntano"
    ]
    return areas[municipality.reindex(areas.index).isin(["905", "399"])]


def test_islands_stay_alone_unless_told_otherwise(coast):
    graph = build_graph(coast, "queen")
    assert graph.isolates.tolist() == ["i", "j"]
    assert graph.notes == ("2 of 6 areas have no neighbours.",)


def test_each_isolate_is_linked_to_its_nearest_area(coast):
    graph = build_graph(coast, "queen", islands="nearest")
    assert pairs(graph) == {frozenset(p) for p in ("ab", "bi", "ij", "pq")}
    assert graph.notes == (
        "i had no neighbour and was linked to the nearest area b, 300.0 m away.",
        "j had no neighbour and was linked to the nearest area i, 500.0 m away.",
    )
    assert graph.is_symmetric
    assert graph.n_components == 2


def test_two_isolates_that_are_nearest_to_each_other_share_one_link():
    graph = build_graph(areas_at({"a": (0, 0), "b": (1500, 0)}), "queen", islands="nearest")
    assert graph.n_links == 2
    assert set(graph.weights) == {1.0}


def test_components_are_joined_by_the_shortest_links_within_the_water_distance(coast):
    graph = build_graph(coast, "queen", islands="components", water_distance=1000)
    assert pairs(graph) == {frozenset(p) for p in ("ab", "bi", "ij", "pq")}
    assert graph.notes == (
        "b and i were linked across 300.0 m.",
        "i and j were linked across 500.0 m.",
        "2 components remain; no water narrower than 1000 m joins them.",
    )
    # j ends at 4800 m and p begins at 8800 m.
    whole = build_graph(coast, "queen", islands="components", water_distance=4000)
    assert pairs(whole) - pairs(graph) == {frozenset("jp")}
    assert whole.n_components == 1


def test_a_ring_of_islands_gets_no_link_too_many():
    # Four squares 100 m apart in a ring: three links join them; the tie among four is broken by id.
    ring = areas_at({"d": (0, 0), "c": (1100, 0), "b": (1100, 1100), "a": (0, 1100)})
    for rows in (ring, ring.iloc[[2, 0, 3, 1]]):
        graph = build_graph(rows, "queen", islands="components", water_distance=100)
        assert pairs(graph) == {frozenset(p) for p in ("ab", "ad", "bc")}


def test_equally_near_areas_are_told_apart_by_id():
    row = areas_at({"c": (0, 0), "m": (2000, 0), "b": (4000, 0), "d": (-1000, 0), "a": (5000, 0)})
    graph = build_graph(row, "queen", islands="nearest")
    assert graph.neighbors("m").index.tolist() == ["b"]


def test_links_across_water_weigh_as_others_of_their_length_do():
    places = {"a": (0, 0), "b": (500, 0), "i": (3000, 0)}
    shapes = [shapely.Point(EAST + x, NORTH + y) for x, y in places.values()]
    points = gpd.GeoDataFrame(index=list(places), geometry=shapes, crs="EPSG:3067")
    band = {"threshold": 1000, "weights": "inverse_distance", "alpha": 2}
    for policy in ({"islands": "nearest"}, {"islands": "components", "water_distance": 5000}):
        graph = build_graph(points, "distance_band", **band, **policy)
        assert graph.neighbors("i").to_dict() == pytest.approx({"b": 1 / 2500**2})


def test_cells_without_geometry_can_be_joined_across_water():
    ids = ["1kmN7000E0220", "1kmN7000E0221", "1kmN7000E0224"]
    graph = build_graph(ids, "lattice", islands="nearest")
    # The cell of column 221 ends at 222 km and that of column 224 begins at 224 km.
    assert graph.notes == (
        f"{ids[2]} had no neighbour and was linked to the nearest area {ids[1]}, 2000.0 m away.",
    )


def test_a_graph_without_islands_is_left_as_it_is():
    areas = areas_at({"a": (0, 0), "b": (1000, 0)})
    plain = build_graph(areas, "queen")
    assert build_graph(areas, "queen", islands="nearest") == plain
    assert build_graph(areas, "queen", islands="components", water_distance=10) == plain


@pytest.mark.real
def test_vaasas_archipelago_stays_isolated_by_default(vaasa):
    graph = build_graph(vaasa, "queen")
    # Vaskiluoto 65170 and Sundom 65410 lie across water; Laihia with Vähäkyrö (Vaasa's exclave) and Vedenoja
    # lies behind Mustasaari, which is not of the region.
    assert graph.n == 20
    assert sorted(graph.isolates) == ["65170", "65410"]
    assert graph.n_components == 4


@pytest.mark.real
def test_vaasas_islands_are_linked_to_their_nearest_area(vaasa):
    graph = build_graph(vaasa, "queen", islands="nearest")
    assert len(graph.isolates) == 0
    for isolate in ("65170", "65410"):
        metres = vaasa.distance(vaasa.geometry[isolate]).drop(isolate)
        added = graph.neighbors(isolate).index.tolist()
        assert added == [metres.idxmin()]
        note = f"linked to the nearest area {added[0]}, {metres.min():.1f} m away."
        assert any(text.startswith(isolate) and text.endswith(note) for text in graph.notes)


@pytest.mark.real
def test_vaasas_components_are_joined_across_water_up_to_a_distance(vaasa):
    plain = build_graph(vaasa, "queen")
    near = build_graph(vaasa, "queen", islands="components", water_distance=1000)
    far = build_graph(vaasa, "queen", islands="components", water_distance=5000)
    assert (plain.n_components, near.n_components, far.n_components) == (4, 2, 1)
    # A forest that joins four components into two, and into one, has two and three links.
    for graph, added in ((near, 2), (far, 3)):
        bridges = pairs(graph) - pairs(plain)
        assert len(bridges) == added
        for one, other in map(sorted, bridges):
            metres = vaasa.geometry[one].distance(vaasa.geometry[other])
            assert f"{one} and {other} were linked across {metres:.1f} m." in graph.notes
    assert near.notes[-1] == "2 components remain; no water narrower than 1000 m joins them."
    assert far.is_symmetric
