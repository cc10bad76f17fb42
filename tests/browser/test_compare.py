"""Up to three areas side by side."""

import pytest
from chrome import NARROWEST, opened
from small_findings import IDS, NAMES

pytestmark = pytest.mark.browser


@pytest.fixture
def page(running, small_map):
    with opened(running, small_map) as (drawn, log):
        drawn.evaluate("leaGeo.page.chooseLanguage('en')")
        yield drawn
        assert log.errors == []


def _add(page, *areas):
    for i in areas:
        page.evaluate(f"leaGeo.page.selectArea({i})")
        page.locator("#compare-toggle").click()
        page.evaluate("leaGeo.page.settled()")


def _compared(page):
    return page.evaluate("leaGeo.page.store.get().compared")


def test_without_areas_the_panel_says_what_to_do(page):
    page.locator("#tab-compare").click()
    said = page.locator("#comparison").inner_text()
    assert "choose “Add to comparison”" in said
    assert page.locator("#compared-count").is_hidden()


def test_areas_stand_in_the_order_and_with_the_numbers_of_the_map(page):
    _add(page, 2, 0, 7)
    page.locator("#tab-compare").click()
    heads = page.locator("#comparison thead th")
    assert heads.locator(".badge").all_inner_texts() == ["1", "2", "3"]
    assert heads.locator(".link").all_inner_texts() == [NAMES[i] for i in (2, 0, 7)]
    assert page.locator("#tab-compare").inner_text().split() == ["Comparison", "3"]
    values = page.locator('#comparison [data-code="low_income"] data[data-field="value"]')
    assert values.evaluate_all("ns => ns.map((n) => +n.dataset.value)") == [4.1, 31.3, 3.3]


def test_the_button_takes_an_area_in_and_out_and_keeps_the_focus(page):
    _add(page, 4)
    assert _compared(page) == [4]
    assert "Remove from comparison" in page.locator("#compare-toggle").inner_text()
    assert page.locator("#announce").inner_text() == "Mäki is in the comparison."
    page.keyboard.press("Enter")
    page.evaluate("leaGeo.page.settled()")
    assert _compared(page) == []
    assert page.evaluate("document.activeElement.id") == "compare-toggle"
    assert page.locator("#compare-toggle").inner_text() == "Add to comparison"


def test_a_fourth_area_is_told_that_three_is_the_most(page):
    _add(page, 0, 1, 2, 3)
    assert _compared(page) == [0, 1, 2]
    assert "Three areas is the most" in page.locator("#compare-full").inner_text()
    assert "Three areas is the most" in page.locator("#announce").inner_text()


def test_a_difference_is_sure_only_where_the_intervals_lie_apart(page):
    # Wilson intervals of 219, 197 and 28 of 700: 28.0 to 34.8, 24.9 to 31.6 and 2.8 to 5.7 per cent.
    _add(page, 0, 1)
    said = page.locator('#comparison [data-code="low_income"] .hint')
    assert "The difference is not sure" in said.text_content()
    _add(page, 2)
    assert said.text_content() == "Clear difference: 1 and 3, 2 and 3. Not sure: 1 and 2."
    assert "is not known" in page.locator('#comparison [data-code="income"] .hint').text_content()


def test_what_protects_and_what_weakens_stand_apart(page):
    _add(page, 0, 1)
    order = page.locator("#comparison tbody").evaluate_all(
        "ns => ns.map((n) => n.dataset.code || (n.className === 'direction-head' ? n.innerText.trim() : ''))"
    )
    page.locator("#tab-compare").click()
    heads = page.locator("#comparison .direction-head").all_inner_texts()
    assert [head.strip() for head in heads] == ["Protecting wellbeing", "Weakening wellbeing"]
    assert [one for one in order if one in ("income", "low_income", "plain")] == [
        "income",
        "low_income",
        "plain",
    ]


def test_a_withheld_value_is_called_so_and_drawn_nowhere(page):
    _add(page, 5, 0)
    page.locator("#tab-compare").click()
    row = page.locator('#comparison [data-code="low_income"]')
    assert "withheld" in row.inner_text()
    assert row.locator("circle").count() == 1


def test_removing_an_area_leaves_the_focus_in_the_panel(page):
    _add(page, 0, 1)
    page.locator("#tab-compare").click()
    page.get_by_role("button", name="Remove from comparison: Satama").click()
    page.evaluate("leaGeo.page.settled()")
    assert _compared(page) == [1]
    assert page.evaluate("document.activeElement.dataset.remove") == "1"
    page.keyboard.press("Enter")
    page.evaluate("leaGeo.page.settled()")
    assert page.evaluate("document.activeElement.id") == "panel-compare"


def test_a_name_leads_to_the_profile(page):
    _add(page, 0, 1)
    page.locator("#tab-compare").click()
    page.locator("#comparison .link").first.click()
    page.wait_for_selector(f'#area [data-field="area_id"][data-value="{IDS[0]}"]:visible')


def test_on_the_narrowest_phone_the_table_keeps_within_the_page(running, small_map):
    with opened(running, small_map, viewport=NARROWEST) as (page, _):
        page.evaluate("[0, 1, 2].forEach((i) => leaGeo.page.toggleCompared(i))")
        page.evaluate("leaGeo.page.settled()")
        page.locator("#tab-compare").click()
        wide = page.evaluate(
            "[document.documentElement, document.getElementById('comparison')].map((n) => n.scrollWidth)"
        )
        assert wide[0] == NARROWEST["width"]
        assert wide[1] <= NARROWEST["width"]
