"""What is left of deleted rows in a SQLite file: freed pages, and freed room in pages that are in use.

The file's format: https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lea_geo.disclosure.attack.reading.known import Known

_INTERIOR, _LEAF = 5, 13
_WORD = re.compile(rb"[0-9A-Za-z]{3,}")
_SHOWN, _SHORT = 3, 3
_COMPARED = 32
"""Bytes from an area's id on that tell whether a row is still there."""
_CURE = "deleted rows may still be in it; VACUUM removes them"


def find_remains(path: Path, roots: list[tuple[str, int]], known: Known) -> Iterator[str]:
    """Yield what in a database may still hold deleted rows, in words.

    Parameters
    ----------
    path
        The database.
    roots
        Tables and the pages that they begin in.
    known
        The areas whose ids are looked for in what is left.
    """
    content = path.read_bytes()
    size = struct.unpack_from(">H", content, 16)[0]
    size = 65536 if size == 1 else size
    freed = _freed_pages(content, size)
    if freed:
        found = _ids_in(b"".join(_page(content, size, number) for number in freed), known)
        yield f"{len(freed)} of its pages are freed and not wiped{found}: {_CURE}"
    pages = struct.unpack_from(">I", content, 28)[0]
    if len(content) > pages * size:
        yield f"{len(content) - pages * size} bytes follow its last page"
    for table, root in roots:
        left, moved, live = (b"".join(one) for one in zip(*_parts(content, size, root), strict=True))
        left += b" ".join(_not_in(moved, live, known))
        if left.strip(b"\0"):
            yield f"table {table} has room that was freed and not wiped{_ids_in(left, known)}: {_CURE}"


def _parts(content: bytes, size: int, root: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield of each page what was freed in it, what lies before its rows, and the rows."""
    yield b"", b"", b""
    for number in _leaves(content, size, root):
        page = _page(content, size, number)
        start = 100 if number == 1 else 0
        cells, begin = struct.unpack_from(">HH", page, start + 3)
        begin = begin or 65536
        yield _left_over(page, start, size), page[start + 8 + 2 * cells : begin], page[begin:]


def _not_in(moved: bytes, live: bytes, known: Known) -> Iterator[bytes]:
    """Yield what begins with an area's id and is in no row: pages keep copies of rows that were moved."""
    ids = {one.encode() for held in known.ids.values() for one in held if len(one) > _SHORT}
    for match in _WORD.finditer(moved):
        if match[0] in ids and moved[match.start() : match.start() + _COMPARED] not in live:
            yield match[0]


def _page(content: bytes, size: int, number: int) -> bytes:
    return content[(number - 1) * size : number * size]


def _freed_pages(content: bytes, size: int) -> list[int]:
    """Return the pages on the list of those that are free."""
    trunk, count = struct.unpack_from(">II", content, 32)
    found: list[int] = []
    while trunk and len(found) < count and trunk * size <= len(content):
        found.append(trunk)
        following, leaves = struct.unpack_from(">II", content, (trunk - 1) * size)
        leaves = min(leaves, size // 4 - 2)
        found += struct.unpack_from(f">{leaves}I", content, (trunk - 1) * size + 8)
        trunk = following
    return found


def _leaves(content: bytes, size: int, root: int) -> Iterator[int]:
    """Yield the pages in which the rows of a table are."""
    left, seen = [root], set()
    while left:
        number = left.pop()
        if number in seen or not 0 < number * size <= len(content):
            continue
        seen.add(number)
        page = _page(content, size, number)
        start = 100 if number == 1 else 0
        if page[start] == _LEAF:
            yield number
        elif page[start] == _INTERIOR:
            cells = struct.unpack_from(">H", page, start + 3)[0]
            left.append(struct.unpack_from(">I", page, start + 8)[0])
            listed = struct.unpack_from(f">{min(cells, size // 2 - 60)}H", page, start + 12)
            left += [struct.unpack_from(">I", page, cell)[0] for cell in listed if cell + 4 <= size]


def _left_over(page: bytes, start: int, size: int) -> bytes:
    """Return what is in the blocks of a page that were freed, without the links from one to the next."""
    block = struct.unpack_from(">H", page, start + 1)[0]
    found, seen = [], set()
    while block and block + 4 <= size and block not in seen:
        seen.add(block)
        following, length = struct.unpack_from(">HH", page, block)
        found.append(page[block + 4 : block + length])
        block = following
    return b"".join(found)


def _ids_in(left: bytes, known: Known) -> str:
    """Return which areas are still named in what is left, in brackets."""
    words = {word.decode("ascii") for word in _WORD.findall(left)}
    named = sorted(words & {one for ids in known.ids.values() for one in ids if len(one) > _SHORT})
    more = ", …" if len(named) > _SHOWN else ""
    return f" ({', '.join(named[:_SHOWN])}{more} can be read there)" if named else ""
