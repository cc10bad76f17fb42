"""Seconds until a map is painted, frames while it is dragged, and memory of the process that shows it."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import js_lib_leaflet
from chrome import DESKTOP, browser
from playwright.sync_api import TimeoutError  # noqa: A004 - its own name

_LEAFLET = Path(js_lib_leaflet.__file__).parent / "static" / "js_lib_leaflet"
LONGEST_DRAG = 20
"""Seconds after which a page that cannot follow is let go of."""
_PAINTED = """async () => {
  if (window.leaGeo) await window.leaGeo.ready;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() / 1000;
}"""
_COUNT_FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const count = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""


@dataclass(frozen=True)
class Shown:
    """How a page behaved."""

    painted: float
    """Seconds from opening to the first picture."""
    pan: float
    """Milliseconds of a frame while the map was dragged, 95th percentile."""
    memory: float
    """Resident memory of the page's process, MB."""


def show(chromium: str, file: Path, *, seconds: int = 600) -> Shown | None:
    """Open a map and drag it about; None where it is not painted within ``seconds``.

    Leaflet is served from its wheel to pages that ask a server for it.
    """
    try:
        return _show(chromium, file, seconds)
    except TimeoutError:
        return None


def _show(chromium: str, file: Path, seconds: int) -> Shown:
    with browser(chromium) as running:
        page = running.new_page(viewport=DESKTOP)
        page.set_default_timeout(1000 * seconds)
        page.route(re.compile("^https?:"), _serve)
        page.goto(file.as_uri(), wait_until="load", timeout=1000 * seconds)
        painted = page.evaluate(_PAINTED)
        pan = _dragged(page)
        return Shown(painted, pan, _renderer_memory(running))


def _serve(route):
    """Stand in for the network: Leaflet as it is, everything else empty."""
    name = route.request.url.rsplit("/", 1)[-1]
    known = {"leaflet.js": "text/javascript", "leaflet.css": "text/css"}
    body = (_LEAFLET / name).read_bytes() if name in known else b""
    kind = known.get(name) or ("text/css" if name.endswith(".css") else "text/javascript")
    route.fulfill(status=200, content_type=kind, body=body, headers={"Access-Control-Allow-Origin": "*"})


def _dragged(page) -> float:
    box = page.locator(".leaflet-container").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(_COUNT_FRAMES)
    page.mouse.move(x, y)
    page.mouse.down()
    end = time.monotonic() + LONGEST_DRAG
    for step in range(90):
        if time.monotonic() > end:
            break
        page.mouse.move(x + 160 * ((step // 15) % 2 or -1) * ((step % 15) / 15), y + (step % 30) * 4)
    page.mouse.up()
    page.wait_for_timeout(200)
    frames = sorted(page.evaluate("window.frames_"))
    return frames[int(0.95 * (len(frames) - 1))]


def _renderer_memory(running) -> float:
    session = running.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = [_resident(process["id"]) for process in processes if process["type"] == "renderer"]
    return max(sizes)


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
