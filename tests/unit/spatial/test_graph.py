"""The graph itself, and links from shapes and points."""

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

from lea_geo.spatial.builders import build_graph
from lea_geo.spatial.graph import AreaGraph, as_graph

CRS = "EPSG:3067"
EAST, NORTH = 385_000, 6_675_000


def squares(places, *, side=1000.0):
    """Return unit squares at (column, row) by id."""
    shapes = {
        name: shapely.box(EAST + c * side, NORTH + r * side, EAST + (c + 1) * side, NORTH + (r + 1) * side)
        for name, (c, r) in places.items()
    }
    return frame(shapes)


def frame(shapes):
    index = pd.Index(list(shapes), name="area_id")
    return gpd.GeoDataFrame(index=index, geometry=list(shapes.values()), crs=CRS)


def points(coordinates):
    return frame({name: shapely.Point(EAST + x, NORTH + y) for name, (x, y) in coordinates.items()})


def pairs(graph):
    """Return the links as a set of (focal, neighbor)."""
    return set(zip(graph.ids[graph.focal], graph.ids[graph.indices], strict=True))


def both_ways(*links):
    return {pair for one, other in links for pair in ((one, other), (other, one))}


@pytest.fixture
def four():
    """a and b side by side, c above a, d above b, and e far away."""
    return squares({"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1), "e": (5, 5)})


@pytest.fixture(scope="module")
def postal_areas(finland: Path):
    return gpd.read_file(finland / "postal_areas_2018.gpkg").set_index("postinumeroalue")


# Contiguity


def test_queen_links_over_corners_and_rook_over_edges_only(four):
    edges = both_ways("ab", "ac", "bd", "cd")
    assert pairs(build_graph(four, "rook")) == edges
    assert pairs(build_graph(four, "queen")) == edges | both_ways("ad", "bc")


@pytest.mark.real
@pytest.mark.parametrize("kind", ["queen", "rook"])
def test_postal_areas_have_the_neighbours_that_libpysal_finds(postal_areas, kind):
    ours = build_graph(postal_areas, kind)
    theirs = Graph.build_contiguity(postal_areas, rook=kind == "rook", strict=True)
    assert ours == AreaGraph.from_libpysal(theirs)
    assert (ours.n, ours.n_links, ours.n_components) == (theirs.n, theirs.n_edges, theirs.n_components)
    assert set(ours.isolates) == set(theirs.isolates)


def test_a_t_junction_without_a_shared_vertex_is_an_edge():
    long_one = shapely.box(EAST, NORTH, EAST + 2000, NORTH + 1000)
    above = shapely.box(EAST + 500, NORTH + 1000, EAST + 1500, NORTH + 2000)
    areas = frame({"a": long_one, "b": above})
    # libpysal's default looks for shared vertices and finds none here.
    assert Graph.build_contiguity(areas, rook=False).n_edges == 0
    assert pairs(build_graph(areas, "queen")) == pairs(build_graph(areas, "rook")) == both_ways("ab")


@pytest.mark.parametrize("kind", ["queen", "rook"])
def test_a_gap_of_a_tenth_of_a_millimetre_is_bridged_only_when_asked(kind):
    left = shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)
    right = shapely.box(EAST + 1000.0001, NORTH, EAST + 2000, NORTH + 1000)
    areas = frame({"a": left, "b": right})
    apart = build_graph(areas, kind)
    assert apart.n_links == 0
    assert "less than 1 m apart that do not touch and were not linked: 1; tolerance=1" in apart.notes[0]
    bridged = build_graph(areas, kind, tolerance=0.001)
    assert pairs(bridged) == both_ways("ab")
    assert bridged.notes == ("Pairs of areas that were linked across a gap of at most 0.001 m: 1.",)


def test_a_corner_across_a_gap_is_a_queen_link_and_no_rook_link():
    low = shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)
    high = shapely.box(EAST + 1000.5, NORTH + 1000.5, EAST + 2000, NORTH + 2000)
    areas = frame({"a": low, "b": high})
    assert pairs(build_graph(areas, "queen", tolerance=1)) == both_ways("ab")
    assert build_graph(areas, "rook", tolerance=1).n_links == 0


@pytest.mark.parametrize("kind", ["queen", "rook"])
def test_areas_that_overlap_are_neighbours_and_a_note_says_so(kind):
    left = shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)
    # Lower and higher by 100 m, so that no line of the borders coincides.
    right = shapely.box(EAST + 999.9999, NORTH + 100, EAST + 2000, NORTH + 900)
    areas = frame({"a": left, "b": right})
    assert Graph.build_contiguity(areas, rook=False, strict=True).n_edges == 0
    graph = build_graph(areas, kind)
    assert pairs(graph) == both_ways("ab")
    assert graph.notes == ("Pairs of areas that overlap and were linked as neighbours: 1.",)


def test_an_enclave_is_the_neighbour_of_what_surrounds_it():
    inner = shapely.box(EAST + 400, NORTH + 400, EAST + 600, NORTH + 600)
    outer = shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000).difference(inner)
    assert pairs(build_graph(frame({"a": outer, "b": inner}), "rook")) == both_ways("ab")


def test_contiguity_needs_no_metres(four):
    assert build_graph(four.to_crs("EPSG:4326"), "queen").n == 5


# Points


def test_equal_distances_are_told_apart_by_area_id():
    # The middle has four others at 1000 m: the two smallest ids win, whatever the order of the rows.
    areas = points({"m": (0, 0), "d": (1000, 0), "c": (-1000, 0), "b": (0, 1000), "a": (0, -1000)})
    for rows in (areas, areas.iloc[::-1]):
        graph = build_graph(rows, "knn", k=2)
        assert set(graph.neighbors("m").index) == {"a", "b"}
    # The outer ones have the middle at 1000 m and two others at sqrt(2) * 1000 m: all five are tied.
    assert graph.notes == (
        "Areas with several others at the distance of neighbour 2: 5; the smaller id was taken.",
    )


def test_knn_has_the_neighbours_that_libpysal_finds_where_no_distances_tie():
    rng = np.random.default_rng(7)
    areas = points({f"{i:03d}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 9000, (80, 2)))})
    assert build_graph(areas, "knn", k=5) == AreaGraph.from_libpysal(Graph.build_knn(areas, k=5))


def test_knn_takes_points_in_the_same_place_as_they_are():
    areas = points({"a": (0, 0), "b": (0, 0), "c": (0, 0), "d": (500, 0)})
    graph = build_graph(areas, "knn", k=2)
    assert pairs(graph) == both_ways("ab", "ac", "bc") | {("d", "a"), ("d", "b")}


def test_a_distance_band_includes_its_threshold():
    areas = points({"a": (0, 0), "b": (1000, 0), "c": (2000.01, 0)})
    assert pairs(build_graph(areas, "distance_band", threshold=1000)) == both_ways("ab")
    # 0.1 + 0.2 metres: 0.30000000000000004 in floating point, still 0.3 to the micrometre.
    near = points({"a": (0.1, 0), "b": (0.4, 0)})
    assert build_graph(near, "distance_band", threshold=0.3).n_links == 2


def test_inverse_distance_weights_fall_with_the_power_of_the_distance():
    areas = points({"a": (0, 0), "b": (300, 400), "c": (0, 1000)})
    graph = build_graph(areas, "distance_band", threshold=1000, weights="inverse_distance", alpha=2)
    # |ab| = 500 (3-4-5), |ac| = 1000, |bc| = sqrt(300² + 600²).
    assert graph.neighbors("a").to_dict() == pytest.approx({"b": 1 / 500**2, "c": 1 / 1000**2})
    assert graph.neighbors("b")["c"] == pytest.approx(1 / (300**2 + 600**2))
    default = build_graph(areas, "distance_band", threshold=1000, weights="inverse_distance")
    assert default.neighbors("a")["c"] == pytest.approx(1 / 1000)


@pytest.mark.parametrize(
    "function", ["triangular", "parabolic", "gaussian", "bisquare", "cosine", "exponential", "boxcar"]
)
def test_kernels_are_those_of_libpysal_within_the_bandwidth(function):
    rng = np.random.default_rng(3)
    areas = points({f"{i:03d}": tuple(xy) for i, xy in enumerate(rng.uniform(0, 5000, (40, 2)))})
    ours = build_graph(areas, "kernel", bandwidth=1500, function=function)
    theirs = (
        AreaGraph.from_libpysal(Graph.build_kernel(areas, kernel=function, bandwidth=1500)).sparse().toarray()
    )
    # libpysal does not cut gaussian and exponential off at the bandwidth.
    place = shapely.get_coordinates(areas.geometry.array)
    theirs[np.hypot(*(place[:, None] - place[None]).T) > 1500] = 0
    np.testing.assert_allclose(ours.sparse().toarray(), theirs, atol=1e-8)


def test_an_adaptive_kernel_reaches_each_areas_own_kth_neighbour():
    areas = points({"a": (0, 0), "b": (100, 0), "c": (400, 0), "d": (1000, 0)})
    graph = build_graph(areas, "kernel", k=2, function="triangular")
    # Bandwidths: a 400, b 300, c 400, d 900; the k-th neighbour itself is at z = 1, where the triangle ends.
    assert graph.neighbors("a").to_dict() == pytest.approx({"b": 1 - 100 / 400})
    assert graph.neighbors("b").to_dict() == pytest.approx({"a": 1 - 100 / 300})
    assert graph.neighbors("c").to_dict() == pytest.approx({"b": 1 - 300 / 400})
    assert graph.neighbors("d").to_dict() == pytest.approx({"c": 1 - 600 / 900})
    gaussian = build_graph(areas, "kernel", k=2)
    assert gaussian.cardinalities.tolist() == [2, 2, 2, 2]
    edge = math.exp(-1 / 2) / math.sqrt(2 * math.pi)
    assert gaussian.neighbors("a")["c"] == pytest.approx(edge)


def test_the_point_of_a_hollow_area_may_lie_inside_it_or_at_its_centroid():
    # A U whose centroid lies between its arms, beside b.
    u = shapely.box(0, 0, 3000, 9000).difference(shapely.box(1000, 1000, 2000, 9000))
    b = shapely.box(1200, 3500, 1800, 4500)
    far = shapely.box(4000, 0, 5000, 9000)
    areas = frame({"u": u, "b": b, "f": far})
    inside = build_graph(areas, "distance_band", threshold=600, points="centroid")
    assert pairs(inside) == both_ways("ub")
    assert build_graph(areas, "distance_band", threshold=600).n_links == 0


# The object


def test_a_graph_says_what_it_holds(four):
    graph = build_graph(four, "queen")
    assert repr(graph) == "<AreaGraph queen: 5 areas, 12 links, 2 components, 1 isolate; original weights>"
    assert graph.notes == ("1 of 5 areas have no neighbours.",)
    assert graph.describe() == {
        "kind": "queen",
        "transformation": "original",
        "areas": 5,
        "links": 12,
        "self_links": 0,
        "symmetric": True,
        "components": 2,
        "largest_component": 4,
        "isolates": ["e"],
        "neighbors_min": 0,
        "neighbors_median": 3.0,
        "neighbors_mean": 2.4,
        "neighbors_max": 3,
    }
    assert graph.components.to_dict() == {"a": 0, "b": 0, "c": 0, "d": 0, "e": 1}
    assert graph.cardinalities.to_dict() == {"a": 3, "b": 3, "c": 3, "d": 3, "e": 0}


def test_components_are_numbered_from_the_largest():
    places = {"a": (0, 0), "b": (5, 0), "c": (6, 0), "d": (10, 0), "e": (11, 0), "f": (12, 0)}
    graph = build_graph(squares(places), "rook")
    assert graph.components.to_dict() == {"a": 2, "b": 1, "c": 1, "d": 0, "e": 0, "f": 0}


def test_a_graph_cannot_be_changed(four):
    graph = build_graph(four, "queen")
    for array in (graph.indptr, graph.indices, graph.weights, graph.focal, graph.transform("row").weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    with pytest.raises(AttributeError):
        graph.kind = "rook"
    counts, matrix, weights = graph.cardinalities, graph.sparse(), graph.neighbors("a")
    counts.iloc[0] = 99
    matrix.data[:] = 99
    weights.iloc[0] = 99
    assert graph == build_graph(four, "queen")
    assert graph.cardinalities["a"] == 3


def test_the_arrays_that_made_a_graph_stay_the_callers():
    indices, weights = np.array([1, 0]), np.array([1.0, 1.0])
    graph = AreaGraph(["a", "b"], [0, 1, 2], indices, weights)
    weights[0] = 5
    assert graph.weights.tolist() == [1, 1]


def test_row_weights_sum_to_one_and_the_original_comes_back():
    areas = points({"a": (0, 0), "b": (300, 0), "c": (0, 400), "d": (90_000, 0)})
    graph = build_graph(areas, "distance_band", threshold=1000, weights="inverse_distance")
    row = graph.transform("row")
    # 1/300 and 1/400 are in the proportion 4 : 3.
    assert row.neighbors("a").to_dict() == pytest.approx({"b": 4 / 7, "c": 3 / 7})
    assert row.sparse().sum(axis=1) == pytest.approx([1, 1, 1, 0])
    assert set(graph.transform("binary").weights) == {1.0}
    assert row.transform("binary").transform("original") == graph


def test_a_subset_is_transformed_afresh_from_the_original_weights():
    areas = points({"a": (0, 0), "b": (300, 0), "c": (0, 400), "d": (0, -600)})
    graph = build_graph(areas, "distance_band", threshold=700, weights="inverse_distance").transform("row")
    part = graph.subset(["d", "b", "a"])
    assert part.ids.tolist() == ["d", "b", "a"]
    # 1/300 and 1/600 are in the proportion 2 : 1.
    assert part.neighbors("a").to_dict() == pytest.approx({"b": 2 / 3, "d": 1 / 3})
    assert part.transform("original").neighbors("a")["b"] == pytest.approx(1 / 300)
    assert part.notes[-1] == "Restricted to 3 of 4 areas; 0 of them lost all their neighbours."


def test_areas_that_lose_their_neighbours_are_counted(four):
    part = build_graph(four, "rook").subset(["a", "d", "e"])
    assert part.notes[-1] == "Restricted to 3 of 5 areas; 2 of them lost all their neighbours."


def test_graphs_are_equal_by_ids_links_and_weights(four):
    graph = build_graph(four, "queen")
    assert graph == build_graph(four, "queen", islands="isolate")
    assert hash(graph) == hash(build_graph(four, "queen"))
    assert graph != build_graph(four, "rook")
    assert graph != graph.transform("row")
    assert graph != build_graph(four.iloc[::-1], "queen")
    assert graph != "queen"


# libpysal


def test_isolates_unequal_weights_self_weights_and_order_survive_libpysal():
    adjacency = pd.Series(
        [2.5, 0.25, 1.0, 0.0, 3.0],
        index=pd.MultiIndex.from_tuples(
            [("z", "a"), ("z", "m"), ("a", "a"), ("m", "m"), ("b", "z")], names=["focal", "neighbor"]
        ),
        name="weight",
    )
    given = Graph(adjacency)
    graph = AreaGraph.from_libpysal(given)
    assert graph.ids.tolist() == ["z", "a", "m", "b"]
    assert graph.neighbors("z").to_dict() == {"a": 2.5, "m": 0.25}
    assert graph.neighbors("a").to_dict() == {"a": 1.0}
    # An area that only has itself has no neighbour.
    assert set(graph.isolates) == {"a", "m"}
    assert not graph.is_symmetric
    assert graph.to_libpysal().equals(given)


def test_libpysals_kernel_with_itself_survives():
    areas = points({"a": (0, 0), "b": (300, 0), "c": (0, 400), "d": (90_000, 0)})
    given = Graph.build_kernel(areas, bandwidth=500, kernel="triangular").assign_self_weight(0.5)
    back = AreaGraph.from_libpysal(given)
    assert back.to_libpysal().equals(given)
    assert back.describe()["self_links"] == 4


def test_links_of_no_weight_are_left_out_with_a_note():
    given = Graph.from_arrays(["a", "a", "b", "c"], ["b", "c", "a", "c"], [1.0, 0.0, 1.0, 0.0])
    graph = AreaGraph.from_libpysal(given)
    assert pairs(graph) == both_ways("ab")
    assert graph.notes == ("Links of weight 0 that were left out of the given graph: 1.",)


def test_libpysal_computes_the_same_lag(four):
    graph = build_graph(four, "queen").transform("row")
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    np.testing.assert_allclose(graph.to_libpysal().lag(values), graph.sparse() @ values)
    assert graph.to_libpysal().transformation == "R"
    assert AreaGraph.from_libpysal(graph.to_libpysal()) == graph
    assert AreaGraph.from_libpysal(graph.to_libpysal()).transformation == "row"


def test_any_graph_is_taken_and_aligned_to_the_ids(four):
    graph = build_graph(four, "queen")
    assert as_graph(graph) is graph
    assert as_graph(graph, ids=four.index) is graph
    assert as_graph(graph.to_libpysal(), ids=four.index) == graph
    turned = as_graph(graph, ids=four.index[::-1])
    assert turned.ids.tolist() == ["e", "d", "c", "b", "a"]
    assert pairs(turned) == pairs(graph)
    assert turned.notes == graph.notes
