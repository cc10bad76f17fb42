"""Areas and calls that no graph can be built from, and things that are no graph."""

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

from lea_geo.errors import GraphError, LeaGeoError, UsageError
from lea_geo.spatial.builders import build_graph
from lea_geo.spatial.graph import AreaGraph, as_graph


@pytest.fixture
def areas():
    """Four squares in a row: 00100, 00120, 00130 and 00140."""
    squares = [shapely.box(385_000 + 1000 * i, 6_675_000, 386_000 + 1000 * i, 6_676_000) for i in range(4)]
    index = pd.Index(["00100", "00120", "00130", "00140"], name="area_id")
    return gpd.GeoDataFrame(index=index, geometry=squares, crs="EPSG:3067")


def message(error, *args, **options):
    with pytest.raises(error) as caught:
        build_graph(*args, **options)
    return str(caught.value)


# Options


def test_an_unknown_kind_gets_the_nearest_name(areas):
    text = message(UsageError, areas, "quen")
    assert text.startswith(
        "kind is 'quen'; it must be one of distance_band, kernel, knn, lattice, queen, rook."
    )
    assert text.endswith("Did you mean 'queen'?")


def test_an_unknown_option_gets_the_nearest_name(areas):
    text = message(UsageError, areas, "queen", tolerence=1)
    assert (
        text == "'tolerence' is no option of a queen graph, which takes tolerance. Did you mean 'tolerance'?"
    )
    assert "'k' is no option of a queen graph" in message(UsageError, areas, "queen", k=4)
    assert "Did you mean 'nearest'?" in message(UsageError, areas, "queen", islands="neerest")


@pytest.mark.parametrize("k", [0, -1, 1.5, "4", True])
def test_k_is_a_whole_number_of_at_least_one(areas, k):
    assert message(UsageError, areas, "knn", k=k) == f"k is {k!r}; it must be a whole number of at least 1."


@pytest.mark.parametrize("threshold", [0, -5, float("nan"), float("inf"), "5 km"])
def test_a_threshold_is_a_distance_above_zero(areas, threshold):
    text = message(UsageError, areas, "distance_band", threshold=threshold)
    assert text == f"threshold is {threshold!r}; it must be a distance in metres above 0."


def test_what_a_kind_needs_is_asked_for(areas):
    assert message(UsageError, areas, "knn") == "A knn graph needs k, the number of neighbours."
    assert message(UsageError, areas, "distance_band") == "A distance_band graph needs threshold, in metres."
    either = "A kernel graph needs either bandwidth, in metres, or k, the neighbour that sets it."
    assert message(UsageError, areas, "kernel") == either
    assert message(UsageError, areas, "kernel", bandwidth=5, k=2) == either
    assert "water_distance is None; islands='components' needs" in message(
        UsageError, areas, "queen", islands="components"
    )
    assert "water_distance belongs to islands='components'" in message(
        UsageError, areas, "queen", water_distance=5
    )
    assert "has no weight to give in a kernel graph" in message(
        UsageError, areas, "kernel", bandwidth=5, islands="nearest"
    )
    assert "alpha is the power of weights='inverse_distance'" in message(
        UsageError, areas, "distance_band", threshold=5, alpha=2
    )


@pytest.mark.parametrize(
    ("kind", "options", "rule"),
    [
        ("queen", {"tolerance": -1}, "tolerance is -1; it must be a distance in metres, 0 or more."),
        ("queen", {"tolerance": None}, "tolerance is None; it must be a distance in metres, 0 or more."),
        ("lattice", {"rings": 0}, "rings is 0; it must be a whole number of at least 1."),
        ("lattice", {"contiguity": "bishop"}, "contiguity is 'bishop'; it must be one of queen, rook."),
        ("kernel", {"k": 2, "function": "box"}, "function is 'box'; it must be one of triangular, parabolic"),
        (
            "knn",
            {"k": 2, "points": "corner"},
            "points is 'corner'; it must be one of representative, centroid.",
        ),
        ("knn", {"k": 2, "points": ["centroid"]}, "points is ['centroid']; it must be one of"),
    ],
)
def test_options_out_of_range_are_refused(areas, kind, options, rule):
    assert rule in message(UsageError, areas, kind, **options)


def test_every_wrong_option_is_named_at_once(areas):
    text = message(UsageError, areas, "knn", k=0, points="corner", treshold=5, islands="none")
    for part in ("k is 0", "points is 'corner'", "'treshold' is no option", "islands is 'none'"):
        assert part in text


# Areas


def test_more_neighbours_than_there_are_others_are_refused(areas):
    assert "k is 4, but each of 4 areas has only 3 others." in message(GraphError, areas, "knn", k=4)
    assert "k is 4, but each of 4 areas has only 3 others." in message(GraphError, areas, "kernel", k=4)
    assert build_graph(areas, "knn", k=3).n_links == 12


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("knn", {"k": 2}),
        ("distance_band", {"threshold": 5}),
        ("kernel", {"bandwidth": 5}),
        ("queen", {"tolerance": 1}),
        ("queen", {"islands": "nearest"}),
    ],
)
def test_distances_in_degrees_are_refused(areas, kind, options):
    text = message(GraphError, areas.to_crs("EPSG:4326"), kind, **options)
    assert "the CRS is EPSG:4326, in degrees, where distances mean nothing. Reproject" in text
    bare = areas.set_crs(None, allow_override=True)
    assert "the areas state no CRS, so distances have no unit" in message(GraphError, bare, kind, **options)
    feet = areas.to_crs("EPSG:2263")
    assert "the CRS EPSG:2263 is not in metres" in message(GraphError, feet, kind, **options)


@pytest.mark.parametrize(("kind", "options"), [("queen", {}), ("knn", {"k": 2}), ("lattice", {})])
def test_null_and_empty_geometry_are_refused_by_id(areas, kind, options):
    areas.loc["00120", "geometry"] = None
    areas.loc["00130", "geometry"] = shapely.Polygon()
    text = message(GraphError, areas, kind, **options)
    assert "areas without geometry: 1 of 4 (00120)." in text
    assert "areas with empty geometry: 1 of 4 (00130)." in text


def test_borders_need_valid_polygons(areas):
    areas.loc["00120", "geometry"] = shapely.Point(385_000, 6_675_000)
    areas.loc["00130", "geometry"] = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    text = message(GraphError, areas, "rook")
    assert "areas that are no polygons: 1 of 4 (00120)." in text
    assert "areas with invalid polygons: 1 of 4 (00130)." in text


def test_ids_are_unique_strings(areas):
    repeated = areas.set_axis(["00100", "00120", "00120", "00120"])
    assert "duplicate area ids: 1 of 4 (00120)." in message(GraphError, repeated, "queen")
    numbers = areas.set_axis([100, 120, 130, 140])
    assert "area ids that are blank or no strings: 4 of 4 (100, 120, 130, 140)." in message(
        GraphError, numbers, "queen"
    )
    mixed = areas.set_axis(["00100", " ", None, 140])
    assert "area ids that are blank or no strings: 3 of 4 ( , None, 140)." in message(
        GraphError, mixed, "queen"
    )
    levels = areas.set_axis(pd.MultiIndex.from_product([["a", "b"], ["c", "d"]]))
    assert "the index has 2 levels" in message(GraphError, levels, "queen")


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_areas_have_no_links(areas, n):
    for kind, options in (("queen", {}), ("knn", {"k": 1}), ("lattice", {})):
        assert f"{n} areas given, and links need at least 2." in message(
            GraphError, areas.iloc[:n], kind, **options
        )
    assert "0 areas given" in message(GraphError, [], "lattice")


def test_every_fault_is_in_one_message(areas):
    bad = areas.set_axis(["00100", "00120", "00120", ""]).to_crs("EPSG:4326")
    bad.iloc[0, bad.columns.get_loc("geometry")] = None
    text = message(GraphError, bad, "knn", k=9, points="corner")
    for part in (
        "blank or no strings",
        "duplicate",
        "without geometry",
        "in degrees",
        "k is 9",
        "points is 'corner'",
    ):
        assert part in text
    assert text.count("\n") == 6


def test_what_are_no_areas_is_said_plainly(areas):
    assert message(UsageError, areas.geometry.array, "queen").endswith(
        "a queen graph is built from a GeoDataFrame with geometry, indexed by area_id."
    )
    text = message(UsageError, "1kmN6675E0385", "lattice")
    assert text == (
        "areas is a str; a lattice graph is built from a GeoDataFrame with geometry, indexed by area_id, "
        "or an index or list of grid ids, or (rows, columns) as whole numbers."
    )
    assert "areas is a Graph" in message(UsageError, Graph.build_contiguity(areas), "queen")
    for kind in ("queen", "lattice"):
        assert "areas is a DataFrame" in message(UsageError, pd.DataFrame(index=areas.index), kind)
        assert "areas is a GeoDataFrame" in message(UsageError, gpd.GeoDataFrame(index=areas.index), kind)


def test_points_in_the_same_place_have_no_inverse_distance():
    points = gpd.GeoDataFrame(
        index=["a", "b", "c"], geometry=gpd.points_from_xy([0, 0, 5], [0, 0, 5]), crs="EPSG:3067"
    )
    text = message(GraphError, points, "distance_band", threshold=9, weights="inverse_distance")
    assert "pairs of areas in the same place, whose inverse distance is infinite: 1 (a and b)." in text
    assert "leaves no bandwidth: 2 of 3 (a, b)" in message(GraphError, points, "kernel", k=1)


def test_areas_that_are_no_lattice_are_named(areas):
    areas.loc["00140", "geometry"] = shapely.box(388_100, 6_675_000, 389_100, 6_676_000)
    text = message(GraphError, areas, "lattice")
    assert "areas that are no 1000 m squares on a common lattice: 1 of 4 (00140)." in text
    same = ["5kmN1335E0077", "5kmN6675E0385"]
    assert "cells in the same place: 2 of 2" in message(GraphError, same, "lattice")
    assert "00100" in message(LeaGeoError, ["00100", "00120"], "lattice")


# Graphs


def test_an_old_libpysal_w_is_told_how_to_convert():
    w = libpysal.weights.W({"00100": ["00120"], "00120": ["00100"]})
    for take in (as_graph, AreaGraph.from_libpysal):
        with pytest.raises(
            UsageError, match=r"libpysal\.weights\.W.*Convert it with libpysal\.graph\.Graph\.from_W\(w\)"
        ):
            take(w)
    assert as_graph(Graph.from_W(w)).n_links == 2


def test_what_is_no_graph_is_refused():
    for thing in (None, "queen", np.eye(3)):
        with pytest.raises(UsageError, match=r"it must be an AreaGraph or a libpysal\.graph\.Graph"):
            as_graph(thing)


def test_a_graph_of_row_numbers_is_refused(areas):
    by_number = Graph.build_contiguity(areas.reset_index(drop=True), rook=False)
    with pytest.raises(GraphError, match=r"ids that are blank or no strings: 4 of 4 \(0, 1, 2, 3\)"):
        as_graph(by_number)


def test_a_graph_of_other_areas_names_them(areas):
    graph = build_graph(areas, "queen")
    with pytest.raises(GraphError) as caught:
        as_graph(graph, ids=pd.Index(["00100", "00120", "99999", "99999"]))
    text = str(caught.value)
    assert "ids that the graph does not have: 2 of 4 (99999, 99999)." in text
    assert "ids given more than once: 1 of 4 (99999)." in text
    assert "areas of the graph that were not given: 2 of 4 (00130, 00140). Use graph.subset(ids)." in text
    with pytest.raises(GraphError, match=r"ids that the graph does not have: 1 of 1 \(00150\)"):
        graph.subset(["00150"])
    with pytest.raises(GraphError, match="no areas"):
        graph.subset([])
    with pytest.raises(UsageError, match=r"The graph has no area '120'\. Did you mean '00120'\?"):
        graph.neighbors("120")


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
def test_weights_are_finite_and_above_zero(weight):
    with pytest.raises(GraphError, match="weights that are not finite numbers above 0: 1 of 2"):
        AreaGraph(["a", "b"], [0, 1, 2], [1, 0], [1.0, weight])


@pytest.mark.parametrize(
    ("indptr", "indices", "weights", "fault"),
    [
        ([0, 1], [1, 0], [1, 1], "indptr does not divide 2 links among 2 areas"),
        ([0, 3, 2], [1, 0], [1, 1], "indptr does not divide 2 links among 2 areas"),
        ([0, 1, 2], [1, 2], [1, 1], "links to positions that no area has"),
        ([0, 1, 2], [1, 0], [1], "1 weights for 2 links"),
        ([0, 2, 2], [1, 0], [1, 1], "neighbours that are out of order or repeated"),
        ([0, 2, 2], [1, 1], [1, 1], "neighbours that are out of order or repeated"),
    ],
)
def test_rows_that_are_no_graph_are_refused(indptr, indices, weights, fault):
    with pytest.raises(GraphError, match=fault):
        AreaGraph(["a", "b"], indptr, indices, weights)


def test_an_unknown_transformation_gets_the_nearest_name(areas):
    with pytest.raises(UsageError, match=r"transformation is 'rows'.*Did you mean 'row'"):
        build_graph(areas, "queen").transform("rows")
