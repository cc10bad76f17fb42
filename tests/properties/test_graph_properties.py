"""What holds for every graph, whatever the areas."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lea_geo.intake.grid import grid_id
from lea_geo.spatial.builders import build_graph
from lea_geo.spatial.graph import AreaGraph, as_graph

EAST, NORTH, SIDE = 385_000, 6_675_000, 1000

places = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=30)

POLYGON_CALLS = [
    ("queen", {}),
    ("rook", {}),
    ("queen", {"islands": "nearest"}),
    ("queen", {"islands": "components", "water_distance": 2500}),
    ("lattice", {"rings": 2, "contiguity": "rook"}),
]
POINT_CALLS = [
    ("knn", {"k": 1}),
    ("distance_band", {"threshold": 1500}),
    ("distance_band", {"threshold": 2000, "weights": "inverse_distance", "islands": "nearest"}),
    ("kernel", {"bandwidth": 2500, "function": "bisquare"}),
    ("kernel", {"k": 1, "function": "exponential"}),
]
calls = st.sampled_from(POLYGON_CALLS + POINT_CALLS)


def cells(chosen):
    """Return squares at (column, row), indexed by their grid ids, in the order of ``chosen``."""
    east, north = (
        np.array(axis) * SIDE + start
        for axis, start in zip(zip(*chosen, strict=True), (EAST, NORTH), strict=True)
    )
    ids = [grid_id(e, n, SIDE) for e, n in zip(east.tolist(), north.tolist(), strict=True)]
    squares = shapely.box(east, north, east + SIDE, north + SIDE)
    return gpd.GeoDataFrame(index=pd.Index(ids, name="area_id"), geometry=squares, crs="EPSG:3067")


@st.composite
def matrices(draw):
    """Weights of up to 8 areas: some zero, some unequal, some of an area with itself, not symmetric."""
    n = draw(st.integers(1, 8))
    weight = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
    rows = draw(st.lists(st.lists(weight, min_size=n, max_size=n), min_size=n, max_size=n))
    ids = draw(st.lists(st.text("abcåäö01", min_size=1, max_size=4), min_size=n, max_size=n, unique=True))
    return ids, np.array(rows)


def graph_of(ids, matrix):
    focal, neighbor = np.nonzero(matrix)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(focal, minlength=len(ids)))])
    return AreaGraph(ids, indptr, neighbor, matrix[focal, neighbor])


def weights(graph):
    """Return the weight of each link by the ids of its ends."""
    ends = zip(graph.ids[graph.focal], graph.ids[graph.indices], strict=True)
    return dict(zip(ends, graph.weights.tolist(), strict=True))


@given(places, calls, st.randoms(use_true_random=False))
def test_the_order_of_the_areas_changes_no_link(chosen, call, random):
    kind, options = call
    order = sorted(chosen)
    shuffled = random.sample(order, len(order))
    assert weights(build_graph(cells(order), kind, **options)) == weights(
        build_graph(cells(shuffled), kind, **options)
    )


@given(places, st.sampled_from(POLYGON_CALLS))
def test_contiguity_is_symmetric_and_never_links_an_area_to_itself(chosen, call):
    kind, options = call
    graph = build_graph(cells(sorted(chosen)), kind, **options)
    assert graph.is_symmetric
    assert (graph.sparse() != graph.sparse().T).nnz == 0
    assert (graph.focal != graph.indices).all()


@given(places, st.sampled_from(["queen", "rook"]))
def test_a_lattice_has_the_links_of_its_polygons(chosen, contiguity):
    areas = cells(sorted(chosen, key=hash))
    by_touch = build_graph(areas, contiguity)
    assert build_graph(areas.index, "lattice", contiguity=contiguity) == by_touch
    assert build_graph(areas, "lattice", contiguity=contiguity) == by_touch
    nameless = areas.set_axis([f"cell {i}" for i in range(len(areas))])
    links = build_graph(nameless, "lattice", contiguity=contiguity)
    assert (links.indptr.tolist(), links.indices.tolist()) == (
        by_touch.indptr.tolist(),
        by_touch.indices.tolist(),
    )


@given(places, st.integers(1, 3))
def test_rings_are_the_cells_within_so_many_moves(chosen, rings):
    order = sorted(chosen)
    place = np.array(order)
    apart = np.abs(place[:, None] - place[None])
    king = (apart.max(axis=2) <= rings) & (apart.max(axis=2) > 0)
    rook = (apart.sum(axis=2) <= rings) & (apart.sum(axis=2) > 0)
    ids = cells(order).index
    assert (build_graph(ids, "lattice", rings=rings).sparse().toarray() == king).all()
    assert (build_graph(ids, "lattice", rings=rings, contiguity="rook").sparse().toarray() == rook).all()


@given(places)
def test_joining_components_takes_one_link_for_each_that_disappears(chosen):
    areas = cells(sorted(chosen))
    plain = build_graph(areas, "rook")
    joined = build_graph(areas, "rook", islands="components", water_distance=20 * SIDE)
    assert joined.n_components == 1
    assert (joined.n_links - plain.n_links) / 2 == plain.n_components - 1
    assert len(build_graph(areas, "rook", islands="nearest").isolates) == 0


@given(places, st.integers(1, 4))
def test_knn_takes_the_k_smallest_distances(chosen, k):
    areas = cells(sorted(chosen))
    k = min(k, len(areas) - 1)
    graph = build_graph(areas, "knn", k=k)
    assert (graph.cardinalities == k).all()
    place = np.array(sorted(chosen))
    squared = ((place[:, None] - place[None]) ** 2).sum(axis=2)
    taken = np.sort(squared[graph.focal, graph.indices].reshape(-1, k), axis=1)
    assert (taken == np.sort(squared, axis=1)[:, 1 : k + 1]).all()


@given(matrices())
def test_a_graph_goes_to_libpysal_and_back_without_loss(given_matrix):
    ids, matrix = given_matrix
    graph = graph_of(ids, matrix)
    theirs = graph.to_libpysal()
    assert AreaGraph.from_libpysal(theirs) == graph
    assert as_graph(theirs).to_libpysal().equals(theirs)
    assert theirs.unique_ids.tolist() == ids
    assert (theirs.sparse.toarray() == matrix).all()
    # libpysal calls an area that only has itself no isolate.
    assert set(theirs.isolates) == {i for i, row in zip(ids, matrix, strict=True) if not row.any()}


@given(matrices(), st.sampled_from(["original", "binary", "row"]), st.data())
def test_a_subset_is_the_part_of_the_original_matrix_transformed(given_matrix, transformation, data):
    ids, matrix = given_matrix
    kept = data.draw(st.lists(st.sampled_from(range(len(ids))), min_size=1, unique=True))
    part = graph_of(ids, matrix).transform(transformation).subset([ids[i] for i in kept])
    expected = matrix[np.ix_(kept, kept)]
    if transformation == "binary":
        expected = (expected > 0).astype(float)
    if transformation == "row":
        total = expected.sum(axis=1, keepdims=True)
        expected = np.divide(expected, total, out=np.zeros_like(expected), where=total > 0)
    np.testing.assert_allclose(part.sparse().toarray(), expected, rtol=1e-12)


@given(matrices())
def test_transformations_do_not_depend_on_what_was_before(given_matrix):
    graph = graph_of(*given_matrix)
    for first in ("binary", "row"):
        for second in ("original", "binary", "row"):
            assert graph.transform(first).transform(second) == graph.transform(second)


@given(matrices())
def test_symmetry_is_that_of_the_matrix(given_matrix):
    ids, matrix = given_matrix
    assert graph_of(ids, matrix).is_symmetric == bool((matrix == matrix.T).all())
    assert graph_of(ids, matrix + matrix.T).is_symmetric
