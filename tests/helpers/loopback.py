"""Small HTTP servers on loopback that misbehave on demand: what the servers of statistics share.

``server.next(*faults)`` says what goes wrong with the coming answers, one fault an answer, ``None`` where one
goes well; afterwards all goes well again. ``server.requests`` is what has been asked.
"""

import json
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

PAGE = b"<!DOCTYPE html><html><head><title>Service unavailable</title></head><body>Huoltokatko</body></html>"
STALL = 30.0
"""Seconds that a stalled answer would take; it ends as soon as the server is closed."""


@dataclass(frozen=True)
class Request:
    """What was asked, and when."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    body: Any = None
    time: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    content: bytes
    kind: str = "application/json; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False).encode(), status=status)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *asked: Any) -> None:
        """Say nothing of callers who have gone, and all of what is wrong here."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(*asked)


class InThread:
    """A server in a thread of its own; a context manager."""

    scheme = "http"

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self.closing = threading.Event()
        self.server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}"


class Loopback(InThread):
    """A server of statistics; ``answer`` is for subclasses."""

    def __init__(self, *, calls: int | None = None, window: float = 10.0) -> None:
        self.calls, self.window = calls, window
        self.requests: list[Request] = []
        self._recent: deque[float] = deque()
        self._faults: deque[str | None] = deque()
        self._lock = threading.Lock()
        super().__init__(type("Handler", (_Handler,), {"owner": self}))

    def next(self, *faults: str | None) -> None:
        """Say what goes wrong with the coming answers."""
        unknown = {fault for fault in faults if fault} - set(FAULTS)
        assert not unknown, unknown
        self._faults.extend(faults)

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def took(self, request: Request) -> tuple[Answer, str | None]:
        """Return the answer, and what is to go wrong with it; too many calls are refused."""
        with self._lock:
            self.requests.append(request)
            while self._recent and request.time - self._recent[0] >= self.window:
                self._recent.popleft()
            if self.calls is not None and len(self._recent) >= self.calls:
                return Answer(b"Too many requests", "text/plain", 429, {"Retry-After": "1"}), None
            self._recent.append(request.time)
            fault = self._faults.popleft() if self._faults else None
        return self.answer(request), fault

    def wait(self) -> None:
        self.closing.wait(STALL)


def _status(status: int) -> Callable[[Answer], Answer]:
    return lambda _: Answer(b"no", "text/plain", status, {"Retry-After": "0"})


FAULTS: dict[str, Callable[[Answer], Answer] | None] = {
    "429": _status(429),
    "500": _status(500),
    "503": _status(503),
    "html": lambda _: Answer(PAGE, "text/html; charset=utf-8"),
    "latin-1": lambda good: Answer(good.content.decode().encode("latin-1", "replace"), good.kind),
    "half": lambda good: Answer(good.content[: len(good.content) // 2], good.kind),
    "empty": lambda good: Answer(b"", good.kind),
    "redirect": lambda _: Answer(b"", "text/plain", 302, {"Location": "http://localhost:9/elsewhere"}),
    "cut": None,  # fewer bytes than promised, then the connection is closed
    "stall": None,  # the head, and then nothing
    "hang": None,  # nothing at all
}
"""``half`` is a whole answer of half a document; ``cut`` breaks off below the promised length."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Loopback

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self._serve(json.loads(raw))
        except ValueError:
            self._send(Answer(b'{"error":"Parameter error"}', status=400))

    def _serve(self, body: Any) -> None:
        parts = urlsplit(self.path)
        params = tuple(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(self.command, parts.path, params, body, time.monotonic())
        answer, fault = self.owner.took(request)
        if fault == "hang":
            self.owner.wait()
            self.close_connection = True
            return
        spoil = FAULTS[fault] if fault else None
        self._send(spoil(answer) if spoil else answer, fault)

    def _send(self, answer: Answer, fault: str | None = None) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._send_body(answer.content, fault)

    def _send_body(self, content: bytes, fault: str | None) -> None:
        if fault not in {"cut", "stall"}:
            self.wfile.write(content)
            return
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        if fault == "stall":
            self.owner.wait()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
