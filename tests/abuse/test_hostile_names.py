"""Names and texts that want to be code stay text: at save in Python, and in the browser."""

import json
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from chrome import PHONE, browser, opened
from shapely.geometry import box
from small_findings import IDS, small_findings

from lea_geo.maps.page import planner_map
from lea_geo.schema import EthicalNote, Text

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
    "__proto__",
    "constructor",
    '=HYPERLINK("https://evil.example")',
)


def _everywhere(payload):
    """Put one text into every field that data can reach."""
    findings = small_findings()
    text = Text(payload, payload, payload)
    ids = [f"{payload}{i}" for i in range(len(IDS))]
    index = pd.Index(ids, name="area_id", dtype=object)
    names = dict.fromkeys(("name_fi", "name_sv", "name_en"), payload)
    towns = [payload] * 6 + [payload + "b"] * 6
    indicators = tuple(
        replace(
            indicator,
            code=f"{payload}{indicator.code}",
            name=text,
            explanation=text,
            ethics=EthicalNote(text, text, payload, payload),
            unit=payload,
            direction=payload,
            domain=payload,
            perspective=payload,
            phenomenon=payload,
            source=payload,
            reference_year=payload,
            licence=payload,
        )
        for indicator in findings.indicators
    )
    results = {f"{payload}{code}": frame.set_axis(index) for code, frame in findings.results.items()}
    first = results[indicators[0].code]
    first.loc[ids[0], "local_moran_label"] = payload
    first.loc[ids[1], "status"] = payload
    summary = findings.summary.set_axis([indicator.code for indicator in indicators]).assign(reason=payload)
    return replace(
        findings,
        title=text,
        areas=findings.areas.set_axis(index).assign(**names, municipality=towns),
        indicators=indicators,
        results=results,
        summary=summary,
        settings={payload: payload, "graph": {payload: [payload]}, "region": payload},
        notes=(payload, payload),
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_is_saved_as_text(payload, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    planner_map(_everywhere(payload)).save("map.html")
    assert [file.name for file in tmp_path.iterdir()] == ["map.html"]
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    data = page.partition('id="lea-data">')[2].partition("</script>")[0]
    read = json.loads(data)
    assert read["title"]["sv"] == payload
    assert read["areas"]["name"]["en"] == [payload] * len(IDS)
    assert page.count("</script>") == page.count("<script")


def _all_at_once():
    """Return a world with one area and one indicator for each payload, made of it throughout."""
    n = len(PAYLOADS)
    findings = small_findings()
    index = pd.Index([f"{payload} {i}" for i, payload in enumerate(PAYLOADS)], name="area_id", dtype=object)
    indicators = tuple(_everywhere(payload).indicators[0] for payload in PAYLOADS)
    frame = pd.concat([findings.results["low_income"]] * 3).iloc[:n].set_axis(index)
    names = dict.fromkeys(("name_fi", "name_sv", "name_en", "municipality"), PAYLOADS)
    squares = [box(400_000 + 500 * i, 6_700_000, 400_500 + 500 * i, 6_700_500) for i in range(n)]
    return replace(
        findings,
        title=Text(*[" ".join(PAYLOADS)] * 3),
        areas=gpd.GeoDataFrame(names, geometry=squares, crs="EPSG:3067", index=index),
        indicators=indicators,
        results={indicator.code: frame for indicator in indicators},
        summary=pd.DataFrame({"reason": PAYLOADS}, index=[indicator.code for indicator in indicators]),
        settings={payload: payload for payload in PAYLOADS},
        notes=PAYLOADS,
    )


@pytest.mark.browser
def test_hostile_texts_are_shown_as_text(chromium, tmp_path):
    path = tmp_path / "map.html"
    planner_map(_all_at_once(), language="en").save(path)
    with browser(chromium) as running, opened(running, path, viewport=PHONE) as (page, log):
        for summary in page.locator(".below > details > summary").all():
            summary.click()
        page.evaluate("leaGeo.page.chooseView('local_moran')")
        page.evaluate("leaGeo.page.chooseLanguage('fi')")
        for i, payload in enumerate(PAYLOADS):
            page.evaluate("i => leaGeo.page.chooseIndicator(i)", i)
            page.evaluate("i => leaGeo.page.selectArea(i)", i)
            page.evaluate(
                "i => leaGeo.page.hover({ layerPoint: leaGeo.page.layer.pointOf(i),"
                " containerPoint: L.point(9, 9) })",
                i,
            )
            assert page.locator("#area-name").evaluate("node => node.textContent") == payload
            assert page.locator("#explanation").evaluate("node => node.textContent") == payload
        assert page.locator("#title").evaluate("node => node.textContent") == " ".join(PAYLOADS)
        assert page.evaluate("typeof window.__pwned") == "undefined"
        assert page.locator("#methods li, #area-table tbody tr").count() == 2 * len(PAYLOADS)
        assert log.dialogs == []
        assert log.errors == []
        assert log.requests == [path.as_uri()]
