"""Which share of an area goes where: squares that can be computed by hand."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

import lea_geo as lea
from lea_geo.errors import AreasError, UsageError


def areas(**boxes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[box(*b) for b in boxes.values()], index=list(boxes), crs=3067)


HALVES = areas(a=(0, 0, 10, 10), b=(10, 0, 40, 10))


def test_mass_is_shared_by_surface():
    walk = lea.build_crosswalk(areas(s=(0, 0, 40, 10)), HALVES)
    assert walk.shares.toarray().tolist() == [[0.25, 0.75]]
    assert walk.overlap.toarray().tolist() == [[100, 300]]
    assert walk.lost.tolist() == [0]


def test_only_an_area_that_is_cut_rests_on_an_assumption():
    walk = lea.build_crosswalk(areas(cut=(0, 0, 20, 5), whole=(0, 5, 10, 10)), HALVES)
    assert dict(zip(walk.source_ids, walk.assumed, strict=True)) == {"cut": 1, "whole": 0}


def test_what_lies_outside_all_targets_is_lost_and_said():
    walk = lea.build_crosswalk(areas(s=(0, 0, 50, 10), away=(90, 90, 99, 99)), HALVES)
    assert walk.lost == pytest.approx([0.2, 1.0])
    assert "2 areas partly or wholly outside" in repr(walk)


def test_what_is_lost_can_be_spread_over_what_the_source_reaches():
    walk = lea.build_crosswalk(areas(s=(0, 0, 50, 10), away=(90, 90, 99, 99)), HALVES).spread()
    assert walk.shares.toarray() == pytest.approx(np.array([[0.25, 0.75], [0, 0]]))
    assert walk.lost.tolist() == [0, 1]
    assert walk.assumed.tolist() == [1, 0]


def test_the_covered_share_of_each_target_is_known():
    walk = lea.build_crosswalk(areas(s=(0, 0, 20, 10)), HALVES)
    assert walk.covered == pytest.approx([1, 1 / 3])


def test_areas_that_lie_over_each_other_are_named():
    over = areas(a=(0, 0, 10, 10), b=(8, 0, 40, 10))
    with pytest.raises(AreasError, match=r"target areas that lie over each other.*a and b: 20 m2, 20 % of"):
        lea.build_crosswalk(areas(s=(0, 0, 40, 10)), over)
    with pytest.raises(AreasError, match="source areas that lie over each other"):
        lea.build_crosswalk(over, areas(s=(0, 0, 40, 10)))


def test_an_overlap_beside_a_gap_of_the_same_size_is_named():
    over = areas(a=(0, 0, 25, 10), b=(20, 0, 35, 10))
    with pytest.raises(AreasError, match=r"a and b: 50 m2, 33.3 % of the smaller"):
        lea.build_crosswalk(areas(s=(0, 0, 40, 10)), over)


def test_an_overlap_among_thousands_is_named():
    many = areas(**{f"c{i}": (10 * i, 0, 10 * i + 10, 10) for i in range(1200)}, over=(105, 0, 106, 3))
    with pytest.raises(AreasError, match="pairs of target areas that lie over each other: 1"):
        lea.build_crosswalk(areas(s=(0, 0, 6000, 10), t=(6000, 0, 12000, 10)), many)
    with pytest.raises(AreasError, match="pairs of source areas that lie over each other: 1"):
        lea.build_crosswalk(many, areas(s=(0, 0, 6000, 10), t=(6000, 0, 12000, 10)))


def test_a_cell_that_occurs_twice_is_named():
    twice = areas(a=(0, 0, 10, 10), b=(10, 0, 20, 10), c=(0, 0, 10, 10))
    with pytest.raises(AreasError, match=r"a and c: 100 m2, 100 % of the smaller"):
        lea.build_crosswalk(twice, areas(s=(0, 0, 40, 10)))


def test_an_overlap_that_is_allowed_doubles_nothing():
    over = areas(a=(0, 0, 10, 10), b=(8, 0, 40, 10))
    walk = lea.build_crosswalk(areas(s=(0, 0, 40, 10)), over, tolerance=0.3)
    assert walk.shares.sum() == pytest.approx(1, rel=1e-12)


def test_another_crs_is_refused():
    with pytest.raises(AreasError, match="ETRS89 / GK25FIN"):
        lea.build_crosswalk(areas(s=(0, 0, 40, 10)), HALVES.set_crs(3879, allow_override=True))


def test_areas_that_lie_elsewhere_are_refused():
    with pytest.raises(AreasError, match="no source area shares any ground with a target area"):
        lea.build_crosswalk(areas(s=(500, 0, 540, 10)), HALVES)


def test_weights_are_not_ignored():
    with pytest.raises(UsageError, match="takes no weights"):
        lea.build_crosswalk(areas(s=(0, 0, 40, 10)), HALVES, weights=HALVES)


def test_an_unknown_method_is_named_with_those_that_exist():
    with pytest.raises(UsageError, match=r"method is 'area'.*areal"):
        lea.build_crosswalk(HALVES, HALVES, method="area")
