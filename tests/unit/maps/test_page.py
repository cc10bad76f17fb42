"""The file: one, whole, the same every time, and without a way to the network."""

import base64
import gzip
import hashlib
import io
import json
import re
from dataclasses import replace

import folium
import geopandas as gpd
import pytest
from branca.element import Element, JavascriptLink, MacroElement
from folium.plugins import MarkerCluster
from small_findings import IDS, small_findings

from lea_geo.errors import OutputError, UsageError
from lea_geo.maps.known_files import SCRIPTS, leaflet_file, script
from lea_geo.maps.page import PlannerMap, planner_map
from lea_geo.schema import Text

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@pytest.fixture
def drawn():
    return planner_map(small_findings())


def _page(drawn):
    return drawn.get_root().render()


def test_leaflet_is_the_release_that_its_authors_published():
    # The integrity hashes that leafletjs.com gives for 1.9.4, unpkg.com/leaflet@1.9.4/dist/.
    published = {
        "leaflet.js": "20nQCchB9co0qIjJZRGuk2/Z9VM+kNiyxNV1lvTlZBo=",
        "leaflet.css": "p4NxAoJBhIIN+hmNHrzRCf9tD/miZyoHS5obTRR9BMY=",
    }
    for name, digest in published.items():
        assert base64.b64encode(hashlib.sha256(leaflet_file(name)).digest()).decode() == digest


def test_the_same_findings_give_the_same_bytes(tmp_path):
    for name in ("a.html", "b.html"):
        drawn = planner_map(small_findings())
        folium.Marker([63.1, 21.6], popup="Here").add_to(drawn)
        drawn.save(tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_saving_twice_gives_the_same_bytes(drawn):
    folium.Circle([63.1, 21.6], radius=10).add_to(drawn)
    assert _page(drawn) == _page(drawn)


def test_the_page_names_no_address_outside_itself(drawn):
    page = re.sub(r"<!DOCTYPE html>", "", _page(drawn))
    markup = _SCRIPT.sub("", page)
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", markup)
    assert not re.findall(r"url\((?!data:)", markup)
    assert "@import" not in page
    assert "sourceMappingURL" not in page


def test_the_policy_lists_every_script_and_nothing_else(drawn):
    page = _page(drawn)
    allowed = re.search(r"script-src ([^;]*);", page)[1].split()
    found = [
        f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
        for code in _SCRIPT.findall(page)
    ]
    assert allowed == found
    assert len(found) == len(SCRIPTS) + 1
    assert "default-src 'none'" in page
    assert "unsafe" not in re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]


def test_leaflet_comes_with_its_licence(drawn):
    assert "Copyright (c) 2010-2024, Volodymyr Agafonkin" in _page(drawn)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_opens_in_the_language_asked_for(language):
    page = _page(planner_map(small_findings(), language=language))
    assert f'<html lang="{language}">' in page
    assert f"<title>{small_findings().title.in_language(language)}</title>" in page


def test_an_unknown_language_is_refused():
    with pytest.raises(UsageError, match="language is 'de'; it must be one of en, fi, sv"):
        planner_map(small_findings(), language="de")


def test_a_link_that_the_page_does_not_carry_is_an_error_that_names_it(drawn):
    MarkerCluster().add_to(drawn)
    with pytest.raises(UsageError, match=r"does not carry 'https://.*leaflet\.markercluster\.js'"):
        _page(drawn)
    with pytest.raises(UsageError, match=r"does not carry 'https://example\.org/a\.js'"):
        planner_map(small_findings()).get_root().header.add_child(JavascriptLink("https://example.org/a.js"))


@pytest.mark.parametrize(
    "layer",
    [folium.TileLayer("OpenStreetMap"), folium.Marker([63, 21], icon=folium.Icon(color="red"))],
    ids=["tiles", "icon font"],
)
def test_a_layer_that_needs_the_network_is_refused(drawn, layer):
    layer.add_to(drawn)
    with pytest.raises(UsageError, match="works offline and does not carry"):
        _page(drawn)


def test_folium_layers_are_kept(drawn):
    folium.GeoJson(gpd.GeoSeries.from_xy([21.6], [63.1], crs=4326).to_json(), name="x").add_to(drawn)
    folium.Marker([63.1, 21.6], tooltip="Here").add_to(drawn)
    page = _page(drawn)
    assert "L.geoJson" in page
    assert "L.marker(" in page
    assert script("folium_bridge.js") in page
    assert isinstance(drawn, folium.Map)


def test_text_of_a_layer_is_never_taken_for_a_template(drawn):
    folium.Marker([63.1, 21.6], tooltip="{{ 7 * 7 }}").add_to(drawn)
    drawn.get_root().html.add_child(Element("<p>{{ 7 * 7 }}</p>"))
    page = _page(drawn)
    assert page.count("{{ 7 * 7 }}") == 2


@pytest.mark.parametrize("text", ["{% raw %}", "${alert(1)}", "</script><script>alert(1)</script>", "<!--"])
def test_a_layer_whose_text_could_run_is_refused(drawn, text):
    folium.Marker([63.1, 21.6], popup=folium.Popup(text)).add_to(drawn)
    with pytest.raises(UsageError, match="which could run as code in the page"):
        _page(drawn)


def test_a_script_in_the_markup_of_a_layer_is_refused(drawn):
    drawn.get_root().html.add_child(Element("<SCRIPT>alert(1)</SCRIPT>"), name="legend")
    with pytest.raises(UsageError, match="'legend' holds '<script'"):
        _page(drawn)


def test_the_shared_lists_of_folium_stay_as_they_were(drawn):
    before = [list(folium.Map.default_js), list(folium.Map.default_css)]
    _page(drawn)
    assert [list(folium.Map.default_js), list(folium.Map.default_css)] == before


def test_no_template_sees_the_data(monkeypatch):
    rendered = []
    real = MacroElement.render

    def spy(self, **kwargs):
        rendered.append(self)
        return real(self, **kwargs)

    monkeypatch.setattr(MacroElement, "render", spy)
    findings = small_findings(title=Text(*["{{ 7 * 7 }}"] * 3))
    page = _page(planner_map(findings))
    assert [type(element) for element in rendered] == [PlannerMap]
    assert "<title>{{ 7 * 7 }}</title>" in page


def test_an_interrupted_save_leaves_the_earlier_file(drawn, tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    path.write_text("earlier")

    def fail(_):
        raise OSError("disk full")

    monkeypatch.setattr("lea_geo._files.os.fsync", fail)
    with pytest.raises(OutputError, match="disk full"):
        drawn.save(path)
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_an_open_file_is_written_too(drawn):
    buffer = io.BytesIO()
    drawn.save(buffer, close_file=False)
    assert buffer.getvalue().decode() == _page(drawn)


def test_a_notebook_shows_the_page_in_a_frame(drawn):
    assert "srcdoc=" in drawn._repr_html_()


def test_areas_with_values_are_enough_for_an_analyst():
    areas = small_findings().areas[["geometry"]].assign(value=range(12), local_moran_label="High-High")
    drawn = planner_map(areas, title="Something")
    described = json.loads(drawn.get_root().slots["data"])
    ids = gzip.decompress(base64.b64decode(described["places"][0]["ids"]["list"]))
    assert json.loads(ids) == IDS
    assert described["title"]["en"] == "Something"
    assert described["sheets"][0]["indicators"][0]["methods"] == ["local_moran"]


def test_a_result_with_a_table_of_areas_is_drawn_as_well():
    class WithTable:
        notes = ("Said of it.",)
        table = small_findings().areas[["geometry"]].assign(value=[float("nan"), *range(11)])

    drawn = planner_map(WithTable())
    assert drawn.findings.results["value"]["status"].tolist() == ["missing"] + ["observed"] * 11
    assert drawn.findings.notes == ("Said of it.",)


def test_what_is_neither_findings_nor_areas_is_refused():
    with pytest.raises(
        UsageError, match="planner_map takes Findings, or areas with a column 'value'; it was given list"
    ):
        planner_map([1, 2])


def test_a_map_is_saved_in_a_new_folder_and_never_over_a_folder(drawn, tmp_path):
    drawn.save(tmp_path / "new" / "map.html")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["map.html"]
    with pytest.raises(OutputError, match=r"it is a folder\. Name a file in it"):
        drawn.save(tmp_path / "new")


def test_findings_that_do_not_fit_together_name_every_fault():
    good = small_findings()
    results = {
        "low_income": good.results["low_income"].iloc[::-1],
        "income": good.results["income"][["value"]],
    }
    bad = replace(good, results=results, areas=good.areas.set_crs(None, allow_override=True))
    with pytest.raises(OutputError) as refused:
        planner_map(bad)
    message = str(refused.value)
    for part in (
        "the areas state no CRS",
        "indicators without results: 1 of 3 (plain)",
        "the results of low_income are not indexed as the areas are",
        "the results of income lack columns: 1 of 2 (status)",
    ):
        assert part in message


def test_findings_without_areas_or_indicators_are_refused():
    empty = small_findings(indicators=(), areas=small_findings().areas.iloc[:0], results={})
    with pytest.raises(OutputError, match=r"(?s)hold no areas.*hold no indicators"):
        planner_map(empty)


def test_half_a_character_in_a_title_does_not_stop_the_save(tmp_path):
    planner_map(small_findings(title=Text(*["half \ud800"] * 3))).save(tmp_path / "map.html")
    assert "<title>half ?</title>" in (tmp_path / "map.html").read_text()
