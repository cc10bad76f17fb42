"""Shared borders: whatever the areas are, their rings come back as they were."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from page_decoder import PageDecoder
from shapely.geometry import box

from lea_geo.maps.arcs import clean_rings, dividing_arcs, encode_arcs, share_arcs


@pytest.fixture(scope="module")
def page(node):
    with PageDecoder(node) as decoder:
        yield decoder


@st.composite
def lattice_maps(draw):
    """Areas of a small lattice: holes, many parts, shared borders, touching corners; some are overlapped."""
    rows, columns = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    owners = np.array(draw(st.lists(st.integers(0, 4), min_size=rows * columns, max_size=rows * columns)))
    squares = [box(i % columns, i // columns, i % columns + 1, i // columns + 1) for i in range(owners.size)]
    areas = [
        shapely.unary_union([squares[i] for i in np.flatnonzero(owners == owner)])
        for owner in np.unique(owners)
    ]
    corner = st.tuples(st.integers(0, 7), st.integers(0, 7))
    corners = draw(st.lists(corner, min_size=0, max_size=4))
    return areas + [box(x, y, x + 2, y + 3) for x, y in corners]


@st.composite
def rings_of_any_kind(draw):
    """Rings that cross, touch, retrace and repeat themselves and others: nothing that an area should be."""
    vertex = st.tuples(st.integers(-1, 2), st.integers(0, 2))
    rings = draw(st.lists(st.lists(vertex, min_size=1, max_size=9), min_size=1, max_size=5))
    again = draw(st.lists(st.tuples(st.integers(0, len(rings) - 1), st.integers(0, 8), st.booleans())))
    for which, turn, backwards in again:
        ring = rings[which][turn:] + rings[which][:turn]
        rings = [*rings, ring[::-1] if backwards else ring]
    return rings


def _arrays(rings, area=None):
    start = np.cumsum([0, *map(len, rings)])
    xy = np.array([vertex for ring in rings for vertex in ring], dtype=np.int64).reshape(-1, 2)
    return xy, start, np.arange(len(rings)) if area is None else np.asarray(area)


def _of_areas(areas):
    """Return rings and the area of each, for ``clean_rings``."""
    rings, area = [], []
    for i, shape in enumerate(areas):
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            rings.append(shapely.get_coordinates(ring).astype(int).tolist())
            area.append(i)
    return _arrays(rings, area)


def _cycle(ring):
    """Write a ring without repeated vertices, from a vertex that does not depend on where it starts."""
    ring = [tuple(vertex) for i, vertex in enumerate(ring) if tuple(vertex) != tuple(ring[i - 1])]
    return min(tuple(ring[i:] + ring[:i]) for i in range(len(ring))) if ring else ()


def _walked(arcs):
    """Follow the references of every ring."""
    rings = []
    for first, last in zip(arcs.ring_start[:-1], arcs.ring_start[1:], strict=True):
        ring = []
        for ref in arcs.refs[first:last]:
            arc = max(ref, ~ref)
            along = arcs.xy[arcs.start[arc] : arcs.start[arc + 1]][:: 1 if ref >= 0 else -1].tolist()
            assert not ring or ring[-1] == along[0]
            ring = ring[:-1] + along
        assert ring[0] == ring[-1]
        rings.append(ring[:-1])
    return rings


def _edges_of(arcs):
    for first, last in zip(arcs.start[:-1], arcs.start[1:], strict=True):
        along = [tuple(vertex) for vertex in arcs.xy[first:last].tolist()]
        yield from (frozenset(edge) for edge in pairwise(along))


@given(rings_of_any_kind())
@example(
    [[(0, 0), (1, 0), (2, 0), (2, 1), (0, 1)], [(1, 0), (2, 0), (2, 1), (2, 0)]]
)  # turns where edges pass
@example(
    [[(0, 0), (2, 0), (1, 2), (0, 0), (-1, 2), (-2, 0)], [(0, 0), (1, 2), (2, 0)]]
)  # a loop the other way
def test_any_rings_come_back_and_no_edge_is_written_twice(rings):
    kept = [ring for ring in rings if len(set(ring)) >= 3]
    arcs = share_arcs(clean_rings(*_arrays(rings)))
    assert [_cycle(ring) for ring in _walked(arcs)] == [_cycle(ring) for ring in kept]
    assert arcs.area.tolist() == [i for i, ring in enumerate(rings) if len(set(ring)) >= 3]
    assert max(Counter(_edges_of(arcs)).values(), default=1) == 1


@given(areas=lattice_maps())
def test_the_page_reads_the_very_same_rings(page, areas):
    given_rings = _of_areas(areas)
    arcs = share_arcs(clean_rings(*given_rings))
    points = np.array([(3 * i, -i) for i in range(len(areas))])
    dividing = dividing_arcs(arcs, np.arange(len(areas)) % 3)
    encoded = encode_arcs(arcs, n_areas=len(areas), points=points, dividing=dividing)
    read = page.polygons(encoded, len(areas))
    for rings, area in zip(read["rings"], areas, strict=True):
        parts = shapely.get_parts(area)
        expected = [
            shapely.get_coordinates(ring)[:-1].astype(int).tolist() for ring in shapely.get_rings(parts)
        ]
        assert [_cycle(ring) for ring in rings] == [_cycle(ring) for ring in expected]
    assert read["points"] == points.ravel().tolist()
    assert read["municipalArcs"] == dividing.tolist()
    assert read["refs"] == arcs.refs.tolist()


def test_two_squares_side_by_side_are_three_arcs():
    arcs = share_arcs(clean_rings(*_of_areas([box(0, 0, 1, 1), box(1, 0, 2, 1)])))
    assert len(arcs.start) - 1 == 3
    assert sorted(np.diff(arcs.start).tolist()) == [2, 4, 4]


def test_an_island_in_a_hole_is_one_arc_with_the_hole():
    frame = shapely.Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    arcs = share_arcs(clean_rings(*_of_areas([frame, box(1, 1, 2, 2)])))
    assert sorted(np.maximum(arcs.refs, ~arcs.refs).tolist()) == [0, 1, 1]


def test_rings_that_rounding_has_flattened_are_left_out():
    rings = clean_rings(
        *_arrays([[(0, 0), (0, 0)], [(1, 1), (2, 2), (1, 1), (2, 2)], [(0, 0), (1, 0), (0, 1)]])
    )
    assert rings.area.tolist() == [2]
    assert rings.start.tolist() == [0, 3]
    assert share_arcs(clean_rings(*_arrays([[(0, 0)]]))).refs.tolist() == []


def test_arcs_divide_only_areas_of_two_stated_groups():
    squares = [box(i, 0, i + 1, 1) for i in range(4)]
    arcs = share_arcs(clean_rings(*_of_areas(squares)))
    dividing = dividing_arcs(arcs, np.array([1, 1, 2, 0]))
    assert [arcs.xy[arcs.start[k] : arcs.start[k + 1]].mean(axis=0).tolist() for k in dividing] == [
        [2.0, 0.5]
    ]
