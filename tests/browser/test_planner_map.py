"""The planner's map in a real browser: it asks for nothing, fails nowhere, shows what the findings hold."""

from dataclasses import replace

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from chrome import DESKTOP, PHONE, opened, until
from shown_numbers import check_panel
from small_findings import IDS, ISLAND, MISSING, NAMES, NOT_APPLICABLE, SUPPRESSED, ZERO, small_findings

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser

VIEWS = ("value", "local_moran", "local_g_star")


@pytest.fixture(scope="module")
def findings():
    return small_findings()


@pytest.fixture(scope="module")
def file(small_map):
    return small_map


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def viewport(request):
    return request.param


def _click_area(page, area):
    """Click the middle of an area on the map itself."""
    page.locator("#lea-map").scroll_into_view_if_needed()
    at = page.evaluate(
        """(area) => {
          const { map, layer, place } = leaGeo.page;
          const point = map.layerPointToContainerPoint(layer.pointOf(place.indexOf(area)));
          const box = document.getElementById("lea-map").getBoundingClientRect();
          return [box.x + point.x, box.y + point.y];
        }""",
        area,
    )
    page.mouse.click(*at)
    page.wait_for_selector(f'#area [data-field="area_id"][data-value="{area}"]')


def _shown(page, field):
    """Return the whole number or word behind what the panel shows, or None."""
    found = page.locator(f'#area [data-field="{field}"]').first
    return found.get_attribute("data-value") if found.count() else None


def test_it_asks_for_nothing_and_fails_nowhere(running, file, viewport):
    with opened(running, file, viewport=viewport) as (page, log):
        for view in VIEWS:
            page.locator(f"label[for=view-{view}]").click()
        for language in ("sv", "en", "fi"):
            page.locator(f'button[data-language="{language}"]').click()
        for summary in page.locator(".below > details > summary").all():
            summary.click()
        _click_area(page, IDS[0])
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(400)
        assert log.requests == [file.as_uri()]
        assert log.errors == []
        assert page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_nothing_is_wider_than_the_window(running, file, viewport):
    with opened(running, file, viewport=viewport) as (page, _):
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_click_on_the_map_opens_the_area_that_is_there(running, file, findings):
    with opened(running, file) as (page, _):
        page.locator('button[data-language="en"]').click()
        for area in (IDS[0], IDS[7], ISLAND, SUPPRESSED, MISSING, NOT_APPLICABLE, ZERO):
            row = findings.results["low_income"].loc[area]
            _click_area(page, area)
            assert page.locator("#area-name").inner_text() == NAMES[IDS.index(area)]
            assert _shown(page, "status") == row["status"]
            assert check_panel(page, {**row, "area_id": area}, 1) >= 2


def test_a_suppressed_area_shows_its_bounds_and_no_zero(running, file):
    with opened(running, file) as (page, _):
        _click_area(page, SUPPRESSED)
        text = page.locator("#area .value").inner_text()
        assert "Salattu tietosuojasyistä" in text
        assert "Arvo on vähintään 0,0 % ja enintään 9,7 %." in text.replace("\u00a0", " ")
        assert page.locator("#area .big").count() == 0


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fi", "Naapureita 3, joista ilman julkaistua arvoa 1."),
        ("sv", "1 av 3 grannar saknar publicerat värde."),
        ("en", "No published value for 1 of 3 neighbours."),
    ],
)
def test_an_area_with_hidden_neighbours_says_so_once_and_others_do_not(running, file, language, sentence):
    with opened(running, file) as (page, _):
        page.locator(f'button[data-language="{language}"]').click()
        _click_area(page, IDS[0])
        assert page.locator("#area").inner_text().count(sentence) == 1
        assert _shown(page, "local_moran_hidden") == "1"
        for area in (ISLAND, SUPPRESSED):
            _click_area(page, area)
            assert _shown(page, "local_moran_hidden") is None


@pytest.mark.parametrize(
    ("correction", "sentence", "settings"),
    [
        ("storey", "on average at most 5% are false alarms", "Storey 2002"),
        (
            "bonferroni",
            "probability that any of the labelled areas is a false alarm is at most 5%",
            "Bonferroni",
        ),
        (
            "none",
            "do not really differ from others, on average at most 5% are labelled all the same",
            "is not allowed for",
        ),
    ],
)
def test_the_map_says_what_the_correction_for_many_tests_controls(
    running, tmp_path, correction, sentence, settings
):
    small = small_findings()
    path = tmp_path / "map.html"
    planner_map(replace(small, settings={**small.settings, "correction": correction}), language="en").save(
        path
    )
    with opened(running, path) as (page, log):
        _click_area(page, IDS[0])
        assert sentence in page.locator("#area .finding").first.inner_text()
        assert (_shown(page, "local_moran_q_value") is None) == (correction == "none")
        for summary in page.locator(".below > details > summary").all():
            summary.click()
        assert page.locator("#methods").inner_text().count(settings) == 2
        assert log.errors == []


def test_numbers_follow_the_language(running, file):
    with opened(running, file) as (page, _):
        _click_area(page, IDS[0])
        for language, expected in (("fi", "31,3 %"), ("sv", "31,3 %"), ("en", "31.3%")):
            page.locator(f'button[data-language="{language}"]').click()
            until(page, f"document.documentElement.lang === '{language}'")
            until(page, f"document.title === '{small_findings().title.in_language(language)}'")
            assert page.locator("#area .big").inner_text().replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("language", "banner", "direction"),
    [
        ("fi", "Keksittyä aineistoa", "Korkean arvon oletetaan heikentävän hyvinvointia"),
        ("sv", "Påhittade uppgifter", "Ett högt värde antas försvaga välbefinnandet"),
        ("en", "Made-up data", "A high value is assumed to weaken wellbeing"),
    ],
)
def test_made_up_data_and_direction_are_said_in_each_language(running, file, language, banner, direction):
    with opened(running, file) as (page, _):
        page.locator(f'button[data-language="{language}"]').click()
        assert banner in page.locator("#synthetic").inner_text()
        assert page.locator("#direction").inner_text() == direction
        assert page.locator("html").get_attribute("lang") == language


def test_made_up_numbers_are_not_called_anybodys_statistics(running, file, tmp_path):
    real = tmp_path / "real.html"
    planner_map(small_findings(synthetic=False)).save(real)
    for path, source, licensed in (
        (file, "Made-up data in the form of: Made up", False),
        (real, "Made up", True),
    ):
        with opened(running, path) as (page, _):
            page.locator('button[data-language="en"]').click()
            facts = page.locator("#indicator-facts").inner_text()
            assert facts.split("Source")[1].strip().startswith(source)
            assert ("CC BY 4.0" in facts) == licensed


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (IDS[0], "on average at most 5% are false alarms"),
        (IDS[8], "does not prove that there is no difference"),
        (ISLAND, "no neighbours to compare it with"),
        (SUPPRESSED, "A withheld or missing value is not zero"),
    ],
)
def test_each_finding_says_how_sure_it_is_and_what_it_does_not_mean(running, file, area, said):
    with opened(running, file) as (page, _):
        page.locator('button[data-language="en"]').click()
        _click_area(page, area)
        assert said in page.locator("#area .finding").first.inner_text()


@pytest.mark.parametrize("view", ["local_moran", "local_g_star"])
def test_the_legend_says_that_red_is_high_and_not_bad(running, file, view):
    with opened(running, file) as (page, _):
        page.locator('button[data-language="en"]').click()
        page.locator(f"label[for=view-{view}]").click()
        until(page, f"leaGeo.page.store.get().view === '{view}'")
        said = page.locator("#legend-colours").inner_text()
        assert "Red means a high and blue a low value, not good or bad." in said
        assert "A high value is assumed to weaken wellbeing." in said
        assert "at most 5% are false alarms" in page.locator("#standing-out-alarms").inner_text()


def test_a_municipality_is_named_where_its_name_is_known(running, tmp_path):
    small = small_findings()
    areas = small.areas.assign(municipality=["905"] + ["020"] * (len(IDS) - 1))
    path = tmp_path / "map.html"
    planner_map(replace(small, areas=areas), language="sv").save(path)
    with opened(running, path) as (page, _):
        for area, said in ((IDS[0], "Vasa"), (IDS[8], "Kommun 020")):
            _click_area(page, area)
            assert page.locator('#area [data-field="municipality"]').inner_text() == said


def test_a_browser_that_cannot_unpack_says_so_in_three_languages(running, file):
    page = running.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(file.as_uri())
    page.wait_for_selector("#cannot:not([hidden])")
    said = page.locator("#cannot").inner_text()
    assert all(part in said for part in ("Tämä selain", "Den här webbläsaren", "This browser cannot"))
    page.close()


def test_a_browser_without_scripts_says_so_in_three_languages(running, file):
    context = running.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    said = page.locator("noscript").inner_text()
    assert all(part in said for part in ("JavaScriptiä", "JavaScript. Samma", "does not run JavaScript"))
    context.close()


def test_real_data_have_no_banner(running, tmp_path):
    path = tmp_path / "map.html"
    planner_map(small_findings(synthetic=False)).save(path)
    with opened(running, path) as (page, _):
        assert page.locator("#synthetic").is_hidden()


def test_every_text_of_the_page_is_filled_in_every_language(running, file):
    with opened(running, file) as (page, _):
        for language in ("fi", "sv", "en"):
            page.locator(f'button[data-language="{language}"]').click()
            empty = page.evaluate(
                "[...document.querySelectorAll('[data-text]')].filter(n => !n.textContent).length"
            )
            assert empty == 0
            assert "undefined" not in page.locator("body").inner_text()


@pytest.mark.parametrize("view", VIEWS)
def test_the_legend_counts_every_area_once(running, file, view):
    with opened(running, file) as (page, _):
        page.locator(f"label[for=view-{view}]").click()
        until(page, f"leaGeo.page.store.get().view === '{view}'")
        counts = page.locator("#legend [data-count]").evaluate_all(
            "nodes => nodes.map(n => +n.dataset.count)"
        )
        assert sum(counts) == len(IDS)
        keys = page.locator("#legend li").evaluate_all("nodes => nodes.map(n => n.dataset.key)")
        assert {"missing", "suppressed", "not_applicable"} <= set(keys)
        assert ("Isolate" in keys) == (view != "value")


def test_clusters_are_painted_in_their_fixed_colours(running, file):
    expected = {0: "b2182b", 2: "80cdff", 3: "fdae61", 4: "2166ac", 8: "d9d9d9"}
    with opened(running, file) as (page, _):
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        for i, colour in expected.items():
            painted = page.evaluate(
                """(i) => {
                  const { layer } = leaGeo.page;
                  const at = layer.pointOf(i).subtract(layer._bounds.min);
                  // The most frequent colour around the middle: a doubt's hatch leaves most of its class.
                  const [left, top] = [(at.x - 8) * layer._ratio(), (at.y - 8) * layer._ratio()];
                  const { data } = layer._pens.ground.getImageData(left, top, 16, 16);
                  const seen = new Map();
                  for (let k = 0; k < data.length; k += 4) {
                    const part = (p) => data[k + p].toString(16).padStart(2, "0");
                    const colour = part(0) + part(1) + part(2);
                    seen.set(colour, (seen.get(colour) || 0) + 1);
                  }
                  return [...seen].sort((one, other) => other[1] - one[1])[0][0];
                }""",
                i,
            )
            assert painted == colour


def test_an_indicator_without_statistics_offers_only_its_values(running, file):
    with opened(running, file) as (page, _):
        page.locator("label[for=view-local_moran]").click()
        page.evaluate("leaGeo.page.chooseIndicator(2)")
        until(page, "leaGeo.page.store.get().view === 'value'")
        assert page.locator("#view-local_moran").is_disabled()


def test_methods_show_settings_notes_and_the_whole_region(running, file, findings):
    with opened(running, file) as (page, _):
        page.locator('button[data-language="en"]').click()
        for summary in page.locator(".below > details > summary").all():
            summary.click()
        text = page.locator(".below").inner_text()
        for part in (
            "at most 5 per cent",
            "a common border or corner",
            "2009",
            "Nobody has reviewed this note yet.",
            *findings.notes,
        ):
            assert part in text
        shown = page.locator('#methods [data-field="moran_statistic"]').get_attribute("data-value")
        assert float(shown) == findings.summary.loc["low_income", "moran_statistic"]


def test_degrees_become_the_metres_that_proj_gives(running, file):
    # The corners of the country and its middle; PROJ is the other program.
    degrees = [(59.8, 19.1), (70.1, 31.6), (60.2, 24.9), (63.1, 21.6), (69.9, 20.5), (64.0, 27.0)]
    mercator = "leaGeo.page.map.options.crs.mercator"
    to_metres = pyproj.Transformer.from_crs("EPSG:4258", "EPSG:3067")
    with opened(running, file) as (page, _):
        for pair in degrees:
            ours = page.evaluate(
                f"(p) => {{ const m = {mercator}.toMetres(...p); return [m.x, m.y]; }}", pair
            )
            assert np.allclose(ours, to_metres.transform(*pair), rtol=0, atol=1e-3)
            back = page.evaluate(
                f"(m) => {{ const d = {mercator}.toDegrees(...m); return [d.latitude, d.longitude]; }}", ours
            )
            assert np.allclose(back, pair, rtol=0, atol=1e-9)


def test_folium_layers_fall_on_the_areas_and_open(running, tmp_path, findings):
    middle = findings.areas.geometry.centroid.to_crs("EPSG:4326")[IDS[0]]
    drawn = planner_map(findings)
    folium.Marker([middle.y, middle.x], popup=folium.Popup("<b>Neuvola</b>")).add_to(drawn)
    folium.GeoJson(gpd.GeoSeries([middle.buffer(0.001)], crs=4326)).add_to(drawn)
    path = tmp_path / "map.html"
    drawn.save(path)
    with opened(running, path) as (page, log):
        page.wait_for_selector(".leaflet-marker-icon")
        at = page.evaluate(
            """() => {
              const { map, layer } = leaGeo.page;
              let marker;
              map.eachLayer((one) => { if (one instanceof L.Marker) marker = one; });
              return map.latLngToLayerPoint(marker.getLatLng()).distanceTo(layer.pointOf(0));
            }"""
        )
        assert at < 2
        page.locator(".leaflet-marker-icon").click()
        assert page.locator(".leaflet-popup-content").inner_text() == "Neuvola"
        assert log.requests == [path.as_uri()]


def test_a_grid_of_a_thousand_cells_is_drawn(running, tmp_path):
    cells = gpd.GeoSeries.from_wkt(
        [
            f"POLYGON(({x} {y},{x + 250} {y},{x + 250} {y + 250},{x} {y + 250},{x} {y}))"
            for x in range(400_000, 409_000, 250)
            for y in range(6_700_000, 6_709_000, 250)
        ],
        crs="EPSG:3067",
    )
    index = pd.Index([f"250mN{i}" for i in range(len(cells))], name="area_id")
    areas = gpd.GeoDataFrame(
        {"value": np.arange(len(cells)) % 97}, geometry=cells.to_numpy(), crs=3067, index=index
    )
    path = tmp_path / "map.html"
    planner_map(areas, title="Cells").save(path)
    with opened(running, path) as (page, log):
        _click_area(page, index[500])
        assert float(_shown(page, "value")) == 500 % 97
        assert log.errors == []
