"""Names and texts that want to be code stay text: at save in Python, and in the browser."""

import base64
import csv
import gzip
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chrome import browser, opened, until
from shapely.geometry import box
from small_findings import IDS, small_findings

from lea_geo.maps.page import planner_map
from lea_geo.maps.tiles import Tiles
from lea_geo.schema import LOCAL_METHODS, EthicalNote, Text, result_column

PAYLOADS = (
    "{{ 7 * 7 }}",
    "{{7*7}}",
    "{% raw %}",
    "{% for x in (1,2) %}pwned{% endfor %}",
    "{# gone #}",
    "{{ cycler.__init__.__globals__.os.system('touch pwned') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "${alert(1)}",
    "`${window.__pwned=1}`",
    "#{7*7}",
    "<%= 7*7 %>",
    "</script><script>window.__pwned=1;alert(1)</script>",
    "<!--<script>window.__pwned=1</script>",
    "]]></script><svg onload=window.__pwned=1>",
    '<img src=x onerror="window.__pwned=1">',
    "<svg/onload=alert(1)>",
    '<iframe srcdoc="<script>parent.__pwned=1</script>">',
    '<a href="javascript:window.__pwned=1">x</a>',
    "javascript:window.__pwned=1",
    '"><script>window.__pwned=1</script>',
    "' onmouseover='window.__pwned=1",
    '";window.__pwned=1;//',
    "\\u003cscript\\u003ewindow.__pwned=1\\u003c/script\\u003e",
    "&lt;script&gt;window.__pwned=1&lt;/script&gt;",
    "line\u2028window.__pwned=1\u2029end",
    "\u202eright to left",
    "nul\x00nul",
    "url(https://evil.example/x.png)",
    "<style>body{display:none}@import 'https://evil.example/x.css'</style>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '<base href="https://evil.example/">',
    "<!--lea:data--><!--lea:scripts-->",
    "{n} {name} $& $1",
    "__proto__",
    "constructor",
    '=HYPERLINK("https://evil.example")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
)
N = len(PAYLOADS)
HOSTILE_ADDRESSES = (
    {"indicator": "<script>window.__pwned=1</script>", "area": PAYLOADS[11], "lang": "__proto__"},
    {"indicator": "__proto__", "view": "constructor", "at": "NaN,NaN,NaN", "compare": "__proto__"},
    {"lang": "constructor", "level": PAYLOADS[14], "year": PAYLOADS[11], "at": "90,-180,30"},
    {"area": PAYLOADS[18], "view": PAYLOADS[14], "at": "Infinity,1e999,-1", "__proto__": "x"},
)


def _hostile(indicator, payload):
    """Return an indicator every text of which is the payload, its code included."""
    text = Text(payload, payload, payload)
    words = ("code", "unit", "direction", "domain", "perspective", "phenomenon", "source", "licence")
    ethics = EthicalNote(text, text, payload, payload)
    named = dict.fromkeys((*words, "reference_year"), payload)
    return replace(indicator, name=text, explanation=text, ethics=ethics, **named)


def _settings(payloads):
    """Return settings whose names and values are payloads, those that the page reads among them."""
    known = ("graph", "islands", "correction", "fdr", "interval_level", "region", "k", "method")
    read = {name: payloads[i % len(payloads)] for i, name in enumerate(known)}
    nested = {"neighbors_mean": 4, **{payload: list(payloads) for payload in payloads}}
    return {**{payload: payload for payload in payloads}, **read, "nested": nested}


def _context(payload):
    shapes = [box(219_000, 6_999_000, 221_000, 7_006_000)]
    return gpd.GeoDataFrame({"kind": "water", "name": [payload]}, geometry=shapes, crs="EPSG:3067")


def _everywhere(payload):
    """Put one text into every field that data can reach."""
    findings = small_findings()
    index = pd.Index([f"{payload}{i}" for i in range(len(IDS))], name="area_id", dtype=object)
    names = dict.fromkeys(("name_fi", "name_sv", "name_en"), payload)
    indicator = _hostile(findings.indicators[0], payload)
    frame = findings.results["low_income"].set_axis(index)
    frame.loc[index[0], ["status", *(result_column(m, "label") for m in LOCAL_METHODS)]] = payload
    told = ("doubt", "verdict", "depends_on")
    frame.loc[index[1], [result_column(m, word) for m in LOCAL_METHODS for word in told]] = payload
    frame.loc[index[1], "moved_by"] = payload
    compared = findings.comparisons.iloc[:2]
    hostile = replace(
        findings,
        title=Text(payload, payload, payload),
        areas=findings.areas.set_axis(index).assign(
            **names, municipality=[payload] * 6 + [payload + "b"] * 6, **{payload: payload}
        ),
        indicators=(indicator,),
        results={payload: frame.assign(**{payload: payload})},
        summary=pd.DataFrame({"reason": [payload]}, index=[payload]),
        settings=_settings([payload]),
        notes=(payload, payload),
        comparisons=compared.assign(code=payload, place=["", payload], basis=payload),
        context=_context(payload),
        level="postal",
        year="2020",
    )
    return replace(hostile, others=(replace(hostile, year="2019", context=None),))


def _unpacked(packed):
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_is_saved_as_text(payload, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiles = Tiles("https://tiles.example/{z}/{x}/{y}.png", payload)
    planner_map(_everywhere(payload), tiles=tiles).save("map.html")
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]
    page = Path("map.html").read_text(encoding="utf-8")
    read = json.loads(page.partition('id="lea-data">')[2].partition("</script>")[0])
    assert read["title"]["sv"] == payload
    assert read["tiles"]["attribution"] == payload
    place, sheet = read["places"][0], read["sheets"][0]
    assert _unpacked(place["names"]["en"]) == [payload] * len(IDS)
    assert sheet["indicators"][0]["code"] == payload
    assert sheet["settings"][payload] == payload
    assert set(_unpacked(sheet["comparisons"])["rows"][payload]) == {"", payload}
    assert page.count("</script>") == page.count("<script")


def test_columns_that_nobody_asked_for_stay_outside(tmp_path):
    areas = small_findings().areas[["geometry"]].assign(value=1.0, **dict.fromkeys(PAYLOADS, "pwned"))
    path = tmp_path / "map.html"
    planner_map(areas, title="{{ 7 * 7 }}").save(path)
    page = path.read_text(encoding="utf-8")
    assert "pwned" not in page
    assert "<title>{{ 7 * 7 }}</title>" in page


def _all_at_once():
    """Return one area and one indicator for each payload, made of it throughout, in two years."""
    findings = small_findings()
    index = pd.Index([f"{payload} {i}" for i, payload in enumerate(PAYLOADS)], name="area_id", dtype=object)
    indicators = tuple(_hostile(findings.indicators[0], payload) for payload in PAYLOADS)
    whole = findings.results["low_income"]
    frame = pd.concat([whole] * (N // len(whole) + 1)).iloc[:N].set_axis(index)
    frame["status"] = np.where(np.arange(N) % 3 == 0, PAYLOADS, frame["status"])
    for method in LOCAL_METHODS:
        frame[result_column(method, "label")] = PAYLOADS
        for word in ("doubt", "verdict", "depends_on"):
            frame[result_column(method, word)] = PAYLOADS
    frame["moved_by"] = PAYLOADS
    names = dict.fromkeys(("name_fi", "name_sv", "name_en", "municipality"), PAYLOADS)
    squares = [
        box(x, y, x + 500, y + 450)
        for x, y in ((220_000 + 500 * (i % 7), 7_000_000 + 450 * (i // 7)) for i in range(N))
    ]
    compared = pd.DataFrame({"code": code, "place": ("", *PAYLOADS)} for code in PAYLOADS[-5:])
    compared = compared.explode("place").assign(value=3.0, n_areas=1, n_valued=1, basis=PAYLOADS[14])
    world = replace(
        findings,
        title=Text(*[" ".join(PAYLOADS)] * 3),
        areas=gpd.GeoDataFrame(names, geometry=squares, crs="EPSG:3067", index=index),
        indicators=indicators,
        results={indicator.code: frame for indicator in indicators},
        summary=pd.DataFrame({"reason": PAYLOADS, "moran_statistic": 0.3}, index=list(PAYLOADS)),
        settings=_settings(PAYLOADS),
        notes=PAYLOADS,
        comparisons=compared.reindex(columns=list(findings.comparisons)),
        context=_context(PAYLOADS[14]),
        level="postal",
        year="2020",
        synthetic=False,
    )
    return replace(world, others=(replace(world, year="2019", context=None),))


@pytest.fixture(scope="module")
def hostile_map(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "map.html"
    planner_map(_all_at_once(), language="en").save(path)
    return path


@pytest.fixture(scope="module")
def running(chromium):
    with browser(chromium) as started:
        yield started


def _text(page, selector):
    return page.locator(selector).first.evaluate("node => node.textContent")


def _settle(page):
    page.evaluate("leaGeo.page.settled()")


def _nothing_ran(page, log, path):
    assert page.evaluate("typeof window.__pwned") == "undefined"
    assert page.evaluate("Object.keys(Object.prototype).length") == 0
    assert page.locator("iframe, img, base, meta[http-equiv=refresh], [onload], [onerror]").count() == 0
    assert log.dialogs == []
    assert log.errors == []
    asked = {url.partition("#")[0] for url in log.requests if not url.startswith("blob:")}
    assert asked == {path.as_uri()}


def _walk_left_panel(page):
    """Filter the picker, switch every class off and on, and go through the years."""
    for asked in ("<img", "__proto__", "=HYPER"):
        page.locator("#indicator").click()
        page.fill("#picker-filter", asked)
        page.keyboard.press("Enter")
        _settle(page)
    for button in page.locator("#legend button").all():
        button.click()
    page.locator("#legend-all").click()
    page.locator("#year").fill("0")
    until(page, "leaGeo.page.sheet.year === '2019'")
    _settle(page)


def _walk_areas(page):
    """Show every payload as an indicator, as an area, and under the pointer."""
    for i, payload in enumerate(PAYLOADS):
        page.evaluate("i => leaGeo.page.chooseIndicator(i)", i)
        page.evaluate("i => leaGeo.page.selectArea(i)", i)
        page.evaluate(
            "i => leaGeo.page.hover({ layerPoint: leaGeo.page.layer.pointOf(i),"
            " containerPoint: L.point(9, 9) })",
            i,
        )
        assert _text(page, "#area-name") == payload
        assert _text(page, "#explanation") == payload
        assert _text(page, "#indicator-shown") == payload
    assert page.locator("#area .all button").count() == N


def _walk_search(page):
    for asked in ("<img", "__proto__", "constructor", "{{", "\\"):
        page.fill("#area-search", asked)
        _settle(page)
        page.wait_for_selector("#search-results li")
    page.keyboard.press("Enter")
    _settle(page)


def _walk_comparison(page):
    for i in (11, 14, PAYLOADS.index("__proto__")):
        page.evaluate("i => leaGeo.page.toggleCompared(i)", i)
    page.locator("#tab-compare").click()
    _settle(page)
    assert PAYLOADS[14] in page.locator("#comparison thead").inner_text()
    page.locator("#comparison [data-remove]").first.click()


def _walk_scatter(page):
    page.locator("#tab-scatter").click()
    _settle(page)
    page.locator("#quadrants button:not([aria-disabled])").first.click()
    _settle(page)
    page.locator("#scatter-choice button").first.click()


def _walk_table(page):
    page.locator("#ranking-section summary").click()
    _settle(page)
    for k in range(page.locator("#ranking thead button").count()):
        page.locator("#ranking thead button").nth(k).click()
        _settle(page)
    page.fill("#table-filter", "<script>")
    _settle(page)
    assert page.locator("#ranking tbody tr").count() == sum("<script>" in payload for payload in PAYLOADS)
    page.fill("#table-filter", "")
    _settle(page)


def _saved(page, button):
    with page.expect_download() as waiting:
        page.locator(button).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def _take_files(page):
    """Save the picture and the table; no name leads elsewhere, and no cell is a formula."""
    name, picture = _saved(page, "#download-png")
    assert re.fullmatch(r"[\w-]+\.png", name)
    assert picture.startswith(b"\x89PNG")
    name, table = _saved(page, "#download-csv")
    assert re.fullmatch(r"[\w-]+\.csv", name)
    for row in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""), delimiter=","):
        for cell in row:
            number = re.fullmatch(r"-?[0-9.]+", cell)
            assert number or cell[:1] not in tuple("=+-@\t\r\n"), cell
    return table.decode("utf-8-sig")


@pytest.mark.browser
def test_hostile_texts_are_shown_as_text_in_every_panel(running, hostile_map):
    with opened(running, hostile_map) as (page, log):
        assert _text(page, "#title") == " ".join(PAYLOADS)
        for walk in (_walk_left_panel, _walk_areas, _walk_search, _walk_comparison):
            walk(page)
        for view in ("local_moran", "local_g_star", "value"):
            page.evaluate("view => leaGeo.page.chooseView(view)", view)
            assert page.locator("#legend li").count() > 0
        for walk in (_walk_scatter, _walk_table):
            walk(page)
        page.evaluate(
            "document.querySelectorAll('.below > details').forEach((part) => { part.open = true; })"
        )
        assert page.locator("#methods li").count() == N
        for language in ("fi", "sv", "en"):
            page.locator(f'button[data-language="{language}"]').click()
            _settle(page)
        saved = _take_files(page)
        assert PAYLOADS[14].replace('"', '""') in saved
        for event in ("beforeprint", "afterprint"):
            page.evaluate("name => window.dispatchEvent(new Event(name))", event)
        _settle(page)
        _nothing_ran(page, log, hostile_map)


@pytest.mark.browser
def test_a_hostile_address_opens_a_page_that_works(running, hostile_map):
    with opened(running, hostile_map) as (page, log):
        for asked in HOSTILE_ADDRESSES:
            for whence in ("about:blank", hostile_map.as_uri()):  # opened anew, and pasted into the open page
                page.goto(whence)
                page.goto(f"{hostile_map.as_uri()}#{urlencode(asked)}")
                page.wait_for_selector("body[data-ready]", timeout=20_000)
                _settle(page)
                assert page.evaluate("document.documentElement.lang") == "en"
                page.evaluate("leaGeo.page.selectArea(3)")
                assert _text(page, "#area-name") == PAYLOADS[3]
                middle = page.evaluate("Object.values(leaGeo.page.map.getCenter())")
                assert all(np.isfinite(middle))
        page.goto("about:blank")
        page.goto(f"{hostile_map.as_uri()}#%E0%A4%A&area=%&compare=%%%&=&&at=,,")
        page.wait_for_selector("body[data-ready]", timeout=20_000)
        _nothing_ran(page, log, hostile_map)


@pytest.mark.browser
def test_whose_tiles_they_are_is_told_as_text(running, tmp_path):
    told = " ".join(PAYLOADS)
    tiles = Tiles("http://127.0.0.1:9/{z}/{x}/{y}.png", told)  # nobody is there
    path = tmp_path / "map.html"
    planner_map(small_findings(), tiles=tiles).save(path)
    with opened(running, path) as (page, log):
        shown = page.locator(".leaflet-control-attribution").evaluate("node => node.textContent")
        assert shown == told.replace("\x00", "").replace("\r", "\n")
        assert page.evaluate("typeof window.__pwned") == "undefined"
        assert log.dialogs == []
