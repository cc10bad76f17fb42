"""What the topology check finds, on squares whose answer is plain and on real areas."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from lea_geo.errors import AreasError, UsageError
from lea_geo.intake.areas import read_areas
from lea_geo.intake.grid import build_grid
from lea_geo.intake.topology import check_topology

EAST, NORTH = 385_000, 6_675_000
CORNER = np.array([EAST, NORTH])


def squares(**shapes):
    """Areas whose polygons are told from a corner in Helsinki."""
    moved = [shapely.transform(shape, lambda xy: xy + CORNER) for shape in shapes.values()]
    return gpd.GeoDataFrame(geometry=moved, index=list(shapes), crs=3067)


def found(report, kind):
    return [
        tuple(row) for row in report.of_kind(kind)[["area_ids", "area_m2", "count"]].itertuples(index=False)
    ]


def test_a_regular_grid_has_nothing_to_report():
    report = check_topology(build_grid((EAST, NORTH, EAST + 2000, NORTH + 2000), cell_size=250))
    assert report.clean
    assert report.notes == ()
    assert report.n_areas == 64
    assert report.table.columns.tolist() == ["kind", "area_ids", "area_m2", "count", "distance_m"]


def test_an_overlap_is_measured():
    report = check_topology(squares(a=box(0, 0, 100, 100), b=box(90, 0, 200, 100)))
    assert found(report, "overlap") == [(("a", "b"), 1000.0, 1)]
    assert report.notes[0] == "1 overlap of two areas: 1000 m2 together, the largest 1000 m2 (a, b)."


def test_an_area_within_another_is_an_overlap():
    report = check_topology(squares(a=box(0, 0, 100, 100), b=box(20, 20, 40, 40)))
    assert found(report, "overlap") == [(("a", "b"), 400.0, 1)]


def test_a_gap_names_the_areas_around_it():
    around = Polygon([(0, 0), (100, 0), (100, 40), (40, 40), (40, 60), (0, 60)])
    report = check_topology(
        squares(a=around, b=Polygon([(0, 60), (60, 60), (60, 40), (100, 40), (100, 100), (0, 100)]))
    )
    assert found(report, "gap") == [(("a", "b"), 20.0 * 20.0, 1)]


@pytest.mark.parametrize("turned", [0, 3])
def test_a_cell_left_out_of_a_grid_is_in_the_table_but_no_news(turned):
    cells = build_grid((EAST, NORTH, EAST + 750, NORTH + 750), cell_size=250)
    ring = cells.drop(index=cells.index[4])
    ring = ring.set_geometry(ring.geometry.rotate(turned, origin=(EAST, NORTH)))
    report = check_topology(ring)
    assert [count for _, _, count in found(report, "gap")] == [1]
    assert report.notes == ()


def test_an_area_in_a_hole_fills_it_and_the_rest_is_a_gap():
    ring = box(0, 0, 100, 100).difference(box(20, 20, 80, 80))
    assert not found(check_topology(squares(ring=ring, core=box(20, 20, 80, 80))), "gap")
    report = check_topology(squares(ring=ring, island=box(40, 40, 60, 60)))
    assert found(report, "gap") == [(("island", "ring"), 60.0 * 60 - 20 * 20, 1)]


def test_water_open_to_the_outside_is_no_gap():
    bay = Polygon([(0, 0), (100, 0), (100, 100), (60, 100), (60, 20), (40, 20), (40, 100), (0, 100)])
    assert not found(check_topology(squares(bay=bay)), "gap")


def test_a_narrow_overlap_a_narrow_gap_and_a_narrow_part_are_slivers():
    # Mean width 2 A / P: 0.5 * 100 * 2 / (2 * 100.5) = 0.4975 m for the overlap.
    overlap = check_topology(squares(a=box(0, 0, 100, 100), b=box(99.5, 0, 200, 100)))
    assert found(overlap, "sliver") == [(("a", "b"), 50.0, 1)]
    assert found(overlap, "overlap") == [(("a", "b"), 50.0, 1)]
    slit = box(0, 0, 100, 100).difference(box(20, 50, 80, 50.5))
    assert found(check_topology(squares(a=slit, b=box(100, 0, 200, 100))), "sliver") == [(("a",), 30.0, 1)]
    thread = shapely.MultiPolygon([box(0, 0, 100, 100), box(0, 200, 100, 200.25)])
    assert found(check_topology(squares(a=thread, b=box(100, 0, 200, 100))), "sliver") == [(("a",), 25.0, 1)]
    assert not found(check_topology(squares(a=thread), tolerance=0.1), "sliver")


def test_t_junctions_are_counted_for_each_two_areas():
    # Below one wide area lie three narrow ones: their inner corners, two places, are on its edge.
    areas = squares(
        wide=box(0, 100, 300, 200), a=box(0, 0, 100, 100), b=box(100, 0, 200, 100), c=box(200, 0, 300, 100)
    )
    # At (100, 100) lie corners of a and b, at (200, 100) of b and c: b has two.
    expected = {("wide", "a"): 1, ("wide", "b"): 2, ("wide", "c"): 1}
    assert {ids: count for ids, _, count in found(check_topology(areas), "t_junction")} == expected


def test_a_corner_that_is_shared_is_no_t_junction():
    wide = Polygon([(0, 100), (100, 100), (200, 100), (200, 200), (0, 200)])
    assert check_topology(squares(wide=wide, a=box(0, 0, 100, 100), b=box(100, 0, 200, 100))).clean


def test_a_corner_within_the_tolerance_of_an_edge_is_a_t_junction_and_beyond_it_is_not():
    areas = squares(a=box(0, 0, 100, 100), b=Polygon([(100.4, 50), (200, 0), (200, 100)]))
    assert found(check_topology(areas, tolerance=0.5), "t_junction")[0][0] == ("a", "b")
    assert not found(check_topology(areas, tolerance=0.3), "t_junction")


def test_a_tenth_of_a_millimetre_between_two_areas_is_a_near_miss():
    report = check_topology(squares(a=box(0, 0, 100, 100), b=box(100.0001, 0, 200, 100)))
    assert found(report, "near_miss")[0][0] == ("a", "b")
    assert report.of_kind("near_miss").distance_m.iloc[0] == pytest.approx(0.0001, abs=1e-9)
    assert {ids for ids, _, _ in found(report, "isolate")} == {("a",), ("b",)}
    assert "1 pair of areas that do not touch but come within 1 m of each other: a-b." in report.notes


def test_an_area_that_touches_nobody_is_named_with_its_area():
    report = check_topology(
        squares(a=box(0, 0, 100, 100), b=box(100, 0, 200, 100), island=box(500, 0, 510, 10))
    )
    assert found(report, "isolate") == [(("island",), 100.0, 1)]
    assert report.notes == ("1 area that touches nobody: island.",)


def test_areas_that_share_one_corner_touch():
    assert not found(check_topology(squares(a=box(0, 0, 100, 100), b=box(100, 100, 200, 200))), "isolate")


def test_the_areas_are_left_as_they_were():
    areas = squares(a=box(0, 0, 100, 100), b=box(90, 0, 200, 100))
    before = areas.copy(deep=True)
    check_topology(areas)
    assert areas.equals(before)


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf"), "1", True, None])
def test_a_tolerance_is_a_length(tolerance):
    with pytest.raises(UsageError, match="it must be a number of metres, at least 0"):
        check_topology(squares(a=box(0, 0, 1, 1)), tolerance=tolerance)


def test_areas_that_break_their_contract_are_refused():
    with pytest.raises(AreasError, match="invalid polygons, the first because of: Self-intersection"):
        check_topology(squares(bowtie=Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])))


def test_all_of_finland_overlaps_nowhere(finland):
    areas = read_areas(finland / "postal_areas_2018.gpkg", area_id="postinumeroalue", id_scheme="postal")
    report = check_topology(areas)
    # MANIFEST.md: 3030 areas, 0 invalid, 0 overlap; then the surfaces add up to that of the union.
    assert report.n_areas == 3030
    assert found(report, "overlap") == []
    assert areas.area.sum() == pytest.approx(areas.union_all().area, rel=1e-12)
    touching = areas.sindex.query(areas.geometry, predicate="intersects")
    alone = 3030 - len(np.unique(touching[0][touching[0] != touching[1]]))
    assert len(report.of_kind("isolate")) == alone == 40


def test_the_badly_simplified_areas_overlap_by_302_km2(finland):
    areas = read_areas(
        finland / "dirty_pno_simplified_2022.geojson", area_id="postinumeroalue", id_scheme="postal"
    )
    report = check_topology(areas)
    overlaps = report.of_kind("overlap")
    # MANIFEST.md: 302 km2 of overlaps.
    assert round(overlaps.area_m2.sum() / 1e6) == 302
    # Ground held twice counts once in the overlaps and once in the surplus over the union; ground held three
    # times counts three times there and twice here.
    trios = {tuple(sorted({*a, *b})) for a, b in combinations(overlaps.area_ids, 2) if len({*a, *b}) == 3}
    thrice = sum(shapely.intersection_all(areas.geometry[list(trio)].to_numpy()).area for trio in trios)
    surplus = areas.area.sum() - areas.union_all().area
    assert overlaps.area_m2.sum() - thrice == pytest.approx(surplus, rel=1e-9)
    assert overlaps.area_ids.iloc[0] == ("82500", "82510")
