"""Moran's scatterplot and the map choose areas for each other, with a mouse and without."""

from dataclasses import replace

import numpy as np
import pytest
from chrome import PHONE, opened, until
from small_findings import IDS, ISLAND, NAMES, small_findings

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser

QUADRANTS = ("Low-High", "High-High", "Low-Low", "High-Low")


def _world(**changes):
    """Return the small findings with means of neighbours that spread around the mean of the values.

    The mean of the nine values:
    (31.25 + 28.125 + 4.0625 + 22.5 + 1.1 + 3.33 + 12.04 + 0 + 17.77) / 9 = 13.4.
    """
    small = small_findings()
    frame = small.results["low_income"].copy()
    lags = dict(zip(IDS, (20, 25, 18, 5, 3, np.nan, np.nan, 22, 9, 7, np.nan, np.nan), strict=True))
    frame["local_moran_lag"] = [lags[area] for area in frame.index]
    return replace(small, results={**small.results, "low_income": frame}, **changes)


# By hand from the values and the means above: the island has no neighbours, three areas have no value.
EXPECTED = {
    "High-High": [IDS[0], IDS[1]],
    "High-Low": [IDS[3]],
    "Low-High": [IDS[2], IDS[7]],
    "Low-Low": [IDS[4], IDS[8], IDS[9]],
}
POINTS = sorted(area for areas in EXPECTED.values() for area in areas)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scatter") / "map.html"
    planner_map(_world()).save(path)
    return path


def _open_plot(page):
    page.locator("#tab-scatter").click()
    page.evaluate("leaGeo.page.settled()")
    page.locator("#scatter").scroll_into_view_if_needed()


def _chosen(page):
    page.evaluate("leaGeo.page.settled()")
    return page.evaluate(
        """(() => {
          const { chosen } = leaGeo.page.store.get();
          const { place } = leaGeo.page;
          return chosen && [...chosen.keys()].filter((i) => chosen[i]).map((i) => place.idOf(i)).sort();
        })()"""
    )


def _drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def _box(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def _on_map(page, area):
    """Return where an area lies in the window."""
    return page.evaluate(
        """(id) => {
          const { map, layer, place } = leaGeo.page;
          const point = map.layerPointToContainerPoint(layer.pointOf(place.indexOf(id)));
          const box = document.getElementById("lea-map").getBoundingClientRect();
          return [box.x + point.x, box.y + point.y];
        }""",
        area,
    )


def test_a_rectangle_in_the_plot_chooses_its_areas_and_a_click_beside_the_points_clears(running, file):
    with opened(running, file) as (page, log):
        _open_plot(page)
        left, top, right, bottom = _box(page, "#plot-area")
        _drag(page, (left + 2, top + 2), (right - 2, bottom - 2))
        assert _chosen(page) == POINTS
        assert page.locator("#announce").inner_text() == "8 aluetta valittu"
        assert page.locator("#map-choice").inner_text().startswith("8 aluetta valittu")
        mean = page.evaluate("document.querySelector('.tick.mean').style.left.replace('px', '')")
        _drag(page, (left + float(mean), top + 2), (right - 2, bottom - 2))
        assert _chosen(page) == sorted(EXPECTED["High-High"] + EXPECTED["High-Low"])
        page.mouse.click(right - 4, bottom - 4)
        assert _chosen(page) is None
        assert log.errors == []


def test_the_keyboard_chooses_by_quadrants_that_say_how_many_they_hold(running, file):
    with opened(running, file) as (page, _):
        _open_plot(page)
        for name in QUADRANTS:
            button = page.locator(f'[data-quadrant="{name}"]')
            assert button.locator("[data-count]").get_attribute("data-count") == str(len(EXPECTED[name]))
            button.focus()
            page.keyboard.press("Enter")
            assert _chosen(page) == EXPECTED[name]
            assert button.get_attribute("aria-pressed") == "true"
            assert page.evaluate("document.activeElement.dataset.quadrant") == name
        page.keyboard.press("Escape")
        assert _chosen(page) is None
        assert page.locator("#announce").inner_text() == "Valinta poistettu."
        assert page.locator('#quadrants [aria-pressed="true"]').count() == 0


def test_the_map_fades_what_is_not_chosen(running, file):
    with opened(running, file) as (page, _):
        _open_plot(page)
        look = """(id) => {
          const { map, layer, place } = leaGeo.page;
          const at = layer.pointOf(place.indexOf(id)).subtract(layer._bounds.min);
          const canvas = layer._container.querySelector("canvas");
          const ratio = canvas.width / parseFloat(canvas.style.width);
          return [...canvas.getContext("2d").getImageData(at.x * ratio, at.y * ratio, 1, 1).data];
        }"""
        before = [page.evaluate(look, area) for area in (IDS[0], IDS[3])]
        page.locator('[data-quadrant="High-High"]').click()
        page.evaluate("leaGeo.page.settled().then(() => new Promise(requestAnimationFrame))")
        after = [page.evaluate(look, area) for area in (IDS[0], IDS[3])]
        assert after[0] == before[0]
        assert sum(after[1][:3]) > sum(before[1][:3])


@pytest.mark.parametrize("by", ["shift", "button"])
def test_a_rectangle_on_the_map_chooses_the_areas_in_it_and_opens_none(running, file, by):
    with opened(running, file) as (page, log):
        x, y = _on_map(page, IDS[0])
        right, _ = _on_map(page, IDS[1])
        if by == "shift":
            page.keyboard.down("Shift")
        else:
            page.locator("#choose-on-map").click()
            assert page.locator("#choose-on-map").get_attribute("aria-pressed") == "true"
        _drag(page, (x - 20, y - 20), (right + 20, y + 20))
        page.keyboard.up("Shift")
        assert _chosen(page) == IDS[:2]
        state = page.evaluate(
            "(({ area }) => [area, leaGeo.page.map.dragging.enabled()])(leaGeo.page.store.get())"
        )
        assert state == [-1, True]
        assert page.locator("#choose-on-map").get_attribute("aria-pressed") == "false"
        # The map moves again, and a click opens an area again.
        page.mouse.click(x, y)
        until(page, "leaGeo.page.store.get().area >= 0")
        assert log.errors == []


def test_escape_gives_up_choosing_on_the_map(running, file):
    with opened(running, file) as (page, _):
        page.locator("#choose-on-map").click()
        page.keyboard.press("Escape")
        assert page.locator("#choose-on-map").get_attribute("aria-pressed") == "false"
        x, y = _on_map(page, IDS[0])
        _drag(page, (x, y), (x + 60, y + 30))
        assert _chosen(page) is None


def test_the_areas_in_view_are_chosen_without_a_mouse_and_the_choice_is_taken_back(running, file):
    with opened(running, file) as (page, _):
        page.locator("#choose-in-view").focus()
        page.keyboard.press("Enter")
        assert _chosen(page) == IDS
        page.locator("#map-choice button").focus()
        page.keyboard.press("Enter")
        assert _chosen(page) is None
        assert page.evaluate("document.activeElement.id") == "choose-on-map"


def test_pointing_at_a_point_points_at_the_area_and_the_reverse(running, file):
    with opened(running, file) as (page, _):
        _open_plot(page)
        page.mouse.move(*_on_map(page, IDS[3]))
        page.evaluate("leaGeo.page.settled()")
        assert page.locator("#scatter-readout").inner_text().replace("\u00a0", " ") == (
            f"{NAMES[3]}: 22,5 %, naapureilla 5,0 %"
        )
        marked = """() => {
          const pen = document.getElementById("plot-marks").getContext("2d");
          const { data } = pen.getImageData(0, 0, 2000, 600);
          return data.some((part) => part > 0);
        }"""
        assert page.evaluate(marked)
        page.mouse.move(5, 5)
        page.evaluate("leaGeo.page.settled()")
        assert not page.evaluate(marked)
        at = page.evaluate(_POINT, IDS[0])
        page.mouse.move(*at)
        hovered = "leaGeo.page.place.idOf(leaGeo.page.store.get().hover)"
        assert page.evaluate(hovered) == IDS[0]
        page.mouse.click(*at)
        page.evaluate("leaGeo.page.settled()")
        assert page.evaluate("leaGeo.page.place.idOf(leaGeo.page.store.get().area)") == IDS[0]


# Where a point lies in the window, from the axes' own marks: two of them give the scale of each.
_POINT = """async (id) => {
  const { place } = leaGeo.page;
  const ticks = [...document.querySelectorAll("#plot-ticks .tick:not(.mean)")];
  const numbered = (side) => ticks.filter((n) => n.style[side].endsWith("px"))
    .map((n) => [Number(n.textContent.replace(",", ".")), parseFloat(n.style[side])]);
  const through = ([[a, p], [b, q]]) => (value) => p + ((value - a) / (b - a)) * (q - p);
  const columns = await leaGeo.page.columns(["value", "local_moran_lag"]);
  const i = place.indexOf(id);
  const box = document.getElementById("plot-area").getBoundingClientRect();
  const across = through(numbered("left"))(columns.value.at(i));
  const down = through(numbered("top"))(columns.local_moran_lag.at(i));
  return [box.x + across, box.y + down];
}"""


def test_classes_that_are_switched_off_leave_the_plot(running, file):
    with opened(running, file) as (page, _):
        _open_plot(page)
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        page.evaluate("leaGeo.page.store.set({ off: new Set(['High-High', 'Low-Low']) })")
        page.evaluate("leaGeo.page.settled()")
        left, top, right, bottom = _box(page, "#plot-area")
        _drag(page, (left + 2, top + 2), (right - 2, bottom - 2))
        labels = small_findings().results["low_income"]["local_moran_label"]
        assert _chosen(page) == [area for area in POINTS if labels[area] not in ("High-High", "Low-Low")]


def test_the_plot_is_told_in_words_with_morans_i_as_the_findings_have_it(running, file):
    with opened(running, file, viewport=PHONE) as (page, log):
        _open_plot(page)
        # 2 + 3 of 8 on the same side, by hand from EXPECTED.
        for language, sentence in (
            ("fi", "Kuvion 8 alueesta 5 on samalla puolella keskiarvoa kuin naapurinsa ja 3 eri puolella."),
            ("sv", "Av 8 områden i diagrammet ligger 5 på samma sida om medelvärdet"),
            ("en", "Of the 8 areas in the plot, 5 lie on the same side of the mean"),
        ):
            page.locator(f'button[data-language="{language}"]').click()
            page.evaluate("leaGeo.page.settled()")
            assert page.locator("#scatter-sentence").inner_text().startswith(sentence)
            assert sentence in page.locator("#plot-points").get_attribute("aria-label")
        shown = page.locator('#scatter [data-field="moran_statistic"]')
        assert (
            float(shown.get_attribute("data-value")) == _world().summary.loc["low_income", "moran_statistic"]
        )
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert log.errors == []


def test_no_slope_is_drawn_or_told_that_the_findings_do_not_have(running, tmp_path):
    world = _world()
    path = tmp_path / "map.html"
    planner_map(replace(world, summary=world.summary.assign(moran_statistic=np.nan))).save(path)
    with opened(running, path) as (page, _):
        _open_plot(page)
        assert page.locator("#scatter-moran").inner_text() == ""
        assert page.locator("#quadrants button").count() == 4


def test_where_there_is_no_plot_a_sentence_says_why(running, file, tmp_path):
    with opened(running, file) as (page, _):
        _open_plot(page)
        page.evaluate("leaGeo.page.chooseIndicator(leaGeo.page.sheet.find('plain'))")
        page.evaluate("leaGeo.page.settled()")
        assert "ei ole laskettu ryppäitä" in page.locator("#scatter").inner_text()
        assert page.locator("#plot-area").is_hidden()
    world = _world()
    path = tmp_path / "map.html"
    planner_map(replace(world, settings={**world.settings, "transform": "binary"}), language="en").save(path)
    with opened(running, path) as (page, _):
        _open_plot(page)
        assert "do not sum to one" in page.locator("#scatter").inner_text()
        assert page.locator("#plot-area").is_hidden()


def test_the_island_is_no_point(running, file):
    with opened(running, file) as (page, _):
        _open_plot(page)
        page.evaluate("(id) => leaGeo.page.store.set({ hover: leaGeo.page.place.indexOf(id) })", ISLAND)
        page.evaluate("leaGeo.page.settled()")
        assert "Vedä kuvioon suorakulmio" in page.locator("#scatter-readout").inner_text()
