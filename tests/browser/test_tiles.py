"""Background tiles come only when somebody names a server, only from it, and lie where they belong."""

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from chrome import opened, until
from small_findings import IDS, small_findings

from lea_geo.errors import UsageError
from lea_geo.maps.page import planner_map
from lea_geo.maps.tiles import PROVIDERS, Tiles

pytestmark = pytest.mark.browser

_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def server():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(_PIXEL)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()
    running.server_close()


def test_tiles_come_from_the_named_server_alone_and_lie_under_the_areas(running, tmp_path, server):
    address, asked = server
    path = tmp_path / "map.html"
    tiles = Tiles(address + "/{z}/{x}/{y}.png", "© <b>Somebody</b>")
    planner_map(small_findings(), language="en", tiles=tiles).save(path)
    with opened(running, path) as (page, log):
        until(page, "document.querySelectorAll('.leaflet-tile-loaded').length > 3")
        assert {url.split("/")[2] for url in log.requests if url.startswith("http")} == {
            address.split("/")[2]
        }
        assert log.errors == []
        assert page.locator(".leaflet-control-attribution").inner_text() == "© <b>Somebody</b>"
        page.locator(".below > details > summary").last.click()
        assert address.split("/")[2] in page.locator("#methods").inner_text()
    # JHS 180: the corner is at (-548 576, 8 388 608), a tile of level z is 256 * 8192 / 2**z metres wide.
    x, y = small_findings().areas.geometry.centroid[IDS[5]].coords[0]
    zoom = {int(path.split("/")[1]) for path in asked}
    assert len(zoom) == 1
    side = 256 * 8192 / 2 ** next(iter(zoom))
    column, row = int((x + 548_576) // side), int((8_388_608 - y) // side)
    assert f"/{next(iter(zoom))}/{column}/{row}.png" in asked


def test_a_map_without_tiles_says_that_it_asks_for_nothing(running, small_map):
    with opened(running, small_map) as (page, log):
        page.locator(".below > details > summary").last.click()
        assert "Tiedosto ei ota yhteyttä verkkoon." in page.locator("#methods").inner_text()
        assert log.requests == [small_map.as_uri()]


@pytest.mark.parametrize(
    ("tiles", "key", "said"),
    [
        ("osm", "", "tiles is 'osm': it must be one of maanmittauslaitos, or a Tiles"),
        ("maanmittauslaitos", "", "need a key: give it as tiles_key="),
        (Tiles("https://example.org/{z}/{x}.png", ""), "", "must be https://host/... with {z}, {x} and {y}"),
        (Tiles("http://example.org/{z}/{x}/{y}.png", ""), "", "must be https://host/..."),
        (Tiles("https://a.org; script-src *//{z}/{x}/{y}", ""), "", "must be https://host/..."),
    ],
)
def test_tiles_that_cannot_be_had_are_refused(tiles, key, said):
    with pytest.raises(UsageError) as raised:
        planner_map(small_findings(), tiles=tiles, tiles_key=key)
    assert said in str(raised.value)


def test_the_key_of_a_server_is_part_of_its_address():
    drawn = planner_map(small_findings(), tiles="maanmittauslaitos", tiles_key="a b&c")
    page = drawn.get_root().render()
    assert "api-key=a%20b%26c" in page.replace("\\u0026", "&")
    assert f"img-src data: blob: {PROVIDERS['maanmittauslaitos'].host};" in page
