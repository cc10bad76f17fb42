"""The attacks that an audit has tried, and has not, in the three languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lea_geo.schema import LANGUAGES, Text
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.disclosure.attack.tried import Tried


@dataclass(frozen=True)
class Attack:
    """One attack, as an official reads of it."""

    name: Text
    tried: bool
    result: Text
    """How much it found; blank where it was not tried."""
    why: Text
    """What was done exactly and what was not; of an attack that was not tried, why."""


def told_attacks(tried: Iterable[Tried]) -> tuple[Attack, ...]:
    """Return what an audit says of its attacks, those that were tried first."""
    return tuple(sorted(map(_told, tried), key=lambda one: not one.tried))


def _told(one: Tried) -> Attack:
    texts = read_texts("lea_geo.disclosure")
    name, why = texts[f"attack.{one.attack}"], in_three_languages(one.why)
    if not one.tried:
        return Attack(name, tried=False, result=Text("", "", ""), why=why)
    said = texts["said.found" if one.found else "said.found_nothing"]
    return Attack(name, tried=True, result=_filled(said, str(one.found)), why=why)


def in_three_languages(why: str) -> Text:
    """Return a sentence of the audit's in all languages; one that nobody has translated stays English.

    >>> in_three_languages("only one year is published").fi
    'Vain yksi vuosi julkaistaan.'
    """
    texts = read_texts("lea_geo.disclosure")
    for text in (text for key, text in texts.items() if key.startswith("why.")):
        before, place, after = text.en.partition("{n}")
        match = re.fullmatch(f"{re.escape(before)}{'(.*)' if place else '()'}{re.escape(after)}", why)
        if match:
            return _sentence(_filled(text, match[1]))
    return _sentence(Text(why, why, why))


def _filled(text: Text, number: str) -> Text:
    return Text(*(text.in_language(language).replace("{n}", number) for language in LANGUAGES))


def _sentence(text: Text) -> Text:
    said = (text.in_language(language) for language in LANGUAGES)
    return Text(*(f"{one[0].upper()}{one[1:].rstrip('.')}." if one else "" for one in said))
