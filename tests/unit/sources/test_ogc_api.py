"""A real OGC API gives what is in the file behind it; links are followed only where they may lead."""

import json

import pandas as pd
import pytest
import shapely
from live_layers import demo_layers
from odd_server import PAGE

from lea_geo.errors import SourceError, UsageError
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.ogc_api import download_features, list_layers
from lea_geo.sources.registry import Limits, Registry, Source

FIGURES = "pno_tilasto_2025"
ITEMS = f"/collections/{FIGURES}/items"


@pytest.fixture
def registry(ogc):
    source = Source(
        "demo",
        "a made-up region",
        "ogc_api",
        ogc.address,
        "lea_geo",
        "CC0 1.0",
        area_id=("postinumeroalue", "kunta"),
        crs="EPSG:3067",
        limits=Limits(page=1000),
    )
    return Registry({"demo": source})


@pytest.fixture
def download(registry, tmp_path):
    """A function that downloads, with little patience; ``page`` features at a time."""

    def fetch(layer=FIGURES, *, page=None, offline=False, **options):
        source = registry["demo"]
        if page:
            object.__setattr__(source, "limits", Limits(page=page))
        with Client(registry, Cache(tmp_path), offline=offline, wait=0.01, tries=2) as client:
            return download_features(client, source, layer, **options)

    return fetch


@pytest.fixture(scope="session")
def figures():
    return demo_layers()["postialue"][FIGURES]


def assert_same(got, expected, tolerance=1e-6):
    got, expected = (frame.sort_values("postinumeroalue", ignore_index=True) for frame in (got, expected))
    names = [name for name in expected.columns if name != "geometry"]
    pd.testing.assert_frame_equal(pd.DataFrame(got[names]), pd.DataFrame(expected[names]), check_dtype=False)
    there, here = (shapely.normalize(frame.geometry.to_numpy()) for frame in (got, expected))
    assert shapely.equals_exact(there, here, tolerance=tolerance).all()


def edited(change, path=ITEMS):
    """A spoiler of JSON at one path: ``change(held)`` edits it."""

    def spoil(asked, answer):
        if asked != path:
            return None
        held = json.loads(answer.body)
        change(held)
        return answer.with_body(json.dumps(held).encode())

    return spoil


@pytest.mark.parametrize("page", [7, 1000])
def test_pages_of_seven_and_of_a_thousand_give_the_collection_as_it_is(ogc, download, figures, page):
    before = len(ogc.asked)
    features = download(page=page)
    assert_same(features.frame, figures)
    assert features.frame.crs == "EPSG:3067"
    assert features.notes == ()
    assert len(ogc.asked) - before == 2 + (9 if page == 7 else 1)  # landing, collections; 60 = 8 x 7 + 4


def test_collections_are_listed(registry, tmp_path):
    with Client(registry, Cache(tmp_path)) as client:
        listed = list_layers(client, registry["demo"])
    assert sorted(listed.layers) == ["kunta1000k_2025", FIGURES]
    assert listed.layers[FIGURES].crs[0] == "http://www.opengis.net/def/crs/EPSG/0/3067"
    assert listed.layers[FIGURES].queryables


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3879", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_coordinates_have_easting_first_whatever_is_asked_for(download, figures, crs):
    features = download(crs=crs)
    code = "EPSG:4326" if crs.endswith("CRS84") else crs
    assert features.frame.crs == code
    assert_same(features.frame, figures.to_crs(code), 1e-3 if code == "EPSG:3879" else 2e-6)  # by PROJ
    turned = any("northing or latitude first" in note for note in features.notes)
    assert turned == (not crs.endswith("CRS84"))  # EPSG has latitude and northing first in both
    # pygeoapi hands on what the file says of its CRS, whatever it has made of the coordinates.
    assert any("says EPSG:3067; the coordinates can only be" in note for note in features.notes)


def test_a_crs_that_is_not_offered_is_not_asked_for_and_told(ogc, download):
    features = download(crs="EPSG:3857")
    assert features.frame.crs == "EPSG:4326"
    assert any("EPSG:3857 is not offered; longitude and latitude were taken" in n for n in features.notes)
    assert "crs" not in ogc.asked[-1][1]


def test_features_are_chosen_by_one_question_for_each_value(ogc, download, figures):
    chosen = download(where={"kunta": ["999", "998"]})
    assert_same(chosen.frame, figures)
    assert [asked["kunta"] for _, asked in ogc.asked[-2:]] == ["999", "998"]
    some = download(where={"kunta": "999", "postinumeroalue": ["08931", "08910"]})
    assert list(some.frame["postinumeroalue"]) == ["08931"]
    with pytest.raises(SourceError, match="there are no features whose kunta is a&b="):
        download(where={"kunta": ["a&b=<c>"]})
    with pytest.raises(UsageError, match="501 combinations"):
        download(where={"kunta": [str(n) for n in range(501)]})


def test_what_cannot_be_chosen_by_names_the_nearest(download):
    with pytest.raises(SourceError, match="Did you mean kunta"):
        download(where={"kunata": ["998"]})


def test_a_service_that_ignores_what_was_chosen_by_is_an_error(ogc, download):
    here = {"type": "Point", "coordinates": [110_000, 6_850_000]}

    def add(held):
        held["features"].append(
            {"type": "Feature", "id": "X", "properties": {"kunta": "999"}, "geometry": here}
        )
        held.update(numberMatched=2, numberReturned=2)

    path = "/collections/kunta1000k_2025/items"
    with (
        ogc.spoilt(edited(add, path)),
        pytest.raises(SourceError, match=r"another kunta than asked for: 1 of 2 \(999\)"),
    ):
        download("kunta1000k_2025", where={"kunta": ["998"]})


def test_only_the_columns_that_were_asked_for_are_kept(download):
    assert list(download(fields=["kunta"]).frame.columns) == ["kunta", "geometry"]
    with pytest.raises(SourceError, match="columns that the layer does not have"):
        download(fields=["kunat"])


def test_a_collection_that_is_not_there_names_those_of_other_years(download):
    with pytest.raises(SourceError, match="It advertises the same of 2025"):
        download("pno_tilasto_2026")


def test_what_was_fetched_comes_again_from_the_cache_alone(ogc, download):
    first = download(page=20)
    before = len(ogc.asked)
    again = download(page=20, offline=True)
    assert len(ogc.asked) == before
    pd.testing.assert_frame_equal(pd.DataFrame(first.frame), pd.DataFrame(again.frame))


@pytest.mark.parametrize("path", ["/", ITEMS])
def test_a_link_to_another_host_is_not_followed(ogc, download, path):
    def lead(held):
        for link in held["links"]:
            link["href"] = "http://127.0.0.2:9/items"

    with ogc.spoilt(edited(lead, path)), pytest.raises(SourceError, match="which the registry does not name"):
        download(page=20)


def test_pages_in_a_circle_are_an_error(ogc, download):
    def back(held):
        for link in held["links"]:
            if link["rel"] == "next":
                link["href"] = f"{ogc.address}{ITEMS}?f=json&limit=20"

    with ogc.spoilt(edited(back)), pytest.raises(SourceError, match="gives the same page again"):
        download(page=20)


def test_pages_without_end_are_an_error(download, monkeypatch):
    monkeypatch.setattr("lea_geo.sources.ogc_api.MOST_PAGES", 2)
    with pytest.raises(SourceError, match="more than 2 pages"):
        download(page=20)
    assert len(download(page=40).frame) == 60


def test_a_next_page_after_an_empty_one_is_not_asked_for(ogc, download):
    def end(held):
        if not held["features"] or len(held["features"]) < 20:
            held["links"].append({"rel": "next", "href": f"{ogc.address}{ITEMS}?offset=60&limit=25"})

    with ogc.spoilt(edited(end)):
        assert len(download(page=25).frame) == 60
    assert ogc.asked[-1][1]["offset"] == "60"


def test_features_short_of_what_the_service_says_are_an_error(ogc, download):
    def drop(held):
        del held["features"][5]
        held["numberReturned"] -= 1

    with ogc.spoilt(edited(drop)), pytest.raises(SourceError, match="there are 60 features and gave 59"):
        download()


def test_a_page_that_holds_another_number_than_it_says_is_an_error(ogc, download):
    with (
        ogc.spoilt(edited(lambda held: held["features"].__delitem__(5))),
        pytest.raises(SourceError, match="says that it holds 60 features and holds 59"),
    ):
        download()


def test_a_service_that_does_not_count_is_told(ogc, download):
    with ogc.spoilt(edited(lambda held: held.pop("numberMatched"))):
        features = download(page=30)
    assert len(features.frame) == 60
    assert any("does not say how many features" in note for note in features.notes)


@pytest.mark.parametrize("path", ["/", "/collections", ITEMS])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code": "NotFound", "description": "Huoltokatko"}', "Huoltokatko|no landing page|no collections"),
        (PAGE, "HTML page"),
        (b"[]", "no FeatureCollection|no landing page|no collections"),
        (b'{"links": [{}, 1], "collections": [{"id": 1}]}', "no FeatureCollection|no landing page|advertise"),
        (b'{"type": "FeatureCollection"', "no whole JSON"),
    ],
)
def test_an_answer_that_is_none_is_an_error(ogc, download, path, body, words):
    def spoil(asked, answer):
        return answer.with_body(body) if asked == path else None

    with ogc.spoilt(spoil), pytest.raises(SourceError, match=words):
        download()
