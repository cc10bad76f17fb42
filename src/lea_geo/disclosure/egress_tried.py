"""The attacks that an audit has tried, and has not, in the three languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lea_geo.schema import LANGUAGES, Text
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.disclosure.tried import Tried


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
    # The audit gives its reasons in English: the same sentences stand among the texts.
    reasons = {text.en: text for key, text in texts.items() if key.startswith("why.")}
    why = reasons.get(one.why, Text(one.why, one.why, one.why))
    name = texts[f"attack.{one.attack}"]
    if not one.tried:
        return Attack(name, tried=False, result=Text("", "", ""), why=why)
    said = texts["said.found" if one.found else "said.found_nothing"]
    filled = (said.in_language(language).replace("{n}", str(one.found)) for language in LANGUAGES)
    return Attack(name, tried=True, result=Text(*filled), why=why)
