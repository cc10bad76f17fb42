"""Loops as machine code, and spread over threads so that the answer is the same for any number of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING

from lea_geo._compiled import THREADS, compiled, thread_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LEAST_ROWS", "THREADS", "compiled", "in_chunks", "one_thread", "thread_count"]

LEAST_ROWS = 2048
"""A thread takes at least so many rows: starting it costs as much as some thousand steps."""
_HERE = local()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep loops in the thread that calls them, for whoever spreads whole computations over threads."""
    before = getattr(_HERE, "alone", False)
    _HERE.alone = True
    try:
        yield
    finally:
        _HERE.alone = before


def in_chunks(work: Callable[[int, int], object], n: int, *, least: int = LEAST_ROWS) -> None:
    """Call ``work(start, stop)`` for consecutive pieces of ``range(n)``, each in a thread of its own.

    The number of pieces depends on the number of threads, so ``work`` must treat each row by itself, or add
    up whole numbers only.
    """
    pieces = 1 if getattr(_HERE, "alone", False) else max(1, min(thread_count(), n // least))
    if pieces == 1:
        work(0, n)
        return
    limits = [n * piece // pieces for piece in range(pieces + 1)]
    with ThreadPoolExecutor(pieces) as pool:
        for done in [pool.submit(work, limits[piece], limits[piece + 1]) for piece in range(pieces)]:
            done.result()
