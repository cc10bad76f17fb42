"""One area: how sure its value is, where it stands, what it is compared with, and all that is known of it."""

from dataclasses import replace

import numpy as np
import pytest
from chrome import PHONE, opened
from small_findings import DOUBTED, IDS, ISLAND, SUPPRESSED, ZERO, small_findings

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser

LOW_INCOME = small_findings().results["low_income"]
VALUED = LOW_INCOME["value"].dropna().sort_values(ascending=False).index
Z = 1.959963984540054  # the 97.5 % point of the normal distribution


@pytest.fixture(scope="module")
def page(running, small_map):
    with opened(running, small_map) as (drawn, log):
        drawn.evaluate("leaGeo.page.chooseLanguage('en')")
        yield drawn
        assert log.errors == []


def _open(page, area, code="low_income"):
    page.evaluate(
        """async ([area, code]) => {
          const { page } = leaGeo;
          await page.chooseIndicator(page.sheet.find(code));
          await page.selectArea(page.place.indexOf(area));
        }""",
        [area, code],
    )


def _datum(page, where, field):
    return float(page.locator(f'#area {where} data[data-field="{field}"]').get_attribute("data-value"))


def _plain(text):
    return text.replace("\u00a0", " ")


def _wilson(part, whole):
    """Wilson (1927), the score interval of a proportion."""
    share, spread = part / whole, Z**2 / whole
    middle = (share + spread / 2) / (1 + spread)
    reach = Z / (1 + spread) * np.sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2))
    return middle - reach, middle + reach


def test_a_value_stands_with_its_interval(page):
    _open(page, IDS[1])
    assert _datum(page, ".big", "value") == 28.1
    lower, upper = _wilson(197, 700)  # 28.125 % of 700, in whole persons
    assert _datum(page, ".interval", "interval_lower") == round(100 * lower, 1)
    assert _datum(page, ".interval", "interval_upper") == round(100 * upper, 1)
    assert "95% confidence interval 24.9–31.6%" in page.locator("#area .interval").inner_text()


def test_a_value_without_counts_says_that_it_has_no_interval(page):
    _open(page, IDS[1], "income")
    assert page.locator("#area .interval").count() == 0
    assert "no counts behind" not in page.locator("#area").inner_text()  # the small world gives it counts
    assert "No confidence interval has been computed" in page.locator("#area .value").inner_text()


def test_a_mean_of_which_no_counts_are_known_says_so(running, tmp_path):
    small = small_findings()
    bare = small.results["income"].assign(numerator=np.nan, denominator=np.nan)
    path = tmp_path / "map.html"
    planner_map(replace(small, results={**small.results, "income": bare}), language="en").save(path)
    with opened(running, path) as (page, _):
        _open(page, IDS[1], "income")
        assert "there are no counts behind the value" in page.locator("#area .value").inner_text()


# Nine areas have a value. The k-th of them, counted from the highest, ends at k/9 of the row; its middle lies
# at (k - 0.5)/9: 0.06 0.17 0.28 0.39 0.50 0.61 0.72 0.83 0.94 of the way, which falls into these fifths.
@pytest.mark.parametrize(("area", "fifth"), tuple(zip(VALUED, (1, 1, 2, 2, 3, 4, 4, 5, 5), strict=True)))
def test_an_area_is_in_a_fifth_and_holds_a_position_only_where_it_could_hold_no_other(page, area, fifth):
    _open(page, area)
    assert page.locator('#area [data-field="fifth"]').get_attribute("data-value") == str(fifth)
    row = LOW_INCOME.loc[area]
    exact = row["rank_lower"] == row["rank_upper"]
    assert page.locator('#area .tier data[data-field="rank"]').count() == int(exact)


def test_the_fifths_that_an_area_could_be_in_are_said(running, tmp_path):
    small = small_findings()
    bounded = LOW_INCOME.copy()
    # Of nine areas the 1st to the 5th reach from the highest fifth to the middle one.
    bounded.loc[IDS[1], ["rank_lower", "rank_upper"]] = [1.0, 5.0]
    bounded.loc[IDS[0], ["rank_lower", "rank_upper"]] = [1.0, 2.0]
    bounded.loc[ZERO, ["rank_lower", "rank_upper"]] = [9.0, 9.0]
    bounded.loc[IDS[8], ["rank_lower", "rank_upper"]] = [1.0, 9.0]
    path = tmp_path / "map.html"
    planner_map(replace(small, results={**small.results, "low_income": bounded}), language="en").save(path)
    with opened(running, path) as (page, _):
        for area, said in (
            (IDS[1], "with 95% confidence somewhere from the highest to the middle fifth"),
            (IDS[0], "It lies in this fifth with 95% confidence"),
            (IDS[8], "it could be in any of the fifths"),
            (ZERO, "Rank 9 of 9, counting from the highest value"),
        ):
            _open(page, area)
            assert said in _plain(page.locator("#area .tier").inner_text())
        assert page.locator('#area .tier data[data-field="rank"]').get_attribute("data-value") == "9"


def test_an_area_without_a_value_has_its_bounds_and_no_place(page):
    _open(page, SUPPRESSED)
    assert _datum(page, ".bounds", "upper") == 9.7  # 29/3
    assert page.locator("#area .tier, #area .beside, #area .interval").count() == 0
    assert "A withheld or missing value is not zero" in page.locator("#area").inner_text()


def test_an_area_stands_beside_its_municipality_and_the_region(page):
    _open(page, IDS[1])
    rows = page.locator("#area .beside tbody tr:not(.axis)")
    shown = [_plain(text).split("\n") for text in rows.all_inner_texts()]
    assert [row[0].strip() for row in shown] == ["Niemi", "Rantala", "Whole region"]
    # Sums of the small world: 197 of 700; five areas of Rantala; nine areas in all.
    valued = LOW_INCOME[LOW_INCOME["value"].notna()]
    rantala = valued.loc[[i for i in valued.index if i in IDS[:6]]]
    sums = [100 * part["numerator"].sum() / part["denominator"].sum() for part in (rantala, valued)]
    values = rows.locator('data[data-field="value"]').evaluate_all("ns => ns.map((n) => +n.dataset.value)")
    assert values == [28.1, *(round(total, 1) for total in sums)]
    assert "lies above the region's value" in page.locator("#area .said").inner_text()
    assert page.locator("#area .beside svg[aria-hidden=true]").count() == 3


def test_a_difference_that_the_interval_bridges_is_no_difference(page):
    # 12.04 % of 700 is 84 persons: 9.8 to 14.6 %, which holds the region's 13.3 %.
    lower, upper = (round(100 * bound, 1) for bound in _wilson(84, 700))
    assert lower < 13.3 < upper
    _open(page, IDS[8])
    assert "No sure difference from the region" in page.locator("#area .said").inner_text()
    row = page.locator('#area .all li:has([data-code="low_income"])')
    assert "no sure difference from the region" in row.inner_text()


@pytest.mark.parametrize("area", IDS[:5])
def test_a_doubt_is_told_in_words_and_its_absence_proves_nothing(page, area):
    _open(page, area)
    finding = page.locator("#area .finding").first
    doubts = DOUBTED.get(area, "")
    assert [text in finding.inner_text() for text in ("missing values were known", "noise", "Uncertain")] == [
        "hidden" in doubts,
        False,
        doubts != "",
    ]
    assert ("random variation" in finding.inner_text()) == ("noise" in doubts)


def test_what_protects_and_what_weakens_stand_apart_and_nothing_is_left_out(page):
    _open(page, IDS[8])
    groups = page.locator("#area .direction-group")
    codes = groups.evaluate_all(
        """groups => groups.map((group) => [
          group.dataset.direction,
          [...group.querySelectorAll("[data-code]")].map((one) => one.dataset.code)])"""
    )
    assert codes == [["protects", ["income"]], ["weakens", ["low_income", "plain"]]]
    for code, shown in (("income", "30876"), ("low_income", "12"), ("plain", "12")):
        assert page.locator(f'#area .all [data-code="{code}"] data').get_attribute("data-value") == shown


def test_a_structural_zero_is_told_from_a_missing_value(page):
    _open(page, ZERO)
    row = page.locator('#area .all li:has([data-code="low_income"])').inner_text()
    assert "0.0%" in row
    assert "nobody to count" in row


def test_choosing_another_indicator_keeps_the_focus_where_it_was(page):
    _open(page, IDS[0])
    page.locator('#area .all [data-code="income"]').focus()
    page.keyboard.press("Enter")
    page.evaluate("leaGeo.page.settled()")
    assert page.evaluate("document.activeElement.dataset.code") == "income"
    assert page.locator("#area .about").inner_text() == "Tulot (en)"


def test_closing_gives_the_focus_back_to_what_opened_the_area(page):
    page.evaluate("leaGeo.page.selectArea(3)")
    page.keyboard.press("Escape")
    assert page.locator("#area").is_hidden()
    assert page.evaluate("document.activeElement.id") == "area-search"


def test_an_area_opens_its_tab(page):
    page.locator("#tab-compare").click()
    _open(page, ISLAND)
    assert page.locator("#tab-area").get_attribute("aria-selected") == "true"
    assert page.locator("#area").is_visible()


def test_tabs_open_as_the_arrows_reach_them_and_only_one_is_in_the_order_of_tabbing(page):
    page.locator("#tab-area").click()
    for key, opened_tab in (
        ("ArrowRight", "compare"),
        ("ArrowRight", "scatter"),
        ("ArrowRight", "area"),
        ("ArrowLeft", "scatter"),
        ("Home", "area"),
        ("End", "scatter"),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == f"tab-{opened_tab}"
        assert page.locator(f"#panel-{opened_tab}").is_visible()
        assert page.locator('[role="tab"][tabindex="0"]').count() <= 1
        assert page.locator('[role="tabpanel"]:visible').count() == 1


def test_on_a_phone_the_profile_leaves_the_map_and_the_area_in_sight(running, small_map):
    with opened(running, small_map, viewport=PHONE) as (page, _):
        page.evaluate("leaGeo.page.selectArea(0)")
        seen = page.evaluate(
            """() => {
              const { map, layer } = leaGeo.page;
              const sheet = document.getElementById("area").getBoundingClientRect();
              const frame = document.getElementById("lea-map").getBoundingClientRect();
              const at = frame.top + map.layerPointToContainerPoint(layer.pointOf(0)).y;
              return { at, top: sheet.top, low: sheet.bottom };
            }"""
        )
        assert 0 < seen["at"] < seen["top"]
        assert seen["low"] <= PHONE["height"]
        page.locator("#area").evaluate("node => { node.scrollTop = node.scrollHeight; }")
        page.locator("#area .close").click()  # still in sight at the end of the profile
        assert page.locator("#area").is_hidden()
