"""Indicator tables: files as people have them, and the numbers that stand in them."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point

import lea_geo as lea
from lea_geo.errors import TableError, UsageError
from lea_geo.intake.tables import IndicatorTable

CATALOGUE = """
[catalogue]
name = { fi = "Pieni", sv = "Liten", en = "Small" }
source = "Nowhere"
licence = "CC BY 4.0"
default_source = "here"
id_scheme = "SCHEME"

[sources.here.sentinels]
"-1" = "suppressed"
"..." = "suppressed"
".." = "missing"
"." = "not_applicable"
"-" = "structural_zero"

[attributes]
area_id = ["postinumero", "posti_alue"]
name_fi = ["nimi"]
municipality = ["kunta"]
year = ["vuosi", "Vuosi"]
value = ["Arvo"]

[groups.g]
total = "people"
minimum = 30
fields = ["children", "income"]
measures = ["income"]

[fields]
people = { aliases = ["Asukkaat (HE)"] }
children = { aliases = ["Lapset (HE)"] }
income = { plausible = [1000, 90000] }
move = { signed = true }
"""
INDICATOR = """
[[indicators]]
code = "CODE"
name = { fi = "N", sv = "N", en = "N" }
explanation = { fi = "E.", sv = "E.", en = "E." }
FORMULA
direction = "protects"
domain = "health"
perspective = "individual"
phenomenon = "services"
ethics.need = { fi = "N.", sv = "N.", en = "N." }
ethics.harm = { fi = "H.", sv = "H.", en = "H." }
"""
FORMULAS = {
    "share": """
numerator = ["children"]
denominator = ["people"]
scale = 100
unit = "percent"
kind = "intensive"
""",
    "people": 'field = "people"\nunit = "persons"\nkind = "extensive"',
    "kids": 'field = "children"\nunit = "persons"\nkind = "extensive"',
    "income": 'field = "income"\nunit = "euro"\nkind = "intensive"',
    "move": 'field = "move"\nunit = "persons"\nkind = "extensive"',
}
Read = Callable[..., IndicatorTable]


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.toml"
    text = "".join(INDICATOR.replace("CODE", c).replace("FORMULA", f) for c, f in FORMULAS.items())
    path.write_text(CATALOGUE.replace("SCHEME", "postal") + text, encoding="utf-8")
    return path


@pytest.fixture
def read(tmp_path: Path, catalogue: Path) -> Read:
    """Write a text as a CSV file and read it with the small catalogue."""

    def reader(
        text: str, *, encoding: str = "utf-8", name: str = "t.csv", **options: object
    ) -> IndicatorTable:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return lea.read_indicators(path, catalogue, **({"area_id": "postinumero"} | options))

    return reader


def cell(table: IndicatorTable, code: str, area: str) -> dict[str, object]:
    """What is known of one indicator in one area, without what is not."""
    return table.cells(code).loc[area].dropna().to_dict()


# Statuses


def test_a_rate_is_its_scale_times_numerator_over_denominator(read: Read):
    table = read("postinumero,people,children\n00100,200,50\n")
    assert cell(table, "share", "00100") == {
        "value": 25.0, "status": "observed", "numerator": 50.0, "denominator": 200.0,
    }  # fmt: skip


def test_a_withheld_detail_lies_between_zero_and_the_visible_total(read: Read):
    table = read("postinumero,people,children\n00100,28,-1\n")
    assert cell(table, "kids", "00100") == {"status": "suppressed", "lower": 0.0, "upper": 28.0}
    share = cell(table, "share", "00100")
    assert share == {"status": "suppressed", "lower": 0.0, "upper": 100.0, "denominator": 28.0}


def test_a_withheld_total_is_below_the_threshold(read: Read):
    table = read("postinumero,people,children\n00100,-1,-1\n")
    assert cell(table, "people", "00100") == {"status": "suppressed", "lower": 0.0, "upper": 29.0}
    assert cell(table, "kids", "00100") == {"status": "suppressed", "lower": 0.0, "upper": 29.0}


def test_a_withheld_median_has_no_bounds(read: Read):
    table = read("postinumero,people,income\n00100,28,-1\n00120,100,30000\n")
    assert cell(table, "income", "00100") == {"status": "suppressed"}
    assert cell(table, "income", "00120") == {"status": "observed", "value": 30000.0}


def test_each_declared_sentinel_becomes_its_status(read: Read):
    table = read("postinumero,people\n00100,...\n00120,..\n00130,.\n00140,-\n00150,\n00160,7\n")
    assert table.status["people"].to_dict() == {
        "00100": "suppressed",
        "00120": "missing",
        "00130": "not_applicable",
        "00140": "structural_zero",
        "00150": "missing",
        "00160": "observed",
    }
    assert table.values["people"]["00140"] == 0


def test_nobody_there_means_a_structural_zero_for_counts_and_no_answer_for_rates_and_medians(read: Read):
    table = read("postinumero,people,children,income\n00100,0,0,0\n00120,100,10,20000\n")
    assert cell(table, "kids", "00100") == {"value": 0.0, "status": "structural_zero"}
    assert cell(table, "share", "00100") == {"status": "not_applicable", "numerator": 0.0, "denominator": 0.0}
    assert cell(table, "income", "00100") == {"status": "not_applicable"}
    assert cell(table, "people", "00100") == {"value": 0.0, "status": "observed"}


def test_withheld_values_written_as_zero_are_found_and_reported(read: Read):
    table = read("postinumero,people,children,income\n00100,28,0,0\n00120,100,0,20000\n00130,90,9,0\n")
    assert table.status["share"].to_list() == ["suppressed", "observed", "observed"]
    assert table.status["income"].to_list() == ["suppressed", "observed", "suppressed"]
    assert any(
        "In 1 areas every detail of the group 'g' is 0 although people is not" in n
        for n in table.report.notes
    )
    assert any("In 1 areas income is 0 although people is not" in n for n in table.report.notes)


def test_a_hidden_part_of_a_sum_bounds_the_rate_by_its_own_bounds(finland: Path):
    # 34530 in 2018: 27 in the labour force, its parts withheld: each is 0 to 27 and the rate 0 to 100.
    table = lea.read_indicators(finland / "paavo_2018_whole_country.csv", area_id="postinumero")
    assert cell(table, "unemployment", "34530") == {"status": "suppressed", "lower": 0.0, "upper": 100.0}
    # Area 34530 has 73 residents and 36 workplaces: nothing is hidden.
    assert cell(table, "care_jobs", "34530")["value"] == pytest.approx(1000 * 15 / 73)


def test_negative_numbers_are_values_only_where_the_field_is_signed(read: Read):
    assert read("postinumero,move\n00100,-12\n").values["move"]["00100"] == -12


def test_a_field_of_impossible_values_is_reported_as_not_available(read: Read):
    table = read("postinumero,people,income\n00100,100,30\n00120,100,25\n")
    assert "income" not in table.codes
    assert "has the file lost its decimal separators" in table.report.unavailable["income"]


# Files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(read: Read, encoding: str, separator: str):
    text = "postinumero,nimi,people\n00100,Töölö,200\n00120,Åggelby,90\n".replace(",", separator)
    table = read(text, encoding=encoding)
    assert table.attributes["name_fi"].to_list() == ["Töölö", "Åggelby"]
    assert table.report.separator == separator
    assert table.report.encoding == ("cp1252" if encoding == "latin-1" else encoding)


def test_a_decimal_comma_is_read_and_reported(read: Read):
    table = read("postinumero;people;income\n00100;100;20000,5\n00120;100;21000,25\n")
    assert table.values["income"].to_list() == [20000.5, 21000.25]
    assert table.report.decimal == ","
    assert "Decimal commas were read as decimal points." in table.report.notes


def test_spaces_between_thousands_are_removed_and_reported(read: Read):
    table = read("postinumero;people;income\n00100;100;20 000,5\n00120;100;21\N{NO-BREAK SPACE}000,25\n")
    assert table.values["income"].to_list() == [20000.5, 21000.25]
    assert "Spaces between thousands were removed." in table.report.notes


def test_a_comma_that_can_be_two_things_is_asked_about(read: Read):
    text = "postinumero;people;income\n00100;100;20,000\n00120;100;21,250\n"
    with pytest.raises(
        TableError, match=r"1,234 can be 1\.234 or 1 234: 1 \(income\)\. Say which with decimal="
    ):
        read(text)
    assert read(text, decimal=".").values["income"].to_list() == [20000, 21250]


def test_lines_above_the_header_are_passed_over_and_reported(read: Read):
    table = read('"12f7 -- All groups, 2023"\n\n"postinumero","people"\n"00100",200\n')
    assert table.values["people"]["00100"] == 200
    assert 'Lines above the header were passed over: "12f7 -- All groups, 2023".' in table.report.notes


def test_gzip_and_zip_are_unpacked(tmp_path: Path, catalogue: Path):
    text = b"postinumero,people\n00100,200\n"
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(text))
    archive = tmp_path / "t.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("one.csv", text)
        file.writestr("readme.md", "no table")
    for path in (packed, archive):
        assert lea.read_indicators(path, catalogue, area_id="postinumero").values["people"]["00100"] == 200


def test_a_workbook_gives_its_values_and_names_the_hidden_sheet(tmp_path: Path, catalogue: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Väestö 2023"])
    sheet.append(["postinumero", "nimi", "people", "children"])
    sheet.append([100, "Töölö", 200, 50])
    sheet.append(["00120", None, 90, -1])
    book.create_sheet("secret").sheet_state = "hidden"
    path = tmp_path / "t.xlsx"
    book.save(path)
    table = lea.read_indicators(path, catalogue, area_id="postinumero")
    assert table.values["share"]["00100"] == 25
    assert table.status["share"]["00120"] == "suppressed"
    assert table.report.repaired == ("100 -> 00100",)
    assert "Hidden sheets were not read: secret." in table.report.notes


def test_parquet_and_geopackage_keep_text_ids_and_turn_nulls_into_empty_cells(
    tmp_path: Path, catalogue: Path
):
    frame = pd.DataFrame({"postinumero": ["00100", "00120"], "people": [200.0, None], "children": [50, 3]})
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    points = gpd.GeoDataFrame(frame, geometry=[Point(0, 0), Point(1, 1)], crs="EPSG:3067")
    points.to_file(tmp_path / "t.gpkg", layer="a")
    points.to_file(tmp_path / "t.geojson")
    for name in ("t.parquet", "t.gpkg", "t.geojson"):
        table = lea.read_indicators(tmp_path / name, catalogue, area_id="postinumero")
        assert table.values["share"]["00100"] == 25, name
        assert table.status["share"]["00120"] == "missing", name


# Ids, labels, totals


def test_lost_leading_zeros_come_back_where_the_scheme_is_known(read: Read):
    table = read("postinumero,people\n100,1\n120.0,2\n1.0010E+04,3\n65100,4\n")
    assert table.values.index.to_list() == ["00100", "00120", "10010", "65100"]
    assert table.report.repaired == ("100 -> 00100", "120.0 -> 00120", "1.0010E+04 -> 10010")
    assert "3 codes were restored to 5 digits (100 -> 00100)." in table.report.notes


def test_totals_are_set_aside_and_reported(read: Read):
    table = read("postinumero,people\nKOKO MAA,999\n00100,200\n000,5\n")
    assert table.values.index.to_list() == ["00100"]
    assert table.report.totals == ("KOKO MAA", "000")
    assert "Rows that are totals, no areas, were set aside: KOKO MAA, 000." in table.report.notes


def test_labels_are_split_into_code_name_and_municipality(read: Read):
    table = read('postinumero,people\n"00100  Keskusta - Töölö (Helsinki)",1\n"65280  Gerby",2\n')
    assert table.values.index.to_list() == ["00100", "65280"]
    assert table.attributes["name_fi"].to_list() == ["Keskusta - Töölö", "Gerby"]
    assert table.attributes["municipality"].to_list() == ["Helsinki", ""]


def test_another_name_of_the_id_column_is_taken_and_reported(read: Read):
    table = read("posti_alue,people\n00100,1\n")
    assert any("'posti_alue', which is another name of 'postinumero'" in note for note in table.report.notes)


def test_mojibake_is_mended_and_reported(read: Read):
    table = read("postinumero,nimi,people\n00100,TÃ¶Ã¶lÃ¶,1\n00120,ÃlÃ¤kylÃ¤,2\n")
    assert table.attributes["name_fi"]["00100"] == "Töölö"
    assert any("cells of nimi had been UTF-8 read as cp1252 and were mended" in n for n in table.report.notes)


def test_letters_lost_for_good_are_reported(read: Read):
    table = read("postinumero,nimi,people\n00100,T\N{REPLACEMENT CHARACTER}l,1\n")
    assert any("garbled letters" in note for note in table.report.notes)


# Long tables and years


def test_a_long_table_is_turned_by_field_and_year(read: Read):
    text = (
        "Tiedot,postinumero,Vuosi,Arvo\n"
        "Asukkaat (HE),00100,2021,180\nLapset (HE),00100,2021,18\n"
        "Asukkaat (HE),00100,2022,200\nLapset (HE),00100,2022,50\nKissat,00100,2022,9\n"
    )
    table = read(text, year=2022)
    assert table.values["share"]["00100"] == 25
    assert table.report.layout == "long"
    assert table.report.year == "2022"
    assert "1 kinds of rows are no fields of the catalogue and were passed over." in table.report.notes


def test_years_as_columns_are_a_long_table_too(read: Read):
    text = (
        'Area,Information,2021,2022\n"00100  A (B)",Asukkaat (HE),180,200\n"00100  A (B)",Lapset (HE),18,50\n'
    )
    assert read(text, area_id="Area", year="2022").values["share"]["00100"] == 25


def test_a_row_that_a_long_table_lacks_is_an_empty_cell(read: Read):
    text = "Tiedot,postinumero,Arvo\nAsukkaat (HE),00100,200\nAsukkaat (HE),00120,90\nLapset (HE),00120,9\n"
    assert read(text).status["share"].to_dict() == {"00100": "missing", "00120": "observed"}


def test_the_year_of_the_table_is_the_reference_year(read: Read):
    table = read("postinumero,vuosi,people\n00100,2018,1\n")
    assert table.report.year == "2018"
    assert {indicator.reference_year for indicator in table.indicators} == {"2018"}


def test_a_year_that_only_the_caller_knows_is_noted(read: Read):
    table = read("postinumero,people\n00100,1\n", year=2018)
    assert "The file states no year; it was taken to be of 2018, as told." in table.report.notes


def test_rows_of_other_years_are_counted(read: Read):
    table = read("postinumero,vuosi,people\n00100,2018,1\n00100,2019,2\n", year=2019)
    assert table.values["people"]["00100"] == 2
    assert "1 rows of other years than 2019 were passed over." in table.report.notes


# Outliers


def test_a_count_that_stands_alone_is_reported_and_kept(read: Read):
    rows = [f"{10000 + k:05d},{k}" for k in range(1, 30)]
    crowd = read("postinumero,people\n" + "\n".join([*rows, "00200,146"]))
    assert crowd.report.outliers[0].area_id == "00200"
    assert crowd.values["people"]["00200"] == 146
    assert "people is 146 in 00200, more than 5 times the next largest (29)" in str(crowd.report.outliers[0])
    # Five times and no more: 145 is not more than 5 * 29.
    assert not read("postinumero,people\n" + "\n".join([*rows, "00200,145"])).report.outliers
    # Among 29 areas nothing is said.
    assert not read("postinumero,people\n" + "\n".join([*rows[1:], "00200,999"])).report.outliers


# The table as an object


def test_a_table_takes_the_order_it_is_given_and_calls_absent_areas_missing(read: Read):
    table = read("postinumero,nimi,people\n00100,A,1\n00120,B,2\n").reindex(["00120", "99999"])
    assert table.values.index.to_list() == ["00120", "99999"]
    assert table.status["people"].to_list() == ["observed", "missing"]
    assert table.attributes["name_fi"].to_list() == ["B", ""]
    assert table.report.counts["people"]["missing"] == 1
    assert repr(table) == "<IndicatorTable: 2 areas, 1 indicators, year unknown>"


def test_an_unknown_source_or_decimal_is_a_wrong_call(read: Read):
    with pytest.raises(UsageError, match="source is 'there'; it must be one of here"):
        read("postinumero,people\n00100,1\n", source="there")
    with pytest.raises(UsageError, match="decimal is ';'"):
        read("postinumero,people\n00100,1\n", decimal=";")


# The real files. Every number was looked up in the raw file.


@pytest.mark.real
def test_paavo_2018_where_withheld_is_empty(finland: Path):
    table = lea.read_indicators(finland / "paavo_2018_whole_country.csv", area_id="postinumero")
    assert table.values.shape == (3030, 20)
    assert table.report.year == "2018"
    assert table.report.counts["low_income_residents"]["suppressed"] == 82
    # hr_pi_tul 2852 of hr_tuy 15830.
    assert table.values["low_income_residents"]["00100"] == pytest.approx(100 * 2852 / 15830)
    assert table.attributes.loc["01720"].to_dict() == {
        "name_fi": "Petikko", "name_sv": "", "name_en": "", "municipality": "092",
    }  # fmt: skip
    assert table.report.unavailable["single_parent_households"] == "the table has no te_yhlap"
    # te_as_valj is 386 in 00100 where Statistics Finland has 38.6.
    assert "lost its decimal separators" in table.report.unavailable["floor_area_per_resident"]


@pytest.mark.real
def test_paavo_2026_where_withheld_is_minus_one_or_null(finland: Path):
    path = finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg"
    table = lea.read_indicators(path, area_id="postinumeroalue")
    assert len(table.values) == 330
    assert (table.attributes["municipality"] == "092").sum() == 37
    assert table.report.unavailable == {}
    for area, households in {"01720": 28.0, "34530": 25.0}.items():
        # te_vuok_as is null and te_laps is -1: both mean withheld.
        assert cell(table, "rental_housing", area) == {
            "status": "suppressed", "lower": 0.0, "upper": 100.0, "denominator": households,
        }  # fmt: skip
        assert cell(table, "families_with_children", area)["status"] == "suppressed"
    assert table.values["median_income_residents"]["01720"] == 28834
    assert table.values["low_income_residents"]["01720"] == pytest.approx(100 * 8 / 45)
    # 01770 has no residents: te_* are 0 there, not withheld.
    assert table.status["families_with_children"]["01770"] == "not_applicable"
    assert table.status["median_income_residents"]["01770"] == "not_applicable"
    assert (table.values.min() >= 0).all()


@pytest.mark.real
def test_paavo_2026_where_somebody_wrote_withheld_values_as_zero(finland: Path):
    path = finland / "paavo_2026_whole_country_fi_labels.csv"
    table = lea.read_indicators(path, area_id="Postinumero")
    # 81 mean ages of 0: 17 areas without residents and 64 with fewer than 30.
    assert table.report.counts["children_under_3"]["not_applicable"] == 17
    assert table.report.counts["children_under_3"]["suppressed"] == 64
    assert table.report.counts["families_with_children"]["suppressed"] == 188
    assert any(
        note.startswith("In 64 areas every detail of the group 'he' is 0") for note in table.report.notes
    )
    # 06850: 7 residents, 1 household.
    assert cell(table, "children_under_3", "06850")["denominator"] == 7
    assert cell(table, "children_under_3", "06850")["status"] == "suppressed"
    assert "low_income_households" in table.report.unavailable
    assert table.report.encoding == "utf-8-sig"
    assert table.attributes.loc["34530", ["name_fi", "municipality"]].to_list() == ["Länsi-Aure", "Ylöjärvi"]


@pytest.mark.real
def test_pxweb_as_it_is_downloaded(finland: Path):
    path = finland / "paavo_pxweb_12f7_helsinki_2020_2023_latin1.zip"
    table = lea.read_indicators(path, area_id="Postal code area", layer="009_12f7_2023_all.csv")
    assert table.values.shape == (84, 22)
    assert table.report.layout == "long"
    assert table.report.year == "2023"
    looked_up = {
        "unemployment": 100 * 565 / (4246 + 565),
        "children_under_3": 100 * 241 / 9288,
        "single_parent_households": 100 * 274 / 952,
        "floor_area_per_resident": 34.7,
        "median_income_households": 40377,
        "care_jobs": 1000 * 358 / 9288,
        "small_house_dwellings": 100 * 213 / 5656,
    }
    assert table.values.loc["00990", list(looked_up)].to_dict() == pytest.approx(looked_up)
    assert table.attributes.loc["00990", ["name_fi", "municipality"]].to_list() == [
        "Aurinkolahti",
        "Helsinki",
    ]


@pytest.mark.real
def test_pxweb_over_the_years_needs_a_year(finland: Path):
    path = finland / "paavo_pxweb_12f7_helsinki_2020_2023_latin1.zip"
    ask = {"area_id": "Postal code area", "layer": "003_12f1_2021_20230929-100110.csv"}
    with pytest.raises(TableError, match=r"several years \(2010, 2011, .*2021\)\. Choose one with year=\."):
        lea.read_indicators(path, **ask)
    table = lea.read_indicators(path, **ask, year=2021)
    assert table.codes == ("median_income_residents",)
    assert table.values.loc["00100", "median_income_residents"] == 30659


@pytest.mark.real
def test_population_whose_first_row_is_the_whole_country(finland: Path, tmp_path: Path, catalogue: Path):
    own = tmp_path / "population.toml"
    own.write_text(catalogue.read_text(encoding="utf-8").replace("Asukkaat (HE)", "X2022"), encoding="utf-8")
    path = finland / "paavo_population_2022_whole_country.csv"
    table = lea.read_indicators(path, own, area_id="posti_alue")
    assert table.report.totals == ("KOKO",)
    assert len(table.values) == 3026
    assert table.values["people"]["00100"] == 18030


@pytest.mark.real
def test_sotkanet_keyed_by_the_names_of_municipalities(finland: Path, tmp_path: Path, catalogue: Path):
    aid = "[TILASTOLLINEN HYVINVOINTI] Toimeentulotukea saaneet henkilöt vuoden aikana, % asukkaista"
    migration = "[VÄESTÖNMUUTOS] Kuntien välinen nettomuutto / 1 000 asukasta"
    text = catalogue.read_text(encoding="utf-8").replace('"postal"', '"municipality"')
    text = text.replace("Lapset (HE)", aid).replace(
        "signed = true", f'signed = true, aliases = ["{migration}"]'
    )
    own = tmp_path / "sotkanet.toml"
    own.write_text(text, encoding="utf-8")
    keys = {"Vaasa": "905", "Laihia": "399", "Pori": "609", "Vantaa": "092"}
    path = finland / "sotkanet_long_1990_2012_kunta.csv.gz"
    with pytest.raises(TableError, match="no municipality codes"):
        lea.read_indicators(path, own, area_id="Alue", year=2010, keys=keys)
    text = text.replace('id_scheme = "municipality"', 'id_scheme = ""')
    own.write_text(text, encoding="utf-8")
    table = lea.read_indicators(path, own, area_id="Alue", year=2010, keys=keys)
    assert table.values["kids"][["905", "399", "609", "092"]].to_list() == [8.2, 5.6, 6.7, 9.5]
    assert table.values["move"][["905", "399"]].to_list() == [2.6, 4.1]
    assert table.report.layout == "long"
    assert "4 of 320 labels were turned into ids by the given keys." in table.report.notes


@pytest.mark.real
def test_hsy_where_99_is_withheld_below_a_hundred_residents(finland: Path):
    path = finland / "hsy_population_grid_250m_2015.gpkg"
    table = lea.read_indicators(path, "hsy_grid", area_id="INDEX")
    assert len(table.values) == 5784
    # Cell 688 has 8 residents and 99 in every age group.
    assert cell(table, "children_under_10", "688") == {
        "status": "suppressed", "lower": 0.0, "upper": 100.0, "denominator": 8.0,
    }  # fmt: skip
    # Three cells of 100 residents and more really have 99 children under 10.
    assert (table.numerator["children_under_10"] == 99).sum() == 3
    assert table.report.counts["children_under_10"] == {
        "observed": 3041, "missing": 0, "suppressed": 2743, "structural_zero": 0, "not_applicable": 0,
    }  # fmt: skip
    assert str(table.report.outliers[0]).startswith("ASUKKAITA is 30244 in 27699, more than 5 times the next")
    assert table.values["residents"]["27699"] == 30244
