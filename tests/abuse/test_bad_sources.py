"""Servers that stall, drip, cut off, redirect and lie: a clear error or a recovered fetch; a whole cache."""

import gzip
import json
import socket
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from odd_server import (
    ENTITY_BOMB,
    EXTERNAL_ENTITY,
    PAGE,
    OddServer,
    bomb,
    cut_chunks,
    cut_gzip,
    dripped,
    dripped_head,
    endless,
    good,
    hung_up,
    redirect,
    self_signed,
    short,
    silent,
    stalled,
    status,
)

from lea_geo.errors import SourceError
from lea_geo.sources._deadline import Deadline
from lea_geo.sources.answers import BadAnswer
from lea_geo.sources.cache import Cache, Fetched
from lea_geo.sources.client import Client
from lea_geo.sources.registry import Limits, Registry, Source

ANSWER = json.dumps({"features": ["Hämeenkylä"] * 40}, ensure_ascii=False).encode()
QUICK = {"timeout": (2.0, 0.5), "deadline": 5.0, "tries": 3, "wait": 0.01, "most_bytes": 100_000}


@pytest.fixture
def server() -> Iterator[OddServer]:
    with OddServer() as running:
        yield running


def source(address: str, **more: object) -> Source:
    return Source("tested", "what a test serves", "wfs", address, "Tilastokeskus", "CC BY 4.0", **more)


def fetch(cache: Path, url: str, *others: Source, given: Source | None = None, **options: object) -> Fetched:
    asked = given or source(url)
    registry = Registry({one.name: one for one in (asked, *others)})
    with Client(registry, Cache(cache), **{**QUICK, **options}) as client:
        return client.get(asked, url)


def is_whole(folder: Path) -> bool:
    """Whether a cache holds answers and records that fit each other, and nothing that was begun."""
    Cache(folder).verify()
    files = [path.relative_to(folder).parts for path in folder.rglob("*") if path.is_file()]
    objects = {parts[-1] for parts in files if parts[0] == "objects"}
    held = {record.sha256 for record in Cache(folder).records().values()}
    return objects == held and {parts[0] for parts in files} <= {"objects", "records"}


def is_empty(folder: Path) -> bool:
    return not any(path.is_file() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    "odd",
    [
        silent,
        hung_up,
        stalled(ANSWER, 100),
        short(ANSWER, 30),
        cut_chunks(ANSWER),
        cut_gzip(ANSWER),
        good(ANSWER[:-30]),
        status(500),
        status(503, Retry_After=0),
        status(429, Retry_After="0"),
    ],
    ids=[
        *("silent", "hung up", "stalled", "short", "chunks cut", "gzip cut", "half a document"),
        *("500", "503", "429"),
    ],
)
def test_what_fails_once_is_asked_again_and_comes_whole(server, tmp_path, odd):
    url = server.on("/wfs", odd, good(ANSWER))
    assert fetch(tmp_path, url).content == ANSWER
    assert len(server.asked) == 2
    assert is_whole(tmp_path)


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (silent, r"nothing came for 0.05 seconds \(asked 3 times\)"),
        (hung_up, r"broken off \(asked 3 times\)"),
        (stalled(ANSWER, 100), r"nothing came for 0.05 seconds \(asked 3 times\)"),
        (short(ANSWER, 30), r"cut off \(asked 3 times\)"),
        (cut_chunks(ANSWER), r"cut off \(asked 3 times\)"),
        (cut_gzip(ANSWER), r"gzip is cut off \(asked 3 times\)"),
        (good(ANSWER[:-30]), r"no whole JSON: .* \(asked 3 times\)"),
        (good(b"<gml><feature>", "text/xml"), r"no whole XML: .* \(asked 3 times\)"),
        (status(500), r"status 500 Internal Server Error \(asked 3 times\)"),
        (status(404), r"status 404 Not Found: no\.$"),
        (status(400, content=b"<Exception>No  such\x00 layer</Exception>"), "Bad Request: No such layer"),
        (good(PAGE, "application/json"), "an HTML page and no data"),
        (good(PAGE, "text/html;charset=utf-8"), "an HTML page and no data"),
        (good(b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html/>', "text/xml"), "an HTML page"),
        (good(b"<!--x-->" * 5000 + PAGE, "text/plain"), "no whole XML|an HTML page|DTD"),
        (good("Hämeenkylä".encode("latin-1").join([b'"', b'"'])), "not in UTF-8"),
        (good(ENTITY_BOMB, "text/xml"), "DTD or entities"),
        (good(EXTERNAL_ENTITY, "application/gml+xml"), "DTD or entities"),
        (good(EXTERNAL_ENTITY, "application/octet-stream"), "DTD or entities"),
        (good(b"[" * 90_000 + b"]" * 9_000), "nested too deeply|no whole JSON"),
        (good(b" " * 100_001), "larger than 100000 bytes"),
        (endless, "larger than 100000 bytes"),
        (status(200, content=b"x", Content_Encoding="br"), "compressed as 'br', which was not asked for"),
        (status(500, Retry_After="\xb2"), "status 500"),
        (lambda line: line.send(b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n<html>"), "HTML page"),
        (lambda line: line.send(b"HTTP/1.1 404 \x1b[2Jgone\r\nContent-Length: 0\r\n\r\n"), r"404 \[2Jgone"),
        (status(204), "status 204 No Content"),
        (status(206), "status 206 Partial Content"),
        (lambda line: line.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "cut off|broken off"),
    ],
)
def test_what_cannot_be_used_is_an_error_that_says_why_and_leaves_no_trace(server, tmp_path, odd, said):
    url = server.on("/wfs", odd)
    with pytest.raises(SourceError, match=f"(?s)^tested could not be fetched from:.*/wfs: .*{said}"):
        fetch(tmp_path, url, timeout=(2.0, 0.05 if "0.05" in said else 2.0))
    assert is_empty(tmp_path)


@pytest.mark.parametrize("odd", [dripped(ANSWER, 0.02), dripped_head(0.02)], ids=["body", "head"])
def test_a_server_that_drips_byte_by_byte_is_ended_at_the_deadline(server, tmp_path, odd):
    url = server.on("/wfs", odd)
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"not finished within 0.2 seconds \(asked 2 times\)"):
        fetch(tmp_path, url, deadline=0.2, tries=2)
    assert time.monotonic() - began < 2
    assert is_empty(tmp_path)


def test_a_connection_that_comes_about_after_the_deadline_is_shut_at_once():
    deadline = Deadline()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with deadline.within(0.01) as over:
            assert over.wait(5)
            deadline.watch(ours)
            assert ours.recv(1) == b"", "it would wait for ever"
        with deadline.within(60) as over:
            assert not over.is_set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_no_fault_of_the_service(server, tmp_path, monkeypatch):
    url = server.on("/wfs", good(ANSWER))
    monkeypatch.setattr(Cache, "incoming", lambda _: Path("/dev/full").open("w+b", buffering=0))  # noqa: SIM115
    with pytest.raises(OSError, match="No space left on device"):
        fetch(tmp_path, url)
    assert len(server.asked) == 1


def test_a_gzip_bomb_is_refused_without_being_unpacked(server, tmp_path):
    url = server.on("/wfs", bomb(200 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="larger than 100000 bytes"):
            fetch(tmp_path, url)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert is_empty(tmp_path)


def test_several_gzip_files_in_one_answer_are_all_unpacked(server, tmp_path):
    body = gzip.compress(ANSWER[:100]) + gzip.compress(ANSWER[100:])
    url = server.on("/wfs", status(200, content=body, kind="application/json", Content_Encoding="gzip"))
    assert fetch(tmp_path, url).content == ANSWER


def test_redirects_between_named_hosts_are_followed_and_what_was_asked_is_not_asked_twice(server, tmp_path):
    with OddServer() as other:
        there = other.on("/new", good(ANSWER))
        here = server.on("/old", redirect(there))
        elsewhere = Source("other", "the same", "wfs", other.address, "o", "l")
        with Client(
            Registry({"tested": source(here), "other": elsewhere}), Cache(tmp_path), **QUICK
        ) as client:
            found = client.get(source(here), here, params=[("layer", "a")])
        assert found.content == ANSWER
        assert server.asked[0][2] == [("layer", "a")]
        assert other.asked[0][2] == []
    assert found.record.url == here


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_refused_before_it_is_followed(server, tmp_path, number):
    with OddServer() as other:
        there = other.on("/new", good(ANSWER))
        url = server.on("/old", redirect(there, number))
        with pytest.raises(
            SourceError, match=r"is redirected to http://127.*which the registry does not name"
        ):
            fetch(tmp_path, url)
        assert not other.asked
    assert is_empty(tmp_path)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "//127.0.0.1:1/x", "http://[::1", "gopher://x"]
)
def test_a_redirect_to_what_is_no_address_of_the_registry_is_refused(server, tmp_path, target):
    url = server.on("/old", redirect(target))
    with pytest.raises(SourceError, match="which the registry does not name"):
        fetch(tmp_path, url)
    assert is_empty(tmp_path)


def test_a_redirect_loop_ends(server, tmp_path):
    url = server.on("/loop", redirect("/loop"))
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        fetch(tmp_path, url)
    assert len(server.asked) == 6


def test_what_is_posted_is_redirected_only_as_a_post(server, tmp_path):
    old, kept = server.on("/old", redirect("/new")), server.on("/kept", redirect("/new", 308))
    server.on("/new", good(ANSWER))
    with Client(Registry({"tested": source(old)}), Cache(tmp_path), **QUICK) as client:
        with pytest.raises(SourceError, match="what was posted is redirected with status 302"):
            client.get(source(old), old, json={"query": []})
        assert client.get(source(old), kept, json={"query": []}).content == ANSWER
    assert [(asked[0], asked[4]) for asked in server.asked if asked[1] == "/new"] == [
        ("POST", b'{"query": []}')
    ]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("certificate"))


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tmp_path, certificate):
    with OddServer(certificate=certificate) as secure:
        url = secure.on("/wfs", good(ANSWER))
        with pytest.raises(SourceError, match=r"certificate is not accepted(?!.*asked)"):
            fetch(tmp_path, url)
        assert not secure.asked


def test_an_encrypted_answer_never_leads_to_one_that_is_not(server, tmp_path, certificate):
    """Even where the registry names the other address as it is, for a source of its own."""
    with OddServer(certificate=certificate) as secure:
        plain = server.on("/plain", good(ANSWER))
        url = secure.on("/wfs", redirect(plain))
        given = source(url)
        registry = Registry({"tested": given, "plain": Source("plain", "w", "wfs", plain, "o", "l")})
        with Client(registry, Cache(tmp_path), **QUICK) as client:
            client._session.verify = str(certificate[0])
            with pytest.raises(SourceError, match="from https to http"):
                client.get(given, url)
            assert secure.asked
            secure.on("/wfs", good(ANSWER))
            assert client.get(given, url).content == ANSWER
    assert not server.asked


def test_no_encrypted_address_is_asked_without_encryption(server, tmp_path):
    url = server.on("/wfs", good(ANSWER))
    with pytest.raises(SourceError, match="which the registry does not name"):
        fetch(tmp_path, url, given=source(url.replace("http:", "https:")))
    assert not server.asked


def test_a_service_that_asks_for_a_pause_gets_it(server, tmp_path, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    in_30_seconds = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    for after in ("7", in_30_seconds, "soon"):
        url = server.on(f"/{len(after)}", status(429, Retry_After=after), good(ANSWER))
        assert fetch(tmp_path, url).content == ANSWER
    assert slept[0] == 7
    assert 20 < slept[1] <= 30
    assert slept[2] == QUICK["wait"]


@pytest.mark.parametrize("after", ["86400", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_service_that_asks_for_a_long_pause_is_not_waited_for(server, tmp_path, after):
    url = server.on("/wfs", status(429, Retry_After=after))
    with pytest.raises(SourceError, match="status 429 Too Many Requests and asks to wait"):
        fetch(tmp_path, url)
    assert len(server.asked) == 1


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_more_calls_are_made_than_the_service_allows(server, tmp_path, monkeypatch):
    monkeypatch.setattr("lea_geo.sources.client.time", clock := Clock())
    url = server.on("/wfs", good(ANSWER))
    paced = source(url, limits=Limits(calls=3, seconds=10))
    made = []
    with Client(Registry({"tested": paced}), Cache(tmp_path), **QUICK) as client:
        for number in range(8):
            client.get(paced, url, params=[("n", number)])
            made.append(clock.now - 100)
            clock.sleep(1)
    # At 0, 1 and 2 s, and then each ten seconds after the third before it.
    assert made == [0, 1, 2, 10, 11, 12, 20, 21]


def test_tries_count_as_calls(server, tmp_path, monkeypatch):
    monkeypatch.setattr("lea_geo.sources.client.time", clock := Clock())
    url = server.on("/wfs", status(500), status(500), good(ANSWER))
    fetch(tmp_path, url, given=source(url, limits=Limits(calls=1, seconds=10)))
    assert clock.now == 120


def test_what_a_service_s_own_check_refuses_is_asked_again_or_not_as_it_says(server, tmp_path):
    url = server.on("/wfs", good(b'{"short": true}'), good(ANSWER))

    def check(content: bytes, content_type: str) -> None:
        assert content_type == "application/json"
        if b"short" in content:
            raise BadAnswer("it holds 3 of 5 rows", again=True)

    with Client(Registry({"tested": source(url)}), Cache(tmp_path), **QUICK) as client:
        assert client.get(source(url), url, check=check).content == ANSWER
        server.on("/wfs", good(b'{"short": true}'))
        with pytest.raises(SourceError, match=r"it holds 3 of 5 rows \(asked 3 times\)"):
            client.get(source(url), url, params=[("page", 2)], check=check)
    assert is_whole(tmp_path)
    assert len(Cache(tmp_path).records()) == 1


def test_neither_a_proxy_nor_a_password_nor_a_cookie_is_taken_from_the_surroundings(
    server, tmp_path, monkeypatch
):
    (tmp_path / "netrc").write_text("default login tester password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    url = server.on("/wfs", status(500, Set_Cookie="who=you"), good(ANSWER))
    fetch(tmp_path / "cache", url)
    for *_, headers, _ in server.asked:
        assert set(headers) == {"Host", "User-Agent", "Accept-Encoding", "Accept"}
        assert headers["User-Agent"].startswith("lea_geo/")
