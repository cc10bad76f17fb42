"""Whole maps, of 60 areas to 300 000 cells: they show everybody what the GeoPackage holds."""

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from axe import violations
from bench_maps import findings_of, grid
from chrome import opened
from page_states import open_everything, settle, speak
from shown_numbers import rounded, rows_of, walk

from lea_geo.cli import main
from lea_geo.export.geopackage import read_geopackage
from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser

STUDIES = Path(__file__).parents[1] / "studies"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "demo"
    assert main(["demo", "--out", str(out), "--quiet"]) == 0
    return out


def _codes(path):
    with closing(sqlite3.connect(path)) as database:
        return [code for (code,) in database.execute("SELECT code FROM lea_indicators ORDER BY fid")]


def _layers(path, sheets):
    """Return the rows of each indicator of each sheet, ``sheets`` as the page names them."""
    with closing(sqlite3.connect(path)) as database:
        tables = {name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")}
    names = {
        (k, code): f"{sheet['name']}_{code}" if k else code
        for k, sheet in enumerate(sheets)
        for code in sheet["codes"]
    }
    assert set(names.values()) <= tables
    return {key: rows_of(path, name) for key, name in names.items()}


_SHEETS = """() => leaGeo.page.sheets.map(({ level, year, indicators }) => ({
  name: [level, year].filter(Boolean).join("_"),
  codes: indicators.filter(({ chapter }) => !chapter).map(({ code }) => code),
}))"""


_CHAPTERS = """async () => {
  const { sheet } = leaGeo.page;
  await sheet.load();
  const held = sheet.indicators.map((one, k) => ({ ...one, k })).filter(({ chapter }) => chapter);
  return Promise.all(held.map(async ({ k, code, decimals, unit, categories }) => {
    const { value } = await sheet.columns(k, ["value"]);
    const n = sheet.place.n;
    const values = Array.from({ length: n }, (unused, i) => [sheet.place.idOf(i), value.at(i)]);
    return { code, decimals, unit, words: categories.map(({ en }) => en), values };
  }));
}"""


def test_every_layer_of_a_chapter_shows_the_numbers_and_words_of_the_geopackage(running, demo):
    stored = {
        table.name: table for one in read_geopackage(demo / "study.gpkg").chapters for table in one.tables
    }
    with opened(running, demo / "map.html") as (page, _):
        shown = page.evaluate(_CHAPTERS)
    assert len(shown) > 30
    for layer in shown:
        name, column = layer["code"].split(".")
        table = stored[name]
        held, means = table.frame[column], table.column(column)
        for area, value in layer["values"]:
            if means.words:
                said = means.words[held[area]].en if held[area] else None
                assert (layer["words"][int(value)] if value is not None else None) == said, layer["code"]
            elif value is None:
                assert math.isnan(held[area]), layer["code"]
            else:
                scale = 100 if means.unit == "share" else 1
                half = 0.5 * 10.0**-means.decimals * (1 + 1e-9)
                assert abs(value - scale * held[area]) <= half + 1e-9 * abs(value), layer["code"]


def test_two_hundred_random_areas_of_the_demo_show_the_numbers_of_the_geopackage(running, demo):
    with opened(running, demo / "map.html") as (page, log):
        page.evaluate("leaGeo.page.chooseLanguage('en')")
        sheets = page.evaluate(_SHEETS)
        assert len(sheets) > 3
        assert walk(page, _layers(demo / "study.gpkg", sheets), n=200, seed=4) > 2000
        assert log.errors == []
        assert log.requests == [(demo / "map.html").as_uri()]


@pytest.fixture(scope="module", params=["finland.toml", "vantaa_grid.toml"])
def real(request, finland, tmp_path_factory):
    out = tmp_path_factory.mktemp("real") / "out"
    study = STUDIES / request.param
    assert main(["run", str(study), "--data", str(finland), "--out", str(out), "--quiet"]) == 0
    return out


def test_real_areas_and_a_real_grid_show_the_numbers_of_the_geopackage(running, real):
    path = real / "map.html"
    with opened(running, path) as (page, log):
        page.evaluate("leaGeo.page.chooseLanguage('en')")
        layers = {(0, code): rows_of(real / "study.gpkg", code) for code in _codes(real / "study.gpkg")}
        assert walk(page, layers, n=40, seed=5) > 200
        assert log.errors == []
        assert log.requests == [path.as_uri()]


@pytest.fixture(scope="module")
def national(tmp_path_factory):
    """The map of 300 000 cells, and the cells."""
    areas = grid(300_000)
    path = tmp_path_factory.mktemp("national") / "map.html"
    planner_map(findings_of(areas), language="en").save(path)
    return path, areas


def test_300_000_cells_show_their_values(running, national):
    path, areas = national
    with opened(running, path) as (page, log):
        for i in range(0, len(areas), 37_501):
            area = areas.index[i]
            page.evaluate("(id) => leaGeo.page.selectArea(leaGeo.page.place.indexOf(id))", area)
            shown = page.locator('#area .big [data-field="value"]').inner_text()
            assert shown == f"{rounded(areas['share_0'].iloc[i], 1)}%"
        assert log.errors == []
        assert log.requests == [path.as_uri()]


def _violations(running, path, axe):
    """Return what axe holds against a map, closed and open, in each language."""
    found = []
    with opened(running, path) as (page, log):
        for language in ("fi", "sv", "en"):
            speak(page, language)
            found += [f"{language}, closed: {line}" for line in violations(page, axe)]
            open_everything(page)
            page.evaluate("leaGeo.page.toggleCompared(0).then(() => leaGeo.page.selectArea(0))")
            settle(page)
            found += [f"{language}, open: {line}" for line in violations(page, axe)]
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
            page.evaluate("leaGeo.page.toggleCompared(0).then(() => leaGeo.page.close())")
        assert log.errors == []
        assert log.requests == [path.as_uri()]
    return "\n".join(found)


def test_axe_finds_nothing_in_the_demo_in_any_language(running, demo, axe):
    assert _violations(running, demo / "map.html", axe) == ""


def test_axe_finds_nothing_in_real_maps_in_any_language(running, real, axe):
    assert _violations(running, real / "map.html", axe) == ""


def test_axe_finds_nothing_in_300_000_cells_in_any_language(running, national, axe):
    assert _violations(running, national[0], axe) == ""
