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


def _name(area):
    return NAMES[IDS.index(area)]


def _compare_the_open_area(page, area):
    assert page.locator('#area [data-field="area_id"]').get_attribute("data-value") == area
    assert _focused(page, "#area:focus-visible")
    assert page.locator("#area").evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    _press(page, "#compare-toggle")
    assert _name(area) in page.locator("#announce").inner_text()
    page.keyboard.press("Escape")


def _open_the_worst_area(page):
    """Follow the skip link to the table, sort it, and open its first row."""
    _press(page, 'a.skip[href="#ranking-section"]')
    _press(page, "#ranking-section > summary")
    for column, order in (("name", "ascending"), ("value", "descending")):
        _press(page, f'#ranking th[data-column="{column}"] button')
        heading = page.locator(f'#ranking th[data-column="{column}"]')
        assert heading.get_attribute("aria-sort") == order
        assert _focused(page, f'#ranking th[data-column="{column}"] button'), "sorting keeps the focus"
    _press(page, "#ranking tbody tr:first-child th button")


def _find(page, area):
    """Search for an area and take the first that is found, with the arrows of the list."""
    _tab_to(page, "#area-search", "Shift+Tab")
    page.keyboard.type(_name(area))
    page.evaluate("leaGeo.page.settled()")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'#area [data-field="area_id"][data-value="{area}"]')
    page.evaluate("leaGeo.page.settled()")


def _open_the_comparison(page, *areas):
    """Go to the tabs, which are one stop, and to the second of them by an arrow."""
    _tab_to(page, "#tab-area", "Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("#tab-compare").get_attribute("aria-selected") == "true"
    compared = page.locator("#comparison").inner_text()
    assert all(_name(area) in compared for area in areas)


def _speak_english(page, words):
    _tab_to(page, 'button[data-language="en"]', "Shift+Tab")
    page.keyboard.press("Enter")
    page.evaluate("leaGeo.page.settled()")
    assert page.locator("html").get_attribute("lang") == "en"
    assert _focused(page, 'button[data-language="en"]')
    assert words in page.locator("#comparison").inner_text()


def _save_the_table(page, path):
    if page.locator("#tools-toggle").is_visible():  # narrow pages fold the tools away
        _tab_to(page, "#tools-toggle", "Shift+Tab")
        page.keyboard.press("Enter")
        _tab_to(page, "#download-csv")
    else:
        _tab_to(page, "#download-csv", "Shift+Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["Code"]: row["Value"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_keys_lead_to_the_worst_area_its_profile_a_comparison_another_language_and_a_table(
    running, small_map, tmp_path, viewport
):
    findings = small_findings()
    values = findings.results["low_income"]["value"]
    worst = values.idxmax()  # a high share of low incomes weakens wellbeing
    other = values.idxmin()
    with opened(running, small_map, viewport=viewport) as (page, log):
        _open_the_worst_area(page)
        _compare_the_open_area(page, worst)
        _find(page, other)
        _compare_the_open_area(page, other)
        _open_the_comparison(page, worst, other)
        _speak_english(page, findings.indicators[0].name.en)
        saved = _save_the_table(page, tmp_path / "saved.csv")
        assert log.errors == []
    assert set(saved) == set(IDS)
    halves_up = Decimal(values[worst]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert Decimal(saved[worst]) == halves_up
    assert halves_up == max(Decimal(value) for value in saved.values() if value)
