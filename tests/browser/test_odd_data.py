"""Data that nobody expects: each is drawn without an error, and what is shown of it makes sense."""

from dataclasses import replace

import folium
import geopandas as gpd
import numpy as np
import pytest
from chrome import DESKTOP, PHONE, opened
from shapely.geometry import MultiPolygon, box
from small_findings import IDS, SUPPRESSED, indicator, small_findings

from lea_geo.maps.page import planner_map
from lea_geo.schema import Text

pytestmark = pytest.mark.browser

MANY = 150
LONG = "Pitkänimisenjärvenrannan" * 8 + "kulmilla"
SMALL = small_findings()
INTERVALS = ["interval_lower", "interval_upper", "rank_lower", "rank_upper"]


def _frame(**columns):
    """Return the results of the small world, of areas that all have a value, with other columns."""
    return SMALL.results["low_income"].assign(status="observed", **columns)


def _with(frame, **changes):
    """Return the small world with one indicator, and nothing that its values are compared with."""
    one = replace(SMALL.indicators[0], **changes)
    return replace(SMALL, indicators=(one,), results={one.code: frame}, comparisons=None)


def _of(n):
    """Return the first areas of the small world."""
    results = {code: frame.iloc[:n] for code, frame in SMALL.results.items()}
    return replace(SMALL, areas=SMALL.areas.iloc[:n], results=results)


def _empty(status):
    blank = SMALL.results["low_income"].copy()
    blank[blank.select_dtypes("number").columns] = np.nan
    labels = [name for name in blank if name.endswith("label")]
    blank[labels], blank["status"] = "Undefined", status
    if status == "suppressed":
        blank["lower"], blank["upper"] = 0.0, 9.5
    held = SMALL.comparisons.assign(value=np.nan, interval_lower=np.nan, interval_upper=np.nan)
    return replace(_with(blank), comparisons=held[held["code"] == "low_income"])


def _many():
    domains = ("health", "education", "environment", "")
    many = tuple(indicator(f"i{k}", f"Osuus {k}", domain=domains[k % 4]) for k in range(MANY))
    results = dict.fromkeys((one.code for one in many), SMALL.results["plain"])
    return replace(SMALL, indicators=many, results=results, summary=SMALL.summary.iloc[:0], comparisons=None)


def _areas(**columns):
    return replace(SMALL, areas=SMALL.areas.assign(**columns))


def _long():
    text = Text(*[f"{LONG} {LONG[:60]}"] * 3)
    named = _areas(**dict.fromkeys(("name_fi", "name_sv", "name_en", "municipality"), LONG))
    long = replace(SMALL.indicators[0], name=text, explanation=text, source=LONG, licence=LONG)
    return replace(named, title=text, indicators=(long, *SMALL.indicators[1:]))


def _cells(n):
    squares = [box(x, 6_700_000, x + 250, 6_700_250) for x in range(400_000, 400_000 + 250 * n, 250)]
    return gpd.GeoDataFrame({"value": np.arange(n) + 0.5}, geometry=squares, crs="EPSG:3067")


def _in_parts():
    """Areas of two parts, the larger with a hole."""
    ring = box(220_000, 7_000_000, 224_000, 7_004_000).difference(box(221_000, 7_001_000, 223_000, 7_003_000))
    shapes = [
        MultiPolygon([ring, box(225_000, 7_000_000, 225_500, 7_000_500)]),
        box(221_500, 7_001_500, 222_500, 7_002_500),
    ]
    return gpd.GeoDataFrame({"value": [1.0, 2.0]}, geometry=shapes, crs="EPSG:3067", index=["ring", "core"])


def _in_crs(crs):
    return replace(SMALL, areas=SMALL.areas.to_crs(crs))


def _years():
    """Three years; in the second one an area has no value, and in the third an indicator is not there."""
    gap = SMALL.results["low_income"].copy()
    gap.loc[IDS[0], ["value", "rank", *INTERVALS]] = np.nan
    gap.loc[IDS[0], "status"] = "missing"
    first = replace(SMALL, year="2018", level="postal")
    second = replace(first, year="2019", results={**SMALL.results, "low_income": gap})
    third = replace(first, year="2020", indicators=SMALL.indicators[1:])
    return replace(first, others=(second, third))


WORLDS = {
    "one_area": lambda: _of(1),
    "two_areas": lambda: _of(2),
    "all_missing": lambda: _empty("missing"),
    "all_suppressed": lambda: _empty("suppressed"),
    "all_equal": lambda: _with(_frame(value=7.0, interval_lower=6.0, interval_upper=8.0, rank=1.0)),
    "enormous": lambda: _with(_frame(value=np.linspace(1e12, 9e12, 12)), decimals=0, unit="euro"),
    "negative": lambda: _with(_frame(value=np.linspace(-5, -4, 12)), decimals=0, unit="index"),
    "beyond_counting": lambda: _with(_frame(value=np.linspace(1e290, 9e290, 12)), unit="furlong"),
    "many_indicators": _many,
    "long_names": _long,
    "no_names": lambda: _areas(name_fi="", name_sv="", name_en=""),
    "some_municipalities": lambda: _areas(municipality=["", None, "Rantala"] * 4),
    "categories": lambda: _areas(municipality=SMALL.areas["municipality"].astype("category")),
    "two_cells": lambda: _cells(2),
    "one_cell": lambda: _cells(1),
    "degrees": lambda: _in_crs("EPSG:4326"),
    "town_crs": lambda: _in_crs("EPSG:3879"),
    "in_parts": _in_parts,
    "years": _years,
    "only_values": lambda: SMALL.areas[["geometry"]].assign(value=range(12)),
    "without_interval": lambda: _with(_frame(value=5.0).drop(columns=[*INTERVALS, "rank"])),
}


def _settle(page):
    page.evaluate("leaGeo.page.settled()")


def _plain(text):
    return text.replace("\u00a0", " ")


def _saved(findings, folder, **options):
    path = folder / "map.html"
    planner_map(findings, **options).save(path)
    return path


def _drive(page):
    """Open everything for the first and the last area, in every view, sheet and language."""
    for sheet in range(page.evaluate("leaGeo.page.sheets.length")):
        page.evaluate("k => leaGeo.page.chooseSheet(k)", sheet)
        last = page.evaluate("leaGeo.page.place.n") - 1
        for area in {0, last}:
            page.evaluate("i => leaGeo.page.selectArea(i)", area)
            page.evaluate("i => leaGeo.page.toggleCompared(i)", area)
        for view in page.evaluate("leaGeo.page.indicator.methods"):
            page.evaluate("view => leaGeo.page.chooseView(view)", view)
    page.evaluate("for (const part of document.querySelectorAll('.below > details')) part.open = true;")
    for tab in ("compare", "scatter", "area"):
        page.evaluate("tab => document.getElementById(`tab-${tab}`).click()", tab)
        _settle(page)
    for language in ("sv", "en", "fi"):
        page.evaluate("language => leaGeo.page.chooseLanguage(language)", language)


def _texts(page):
    return _plain(page.locator("body").inner_text())


@pytest.mark.parametrize("name", WORLDS)
def test_odd_data_are_drawn_and_every_panel_opens(running, tmp_path, name):
    path = _saved(WORLDS[name](), tmp_path)
    with opened(running, path) as (page, log):
        _drive(page)
        assert log.errors == []
        text = _texts(page)
        for wrong in ("NaN", "Infinity", "undefined", "[object", "null", "∞"):
            assert wrong not in text, (wrong, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]


@pytest.mark.parametrize("name", ["long_names", "many_indicators", "enormous"])
def test_what_is_long_fits_a_phone(running, tmp_path, name):
    with opened(running, _saved(WORLDS[name](), tmp_path), viewport=PHONE) as (page, log):
        page.evaluate("leaGeo.page.selectArea(0)")
        page.evaluate("leaGeo.page.toggleCompared(0)")
        page.evaluate("document.getElementById('tab-compare').click()")
        _settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert log.errors == []


def test_where_nothing_is_known_no_class_of_values_is_shown(running, tmp_path):
    with opened(running, _saved(WORLDS["all_suppressed"](), tmp_path)) as (page, _):
        assert page.locator("#legend li").count() == 1
        assert page.locator("#legend .count").inner_text() == "12"
        assert page.locator("#histogram").is_hidden()
        assert page.locator("#legend-hint").inner_text() == ""
        page.evaluate("id => leaGeo.page.selectArea(leaGeo.page.place.indexOf(id))", SUPPRESSED)
        assert "enintään 9,5 %" in _plain(page.locator("#area .value").inner_text())
        assert page.locator("#area .big").count() == 0


def test_values_that_are_all_equal_are_one_class(running, tmp_path):
    with opened(running, _saved(WORLDS["all_equal"](), tmp_path)) as (page, _):
        assert page.locator("#legend li").count() == 1
        assert page.locator("#legend .entry").inner_text() == "7,0"


def test_enormous_and_negative_values_are_written_out(running, tmp_path):
    with opened(running, _saved(WORLDS["enormous"](), tmp_path)) as (page, _):
        page.evaluate("leaGeo.page.selectArea(11)")
        assert _plain(page.locator("#area .big").inner_text()) == "9 000 000 000 000 €"
    with opened(running, _saved(WORLDS["negative"](), tmp_path)) as (page, _):
        page.evaluate("leaGeo.page.selectArea(0)")
        assert _plain(page.locator("#area .big").inner_text()) == "\u22125 indeksipistettä"


def test_an_area_without_a_name_is_called_by_its_code(running, tmp_path):
    with opened(running, _saved(WORLDS["no_names"](), tmp_path)) as (page, _):
        page.evaluate("leaGeo.page.selectArea(2)")
        assert page.locator("#area-name").inner_text() == IDS[2]
        assert page.locator("#area header").inner_text().count(IDS[2]) == 1


@pytest.mark.parametrize("name", ["degrees", "town_crs"])
def test_areas_of_another_crs_lie_where_they_lie(running, tmp_path, name):
    with opened(running, _saved(WORLDS[name](), tmp_path)) as (page, _):
        middle = SMALL.areas.geometry.representative_point().to_crs("EPSG:4326")
        for area in (IDS[0], IDS[11]):
            found = page.evaluate(
                """([id, latitude, longitude]) => {
                  const { map, layer, place } = leaGeo.page;
                  return layer.areaAt(map.latLngToLayerPoint([latitude, longitude])) === place.indexOf(id);
                }""",
                [area, middle[area].y, middle[area].x],
            )
            assert found, area


def test_what_lies_in_a_hole_is_another_area(running, tmp_path):
    with opened(running, _saved(WORLDS["in_parts"](), tmp_path)) as (page, _):
        at = """([x, y]) => {
          const { layer, place } = leaGeo.page;
          const [{ origin, quantum }, steps] = [place.raw.frame, place.shapes];
          const i = steps.areaAt((x - origin[0]) / quantum, (y - origin[1]) / quantum);
          return i < 0 ? "" : place.idOf(i);
        }"""
        for x, y, name in (
            (220_500, 7_000_500, "ring"),
            (222_000, 7_002_000, "core"),
            (221_200, 7_001_200, ""),
            (225_250, 7_000_250, "ring"),
        ):
            assert page.evaluate(at, [x, y]) == name


def test_a_year_without_a_value_says_so_and_one_without_the_indicator_shows_another(running, tmp_path):
    with opened(running, _saved(WORLDS["years"](), tmp_path)) as (page, _):
        page.evaluate("id => leaGeo.page.selectArea(leaGeo.page.place.indexOf(id))", IDS[0])
        assert page.locator("#area .big").count() == 1
        page.evaluate("leaGeo.page.chooseSheet(1)")
        assert page.locator("#area .big").count() == 0
        assert page.locator('#area [data-field="status"]').get_attribute("data-value") == "missing"
        page.evaluate("leaGeo.page.chooseSheet(2)")
        assert page.locator("#indicator").get_attribute("data-code") == "income"
        assert page.locator("#area-name").inner_text() == "Satama"


def test_water_and_borders_of_another_crs_are_drawn_around_the_areas(running, tmp_path):
    lake = gpd.GeoDataFrame(geometry=[box(223_000, 7_001_000, 229_000, 7_004_000)], crs="EPSG:3067")
    path = _saved(SMALL, tmp_path, water=lake.to_crs("EPSG:4326"), borders=lake.geometry)
    with opened(running, path) as (page, log):
        assert [one["of"] for one in page.evaluate("leaGeo.page.data.context")] == ["water", "border"]
        assert log.errors == []


def test_layers_of_folium_lie_over_odd_data(running, tmp_path):
    drawn = planner_map(_cells(2))
    middle = _cells(2).geometry.centroid.to_crs("EPSG:4326")[1]
    folium.Marker([middle.y, middle.x], popup=folium.Popup("Neuvola")).add_to(drawn)
    folium.GeoJson(gpd.GeoSeries([middle.buffer(0.001)], crs=4326)).add_to(drawn)
    path = tmp_path / "map.html"
    drawn.save(path)
    with opened(running, path) as (page, log):
        page.locator(".leaflet-marker-icon").click()
        assert page.locator(".leaflet-popup-content").inner_text() == "Neuvola"
        assert log.requests == [path.as_uri()]
        assert log.errors == []
