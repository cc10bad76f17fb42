"""How much surface areas share."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

import lea_geo as lea
from lea_geo.errors import AreasError, UsageError
from lea_geo.intake.support.clipping import clipped_areas
from lea_geo.intake.support.lattice_of import lattice_of

WEST, SOUTH = 385_000, 6_675_000


def frame(*shapes, crs="EPSG:3067"):
    return gpd.GeoDataFrame(
        {"area_id": [f"a{i}" for i in range(len(shapes))]}, geometry=list(shapes), crs=crs
    )


def squares(*places, side=1000.0, west=WEST, south=SOUTH):
    """Cells of a grid by column and row."""
    return frame(
        *(
            shapely.box(west + side * c, south + side * r, west + side * (c + 1), south + side * (r + 1))
            for c, r in places
        )
    )


def polygon(*corners, holes=()):
    """A polygon whose corners are counted in kilometres from the south-western corner of the grid."""

    def placed(ring):
        return [(WEST + 1000 * x, SOUTH + 1000 * y) for x, y in ring]

    return shapely.Polygon(placed(corners), [placed(hole) for hole in holes])


BLOCK = squares((0, 0), (1, 0), (0, 1), (1, 1))


def test_a_triangle_over_four_cells_is_divided_as_on_paper():
    # Legs of 2 km: the cell at the right angle is whole, its neighbours are halved, the last is touched.
    found = lea.overlap(frame(polygon((0, 0), (2, 0), (0, 2))), BLOCK)
    assert found.toarray().tolist() == [[1e6, 0.5e6, 0.5e6, 0.0]]
    assert found.nnz == 3


def test_a_hole_is_left_out_whichever_way_rings_turn():
    hole = [(0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5)]
    # A corner is cut off so that the shape is no square and the cells are what is converted.
    outer = [(0, 0), (1.8, 0), (2, 0.2), (2, 2), (0, 2)]
    for shell in (outer, outer[::-1]):
        for inner in (hole, hole[::-1]):
            found = lea.overlap(frame(polygon(*shell, holes=[inner])), BLOCK)
            assert found.toarray() == pytest.approx(np.array([[75e4, 73e4, 75e4, 75e4]]), rel=1e-14)


def test_parts_of_one_area_add_up_in_one_row():
    parts = shapely.MultiPolygon(
        [
            polygon((0, 0), (1, 0), (0, 1)),
            polygon((1, 0), (2, 0), (2, 1)),
            polygon((0.5, 1.5), (1, 2), (0, 2)),
        ]
    )
    found = lea.overlap(frame(parts), BLOCK)
    assert found.toarray().tolist() == [[5e5, 5e5, 25e4, 0.0]]


def test_what_lies_beyond_the_grid_or_in_an_absent_cell_is_nowhere():
    reaching = polygon((-5, -5), (5, -5), (7, 0.5), (5, 5), (-5, 5))
    found = lea.overlap(frame(reaching, polygon((1.1, 0), (1.9, 0), (1.5, 0.9))), squares((0, 0), (1, 1)))
    assert found.toarray().tolist() == [[1e6, 1e6], [0.0, 0.0]]
    away = frame(polygon((20, 20), (30, 20), (20, 30)), polygon((-20, 0.2), (-3, 0.4), (-20, 0.9)))
    assert lea.overlap(away, BLOCK).nnz == 0


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_wedge_that_enters_the_grid_from_any_side_counts_from_there(turn):
    # Its tip is 1 km outside; where it enters it is half a kilometre wide, and a whole one where it ends.
    wedge = np.array([(-1, 0.5), (1, 0), (1, 1)]) - 0.5
    turned = wedge @ np.linalg.matrix_power([[0, 1], [-1, 0]], turn) + 0.5
    found = lea.overlap(frame(polygon(*turned)), squares((0, 0)))
    assert found.toarray() == pytest.approx(np.array([[0.75e6]]), rel=1e-14)


def test_rows_and_columns_keep_the_order_of_the_frames():
    shapes = frame(polygon((1, 1), (2, 1), (1, 2)), polygon((0, 0), (1, 0), (0, 1)))
    shuffled = BLOCK.iloc[[3, 1, 0, 2]]
    assert lea.overlap(shapes, shuffled).toarray().tolist() == [[5e5, 0, 0, 0], [0, 0, 5e5, 0]]
    assert lea.overlap(shuffled, shapes).toarray().tolist() == [[5e5, 0], [0, 0], [0, 5e5], [0, 0]]


def test_cells_of_two_sizes_lie_in_each_other():
    small = squares(*((c, r) for r in range(8) for c in range(8)), side=250.0)
    found = lea.overlap(small, BLOCK)
    assert found.nnz == 64
    assert (found.data == 62_500).all()
    assert found.sum(axis=0).tolist() == [1e6] * 4


def test_neighbours_that_only_touch_have_no_entry():
    # Neither side is a grid, so that polygons are clipped; a corner splits the other's border (a T-junction).
    west = polygon((0, 0), (1.0, 0.1), (1.1, 2.3), (0, 2))
    on_border = shapely.get_coordinates(
        shapely.line_interpolate_point(west.exterior, 0.4217, normalized=True)
    )
    east = shapely.Polygon([*west.exterior.coords[1:3], (WEST + 3000, SOUTH + 2000), (WEST + 3000, SOUTH)])
    corner = shapely.Polygon([tuple(on_border[0]), (WEST + 3000, SOUTH + 500), (WEST + 3000, SOUTH + 1500)])
    assert lea.overlap(frame(west), frame(east, corner)).nnz == 0
    assert lea.overlap(BLOCK, squares((2, 0), (2, 1))).nnz == 0


def test_published_cells_some_millimetres_off_count_as_the_grid_that_was_meant():
    rng = np.random.default_rng(3)
    drawn = squares(*((c, r) for r in range(4) for c in range(4)), side=250.0)
    bounds = drawn.bounds.to_numpy()
    shaken = drawn.set_geometry(shapely.box(*(bounds + rng.uniform(-0.009, 0.009, bounds.shape)).T))
    lattice = lattice_of(np.asarray(shaken.geometry.array, dtype=object))
    assert (lattice.side, lattice.west, lattice.south) == (250.0, WEST, SOUTH)
    shape = frame(polygon((0.1, 0.1), (0.9, 0.2), (0.5, 0.95)))
    whole, off = lea.overlap(shape, drawn), lea.overlap(shape, shaken)
    assert off.toarray() == pytest.approx(whole.toarray(), abs=1e-4 * 62_500)
    cover = frame(polygon((-1, -1), (3, -1), (3, 3.5), (-1, 3)))
    assert lea.overlap(cover, shaken).sum(axis=0) == pytest.approx(shaken.area.to_numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("shapes", "why"),
    [
        (squares((0, 0), (0, 0)), "a cell occurs twice"),
        (frame(shapely.box(WEST, SOUTH, WEST + 1000, SOUTH + 900)), "no square"),
        (frame(shapely.Point(WEST, SOUTH).buffer(500)), "a square box around no square"),
        (gpd.GeoDataFrame(geometry=squares((0, 0), (3, 2)).rotate(10, origin=(WEST, SOUTH))), "turned"),
        (squares((0, 0), (1.3, 0)), "off the grid"),
        (squares((0, 0), (20_000_000, 0), side=0.01), "too far apart"),
    ],
)
def test_what_is_no_grid_is_clipped(shapes, why):
    assert lattice_of(np.asarray(shapes.geometry.array, dtype=object)) is None, why


def test_areas_that_overlap_among_themselves_are_each_counted_by_itself():
    twice = polygon((0, 0), (2, 0), (0, 2))
    assert lea.overlap(frame(twice, twice), BLOCK).toarray().tolist() == [[1e6, 5e5, 5e5, 0]] * 2


def test_frames_in_two_systems_are_refused():
    with pytest.raises(AreasError, match=r"source is in .*TM35FIN.* and target in .*GK25FIN.*to_crs"):
        lea.overlap(BLOCK, BLOCK.to_crs("EPSG:3879"))


def test_every_fault_of_both_frames_is_told_at_once():
    bowtie = polygon((0, 0), (1, 1), (1, 0), (0, 1))
    broken = gpd.GeoDataFrame(
        geometry=[None, bowtie, shapely.Polygon()], index=["x", "y", "z"], crs="EPSG:3067"
    )
    with pytest.raises(AreasError) as caught:
        lea.overlap(broken, BLOCK.to_crs("EPSG:4326"))
    said = str(caught.value)
    for part in (
        r"source: areas with null",
        "(x)",
        "source: areas with empty",
        "(z)",
        "source: invalid",
        "(y)",
    ):
        assert part in said
    assert "target: EPSG:4326 is not projected" in said


@pytest.mark.parametrize("side", [0, 1])
def test_no_areas_and_no_crs_are_refused(side):
    for bad, said in (
        (BLOCK.iloc[:0], "not a single area"),
        (frame(*BLOCK.geometry, crs=None), "no coordinate"),
    ):
        with pytest.raises(AreasError, match=said):
            lea.overlap(*((bad, BLOCK) if side else (BLOCK, bad)))


def test_swapped_axes_are_refused():
    turned = BLOCK.set_geometry(BLOCK.geometry.transform(lambda xy: xy[:, ::-1]))
    with pytest.raises(AreasError, match="source: areas with swapped axes"):
        lea.overlap(turned, BLOCK)


def test_what_is_no_frame_is_a_wrong_call():
    with pytest.raises(UsageError, match="target is a GeoSeries; it must be a GeoDataFrame"):
        lea.overlap(BLOCK, BLOCK.geometry)
    with pytest.raises(UsageError, match="source has no geometry column"):
        lea.overlap(gpd.GeoDataFrame({"a": [1]}), BLOCK)


@pytest.fixture(scope="module")
def postal(finland):
    path = finland / "postal_areas_2019.gpkg"
    return lea.read_areas(path, area_id="postinumeroalue", id_scheme="postal")


def against_geos(areas, cells):
    """How far both ways are from each other, as a share of the smaller of two areas."""
    ours = lea.overlap(areas, cells)
    theirs = clipped_areas(
        *(np.asarray(f.geometry.array, dtype=object) for f in (areas, cells)), width=float(np.spacing(7.8e6))
    )
    apart = (ours - theirs).tocoo()
    smaller = np.minimum(areas.area.to_numpy()[apart.row], cells.area.to_numpy()[apart.col])
    assert ours.nnz > 0
    assert set(zip(*ours.nonzero(), strict=True)) == set(zip(*theirs.nonzero(), strict=True))
    return np.abs(apart.data / smaller).max()


@pytest.mark.real
def test_all_postal_areas_by_cells_of_5_km_are_as_geos_clips_them(postal):
    cells = lea.build_grid(postal, cell_size=5000).sample(frac=0.7, random_state=1)
    assert against_geos(postal, cells) < 1e-9


@pytest.mark.real
@pytest.mark.parametrize("cell_size", [250, 1000])
def test_postal_areas_of_a_region_by_small_cells_are_as_geos_clips_them(postal, cell_size):
    vantaa = postal.cx[380_000:400_000, 6_680_000:6_700_000]
    cells = lea.build_grid((380_000, 6_680_000, 400_000, 6_700_000), cell_size=cell_size)
    assert against_geos(vantaa, cells) < 1e-9


@pytest.mark.real
def test_a_grid_covers_the_country_once(postal):
    cells = lea.build_grid(postal, cell_size=5000)
    given_away = lea.overlap(postal, cells).sum(axis=1)
    np.testing.assert_allclose(given_away, postal.area, rtol=1e-12)


@pytest.mark.real
def test_hsy_cells_are_a_grid_in_their_own_system_and_clipped_in_another(finland):
    cells = gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg")
    lattice = lattice_of(np.asarray(cells.geometry.array, dtype=object))
    assert (lattice.side, lattice.west % 250, lattice.south % 250) == (250.0, 0.0, 249.0)
    # Millimetres off, each shares itself and no sliver with its neighbours.
    by_itself = lea.overlap(cells, cells.iloc[::-1]).tocoo()
    assert (by_itself.col == len(cells) - 1 - by_itself.row).all()
    assert by_itself.data.tolist() == cells.area.iloc[by_itself.row].tolist()
    moved = cells.to_crs("EPSG:3067")
    assert lattice_of(np.asarray(moved.geometry.array, dtype=object)) is None
