"""Numbers and sentences as each language writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lea_geo.schema import LANGUAGES, Text
from lea_geo.texts import shared_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_NUMBER = "–"
_SHARES = ("share", "probability")
_BEFORE = {"en": ("euro",)}
"""Units that a language writes before the number."""
_TIGHT = {"en": ("percent", "euro", "share")}
"""Units that a language writes without a space."""


@dataclass(frozen=True)
class Number:
    r"""A number that is written as each language writes it.

    >>> Number(1234.5, 1, "euro").in_language("en"), Number(0.314, 0, "share").in_language("fi")
    ('€1,234.5', '31\xa0%')
    """

    value: float
    decimals: int = 0
    unit: str = ""
    """One of ``chapter.CHAPTER_UNITS``. A ``share`` is given as 0 to 1 and written in per cent; a
    ``probability`` is written as a plain number, and as less than the least that its decimals can say where
    it is that."""
    signed: bool = False
    """Whether a plus stands before a number above 0."""

    def in_language(self, language: str) -> str:
        """Return the number with its unit in ``fi``, ``sv`` or ``en``."""
        if not math.isfinite(self.value):
            return NO_NUMBER
        if self.unit == "probability":
            return _probability(self.value, self.decimals, language)
        if self.unit == "year":
            return f"{self.value:.0f}"
        value = 100 * self.value if self.unit == "share" else self.value
        text = ("+" if self.signed and value > 0 else "") + written(value, self.decimals, language)
        return with_unit(text, self.unit, language, one=value == 1)


def written(value: float, decimals: int, language: str) -> str:
    r"""Return a number as a language writes it, without a unit.

    >>> written(-1234.5, 1, "sv")
    '−1\xa0234,5'
    """
    if value is None or not math.isfinite(value):
        return NO_NUMBER
    text = f"{value:,.{decimals}f}"
    text = text.replace("-", "\N{MINUS SIGN}") if float(text.replace(",", "")) else text.lstrip("-")
    swap = {} if language == "en" else {",": "\N{NO-BREAK SPACE}", ".": ","}
    return "".join(swap.get(character, character) for character in text)


def with_unit(number: str, unit: str, language: str, *, one: bool = False) -> str:
    """Return a written number with its unit where the language has it."""
    if not unit or unit == "probability":
        return number
    name = "percent" if unit == "share" else unit
    said = shared_texts()[f"{'unit_one' if one else 'unit'}.{name}"].in_language(language)
    if unit in _BEFORE.get(language, ()):
        return f"{said}{number}"
    space = "" if unit in _TIGHT.get(language, ()) else "\N{NO-BREAK SPACE}"
    return f"{number}{space}{said}"


def _probability(value: float, decimals: int, language: str) -> str:
    least = 10.0**-decimals
    if 0 <= value < least:
        return f"<\N{NO-BREAK SPACE}{written(least, decimals, language)}"
    if decimals and 1 - least < value <= 1:
        return f">\N{NO-BREAK SPACE}{written(1 - least, decimals, language)}"
    return written(value, decimals, language)


def span(low: Number, high: Number) -> Text:
    """Return an interval as each language writes it, its unit once.

    >>> span(Number(0.28, 0, "share"), Number(0.34, 0, "share")).en
    '28–34%'
    """
    return Text(*(_span(low, high, language) for language in LANGUAGES))


def _span(low: Number, high: Number, language: str) -> str:
    if not (math.isfinite(low.value) and math.isfinite(high.value)):
        return NO_NUMBER
    scale = 100 if low.unit == "share" else 1
    first, last = (written(scale * one.value, one.decimals, language) for one in (low, high))
    tight = all(character.isdigit() or character in ",." for character in first + last)
    dash = "–" if tight else "\N{NO-BREAK SPACE}– "
    return with_unit(f"{first}{dash}{last}", low.unit, language)


def filled(text: Text, **values: Number | Text | str) -> Text:
    r"""Return a text with its ``{placeholders}`` filled in each language.

    Parameters
    ----------
    text
        With a name in braces for each of ``values``.
    values
        Numbers, texts, or strings that are the same in all languages.

    Examples
    --------
    >>> filled(Text("{n} aluetta", "{n} områden", "{n} areas"), n=Number(1200)).sv
    '1\xa0200 områden'
    """
    return Text(*(_filled(text.in_language(language), values, language) for language in LANGUAGES))


def _filled(text: str, values: Mapping[str, Number | Text | str], language: str) -> str:
    # In one pass, so that braces in a name from the data are never filled in their turn.
    parts = text.split("{")
    found = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        known = closed and name in values
        found.append(f"{_said(values[name], language)}{rest}" if known else f"{{{part}")
    return "".join(found)


def _said(value: Number | Text | str, language: str) -> str:
    return value if isinstance(value, str) else value.in_language(language)


def listed(texts: Sequence[Text | str]) -> Text:
    """Return several words as each language lists them: "a, b and c".

    >>> listed(["a", "b", "c"]).fi
    'a, b ja c'
    """
    return Text(*(_listed([_said(one, language) for one in texts], language) for language in LANGUAGES))


def _listed(words: Sequence[str], language: str) -> str:
    *first, last = words
    joint = shared_texts()["common.and"].in_language(language)
    return f"{', '.join(first)} {joint} {last}" if first else last
