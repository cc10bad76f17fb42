"""The table of areas, the map's equal: in any order, in pages, filtered, and with how sure each number is."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chrome import NARROWEST, opened, until
from shapely.geometry import box
from small_findings import IDS, SUPPRESSED, small_findings

from lea_geo.maps.page import planner_map

pytestmark = pytest.mark.browser


def _open_table(page, code="low_income"):
    page.evaluate("(code) => leaGeo.page.chooseIndicator(leaGeo.page.sheet.find(code))", code)
    page.locator("#ranking-section > summary").click()
    page.wait_for_selector("#ranking tbody tr")
    page.evaluate("leaGeo.page.settled()")


def _rows(page):
    """Return the ids of the areas in the table, in order."""
    page.evaluate("leaGeo.page.settled()")
    return page.eval_on_selector_all(
        "#ranking tbody [data-area]", "nodes => nodes.map((n) => n.dataset.area)"
    )


def _sort(page, column):
    page.locator(f'#ranking th[data-column="{column}"] button').click()
    return _rows(page)


def _choose(page, areas):
    page.evaluate(
        """(ids) => {
          const { page } = leaGeo;
          const chosen = new Uint8Array(page.place.n);
          ids.forEach((id) => { chosen[page.place.indexOf(id)] = 1; });
          page.store.set({ chosen });
          return page.settled();
        }""",
        list(areas),
    )


@pytest.mark.parametrize(
    ("code", "high_first", "said"),
    [
        ("low_income", True, "Korkein arvo ensin, koska korkean arvon oletetaan heikentävän hyvinvointia."),
        ("income", False, "Matalin arvo ensin, koska korkean arvon oletetaan vahvistavan hyvinvointia."),
    ],
)
def test_what_weakens_wellbeing_most_comes_first_and_the_caption_says_so(
    running, small_map, code, high_first, said
):
    value = small_findings().results[code]["value"]
    known = value.dropna().sort_values(ascending=not high_first, kind="stable")
    with opened(running, small_map) as (page, log):
        _open_table(page, code)
        rows = _rows(page)
        assert rows[: len(known)] == list(known.index)
        assert sorted(rows) == sorted(IDS)
        assert said in page.locator("#ranking caption").inner_text()
        assert log.errors == []


def test_every_column_sorts_both_ways_and_says_which_with_blanks_last(running, small_map):
    with opened(running, small_map) as (page, _):
        _open_table(page)
        columns = page.eval_on_selector_all(
            "#ranking thead th[data-column]", "nodes => nodes.map((n) => n.dataset.column)"
        )
        assert len(columns) == 11
        for column in columns:
            orders = {}
            for _ in range(2):
                rows = _sort(page, column)
                head = page.locator(f'#ranking th[data-column="{column}"]')
                orders[head.get_attribute("aria-sort")] = rows
                assert page.locator("#ranking [aria-sort]").count() == 1
                focused = "document.activeElement.closest('th')?.dataset.column"
                assert page.evaluate(focused) == column
            assert set(orders) == {"ascending", "descending"}, column
            values = _keys(column)
            for way, rows in orders.items():
                held = [values[area] for area in rows]
                known = [one for one in held if one is not None]
                assert held[: len(known)] == known, column
                assert known == sorted(known, reverse=way == "descending"), (column, way)


def _keys(column):
    """Return what each area has in a column, None for nothing: of words, the number of their place."""
    findings = small_findings()
    frame = findings.results["low_income"].loc[IDS]
    known = {
        "id": pd.Series(IDS, IDS),
        "name": findings.areas["name_fi"].replace({"Mäki": "Mzki"}),
        "municipality": findings.areas["municipality"],
        "value": frame["value"].round(1),
        "interval": frame["interval_lower"].round(1),
        "fifth": frame["rank"],
        "status": frame["status"].map(
            {"missing": "puuttuu", "suppressed": "salattu", "not_applicable": "ei sovellu"}
            | {"observed": "saatavilla", "structural_zero": "nolla"}
        ),
    }
    words = {
        "High-High": "Korkea, ympärillä korkeita",
        "Low-Low": "Matala, ympärillä matalia",
        "Low-High": "Matala, ympärillä korkeita",
        "High-Low": "Korkea, ympärillä matalia",
        "Not significant": "Ei erotu sattumasta",
        "Isolate": "Ei naapureita",
        "Undefined": "Ei laskettavissa",
    }
    spots = {"High-High": "Korkeiden arvojen keskittymä", "Low-Low": "Matalien arvojen keskittymä"}
    for method, named in (("local_moran", words), ("local_g_star", words | spots)):
        known[method] = frame[f"{method}_label"].map(named)
        known[f"{method}_q"] = frame[f"{method}_q_value"].round(3)
    return {area: None if pd.isna(one) else one for area, one in known[column].items()}


def test_the_numbers_of_a_row_are_those_of_the_findings(running, small_map):
    frame = small_findings().results["low_income"]
    with opened(running, small_map) as (page, _):
        _open_table(page)
        shown = page.evaluate(
            """() => [...document.querySelectorAll("#ranking tbody tr")].map((row) => [
              row.querySelector("[data-area]").dataset.area,
              [...row.querySelectorAll("data")].map((n) => [n.dataset.field, Number(n.dataset.value)])])"""
        )
    seen = 0
    for area, fields in shown:
        for field, value in fields:
            digits = 0 if field == "rank" else 3 if field.endswith("q_value") else 1
            assert abs(value - frame.loc[area, field]) <= 0.5 * 10**-digits + 1e-9, (area, field)
            seen += 1
    # Nine values, each with two ends of an interval and two q-values, and the certain positions.
    held = frame["value"].notna()
    certain = (frame["rank_lower"] == frame["rank_upper"]).sum()
    assert seen == 5 * held.sum() + certain


def test_a_position_is_told_only_where_no_other_is_possible(running, tmp_path):
    small = small_findings()
    frame = small.results["low_income"].copy()
    frame.loc[IDS[0], ["rank", "rank_lower", "rank_upper"]] = 1
    frame.loc[IDS[1], ["rank", "rank_lower", "rank_upper"]] = [2, 2, 6]
    path = tmp_path / "map.html"
    planner_map(replace(small, results={**small.results, "low_income": frame})).save(path)
    with opened(running, path) as (page, _):
        _open_table(page)
        cell = '#ranking tr:has([data-area="{}"]) [data-column="fifth"]'
        # Of nine values the first two are in the first fifth, the sixth (5 * 5.5 / 9 = 3.06) in the fourth.
        assert page.locator(cell.format(IDS[0])).inner_text() == "1 sija 1"
        assert page.locator(cell.format(IDS[1])).inner_text() == "1 (1–4)"
        assert page.locator(cell.format(SUPPRESSED)).inner_text() == "–"


def test_a_label_in_doubt_says_why(running, small_map):
    with opened(running, small_map) as (page, _):
        _open_table(page)
        cell = page.locator(f'#ranking tr:has([data-area="{IDS[2]}"]) [data-column="local_moran"]')
        assert cell.inner_text().split("\n") == [
            "Matala, ympärillä korkeita",
            "epävarma: pienet luvut, naapurin arvo ei tiedossa",
        ]
        sure = page.locator(f'#ranking tr:has([data-area="{IDS[0]}"]) [data-column="local_moran"]')
        assert sure.inner_text() == "Korkea, ympärillä korkeita"


def test_the_filter_takes_names_codes_and_municipalities(running, small_map):
    with opened(running, small_map) as (page, _):
        _open_table(page)
        for asked, expected in (
            ("MÄKI", [IDS[4]]),
            ("satama sv", [IDS[0]]),
            ("65110", [IDS[11]]),
            ("Salmela", IDS[6:]),
        ):
            page.locator("#table-filter").fill(asked)
            assert sorted(_rows(page)) == expected, asked
        page.locator("#table-filter").fill("nowhere")
        assert _rows(page) == []
        assert page.locator("#table-rows").inner_text() == "Rajaukseen ei osu yhtään aluetta."


def test_chosen_areas_are_shown_alone_and_there_is_a_way_back(running, small_map):
    with opened(running, small_map) as (page, _):
        _open_table(page)
        assert page.locator("#table-choice").is_hidden()
        _choose(page, IDS[:3])
        assert sorted(_rows(page)) == IDS[:3]
        assert "(3)" in page.locator("#table-choice").inner_text()
        page.locator("#only-chosen").uncheck()
        assert sorted(_rows(page)) == IDS
        page.locator("#only-chosen").check()
        page.locator("#table-clear").click()
        assert sorted(_rows(page)) == IDS
        assert page.locator("#table-choice").is_hidden()


def test_a_name_opens_its_area_and_closing_it_leads_back(running, small_map):
    with opened(running, small_map) as (page, _):
        _open_table(page)
        page.locator(f'#ranking [data-area="{IDS[7]}"]').focus()
        page.keyboard.press("Enter")
        until(page, "document.activeElement.id === 'area'")
        assert page.locator("#area-name").inner_text() == "Metsä"
        assert page.locator("#ranking tr.open [data-area]").get_attribute("data-area") == IDS[7]
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.dataset.area") == IDS[7]


def test_a_row_goes_into_the_comparison_and_out_of_it(running, small_map):
    with opened(running, small_map) as (page, _):
        _open_table(page)
        button = page.locator(f'#ranking tr:has([data-area="{IDS[3]}"]) button[aria-pressed]')
        for pressed in ("true", "false"):
            button.click()
            page.evaluate("leaGeo.page.settled()")
            assert button.get_attribute("aria-pressed") == pressed
            assert len(page.evaluate("leaGeo.page.store.get().compared")) == (pressed == "true")


def test_nothing_is_wider_than_a_narrow_window(running, small_map):
    with opened(running, small_map, viewport=NARROWEST) as (page, _):
        _open_table(page)
        assert page.evaluate("document.documentElement.scrollWidth") == NARROWEST["width"]


@pytest.fixture(scope="module")
def many_areas(tmp_path_factory):
    """The file of a map of 250 squares, whose values are a shuffle of 0 to 249."""
    squares = [box(x, y, x + 1000, y + 1000) for x in range(0, 25_000, 1000) for y in range(0, 10_000, 1000)]
    index = pd.Index([f"{i:05d}" for i in range(250)], name="area_id")
    values = np.random.default_rng(4).permutation(250).astype(float)
    geometry = gpd.GeoSeries(squares).translate(300_000, 7_000_000).to_numpy()
    areas = gpd.GeoDataFrame({"value": values}, geometry=geometry, crs=3067, index=index)
    path = tmp_path_factory.mktemp("many") / "map.html"
    planner_map(areas, title="Squares").save(path)
    return path, pd.Series(values, index)


def test_pages_hold_every_area_once_in_order(running, many_areas):
    path, values = many_areas
    with opened(running, path) as (page, log):
        page.locator("#ranking-section > summary").click()
        seen = _rows(page)
        said = [page.locator("#table-rows").inner_text()]
        for _ in range(2):
            page.locator('#pager [data-go="next"]').click()
            seen += _rows(page)
            said.append(page.locator("#table-rows").inner_text())
        assert seen == list(values.sort_values(ascending=False).index)
        assert said == [f"Rivit {rows}, yhteensä 250" for rows in ("1–100", "101–200", "201–250")]
        assert page.locator('#pager [data-go="next"]').get_attribute("aria-disabled") == "true"
        page.locator('#pager [data-go="next"]').focus()
        page.keyboard.press("Enter")
        assert len(_rows(page)) == 50
        page.locator('#pager [data-go="first"]').click()
        assert _rows(page) == seen[:100]
        page.locator('#pager [data-go="last"]').click()
        _sort(page, "value")
        assert _rows(page) == seen[::-1][:100]
        assert log.errors == []
