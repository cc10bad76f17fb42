"""Grades of rates on the page, where rules mark a rate, and the method of what was drawn together."""

import csv
import io
from dataclasses import replace

import pytest
from chrome import opened
from page_states import open_everything
from small_findings import IDS, small_findings

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser

GRADES = ["unreliable", "caution", "reliable"]
RATES = {"method": "empirical_bayes", "minimum_denominator": 30.0, "cautious_cv": 0.166, "years": 3}


@pytest.fixture(scope="module")
def graded_map(tmp_path_factory):
    """The file of the small map whose first three areas have a grade each."""
    small = small_findings()
    frame = small.results["low_income"].copy()
    frame.loc[IDS[:3], "grade"] = GRADES
    findings = replace(
        small,
        results={**small.results, "low_income": frame},
        settings={**small.settings, "rates": RATES},
    )
    path = tmp_path_factory.mktemp("grades") / "map.html"
    planner_map(findings, language="en").save(path)
    return path


def _area(page, area):
    page.evaluate("(id) => leaGeo.page.selectArea(leaGeo.page.place.indexOf(id))", area)
    page.evaluate("leaGeo.page.settled()")
    return page.locator("#area .value")


def test_a_profile_marks_what_the_rules_mark_and_nothing_else(running, graded_map):
    with opened(running, graded_map) as (page, log):
        assert "unreliable: numbers too small" in _area(page, IDS[0]).inner_text().lower()
        assert "to be used with caution: small numbers" in _area(page, IDS[1]).inner_text().lower()
        for unmarked in IDS[2:]:
            assert _area(page, unmarked).locator("[data-field=grade]").count() == 0
        page.evaluate("leaGeo.page.chooseLanguage('fi')")
        assert "epäluotettava: liian pienet luvut" in _area(page, IDS[0]).inner_text().lower()
        assert log.errors == []


def test_the_table_and_the_tooltip_mark_it_too(running, graded_map):
    with opened(running, graded_map) as (page, _):
        open_everything(page)
        page.evaluate("leaGeo.page.settled()")
        marks = page.locator("#ranking [data-field=grade]").evaluate_all(
            """nodes => nodes.map((node) => {
              const { area } = node.closest("tr").querySelector("button").dataset;
              return [area, node.dataset.value];
            })"""
        )
        assert sorted(marks) == sorted([[IDS[0], "unreliable"], [IDS[1], "caution"]])
        at = page.evaluate(
            """(id) => {
              const { map, layer, place } = leaGeo.page;
              const { x, y } = map.layerPointToContainerPoint(layer.pointOf(place.indexOf(id)));
              const box = document.getElementById("lea-map").getBoundingClientRect();
              scrollTo(0, 0);
              return [box.left + x, box.top + y];
            }""",
            IDS[0],
        )
        page.mouse.move(*at)
        page.locator("#tip [data-field=grade]").wait_for()
        assert page.locator("#tip [data-field=grade]").get_attribute("data-value") == "unreliable"


def test_the_saved_table_tells_every_grade(running, graded_map):
    with opened(running, graded_map) as (page, _):
        with page.expect_download() as download:
            page.locator("#download-csv").click()
        rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
        told = {row["Code"]: row["Reliability"] for row in rows}
        words = ["unreliable: numbers too small", "to be used with caution: small numbers", "reliable"]
        assert told == {**dict.fromkeys(IDS, ""), **dict(zip(IDS, words, strict=False))}


def test_the_methods_name_what_was_done_about_small_numbers(running, graded_map, small_map):
    with opened(running, graded_map) as (page, _):
        open_everything(page)
        page.evaluate("leaGeo.page.settled()")
        text = page.locator("#methods").inner_text().replace("\xa0", " ")
        for said in (
            "What was done about small numbers",
            "drawn towards the mean of all areas",
            "those of earlier years were added, of 3 years at most",
            "unreliable where it is of fewer than 30 people or households",
            "to be used with caution where its coefficient of variation is above 0.166",
            "come from the same method as the values",
        ):
            assert said in text
        assert "Counted: 219 / 700" in _area(page, IDS[0]).inner_text().replace("\xa0", " ")
    with opened(running, small_map) as (page, _):
        page.evaluate("leaGeo.page.chooseLanguage('en')")
        open_everything(page)
        page.evaluate("leaGeo.page.settled()")
        assert "What was done about small numbers" not in page.locator("#methods h3").all_inner_texts()
        assert "Calculated as 219 / 700" in _area(page, IDS[0]).inner_text().replace("\xa0", " ")
