"""The map that newcomers open is the one that the demo draws."""

import base64
import gzip
import re
from pathlib import Path

import pytest

from lea_geo.cli import main

KEPT = Path(__file__).parents[2] / "maps" / "demo.html"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "demo"
    assert main(["demo", "--out", str(out), "--quiet"]) == 0
    return out


def _unpacked(page: Path) -> str:
    """Return a page with its packed parts unpacked: another zlib may pack the same bytes otherwise."""

    def unpack(found: re.Match[str]) -> str:
        return gzip.decompress(base64.b64decode(found[0])).hex()

    return re.sub(r"H4sI[A-Za-z0-9+/]+=*", unpack, page.read_text("utf-8"))


def test_the_map_that_newcomers_open_is_what_the_demo_draws(demo):
    assert _unpacked(KEPT) == _unpacked(demo / "map.html"), "run `make maps` and commit what it makes"
