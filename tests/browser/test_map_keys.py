"""The map without a mouse: arrows, what is announced, and the search for areas."""

import pytest
from chrome import opened, until
from small_findings import IDS, NAMES

pytestmark = pytest.mark.browser


@pytest.fixture
def page(running, small_map):
    with opened(running, small_map) as (drawn, log):
        drawn.evaluate("leaGeo.page.chooseLanguage('en')")
        yield drawn
        assert log.errors == []


def _press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
        page.evaluate("leaGeo.page.settled()")


def _start(page, i):
    page.locator("#lea-map").focus()
    page.evaluate(f"leaGeo.page.store.set({{ hover: {i} }})")


def _hovered(page):
    return page.evaluate("leaGeo.page.store.get().hover")


def _announced(page):
    return page.locator("#announce").inner_text().replace("\u00a0", " ")


def test_the_map_says_what_its_keys_do(page):
    described = page.locator("#lea-map").get_attribute("aria-describedby")
    assert "Arrow keys: move from area to area" in page.locator(f"#{described}").text_content()
    assert page.locator("#lea-map").get_attribute("tabindex") == "0"
    assert "Reach the map with Tab" in page.locator("#reading").text_content()


# Four areas in a row from south-west: 0 to 3, 4 to 7, 8 to 10, and an island in the north-east.
def test_arrows_lead_from_area_to_area(page):
    _start(page, 0)
    for key, area in (("ArrowRight", 1), ("ArrowUp", 5), ("ArrowLeft", 4), ("ArrowDown", 0), ("ArrowUp", 4)):
        _press(page, key)
        assert _hovered(page) == area


def test_the_island_is_reached_too(page):
    # From 10, area 7 is nearer and still within 45 degrees: 2000 m east and 1500 m south of it.
    _start(page, 10)
    _press(page, "ArrowRight", "ArrowRight")
    assert _hovered(page) == 11
    _press(page, "ArrowLeft")
    assert _hovered(page) == 7


def test_the_first_arrow_leads_to_the_middle_of_what_is_seen(page):
    page.locator("#lea-map").focus()
    _press(page, "ArrowRight")
    middle = page.evaluate(
        """() => {
          const { map, layer, place } = leaGeo.page;
          const at = map.getSize().divideBy(2);
          const away = (i) => map.layerPointToContainerPoint(layer.pointOf(i)).distanceTo(at);
          return Array.from({ length: place.n }, (_, i) => i).sort((a, b) => away(a) - away(b))[0];
        }"""
    )
    assert _hovered(page) == middle


def test_name_value_and_label_are_announced(page):
    _start(page, 0)
    _press(page, "ArrowRight")
    assert _announced(page) == "Niemi, 28.1%"
    page.evaluate("leaGeo.page.chooseView('local_moran')")
    _start(page, 0)
    _press(page, "ArrowRight")
    assert _announced(page) == "Niemi, 28.1%, High, surrounded by high, uncertain"
    _press(page, "ArrowUp")
    assert _announced(page).startswith("Lahti, withheld")


def test_the_edge_is_announced(page):
    _start(page, 0)
    _press(page, "ArrowLeft")
    assert _announced(page) == "Satama: there are no areas in that direction."
    assert _hovered(page) == 0


def test_enter_opens_the_area_and_escape_returns_to_the_map(page):
    _start(page, 0)
    _press(page, "ArrowRight", "Enter")
    assert page.evaluate("document.activeElement.id") == "area"
    assert page.locator('#area [data-field="area_id"]').get_attribute("data-value") == IDS[1]
    _press(page, "Escape")
    assert page.evaluate("document.activeElement.id") == "lea-map"
    _press(page, "ArrowRight")  # on from where the keys were
    assert _hovered(page) == 2


def test_c_takes_an_area_into_the_comparison(page):
    _start(page, 0)
    _press(page, "ArrowRight", "c")
    assert page.evaluate("leaGeo.page.store.get().compared") == [1]
    assert _announced(page) == "Niemi is in the comparison."
    _press(page, "ArrowRight", "ArrowLeft")
    assert _announced(page).endswith("in the comparison")


def test_keys_zoom_and_home_shows_the_whole(page):
    page.locator("#lea-map").focus()
    whole = page.evaluate("leaGeo.page.map.getZoom()")
    _press(page, "+", "+")
    until(page, f"leaGeo.page.map.getZoom() === {whole} + 1")
    _press(page, "-")
    until(page, f"leaGeo.page.map.getZoom() === {whole} + 0.5")
    _press(page, "Home")
    until(page, f"leaGeo.page.map.getZoom() === {whole}")


def test_an_area_out_of_sight_is_brought_into_it(page):
    _start(page, 0)
    page.evaluate("leaGeo.page.map.setZoom(leaGeo.page.map.getZoom() + 2, { animate: false })")
    page.evaluate("leaGeo.page.store.set({ hover: 3 })")
    _press(page, "ArrowLeft")
    assert _hovered(page) == 2
    inside = page.evaluate(
        """() => {
          const { map, layer } = leaGeo.page;
          return L.bounds([0, 0], map.getSize()).contains(map.layerPointToContainerPoint(layer.pointOf(2)));
        }"""
    )
    assert inside


def test_keys_with_control_are_left_to_the_browser(page):
    _start(page, 0)
    _press(page, "Control+ArrowRight", "Alt+c")
    assert _hovered(page) == 0
    assert page.evaluate("leaGeo.page.store.get().compared") == []


def test_leaving_the_map_forgets_where_the_keys_pointed(page):
    _start(page, 0)
    _press(page, "ArrowRight")
    assert page.locator("#tip").is_visible()
    page.locator("#area-search").focus()
    assert page.locator("#tip").is_hidden()
    assert _hovered(page) == -1


def test_found_areas_are_reached_by_arrows_and_opened_by_enter(page):
    search = page.locator("#area-search")
    search.focus()
    page.keyboard.type("sa")
    page.evaluate("leaGeo.page.settled()")
    # Satama and Saari begin with it; Metsä holds it only with its ä, which is another letter.
    options = page.locator('#search-results [role="option"]')
    assert options.evaluate_all("ns => ns.map((n) => n.dataset.area)") == [IDS[0], IDS[11]]
    assert page.locator("#search-count").inner_text() == "Found: 2"
    _press(page, "ArrowDown", "ArrowDown")
    active = search.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("data-area") == IDS[11]
    assert page.locator('[aria-selected="true"][role="option"]').count() == 1
    _press(page, "Enter")
    assert page.locator('#area [data-field="area_id"]').get_attribute("data-value") == IDS[11]
    assert search.get_attribute("aria-expanded") == "false"


def test_escape_clears_the_search_and_leaves_the_open_area_alone(page):
    page.evaluate("leaGeo.page.selectArea(3)")
    page.locator("#area-search").fill(NAMES[0])
    page.evaluate("leaGeo.page.settled()")
    page.locator("#area-search").focus()
    _press(page, "Escape")
    assert page.locator("#area-search").input_value() == ""
    assert page.locator("#search-results").is_hidden()
    assert page.locator("#area").is_visible()


def test_a_long_list_is_cut_and_says_so(page):
    page.locator("#area-search").fill("6")
    page.evaluate("leaGeo.page.settled()")
    assert page.locator('#search-results [role="option"]').count() == 8
    assert (
        page.locator("#search-count").inner_text()
        == "Found: 12, of which 8 are shown. Type more to narrow it down."
    )
