"""What a reader sees without scrolling, and what narrow pages fold away."""

from dataclasses import replace

import pytest
from chrome import DESKTOP, NARROWEST, PHONE, opened
from small_findings import IDS, small_findings

from lea_geo.maps.page import planner_map

LAPTOP = {"width": 1280, "height": 720}
LONG = "Osuus kaikista alueen asukkaista, jotka vuoden lopussa asuivat siellä vakinaisesti. " * 4


@pytest.mark.parametrize("viewport", [DESKTOP, LAPTOP], ids=["desktop", "laptop"])
@pytest.mark.parametrize("view", ["value", "local_moran", "local_g_star"])
def test_the_whole_legend_is_in_sight_beside_the_map(running, small_map, viewport, view):
    with opened(running, small_map, viewport=viewport) as (page, _):
        page.evaluate("(view) => leaGeo.page.chooseView(view)", view)
        box = page.locator("#legend").bounding_box()
        assert box["y"] + box["height"] <= viewport["height"]


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["phone", "320px"])
def test_most_of_a_phones_first_screen_is_not_above_the_map(running, small_map, viewport):
    with opened(running, small_map, viewport=viewport) as (page, _):
        assert page.locator("#lea-map").bounding_box()["y"] < viewport["height"] / 2
        legend = page.locator(".legend").bounding_box()["y"]
        picture = page.locator("#lea-map").bounding_box()
        assert legend - picture["y"] - picture["height"] < 4


def test_a_long_explanation_shows_two_lines_and_all_of_it_when_asked(running, tmp_path):
    small = small_findings()
    first = small.indicators[0]
    explained = type(first.explanation)(fi=LONG, sv=LONG, en=LONG)
    indicators = (replace(first, explanation=explained), *small.indicators[1:])
    file = tmp_path / "map.html"
    planner_map(small_findings(indicators=indicators), language="en").save(file)
    with opened(running, file) as (page, log):
        text, button = page.locator("#explanation"), page.locator("#explain")
        clamped = text.bounding_box()["height"]
        button.click()
        assert button.get_attribute("aria-expanded") == "true"
        assert text.bounding_box()["height"] > 2 * clamped
        button.click()
        assert text.bounding_box()["height"] == clamped
        page.evaluate("leaGeo.page.chooseIndicator(1)")  # one that fits
        assert button.is_hidden()
        assert log.errors == []


def test_the_skip_link_to_the_search_leaves_the_header_in_sight(running, small_map):
    with opened(running, small_map) as (page, _):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "area-search"
        assert page.evaluate("scrollY") == 0


def test_the_tip_is_as_wide_at_the_right_edge_as_elsewhere(running, small_map):
    with opened(running, small_map) as (page, _):
        widths = []
        for share in (0.5, 0.99):
            page.evaluate(
                """(share) => {
                  const { page } = leaGeo;
                  const size = page.map.getSize();
                  page.map.fire("mousemove", {
                    containerPoint: L.point(size.x * share, 200),
                    layerPoint: page.layer.pointOf(0),
                  });
                }""",
                share,
            )
            page.wait_for_selector("#tip:not([hidden])")
            page.evaluate("leaGeo.page.settled()")
            widths.append(page.locator("#tip").bounding_box()["width"])
        assert widths[0] == pytest.approx(widths[1], abs=1)


def test_of_a_label_with_many_areas_all_can_be_chosen_at_once(running, tmp_path):
    small = small_findings()
    frame = small.results["low_income"].copy()
    frame.loc[[IDS[7], IDS[8], IDS[9]], "local_moran_label"] = "High-High"
    many = [area for area in IDS if frame.loc[area, "local_moran_label"] == "High-High"]
    file = tmp_path / "map.html"
    planner_map(small_findings(results={**small.results, "low_income": frame}), language="en").save(file)
    with opened(running, file) as (page, log):
        group = page.locator('[data-label-of="High-High"]')
        assert group.locator(".count").inner_text() == str(len(many)) == "5"
        assert group.locator("[data-area]").count() == 3  # four labels share the room for twelve
        group.locator(".plain").click()
        page.evaluate("leaGeo.page.settled()")
        chosen = page.evaluate(
            "(({ chosen }) => [...chosen].flatMap((one, i) => (one ? [leaGeo.page.place.idOf(i)] : [])))"
            "(leaGeo.page.store.get())"
        )
        assert sorted(chosen) == sorted(many)
        assert page.locator('[data-label-of="Low-Low"] .plain').count() == 0
        assert log.errors == []
