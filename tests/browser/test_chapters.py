"""Chapters on the map: chosen beside the indicators, drawn in their own colours, told of each area."""

import csv
import io

import pytest
from axe import violations
from chrome import PHONE, opened
from small_chapters import findings_with_chapter
from small_findings import IDS, SUPPRESSED

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser
WORD, NUMBER = "change_income.word", "change_income.difference"


@pytest.fixture(scope="module")
def map_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("chapters") / "map.html"
    planner_map(findings_with_chapter(), language="en").save(file)
    return file


@pytest.fixture(scope="module")
def page(running, map_file):
    with opened(running, map_file) as (drawn, log):
        yield drawn
        assert log.errors == []
        assert all(url.startswith(("file:", "data:", "blob:")) for url in log.requests)


def _choose(page, code):
    page.evaluate(
        "async (code) => { await leaGeo.page.chooseIndicator(leaGeo.page.sheet.find(code)); }", code
    )


def _open(page, area):
    page.evaluate("async (area) => { await leaGeo.page.selectArea(leaGeo.page.place.indexOf(area)); }", area)


def test_chapters_stand_in_the_list_under_their_own_heading_after_the_indicators(page):
    page.click("#indicator")
    headings = page.locator("#picker-list .picker-domain").all_inner_texts()
    assert headings[-1] == "Change (en)"
    page.fill("#picker-filter", "in a word")
    assert page.locator("#picker-list [role=option]").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.locator("#indicator-shown").inner_text() == "Change by area (en): In a word (en)"


def test_words_are_drawn_and_counted_in_their_own_colours(page):
    _choose(page, WORD)
    rows = page.locator("#legend li")
    told = [rows.nth(k).inner_text().split("\n") for k in range(rows.count())]
    # Of twelve even steps from -3 to 2.5 per cent: 3 above 1.2, 4 below -1.2; the rest have no word.
    assert [row[0] for row in told] == ["risen (en)", "fallen (en)", "Missing"]
    assert [row[-1] for row in told] == ["3", "4", "5"]
    fills = page.evaluate(
        "leaGeo.page.classes().then(({ entries }) => entries.map(({ style }) => style.fill))"
    )
    assert fills[:2] == ["#e66101", "#5e3c99"]
    assert page.locator("#histogram").is_hidden(), "words have no spread"


def test_a_number_diverges_from_its_middle_in_per_cent(page):
    _choose(page, NUMBER)
    assert "Purple is below the middle" in page.locator("#legend-hint").inner_text()
    first = page.locator("#legend .entry").first.inner_text()
    assert first.startswith("−3.0")
    assert page.locator("#histogram").is_visible()


def test_an_area_says_its_word_and_what_else_the_table_holds(page):
    _choose(page, WORD)
    _open(page, IDS[1])
    assert page.locator("#area .big").inner_text() == "fallen (en)"
    facts = page.locator("#area .chapter-facts").inner_text()
    assert "Difference (en)" in facts
    assert "−2.5%" in facts
    assert "yes" in facts
    _open(page, SUPPRESSED)
    assert "Missing" in page.locator("#area .status").inner_text()


def test_the_question_and_what_it_cannot_tell_stand_beside_the_map(page):
    _choose(page, WORD)
    facts = page.locator("#indicator-facts").inner_text()
    assert "What has changed? (en)" in facts
    assert "This says nothing of families. (en)" in facts


def test_areas_are_compared_by_the_words_of_chapters_without_a_drawing(page):
    _choose(page, WORD)
    page.evaluate("async () => { for (const i of [0, 1]) await leaGeo.page.toggleCompared(i); }")
    page.click("#tab-compare")
    row = page.locator(f'#comparison tbody[data-code="{WORD}"]')
    assert row.locator("data").all_inner_texts() == ["fallen (en)", "fallen (en)"]
    assert row.locator("svg").count() == 0
    page.click("#tab-area")


def test_the_saved_table_has_words_and_not_their_places(page, tmp_path):
    _choose(page, WORD)
    with page.expect_download() as saved:
        page.click("#download-csv")
    saved.value.save_as(tmp_path / "saved.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "saved.csv").read_text("utf-8-sig"))))
    assert any("fallen (en)" in row for row in rows)


def test_a_chapter_on_a_phone_is_without_a_fault_that_a_program_can_find(running, map_file, axe):
    with opened(running, map_file, viewport=PHONE) as (page, _):
        _choose(page, WORD)
        _open(page, IDS[1])
        assert violations(page, axe) == []


def test_the_places_that_a_chapter_names_are_marked_while_it_is_shown_and_not_else(page):
    _choose(page, WORD)
    names = page.locator("#lea-map .site-name").all_inner_texts()
    assert names == ["Satama", "O'Hara [% 1 %]"]
    # Leaflet places a mark by its middle: the map's own way back from metres to pixels finds it there.
    at = page.evaluate(
        """() => {
          const { map } = leaGeo.page;
          const { latitude, longitude } = map.options.crs.mercator.toDegrees(221000, 7000700);
          const point = map.latLngToContainerPoint([latitude, longitude]);
          const box = document.querySelector("#lea-map .site").getBoundingClientRect();
          const whole = document.querySelector("#lea-map").getBoundingClientRect();
          return [box.x + box.width / 2 - whole.x - point.x, box.y + box.height / 2 - whole.y - point.y];
        }"""
    )
    assert max(map(abs, at)) < 1.5
    _choose(page, "low_income")
    assert page.locator("#lea-map .site-name").count() == 0
