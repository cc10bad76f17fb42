"""The page's address holds what the reader looks at, and opens it again."""

import re

import pytest
from chrome import opened, until
from small_findings import IDS

pytestmark = pytest.mark.browser


def _go(page, address):
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("body[data-ready]")


def test_a_copied_address_opens_the_same_picture(running, small_map):
    with opened(running, small_map) as (page, log):
        page.evaluate(
            """async (ids) => {
              const { page } = leaGeo;
              await page.chooseLanguage("sv");
              await page.chooseIndicator(1);
              await page.chooseView("local_g_star");
              await page.toggleCompared(2);
              await page.toggleCompared(0);
              page.map.setView([63.05, 21.6], 8.5, { animate: false });
              await page.selectArea(3);
            }"""
        )
        until(page, "location.hash.includes('area=65030') && location.hash.includes('8.50')")
        address = page.url
        _go(page, address)
        state = page.evaluate("(({ store }) => ({ ...store.get(), off: null }))(leaGeo.page)")
        assert (state["language"], state["indicator"], state["view"]) == ("sv", 1, "local_g_star")
        assert (state["area"], state["compared"]) == (3, [2, 0])
        assert page.evaluate("leaGeo.page.map.getZoom()") == 8.5
        assert page.locator("html").get_attribute("lang") == "sv"
        assert log.errors == []


def test_an_address_pasted_into_the_open_page_is_followed(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("(id) => { location.hash = `#area=${id}&lang=en&indicator=income`; }", IDS[4])
        until(page, "leaGeo.page.store.get().area === 4")
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.evaluate("leaGeo.page.indicator.code") == "income"


@pytest.mark.parametrize(
    "address",
    [
        "#area=nobody&indicator=__proto__&view=constructor&lang=de&level=x&year=y",
        "#at=NaN,NaN,NaN&compare=1&compare=2",
        "#at=90,180,30",
        "#at=60.17,24.94,9",
        "#%E0%A4%A",
        "#area=%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_an_address_that_asks_for_what_is_not_there_opens_the_plain_page(running, small_map, address):
    with opened(running, small_map) as (page, log):
        _go(page, small_map.as_uri() + address)
        state = page.evaluate("(({ store }) => ({ ...store.get(), off: null }))(leaGeo.page)")
        assert (state["language"], state["indicator"], state["view"]) == ("fi", 0, "value")
        assert (state["area"], state["compared"]) == (-1, [])
        middle = page.evaluate("(({ lat, lng }) => [lat, lng])(leaGeo.page.map.getCenter())")
        assert middle == pytest.approx([63.05, 21.57], abs=0.1)  # where the small world lies
        assert log.errors == [], re.sub(r"file://\S+", "", str(log.errors))
        assert log.dialogs == []
