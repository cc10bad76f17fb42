"""A client asks once, keeps the answer with all that it must say, and works without a network."""

import json
import re

import pytest
from odd_server import OddServer, good, status

import lea_geo as lea
from lea_geo.errors import SourceError
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.registry import Registry, Source

ANSWER = json.dumps({"name": "Hämeenkylä"}, ensure_ascii=False).encode()


@pytest.fixture
def server():
    with OddServer() as running:
        yield running


@pytest.fixture
def source(server):
    server.on("/rest", good(ANSWER, "application/json; charset=utf-8"))
    return Source("thl", "indicators", "sotkanet", server.address + "/rest", "THL", "CC BY 4.0")


def client(source, folder, **options):
    return Client(Registry({source.name: source}), Cache(folder), wait=0.01, **options)


def test_an_answer_is_kept_with_its_source_query_time_licence_and_hash(server, source, tmp_path):
    with client(source, tmp_path) as asking:
        got = asking.get(source, source.address, params=[("years", 2023), ("years", "2024"), ("q", "ä&=")])
    assert server.asked[0][:3] == ("GET", "/rest", [("years", "2023"), ("years", "2024"), ("q", "ä&=")])
    assert server.asked[0][3]["User-Agent"] == f"lea_geo/{lea.__version__}"
    assert got.content == ANSWER
    record = got.record.as_dict()
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", record.pop("time"))
    assert record == {
        "source": "thl",
        "url": source.address,
        "query": {"params": [["years", "2023"], ["years", "2024"], ["q", "ä&="]]},
        "licence": "CC BY 4.0",
        "owner": "THL",
        "sha256": got.path.name,
        "bytes": len(ANSWER),
        "content_type": "application/json; charset=utf-8",
    }


def test_what_is_in_the_cache_is_not_asked_for_again(server, source, tmp_path):
    with client(source, tmp_path) as asking:
        first = asking.get(source, source.address)
        assert asking.get(source, source.address) == first
    with client(source, tmp_path) as asking:
        assert asking.get(source, source.address) == first
    assert len(server.asked) == 1


def test_what_has_changed_in_the_cache_is_fetched_again(server, source, tmp_path):
    with client(source, tmp_path) as asking:
        asking.get(source, source.address).path.write_bytes(b"changed")
        assert asking.get(source, source.address).content == ANSWER
    assert len(server.asked) == 2


def test_what_is_posted_is_json_and_is_kept_under_it(server, source, tmp_path):
    asked = {"query": [{"code": "Vuosi", "selection": {"filter": "item", "values": ["2024"]}}]}
    with client(source, tmp_path) as asking:
        asking.get(source, source.address, json=asked)
        asking.get(source, source.address, json={"query": []})
        got = asking.get(source, source.address, json=asked)
    assert [(one[0], json.loads(one[4])) for one in server.asked] == [
        ("POST", asked),
        ("POST", {"query": []}),
    ]
    assert server.asked[0][3]["Content-Type"] == "application/json"
    assert got.record.query == {"params": [], "json": asked}


def test_offline_nothing_is_asked_and_what_is_missing_is_named(server, source, tmp_path):
    with client(source, tmp_path) as asking:
        kept = asking.get(source, source.address, params=[("years", "2024")])
    with client(source, tmp_path, offline=True) as asking:
        assert asking.get(source, source.address, params=[("years", "2024")]) == kept
        with pytest.raises(SourceError, match=r"/rest with years=2025 is not in .*where there is a network"):
            asking.get(source, source.address, params=[("years", "2025")])
    assert len(server.asked) == 1


def test_a_packed_answer_is_kept_unpacked(server, source, tmp_path):
    server.on("/rest", good(ANSWER, packed=True))
    with client(source, tmp_path) as asking:
        got = asking.get(source, source.address)
    assert got.content == ANSWER
    assert got.record.bytes == len(ANSWER)


def test_an_address_of_another_host_is_not_asked(server, source, tmp_path):
    with client(source, tmp_path) as asking:
        for url in ("https://example.org/", "file:///etc/passwd", "http://[", f"{server.address}.example/"):
            with pytest.raises(SourceError, match="which the registry does not name"):
                asking.get(source, url)
    assert not server.asked


def test_an_error_that_a_service_explains_is_told_in_its_words(server, source, tmp_path):
    server.on("/rest", status(403, content=b'{"error":"Too many values selected"}', kind="application/json"))
    with client(source, tmp_path) as asking, pytest.raises(SourceError, match="Too many values selected"):
        asking.get(source, source.address)
