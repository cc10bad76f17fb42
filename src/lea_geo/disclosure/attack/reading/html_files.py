"""Pages: tables and sentences, what attributes and comments hold, and the data in scripts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.json_files import read_tree
from lea_geo.disclosure.attack.reading.known import part_aliases
from lea_geo.disclosure.attack.reading.numbers import printed_numbers
from lea_geo.disclosure.attack.reading.page import is_page, learn_page, read_page
from lea_geo.disclosure.attack.reading.sentences import find_area, read_sentences
from lea_geo.disclosure.attack.reading.unplaced import read_cell

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo.disclosure.attack.reading.gathered import Gathered
    from lea_geo.disclosure.attack.reading.known import Known

MOST_BYTES = 2**30
_ATTRIBUTES = ("content", "title", "alt", "aria-label", "value", "placeholder", "summary")
_NO_WORDS = ("viewport", "Content-Security-Policy")
_INLINE = ("b", "bdi", "code", "em", "i", "span", "strong", "a", "sub", "sup", "small", "mark", "u", "abbr")
_DATA = ("application/json", "application/ld+json", "text/plain", "application/geo+json")
_WORD = re.compile(r"\w{4,}")
_EMBEDDED = re.compile(r"\s*data:[^,]*,.")
_EACH_SIDE = 60
"""Characters around an area's id in a program that are looked at."""


@dataclass
class Table:
    """A table of a page: cells are lists of lines."""

    heads: list[str] = field(default_factory=list)
    rows: list[list[list[str]]] = field(default_factory=list)
    said: str = ""
    """What the page calls it."""
    code: str = ""
    """The id of the part of the page that it stands in, without its language."""
    language: str = ""


class Page(HTMLParser):
    """What a page holds, sorted by what it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.data: list[str] = []
        self.programs: list[str] = []
        self.comments: list[str] = []
        self.attributes: list[str] = []
        self.embedded = False
        """Whether an attribute holds a whole file, a picture for instance."""
        self.tables: list[Table] = []
        self.lines: dict[str, list[str]] = {"": [""]}
        """By language."""
        self._open: list[str] = []
        self._cell: list[str] | None = None
        self._script = ""
        self._label, self._article, self._language = "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._open = [*self._open[-50:], tag]
        self._script = told.get("type", "program") if tag == "script" else tag if tag == "style" else ""
        if not any(one in told.get("name", "") + told.get("http-equiv", "") for one in _NO_WORDS):
            shown = [name for name in told if name in _ATTRIBUTES or name.startswith("data-")]
            self.attributes += [told[name] for name in shown if any(map(str.isdigit, told[name]))]
        self.embedded |= any(_EMBEDDED.match(value) for value in told.values())
        if tag == "article":
            self._article = told.get("id", "")
        if tag == "main":
            self._language = told.get("lang", "")
        self._label = told.get("aria-label", self._label)
        if tag == "table":
            self.tables.append(
                Table(said=self._label, code=self._article.partition("-")[2], language=self._language)
            )
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1].rows:
            self._cell = [""]
        elif tag not in _INLINE:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        self._script = ""
        if tag in ("td", "th") and self._cell is not None:
            lines = [" ".join(line.split()) for line in self._cell]
            self.tables[-1].rows[-1].append([line for line in lines if line])
            self._cell = None
        elif tag == "thead" and self.tables and self.tables[-1].rows:
            self.tables[-1].heads = [" ".join(cell) for cell in self.tables[-1].rows.pop(0)]
        elif tag == "article":
            self._article = ""
        elif tag not in _INLINE:
            self._break()

    @property
    def is_cut(self) -> bool:
        """Whether a script begins and does not end."""
        return bool(self._script)

    def _text(self) -> list[str]:
        return self.lines.setdefault(self._language, [""]) if self._cell is None else self._cell

    def _break(self) -> None:
        self._text().append("")

    def handle_data(self, data: str) -> None:
        if self._script in _DATA:
            self.data.append(data)
        elif self._script:
            self.programs.append(data)
        else:
            self._text()[-1] += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def open_page(path: Path) -> tuple[Page, list[object]]:
    """Return what a page holds, and the JSON in it.

    Raises
    ------
    ValueError
        It is too large, or its data are no JSON.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES >> 30} GiB")
    page = Page()
    page.feed(path.read_text("utf-8", errors="replace"))
    page.close()
    if page.is_cut:
        raise ValueError("it ends in the middle of a script")
    return page, [json.loads(one) for one in page.data if one.strip()]


def learn_html(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Learn what a map's page says of areas and indicators; keep it for reading."""
    known.pages[file] = found = open_page(path)
    for data in found[1]:
        if is_page(data):
            learn_page(data, known, gathered)  # type: ignore[arg-type]  # is_page says so


def read_html(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note every number of a page, shown or not.

    Raises
    ------
    ValueError, KeyError, TypeError
        It is too large, or its data are not what they should be.
    """
    page, data = known.pages.pop(file, None) or open_page(path)
    for one in data:
        if is_page(one):
            read_page(one, file, known, gathered)  # type: ignore[arg-type]  # is_page says so
        else:
            read_tree(one, f"{file}: data in a script", known, gathered, About(), [])
    said = {"hidden comment": ("", page.comments), "attributes of elements": ("", page.attributes)}
    said |= {f"text {language}".strip(): (language, lines) for language, lines in page.lines.items()}
    for place, (language, texts) in said.items():
        for text in dict.fromkeys(texts):
            read_sentences(text, f"{file}: {place}", known, gathered, About(language=language))
    if page.embedded:
        gathered.leave(file, "it holds a file or a picture in an attribute")
    for table in page.tables:
        _read_table(table, file, known, gathered)
    for program in page.programs:
        _read_program(program, f"{file}: program", known, gathered)


def _read_program(text: str, place: str, known: Known, gathered: Gathered) -> None:
    """Note numbers beside areas that a program names."""
    ids = {one for held in known.ids.values() for one in held if len(one) > 3}
    for match in _WORD.finditer(text):
        if match[0] in ids:
            around = text[max(0, match.start() - _EACH_SIDE) : match.end() + _EACH_SIDE]
            read_sentences(around.replace("\n", " "), place, known, gathered)


def _read_table(table: Table, file: str, known: Known, gathered: Gathered) -> None:
    """Note the numbers of a table, row by row."""
    of_table = table.code if table.code in known.indicators else known.code_of(table.said)
    place = f"{file}: table {table.said!r}"
    parts = [part_aliases().get(head.casefold(), head) for head in table.heads]
    for row in table.rows:
        first = " ".join(row[0]) if row else ""
        sheet, area = find_area(first, known)
        variable = of_table or known.code_of(first)
        if not area:
            read_sentences(first, place, known, gathered, About(sheet, variable, language=table.language))
        for number, cell in enumerate(row[1:], start=1):
            part = parts[number] if number < len(parts) else ""
            about = About(sheet, variable, part, area, table.language)
            lines = (
                _read_value(cell, place, about, gathered) if area and variable and part == "value" else cell
            )
            for line in lines:
                read_cell(line, place, known, gathered, about)


def _read_value(cell: list[str], place: str, about: About, gathered: Gathered) -> list[str]:
    """Note an area's value and the interval below it; return the lines that say something else."""
    found = printed_numbers(cell[0], about.language) if cell else []
    if len(found) != 1:
        return cell
    told = {"value": found[0]}
    ends = printed_numbers(cell[1], about.language) if len(cell) > 1 else []
    if len(ends) == 2:
        told |= {"interval_lower": ends[0], "interval_upper": ends[1]}
    sheet, area = gathered.sheets.code(about.sheet), gathered.areas.code(about.area)
    for part, (lower, upper) in told.items():
        column, at = gathered.column(about.variable, part), gathered.places.code(place)
        gathered.add(sheet, [column], [area], [lower], [upper], [at])
    return cell[len(ends) // 2 + 1 :]
