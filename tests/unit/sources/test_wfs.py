"""A real WFS gives what is in the file behind it, whole and the right way round, in every version."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from live_layers import sources_at

from lea_geo.errors import SourceError, UsageError
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.features import area_id_column
from lea_geo.sources.wfs import download_features, list_layers
from lea_geo.sources.wfs_filter import LONGEST, filter_text, filters

POSTAL = "statistics_finland_postal_areas"
FIGURES = "postialue:pno_tilasto_2025"


@pytest.fixture
def download(tmp_path):
    """A function that downloads into an empty cache, or into the same one again."""

    def fetch(server, layer=FIGURES, name=POSTAL, *, page=None, versions=None, offline=False, **options):
        registry = sources_at(server, page=page, versions=versions)
        with Client(registry, Cache(tmp_path / "cache"), offline=offline, wait=0.01, tries=2) as client:
            return download_features(client, registry[name], layer, **options)

    return fetch


def file_of(server, layer=FIGURES):
    """What GDAL reads from the file behind a layer."""
    frame = gpd.read_file(server.files[tuple(layer.split(":"))], engine="pyogrio")
    return frame.drop(columns="fid_of_server")


def as_multi(geometry):
    """Polygons as multipolygons: servers do not tell one from the other."""
    return np.array([shapely.MultiPolygon(list(shapely.get_parts(one))) for one in geometry])


def assert_same(got, expected, key, tolerance=1e-6):
    """Every value, and every coordinate to the server's precision, whatever the order of rows."""
    got, expected = got.sort_values(key, ignore_index=True), expected.sort_values(key, ignore_index=True)
    assert set(got.columns) == set(expected.columns)
    names = [name for name in expected.columns if name != "geometry"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(got[names]), pd.DataFrame(expected[names]), check_dtype=False, rtol=1e-9
    )
    there, here = (frame.geometry.to_numpy() for frame in (got, expected))
    if set(shapely.get_type_id(here)) != {0}:
        there, here = as_multi(there), as_multi(here)
    same = shapely.equals_exact(shapely.normalize(there), shapely.normalize(here), tolerance=tolerance)
    # Which ring comes first, and where it starts, can turn on the last digit.
    apart = np.array(
        [one.symmetric_difference(other).area for one, other in zip(there[~same], here[~same], strict=True)]
    )
    counts = shapely.get_num_coordinates(there[~same]), shapely.get_num_coordinates(here[~same])
    assert (apart < tolerance * shapely.length(here[~same])).all(), got.loc[~same, key].tolist()
    np.testing.assert_array_equal(*counts)


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0", "1.0.0"])
def test_every_version_gives_the_layer_as_it_is_in_the_file(demo, download, version):
    features = download(demo, versions=(version,))
    assert_same(features.frame, file_of(demo), "postinumeroalue")
    assert features.frame.crs == "EPSG:3067"


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_gml_of_either_form_gives_the_layer_as_it_is_in_the_file(demo_gml, download, version):
    features = download(demo_gml, versions=(version,))
    assert_same(features.frame, file_of(demo_gml), "postinumeroalue")


@pytest.mark.parametrize(
    ("name", "layer", "key"),
    [
        ("statistics_finland_municipalities", "tilastointialueet:kunta1000k_2025", "kunta"),
        ("statistics_finland_population_grid", "vaestoruutu:vaki2025_1km", "grd_id"),
        ("statistics_finland_schools", "oppilaitokset:oppilaitokset", "tunn"),
        ("hsy_population_grid", "asuminen_ja_maankaytto:Vaestotietoruudukko_2015", "INDEX"),
    ],
)
def test_every_service_of_the_registry_gives_its_layer_as_it_is_in_the_file(demo, download, name, layer, key):
    features = download(demo, layer, name)
    expected = file_of(demo, layer)
    assert_same(features.frame, expected, key)
    assert features.frame.crs == expected.crs


def test_codes_keep_their_zeros_and_minus_one_stays_minus_one(demo, demo_gml, download):
    for server in (demo, demo_gml):
        frame = download(server).frame
        assert frame["postinumeroalue"].str.fullmatch(r"089\d\d").all()
        assert set(frame["kunta"]) == {"998", "999"}
        # boundaries/demo/paavo.csv holds 110 cells of -1.
        assert (frame.drop(columns="geometry") == -1).sum().sum() == 110


def test_pages_of_seven_and_of_a_thousand_give_the_same(demo, download):
    small = download(demo, page=7)
    assert len(small.frame) == 60
    assert len(small.fetched) == 3 + 9  # what there is, its columns and number; 60 = 8 x 7 + 4
    whole = download(demo, page=1000)
    pd.testing.assert_frame_equal(pd.DataFrame(small.frame), pd.DataFrame(whole.frame))
    starts = [one["startindex"] for one in demo.asked if one.get("count") == "7" and "startindex" in one]
    assert starts[-8:] == [str(7 * n) for n in range(1, 9)]
    assert {one["sortby"] for one in demo.asked if one.get("count") == "7"} == {"postinumeroalue"}


def test_a_service_that_caps_its_pages_below_what_was_asked_is_read_to_the_end(demo, download):
    def cap(parameters, _):
        if parameters.get("count") == "50":
            asked = {**parameters, "count": "20"}
            return demo.answer("postialue", asked)
        return None

    with demo.spoilt(cap):
        assert len(download(demo, page=50).frame) == 60


@pytest.mark.parametrize(
    ("version", "where"),
    [
        ("2.0.0", {"kunta": "999"}),
        ("2.0.0", {"kunta": ["999"], "postinumeroalue": ["08931", "08932", "08910"]}),
        ("2.0.0", {"vuosi": "2025", "te_takk": ["1.8", "2"]}),
        ("1.1.0", {"kunta": ["998", "999"]}),
        ("1.0.0", {"kunta": ["999"], "postinumeroalue": ["08931", "08932", "08910"]}),
    ],
)
def test_features_are_chosen_by_the_values_of_columns(demo, download, version, where):
    whole = file_of(demo)
    held = pd.Series(True, index=whole.index)
    for column, values in where.items():
        listed = [values] if isinstance(values, str) else values
        numbers = whole[column].dtype.kind in "if"
        held &= whole[column].isin([float(one) for one in listed] if numbers else listed)
    assert held.any()
    features = download(demo, versions=(version,), where=where)
    assert sorted(features.frame["postinumeroalue"]) == sorted(whole.loc[held, "postinumeroalue"])


def test_a_long_choice_is_asked_in_parts_and_comes_once(demo, download):
    codes = [f"{n:05}" for n in range(8900, 8940)]
    features = download(demo, where={"postinumeroalue": codes})
    expected = file_of(demo).query("postinumeroalue in @codes")
    assert len(expected) == 30
    assert_same(features.frame, expected, "postinumeroalue")
    parts = {one["filter"] for one in demo.asked if one.get("filter", "").count("<fes:Literal>") > 10}
    assert len(parts) > 1
    listed = list(filters({"postinumeroalue": codes}, "2.0.0"))
    assert all(len(text) < LONGEST for text in listed)
    assert sum(text.count("<fes:Literal>") for text in listed) == 40


@pytest.mark.parametrize("value", ['a & <b> "</fes:Literal>', "998' OR '1'='1", "*"])
def test_hostile_values_choose_nothing_and_stay_values(demo, download, value):
    with pytest.raises(SourceError, match="there are no features whose kunta is"):
        download(demo, where={"kunta": [value]})


def test_a_filter_names_its_columns_as_each_version_does():
    modern, old = (filter_text({"kunta": ["1&2"]}, version) for version in ("2.0.0", "1.1.0"))
    assert "ValueReference>kunta<" in modern
    assert "http://www.opengis.net/fes/2.0" in modern
    assert "PropertyName>kunta<" in old
    assert '"http://www.opengis.net/ogc"' in old
    assert "1&amp;2" in modern
    assert list(filters({}, "2.0.0")) == [""]


def test_what_cannot_be_chosen_by_is_refused_before_anything_is_asked(demo, download):
    before = len(demo.asked)
    for where in ({"kunta='1'": ["1"]}, {"kunta": []}, {"kunta": [91]}, {"": ["1"]}):
        with pytest.raises(UsageError, match="where has"):
            download(demo, where=where)
    assert len(demo.asked) == before
    with pytest.raises(SourceError, match="columns to choose by that the layer does not have") as refused:
        download(demo, where={"kunat": ["998"]})
    assert "Did you mean kunta?" in str(refused.value)


def test_only_the_columns_that_were_asked_for_are_kept(demo, download):
    frame = download(demo, fields=["kunta", "he_vakiy"]).frame
    assert list(frame.columns) == ["kunta", "he_vakiy", "geometry"]
    with pytest.raises(SourceError, match=r"columns that the layer does not have: 1 of 1 \(he_vaki\)"):
        download(demo, fields=["he_vaki"])


@pytest.mark.parametrize("crs", ["EPSG:4326", "urn:ogc:def:crs:EPSG::4326", "EPSG:3879"])
@pytest.mark.parametrize(
    ("form", "version"), [("demo", "2.0.0"), ("demo_gml", "2.0.0"), ("demo_gml", "1.1.0")]
)
def test_coordinates_have_easting_first_whatever_is_asked_for(request, download, form, version, crs):
    server, code = request.getfixturevalue(form), "EPSG:" + crs.rpartition(":")[2]
    features = download(server, versions=(version,), crs=crs)
    assert features.frame.crs == code
    tolerance = 1e-3 if code == "EPSG:3879" else 2e-6
    assert_same(features.frame, file_of(server).to_crs(code), "postinumeroalue", tolerance)  # by PROJ
    # MapServer names the short form in GML 3.1 and yet writes latitude and northing first.
    turned = any("northing or latitude first" in note for note in features.notes)
    assert turned == (form == "demo_gml" and version == "1.1.0")


def test_a_service_that_answers_in_another_crs_than_asked_is_told_of(demo, download):
    features = download(demo, versions=("1.0.0",), crs="EPSG:4326")
    assert features.frame.crs == "EPSG:3067"
    assert any("EPSG:4326 was asked for, and the service gave EPSG:3067" in note for note in features.notes)


def test_layers_are_listed_with_the_versions_that_the_service_speaks(demo, tmp_path):
    registry = sources_at(demo)
    with Client(registry, Cache(tmp_path)) as client:
        listed = list_layers(client, registry[POSTAL])
    assert FIGURES in listed.layers
    assert len(listed.layers) == 5
    assert listed.version == "2.0.0"
    assert listed.versions == ("2.0.0", "1.1.0", "1.0.0")
    assert listed.layers[FIGURES].crs == ("EPSG:3067", "EPSG:4326", "EPSG:3879")
    assert listed.json == "application/json"


def test_the_id_column_of_a_year_is_found_by_the_registry_s_names(demo, download):
    source = sources_at(demo)[POSTAL]
    assert area_id_column(source, download(demo)) == "postinumeroalue"
    assert area_id_column(source, download(demo, "postialue:pno_tilasto_2021")) == "posti_alue"
    with pytest.raises(SourceError, match="none is an area id"):
        area_id_column(source, download(demo, fields=["kunta"]))


def test_what_was_fetched_comes_again_from_the_cache_alone(demo, download):
    first = download(demo, page=20, where={"kunta": ["998"]})
    before = len(demo.asked)
    again = download(demo, page=20, where={"kunta": ["998"]}, offline=True)
    assert len(demo.asked) == before
    pd.testing.assert_frame_equal(pd.DataFrame(first.frame), pd.DataFrame(again.frame))
    assert [one.record.sha256 for one in first.fetched] == [one.record.sha256 for one in again.fetched]
    with pytest.raises(SourceError, match="is not in"):
        download(demo, page=20, offline=True)


def test_reading_opens_no_address_that_an_answer_names(demo_gml, download):
    before = len(demo_gml.asked)
    features = download(demo_gml)
    assert b"schemaLocation" in features.fetched[-1].content
    assert len(demo_gml.asked) - before == len(features.fetched)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "layer", "file", "key"),
    [
        (
            POSTAL,
            "postialue:pno_tilasto_2026",
            "paavo_wfs_2026_helsinki_tampere_turku.gpkg",
            "postinumeroalue",
        ),
        (POSTAL, "postialue:pno_2018", "postal_areas_2018.gpkg", "postinumeroalue"),
        (
            "statistics_finland_municipalities",
            "tilastointialueet:kunta1000k_2019",
            "kunta_2019_1000k.gpkg",
            "kunta",
        ),
        (
            "hsy_population_grid",
            "asuminen_ja_maankaytto:Vaestotietoruudukko_2015",
            "hsy_population_grid_250m_2015.gpkg",
            "INDEX",
        ),
    ],
)
def test_real_layers_come_whole_and_as_they_are(real, finland, download, name, layer, file, key):
    features = download(real, layer, name)
    assert len(features.frame) == pyogrio.read_info(finland / file)["features"]
    expected = file_of(real, layer)
    if key == "INDEX":  # HSY's own column names the cells twice over where nobody's place is known
        assert sorted(features.frame[key]) == sorted(expected[key])
        assert np.isclose(features.frame["ASUKKAITA"].sum(), expected["ASUKKAITA"].sum())
    else:
        assert_same(features.frame, expected, key)


@pytest.mark.real
def test_a_region_of_the_real_figures_is_chosen_by_municipality(real, download):
    for version in ("2.0.0", "1.0.0"):
        chosen = download(real, "postialue:pno_tilasto_2026", versions=(version,), where={"kunta": ["092"]})
        assert len(chosen.frame) == 37  # MANIFEST.md: Vantaa 37
        assert set(chosen.frame["kunta"]) == {"092"}
    expected = file_of(real, "postialue:pno_tilasto_2026").query("kunta == '092'")
    assert_same(chosen.frame, expected, "postinumeroalue")
