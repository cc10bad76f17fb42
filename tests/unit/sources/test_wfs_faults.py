"""A WFS that misbehaves is a clear error or a recovered fetch, and leaves nothing half in the cache."""

import itertools
import json
import re

import pytest
from live_layers import sources_at
from odd_server import ENTITY_BOMB, EXTERNAL_ENTITY, PAGE

from lea_geo.errors import SourceError, UsageError
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.wfs import download_features, list_layers

POSTAL = "statistics_finland_postal_areas"
FIGURES = "postialue:pno_tilasto_2025"
XML = {"Content-Type": "text/xml"}


@pytest.fixture
def download(tmp_path):
    """A function that downloads the figures of 2025, with little patience; ``.cache`` is where they go."""

    def fetch(server, layer=FIGURES, *, page=None, versions=None, **options):
        registry = sources_at(server, page=page, versions=versions)
        with Client(registry, fetch.cache, wait=0.01, tries=2) as client:
            return download_features(client, registry[POSTAL], layer, **options)

    fetch.cache = Cache(tmp_path / "cache")
    return fetch


def is_results(parameters):
    return parameters["request"] == "GetFeature" and "resulttype" not in parameters


def on_results(change, *, times=100):
    """A spoiler of answers with features: ``change(body)`` gives other bytes, so many times."""
    left = [times]

    def spoil(parameters, answer):
        if not is_results(parameters) or not left[0]:
            return None
        left[0] -= 1
        return answer.with_body(change(answer.body))

    return spoil


def edited(change):
    """A spoiler of GeoJSON: ``change(collection)`` edits it."""

    def rewrite(body):
        held = json.loads(body)
        change(held)
        return json.dumps(held).encode()

    return on_results(rewrite)


def replies(body, *, status=200, headers=None, when=is_results):
    """A spoiler that answers something else."""

    def spoil(parameters, answer):
        if not when(parameters):
            return None
        return type(answer)(status, headers or XML, body)

    return spoil


def test_an_answer_that_is_cut_off_once_is_asked_for_again(demo, demo_gml, download):
    for server in (demo, demo_gml):
        with server.spoilt(on_results(lambda body: body[: len(body) // 2], times=1)):
            assert len(download(server).frame) == 60


@pytest.mark.parametrize("share", [0.2, 0.6, 0.999])
def test_an_answer_that_stays_cut_off_is_an_error_and_never_kept(demo, demo_gml, download, share):
    for server in (demo, demo_gml):
        with (
            server.spoilt(on_results(lambda body: body[: int(share * len(body))])),
            pytest.raises(SourceError, match=r"it is no whole (JSON|XML).*asked 2 times"),
        ):
            download(server)
    kept = download.cache.verify()
    assert kept
    assert not [one for one in kept if "GetFeature" in str(one.query) and "hits" not in str(one.query)]


def test_a_feature_short_of_what_the_service_says_is_an_error(demo, demo_gml, download):
    with (
        demo.spoilt(edited(lambda held: held["features"].__delitem__(slice(20, 21)))),
        pytest.raises(SourceError, match="says that there are 60 features and gave 59"),
    ):
        download(demo, versions=("1.1.0",))
    member = re.compile(rb"<wfs:member>.*?</wfs:member>", re.DOTALL)
    with (
        demo_gml.spoilt(on_results(lambda body: member.sub(b"", body, count=1))),
        pytest.raises(SourceError, match="says that it holds 60 features and holds 59"),
    ):
        download(demo_gml)


def test_a_page_short_of_its_features_is_found_by_the_total(demo, download):
    def drop(parameters, answer):
        if parameters.get("startindex") != "20":
            return None
        held = json.loads(answer.body)
        del held["features"][3]
        return answer.with_body(json.dumps(held).encode())

    # The next page is asked for where this one ended, so that its first feature has come before.
    with demo.spoilt(drop), pytest.raises(SourceError, match=r"came before \(page 3\): 1 of 20") as refused:
        download(demo, page=20)
    assert "a page was short, so that others are missing" in str(refused.value)


def test_a_service_that_ignores_where_a_page_starts_is_told_by_its_first_repetition(demo, download):
    first = []

    def again(parameters, answer):
        if is_results(parameters):
            first.append(answer)
            return first[0]
        return None

    with demo.spoilt(again), pytest.raises(SourceError, match="gives the same page again") as refused:
        download(demo, page=20)
    assert len(first) == 2
    assert "limits.page" in str(refused.value)
    assert "08910" not in str(refused.value)  # GeoJSON of MapServer names no features


CALLS = itertools.count()


def as_geoserver(body):
    """GeoJSON as GeoServer writes it of a layer without a key: ids that are others at every call."""
    held = json.loads(body)
    for feature in held["features"]:
        feature.update(id=f"pno_tilasto_2025.fid-{next(CALLS):x}", geometry_name="geom")
    held.update(totalFeatures=60, numberMatched=60, numberReturned=len(held["features"]), timeStamp="x")
    return json.dumps(held).encode()


def test_geoserver_s_geojson_is_read_and_its_passing_ids_hide_no_repetition(demo, download):
    plain = download(demo, page=20).frame
    download.cache = Cache(download.cache.folder.with_name("other"))
    with demo.spoilt(on_results(as_geoserver)):
        assert download(demo, page=20).frame.equals(plain)
    download.cache = Cache(download.cache.folder.with_name("third"))
    first = []

    def again(parameters, answer):
        if not is_results(parameters):
            return None
        first.append(answer)
        return answer.with_body(as_geoserver(first[0].body))

    with demo.spoilt(again), pytest.raises(SourceError, match="gives the same page again"):
        download(demo, page=20)


def test_an_order_that_changes_from_page_to_page_is_an_error(demo, download):
    pages = []

    def shuffle(parameters, answer):
        if not is_results(parameters):
            return None
        held = json.loads(answer.body)
        pages.append(held["features"])
        if len(pages) == 2:
            held["features"][7] = pages[0][5]
        return answer.with_body(json.dumps(held).encode())

    with (
        demo.spoilt(shuffle),
        pytest.raises(SourceError, match=r"features that came before \(page 2\): 1 of 20"),
    ):
        download(demo, page=20)


def test_a_feature_that_comes_twice_in_a_page_is_an_error_by_its_name_and_told_without(
    demo, demo_gml, download
):
    member = re.compile(rb"<wfs:member>.*?</wfs:member>", re.DOTALL)

    def double(body):
        first, second = member.findall(body)[:2]
        return body.replace(second, first)

    with (
        demo_gml.spoilt(on_results(double)),
        pytest.raises(SourceError, match=r"came before \(page 1\): 1 of 60 \(pno_tilasto_2025\.1\)"),
    ):
        download(demo_gml)
    with demo.spoilt(edited(lambda held: held["features"].__setitem__(1, held["features"][0]))):
        features = download(demo)
    assert features.notes == (f"{FIGURES}: 1 of 60 features are the same as others in all that they hold.",)


@pytest.mark.parametrize("text", [b"1_000", b"12,5", b"N/A"])
def test_what_is_no_number_in_a_column_of_numbers_is_kept_and_told(demo_gml, download, text):
    cell = re.compile(rb"(<postialue:he_vakiy>)[^<]*")
    with demo_gml.spoilt(on_results(lambda body: cell.sub(rb"\g<1>" + text, body, count=1))):
        features = download(demo_gml)
    assert features.frame["he_vakiy"].iloc[0] == text.decode()
    assert features.notes == (f"{FIGURES}: he_vakiy holds texts and numbers; all are kept as texts.",)


def test_a_number_that_changes_meanwhile_is_an_error(demo, download):
    with (
        demo.spoilt(edited(lambda held: held.update(numberMatched=61))),
        pytest.raises(SourceError, match="said that there are 60 features, and then 61"),
    ):
        download(demo)


def test_a_service_that_does_not_count_is_read_until_a_page_is_empty(demo, download):
    def forget(parameters, answer):
        if parameters.get("resulttype") != "hits":
            return None
        return answer.with_body(answer.body.replace(b'numberMatched="60"', b'numberMatched="unknown"'))

    with demo.spoilt(forget):
        features = download(demo, page=30)
    assert len(features.frame) == 60
    assert any("does not say how many features" in note for note in features.notes)
    assert demo.asked[-1]["startindex"] == "60"


def test_a_service_without_pages_gives_everything_at_once(demo, download):
    paging = re.compile(rb'(name="ImplementsResultPaging">\s*<ows:NoValues/>\s*<ows:DefaultValue>)TRUE')

    def unpaged(parameters, answer):
        if parameters["request"] != "GetCapabilities":
            return None
        body, n = paging.subn(rb"\1FALSE", answer.body)
        assert n == 1
        return answer.with_body(body)

    with demo.spoilt(unpaged):
        assert len(download(demo, page=20).frame) == 60
    assert demo.asked[-1]["count"] == "60"


def test_a_service_that_chooses_otherwise_than_it_was_asked_is_an_error(demo, download):
    def ignore(parameters, _):
        return demo.answer("postialue", {k: v for k, v in parameters.items() if k != "filter"})

    with (
        demo.spoilt(ignore),
        pytest.raises(SourceError, match=r"another kunta than asked for: 15 of 60 \(999\)"),
    ):
        download(demo, where={"kunta": ["998"]})


REPORT = (
    b'<?xml version="1.0" encoding="UTF-8"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1" '
    b'version="2.0.0"><ows:Exception exceptionCode="NoApplicableCode"><ows:ExceptionText>%s'
    b"</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
)
OLD_REPORT = (
    b'<?xml version="1.0" ?><ServiceExceptionReport version="1.2.0" xmlns="http://www.opengis.net/ogc">'
    b"<ServiceException>%s</ServiceException></ServiceExceptionReport>"
)


@pytest.mark.parametrize("report", [REPORT, OLD_REPORT])
@pytest.mark.parametrize("status", [200, 400])
def test_an_exception_of_the_service_is_told_in_its_words(demo, download, report, status):
    body = report % b"Cannot do natural order without a primary key &lt;b&gt;\n  please &#x9b;31m add it"
    with demo.spoilt(replies(body, status=status)), pytest.raises(SourceError) as refused:
        download(demo)
    assert "Cannot do natural order without a primary key" in str(refused.value)
    assert "\x9b" not in str(refused.value)
    with demo.spoilt(replies(report % (b"x" * 100_000), status=status)), pytest.raises(SourceError) as long:
        download(demo)
    assert len(str(long.value)) < 700


def test_an_exception_in_json_is_told_in_its_words(demo, download):
    said = {"version": "2.0.0", "exceptions": [{"code": "X", "text": "Feature type is being updated"}]}
    with (
        demo.spoilt(replies(json.dumps(said).encode(), headers={"Content-Type": "application/json"})),
        pytest.raises(SourceError, match="the service says: Feature type is being updated"),
    ):
        download(demo)


@pytest.mark.parametrize("request_of", ["DescribeFeatureType", "GetFeature"])
def test_a_layer_that_is_advertised_and_not_answered_names_the_years_that_are(demo, download, request_of):
    refusing = replies(
        REPORT % b"Feature type pno_tilasto_2025 unknown",
        when=lambda asked: asked["request"] == request_of and "2025" in str(asked),
    )
    with demo.spoilt(refusing), pytest.raises(SourceError) as refused:
        download(demo)
    text = str(refused.value)
    assert "advertises it and does not answer it" in text
    assert "Feature type pno_tilasto_2025 unknown" in text
    assert "The same of 2021, 2023 is answered." in text


def test_mapserver_s_own_refusal_of_a_layer_without_its_file_names_the_years(demo, download):
    file = demo.files["postialue", "pno_tilasto_2023"]
    away = file.with_suffix(".away")
    file.rename(away)
    demo.run.cache_clear()
    try:
        with pytest.raises(SourceError, match="does not answer it") as refused:
            download(demo, "postialue:pno_tilasto_2023")
    finally:
        away.rename(file)
        demo.run.cache_clear()
    assert "The same of 2021, 2025 is answered." in str(refused.value)


@pytest.mark.parametrize(
    ("layer", "cure"),
    [
        ("postialue:pno_tilasto_2026", "It advertises the same of 2021, 2023, 2025."),
        ("postialue:pno_tilastot_2025", "Did you mean postialue:pno_tilasto_2025"),
        ("xyz", "It has 5 layers: postialue:pno_2025, "),
    ],
)
def test_a_layer_that_is_not_advertised_names_the_nearest(demo, download, layer, cure):
    with pytest.raises(SourceError, match="the service does not advertise it") as refused:
        download(demo, layer)
    assert cure in str(refused.value)


@pytest.mark.parametrize("wrong", [b"", b"   ", b"{}", b"[]", b'{"type": "FeatureCollection"}', b"1e999"])
def test_an_answer_that_holds_no_features_is_an_error(demo, download, wrong):
    with (
        demo.spoilt(replies(wrong, headers={"Content-Type": "application/json"})),
        pytest.raises(SourceError, match=r"no (GeoJSON|whole JSON|FeatureCollection)|features are none"),
    ):
        download(demo)


@pytest.mark.parametrize("request_of", ["GetCapabilities", "DescribeFeatureType", "GetFeature"])
def test_a_page_for_people_with_status_200_is_an_error(demo, download, request_of):
    page = replies(
        PAGE, headers={"Content-Type": "text/html"}, when=lambda asked: asked["request"] == request_of
    )
    with demo.spoilt(page), pytest.raises(SourceError, match="HTML page"):
        download(demo)


@pytest.mark.parametrize("hostile", [ENTITY_BOMB, EXTERNAL_ENTITY])
@pytest.mark.parametrize("request_of", ["GetCapabilities", "DescribeFeatureType", "GetFeature"])
def test_xml_with_a_dtd_is_refused_before_anything_reads_it(demo_gml, download, hostile, request_of):
    with (
        demo_gml.spoilt(replies(hostile, when=lambda asked: asked["request"] == request_of)),
        pytest.raises(SourceError, match="DTD or entities"),
    ):
        download(demo_gml)


@pytest.mark.parametrize("body", [b"<a/>", b'<WFS_Capabilities version="3.1.4"/>', REPORT % b"Huoltokatko"])
def test_capabilities_that_are_none_are_an_error(demo, download, body):
    with (
        demo.spoilt(replies(body, when=lambda asked: asked["request"] == "GetCapabilities")),
        pytest.raises(SourceError, match=r"no capabilities|Huoltokatko"),
    ):
        download(demo)


@pytest.mark.parametrize("status", [200, 400])
def test_a_version_that_is_refused_is_followed_by_the_next(demo, tmp_path, status):
    refusing = replies(
        REPORT % b"Version 2.0.0 is not supported",
        status=status,
        when=lambda asked: asked["version"] == "2.0.0",
    )
    registry = sources_at(demo, versions=("2.0.0", "1.1.0"))
    with demo.spoilt(refusing), Client(registry, Cache(tmp_path), wait=0.01) as client:
        assert list_layers(client, registry[POSTAL]).version == "1.1.0"


def test_a_service_that_answers_in_an_older_version_is_spoken_to_in_that(demo, download):
    def older(parameters, _):
        if parameters["request"] == "GetCapabilities":
            return demo.answer("postialue", {**parameters, "version": "1.0.0"})
        return None

    with demo.spoilt(older):
        features = download(demo)
    assert len(features.frame) == 60
    assert demo.asked[-1]["version"] == "1.0.0"
    assert any("does not say how many features" in note for note in features.notes)


def test_coordinates_that_the_server_swapped_are_turned_and_told(demo, download):
    def swap(held):
        for feature in held["features"]:
            rings = feature["geometry"]["coordinates"]
            feature["geometry"]["coordinates"] = [[pair[::-1] for pair in ring] for ring in rings]

    straight = download(demo).frame
    download.cache = Cache(download.cache.folder.with_name("other"))
    with demo.spoilt(edited(swap)):
        features = download(demo)
    assert any("northing or latitude first" in note for note in features.notes)
    assert features.frame.geometry.geom_equals(straight.geometry).all()


@pytest.mark.parametrize("said", [None, "urn:ogc:def:crs:EPSG::4326", "EPSG:3047"])
def test_a_crs_that_is_not_or_wrongly_said_is_told_or_fits(demo, download, said):
    def say(held):
        if said is None:
            del held["crs"]
        else:
            held["crs"]["properties"]["name"] = said

    with demo.spoilt(edited(say)):
        features = download(demo)
    # EPSG:3047 is the same projection under another number, so its coordinates lie in Finland as well.
    assert features.frame.crs == ("EPSG:3047" if said == "EPSG:3047" else "EPSG:3067")
    assert len(features.notes) == 1
    assert ("can only be those of EPSG:3067" in features.notes[0]) == (said != "EPSG:3047")


def test_features_outside_finland_are_named(demo, download):
    def move(held):
        held["features"][2]["geometry"] = {"type": "Point", "coordinates": [0.0, 0.0]}

    with (
        demo.spoilt(edited(move)),
        pytest.raises(SourceError, match=r"do not lie in Finland .* EPSG:3067: 1 of 60 \(08912\)"),
    ):
        download(demo)


def test_a_crs_that_nobody_knows_is_an_error(demo, download):
    for name, words in (("urn:x:y", "none that is known"), ("EPSG:99999", "EPSG:99999")):
        with (
            demo.spoilt(edited(lambda held, name=name: held["crs"]["properties"].update(name=name))),
            pytest.raises(SourceError, match=words),
        ):
            download(demo)


def test_features_without_geometry_and_of_several_kinds_are_told(demo, download):
    def change(held):
        held["features"][0]["geometry"] = None
        held["features"][1]["geometry"] = {"type": "Point", "coordinates": [110_000, 6_850_000]}
        held["features"][2]["geometry"] = {"type": "Polygon", "coordinates": []}

    with demo.spoilt(edited(change)):
        features = download(demo)
    assert any("2 of 60 features have no geometry (08910, 08912)" in note for note in features.notes)
    assert any("of several kinds: Point, Polygon" in note for note in features.notes)
    assert features.frame.geometry.isna().sum() == 1


def test_geometry_that_cannot_be_read_is_an_error(demo, download):
    for coordinates in ([[[1, 2], [3]]], [[["a", "b"]]], [[[1, 2], [3, 4]]], {"x": 1}):

        def spoil(held, coordinates=coordinates):
            held["features"][0]["geometry"]["coordinates"] = coordinates

        with demo.spoilt(edited(spoil)), pytest.raises(SourceError, match="no GeoJSON that can be read"):
            download(demo)


def test_numbers_and_texts_in_one_column_are_kept_as_texts_and_told(demo, download):
    with demo.spoilt(edited(lambda held: held["features"][0]["properties"].update(kunta=998, nimi=["a", 1]))):
        features = download(demo)
    assert set(features.frame["kunta"]) == {"998", "999"}
    assert features.frame["nimi"].iloc[0] == '["a", 1]'
    assert features.notes == (f"{FIGURES}: kunta holds texts and numbers; all are kept as texts.",)


def test_gml_that_declares_latin_1_keeps_its_letters(demo_gml, download):
    plain = download(demo_gml).frame
    download.cache = Cache(download.cache.folder.with_name("other"))

    def recode(body):
        text = body.decode("utf-8").replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
        return text.encode("iso-8859-1")

    with demo_gml.spoilt(on_results(recode)):
        features = download(demo_gml)
    assert features.frame["namn"].iloc[0] == "Lärkudden"  # boundaries/demo/paavo.csv
    assert list(features.frame["namn"]) == list(plain["namn"])


def test_geojson_in_another_encoding_than_json_s_is_an_error(demo, download):
    with (
        demo.spoilt(on_results(lambda body: body.decode("utf-8").encode("iso-8859-1"))),
        pytest.raises(SourceError, match="it is not in UTF-8"),
    ):
        download(demo)


def test_gml_whose_features_the_reader_does_not_find_is_an_error(demo_gml, download):
    tag = re.compile(rb"(</?postialue:)pno_tilasto_2025\b")

    def rename_half(body):
        head, tail = body[: len(body) // 2], body[len(body) // 2 :]
        cut = tail.index(b"</wfs:member>")
        return head + tail[:cut] + tag.sub(rb"\1other", tail[cut:])

    with (
        demo_gml.spoilt(on_results(rename_half)),
        pytest.raises(SourceError, match="it is GML of 60 features, of which"),
    ):
        download(demo_gml)


def test_a_redirect_to_another_host_is_not_followed(demo, download):
    elsewhere = replies(b"", status=302, headers={"Location": "http://127.0.0.2:9/"})
    with demo.spoilt(elsewhere), pytest.raises(SourceError, match="which the registry does not name"):
        download(demo)


VIRTUAL = (
    b'<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0"><!-- <OGRVRTDataSource> '
    b'<OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer> -->'
    b"<wfs:member><x/></wfs:member></wfs:FeatureCollection>"
)


@pytest.mark.parametrize(
    "body",
    [
        b"<a/>",
        VIRTUAL,
    ],
)
def test_xml_that_a_reader_could_take_for_something_else_is_refused(demo_gml, download, body):
    with (
        demo_gml.spoilt(replies(body)),
        pytest.raises(SourceError, match=r"no FeatureCollection|virtual layer"),
    ):
        download(demo_gml)


def test_a_crs_that_is_none_is_refused_before_anything_is_asked(demo, download):
    before = len(demo.asked)
    for crs in ("", "Helsinki", "EPSG:99999", "3067"):
        with pytest.raises(UsageError, match="give one such as EPSG:3067"):
            download(demo, crs=crs)
    assert len(demo.asked) == before


def test_a_layer_that_never_ends_is_an_error(demo, download, monkeypatch):
    monkeypatch.setattr("lea_geo.sources.features.MOST_FEATURES", 50)
    with pytest.raises(SourceError, match="more than 50 features, and goes on"):
        download(demo, page=20)
