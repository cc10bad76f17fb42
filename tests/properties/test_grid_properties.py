"""What holds for every cell and every point of Finland."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lea_geo._checks.areas import FINLAND
from lea_geo.intake.grid import CELL_SIZES, build_grid, cell_of, grid_id, parse_grid_ids

LEFT, BOTTOM, RIGHT, TOP = FINLAND
sizes = st.sampled_from(CELL_SIZES)
eastings = st.floats(LEFT, RIGHT, exclude_max=True)
northings = st.floats(BOTTOM, TOP, exclude_max=True)


@given(sizes, st.data())
def test_a_corner_and_its_id_say_the_same(size, data):
    easting = size * data.draw(st.integers(LEFT // size, RIGHT // size - 1))
    northing = size * data.draw(st.integers(BOTTOM // size, TOP // size - 1))
    name = grid_id(easting, northing, size)
    read = parse_grid_ids([name])
    assert (read.cell_size, read.northing[0], read.easting[0]) == (size, northing, easting)
    assert build_grid([name]).bounds.iloc[0].tolist() == [easting, northing, easting + size, northing + size]


@given(sizes, eastings, northings)
def test_a_point_lies_in_its_cell_and_in_no_other(size, x, y):
    _, northing, easting = parse_grid_ids([cell_of(x, y, size)])
    steps = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]) * size
    lefts, bottoms = (easting[0] + steps[:, 0], northing[0] + steps[:, 1])
    holds = (lefts <= x) & (x < lefts + size) & (bottoms <= y) & (y < bottoms + size)
    assert holds.sum() == 1
    assert holds[4]


@given(sizes, st.lists(st.tuples(eastings, northings), min_size=1, max_size=20))
def test_many_points_have_the_cells_that_each_has_alone(size, points):
    x, y = np.array(points).T
    assert cell_of(x, y, size).tolist() == [cell_of(a, b, size) for a, b in points]


@given(sizes, st.data())
def test_the_cells_of_a_box_add_up_to_whole_cells_around_it(size, data):
    x = data.draw(st.floats(300_000, 400_000))
    y = data.draw(st.floats(6_700_000, 6_800_000))
    width, height = (data.draw(st.floats(0.001, 8.0)) * size for _ in range(2))
    grid = build_grid((x, y, x + width, y + height), cell_size=size)
    left, bottom, right, top = grid.total_bounds
    assert grid.area.sum() == (right - left) * (top - bottom) == len(grid) * size**2
    assert left <= x < left + size
    assert right - size < x + width <= right
    assert bottom <= y < bottom + size
    assert top - size < y + height <= top


@given(sizes, st.data())
def test_a_polygon_is_covered_and_no_cell_is_idle(size, data):
    corners = [
        (
            data.draw(st.floats(380_000, 380_000 + 6 * size)),
            data.draw(st.floats(6_700_000, 6_700_000 + 6 * size)),
        )
        for _ in range(3)
    ]
    triangle = shapely.Polygon(corners)
    if triangle.is_valid and triangle.area > 1:
        grid = build_grid(triangle, cell_size=size)
        shared = shapely.area(shapely.intersection(grid.geometry.to_numpy(), triangle))
        assert np.isclose(shared.sum(), triangle.area, rtol=1e-9)
        assert grid.index.is_unique
