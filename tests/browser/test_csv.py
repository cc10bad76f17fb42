"""The table that the page saves: read by Python's csv it holds what the findings hold, and no formula."""

import csv
import io
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from chrome import opened
from small_findings import IDS, NAMES, small_findings

from lea_geo.maps.page import planner_map
from lea_geo.texts import read_texts, shared_texts

pytestmark = pytest.mark.browser

TEXTS = {**shared_texts(), **read_texts("lea_geo.maps")}
HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    'a;b,"c"\r\nd',
    "x,=1+1",
    "x;=1+1",
]


def _word(key, language):
    return TEXTS[key].in_language(language)


def _saved(page):
    """Press the button and return the file's name and its bytes."""
    with page.expect_download() as waiting:
        page.locator("#download-csv").click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def _read(content, separator):
    """Return the rows as a frame of texts."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(set(rows[0])) == len(rows[0])
    return pd.DataFrame(rows[1:], columns=rows[0])


def _shown(number, decimals, language):
    """Return a number rounded half away from zero, as the language writes it."""
    if np.isnan(number):
        return ""
    rounded = Decimal(float(number)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return str(rounded).replace(".", "." if language == "en" else ",")


def _probability(number, language):
    if np.isnan(number) or number >= 0.001:
        return _shown(number, 3, language)
    return "< " + _shown(0.001, 3, language)


def _title(key, language):
    return _word(f"csv.{key}", language).replace("{percent}", "95")


@pytest.mark.parametrize(("language", "separator"), [("fi", ";"), ("sv", ";"), ("en", ",")])
def test_every_row_holds_what_the_findings_hold(running, small_map, language, separator):
    findings = small_findings()
    frame = findings.results["low_income"]
    with opened(running, small_map) as (page, log):
        page.locator(f'button[data-language="{language}"]').click()
        _, content = _saved(page)
        assert log.errors == []
        assert [url for url in log.requests if not url.startswith("blob:")] == [small_map.as_uri()]
    table = _read(content, separator)
    assert sorted(table[_word("column.id", language)]) == sorted(IDS)
    table.index = pd.Index(table[_word("column.id", language)])
    own = _word("csv.name", language)
    for spoken, suffix in (("fi", ""), ("sv", " sv")):
        title = own.replace("{language}", _word(f"language.{spoken}", language))
        assert table.loc[IDS, title].tolist() == [name + suffix for name in NAMES]
    towns = findings.areas["municipality"]
    assert (table.loc[IDS, _word("column.municipality", language)] == towns).all()
    for area in IDS:
        row, held = table.loc[area], frame.loc[area]
        for field in ("value", "lower", "upper", "interval_lower", "interval_upper"):
            assert row[_title(field, language)] == _shown(held[field], 1, language), (area, field)
        for field in ("numerator", "denominator", "rank", "rank_lower", "rank_upper"):
            assert row[_title(field, language)] == _shown(held[field], 0, language), (area, field)
        assert row[_word("column.status", language)] == _word(f"status.{held['status']}", language)
        for method in ("local_moran", "local_g_star"):
            _compare_finding(row, held, method, language)


def _compare_finding(row, held, method, language):
    name = _word(f"column.{method}", language)
    label = held[f"{method}_label"]
    spot = method == "local_g_star" and label in ("High-High", "Low-Low")
    known = f"hotspot.{label}" if spot else f"label.{label}"
    if known in TEXTS:
        assert row[name] == _word(known, language)
    doubt = held[f"{method}_doubt"]
    told = f"{name}: {_title('doubt', language)}"
    assert row[told] == (_word(f"doubt.{doubt}", language) if doubt else "")
    for field in ("q_value", "p_value"):
        shown = _probability(held[f"{method}_{field}"], language)
        assert row[f"{name}: {_title(field, language)}"] == shown
    for field, decimals in (("statistic", 3), ("lag", 1), ("neighbors", 0), ("hidden", 0)):
        expected = _shown(held[f"{method}_{field}"], decimals, language)
        assert row[f"{name}: {_title(field, language)}"] == expected


def test_every_row_says_what_it_is_about(running, small_map):
    with opened(running, small_map) as (page, _):
        page.locator('button[data-language="en"]').click()
        name, content = _saved(page)
    table = _read(content, ",")
    about = {
        "Indicator": "Pienituloiset (en)",
        "Unit": "per cent",
        "Year": "2020",
        "Source": "Made-up data in the form of: Made up",
    }
    for title, value in about.items():
        assert set(table[title]) == {value}
    assert "Licence" not in table.columns
    assert name == "The-small-coast_Pienituloiset-en_2020_en.csv"


def test_excel_knows_the_file_for_what_it_is(running, small_map):
    with opened(running, small_map) as (page, _):
        _, content = _saved(page)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == len(IDS) + 1


def test_only_the_chosen_areas_are_saved_where_there_is_a_choice(running, small_map):
    with opened(running, small_map) as (page, _):
        page.evaluate(
            """() => {
              const { page } = leaGeo;
              const chosen = new Uint8Array(page.place.n);
              ["65020", "65110"].forEach((id) => { chosen[page.place.indexOf(id)] = 1; });
              page.store.set({ chosen });
            }"""
        )
        _, content = _saved(page)
        page.evaluate("leaGeo.page.settled()")
        assert "Rivejä: 2" in page.locator("#announce").inner_text()
    assert sorted(_read(content, ";")["Tunnus"]) == ["65020", "65110"]


@pytest.mark.parametrize(("language", "separator"), [("fi", ";"), ("en", ",")])
def test_no_name_becomes_a_formula_and_negative_numbers_stay_numbers(running, tmp_path, language, separator):
    small = small_findings()
    areas = small.areas.assign(
        name_fi=(HOSTILE + NAMES)[: len(IDS)], name_en="", municipality="=cmd|'/c calc'!A0"
    )
    frame = small.results["low_income"].assign(value=-1.5, interval_lower=-2.0)
    hostile = replace(
        small,
        areas=areas,
        indicators=(replace(small.indicators[0], source="@evil", unit="index"),),
        results={"low_income": frame},
        comparisons=None,
        synthetic=False,
    )
    path = tmp_path / "map.html"
    planner_map(hostile, language=language).save(path)
    with opened(running, path) as (page, log):
        _, content = _saved(page)
        assert log.errors == []
        assert log.dialogs == []
    table = _read(content, separator)
    for column in table:
        for text in [column, *table[column]]:
            number = text.removeprefix("-").replace(",", ".", 1).replace(".", "", 1).isdigit()
            assert number or text[:1] not in tuple("=+-@\t\r\n"), (column, text)
    minus = "-1.5" if language == "en" else "-1,5"
    assert set(table[_title("value", language)]) == {minus}
    names = table[_word("csv.name", language).replace("{language}", _word("language.fi", language))]
    assert sorted(name.replace("'", "") for name in names) == sorted((HOSTILE + NAMES)[: len(IDS)])
    # Read with the separator of another language, a formula does not begin a cell either.
    for other in ",;\t":
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=other):
            assert not any(cell.lstrip('"').startswith(("=", "+", "@")) for cell in row)
