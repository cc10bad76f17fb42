"""An index on the page: its parts, how sure places in it are, and verdicts on labels, drawn and in words."""

import csv
import io
import re
from dataclasses import replace

import pytest
from axe import violations
from chrome import DESKTOP, NARROWEST, PHONE, opened, until
from index_findings import INDEX, LABELS, TIERS, VERDICT, index_findings, whole_index_findings
from page_states import open_everything, speak
from shown_numbers import check_others, check_panel, rows_of
from small_findings import IDS, NAMES

import lea_geo as lea
from lea_geo.maps.page import planner_map
from lea_geo.texts import read_texts, shared_texts

pytestmark = pytest.mark.browser

TEXTS = {**shared_texts(), **read_texts("lea_geo.maps")}


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


@pytest.mark.parametrize("ledgers", [False, True])
def test_every_number_of_every_area_is_the_geopackages(running, index_map, ledger_map, tmp_path, ledgers):
    findings = whole_index_findings(ledgers=ledgers)
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(findings, path)
    held = {one.code: rows_of(path, one.code) for one in findings.indicators}
    decimals = {one.code: one.decimals for one in findings.indicators}
    compared = 0
    with opened(running, ledger_map if ledgers else index_map) as (page, log):
        for code in [one.code for one in findings.indicators if one.is_composite]:
            _show(page, code)
            for area in IDS:
                _area(page, area)
                compared += check_panel(page, held[code][area], decimals[code])
                beside = {other: rows[area] for other, rows in held.items()}
                compared += check_others(page, beside, decimals)
        assert log.errors == []
    assert compared > 500


def test_the_picker_has_the_index_first_with_what_a_high_score_means(running, index_map):
    with opened(running, index_map) as (page, _):
        page.locator("#indicator").click()
        groups = page.locator("#picker-list .picker-domain").all_inner_texts()
        assert groups[:2] == ["Index", "Domains of life"]
        assert len(groups) == 5  # and three domains that hold an indicator each
        first = page.locator("#picker-list [role=option]").first
        assert "Hyvinvoinnin vaje (en)" in first.inner_text()
        assert "high = worse" in first.inner_text()
        assert "A high score means a worse situation." in page.locator("#picker-about").inner_text()
        page.keyboard.press("Escape")
        facts = page.locator("#indicator-facts").inner_text().replace("\xa0", " ")
        assert "Aineellinen (en) (75%), Koulutus (en) (25%)" in facts
        _show(page, "low_income")
        assert "Hyvinvoinnin vaje (en) › Aineellinen (en)" in page.locator("#indicator-facts").inner_text()


def test_an_area_is_told_its_fifths_how_often_it_is_among_the_worst_and_what_moves_it(running, index_map):
    with opened(running, index_map) as (page, _):
        text = _area(page, IDS[1])
        for said in (
            "In 90% of the runs 71.00–84.75 index points",
            "in 90% of the runs it lies somewhere from the highest to the second highest fifth",
            "In the worst-off tenth in 48% of the runs.",
            "Among the 3 worst-off areas in 95% of the runs.",
            "Its rank is moved most by the chance variation of small numbers.",
        ):
            assert said in text
        assert "confidence interval" not in text.split("WHAT THE INDEX")[0].split("What the index")[0]
        assert "Rank" not in text
        exact = _area(page, IDS[0])
        assert (
            "Rank 1 of 10, counting from the highest score. It is the same in at least 90% of the runs."
            in exact
        )
        assert "In the worst-off tenth in < 1% of the runs." in _area(page, IDS[4])
        assert "moved most by" not in _area(page, IDS[9])


def test_where_the_runs_put_an_area_in_another_single_fifth_that_fifth_is_named(running, tmp_path):
    findings = index_findings()
    frame = findings.results[INDEX].copy()
    frame.loc[IDS[1], ["tier_lower", "tier_upper"]] = [2.0, 2.0]
    planner_map(replace(findings, results={**findings.results, INDEX: frame}), language="en").save(
        tmp_path / "map.html"
    )
    with opened(running, tmp_path / "map.html") as (page, _):
        text = _area(page, IDS[1])
        assert "Highest fifth" in text
        assert "in at least 90% of the runs its fifth is this: second highest fifth" in text


def test_the_hierarchy_leads_from_part_to_part_and_keeps_the_focus(running, index_map):
    with opened(running, index_map) as (page, _):
        _area(page, IDS[0])
        tree = page.locator("#area .tree")
        assert tree.locator("[data-node]").evaluate_all("nodes => nodes.map((n) => n.dataset.node)") == [
            INDEX,
            "material_living_standards",
            "education",
        ]
        assert "weight 75%" in tree.inner_text().replace("\xa0", " ")
        part = tree.locator('[data-node="material_living_standards"]')
        part.focus()
        page.keyboard.press("Enter")
        _settle(page)
        assert page.evaluate("document.activeElement.dataset.node") == "material_living_standards"
        assert page.locator("#indicator").get_attribute("data-code") == "material_living_standards"
        assert page.locator('#area .tree [data-node="low_income"]').is_visible()
        assert "Part of Hyvinvoinnin vaje (en)" in page.locator("#area .path").inner_text()


@pytest.mark.parametrize("method", ["local_moran", "local_g_star"])
def test_a_verdict_is_told_in_the_profile_with_what_it_names(running, index_map, method):
    expected = {
        0: ("firm", "Firm. The label stays"),
        1: ("depends", "depends on how neighbours are defined: chosen otherwise, it could be another"),
        2: ("unsure", "Cannot be said. The label depends on the chance variation of small numbers and unp"),
        3: ("depends", "depends on the size of the areas and where the borders run"),
        7: ("unsure", "Cannot be said. The label depends on what is not known, so"),
    }  # fmt: skip
    with opened(running, index_map) as (page, _):
        for k, (verdict, said) in expected.items():
            _area(page, IDS[k])
            node = page.locator(f'#area [data-field="{method}_verdict"]')
            assert node.get_attribute("data-value") == verdict
            assert said in node.inner_text()
            assert page.locator(f'#area [data-field="{method}_share"]').count() == 1
        _area(page, IDS[9])
        assert page.locator(f'#area [data-field="{method}_verdict"]').count() == 0


INKED = """(id) => {
  const { layer, place } = leaGeo.page;
  const at = layer.pointOf(place.indexOf(id)).subtract(layer._bounds.min);
  const side = 24;  // beside the name, which lies on a canvas of its own
  const [left, top] = [(at.x - side / 2) * layer._ratio(), (at.y - side / 2) * layer._ratio()];
  const { data } = layer._pens.ground.getImageData(left, top, side, side);
  const seen = new Map();
  for (let k = 0; k < data.length; k += 4) {
    const colour = [data[k], data[k + 1], data[k + 2]].join();
    seen.set(colour, (seen.get(colour) || 0) + 1);
  }
  return 1 - Math.max(...seen.values()) / side ** 2;
}"""


def test_firm_labels_are_plain_those_that_depend_have_strokes_and_what_cannot_be_said_is_hatched(
    running, index_map
):
    with opened(running, index_map) as (page, _):
        _show(page, INDEX, "local_moran")
        inked = {area: page.evaluate(INKED, area) for area in IDS}
        by_verdict = {
            verdict: [inked[area] for area, one in zip(IDS, VERDICT, strict=True) if one == verdict]
            for verdict in ("firm", "depends", "unsure")
        }
        assert max(by_verdict["firm"]) == 0
        assert 0.05 < min(by_verdict["depends"]) <= max(by_verdict["depends"]) < min(by_verdict["unsure"])


def test_the_legend_counts_each_kind_of_label_and_says_what_its_hatch_means(running, index_map):
    pointing = [one for one, label in zip(VERDICT, LABELS, strict=True) if "-" in label]
    with opened(running, index_map) as (page, _):
        _show(page, INDEX, "local_moran")
        found = page.locator("#legend-doubt [data-doubt]").evaluate_all(
            "nodes => nodes.map((n) => [n.dataset.doubt, +n.dataset.doubted])"
        )
        assert found == [[verdict, pointing.count(verdict)] for verdict in ("firm", "depends", "unsure")]
        text = page.locator("#legend-doubt").inner_text()
        for said in (
            "Firm",
            "No stripes",
            "Depends on choices",
            "Broken stripes",
            "Cannot be said",
            "Solid stripes",
        ):
            assert said in text
        _show(page, "low_income", "local_moran")  # of which nobody has asked
        assert page.locator("#legend-doubt [data-doubt]").count() == 1
        assert "Uncertain label" in page.locator("#legend-doubt").inner_text()


def test_a_verdict_is_in_the_tooltip_said_aloud_and_in_the_list_of_what_stands_out(running, index_map):
    with opened(running, index_map) as (page, _):
        _show(page, INDEX, "local_moran")
        listed = page.locator("#standing-out").inner_text()
        assert "depends on how neighbours are defined" in listed
        assert "cannot be said" in listed
        page.locator("#lea-map").focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")
            _settle(page)
            text = page.locator("#announce").inner_text()
            k = next(k for k, name in enumerate(NAMES) if text.startswith(name))
            word = TEXTS[f"verdict.{VERDICT[k]}"].en if VERDICT[k] else ""
            assert word.split(" on ")[0] in text
            assert word.split(" on ")[0] in page.locator("#tip").inner_text()
            assert "uncertain" not in text


def test_the_table_puts_areas_by_their_fifths_and_gives_no_rank_that_is_not_sure(running, index_map):
    with opened(running, index_map) as (page, _):
        _show(page, INDEX)
        page.locator("#ranking-section > summary").click()
        page.wait_for_selector("#ranking tbody tr")
        _settle(page)
        heads = page.locator("#ranking thead th[data-column]").evaluate_all(
            "nodes => nodes.map((n) => n.dataset.column)"
        )
        assert heads[3:8] == ["tier", "worst_decile", "ranks", "value", "interval_runs"]
        assert page.locator('th[data-column="tier"]').get_attribute("aria-sort") == "ascending"
        rows = page.locator("#ranking tbody [data-area]").evaluate_all(
            "nodes => nodes.map(n => n.dataset.area)"
        )
        spans = dict(zip(IDS, zip(TIERS["tier_lower"], TIERS["tier_upper"], strict=True), strict=True))
        known = [area for area in rows if spans[area][0] == spans[area][0]]
        assert [spans[area] for area in known] == sorted(spans[area] for area in known)
        assert "Areas of the same fifths are in no order" in page.locator("#ranking-sorted").inner_text()
        cells = {
            area: page.locator(f'tr:has([data-area="{area}"]) td[data-column="ranks"]').inner_text()
            for area in (IDS[0], IDS[1], IDS[6])
        }
        assert cells == {IDS[0]: "1", IDS[1]: "1–4", IDS[6]: "–"}
        assert page.locator('tr td[data-column="tier"]').nth(1).inner_text() == "1 (1–2)"
        assert "90%" in page.locator('th[data-column="tier"]').inner_text()
        assert "Depends on how neighbours are defined" in page.locator("#ranking tbody").inner_text()
        assert page.locator("#ranking tbody").inner_text().count("rank ") == 0


@pytest.mark.parametrize(("language", "separator"), [("fi", ";"), ("sv", ";"), ("en", ",")])
def test_the_saved_table_has_the_runs_and_the_verdicts_of_the_findings(
    running, index_map, language, separator
):
    frame = index_findings().results[INDEX]
    word = lambda key: TEXTS[key].in_language(language).replace("{percent}", "90")  # noqa: E731
    with opened(running, index_map) as (page, _):
        speak(page, language)
        with page.expect_download() as waiting:
            page.locator("#download-csv").click()
        text = waiting.value.path().read_bytes().decode("utf-8-sig")
    rows = {row[word("column.id")]: row for row in csv.DictReader(io.StringIO(text), delimiter=separator)}
    for area in (IDS[0], IDS[1], IDS[6]):
        row, held = rows[area], frame.loc[area]
        known = held["tier_lower"] == held["tier_lower"]
        assert row[word("csv.tier_upper")] == (str(int(held["tier_upper"])) if known else "")
        assert row[word("csv_runs.rank_lower")] == (str(int(held["rank_lower"])) if known else "")
        assert row[word("csv.moved_by")] == (word(f"mover.{held['moved_by']}") if held["moved_by"] else "")
        title = f"{word('column.local_moran')}: {word('csv.verdict')}"
        verdict = held["local_moran_verdict"]
        assert row[title] == (word(f"verdict.{verdict}") if verdict else "")
    named = rows[IDS[1]][f"{word('column.local_moran')}: {word('csv.depends_on')}"]
    assert named == word("depends_on.graph")
    decimal = "." if language == "en" else ","
    assert rows[IDS[1]][word("csv.p_worst_decile")] == f"0{decimal}48"


def test_how_to_read_this_and_the_methods_speak_of_an_index_only_where_there_is_one(
    running, index_map, ledger_map, small_map
):
    index, ledgers, runs, verdict = (
        TEXTS[f"reading.{key}"].en for key in ("index", "ledgers", "runs", "verdict")
    )
    expected = {index_map: {index, runs, verdict}, ledger_map: {ledgers, runs, verdict}, small_map: set()}
    for file, wanted in expected.items():
        with opened(running, file) as (page, _):
            speak(page, "en")
            open_everything(page)
            heads = set(page.locator("#reading h3").all_inner_texts())
            assert heads & {index, ledgers, runs, verdict} == wanted
            methods = page.locator("#methods").inner_text().replace("\xa0", " ")
            assert ("Scale: from the smallest value to the largest." in methods) == bool(wanted)
            assert ("The index was made again 1,000 times." in methods) == bool(wanted)
            assert "[object" not in methods
            assert (TEXTS["reading.doubt"].en in heads) == (file == small_map)


def _index_states(page):
    """Bring the page into the states that only an index has, and yield what each is called."""
    open_everything(page)
    yield "every section open"
    _area(page, IDS[1])
    yield "an area of the index"
    page.evaluate("leaGeo.page.chooseView('local_moran')")
    _settle(page)
    yield "verdicts on the map"
    page.locator("#indicator").click()
    yield "the list of indicators"
    page.keyboard.press("Escape")
    page.evaluate("leaGeo.page.toggleCompared(0).then(() => leaGeo.page.toggleCompared(1))")
    page.locator("#tab-compare").click()
    _settle(page)
    yield "two areas compared"
    page.locator("#tab-scatter").click()
    _settle(page)
    yield "a plot"


@pytest.mark.parametrize("viewport", [DESKTOP, NARROWEST], ids=["desktop", "320px"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_axe_finds_nothing_where_there_is_an_index(running, index_map, ledger_map, axe, viewport, language):
    file = ledger_map if language == "sv" else index_map
    with opened(running, file, viewport=viewport) as (page, log):
        speak(page, language)
        found = [f"{state}: {line}" for state in _index_states(page) for line in violations(page, axe)]
        assert found == []
        assert log.errors == []


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["phone", "320px"])
def test_nothing_of_an_index_is_wider_than_a_phone(running, ledger_map, viewport):
    with opened(running, ledger_map, viewport=viewport) as (page, _):
        for state in _index_states(page):
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wide <= 0, state


def test_names_and_words_of_an_index_that_would_run_are_text(running, tmp_path):
    payload = '<img src=x onerror="alert(1)">${alert(1)}{{7*7}}'
    findings = index_findings()
    frame = findings.results[INDEX].assign(moved_by=payload)
    for name in ("local_moran_verdict", "local_moran_depends_on", "local_g_star_verdict"):
        frame[name] = payload
    index, *others = findings.indicators
    named = replace(index, name=type(index.name)(payload, payload, payload))
    settings = {
        **findings.settings,
        "composite": {"normalise": {"method": payload}},
        "robustness": {"runs": payload},
    }
    odd = replace(
        findings,
        indicators=(named, *others),
        results={**findings.results, INDEX: frame},
        settings=settings,
    )
    file = tmp_path / "map.html"
    planner_map(odd, language="en").save(file)
    with opened(running, file) as (page, log):
        for _ in _index_states(page):
            pass
        until(page, "document.body.dataset.ready === 'true'")
        assert page.locator("img[src=x]").count() == 0
        assert re.search(re.escape(payload[:20]), page.locator("#indicator").inner_text())
        assert log.dialogs == []
        assert log.errors == []
