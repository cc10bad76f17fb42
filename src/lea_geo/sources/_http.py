"""One answer from the net, within a time and a size, from hosts that are named."""

from __future__ import annotations

import re
import zlib
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from lea_geo.sources._deadline import Deadline
from lea_geo.sources.answers import BadAnswer

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

CHUNK = 1 << 16
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
SAME_METHOD = (307, 308)
OK = 200
GZIP = 16 + zlib.MAX_WBITS
WHOLE = re.compile(r"[0-9]{1,15}")
MOST_WORDS, MOST_SHOWN = 4000, 200
BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Statuses after which asking again may help."""


class Busy(BadAnswer):
    """A service that says to come back, and perhaps when."""

    def __init__(self, reason: str, after: str = "") -> None:
        super().__init__(reason, again=True)
        self.after = after
        """What ``Retry-After`` says."""


class TooLarge(BadAnswer):
    """An answer that is larger than was allowed."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"it is larger than {most_bytes} bytes")


class Refused(Exception):  # noqa: N818 - as BadAnswer: no user meets it
    """A redirect to where nothing may be fetched."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True)
class Question:
    """What is asked, and how much may come back."""

    url: str
    params: Sequence[tuple[str, str]]
    json: Any
    timeout: tuple[float, float]
    """Seconds to connect, and between two pieces of the answer."""
    deadline: float
    """Seconds for the whole answer."""
    most_bytes: int
    allowed: Callable[[str], bool]
    """Whether a redirect to this address may be followed."""


class _Adapter(HTTPAdapter):  # type: ignore[misc]  # requests ships no types
    """Opens connections whose sockets are known to the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 - requests' own
        """Give the pools connections of our own."""
        super().init_poolmanager(*given, **more)
        pools = (
            ("http", HTTPConnectionPool, HTTPConnection),
            ("https", HTTPSConnectionPool, HTTPSConnection),
        )
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": _watched(connection, self._deadline)})
            for scheme, pool, connection in pools
        }


def _watched(connection: type[HTTPConnection], deadline: Deadline) -> type[HTTPConnection]:
    class Watched(connection):  # type: ignore[valid-type,misc]  # a class that is given
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    return Watched


class Session(requests.Session):  # type: ignore[misc]  # requests ships no types
    """A session that takes nothing from its surroundings: no proxy, no password, no cookie."""

    def __init__(self, user_agent: str) -> None:
        super().__init__()
        self.deadline = Deadline()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers.clear()
        self.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip", "Accept": "*/*"})
        self.mount("http://", _Adapter(self.deadline))
        self.mount("https://", _Adapter(self.deadline))

    def resolve_redirects(self, *_: object, **__: object) -> Iterator[requests.Response]:
        """Leave redirects to ``_followed``: requests reads where they lead even when told not to follow."""
        return iter(())


def answer_into(session: Session, asked: Question, file: BinaryIO) -> str:
    """Write one answer to a file and return its content type.

    Raises
    ------
    BadAnswer
        It is too large, too slow, cut off, or none.
    Refused
        A redirect leads elsewhere.
    """
    with session.deadline.within(asked.deadline) as over:
        try:
            with closing(_followed(session, asked)) as response:
                _check_status(response)
                _write(response, asked.most_bytes, file)
                kind = str(response.headers.get("Content-Type", ""))
        except (requests.RequestException, HTTPError, ConnectionError, TimeoutError) as error:
            _check_time(over, asked)
            raise _failure(error, asked) from None
        except BadAnswer:
            _check_time(over, asked)
            raise
        # An answer that ends where the connection does looks whole when we have cut it off.
        _check_time(over, asked)
    return kind


def _check_time(over: threading.Event, asked: Question) -> None:
    if over.is_set():
        raise BadAnswer(f"it was not finished within {asked.deadline:g} seconds", again=True) from None


def _followed(session: Session, asked: Question) -> requests.Response:
    """Ask, and follow redirects to where something may be fetched."""
    url, params, json = asked.url, list(asked.params), asked.json
    for _ in range(MOST_REDIRECTS + 1):
        response = session.request(
            "GET" if json is None else "POST",
            url,
            params=params,
            json=json,
            timeout=asked.timeout,
            stream=True,
            allow_redirects=False,
        )
        if response.status_code not in REDIRECTS:
            return response
        response.close()
        if json is not None and response.status_code not in SAME_METHOD:
            raise BadAnswer(f"what was posted is redirected with status {response.status_code}")
        url, params = _next(response, asked.allowed), []
    raise BadAnswer(f"it redirects more than {MOST_REDIRECTS} times")


def _next(response: requests.Response, allowed: Callable[[str], bool]) -> str:
    """Return where a redirect leads."""
    location = response.headers.get("Location", "")
    try:
        url = str(urljoin(response.url, location))
    except ValueError:
        raise Refused(location) from None
    if not allowed(url):
        raise Refused(url)
    if response.url.startswith("https:") and not url.startswith("https:"):
        raise BadAnswer("it redirects from https to http")
    return url


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status == OK:
        return
    said = f"it answers with status {status} {_words(str(response.reason or '').encode())}".rstrip()
    if status in BUSY:
        raise Busy(said, response.headers.get("Retry-After", ""))
    words = _words(response.raw.read(MOST_WORDS, decode_content=False))
    raise BadAnswer(f"{said}: {words}" if words else said)


def _words(body: bytes) -> str:
    """Return what a service says of its own error, as one line without tags and controls."""
    text = re.sub(r"<[^>]*>|\s+", " ", body.decode("utf-8", errors="replace"))
    line = " ".join("".join(c for c in text if c.isprintable()).split())
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}…"


def _write(response: requests.Response, most_bytes: int, file: BinaryIO) -> None:
    declared = response.headers.get("Content-Length", "")
    if WHOLE.fullmatch(declared) and int(declared) > most_bytes:
        raise TooLarge(most_bytes)
    written = 0
    for piece in _decoded(response):
        written += len(piece)
        if written > most_bytes:
            raise TooLarge(most_bytes)
        file.write(piece)


def _decoded(response: requests.Response) -> Iterator[bytes]:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    pieces = response.raw.stream(CHUNK, decode_content=False)
    if encoding in {"", "identity"}:
        return pieces  # type: ignore[no-any-return]  # urllib3's
    if encoding in {"gzip", "x-gzip"}:
        return _inflated(pieces)
    raise BadAnswer(f"it is compressed as {encoding!r}, which was not asked for")


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip a little at a time: a thousandth of what comes out is enough to fill a memory."""
    inflate = zlib.decompressobj(GZIP)
    for piece in pieces:
        held = piece
        while held:
            if inflate.eof:  # a file may hold several, one after another
                inflate = zlib.decompressobj(GZIP)
            try:
                yield inflate.decompress(held, CHUNK)
            except zlib.error as error:
                raise BadAnswer(f"it is no whole gzip: {error}", again=True) from None
            held = inflate.unconsumed_tail or inflate.unused_data
    if not inflate.eof:
        raise BadAnswer("its gzip is cut off", again=True)


def _failure(error: Exception, asked: Question) -> BadAnswer:
    """Return what became of a connection, in words."""
    if isinstance(error, requests.exceptions.SSLError):
        return BadAnswer(f"its certificate is not accepted: {error}")
    if isinstance(error, requests.ConnectTimeout):
        return BadAnswer(f"no connection came about within {asked.timeout[0]:g} seconds", again=True)
    if isinstance(error, requests.ReadTimeout | ReadTimeoutError | TimeoutError):
        return BadAnswer(f"nothing came for {asked.timeout[1]:g} seconds", again=True)
    if isinstance(error, ProtocolError | requests.exceptions.ChunkedEncodingError):
        return BadAnswer("it was cut off", again=True)
    if isinstance(error, requests.ConnectionError):
        return BadAnswer("no connection came about, or it was broken off", again=True)
    return BadAnswer(f"{type(error).__name__}: {error}")
