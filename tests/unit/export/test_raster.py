"""Rasters exist for grid cells only, and put every number in its place."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from lea_geo.export.raster import LABEL_CODES, write_rasters


def on_cells(findings, corners, side=250.0):
    squares = [shapely.box(x, y, x + side, y + side) for x, y in corners]
    shapes = gpd.GeoSeries(squares, findings.areas.index, crs="EPSG:3879")
    return replace(findings, areas=findings.areas.set_geometry(shapes))


# Twelve cells of HSY's grid, whose corners are no multiples of 250: four columns, three rows, from the SW.
CORNERS = [(25_472_499.988 + 250 * (i % 4), 6_685_998.005 + 250 * (i // 4)) for i in range(12)]


def test_each_cell_is_the_pixel_where_it_lies(findings, tmp_path):
    cells = on_cells(findings, CORNERS)
    files = write_rasters(cells, tmp_path)
    assert [f.name for f in files[:3]] == [
        "low_income_value.tif",
        "low_income_local_moran_label.tif",
        "low_income_local_g_star_label.tif",
    ]
    assert len(files) == 9
    with rasterio.open(files[0]) as raster:
        assert raster.crs.to_epsg() == 3879
        assert (raster.width, raster.height, raster.res) == (4, 3, (250.0, 250.0))
        found = [value for (value,) in raster.sample([(x + 125, y + 125) for x, y in CORNERS])]
        assert np.isnan(raster.nodata)
        assert raster.tags()["SYNTHETIC"] == "nothing here is real"
    np.testing.assert_array_equal(found, findings.results["low_income"]["value"])


def test_a_label_is_the_number_that_the_tag_explains_and_0_is_no_cell(findings, tmp_path):
    gap = [*CORNERS[:11], (CORNERS[11][0] + 500, CORNERS[11][1])]
    files = write_rasters(on_cells(findings, gap), tmp_path)
    with rasterio.open(files[1]) as raster:
        pixels = raster.read(1)
        told = dict(entry.split(" = ") for entry in raster.tags()["labels"].split("; "))
    assert pixels.shape == (3, 6)
    assert (
        told[str(pixels[2, 0])] == findings.results["low_income"]["local_moran_label"].iloc[0] == "High-High"
    )
    names = ["Not significant", "Not significant", "Undefined"]
    assert list(pixels[0]) == [*(LABEL_CODES[name] for name in names), 0, 0, LABEL_CODES["Isolate"]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda corners: [(x + 3.0 * (i == 5), y) for i, (x, y) in enumerate(corners)],
        lambda corners: [*corners[:11], corners[0]],
        lambda corners: [*corners[:11], (9e8, 9e8)],
    ],
    ids=["one off the grid", "two on one place", "too far apart"],
)
def test_squares_that_form_no_grid_give_no_raster(findings, tmp_path, spoil):
    assert write_rasters(on_cells(findings, spoil(CORNERS)), tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_postal_areas_give_no_raster(findings, tmp_path):
    assert write_rasters(findings, tmp_path) == ()
