"""The picture that the page saves: it can stand alone, and nothing in it lies over anything."""

import io

import numpy as np
import pytest
from chrome import PHONE, opened
from long_texts import INDICATOR, TITLE, long_findings
from PIL import Image

from lea_geo.maps.page import planner_map
from lea_geo.schema import LANGUAGES
from lea_geo.texts import read_texts, shared_texts

pytestmark = pytest.mark.browser

TEXTS = {**shared_texts(), **read_texts("lea_geo.maps")}
RED = (0xB2, 0x18, 0x2B)  # High-High
ORANGE = (0xFD, 0xAE, 0x61)  # High-Low
TITLE_COLOUR = (0x17, 0x50, 0x7A)
# Where a text is written on the picture itself, in pixels; names on the map have a canvas of their own.
NOTE_TEXTS = """() => {
  window.written = [];
  const { prototype } = CanvasRenderingContext2D;
  const write = prototype.fillText;
  prototype.fillText = function (text, x, y) {
    if (this.canvas.width === 2400) {
      const { actualBoundingBoxAscent: up, actualBoundingBoxDescent: down, width } = this.measureText(text);
      const left = this.textAlign === "center" ? x - width / 2 : x;
      const { a, d, e, f } = this.getTransform();
      written.push([text, a * left + e, d * (y - up) + f, a * (left + width) + e, d * (y + down) + f]);
    }
    return write.call(this, text, x, y);
  };
}"""


@pytest.fixture(scope="module")
def long_map(tmp_path_factory):
    path = tmp_path_factory.mktemp("long") / "map.html"
    planner_map(long_findings()).save(path)
    return path


def _saved(page):
    """Press the button and return the file's name and its pixels."""
    with page.expect_download() as waiting:
        page.locator("#download-png").click()
    page.evaluate("leaGeo.page.settled()")
    with Image.open(io.BytesIO(waiting.value.path().read_bytes())) as picture:
        assert picture.format == "PNG"
        return waiting.value.suggested_filename, np.asarray(picture.convert("RGB"))


def _of_colour(pixels, colour):
    return (pixels == np.array(colour, dtype=np.uint8)).all(axis=2)


def _lie_apart(boxes):
    for k, (_, x0, y0, x1, y1) in enumerate(boxes):
        for _, a0, b0, a1, b1 in boxes[:k]:
            if x0 < a1 and a0 < x1 and y0 < b1 and b0 < y1:
                return False
    return True


def test_the_picture_shows_the_areas_in_the_colours_of_the_map(running, small_map):
    with opened(running, small_map) as (page, log):
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        _, pixels = _saved(page)
        # The map is 808 of 1200 CSS pixels wide, or less where its height is what limits it.
        per_metre = page.evaluate(
            """() => {
              const { map } = leaGeo.page;
              const { x, y } = map.getSize();
              const high = Math.max(480, Math.min(720, Math.round((808 * y) / x)));
              return map.options.crs.scale(map.getZoom()) * Math.min(808 / x, high / y);
            }"""
        )
        assert log.errors == []
        assert all(sent == small_map.as_uri() or sent.startswith("blob:") for sent in log.requests)
    one = 2000 * 1500 * (2 * per_metre) ** 2  # an area of the small world, in pixels
    # Of two areas with high values one is plain, the other lies under the hatch of doubt.
    assert 0.9 * one < _of_colour(pixels, RED).sum() < 1.9 * one
    assert 0.9 * one < _of_colour(pixels, ORANGE).sum() < 1.1 * one


def test_a_class_that_is_switched_off_is_not_coloured(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        page.locator('#legend button[data-key="High-Low"]').click()
        _, pixels = _saved(page)
    assert _of_colour(pixels, ORANGE).sum() == 0
    assert _of_colour(pixels, RED).sum() > 0


def test_the_title_is_drawn_at_the_top_and_nowhere_else(running, small_map):
    with opened(running, small_map) as (page, _):
        _, pixels = _saved(page)
    inked = np.flatnonzero(_of_colour(pixels, TITLE_COLOUR).any(axis=1))
    # Margin 32, banner 39, gap 8; a line of 18 pixels is 24 high; two pixels to each.
    assert 2 * 79 <= inked.min() < inked.max() < 2 * 103


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_texts_lie_apart_and_within_the_picture(running, long_map, language):
    with opened(running, long_map) as (page, log):
        page.evaluate("(language) => leaGeo.page.chooseLanguage(language)", language)
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        page.evaluate(
            "leaGeo.page.store.set({ area: 0, compared: [1, 3], chosen: new Uint8Array(12).fill(1) })"
        )
        page.evaluate("leaGeo.page.settled()")
        page.evaluate(NOTE_TEXTS)
        _, pixels = _saved(page)
        written = page.evaluate("written")
        assert log.errors == []
    high, wide, _ = pixels.shape
    assert wide == 2400
    assert _lie_apart(written)
    assert all(x0 >= 0 and y0 >= 0 and x1 <= wide and y1 <= high for _, x0, y0, x1, y1 in written)
    said = " ".join(text for text, *_ in written)
    for text in (
        TITLE,
        f"{INDICATOR}, 2020",
        TEXTS["direction.weakens"].in_language(language),
        TEXTS["legend.local_moran"].in_language(language),
        TEXTS["legend.doubt"].in_language(language),
        TEXTS["status.suppressed"].in_language(language),
        TEXTS["picture.marked"].in_language(language),
        TEXTS["chosen.many"].in_language(language).format(n=12),
        "CC BY 4.0",
        "lea_geo",
        "Tilastokeskus, Kela, THL;",
        "km",
    ):
        assert " ".join(text.split()) in said
    assert TEXTS["common.synthetic"].in_language(language) not in said
    names = {"fi": "Satama", "sv": "Satama sv"}
    assert names.get(language, "Satama") in said


def test_made_up_data_say_so_in_the_picture(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.chooseLanguage('sv')")
        page.evaluate(NOTE_TEXTS)
        _saved(page)
        said = " ".join(page.evaluate("written.map(([text]) => text)"))
    assert TEXTS["common.synthetic"].in_language("sv") in said


def test_the_file_is_called_after_what_it_shows(running, small_map, long_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.chooseLanguage('sv')")
        assert _saved(page)[0] == "Den-lilla-kusten_Pienituloiset-sv_2020_sv.png"
    with opened(running, long_map) as (page, _):
        name, _ = _saved(page)
        assert name.endswith("_2020_fi.png")
        assert len(name) <= 100


def test_a_phone_saves_a_picture_of_the_same_width(running, small_map):
    with opened(running, small_map, viewport=PHONE) as (page, _):
        page.locator("#tools-toggle").click()
        _, pixels = _saved(page)
    assert pixels.shape[1] == 2400
