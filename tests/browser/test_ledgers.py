"""Load and resources against each other: a plot that is linked with the map, and places in words."""

import pytest
from chrome import opened
from small_findings import IDS

pytestmark = pytest.mark.browser


def _settle(page):
    page.evaluate("leaGeo.page.settled()")


def _show(page, code, view="value"):
    page.evaluate("(code) => leaGeo.page.chooseIndicator(leaGeo.page.sheet.find(code))", code)
    page.evaluate("(view) => leaGeo.page.chooseView(view)", view)
    _settle(page)


def _area(page, area):
    page.evaluate("(id) => leaGeo.page.selectArea(leaGeo.page.place.indexOf(id))", area)
    _settle(page)
    return page.locator("#area").inner_text().replace("\xa0", " ")


def _choose_plot(page, kind):
    page.locator("#tab-scatter").click()
    _settle(page)
    page.locator(f"label[for=plot-{kind}]").click()
    _settle(page)


# By hand from the helper's scores: medians 39.25 and 73.1875.
PLACES = {
    "high_load_low_resource": [0, 1, 2, 11],
    "high_load_high_resource": [3],
    "low_load_low_resource": [8],
    "low_load_high_resource": [4, 5, 7, 9],
}


def test_two_ledgers_are_a_plot_whose_quadrants_choose_areas_on_the_map(running, ledger_map):
    with opened(running, ledger_map) as (page, log):
        page.locator("#tab-scatter").click()
        _settle(page)
        assert page.locator("#plot-ledgers").is_checked()  # the load is on the map
        for place, areas in PLACES.items():
            button = page.locator(f'[data-quadrant="{place}"]')
            assert button.locator("[data-count]").get_attribute("data-count") == str(len(areas))
            button.focus()
            page.keyboard.press("Enter")
            _settle(page)
            chosen = page.evaluate(
                "[...leaGeo.page.store.get().chosen.keys()].filter((i) => leaGeo.page.store.get().chosen[i])"
            )
            assert chosen == areas
            page.keyboard.press("Escape")
        middles = page.locator("#plot-ticks data").evaluate_all(
            "nodes => nodes.map(n => [n.dataset.field, n.textContent])"
        )
        assert middles == [["load_median", "39.25"], ["resource_median", "73.19"]]
        assert "4 have more load but fewer resources" in page.locator("#scatter-sentence").inner_text()
        _choose_plot(page, "moran")
        assert page.locator('[data-quadrant="High-High"]').is_visible()
        assert log.errors == []


def test_a_point_of_the_ledgers_opens_its_area_and_says_where_it_lies(running, ledger_map):
    with opened(running, ledger_map) as (page, _):
        text = _area(page, IDS[3])
        assert "More load, more resources" in text
        assert (
            page.locator('#area [data-field="place"]').get_attribute("data-value")
            == "high_load_high_resource"
        )
        _choose_plot(page, "ledgers")
        said = page.locator("#scatter-readout").inner_text()
        assert said == "Joki: Kuormitus (en) 62.50, Voimavarat (en) 82.00. More load, more resources."
        _area(page, IDS[6])  # has no score
        assert page.locator('#area [data-field="place"]').count() == 0


def test_the_readers_plot_stays_and_a_study_without_ledgers_has_no_choice(running, ledger_map, index_map):
    with opened(running, ledger_map) as (page, _):
        _show(page, "low_income")
        page.locator("#tab-scatter").click()
        _settle(page)
        assert page.locator("#plot-moran").is_checked()
        _choose_plot(page, "ledgers")
        _show(page, "plain")  # has no clusters, but the ledgers do not need them
        assert page.locator("#plot-ledgers").is_checked()
        assert page.locator("#plot-points").is_visible()
    with opened(running, index_map) as (page, _):
        page.locator("#tab-scatter").click()
        _settle(page)
        assert page.locator("#plot-kinds").is_hidden()
