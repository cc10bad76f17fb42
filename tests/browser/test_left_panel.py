"""The left panel in a real browser: what is shown, of which year and areas, and what the colours mean."""

from dataclasses import replace

import numpy as np
import pytest
from chrome import DESKTOP, NARROWEST, opened
from small_findings import DOUBTED, IDS, indicator, small_findings

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser

MANY = 150


def _saved(findings, folder, **options):
    path = folder / "map.html"
    planner_map(findings, **options).save(path)
    return path


def _of_year(year, factor, *, level="postal", n=None):
    """Return the small world in another year, every value ``factor`` times as large, of its first areas."""
    small = small_findings()
    results = {}
    for code, frame in small.results.items():
        scaled = frame.iloc[:n].copy()
        scaled["value"] *= factor
        results[code] = scaled
    areas = small.areas.iloc[:n]
    return replace(small, areas=areas, results=results, year=year, level=level)


@pytest.fixture(scope="module")
def years_map(tmp_path_factory):
    """Three years of postal areas, the last one first, and two of municipalities."""
    sheets = [_of_year(year, factor) for year, factor in (("2021", 1.0), ("2019", 0.5), ("2020", 0.75))]
    towns = [_of_year(year, 1.0, level="municipality", n=4) for year in ("2016", "2020")]
    return _saved(replace(sheets[0], others=(*sheets[1:], *towns)), tmp_path_factory.mktemp("years"))


@pytest.fixture(scope="module")
def long_map(tmp_path_factory):
    """A hundred and fifty indicators of three domains."""
    small = small_findings()
    domains = ("health", "education", "environment")
    many = tuple(indicator(f"i{k}", f"Osuus {k}", domain=domains[k % 3]) for k in range(MANY))
    results = dict.fromkeys((one.code for one in many), small.results["plain"])
    findings = replace(
        small, indicators=many, results=results, summary=small.summary.iloc[:0], comparisons=None
    )
    return _saved(findings, tmp_path_factory.mktemp("long"))


def _settle(page):
    page.evaluate("leaGeo.page.settled()")


def _speak(page, language):
    page.locator(f'button[data-language="{language}"]').click()
    page.wait_for_selector(f"html[lang={language}]")
    _settle(page)


def _view(page, view):
    page.evaluate(f"leaGeo.page.chooseView('{view}')")


def _focused(page):
    return page.evaluate("document.activeElement.id")


def _open_prose(page):
    page.evaluate("document.querySelectorAll('.below details').forEach((one) => { one.open = true; })")


def _plain(text):
    return text.replace("\u00a0", " ")


# The indicators


def test_an_indicator_is_found_and_chosen_by_keyboard_alone(running, small_map):
    with opened(running, small_map) as (page, log):
        page.focus("#indicator")
        page.keyboard.press("ArrowDown")
        assert _focused(page) == "picker-filter"
        page.keyboard.type("tulo")
        # "Pienituloiset" holds it as well as "Tulot".
        names = page.locator("#picker-list .picker-name").all_inner_texts()
        assert names == ["Pienituloiset (fi)", "Tulot (fi)"]
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.wait_for_selector('#indicator[data-code="income"]')
        _settle(page)
        assert _focused(page) == "indicator"
        assert page.locator("#picker-panel").is_hidden()
        assert page.locator("#indicator").inner_text() == "Tulot (fi)"
        assert log.errors == []


def test_a_letter_on_the_closed_picker_opens_it_and_is_typed(running, small_map):
    with opened(running, small_map) as (page, _):
        page.focus("#indicator")
        page.keyboard.type("ilman")
        assert page.locator("#picker-filter").input_value() == "ilman"
        assert page.locator("#picker-list [role=option]").count() == 1


def test_escape_closes_the_picker_and_nothing_else(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.store.set({ area: 0 })")
        page.locator("#indicator").click()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
        assert page.locator("#picker-panel").is_hidden()
        assert _focused(page) == "indicator"
        state = page.evaluate("(({ area, indicator }) => [area, indicator])(leaGeo.page.store.get())")
        assert state == [0, 0]


@pytest.mark.parametrize("leave", ["Tab", "click"])
def test_leaving_the_picker_closes_it(running, small_map, leave):
    with opened(running, small_map) as (page, _):
        page.locator("#indicator").click()
        assert page.locator("#indicator").get_attribute("aria-expanded") == "true"
        if leave == "Tab":
            page.keyboard.press("Tab")
        else:
            page.locator("#title").click()
        assert page.locator("#picker-panel").is_hidden()
        assert page.locator("#indicator").get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize(
    ("language", "words", "sentence"),
    [
        ("fi", ["heikentää", "vahvistaa", "heikentää"], "Mitä Tulot on. Korkean arvon oletetaan vahvistavan"),
        ("sv", ["försvagar", "stärker", "försvagar"], "Vad Tulot är. Ett högt värde antas stärka"),
        ("en", ["weakens", "protects", "weakens"], "What Tulot is. A high value is assumed to protect"),
    ],
)
def test_each_indicator_says_its_direction_and_the_one_at_hand_its_explanation(
    running, small_map, language, words, sentence
):
    with opened(running, small_map) as (page, _):
        _speak(page, language)
        page.locator("#indicator").click()
        assert page.locator("#picker-list .bearing").all_inner_texts() == words
        page.keyboard.press("ArrowDown")
        active = page.locator("#picker-filter").get_attribute("aria-activedescendant")
        assert page.locator(f"#{active} .picker-name").inner_text().startswith("Tulot")
        described = page.locator(f"#{active}").get_attribute("aria-describedby")
        assert page.locator(f"#{described}").inner_text().startswith(sentence)


def test_what_protects_and_what_weakens_have_one_colour_and_two_marks(running, small_map):
    look = """(nodes) => nodes.map((node) => {
      const { color, backgroundColor } = getComputedStyle(node);
      return [color, backgroundColor, getComputedStyle(node, "::before").content[1]];
    })"""
    with opened(running, small_map) as (page, _):
        page.locator("#indicator").click()
        weakens, protects, _ = page.locator("#picker-list .bearing").evaluate_all(look)
        assert weakens[:2] == protects[:2]
        assert (weakens[2], protects[2]) == ("▼", "▲")


@pytest.mark.parametrize("viewport", [DESKTOP, NARROWEST], ids=["desktop", "320px"])
def test_a_hundred_and_fifty_indicators_stay_within_reach(running, long_map, viewport):
    inside = """() => {
      const [a, b] = ["#picker-list .active", "#picker-list"]
        .map((selector) => document.querySelector(selector).getBoundingClientRect());
      return a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
    }"""
    with opened(running, long_map, viewport=viewport) as (page, log):
        page.locator("#indicator").click()
        assert page.locator("#picker-list [role=option]").count() == MANY
        assert page.locator("#picker-list [role=group]").count() == 3
        for key in ("End", "PageUp", "ArrowUp", "Home", "PageDown"):
            page.keyboard.press(key)
            assert page.evaluate(inside), key
        if viewport == DESKTOP:
            box = page.locator("#picker-panel").bounding_box()
            assert box["y"] + box["height"] <= viewport["height"]
        page.keyboard.type("149")
        page.keyboard.press("Enter")
        page.wait_for_selector('#indicator[data-code="i149"]')
        assert log.errors == []


def test_a_search_for_no_indicator_says_so_and_chooses_nothing(running, small_map):
    with opened(running, small_map) as (page, log):
        page.locator("#indicator").click()
        page.keyboard.type("xyz")
        page.keyboard.press("Enter")
        assert page.locator("#picker-none").is_visible()
        assert page.evaluate("leaGeo.page.store.get().indicator") == 0
        assert log.errors == []


# Years and kinds of areas


def _shown_value(page, area):
    return page.evaluate(
        """async (area) => {
          const { value } = await leaGeo.page.columns(["value"]);
          return value.at(leaGeo.page.place.indexOf(area));
        }""",
        area,
    )


def test_a_study_of_one_year_and_one_kind_of_areas_offers_neither(running, small_map):
    with opened(running, small_map) as (page, _):
        assert page.locator("#sheets").is_hidden()


def test_arrows_on_the_slider_go_through_the_years_in_order(running, years_map):
    with opened(running, years_map) as (page, log):
        page.focus("#year")
        seen = [(page.locator("#year-shown").inner_text(), _shown_value(page, IDS[0]))]
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
            _settle(page)
            assert page.locator("#year").get_attribute("aria-valuetext") == page.evaluate(
                "leaGeo.page.sheet.year"
            )
            seen.append((page.locator("#year-shown").inner_text(), _shown_value(page, IDS[0])))
        # 31.25 as it is shown, three quarters and half of it; there is nothing before 2019.
        assert seen == [("2021", 31.3), ("2020", 23.4), ("2019", 15.6), ("2019", 15.6)]
        assert _focused(page) == "year"
        assert log.errors == []


def test_the_limits_of_the_classes_are_the_same_in_all_years_and_the_legend_says_so(running, years_map):
    with opened(running, years_map) as (page, _):
        _speak(page, "en")
        ranges = []
        for sheet in (0, 1, 2):
            page.evaluate(f"leaGeo.page.chooseSheet({sheet})")
            ranges.append(page.locator('#legend li[data-key^="class"] .entry').all_inner_texts())
        assert ranges[0] == ranges[1] == ranges[2]
        assert "same in all years" in page.locator("#legend-hint").inner_text()


def test_the_years_play_to_the_last_and_stop(running, years_map):
    with opened(running, years_map) as (page, log):
        page.locator("#play").click()  # from the last year to the first, and on
        page.wait_for_selector('#year[aria-valuetext="2019"]')
        assert page.locator("#play").inner_text() == "Pysäytä"
        page.wait_for_selector('#year[aria-valuetext="2021"]')
        page.wait_for_selector('#play[data-playing="false"]')
        assert "2021" in page.locator("#announce").inner_text()
        assert log.errors == []


def test_playing_can_be_paused(running, years_map):
    with opened(running, years_map) as (page, _):
        page.locator("#play").click()
        page.locator("#play").click()
        _settle(page)
        year = page.locator("#year-shown").inner_text()
        page.wait_for_timeout(1500)
        assert page.locator("#year-shown").inner_text() == year == "2019"


def test_another_kind_of_areas_keeps_the_year_or_takes_the_nearest(running, years_map):
    with opened(running, years_map) as (page, log):
        for year, expected in (("2020", "2020"), ("2019", "2020"), ("2021", "2020")):
            page.evaluate(
                "(year) => leaGeo.page.chooseSheet(leaGeo.page.sheets.findIndex((s) => s.year === year))",
                year,
            )
            page.locator("label[for=level-1]").click()
            page.wait_for_selector("#level-1:checked")
            page.wait_for_selector('#year[max="1"]')
            _settle(page)
            assert page.locator("#year-shown").inner_text() == expected
            assert page.locator("#level-1").is_checked()
            told = page.locator("#level-note").inner_text()
            assert (year in told and expected in told) if year != expected else told == ""
            assert _focused(page) == "level-1"
        assert log.errors == []


def test_a_kind_of_areas_without_the_indicator_says_so(running, tmp_path):
    small = small_findings(level="postal")
    few = replace(small, level="grid", indicators=small.indicators[1:], areas=small.areas[::-1])
    few = replace(
        few, results={code: frame[::-1] for code, frame in small.results.items() if code != "low_income"}
    )
    few = replace(few, summary=small.summary.iloc[1:], comparisons=None)
    with opened(running, _saved(replace(small, others=(few,)), tmp_path, language="en")) as (page, log):
        page.locator("label[for=level-1]").click()
        page.wait_for_selector("#level-note:not(:empty)")
        assert "do not have the indicator “Pienituloiset (en)”" in page.locator("#level-note").inner_text()
        assert page.locator("#indicator").inner_text() == "Tulot (en)"
        page.evaluate("leaGeo.page.chooseSheet(0)")
        assert page.locator("#level-note").inner_text() == ""
        assert log.errors == []


# The legend


@pytest.mark.parametrize(
    ("language", "facts", "spread"),
    [
        (
            "fi",
            ["Yksikkö: prosentti", "Vuosi: 2020", "Lähde:"],
            "Pienin 0,0 %, mediaani 12,0 %, suurin 31,3 %.",
        ),
        ("sv", ["Enhet: procent", "År: 2020", "Källa:"], "Lägst 0,0 %, median 12,0 %, högst 31,3 %."),
        ("en", ["Unit: per cent", "Year: 2020", "Source:"], "Lowest 0.0%, median 12.0%, highest 31.3%."),
    ],
)
def test_the_legend_says_unit_year_source_and_how_the_values_spread(
    running, small_map, language, facts, spread
):
    # The median of 31.25 28.125 22.5 17.77 [12.04] 4.0625 3.33 1.1 0 is their fifth.
    with opened(running, small_map) as (page, _):
        _speak(page, language)
        said = _plain(" ".join(page.locator(".legend-facts").all_inner_texts()))
        assert all(fact in said for fact in facts)
        assert _plain(page.locator("#histogram .spread").inner_text()) == spread


def test_the_histogram_is_in_the_colours_of_the_classes_and_as_tall_as_their_counts(running, small_map):
    with opened(running, small_map) as (page, _):
        fills = page.locator("#histogram rect").evaluate_all(
            "nodes => nodes.map((n) => n.getAttribute('fill'))"
        )
        classes = page.evaluate("leaGeo.page.indicator.classes.map(({ fill }) => fill)")
        assert set(fills) == set(classes)
        _view(page, "local_moran")
        fills = page.locator("#histogram rect").evaluate_all(
            "nodes => nodes.map((n) => n.getAttribute('fill'))"
        )
        # Two High-High lie 3 points apart, in bins of 1.25.
        assert fills.count("#b2182b") == 2


def test_the_histogram_marks_the_region_and_the_chosen_area(running, small_map):
    region = small_findings().comparisons.query("code == 'low_income' and place == ''")["value"].item()
    with opened(running, small_map) as (page, _):
        marked = page.locator('#histogram [data-field="region"]')
        assert float(marked.get_attribute("data-value")) == region
        assert page.locator('#histogram [data-field="chosen"]').count() == 0
        page.evaluate("leaGeo.page.store.set({ area: 7 })")
        _settle(page)
        chosen = page.locator('#histogram [data-field="chosen"]')
        assert _plain(chosen.inner_text()) == "3,3 %"
        page.evaluate("leaGeo.page.store.set({ area: 5 })")  # withheld
        _settle(page)
        assert page.locator('#histogram [data-field="chosen"]').count() == 0


def test_a_class_is_switched_off_and_on_and_the_focus_stays(running, small_map):
    with opened(running, small_map) as (page, log):
        _view(page, "local_moran")
        key = '#legend button[data-key="High-High"]'
        page.focus(key)
        page.keyboard.press("Space")
        _settle(page)
        assert page.locator(key).get_attribute("aria-pressed") == "false"
        assert page.evaluate("[...leaGeo.page.store.get().off]") == ["High-High"]
        assert page.evaluate("document.activeElement.dataset.key") == "High-High"
        page.locator('#legend button[data-key="suppressed"]').click()
        page.locator("#legend-all").click()
        _settle(page)
        assert page.locator('#legend button[aria-pressed="false"]').count() == 0
        assert page.locator("#legend-all").is_hidden()
        assert page.evaluate("document.activeElement.closest('#legend') !== null")
        assert log.errors == []


def test_every_class_that_somebody_is_in_is_a_switch_with_its_count(running, small_map):
    with opened(running, small_map) as (page, _):
        for view in ("value", "local_moran", "local_g_star"):
            _view(page, view)
            counts = page.locator("#legend button .count").evaluate_all(
                "nodes => nodes.map((n) => +n.dataset.count)"
            )
            assert sum(counts) == len(IDS)
            assert min(counts) > 0


def test_uncertain_labels_have_an_entry_with_their_count_and_the_reason(running, small_map):
    with opened(running, small_map) as (page, _):
        _speak(page, "en")
        assert page.locator("#legend-doubt").is_hidden()
        _view(page, "local_moran")
        assert page.locator("#legend-doubt .count").get_attribute("data-doubted") == str(len(DOUBTED))
        said = page.locator("#legend-doubt").inner_text()
        assert "withheld and missing values" in said
        assert "numbers were not so small" in said


def test_uncertain_areas_are_marked_in_the_list_of_those_that_stand_out(running, small_map):
    with opened(running, small_map) as (page, _):
        _speak(page, "en")
        marked = page.locator("#standing-out-list button").evaluate_all(
            "nodes => nodes.filter((n) => n.innerText.includes('uncertain')).map((n) => n.dataset.area)"
        )
        assert set(marked) == set(DOUBTED)


# How to read the map, and what was done


@pytest.mark.parametrize(
    ("language", "study", "hidden", "level"),
    [
        (
            "fi",
            "Alueita on 12 ja indikaattoreita 3.",
            "Salattuja arvoja on 1 ja puuttuvia 1. Alueita, joille indikaattori ei sovellu, on 1.",
            "q-arvo on enintään 0,05 (Benjamini ja Hochberg 1995)",
        ),
        (
            "sv",
            "Antalet områden är 12 och antalet indikatorer 3.",
            "känt: 9. Sekretessbelagda värden: 1. Värden som saknas: 1.",
            "q-värde är högst 0,05 (Benjamini och Hochberg 1995)",
        ),
        (
            "en",
            "Areas: 12. Indicators: 3.",
            "known: 9. Withheld values: 1. Missing values: 1. Areas where the indicator does not apply: 1.",
            "q-value is at most 0.05 (Benjamini and Hochberg 1995)",
        ),
    ],
)
def test_the_prose_is_of_the_study_in_each_language(running, small_map, language, study, hidden, level):
    with opened(running, small_map) as (page, _):
        _speak(page, language)
        _open_prose(page)
        reading = _plain(page.locator("#reading").inner_text())
        methods = _plain(page.locator("#methods").inner_text())
        assert study in reading
        assert hidden in reading
        assert "95" in reading
        assert level in methods
        # A text that is missing would show its key, and one that is not filled in a brace.
        for text in (reading, methods):
            assert not set("{}") & set(text)
            assert not any(key in text for key in ("reading", "methods_", "_words", "undefined"))


def test_the_prose_names_years_kinds_of_areas_and_neighbours(running, years_map):
    with opened(running, years_map) as (page, _):
        _speak(page, "en")
        _open_prose(page)
        reading = page.locator("#reading").inner_text()
        assert "Postal areas: 12. Indicators: 3." in reading
        assert "2019–2021" in reading
        assert "municipalities" in reading
        assert (
            "Neighbours are areas that share a border or a corner." in page.locator("#methods").inner_text()
        )


def test_a_map_without_tests_says_that_nothing_was_tested(running, tmp_path):
    small = small_findings()
    plain = tuple(one for one in small.indicators if one.code == "plain")
    bare = replace(small, indicators=plain, results={"plain": small.results["plain"]}, comparisons=None)
    with opened(running, _saved(bare, tmp_path, language="en")) as (page, log):
        _open_prose(page)
        assert "differences were not tested" in page.locator("#methods").inner_text()
        reading = page.locator("#reading").inner_text()
        assert not any(words in reading for words in ("red area", "q-value", "Two-tone", "Rank 1", "95"))
        assert (
            page.locator("#histogram rect").count()
            == np.unique(small.results["plain"]["value"].dropna().floordiv(31.25 / 25).clip(upper=24)).size
        )
        assert log.errors == []
