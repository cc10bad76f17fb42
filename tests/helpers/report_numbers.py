"""Whether every number that a report prints stands in the files beside it, rounded as it is printed.

A printed number is found where a stored number, or a hundred times it, rounds to it with as many decimals;
its sign may be said in words ("fell by 3.2"). How many rows have a word may be counted by anybody, and counts
as found. Numbers of settings (95 %, seeds, thresholds) and of the texts themselves are no findings.
"""

import csv
import re
import sqlite3
import tomllib
from contextlib import closing
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np

_DIGITS = {
    "en": re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"),
    "fi": re.compile(r"(?<![\w,])(?:\d{1,3}(?:\u00a0\d{3})+|\d+)(?:,\d+)?"),
}
_AXIS_INK = "#5a6470"
"""Of the ticks of charts, which are a ruler and no findings."""


def printed(text, language):
    """Return the numbers of a text as pairs: what is printed, and what stands before it if that bounds it."""
    pattern = _DIGITS["en" if language == "en" else "fi"]
    found = []
    for one in pattern.finditer(text):
        before = text[: one.start()].rstrip("\u00a0 €")[-1:]
        found.append((one.group(), before if before in ("<", ">") else ""))
    return found


def read(number, language):
    """Return a printed number and how many decimals it has."""
    plain = number.replace(",", "") if language == "en" else number.replace("\u00a0", "").replace(",", ".")
    return float(plain), len(plain.partition(".")[2])


class Held:
    """Numbers that are held somewhere."""

    def __init__(self, values, counts=()):
        held = np.abs(np.asarray([one for one in values if np.isfinite(one)], dtype=float))
        self.values = np.unique(held)
        self.counts = {float(one) for one in counts}

    def __or__(self, other):
        return Held([*self.values, *other.values], self.counts | other.counts)

    def has(self, number, bound, language):
        """Return whether a printed number is among them."""
        value, decimals = read(number, language)
        if value in self.counts:
            return True
        if bound:
            within = self.values < value if bound == "<" else self.values > value
            return bool(within.any())
        slack = 0.5 * 10.0**-decimals * (1 + 1e-9)
        return any(bool((np.abs(scale * self.values - value) <= slack).any()) for scale in (1, 100))


def missing(text, language, held):
    """Return the numbers of a text that are nowhere."""
    return [number for number, bound in printed(text, language) if not held.has(number, bound, language)]


def of_rows(rows):
    """Return what rows of a table hold: their numbers, those within words, and how many rows have a word."""
    numbers, counts = [], {0, len(rows)}
    for name in rows[0] if rows else ():
        cells = [row[name] for row in rows]
        words = [cell for cell in cells if isinstance(cell, str) and not _is_number(cell)]
        numbers += [float(cell) for cell in cells if not isinstance(cell, bytes) and _is_number(cell)]
        numbers += [float(one) for word in words for one in re.findall(r"\d+(?:\.\d+)?", word)]
        counts |= {words.count(word) for word in set(words)}
    return Held(numbers, counts)


def of_csv(path, indicators=()):
    """Return what a CSV table of a study holds; of indicators, where it has rows of them, only those."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return of_rows(_about(list(csv.DictReader(file)), indicators))


def of_geopackage(path, table, indicators=()):
    """Return what a table of a GeoPackage holds, as ``of_csv``, read by SQLite alone."""
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
    return of_rows(_about(rows, indicators))


def _about(rows, indicators):
    named = [row for row in rows if row.get("indicator") in indicators]
    return named or rows


def of_settings(settings):
    """Return the numbers of a chapter's settings, however deep."""
    if isinstance(settings, dict):
        # What stands beside a key, and the key itself: years and codes are keys too.
        return of_settings([*settings, *settings.values()])
    if isinstance(settings, list | tuple):
        whole = Held([], {len(settings)})
        for one in settings:
            whole = whole | of_settings(one)
        return whole
    if isinstance(settings, bool) or settings is None:
        return Held([])
    if isinstance(settings, str):
        return Held([float(one) for one in re.findall(r"\d+(?:\.\d+)?", settings)])
    # An interval of 95 % is also said as what is left of it: 5 %.
    return Held([settings, 1 - settings] if 0 < settings < 1 else [settings])


def of_texts(package, name, language):
    """Return the numbers that a file of texts says by itself, whatever is found."""
    return Held(
        [
            read(one, language)[0]
            for said in _texts(package, name, language)
            for one, _ in printed(said, language)
        ]
    )


def _texts(package, name, language):
    def walk(node):
        if isinstance(node, str):
            yield node
        elif language in node:
            yield from walk(node[language])
        elif isinstance(node, dict):
            for one in node.values():
                yield from walk(one)

    return list(walk(tomllib.loads(files(package).joinpath(name).read_text("utf-8"))))


def _is_number(cell):
    try:
        return np.isfinite(float(cell)) if cell not in (None, "") else False
    except ValueError:
        return False


class Blocks(HTMLParser):
    """What the sections of a report's chapters say: the text of each block, the rulers of charts left out."""

    _OF_A_BLOCK = ("p", "li", "th", "td", "h2", "h3", "text", "figcaption")

    def __init__(self, page, language):
        super().__init__()
        self.said, self._section, self._text, self._silent, self._notes = {}, "", None, False, False
        self._language = language
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "section" and given.get("id", "").startswith(f"{self._language}-chapter-"):
            self._section = given["id"].rpartition("-")[2]
            self.said[self._section] = []
        elif tag == "div" and given.get("lang"):
            self._notes = True  # for developers, and no findings
        elif self._section and tag in self._OF_A_BLOCK:
            self._text = []
            self._silent = tag == "text" and given.get("fill") == _AXIS_INK

    def handle_endtag(self, tag):
        if tag == "section":
            self._section = ""
        elif tag == "div":
            self._notes = False
        elif self._text is not None and tag in self._OF_A_BLOCK:
            if not self._silent and not self._notes:
                self.said[self._section].append("".join(self._text))
            self._text = None

    def handle_data(self, data):
        if self._text is not None:
            self._text.append(data)
