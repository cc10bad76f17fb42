"""What holds for every polygon over every grid: clipping by GEOS is the other opinion."""

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.intake.support import overlap as room
from lea_geo.intake.support.orientation import turn

ORIGIN = (385_000.0, 6_675_000.0)
"""In Finland, where a northing leaves a coordinate a nanometre."""
SIDE = 250.0

seeds = st.integers(0, 2**32 - 1)
places = st.tuples(st.integers(-8, 40), st.integers(-8, 40))
"""In quarters of a cell, so that corners and edges lie on the lines of the grid more often than not."""


def frame(shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs="EPSG:3067")


def cells(rng, *, rows=8, columns=9, present=0.7):
    """Some cells of a grid, in any order."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    kept = rng.permutation(np.flatnonzero(rng.random(rows * columns) < present))
    assume(len(kept))
    west, south = ORIGIN[0] + SIDE * column[kept], ORIGIN[1] + SIDE * row[kept]
    return frame(shapely.box(west, south, west + SIDE, south + SIDE))


def star(rng, middle, *, corners, reach):
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radii = reach * rng.uniform(0.3, 1, corners)
    return shapely.Polygon(
        np.column_stack([middle[0] + radii * np.cos(angles), middle[1] + radii * np.sin(angles)])
    )


def blob(rng):
    """A shape of one to three parts with bays and holes, some of it beyond the grid."""
    shapes = [
        star(
            rng, ORIGIN + rng.uniform(-300, 2300, 2), corners=rng.integers(3, 40), reach=rng.uniform(1, 1500)
        )
        for _ in range(rng.integers(1, 4))
    ]
    holes = [
        star(rng, ORIGIN + rng.uniform(0, 2000, 2), corners=rng.integers(3, 9), reach=rng.uniform(1, 400))
        for _ in range(rng.integers(0, 3))
    ]
    whole = shapely.union_all([shape for shape in shapes if shape.is_valid])
    return shapely.difference(whole, shapely.union_all([hole for hole in holes if hole.is_valid]))


def by_geos(polygons, squares):
    """Every polygon clipped by every cell."""
    left, right = (np.asarray(f.geometry.array, dtype=object) for f in (polygons, squares))
    return shapely.area(shapely.intersection(left[:, None], right[None, :]))


def assert_as_geos(found, polygons, squares):
    smaller = np.minimum(polygons.area.to_numpy()[:, None], squares.area.to_numpy()[None, :])
    assert np.abs(found.toarray() - by_geos(polygons, squares)).max(initial=0) <= 1e-9 * smaller.max()
    assert (np.abs(found.toarray() - by_geos(polygons, squares)) <= 1e-9 * smaller).all()


def exact_surface(ring, width, height):
    """The surface of a convex ring within a window at the origin, in fractions (Sutherland-Hodgman)."""
    kept = [(Fraction(x), Fraction(y)) for x, y in ring]
    for axis, limit, sign in ((0, 0, 1), (0, width, -1), (1, 0, 1), (1, height, -1)):
        before, kept = kept, []
        for a, b in zip(before, before[1:] + before[:1], strict=True):
            inside_a, inside_b = (sign * (p[axis] - Fraction(limit)) >= 0 for p in (a, b))
            if inside_a != inside_b:
                along = (Fraction(limit) - a[axis]) / (b[axis] - a[axis])
                crossing = tuple(m + along * (n - m) for m, n in zip(a, b, strict=True))
                kept.append(crossing)
            if inside_b:
                kept.append(b)
    pairs = zip(kept, kept[1:] + kept[:1], strict=True)
    return abs(sum(a[0] * b[1] - a[1] * b[0] for a, b in pairs)) / 2


@given(seeds)
def test_scan_conversion_and_clipping_give_the_same_surface(seed):
    rng = np.random.default_rng(seed)
    shapes = [shape for shape in (blob(rng) for _ in range(4)) if shape.area > 1 and shape.is_valid]
    polygons = frame(shape for shape in shapes if shape.geom_type in {"Polygon", "MultiPolygon"})
    assume(len(polygons) and room.lattice_of(np.asarray(polygons.geometry.array, dtype=object)) is None)
    squares = cells(rng)
    assert_as_geos(lea.overlap(polygons, squares), polygons, squares)


@given(seeds, st.lists(places, min_size=3, max_size=7, unique=True))
def test_corners_and_edges_on_the_lines_of_the_grid_count_once(seed, corners):
    quarter = SIDE / 4
    shape = shapely.convex_hull(
        shapely.multipoints(np.array(ORIGIN) + quarter * np.array(corners, dtype=float))
    )
    assume(shape.geom_type == "Polygon")
    squares = cells(np.random.default_rng(seed), present=1.1)
    assume(room.lattice_of(np.array([shape])) is None)
    found = lea.overlap(frame([shape]), squares)
    assert_as_geos(found, frame([shape]), squares)
    ring = shapely.get_coordinates(shape)[:-1] - ORIGIN  # whole numbers of quarters: exact
    assert found.sum() == pytest.approx(float(exact_surface(ring, 9 * SIDE, 8 * SIDE)), rel=1e-13)


@given(seeds)
def test_turning_source_and_target_round_turns_the_table(seed):
    rng = np.random.default_rng(seed)
    polygons = frame([star(rng, np.add(ORIGIN, 1000), corners=9, reach=900)])
    assume(polygons.is_valid.all())
    squares = cells(rng)
    assert (lea.overlap(polygons, squares) != lea.overlap(squares, polygons).T).nnz == 0


@given(seeds)
def test_what_lies_within_a_full_grid_is_all_there(seed):
    rng = np.random.default_rng(seed)
    polygons = frame([star(rng, np.add(ORIGIN, 1000), corners=rng.integers(3, 60), reach=990)])
    assume(polygons.is_valid.all())
    squares = cells(rng, present=1.1)
    assert lea.overlap(polygons, squares).sum() == pytest.approx(polygons.area.sum(), rel=1e-12)


@given(seeds)
def test_areas_that_share_borders_give_a_cell_away_once(seed):
    rng = np.random.default_rng(seed)
    window = shapely.box(*ORIGIN, ORIGIN[0] + 9 * SIDE, ORIGIN[1] + 8 * SIDE)
    middles = shapely.multipoints(np.array(ORIGIN) + rng.uniform(0, 2000, (12, 2)))
    pieces = shapely.get_parts(shapely.voronoi_polygons(middles, extend_to=window))
    areas = frame(shapely.intersection(pieces, window))
    squares = cells(rng)
    given_away = lea.overlap(areas, squares).sum(axis=0)
    np.testing.assert_allclose(given_away, SIDE**2, rtol=1e-9)


@given(seeds)
@settings(max_examples=20)
def test_the_number_of_threads_changes_no_digit(seed):
    rng = np.random.default_rng(seed)
    shapes = [star(rng, ORIGIN + rng.uniform(0, 2000, 2), corners=6, reach=600) for _ in range(150)]
    polygons, squares = frame(shape for shape in shapes if shape.is_valid), cells(rng)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for threads in ("1", "3"):
            patch.setenv("LEA_GEO_THREADS", threads)
            found.append(lea.overlap(polygons, squares))
    assert found[0].data.tobytes() == found[1].data.tobytes()
    assert (found[0] != found[1]).nnz == 0


def partition(rng):
    """Areas that share borders vertex by vertex, none of them squares."""
    window = shapely.box(*ORIGIN, ORIGIN[0] + 2000, ORIGIN[1] + 2000)
    middles = shapely.multipoints(np.array(ORIGIN) + rng.uniform(0, 2000, (rng.integers(3, 30), 2)))
    pieces = shapely.get_parts(shapely.voronoi_polygons(middles, extend_to=window))
    corners = {}

    def same(xy):  # a corner that two areas round differently is one corner
        return np.array([corners.setdefault((round(x, 3), round(y, 3)), (x, y)) for x, y in xy])

    shapes = [shapely.transform(piece, same) for piece in pieces]
    return frame(shape for shape in shapes if shape.is_valid and shape.area > 0)


@given(seeds)
def test_a_point_lies_in_the_area_that_geos_says(seed):
    rng = np.random.default_rng(seed)
    areas = partition(rng)
    x, y = (ORIGIN + rng.uniform(-200, 2200, (300, 2))).T
    found = lea.locate(x, y, areas)
    points = shapely.points(x, y)
    for i, shape in enumerate(areas.geometry):
        inside = shapely.contains_properly(shape, points)
        assert (found[inside] == i).all()
        assert (found[~shapely.intersects(shape, points)] != i).all()


@given(seeds)
def test_a_shared_corner_and_a_point_along_a_shared_border_lie_in_exactly_one_area(seed):
    rng = np.random.default_rng(seed)
    areas = partition(rng)
    shapes = np.asarray(areas.geometry.array, dtype=object)
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    middles = (corners[1:] + corners[:-1])[owner[1:] == owner[:-1]] / 2
    points = np.concatenate([corners, middles])
    held = np.zeros(len(points), dtype=int)
    for shape in shapes:  # each area by itself: exactly one may claim a point
        held += lea.locate(points[:, 0], points[:, 1], frame([shape])) >= 0
    assert (held <= 1).all()
    found = lea.locate(points[:, 0], points[:, 1], areas)
    np.testing.assert_array_equal(found >= 0, held == 1)
    inner = shapely.contains_properly(shapely.union_all(shapes).buffer(-1e-3), shapely.points(points))
    assert (held[inner] == 1).all()


@given(seeds)
@settings(max_examples=25)
def test_of_areas_that_overlap_the_first_that_holds_a_point_has_it(seed):
    rng = np.random.default_rng(seed)
    shapes = [star(rng, ORIGIN + rng.uniform(0, 1000, 2), corners=7, reach=1500) for _ in range(5)]
    shapes = [shape for shape in shapes if shape.is_valid]
    assume(len(shapes) > 1)
    x, y = (ORIGIN + rng.uniform(-500, 1500, (400, 2))).T
    held = np.array([lea.locate(x, y, frame([shape])) >= 0 for shape in shapes])
    first = np.where(held.any(axis=0), held.argmax(axis=0), -1)
    np.testing.assert_array_equal(lea.locate(x, y, frame(shapes)), first)


steps = st.integers(0, 255)


@given(steps, steps)
def test_a_turn_has_the_sign_that_fractions_give_where_floating_point_is_known_to_fail(i, j):
    # Kettner et al. 2008, doi:10.1016/j.comgeo.2007.06.003: a quarter of these are wrong without care.
    a, b, c = (0.5 + i * 2.0**-53, 0.5 + j * 2.0**-53), (12.0, 12.0), (24.0, 24.0)
    for p, q, r in ((a, b, c), (b, c, a), (c, b, a)):
        (px, py), (qx, qy), (rx, ry) = (map(Fraction, place) for place in (p, q, r))
        exact = (px - rx) * (qy - ry) - (py - ry) * (qx - rx)
        assert np.sign(turn(*p, *q, *r)) == (exact > 0) - (exact < 0)


northings = st.floats(6_600_000, 7_800_000)


@given(northings, northings, northings, northings, st.floats(0, 1))
def test_a_point_near_a_line_is_on_the_side_that_fractions_say(ax, ay, bx, by, along):
    cx, cy = ax + along * (bx - ax), ay + along * (by - ay)
    a, b, c, d, e, f = map(Fraction, (ax, ay, bx, by, cx, cy))
    exact = (a - e) * (d - f) - (b - f) * (c - e)
    assert np.sign(turn(ax, ay, bx, by, cx, cy)) == (exact > 0) - (exact < 0)
