"""Pixels are summed up by area exactly, and an area that a raster does not know is missing and never 0."""

import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine

from lea_geo.errors import AreasError, RasterError, UsageError
from lea_geo.intake.support.overlap import overlap
from lea_geo.intake.zonal import zonal_statistics
from lea_geo.schema import Status

WEST, NORTH = 300_000, 7_000_000
NINE = np.array([[1.0, 2, 3], [4, -1, 6], [7, 8, 9]])
"""The middle pixel holds -1: no route."""


def write(path, pixels, *, side=100.0, west=WEST, north=NORTH, **changes):
    south_up = changes.pop("south_up", False)
    scales, offsets = changes.pop("scales", None), changes.pop("offsets", None)
    transform = Affine(side, 0, west, 0, -side, north)
    if south_up:
        pixels, transform = pixels[::-1], Affine(side, 0, west, 0, side, north - side * len(pixels))
    profile = {
        "driver": "GTiff",
        "height": pixels.shape[0],
        "width": pixels.shape[1],
        "count": 1,
        "dtype": pixels.dtype,
        "crs": "EPSG:3067",
        "transform": transform,
    }
    with rasterio.open(path, "w", **profile | changes) as raster:
        raster.write(pixels, 1)
        if scales:
            raster.scales, raster.offsets = scales, offsets
    return path


def areas(**boxes):
    """Return areas by bounds in metres from the raster's south-western corner (three pixels of 100 m)."""
    shapes = [shapely.box(*bounds) for bounds in boxes.values()]
    placed = gpd.GeoSeries(shapes).translate(WEST, NORTH - 300).to_numpy()
    return gpd.GeoDataFrame(geometry=placed, index=pd.Index(boxes, name="area_id"), crs="EPSG:3067")


EVERY = ("mean", "sum", "min", "max", "median", "stdev", "majority", "variety")


def test_each_pixel_counts_by_how_much_of_it_is_covered(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    # 50 m in from each side: corners count a quarter, edges a half.
    found = zonal_statistics(raster, areas(a=(50, 50, 250, 250)), statistics=EVERY, nodata=-1)
    row = found.table.loc["a"]
    weights = dict(zip([1, 3, 7, 9, 2, 4, 6, 8], [0.25] * 4 + [0.5] * 4, strict=True))
    total = sum(weights.values())
    assert total == 3
    assert row["sum"] == pytest.approx(0.25 * 20 + 0.5 * 20)
    assert row["mean"] == pytest.approx(15 / 3)
    variance = sum(w * (v - 5) ** 2 for v, w in weights.items()) / 3
    assert row["stdev"] == pytest.approx(variance**0.5)
    assert (row["min"], row["max"], row["variety"]) == (1, 9, 8)
    # 1, 2, 3 and 4 hold 0.25 + 0.5 + 0.25 + 0.5 = 1.5, half of 3: the middle lies between 4 and 6.
    assert row["median"] == 5
    assert row["majority"] == 8  # of 2, 4, 6 and 8 the largest
    assert row["coverage"] == pytest.approx(0.75)  # the middle pixel is a quarter of the area
    assert row["status"] == Status.OBSERVED
    account = found.account.loc["a"]
    assert account["surface"] == 40_000
    assert (account["outside"], account["without_data"]) == (0, pytest.approx(10_000))
    assert account["pixels"] == pytest.approx(3)
    assert account["least"] == 1


def test_the_middle_of_pixels_is_the_ordinary_median(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    found = zonal_statistics(
        raster, areas(four=(0, 0, 200, 200), three=(0, 0, 300, 100)), statistics="median", nodata=-1
    )
    assert found.table["median"].to_dict() == {"four": 7, "three": 8}  # of 4, 7, 8 and of 7, 8, 9
    even = zonal_statistics(raster, areas(two=(0, 0, 200, 100)), statistics="median")
    assert even.table.loc["two", "median"] == 7.5


@pytest.mark.parametrize("seed", range(3))
def test_the_statistics_are_those_of_exactextract(tmp_path, seed):
    # exactextract 0.3.0, with its own sums: a second opinion on everything but its way of cutting pixels.
    rng = np.random.default_rng(seed)
    raster = write(tmp_path / "r.tif", rng.integers(0, 9, (30, 30)).astype(np.int16), side=10, nodata=4)
    discs = [shapely.Point(x, y).buffer(r) for x, y, r in rng.uniform(40, 260, (20, 3))]
    frame = areas(**{f"a{i}": disc.bounds for i, disc in enumerate(discs)})
    frame = frame.set_geometry(gpd.GeoSeries(discs, frame.index, crs=3067).translate(WEST, NORTH - 300))
    names = tuple(name for name in EVERY if name != "median")
    ours = zonal_statistics(raster, frame, statistics=names, least_coverage=0).table
    with rasterio.open(raster) as opened:  # it compares how the CRS is written, and warns
        same = frame.reset_index().set_crs(opened.crs.to_wkt(), allow_override=True)
    theirs = exact_extract(str(raster), same, list(names), output="pandas")
    np.testing.assert_allclose(ours[list(names)], theirs[list(names)], rtol=1e-6)


def test_sums_are_those_of_the_exact_overlap(tmp_path):
    rng = np.random.default_rng(1)
    pixels = rng.uniform(0, 100, (20, 20))
    raster = write(tmp_path / "r.tif", pixels, side=50, north=NORTH + 700)
    corners = rng.uniform(0, 300, (15, 3, 2))
    shapes = [shapely.Polygon(one).buffer(40) for one in corners]
    frame = areas(**{f"a{i}": shape.bounds for i, shape in enumerate(shapes)})
    frame = frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=3067).translate(WEST, NORTH - 300))
    rows, columns = np.divmod(np.arange(400), 20)
    x, y = WEST + 50 * columns, NORTH + 700 - 50 * (rows + 1)
    cells = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 50, y + 50), crs=3067)
    shared = overlap(cells.set_axis([f"c{i}" for i in range(400)]), frame)
    expected = shared.T @ pixels.ravel() / 2500
    found = zonal_statistics(raster, frame, statistics="sum", least_coverage=0).table["sum"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_an_area_outside_the_raster_is_missing_and_never_0(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    some = areas(in_=(0, 0, 300, 300), out=(9000, 0, 9100, 100), beside=(300, 0, 400, 100))
    found = zonal_statistics(raster, some, statistics=("sum", "variety", "mean"), nodata=-1)
    assert list(found.table["status"]) == [Status.OBSERVED, Status.MISSING, Status.MISSING]
    assert found.table.loc[["out", "beside"], ["sum", "variety", "mean"]].isna().all(axis=None)
    assert list(found.table["coverage"]) == [pytest.approx(8 / 9, abs=1e-6), 0, 0]
    assert found.account["outside"].to_list() == [0, 10_000, 10_000]
    assert "2 of 3 areas lie outside nine.tif and are missing: out, beside." in found.notes


def test_an_area_with_too_little_data_is_missing_and_named(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    # A third of it lies on the raster, and a ninth of that is without data.
    some = areas(wide=(0, 0, 900, 300))
    assert zonal_statistics(raster, some, nodata=-1).table.loc["wide", "status"] == Status.MISSING
    told = zonal_statistics(raster, some, nodata=-1).notes
    assert told == ("1 of 1 areas have data on less than 50% of their surface and are missing: wide.",)
    enough = zonal_statistics(raster, some, nodata=-1, least_coverage=8 / 27)
    assert enough.table.loc["wide", "mean"] == pytest.approx(5)
    assert enough.table.loc["wide", "coverage"] == pytest.approx(8 / 27, abs=1e-6)
    assert enough.notes[0].startswith("1 of 1 areas have data on a part of their surface only")
    whole = zonal_statistics(raster, areas(full=(100, 0, 300, 100)), least_coverage=1)
    assert whole.table.loc["full", "status"] == Status.OBSERVED
    assert whole.notes == ()


def test_values_are_scaled_after_no_data_is_taken_out(tmp_path):
    stored = np.array([[10, 20, 255], [30, 7, 40], [50, 60, 70]], dtype=np.uint8)
    raster = write(tmp_path / "ndvi.tif", stored, nodata=255, scales=[0.01], offsets=[-0.5])
    found = zonal_statistics(raster, areas(a=(0, 0, 300, 300)), statistics=("sum", "min"), nodata=7)
    # 10 + 20 + 30 + 40 + 50 + 60 + 70 = 280 over seven pixels.
    assert found.table.loc["a", "sum"] == pytest.approx(280 * 0.01 - 0.5 * 7)
    assert found.table.loc["a", "min"] == pytest.approx(-0.4)
    assert found.table.loc["a", "coverage"] == pytest.approx(7 / 9, abs=1e-6)


def test_no_data_in_32_bits_is_found(tmp_path):
    raster = write(tmp_path / "r.tif", np.where(NINE < 0, -0.1, NINE).astype(np.float32))
    assert (
        zonal_statistics(raster, areas(a=(0, 0, 300, 300)), statistics="min", nodata=-0.1).table.loc[
            "a", "min"
        ]
        == 1
    )


def test_a_south_up_raster_lies_where_a_north_up_one_does(tmp_path):
    some = areas(a=(10, 20, 110, 250), b=(150, 0, 300, 99))
    up = zonal_statistics(write(tmp_path / "n.tif", NINE), some, statistics=EVERY)
    down = zonal_statistics(write(tmp_path / "s.tif", NINE, south_up=True), some, statistics=EVERY)
    pd.testing.assert_frame_equal(up.table, down.table)
    pd.testing.assert_frame_equal(up.account, down.account)


def test_areas_are_brought_to_the_raster_and_not_the_raster_to_them(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    here = areas(a=(20, 30, 260, 240))
    found = zonal_statistics(raster, here.to_crs("EPSG:3879"), nodata=-1)
    assert found.crs == "EPSG:3067"
    assert (
        found.notes[-1] == "The areas were brought to EPSG:3067, in which nine.tif is; it is not resampled."
    )
    np.testing.assert_allclose(
        found.table["mean"], zonal_statistics(raster, here, nodata=-1).table["mean"], rtol=1e-5
    )
    assert not zonal_statistics(raster, here).crs


def test_in_degrees_a_pixel_counts_by_its_surface(tmp_path):
    raster = write(
        tmp_path / "degrees.tif", np.array([[0.0], [1.0]]), side=2.0, west=24, north=64, crs="EPSG:4326"
    )
    whole = gpd.GeoDataFrame(geometry=[shapely.box(24, 60, 26, 64)], index=["a"], crs="EPSG:4326")
    bent = whole.set_geometry(whole.segmentize(0.01)).to_crs("EPSG:3067")
    found = zonal_statistics(raster, bent, statistics=("mean", "sum"), least_coverage=0.9)
    north, south = np.cos(np.radians([63, 61]))
    assert found.table.loc["a", "mean"] == pytest.approx(south / (north + south), abs=1e-5)
    assert found.table.loc["a", "sum"] == pytest.approx(1, abs=1e-4)  # pixels are added, not surfaces


def test_weighted_by_people_a_mean_is_over_people(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    people = write(tmp_path / "people.tif", np.array([[10.0, 0, 0], [0, 50, 0], [0, np.nan, 30]]))
    some = areas(all_=(0, 0, 300, 300), empty=(100, 200, 300, 300), gap=(100, 100, 200, 200))
    found = zonal_statistics(raster, some, statistics=EVERY, weights=people, nodata=-1, least_coverage=0.4)
    row = found.table.loc["all_"]
    # Ten people at 1 and thirty at 9; the fifty in the middle have no route.
    assert row["mean"] == pytest.approx((10 * 1 + 30 * 9) / 40)
    assert row["sum"] == pytest.approx(280)
    assert (row["min"], row["max"], row["variety"], row["median"]) == (1, 9, 2, 9)
    assert row["coverage"] == pytest.approx(40 / 90, abs=1e-6)
    assert found.table.loc["empty", "status"] == Status.NOT_APPLICABLE
    assert found.table.loc["gap", "status"] == Status.MISSING
    assert found.table.loc[["empty", "gap"], list(EVERY)].isna().all(axis=None)
    assert found.account.loc["all_", ["weight", "weight_without_data"]].to_list() == [90, 50]
    assert found.account.loc["all_", "without_weight"] == pytest.approx(10_000, rel=1e-5)
    assert "1 of 3 areas have no weight in people.tif: empty." in found.notes
    assert any("which count as nobody: all_" in note for note in found.notes)


@pytest.mark.parametrize("finer", ["raster", "weights"])
def test_people_are_counted_once_whichever_grid_is_finer(tmp_path, finer):
    fine, coarse = np.arange(36.0).reshape(6, 6), NINE + 2
    raster, people = (fine, coarse) if finer == "raster" else (coarse, fine)
    sides = {3: 100.0, 6: 50.0}
    raster_file = write(tmp_path / "r.tif", raster, side=sides[len(raster)])
    people_file = write(tmp_path / "p.tif", people, side=sides[len(people)])
    found = zonal_statistics(
        raster_file, areas(a=(0, 0, 300, 300)), statistics=("mean", "sum"), weights=people_file
    )
    # Every pixel in its 50 m parts; a coarse pixel's people are spread evenly over four.
    both = [np.kron(one, np.ones((6 // len(one),) * 2)) for one in (raster, people)]
    each = both[1] / (4 if finer == "raster" else 1)
    assert found.account.loc["a", "weight"] == pytest.approx(people.sum())
    assert found.table.loc["a", "sum"] == pytest.approx((both[0] * each).sum())
    assert found.table.loc["a", "mean"] == pytest.approx((both[0] * each).sum() / each.sum())
    assert found.account.loc["a", "pixels"] == pytest.approx(raster.size)


def test_people_beyond_the_raster_are_people_without_data(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    people = write(tmp_path / "people.tif", np.ones((3, 6)))
    found = zonal_statistics(raster, areas(a=(0, 0, 600, 100)), weights=people)
    assert found.account.loc["a", ["weight", "weight_without_data"]].to_list() == [6, 3]
    assert found.table.loc["a", ["mean", "coverage"]].to_list() == [8, 0.5]


@given(cuts=st.sets(st.integers(1, 2999), min_size=1, max_size=6), seed=st.integers(0, 9))
def test_the_sums_of_the_parts_are_the_sum_of_the_whole(tmp_path_factory, cuts, seed):
    raster = tmp_path_factory.getbasetemp() / "parts.tif"
    pixels = np.random.default_rng(seed).integers(0, 100, (3, 3)).astype(np.float64)
    write(raster, pixels)
    edges = [0, *(cut / 10 for cut in sorted(cuts)), 300]
    strips = {
        f"s{i}": (*pair, 300) for i, pair in enumerate(zip(edges, [0] * len(edges), edges[1:], strict=False))
    }
    found = zonal_statistics(raster, areas(**strips), statistics=("sum", "min", "median", "max"))
    assert found.table["sum"].sum() == pytest.approx(pixels.sum(), rel=1e-5)
    assert found.table["min"].le(found.table["median"]).all()
    assert found.table["median"].le(found.table["max"]).all()


def test_a_raster_larger_than_memory_is_read_where_the_areas_are(tmp_path):
    path = tmp_path / "huge.tif"
    # 200 000 pixels a side: 320 GB as numbers, a few hundred kB on disk, as all but one tile is empty.
    side = 200_000
    profile = {"driver": "GTiff", "height": side, "width": side, "count": 1, "dtype": np.float64}
    grid = {"crs": "EPSG:3067", "transform": Affine(1, 0, WEST, 0, -1, NORTH)}
    with rasterio.open(
        path, "w", **profile, **grid, tiled=True, blockxsize=4096, blockysize=4096, sparse_ok=True, nodata=-9
    ) as raster:
        raster.write(np.full((1, 100, 100), 3.0), window=rasterio.windows.Window(100, 100, 100, 100))
    spot = gpd.GeoDataFrame(
        geometry=[shapely.box(WEST + 120, NORTH - 180, WEST + 180, NORTH - 120)], index=["a"], crs=3067
    )
    assert zonal_statistics(path, spot, statistics="sum").table.loc["a", "sum"] == pytest.approx(3 * 3600)


def test_all_that_is_wrong_with_raster_and_weights_is_said_at_once(tmp_path):
    turned = write(tmp_path / "turned.tif", NINE, transform=Affine(70, 70, WEST, 70, -70, NORTH), crs=None)
    vrt = tmp_path / "people.vrt"
    vrt.write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    with pytest.raises(RasterError) as caught:
        zonal_statistics(turned, areas(a=(0, 0, 300, 300)), band=4, weights=vrt)
    told = str(caught.value)
    assert told.splitlines()[0] == "The raster turned.tif cannot be used:"
    assert "turned.tif has no band 4. It has 1, counted from 1." in told
    assert "turned.tif states no coordinate reference system" in told
    assert "turned.tif is rotated or mirrored. gdalwarp turns it north up." in told
    assert "people.vrt is damaged or of a kind that is not read" in told


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_lies_nowhere_is_refused(tmp_path):
    raster = write(tmp_path / "lost.tif", NINE, transform=None)
    with pytest.raises(RasterError, match=r"lost.tif does not say where it lies"):
        zonal_statistics(raster, areas(a=(0, 0, 300, 300)))


@pytest.mark.parametrize(
    "name", ["none.tif", "/vsicurl/http://example.org/a.tif", "http://example.org/a.tif"]
)
def test_what_is_no_file_is_never_asked_for(tmp_path, name):
    with pytest.raises(RasterError, match="there is no file"):
        zonal_statistics(tmp_path / name if name == "none.tif" else name, areas(a=(0, 0, 9, 9)))


def test_a_raster_that_is_cut_off_is_refused(tmp_path):
    path = write(tmp_path / "cut.tif", np.random.default_rng(1).uniform(size=(200, 200)), side=1.5)
    path.write_bytes(path.read_bytes()[:-100_000])
    with pytest.raises(RasterError, match=r"cut.tif cannot be used(.|\n)*its pixels cannot be read"):
        zonal_statistics(path, areas(a=(0, 0, 300, 300)))


def test_a_raster_that_lies_nowhere_on_earth_is_refused(tmp_path):
    raster = write(tmp_path / "plan.tif", NINE, crs='LOCAL_CS["Plan",UNIT["metre",1]]')
    with pytest.raises(RasterError, match=r"its coordinate reference system, Plan, is none"):
        zonal_statistics(raster, areas(a=(0, 0, 300, 300)))


def test_weights_on_another_grid_are_refused_and_not_resampled(tmp_path):
    raster = write(tmp_path / "nine.tif", NINE)
    for changes in ({"west": WEST + 30}, {"side": 70.0}, {"crs": "EPSG:3879"}):
        people = write(tmp_path / "people.tif", NINE + 2, **changes)
        with pytest.raises(RasterError, match=r"pixels of people.tif are not those of nine.tif"):
            zonal_statistics(raster, areas(a=(0, 0, 300, 300)), weights=people)


def test_infinite_pixels_and_negative_weights_are_refused_with_their_areas(tmp_path):
    raster = write(tmp_path / "inf.tif", np.where(NINE == 9, np.inf, NINE))
    some = areas(south=(0, 0, 300, 100), north=(0, 200, 300, 300))
    with pytest.raises(RasterError, match=r"areas with infinite pixels: 1 of 2 \(south\)"):
        zonal_statistics(raster, some, statistics=EVERY)
    raster, people = write(tmp_path / "one.tif", NINE), write(tmp_path / "people.tif", -NINE)
    with pytest.raises(RasterError, match=r"areas with negative weights: 2 of 2 \(south, north\)"):
        zonal_statistics(raster, some, weights=people)


def test_complex_numbers_are_no_measure(tmp_path):
    raster = write(tmp_path / "complex.tif", NINE.astype(np.complex128))
    with pytest.raises(RasterError, match="holds complex numbers"):
        zonal_statistics(raster, areas(a=(0, 0, 300, 300)))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"statistics": "average"}, "statistics is 'average'; it must be one of"),
        ({"statistics": ()}, "statistics is empty"),
        ({"statistics": ("mean", "mean")}, "names something twice"),
        ({"least_coverage": 1.5}, "must be a share from 0 to 1"),
        ({"nodata": "none"}, "must be a number or several"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_read(tmp_path, options, told):
    with pytest.raises(UsageError, match=told):
        zonal_statistics(tmp_path / "none.tif", areas(a=(0, 0, 9, 9)), **options)


def test_areas_that_are_none_are_refused(tmp_path):
    with pytest.raises(AreasError, match="no coordinate reference system"):
        zonal_statistics(
            write(tmp_path / "r.tif", NINE), areas(a=(0, 0, 9, 9)).set_crs(None, allow_override=True)
        )


def test_a_result_joins_its_areas_and_says_what_it_is(tmp_path):
    some = areas(a=(0, 0, 100, 100), b=(100, 100, 200, 200))
    found = zonal_statistics(write(tmp_path / "nine.tif", NINE), some, nodata=-1)
    assert found.join_to(some.iloc[::-1])["mean"].iloc[1] == 7
    assert repr(found) == "<Zonal: mean of nine.tif for 1 of 2 areas>"
    assert found.notes_of(["a"]) == ()


def _people(finland, cells):
    """Return HSY's residents of 2015 in YKR's cells, spread evenly within their own."""
    people = gpd.read_file(finland / "hsy_population_grid_250m_2015.gpkg").to_crs(cells.crs)
    people = people[people["ASUKKAITA"] < 10_000]  # the cell in the sea that holds who lives nowhere
    people["surface"] = people.area
    pieces = gpd.overlay(people[["ASUKKAITA", "surface", "geometry"]], cells[["YKR_ID", "geometry"]])
    held = pieces["ASUKKAITA"] * pieces.area / pieces["surface"]
    return held.groupby(pieces["YKR_ID"]).sum().reindex(cells["YKR_ID"]).fillna(0.0).to_numpy()


@pytest.mark.real
def test_the_way_to_the_nearest_mall_of_those_who_live_in_vantaa(finland, tmp_path):
    cells = gpd.read_file(finland / "ykr_grid_250m_helsinki_region.gpkg")
    with zipfile.ZipFile(finland / "ykr_travel_times_vantaa_malls_2015.zip") as archive:
        read = (pd.read_csv(archive.open(name), sep=";") for name in archive.namelist())
        minutes = pd.concat([one.set_index("from_id")["pt_m_t"] for one in read], axis=1)
    nearest = minutes.where(minutes >= 0).min(axis=1).fillna(-1).reindex(cells["YKR_ID"]).to_numpy()
    assert (nearest == -1).any(), "some cells have no route"
    residents = _people(finland, cells)
    west, south, east, north = np.rint(cells.total_bounds)
    column, row = ((cells["x"] - west) // 250).astype(int), ((north - cells["y"]) // 250).astype(int)
    shape = (int((north - south) // 250), int((east - west) // 250))
    files = []
    for name, values, blank in (("minutes", nearest, -1.0), ("people", residents, np.nan)):
        pixels = np.full(shape, blank)
        pixels[row, column] = values
        files.append(write(tmp_path / f"{name}.tif", pixels, side=250.0, west=west, north=north))
    postal = gpd.read_file(finland / "postal_areas_2018.gpkg").set_index("postinumeroalue")
    vantaa = postal[postal.index.str.fullmatch("01[2-7].0")].to_crs(3067)[["geometry"]]
    vantaa.index = vantaa.index.astype(str)
    found = zonal_statistics(files[0], vantaa, weights=files[1], statistics=("mean", "median"), nodata=-1)

    # The same by cutting polygons: people of each piece of a cell, over those with a route.
    cells = cells.assign(minutes=nearest, people=residents)
    pieces = gpd.overlay(cells[["minutes", "people", "geometry"]], vantaa.reset_index(names="area_id"))
    pieces["people"] *= pieces.area / 62_500
    routed = pieces[pieces["minutes"] >= 0]
    expected = (routed["minutes"] * routed["people"]).groupby(routed["area_id"]).sum() / routed.groupby(
        "area_id"
    )["people"].sum()
    known = found.table.index[found.table["status"] == Status.OBSERVED]
    assert len(known) > 25
    np.testing.assert_allclose(found.table.loc[known, "mean"], expected[known], rtol=1e-4)
    everyone = pieces.groupby("area_id")["people"].sum()
    np.testing.assert_allclose(found.account.loc[known, "weight"], everyone[known], rtol=1e-4)
    # Tikkurila and Myyrmäki have a mall each; Katriina, in the north-west, has not.
    assert found.table.loc[["01300", "01600"], "mean"].max() < 30 < found.table.loc["01760", "mean"]
