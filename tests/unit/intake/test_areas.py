"""Boundaries that are read: what comes out, and what was noted on the way."""

import json
import zipfile

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from lea_geo._checks.areas import check_areas
from lea_geo.errors import AreasError
from lea_geo.intake.areas import read_areas

BOWTIE = Polygon([(385_000, 6_675_000), (385_100, 6_675_100), (385_100, 6_675_000), (385_000, 6_675_100)])


def squares(ids, *, column="code", crs=3067, **columns):
    shapes = [box(385_000 + 100 * i, 6_675_000, 385_100 + 100 * i, 6_675_100) for i in range(len(ids))]
    return gpd.GeoDataFrame({column: ids, **columns}, geometry=shapes, crs=3067).to_crs(crs)


def write(areas, path, **options):
    if path.suffix == ".parquet":
        areas.to_parquet(path)
    elif path.suffix == ".zip":
        plain = path.parent / "plain.shp"
        areas.to_file(plain)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.write(plain.with_suffix(ending), f"rajat/{path.stem}{ending}")
    else:
        areas.to_file(path, **options)
    return path


FILES = ["a.gpkg", "a.geojson", "a.shp", "a.zip", "a.parquet", "ÄÖ {1}!; å.zip", "ÄÖ {1} å.gpkg", "A.SHP"]


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_areas(tmp_path, name):
    source = squares(
        ["00100", "00120", "90100"], nimi=["Keskusta", "Punavuori", "Ähtäri"], vuosi=[2018, 2018, 2018]
    )
    if name == "A.SHP":
        for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            write(source, tmp_path / "a.shp")
            (tmp_path / f"a{ending}").rename(tmp_path / f"A{ending.upper()}")
        path = tmp_path / name
    else:
        path = write(source, tmp_path / name)
    areas = read_areas(path, area_id="code")
    check_areas(areas)
    assert areas.index.tolist() == ["00100", "00120", "90100"]
    assert areas.index.name == "area_id"
    assert areas.columns.tolist() == ["code", "nimi", "vuosi", "geometry"]
    assert areas.nimi.tolist() == ["Keskusta", "Punavuori", "Ähtäri"]
    assert areas.crs.to_epsg() == 3067
    assert areas.area.tolist() == pytest.approx([10_000] * 3)
    assert areas.attrs["notes"] == []


def test_a_path_may_be_text(tmp_path):
    assert len(read_areas(str(write(squares(["a"]), tmp_path / "a.gpkg")), area_id="code")) == 1


def test_notes_survive_as_json(tmp_path):
    path = write(squares([1, 2]), tmp_path / "a.gpkg")
    notes = read_areas(path, area_id="code").attrs["notes"]
    assert json.loads(json.dumps(notes)) == notes
    assert all(isinstance(note, str) for note in notes)


def test_another_crs_is_reprojected_with_a_note(tmp_path):
    areas = read_areas(write(squares(["a", "b"], crs=4326), tmp_path / "a.gpkg"), area_id="code")
    assert areas.crs.to_epsg() == 3067
    assert areas.attrs["notes"] == ["The areas were reprojected from WGS 84 to ETRS89 / TM35FIN(E,N)."]
    assert areas.total_bounds.tolist() == pytest.approx([385_000, 6_675_000, 385_200, 6_675_100], abs=1e-3)


def test_the_result_can_be_in_another_projected_crs(tmp_path):
    path = write(squares(["a"]), tmp_path / "a.gpkg")
    areas = read_areas(path, area_id="code", crs="EPSG:3879")
    assert areas.crs.to_epsg() == 3879
    assert areas.attrs["notes"] == [
        "The areas were reprojected from ETRS89 / TM35FIN(E,N) to ETRS89 / GK25FIN."
    ]


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.parquet"])
def test_a_file_without_crs_is_taken_to_be_in_the_one_that_is_given(tmp_path, name):
    source = squares(["a"]).set_crs(None, allow_override=True)
    areas = read_areas(write(source, tmp_path / name), area_id="code", crs=3067)
    assert areas.crs.to_epsg() == 3067
    assert areas.attrs["notes"] == [
        "The file states no coordinate reference system; it was taken to be in ETRS89 / TM35FIN(E,N)."
    ]


def test_an_invalid_polygon_is_repaired_and_the_change_is_told(tmp_path):
    source = squares(["bow", "b"])
    source.loc[0, "geometry"] = BOWTIE
    areas = read_areas(write(source, tmp_path / "a.gpkg"), area_id="code")
    # Two triangles of 100 m by 50 m that wind against each other: 0 m2 by the shoelace, 5000 m2 in truth.
    assert areas.area["bow"] == pytest.approx(5000)
    assert areas.attrs["notes"] == [
        "Area bow was repaired (Self-intersection): its surface changed by +5000.0 m2, from 0.0 to 5000.0 m2."
    ]
    check_areas(areas)


def test_parts_of_one_area_that_overlap_become_one_surface(tmp_path):
    source = squares(["twice"])
    source["geometry"] = [MultiPolygon([box(385_000, 6_675_000, 385_100, 6_675_100)] * 2)]
    areas = read_areas(write(source, tmp_path / "a.gpkg"), area_id="code")
    assert areas.area.tolist() == pytest.approx([10_000])
    assert "changed by -10000.0 m2, from 20000.0 to 10000.0 m2" in areas.attrs["notes"][0]


def test_heights_are_left_out_with_a_note(tmp_path):
    source = squares(["a"])
    source["geometry"] = shapely.force_3d(source.geometry.to_numpy(), 7.0)
    areas = read_areas(write(source, tmp_path / "a.gpkg"), area_id="code")
    assert not areas.has_z.any()
    assert areas.attrs["notes"] == ["Heights were left out."]


@pytest.mark.parametrize(
    ("scheme", "given", "expected"),
    [
        ("postal", [100, 120, 65100], ["00100", "00120", "65100"]),
        ("postal", ["100", " 00120", "65100.0"], ["00100", "00120", "65100"]),
        ("municipality", [5, 92, 905], ["005", "092", "905"]),
        ("municipality", ["5", "092", "905"], ["005", "092", "905"]),
        ("postal", ["1.02E+02", "00120", "6.5100E+04"], ["00102", "00120", "65100"]),
    ],
)
def test_leading_zeros_come_back_where_the_scheme_is_known(tmp_path, scheme, given, expected):
    areas = read_areas(write(squares(given), tmp_path / "a.gpkg"), area_id="code", id_scheme=scheme)
    assert areas.index.tolist() == expected
    assert areas.code.tolist() == given
    width = {"postal": 5, "municipality": 3}[scheme]
    assert (
        f"repaired as {scheme} codes of {width} digits ({str(given[0]).strip()} became"
        in areas.attrs["notes"][-1]
    )


def test_numbers_stay_as_they_are_where_no_scheme_is_known(tmp_path):
    areas = read_areas(write(squares([100, 65100]), tmp_path / "a.gpkg"), area_id="code")
    assert areas.index.tolist() == ["100", "65100"]
    assert "Column 'code' holds whole numbers, which became text as they are" in areas.attrs["notes"][0]


def test_whole_numbers_beyond_2_to_the_53_are_not_merged(tmp_path):
    ids = [2**53, 2**53 + 1]
    for name in ("a.gpkg", "a.parquet"):
        areas = read_areas(write(squares(ids), tmp_path / name), area_id="code")
        assert areas.index.tolist() == [str(i) for i in ids]


def test_codes_that_need_no_repair_get_no_note(tmp_path):
    areas = read_areas(write(squares(["00100"]), tmp_path / "a.gpkg"), area_id="code", id_scheme="postal")
    assert areas.attrs["notes"] == []


def test_blanks_around_ids_are_removed_with_a_note(tmp_path):
    areas = read_areas(write(squares([" 00100", "00120"]), tmp_path / "a.gpkg"), area_id="code")
    assert areas.index.tolist() == ["00100", "00120"]
    assert areas.attrs["notes"] == ["Blanks around 1 of 2 ids in column 'code' were removed."]


def test_grid_ids_can_be_demanded(tmp_path):
    path = write(squares(["1kmN6675E0385", "1kmN6675E0386"]), tmp_path / "a.gpkg")
    assert len(read_areas(path, area_id="code", id_scheme="grid")) == 2


def test_areas_that_were_written_are_read_again(tmp_path):
    path = write(squares(["a", "b"]), tmp_path / "a.gpkg")
    first = read_areas(path, area_id="code")
    first.to_parquet(tmp_path / "b.parquet")
    again = read_areas(tmp_path / "b.parquet", area_id="area_id")
    assert again.equals(first)


def test_rows_of_a_parquet_file_keep_their_places_whatever_its_index(tmp_path):
    source = squares(["a", "b", "c"])
    for index in (["x", "x", "y"], [2, 0, 1], pd.RangeIndex(3, name="n")):
        source.set_index(pd.Index(index)).to_parquet(tmp_path / "a.parquet")
        areas = read_areas(tmp_path / "a.parquet", area_id="code")
        assert areas.index.tolist() == ["a", "b", "c"]
        assert areas.geometry.tolist() == source.geometry.tolist()
    assert read_areas(tmp_path / "a.parquet", area_id="n").index.tolist() == ["0", "1", "2"]


def test_a_column_called_area_id_is_the_index_or_makes_way_for_it(tmp_path):
    path = write(squares(["a", "b"], column="area_id", other=["x", "y"]), tmp_path / "a.gpkg")
    assert read_areas(path, area_id="area_id").columns.tolist() == ["other", "geometry"]
    areas = read_areas(path, area_id="other")
    assert areas.index.tolist() == ["x", "y"]
    assert areas.area_id_in_file.tolist() == ["a", "b"]
    assert "is called 'area_id_in_file'" in areas.attrs["notes"][0]


def test_the_only_layer_with_geometry_is_taken(tmp_path):
    path = write(squares(["a"]), tmp_path / "a.gpkg", layer="rajat")
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), path, layer="selite", append=True)
    assert len(read_areas(path, area_id="code")) == 1


def test_a_layer_is_chosen_by_its_name_and_the_others_are_named(tmp_path):
    path = write(squares(["a"]), tmp_path / "a.gpkg", layer='2018"; DROP TABLE x')
    write(squares(["b"]), path, layer="2019")
    areas = read_areas(path, area_id="code", layer='2018"; DROP TABLE x')
    assert areas.index.tolist() == ["a"]
    assert areas.attrs["notes"] == ["Only layer '2018\"; DROP TABLE x' was read, not 2019."]
    assert read_areas(path, area_id="code", layer="2019").index.tolist() == ["b"]


def test_a_shapefile_is_chosen_among_those_of_a_zip(tmp_path):
    for name, ids in (("x", ["a"]), ("y", ["b"])):
        squares(ids).to_file(tmp_path / f"{name}.shp")
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in tmp_path.glob("[xy].*"):
            archive.write(file, file.name)
    assert read_areas(path, area_id="code", layer="y").index.tolist() == ["b"]
    with pytest.raises(AreasError, match=r"it has several layers: x, y\. Say which one with layer="):
        read_areas(path, area_id="code")


@pytest.mark.parametrize("name", ["Alaj\x1arvi", "Finstr\ufffdm", "Alaj\u00c3\u00a4rvi", "Ã–vertorneÃ¥"])
def test_garbled_letters_are_counted_and_left(tmp_path, name):
    path = write(squares(["a", "b", "c"], nimi=[name, "Äänekoski", None]), tmp_path / "a.parquet")
    areas = read_areas(path, area_id="code")
    assert areas.nimi.iloc[0] == name
    assert areas.attrs["notes"] == [
        f"Column 'nimi': 1 of 2 texts have garbled letters, such as {name!a}; they were left as they are."
    ]


def test_true_names_of_finland_hold_no_garbled_letters(tmp_path):
    names = [
        "Åland",
        "Ähtäri",
        "Övertorneå",
        "Inari – Aanaar – Aanar – Anár",
        "Čáhppesluokta",
        "Café «Â la carte»",
    ]
    areas = read_areas(write(squares(list("abcdef"), nimi=names), tmp_path / "a.gpkg"), area_id="code")
    assert areas.attrs["notes"] == []


# Real files. The numbers are those of MANIFEST.md, beside the data.


@pytest.mark.parametrize(
    ("name", "column", "scheme", "n"),
    [
        ("postal_areas_2015.gpkg", "postinumeroalue", "postal", 3035),
        ("postal_areas_2018.gpkg", "postinumeroalue", "postal", 3030),
        ("postal_areas_2019.gpkg", "postinumeroalue", "postal", 3026),
        ("paavo_wfs_2026_helsinki_tampere_turku.gpkg", "postinumeroalue", "postal", 330),
        ("kunta_2017_mml_land.gpkg", "NATCODE", "municipality", 311),
        ("kunta_2019_1000k.gpkg", "kunta", "municipality", 311),
        ("kunta_2021_mml_with_sea.gpkg", "NATCODE", "municipality", 309),
        ("hsy_population_grid_250m_2015.gpkg", "INDEX", None, 5784),
        ("ykr_grid_250m_helsinki_region.gpkg", "YKR_ID", None, 13231),
    ],
)
def test_real_boundaries_keep_the_contract(finland, name, column, scheme, n):
    areas = read_areas(finland / name, area_id=column, id_scheme=scheme)
    check_areas(areas)
    assert len(areas) == n
    assert areas.crs.to_epsg() == 3067


def test_whole_postal_areas_need_no_note(finland):
    areas = read_areas(finland / "postal_areas_2018.gpkg", area_id="postinumeroalue", id_scheme="postal")
    assert areas.attrs["notes"] == []


@pytest.mark.parametrize(
    ("name", "column", "n"),
    [
        ("dirty_pno_simplified_2022.geojson", "postinumeroalue", 29),
        ("kunta_2021_mml_with_sea.gpkg", "NATCODE", 15),
    ],
)
def test_each_invalid_area_of_the_real_files_is_repaired_and_noted(finland, name, column, n):
    areas = read_areas(finland / name, area_id=column)
    repairs = [note for note in areas.attrs["notes"] if " was repaired (" in note]
    assert len(repairs) == n
    assert all("its surface changed by " in note for note in repairs)
    assert areas.is_valid.all()


def test_the_lost_letters_of_the_real_municipalities_are_noted(finland):
    notes = read_areas(finland / "kunta_2019_1000k.gpkg", area_id="kunta").attrs["notes"]
    assert [note.split(":")[0] for note in notes] == ["Column 'nimi'", "Column 'namn'", "Column 'name'"]
    assert "'Alaj\\x1arvi'" in notes[0]
    notes = read_areas(finland / "kunta_2017_mml_land.gpkg", area_id="NATCODE").attrs["notes"]
    assert any(note.startswith("Column 'NAMESWE'") and "\\ufffd" in note for note in notes)


# The contract, for those who build areas themselves.


def areas_like(**changes):
    areas = squares(["a", "b"]).set_index("code")
    return areas.assign(**changes)


def test_areas_that_keep_the_contract_are_returned():
    areas = areas_like()
    assert check_areas(areas) is areas


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        (pd.DataFrame({"a": [1]}), "areas is a DataFrame. Give a GeoDataFrame"),
        (gpd.GeoDataFrame({"a": [1]}), "the frame has no geometry column"),
        (areas_like().iloc[:0], "there is not a single area"),
        (areas_like().reset_index(), r"area ids that are not text: 2 of 2 \(0, 1\)"),
        (areas_like().set_axis(["a", "a"]), r"duplicate area ids: 1 of 2 \(a\)"),
        (areas_like().set_axis(["a", " "]), r"blank area ids: 1 of 2 \(row 2\)"),
        (areas_like().set_axis(["a", None]), r"blank area ids: 1 of 2 \(row 2\)"),
        (areas_like().set_index("geometry", append=True, drop=False), "the index has several levels"),
        (areas_like(geometry=[None, BOWTIE.convex_hull]), r"null or unreadable geometry: 1 of 2 \(a\)"),
        (areas_like(geometry=[Polygon(), BOWTIE.convex_hull]), r"empty geometry: 1 of 2 \(a\)"),
        (
            areas_like(geometry=[shapely.Point(1, 1), BOWTIE.convex_hull]),
            r"no polygons but Point: 1 of 2 \(a\)",
        ),
        (
            areas_like(geometry=[BOWTIE, BOWTIE.convex_hull]),
            r"invalid polygons.*Self-intersection.*: 1 of 2 \(a\)",
        ),
        (areas_like().to_crs(4326), "EPSG:4326 is not projected"),
        (areas_like().to_crs(2263), "EPSG:2263 is in US survey foot, not metres"),
        (areas_like().set_crs(None, allow_override=True), "no coordinate reference system is stated"),
    ],
)
def test_areas_that_break_the_contract_are_refused(areas, message):
    with pytest.raises(AreasError, match=message):
        check_areas(areas)


def test_all_breaches_are_told_at_once():
    with pytest.raises(AreasError) as caught:
        check_areas(areas_like(geometry=[None, BOWTIE]).to_crs(4326).set_axis(["", ""]))
    assert len(caught.value.faults) == 4
