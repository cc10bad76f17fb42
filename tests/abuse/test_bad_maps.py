"""What cannot be drawn is refused in the house's words, and nothing is drawn of it."""

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon, box
from small_findings import IDS, small_findings

from lea_geo.errors import OutputError, UsageError
from lea_geo.maps.page import planner_map
from lea_geo.maps.tiles import Tiles

SMALL = small_findings()
AREAS = SMALL.areas[["geometry"]].assign(value=np.arange(12.0))
SQUARE = [box(220_000, 7_000_000, 221_000, 7_001_000)]
SITE = 'LOCAL_CS["the plan of a building site",UNIT["metre",1]]'
URL = "https://tiles.example/{z}/{x}/{y}.png"


def _one(**columns):
    """Return one square with other columns than a value, or in another CRS."""
    crs = columns.pop("crs", "EPSG:3067")
    shapes = columns.pop("shapes", SQUARE)
    return gpd.GeoDataFrame({"value": 1.0, **columns}, geometry=shapes, crs=crs, index=["a"])


@pytest.mark.parametrize(
    ("areas", "told"),
    [
        (gpd.GeoDataFrame({"value": [1.0]}), "the areas have no geometry"),
        (AREAS.iloc[:0], "the findings hold no areas"),
        (_one(crs=None), "the areas state no CRS"),
        (_one(crs="EPSG:4326"), "the areas lie nowhere on earth in the CRS that they state"),
        (_one(crs=SITE), "the areas lie nowhere on earth"),
        (_one(shapes=[Polygon([(0, 0), (np.inf, 1), (1, 1)])]), "the areas lie nowhere on earth"),
        (_one(shapes=[Point(0, 0)]), "areas that are no polygons: 1 of 1 (a)"),
        (_one(shapes=[None]), "areas without geometry: 1 of 1 (a)"),
        (AREAS.set_axis([1, "1", *range(2, 12)]), "duplicate area ids: 1 of 12 (1)"),
        (AREAS.set_axis(pd.MultiIndex.from_product([["a", "b"], range(6)])), "area ids of several parts"),
        (pd.concat([AREAS, AREAS[["value"]]], axis=1), "columns given twice: 1 (value)"),
        (_one(value=1j), "value holds complex128, not numbers"),
        (_one(value="12"), "not numbers"),
        (_one(value=-np.inf), "infinite values: 1 of 1 (a)"),
        (_one(interval_lower="12"), "interval_lower holds"),
        (_one(status="odd"), "unknown status: 1 of 1 (a)"),
        (_one(local_moran_label="<script>"), "unknown local_moran_label"),
    ],
)
def test_areas_that_cannot_be_drawn_are_refused_by_what_is_wrong(areas, told):
    with pytest.raises(OutputError) as error:
        planner_map(areas)
    assert told in str(error.value)


def _changed(**changes):
    return replace(SMALL, **changes)


def _indicator(**changes):
    return _changed(indicators=(replace(SMALL.indicators[0], **changes),))


def _context(**columns):
    crs, shapes = columns.pop("crs", "EPSG:3067"), columns.pop("shapes", SQUARE)
    return _changed(context=gpd.GeoDataFrame({"name": [""], **columns}, geometry=shapes, crs=crs))


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        (_changed(title="Rannikko"), "the title is no Text"),
        (_changed(level="village"), "unknown level 'village'"),
        (_changed(year="<script>"), "the year is '<script>'"),
        (_changed(year=2020), "the year is 2020"),
        (_changed(indicators=()), "the findings hold no indicators"),
        (_changed(indicators=SMALL.indicators[:1] * 2), "indicator codes given twice: 1 (low_income)"),
        (_changed(results={}), "indicators without results: 3 of 3"),
        (_changed(areas=SMALL.areas.iloc[::-1]), "are not indexed as the areas are"),
        (_changed(areas=SMALL.areas.set_axis([*IDS[:11], IDS[0]])), "duplicate area ids: 1 of 12 (65000)"),
        (_indicator(decimals=-1), "a number of decimals that nobody can show: 1 (low_income)"),
        (_indicator(decimals=None), "a number of decimals that nobody can show"),
        (
            _changed(results={**SMALL.results, "plain": SMALL.results["plain"].assign(value="much")}),
            "no numbers in the results of plain: 1 (value)",
        ),
        (
            _changed(results={**SMALL.results, "plain": SMALL.results["plain"].assign(value=np.inf)}),
            "infinite values in the results of plain: 12 of 12",
        ),
        (_changed(comparisons=SMALL.comparisons[["code"]]), "columns missing from the comparisons: 9"),
        (_changed(others=(_changed(areas=SMALL.areas.iloc[:5], year="2016"),)), "2016: the results of"),
        (_context(), "the context has no column 'kind'"),
        (_context(kind="lava"), "unknown kinds of context: 1 ('lava')"),
        (_context(kind="water", crs=None), "the context states no CRS"),
        (_context(kind="water", shapes=[Point(0, 0)]), "shapes of the context that are no polygons"),
    ],
)
def test_findings_that_do_not_fit_are_refused_by_what_is_wrong(findings, told):
    with pytest.raises(OutputError) as error:
        planner_map(findings)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("water", "told"),
    [
        ("water.gpkg", "water states no CRS"),
        (gpd.GeoSeries(SQUARE), "water states no CRS"),
        (gpd.GeoSeries([Point(0, 0)], crs=3067), "shapes of water that are no polygons: 1 of 1 (0)"),
        (gpd.GeoSeries([Polygon()], crs=3067), "shapes of water that are no polygons"),
        (gpd.GeoSeries(SQUARE, crs=4326), "water lies nowhere on earth"),
    ],
)
def test_water_that_cannot_be_drawn_is_refused(water, told):
    with pytest.raises(OutputError) as error:
        planner_map(SMALL, water=water)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"language": "xx"}, "language is 'xx'"),
        ({"tiles": "osm"}, "tiles is 'osm'"),
        ({"tiles": Tiles("javascript:alert(1)", "x")}, "the address of the tiles is 'javascript:alert"),
        ({"tiles": Tiles(None, "x")}, "the address of the tiles is None"),
        ({"tiles": Tiles(URL + "?{unknown}", "x")}, "the address of the tiles is"),
        ({"tiles": Tiles(URL, None)}, "the attribution of the tiles is None"),
        ({"tiles": Tiles(URL, "x", deepest="15")}, "the deepest level of the tiles is '15'"),
        ({"tiles": "maanmittauslaitos", "tiles_key": 5}, "need a key"),
    ],
)
def test_what_was_asked_for_wrongly_is_told(wish, told):
    with pytest.raises(UsageError) as error:
        planner_map(SMALL, **wish)
    assert told in str(error.value)


@pytest.mark.parametrize("title", [5, ["Rannikko"]])
def test_a_title_is_a_text(title):
    with pytest.raises(UsageError, match="it must be a text, or a Text in three languages"):
        planner_map(AREAS, title=title)


@pytest.mark.parametrize("outfile", [None, 5, io.StringIO()])
def test_a_map_is_saved_to_a_path_or_a_binary_file(outfile):
    with pytest.raises(UsageError, match="save takes a path, or a file opened with 'wb'"):
        planner_map(SMALL).save(outfile)
