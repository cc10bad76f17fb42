"""Take the pictures of ``maps/demo.html`` that README shows: screen, phone, paper, languages, eyes."""

import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import Page

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "helpers"))

from chrome import DESKTOP, PHONE, browser, opened  # noqa: E402

LARGEST = 250_000  # bytes of a picture
SHARPNESS = 1.5  # pixels of a picture to each point of paper
# Areas of the demo region.
OPENED = "08910"
COMPARED = ("08910", "08913", "08930")


@dataclass(frozen=True)
class Picture:
    """What is done before a picture is taken; ``steps`` are JavaScript, each followed until all is drawn."""

    language: str = "en"
    view: str = "local_moran"
    steps: tuple[str, ...] = ()
    window: dict[str, object] = field(default_factory=lambda: {"viewport": DESKTOP})
    brush: tuple[float, ...] = ()  # a rectangle of the scatterplot: left, top, right, bottom, of 1
    eyes: str = "none"
    paper: bool = False


OPEN = f"leaGeo.page.selectArea(leaGeo.page.place.indexOf('{OPENED}'))"
COMPARE = tuple(f"leaGeo.page.toggleCompared(leaGeo.page.place.indexOf('{area}'))" for area in COMPARED)
TOP = "document.activeElement.blur(); scrollTo(0, 0)"

PICTURES = {
    "desktop": Picture(steps=(OPEN, TOP)),
    "svenska": Picture("sv", "value"),
    "suomi": Picture("fi", "local_g_star"),
    "compare": Picture(steps=(*COMPARE, "document.getElementById('tab-compare').click()", TOP)),
    "scatter": Picture(
        steps=("document.getElementById('tab-scatter').click()", TOP), brush=(0.7, 0.03, 0.98, 0.35)
    ),
    "phone": Picture("fi", steps=(OPEN,), window={"viewport": PHONE, "device_scale_factor": 2}),
    "forced": Picture(steps=(OPEN, TOP), window={"viewport": DESKTOP, "forced_colors": "active"}),
    "deuteranopia": Picture(steps=(OPEN, TOP), eyes="deuteranopia"),
    "print": Picture("fi", steps=(OPEN, *COMPARE), paper=True),
}


@contextmanager
def _seen_by(page: Page, eyes: str) -> Iterator[None]:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": eyes})
    yield
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})


def _first_page(page: Page) -> Image.Image:
    """Return the first page of paper as a picture."""
    with pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True)) as document:
        return document[0].render(scale=SHARPNESS).to_pil()


def _drag(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    box = page.locator("#plot-area").bounding_box() or sys.exit("The scatterplot is not shown.")
    at = [
        (box["x"] + across * box["width"], box["y"] + down * box["height"])
        for across, down in ((left, top), (right, bottom))
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=3)
    page.mouse.up()
    page.evaluate("leaGeo.page.settled()")


def _taken(page: Page, picture: Picture) -> Image.Image:
    page.evaluate("(language) => leaGeo.page.chooseLanguage(language)", picture.language)
    page.evaluate("(view) => leaGeo.page.chooseView(view)", picture.view)
    for step in picture.steps:
        page.evaluate(step)
        page.evaluate("leaGeo.page.settled()")
    if picture.brush:
        _drag(page, *picture.brush)
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    if picture.paper:
        return _first_page(page)
    with _seen_by(page, picture.eyes):
        return Image.open(io.BytesIO(page.screenshot()))


def _save(image: Image.Image, path: Path) -> None:
    """Save with 256 colours, more than these pictures need, and refuse what is too large for git."""
    image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        sys.exit(f"{path.name} has {path.stat().st_size} bytes, more than {LARGEST}.")


def main() -> None:
    """Take all pictures, or those that are named."""
    chromium = shutil.which("chromium") or sys.exit("The pictures need chromium; the map itself is in place.")
    with browser(chromium) as running:
        for name in sys.argv[1:] or PICTURES:
            with opened(running, HERE / "demo.html", **PICTURES[name].window) as (page, _):
                _save(_taken(page, PICTURES[name]), HERE / f"{name}.png")


main()
