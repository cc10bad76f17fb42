"""What was left in a finished release and whoever looks finds: each is claimed with its place."""

import base64
import gzip
import json
import re
import sqlite3
import struct
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from small_release import CELLS, HIDDEN, IDS

from lea_geo.disclosure.attack.claims import read_release

SECRET = 3.0
_DATA = re.compile(r'(<script type="application/json" id="lea-data">)(.*?)(</script>)', re.DOTALL)


def said_of_hidden(claims, variable="low_income", part="value", area=HIDDEN, geography="postal", year="2020"):
    """Return the row of a cell, and the words for its place."""
    table = claims.table
    row = table[
        (table["geography"] == geography) & (table["year"] == year) & (table["area_id"] == area)
        & (table["variable"] == variable) & (table["part"] == part)
    ]  # fmt: skip
    assert len(row) == 1
    return row.iloc[0], claims.places[row.iloc[0]["place"]]


def loose_with(claims, value, kind=None):
    """Return the places that claim a number that is tied to no area."""
    found = claims.loose[(claims.loose["lower"] <= value) & (claims.loose["upper"] >= value)]
    found = found if kind is None else found[found["kind"] == kind]
    return found.assign(where=[claims.places[place] for place in found["place"]])


def change_page(folder, change):
    """Change the data of the map's page."""
    page = folder / "map.html"
    text = page.read_text("utf-8")
    begin, data, end = _DATA.search(text).groups()
    tree = json.loads(data)
    change(tree)
    page.write_text(_DATA.sub(lambda _: begin + json.dumps(tree) + end, text), encoding="utf-8")


def packed(numbers, decimals=0):
    """Return a column as the page packs it: 0 is a blank, k stands for k - 1."""
    codes = np.array([0 if number is None else number + 1 for number in numbers], dtype=np.uint8)
    data = base64.b64encode(gzip.compress(codes.tobytes(), mtime=0)).decode()
    return {"type": "number", "decimals": decimals, "low": 0, "width": 1, "data": data}


def test_a_value_in_the_page_s_data_that_the_page_does_not_show_is_claimed(own_release):
    counts = [None] * 5 + [int(SECRET)] + [None] * 6

    def change(tree):
        tree["sheets"][0]["indicators"][0]["columns"]["numerator"] = packed(counts)

    change_page(own_release, change)
    row, place = said_of_hidden(read_release(own_release), part="numerator")
    assert (row["lower"], row["upper"], row["status"]) == (SECRET, SECRET, "suppressed")
    assert place == "map.html: page's data, postal 2020 sheet, indicator low_income, column numerator"


@pytest.mark.parametrize(
    "shape",
    [
        lambda: packed([None] * 5 + [3] + [None] * 6),
        lambda: [None] * 5 + [3] + [None] * 6,
        lambda: {HIDDEN: 3, IDS[0]: 12},
        lambda: [{"area": IDS[0], "count": 12}, {"area": HIDDEN, "count": 3}],
    ],
    ids=["packed as the others", "a plain list", "by area", "as records"],
)
def test_a_field_of_the_page_s_data_that_nobody_knows_is_read_in_whatever_shape(own_release, shape):
    change_page(own_release, lambda tree: tree["sheets"][0]["indicators"][0].update(withheld=shape()))
    claims = read_release(own_release)
    found = claims.table[(claims.table["area_id"] == HIDDEN) & (claims.table["part"] == "unknown")]
    assert list(found["lower"]) == [SECRET]
    assert claims.places[found["place"].iloc[0]].startswith(
        "map.html: page's data, postal 2020 sheet, indicator low_income, withheld"
    )


def test_a_histogram_in_the_page_s_data_is_claimed_bar_by_bar(own_release):
    bars = {"edges": [0, 4, 8], "counts": [1, 9]}
    change_page(own_release, lambda tree: tree["sheets"][0]["indicators"][0].update(histogram=bars))
    loose = read_release(own_release).loose
    found = loose[(loose["kind"] == "histogram_bar") & (loose["count"] == 1)]
    assert found[["variable", "lower", "upper"]].to_numpy().tolist() == [["low_income", 0.0, 4.0]]


def test_the_smallest_value_in_a_legend_of_the_page_is_claimed(own_release):
    change_page(own_release, lambda tree: tree["sheets"][0]["indicators"][0]["classes"][0].update(lower=0.3))
    found = loose_with(read_release(own_release), 0.3, "legend_minimum")
    found = found[found["variable"] == "low_income"]
    assert list(found["where"]) == ["map.html: page's data, postal 2020 sheet, indicator low_income, classes"]
    assert found[["lower", "upper"]].to_numpy()[0] == pytest.approx([0.25, 0.35])  # One decimal is shown.


def test_statistics_and_a_histogram_beside_a_raster_are_claimed(own_release):
    beside = own_release / "grids/grid_2020/low_income_value.tif.aux.xml"
    text = re.sub(r'(STATISTICS_MINIMUM">)[^<]+', r"\g<1>0.37", beside.read_text("utf-8"))
    bars = (
        "<Histograms><HistItem><HistMin>0</HistMin><HistMax>8</HistMax><BucketCount>2</BucketCount>"
        "<HistCounts>1|7</HistCounts></HistItem></Histograms></PAMRasterBand>"
    )
    beside.write_text(text.replace("</PAMRasterBand>", bars), encoding="utf-8")
    claims = read_release(own_release)
    found = loose_with(claims, 0.37, "legend_minimum")
    found = found[found["geography"] == "grid"]
    assert "grids/grid_2020/low_income_value.tif.aux.xml: style" in set(found["where"])
    bar = claims.loose[(claims.loose["kind"] == "histogram_bar") & (claims.loose["count"] == 1)]
    assert bar[["geography", "lower", "upper"]].to_numpy().tolist() == [["grid", 0.0, 4.0]]


def test_a_class_bound_in_a_style_is_claimed(own_release):
    style = own_release / "grids/grid_2020/low_income_value.qml"
    item = '<item value="0.37" color="#ffffff" alpha="255" label="0,37" /></colorrampshader>'
    style.write_text(style.read_text("utf-8").replace("</colorrampshader>", item), encoding="utf-8")
    with sqlite3.connect(own_release / "study.gpkg") as database:
        rule = '<qgis><rule filter="&quot;value&quot; &gt;= 0.41" label="x"/></qgis>'
        database.execute("UPDATE layer_styles SET styleSLD = ? WHERE id = 2", (rule,))
    database.close()
    claims = read_release(own_release)
    where = loose_with(claims, 0.37, "class_bound")["where"]
    assert set(where) == {"grids/grid_2020/low_income_value.qml: style"}
    assert loose_with(claims, 0.41, "class_bound")["where"].str.contains("layer_styles").all()


def test_a_pixel_of_a_hidden_cell_is_claimed(own_release):
    path = own_release / "grids/grid_2020/low_income_value.tif"
    with rasterio.open(path) as raster:
        profile, pixels = raster.profile, raster.read(1)
    # The sixth cell: the second of the middle row, on every second column.
    pixels[1, 2] = SECRET
    profile.update(driver="GTiff", tiled=False)
    for key in ("blockxsize", "blockysize"):
        profile.pop(key, None)
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(pixels, 1)
    row, place = said_of_hidden(read_release(own_release), area=CELLS[5], geography="grid")
    assert row["lower"] <= SECRET <= row["upper"]
    assert row["upper"] - row["lower"] < 1.1
    assert place == "grids/grid_2020/low_income_value.tif: band 1"


def test_a_number_among_the_codes_of_a_raster_of_classes_is_claimed(own_release):
    path = own_release / "grids/grid_2020/low_income_status.tif"
    with rasterio.open(path) as raster:
        pixels, profile = raster.read(1), {**raster.profile, "driver": "GTiff", "tiled": False}
    for key in ("blockxsize", "blockysize"):
        profile.pop(key, None)
    pixels[1, 2] = 37
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(pixels, 1)
    row, _ = said_of_hidden(read_release(own_release), part="status", area=CELLS[5], geography="grid")
    assert row["lower"] == 37


def planted_in_workbook(folder, plant):
    path = folder / "tables/study.xlsx"
    book = openpyxl.load_workbook(path)
    plant(book)
    book.save(path)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_claimed(own_release, state):
    def plant(book):
        sheet = book.create_sheet("counts")
        sheet.append(["area_id", "low_income"])
        sheet.append([HIDDEN, SECRET])
        sheet.sheet_state = state

    planted_in_workbook(own_release, plant)
    row, place = said_of_hidden(read_release(own_release))
    assert (row["lower"], row["upper"], row["status"]) == (SECRET, SECRET, "suppressed")
    words = {"hidden": "hidden", "veryHidden": "very hidden"}[state]
    assert place == f"tables/study.xlsx: {words} sheet 'counts', column low_income"


def test_comments_names_formulas_and_headers_of_a_workbook_are_claimed(own_release):
    def plant(book):
        sheet = book.worksheets[1]
        sheet["A1"].comment = Comment(f"There were 41 in {HIDDEN}.", "somebody")
        sheet["AZ1"] = "=40+2"
        sheet.oddHeader.center.text = "43 were withheld"
        book.defined_names["withheld"] = DefinedName("withheld", attr_text="44")

    planted_in_workbook(own_release, plant)
    claims = read_release(own_release)
    said = {value: loose_with(claims, value, "sentence")["where"].to_list() for value in (41, 40, 43, 44)}
    assert any("comment on A1" in place for place in said[41])
    assert any("outside the cells" in place for place in said[40])
    assert any("outside the cells" in place for place in said[43])
    assert any("defined name 'withheld'" in place for place in said[44])
    comment = claims.loose[(claims.loose["lower"] == 41) & (claims.loose["kind"] == "sentence")]
    assert HIDDEN in set(comment["area_id"])


def test_what_a_workbook_carries_beside_its_sheets_is_said_to_be_unread(own_release):
    path = own_release / "tables/study.xlsx"
    with zipfile.ZipFile(path, "a") as packed_book:
        packed_book.writestr("xl/pivotCache/pivotCacheRecords1.xml", "<pivotCacheRecords/>")
    unread = read_release(own_release).unread
    why = "it holds xl/pivotCache/pivotCacheRecords1.xml, which nothing here reads"
    assert ("tables/study.xlsx", why) in unread


def test_the_largest_value_that_parquet_keeps_apart_from_its_rows_is_claimed(own_release):
    path = own_release / "parquet/counts.parquet"
    table = pa.table({"area_id": IDS, "low_income": [float(20 + k) for k in range(12)]})
    pq.write_table(table, path, compression="none", use_dictionary=False)
    content = path.read_bytes()
    (length,) = struct.unpack("<I", content[-8:-4])
    footer = content[-8 - length : -8]
    planted = footer.replace(struct.pack("<d", 20.0), struct.pack("<d", SECRET))
    assert planted != footer
    path.write_bytes(content[: -8 - length] + planted + content[-8:])
    found = loose_with(read_release(own_release), SECRET, "legend_minimum")
    assert "parquet/counts.parquet: statistics of column low_income" in set(found["where"])


def test_metadata_of_parquet_are_claimed(own_release):
    path = own_release / "parquet/counts.parquet"
    table = pa.table({"x": [1.5]}).replace_schema_metadata({"note": f"{HIDDEN} had 37 of them"})
    pq.write_table(table, path)
    claims = read_release(own_release)
    found = loose_with(claims, 37, "sentence")
    assert set(found["area_id"]) == {HIDDEN}
    assert found["where"].str.startswith("parquet/counts.parquet: metadata note").all()


def without_wiping(path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA secure_delete = off")
    return database


def test_a_table_that_was_dropped_is_still_in_the_geopackage_and_said_to_be(own_release):
    database = without_wiping(own_release / "study.gpkg")
    with database:
        database.execute("CREATE TABLE scratch (area_id TEXT, low_income INTEGER)")
        rows = [(area, 1) for area in IDS] * 300
        database.executemany("INSERT INTO scratch VALUES (?, ?)", rows)
    with database:
        database.execute("DROP TABLE scratch")
    database.close()
    unread = dict(read_release(own_release).unread)
    assert "pages are freed and not wiped" in unread["study.gpkg"]
    assert "VACUUM removes them" in unread["study.gpkg"]
    database = sqlite3.connect(own_release / "study.gpkg")
    database.execute("VACUUM")
    database.close()
    assert read_release(own_release).unread == ()


@pytest.mark.parametrize("which", ["first", "last", "middle"])
def test_a_row_that_was_deleted_is_still_in_its_page_and_said_to_be(own_release, which):
    database = without_wiping(own_release / "study.gpkg")
    with database:
        database.execute("CREATE TABLE counts (area_id TEXT, told TEXT)")
        database.executemany("INSERT INTO counts VALUES (?, ?)", [(area, f"none {area}") for area in IDS])
    row = {"first": 1, "last": 12, "middle": 6}[which]
    with database:
        database.execute("DELETE FROM counts WHERE rowid = ?", (row,))
    database.close()
    unread = dict(read_release(own_release).unread)
    assert unread["study.gpkg"].startswith("table counts has room that was freed and not wiped")
    assert IDS[row - 1] in unread["study.gpkg"]


def test_tables_and_views_that_the_geopackage_does_not_register_are_claimed(own_release):
    with sqlite3.connect(own_release / "study.gpkg") as database:
        database.execute("CREATE TABLE gpkg_scratch (area_id TEXT, low_income REAL)")
        database.execute("INSERT INTO gpkg_scratch VALUES (?, ?)", (HIDDEN, SECRET))
        database.execute("CREATE VIEW seen AS SELECT area_id, 2 * low_income AS doubled FROM gpkg_scratch")
    database.close()
    claims = read_release(own_release)
    row, place = said_of_hidden(claims)
    assert (row["lower"], place) == (SECRET, "study.gpkg: unregistered table gpkg_scratch, column low_income")
    row, place = said_of_hidden(claims, variable="doubled", part="unknown")
    assert (row["lower"], place) == (2 * SECRET, "study.gpkg: unregistered view seen, column doubled")


def test_bytes_after_the_last_page_and_logs_beside_a_geopackage_are_said_to_be_unread(own_release):
    with (own_release / "study.gpkg").open("ab") as file:
        file.write(b"5 children in 65050")
    (own_release / "study.gpkg-wal").write_bytes(b"x" * 64)
    unread = dict(read_release(own_release).unread)
    assert unread["study.gpkg"] == "19 bytes follow its last page"
    assert "study.gpkg-wal" in unread


def test_last_year_s_number_of_a_hidden_area_is_claimed_under_its_own_year(own_release):
    rows = pd.DataFrame({"area_id": [HIDDEN], "value": [SECRET], "status": ["observed"], "lower": [np.nan]})
    folder = own_release / "tables/postal_2018"
    folder.mkdir()
    rows.to_csv(folder / "low_income.csv", index=False)
    row, place = said_of_hidden(read_release(own_release), year="2018")
    assert row["lower"] <= SECRET <= row["upper"]
    assert place == "tables/postal_2018/low_income.csv: column value"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("note.txt", f"In {HIDDEN} there were 37."),
        ("README.md", "# Lahti\nIn Lahti there were 37."),
        ("more.html", f"<p>x</p><!-- {HIDDEN}: 37 -->"),
        ("more.html", f'<p data-counted="{HIDDEN}: 37">x</p>'),
        ("more.html", f'<script>const left = {{"{HIDDEN}": 37}};</script>'),
        ("more.json", json.dumps({"said": f"{HIDDEN}: 37"})),
    ],
    ids=["text", "name of an area", "comment", "attribute", "program", "JSON"],
)
def test_a_number_beside_the_name_of_an_area_is_claimed_wherever_it_is_written(own_release, name, text):
    (own_release / name).write_text(text, encoding="utf-8")
    found = loose_with(read_release(own_release), 37)
    found = found[found["where"].str.startswith(name)]
    assert HIDDEN in set(found["area_id"])


def test_numbers_by_the_indicators_names_and_areas_names_are_understood(own_release):
    (own_release / "wide.csv").write_text(
        "Alue;Pienituloiset (sv) (prosenttia);low_income_numerator;muuta\nLahti;3,25;2;7\nKylä;4,5;3;8\n",
        encoding="latin-1",
    )
    claims = read_release(own_release)
    row, place = said_of_hidden(claims)
    assert (row["lower"], row["upper"]) == pytest.approx((3.245, 3.255))
    assert place == "wide.csv: column Pienituloiset (sv) (prosenttia)"
    assert said_of_hidden(claims, part="numerator")[0]["lower"] == 2
    assert said_of_hidden(claims, variable="muuta", part="unknown")[0]["lower"] == 7


def test_areas_of_which_the_release_says_nothing_are_known_by_how_their_ids_are_spelled(own_release):
    (own_release / "cells.csv").write_text("ruutu,lapsia\n250mN667025E038025,3\n", encoding="utf-8")
    claims = read_release(own_release)
    found = claims.table[claims.table["area_id"] == "250mN667025E038025"]
    assert found[["geography", "lower"]].to_numpy().tolist() == [["grid", 3.0]]


def test_digits_in_the_names_of_indicators_and_areas_are_no_numbers(own_release):
    with sqlite3.connect(own_release / "study.gpkg") as database:
        database.execute("UPDATE lea_indicators SET entry = replace(entry, 'Pienituloiset (fi)', 'Alle 3-v')")
    database.close()
    (own_release / "long.csv").write_text(f"alue,mikä,value\n{IDS[0]},Alle 3-v,31.25\n", encoding="utf-8")
    claims = read_release(own_release)
    assert not (claims.table["part"] == "unknown").any()
    assert claims.contradictions.empty


def test_a_number_that_contradicts_the_others_is_kept_apart_with_its_place(own_release):
    text = f"area_id,low_income\n{IDS[0]},99.125\n"
    (own_release / "other.csv").write_text(text, encoding="utf-8")
    claims = read_release(own_release)
    found = claims.contradictions
    assert list(found["area_id"]) == [IDS[0]]
    assert [claims.places[place] for place in found["place"]] == ["other.csv: column low_income"]
    row, _ = said_of_hidden(claims, area=IDS[0])
    assert row["lower"] == pytest.approx(31.25, abs=0.01)  # What most precise files say.


def test_a_picture_inside_a_page_is_said_to_be_unread(own_release):
    (own_release / "more.html").write_text('<img src="data:image/png;base64,iVBORw0KGgo=">', encoding="utf-8")
    found = read_release(own_release).unread
    assert found == (("more.html", "it holds a file or a picture in an attribute"),)


def test_files_of_other_kinds_are_unread_unless_accepted(own_release):
    (own_release / "plan.pdf").write_bytes(b"%PDF-1.7")
    (own_release / "charts").mkdir()
    (own_release / "charts/one.png").write_bytes(b"\x89PNG")
    (own_release / "hidden.txt").write_bytes(b"SQLite format 3\0")
    found = dict(read_release(own_release).unread)
    assert set(found) == {"plan.pdf", "charts/one.png", "hidden.txt"}
    assert found["plan.pdf"] == "nothing here reads files of this kind"
    assert found["hidden.txt"] == "its name says that it is text, and it is not"
    left = read_release(own_release, accept=("plan.pdf", "charts/*")).unread
    assert [file for file, _ in left] == ["hidden.txt"]


def test_comments_properties_and_counts_in_styles_and_sidecars_are_claimed(own_release):
    style = own_release / "grids/grid_2020/low_income_value.qml"
    planted = '<customproperties><Option name="withheld" value="41 of 65050"/></customproperties></qgis>'
    style.write_text(style.read_text("utf-8").replace("</qgis>", f"<!-- 65050: 42 -->{planted}"), "utf-8")
    beside = own_release / "grids/grid_2020/low_income_status.tif.aux.xml"
    text = beside.read_text("utf-8").replace(
        '<FieldDefn index="0">',
        '<FieldDefn index="9"><Name>Histogram</Name></FieldDefn><FieldDefn index="0">',
        1,
    )
    beside.write_text(re.sub(r'(<Row index="0">)', r"\1<F>43</F>", text), encoding="utf-8")
    claims = read_release(own_release)
    for value in (41, 42):
        found = loose_with(claims, value, "sentence")
        assert HIDDEN in set(found["area_id"])
    assert "Histogram" in set(loose_with(claims, 43, "summary")["part"])
