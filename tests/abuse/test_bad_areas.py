"""Boundary files that must be refused, each by its message and without a traceback of somebody else."""

import json
import pickle
import sqlite3
import stat
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import LineString, Polygon, box

from lea_geo.errors import AreasError, LeaGeoError, UsageError
from lea_geo.intake.areas import read_areas

ENDINGS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def squares(ids, *, column="code", **columns):
    shapes = [box(385_000 + 100 * i, 6_675_000, 385_100 + 100 * i, 6_675_100) for i in range(len(ids))]
    return gpd.GeoDataFrame({column: ids, **columns}, geometry=shapes, crs=3067)


def gpkg(tmp_path, areas):
    path = tmp_path / "a.gpkg"
    areas.to_file(path)
    return path


def shapefile(tmp_path, n=50):
    squares([f"{i:05d}" for i in range(n)]).to_file(tmp_path / "a.shp")
    return tmp_path / "a.shp"


def zipped(tmp_path):
    shapefile(tmp_path)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in ENDINGS:
            archive.write(tmp_path / f"a{ending}", f"a{ending}")
    return path


def geojson(tmp_path, features, **top):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": features}))
    return path


def feature(code, geometry):
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def ring(*corners):
    return {"type": "Polygon", "coordinates": [list(corners)]}


HELSINKI = ring([24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.1])


# Ids


@pytest.mark.parametrize(
    ("ids", "options", "message"),
    [
        (["a", "b", "a"], {}, r"duplicate area ids: 1 of 3 \(a\)\. Dissolve"),
        (["a", "", None], {}, r"blank area ids: 2 of 3 \(row 2, row 3\)"),
        (["a", " \t", "b"], {}, r"blank area ids: 1 of 3 \(row 2\)"),
        ([1.0, 2.0], {}, "column 'code' holds floating-point numbers, which merge ids and lose zeros"),
        ([100.0, 200.0], {"id_scheme": "postal"}, "floating-point numbers"),
        ([True, False], {}, "neither text nor numbers"),
        (
            ["1.0E+05", "b"],
            {},
            r"scientific notation: 1 \(1\.0E\+05\)\. Take them from the source again, as text",
        ),
        (["1.0E+05", "00100"], {"id_scheme": "postal"}, r"no postal code of 5 digits: 1 \(1\.0E\+05\)"),
        (["1.2E+04", "00100"], {"id_scheme": "postal"}, r"no postal code of 5 digits: 1 \(1\.2E\+04\)"),
        (
            ["123456", "ABCDE", "-100"],
            {"id_scheme": "postal"},
            r"no postal code.*: 3 \(123456, ABCDE, -100\)",
        ),
        (["00100", "０0120"], {"id_scheme": "postal"}, "no postal code of 5 digits: 1"),
        (["KU091", "5"], {"id_scheme": "municipality"}, r"no municipality code of 3 digits: 1 \(KU091\)"),
        (["100", "00100"], {"id_scheme": "postal"}, r"duplicate area ids: 1 of 2 \(00100\)"),
        (["1kmN6675E0385", "x"], {"id_scheme": "grid"}, r"malformed grid ids: 1 of 2 \('x'\)"),
    ],
)
def test_ids_that_cannot_be_trusted_are_refused(tmp_path, ids, options, message):
    with pytest.raises(AreasError, match=message):
        read_areas(gpkg(tmp_path, squares(ids)), area_id="code", **options)


def test_float32_keys_that_merged_ids_are_refused(tmp_path):
    source = squares(pd.array([2**24, 2**24 + 1], dtype="Float32").astype("float32"))
    source.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(AreasError, match="floating-point numbers, which merge ids"):
        read_areas(tmp_path / "a.parquet", area_id="code")


def test_a_null_among_whole_numbers_is_a_blank_id_and_not_a_float(tmp_path):
    path = gpkg(tmp_path, squares(pd.array([100, None], dtype="Int64")))
    with pytest.raises(AreasError, match=r"blank area ids: 1 of 2 \(row 2\)"):
        read_areas(path, area_id="code", id_scheme="postal")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "postinumero",
            r"there is no column 'postinumero' for the area ids\. Did you mean 'postinumeroalue'\?",
        ),
        ("POSTINUMEROALUE", "Did you mean 'postinumeroalue'"),
        ("xyz", "It has postinumeroalue, nimi"),
        ("geometry", "there is no column 'geometry'"),
    ],
)
def test_a_missing_id_column_brings_the_nearest_names(tmp_path, asked, message):
    path = gpkg(tmp_path, squares(["a"], column="postinumeroalue", nimi=["x"]))
    with pytest.raises(AreasError, match=message):
        read_areas(path, area_id=asked)


# Geometry and place


def test_null_empty_and_other_geometry_is_refused_by_name(tmp_path):
    source = squares(list("abcde"))
    line = LineString([(385_000, 6_675_000), (385_100, 6_675_000)])
    flat = Polygon([(385_000, 6_675_000), (385_100, 6_675_000), (385_200, 6_675_000)])
    source["geometry"] = [None, Polygon(), line, flat, source.geometry[4]]
    with pytest.raises(AreasError) as caught:
        read_areas(gpkg(tmp_path, source), area_id="code")
    assert str(caught.value).splitlines()[1:] == [
        "  - areas with null or unreadable geometry: 1 of 5 (a). Draw them, or leave them out.",
        "  - areas with empty geometry: 1 of 5 (b). Draw them, or leave them out.",
        "  - areas that are no polygons but LineString: 1 of 5 (c). Areas need polygons.",
        "  - invalid polygons that enclose nothing: 1 of 2 (d). Draw them again.",
    ]


def test_a_ring_that_does_not_close_is_refused(tmp_path):
    path = geojson(tmp_path, [feature("a", ring([24.9, 60.1], [25.0, 60.1])), feature("b", HELSINKI)])
    with pytest.raises(AreasError, match=r"a.geojson"):
        read_areas(path, area_id="code")


def test_coordinates_that_are_no_numbers_are_refused(tmp_path):
    source = squares(["a", "b"])
    with np.errstate(invalid="ignore"):
        source.loc[0, "geometry"] = Polygon([(385_000, 6_675_000), (385_100, np.nan), (385_100, 6_675_100)])
    source.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(AreasError, match=r"coordinates that are no numbers: 1 of 2 \(a\)"):
        read_areas(tmp_path / "a.parquet", area_id="code")


def swap(shape):
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def test_northing_before_easting_is_refused(tmp_path):
    source = squares(["a", "b", "c"])
    source.loc[1:, "geometry"] = [swap(shape) for shape in source.geometry[1:]]
    message = r"swapped axes \(northing or latitude first\) in EPSG:3067: 2 of 3 \(b, c\)\. Write easting"
    with pytest.raises(AreasError, match=message):
        read_areas(gpkg(tmp_path, source), area_id="code")


def test_latitude_before_longitude_is_refused(tmp_path):
    source = squares(["a", "b"]).to_crs(4326)
    source["geometry"] = swap(source.geometry.to_numpy())
    with pytest.raises(AreasError, match=r"swapped axes \(northing or latitude first\) in EPSG:4326: 2 of 2"):
        read_areas(gpkg(tmp_path, source), area_id="code")


def test_swapped_axes_are_found_in_other_projections_too(tmp_path):
    source = squares(["a"]).to_crs(3879)
    source["geometry"] = swap(source.geometry.to_numpy())
    for crs in (None, 3879):
        with pytest.raises(AreasError, match="swapped axes"):
            read_areas(gpkg(tmp_path, source), area_id="code", crs=crs)


@pytest.mark.parametrize(
    ("x", "y"), [(0, 0), (25_496_000, 6_675_000), (385_000, 9_000_000), (3_385_000, 6_678_000)]
)
def test_coordinates_of_another_system_are_refused(tmp_path, x, y):
    source = squares(["a"])
    source["geometry"] = [box(x, y, x + 100, y + 100)]
    with pytest.raises(AreasError, match=r"outside the place of EPSG:3067 \(easting 50000 to 765000 m"):
        read_areas(gpkg(tmp_path, source), area_id="code")


def test_metres_in_a_geojson_without_crs_are_refused(tmp_path):
    metres = ring([385_000, 6_675_000], [385_100, 6_675_000], [385_100, 6_675_100], [385_000, 6_675_000])
    with pytest.raises(
        AreasError, match=r"outside the place of EPSG:3067.*Their coordinates are not EPSG:4326"
    ):
        read_areas(geojson(tmp_path, [feature("a", metres)]), area_id="code")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".parquet"])
def test_a_missing_crs_is_refused(tmp_path, ending):
    source = squares(["a"]).set_crs(None, allow_override=True)
    path = tmp_path / f"a{ending}"
    source.to_parquet(path) if ending == ".parquet" else source.to_file(path)
    with pytest.raises(AreasError, match=r"no coordinate reference system is stated. Say which one with"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize(
    ("crs", "message"),
    [
        (4326, "crs is EPSG:4326, which is not projected"),
        ("EPSG:4258", "is not projected"),
        (2263, "is in US survey foot, not metres"),
        ("EPSG:99999999", "no coordinate reference system; try 'EPSG:3067'"),
        ("Finland", "no coordinate reference system"),
    ],
)
def test_a_result_in_degrees_or_feet_is_refused(tmp_path, crs, message):
    with pytest.raises(UsageError, match=message):
        read_areas(gpkg(tmp_path, squares(["a"])), area_id="code", crs=crs)


def test_every_fault_is_told_at_once(tmp_path):
    source = squares(["a", "a", "", "d"])
    source["geometry"] = [None, source.geometry[1], swap(source.geometry[2]), source.geometry[3]]
    with pytest.raises(AreasError) as caught:
        read_areas(gpkg(tmp_path, source), area_id="code")
    text = str(caught.value)
    assert text.startswith("a.gpkg does not hold areas that can be used.")
    for part in ("duplicate area ids", "blank area ids", "null or unreadable", "swapped axes"):
        assert part in text
    assert len(caught.value.faults) == 4


def test_a_file_without_rows_is_refused(tmp_path):
    with pytest.raises(AreasError, match="it holds not a single area"):
        read_areas(gpkg(tmp_path, squares(["a"]).iloc[:0]), area_id="code")


# Damaged files


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".parquet"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, ending, share):
    path = tmp_path / f"a{ending}"
    source = squares([f"{i:05d}" for i in range(300)])
    source.to_parquet(path) if ending == ".parquet" else source.to_file(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(AreasError, match=r"is cut off|it is damaged"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("ending", [".shp", ".shx", ".dbf"])
def test_a_shapefile_that_was_cut_off_or_lacks_a_part_is_refused(tmp_path, ending):
    path = shapefile(tmp_path)
    part = path.with_suffix(ending)
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AreasError, match=rf"the {ending} file is cut off: it says [0-9]+ bytes and has"):
        read_areas(path, area_id="code")
    part.write_bytes(whole[:10])
    with pytest.raises(
        AreasError, match=rf"the {ending} file is cut off|the {ending} file is none of a Shapefile"
    ):
        read_areas(path, area_id="code")
    part.unlink()
    with pytest.raises(AreasError, match=rf"lacks its {ending} file|there is no such file"):
        read_areas(path, area_id="code")


def test_a_shapefile_that_was_cut_off_in_a_zip_is_refused(tmp_path):
    path = shapefile(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    archived = tmp_path / "cut.zip"
    with zipfile.ZipFile(archived, "w") as archive:
        for ending in ENDINGS:
            archive.write(path.with_suffix(ending), f"a{ending}")
    with pytest.raises(AreasError, match=r"the .shp file is cut off"):
        read_areas(archived, area_id="code")


def test_a_zip_that_was_cut_off_is_refused(tmp_path):
    path = zipped(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(AreasError, match="the zip is damaged or cut off"):
        read_areas(path, area_id="code")


def test_damage_within_a_geopackage_is_no_traceback(tmp_path):
    path = gpkg(tmp_path, squares([f"{i:05d}" for i in range(3000)]))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 30_000] = b"\xff" * 30_000
    path.write_bytes(bytes(whole))
    with pytest.raises(AreasError, match=r"a.gpkg"):
        read_areas(path, area_id="code")


def test_rows_that_a_geopackage_promises_and_does_not_give_are_refused(tmp_path):
    path = gpkg(tmp_path, squares(["a", "b"]))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE gpkg_ogr_contents SET feature_count = 16")
    connection.close()
    with pytest.raises(AreasError, match="it says 16 rows and gives 2"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize(
    "text", ['{"a": 1}', "{}", '{"type": "FeatureCollection", "features": 7}', "{" * 5000 + "}"]
)
def test_json_that_is_no_geojson_is_refused(tmp_path, text):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises(AreasError, match=r"a.geojson"):
        read_areas(path, area_id="code")


def test_a_parquet_table_without_geometry_is_refused(tmp_path):
    pd.DataFrame({"code": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(AreasError, match="it is damaged or holds no geometry"):
        read_areas(tmp_path / "a.parquet", area_id="code")


def test_names_in_a_false_encoding_are_no_traceback(tmp_path):
    path = tmp_path / "a.shp"
    squares(["a"], nimi=["Ähtäri"]).to_file(path, encoding="ISO-8859-1")
    path.with_suffix(".cpg").write_text("UTF-8")
    try:
        notes = read_areas(path, area_id="code").attrs["notes"]
    except AreasError as error:
        assert "a.shp" in str(error)  # noqa: PT017 - either is right, but neither a traceback nor silence
    else:
        assert notes


# Files that are not what they say, or reach elsewhere


def test_a_file_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(
        AreasError, match=r"nowhere\.gpkg cannot be read as areas.\n  - there is no such file"
    ):
        read_areas(tmp_path / "nowhere.gpkg", area_id="code")


@pytest.mark.parametrize(
    "path",
    ["/vsicurl/http://localhost/a.gpkg", "http://localhost/a.geojson", "zip://x.zip!a.shp", "/vsimem/a.gpkg"],
)
def test_only_files_of_this_machine_are_opened(path):
    with pytest.raises(AreasError, match="there is no such file"):
        read_areas(path, area_id="code")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.gpkg").mkdir()
    with pytest.raises(AreasError, match="it is no file"):
        read_areas(tmp_path / "a.gpkg", area_id="code")


def test_an_empty_file_is_told(tmp_path):
    (tmp_path / "a.gpkg").touch()
    with pytest.raises(AreasError, match="it is empty"):
        read_areas(tmp_path / "a.gpkg", area_id="code")


@pytest.mark.parametrize("ending", [".pkl", ".pickle"])
def test_a_pickle_is_never_opened(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(pickle.dumps(squares(["a"])))
    with pytest.raises(AreasError, match="a pickle can run any program when it is opened"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("ending", [".csv", ".gml", ".kml", ".vrt", ".xlsx", ".txt", ""])
def test_other_endings_are_refused(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    path.write_text("x")
    with pytest.raises(AreasError, match=r"is no format of areas. Give a GeoPackage"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp", ".zip", ".parquet"])
@pytest.mark.parametrize(
    "content",
    [
        b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        pickle.dumps({"a": 1}),
    ],
)
def test_the_content_does_not_choose_its_reader(tmp_path, ending, content):
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    with pytest.raises(AreasError, match=r"does not begin like a|the GeoJSON is cut off"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("before", ['{"type": "FeatureCollection", "features": [], "x": "', "{" + " " * 5000])
def test_a_virtual_layer_within_a_geojson_is_not_followed(tmp_path, before):
    secret = gpkg(tmp_path, squares(["secret"]))
    source = f"<OGRVRTLayer name='a'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    path = tmp_path / "b.geojson"
    path.write_text(
        f"{before}<OGRVRTDataSource>{source}</OGRVRTDataSource>" + ('"}' if '"' in before else "}")
    )
    with pytest.raises(AreasError, match="it holds a virtual layer, which leads to other files"):
        read_areas(path, area_id="code")


def test_json_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "a.json"
    triangle = [[[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.1]]]
    esri = {
        "geometryType": "esriGeometryPolygon",
        "features": [{"geometry": {"rings": triangle}, "attributes": {}}],
    }
    path.write_text(json.dumps({**esri, "spatialReference": {"wkid": 4326}}))
    with pytest.raises(AreasError, match=r"areas\.\n  - it is no GeoJSON but ESRIJSON\."):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("name", ["a!b.gpkg", "a;b.gpkg"])
def test_a_name_that_the_reader_would_misread_is_told(tmp_path, name):
    gpkg(tmp_path, squares(["a"])).rename(tmp_path / name)
    with pytest.raises(AreasError, match=r"a path with ! or ; cannot be opened. Rename"):
        read_areas(tmp_path / name, area_id="code")


@pytest.mark.parametrize("path", ["a\0.gpkg", "", b"a.gpkg"])
def test_a_path_is_plain_text(path):
    with pytest.raises(UsageError, match="it must be the name of a file, without NUL characters"):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("layer", ["a\0b", "", 7])
def test_a_layer_is_plain_text(tmp_path, layer):
    with pytest.raises(UsageError, match="it must be the name of a layer, without NUL characters"):
        read_areas(gpkg(tmp_path, squares(["a"])), area_id="code", layer=layer)


@pytest.mark.parametrize("column", ["", None, ["code"]])
def test_an_id_column_is_a_name(tmp_path, column):
    with pytest.raises(UsageError, match="it must be the name of a column"):
        read_areas(gpkg(tmp_path, squares(["a"])), area_id=column)


def test_an_unknown_scheme_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="Did you mean 'postal'"):
        read_areas(gpkg(tmp_path, squares(["a"])), area_id="code", id_scheme="postl")


def two_layers(tmp_path):
    path = tmp_path / "a.gpkg"
    squares(["a"]).to_file(path, layer="pno_2018")
    squares(["b"]).to_file(path, layer="pno_2019")
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), path, layer="selite", append=True)
    return path


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (None, r"it has several layers: pno_2018, pno_2019\. Say which one with layer="),
        (
            "pno_2020",
            r"there is no layer 'pno_2020'; it has pno_2018, pno_2019\. Did you mean 'pno_2018|9'\?",
        ),
        ("selite", "layer 'selite' has no geometry. Layers with geometry: pno_2018, pno_2019"),
        ("pno_2018; DROP TABLE pno_2018", "there is no layer 'pno_2018; DROP TABLE"),
        ("pno_2018' OR '1'='1", "there is no layer"),
        ("../a", "there is no layer"),
    ],
)
def test_a_layer_must_be_one_of_those_that_are_there(tmp_path, layer, message):
    path = two_layers(tmp_path)
    with pytest.raises(AreasError, match=message):
        read_areas(path, area_id="code", layer=layer)
    assert len(pyogrio.list_layers(path)) == 3


def test_a_geopackage_of_tables_alone_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), path, layer="selite")
    with pytest.raises(AreasError, match="it has no layer with geometry"):
        read_areas(path, area_id="code")


def test_parquet_has_no_layers(tmp_path):
    squares(["a"]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(AreasError, match=r"a Parquet file has no layers. Leave layer out"):
        read_areas(tmp_path / "a.parquet", area_id="code", layer="x")


@pytest.mark.parametrize("name", ["../b.shp", "/b.shp", "x/../../b.shp", "..\\b.shp", "C:\\b.shp"])
def test_a_zip_that_leads_outside_itself_is_refused(tmp_path, name):
    path = zipped(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(AreasError, match="names in the zip that lead outside it: 1 of 6"):
        read_areas(path, area_id="code")


def test_a_link_in_a_zip_is_refused(tmp_path):
    path = zipped(tmp_path)
    link = zipfile.ZipInfo("b.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(AreasError, match=r"links in the zip: 1 of 6 \(b\.shp\)"):
        read_areas(path, area_id="code")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = zipped(tmp_path)
    whole = bytearray(path.read_bytes())
    # In a central directory entry (APPNOTE 4.3.12) the size before compression stands at byte 24.
    entry = whole.index(b"PK\x01\x02", whole.index(b"PK\x01\x02") + 4)
    whole[entry + 24 : entry + 28] = struct.pack("<I", 2**31)
    path.write_bytes(bytes(whole))
    with pytest.raises(AreasError, match=r"the zip unfolds to 2147.* bytes, more than 1073741824"):
        read_areas(path, area_id="code")


def test_an_encrypted_zip_is_told(tmp_path):
    path = zipped(tmp_path)
    whole = bytearray(path.read_bytes())
    start = whole.index(b"PK\x01\x02")
    whole[start + 8] |= 1
    path.write_bytes(bytes(whole))
    with pytest.raises(AreasError, match="encrypted files in the zip: 1 of 5"):
        read_areas(path, area_id="code")


def test_a_zip_without_a_shapefile_is_told(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(AreasError, match="the zip holds no Shapefile"):
        read_areas(path, area_id="code")


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = gpkg(tmp_path, squares(["a"]))

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(AreasError, match=r"it cannot be opened \(Permission denied\)"):
        read_areas(path, area_id="code")


def test_whatever_is_wrong_is_an_error_of_this_package(tmp_path):
    path = gpkg(tmp_path, squares(["a", "a"]))
    for options in ({"area_id": "x"}, {"area_id": "code"}, {"area_id": "code", "layer": "x"}):
        with pytest.raises(LeaGeoError):
            read_areas(path, **options)
