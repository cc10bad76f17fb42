"""The page on paper: A4 landscape, nothing clipped, and the screen as it was afterwards."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pypdfium2
import pytest
from chrome import DESKTOP, PHONE, opened
from long_texts import INDICATOR, TITLE, long_findings
from shapely.geometry import box

from lea_geo.maps.page import planner_map
from lea_geo.schema import LANGUAGES
from lea_geo.texts import read_texts, shared_texts

pytestmark = pytest.mark.browser

TEXTS = {**shared_texts(), **read_texts("lea_geo.maps")}
A4_LANDSCAPE = (297 / 25.4 * 72, 210 / 25.4 * 72)  # ISO 216, in points
MARGIN = 12 / 25.4 * 72
RED = (0xB2, 0x18, 0x2B)  # High-High


class Paper:
    """A printed document: the text and the picture of each page."""

    def __init__(self, content):
        with pypdfium2.PdfDocument(content) as document:
            self.sizes = [page.get_size() for page in document]
            self.texts = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
            self.boxes = [self._boxes(page) for page in document]
            self.pictures = [np.asarray(page.render(scale=1).to_pil().convert("RGB")) for page in document]

    @staticmethod
    def _boxes(page):
        text = page.get_textpage()
        return [text.get_rect(k) for k in range(text.count_rects())]


def _printed(page):
    return Paper(page.pdf(prefer_css_page_size=True))


def _word(key, language):
    return TEXTS[key].in_language(language)


@pytest.fixture(scope="module")
def long_map(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "map.html"
    planner_map(long_findings()).save(path)
    return path


def _within_margins(paper):
    """Whether all text lies between the margins, but for the page's number below."""
    (wide, high), slack = A4_LANDSCAPE, 1.5
    return all(
        MARGIN - slack <= left <= right <= wide - MARGIN + slack and top <= high - MARGIN + slack
        for boxes in paper.boxes
        for left, _, right, top in boxes
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_page_holds_the_whole_map_and_what_it_means(running, long_map, language, viewport):
    with opened(running, long_map, viewport=viewport) as (page, log):
        page.evaluate("(language) => leaGeo.page.chooseLanguage(language)", language)
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        paper = _printed(page)
        assert log.errors == []
    assert all(np.allclose(size, A4_LANDSCAPE, atol=1) for size in paper.sizes)
    assert _within_margins(paper)
    first = paper.texts[0].replace(" ", "")
    for text in (
        TITLE,
        INDICATOR,
        _word("direction.weakens", language),
        _word("legend.local_moran", language),
        _word("label.High-High", language),
        _word("status.suppressed", language),
        _word("legend.doubt", language),
        "Tilastokeskus, Kela, THL;",
        "CC BY 4.0",
    ):
        assert "".join(text.split()) in first
    assert _word("table.heading", language) in paper.texts[1]
    assert _word("reading.heading", language) in paper.texts[2]
    assert _word("methods.heading", language) in " ".join(paper.texts[3:])
    assert len(paper.texts) <= 5


def test_the_map_on_paper_is_drawn_whole(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        picture = _printed(page).pictures[0]
    red = (np.abs(picture.astype(int) - RED) < 12).all(axis=2)
    rows, columns = np.nonzero(red)
    # Two areas of 2 km by 1.5 km beside each other; the region is 11 km wide and fills most of 192 mm of 297.
    assert red.sum() > 0.01 * picture[:, :, 0].size / 2
    assert rows.max() < picture.shape[0] - MARGIN
    assert columns.min() > MARGIN


def test_an_open_area_and_compared_ones_have_pages_of_their_own(running, small_map):
    with opened(running, small_map) as (page, log):
        page.evaluate("leaGeo.page.chooseLanguage('en')")
        page.evaluate("leaGeo.page.selectArea(0)")
        page.evaluate("leaGeo.page.toggleCompared(1)")
        page.evaluate("leaGeo.page.toggleCompared(3)")
        page.evaluate("leaGeo.page.settled()")
        paper = _printed(page)
        assert log.errors == []
    assert _within_margins(paper)
    assert "31.3%" in paper.texts[1]
    assert "All indicators of the area" in paper.texts[1]
    assert TEXTS["compare.heading"].in_language("en") in paper.texts[2]
    assert "Niemi" in paper.texts[2]
    assert "Joki" in paper.texts[2]
    assert TEXTS["table.heading"].in_language("en") in paper.texts[3]


def test_the_screen_is_as_it_was_after_printing(running, small_map):
    state = """() => {
      const { map } = leaGeo.page;
      const { x, y } = map.getSize();
      const { lat, lng } = map.getCenter();
      const open = [...document.querySelectorAll("details")].map((one) => one.open);
      const { minZoom, zoomSnap } = map.options;
      const scrolled = [document.documentElement.className, window.scrollY, leaGeo.page.layer._ratio()];
      return [x, y, lat, lng, map.getZoom(), minZoom, zoomSnap, open, scrolled];
    }"""
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.map.setZoom(leaGeo.page.map.getZoom() + 1, { animate: false })")
        before = page.evaluate(state)
        _printed(page)
        page.wait_for_timeout(100)
        assert page.evaluate(state) == before
        page.locator("#ranking-section > summary").click()
        page.evaluate("leaGeo.page.settled()")
        assert page.locator("#ranking tbody tr").count() == 12


def test_what_is_seen_of_the_map_is_what_is_printed(running, small_map):
    corners = """() => {
      const { map } = leaGeo.page;
      const { x, y } = map.getSize();
      const metres = (at) => map.options.crs.project(map.containerPointToLatLng(at));
      return [metres([0, y]), metres([x, 0])].map((point) => [point.x, point.y]).flat();
    }"""
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.map.setZoom(leaGeo.page.map.getZoom() + 2, { animate: false })")
        west, south, east, north = page.evaluate(corners)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        left, bottom, right, top = page.evaluate(corners)
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    slack = 0.01 * (north - south)  # the map lies on whole pixels
    assert left <= west + slack
    assert bottom <= south + slack
    assert right >= east - slack
    assert top >= north - slack
    # One of the two sides is filled.
    filled = (top - bottom) / (north - south), (right - left) / (east - west)
    assert min(filled) < 1.01


def test_the_button_prints(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("window.print = () => { window.asked = true; }")
        page.locator("#print").click()
        page.evaluate("leaGeo.page.settled()")
        assert page.evaluate("window.asked")


def test_a_long_table_is_cut_and_says_so(running, tmp_path):
    cells = [box(x, y, x + 250, y + 250) for x in range(0, 5000, 250) for y in range(0, 4000, 250)]
    shapes = gpd.GeoSeries(cells, crs="EPSG:3067").translate(400_000, 6_700_000).to_numpy()
    values = np.arange(len(cells)) * 1.0
    index = pd.Index([f"a{i:03d}" for i in range(len(cells))], name="area_id", dtype=str)
    areas = gpd.GeoDataFrame({"value": values}, geometry=shapes, crs=3067, index=index)
    path = tmp_path / "map.html"
    planner_map(areas, title="Cells").save(path)
    with opened(running, path) as (page, _):
        page.evaluate("leaGeo.page.chooseLanguage('en')")
        paper = _printed(page)
    # A PDF holds letters and where they lie; which gaps are spaces is a reader's guess.
    text = "".join(paper.texts).replace(" ", "")
    said = TEXTS["table.rows"].in_language("en").format(**{"from": 1, "to": 200, "n": 320})
    assert said.replace(" ", "") in text
    assert "a120120.00" in text
    assert "a119119.00" not in text  # the 200 highest of 320
    assert _within_margins(paper)
