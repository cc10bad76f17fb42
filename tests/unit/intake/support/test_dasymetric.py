"""Where mass lies within an area, by finer areas, points and rasters: squares computed by hand."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import MultiPoint, Point, box

import lea_geo as lea
from lea_geo.errors import AreasError, UsageError, ValuesError


def areas(**boxes) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[box(*b) for b in boxes.values()], index=list(boxes), crs=3067)


def points(*places, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[Point(*place) for place in places], crs=3067)


SOURCE = areas(s=(0, 0, 40, 10))
HALVES = areas(a=(0, 0, 10, 10), b=(10, 0, 40, 10))


def walk_by(weights, column=None, source=SOURCE, target=HALVES, **options):
    return lea.build_crosswalk(
        source, target, method="dasymetric", weights=weights, weights_column=column, **options
    )


def raster(path: Path, values, *, size=10, dtype="float32", nodata=None, crs=3067, turned=0.0) -> Path:
    values = np.asarray(values, dtype=dtype)
    place = rasterio.Affine(size, turned, 0, 0, -size, size * len(values))
    profile = {
        "driver": "GTiff",
        "count": 1,
        "dtype": dtype,
        "crs": crs,
        "transform": place,
        "nodata": nodata,
    }
    with rasterio.open(path, "w", height=len(values), width=len(values[0]), **profile) as file:
        file.write(values, 1)
    return path


class TestFinerAreas:
    def test_mass_lies_where_the_weights_lie(self):
        zones = areas(z=(0, 0, 10, 10), y=(10, 0, 20, 10)).assign(people=[30, 10])
        walk = walk_by(zones, "people")
        assert walk.shares.toarray().tolist() == [[0.75, 0.25]]
        assert walk.mass.toarray().tolist() == [[30, 10]]
        assert walk.assumed.tolist() == [0]

    def test_without_a_column_each_square_metre_counts(self):
        built_up = areas(z=(5, 0, 10, 10), y=(30, 0, 40, 5))
        assert walk_by(built_up).shares.toarray().tolist() == [[0.5, 0.5]]

    def test_a_zone_cut_by_a_border_is_spread_evenly_within_itself_and_counts_as_assumed(self):
        zones = areas(z=(5, 0, 25, 10), y=(30, 0, 40, 10)).assign(people=[80, 20])
        walk = walk_by(zones, "people")
        assert walk.shares.toarray() == pytest.approx(np.array([[0.2, 0.8]]))
        assert walk.assumed == pytest.approx([0.8])

    def test_source_zone_and_target_are_laid_over_each_other_all_three(self):
        # The zone, 100 m2, has 60 m2 in s1 and 40 in s2; in s1 20 of them lie in the southern half, in s2 10.
        sources = areas(s1=(0, 0, 10, 10), s2=(10, 0, 20, 10))
        southern = areas(south=(0, 0, 20, 5), north=(0, 5, 20, 10))
        zone = gpd.GeoDataFrame(
            {"people": [100, 100, 0]},
            geometry=[
                box(4, 5, 10, 15).union(box(6, 0, 10, 5)).intersection(box(0, 0, 10, 10)),
                box(10, 0, 12, 10),
                box(0, 0, 1, 1),
            ],
            crs=3067,
        )
        walk = walk_by(zone, "people", source=sources, target=southern)
        # s1: 100 people on 30 + 20 m2; s2: 100 people on 10 + 10 m2.
        assert walk.shares.toarray() == pytest.approx(np.array([[0.4, 0.6], [0.5, 0.5]]))

    def test_a_zone_over_two_sources_gives_each_what_lies_in_it(self):
        sources = areas(s1=(0, 0, 10, 10), s2=(10, 0, 20, 10))
        zones = areas(z=(5, 0, 15, 5), y=(15, 5, 20, 10)).assign(people=[50, 75])
        walk = walk_by(zones, "people", source=sources, target=areas(t=(0, 0, 20, 5), u=(0, 5, 20, 10)))
        # s1 holds 25 of the zone's 50 and nothing else; s2 the other 25 below and 75 above.
        assert walk.shares.toarray() == pytest.approx(np.array([[1, 0], [0.25, 0.75]]))
        assert walk.source_mass == pytest.approx([25, 100])

    def test_weights_outside_all_targets_make_mass_lost(self):
        zones = areas(z=(0, 0, 10, 10), y=(30, 0, 40, 10)).assign(people=[30, 10])
        walk = walk_by(zones, "people", target=areas(a=(0, 0, 10, 10)))
        assert walk.lost == pytest.approx([0.25])

    def test_a_source_without_weights_is_spread_by_surface_and_said(self):
        sources = areas(s=(0, 0, 20, 10), empty=(0, 10, 20, 20))
        target = areas(a=(0, 0, 5, 20), b=(5, 0, 20, 20))
        walk = walk_by(points((1, 1)), source=sources, target=target)
        assert walk.shares.toarray() == pytest.approx(np.array([[1, 0], [0.25, 0.75]]))
        assert walk.assumed.tolist() == [0, 1]
        assert walk.unweighted.tolist() == [False, True]
        assert "1 of 2 source areas hold no weights" in walk.notes[0]

    @pytest.mark.parametrize(
        ("values", "said"),
        [([-1, 5], "negative weights in people"), ([np.nan, 5], "without a number"), ([0, 0], "are 0")],
    )
    def test_weights_must_be_numbers_of_people(self, values, said):
        with pytest.raises(ValuesError, match=said):
            walk_by(HALVES.assign(people=values), "people")

    def test_weights_in_another_crs_are_refused(self):
        with pytest.raises(AreasError, match="weights are in EPSG:3879 and the areas in EPSG:3067"):
            walk_by(HALVES.set_crs(3879, allow_override=True))

    def test_a_column_that_is_not_there_is_named(self):
        with pytest.raises(UsageError, match="weights_column is 'pepole'"):
            walk_by(HALVES.assign(people=1), "pepole")

    def test_weights_must_be_of_one_kind(self):
        mixed = gpd.GeoDataFrame(geometry=[Point(1, 1), Point(2, 2), MultiPoint([(1, 1), (2, 2)])], crs=3067)
        with pytest.raises(AreasError, match="neither all polygons nor all points: 1 of 3"):
            walk_by(mixed)

    def test_dasymetric_without_weights_is_refused(self):
        with pytest.raises(UsageError, match="weights is a NoneType"):
            walk_by(None)


class TestPoints:
    def test_each_point_counts_as_one(self):
        walk = walk_by(points((1, 1), (2, 2), (3, 3), (20, 5)))
        assert walk.shares.toarray().tolist() == [[0.75, 0.25]]
        assert walk.assumed.tolist() == [0]

    def test_or_as_much_as_a_column_says(self):
        walk = walk_by(points((1, 1), (20, 5), dwellings=[1, 9]), "dwellings")
        assert walk.shares.toarray() == pytest.approx(np.array([[0.1, 0.9]]))

    def test_a_point_on_a_common_border_counts_once(self):
        walk = walk_by(points((10, 5), (1, 1)))
        assert walk.mass.sum() == 2
        assert walk.shares.sum() == 1

    def test_points_outside_are_counted(self):
        assert walk_by(points((1, 1), (99, 99))).notes == (
            "1 of 2 points lie in no source area and weigh nothing.",
        )


class TestRaster:
    def test_mass_lies_as_the_densities(self, tmp_path):
        walk = walk_by(raster(tmp_path / "r.tif", [[3, 1, 0, 0]]))
        assert walk.shares.toarray() == pytest.approx(np.array([[0.75, 0.25]]))
        assert walk.assumed.tolist() == [0]

    def test_a_pixel_that_a_border_cuts_is_shared_by_surface(self, tmp_path):
        target = areas(a=(0, 0, 5, 10), b=(5, 0, 40, 10))
        walk = walk_by(raster(tmp_path / "r.tif", [[3, 1, 0, 0]]), target=target)
        assert walk.shares.toarray() == pytest.approx(np.array([[1.5 / 4, 2.5 / 4]]), rel=1e-6)
        assert walk.assumed == pytest.approx([3 / 4], rel=1e-6)

    def test_classes_of_land_weigh_what_their_densities_say(self, tmp_path):
        path = raster(tmp_path / "r.tif", [[1, 2, 3, 2]], dtype="uint8")
        walk = walk_by(path, densities={1: 6, 2: 1, 3: 0})
        assert walk.shares.toarray() == pytest.approx(np.array([[0.75, 0.25]]))
        assert walk.assumed.tolist() == [0]

    def test_a_class_without_a_density_is_named(self, tmp_path):
        path = raster(tmp_path / "r.tif", [[1, 2, 3, 2]], dtype="uint8")
        with pytest.raises(ValuesError, match=r"classes of the raster without a density: 2 \(1, 3\)"):
            walk_by(path, densities={2: 1})

    def test_pixels_without_data_weigh_nothing_and_are_said(self, tmp_path):
        walk = walk_by(raster(tmp_path / "r.tif", [[3, -9, 1, 0]], nodata=-9))
        assert walk.shares.toarray() == pytest.approx(np.array([[0.75, 0.25]]))
        assert walk.notes == (
            "25.00% of the source areas' surface has no value in the raster and weighs nothing.",
        )

    def test_pixels_outside_all_targets_make_mass_lost(self, tmp_path):
        walk = walk_by(raster(tmp_path / "r.tif", [[3, 0, 0, 1]]), target=areas(a=(0, 0, 20, 10)))
        assert walk.lost == pytest.approx([0.25])

    def test_negative_densities_are_refused(self, tmp_path):
        with pytest.raises(ValuesError, match="negative densities, down to -9"):
            walk_by(raster(tmp_path / "r.tif", [[3, -9, 1, 0]]))

    def test_a_raster_in_another_crs_is_refused(self, tmp_path):
        with pytest.raises(AreasError, match=r"r.tif is in EPSG:3879 and the areas in EPSG:3067"):
            walk_by(raster(tmp_path / "r.tif", [[1, 1, 1, 1]], crs=3879))

    def test_a_turned_raster_is_refused(self, tmp_path):
        with pytest.raises(AreasError, match="turned against its axes"):
            walk_by(raster(tmp_path / "r.tif", [[1, 1, 1, 1]], turned=1.0))

    def test_a_band_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(AreasError, match="has no band 2"):
            walk_by(raster(tmp_path / "r.tif", [[1, 1, 1, 1]]), band=2)

    def test_what_is_no_raster_is_refused(self, tmp_path):
        (tmp_path / "no.tif").write_text("no")
        with pytest.raises(AreasError, match="no raster that can be read"):
            walk_by(tmp_path / "no.tif")
        with pytest.raises(AreasError, match="there is no file"):
            walk_by(tmp_path / "absent.tif")

    def test_options_of_other_weights_are_refused(self, tmp_path):
        with pytest.raises(UsageError, match="weights_column is of areas and points"):
            walk_by(raster(tmp_path / "r.tif", [[1, 1, 1, 1]]), "people")
        with pytest.raises(UsageError, match="densities are of the classes of a raster"):
            walk_by(HALVES, densities={1: 1})
        with pytest.raises(UsageError, match=r"densities must be numbers of at least 0, not 1: -2"):
            walk_by(raster(tmp_path / "r.tif", [[1, 1, 1, 1]]), densities={1: -2})
