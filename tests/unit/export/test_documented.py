"""A GeoPackage explains itself: valid for GDAL, its columns named, codes in words, sources told."""

import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace

import pyogrio
import pytest
from defusedxml import ElementTree as DefusedTree
from index_findings import whole_index_findings

import lea_geo as lea
from lea_geo import schema
from lea_geo.errors import UsageError
from lea_geo.export.dictionary import alias, meaning
from lea_geo.export.domains import domain_names, domain_of, domain_words
from lea_geo.export.stored import AREA_COLUMNS
from lea_geo.schema import LANGUAGES, Text

GMD = "{http://www.isotc211.org/2005/gmd}"
READ_BY_OLDER_GDAL = """
import json, sys
from osgeo import gdal
data = gdal.OpenEx(sys.argv[1])
layer = data.GetLayerByName("load")
fields = [layer.GetLayerDefn().GetFieldDefn(k) for k in range(layer.GetLayerDefn().GetFieldCount())]
domains = {f.GetName(): f.GetDomainName() for f in fields if f.GetDomainName()}
words = {name: data.GetFieldDomain(name).GetEnumeration() for name in domains.values()}
print(json.dumps([layer.GetFeatureCount(), domains, words]))
"""


@pytest.fixture
def path(tmp_path):
    lea.write_geopackage(whole_index_findings(ledgers=True), tmp_path / "study.gpkg", language="sv")
    return tmp_path / "study.gpkg"


def rows(path, query):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


@pytest.mark.parametrize("language", LANGUAGES)
def test_gdals_validator_finds_no_error(wide, tmp_path, system_gdal, language):
    lea.write_geopackage(wide, tmp_path / "study.gpkg", language=language)
    command = [
        system_gdal,
        "-m",
        "osgeo_utils.samples.validate_gpkg",
        "--extra",
        str(tmp_path / "study.gpkg"),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stdout.strip(), told.stderr.strip()) == (0, "", "")


def test_the_validator_would_find_an_error(path, system_gdal):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE gpkg_metadata_reference SET reference_scope = 'planet'")
    command = [system_gdal, "-m", "osgeo_utils.samples.validate_gpkg", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode != 0
    assert "reference_scope" in told.stdout + told.stderr


def test_an_older_gdal_reads_the_words_for_codes(path, system_gdal):
    command = [system_gdal, "-c", READ_BY_OLDER_GDAL, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    count, domains, words = json.loads(told.stdout)
    assert count == 12
    assert domains["status"] == "lea_status"
    assert words["lea_status"]["suppressed"] == "Sekretessbelagd av dataskyddsskäl"
    assert words["lea_label_local_g_star"]["High-High"] == "Anhopning av höga värden (High-High)"
    assert words["lea_doubt"][""] == "ingen känd orsak"


def test_the_wheels_gdal_reads_every_layer_and_every_table(path):
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    frames = {name: pyogrio.read_dataframe(path, layer=name) for name in layers}
    assert len(frames["load"]) == 12
    told = pyogrio.read_info(path, layer="load")["layer_metadata"]
    assert told["IDENTIFIER"] == "Kuormitus (sv)"
    assert "MD_Metadata" in told["GPKG_METADATA_ITEM_1"]
    assert set(frames["layer_styles"]["f_table_name"]) == {
        *("areas", "load", "resource", "low_income", "income", "plain")
    }


def test_each_layer_has_one_default_style_and_no_name_too_long_or_twice(path):
    found = rows(
        path,
        "SELECT f_table_name, sum(useAsDefault), count(*), max(length(styleName)) "
        "FROM layer_styles GROUP BY 1",
    )
    assert {name: (default, longest <= 30) for name, default, _, longest in found} == dict.fromkeys(
        ("areas", "load", "resource", "low_income", "income", "plain"), (1, True)
    )
    named = rows(path, "SELECT f_table_name, styleName FROM layer_styles")
    assert len(set(named)) == len(named)
    assert rows(path, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'") == [
        ("attributes",)
    ]


def test_symbols_are_written_in_the_old_form_and_in_the_new_one_and_say_the_same(path):
    for (text,) in rows(path, "SELECT styleQML FROM layer_styles"):
        for layer in DefusedTree.fromstring(text).iter("layer"):
            old = {one.get("k"): one.get("v") for one in layer.findall("prop")}
            new = {one.get("name"): one.get("value") for one in layer.findall("Option/Option")}
            assert old == new != {}


def test_every_column_of_every_layer_and_table_is_documented(path):
    told = {
        row[:2]: row[2:]
        for row in rows(
            path,
            "SELECT table_name, column_name, name, title, description, "
            "constraint_name FROM gpkg_data_columns",
        )
    }
    for (table,) in rows(path, "SELECT table_name FROM gpkg_contents WHERE table_name <> 'layer_styles'"):
        columns = {name for _, name, *_ in rows(path, f'PRAGMA table_info("{table}")')} - {"fid", "geom"}
        assert columns == {column for layer, column in told if layer == table}
        assert all(all(told[table, column][:3]) for column in columns)
    known = {
        name for (name,) in rows(path, "SELECT DISTINCT constraint_name FROM gpkg_data_column_constraints")
    }
    assert {constraint for *_, constraint in told.values() if constraint} <= known
    assert told["load", "ledger_place"][3] == "lea_ledger_place"
    assert told["load", "status"][:2] == (
        "Vad man vet om värdet",
        "Vad man vet om värdet / Mitä arvosta tiedetään / What is known of the value",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_columns_of_a_layer_share_an_alias(language):
    columns = ("area_id", *AREA_COLUMNS, *schema.RESULT_COLUMNS, "ledger_place")
    aliases = [alias(name).in_language(language).casefold() for name in columns]
    assert len(set(aliases)) == len(columns)
    assert all(meaning(name).in_language(language) for name in columns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_a_column_can_hold_has_words_of_its_own(language):
    for name in domain_names():
        words = domain_words(name, language)
        assert all(words.values())
        assert len(set(words.values())) == len(words), f"two values of {name} read the same"
    assert set(domain_words(domain_of("status"), language)) == {str(one) for one in schema.Status}
    assert "scale zoning" in domain_words(domain_of("local_g_star_depends_on"), language)
    assert domain_of("value") == domain_of("local_moran_q_value") == ""


def test_metadata_tell_source_licence_and_what_the_file_was_computed_from(tmp_path):
    findings = whole_index_findings()
    inputs = [{"role": "areas", "path": "areas.gpkg", "sha256": "ab" * 32}]
    lea.write_geopackage(findings, tmp_path / "study.gpkg", language="en", inputs=inputs)
    told = dict(
        rows(
            tmp_path / "study.gpkg",
            "SELECT table_name, metadata FROM gpkg_metadata_reference AS r "
            "JOIN gpkg_metadata AS m ON r.md_file_id = m.id",
        )
    )
    assert set(told) == {None, *findings.results}
    whole, layer = (DefusedTree.fromstring(told[name]) for name in (None, "low_income"))
    assert whole.tag == layer.tag == f"{GMD}MD_Metadata"
    statement = "".join(whole.find(f".//{GMD}statement").itertext())
    assert "areas: areas.gpkg, sha256 " + "ab" * 32 in statement
    assert '"seed": 2009' in statement
    assert "One value is withheld." in statement
    low = findings.indicators[3]
    assert "".join(layer.find(f".//{GMD}title").itertext()).strip() == low.name.en
    assert "".join(layer.find(f".//{GMD}otherConstraints").itertext()).strip() == low.licence
    assert low.source in "".join(layer.find(f".//{GMD}statement").itertext())
    assert {
        scope for (scope,) in rows(tmp_path / "study.gpkg", "SELECT md_standard_uri FROM gpkg_metadata")
    } == {"http://www.isotc211.org/2005/gmd"}


def test_layers_have_readable_names_of_their_own(wide, tmp_path):
    lea.write_geopackage(wide, tmp_path / "study.gpkg", language="en")
    named = dict(rows(tmp_path / "study.gpkg", "SELECT table_name, identifier FROM gpkg_contents"))
    assert named["low_income"] == "Pienituloiset (en) (Postal areas, 2018)"
    assert named["postal_2016_low_income"] == "Pienituloiset (en) (Postal areas, 2016)"
    assert named["grid_areas"] == "Grid cells"
    assert len(set(named.values())) == len(named)


def test_names_that_two_indicators_share_stay_apart(findings, tmp_path):
    same = tuple(replace(one, name=Text("Sama", "Sama", "sama")) for one in findings.indicators)
    lea.write_geopackage(replace(findings, indicators=same), tmp_path / "study.gpkg")
    named = [name for (name,) in rows(tmp_path / "study.gpkg", "SELECT identifier FROM gpkg_contents")]
    assert len({name.casefold() for name in named}) == len(named)


def test_text_that_xml_cannot_hold_is_replaced_and_the_rest_of_the_file_is_whole(findings, tmp_path):
    odd = replace(findings, title=Text("a\x01b\ufffe", "<&>", "]]>"), notes=("\x08",))
    lea.write_geopackage(odd, tmp_path / "study.gpkg")
    for (text,) in rows(tmp_path / "study.gpkg", "SELECT metadata FROM gpkg_metadata"):
        DefusedTree.fromstring(text)
    assert lea.read_geopackage(tmp_path / "study.gpkg").title == odd.title


def test_the_language_is_the_one_asked_for_or_that_of_the_study(findings, tmp_path):
    swedish = replace(findings, settings={**findings.settings, "language": "sv"})
    query = "SELECT name FROM gpkg_data_columns WHERE table_name = 'areas' AND column_name = 'area_id'"
    for language, given, expected in (
        (None, swedish, "Områdets kod"),
        ("en", swedish, "Id of the area"),
        (None, replace(findings, settings={"language": "<x>"}), "Alueen tunnus"),
    ):
        lea.write_geopackage(given, tmp_path / "study.gpkg", language=language)
        assert rows(tmp_path / "study.gpkg", query) == [(expected,)]
    with pytest.raises(UsageError, match="There is no language 'de': choose fi, sv, en"):
        lea.write_geopackage(findings, tmp_path / "other.gpkg", language="de")
    assert not (tmp_path / "other.gpkg").exists()


def test_a_file_of_an_earlier_release_is_read_as_before(wide, tmp_path):
    """Version 4 had none of the tables that explain; what findings are read from is the same."""
    path = tmp_path / "study.gpkg"
    lea.write_geopackage(wide, path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_metadata'")
        for table in (
            "layer_styles",
            "gpkg_data_column_constraints",
            "gpkg_metadata_reference",
            "gpkg_metadata",
        ):
            database.execute(f"DROP TABLE {table}")
        database.execute("DELETE FROM gpkg_extensions WHERE table_name = 'gpkg_data_column_constraints'")
        database.execute("DELETE FROM gpkg_contents WHERE table_name = 'layer_styles'")
    found = lea.read_geopackage(path)
    assert (found.title, found.indicators) == (wide.title, wide.indicators)
    assert found.results["low_income"].equals(lea.read_geopackage(path).results["low_income"])


def test_a_number_that_no_class_can_hold_is_in_a_class_of_its_own(findings, tmp_path):
    huge = findings.results["plain"].assign(value=[1.7e308, *findings.results["plain"]["value"][1:]])
    given = replace(findings, results={**findings.results, "plain": huge})
    lea.write_geopackage(given, tmp_path / "study.gpkg", language="en")
    ((text,),) = rows(
        tmp_path / "study.gpkg", "SELECT styleQML FROM layer_styles WHERE f_table_name = 'plain'"
    )
    rules = {rule.get("label"): rule.get("filter") for rule in DefusedTree.fromstring(text).iter("rule")}
    assert rules["Cannot be computed"] == "ELSE"
    assert sum("308" in condition for condition in rules.values()) == 0
