"""The demo from the command line to the page: what a planner clicks is what the GeoPackage holds."""

import base64
import gzip
import re
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from chrome import browser, opened

from lea_geo.cli import main

pytestmark = pytest.mark.browser

COLUMNS = (
    "value",
    "numerator",
    "denominator",
    "local_moran_statistic",
    "local_moran_q_value",
    "local_g_star_q_value",
)
KEPT = Path(__file__).parents[2] / "maps" / "demo.html"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "demo"
    assert main(["demo", "--out", str(out), "--quiet"]) == 0
    return out


def test_a_click_shows_the_numbers_of_the_geopackage(chromium, demo):
    with browser(chromium) as running, opened(running, demo / "map.html") as (page, log):
        codes = page.evaluate("leaGeo.page.data.indicators.map((indicator) => indicator.code)")
        for k in (0, 7, len(codes) - 1):
            layer = pyogrio.read_dataframe(demo / "study.gpkg", layer=codes[k], read_geometry=False)
            page.evaluate("(k) => leaGeo.page.chooseIndicator(k)", k)
            for _, row in layer.iloc[::9].iterrows():
                page.evaluate(
                    "(id) => leaGeo.page.selectArea(leaGeo.page.data.areas.id.indexOf(id))",
                    row["area_id"],
                )
                page.wait_for_selector(f'#area [data-field="area_id"][data-value="{row["area_id"]}"]')
                for column in COLUMNS:
                    found = page.locator(f'#area [data-field="{column}"]').first
                    shown = float(found.get_attribute("data-value")) if found.count() else np.nan
                    held = np.nan if row[column] is None else row[column]
                    assert shown == held or (np.isnan(shown) and np.isnan(held)), (
                        codes[k],
                        row["area_id"],
                        column,
                    )
    assert log.errors == []
    assert log.requests == [(demo / "map.html").as_uri()]


def _unpacked(page: Path) -> str:
    """Return a page with its packed columns as text: another zlib may pack the same columns otherwise."""

    def unpack(found: re.Match[str]) -> str:
        return gzip.decompress(base64.b64decode(found[0])).decode()

    return re.sub(r"H4sI[A-Za-z0-9+/]+=*", unpack, page.read_text("utf-8"))


def test_the_map_that_newcomers_open_is_what_the_demo_draws(demo):
    assert _unpacked(KEPT) == _unpacked(demo / "map.html"), "run `make maps` and commit what it makes"
