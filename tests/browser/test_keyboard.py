"""A planner without a mouse: from opening the file to a table in hand, with keys only."""

import csv
from decimal import ROUND_HALF_UP, Decimal

import pytest
from chrome import DESKTOP, PHONE, opened
from small_findings import IDS, NAMES, small_findings

pytestmark = pytest.mark.browser

MOST_STOPS = 150


def _focused(page, selector):
    return page.evaluate("(selector) => document.activeElement.matches(selector)", selector)


def _tab_to(page, selector, key="Tab"):
    """Press Tab until what ``selector`` names has the focus."""
    for _ in range(MOST_STOPS):
        if _focused(page, selector):
            return
        page.keyboard.press(key)
    pytest.fail(f"{MOST_STOPS} times {key} do not lead to {selector}")


def _press(page, selector, key="Enter"):
    _tab_to(page, selector)
    page.keyboard.press(key)
    page.evaluate("leaGeo.page.settled()")


def _said(page):
    """Return what a screen reader was told last."""
    return page.locator("#announce").inner_text()


def _open_area(page):
    return page.locator('#area [data-field="area_id"]').get_attribute("data-value")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_keys_lead_to_the_worst_area_its_profile_a_comparison_another_language_and_a_table(
    running, small_map, tmp_path, viewport
):
    findings = small_findings()
    values = findings.results["low_income"]["value"]
    worst = values.idxmax()  # a high share of low incomes weakens wellbeing
    other = values.idxmin()
    with opened(running, small_map, viewport=viewport) as (page, log):
        # The skip link leads to the table, past everything else.
        _press(page, 'a.skip[href="#ranking-section"]')
        _press(page, "#ranking-section > summary")
        _press(page, '#ranking th[data-column="name"] button')
        assert page.locator('#ranking th[data-column="name"]').get_attribute("aria-sort") == "ascending"
        _press(page, '#ranking th[data-column="value"] button')
        assert page.locator('#ranking th[data-column="value"]').get_attribute("aria-sort") == "descending"
        assert _focused(page, '#ranking th[data-column="value"] button'), "sorting keeps the focus"

        # The first row is the worst area; its profile opens and has the focus.
        _press(page, "#ranking tbody tr:first-child th button")
        assert _open_area(page) == worst
        assert _focused(page, "#area:focus-visible")
        assert page.locator("#area").evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
        _press(page, "#compare-toggle")
        assert NAMES[IDS.index(worst)] in _said(page)

        # Another one by search, with the arrows of its list.
        page.keyboard.press("Escape")
        _tab_to(page, "#area-search", "Shift+Tab")
        page.keyboard.type(NAMES[IDS.index(other)])
        page.evaluate("leaGeo.page.settled()")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector(f'#area [data-field="area_id"][data-value="{other}"]')
        _press(page, "#compare-toggle")
        assert NAMES[IDS.index(other)] in _said(page)

        # Tabs are one stop, and arrows move between them.
        page.keyboard.press("Escape")
        _tab_to(page, "#tab-area", "Shift+Tab")
        page.keyboard.press("ArrowRight")
        assert page.locator("#tab-compare").get_attribute("aria-selected") == "true"
        compared = page.locator("#comparison").inner_text()
        assert all(NAMES[IDS.index(area)] in compared for area in (worst, other))

        # Another language: the focus stays, the comparison speaks it, and so does what is saved.
        _tab_to(page, 'button[data-language="en"]', "Shift+Tab")
        page.keyboard.press("Enter")
        page.evaluate("leaGeo.page.settled()")
        assert page.locator("html").get_attribute("lang") == "en"
        assert _focused(page, 'button[data-language="en"]')
        assert findings.indicators[0].name.en in page.locator("#comparison").inner_text()
        _tab_to(page, "#download-csv", "Shift+Tab")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        saved = tmp_path / "saved.csv"
        download.value.save_as(saved)
        assert log.errors == []
    with saved.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["Code"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(IDS)
    halves_up = Decimal(values[worst]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert Decimal(rows[worst]["Value"]) == halves_up
    assert halves_up == max(Decimal(row["Value"]) for row in rows.values() if row["Value"])
