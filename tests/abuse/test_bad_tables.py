"""Tables that must be refused, or read with a line in the report, and what their reader is told."""

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point

import lea_geo as lea
from lea_geo.errors import TableError
from lea_geo.intake import dialects
from lea_geo.intake.tables import IndicatorTable

HEAD = "postinumero,he_vakiy,he_0_2\n"
Refused = Callable[..., str]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Write a file, read it as Paavo, and return what its reader is told."""

    def refuse(text: str | bytes, *, name: str = "t.csv", **options: object) -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(TableError) as caught:
            lea.read_indicators(path, **({"area_id": "postinumero"} | options))
        return str(caught.value)

    return refuse


def read(path: Path) -> IndicatorTable:
    return lea.read_indicators(path, area_id="postinumero")


# Files


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(TableError, match="there is no file"):
        read(tmp_path / "none.csv")


def test_a_kind_of_file_that_is_not_read(refused: Refused):
    assert "files ending in .ods are not read. Readable are .csv" in refused("x", name="t.ods")


@pytest.mark.parametrize("text", ["", "\n\n", "one column\nonly\n"])
def test_a_file_without_columns(refused: Refused, text: str):
    assert "the file is empty or has a single column" in refused(text)


def test_a_header_without_rows(refused: Refused):
    assert "the table has a header and no rows" in refused(HEAD)


def test_a_file_that_was_cut_off(refused: Refused):
    told = refused(HEAD + "00100,100,10\n00120,100,10\n00130,1")
    assert "rows that do not have the header's 3 cells: 1 of 3 (row 3). The file may be cut off" in told


def test_utf16_and_other_binary(refused: Refused):
    assert "the text holds NUL bytes. Save it as UTF-8" in refused((HEAD + "00100,1,1\n").encode("utf-16"))


@pytest.mark.parametrize("name", ["t.xlsx", "t.parquet", "t.gpkg", "t.csv.gz", "t.zip"])
def test_a_file_that_is_not_what_its_name_says(refused: Refused, name: str):
    told = refused(HEAD + "00100,1,1\n", name=name)
    assert re.search("the file is damaged or is not what its name says|does not begin like a", told)


def test_a_gzip_that_was_cut_off(refused: Refused):
    packed = gzip.compress((HEAD + "00100,1,1\n" * 500).encode())
    assert "damaged" in refused(packed[: len(packed) // 2], name="t.csv.gz")


def test_archives_that_unpack_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dialects, "MOST_BYTES", 1 << 20)
    text = (HEAD + "00100,1,1\n").encode() + b" " * (2 << 20)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", text)
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", text)
    for name in ("t.csv.gz", "t.zip", "t.xlsx"):
        with pytest.raises(TableError, match="unpacks to more than 1 MiB"):
            read(tmp_path / name)


def test_an_archive_of_several_tables_and_one_of_none(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", HEAD)
        archive.writestr("b.csv", HEAD)
    with pytest.raises(TableError, match=r"2 members to read\. Name one with layer=: 'a.csv', 'b.csv'"):
        read(tmp_path / "t.zip")
    with pytest.raises(TableError, match=r"no member 'c.csv'\. It has 'a.csv', 'b.csv'"):
        lea.read_indicators(tmp_path / "t.zip", area_id="postinumero", layer="c.csv")
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("readme.md", "nothing")
    with pytest.raises(TableError, match="no member to read"):
        read(tmp_path / "t.zip")


def test_a_workbook_of_several_sheets(tmp_path: Path):
    book = openpyxl.Workbook()
    book.create_sheet("2018")
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(TableError, match=r"2 sheets to read\. Name one with sheet=: 'Sheet', '2018'"):
        read(tmp_path / "t.xlsx")


def test_formulas_that_were_saved_without_their_values_are_not_withheld(tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (["postinumero", "he_vakiy", "he_0_2"], ["00100", 100, "=B2/10"]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(TableError, match=r"formulas without a stored value: 1 \(row 2\)"):
        read(tmp_path / "t.xlsx")


def test_a_geopackage_of_several_layers(tmp_path: Path):
    points = gpd.GeoDataFrame({"postinumero": ["00100"]}, geometry=[Point(0, 0)], crs="EPSG:3067")
    for layer in ("a", "b"):
        points.to_file(tmp_path / "t.gpkg", layer=layer)
    with pytest.raises(TableError, match="2 layers to read"):
        read(tmp_path / "t.gpkg")


# Columns


def test_a_missing_id_column_names_the_columns_and_the_nearest(refused: Refused):
    told = refused(HEAD + "00100,1,1\n", area_id="postinumer")
    assert "the table has no column 'postinumer'. Its columns are 'postinumero', 'he_vakiy'" in told
    assert "Did you mean 'postinumero'?" in told


def test_column_names_that_occur_twice(refused: Refused):
    assert "more than once: 1 (he_vakiy)" in refused("postinumero,he_vakiy,he_vakiy\n00100,1,2\n")


def test_a_field_in_two_columns(refused: Refused):
    told = refused("postinumero,he_vakiy,Asukkaat yhteensä (HE)\n00100,1,2\n")
    assert "the field he_vakiy stands in several columns: 2 (he_vakiy, Asukkaat yhteensä (HE))" in told


def test_columns_that_the_catalogue_does_not_know(refused: Refused):
    assert "no column and no row is a field of the catalogue" in refused("postinumero,x\n00100,1\n")


def test_fields_from_which_nothing_can_be_built_are_explained(refused: Refused):
    told = refused("postinumero,he_vakiy\n00100,1\n")
    assert told.startswith("No indicator can be built from t.csv:")
    assert "children_under_3: the table has no he_0_2." in told


def test_column_names_whose_letters_were_lost(refused: Refused):
    told = refused("postinumero,Asukkaat yhteens\N{REPLACEMENT CHARACTER} (HE)\n00100,1\n")
    assert "column names with letters that were lost in an earlier conversion" in told


def test_column_names_of_mojibake_are_mended(tmp_path: Path):
    path = tmp_path / "t.csv"
    head = "postinumero;Asukkaat yhteensä (HE);0-2-vuotiaat (HE)\n".encode().decode("cp1252")
    path.write_text(head + "00100;100;10\n", encoding="utf-8")
    table = read(path)
    assert table.values["children_under_3"]["00100"] == 10
    assert "were mended" in table.report.notes[0]


# Ids


def test_all_that_is_wrong_with_ids_is_told_at_once(refused: Refused):
    told = refused(HEAD + "00100,1,1\n100,1,1\n,1,1\n1.0E+05,1,1\n1E+02,1,1\nabc,1,1\n")
    assert "blank area ids: 1 of 6 (row 3)" in told
    assert "duplicate area ids: 1 of 5 (00100)" in told
    assert "area ids that are no postal codes: 3 of 6 (1.0E+05, 1E+02, abc). Codes that a spreadsheet" in told


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_ids_that_are_floating_point_numbers(tmp_path: Path, kind: str):
    # 2**24 and 2**24 + 1 are the same float32.
    frame = pd.DataFrame(
        {"postinumero": np.array([16777216, 16777217], dtype=kind), "he_vakiy": 1, "he_0_2": 1}
    )
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    with pytest.raises(TableError, match="the area ids in 'postinumero' are floating-point numbers"):
        read(tmp_path / "t.parquet")


def test_a_workbook_whose_ids_became_fractions(tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (["postinumero", "he_vakiy", "he_0_2"], [100.5, 1, 1]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(TableError, match="floating-point numbers"):
        read(tmp_path / "t.xlsx")


def test_codes_of_an_unknown_scheme_are_left_alone(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("INDEX,ASUKKAITA\n688,1\n00688,2\n", encoding="utf-8")
    assert lea.read_indicators(path, "hsy_grid", area_id="INDEX").values.index.to_list() == ["688", "00688"]


# Cells


def test_sentinels_of_another_source_are_faults_with_field_and_rows(refused: Refused):
    told = refused(HEAD + "00100,-9,1\n00120,n/a,1\n00130,inf,1\n00140,1e300,1\n")
    assert "he_vakiy holds 'n/a', which is no number and no sentinel of the source 'paavo': 1 (00120)" in told
    assert "he_vakiy holds negative values (-9) that the source 'paavo' does not declare: 1 (00100)" in told
    assert "infinite or beyond 1e15: 2 (00130, 00140)" in told


def test_sotkanet_or_hsy_sentinels_are_not_numbers_of_people(tmp_path: Path):
    path = tmp_path / "t.csv"
    path.write_text("INDEX,ASUKKAITA,ASVALJYYS,IKA0_9\n1,8,999999999,99\n2,150,30,99\n", encoding="utf-8")
    table = lea.read_indicators(path, "hsy_grid", area_id="INDEX")
    assert table.status["floor_area_per_resident"].to_list() == ["missing", "observed"]
    assert table.status["children_under_10"].to_list() == ["suppressed", "observed"]


def test_a_part_larger_than_its_whole(refused: Refused):
    told = refused(HEAD + "00100,10,11\n00120,100,9\n")
    assert "the numerator of children_under_3 exceeds its denominator: 1 (00100)" in told


def test_html_and_formulas_in_names_stay_text(tmp_path: Path):
    path = tmp_path / "t.csv"
    names = ['=HYPERLINK("x")', "<script>alert(1)</script>", "{{7*7}}", "${x}", "../../etc"]
    rows = [f'0010{k},"{name.replace(chr(34), chr(34) * 2)}",100,1' for k, name in enumerate(names)]
    path.write_text("postinumero,nimi,he_vakiy,he_0_2\n" + "\n".join(rows), encoding="utf-8")
    assert read(path).attributes["name_fi"].to_list() == names


# Years and long tables


def test_several_vintages_in_one_table(refused: Refused):
    text = "postinumero,vuosi,he_vakiy,he_0_2\n00100,2018,100,5\n00120,2019,100,7\n"
    assert "the table holds several years (2018, 2019). Choose one with year=." in refused(text)
    assert "the table has no year 2020. It has 2018, 2019." in refused(text, year=2020)


def test_one_year_where_another_was_asked_for(refused: Refused):
    text = "postinumero,vuosi,he_vakiy,he_0_2\n00100,2018,100,5\n"
    assert "the table has no year 2019. It has 2018." in refused(text, year=2019)


def test_several_values_for_one_area_and_field_name_the_column_that_differs(refused: Refused):
    rows = ["00100,he_vakiy,total,100", "00100,he_vakiy,male,50", "00100,he_0_2,total,1"]
    told = refused("postinumero,Tiedot,gender,value\n" + "\n".join(rows))
    assert "several values for the same area and field: 1 (00100). They differ in gender" in told


def test_a_long_table_without_a_column_of_values(refused: Refused):
    told = refused("postinumero,Tiedot,number\n00100,he_vakiy,100\n")
    assert (
        "the table has no column 'Arvo or value'. Its columns are 'postinumero', 'Tiedot', 'number'" in told
    )


def test_a_virtual_layer_within_a_geojson_table_is_not_followed(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("area_id,value\n00100,1\n")
    layer = f"<OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    table = tmp_path / "table.geojson"
    hidden = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    table.write_text(f'{{"type": "FeatureCollection", "features": [], "x": "{hidden}"}}')
    with pytest.raises(TableError, match="virtual layer"):
        lea.read_indicators(table, area_id="area_id")
