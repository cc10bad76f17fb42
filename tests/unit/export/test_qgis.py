"""QGIS (Debian's, without a screen) opens a study as a person would: styled, named and in words."""

import hashlib
import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from index_findings import whole_index_findings
from small_findings import IDS, MISSING, NOT_APPLICABLE, SUPPRESSED, ZERO

import lea_geo as lea
from lea_geo._colours import SEQUENTIAL, STYLES
from lea_geo.schema import Label, Status, Text

pytestmark = pytest.mark.qgis
LAYERS = ("areas", "load", "resource", "low_income", "income", "plain")
PROBE = Path(__file__).parents[2] / "helpers" / "qgis_probe.py"
HOSTILE = "[% 'ra' || 'n!' %]<b onclick=\"x\">'\"]]> & \\"


def opened(python, path, folder, *drawn):
    """Return what QGIS says of every layer, and how the styles of some are drawn."""
    command = [python, str(PROBE), str(path), str(folder), *drawn]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return json.loads(told.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def seen(qgis_python, tmp_path_factory):
    """What QGIS says of a study with two ledgers; and the file with its bytes before."""
    folder = tmp_path_factory.mktemp("qgis")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        lea.write_geopackage(whole_index_findings(ledgers=True), folder / "study.gpkg", language="sv")
        before = hashlib.sha256((folder / "study.gpkg").read_bytes()).hexdigest()
        told = opened(qgis_python, folder / "study.gpkg", folder, *LAYERS)
    assert hashlib.sha256((folder / "study.gpkg").read_bytes()).hexdigest() == before, "QGIS only looked"
    return told


def test_every_layer_and_table_is_valid_and_styles_are_no_layer_of_their_own(seen):
    layers = set(LAYERS)
    tables = {"lea_indicators", "lea_summary", "lea_comparisons", "lea_study", "lea_sheets", "lea_chapters"}
    assert set(seen) == layers | tables
    assert all(one["valid"] for one in seen.values())
    assert {(seen[name]["count"], seen[name]["crs"]) for name in layers} == {(12, "EPSG:3067")}
    assert not any(seen[name]["spatial"] for name in tables)


def test_a_tested_layer_opens_as_clusters_with_words_for_each_class_and_a_pattern_for_each_gap(seen):
    layer = seen["low_income"]
    assert layer["type"] == "categorizedSymbol"
    assert layer["legend"] == [
        ["High-High", "Högt värde, omgivet av höga (High-High)"],
        ["Low-Low", "Lågt värde, omgivet av låga (Low-Low)"],
        ["Low-High", "Lågt värde, omgivet av höga (Low-High)"],
        ["High-Low", "Högt värde, omgivet av låga (High-Low)"],
        ["Not significant", "Kan inte skiljas från slumpen (Not significant)"],
        ["Isolate", "Inga grannar (Isolate)"],
        ["suppressed", "Sekretessbelagd av dataskyddsskäl"],
        ["missing", "Uppgift saknas"],
        ["not_applicable", "Ej tillämpligt för området"],
    ]
    assert [len(symbol) for symbol in layer["symbols"]] == [1, 1, 1, 1, 1, 2, 2, 2, 3]
    assert layer["symbols"][6] == ["SimpleFill", "PointPatternFill"]


def test_every_area_of_every_style_is_drawn(seen):
    assert {one["undrawn"] for one in seen.values() if one["spatial"]} == {0}
    styles = [style for name in LAYERS for style in seen[name]["styles"]]
    assert {style["undrawn"] for style in styles} == {0}
    assert all(len(style["colours"]) > 2 for style in styles), "a picture is empty"


def test_a_layer_without_tests_opens_as_values_in_the_classes_of_the_map(seen):
    assert seen["plain"]["type"] == "RuleRenderer"
    # Nine values 0.0 1.1 3.3 4.1 12.0 17.8 22.5 28.1 31.3 in fifths, by hand, and three gaps.
    assert [label.replace("\u00a0", " ") for _, label in seen["plain"]["legend"]] == [
        "0,0–1,1 %",
        "3,3–4,1 %",
        "12,0 %",
        "17,8–22,5 %",
        "28,1–31,3 %",
        "Sekretessbelagd av dataskyddsskäl",
        "Uppgift saknas",
        "Ej tillämpligt för området",
    ]


def test_other_styles_are_offered_by_name_and_leave_the_columns_their_names(seen):
    offered = {style["name"]: style for style in seen["load"]["styles"]}
    assert list(offered) == [
        "Skiljer sig (Moran)",
        "Anhopningar (Gi*)",
        "Hur säkert (Moran)",
        "Värden",
        "Femtedelar",
        "Belastning och resurser",
    ]
    assert all(style["ok"] and style["keeps"] for style in offered.values())
    assert offered["Belastning och resurser"]["legend"][0][0] == "high_load_low_resource"
    unsure = dict(offered["Hur säkert (Moran)"]["legend"])["High-High ?"]
    assert unsure == "Högt värde, omgivet av höga (High-High), osäkert eller beror på val"


def test_the_pictures_hold_the_colours_of_the_map(seen):
    clusters, _, _, values = (set(style["colours"]) for style in seen["low_income"]["styles"])
    drawn = (Label.HIGH_HIGH, Label.LOW_LOW, Label.LOW_HIGH, Label.HIGH_LOW, Label.NOT_SIGNIFICANT)
    assert {STYLES[one].fill for one in drawn} <= clusters
    assert set(SEQUENTIAL) <= values
    assert STYLES[Status.SUPPRESSED].ink in clusters & values


def test_columns_have_names_and_coded_values_have_words_in_the_language_of_the_study(seen):
    fields = seen["load"]["fields"]
    assert fields["area_id"][0] == "Områdets kod"
    assert fields["local_moran_q_value"][0] == "Moran: q-värde"
    assert fields["status"][1]["suppressed"] == "Sekretessbelagd av dataskyddsskäl"
    assert fields["local_g_star_label"][1]["High-High"] == "Anhopning av höga värden (High-High)"
    assert fields["local_moran_depends_on"][1]["scale zoning"] == (
        "områdenas storlek, var områdesgränserna går"
    )
    assert fields["ledger_place"][1][""] == "inte båda poängen"
    aliases = [alias for name, (alias, _) in fields.items() if name != "fid"]
    assert all(aliases)
    assert len(set(aliases)) == len(aliases)


def test_a_map_tip_says_the_value_with_its_interval_and_the_label_in_words(seen):
    tips = dict(zip(IDS, (tip.replace("\u00a0", " ") for tip in seen["low_income"]["tips"]), strict=True))
    first = tips[IDS[0]].split("<br>")
    assert first[:2] == ["<b>Satama sv</b> (65000)", "Pienituloiset (sv): <b>31,3 %</b>"]
    assert first[2].startswith("95-procentigt konfidensintervall ")
    assert first[3] == "Moran: Högt värde, omgivet av höga (High-High)"
    assert first[-1].startswith("<i>Påhittade uppgifter.")
    assert "<b>Sekretessbelagd av dataskyddsskäl</b><br>Möjligt intervall 0,0 % – 9,7 %" in tips[SUPPRESSED]
    assert "<b>Uppgift saknas</b>" in tips[MISSING]
    assert "<b>Ej tillämpligt för området</b>" in tips[NOT_APPLICABLE]
    assert "<b>0,0 %</b>" in tips[ZERO]
    assert "Kan inte sägas; beror på slumpvariationen i små tal" in seen["load"]["tips"][2]


def test_no_name_becomes_an_expression_or_a_tag(findings, tmp_path, qgis_python, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    name = Text(HOSTILE, HOSTILE, HOSTILE)
    named = tuple(replace(one, name=name) for one in findings.indicators)
    areas = findings.areas.assign(name_fi=HOSTILE, municipality=HOSTILE)
    lea.write_geopackage(replace(findings, areas=areas, indicators=named, title=name), tmp_path / "x.gpkg")
    seen = opened(qgis_python, tmp_path / "x.gpkg", tmp_path)
    area, indicator, *_ = seen["low_income"]["tips"][0].split("<br>")
    assert area == "<b>&#91;% 'ra' || 'n!' %]&lt;b onclick=\"x\"&gt;'\"]]&gt; &amp; \\</b> (65000)"
    assert indicator.startswith(
        "&#91;% &#x27;ra&#x27; || &#x27;n!&#x27; %&#93;&lt;b onclick=&quot;x&quot;&gt;"
    )
    assert not any("ran!" in tip for one in seen.values() for tip in one.get("tips", ()))
    assert seen["income"]["undrawn"] == 0


@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_layer_of_years_grids_and_water_opens_styled(
    wide, tmp_path, qgis_python, monkeypatch, language
):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    lea.write_geopackage(wide, tmp_path / "study.gpkg", language=language)
    seen = opened(qgis_python, tmp_path / "study.gpkg", tmp_path, "context")
    spatial = {name: one for name, one in seen.items() if one["spatial"]}
    assert {"context", "grid_areas", "grid_low_income", "postal_2016_income"} <= set(spatial)
    assert all(one["valid"] and one["type"] != "singleSymbol" for one in spatial.values())
    assert {one["undrawn"] for one in spatial.values()} == {0}
    water = {"fi": "Vesi", "en": "Water"}[language]
    assert spatial["context"]["legend"][0] == ["water", water]
    assert (tmp_path / "context-0.png").is_file()
