"""An end to everything that waits: at the deadline every open connection is shut.

A read timeout alone does not end a server that sends a byte a second, in its headers or its body.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator


class Deadline:
    """Knows the sockets of one session, and shuts them when the time of a question is over."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self._over = threading.Event()

    def watch(self, connected: socket.socket) -> None:
        """Take a new connection; one that comes about after the time is over is shut at once."""
        with self._lock:
            self._sockets.add(connected)
            if self._over.is_set():
                _shut(connected)

    @contextmanager
    def within(self, seconds: float) -> Iterator[threading.Event]:
        """Give a question its time; the event says that it is over."""
        over = self._over = threading.Event()
        timer = threading.Timer(seconds, self._end, (over,))
        timer.daemon = True
        timer.start()
        try:
            yield over
        finally:
            timer.cancel()

    def _end(self, over: threading.Event) -> None:
        with self._lock:
            over.set()
            for one in self._sockets:
                _shut(one)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):  # closed already
        socket.socket.shutdown(one, socket.SHUT_RDWR)
