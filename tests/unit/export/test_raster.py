"""Rasters exist for grid cells only, put every number in its place, and say what it means."""

import hashlib
import json
import subprocess
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from colours import smallest_difference
from hypothesis import given
from hypothesis import strategies as st
from rio_cogeo import cog_validate
from small_findings import (
    IDS,
    ISLAND,
    MISSING,
    NOT_APPLICABLE,
    SUPPRESSED,
    ZERO,
    small_findings,
    whole_findings,
)

from lea_geo._classes import as_shown, value_classes
from lea_geo._colours import STYLES, solid
from lea_geo.export.raster import write_rasters
from lea_geo.export.raster_legend import LABEL_CODES, STATUS_CODES, status_legend, value_legend
from lea_geo.schema import Label, Status, Text


def on_cells(findings, corners, side=250.0):
    squares = [shapely.box(x, y, x + side, y + side) for x, y in corners]
    shapes = gpd.GeoSeries(squares, findings.areas.index, crs="EPSG:3879")
    return replace(findings, areas=findings.areas.set_geometry(shapes))


# Twelve cells of HSY's grid, whose corners are no multiples of 250: four columns, three rows, from the SW.
CORNERS = [(25_472_499.988 + 250 * (i % 4), 6_685_998.005 + 250 * (i // 4)) for i in range(12)]
CENTRES = [(x + 125, y + 125) for x, y in CORNERS]
# The last cell far to the east: a side of 700 pixels, longer than a tile.
WIDE = [*CORNERS[:11], (CORNERS[0][0] + 699 * 250, CORNERS[0][1])]


SMALL = small_findings()


def written(findings, folder):
    return {file.name: file for file in write_rasters(findings, folder)}


def pixels(file, points=CENTRES):
    with rasterio.open(file) as raster:
        return [value for (value,) in raster.sample(points)]


def test_each_cell_is_the_pixel_where_it_lies(findings, tmp_path):
    cells = on_cells(findings, CORNERS)
    files = written(cells, tmp_path)
    assert [name for name in files if name.startswith("low_income") and name.endswith(".tif")] == [
        "low_income_value.tif",
        "low_income_status.tif",
        "low_income_local_moran_label.tif",
        "low_income_local_g_star_label.tif",
    ]
    for name in [name for name in files if name.endswith(".tif")]:
        beside = {f"{name}.aux.xml", name.replace(".tif", ".qml"), name.replace(".tif", ".qmd")}
        assert beside <= set(files)
    assert sorted(files) == sorted(path.name for path in tmp_path.iterdir())
    with rasterio.open(files["low_income_value.tif"]) as raster:
        assert raster.crs.to_epsg() == 3879
        assert (raster.width, raster.height, raster.res) == (4, 3, (250.0, 250.0))
        assert np.isnan(raster.nodata)
        tags = raster.tags()
    assert tags["SYNTHETIC"] == "nothing here is real"
    assert (tags["source"], tags["licence"]) == ("Made-up data in the form of: Made up", "CC BY 4.0")
    np.testing.assert_array_equal(
        pixels(files["low_income_value.tif"]), findings.results["low_income"]["value"]
    )


def test_a_label_is_the_number_that_the_tag_explains_and_0_is_no_cell(findings, tmp_path):
    gap = [*CORNERS[:11], (CORNERS[11][0] + 500, CORNERS[11][1])]
    files = written(on_cells(findings, gap), tmp_path)
    with rasterio.open(files["low_income_local_moran_label.tif"]) as raster:
        found = raster.read(1)
        told = dict(entry.split(" = ") for entry in raster.tags()["classes"].split("; "))
        assert raster.nodata == 0
        colours = raster.colormap(1)
    assert found.shape == (3, 6)
    assert (
        told[str(found[2, 0])] == findings.results["low_income"]["local_moran_label"].iloc[0] == "High-High"
    )
    names = ["Not significant", "Not significant", "Undefined"]
    assert list(found[0]) == [*(LABEL_CODES[name] for name in names), 0, 0, LABEL_CODES["Isolate"]]
    for label, code in LABEL_CODES.items():
        assert "#{:02x}{:02x}{:02x}".format(*colours[code][:3]) == solid(label)
    assert colours[0][3] == 0


def test_why_a_pixel_has_no_value_is_told_apart(findings, tmp_path):
    found = dict(
        zip(IDS, pixels(written(on_cells(findings, CORNERS), tmp_path)["low_income_status.tif"]), strict=True)
    )
    assert {found[area] for area in (IDS[0], ISLAND)} == {STATUS_CODES[Status.OBSERVED]}
    assert found[SUPPRESSED] == STATUS_CODES[Status.SUPPRESSED]
    assert found[MISSING] == STATUS_CODES[Status.MISSING]
    assert found[NOT_APPLICABLE] == STATUS_CODES[Status.NOT_APPLICABLE]
    assert found[ZERO] == STATUS_CODES[Status.STRUCTURAL_ZERO]
    assert len({0, *STATUS_CODES.values()}) == len(Status) + 1


def test_what_hides_values_differs_from_every_colour_of_values(findings):
    hiding = [sign.colour for sign in status_legend(findings, findings.indicators[0]).signs if sign.opaque]
    assert len(hiding) == len(Status) - 1
    classes = value_classes([findings.results["low_income"]], decimals=1)
    for colour in hiding:
        for other in {*hiding, *(one.fill for one in classes)} - {colour}:
            assert smallest_difference([colour, other]) > 11


@pytest.mark.parametrize("corners", [CORNERS, WIDE], ids=["one tile", "with overviews"])
def test_the_validators_of_cloud_optimised_geotiffs_find_nothing(findings, tmp_path, corners, qgis_python):
    files = [file for file in write_rasters(on_cells(findings, corners), tmp_path) if file.suffix == ".tif"]
    for file in files:
        assert cog_validate(file, strict=True) == (True, [], [])
        with rasterio.open(file) as raster:
            assert raster.overviews(1) == ([2] if corners is WIDE else [])
            assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    command = [qgis_python, "-m", "osgeo_utils.samples.validate_cloud_optimized_geotiff"]
    for file in files[:3]:
        told = subprocess.run([*command, str(file)], capture_output=True, text=True, check=True)
        assert "is a valid cloud optimized GeoTIFF" in told.stdout
        assert not told.stderr


def test_an_overview_holds_the_mean_of_values_and_the_most_frequent_class(findings, tmp_path):
    # Three columns and four rows, so that blocks of two by two cells are whole; and one cell far away.
    x, y = CORNERS[0]
    corners = [(x + 250 * (i % 3), y + 250 * (i // 3)) for i in range(11)] + [(x + 699 * 250, y)]
    files = written(on_cells(findings, corners), tmp_path)
    with rasterio.open(files["low_income_value.tif"], overview_level=0) as raster:
        south, north = raster.read(1)[::-1, 0]
    assert south == pytest.approx((31.25 + 28.125 + 22.5 + 1.1) / 4)
    assert north == pytest.approx((10 / 3 + 0) / 2)  # the two others of this block have no value
    with rasterio.open(files["low_income_local_moran_label.tif"], overview_level=0) as raster:
        assert raster.read(1)[-1, 0] == LABEL_CODES[Label.HIGH_HIGH]  # two of the four


def test_the_same_findings_give_the_same_bytes(findings, tmp_path):
    cells = on_cells(findings, WIDE)
    hashes = [
        {
            name: hashlib.sha256(file.read_bytes()).hexdigest()
            for name, file in written(cells, tmp_path / run).items()
        }
        for run in ("one", "two")
    ]
    assert hashes[0] == hashes[1]


def test_names_of_any_kind_are_text_in_every_file(findings, tmp_path):
    name = "<b>&\"'\x07]]></category> å\ud800"
    hostile = Text(*[name] * 3)
    indicators = tuple(
        replace(one, name=hostile, explanation=hostile, source=name, licence=name)
        for one in findings.indicators
    )
    files = written(on_cells(replace(findings, title=hostile, indicators=indicators), CORNERS), tmp_path)
    clean = "<b>&\"'\ufffd]]></category> å\ufffd"
    for file in files.values():
        if file.suffix == ".tif":
            with rasterio.open(file) as raster:
                assert clean in raster.tags()["title_fi"]
        else:
            root = ET.fromstring(file.read_text("utf-8"))  # noqa: S314 - our own file
            if file.suffix == ".qmd":
                assert clean in root.findtext("title")
                assert root.findtext("license") == clean


@given(
    st.lists(st.floats(-1000, 1000).map(lambda v: round(v, 4)), min_size=1, max_size=30),
    st.integers(0, 3),
)
def test_a_value_has_the_colour_of_its_class_on_the_map(values, decimals):
    findings = SMALL
    frame = findings.results["low_income"].iloc[[0] * len(values)].assign(value=values, status="observed")
    classes = value_classes([frame], decimals=decimals)
    legend = value_legend(findings, replace(findings.indicators[0], decimals=decimals), classes)
    limits = [sign.value for sign in legend.signs]
    assert all(low < high for low, high in pairwise(limits))
    for value, shown in zip(values, as_shown(values, decimals), strict=True):
        # QGIS takes the first range whose limit is not below the value.
        painted = next(sign.colour for sign in legend.signs if value <= sign.value)
        assert painted == next(one.fill for one in classes if one.lower <= shown <= one.upper)


def test_years_share_their_classes(findings, tmp_path):
    cells = replace(on_cells(findings, CORNERS), level="grid", year="2020")
    doubled = {code: frame.assign(value=2 * frame["value"]) for code, frame in findings.results.items()}
    both = replace(cells, others=(replace(cells, year="2016", results=doubled, comparisons=None),))
    write_rasters(both, tmp_path)
    styles = [(tmp_path / folder / "income_value.qml").read_text("utf-8") for folder in ("", "grid_2016")]
    assert styles[0] == styles[1]


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


QGIS = """
import json, os, sys
from osgeo import gdal
from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsRasterLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
app = QgsApplication([], False)
app.initQgis()
folder = sys.argv[1]
found, layers = {}, {}
for name in ("value", "status", "local_moran_label"):
    path = os.path.join(folder, "low_income_" + name + ".tif")
    layer = layers[name] = QgsRasterLayer(path, name)
    told, read = layer.loadDefaultMetadata()  # as the program does when a file is dropped into it
    dataset = gdal.Open(path)  # a band lives as long as it does
    band = dataset.GetRasterBand(1)
    table = band.GetDefaultRAT()
    found[name] = {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "renderer": layer.renderer().type(),
        "legend": [[text, colour.name()] for text, colour in layer.legendSymbologyItems()],
        "title": layer.metadata().title(),
        "licences": layer.metadata().licenses(),
        "categories": band.GetCategoryNames(),
        "classes": [table.GetValueAsString(row, 1) for row in range(table.GetRowCount())] if table else None,
        "mean": band.GetMetadataItem("STATISTICS_MEAN"),
    }
def draw(names, image):
    settings = QgsMapSettings()
    shown = [layers[name] for name in names]
    settings.setLayers(shown)
    settings.setDestinationCrs(shown[0].crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(400, 300))
    settings.setExtent(shown[0].extent())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(os.path.join(folder, image))
    # The middle of each cell, row by row from the south, as the areas stand.
    return [QColor(picture.pixel(50 + 100 * (i % 4), 250 - 100 * (i // 4))).name() for i in range(12)]
found["drawn"] = draw(["status", "value"], "values.png")
found["drawn labels"] = draw(["local_moran_label"], "labels.png")
print(json.dumps(found))
sys.stdout.flush()
os._exit(0)  # exitQgis() crashes on objects that Python still holds
"""


@pytest.fixture(scope="module")
def in_qgis(tmp_path_factory, qgis_python):
    folder = tmp_path_factory.mktemp("rasters")
    files = write_rasters(on_cells(whole_findings(), CORNERS), folder)
    before = [file.read_bytes() for file in files]
    told = subprocess.run(
        [qgis_python, "-W", "ignore", "-c", QGIS, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PATH": "/usr/bin"},
    )
    assert [file.read_bytes() for file in files] == before, "opening a file must not change it"
    assert not {path.name for path in folder.glob("low_income*")} - {file.name for file in files}
    return json.loads(told.stdout.splitlines()[-1])


@pytest.mark.qgis
def test_qgis_opens_each_raster_in_its_style(in_qgis):
    for name, renderer in (
        ("value", "singlebandpseudocolor"),
        ("status", "paletted"),
        ("local_moran_label", "paletted"),
    ):
        found = in_qgis[name]
        assert (found["valid"], found["crs"], found["renderer"]) == (True, "EPSG:3879", renderer)
        assert found["title"].startswith("Pienituloiset (fi) 2020: ")
        assert found["licences"] == ["CC BY 4.0"]
    assert in_qgis["value"]["legend"][0] == ["0,0–1,1\N{NO-BREAK SPACE}%", "#ffffcc"]
    assert ["Salattu tietosuojasyistä / Withheld to protect privacy", solid(Status.SUPPRESSED)] in in_qgis[
        "status"
    ]["legend"]
    labels = in_qgis["local_moran_label"]["legend"]
    assert [colour for _, colour in labels] == [solid(label) for label in Label]
    assert labels[0][0] == "Korkea, ympärillä korkeita / High, surrounded by high"


@pytest.mark.qgis
def test_qgis_paints_each_cell_as_the_map_does_and_over_it_why_there_is_no_value(in_qgis):
    frame = SMALL.results["low_income"]
    classes = value_classes([frame], decimals=1)
    colours = {Status.STRUCTURAL_ZERO: "#d8b365"}
    for drawn, value, status in zip(in_qgis["drawn"], frame["value"], frame["status"], strict=True):
        shown = as_shown([value], 1)[0]
        known = next((one.fill for one in classes if one.lower <= shown <= one.upper), "")
        assert drawn == (known if status == "observed" else colours.get(status) or solid(status))
    labels = frame["local_moran_label"]
    assert in_qgis["drawn labels"] == [solid(label) for label in labels]
    assert in_qgis["drawn labels"][0] == STYLES[Label.HIGH_HIGH].fill


@pytest.mark.qgis
def test_gdal_knows_the_names_of_classes_and_the_statistics_of_values(in_qgis):
    # GDAL 3.6, which is older than the one that wrote the files.
    names = in_qgis["local_moran_label"]["categories"]
    assert names[0] == ""
    assert names[LABEL_CODES["High-High"]] == "Korkea, ympärillä korkeita / High, surrounded by high"
    assert in_qgis["local_moran_label"]["classes"] == [str(label) for label in Label]
    assert in_qgis["status"]["classes"] == [str(status) for status in Status]
    assert float(in_qgis["value"]["mean"]) == pytest.approx(SMALL.results["low_income"]["value"].mean())
