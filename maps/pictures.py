"""Take the pictures of ``maps/demo.html`` that README shows: at a desk, on a phone, in each language."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "helpers"))

from chrome import DESKTOP, PHONE, browser, opened  # noqa: E402

PICTURES = {
    "demo-desktop.png": (DESKTOP, "en", "local_moran", 5),
    "demo-svenska.png": (DESKTOP, "sv", "value", None),
    "demo-phone.png": (PHONE, "fi", "local_moran", 5),
}

chromium = shutil.which("chromium") or sys.exit("The pictures need chromium; the map itself is in place.")
with browser(chromium) as running:
    for name, (viewport, language, view, area) in PICTURES.items():
        with opened(running, HERE / "demo.html", viewport=viewport) as (page, _):
            page.evaluate("(language) => leaGeo.page.chooseLanguage(language)", language)
            if view != "value":
                page.evaluate("(view) => leaGeo.page.chooseView(view)", view)
            if area is not None:
                page.evaluate("(area) => leaGeo.page.selectArea(area)", area)
            page.wait_for_timeout(500)
            page.screenshot(path=HERE / name)
