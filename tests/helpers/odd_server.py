"""A server on loopback that does to the bytes of an answer whatever a test says.

``server.on("/path", behaviour, ...)`` scripts one path: the first behaviour answers the first question, the
last one all that follow. A behaviour writes raw HTTP, so that it can stop anywhere. ``server.asked`` is what
came.
"""

import gzip
import http.server
import ssl
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from loopback import InThread

PAGE = b"<!DOCTYPE html>\n<html><head><title>Huoltokatko</title></head><body>Palvelu ei ole nyt</body></html>"
ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "lol">'
    + b"".join(
        f'<!ENTITY {n} "{f"&{m};" * 10}">'.encode() for m, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + b"]><z>&i;</z>"
)
EXTERNAL_ENTITY = b'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]><z>&x;</z>'


class Line:
    """What a behaviour writes to."""

    def __init__(self, handler: http.server.BaseHTTPRequestHandler, closing: threading.Event) -> None:
        self._handler, self._closing = handler, closing

    def send(self, content: bytes) -> None:
        self._handler.wfile.write(content)
        self._handler.wfile.flush()

    def wait(self, seconds: float) -> bool:
        """Wait; True when the server is being closed."""
        return self._closing.wait(seconds)


Behaviour = Callable[[Line], None]


def head(kind: str = "application/json", status: str = "200 OK", **headers: object) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def good(content: bytes, kind: str = "application/json", *, packed: bool = False) -> Behaviour:
    """Answer as a server should, packed with gzip where asked."""
    body = gzip.compress(content) if packed else content
    more = {"Content_Encoding": "gzip"} if packed else {}
    return lambda line: line.send(head(kind, Content_Length=len(body), **more) + body)


def status(number: int, *, content: bytes = b"no", kind: str = "text/plain", **headers: object) -> Behaviour:
    text = f"{number} {http.server.BaseHTTPRequestHandler.responses[number][0]}"
    return lambda line: line.send(head(kind, text, Content_Length=len(content), **headers) + content)


def silent(line: Line) -> None:
    """Take the question and say nothing."""
    line.wait(30)


def hung_up(_: Line) -> None:
    """Close the connection without an answer."""


def stalled(content: bytes, sent: int) -> Behaviour:
    """Send some of the answer and no more."""

    def answer(line: Line) -> None:
        line.send(head(Content_Length=len(content)) + content[:sent])
        line.wait(30)

    return answer


def dripped(content: bytes, every: float) -> Behaviour:
    """Send the answer byte by byte, so that no read ever times out."""
    return lambda line: _drip(line, head(), content, every)


def dripped_head(every: float) -> Behaviour:
    """Send a head that never ends, byte by byte."""
    return lambda line: _drip(line, b"HTTP/1.1 200 OK\r\n", b"X-Slow: " + b"a" * 10_000, every)


def _drip(line: Line, at_once: bytes, slowly: bytes, every: float) -> None:
    line.send(at_once)
    for byte in slowly:
        line.send(bytes([byte]))
        if line.wait(every):
            return


def short(content: bytes, missing: int) -> Behaviour:
    """Promise more than is sent."""
    return lambda line: line.send(head(Content_Length=len(content)) + content[:-missing])


def cut_chunks(content: bytes) -> Behaviour:
    """Send a chunk and hang up before the last one, which says that it was all."""
    chunk = f"{len(content):x}\r\n".encode() + content + b"\r\n"
    return lambda line: line.send(head(Transfer_Encoding="chunked") + chunk)


def cut_gzip(content: bytes) -> Behaviour:
    """Send a whole answer that holds half of a gzip file."""
    body = gzip.compress(content)[:-9]
    return lambda line: line.send(head(Content_Encoding="gzip", Content_Length=len(body)) + body)


def bomb(size: int) -> Behaviour:
    """Send a small answer that unpacks to ``size`` bytes."""
    packer = zlib.compressobj(9, wbits=31)
    body = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)) + packer.flush()
    return lambda line: line.send(head(Content_Encoding="gzip", Content_Length=len(body)) + body)


def endless(line: Line) -> None:
    """Send more and more, without saying how much."""
    line.send(head())
    while not line.wait(0):
        line.send(b" " * 65536)


def redirect(url: str, number: int = 302) -> Behaviour:
    return status(number, Location=url)


class OddServer(InThread):
    """The server."""

    def __init__(self, *, certificate: tuple[Path, Path] | None = None) -> None:
        self.asked: list[tuple[str, str, list[tuple[str, str]], dict[str, str], bytes]] = []
        """Method, path, parameters, headers and body of every question."""
        self._script: dict[str, list[Behaviour]] = {}
        self._count: dict[str, int] = {}
        super().__init__(self._handler())
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.scheme = "https"
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Script a path and return its address."""
        self._script[path], self._count[path] = list(behaviours), 0
        return self.address + path

    def _behaviour(self, path: str) -> Behaviour:
        script = self._script.get(path, [status(404)])
        number = self._count.get(path, 0)
        self._count[path] = number + 1
        return script[min(number, len(script) - 1)]

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urlsplit(self.path)
                params = parse_qsl(parts.query, keep_blank_values=True)
                server.asked.append((self.command, parts.path, params, dict(self.headers), body))
                with suppress(OSError):  # the client has had enough
                    server._behaviour(parts.path)(Line(self, server.closing))

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Return a certificate for 127.0.0.1 that nobody vouches for, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words: Iterable[object] = (
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", key, "-out", certificate),
    )
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    return certificate, key
