"""Numbers in sentences, and the area that a sentence names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lea_geo.disclosure.attack.reading.gathered import About
from lea_geo.disclosure.attack.reading.numbers import printed_numbers

if TYPE_CHECKING:
    from pathlib import Path

    from lea_geo.disclosure.attack.reading.gathered import Gathered, Sheet
    from lea_geo.disclosure.attack.reading.known import Known

_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\w+(?:[:-]\w+)*")
_LONGEST = 200
"""Characters of a sentence that are kept."""
_WORDS_OF_A_NAME = 4
_SHORT = 3
"""Characters of what could be a number or a word as well as an area."""
MOST_TEXT = 64 * 2**20
"""Bytes of a file of text."""


def read_sentences(
    text: str, place: str, known: Known, gathered: Gathered, about: About | None = None
) -> None:
    """Note the numbers of a text, each sentence with the area and the indicator that it names.

    Parameters
    ----------
    text
        Any text.
    place
        Where it stands.
    known
        What areas and indicators are called.
    gathered
        Takes the numbers.
    about
        What the place says that the text is about; what a sentence itself says comes first.
    """
    about = about or About()
    for sentence in filter(_DIGIT.search, _END.split(text)):
        if sentence not in known.said:
            known.said[sentence] = (*find_area(sentence, known), find_indicator(sentence, known))
        sheet, area, variable = known.said[sentence]
        if about.area or not area:
            sheet, area = about.sheet, about.area
        found = About(sheet, variable or about.variable, about.part, area)
        said = " ".join(sentence.split())[:_LONGEST]
        plain = _WORD.sub(lambda word: " " if _is_area(word[0], known) else word[0], sentence)
        for bounds in printed_numbers(plain, about.language):
            gathered.add_loose("sentence", bounds, place, found, said=said)


def read_text(path: Path, file: str, known: Known, gathered: Gathered) -> None:
    """Note the numbers in the sentences of a text."""
    if path.stat().st_size > MOST_TEXT:
        raise ValueError(f"it has more than {MOST_TEXT >> 20} MiB of text")
    read_sentences(path.read_text("utf-8-sig", errors="replace"), f"{file}: text", known, gathered)


def _is_area(word: str, known: Known) -> bool:
    return len(word) > _SHORT and any(word in ids for ids in known.ids.values())


def find_area(sentence: str, known: Known) -> tuple[Sheet, str]:
    """Return the first area that a sentence names, by its id or by a name that no other area has."""
    words = _WORD.findall(sentence)
    for word in words:
        for sheet, ids in known.ids.items():
            if word in ids and (len(word) > _SHORT or f"({word})" in sentence):
                return sheet, word
    for length in range(_WORDS_OF_A_NAME, 0, -1):
        for start in range(len(words) - length + 1):
            sheet, area = known.area_names.get(" ".join(words[start : start + length]), (("", ""), ""))
            if area:
                return sheet, area
    return ("", ""), ""


def find_indicator(sentence: str, known: Known) -> str:
    """Return the indicator with the longest name in a sentence, or an empty text."""
    plain = sentence.casefold()
    named = [name for name in known.names if len(name) > _SHORT and name in plain]
    return known.names[max(named, key=len)] if named else ""
